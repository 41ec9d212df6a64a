import { calledTrap, contractViolation, ExecutionTrap } from '../system-api/execution-trap.ts'
import type { Host } from '../system-api/host.ts'
import { CERTIFYING, REPLICATED } from '../system-api/modes.ts'
import { type NativeCall, type NativeCanister, NativeTrap } from './native-canister.ts'
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
  if (name === 'canister_init' && init !== undefined) return () => guarded(() => init(callOf(host)))
  const [, kind, methodName = ''] = /^canister_(update|query) (.*)$/su.exec(name) ?? []
  const method = Object.hasOwn(native.methods, methodName) ? native.methods[methodName] : undefined
  if (method === undefined || method.kind !== kind) return undefined
  return () => guarded(() => answer(host, method.run(callOf(host))))
}

/** Methods as the network lists them. */
export const nativeMethods = ({ methods }: NativeCanister): ReadonlyMap<string, 'update' | 'query'> =>
  new Map(Object.entries(methods).map(([name, { kind }]) => [name, kind]))

function callOf(host: Host): NativeCall {
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
  }
}

function answer(host: Host, reply: Uint8Array): void {
  const { run } = host
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
