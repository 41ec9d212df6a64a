import { ByteReader, ByteWriter, CATEGORIES, concatBytes } from '@medguard/protocol'

/** Binary rows, layout version in byte 0. Each decoder is total: null for another layout, length or flag, and never a throw. */

const LAYOUT = 1

/** Who a principal is here, and the compartments of the vault. Ids are for life. */
export interface StoredAccount {
  readonly accountId: Uint8Array
  readonly patientId: Uint8Array
  readonly enrolledNs: bigint
  /** False until the log has acknowledged the enrolment: such an account is nobody yet. */
  readonly isConfirmed: boolean
  /** Number of the enrol leaf in this canister's stream. */
  readonly leafSeq: bigint
  /** Compartment ids of the eight categories, in the order of their numbers. */
  readonly cids: readonly Uint8Array[]
}

/** `1 || confirmed || enrolledNs(8) || leafSeq(8) || accountId || patientId || 8 × cid`, 178 bytes. */
export function encodeAccount(account: StoredAccount): Uint8Array {
  return new ByteWriter(50 + 16 * account.cids.length)
    .u8(LAYOUT)
    .u8(account.isConfirmed ? 1 : 0)
    .u64(account.enrolledNs)
    .u64(account.leafSeq)
    .raw(account.accountId)
    .raw(account.patientId)
    .raw(concatBytes(...account.cids))
    .done()
}

export function decodeAccount(bytes: Uint8Array): StoredAccount | null {
  const reader = new ByteReader(bytes)
  const layout = reader.u8()
  const confirmed = reader.u8()
  const enrolledNs = reader.u64()
  const leafSeq = reader.u64()
  const accountId = reader.raw(16)
  const patientId = reader.raw(16)
  const cids = CATEGORIES.map(() => reader.raw(16))
  if (layout !== LAYOUT || confirmed > 1 || !reader.atEnd()) return null
  return { accountId, patientId, enrolledNs, isConfirmed: confirmed === 1, leafSeq, cids }
}

/** Epochs whose keys may be derived: `minEpoch` to `currentEpoch`. */
export interface Epochs {
  readonly minEpoch: number
  readonly currentEpoch: number
}
export const FIRST_EPOCHS: Epochs = { minEpoch: 1, currentEpoch: 1 }

export const encodeEpochs = ({ minEpoch, currentEpoch }: Epochs): Uint8Array =>
  new ByteWriter(9).u8(LAYOUT).u32(minEpoch).u32(currentEpoch).done()

export function decodeEpochs(bytes: Uint8Array): Epochs | null {
  const reader = new ByteReader(bytes)
  const layout = reader.u8()
  const epochs = { minEpoch: reader.u32(), currentEpoch: reader.u32() }
  return layout === LAYOUT && reader.atEnd() ? epochs : null
}

/** Who holds an epoch's key, and under which grant they derived it; zeros for the owner. */
export interface Deriver {
  readonly principal: Uint8Array
  readonly grantId: Uint8Array
}
const DERIVER_BYTES = 1 + 29 + 16

/** `1 || n × (length || principal(29, zero padded) || grantId(16))`. */
export function encodeDerivers(derivers: readonly Deriver[]): Uint8Array {
  const writer = new ByteWriter(1 + DERIVER_BYTES * derivers.length).u8(LAYOUT)
  for (const { principal, grantId } of derivers) {
    const padded = new Uint8Array(29)
    padded.set(principal)
    writer.u8(principal.length).raw(padded).raw(grantId)
  }
  return writer.done()
}

export function decodeDerivers(bytes: Uint8Array): Deriver[] | null {
  const reader = new ByteReader(bytes)
  if (reader.u8() !== LAYOUT || (bytes.length - 1) % DERIVER_BYTES !== 0) return null
  const derivers: Deriver[] = []
  while (reader.offset < bytes.length) {
    const length = reader.u8()
    if (length < 1 || length > 29) return null
    const principal = reader.raw(29).subarray(0, length)
    derivers.push({ principal, grantId: reader.raw(16) })
  }
  return derivers
}
