import type { Outcome, RejectCode } from '../contracts.ts'
import { calledTrap, contractViolation, ExecutionTrap } from '../system-api/execution-trap.ts'
import type { Host } from '../system-api/host.ts'
import { type CallParts, recordCall } from '../system-api/call-functions.ts'
import { accept } from '../system-api/message-functions.ts'
import { CALLING, CERTIFYING, EARNING, REPLICATED } from '../system-api/modes.ts'
import { type NativeCall, type NativeCanister, NativeReject, NativeTrap, type SentCall } from './native-canister.ts'
import { StableStore } from './stable-store.ts'

/** What running a native method costs, and what each byte that it is given, stores, reads or answers adds: about what Wasm would take. */
const MESSAGE_INSTRUCTIONS = 1_000_000
const BYTE_INSTRUCTIONS = 50
const CERTIFIED_DATA_BYTES_MAX = 32

/**
 * The entry point of a native canister that a Wasm module would export under this name; undefined where there is none. It runs
 * inside the host's current run, as Wasm would: same modes, same budget, same answers.
 */
export function nativeEntry(native: NativeCanister, name: string, host: Host): (() => void) | undefined {
  const { init } = native
  if (name === 'canister_init' && init !== undefined) return () => guarded(() => init(callOf(native, host)))
  const [, kind, methodName = ''] = /^canister_(update|query) (.*)$/su.exec(name) ?? []
  const method = Object.hasOwn(native.methods, methodName) ? native.methods[methodName] : undefined
  if (method === undefined || method.kind !== kind) return undefined
  return () =>
    guarded(() => {
      try {
        answer(host, method.run(callOf(native, host)))
      } catch (error) {
        if (!(error instanceof NativeReject)) throw error
        reject(host, error.message)
      }
    })
}

/** Runs what awaits the answer to a call: a native canister's table is its list of responses. */
export function nativeCallback(native: NativeCanister, tableIndex: number, env: number, host: Host): void {
  const respond = Object.values(native.responses ?? {})[tableIndex]
  if (respond === undefined) throw new ExecutionTrap('IC0513', `There is no response ${tableIndex}`)
  const { run } = host
  const outcome: Outcome =
    run.rejectCode === 0
      ? { kind: 'reply', reply: run.data }
      : {
          kind: 'reject',
          reject: {
            code: run.rejectCode as RejectCode,
            message: run.rejectMessage,
            errorCode: `IC0${run.rejectCode}00`,
          },
        }
  guarded(() => answer(host, respond(callOf(native, host), { outcome, refunded: run.refunded, about: env })))
}

/** Methods as the network lists them. */
export const nativeMethods = ({ methods }: NativeCanister): ReadonlyMap<string, 'update' | 'query'> =>
  new Map(Object.entries(methods).map(([name, { kind }]) => [name, kind]))

function callOf(native: NativeCanister, host: Host): NativeCall {
  const { run } = host
  const { canister } = run
  host.charge(MESSAGE_INSTRUCTIONS + BYTE_INSTRUCTIONS * run.data.length)
  return {
    self: canister.id,
    caller: run.caller,
    arg: run.data,
    timeNs: run.timeNs,
    isController: (principal) => canister.controllers.some((controller) => Buffer.compare(controller, principal) === 0),
    controllers: canister.controllers,
    rootKeyDer: canister.rootKeyDer,
    subnetId: canister.subnetId,
    subnets: canister.subnets,
    environment: canister.environment,
    isReplicated: (run.mode & REPLICATED) !== 0,
    store: new StableStore(host.stable, (bytes) => host.charge(BYTE_INSTRUCTIONS * bytes)),
    certificate: () => run.certificate?.() ?? null,
    setCertifiedData(data) {
      host.enter('certified_data_set', CERTIFYING, 0)
      if (data.length > CERTIFIED_DATA_BYTES_MAX) {
        throw contractViolation(
          `ic0.certified_data_set: ${data.length} bytes are more than ${CERTIFIED_DATA_BYTES_MAX}`,
        )
      }
      run.certifiedData = data.slice()
    },
    cyclesAvailable: () => (run.responded ? 0n : run.available),
    acceptCycles(atMost) {
      host.enter('msg_cycles_accept128', EARNING, 0)
      return accept(host, atMost)
    },
    send(sent) {
      host.enter('call_new', CALLING, 0)
      host.charge(BYTE_INSTRUCTIONS * sent.arg.length)
      if (!recordCall(host, partsOf(native, sent))) throw new NativeTrap(`the call of ${sent.method} cannot be sent`)
    },
  }
}

function partsOf(native: NativeCanister, { canisterId, method, arg, cycles, onAnswer, about }: SentCall): CallParts {
  const tableIndex = Object.keys(native.responses ?? {}).indexOf(onAnswer)
  if (tableIndex === -1) throw new NativeTrap(`there is no response "${onAnswer}"`)
  return { callee: canisterId, method, payload: arg, cycles, tableIndex, env: about }
}

function answer(host: Host, reply: Uint8Array | null): void {
  if (reply === null) return
  const { run } = host
  if (run.responded) throw contractViolation('ic0.msg_reply: the call is already replied')
  if (reply.length > run.responseBytesMax) {
    throw contractViolation(
      `ic0.msg_reply_data_append: application payload size (${reply.length}) cannot be larger than ${run.responseBytesMax}`,
    )
  }
  host.charge(BYTE_INSTRUCTIONS * reply.length)
  run.transmissionBytes += reply.length
  run.responded = true
  run.answer = { kind: 'reply', bytes: reply }
}

function reject({ run }: Host, message: string): void {
  if (run.responded) throw contractViolation('ic0.msg_reject: the call is already replied')
  run.transmissionBytes += Buffer.byteLength(message)
  run.responded = true
  run.answer = { kind: 'reject', message }
}

/** Whatever native code throws, a Candid error of a hostile argument included, ends its message and nothing else. */
function guarded(body: () => void): void {
  try {
    body()
  } catch (error) {
    if (error instanceof ExecutionTrap) throw error
    if (error instanceof NativeTrap || error instanceof Error) throw calledTrap(error.message)
    throw error
  }
}
