import {
  CLINICAL_ROLES,
  concatBytes,
  equalBytes,
  type Grant,
  INVITED_BY_MAX,
  NO_END_NS,
  ORG_PAGE_MAX,
  orgIdOf,
  ORGS_OF_MEMBER_MAX,
  purposeCode,
  refuse,
  type RefusalArm,
  RIGHT,
  ROLE,
} from '@medguard/protocol'
import { assert } from './assert.ts'
import { asIs, createRows } from './collections/rows.ts'
import { createSequences } from './collections/sequence.ts'
import { createCouncilBook } from './council-book.ts'
import { createInvitationBook } from './invitation-book.ts'
import { samePrincipal, type Standing } from './decision.ts'
import { idsIn, positionOfId, withoutId } from './id-list.ts'
import { type Rows, section } from './maps.ts'
import {
  inForceUntil,
  isInForce,
  isLastingAdministrator,
  MEMBER,
  NOBODY,
  ORGANISATION,
  PERSON,
  rolesNow,
  rolesUntil,
  STORED_MEMBER,
  type StoredMember,
  type StoredOrganisation,
  type StoredPerson,
  WAITING,
} from './trust-rows.ts'

/** Purposes for which nobody has to be verified: the patient's own, and family. */
const UNCHECKED_PURPOSES = [purposeCode('PATRQT'), purposeCode('FAMRQT')]
const ALL = new Uint8Array(0)
const NONE = new Uint8Array(0)
const NO_ORG = new Uint8Array(16)
const COUNCIL = 0

/** To write only is what an interface engine may do. */
const rolesThatVouch = (rights: number): number =>
  (rights & ~RIGHT.write) === 0 ? CLINICAL_ROLES | ROLE.system : CLINICAL_ROLES
/** Those of an organisation's members whom a grant reaches. */
const rolesReached = (terms: Grant['terms']): number =>
  terms === null || terms.roles === 0 ? CLINICAL_ROLES : terms.roles

/** That somebody is a member, of one organisation. */
export interface Membership extends StoredMember {
  readonly orgId: Uint8Array
}

/** One canister's copy of organisations, their members, and the council that verifies them. Held by consent and by records; both decide by it. */
export function createTrustBook(rows: Rows) {
  const council = createCouncilBook(section(rows, COUNCIL))
  const invitations = createInvitationBook({
    invitations: section(rows, 6),
    claims: section(rows, 7),
    index: section(rows, 8),
  })
  const organisationRows = section(rows, 1) // org id -> StoredOrganisation
  const memberRows = section(rows, 2) // org id || principal -> StoredMember
  const memberIndex = createSequences(section(rows, 3), { entryBytes: 30, entriesPerRun: 16 }) // by org id, removed ones too
  const persons = createRows(section(rows, 4), { key: asIs, row: PERSON }) // principal -> StoredPerson
  const verifiedIndex = createSequences(section(rows, 5), { entryBytes: 16, entriesPerRun: 32 }) // whoever was ever verified
  const waiting = createRows(section(rows, 9), { key: asIs, row: WAITING }) // principal -> ids of those that invited it
  const organisations = createRows(organisationRows, { key: asIs, row: ORGANISATION })
  const members = createRows(memberRows, { key: asIs, row: STORED_MEMBER })

  /** Whether somebody's verified organisations let a patient share with them in person. */
  const isVerified = (principal: Uint8Array, rights: number, nowNs: bigint): boolean => {
    const wanted = rolesThatVouch(rights)
    return idsIn(book.person(principal).orgIds).some(
      (orgId) => (book.rolesOf(orgId, principal, nowNs) & wanted) !== 0 && book.isInForce(orgId, nowNs),
    )
  }

  const book = {
    council,
    invitations,
    /** Whether somebody without an account may open one. */
    mayEnrol: (principal: Uint8Array): boolean => !council.isInvitationRequired() || invitations.hasClaimed(principal),
    organisation: (orgId: Uint8Array): StoredOrganisation | undefined => organisations.get(orgId),
    /** Whether it is verified, its time is not over, and it is not suspended. */
    isInForce: (orgId: Uint8Array, nowNs: bigint): boolean => isInForce(organisationRows.get(orgId), nowNs),
    setOrganisation(orgId: Uint8Array, organisation: StoredOrganisation): void {
      const isFirst = organisation.verifiedNs !== 0n && organisations.get(orgId)?.verifiedNs === 0n
      organisations.set(orgId, organisation)
      if (!isFirst) return
      const verified = verifiedIndex.of(ALL)
      verified.push(orgId)
      verified.save()
    },
    /** Ids of those that were ever verified. */
    everVerified(from: number, count: number): { total: number; orgIds: Uint8Array[] } {
      const index = verifiedIndex.of(ALL)
      return { total: index.count, orgIds: idsIn(index.entries(from, Math.min(count, ORG_PAGE_MAX))) }
    },

    member: (orgId: Uint8Array, principal: Uint8Array): StoredMember | undefined =>
      members.get(concatBytes(orgId, principal)),
    /** Bits of `ROLE` that a member has now by its own row, whatever the organisation's standing. */
    rolesOf: (orgId: Uint8Array, principal: Uint8Array, nowNs: bigint): number =>
      rolesNow(memberRows.get(concatBytes(orgId, principal)), nowNs),
    /** The same of a person, by all principals of their account. */
    rolesOfAny(orgId: Uint8Array, principals: readonly Uint8Array[], nowNs: bigint): number {
      let has = 0
      for (const each of principals) has |= book.rolesOf(orgId, each, nowNs)
      return has
    },
    isAdministrator: (orgId: Uint8Array, principals: readonly Uint8Array[], nowNs: bigint): boolean =>
      (book.rolesOfAny(orgId, principals, nowNs) & ROLE.administrator) !== 0,
    /** Writes a member's row and keeps what the organisation counts. Its own checks are whoever calls'. */
    setMember(orgId: Uint8Array, principal: Uint8Array, next: StoredMember): void {
      const before = book.member(orgId, principal)
      const organisation = book.organisation(orgId)
      assert(organisation !== undefined, 'members are of an organisation that is there')
      members.set(concatBytes(orgId, principal), next)
      if (before === undefined) {
        const entry = new Uint8Array(30)
        entry[0] = principal.length
        entry.set(principal, 1)
        const index = memberIndex.of(orgId)
        index.push(entry)
        index.save()
      }
      const change = (of: (member: StoredMember) => boolean) =>
        (of(next) ? 1 : 0) - (before !== undefined && of(before) ? 1 : 0)
      const inAll = change(({ flags }) => (flags & MEMBER.removed) === 0)
      const lasting = change(isLastingAdministrator)
      if (inAll === 0 && lasting === 0) return
      organisations.set(orgId, {
        ...organisation,
        members: organisation.members + inAll,
        lastingAdministrators: organisation.lastingAdministrators + lasting,
      })
    },
    membersEver: (orgId: Uint8Array): number => memberIndex.of(orgId).count,
    membersPage(orgId: Uint8Array, from: number, count: number): { total: number; principals: Uint8Array[] } {
      const index = memberIndex.of(orgId)
      const entries = index.entries(from, Math.min(count, ORG_PAGE_MAX))
      const principals: Uint8Array[] = []
      for (let at = 0; at < entries.length; at += 30)
        principals.push(entries.subarray(at + 1, at + 1 + (entries[at] ?? 0)))
      return { total: index.count, principals }
    },

    person: (principal: Uint8Array): StoredPerson => persons.get(principal) ?? NOBODY,
    countRegistered(principal: Uint8Array): void {
      const { registered, orgIds } = book.person(principal)
      persons.set(principal, { registered: registered + 1, orgIds })
    },
    mayJoin: (principal: Uint8Array, orgId: Uint8Array): boolean => mayJoin(book.person(principal), orgId),
    /** @returns false for a member of as many organisations as one may be. */
    joins(principal: Uint8Array, orgId: Uint8Array): boolean {
      const person = book.person(principal)
      const { registered, orgIds } = person
      if (positionOfId(orgIds, orgId) >= 0) return true
      if (!mayJoin(person, orgId)) return false
      persons.set(principal, { registered, orgIds: concatBytes(orgIds, orgId) })
      return true
    },
    /**
     * Of somebody whose vault is erased: every membership they accepted ends, also as the last administrator. That they were a member stays with the
     * organisation, as in its log.
     * @param ended is told of each organisation they leave.
     */
    forget(principal: Uint8Array, nowNs: bigint, ended: (orgId: Uint8Array, member: StoredMember) => void): void {
      for (const orgId of idsIn(book.person(principal).orgIds)) {
        const before = book.member(orgId, principal)
        if (before === undefined || (before.flags & MEMBER.removed) !== 0) continue
        const after = { ...before, flags: MEMBER.removed, sinceNs: nowNs, setBy: principal }
        book.setMember(orgId, principal, after)
        ended(orgId, after)
      }
      persons.delete(principal)
      waiting.delete(principal)
      invitations.forget(principal)
    },
    /** Puts what another canister says in place of what was known of where somebody is a member. Who may vote, and how many there are, only that one knows. */
    setMemberships(principal: Uint8Array, memberships: readonly Membership[]): void {
      const { registered, orgIds } = book.person(principal)
      for (const orgId of idsIn(orgIds))
        if (!memberships.some((each) => equalBytes(each.orgId, orgId))) memberRows.delete(concatBytes(orgId, principal))
      for (const { orgId, ...member } of memberships) members.set(concatBytes(orgId, principal), member)
      persons.set(principal, { registered, orgIds: concatBytes(...memberships.map(({ orgId }) => orgId)) })
    },
    leaves(principal: Uint8Array, orgId: Uint8Array): void {
      const { registered, orgIds } = book.person(principal)
      if (positionOfId(orgIds, orgId) < 0) return
      persons.set(principal, { registered, orgIds: withoutId(orgIds, orgId) })
    },

    /** Ids of the organisations that invited somebody who has not answered. */
    waitingFor: (principal: Uint8Array): readonly Uint8Array[] => idsIn(waiting.get(principal) ?? NONE),
    /**
     * Notes that an organisation waits for somebody. Anybody can register one and invite whom they like, so that where the list is full one that is in force
     * takes the place of the oldest that is not; without such a place it is not listed, and can be accepted by whoever knows its id.
     */
    invites(principal: Uint8Array, orgId: Uint8Array, nowNs: bigint): void {
      const before = waiting.get(principal) ?? NONE
      if (positionOfId(before, orgId) >= 0) return
      let kept = before
      if (before.length >= 16 * INVITED_BY_MAX) {
        const out = book.isInForce(orgId, nowNs)
          ? idsIn(before).find((each) => !book.isInForce(each, nowNs))
          : undefined
        if (out === undefined) return
        kept = withoutId(before, out)
      }
      waiting.set(principal, concatBytes(kept, orgId))
    },
    /** No longer: it was accepted or taken back. */
    answered(principal: Uint8Array, orgId: Uint8Array): void {
      const before = waiting.get(principal)
      if (before === undefined || positionOfId(before, orgId) < 0) return
      const kept = withoutId(before, orgId)
      if (kept.length === 0) waiting.delete(principal)
      else waiting.set(principal, kept)
    },

    /**
     * How somebody stands to the grantee a grant names (I4): as that very person, for care only while a verified organisation vouches for them; or as a
     * member whom the grant reaches of that organisation, while it is in force. Whoever it names but does not let in now hears so, and nobody else.
     * @param principals of the person who asks.
     */
    standing(grant: Grant, principals: readonly Uint8Array[], nowNs: bigint): Standing {
      const { grantee, purpose, rights, terms } = grant
      const isNamed = principals.some((each) => samePrincipal(grantee, each))
      if (isNamed && book.mustBeVerified(purpose))
        return principals.some((each) => isVerified(each, rights, nowNs)) ? 'grantee' : 'unverified'
      const isOut = terms?.excluded.some((out) => principals.some((each) => samePrincipal(out, each))) === true
      const orgId = isOut ? null : orgIdOf(grantee)
      // Looked up where no organisation is meant, too: a refusal costs the same whatever it found (I7).
      const has = book.rolesOfAny(orgId ?? NO_ORG, principals, nowNs)
      if (isNamed) return 'grantee'
      if (orgId === null || (has & rolesReached(terms)) === 0) return 'nobody'
      return book.isInForce(orgId, nowNs) ? 'grantee' : 'unverified'
    },
    /** The organisation that a grant names, for who is or was its member: whose view what they tried is in. Zeros otherwise. */
    orgTried(grantee: Uint8Array | undefined, principal: Uint8Array): Uint8Array {
      const orgId = grantee === undefined ? null : orgIdOf(grantee)
      return orgId === null || book.member(orgId, principal) === undefined ? NO_ORG : orgId
    },
    /**
     * Until when this principal, by itself, stands as `grantee` to a grant if no row changes: 0 where it does not now. Any one of the organisations that
     * vouch for somebody is enough, so the longest counts.
     */
    standsUntil({ grantee, purpose, rights, terms }: Grant, principal: Uint8Array, nowNs: bigint): bigint {
      const orgId = orgIdOf(grantee)
      const isNamed = samePrincipal(grantee, principal)
      if (isNamed && !book.mustBeVerified(purpose)) return NO_END_NS
      if (!isNamed && (orgId === null || terms?.excluded.some((out) => samePrincipal(out, principal)) === true))
        return 0n
      const wanted = isNamed ? rolesThatVouch(rights) : rolesReached(terms)
      let untilNs = 0n
      for (const each of isNamed ? idsIn(book.person(principal).orgIds) : orgId === null ? [] : [orgId]) {
        const row = memberRows.get(concatBytes(each, principal))
        if (row === undefined || (rolesNow(row, nowNs) & wanted) === 0) continue
        const [member, organisation] = [rolesUntil(row), inForceUntil(organisationRows.get(each), nowNs)]
        const sooner = member < organisation ? member : organisation
        if (untilNs < sooner) untilNs = sooner
      }
      return untilNs
    },
    /** Whether a purpose asks for somebody who is verified. Without a council nobody could be. */
    mustBeVerified: (purpose: number): boolean => !UNCHECKED_PURPOSES.includes(purpose) && council.council() !== null,
    /** Whether a verified organisation stands behind them, or is what asks. Where there is no council nobody can be asked for that. */
    isVouchedFor(grantee: Uint8Array, rights: number, nowNs: bigint): boolean {
      const orgId = orgIdOf(grantee)
      if (orgId !== null) return book.isInForce(orgId, nowNs)
      return council.council() === null || isVerified(grantee, rights, nowNs)
    },
    /** Why nobody can grant this, whoever the patient is: an organisation that is not in force, or a person whom nobody vouches for. */
    refuseGrantee(
      { grantee, purpose, rights }: Pick<Grant, 'grantee' | 'purpose' | 'rights'>,
      nowNs: bigint,
    ): RefusalArm | null {
      const orgId = orgIdOf(grantee)
      const isGood =
        orgId === null
          ? !book.mustBeVerified(purpose) || isVerified(grantee, rights, nowNs)
          : book.isInForce(orgId, nowNs)
      return isGood ? null : refuse.unverified
    },
  }
  return book
}
export type TrustBook = ReturnType<typeof createTrustBook>

const mayJoin = ({ orgIds }: StoredPerson, orgId: Uint8Array): boolean =>
  orgIds.length < 16 * ORGS_OF_MEMBER_MAX || positionOfId(orgIds, orgId) >= 0
