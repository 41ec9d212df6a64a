import { encodeFields, EVENT } from '@medguard/protocol'
import { nowNs } from '@medguard/shared'
import type { Context } from './context.ts'

const NOBODY = new Uint8Array(0)
/** In one message; the next takes those that are left. */
const EXPIRIES_MAX = 20

/**
 * Says in the log which shares of a patient ended by their period since somebody last looked. No decision needs it, since time alone ends a grant: it is
 * for the patient, and comes with the next message that meets one, such as the first request that is refused for it.
 */
export function noticeExpiries({ store, outbox }: Pick<Context, 'store' | 'outbox'>, patientId: Uint8Array): void {
  if (outbox.isFull(patientId)) return
  for (const { grantId, endNs } of store.grants.takeExpired(patientId, nowNs(), EXPIRIES_MAX))
    outbox.queue({
      event: EVENT.expiryNoticed,
      actor: NOBODY,
      patientId,
      objectId: grantId,
      fields: encodeFields('expiryNoticed', { grantId, endNs }),
    })
}
