import { host } from './host.ts'

/**
 * Ends the message and undoes it back to the last `await`. The caller learns that there was a bug, never where: stack traces hold paths and
 * sometimes data. What happened goes to the canister's log, which controllers read.
 */
export function reportBug(error: unknown): never {
  const { message, stack } = error instanceof Error ? error : { message: 'thrown value is no error', stack: '' }
  host().debugPrint(`Bug: ${message}\n${stack ?? ''}`)
  return host().trap('Bug')
}
