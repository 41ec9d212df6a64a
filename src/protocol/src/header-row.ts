import { ByteReader } from './bytes.ts'
import { CAPSULE_WRAP_BYTES, HEADER_BYTES_MAX, MANIFEST_BYTES, WRAP_BYTES } from './limits.ts'

const MANIFEST_AT = 24
/** Where the list wrap stands in a `HeaderRow`. */
export const LIST_WRAP_AT = MANIFEST_AT + MANIFEST_BYTES
/** Of a wrap: its tag begins so, and its sixth byte is 1 under the compartment's key, 3 under a capsule. */
const TAG_BEGINS = 0x4d
const ALGORITHM_AT = 5
const UNDER_CAPSULE = 3
/** A sealed header without its padded content, whose length is a multiple of 256 (keys.md 5.3). */
const HEADER_FIXED_BYTES = 52
const HEADER_STEP_BYTES = 256

/** One line of a list page: everything a reader needs to show a record's header. All of it is ciphertext or public. */
export interface HeaderRow {
  /** Dense position in the compartment, from 0. */
  readonly seq: number
  readonly recordId: Uint8Array
  readonly version: number
  readonly manifest: Uint8Array
  /** 72 bytes, 92 under a capsule. */
  readonly listWrap: Uint8Array
  readonly header: Uint8Array
  /** Raw principal of whoever deposited it under a grant; absent for what the patient or somebody in their place added. */
  readonly author?: Uint8Array
  /** How it came to be stored; absent for what the patient or somebody in their place added unsigned, and for what is older than this. */
  readonly deposit?: Deposit
}

export interface Deposit {
  /** Raw principal. */
  readonly depositor: Uint8Array
  readonly depositedNs: bigint
  /** Not by the patient or in their place. */
  readonly isUnderGrant: boolean
  /** Organisation through which it came, 16 bytes; zeros for none. */
  readonly orgId: Uint8Array
  /** 16 bytes: the device that posted it, which came through no organisation. Absent where it was a person. */
  readonly deviceId?: Uint8Array
  /** Absent where it is not signed. */
  readonly signed?: {
    /** 16 bytes. */
    readonly keyId: Uint8Array
    /** 64 bytes. */
    readonly signature: Uint8Array
  }
}

/** How long the wrap is that begins at `at`, by its algorithm. */
export const wrapBytesAt = (bytes: Uint8Array, at: number): number =>
  bytes[at] === TAG_BEGINS && bytes[at + ALGORITHM_AT] === UNDER_CAPSULE ? CAPSULE_WRAP_BYTES : WRAP_BYTES

/** `depositedNs u64 || flags u8 || orgId(16), or the device's id where the flag says so || keyId(16) || signature(64)`, then the principal and its length. */
const DEPOSIT_FIXED_BYTES = 105
const DEPOSIT_FLAG = { underGrant: 1, signed: 2, byDevice: 4 } as const
const PRINCIPAL_BYTES_MAX = 29

/**
 * `seq u32 || recordId(16) || version u32 || manifest(268) || listWrap(72 or 92) || header [|| deposit(105)] [|| author || its length u8]`: one blob a row keeps a
 * page cheap to encode. What follows the header shows in the length, since a header's is known but for multiples of 256. Rows from before deposits have
 * the author alone.
 */
export function encodeHeaderRow(value: HeaderRow): Uint8Array {
  const { seq, recordId, version, manifest, listWrap, header, deposit } = value
  const author = deposit?.depositor ?? value.author
  const headerAt = LIST_WRAP_AT + listWrap.length
  const endAt = headerAt + header.length + (deposit === undefined ? 0 : DEPOSIT_FIXED_BYTES)
  const row = new Uint8Array(endAt + (author === undefined ? 0 : author.length + 1))
  const view = new DataView(row.buffer)
  view.setUint32(0, seq)
  row.set(recordId, 4)
  view.setUint32(20, version)
  row.set(manifest, MANIFEST_AT)
  row.set(listWrap, LIST_WRAP_AT)
  row.set(header, headerAt)
  if (deposit !== undefined) {
    const at = headerAt + header.length
    const { signed } = deposit
    view.setBigUint64(at, deposit.depositedNs)
    row[at + 8] =
      (deposit.isUnderGrant ? DEPOSIT_FLAG.underGrant : 0) |
      (signed === undefined ? 0 : DEPOSIT_FLAG.signed) |
      (deposit.deviceId === undefined ? 0 : DEPOSIT_FLAG.byDevice)
    row.set(deposit.deviceId ?? deposit.orgId, at + 9)
    if (signed !== undefined) {
      row.set(signed.keyId, at + 25)
      row.set(signed.signature, at + 41)
    }
  }
  if (author !== undefined) {
    row.set(author, endAt)
    row[row.length - 1] = author.length
  }
  return row
}

/** @returns null for bytes that `encodeHeaderRow` never writes. */
export function decodeHeaderRow(bytes: Uint8Array): HeaderRow | null {
  const wrapBytes = wrapBytesAt(bytes, LIST_WRAP_AT)
  const { depositBytes, authorBytes } = tailOf(bytes)
  const tailBytes = depositBytes + (authorBytes === 0 ? 0 : authorBytes + 1)
  const headerBytes = bytes.length - LIST_WRAP_AT - wrapBytes - tailBytes
  if (headerBytes < 0 || headerBytes > HEADER_BYTES_MAX) return null
  const reader = new ByteReader(bytes)
  const row = {
    seq: reader.u32(),
    recordId: reader.raw(16),
    version: reader.u32(),
    manifest: reader.raw(MANIFEST_BYTES),
    listWrap: reader.raw(wrapBytes),
    header: reader.raw(headerBytes),
  }
  const deposit = depositIn(bytes)
  if (deposit !== null) return { ...row, deposit, ...(deposit.isUnderGrant ? { author: deposit.depositor } : {}) }
  return authorBytes === 0 ? row : { ...row, author: reader.raw(authorBytes) }
}

/** How a version came to be stored, from a `HeaderRow`'s bytes without the rest of it; null where the row does not say. */
export function depositIn(bytes: Uint8Array): Deposit | null {
  const { depositBytes, authorBytes } = tailOf(bytes)
  if (depositBytes === 0) return null
  const at = bytes.length - 1 - authorBytes - depositBytes
  const flags = bytes[at + 8] ?? 0
  return {
    depositedNs: new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(at),
    isUnderGrant: (flags & DEPOSIT_FLAG.underGrant) !== 0,
    ...((flags & DEPOSIT_FLAG.byDevice) === 0
      ? { orgId: bytes.slice(at + 9, at + 25) }
      : { orgId: new Uint8Array(16), deviceId: bytes.slice(at + 9, at + 25) }),
    depositor: bytes.slice(at + DEPOSIT_FIXED_BYTES, at + DEPOSIT_FIXED_BYTES + authorBytes),
    ...((flags & DEPOSIT_FLAG.signed) === 0
      ? {}
      : { signed: { keyId: bytes.slice(at + 25, at + 41), signature: bytes.slice(at + 41, at + 105) } }),
  }
}

/** What stands behind the header. */
function tailOf(bytes: Uint8Array): { depositBytes: number; authorBytes: number } {
  const restBytes = bytes.length - LIST_WRAP_AT - wrapBytesAt(bytes, LIST_WRAP_AT)
  const over = (restBytes - HEADER_FIXED_BYTES) % HEADER_STEP_BYTES
  const stated = bytes[bytes.length - 1] ?? 0
  const isPrincipal = stated >= 1 && stated <= PRINCIPAL_BYTES_MAX
  if (isPrincipal && over === stated + 1) return { depositBytes: 0, authorBytes: stated }
  if (isPrincipal && over === DEPOSIT_FIXED_BYTES + stated + 1)
    return { depositBytes: DEPOSIT_FIXED_BYTES, authorBytes: stated }
  return { depositBytes: 0, authorBytes: 0 }
}

/** What a rewrap works on: a version as it stands in a compartment, with both its wraps. */
export interface WrapRow {
  readonly seq: number
  readonly recordId: Uint8Array
  readonly version: number
  readonly manifest: Uint8Array
  readonly listWrap: Uint8Array
  readonly openWrap: Uint8Array
}

/** `seq u32 || recordId(16) || version u32 || manifest(268) || listWrap || openWrap`, from a `HeaderRow`'s bytes. */
export function encodeWrapRow(headerRow: Uint8Array, openWrap: Uint8Array): Uint8Array {
  const openAt = LIST_WRAP_AT + wrapBytesAt(headerRow, LIST_WRAP_AT)
  const row = new Uint8Array(openAt + openWrap.length)
  row.set(headerRow.subarray(0, openAt))
  row.set(openWrap, openAt)
  return row
}

/** @returns null for bytes that `encodeWrapRow` never writes. */
export function decodeWrapRow(bytes: Uint8Array): WrapRow | null {
  const openAt = LIST_WRAP_AT + wrapBytesAt(bytes, LIST_WRAP_AT)
  if (bytes.length !== openAt + wrapBytesAt(bytes, openAt)) return null
  const reader = new ByteReader(bytes)
  return {
    seq: reader.u32(),
    recordId: reader.raw(16),
    version: reader.u32(),
    manifest: reader.raw(MANIFEST_BYTES),
    listWrap: reader.raw(openAt - LIST_WRAP_AT),
    openWrap: reader.raw(bytes.length - openAt),
  }
}
