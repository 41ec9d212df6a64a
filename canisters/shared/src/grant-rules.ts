import {
  categoryBit,
  compareBytes,
  compareCompartments,
  COMPARTMENT_KIND,
  DAYS_OPEN,
  equalBytes,
  type Grant,
  GRANT_BYTES_MAX,
  GRANT_COMPARTMENTS_MAX,
  GRANT_EXCLUDED_MAX,
  GRANT_PERIOD_MAX_NS,
  type GrantArg,
  grantBytes,
  type GrantTerms,
  type GrantTermsArg,
  HASH_BYTES,
  ID_BYTES,
  orgIdOf,
  orgPrincipal,
  PLAIN_TERMS,
  Principal,
  PURPOSES,
  refuse,
  type RefusalArm,
  RIGHT,
} from '@medguard/protocol'
import { isAnonymous } from './host.ts'
import { isHome } from './homes.ts'
import { positionOfId } from './id-list.ts'

/** Consent and records keep one copy of a grant each, and accept it by these same rules: what one takes, the other takes. */

const RIGHTS_GIVEN = RIGHT.list | RIGHT.open | RIGHT.write | RIGHT.rewrap
/** Who wraps keys anew is shown every record there and has its secret in hand: the right says so, or is not given. */
const RIGHT_TO_REWRAP = RIGHT.rewrap | RIGHT.open | RIGHT.list

export interface GrantFacts {
  /** Every principal of whoever grants, the patient or somebody in their place: none of them is given anything. */
  readonly givers: readonly Uint8Array[]
  readonly patientId: Uint8Array
  /** Compartment ids of the patient's eight categories, in the order of their numbers, behind one another. */
  readonly cids: Uint8Array
  /** Categories that are covered only by naming them as sensitive, one bit each. */
  readonly sensitive: number
  /** Whether a grant of this id is there: a repeat is compared with it, and may come when its period is over or more has become sensitive. */
  readonly isKnown: boolean
  readonly nowNs: bigint
}

/** The grant an argument asks for, or why it is none. */
export function grantOf(
  arg: GrantArg,
  facts: GrantFacts,
): { readonly grant: Grant } | { readonly refusal: RefusalArm } {
  const grantee = arg.grantee.toUint8Array()
  const { grantId, rights, purpose, startNs, endNs, agreementHash } = arg
  const terms = termsOf(arg)
  const compartments = arg.compartments.map(({ compartmentKind, cid }) => ({ compartmentKind, cid }))
  const refusal =
    wrongLength(arg) ??
    wrongGrantee(grantee, facts.givers) ??
    wrongTerms(arg) ??
    wrongPeriod(arg, facts) ??
    wrongCompartments(arg, facts) ??
    wrongForm(arg, grantee, terms) ??
    unnamedSensitive(arg, terms, facts)
  if (refusal !== null) return { refusal }
  const { patientId } = facts
  return { grant: { grantId, patientId, grantee, rights, purpose, startNs, endNs, agreementHash, compartments, terms } }
}

function wrongLength({ grantId, agreementHash, requestId }: GrantArg): RefusalArm | null {
  if (grantId.length !== ID_BYTES) return refuse.badInput('grantId', 'length')
  // Sixteen zeros stand for "no grant" in leaves and among derivers: such a grantee would look like the owner.
  if (grantId.every((byte) => byte === 0)) return refuse.badInput('grantId', 'range')
  if (requestId.length !== ID_BYTES) return refuse.badInput('requestId', 'length')
  return agreementHash.length === HASH_BYTES ? null : refuse.badInput('agreementHash', 'length')
}

function wrongGrantee(grantee: Uint8Array, givers: readonly Uint8Array[]): RefusalArm | null {
  const isSomebody = grantee.length > 0 && grantee.length <= 29 && !isAnonymous(grantee)
  if (!isSomebody) return refuse.badInput('grantee', 'nobody')
  return givers.some((each) => equalBytes(grantee, each)) ? refuse.badInput('grantee', 'self') : null
}

function wrongTerms({ rights, purpose }: GrantArg): RefusalArm | null {
  if (rights === 0 || (rights & ~RIGHTS_GIVEN) !== 0) return refuse.badInput('rights', 'range')
  const rewraps = (rights & RIGHT.rewrap) !== 0
  if (rewraps && (rights & RIGHT_TO_REWRAP) !== RIGHT_TO_REWRAP) return refuse.badInput('rights', 'range')
  return purpose < PURPOSES.length ? null : refuse.badInput('purpose', 'range')
}

function wrongPeriod({ startNs, endNs }: GrantArg, { isKnown, nowNs }: GrantFacts): RefusalArm | null {
  if (endNs <= startNs) return refuse.badInput('endNs', 'order')
  if (endNs - startNs > GRANT_PERIOD_MAX_NS) return refuse.badInput('endNs', 'range')
  if (isKnown) return null
  if (endNs <= nowNs) return refuse.badInput('endNs', 'past')
  return startNs > nowNs + GRANT_PERIOD_MAX_NS ? refuse.badInput('startNs', 'range') : null
}

function termsOf({ terms: [given] }: GrantArg): GrantTerms | null {
  return given === undefined ? null : { ...given, excluded: given.excluded.map((member) => member.toUint8Array()) }
}

/** What only an organisation can be given, what only a share can be, and what nobody would mean. */
function wrongForm(
  { compartments, rights }: GrantArg,
  grantee: Uint8Array,
  terms: GrantTerms | null,
): RefusalArm | null {
  const isOrganisation = orgIdOf(grantee) !== null
  // Whoever may replace keys is somebody the patient knows by name; and a share's keys are never replaced.
  if ((rights & RIGHT.rewrap) !== 0 && isOrganisation) return refuse.badInput('rights', 'organisation')
  if ((rights & RIGHT.rewrap) !== 0 && compartments[0]?.compartmentKind === COMPARTMENT_KIND.share)
    return refuse.badInput('rights', 'compartments')
  // Terms that were lost on the way would let in members whom the patient excluded (I5).
  if (terms === null) return isOrganisation ? refuse.badInput('terms', 'missing') : null
  const { roles, excluded, categories, fromDay, untilDay } = terms
  if (!isOrganisation && roles !== 0) return refuse.badInput('roles', 'person')
  if (!isOrganisation && excluded.length > 0) return refuse.badInput('excluded', 'person')
  if (excluded.length > GRANT_EXCLUDED_MAX) return refuse.badInput('excluded', 'range')
  for (const [i, member] of excluded.entries()) {
    if (member.length === 0 || orgIdOf(member) !== null) return refuse.badInput('excluded', 'nobody')
    const previous = excluded[i - 1]
    if (previous !== undefined && compareBytes(previous, member) >= 0) return refuse.badInput('excluded', 'order')
  }
  if (grantBytes({ compartments, terms }) > GRANT_BYTES_MAX) return refuse.badInput('excluded', 'range')
  const hasDays = fromDay !== DAYS_OPEN.fromDay || untilDay !== DAYS_OPEN.untilDay
  if (fromDay > untilDay) return refuse.badInput('untilDay', 'order')
  if (categories === 0) return hasDays ? refuse.badInput('categories', 'missing') : null
  const isShare = compartments[0]?.compartmentKind === COMPARTMENT_KIND.share
  return isShare ? null : refuse.badInput('categories', 'compartments')
}

/** Nothing sensitive goes along with the rest: it is named, or it is not covered. Records picked one by one name themselves. */
function unnamedSensitive(
  { compartments }: GrantArg,
  terms: GrantTerms | null,
  { cids, sensitive, isKnown }: GrantFacts,
): RefusalArm | null {
  if (terms?.namesSensitive === true || isKnown) return null
  let covered = terms?.categories ?? 0
  for (const { compartmentKind, cid } of compartments)
    if (compartmentKind === COMPARTMENT_KIND.category) covered |= categoryBit(positionOfId(cids, cid) + 1)
  return (covered & sensitive) === 0 ? null : refuse.badInput('compartments', 'sensitive')
}

/** Categories of the patient's own and their inbox, or one share compartment that bears the grant's id (keys.md, section 11). */
function wrongCompartments({ grantId, compartments, rights }: GrantArg, facts: GrantFacts): RefusalArm | null {
  const count = compartments.length
  if (count < 1 || count > GRANT_COMPARTMENTS_MAX) return refuse.badInput('compartments', 'range')
  for (const [i, compartment] of compartments.entries()) {
    if (compartment.cid.length !== ID_BYTES) return refuse.badInput('compartments', 'length')
    const previous = compartments[i - 1]
    if (previous !== undefined && compareCompartments(previous, compartment) >= 0)
      return refuse.badInput('compartments', 'order')
    const { compartmentKind, cid } = compartment
    const isOwnShare = compartmentKind === COMPARTMENT_KIND.share && count === 1 && equalBytes(cid, grantId)
    if (!isOwnShare && !isHome(facts, compartment)) return refuse.badInput('compartments', 'unknown')
    // Whoever sends there sees nothing of what others sent: it is read by the patient alone (keys.md, section 12).
    if (compartmentKind === COMPARTMENT_KIND.inbox && rights !== RIGHT.write) return refuse.badInput('rights', 'inbox')
  }
  return null
}

/** Whether a share takes in records of a category, whatever the client says: one that is held to certain categories takes in no others. */
export const takesIn = ({ terms }: Pick<Grant, 'terms'>, category: number): boolean =>
  terms === null || terms.categories === 0 || (terms.categories & categoryBit(category)) !== 0

/** A grant and what became of it. */
export interface GrantState {
  readonly grant: Grant
  /** When it was revoked or withdrawn; null while it is active. */
  readonly endedNs: bigint | null
}

/** Gives nobody anything. Stands in where there is no grant, so that looking at one that is not there takes as long (I7): like one to an organisation, which takes longest. */
export const NOBODYS: GrantState = {
  grant: {
    grantId: new Uint8Array(16),
    patientId: new Uint8Array(16),
    grantee: orgPrincipal(new Uint8Array(16)),
    rights: 0,
    purpose: 0,
    startNs: 0n,
    endNs: 0n,
    agreementHash: new Uint8Array(32),
    compartments: [{ compartmentKind: 0, cid: new Uint8Array(16) }],
    terms: PLAIN_TERMS,
  },
  endedNs: null,
}

/** The terms of a grant as its parties see them. */
export const grantTermsView = ({ terms }: Grant): [] | [GrantTermsArg] =>
  terms === null ? [] : [{ ...terms, excluded: terms.excluded.map((member) => Principal.fromUint8Array(member)) }]
