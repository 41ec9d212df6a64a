import { ByteReader, ByteWriter, CHUNK_TAG_BYTES, equalBytes } from '@medguard/protocol'
import type { Rows } from '@medguard/shared'
import { type Body, decodeBody, encodeBody } from './codec.ts'

/** Ciphertext chunks are kept in pieces: a value of 1 MiB would make every insert next to it dear. */
export const PIECE_BYTES = 65_536
/** Chunks that one run of `collect` removes: a full one has 17 pieces. */
const CHUNKS_PER_RUN = 8

/** Length of one sealed chunk, by what `begin` stated. */
export function chunkBytes(body: Body, index: number): number {
  const whole = 2 ** body.chunkLog2 + CHUNK_TAG_BYTES
  return index < body.chunkCount - 1 ? whole : Number(body.sizeBytes) - whole * (body.chunkCount - 1)
}

/** Bodies by number. Which chunks are there is a bit each, least significant first. */
export function createBodies(chunks: Rows, bitmaps: Rows, garbage: Rows) {
  const queue = createQueue(garbage)
  const pieceKey = (bodyNo: bigint, index: number, piece: number) =>
    new ByteWriter(14).u64(bodyNo).u32(index).u16(piece).done()
  const bitmapKey = (bodyNo: bigint) => new ByteWriter(8).u64(bodyNo).done()
  const pieceCount = (sizeBytes: number) => Math.ceil(sizeBytes / PIECE_BYTES)

  const bodies = {
    received: (body: Body): Uint8Array =>
      bitmaps.get(bitmapKey(body.bodyNo)) ?? new Uint8Array(Math.ceil(body.chunkCount / 8)),
    has: (body: Body, index: number): boolean => isSet(bodies.received(body), index),
    isComplete(body: Body): boolean {
      const bits = bodies.received(body)
      for (let i = 0; i < body.chunkCount; i++) if (!isSet(bits, i)) return false
      return true
    },
    put(body: Body, index: number, bytes: Uint8Array): void {
      const count = pieceCount(bytes.length)
      for (let piece = 0; piece < count; piece++) {
        const part = bytes.slice(piece * PIECE_BYTES, (piece + 1) * PIECE_BYTES)
        chunks.set(pieceKey(body.bodyNo, index, piece), part)
      }
      const bits = bodies.received(body)
      bits[index >>> 3] = (bits[index >>> 3] ?? 0) | (1 << (index & 7))
      bitmaps.set(bitmapKey(body.bodyNo), bits)
    },
    /** A chunk that is there. @throws Error for one that is not. */
    read(body: Body, index: number): Uint8Array {
      const bytes = new Uint8Array(chunkBytes(body, index))
      const count = pieceCount(bytes.length)
      for (let piece = 0; piece < count; piece++) {
        const part = chunks.get(pieceKey(body.bodyNo, index, piece))
        if (part === undefined) throw new Error('a chunk has all of its pieces')
        bytes.set(part, piece * PIECE_BYTES)
      }
      return bytes
    },
    /** Whether the stored chunk is these very bytes: a resent one. Four bytes at a time, since each step costs. */
    equals(body: Body, index: number, bytes: Uint8Array): boolean {
      const stored = bodies.read(body, index)
      if (stored.length !== bytes.length) return false
      const words = stored.length >>> 2
      const a = new Uint32Array(stored.buffer, 0, words)
      const b = new Uint32Array(bytes.slice().buffer, 0, words)
      for (let i = 0; i < words; i++) if (a[i] !== b[i]) return false
      return equalBytes(stored.subarray(words * 4), bytes.subarray(words * 4))
    },
    /** Gives a body up. Its chunks go in later messages, by `collect`: there may be more than one message can remove. */
    discard: (body: Body): void => queue.push(encodeBody(body)),
    /** After commit: the chunks stay, the bits have served. */
    seal: (body: Body): void => bitmaps.delete(bitmapKey(body.bodyNo)),

    /** Removes some chunks of bodies that were given up. @returns whether more is left. */
    collect(): boolean {
      const row = queue.first()
      if (row === undefined) return false
      const body = decodeBody(row)
      if (body === null) throw new Error('a stored body decodes')
      const bits = bodies.received(body)
      let removed = 0
      for (let index = 0; index < body.chunkCount && removed < CHUNKS_PER_RUN; index++) {
        if (!isSet(bits, index)) continue
        const count = pieceCount(chunkBytes(body, index))
        for (let piece = 0; piece < count; piece++) chunks.delete(pieceKey(body.bodyNo, index, piece))
        bits[index >>> 3] = (bits[index >>> 3] ?? 0) & ~(1 << (index & 7))
        removed++
      }
      if (removed === CHUNKS_PER_RUN) {
        bitmaps.set(bitmapKey(body.bodyNo), bits)
        return true
      }
      bitmaps.delete(bitmapKey(body.bodyNo))
      queue.shift()
      return queue.first() !== undefined
    },
  }
  return bodies
}
export type Bodies = ReturnType<typeof createBodies>

const isSet = (bits: Uint8Array, index: number): boolean => (((bits[index >>> 3] ?? 0) >>> (index & 7)) & 1) === 1

/** First in, first out. Rows: nothing -> head(8) || tail(8); number(8) -> value. */
function createQueue(rows: Rows) {
  const ENDS = new Uint8Array(0)
  const keyOf = (number: bigint) => new ByteWriter(8).u64(number).done()
  const ends = () => {
    const reader = new ByteReader(rows.get(ENDS) ?? new Uint8Array(16))
    return { head: reader.u64(), tail: reader.u64() }
  }
  const setEnds = (head: bigint, tail: bigint) => rows.set(ENDS, new ByteWriter(16).u64(head).u64(tail).done())
  return {
    push(value: Uint8Array): void {
      const { head, tail } = ends()
      rows.set(keyOf(tail), value)
      setEnds(head, tail + 1n)
    },
    first(): Uint8Array | undefined {
      const { head, tail } = ends()
      return head === tail ? undefined : rows.get(keyOf(head))
    },
    shift(): void {
      const { head, tail } = ends()
      rows.delete(keyOf(head))
      setEnds(head + 1n, tail)
    },
  }
}
