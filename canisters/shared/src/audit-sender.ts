import { call } from './call.ts'
import { appendCall } from './codecs/audit.ts'
import type { OutboxOptions } from './outbox.ts'

/** How an outbox reaches the audit canister. `auditId` is null until the canister is configured. */
export function sendToAudit(auditId: () => Uint8Array | null): OutboxOptions['send'] {
  return async (firstSeq, leaves) => {
    const id = auditId()
    if (id === null) return null
    const outcome = await call(id, appendCall, { firstSeq, leaves })
    return outcome.kind === 'reply' && 'Ok' in outcome.value ? outcome.value.Ok : null
  }
}
