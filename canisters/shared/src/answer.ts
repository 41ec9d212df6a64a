import { type ArgOf, ID_BYTES, refuse, type RefusalArm, type RetOf, type Service } from '@medguard/protocol'
import type { HostFunctions } from 'azle'
import { type BugPort, messageId, reportBug } from './bug.ts'
import type { Encodable } from './candid-write.ts'
import type { MethodCodecs } from './endpoints.ts'
import { beginMessage } from './flow.ts'
import { isAnonymous } from './host.ts'
import type { Begun, Repeats } from './repeats.ts'
import { keepShape } from './shapes.ts'

/** The network ends a message whose reply is larger (2 MiB) with a text of its own. */
export const REPLY_BYTES_MAX = 2_000_000

/**
 * What a canister does for one method. `caller` is the raw principal and never anonymous unless the method says so. Where the method is open to
 * all, a handler that declares no `caller` is given none: fetching it costs as much as the rest of a small method.
 */
export type Handler<A, R> = (arg: A, caller: Uint8Array) => R | Promise<R> | Later<R>
/** What `callThen` makes: it asks its `reply` once, after the call, and costs a quarter of a promise. */
export interface Later<R> {
  then(reply: (value: R) => void): void
}
/** For a method that always answers the same: encoded once, while the module loads, and the argument is never looked at. */
export interface Constant<R> {
  readonly constant: R
}
export const constant = <R>(value: R): Constant<R> => ({ constant: value })

export type HandlersOf<S extends Service> = {
  readonly [K in keyof S]: Handler<ArgOf<S[K]>, Encodable<RetOf<S[K]>>> | Constant<RetOf<S[K]>>
}

/** The part of the host that an answer needs. */
export type AnswerPort = BugPort & Pick<HostFunctions, 'msgArgData' | 'msgReply' | 'msgReject'>

export interface EndpointOptions {
  readonly name: string
  readonly method: Pick<MethodCodecs<unknown, unknown>, 'arg' | 'ret' | 'argBytesMax'>
  readonly handler: Handler<unknown, unknown> | Constant<unknown>
  readonly allowsAnonymous: boolean
  /** Takes a unit of the method's budget. @returns 0, or the milliseconds to wait. */
  readonly spend?: ((caller: Uint8Array) => number) | undefined
  /** Remembers what the method did under which request id. Its argument has a `requestId`. */
  readonly memory?: { readonly repeats: Repeats; readonly isRepeatable: boolean } | undefined
}

const NOBODY = new Uint8Array(0)
const TOO_LARGE = 'a reply is larger than the network takes'
// What handlers answer.
keepShape('Ok')
keepShape('Err')

/**
 * Makes what the host calls for one method: everything between a message and its handler, cheapest first: who calls, how often, how many bytes, is
 * it safe to decode, is it of the right type. What it makes answers with a reply, a reject or a trap, now or when the handler's promise
 * settles; nothing that a handler throws leaves it.
 * What a method does not need is not in the way of its messages.
 */
export function createEndpoint(options: EndpointOptions, port: AnswerPort): () => void {
  const { name, method, handler, allowsAnonymous, spend, memory } = options
  const { arg, ret, argBytesMax } = method
  const reply = (value: unknown): void => {
    const bytes = ret.encodeBriefly(value)
    if (bytes.length > REPLY_BYTES_MAX) throw new Error(TOO_LARGE)
    port.msgReply(bytes)
  }
  const refuseWith = (arm: RefusalArm) => reply({ Err: arm })
  const bug = (error: unknown) => reportBug(error, name, port)

  if (typeof handler !== 'function') {
    const bytes = ret.encode(handler.constant)
    if (bytes.length > REPLY_BYTES_MAX) throw new Error(TOO_LARGE)
    if (allowsAnonymous) return () => port.msgReply(bytes)
    const refused = ret.encode({ Err: refuse.notSignedIn })
    return () => port.msgReply(isAnonymous(port.msgCaller()) ? refused : bytes)
  }

  /** As `reply`, for a change that is remembered once it took effect. */
  const replyAndKeep = (value: unknown, begun: Begun): void => {
    const bytes = ret.encodeBriefly(value)
    if ('Ok' in (value as object)) begun.keep(bytes)
    else begun.drop()
    port.msgReply(bytes)
  }

  const needsCaller = !allowsAnonymous || spend !== undefined || memory !== undefined || handler.length > 1
  const replyLater = (value: unknown, begun: Begun | null = null) => {
    try {
      if (begun === null) reply(value)
      else replyAndKeep(value, begun)
    } catch (error) {
      bug(error)
    }
  }
  return () => {
    beginMessage()
    try {
      const caller = needsCaller ? port.msgCaller() : NOBODY
      // As `isAnonymous`, without the call.
      if (!allowsAnonymous && caller.length === 1 && caller[0] === 4) return refuseWith(refuse.notSignedIn)
      if (spend !== undefined) {
        const waitMs = spend(caller)
        if (waitMs > 0) return refuseWith(refuse.busy(waitMs))
      }
      const bytes = port.msgArgData()
      if (bytes.length > argBytesMax) return refuseWith(refuse.tooLarge(argBytesMax))
      const decoded = arg.decode(bytes)
      if (decoded.refused !== undefined) return port.msgReject(`BadArgs ${decoded.refused} ${messageId(port)}`)
      let begun: Begun | null = null
      if (memory !== undefined) {
        const { repeats, isRepeatable } = memory
        const { requestId } = decoded.value as { readonly requestId: Uint8Array }
        // One of another length is the handler's to refuse.
        if (requestId.length === ID_BYTES) {
          const recalled = repeats.begin({ method: name, caller, requestId, bytes, isRepeatable })
          if (recalled.kind === 'answered') return port.msgReply(recalled.answer)
          if (recalled.kind === 'refused') return refuseWith(recalled.refusal)
          if (recalled.kind === 'new') begun = recalled.begun
        }
      }
      const result = handler(decoded.value, caller)
      const then = (result as { then?: unknown } | null)?.then
      // Both arms catch: a promise that nobody looks at would swallow the bug and leave the caller without an answer.
      if (typeof then === 'function') {
        begun?.wait()
        ;(result as Promise<unknown>).then((value) => replyLater(value, begun), bug)
      } else if (begun === null) reply(result)
      else replyAndKeep(result, begun)
    } catch (error) {
      bug(error)
    }
  }
}
