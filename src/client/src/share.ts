import { sha256 } from '@noble/hashes/sha2'
import {
  type Account,
  agreementText,
  categoryNumber,
  compareCompartments,
  COMPARTMENT_KIND,
  type CompartmentRef,
  type GrantArg,
  type GrantView,
  NS_PER_MS,
  Principal,
  purposeCode,
  refuse,
  refusalOf,
  RIGHT,
  toHex,
} from '@medguard/protocol'
import type { NewShare, Share } from './api.ts'
import type { Canisters } from './canisters.ts'
import { idOf, newId, okOf, Refused } from './outcome.ts'
import { eitherOf, givenPairs, givenShare, type GrantPair, stateAt } from './share-list.ts'

/** Puts the chosen records into a share compartment before the share works; given by the vault, which holds the keys. */
export type FillShare = (
  grantId: Uint8Array,
  records: readonly { recordId: string; version: number }[],
) => Promise<void>

/**
 * Writes the grant to records, fills a share by record, then writes it to consent: until that last step nothing is shared, so that a road
 * broken off half-way shares nothing (decision 27).
 */
export async function share(args: {
  canisters: Canisters
  account: Account
  wanted: NewShare
  fill: FillShare
  confirming: () => void
}): Promise<Share> {
  const { canisters, account, wanted, fill, confirming } = args
  const grant = grantArgOf(wanted, account)
  okOf(await canisters.records.grant(grant))
  if ('records' in wanted.scope) await fill(new Uint8Array(grant.grantId), wanted.scope.records)
  confirming()
  okOf(await canisters.consent.grant(grant))
  const pair = await pairOf(canisters, grant.grantId)
  return givenShare(pair, wanted.startNs)
}

/** Consent first: from that answer on no key is derived and nothing opened. A repeat is safe. */
export async function revoke(canisters: Canisters, grantId: string): Promise<{ endNs: bigint }> {
  const arg = { grantId: idOf(grantId), requestId: newId() }
  const inConsent = await canisters.consent.revoke(arg)
  // Consent may never have heard of a half-finished share; then records alone decides.
  const unknownToConsent = 'Err' in inConsent && 'NotPermitted' in inConsent.Err
  const inRecords = await canisters.records.revoke(arg)
  if (unknownToConsent) return okOf(inRecords)
  const ended = okOf(inConsent)
  if ('Err' in inRecords && !('NotPermitted' in inRecords.Err)) okOf(inRecords)
  return ended
}

/**
 * Settles what an interrupted share or revoke left in one canister only: an ended half ends the other; a running half in records is finished,
 * unless it is a share by record, whose records only the interrupted device knew: that one is withdrawn.
 */
export async function finishHalves(canisters: Canisters, nowNs: bigint): Promise<Share[]> {
  const pairs = await givenPairs(canisters)
  const halves = pairs.filter((pair) => givenShare(pair, nowNs).state === 'notFinished')
  for (const pair of halves) await finishHalf(canisters, pair, nowNs)
  const settled = new Set(halves.map((pair) => toHex(eitherOf(pair).grantId)))
  return (await givenPairs(canisters))
    .filter((pair) => settled.has(toHex(eitherOf(pair).grantId)))
    .map((pair) => givenShare(pair, nowNs))
}

async function finishHalf(canisters: Canisters, { consent, records }: GrantPair, nowNs: bigint): Promise<void> {
  const grant = eitherOf({ consent, records })
  const someEnded = [consent, records].some((half) => half !== null && stateAt(half, nowNs) === 'revoked')
  const byRecord = grant.compartments.some(({ compartmentKind }) => compartmentKind === COMPARTMENT_KIND.share)
  if (someEnded || byRecord) {
    await revoke(canisters, toHex(grant.grantId))
  } else if (consent === null) {
    okOf(await canisters.consent.grant(argOfView(grant)))
  } else if (records === null) {
    okOf(await canisters.records.grant(argOfView(grant)))
  }
}

function grantArgOf(wanted: NewShare, account: Account): GrantArg {
  const grantId = newId()
  const compartments =
    'records' in wanted.scope ? [shareCompartment(grantId)] : chosen(wanted.scope.categories, account)
  const terms = {
    grantee: wanted.grantee,
    scope:
      'records' in wanted.scope
        ? wanted.scope.records.map(({ recordId }) => `record ${recordId}`)
        : wanted.scope.categories,
    rights: wanted.rights,
    purpose: wanted.purpose,
    startsAt: rfc3339(wanted.startNs),
    endsAt: rfc3339(wanted.endNs),
  }
  return {
    grantId,
    grantee: granteeOf(wanted.grantee),
    rights: wanted.rights.reduce((bits, right) => bits | RIGHT[right], 0),
    purpose: purposeCode(wanted.purpose),
    startNs: wanted.startNs,
    endNs: wanted.endNs,
    agreementHash: sha256(new TextEncoder().encode(agreementText(terms))),
    compartments: compartments.toSorted(compareCompartments),
    requestId: newId(),
  }
}

const shareCompartment = (grantId: Uint8Array): CompartmentRef => ({
  compartmentKind: COMPARTMENT_KIND.share,
  cid: grantId,
})

function chosen(categories: readonly string[], account: Account): CompartmentRef[] {
  const numbers = new Set(categories.map(categoryNumber))
  return account.compartments
    .filter(({ category }) => numbers.has(category))
    .map(({ cid }) => ({ compartmentKind: COMPARTMENT_KIND.category, cid: new Uint8Array(cid) }))
}

function granteeOf(text: string): Principal {
  try {
    return Principal.fromText(text)
  } catch {
    throw new Refused(refusalOf(refuse.badInput('grantee', 'format')))
  }
}

function argOfView(view: GrantView): GrantArg {
  const { grantId, grantee, rights, purpose, startNs, endNs, agreementHash } = view
  const compartments = view.compartments.map(({ compartmentKind, cid }) => ({ compartmentKind, cid }))
  return { grantId, grantee, rights, purpose, startNs, endNs, agreementHash, compartments, requestId: newId() }
}

async function pairOf(canisters: Canisters, grantId: Uint8Array): Promise<GrantPair> {
  const wanted = toHex(grantId)
  const pair = (await givenPairs(canisters)).find((each) => toHex(eitherOf(each).grantId) === wanted)
  if (pair === undefined) throw new Error('a share that both canisters accepted is listed')
  return pair
}

const rfc3339 = (ns: bigint): string => new Date(Number(ns / NS_PER_MS)).toISOString()
