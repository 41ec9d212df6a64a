import { ByteReader, ByteWriter, CHUNK_TAG_BYTES } from '@medguard/protocol'
import { assert, type Rows, sameBytes, u64Key } from '@medguard/shared'
import { type Body, decodeGarbage, encodeGarbage } from './codec.ts'
import { createQueue } from './queue.ts'

/**
 * [Note: room] The map is a B-tree that writes a node of 5 to 11 rows anew for each new row in it: beside rows of 1 MiB that costs up to 80 M
 * instructions. To give a row another value costs what the rows around it weigh. So a larger body gets its rows while they are empty and
 * small, in order, which leaves 5 of them in a node; and empty rows behind them keep the next body out of their nodes. A chunk of 1 MiB then
 * takes 13 to 27 M instructions instead of 60.
 */
const ROOM_FROM_BYTES = 65_536n
const EMPTY_ROWS = 11
const EMPTY_ROWS_AT = 0xffff_ff00
const NOTHING = new Uint8Array(0)

/** Rows that one run of `collect` removes. */
const ROWS_PER_RUN = 16
/** Where the bitmaps keep the number of bytes of all chunks. */
const TOTAL = new Uint8Array(0)

/** Length of one sealed chunk, by what `begin` stated. */
export function chunkBytes(body: Body, index: number): number {
  const whole = 2 ** body.chunkLog2 + CHUNK_TAG_BYTES
  return index < body.chunkCount - 1 ? whole : Number(body.sizeBytes) - whole * (body.chunkCount - 1)
}

/** Bodies by number, a row a chunk. Which chunks are there is a bit each, least significant first. */
export function createBodies(chunks: Rows, bitmaps: Rows, garbage: Rows) {
  const queue = createQueue(garbage)
  const rowKey = ({ bodyNo }: Body, row: number) => new ByteWriter(12).u64(bodyNo).u32(row).done()
  const bitmapKey = ({ bodyNo }: Body) => u64Key(bodyNo)
  const count = (bytes: number) => bitmaps.set(TOTAL, u64Key(bodies.storedBytes() + BigInt(bytes)))
  /** All rows that a body may have, chunks first. */
  const rowAt = (body: Body, i: number) => (i < body.chunkCount ? i : EMPTY_ROWS_AT + i - body.chunkCount)
  const rowCount = (body: Body) => body.chunkCount + (body.sizeBytes > ROOM_FROM_BYTES ? EMPTY_ROWS : 0)

  const bodies = {
    /** Bytes of all chunks that are there, also of bodies that were given up and are not removed yet. */
    storedBytes: (): bigint => new ByteReader(bitmaps.get(TOTAL) ?? new Uint8Array(8)).u64(),
    /** Before the first chunk of a body. */
    makeRoom(body: Body): void {
      if (body.sizeBytes <= ROOM_FROM_BYTES) return
      for (let i = 0; i < rowCount(body); i++) chunks.set(rowKey(body, rowAt(body, i)), NOTHING)
    },
    received: (body: Body): Uint8Array =>
      bitmaps.get(bitmapKey(body)) ?? new Uint8Array(Math.ceil(body.chunkCount / 8)),
    has: (body: Body, index: number): boolean => isSet(bodies.received(body), index),
    isComplete(body: Body): boolean {
      const bits = bodies.received(body)
      for (let i = 0; i < body.chunkCount; i++) if (!isSet(bits, i)) return false
      return true
    },
    put(body: Body, index: number, bytes: Uint8Array): void {
      chunks.set(rowKey(body, index), bytes)
      const bits = bodies.received(body)
      bits[index >>> 3] = (bits[index >>> 3] ?? 0) | (1 << (index & 7))
      bitmaps.set(bitmapKey(body), bits)
      count(bytes.length)
    },
    /** A chunk that is there. @throws Error for one that is not. */
    read(body: Body, index: number): Uint8Array {
      const bytes = chunks.get(rowKey(body, index))
      assert(bytes?.length === chunkBytes(body, index), 'a chunk that was put is there, whole')
      return bytes
    },
    /** Whether the stored chunk is these very bytes: a resent one. */
    equals: (body: Body, index: number, bytes: Uint8Array): boolean => sameBytes(bodies.read(body, index), bytes),
    /** Gives a body up. Its rows go in later messages, by `collect`: there may be more than one message can remove. */
    discard: (body: Body): void => queue.push(encodeGarbage({ ...body, nextRow: 0 })),
    /** After commit: the chunks stay, the bits have served. */
    seal: (body: Body): void => bitmaps.delete(bitmapKey(body)),

    /** Removes some rows of bodies that were given up. @returns whether more is left. */
    collect(): boolean {
      const row = queue.first()
      if (row === undefined) return false
      const body = decodeGarbage(row)
      assert(body !== null, 'a stored body decodes')
      const bits = bodies.received(body)
      const end = Math.min(rowCount(body), body.nextRow + ROWS_PER_RUN)
      for (let i = body.nextRow; i < end; i++) {
        chunks.delete(rowKey(body, rowAt(body, i)))
        if (i < body.chunkCount && isSet(bits, i)) count(-chunkBytes(body, i))
      }
      if (end < rowCount(body)) {
        queue.replaceFirst(encodeGarbage({ ...body, nextRow: end }))
        return true
      }
      bitmaps.delete(bitmapKey(body))
      queue.shift()
      return queue.first() !== undefined
    },
  }
  return bodies
}
export type Bodies = ReturnType<typeof createBodies>

const isSet = (bits: Uint8Array, index: number): boolean => (((bits[index >>> 3] ?? 0) >>> (index & 7)) & 1) === 1
