import type { Later } from './answer.ts'
import type { Decoder } from './candid-codec.ts'
import type { Encodable } from './candid-write.ts'
import type { Call } from './endpoints.ts'
import { callWith } from './raw-call.ts'
import { keepShape } from './shapes.ts'

export type CallOutcome<R> =
  | { readonly kind: 'reply'; readonly value: R }
  | { readonly kind: 'rejected'; readonly code: number }
  /** The other side answered something that is not of the method's type: a bug there, a fault here. */
  | { readonly kind: 'badReply' }

/**
 * Calls a method of one of our own canisters, or of the network itself. Rejects only for a bug here, and never resumes inside a cleanup callback.
 */
export function call<A, R>(
  canisterId: Uint8Array,
  method: Call<A, R>,
  arg: NoInfer<Encodable<A>>,
  cycles?: bigint,
): Promise<CallOutcome<R>> {
  // By hand, since an `async` function with its `await` costs twice the promise.
  return new Promise((resolve) => {
    callWith(
      canisterId,
      method.name,
      method.arg.encodeBriefly(arg),
      (bytes, code) => resolve(outcomeOf(method.ret, bytes, code)),
      cycles,
    )
  })
}

/** As `call`, of somebody who may answer anything: a reply of more than `bytesMax` is refused before it is decoded. */
export function callWithin<A, R>(
  canisterId: Uint8Array,
  method: Call<A, R>,
  arg: NoInfer<Encodable<A>>,
  bytesMax: number,
): Promise<CallOutcome<R>> {
  return new Promise((resolve) => {
    callWith(canisterId, method.name, method.arg.encodeBriefly(arg), (bytes, code) =>
      resolve(bytes !== null && bytes.length > bytesMax ? { kind: 'badReply' } : outcomeOf(method.ret, bytes, code)),
    )
  })
}

/** As `call`, for what its outcome comes to: another promise behind it would cost as much again. @param of does not throw. */
export function callFor<A, R, T>(
  canisterId: Uint8Array,
  method: Call<A, R>,
  arg: NoInfer<Encodable<A>>,
  of: (outcome: CallOutcome<R>) => T,
): Promise<T> {
  return new Promise((resolve) => {
    callWith(canisterId, method.name, method.arg.encodeBriefly(arg), (bytes, code) =>
      resolve(of(outcomeOf(method.ret, bytes, code))),
    )
  })
}

/**
 * For a handler that makes one call and answers by its outcome: `return callThen(id, method, arg, (outcome) => …)`. Nothing waits, so there is no
 * promise to pay for: two thirds of what `await call(…)` costs.
 *
 * @param answer Runs in the message of the reply. What it throws is a bug of the handler's.
 */
export function callThen<A, R, T>(
  canisterId: Uint8Array,
  method: Call<A, R>,
  arg: NoInfer<Encodable<A>>,
  answer: (outcome: CallOutcome<R>) => T,
  cycles?: bigint,
): Later<T> {
  return callWith(
    canisterId,
    method.name,
    method.arg.encodeBriefly(arg),
    (bytes, code) => answer(outcomeOf(method.ret, bytes, code)),
    cycles,
  )
}

keepShape('kind', 'value')
function outcomeOf<R>(ret: Decoder<R>, bytes: Uint8Array | null, code: number): CallOutcome<R> {
  if (bytes === null) return { kind: 'rejected', code }
  const decoded = ret.decode(bytes)
  return decoded.refused !== undefined ? { kind: 'badReply' } : { kind: 'reply', value: decoded.value }
}
