import { compareBytes } from './bytes.ts'
import { GRANT_BYTES_MAX, GRANT_COMPARTMENTS_MAX, GRANT_EXCLUDED_MAX } from './limits.ts'

/** One compartment of one patient. */
export interface CompartmentRef {
  readonly compartmentKind: number
  /** 16 bytes; for a share compartment the grant's own id. */
  readonly cid: Uint8Array
}

/** A grant as both canisters keep it. In force from `startNs` until just before `endNs`. */
export interface Grant {
  readonly grantId: Uint8Array
  readonly patientId: Uint8Array
  /** Raw principal, 1 to 29 bytes. */
  readonly grantee: Uint8Array
  readonly rights: number
  readonly purpose: number
  readonly startNs: bigint
  readonly endNs: bigint
  /** SHA-256 of the agreement text the patient confirmed. */
  readonly agreementHash: Uint8Array
  /** Sorted by kind, then id, without doubles; 1 to 20. */
  readonly compartments: readonly CompartmentRef[]
  /** What the second form of a grant says beyond the first; null for one of the first. */
  readonly terms: GrantTerms | null
}

/** Narrows a grant, but for `namesSensitive`: none of it lets anybody do what the grant without it would not. */
export interface GrantTerms {
  /** Of an organisation's members, those in one of these roles (bits of `ROLE`); 0: in any clinical role. 0 for a person. */
  readonly roles: number
  /** Whether the patient named what is sensitive in it as such. */
  readonly namesSensitive: boolean
  /**
   * Of a share by record: which records the patient's client puts into it, now and later. Categories one bit each, 0 for those picked by hand, whatever they
   * are; and the first and the last day of their clinical date, both included, in days since 0001-01-01.
   */
  readonly categories: number
  readonly fromDay: number
  readonly untilDay: number
  /** Raw principals of members of the organisation whom the grant does not reach; sorted, without doubles, at most 6. */
  readonly excluded: readonly Uint8Array[]
}
/** An open beginning and an open end. */
export const DAYS_OPEN = { fromDay: 0, untilDay: 0xffff_ffff } as const
/** Of a share that is held to categories and takes nothing in by its day: records picked one by one. The day is the first that can be counted. */
export const DAYS_NONE = { fromDay: 0, untilDay: 0 } as const
/** What a grant to a person says that says nothing more. */
export const PLAIN_TERMS: GrantTerms = { roles: 0, namesSensitive: false, categories: 0, ...DAYS_OPEN, excluded: [] }

/** `1 || roles || flags || categories || fromDay u32 || untilDay u32 || n u8 || n × (length u8 || principal(29, zero padded))`. */
const TERMS_VERSION = 1
const TERMS_BYTES = 13
const EXCLUDED_BYTES = 30

const FIXED_BYTES = 16 + 16 + 1 + 29 + 1 + 1 + 8 + 8 + 32 + 1

/** How long the canonical bytes of a grant are. */
export const grantBytes = ({ compartments, terms }: Pick<Grant, 'compartments' | 'terms'>): number =>
  FIXED_BYTES + 17 * compartments.length + (terms === null ? 0 : TERMS_BYTES + EXCLUDED_BYTES * terms.excluded.length)

/**
 * The canonical bytes of decision 19, equal in both canisters: 113 bytes and 17 for each compartment. The terms of the second form follow behind
 * them: 13 bytes, and 30 for each excluded member.
 */
export function encodeGrant(grant: Grant): Uint8Array {
  const { grantId, patientId, grantee, agreementHash, compartments, terms } = grant
  if (grantId.length !== 16 || patientId.length !== 16 || grantee.length > 29 || agreementHash.length !== 32)
    throw new Error('a grant has ids of 16 bytes and a hash')
  // By place and not field by field, as each change of a grant writes it several times.
  const bytes = new Uint8Array(grantBytes(grant))
  const view = new DataView(bytes.buffer)
  bytes.set(grantId)
  bytes.set(patientId, 16)
  bytes[32] = grantee.length
  bytes.set(grantee, 33)
  bytes[62] = grant.rights
  bytes[63] = grant.purpose
  view.setBigUint64(64, grant.startNs)
  view.setBigUint64(72, grant.endNs)
  bytes.set(agreementHash, 80)
  bytes[112] = compartments.length
  let at = FIXED_BYTES
  for (const { compartmentKind, cid } of compartments) {
    if (cid.length !== 16) throw new Error('a compartment has an id of 16 bytes')
    bytes[at] = compartmentKind
    bytes.set(cid, at + 1)
    at += 17
  }
  if (terms !== null) writeTerms(bytes, view, at, terms)
  return bytes
}

function writeTerms(bytes: Uint8Array, view: DataView, start: number, terms: GrantTerms): void {
  const { roles, namesSensitive, categories, fromDay, untilDay, excluded } = terms
  bytes[start] = TERMS_VERSION
  bytes[start + 1] = roles
  bytes[start + 2] = namesSensitive ? 1 : 0
  bytes[start + 3] = categories
  view.setUint32(start + 4, fromDay)
  view.setUint32(start + 8, untilDay)
  bytes[start + 12] = excluded.length
  let at = start + TERMS_BYTES
  for (const member of excluded) {
    if (member.length > 29) throw new Error('a principal has up to 29 bytes')
    bytes[at] = member.length
    bytes.set(member, at + 1)
    at += EXCLUDED_BYTES
  }
}

/** @returns undefined for bytes that `writeTerms` never writes. */
function readTerms(bytes: Uint8Array, at: number): GrantTerms | undefined {
  const [version, roles = 0, flags = 2, categories = 0] = bytes.subarray(at, at + 4)
  const count = bytes[at + TERMS_BYTES - 1] ?? 0
  const isSound =
    version === TERMS_VERSION &&
    flags <= 1 &&
    count <= GRANT_EXCLUDED_MAX &&
    bytes.length === at + TERMS_BYTES + EXCLUDED_BYTES * count
  if (!isSound) return undefined
  const view = new DataView(bytes.buffer, bytes.byteOffset + at, TERMS_BYTES)
  const excluded: Uint8Array[] = []
  for (let from = at + TERMS_BYTES; from < bytes.length; from += EXCLUDED_BYTES) {
    const length = bytes[from] ?? 0
    if (length < 1 || length > 29) return undefined
    excluded.push(bytes.subarray(from + 1, from + 1 + length))
  }
  return {
    roles,
    namesSensitive: flags === 1,
    categories,
    fromDay: view.getUint32(4),
    untilDay: view.getUint32(8),
    excluded,
  }
}

/** @returns null for bytes that `encodeGrant` never writes. Its byte strings are parts of `bytes`. */
export function decodeGrant(bytes: Uint8Array): Grant | null {
  const count = bytes[FIXED_BYTES - 1] ?? 0
  const granteeLength = bytes[32] ?? 0
  const isSound =
    count >= 1 &&
    count <= GRANT_COMPARTMENTS_MAX &&
    bytes.length >= FIXED_BYTES + 17 * count &&
    bytes.length <= GRANT_BYTES_MAX &&
    granteeLength >= 1 &&
    granteeLength <= 29
  if (!isSound) return null
  const view = new DataView(bytes.buffer, bytes.byteOffset, FIXED_BYTES)
  const compartments: CompartmentRef[] = []
  const termsAt = FIXED_BYTES + 17 * count
  const terms = bytes.length === termsAt ? null : readTerms(bytes, termsAt)
  if (terms === undefined) return null
  for (let at = FIXED_BYTES; at < termsAt; at += 17)
    compartments.push({ compartmentKind: bytes[at] ?? 0, cid: bytes.subarray(at + 1, at + 17) })
  return {
    grantId: bytes.subarray(0, 16),
    patientId: bytes.subarray(16, 32),
    grantee: bytes.subarray(33, 33 + granteeLength),
    rights: bytes[62] ?? 0,
    purpose: bytes[63] ?? 0,
    startNs: view.getBigUint64(64),
    endNs: view.getBigUint64(72),
    agreementHash: bytes.subarray(80, 112),
    compartments,
    terms,
  }
}

export function compareCompartments(a: CompartmentRef, b: CompartmentRef): number {
  return a.compartmentKind - b.compartmentKind || compareBytes(a.cid, b.cid)
}
