import { ByteReader, ByteWriter, CATEGORIES, ID_BYTES } from '@medguard/protocol'
import { bytes, flag, type RowCodec, rowOf, u32, u64, u8 } from '@medguard/shared'

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
  /** Compartment ids of the eight categories, in the order of their numbers, behind one another. */
  readonly cids: Uint8Array
  /** Bits of `PEOPLE` in the shared package. */
  readonly people: number
}

const ACCOUNT_FIELDS = {
  isConfirmed: flag,
  enrolledNs: u64,
  leafSeq: u64,
  accountId: bytes(16),
  patientId: bytes(16),
  cids: bytes(ID_BYTES * CATEGORIES.length),
}
const ALONE = rowOf(LAYOUT, ACCOUNT_FIELDS)
const WITH_PEOPLE = rowOf(2, { ...ACCOUNT_FIELDS, people: u8 })
/** Layout 1 as long as only the principal that enrolled is known, layout 2 from then on. */
export const ACCOUNT: RowCodec<StoredAccount> = {
  encode: (account) => (account.people === 0 ? ALONE : WITH_PEOPLE).encode(account),
  decode(row) {
    if (row[0] === 2) return WITH_PEOPLE.decode(row)
    const alone = ALONE.decode(row)
    return alone === null ? null : { ...alone, people: 0 }
  },
}

/** Epochs whose keys may be derived: `minEpoch` to `currentEpoch`. */
export interface Epochs {
  readonly minEpoch: number
  readonly currentEpoch: number
}
export const FIRST_EPOCHS: Epochs = { minEpoch: 1, currentEpoch: 1 }

export const EPOCHS: RowCodec<Epochs> = rowOf(LAYOUT, { minEpoch: u32, currentEpoch: u32 })

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

export function decodeDerivers(row: Uint8Array): Deriver[] | null {
  const reader = new ByteReader(row)
  if (reader.u8() !== LAYOUT || (row.length - 1) % DERIVER_BYTES !== 0) return null
  const derivers: Deriver[] = []
  while (reader.offset < row.length) {
    const length = reader.u8()
    if (length < 1 || length > 29) return null
    const principal = reader.raw(29).subarray(0, length)
    const grantId = reader.raw(16)
    derivers.push({ principal, grantId })
  }
  return derivers
}

/** When a compartment's derivers were last looked at, and until when that holds if nothing changes. */
export interface Swept {
  readonly epoch: number
  readonly sweptNs: bigint
  readonly untilNs: bigint
}
export const SWEPT: RowCodec<Swept> = rowOf(LAYOUT, { epoch: u32, sweptNs: u64, untilNs: u64 })
