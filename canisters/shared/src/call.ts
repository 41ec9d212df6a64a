import type { ArgOf, Method, RetOf, Service } from '@medguard/protocol'
import { type Codec, compileCodec } from './candid-codec.ts'
import { callWith } from './raw-call.ts'

export type CallOutcome<R> =
  | { readonly kind: 'reply'; readonly value: R }
  | { readonly kind: 'rejected'; readonly code: number }
  /** The other side answered something that is not of the method's type: a bug there, a fault here. */
  | { readonly kind: 'badReply' }

/** Calls a method of one of our own canisters. Rejects only for a bug here, and never resumes inside a cleanup callback. */
export function call<S extends Service, K extends keyof S & string>(
  canisterId: Uint8Array,
  service: S,
  name: K,
  arg: ArgOf<S[K]>,
): Promise<CallOutcome<RetOf<S[K]>>> {
  // By hand, since an `async` function with its `await` costs twice the promise.
  return new Promise((resolve) => {
    const method = service[name]
    if (method === undefined) throw new Error('a service has the methods of its type')
    const codecs = codecsOf(method)
    callWith(canisterId, name, codecs.arg.encode(arg), (outcome) => {
      if (outcome.kind === 'rejected') return resolve(outcome)
      const decoded = codecs.ret.decode(outcome.bytes)
      resolve('refused' in decoded ? { kind: 'badReply' } : { kind: 'reply', value: decoded.value as RetOf<S[K]> })
    })
  })
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
