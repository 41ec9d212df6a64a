import { encodeFields, EVENT, type EventName, ROLE } from '@medguard/protocol'
import type { LeafDraft } from './outbox.ts'
import { MEMBER, type StoredMember } from './trust-rows.ts'

/** What the log is told of a member. Who reads the organisation's own view follows from it. */
export function memberLeaf(
  event: EventName & ('memberAdded' | 'memberChanged' | 'memberRemoved' | 'organisationRegistered'),
  of: { orgId: Uint8Array; principal: Uint8Array; actor: Uint8Array; requestId: Uint8Array },
  member: StoredMember,
): LeafDraft {
  const { orgId, principal, actor, requestId } = of
  const role = member.flags === MEMBER.accepted ? member.roles : 0
  const readsLog = (role & ROLE.administrator) === 0 ? 0 : 1
  const fields = encodeFields(event, { orgId, principal, role, readsLog, endNs: member.validUntilNs })
  return { event: EVENT[event], actor, objectId: orgId, requestId, fields }
}
