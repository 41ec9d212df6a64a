import type { CanisterFacts, Machine } from '../contracts.ts'
import { filterIngress, queryManagement, runManagementCall } from '../management/index.ts'
import { type Canister, keyOf } from './canister.ts'
import { submit } from './ingress.ts'
import { query } from './query.ts'
import { restore, takeDelta } from './saved-state.ts'
import { nextDue, runMessages } from './schedule.ts'
import { canisterOf, currentTime, type MachineOptions, newWorld, setClock } from './world.ts'

/**
 * The network as a state machine: synchronous, without I/O, and the same for the same inputs. Time and randomness come from outside.
 *
 * @throws Error if `saved` is not what earlier deltas add up to.
 */
export function createMachine(options: MachineOptions): Machine {
  const world = newWorld(options)
  if (options.saved !== undefined) restore(world, options.saved)
  return {
    submit: (message) => submit(world, message, (filtered) => filterIngress(world, filtered)),
    run: (maxMessages) => runMessages(world, maxMessages, (message) => runManagementCall(world, message)),
    nextDueNs: () => nextDue(world),
    query: (message) =>
      query(world, message, (caller, fromCanister, method, arg) =>
        queryManagement(world, caller, fromCanister, method, arg),
      ),
    request: (requestId) => world.requests.get(keyOf(requestId)),
    canister: (canisterId) => factsOf(canisterOf(world, canisterId)),
    canisterIds: () => [...world.canisters.values()].map(({ id }) => id),
    setTime: (nowNs) => setClock(world, nowNs),
    timeNs: () => currentTime(world),
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
