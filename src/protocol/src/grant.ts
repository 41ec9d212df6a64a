import { ByteReader, ByteWriter, compareBytes } from './bytes.ts'
import { GRANT_COMPARTMENTS_MAX } from './limits.ts'

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
}

const FIXED_BYTES = 16 + 16 + 1 + 29 + 1 + 1 + 8 + 8 + 32 + 1

/** The canonical bytes of decision 19, equal in both canisters: 113 bytes and 17 for each compartment. */
export function encodeGrant(grant: Grant): Uint8Array {
  const grantee = new Uint8Array(29)
  grantee.set(grant.grantee)
  const writer = new ByteWriter(FIXED_BYTES + 17 * grant.compartments.length)
    .raw(grant.grantId)
    .raw(grant.patientId)
    .u8(grant.grantee.length)
    .raw(grantee)
    .u8(grant.rights)
    .u8(grant.purpose)
    .u64(grant.startNs)
    .u64(grant.endNs)
    .raw(grant.agreementHash)
    .u8(grant.compartments.length)
  for (const { compartmentKind, cid } of grant.compartments) writer.u8(compartmentKind).raw(cid)
  return writer.done()
}

/** @returns null for bytes that `encodeGrant` never writes. */
export function decodeGrant(bytes: Uint8Array): Grant | null {
  const reader = new ByteReader(bytes)
  const grantId = reader.raw(16)
  const patientId = reader.raw(16)
  const granteeLength = reader.u8()
  const grantee = reader.raw(29).subarray(0, granteeLength)
  const rights = reader.u8()
  const purpose = reader.u8()
  const startNs = reader.u64()
  const endNs = reader.u64()
  const agreementHash = reader.raw(32)
  const count = reader.u8()
  if (granteeLength < 1 || granteeLength > 29 || count < 1 || count > GRANT_COMPARTMENTS_MAX) return null
  const compartments: CompartmentRef[] = []
  for (let i = 0; i < count; i++) compartments.push({ compartmentKind: reader.u8(), cid: reader.raw(16) })
  if (!reader.atEnd()) return null
  return { grantId, patientId, grantee, rights, purpose, startNs, endNs, agreementHash, compartments }
}

export function compareCompartments(a: CompartmentRef, b: CompartmentRef): number {
  return a.compartmentKind - b.compartmentKind || compareBytes(a.cid, b.cid)
}
