import type { Encodable } from './candid-write.ts'
import type { Call } from './endpoints.ts'
import { callWith } from './raw-call.ts'

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
      method.arg.encode(arg),
      (outcome) => {
        if (outcome.kind === 'rejected') return resolve(outcome)
        const decoded = method.ret.decode(outcome.bytes)
        resolve('refused' in decoded ? { kind: 'badReply' } : { kind: 'reply', value: decoded.value })
      },
      cycles,
    )
  })
}
