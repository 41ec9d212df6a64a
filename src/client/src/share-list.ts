import {
  type Account,
  categoryName,
  type Category,
  COMPARTMENT_KIND,
  GRANT_BARS,
  GRANT_PAGE_MAX,
  type GrantBar,
  GRANTS_TOTAL_MAX,
  type GrantView,
  PURPOSES,
  RIGHT,
  type Right,
  toHex,
} from '@medguard/protocol'
import { Fault, type Share, type ShareScope, type ShareState } from './api.ts'
import type { Canisters } from './canisters.ts'
import { isUnanswered, okOf } from './outcome.ts'
import { pickedOf, rangeOf } from './record-days.ts'
import { linked } from './share-chain.ts'

/** A grant works when both canisters have it (the two-key rule): what each of them says, by grant id. */
export interface GrantPair {
  readonly consent: GrantView | null
  readonly records: GrantView | null
}

type GrantPages = (page: { from: number; count: number }) => ReturnType<Canisters['consent']['grantsGiven']>

/** Every grant that a patient gave, page by page. @throws Fault `ListIncomplete` for a list that no honest canister gives: endless, doubled or cut short. */
export async function allGrants(ask: GrantPages): Promise<GrantView[]> {
  const grants = new Map<string, GrantView>()
  for (let total = 1; grants.size < total;) {
    const from = grants.size
    const page = okOf(await ask({ from, count: GRANT_PAGE_MAX }))
    total = page.total
    for (const grant of page.grants) grants.set(toHex(grant.grantId), grant)
    const added = grants.size - from
    const isOdd = total > GRANTS_TOTAL_MAX || page.grants.length > GRANT_PAGE_MAX || added !== page.grants.length
    if (isOdd || (added === 0 && from < total)) throw new Fault('ListIncomplete', 'a list of shares does not add up')
  }
  return [...grants.values()]
}

/** @param patientId whose vault is meant; the caller's own unless told. */
export async function givenPairs({ consent, records }: Canisters, patientId?: Uint8Array): Promise<GrantPair[]> {
  const of: [] | [Uint8Array] = patientId === undefined ? [] : [patientId]
  const [inConsent, inRecords] = await Promise.all([
    allGrants((page) => consent.grantsGiven({ patientId: of, ...page })),
    allGrants((page) => records.grantsGiven({ patientId: of, ...page })),
  ])
  const pairs = new Map<string, { consent: GrantView | null; records: GrantView | null }>()
  // Sharing writes to records first, so its list comes first and has the order in which shares were made.
  for (const grant of inRecords) pairs.set(toHex(grant.grantId), { consent: null, records: grant })
  for (const grant of inConsent) {
    const id = toHex(grant.grantId)
    pairs.set(id, { records: pairs.get(id)?.records ?? null, consent: grant })
  }
  return [...pairs.values()]
}

/**
 * What a patient shares. Where records does not answer, what consent says of it alone, marked so: what is to be ended has to be found.
 *
 * @throws Fault where consent does not answer.
 */
export async function givenShares(canisters: Canisters, nowNs: bigint, patientId: Uint8Array): Promise<Share[]> {
  try {
    return givenOf(await givenPairs(canisters, patientId), nowNs)
  } catch (error) {
    if (!isUnanswered(error)) throw error
    return (await givenInConsent(canisters, nowNs, patientId)).map((share) => ({ ...share, isUnconfirmed: true }))
  }
}

/** Both lists as one, with what stands in place of what: only what both canisters have had alike does, since what one says alone may be its own invention. */
export function givenOf(pairs: readonly GrantPair[], nowNs: bigint): Share[] {
  const made = new Set(pairs.filter(isMade).map((pair) => toHex(eitherOf(pair).grantId)))
  return linked(
    pairs.map((pair) => givenShare(pair, nowNs)),
    ({ grantId }) => made.has(grantId),
  )
}
export async function givenInConsent({ consent }: Canisters, nowNs: bigint, patientId: Uint8Array): Promise<Share[]> {
  const grants = await allGrants((page) => consent.grantsGiven({ patientId: [patientId], ...page }))
  return linked(
    grants.map((grant) => shareOf(grant, 'given', stateAt(grant, nowNs))),
    () => true,
  )
}
export const isRunning = ({ state }: Pick<Share, 'state'>): boolean => state === 'live' || state === 'notStarted'

/** One of a pair; there is always at least one. */
export function eitherOf(pair: GrantPair): GrantView {
  const grant = pair.consent ?? pair.records
  if (grant === null) throw new Error('a pair has at least one grant')
  return grant
}

export function givenShare(pair: GrantPair, nowNs: bigint): Share {
  return shareOf(eitherOf(pair), 'given', givenState(pair, nowNs))
}

/** Only consent is asked: whether records has its copy shows when it is opened. */
export function receivedShare(grant: GrantView, nowNs: bigint): Share {
  return shareOf(grant, 'received', stateAt(grant, nowNs))
}

export function categoriesOf(account: Account): Map<string, Category> {
  return new Map(
    account.compartments.flatMap(({ cid, category }) => {
      const name = categoryName(category)
      return name === null ? [] : [[toHex(cid), name] as const]
    }),
  )
}

function givenState(pair: GrantPair, nowNs: bigint): ShareState {
  const { consent, records } = pair
  const halves = [consent, records].flatMap((half) => (half === null ? [] : [stateAt(half, nowNs)]))
  const state = stateAt(eitherOf(pair), nowNs)
  // What is over in each canister that has it needs nobody's attention, be it one or both.
  if (halves.every((half) => half === 'ended' || half === 'revoked')) return state
  return isMade(pair) && halves[0] === halves[1] ? state : 'notFinished'
}

/** Both canisters have it or had it, in the same terms. */
const isMade = ({ consent, records }: GrantPair): boolean =>
  consent !== null && records !== null && sameTerms(consent, records)

/** Whether both canisters have what the patient agreed to: a copy that one of them changed is no share (decision 19). */
function sameTerms(one: GrantView, other: GrantView): boolean {
  const text = ({
    grantId,
    patientId,
    grantee,
    rights,
    purpose,
    startNs,
    endNs,
    agreementHash,
    compartments,
    terms: [terms],
  }: GrantView) =>
    [
      ...[grantId, patientId, agreementHash].map(toHex),
      grantee.toText(),
      rights,
      purpose,
      startNs,
      endNs,
      ...compartments.map(({ compartmentKind, cid }) => `${compartmentKind} ${toHex(cid)}`),
      ...(terms === undefined ? [] : ['terms', terms.roles, terms.namesSensitive, terms.categories]),
      ...(terms === undefined ? [] : [terms.fromDay, terms.untilDay, ...terms.excluded.map(String)]),
    ].join()
  return text(one) === text(other)
}

function stateAt(grant: GrantView, nowNs: bigint): ShareState {
  if ('inactive' in grant.status) return 'revoked'
  if (nowNs >= grant.endNs) return 'ended'
  return nowNs < grant.startNs ? 'notStarted' : 'live'
}

function termsOf({ terms: [terms] }: GrantView): Pick<Share, 'terms'> {
  if (terms === undefined) return {}
  const { roles, namesSensitive, excluded } = terms
  const range = rangeOf(terms)
  const said = { roles, namesSensitive, excluded: excluded.map((member) => member.toText()) }
  const picked = pickedOf(terms)
  if (picked !== null) return { terms: { ...said, categories: picked } }
  return { terms: range === null ? said : { ...said, range } }
}

function barOf({ bar: [bar] }: GrantView): GrantBar | null {
  return bar === undefined ? null : (GRANT_BARS.find((each) => each in bar) ?? 'closed')
}

const scopeOf = ({ compartmentKind, category }: GrantView['compartments'][number]): ShareScope =>
  compartmentKind === COMPARTMENT_KIND.inbox ? 'inbox' : (categoryName(category) ?? 'shared')

function shareOf(grant: GrantView, direction: Share['direction'], state: ShareState): Share {
  return {
    grantId: toHex(grant.grantId),
    direction,
    patient: grant.patient.toText(),
    patientId: toHex(grant.patientId),
    grantee: grant.grantee.toText(),
    scope: grant.compartments.map(scopeOf),
    rights: (Object.keys(RIGHT) as Right[]).filter((right) => (grant.rights & RIGHT[right]) !== 0),
    purpose: PURPOSES[grant.purpose] ?? 'PATRQT',
    startNs: grant.startNs,
    endNs: grant.endNs,
    endedNs: grant.endedNs[0] ?? null,
    state,
    bar: barOf(grant),
    ...termsOf(grant),
  }
}
