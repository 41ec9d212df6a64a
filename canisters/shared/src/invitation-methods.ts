import {
  type ArgOf,
  encodeFields,
  equalBytes,
  EVENT,
  HASH_BYTES,
  INVITATION_CODE_BYTES,
  INVITATION_PERIOD_MAX_NS,
  INVITATIONS_OF_ORG_MAX,
  refuse,
  type RetOf,
  type TrustMethods,
} from '@medguard/protocol'
import { changesBy } from './change-budget.ts'
import type { WhenReady } from './council-methods.ts'
import { sha256 } from './sha256.ts'
import type { TrustContext } from './trust-methods.ts'
import { wrongOrgIds } from './trust-rules.ts'

type Arg<M extends keyof TrustMethods> = ArgOf<TrustMethods[M]>
type Ret<M extends keyof TrustMethods> = RetOf<TrustMethods[M]>

const NOT_PERMITTED = { Err: refuse.notPermitted }

/** An organisation invites, and who has the code claims it with an identity of their own (D08). */
export function createInvitationMethods(context: TrustContext, whenReady: WhenReady) {
  const { book, principalsOf, nowNs, refuseBeginning, log } = context
  const invite = ({ orgId, codeHash, endNs, requestId }: Arg<'invite'>, caller: Uint8Array): Ret<'invite'> => {
    const wrong = wrongOrgIds({ orgId, requestId })
    if (wrong !== null) return { Err: wrong }
    const now = nowNs()
    if (!book.isAdministrator(orgId, principalsOf(caller), now)) return NOT_PERMITTED
    if (!book.isInForce(orgId, now)) return { Err: refuse.unverified }
    if (codeHash.length !== HASH_BYTES) return { Err: refuse.badInput('codeHash', 'length') }
    const known = book.invitations.of(codeHash)
    if (known !== undefined)
      return equalBytes(known.orgId, orgId) && known.endNs === endNs ? { Ok: null } : { Err: refuse.idConflict }
    if (endNs <= now) return { Err: refuse.badInput('endNs', 'past') }
    if (endNs > now + INVITATION_PERIOD_MAX_NS) return { Err: refuse.badInput('endNs', 'range') }
    if (log?.isFull(null) === true) return { Err: refuse.logUnavailable }
    const refused = refuseBeginning()
    if (refused !== null) return { Err: refused }
    if (book.invitations.countOf(orgId) >= INVITATIONS_OF_ORG_MAX) return { Err: refuse.full }
    const wait = changesBy(context, orgId, caller).take()
    if (wait !== null) return { Err: wait }
    book.invitations.make(codeHash, { orgId, madeNs: now, endNs, claimedNs: 0n })
    const fields = encodeFields('invitationMade', { orgId, codeHash, endNs })
    log?.queue({ event: EVENT.invitationMade, actor: caller, objectId: orgId, requestId, fields })
    return { Ok: null }
  }

  const invitations = ({ orgId, from, count }: Arg<'invitations'>, caller: Uint8Array): Ret<'invitations'> => {
    const wrong = wrongOrgIds({ orgId })
    if (wrong !== null) return { Err: wrong }
    if (!book.isAdministrator(orgId, principalsOf(caller), nowNs())) return NOT_PERMITTED
    const { total, page } = book.invitations.page(orgId, from, count)
    const views = page.map(({ codeHash, invitation: { madeNs, endNs, claimedNs } }) => {
      return { codeHash, madeNs, endNs, isClaimed: claimedNs !== 0n }
    })
    return { Ok: { total, invitations: views } }
  }

  /** Unknown, claimed by somebody else, over, and of an organisation that is not in force: one answer. */
  const claimInvitation = ({ code, requestId }: Arg<'claimInvitation'>, caller: Uint8Array): Ret<'claimInvitation'> => {
    const wrong = wrongOrgIds({ requestId })
    if (wrong !== null) return { Err: wrong }
    if (code.length !== INVITATION_CODE_BYTES) return { Err: refuse.badInput('code', 'length') }
    const codeHash = sha256(code)
    const known = book.invitations.of(codeHash)
    const own = book.invitations.claimOf(caller)
    if (known === undefined) return NOT_PERMITTED
    if (own !== undefined) return equalBytes(own, codeHash) ? { Ok: null } : { Err: refuse.alreadyDone }
    const now = nowNs()
    if (known.claimedNs !== 0n || now >= known.endNs || !book.isInForce(known.orgId, now)) return NOT_PERMITTED
    if (log?.isFull(null) === true) return { Err: refuse.logUnavailable }
    const refused = refuseBeginning()
    if (refused !== null) return { Err: refused }
    book.invitations.claim(codeHash, known, caller, now)
    const fields = encodeFields('invitationClaimed', { codeHash })
    log?.queue({ event: EVENT.invitationClaimed, actor: caller, requestId, fields })
    return { Ok: null }
  }
  return {
    invite: whenReady(invite),
    invitations: whenReady(invitations),
    claimInvitation: whenReady(claimInvitation),
  }
}
