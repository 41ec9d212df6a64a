import { call } from './call.ts'
import { appendCall, noteReadersCall } from './codecs/audit.ts'
import type { OutboxOptions } from './outbox.ts'

/** How an outbox reaches a canister of the log. `auditId` is null until there is one. */
export function sendToAudit(auditId: () => Uint8Array | null): OutboxOptions['send'] {
  return async (firstSeq, leaves) => {
    const id = auditId()
    if (id === null) return null
    const outcome = await call(id, appendCall, { firstSeq, leaves })
    return outcome.kind === 'reply' && 'Ok' in outcome.value ? outcome.value.Ok : null
  }
}

/** The same for what is only noted there, and has no place in the log. */
export function sendNotesToAudit(auditId: () => Uint8Array | null): OutboxOptions['send'] {
  return async (firstSeq, notes) => {
    const id = auditId()
    if (id === null) return null
    const outcome = await call(id, noteReadersCall, { firstSeq, notes })
    return outcome.kind === 'reply' && 'Ok' in outcome.value ? notes.map(() => 0n) : null
  }
}
