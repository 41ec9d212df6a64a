import { ByteReader } from './bytes.ts'
import { HEADER_BYTES_MAX, MANIFEST_BYTES, WRAP_BYTES } from './limits.ts'

const MANIFEST_AT = 24
const LIST_WRAP_AT = MANIFEST_AT + MANIFEST_BYTES
const HEADER_AT = LIST_WRAP_AT + WRAP_BYTES

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
export function encodeHeaderRow({ seq, recordId, version, manifest, listWrap, header }: HeaderRow): Uint8Array {
  const row = new Uint8Array(HEADER_AT + header.length)
  const view = new DataView(row.buffer)
  view.setUint32(0, seq)
  row.set(recordId, 4)
  view.setUint32(20, version)
  row.set(manifest, MANIFEST_AT)
  row.set(listWrap, LIST_WRAP_AT)
  row.set(header, HEADER_AT)
  return row
}

/** @returns null for bytes that `encodeHeaderRow` never writes. */
export function decodeHeaderRow(bytes: Uint8Array): HeaderRow | null {
  const headerBytes = bytes.length - HEADER_AT
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
