import { createHash, randomBytes } from 'node:crypto'
import { type CanisterFacts, type Deliverable, type Faults, type Meters, openMachine } from '@medguard/localnet'
import { type Council, decodeRet, encodeArg, IDL, NS_PER_SECOND, Principal, type RefusalArm } from '@medguard/protocol'
import { buildCanister } from '../../scripts/build-canisters.ts'
import {
  type Arg,
  type Calls,
  CANISTER_NAMES,
  type CanisterName,
  kindOf,
  type MethodName,
  methodOf,
  Rejected,
  type Ret,
  type Sender,
} from './clinic.ts'
import { packModule } from './packed-module.ts'
import { loadImage, stablePagesOf, type StableImage } from './stable-image.ts'

// The three canisters on a network that runs one message when it is told to: every order of two flows can be made to happen.

/** A message that was sent and may not have ended. */
export interface Flow<R> {
  /** @throws Rejected when there is no reply, Error while it has not ended. */
  answer(): R
  isOver(): boolean
}

export interface Stepped extends Calls {
  /** Sends a message without running anything. */
  start<C extends CanisterName, M extends MethodName<C>>(
    sender: Sender,
    canister: C,
    method: M,
    arg: Arg<C, M>,
  ): Flow<Ret<C, M>>
  /** A message as bytes, run at once. @throws Rejected when there is no reply. */
  send(sender: Principal, canister: CanisterName, method: string, arg: Uint8Array): Uint8Array
  /** Runs one message. @returns what ran, as `consent.deriveKey#reply of append`, or null when nothing was left. */
  step(): string | null
  /** All that could run next. */
  deliverable(): readonly Deliverable[]
  /** Runs exactly that one. */
  deliver(index: number): void
  /** Runs until nothing is left. @returns what ran, in order. */
  settle(): string[]
  nowNs(): bigint
  /** Moves the clock without running anything. */
  setTime(nowNs: bigint): void
  /** Asks for a stop or start, which takes its turn like any message. */
  control(canister: CanisterName, verb: 'stop_canister' | 'start_canister'): Flow<unknown>
  /** Asks for an upgrade to that module, which takes its turn, too. */
  startUpgrade(canister: CanisterName, wasm: Uint8Array): Flow<unknown>
  /** As one replica answers it. @throws Rejected when there is no reply. */
  query<C extends CanisterName, M extends MethodName<C>>(
    sender: Principal,
    canister: C,
    method: M,
    arg: Arg<C, M>,
  ): Ret<C, M>
  /** Upgrades to the module, and settles. @throws Rejected when it does not happen. */
  upgrade(canister: CanisterName, wasm: Uint8Array): void
  /** Everything that ran since the last look. */
  takeMeters(): Meters['parts']
  /** Bytes of Wasm memory. */
  heapOf(canister: CanisterName): number
  /** Its cycles, and those that it takes to stand still for a day; asking costs some. */
  budgetOf(canister: CanisterName): { readonly cycles: bigint; readonly idle_cycles_burned_per_day: bigint }
  /** Module hash, certified data and the like. */
  facts(canister: CanisterName): CanisterFacts
  /** Stable memory as it stands. */
  imageOf(canister: CanisterName): StableImage
}

const CYCLES = 1_000_000_000_000_000n
const MESSAGES_MAX = 10_000
/** Controls the canisters. */
export const CONTROLLER = Principal.selfAuthenticating(new Uint8Array(32).fill(1))

const CanisterId = IDL.Record({ canister_id: IDL.Principal })
const Status = IDL.Record({ cycles: IDL.Nat, idle_cycles_burned_per_day: IDL.Nat })
const Create = IDL.Record({ amount: IDL.Opt(IDL.Nat) })
const Install = IDL.Record({
  mode: IDL.Variant({ install: IDL.Null, upgrade: IDL.Opt(IDL.Record({})) }),
  canister_id: IDL.Principal,
  wasm_module: IDL.Vec(IDL.Nat8),
  arg: IDL.Vec(IDL.Nat8),
})
const MODES = { install: { install: null }, upgrade: { upgrade: [] } } as const

/** Somebody with a name and nothing else: whoever sends is believed here. */
export const somebody = (name: string): Principal =>
  Principal.selfAuthenticating(new Uint8Array(createHash('sha256').update(name).digest()))

export interface SteppedOptions {
  /** Whom consent takes for the records canister; the real one unless told. */
  readonly recordsOfConsent?: Principal
  /** The first council, more than half of whom have to agree. None unless told. */
  readonly council?: readonly Principal[]
  /** What each canister begins with. */
  readonly cycles?: bigint
  /** What goes wrong. */
  readonly faults?: Faults
  /** When the network begins, nanoseconds since 1970. */
  readonly beginNs?: bigint
  /** Whether the log has a second canister, which has the lines of whoever enrols after the first. */
  readonly isSharded?: boolean
  /** Stable memory that the canisters have before they are upgraded to the present modules; they are installed and configured unless told. */
  readonly images?: Readonly<Record<CanisterName, StableImage>>
}

export async function openStepped(options: SteppedOptions = {}): Promise<Stepped> {
  const modules = await Promise.all(CANISTER_NAMES.map((name) => buildCanister(name)))
  const amount: [bigint] = [options.cycles ?? CYCLES]
  const { faults, images, beginNs = 1_700_000_000_000_000_000n } = options
  const hooks = faults === undefined ? {} : { faults: faults.hooks }
  const { machine } = openMachine({ stateDir: null, nowNs: beginNs, ...hooks })
  const names = new Map<string, CanisterName>()

  const submit = (sender: Uint8Array, canisterId: Uint8Array, method: string, arg: Uint8Array) => {
    const requestId = new Uint8Array(randomBytes(32))
    const ingressExpiryNs = machine.timeNs() + 240n * NS_PER_SECOND
    const verdict = machine.submit({ requestId, sender, canisterId, method, arg, ingressExpiryNs })
    if (verdict.kind === 'refused') throw new Rejected(verdict.reject)
    return () => {
      const state = machine.request(requestId)?.state
      if (state?.status === 'rejected') throw new Rejected(state.reject)
      return state?.status === 'replied' ? state.reply : null
    }
  }
  let metered: Meters['parts'][number][] = []
  const noteMeters = () => {
    const parts = machine.takeMeters()
    metered.push(...parts)
    return parts
  }
  const step = (): string | null => {
    noteMeters()
    machine.run(1)
    const [ran] = noteMeters()
    if (ran !== undefined) return `${names.get(ran.canisterId) ?? ran.canisterId}.${ran.entry}`
    return machine.run(0) ? 'network' : null
  }
  const settle = () => {
    const ran: string[] = []
    for (let next = step(); next !== null; next = step())
      if (ran.push(next) > MESSAGES_MAX) throw new Error('the network does not come to rest')
    return ran
  }
  const flowOf = <R>(reply: () => Uint8Array | null, decode: (bytes: Uint8Array) => R): Flow<R> => ({
    answer() {
      const bytes = reply()
      if (bytes === null) throw new Error('there is no answer yet')
      return decode(bytes)
    },
    isOver() {
      try {
        return reply() !== null
      } catch {
        return true
      }
    },
  })
  const manage = (method: string, type: IDL.Type, value: object) =>
    submit(CONTROLLER.toUint8Array(), new Uint8Array(0), method, new Uint8Array(IDL.encode([type], [value])))
  const managed = (method: string, type: IDL.Type, value: object): Uint8Array => {
    const reply = manage(method, type, value)
    settle()
    return reply() ?? new Uint8Array()
  }

  const create = () => {
    const [created] = IDL.decode([CanisterId], managed('provisional_create_canister_with_cycles', Create, { amount }))
    return (created as unknown as { canister_id: Principal }).canister_id
  }
  const ids = { consent: create(), records: create(), audit: create() }
  const moduleFor = (name: CanisterName, mode: keyof typeof MODES, wasm: Uint8Array) => {
    const arg = new Uint8Array(IDL.encode([], []))
    return { mode: MODES[mode], canister_id: ids[name], wasm_module: packModule(wasm), arg }
  }
  const install = (name: CanisterName, mode: keyof typeof MODES, wasm: Uint8Array) =>
    managed('install_code', Install, moduleFor(name, mode, wasm))
  if (images !== undefined) for (const name of CANISTER_NAMES) loadImage(managed, ids[name], images[name])
  for (const [i, name] of CANISTER_NAMES.entries()) {
    names.set(ids[name].toText(), name)
    install(name, images === undefined ? 'install' : 'upgrade', modules[i]?.wasm ?? new Uint8Array())
  }

  const start: Stepped['start'] = (sender, canister, name, arg) => {
    if (sender === 'canister') throw new Error('people only')
    const method = methodOf(canister, name)
    const reply = submit(sender.toUint8Array(), ids[canister].toUint8Array(), name, encodeArg(method, arg))
    return flowOf(reply, (bytes) => decodeRet(method, bytes) as Ret<typeof canister, typeof name>)
  }
  const stepped: Stepped = {
    ids,
    start,
    send(sender, canister, method, arg) {
      const reply = submit(sender.toUint8Array(), ids[canister].toUint8Array(), method, arg)
      settle()
      return flowOf(reply, (bytes) => bytes).answer()
    },
    step,
    deliverable: () => machine.deliverable(),
    deliver(index) {
      machine.deliver(index)
      noteMeters()
    },
    settle,
    async call(sender, canister, method, arg) {
      const flow = start(sender, canister, method, arg)
      settle()
      return flow.answer()
    },
    async ok(sender, canister, method, arg) {
      const answer = (await stepped.call(sender, canister, method, arg)) as { Ok: never } | { Err: RefusalArm }
      if ('Err' in answer) throw new Error(`${method} of ${canister} refused: ${kindOf(answer)}`)
      return answer.Ok
    },
    query(sender, canister, name, arg) {
      const method = methodOf(canister, name)
      const message = { sender: sender.toUint8Array(), canisterId: ids[canister].toUint8Array(), method: name }
      const outcome = machine.query({ ...message, arg: encodeArg(method, arg) })
      if (outcome.kind === 'reject') throw new Rejected(outcome.reject)
      return decodeRet(method, outcome.reply) as Ret<typeof canister, typeof name>
    },
    nowNs: () => machine.timeNs(),
    setTime: (nowNs) => machine.setTime(nowNs),
    control: (canister, verb) => flowOf(manage(verb, CanisterId, { canister_id: ids[canister] }), () => null),
    startUpgrade: (canister, wasm) =>
      flowOf(manage('install_code', Install, moduleFor(canister, 'upgrade', wasm)), () => null),
    upgrade: (canister, wasm) => void install(canister, 'upgrade', wasm),
    takeMeters() {
      const taken = metered
      metered = []
      return taken
    },
    heapOf: (canister) => machine.dump(ids[canister].toUint8Array())?.heap.length ?? 0,
    budgetOf(canister) {
      const [status] = IDL.decode([Status], managed('canister_status', CanisterId, { canister_id: ids[canister] }))
      return status as unknown as ReturnType<Stepped['budgetOf']>
    },
    facts(canister) {
      const facts = machine.canister(ids[canister].toUint8Array())
      if (facts === undefined) throw new Error(`${canister} exists`)
      return facts
    },
    imageOf: (canister) => ({
      pages: stablePagesOf(managed, ids[canister]),
      blocks: new Map(machine.dump(ids[canister].toUint8Array())?.stable),
    }),
  }
  if (images !== undefined) return stepped
  const { consent, records, audit } = ids
  const members = options.council ?? []
  const council: [] | [Council] = members.length === 0 ? [] : [{ members: [...members], threshold: majority(members) }]
  const openShard = (): Principal => {
    const id = create()
    names.set(id.toText(), 'audit')
    const { wasm } = modules[CANISTER_NAMES.indexOf('audit')] as { wasm: Uint8Array }
    managed('install_code', Install, { ...moduleFor('audit', 'install', wasm), canister_id: id })
    const arg = encodeArg(methodOf('audit', 'configure'), { consent, records, logShards: [] })
    submit(CONTROLLER.toUint8Array(), id.toUint8Array(), 'configure', arg)
    settle()
    return id
  }
  const logShards: [] | [Principal[]] = options.isSharded === true ? [[openShard()]] : []
  await stepped.ok(CONTROLLER, 'audit', 'configure', { consent, records, logShards })
  await stepped.ok(CONTROLLER, 'consent', 'configure', {
    records: options.recordsOfConsent ?? records,
    audit,
    keyName: 'dfx_test_key',
    derivationsPerHour: 10_000,
    logShards,
    council,
  })
  await stepped.ok(CONTROLLER, 'records', 'configure', { consent, audit, council, logShards })
  return stepped
}
const majority = (members: readonly Principal[]): number => Math.floor(members.length / 2) + 1
