import { ByteReader, ByteWriter, CATEGORIES, concatBytes } from '@medguard/protocol'

/** Binary rows, layout version in byte 0. Each decoder is total: null for another layout, length or flag, and never a throw. */

const LAYOUT = 1

/** The vault a principal owns here. */
export interface StoredAccount {
  readonly patientId: Uint8Array
  /** Compartment ids of the eight categories, in the order of their numbers. */
  readonly cids: readonly Uint8Array[]
}

export const encodeAccount = ({ patientId, cids }: StoredAccount): Uint8Array =>
  new ByteWriter(17 + 16 * cids.length)
    .u8(LAYOUT)
    .raw(patientId)
    .raw(concatBytes(...cids))
    .done()

export function decodeAccount(bytes: Uint8Array): StoredAccount | null {
  const reader = new ByteReader(bytes)
  const layout = reader.u8()
  const patientId = reader.raw(16)
  const cids = CATEGORIES.map(() => reader.raw(16))
  return layout === LAYOUT && reader.atEnd() ? { patientId, cids } : null
}

/** Where a body is kept and how it is cut: what `begin` stated. */
export interface Body {
  /** Names the chunks, from their first on; never used again. */
  readonly bodyNo: bigint
  readonly chunkCount: number
  readonly chunkLog2: number
  /** Ciphertext, tags included. */
  readonly sizeBytes: bigint
}
const BODY_BYTES = 8 + 4 + 1 + 8
const writeBody = (writer: ByteWriter, body: Body) =>
  writer.u64(body.bodyNo).u32(body.chunkCount).u8(body.chunkLog2).u64(body.sizeBytes)
const readBody = (reader: ByteReader): Body => ({
  bodyNo: reader.u64(),
  chunkCount: reader.u32(),
  chunkLog2: reader.u8(),
  sizeBytes: reader.u64(),
})

/** A body that was given up, and the first of its rows that is still there. */
export interface Garbage extends Body {
  readonly nextRow: number
}
export const encodeGarbage = (garbage: Garbage): Uint8Array =>
  writeBody(new ByteWriter(5 + BODY_BYTES).u8(LAYOUT), garbage)
    .u32(garbage.nextRow)
    .done()

export function decodeGarbage(bytes: Uint8Array): Garbage | null {
  const reader = new ByteReader(bytes)
  const layout = reader.u8()
  const garbage = { ...readBody(reader), nextRow: reader.u32() }
  return layout === LAYOUT && reader.atEnd() ? garbage : null
}

/** A version on its way. */
export interface Upload extends Body {
  readonly patientId: Uint8Array
  readonly compartmentKind: number
  readonly cid: Uint8Array
  /** The grant a writer who is not the owner acts under; null for the owner. */
  readonly grantId: Uint8Array | null
  /** When it was begun or last continued. */
  readonly touchedNs: bigint
}
const ZERO_ID = new Uint8Array(16)

export const encodeUpload = (upload: Upload): Uint8Array =>
  writeBody(new ByteWriter(1 + BODY_BYTES + 16 + 1 + 16 + 1 + 16 + 8).u8(LAYOUT), upload)
    .raw(upload.patientId)
    .u8(upload.compartmentKind)
    .raw(upload.cid)
    .u8(upload.grantId === null ? 0 : 1)
    .raw(upload.grantId ?? ZERO_ID)
    .u64(upload.touchedNs)
    .done()

export function decodeUpload(bytes: Uint8Array): Upload | null {
  const reader = new ByteReader(bytes)
  const layout = reader.u8()
  const body = readBody(reader)
  const patientId = reader.raw(16)
  const compartmentKind = reader.u8()
  const cid = reader.raw(16)
  const hasGrant = reader.u8()
  const grantId = reader.raw(16)
  const touchedNs = reader.u64()
  if (layout !== LAYOUT || hasGrant > 1 || !reader.atEnd()) return null
  return { ...body, patientId, compartmentKind, cid, grantId: hasGrant === 1 ? grantId : null, touchedNs }
}

/** A visible version. It never changes; what lists show of it is in its home list. */
export interface Version extends Body {
  readonly patientId: Uint8Array
  readonly homeCid: Uint8Array
  /** Position in the home compartment. */
  readonly seq: number
  /** Raw principal of whoever stored it. */
  readonly author: Uint8Array
  readonly manifestHash: Uint8Array
}

export function encodeVersion(version: Version): Uint8Array {
  const author = new Uint8Array(29)
  author.set(version.author)
  return writeBody(new ByteWriter(1 + BODY_BYTES + 16 + 16 + 4 + 1 + 29 + 32).u8(LAYOUT), version)
    .raw(version.patientId)
    .raw(version.homeCid)
    .u32(version.seq)
    .u8(version.author.length)
    .raw(author)
    .raw(version.manifestHash)
    .done()
}

export function decodeVersion(bytes: Uint8Array): Version | null {
  const reader = new ByteReader(bytes)
  const layout = reader.u8()
  const body = readBody(reader)
  const patientId = reader.raw(16)
  const homeCid = reader.raw(16)
  const seq = reader.u32()
  const authorLength = reader.u8()
  const author = reader.raw(29).subarray(0, authorLength)
  const manifestHash = reader.raw(32)
  if (layout !== LAYOUT || authorLength < 1 || authorLength > 29 || !reader.atEnd()) return null
  return { ...body, patientId, homeCid, seq, author, manifestHash }
}

/** A record as a whole: where it is at home, and its newest version. */
export interface RecordRow {
  readonly patientId: Uint8Array
  readonly cid: Uint8Array
  readonly newest: number
}
export const encodeRecord = ({ patientId, cid, newest }: RecordRow): Uint8Array =>
  new ByteWriter(37).u8(LAYOUT).raw(patientId).raw(cid).u32(newest).done()

export function decodeRecord(bytes: Uint8Array): RecordRow | null {
  const reader = new ByteReader(bytes)
  const layout = reader.u8()
  const record = { patientId: reader.raw(16), cid: reader.raw(16), newest: reader.u32() }
  return layout === LAYOUT && reader.atEnd() ? record : null
}

/** What a vault takes up: versions that are visible, and bytes of those and of uploads on their way. */
export interface Usage {
  readonly versions: number
  readonly sizeBytes: bigint
}
export const encodeUsage = ({ versions, sizeBytes }: Usage): Uint8Array =>
  new ByteWriter(13).u8(LAYOUT).u32(versions).u64(sizeBytes).done()

export function decodeUsage(bytes: Uint8Array): Usage | null {
  const reader = new ByteReader(bytes)
  const layout = reader.u8()
  const usage = { versions: reader.u32(), sizeBytes: reader.u64() }
  return layout === LAYOUT && reader.atEnd() ? usage : null
}
