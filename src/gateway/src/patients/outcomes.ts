import type { Outcome } from '@medguard/client'
import { refusalAnswer } from '../faults.ts'

/** @throws Refuse for a refusal. */
export function valueOf<T>(outcome: Outcome<T>): T {
  if (outcome.kind === 'refused') throw refusalAnswer(outcome.refusal)
  return outcome.value
}
