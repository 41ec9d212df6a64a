import { ByteWriter, compareBytes } from './bytes.ts'
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

/** @returns null for bytes that `encodeGrant` never writes. Its byte strings are parts of `bytes`. */
export function decodeGrant(bytes: Uint8Array): Grant | null {
  const count = bytes[FIXED_BYTES - 1] ?? 0
  const granteeLength = bytes[32] ?? 0
  const isSound =
    count >= 1 &&
    count <= GRANT_COMPARTMENTS_MAX &&
    bytes.length === FIXED_BYTES + 17 * count &&
    granteeLength >= 1 &&
    granteeLength <= 29
  if (!isSound) return null
  const view = new DataView(bytes.buffer, bytes.byteOffset, FIXED_BYTES)
  const compartments: CompartmentRef[] = []
  for (let at = FIXED_BYTES; at < bytes.length; at += 17)
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
  }
}

export function compareCompartments(a: CompartmentRef, b: CompartmentRef): number {
  return a.compartmentKind - b.compartmentKind || compareBytes(a.cid, b.cid)
}
