import type { ArgOf, Method, RetOf, Service } from '@medguard/protocol'
import { type Codec, compileCodec } from './candid-codec.ts'
import { cleanUp, currentFlow, enterFlow } from './flow.ts'
import { engine, host } from './host.ts'

/** How a call ended. `code` is the network's reject code, 1 to 6; no text of the other side is passed on. */
export type RawOutcome =
  | { readonly kind: 'reply'; readonly bytes: Uint8Array }
  | { readonly kind: 'rejected'; readonly code: number }
export type CallOutcome<R> =
  | { readonly kind: 'reply'; readonly value: R }
  | { readonly kind: 'rejected'; readonly code: number }
  /** The other side answered something that is not of the method's type: a bug there, a fault here. */
  | { readonly kind: 'badReply' }

const SYS_TRANSIENT = 2
/** The network's queue to one canister holds 500; what would not fit is refused here, where it costs nothing. */
const IN_FLIGHT_PER_CANISTER_MAX = 400

const inFlight = new Map<string, number>()
let calls = 0

/** Calls a method of one of our own canisters. Never throws and never resumes inside a cleanup callback. */
export async function call<S extends Service, K extends keyof S & string>(
  canisterId: Uint8Array,
  service: S,
  name: K,
  arg: ArgOf<S[K]>,
): Promise<CallOutcome<RetOf<S[K]>>> {
  const method = service[name]
  if (method === undefined) throw new Error('a service has the methods of its type')
  const codecs = codecsOf(method)
  const outcome = await callRaw(canisterId, name, codecs.arg.encode(arg))
  if (outcome.kind === 'rejected') return outcome
  const decoded = codecs.ret.decode(outcome.bytes)
  return 'refused' in decoded ? { kind: 'badReply' } : { kind: 'reply', value: decoded.value as RetOf<S[K]> }
}

interface Codecs {
  readonly arg: Codec<unknown>
  readonly ret: Codec<unknown>
}
const codecs = new Map<Method<unknown, unknown>, Codecs>()
/** Compiled at the first call, or before it by `prepareCalls`: most canisters call few of the methods that their peers have. */
function codecsOf(method: Method<unknown, unknown>): Codecs {
  const known = codecs.get(method)
  if (known !== undefined) return known
  const compiled = { arg: compileCodec(method.arg), ret: compileCodec(method.ret) }
  codecs.set(method, compiled)
  return compiled
}

/** Compiles what calls of these methods need, 10 to 30 M instructions each: while the module loads, and not in somebody's message. */
export function prepareCalls<S extends Service>(service: S, names: readonly (keyof S & string)[]): void {
  for (const name of names) {
    const method = service[name]
    if (method !== undefined) codecsOf(method)
  }
}

/**
 * Calls with bytes as they are. If the run after this `await` traps, the flow ends there and its `onTrap` releases run; no code of the
 * handler sees the cleanup callback, so none can answer from it.
 */
export function callRaw(
  canisterId: Uint8Array,
  method: string,
  arg: Uint8Array,
  cycles: bigint = 0n,
): Promise<RawOutcome> {
  const flow = currentFlow()
  const callee = canisterId.join()
  const waiting = inFlight.get(callee) ?? 0
  if (waiting >= IN_FLIGHT_PER_CANISTER_MAX) return Promise.resolve({ kind: 'rejected', code: SYS_TRANSIENT })
  inFlight.set(callee, waiting + 1)
  const settled = () => {
    const rest = (inFlight.get(callee) ?? 1) - 1
    if (rest > 0) inFlight.set(callee, rest)
    else inFlight.delete(callee)
  }
  return new Promise((resolve) => {
    // Unique within a life of the heap, which no call outlives: the host deletes both entries once the call has settled.
    const id = `call ${calls++}`
    const onReply = (engine._azleResolveCallbacks ??= {})
    const onReject = (engine._azleRejectCallbacks ??= {})
    onReply[id] = (bytes) => {
      settled()
      enterFlow(flow)
      resolve({ kind: 'reply', bytes })
    }
    onReject[id] = (error) => {
      settled()
      if (isCleanup(error)) return cleanUp(flow)
      enterFlow(flow)
      resolve({ kind: 'rejected', code: rejectCodeOf(error) })
    }
    host().callRaw(id, id, canisterId, method, arg, cycles.toString())
  })
}

interface HostError {
  readonly type?: unknown
  readonly rejectCode?: unknown
}
const isCleanup = (error: unknown) => (error as HostError | null)?.type === 'CleanupCallback'

/** Calls that never left (no cycles, full queue) have no code of their own: they may work later, as a transient reject may. */
function rejectCodeOf(error: unknown): number {
  const code = (error as HostError | null)?.rejectCode
  return typeof code === 'number' ? code : SYS_TRANSIENT
}
