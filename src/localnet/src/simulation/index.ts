// A network in one thread that does nothing by itself: one seed, a clock that is moved by hand, and one message at a time.
import { createNetworkKeys } from '../certificates/index.ts'
import type { Deliverable, Host, IngressMessage, Machine, Meters, Storage } from '../contracts.ts'
import { openMachine } from '../host/open-machine.ts'
import { createFaults, createLies, type Faults } from '../faults/index.ts'
import { createFetch } from '../http/index.ts'
import { createPrng, type Prng } from '../prng.ts'
import { planSubnets, type SubnetOptions } from '../subnets/index.ts'
import { createInProcessHost } from './in-process-host.ts'

export interface SimulationOptions {
  /** Everything random in the network comes from it: `raw_rand`, vetKD's blinding, request ids, the choices of `settle`. */
  readonly seed: string
  /** Where the clock begins, nanoseconds since 1970. */
  readonly nowNs?: bigint
  /** What goes wrong; can be changed while the network runs. The seed decides chances. */
  readonly faults?: Faults
  /** Beside the root subnet; none unless told. */
  readonly subnets?: readonly SubnetOptions[]
  /** Opened at the start and at each restart; kept in memory unless given. */
  readonly storage?: () => Storage
}

export interface Simulation {
  readonly seed: string
  /** For whoever acts in this network. The network's own randomness is not drawn from it. */
  readonly prng: Prng
  readonly faults: Faults
  /** The machine of this moment; `restart` puts another in its place. */
  machine(): Machine
  /** The same network with the interface that servers use. Its `call` answers when its message has run. */
  readonly host: Host
  /** `fetch` for agents: the network's HTTP interface without HTTP. Only what begins with `/api/` is there. */
  readonly fetch: typeof fetch
  /** Lets an ingress message in with a request id from the seed and four minutes to live. */
  send(message: Omit<IngressMessage, 'requestId' | 'ingressExpiryNs'>): {
    readonly requestId: Uint8Array
    readonly verdict: ReturnType<Machine['submit']>
  }
  deliverable(): readonly Deliverable[]
  /** Runs exactly that one. */
  deliver(index: number): void
  /**
   * Delivers until nothing is left. @param choose which of `count` comes next; by the seed unless given.
   * @throws Error when the network does not come to rest within 100,000 messages.
   */
  settle(choose?: (count: number) => number): void
  /** Moves the clock; runs nothing. */
  advance(byNs: bigint): void
  /** Meters of everything that ran since the last call. */
  meters(): Meters['parts']
  /** SHA-256 in hex of the whole state. */
  digest(): string
  /** Stores what has changed. What is not stored when the network ends is lost. */
  save(): void
  /** Stores what has changed, ends the network between two messages and opens it again from what is stored, as a new process would. */
  restart(): void
}

const START_NS = 1_700_000_000_000_000_000n
const EXPIRY_NS = 240_000_000_000n
const MESSAGES_MAX = 100_000
/** Long enough that an answer never comes before its message has run. */
const CALL_WAIT_MS = 1

export function openSimulation(options: SimulationOptions): Simulation {
  const { seed, nowNs = START_NS, subnets = [], faults = createFaults(seed) } = options
  const prng = createPrng(`${seed}/simulation`)
  const network = createPrng(`${seed}/network`)
  const requestIds = prng.fork('request ids')
  const choices = prng.fork('choices')
  const memory = keepInMemory()
  const openStorage = options.storage ?? (() => memory)
  let storage = openStorage()
  const { hooks } = faults
  let { machine } = openMachine({ stateDir: null, nowNs, prng: network, storage, subnets, faults: hooks })
  let parts: Meters['parts'] = []
  const meters = () => {
    const taken = parts
    parts = []
    return taken
  }
  const host = createInProcessHost(() => machine, meters)
  const keys = createNetworkKeys(planSubnets(subnets))

  const simulation: Simulation = {
    seed,
    prng,
    faults,
    machine: () => machine,
    host,
    fetch: createFetch({ host, keys, callWaitMs: CALL_WAIT_MS, lies: createLies(faults) }),
    send(message) {
      const requestId = requestIds.bytes(32)
      const ingressExpiryNs = machine.timeNs() + EXPIRY_NS
      return { requestId, verdict: machine.submit({ ...message, requestId, ingressExpiryNs }) }
    },
    deliverable: () => machine.deliverable(),
    deliver(index) {
      machine.deliver(index)
      parts = [...parts, ...machine.takeMeters()]
      host.answerFinished()
    },
    settle(choose = choices.below) {
      for (let count = 0; ; count++) {
        const { length } = machine.deliverable()
        if (length === 0) return
        if (count === MESSAGES_MAX) throw new Error('the network does not come to rest')
        simulation.deliver(choose(length))
      }
    },
    advance: (byNs) => machine.setTime(machine.timeNs() + byNs),
    meters,
    digest: () => machine.digest(),
    save() {
      const delta = machine.takeDelta()
      if (delta !== null) storage.append(delta)
    },
    restart() {
      simulation.save()
      storage.close()
      storage = openStorage()
      machine = openMachine({
        stateDir: null,
        nowNs: machine.timeNs(),
        prng: network,
        storage,
        subnets,
        faults: hooks,
      }).machine
      host.answerFinished()
    },
  }
  return simulation
}

function keepInMemory(): Storage {
  const saved = new Map<string, Uint8Array>()
  return {
    load: () => [...saved].map(([key, value]) => [key, value.slice()] as const),
    append({ puts, deletes }) {
      for (const key of deletes) saved.delete(key)
      for (const [key, value] of puts) saved.set(key, value)
    },
    close() {},
  }
}
