import { Fault, type FaultCode, type Outcome, type Refusal } from '@medguard/client'

/** What the exit codes mean (decision 41). */
export const EXIT = { done: 0, bug: 1, usage: 2, refused: 3, network: 4, verification: 5, unproven: 6 } as const
export type ExitCode = (typeof EXIT)[keyof typeof EXIT]

/** The command line was used wrongly; the message says how to use it. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}

/** A canister refused. Thrown by commands so that each can be written straight down; `main` turns it into words and exit code 3. */
export class RefusedError extends Error {
  override readonly name = 'RefusedError'
  readonly refusal: Refusal
  constructor(refusal: Refusal) {
    super(refusal.kind)
    this.refusal = refusal
  }
}

export function valueOf<T>(outcome: Outcome<T>): T {
  if (outcome.kind === 'refused') throw new RefusedError(outcome.refusal)
  return outcome.value
}

const FAULT_EXIT: Record<FaultCode, ExitCode> = {
  Unreachable: EXIT.network,
  Uncertain: EXIT.network,
  SessionEnded: EXIT.network,
  BadReply: EXIT.verification,
  BadCertificate: EXIT.verification,
  Tampered: EXIT.verification,
  TooNew: EXIT.verification,
  WrongKey: EXIT.verification,
  ListIncomplete: EXIT.verification,
  LogBroken: EXIT.verification,
  UnknownLog: EXIT.verification,
}

export function exitCodeOf(error: unknown): ExitCode {
  if (error instanceof UsageError) return EXIT.usage
  if (error instanceof RefusedError) return EXIT.refused
  if (error instanceof Fault) return FAULT_EXIT[error.code]
  return EXIT.bug
}
