import { assert } from '../assert.ts'
import { type Rows, section } from '../maps.ts'
import { sameBytes } from '../same-bytes.ts'
import { createCounters } from './counters.ts'
import { u32, u64 } from './fields.ts'
import { createQueue } from './queue.ts'
import { keyOf, rowOf } from './rows.ts'

/**
 * [Note: room] The map is a B-tree that writes a node of 5 to 11 rows anew for each new row in it: beside rows of 1 MiB that costs up to 80 M
 * instructions. To give a row another value costs what the rows around it weigh. So a larger blob gets its rows while they are empty and
 * small, in order, which leaves 5 of them in a node; and empty rows behind them keep the next blob out of their nodes. A chunk of 1 MiB then
 * takes 13 to 27 M instructions instead of 60.
 */
const ROOM_FROM_BYTES = 65_536n
const EMPTY_ROWS = 11
const EMPTY_ROWS_AT = 0xffff_ff00
const NO_BYTES = new Uint8Array(0)

/** Rows that one run of `collect` removes. */
const ROWS_PER_RUN = 16
/** Key of the one counter: bytes of all chunks. */
const TOTAL = new Uint8Array(0)
/** Layout of the rows that say which chunks are there. */
const LAYOUT = 1

/** Where a blob is kept and how it is cut. */
export interface Blob {
  /** Names its rows; never used again. */
  readonly blobNo: bigint
  /** At least 1, at most 4,294,967,040. */
  readonly chunkCount: number
  /** Length of every chunk but the last, which may be shorter. */
  readonly chunkBytes: number
  /** Length of all chunks together. */
  readonly sizeBytes: bigint
}
const CHUNK_KEY = keyOf({ blobNo: u64, row: u32 })
const BLOB_KEY = keyOf({ blobNo: u64 })
/** A blob that was given up, and the first of its rows that is still there. */
const GARBAGE = rowOf(1, { blobNo: u64, chunkCount: u32, chunkBytes: u32, sizeBytes: u64, nextRow: u32 })

export interface BlobsOptions {
  /** A map of its own: rows beside a large one are dear. */
  readonly chunks: Rows
  readonly state: Rows
}

/**
 * Large byte strings, stored chunk by chunk in any order, each chunk as often as it comes. A blob may be given up; its rows go a few at a time, in
 * later messages.
 *
 *     chunks: blobNo u64 || chunk index u32 -> the chunk, as it is
 *     state:  0 || blobNo u64               -> 1 || which chunks are there, a bit each, least significant first; until `seal`
 *             1 || nothing                  -> counter of the bytes of all chunks
 *             2                             -> queue of blobs that were given up
 */
export function createBlobs({ chunks, state }: BlobsOptions) {
  const bitmaps = section(state, 0)
  const total = createCounters(section(state, 1))
  const garbage = createQueue(section(state, 2))
  const count = (sizeBytes: number) => void total.add(TOTAL, BigInt(sizeBytes))
  const bitsOf = ({ blobNo, chunkCount }: Blob): Uint8Array => {
    const row = bitmaps.get(BLOB_KEY({ blobNo }))
    const sizeBytes = 1 + Math.ceil(chunkCount / 8)
    if (row !== undefined) {
      assert(row[0] === LAYOUT && row.length === sizeBytes, 'the bits of a blob decode')
      return row
    }
    const bits = new Uint8Array(sizeBytes)
    bits[0] = LAYOUT
    return bits
  }

  const blobs = {
    /** Bytes of all chunks that are there, also of blobs that were given up and are not removed yet. */
    storedBytes: (): bigint => total.of(TOTAL),
    /** Before the first chunk of a blob. */
    makeRoom(blob: Blob): void {
      if (blob.sizeBytes <= ROOM_FROM_BYTES) return
      const { blobNo } = blob
      for (let i = 0; i < rowCount(blob); i++) chunks.set(CHUNK_KEY({ blobNo, row: rowAt(blob, i) }), NO_BYTES)
    },
    /** Which chunks are there: a bit each, least significant first. */
    received: (blob: Blob): Uint8Array => bitsOf(blob).subarray(1),
    has: (blob: Blob, index: number): boolean => isSet(bitsOf(blob), index),
    isComplete(blob: Blob): boolean {
      const bits = bitsOf(blob)
      for (let i = 0; i < blob.chunkCount; i++) if (!isSet(bits, i)) return false
      return true
    },
    /** @param chunk as long as `chunkLength` says. */
    put(blob: Blob, index: number, chunk: Uint8Array): void {
      assert(chunk.length === chunkLength(blob, index), 'a chunk has the length that its blob says')
      const { blobNo } = blob
      chunks.set(CHUNK_KEY({ blobNo, row: index }), chunk)
      const bits = bitsOf(blob)
      if (isSet(bits, index)) return
      const at = 1 + (index >>> 3)
      bits[at] = (bits[at] ?? 0) | (1 << (index & 7))
      bitmaps.set(BLOB_KEY({ blobNo }), bits)
      count(chunk.length)
    },
    /** One that has one chunk of up to 64 KiB and will not change: nothing has to say that it is there. */
    putWhole(blob: Blob, chunk: Uint8Array): void {
      assert(
        blob.chunkCount === 1 && chunk.length === chunkLength(blob, 0),
        'a chunk has the length that its blob says',
      )
      assert(blob.sizeBytes <= ROOM_FROM_BYTES, 'a large blob is given room')
      chunks.set(CHUNK_KEY({ blobNo: blob.blobNo, row: 0 }), chunk)
      count(chunk.length)
    },
    /** A chunk that is there. @throws Error for one that is not. */
    read(blob: Blob, index: number): Uint8Array {
      const chunk = chunks.get(CHUNK_KEY({ blobNo: blob.blobNo, row: index }))
      assert(chunk?.length === chunkLength(blob, index), 'a chunk that was put is there, whole')
      return chunk
    },
    /** Whether the stored chunk is these very bytes: a resent one. */
    equals: (blob: Blob, index: number, chunk: Uint8Array): boolean => sameBytes(blobs.read(blob, index), chunk),
    /** When all chunks are there and will not change: the bits have served. */
    seal: ({ blobNo }: Blob): void => bitmaps.delete(BLOB_KEY({ blobNo })),
    /**
     * Gives a blob up that is not sealed. Its rows go in later messages, by `collect`: there may be more than one message can remove.
     * @param nextRow the first of them that is still there.
     */
    discard: (blob: Blob, nextRow = 0): void => void garbage.push(GARBAGE.encode({ ...blob, nextRow })),

    /** The same for one that is sealed: it has all its chunks. */
    discardSealed(blob: Blob): void {
      const bits = new Uint8Array(1 + Math.ceil(blob.chunkCount / 8)).fill(0xff)
      bits[0] = LAYOUT
      bitmaps.set(BLOB_KEY({ blobNo: blob.blobNo }), bits)
      blobs.discard(blob)
    },

    /** Removes some rows of blobs that were given up. @returns whether more is left. */
    collect(): boolean {
      const row = garbage.first()
      if (row === undefined) return false
      const blob = GARBAGE.decode(row)
      assert(blob !== null, 'a blob that was given up decodes')
      const { blobNo, nextRow } = blob
      const bits = bitsOf(blob)
      const end = Math.min(rowCount(blob), nextRow + ROWS_PER_RUN)
      for (let i = nextRow; i < end; i++) {
        chunks.delete(CHUNK_KEY({ blobNo, row: rowAt(blob, i) }))
        if (i < blob.chunkCount && isSet(bits, i)) count(-chunkLength(blob, i))
      }
      if (end < rowCount(blob)) {
        garbage.replaceFirst(GARBAGE.encode({ ...blob, nextRow: end }))
        return true
      }
      bitmaps.delete(BLOB_KEY({ blobNo }))
      garbage.shift()
      return garbage.first() !== undefined
    },
  }
  return blobs
}
export type Blobs = ReturnType<typeof createBlobs>

/** Length of one chunk. */
export function chunkLength({ chunkCount, chunkBytes, sizeBytes }: Blob, index: number): number {
  return index < chunkCount - 1 ? chunkBytes : Number(sizeBytes) - chunkBytes * (chunkCount - 1)
}

/** All rows that a blob may have, chunks first. */
const rowAt = ({ chunkCount }: Blob, i: number) => (i < chunkCount ? i : EMPTY_ROWS_AT + i - chunkCount)
const rowCount = ({ chunkCount, sizeBytes }: Blob) => chunkCount + (sizeBytes > ROOM_FROM_BYTES ? EMPTY_ROWS : 0)
/** @param bits as stored, with the layout in front. */
const isSet = (bits: Uint8Array, index: number): boolean => (((bits[1 + (index >>> 3)] ?? 0) >>> (index & 7)) & 1) === 1
