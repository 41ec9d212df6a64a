import type { Outcome } from '@medguard/client'

/** @throws Error where the demonstration's own people are refused something. */
export function must<T>(outcome: Outcome<T>): T {
  if (outcome.kind === 'done') return outcome.value
  throw new Error(`the demo was refused: ${outcome.refusal.kind}`)
}
