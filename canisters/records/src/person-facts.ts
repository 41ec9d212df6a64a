import { type CouncilShape, equalBytes } from '@medguard/protocol'
import { idsIn, type Member, type Membership, type Representative } from '@medguard/shared'
import type { RecordsStore } from './store.ts'

/**
 * What one canister of records tells another of who is who (docs/architecture.md, "Shards of records"): how things are, in place of whatever was known there, so that one
 * that comes late or twice brings nothing back.
 */
export interface PersonFacts {
  /** Principal under which the account is kept. */
  readonly home: Uint8Array
  readonly cids: Uint8Array
  /** All sign-ins there are and were, the first one first. */
  readonly signIns: readonly Member[]
  /** Where each of them is a member. */
  readonly members: readonly { readonly principal: Uint8Array; readonly of: readonly Membership[] }[]
  /** Of a patient of that canister: who may act in their place, and from when on the vault of a dependant may be erased. */
  readonly care: { readonly representatives: readonly Representative[]; readonly erasureNs: bigint | null } | null
}

export type Fact =
  /** Null: nobody any more. */
  | { readonly kind: 'person'; readonly patientId: Uint8Array; readonly facts: PersonFacts | null }
  | {
      readonly kind: 'organisation'
      readonly orgId: Uint8Array
      readonly isSuspended: boolean
      readonly verifiedUntilNs: bigint
    }
  | { readonly kind: 'council'; readonly council: CouncilShape | null }
  /** Who acted in a patient's place does no more: what they gave ends. It is also true of who may again since. */
  | { readonly kind: 'carerEnded'; readonly patientId: Uint8Array; readonly giverId: Uint8Array }

type Books = Pick<RecordsStore, 'people' | 'trust' | 'erasures' | 'ownerOf'>

/** @param isPlaced whether it is told to the canister that has this patient's vault. */
export function personFacts(store: Books, patientId: Uint8Array, isPlaced: boolean): PersonFacts | null {
  const { people, trust } = store
  const home = store.ownerOf(patientId)
  if (home === undefined || store.erasures.has(patientId)) return null
  const signIns = people.circle(patientId)
  const members = signIns.map(({ principal }) => ({
    principal,
    of: idsIn(trust.person(principal).orgIds).flatMap((orgId) => {
      const member = trust.member(orgId, principal)
      return member === undefined ? [] : [{ orgId, ...member }]
    }),
  }))
  const erasureNs = people.announcedErasure(patientId)?.readyNs ?? null
  const care = isPlaced ? { representatives: people.representatives(patientId), erasureNs } : null
  return { home, cids: people.accountOf(patientId).cids, signIns, members, care }
}

export function organisationFacts({ trust }: Pick<Books, 'trust'>, orgId: Uint8Array): Fact {
  const { isSuspended = false, verifiedUntilNs = 0n } = trust.organisation(orgId) ?? {}
  return { kind: 'organisation', orgId, isSuspended, verifiedUntilNs }
}

/** Puts a fact in place of what was known here. @param ended is told whose acts in which patient's place end. */
export function takeFact(
  store: RecordsStore,
  fact: Fact,
  ended: (patientId: Uint8Array, giverId: Uint8Array) => void,
): void {
  switch (fact.kind) {
    case 'person':
      return takePerson(store, fact.patientId, fact.facts)
    case 'organisation': {
      const { isSuspended, verifiedUntilNs, orgId } = fact
      return store.trust.setOrganisation(orgId, { ...ORGANISATION_ELSEWHERE, isSuspended, verifiedUntilNs })
    }
    case 'council':
      if (fact.council !== null) store.trust.council.setCouncil(fact.council)
      return
    case 'carerEnded':
      ended(fact.patientId, fact.giverId)
  }
}

function takePerson(store: RecordsStore, patientId: Uint8Array, facts: PersonFacts | null): void {
  const { people, trust } = store
  const isKnown = store.ownerOf(patientId) !== undefined
  if (isKnown) {
    const still = facts?.members ?? []
    for (const { principal } of people.circle(patientId))
      if (!still.some((each) => equalBytes(each.principal, principal))) trust.setMemberships(principal, [])
  }
  if (facts === null) {
    if (isKnown) store.closeAccount(people.accountOf(patientId))
    return
  }
  const { home, cids, signIns, members, care } = facts
  if (!isKnown) store.openAccount(home, { patientId, cids, people: 0 })
  people.setCircle(patientId, signIns)
  for (const { principal, of } of members) trust.setMemberships(principal, of)
  if (care === null) return
  for (const { representativeId } of people.representatives(patientId)) people.disempower(patientId, representativeId)
  people.setRepresentatives(patientId, care.representatives)
  for (const { representativeId, powers, startNs, endNs } of care.representatives)
    if (isSomebody(representativeId)) people.empower(patientId, representativeId, { powers, startNs, endNs })
  if (care.erasureNs === null) people.endErasureNotice(patientId)
  else people.announceErasure(patientId, { readyNs: care.erasureNs })
}

/** Zeros stand for whoever has not accepted yet. */
export const isSomebody = (id: Uint8Array): boolean => id.some((byte) => byte !== 0)

/** What is kept of an organisation by whoever is only told whether it is in force. */
const ORGANISATION_ELSEWHERE = {
  verifiedNs: 0n,
  verifiedBy: new Uint8Array(16),
  registeredNs: 0n,
  registrant: Uint8Array.of(4),
  kind: 0,
  members: 0,
  lastingAdministrators: 0,
  name: new Uint8Array(0),
}
