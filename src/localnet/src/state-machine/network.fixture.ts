// A network for tests: the real machine with the real rooms around it, a storage that is a Map, and calls in one line.
import { createHash } from 'node:crypto'
import { IDL } from '@dfinity/candid'
import { Principal } from '@dfinity/principal'
import { certifyDataOf, createNetworkKeys, topologyOf } from '../certificates/index.ts'
import type { Delta, Machine, Outcome, RequestStatus } from '../contracts.ts'
import { ARGUMENTS, RESULTS } from '../management/candid.ts'
import { planSubnets } from '../subnets/index.ts'
import { createVetKd } from '../vetkd/index.ts'
import { prepareModule } from '../wasm/index.ts'
import { createMachine, type MachineOptions } from './index.ts'

export const START_NS = 1_700_000_000_000_000_000n
export const SECOND_NS = 1_000_000_000n
export const ALICE = new Uint8Array(29).fill(7)
export const BOB = new Uint8Array(29).fill(9)
export const MANAGEMENT = new Uint8Array(0)
const MESSAGES_MAX = 100_000
const ONE_SUBNET = createNetworkKeys(planSubnets([]))

/** Over all networks of a test file, so that one restored from another never repeats an id. */
let sent = 0

/** Repeats, so that two networks given the same messages are equal. */
function seededBytes(): (count: number) => Uint8Array {
  let drawn = 0
  return (count) => {
    const bytes = new Uint8Array(count)
    for (let at = 0; at < count; at += 32) {
      bytes.set(
        createHash('sha256')
          .update(`${drawn++}`)
          .digest()
          .subarray(0, count - at),
        at,
      )
    }
    return bytes
  }
}

export interface TestNetwork {
  readonly machine: Machine
  /** What storage would hold now. */
  readonly saved: ReadonlyMap<string, Uint8Array>
  /** Stores the pending delta. */
  save(): Delta | null
  /** Submits, runs until idle, and tells how it ended. */
  update(canisterId: Uint8Array, arg: Uint8Array, options?: CallOptions): Outcome
  /** Submits without running. @returns the request id. */
  send(canisterId: Uint8Array, arg: Uint8Array, options?: CallOptions): Uint8Array
  query(canisterId: Uint8Array, arg: Uint8Array, options?: CallOptions): Outcome
  status(requestId: Uint8Array): RequestStatus | undefined
  settle(): void
  pass(ns: bigint): void
  create(settings?: object, amount?: bigint): Uint8Array
  install(wasm: Uint8Array, arg?: Uint8Array, settings?: object): Uint8Array
  installCode(canisterId: Uint8Array, wasm: Uint8Array, mode: object, arg?: Uint8Array): Outcome
  manage(method: string, type: IDL.Type, value: object, sender?: Uint8Array): Outcome
  statusOf(canisterId: Uint8Array): CanisterStatus
  logsOf(canisterId: Uint8Array): readonly string[]
}

export interface CanisterStatus {
  readonly status: object
  readonly cycles: bigint
  readonly version: bigint
  readonly module_hash: [] | [Uint8Array]
  readonly idle_cycles_burned_per_day: bigint
}

export interface CallOptions {
  readonly method?: string
  readonly sender?: Uint8Array
  readonly requestId?: Uint8Array
}

export const settingsOf = (given: object): object => ({
  controllers: [],
  compute_allocation: [],
  memory_allocation: [],
  freezing_threshold: [],
  reserved_cycles_limit: [],
  minimum_incoming_canister_call_cycles: [],
  wasm_memory_limit: [],
  wasm_memory_threshold: [],
  log_visibility: [],
  snapshot_visibility: [],
  status_visibility: [],
  environment_variables: [],
  log_memory_limit: [],
  ...given,
})

export function openNetwork(
  saved?: ReadonlyMap<string, Uint8Array>,
  nowNs = START_NS,
  given: Partial<MachineOptions> = {},
): TestNetwork {
  const store = new Map(saved)
  const machine = createMachine({
    prepare: prepareModule,
    natives: new Map(),
    genesis: [],
    certify: certifyDataOf(ONE_SUBNET),
    vetKd: createVetKd(),
    randomBytes: seededBytes(),
    rootKeyDer: ONE_SUBNET[0].certifier.rootKeyDer,
    topology: topologyOf(ONE_SUBNET),
    saved: store,
    initialTimeNs: nowNs,
    ...given,
  })
  const network: TestNetwork = {
    machine,
    saved: store,
    save() {
      const delta = machine.takeDelta()
      for (const [key, value] of delta?.puts ?? []) store.set(key, value)
      for (const key of delta?.deletes ?? []) store.delete(key)
      return delta
    },
    send(canisterId, arg, { method = 'run', sender = ALICE, requestId } = {}) {
      const id = requestId ?? new Uint8Array(createHash('sha256').update(`request ${sent++}`).digest())
      const ingressExpiryNs = machine.timeNs() + 240n * SECOND_NS
      const verdict = machine.submit({ requestId: id, sender, canisterId, method, arg, ingressExpiryNs })
      if (verdict.kind === 'duplicate') throw new Error('this request id is taken')
      if (verdict.kind === 'refused') throw new Refused(verdict.reject.errorCode, verdict.reject.message)
      return id
    },
    update(canisterId, arg, options) {
      const id = network.send(canisterId, arg, options)
      network.settle()
      const status = network.status(id)
      if (status?.status === 'replied') return { kind: 'reply', reply: status.reply }
      if (status?.status === 'rejected') return { kind: 'reject', reject: status.reject }
      throw new Error(`the request is ${status?.status}`)
    },
    query: (canisterId, arg, { method = 'ask', sender = ALICE } = {}) =>
      machine.query({ sender, canisterId, method, arg }),
    status: (requestId) => machine.request(requestId)?.state,
    settle() {
      let runs = 0
      while (machine.run(1)) if (runs++ > MESSAGES_MAX) throw new Error('the network does not come to rest')
    },
    pass(ns) {
      machine.setTime(machine.timeNs() + ns)
      network.settle()
    },
    create(settings = {}, amount) {
      const value = {
        amount: amount === undefined ? [] : [amount],
        settings: [settingsOf(settings)],
        specified_id: [],
        sender_canister_version: [],
      }
      const created = network.manage('provisional_create_canister_with_cycles', ARGUMENTS.ProvisionalCreate, value)
      return (decoded(RESULTS.CanisterId, created) as { canister_id: Principal }).canister_id.toUint8Array()
    },
    install(wasm, arg = new Uint8Array(0), settings = {}) {
      const id = network.create(settings)
      replyOf(network.installCode(id, wasm, { install: null }, arg))
      return id
    },
    installCode: (canisterId, wasm, mode, arg = new Uint8Array(0)) =>
      network.manage('install_code', ARGUMENTS.InstallCode, {
        mode,
        canister_id: Principal.fromUint8Array(canisterId),
        wasm_module: wasm,
        arg,
        sender_canister_version: [],
      }),
    manage: (method, type, value, sender = ALICE) =>
      network.update(MANAGEMENT, IDL.encode([type], [value]), { method, sender }),
    statusOf(canisterId) {
      const outcome = network.manage('canister_status', ARGUMENTS.CanisterId, idArg(canisterId))
      return decoded(RESULTS.Status, outcome) as CanisterStatus
    },
    logsOf(canisterId) {
      const arg = IDL.encode([ARGUMENTS.CanisterId], [idArg(canisterId)])
      const outcome = network.query(MANAGEMENT, arg, { method: 'fetch_canister_logs' })
      const { canister_log_records: records } = decoded(RESULTS.Logs, outcome) as {
        canister_log_records: { content: Uint8Array }[]
      }
      return records.map(({ content }) => Buffer.from(content).toString())
    },
  }
  return network
}

export const idArg = (canisterId: Uint8Array): object => ({ canister_id: Principal.fromUint8Array(canisterId) })

/** An ingress message that was not let in. */
export class Refused extends Error {
  readonly errorCode: string
  constructor(errorCode: string, message: string) {
    super(`${errorCode}: ${message}`)
    this.errorCode = errorCode
  }
}

export function replyOf(outcome: Outcome): Uint8Array {
  if (outcome.kind === 'reply') return outcome.reply
  throw new Error(`rejected: ${outcome.reject.errorCode} ${outcome.reject.message}`)
}

export const textOf = (outcome: Outcome): string => Buffer.from(replyOf(outcome)).toString()
export const numberOf = (outcome: Outcome, at = 0): number => Buffer.from(replyOf(outcome)).readUInt32LE(at)
export const longOf = (outcome: Outcome, at = 0): bigint => Buffer.from(replyOf(outcome)).readBigUInt64LE(at)

export function errorOf(outcome: Outcome): string {
  if (outcome.kind === 'reject') return outcome.reject.errorCode
  throw new Error(`replied ${Buffer.from(outcome.reply).toString('hex')}`)
}

export const messageOf = (outcome: Outcome): string => (outcome.kind === 'reject' ? outcome.reject.message : '')

export function decoded(type: IDL.Type, outcome: Outcome): unknown {
  const [value] = IDL.decode([type], replyOf(outcome))
  return value
}
