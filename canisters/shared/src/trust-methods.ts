import {
  type ArgOf,
  equalBytes,
  type MemberView,
  NO_END_NS,
  ORG_MEMBERS_EVER_MAX,
  ORG_MEMBERS_MAX,
  ORG_MEMBERS_UNVERIFIED_MAX,
  orgIdOf,
  type OrganisationView,
  ORGS_REGISTERED_MAX,
  ORGS_REGISTERED_PER_HOUR,
  Principal,
  refuse,
  type RefusalArm,
  type RetOf,
  ROLE,
  toHex,
  type TrustMethods,
} from '@medguard/protocol'
import type { Buckets } from './buckets.ts'
import { BUDGET_TAG } from './budgets.ts'
import { changesBy } from './change-budget.ts'
import { createInvitationMethods } from './invitation-methods.ts'
import { createCouncilMethods } from './council-methods.ts'
import { samePrincipal } from './decision.ts'
import type { GrantState } from './grant-rules.ts'
import { idsIn } from './id-list.ts'
import type { LeafDraft } from './outbox.ts'
import type { TrustBook } from './trust-book.ts'
import { memberLeaf } from './trust-leaves.ts'
import { isLastingAdministrator, isActive, MEMBER, type StoredMember } from './trust-rows.ts'
import { isSomebody, wrongOrganisation, wrongOrgIds, wrongRoles } from './trust-rules.ts'
import { decodeUtf8, encodeUtf8 } from './utf8.ts'

type Arg<M extends keyof TrustMethods> = ArgOf<TrustMethods[M]>
type Ret<M extends keyof TrustMethods> = RetOf<TrustMethods[M]>
type Handler<M extends keyof TrustMethods> = (arg: Arg<M>, caller: Uint8Array) => Ret<M>
export type TrustHandlers = { readonly [M in keyof TrustMethods]: Handler<M> }

/** What a canister gives to the methods that both have. */
export interface TrustContext {
  readonly book: TrustBook
  readonly budgets: Buckets
  readonly isReady: () => boolean
  /** Why only what ends access may be done now, or null. */
  readonly refuseBeginning: () => RefusalArm | null
  /** Whether a principal has an account here. */
  readonly isAccount: (principal: Uint8Array) => boolean
  /** Patient id of a principal's account: whose budget pays. */
  readonly patientIdOf: (principal: Uint8Array) => Uint8Array | undefined
  /** Every principal of the account that somebody acts for: none for who has no account here, or was shut out of the one they had. */
  readonly principalsOf: (principal: Uint8Array) => readonly Uint8Array[]
  /** Whether a principal had its place in an account and lost it. */
  readonly isShutOut: (principal: Uint8Array) => boolean
  readonly nowNs: () => bigint
  /** The patient's own grant of that id, if it is in force: what lets them see whom it reaches. */
  readonly liveGrant: (caller: Uint8Array, grantId: Uint8Array, nowNs: bigint) => GrantState | undefined
  /** Null where no leaf is written: one event has one leaf, and consent writes it (decision 16). */
  readonly log: { readonly isFull: (patientId: null) => boolean; readonly queue: (leaf: LeafDraft) => void } | null
  /** What is shared with this person, or with whoever works for this organisation, may reach them or no more: their pages shall look again. */
  readonly changed: (principal: Uint8Array) => void
}

const NOT_READY = { Err: refuse.notReady }
const NOT_PERMITTED = { Err: refuse.notPermitted }
const DONE = { Ok: null }

/** The methods of `trustMethods`, for consent and for records. */
export function createTrustMethods(context: TrustContext): TrustHandlers {
  const { book, budgets, isReady, refuseBeginning, isAccount, principalsOf, isShutOut, nowNs, liveGrant, log } = context
  const whenReady =
    <A, R>(handle: (arg: A, caller: Uint8Array) => R) =>
    (arg: A, caller: Uint8Array): R | typeof NOT_READY =>
      isReady() ? handle(arg, caller) : NOT_READY
  const whenAffordable = <A, R>(handle: (arg: A, caller: Uint8Array) => R) =>
    whenReady((arg: A, caller): R | { Err: RefusalArm } => {
      const refused = refuseBeginning()
      return refused === null ? handle(arg, caller) : { Err: refused }
    })
  const isFull = () => log?.isFull(null) === true

  /** Takes a change of a member, unless it would leave the organisation without anybody who can count on staying its administrator. */
  const change = (
    event: 'memberAdded' | 'memberChanged' | 'memberRemoved',
    of: Parameters<typeof memberLeaf>[1],
    before: StoredMember | undefined,
    after: StoredMember,
  ): { Ok: null } | { Err: ReturnType<typeof refuse.badInput> } => {
    const losesOne = before !== undefined && isLastingAdministrator(before) && !isLastingAdministrator(after)
    const left = book.organisation(of.orgId)?.lastingAdministrators ?? 0
    if (losesOne && left <= 1) return { Err: refuse.badInput('principal', 'lastAdministrator') }
    book.setMember(of.orgId, of.principal, after)
    log?.queue(memberLeaf(event, of, after))
    context.changed(of.principal)
    return DONE
  }

  const registerOrganisation: Handler<'registerOrganisation'> = ({ orgId, name, kind, requestId }, caller) => {
    const wrong = wrongOrgIds({ orgId, requestId }) ?? wrongOrganisation({ orgId, name, kind })
    if (!isAccount(caller)) return NOT_PERMITTED
    if (wrong !== null) return { Err: wrong }
    const nameBytes = encodeUtf8(name)
    const known = book.organisation(orgId)
    if (known !== undefined) {
      const isSame = samePrincipal(known.registrant, caller) && known.kind === kind && equalBytes(known.name, nameBytes)
      return isSame ? DONE : { Err: refuse.idConflict }
    }
    if (isFull()) return { Err: refuse.logUnavailable }
    const now = nowNs()
    // Before the budget that all have together: who has no room left takes nothing from others.
    const hasRoom = book.person(caller).registered < ORGS_REGISTERED_MAX && book.mayJoin(caller, orgId)
    if (!hasRoom) return { Err: refuse.full }
    const waitMs = budgets.take(Uint8Array.of(BUDGET_TAG.registerOrganisation), ORGS_REGISTERED_PER_HOUR, now)
    if (waitMs > 0) return { Err: refuse.busy(waitMs) }
    book.joins(caller, orgId)
    book.countRegistered(caller)
    book.setOrganisation(orgId, {
      isSuspended: false,
      verifiedUntilNs: 0n,
      verifiedNs: 0n,
      verifiedBy: new Uint8Array(16),
      registeredNs: now,
      registrant: caller,
      kind,
      members: 0,
      lastingAdministrators: 0,
      name: nameBytes,
    })
    const first = {
      flags: MEMBER.accepted,
      roles: ROLE.administrator,
      validUntilNs: NO_END_NS,
      sinceNs: now,
      setBy: caller,
    }
    book.setMember(orgId, caller, first)
    log?.queue(memberLeaf('organisationRegistered', { orgId, principal: caller, actor: caller, requestId }, first))
    return DONE
  }

  const setMember: Handler<'setMember'> = ({ orgId, principal, roles, validUntilNs, requestId }, caller) => {
    const wrong = wrongOrgIds({ orgId, requestId })
    if (wrong !== null) return { Err: wrong }
    const now = nowNs()
    const own = principalsOf(caller)
    if (!book.isAdministrator(orgId, own, now)) return NOT_PERMITTED
    const organisation = book.organisation(orgId)
    if (organisation === undefined || organisation.isSuspended) return { Err: refuse.unverified }
    const who = principal.toUint8Array()
    if (!isSomebody(who)) return { Err: refuse.badInput('principal', 'nobody') }
    if (isOneOf(own, who)) return { Err: refuse.badInput('principal', 'self') }
    const before = book.member(orgId, who)
    const isNew = before === undefined || (before.flags & MEMBER.removed) !== 0
    const flags = isNew ? 0 : before.flags & MEMBER.accepted
    if (!isNew && before.flags === flags && before.roles === roles && before.validUntilNs === validUntilNs) return DONE
    const wrongTerms = wrongRoles(roles, validUntilNs, now)
    if (wrongTerms !== null) return { Err: wrongTerms }
    if (isFull()) return { Err: refuse.logUnavailable }
    const most = book.isInForce(orgId, now) ? ORG_MEMBERS_MAX : ORG_MEMBERS_UNVERIFIED_MAX
    if (isNew && organisation.members >= most) return { Err: refuse.full }
    if (before === undefined && book.membersEver(orgId) >= ORG_MEMBERS_EVER_MAX) return { Err: refuse.full }
    const after = { flags, roles, validUntilNs, sinceNs: now, setBy: caller }
    const of = { orgId, principal: who, actor: caller, requestId }
    const changes = changesBy(context, orgId, caller)
    const wait = changes.take()
    if (wait !== null) return { Err: wait }
    const answer = change(isNew ? 'memberAdded' : 'memberChanged', of, before, after)
    if ('Err' in answer) changes.giveBack()
    else if ((flags & MEMBER.accepted) === 0) book.invites(who, orgId, now)
    return answer
  }

  /** Ends access: taken also when the log is full, and of an organisation that is suspended itself. */
  const suspendMember: Handler<'suspendMember'> = ({ orgId, principal, requestId }, caller) => {
    const wrong = wrongOrgIds({ orgId, requestId })
    if (wrong !== null) return { Err: wrong }
    const now = nowNs()
    const own = principalsOf(caller)
    if (!book.isAdministrator(orgId, own, now)) return NOT_PERMITTED
    const who = principal.toUint8Array()
    if (isOneOf(own, who)) return { Err: refuse.badInput('principal', 'self') }
    const before = book.member(orgId, who)
    if (before === undefined || (before.flags & MEMBER.removed) !== 0) return NOT_PERMITTED
    if ((before.flags & MEMBER.suspended) !== 0) return DONE
    const after = { ...before, flags: before.flags | MEMBER.suspended, sinceNs: now, setBy: caller }
    return change('memberChanged', { orgId, principal: who, actor: caller, requestId }, before, after)
  }

  const removeMember: Handler<'removeMember'> = ({ orgId, principal, requestId }, caller) => {
    const wrong = wrongOrgIds({ orgId, requestId })
    if (wrong !== null) return { Err: wrong }
    const now = nowNs()
    const who = principal.toUint8Array()
    const own = principalsOf(caller)
    if (!isOneOf(own, who) && !book.isAdministrator(orgId, own, now)) return NOT_PERMITTED
    const before = book.member(orgId, who)
    if (before === undefined) return NOT_PERMITTED
    if ((before.flags & MEMBER.removed) !== 0) return DONE
    const after = { ...before, flags: MEMBER.removed, sinceNs: now, setBy: caller }
    const answer = change('memberRemoved', { orgId, principal: who, actor: caller, requestId }, before, after)
    if ('Ok' in answer) {
      book.leaves(who, orgId)
      book.answered(who, orgId)
    }
    return answer
  }

  /** An organisation alone makes nobody its member: what is shared with it would reach them, and their name stand in its list. */
  const acceptMembership: Handler<'acceptMembership'> = ({ orgId, requestId }, caller) => {
    const wrong = wrongOrgIds({ orgId, requestId })
    if (wrong !== null) return { Err: wrong }
    const before = book.member(orgId, caller)
    if (before === undefined || !isAccount(caller)) return NOT_PERMITTED
    if (before.flags === MEMBER.accepted) return DONE
    if (before.flags !== 0) return NOT_PERMITTED
    // Named while it was nobody's sign-in, and linked since: still nobody gives themselves a role.
    if (isOneOf(principalsOf(caller), before.setBy)) return NOT_PERMITTED
    if (isFull()) return { Err: refuse.logUnavailable }
    if (!book.joins(caller, orgId)) return { Err: refuse.full }
    book.answered(caller, orgId)
    const after = { ...before, flags: MEMBER.accepted }
    return change('memberChanged', { orgId, principal: caller, actor: caller, requestId }, before, after)
  }

  const viewOf = (orgId: Uint8Array, now: bigint): OrganisationView | null => {
    const stored = book.organisation(orgId)
    if (stored === undefined) return null
    const { lastingAdministrators: _, name, registrant, ...rest } = stored
    return {
      ...rest,
      orgId,
      name: decodeUtf8(name),
      registrant: Principal.fromUint8Array(registrant),
      isInForce: book.isInForce(orgId, now),
    }
  }
  const memberView = (
    principal: Uint8Array,
    { flags, roles, validUntilNs, sinceNs, setBy }: StoredMember,
  ): MemberView => ({
    principal: Principal.fromUint8Array(principal),
    roles,
    validUntilNs,
    sinceNs,
    setBy: Principal.fromUint8Array(setBy),
    status: statusOf(flags),
  })
  /** Of a person, one for each organisation: what counts, where they are there under several principals. */
  const membershipsOf = (principals: readonly Uint8Array[], orgIds: readonly Uint8Array[], now: bigint) =>
    orgIds.flatMap((orgId) => {
      const rows = principals.flatMap((principal) => {
        const member = book.member(orgId, principal)
        return member === undefined ? [] : [{ principal, member }]
      })
      const row =
        rows.find(({ member }) => isActive(member, now)) ??
        rows.find(({ member }) => (member.flags & MEMBER.removed) === 0) ??
        rows[0]
      const organisation = row === undefined ? null : viewOf(orgId, now)
      return row === undefined || organisation === null
        ? []
        : [{ organisation, member: memberView(row.principal, row.member) }]
    })
  const orgIdsOf = (principals: readonly Uint8Array[]): Uint8Array[] =>
    eachOnce(principals.flatMap((each) => idsIn(book.person(each).orgIds)))

  const members: Handler<'members'> = ({ orgId, grantId, from, count }, caller) => {
    const [given] = grantId
    const wrong = wrongOrgIds(given === undefined ? { orgId } : { orgId, grantId: given })
    if (wrong !== null) return { Err: wrong }
    const now = nowNs()
    const isAdministrator = book.isAdministrator(orgId, principalsOf(caller), now)
    if (!isAdministrator) {
      const grantee = given === undefined ? undefined : liveGrant(caller, given, now)?.grant.grantee
      const reached = grantee === undefined ? null : orgIdOf(grantee)
      if (reached === null || !equalBytes(reached, orgId)) return NOT_PERMITTED
    }
    const { total, principals } = book.membersPage(orgId, from, count)
    const views = principals.flatMap((principal) => {
      const member = book.member(orgId, principal)
      return member !== undefined && (isAdministrator || isActive(member, now)) ? [memberView(principal, member)] : []
    })
    return { Ok: { total, members: views } }
  }

  return {
    registerOrganisation: whenAffordable(registerOrganisation),
    setMember: whenAffordable(setMember),
    suspendMember: whenReady(suspendMember),
    removeMember: whenReady(removeMember),
    acceptMembership: whenAffordable(acceptMembership),
    organisation: whenReady(({ orgId }, caller) => {
      const wrong = wrongOrgIds({ orgId })
      if (wrong !== null) return { Err: wrong }
      const view = viewOf(orgId, nowNs())
      if (view === null) return NOT_PERMITTED
      const [own] = membershipsOf(principalsOf(caller), [orgId], nowNs())
      return { Ok: { organisation: view, member: own === undefined ? [] : [own.member] } }
    }),
    organisations: whenReady(({ from, count }) => {
      const { total, orgIds } = book.everVerified(from, count)
      const now = nowNs()
      return { Ok: { total, organisations: orgIds.flatMap((orgId) => viewOf(orgId, now) ?? []) } }
    }),
    members: whenReady(members),
    memberships: whenReady((_, caller) => {
      const own = principalsOf(caller)
      const isNobodyYet = own.length === 0 && !isShutOut(caller)
      const asked = isNobodyYet ? [caller] : own
      const waiting = asked.flatMap((each) => book.waitingFor(each))
      return { Ok: membershipsOf(asked, eachOnce([...orgIdsOf(own), ...waiting]), nowNs()) }
    }),
    practitioner: whenReady(({ principal }) => {
      const who = principal.toUint8Array()
      const now = nowNs()
      const live = membershipsOf([who], orgIdsOf([who]), now).filter(
        ({ organisation, member }) => organisation.isInForce && 'active' in member.status && now < member.validUntilNs,
      )
      return { Ok: live }
    }),
    ...createCouncilMethods(context, whenReady),
    ...createInvitationMethods(context, whenReady),
  }
}

/** Changes to organisations and the council; all are repeatable by what they do. */
export const NOTED_TRUST = [
  'registerOrganisation',
  'setMember',
  'suspendMember',
  'removeMember',
  'acceptMembership',
  'councilVote',
  'invite',
  'claimInvitation',
] as const

function statusOf(flags: number): MemberView['status'] {
  if ((flags & MEMBER.removed) !== 0) return { removed: null }
  if ((flags & MEMBER.suspended) !== 0) return { suspended: null }
  return (flags & MEMBER.accepted) === 0 ? { invited: null } : { active: null }
}

const eachOnce = (ids: readonly Uint8Array[]): Uint8Array[] => [...new Map(ids.map((id) => [toHex(id), id])).values()]

const isOneOf = (principals: readonly Uint8Array[], who: Uint8Array): boolean =>
  principals.some((each) => samePrincipal(each, who))
