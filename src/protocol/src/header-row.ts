import { ByteReader, ByteWriter } from './bytes.ts'
import { HEADER_BYTES_MAX, MANIFEST_BYTES, WRAP_BYTES } from './limits.ts'

/** One line of a list page: everything a reader needs to show a record's header. All of it is ciphertext or public. */
export interface HeaderRow {
  /** Dense position in the compartment, from 0. */
  readonly seq: number
  readonly recordId: Uint8Array
  readonly version: number
  readonly manifest: Uint8Array
  readonly listWrap: Uint8Array
  readonly header: Uint8Array
}

/** `seq u32 || recordId(16) || version u32 || manifest(268) || listWrap(72) || header`: one blob a row keeps a page cheap to encode. */
export function encodeHeaderRow(row: HeaderRow): Uint8Array {
  return new ByteWriter(24 + MANIFEST_BYTES + WRAP_BYTES + row.header.length)
    .u32(row.seq)
    .raw(row.recordId)
    .u32(row.version)
    .raw(row.manifest)
    .raw(row.listWrap)
    .raw(row.header)
    .done()
}

/** @returns null for bytes that `encodeHeaderRow` never writes. */
export function decodeHeaderRow(bytes: Uint8Array): HeaderRow | null {
  const headerBytes = bytes.length - 24 - MANIFEST_BYTES - WRAP_BYTES
  if (headerBytes < 0 || headerBytes > HEADER_BYTES_MAX) return null
  const reader = new ByteReader(bytes)
  return {
    seq: reader.u32(),
    recordId: reader.raw(16),
    version: reader.u32(),
    manifest: reader.raw(MANIFEST_BYTES),
    listWrap: reader.raw(WRAP_BYTES),
    header: reader.raw(headerBytes),
  }
}
