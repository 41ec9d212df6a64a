import { createHash } from 'node:crypto'
import { Ed25519KeyIdentity } from '@dfinity/identity'
import {
  createClient,
  DEVELOPMENT_CANISTERS,
  developmentNetwork,
  type HeadMemory,
  type MedGuardClient,
} from '@medguard/client'
import { type Deliverable, openSimulation, type Simulation } from '@medguard/localnet'
import { encodeArg, IDL, Principal } from '@medguard/protocol'
import { buildCanister } from '../../scripts/build-canisters.ts'
import { CANISTER_NAMES, type CanisterName, methodOf } from '../scenarios/clinic.ts'
import { freezeDate } from '../scenarios/frozen-date.ts'
import { packModule } from '../scenarios/packed-module.ts'
import { type OneThread, workInOneThread } from './one-thread.ts'

// The three canisters and everybody's clients in one thread and in one seed's hand: real Wasm, the real client, every signature and certificate
// checked, and no HTTP.

export interface Person {
  readonly name: string
  readonly principal: string
  client: MedGuardClient
  /** Forgets all keys, as after signing in again; what is known of the log stays. */
  signInAgain(): void
}

export interface Hospital {
  readonly net: Simulation
  readonly people: readonly Person[]
  /** Text. */
  readonly ids: Readonly<Record<CanisterName, string>>
  /** Waits until nobody computes any more: everybody waits for an answer or has ended. */
  quiet(): Promise<void>
  /** Asks the management canister for something, as the canisters' controller; settled in its turn. */
  manage(method: 'stop_canister' | 'start_canister' | 'install_code', canister: CanisterName): Promise<boolean>
  /** Lets time pass until something can happen. @returns false when nothing ever will. */
  waitForSomething(): boolean
  /** Chance that a request or its answer is lost on the way between client and network. */
  lossChance: number
  /** What was let into a canister since the last look: who, what, when answered. */
  close(): void
}

const CONTROLLER = Principal.selfAuthenticating(new Uint8Array(32).fill(1))
const START_NS = 1_700_000_000_000_000_000n
const CYCLES = 1_000_000_000_000_000n
/** Chains of promises between two looks at the network, reading of bodies included, are shorter. */
const QUIET_TURNS = 30
/** When nobody waits any longer for an answer. */
const PATIENCE_NS = 300_000_000_000n

const CanisterId = IDL.Record({ canister_id: IDL.Principal })
const Create = IDL.Record({ amount: IDL.Opt(IDL.Nat) })
const Install = IDL.Record({
  mode: IDL.Variant({ install: IDL.Null, upgrade: IDL.Null }),
  canister_id: IDL.Principal,
  wasm_module: IDL.Vec(IDL.Nat8),
  arg: IDL.Vec(IDL.Nat8),
})

export async function openHospital(seed: string, names: readonly string[]): Promise<Hospital> {
  const modules = await Promise.all(CANISTER_NAMES.map((name) => buildCanister(name)))
  const wasmOf = (name: CanisterName) => packModule(modules[CANISTER_NAMES.indexOf(name)]?.wasm ?? new Uint8Array())
  const wasms = { consent: wasmOf('consent'), records: wasmOf('records'), audit: wasmOf('audit') }
  const net = openSimulation({ seed, nowNs: START_NS })
  const nowMs = () => Number(net.machine().timeNs() / 1_000_000n)
  const date = freezeDate(nowMs())
  const thread: OneThread = workInOneThread(net.prng.fork('clients'), nowMs)
  const platformFetch = globalThis.fetch
  const losses = net.prng.fork('losses')
  let activity = 0
  const waiting = new Set<{ readonly sinceNs: bigint; readonly giveUp: () => void }>()

  globalThis.fetch = async (input, init) => {
    activity++
    const isLost = losses.chance(hospital.lossChance)
    const isAnswered = losses.chance(0.5)
    if (isLost && !isAnswered) throw new TypeError('fetch failed: lost on the way there')
    const answer = net.fetch(input, init)
    let stopWaiting = () => {}
    const impatience = new Promise<never>((_resolve, reject) => {
      const waiter = {
        sinceNs: net.machine().timeNs(),
        giveUp: () => reject(new TypeError('fetch failed: no answer')),
      }
      waiting.add(waiter)
      stopWaiting = () => void waiting.delete(waiter)
    })
    try {
      const response = await Promise.race([answer, impatience])
      if (isLost) throw new TypeError('fetch failed: lost on the way back')
      return response
    } finally {
      stopWaiting()
      activity++
    }
  }

  const ask = (method: string, type: IDL.Type, value: object, canisterId = new Uint8Array(0)) =>
    net.send({
      sender: CONTROLLER.toUint8Array(),
      canisterId,
      method,
      arg: new Uint8Array(IDL.encode([type], [value])),
    })
  const settled = (method: string, type: IDL.Type, value: object): Uint8Array => {
    const { requestId, verdict } = ask(method, type, value)
    if (verdict.kind === 'refused') throw new Error(verdict.reject.message)
    net.settle(() => 0)
    const state = net.machine().request(requestId)?.state
    if (state?.status !== 'replied') throw new Error(`${method}: ${JSON.stringify(state)}`)
    return state.reply
  }
  for (const name of CANISTER_NAMES) {
    const [made] = IDL.decode(
      [CanisterId],
      settled('provisional_create_canister_with_cycles', Create, { amount: [CYCLES] }),
    )
    const { canister_id } = made as unknown as { canister_id: Principal }
    if (canister_id.toText() !== DEVELOPMENT_CANISTERS[name]) throw new Error(`${name} is ${canister_id.toText()}`)
    const arg = new Uint8Array(IDL.encode([], []))
    settled('install_code', Install, { mode: { install: null }, canister_id, wasm_module: wasms[name], arg })
  }
  const id = (name: CanisterName) => Principal.fromText(DEVELOPMENT_CANISTERS[name])
  const configure = (canister: CanisterName, value: object) => {
    const method = methodOf(canister, 'configure')
    const arg = encodeArg(method, value)
    const canisterId = id(canister).toUint8Array()
    const { verdict } = net.send({ sender: CONTROLLER.toUint8Array(), canisterId, method: 'configure', arg })
    if (verdict.kind === 'refused') throw new Error(verdict.reject.message)
    net.settle(() => 0)
  }
  const [consent, records, audit] = [id('consent'), id('records'), id('audit')]
  configure('audit', { consent, records, logShards: [] })
  configure('consent', {
    records,
    audit,
    keyName: 'dfx_test_key',
    derivationsPerHour: 10_000,
    council: [],
    logShards: [],
  })
  configure('records', { consent, audit, council: [], logShards: [] })

  const hospital: Hospital = {
    net,
    ids: { consent: consent.toText(), records: records.toText(), audit: audit.toText() },
    people: names.map((name) => personOf(name)),
    lossChance: 0,
    async quiet() {
      date.set(nowMs())
      for (let turns = 0, seen = activity; turns < QUIET_TURNS; turns++) {
        await new Promise((resolve) => setImmediate(resolve))
        if (seen === activity) continue
        seen = activity
        turns = 0
      }
      net.meters()
    },
    async manage(method, canister) {
      const canister_id = id(canister)
      const install = {
        mode: { upgrade: null },
        canister_id,
        wasm_module: wasms[canister],
        arg: new Uint8Array(IDL.encode([], [])),
      }
      const { requestId, verdict } =
        method === 'install_code' ? ask(method, Install, install) : ask(method, CanisterId, { canister_id })
      if (verdict.kind === 'refused') return false
      for (;;) {
        const status = net.machine().request(requestId)?.state.status
        if (status === 'replied') return true
        if (status !== 'received' && status !== 'processing') return false
        await new Promise((resolve) => setImmediate(resolve))
      }
    },
    waitForSomething() {
      const nowNs = net.machine().timeNs()
      const timerMs = thread.nextTimerMs()
      const impatientNs = [...waiting].map(({ sinceNs }) => sinceNs + PATIENCE_NS)
      const times = [
        net.machine().nextDueNs(),
        timerMs === null ? null : BigInt(Math.ceil(timerMs)) * 1_000_000n,
        ...impatientNs,
      ].filter((ns) => ns !== null)
      const next = times.reduce<bigint | null>((least, ns) => (least === null || ns < least ? ns : least), null)
      if (next === null) return false
      if (next > nowNs) net.advance(next - nowNs)
      thread.ring(nowMs())
      for (const waiter of waiting) {
        if (waiter.sinceNs + PATIENCE_NS > net.machine().timeNs()) continue
        waiting.delete(waiter)
        activity++
        waiter.giveUp()
      }
      return true
    },
    close() {
      globalThis.fetch = platformFetch
      thread.restore()
      date.restore()
    },
  }
  return hospital
}

function personOf(name: string): Person {
  const identity = Ed25519KeyIdentity.generate(
    new Uint8Array(createHash('sha256').update(`simulated ${name}`).digest()),
  )
  const network = developmentNetwork('http://127.0.0.1:4943')
  const heads = new Map<string, string>()
  const headMemory: HeadMemory = {
    read: async (logId) => heads.get(logId) ?? null,
    write: async (logId, head) => void heads.set(logId, head),
  }
  const person: Person = {
    name,
    principal: identity.getPrincipal().toText(),
    client: createClient({ identity, network, headMemory }),
    signInAgain() {
      person.client.lock()
      person.client = createClient({ identity, network, headMemory })
    },
  }
  return person
}

export const describeStep = ({ kind, canister, from, entry }: Deliverable): string =>
  `${kind} ${canister.slice(0, 5)} ${entry} from ${from.slice(0, 5)}`
