import { ByteReader, ByteWriter } from './bytes.ts'

/** What stays in a list of a version that was deleted. The hash keeps its place, so that the root over the whole list still verifies. */
export interface DeletedRow {
  /** Dense position in the compartment, from 0. */
  readonly seq: number
  readonly recordId: Uint8Array
  readonly version: number
  readonly manifestHash: Uint8Array
  readonly deletedNs: bigint
  /** The how-manieth deletion in this list it was, from 0. */
  readonly ordinal: number
}

/** Shorter than any row of a record, which begins with the same 24 bytes: so the length says which of the two it is. */
export const DELETED_ROW_BYTES = 68
/** What the digest of deletions begins with, before the first. */
export const NOTHING_DELETED = new Uint8Array(32)

/** `seq u32 || recordId(16) || version u32 || manifestHash(32) || deletedNs u64 || ordinal u32`. */
export function encodeDeletedRow({ seq, recordId, version, manifestHash, deletedNs, ordinal }: DeletedRow): Uint8Array {
  return new ByteWriter(DELETED_ROW_BYTES)
    .u32(seq)
    .raw(recordId)
    .u32(version)
    .raw(manifestHash)
    .u64(deletedNs)
    .u32(ordinal)
    .done()
}

/** @returns null for bytes that `encodeDeletedRow` never writes: rows of records among them. */
export function decodeDeletedRow(bytes: Uint8Array): DeletedRow | null {
  if (bytes.length !== DELETED_ROW_BYTES) return null
  const reader = new ByteReader(bytes)
  return {
    seq: reader.u32(),
    recordId: reader.raw(16),
    version: reader.u32(),
    manifestHash: reader.raw(32),
    deletedNs: reader.u64(),
    ordinal: reader.u32(),
  }
}
