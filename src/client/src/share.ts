import { sha256 } from '@noble/hashes/sha2'
import {
  type Account,
  type Category,
  agreementText,
  compareBytes,
  categoryNumber,
  CLINICAL_ROLES,
  compareCompartments,
  COMPARTMENT_KIND,
  type CompartmentRef,
  type AgreedGrantArg,
  type GrantTermsArg,
  NS_PER_MINUTE,
  NS_PER_MS,
  orgIdOf,
  PLAIN_TERMS,
  Principal,
  purposeCode,
  refuse,
  refusalOf,
  RIGHT,
  toHex,
} from '@medguard/protocol'
import type { NewShare, Progress, Share, ShareRange } from './api.ts'
import { pickedTerms, rangeTerms } from './record-days.ts'
import type { Canisters } from './canisters.ts'
import { idOf, isUnanswered, newId, okOf, Refused } from './outcome.ts'
import { inboxReach } from './place.ts'
import { idInPlaceOf } from './share-chain.ts'
import { eitherOf, givenOf, givenPairs, givenShare, type GrantPair, isRunning } from './share-list.ts'

/** Puts the chosen records into a share compartment before the share works; given by the vault, which holds the keys. */
export type FillShare = (
  grantId: Uint8Array,
  records: readonly { recordId: string; version: number }[],
  how: {
    /** Those that the share takes in; null for one of single records. */
    readonly categories: readonly Category[] | null
    readonly progress: Progress | undefined
  },
) => Promise<void>

/** Shares that this very client began and has not brought to their end, by grant id. Kept in memory: nothing else can vouch for them. */
export type BegunShares = Map<string, { readonly grant: AgreedGrantArg; readonly isUnderWay: boolean }>

/**
 * Writes the grant to records, fills a share by record, then writes it to consent: until that last step nothing is shared, so that a road
 * broken off half-way shares nothing (decision 27).
 */
export async function share(args: {
  canisters: Canisters
  account: Account
  wanted: NewShare
  begun: BegunShares
  fill: FillShare
  /** One's own records that fall into a range now. */
  within: (range: ShareRange) => Promise<readonly { recordId: string; version: number }[]>
  progress: Progress | undefined
  /** Id of the share that it is a change of. */
  inPlaceOf?: string
}): Promise<Share> {
  const { canisters, account, wanted, begun, fill, within, progress } = args
  const grant = grantArgOf(wanted, account, args.inPlaceOf)
  const id = toHex(grant.grantId)
  begun.set(id, { grant, isUnderWay: true })
  try {
    okOf(await canisters.records.grant(grant))
    const chosen = 'range' in wanted.scope ? await within(wanted.scope.range) : null
    const records = 'records' in wanted.scope ? wanted.scope.records : chosen
    const categories = heldTo(wanted.scope)
    if (records !== null && records.length > 0)
      await fill(new Uint8Array(grant.grantId), records, { categories, progress })
    progress?.({ step: 'confirming' })
    okOf(await canisters.consent.grant(grant))
    begun.delete(id)
  } catch (error) {
    begun.set(id, { grant, isUnderWay: false })
    throw error
  }
  const pair = await pairOf(canisters, grant.grantId, account.patientId)
  const nowNs = BigInt(Date.now()) * NS_PER_MS
  // A start a moment ahead is now: two clocks are never the same.
  return givenShare(pair, wanted.startNs > nowNs + NS_PER_MINUTE ? nowNs : wanted.startNs)
}

/**
 * Consent first: from that answer on no key is derived and nothing opened. Records is told also when consent gives no answer, since either
 * copy ends a share: a canister that is down or hostile cannot keep one alive by itself. A repeat is safe.
 */
export async function revoke(
  canisters: Canisters,
  grantId: string,
): Promise<{ endNs: bigint; isInConsentOnly?: boolean }> {
  const arg = { grantId: idOf(grantId), requestId: newId() }
  const [inConsent] = await Promise.allSettled([canisters.consent.revoke(arg)])
  const [told] = await Promise.allSettled([canisters.records.revoke(arg)])
  if (told.status === 'rejected') {
    // Nothing opens without consent: it has ended, whoever else does not know yet.
    if (inConsent.status === 'fulfilled' && 'Ok' in inConsent.value && isUnanswered(told.reason))
      return { ...inConsent.value.Ok, isInConsentOnly: true }
    throw told.reason
  }
  const inRecords = told.value
  if (inConsent.status === 'rejected') throw inConsent.reason
  // Consent may never have heard of a half-finished share; then records alone decides.
  if ('Err' in inConsent.value && 'NotPermitted' in inConsent.value.Err) return okOf(inRecords)
  const ended = okOf(inConsent.value)
  if ('Err' in inRecords && !('NotPermitted' in inRecords.Err)) okOf(inRecords)
  return ended
}

const RECENT_NS = 10n * NS_PER_MINUTE

/**
 * Settles what an interrupted share or revoke left in one canister only, or differently in both. A share by category that this client began
 * is finished in the terms it was begun with. Everything else is withdrawn: what one canister alone says was shared may be its own
 * invention, and writing it to the other would hand that canister both keys (keys.md, section 10).
 *
 * @param sparesRecent leaves alone what began in the last ten minutes and consent does not have yet: another device of theirs may be giving it.
 */
export async function finishHalves(
  canisters: Canisters,
  nowNs: bigint,
  begun: BegunShares,
  patientId?: Uint8Array,
  sparesRecent = false,
): Promise<Share[]> {
  const isRecent = ({ consent, records }: GrantPair) =>
    consent === null && records !== null && !begun.has(toHex(records.grantId)) && records.startNs > nowNs - RECENT_NS
  const before = await givenPairs(canisters, patientId)
  const halves = before
    .filter((pair) => givenShare(pair, nowNs).state === 'notFinished' && !(sparesRecent && isRecent(pair)))
    .map((pair) => toHex(eitherOf(pair).grantId))
    .filter((id) => begun.get(id)?.isUnderWay !== true)
  for (const id of halves) await finishHalf(canisters, id, begun)
  const after = halves.length === 0 ? before : await givenPairs(canisters, patientId)
  const replaced = await endReplaced(canisters, givenOf(after, nowNs))
  const settled = new Set([...halves, ...replaced])
  if (settled.size === 0) return []
  const now = replaced.length === 0 ? after : await givenPairs(canisters, patientId)
  return givenOf(now, nowNs).filter(({ grantId }) => settled.has(grantId))
}

/** Ends what another already stands in place of: a change that broke off before its last step. @returns the ids of those that were still running. */
export async function endReplaced(canisters: Canisters, shares: readonly Share[]): Promise<string[]> {
  const left = shares.filter((share) => share.replacedBy !== undefined && isRunning(share))
  for (const { grantId } of left) await revoke(canisters, grantId)
  return left.map(({ grantId }) => grantId)
}

async function finishHalf(canisters: Canisters, id: string, begun: BegunShares): Promise<void> {
  const own = begun.get(id)?.grant
  // Which records a share by record was to hold is known to nobody once it broke off.
  const isByRecord = own?.compartments.some(({ compartmentKind }) => compartmentKind === COMPARTMENT_KIND.share)
  if (own === undefined || isByRecord === true) {
    await revoke(canisters, id)
  } else {
    okOf(await canisters.records.grant(own))
    okOf(await canisters.consent.grant(own))
  }
  begun.delete(id)
}

function grantArgOf(wanted: NewShare, account: Account, inPlaceOf: string | undefined): AgreedGrantArg {
  const grantId = inPlaceOf === undefined ? newId() : idInPlaceOf(idOf(inPlaceOf))
  const compartments = 'categories' in wanted.scope ? chosen(wanted.scope, account) : [shareCompartment(grantId)]
  const grantee = principalOf(wanted.grantee, 'grantee')
  const agreement = new TextEncoder().encode(
    agreementText({ ...agreedTerms(wanted, grantee), ...(inPlaceOf === undefined ? {} : { inPlaceOf }) }),
  )
  return {
    patientId: [account.patientId],
    grantId,
    grantee,
    rights: wanted.rights.reduce((bits, right) => bits | RIGHT[right], 0),
    purpose: purposeCode(wanted.purpose),
    startNs: wanted.startNs,
    endNs: wanted.endNs,
    agreementHash: sha256(agreement),
    agreement: [agreement],
    answering: wanted.answering === undefined ? [] : [idOf(wanted.answering)],
    compartments: compartments.toSorted(compareCompartments),
    terms: termsArgOf(wanted, grantee),
    requestId: newId(),
  }
}

/** Terms that are lost on the way to an organisation would let in whom they exclude: there have to be some. */
function termsArgOf({ terms, scope }: NewShare, grantee: Principal): [] | [GrantTermsArg] {
  const isOrganisation = orgIdOf(grantee.toUint8Array()) !== null
  const held = heldTo(scope)
  if (terms === undefined && held === null && !isOrganisation) return []
  const { roles = 0, excluded = [], namesSensitive = false } = terms ?? {}
  const members = excluded.map((member) => principalOf(member, 'excluded'))
  return [
    {
      ...PLAIN_TERMS,
      ...('range' in scope ? rangeTerms(scope.range) : held === null ? {} : pickedTerms(held)),
      roles,
      namesSensitive,
      excluded: members.toSorted((a, b) => compareBytes(a.toUint8Array(), b.toUint8Array())),
    },
  ]
}

/** What the text of the agreement says. Records by their ids while these fit: what a canister is told names none. */
function agreedTerms({ grantee, scope, rights, purpose, startNs, endNs, terms = {} }: NewShare, to: Principal) {
  const shared = sharedWords(scope)
  return {
    grantee,
    scope: terms.namesSensitive === true ? [...shared, 'what is sensitive in it'] : shared,
    rights,
    purpose,
    startsAt: rfc3339(startNs),
    endsAt: rfc3339(endNs),
    // Where no role is picked a share with an organisation reaches all who treat people.
    roles: orgIdOf(to.toUint8Array()) === null ? 0 : terms.roles || CLINICAL_ROLES,
    excluded: terms.excluded ?? [],
  }
}
function sharedWords(scope: NewShare['scope']): readonly string[] {
  if ('categories' in scope) return scope.inbox === true ? [...scope.categories, INBOX_WORDS] : scope.categories
  if ('range' in scope) {
    const { categories, from, until } = scope.range
    return [...categories, `dated ${from ?? 'any day'} to ${until ?? 'any day'}`, 'also such as come later', LATER]
  }
  const ids = scope.records.map(({ recordId }) => recordId)
  const hash = () => toHex(sha256(new TextEncoder().encode(ids.join())))
  const kinds = scope.heldTo === undefined ? [] : [`of these kinds: ${scope.heldTo.join(' ')}`]
  return [`${ids.length} records`, ...kinds, ...(ids.length <= RECORDS_NAMED_MAX ? ids : [hash()]), LATER]
}
/** Kinds of which records may be in a share compartment; null for one without such a word, and for shares by category. */
function heldTo(scope: NewShare['scope']): readonly Category[] | null {
  if ('range' in scope) return scope.range.categories
  return 'records' in scope ? (scope.heldTo ?? null) : null
}
/** What the agreement calls it. */
const INBOX_WORDS = 'the inbox, which the patient alone reads'
/** What shares by record and by days go on taking in. */
const LATER = 'their later versions and notes to them'
/** Of more than these the agreement has the hash of the ids: it has 2 kB. */
const RECORDS_NAMED_MAX = 20

const shareCompartment = (grantId: Uint8Array): CompartmentRef => ({
  compartmentKind: COMPARTMENT_KIND.share,
  cid: grantId,
})

function chosen(
  { categories, inbox }: Extract<NewShare['scope'], { categories: unknown }>,
  account: Account,
): CompartmentRef[] {
  const numbers = new Set(categories.map(categoryNumber))
  const named = account.compartments
    .filter(({ category }) => numbers.has(category))
    .map(({ cid }) => ({ compartmentKind: COMPARTMENT_KIND.category, cid: new Uint8Array(cid) }))
  return inbox === true ? [...named, inboxReach(new Uint8Array(account.patientId), null).compartment] : named
}

function principalOf(text: string, field: string): Principal {
  try {
    return Principal.fromText(text)
  } catch {
    throw new Refused(refusalOf(refuse.badInput(field, 'format')))
  }
}

async function pairOf(canisters: Canisters, grantId: Uint8Array, patientId: Uint8Array): Promise<GrantPair> {
  const wanted = toHex(grantId)
  const pair = (await givenPairs(canisters, patientId)).find((each) => toHex(eitherOf(each).grantId) === wanted)
  if (pair === undefined) throw new Error('a share that both canisters accepted is listed')
  return pair
}

const rfc3339 = (ns: bigint): string => new Date(Number(ns / NS_PER_MS)).toISOString()
