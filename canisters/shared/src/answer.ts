import { type ArgOf, type Method, refuse, type RefusalArm, type RetOf, type Service } from '@medguard/protocol'
import { type Codec, compileCodec } from './candid-codec.ts'
import { isAnonymous } from './host.ts'

/** The network ends a message whose reply is larger (2 MiB) with a text of its own. */
export const REPLY_BYTES_MAX = 2_000_000

/** What a canister does for each method of its service. `caller` is the raw principal and never anonymous unless the method says so. */
export type HandlersOf<S extends Service> = {
  readonly [K in keyof S]: (arg: ArgOf<S[K]>, caller: Uint8Array) => RetOf<S[K]> | Promise<RetOf<S[K]>>
}
export interface Endpoint {
  readonly argBytesMax: number
  readonly arg: Codec<unknown>
  readonly ret: Codec<unknown>
  readonly handler: (arg: unknown, caller: Uint8Array) => unknown
  readonly allowsAnonymous: boolean
}

export type Answer =
  | { readonly kind: 'reply'; readonly bytes: Uint8Array }
  | { readonly kind: 'reject'; readonly text: string }

/** Compiles both codecs, which is dear: once, while the module loads. */
export function createEndpoint(
  method: Method<unknown, unknown>,
  handler: Endpoint['handler'],
  allowsAnonymous: boolean,
): Endpoint {
  const { arg, ret, argBytesMax } = method
  return { argBytesMax, arg: compileCodec(arg), ret: compileCodec(ret), handler, allowsAnonymous }
}

/**
 * Everything between a message and its handler, cheapest first: who calls, how many bytes, is it safe to decode, is it of the right type.
 * A handler that answers with a promise makes this one answer with a promise.
 *
 * @throws whatever the handler throws: a bug.
 */
export function answer(endpoint: Endpoint, caller: Uint8Array, arg: Uint8Array): Answer | Promise<Answer> {
  if (!endpoint.allowsAnonymous && isAnonymous(caller)) return refusal(endpoint, refuse.notSignedIn)
  if (arg.length > endpoint.argBytesMax) return refusal(endpoint, refuse.tooLarge(endpoint.argBytesMax))
  const decoded = endpoint.arg.decode(arg)
  if ('refused' in decoded) return { kind: 'reject', text: `BadArgs ${decoded.refused}` }
  const result = endpoint.handler(decoded.value, caller)
  return result instanceof Promise ? result.then((settled) => reply(endpoint, settled)) : reply(endpoint, result)
}

const refusal = (endpoint: Endpoint, arm: RefusalArm): Answer => reply(endpoint, { Err: arm })

function reply(endpoint: Endpoint, value: unknown): Answer {
  const bytes = endpoint.ret.encode(value)
  if (bytes.length > REPLY_BYTES_MAX) throw new Error('a reply is larger than the network takes')
  return { kind: 'reply', bytes }
}
