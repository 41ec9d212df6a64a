import type { HostFunctions } from 'azle'
import { host } from './host.ts'

/** The part of the host that names and reports what went wrong. */
export type BugPort = Pick<HostFunctions, 'msgCaller' | 'time' | 'canisterVersion' | 'debugPrint' | 'trap'>

/**
 * Names the message at hand in what its caller reads and in the canister's log: time, version of the canister's state and three bytes of the
 * caller, in base 36. A counter would not do: the trap that ends a message undoes the counter as well. Two messages share an id only if
 * the same caller sent them and they ended in the same round with nothing changed between them.
 */
export function messageId(port: BugPort): string {
  const caller = port.msgCaller()
  const tag = ((caller[0] ?? 0) << 16) | ((caller[1] ?? 0) << 8) | (caller[caller.length - 3] ?? 0)
  return `${port.time().toString(36)}-${port.canisterVersion().toString(36)}-${tag.toString(36)}`
}

/**
 * Ends the message and undoes it back to the last `await`. The caller learns that there was a bug and the id of the message, never where it was:
 * stack traces hold paths and sometimes data. What happened goes under the same id to the canister's log, which controllers read.
 *
 * @param where the method, or what else was running.
 */
export function reportBug(error: unknown, where: string, port: BugPort = host()): never {
  const { message, stack } = error instanceof Error ? error : { message: 'thrown value is no error', stack: '' }
  const code = `Bug ${messageId(port)}`
  port.debugPrint(`${code} in ${where}: ${message}\n${stack ?? ''}`)
  return port.trap(code)
}
