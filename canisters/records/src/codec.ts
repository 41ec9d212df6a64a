import {
  CAPSULE_WRAP_BYTES,
  CATEGORIES,
  CHUNK_TAG_BYTES,
  HASH_BYTES,
  ID_BYTES,
  RESUME_TAG_BYTES,
  STREAM_SALT_BYTES,
  WRAP_BYTES,
} from '@medguard/protocol'
import { type Blob, bytes, nullable, principal, type RowCodec, rowOf, u32, u64, u8 } from '@medguard/shared'

/** What the rows of this canister hold. Their layout, 1 in all of them, is in byte 0. */
const LAYOUT = 1

const id = bytes(16)

/** The vault a principal owns here. */
export interface StoredAccount {
  readonly patientId: Uint8Array
  /** Compartment ids of the eight categories, in the order of their numbers, behind one another. */
  readonly cids: Uint8Array
  /** Bits of `PEOPLE` in the shared package. */
  readonly people: number
}
const ACCOUNT_FIELDS = { patientId: id, cids: bytes(ID_BYTES * CATEGORIES.length) }
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

/** Where a body is kept and how it is cut: what `begin` stated. */
export interface Body {
  /** Names the chunks, from their first on; never used again. */
  readonly bodyNo: bigint
  readonly chunkCount: number
  readonly chunkLog2: number
  /** Ciphertext, tags included. */
  readonly sizeBytes: bigint
}
const BODY = { bodyNo: u64, chunkCount: u32, chunkLog2: u8, sizeBytes: u64 }

export const blobOf = ({ bodyNo, chunkCount, chunkLog2, sizeBytes }: Body): Blob => ({
  blobNo: bodyNo,
  chunkCount,
  chunkBytes: 2 ** chunkLog2 + CHUNK_TAG_BYTES,
  sizeBytes,
})

/** A version on its way. */
export interface Upload extends Body {
  readonly patientId: Uint8Array
  readonly compartmentKind: number
  readonly cid: Uint8Array
  /** The grant a writer who is not the owner acts under; null for the owner. */
  readonly grantId: Uint8Array | null
  /** When it was begun or last continued. */
  readonly touchedNs: bigint
  /** The request that began it, by which the pieces of one upload are told from those of another of the same version; null for one that a former module began. */
  readonly uploadId: Uint8Array | null
}
const UPLOAD_FIELDS = {
  ...BODY,
  patientId: id,
  compartmentKind: u8,
  cid: id,
  grantId: nullable(id),
  touchedNs: u64,
}
const UNNAMED = rowOf(LAYOUT, UPLOAD_FIELDS)
const NAMED = rowOf(2, { ...UPLOAD_FIELDS, uploadId: id })
/** Layout 1 for what a former module began, layout 2 since. */
export const UPLOAD: RowCodec<Upload> = {
  encode: ({ uploadId, ...upload }) =>
    uploadId === null ? UNNAMED.encode(upload) : NAMED.encode({ ...upload, uploadId }),
  decode(row) {
    if (row[0] === 2) return NAMED.decode(row)
    const unnamed = UNNAMED.decode(row)
    return unnamed === null ? null : { ...unnamed, uploadId: null }
  },
}

/** What lets an upload be taken up again. Kept apart from it, so that it can be overwritten when it has served. */
export interface Pending {
  readonly openWrap: Uint8Array
  readonly streamSalt: Uint8Array
  readonly resumeTag: Uint8Array
}
export const PENDING: RowCodec<Pending> = rowOf(LAYOUT, {
  openWrap: bytes(WRAP_BYTES),
  streamSalt: bytes(STREAM_SALT_BYTES),
  resumeTag: bytes(RESUME_TAG_BYTES),
})
export const NO_PENDING: Pending = {
  openWrap: new Uint8Array(WRAP_BYTES),
  streamSalt: new Uint8Array(STREAM_SALT_BYTES),
  resumeTag: new Uint8Array(RESUME_TAG_BYTES),
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
export const VERSION: RowCodec<Version> = rowOf(LAYOUT, {
  ...BODY,
  patientId: id,
  homeCid: id,
  seq: u32,
  author: principal,
  manifestHash: bytes(32),
})

/** A record as a whole: where it is at home, and its newest version. */
export interface RecordRow {
  readonly patientId: Uint8Array
  readonly cid: Uint8Array
  readonly newest: number
}
export const RECORD: RowCodec<RecordRow> = rowOf(LAYOUT, { patientId: id, cid: id, newest: u32 })

/** A deletion, begun: from then on nothing of the record is given out. */
export interface Deletion {
  readonly deletedNs: bigint
  /** Versions that are still there, from the first on. */
  readonly left: number
  /** Shares that the last of them was already looked for in. */
  readonly sharesDone: number
}
export const DELETION: RowCodec<Deletion> = rowOf(LAYOUT, { deletedNs: u64, left: u32, sharesDone: u32 })

/** Of one list: how many of its versions were deleted, and the chain over their rows. */
export interface Deletions {
  readonly count: number
  readonly digest: Uint8Array
}
export const DELETIONS: RowCodec<Deletions> = rowOf(LAYOUT, { count: u32, digest: bytes(HASH_BYTES) })

/** What a vault takes up: versions that were ever stored, since a deleted one keeps its place in the list, and bytes of those and of uploads on their way. */
export interface Usage {
  readonly versions: number
  readonly sizeBytes: bigint
}
export const USAGE: RowCodec<Usage> = rowOf(LAYOUT, { versions: u32, sizeBytes: u64 })

/** Where a version stands in a list, and the wrap that opens it there. */
export interface Position {
  readonly seq: number
  readonly openWrap: Uint8Array
}
const POSITION_UNDER_KEY: RowCodec<Position> = rowOf(LAYOUT, { seq: u32, openWrap: bytes(WRAP_BYTES) })
const POSITION_UNDER_CAPSULE: RowCodec<Position> = rowOf(2, { seq: u32, openWrap: bytes(CAPSULE_WRAP_BYTES) })
export const POSITION: RowCodec<Position> = {
  encode: (position) =>
    (position.openWrap.length === CAPSULE_WRAP_BYTES ? POSITION_UNDER_CAPSULE : POSITION_UNDER_KEY).encode(position),
  decode: (row) => (row[0] === 2 ? POSITION_UNDER_CAPSULE : POSITION_UNDER_KEY).decode(row),
}
