import type { Result } from '@medguard/protocol'
import { type CallOutcome, callFor } from './call.ts'
import { appendCall, noteReadersCall } from './codecs/audit.ts'
import type { OutboxOptions } from './outbox.ts'

/** How an outbox reaches a canister of the log. `auditId` is null until there is one. */
export function sendToAudit(auditId: () => Uint8Array | null): OutboxOptions['send'] {
  return (firstSeq, leaves) => {
    const id = auditId()
    return id === null ? NOBODY_THERE : callFor(id, appendCall, { firstSeq, leaves }, taken)
  }
}

/** The same for what is only noted there, and has no place in the log. */
export function sendNotesToAudit(auditId: () => Uint8Array | null): OutboxOptions['send'] {
  return (firstSeq, notes) => {
    const id = auditId()
    if (id === null) return NOBODY_THERE
    return callFor(id, noteReadersCall, { firstSeq, notes }, (outcome) =>
      taken(outcome) === null ? null : notes.map(() => 0n),
    )
  }
}

const NOBODY_THERE = Promise.resolve(null)
/** What was acknowledged. */
const taken = <T>(outcome: CallOutcome<Result<T>>): T | null =>
  outcome.kind === 'reply' && 'Ok' in outcome.value ? outcome.value.Ok : null
