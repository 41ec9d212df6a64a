import { ORG_PAGE_MAX } from '@medguard/protocol'
import { bytes, u64 } from './collections/fields.ts'
import { asIs, createRows, type RowCodec, rowOf } from './collections/rows.ts'
import { createSequences } from './collections/sequence.ts'
import type { Rows } from './maps.ts'

export interface StoredInvitation {
  readonly orgId: Uint8Array
  readonly madeNs: bigint
  readonly endNs: bigint
  /** Zero while nobody has. By whom is not here: the organisation must not learn it. */
  readonly claimedNs: bigint
}
const INVITATION: RowCodec<StoredInvitation> = rowOf(1, { orgId: bytes(16), madeNs: u64, endNs: u64, claimedNs: u64 })
const CLAIM = rowOf(1, { codeHash: bytes(32), claimedNs: u64 })

/** Invitations by the hash of their code, and who claimed one: rows grow only from whoever was given a code. */
export function createInvitationBook(rows: {
  readonly invitations: Rows
  readonly claims: Rows
  readonly index: Rows
}) {
  const invitations = createRows(rows.invitations, { key: asIs, row: INVITATION })
  const claims = createRows(rows.claims, { key: asIs, row: CLAIM }) // by principal
  const index = createSequences(rows.index, { entryBytes: 32, entriesPerRun: 15 }) // code hashes by org id
  return {
    of: (codeHash: Uint8Array): StoredInvitation | undefined => invitations.get(codeHash),
    countOf: (orgId: Uint8Array): number => index.of(orgId).count,
    make(codeHash: Uint8Array, invitation: StoredInvitation): void {
      invitations.set(codeHash, invitation)
      const made = index.of(invitation.orgId)
      made.push(codeHash)
      made.save()
    },
    page(orgId: Uint8Array, from: number, count: number) {
      const made = index.of(orgId)
      const hashes = made.entries(from, Math.min(count, ORG_PAGE_MAX))
      const page: { codeHash: Uint8Array; invitation: StoredInvitation }[] = []
      for (let at = 0; at < hashes.length; at += 32) {
        const codeHash = hashes.subarray(at, at + 32)
        const invitation = invitations.get(codeHash)
        if (invitation !== undefined) page.push({ codeHash, invitation })
      }
      return { total: made.count, page }
    },
    hasClaimed: (principal: Uint8Array): boolean => rows.claims.has(principal),
    claimOf: (principal: Uint8Array): Uint8Array | undefined => claims.get(principal)?.codeHash,
    /** Of somebody whose account is gone. */
    forget: (principal: Uint8Array): void => rows.claims.delete(principal),
    claim(codeHash: Uint8Array, invitation: StoredInvitation, principal: Uint8Array, claimedNs: bigint): void {
      invitations.set(codeHash, { ...invitation, claimedNs })
      claims.set(principal, { codeHash, claimedNs })
    },
  }
}
export type InvitationBook = ReturnType<typeof createInvitationBook>
