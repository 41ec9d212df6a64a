import {
  compareCompartments,
  COMPARTMENT_KIND,
  equalBytes,
  type Grant,
  GRANT_COMPARTMENTS_MAX,
  GRANT_PERIOD_MAX_NS,
  type GrantArg,
  HASH_BYTES,
  ID_BYTES,
  PURPOSES,
  refuse,
  type RefusalArm,
  RIGHT,
} from '@medguard/protocol'
import { isAnonymous } from './host.ts'

/** Consent and records keep one copy of a grant each, and accept it by these same rules: what one takes, the other takes. */

/** Rights that can be given. To wrap keys anew belongs to the patient alone until rewrapping is built. */
const RIGHTS_GIVEN = RIGHT.list | RIGHT.open | RIGHT.write

export interface GrantFacts {
  /** Raw principal of the patient who grants. */
  readonly caller: Uint8Array
  readonly patientId: Uint8Array
  /** Whether a category compartment is the caller's. */
  readonly ownsCategory: (cid: Uint8Array) => boolean
  /** Whether a grant of this id is there: a repeat is compared with it and may come when its period is over. */
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
  const compartments = arg.compartments.map(({ compartmentKind, cid }) => ({ compartmentKind, cid }))
  const refusal =
    wrongLength(arg) ??
    wrongGrantee(grantee, facts.caller) ??
    wrongTerms(arg) ??
    wrongPeriod(arg, facts) ??
    wrongCompartments(arg, facts)
  if (refusal !== null) return { refusal }
  const { patientId } = facts
  return { grant: { grantId, patientId, grantee, rights, purpose, startNs, endNs, agreementHash, compartments } }
}

function wrongLength({ grantId, agreementHash, requestId }: GrantArg): RefusalArm | null {
  if (grantId.length !== ID_BYTES) return refuse.badInput('grantId', 'length')
  // Sixteen zeros stand for "no grant" in leaves and among derivers: such a grantee would look like the owner.
  if (grantId.every((byte) => byte === 0)) return refuse.badInput('grantId', 'range')
  if (requestId.length !== ID_BYTES) return refuse.badInput('requestId', 'length')
  return agreementHash.length === HASH_BYTES ? null : refuse.badInput('agreementHash', 'length')
}

function wrongGrantee(grantee: Uint8Array, caller: Uint8Array): RefusalArm | null {
  const isSomebody = grantee.length > 0 && grantee.length <= 29 && !isAnonymous(grantee)
  if (!isSomebody) return refuse.badInput('grantee', 'nobody')
  return equalBytes(grantee, caller) ? refuse.badInput('grantee', 'self') : null
}

function wrongTerms({ rights, purpose }: GrantArg): RefusalArm | null {
  if (rights === 0 || (rights & ~RIGHTS_GIVEN) !== 0) return refuse.badInput('rights', 'range')
  return purpose < PURPOSES.length ? null : refuse.badInput('purpose', 'range')
}

function wrongPeriod({ startNs, endNs }: GrantArg, { isKnown, nowNs }: GrantFacts): RefusalArm | null {
  if (endNs <= startNs) return refuse.badInput('endNs', 'order')
  if (endNs - startNs > GRANT_PERIOD_MAX_NS) return refuse.badInput('endNs', 'range')
  if (isKnown) return null
  if (endNs <= nowNs) return refuse.badInput('endNs', 'past')
  return startNs > nowNs + GRANT_PERIOD_MAX_NS ? refuse.badInput('startNs', 'range') : null
}

/** Categories of the caller's own, or one share compartment that bears the grant's id (keys.md, section 11). */
function wrongCompartments({ grantId, compartments }: GrantArg, { ownsCategory }: GrantFacts): RefusalArm | null {
  const count = compartments.length
  if (count < 1 || count > GRANT_COMPARTMENTS_MAX) return refuse.badInput('compartments', 'range')
  for (const [i, compartment] of compartments.entries()) {
    if (compartment.cid.length !== ID_BYTES) return refuse.badInput('compartments', 'length')
    const previous = compartments[i - 1]
    if (previous !== undefined && compareCompartments(previous, compartment) >= 0)
      return refuse.badInput('compartments', 'order')
    const { compartmentKind, cid } = compartment
    const isOwnShare = compartmentKind === COMPARTMENT_KIND.share && count === 1 && equalBytes(cid, grantId)
    const isOwnCategory = compartmentKind === COMPARTMENT_KIND.category && ownsCategory(cid)
    if (!isOwnShare && !isOwnCategory) return refuse.badInput('compartments', 'unknown')
  }
  return null
}

/** A grant and what became of it. */
export interface GrantState {
  readonly grant: Grant
  /** When it was revoked or withdrawn; null while it is active. */
  readonly endedNs: bigint | null
}

/** Gives nobody anything. Stands in where there is no grant, so that looking at one that is not there takes as long (I7). */
export const NOBODYS: GrantState = {
  grant: {
    grantId: new Uint8Array(16),
    patientId: new Uint8Array(16),
    grantee: new Uint8Array(29),
    rights: 0,
    purpose: 0,
    startNs: 0n,
    endNs: 0n,
    agreementHash: new Uint8Array(32),
    compartments: [{ compartmentKind: 0, cid: new Uint8Array(16) }],
  },
  endedNs: null,
}
