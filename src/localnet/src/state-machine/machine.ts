import type { CanisterFacts, Machine } from '../contracts.ts'
import {
  createGenesis,
  filterIngress,
  managementSubject,
  queryManagement,
  runManagementCall,
} from '../management/index.ts'
import { type Canister, keyOf } from './canister.ts'
import { digestOf } from './digest.ts'
import { submit } from './ingress.ts'
import { mend, noteCopy } from './mishaps.ts'
import { answerOutcall, rejectLostOutcalls, takeOutcalls } from './outcalls.ts'
import { type ManagementQuery, queriesTogether, query } from './query.ts'
import { restore, takeDelta } from './saved-state.ts'
import { deliverables } from './deliverables.ts'
import { nextDue, runMessages, type RunManagement } from './schedule.ts'
import { chargeForTime } from './storage-charges.ts'
import { canisterOf, currentTime, type MachineOptions, newWorld, pruneRequests, setClock } from './world.ts'

/**
 * The network as a state machine: synchronous, without I/O, and the same for the same inputs. Time and randomness come from outside.
 *
 * @throws Error if `saved` is not what earlier deltas add up to.
 */
export function createMachine(options: MachineOptions): Machine {
  // The network's own canisters are there before anything goes wrong on purpose.
  const { faults: _faults, ...calm } = options
  const world = newWorld(calm, managementSubject)
  if (options.saved !== undefined) restore(world, options.saved)
  const management: RunManagement = (message) => runManagementCall(world, message)
  const ofTheNetwork = new Set(options.genesis.map(({ canisterId }) => keyOf(canisterId)))
  // In a saved state of before there were these, too.
  for (const missing of options.genesis) {
    if (canisterOf(world, missing.canisterId) === undefined) createGenesis(world, missing)
  }
  world.options = options
  rejectLostOutcalls(world)
  /** Runs the message that the faults choose, if they choose at all. */
  const pick = (): boolean => {
    if (options.faults === undefined) return false
    const choice = deliverables(world, management)
    const index = choice.length === 0 ? null : options.faults.pick(choice.length)
    if (index === null) return false
    choice[index]?.run()
    return true
  }
  const managementQuery: ManagementQuery = (caller, fromCanister, method, arg, subnet) =>
    queryManagement(world, caller, fromCanister, method, arg, subnet)
  return {
    submit(message) {
      const arrive = () => submit(world, message, (filtered) => filterIngress(world, filtered))
      const verdict = arrive()
      if (verdict.kind === 'accepted') noteCopy(world, message, arrive)
      return verdict
    },
    run: (maxMessages) => runMessages(world, maxMessages, management, pick),
    deliverable() {
      mend(world)
      return deliverables(world, management).map(({ run: _run, ...what }) => what)
    },
    deliver(index) {
      mend(world)
      const chosen = deliverables(world, management)[index]
      if (chosen === undefined) throw new RangeError(`there is no message number ${index} to deliver`)
      pruneRequests(world)
      chosen.run()
    },
    digest: () => digestOf(world),
    nextDueNs: () => nextDue(world),
    query: (message) => query(world, message, managementQuery),
    queriesTogether: (messages) => queriesTogether(world, messages, managementQuery),
    request: (requestId) => world.requests.get(keyOf(requestId)),
    canister: (canisterId) => factsOf(canisterOf(world, canisterId)),
    canisterIds: () => [...world.canisters.values()].filter(({ key }) => !ofTheNetwork.has(key)).map(({ id }) => id),
    setTime(nowNs) {
      setClock(world, nowNs)
      chargeForTime(world)
      mend(world)
    },
    timeNs: () => currentTime(world),
    takeOutcalls: () => takeOutcalls(world),
    answerOutcall: (id, results) => answerOutcall(world, id, results),
    takeDelta: () => takeDelta(world),
    takeMeters() {
      const { meters } = world
      world.meters = []
      return meters
    },
    dump(canisterId) {
      const instance = canisterOf(world, canisterId)?.instance ?? null
      if (instance === null) return null
      return {
        heap: new Uint8Array(instance.committedHeap),
        stable: [...instance.stable.blocks].map(([block, bytes]) => [block, bytes.slice()] as const),
      }
    },
  }
}

function factsOf(canister: Canister | undefined): CanisterFacts | undefined {
  if (canister === undefined) return undefined
  const prepared = canister.instance?.code.prepared
  return {
    moduleHash: prepared?.moduleHash ?? null,
    controllers: canister.settings.controllers,
    createdNs: canister.createdNs,
    lastInstalledNs: canister.lastInstalledNs,
    metadata: prepared?.customSections ?? [],
  }
}
