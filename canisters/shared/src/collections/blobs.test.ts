import { type Blob, chunkLength, createBlobs, memoryMap } from '@medguard/shared'
import { describe, expect, test } from 'vitest'

describe('blobs', () => {
  const sealed = (chunkBytes: number, sizeBytes: number, blobNo = 3n): Blob => {
    const chunkCount = Math.max(1, Math.ceil(sizeBytes / chunkBytes))
    return { blobNo, chunkCount, chunkBytes, sizeBytes: BigInt(sizeBytes) }
  }
  const patterned = (sizeBytes: number, seed: number) =>
    new Uint8Array(sizeBytes).map((_, i) => (i * 31 + seed * 7 + (i >>> 8)) & 0xff)
  const opened = () => {
    const chunks = memoryMap()
    const state = memoryMap()
    return { blobs: createBlobs({ chunks, state }), chunks, state }
  }

  test.each([
    [1, 1],
    [1000, 1],
    [1000, 17_500],
    [65_552, 65_552],
    [65_552, 200_000],
    [131_088, 131_089],
    [1_048_592, 1_500_000],
  ])('of %i bytes a chunk and %i bytes in all come back as they were', (bytesOfChunk, sizeBytes) => {
    const { blobs, chunks } = opened()
    const stored = sealed(bytesOfChunk, sizeBytes)
    const order = Array.from({ length: stored.chunkCount }, (_, i) => i).toReversed()
    for (const index of order) {
      expect(blobs.isComplete(stored)).toBe(false)
      expect(blobs.has(stored, index)).toBe(false)
      blobs.put(stored, index, patterned(chunkLength(stored, index), index))
      expect(blobs.has(stored, index)).toBe(true)
    }
    expect(blobs.storedBytes()).toBe(stored.sizeBytes)
    expect(blobs.isComplete(stored)).toBe(true)
    expect(chunks.size()).toBe(stored.chunkCount)
    const sizes = order.map((index) => chunkLength(stored, index))
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(Number(stored.sizeBytes))
    for (const index of order) {
      const chunk = patterned(chunkLength(stored, index), index)
      expect(Buffer.compare(blobs.read(stored, index), chunk)).toBe(0)
      expect(blobs.equals(stored, index, chunk)).toBe(true)
      const changed = chunk.slice()
      const last = changed.length - 1
      changed[last] = (changed[last] ?? 0) ^ 1
      expect(blobs.equals(stored, index, changed)).toBe(false)
    }
  })

  test('that were given up go, a few chunks at a time, until nothing is left', () => {
    const { blobs, chunks, state } = opened()
    const [first, second] = [sealed(65_552, 3_000_000), sealed(65_552, 200_000, 4n)]
    for (const blob of [first, second]) blobs.makeRoom(blob)
    for (let index = 0; index < first.chunkCount; index += 2)
      blobs.put(first, index, patterned(chunkLength(first, index), index))
    blobs.put(second, 1, patterned(chunkLength(second, 1), 1))
    blobs.discard(first)
    blobs.discard(second)
    let runs = 0
    for (let before = chunks.size(); blobs.collect(); before = chunks.size()) {
      expect(before - chunks.size()).toBeLessThanOrEqual(16)
      runs++
    }
    expect(runs).toBeGreaterThan(2)
    // The ends of the queue and the count of bytes stay.
    expect([chunks.size(), state.size(), blobs.storedBytes()]).toEqual([0, 2, 0n])
    expect(blobs.collect()).toBe(false)
  })

  test('that were committed are not touched by that', () => {
    const { blobs } = opened()
    const [kept, given] = [sealed(65_552, 100_000), sealed(65_552, 100_000, 4n)]
    for (const each of [kept, given])
      for (let index = 0; index < each.chunkCount; index++)
        blobs.put(each, index, patterned(chunkLength(each, index), index))
    blobs.seal(kept)
    blobs.discard(given)
    while (blobs.collect());
    expect(Buffer.compare(blobs.read(kept, 1), patterned(chunkLength(kept, 1), 1))).toBe(0)
    expect(() => blobs.read(given, 1)).toThrow('is there, whole')
  })

  test('of made-up rows are refused with a fixed sentence', () => {
    const { blobs, chunks, state } = opened()
    const blob = sealed(1000, 5000)
    state.set(new Uint8Array([0, 0, 0, 0, 0, 0, 0, 0, 3]), new Uint8Array([1]))
    expect(() => blobs.received(blob)).toThrow('the bits of a blob decode')
    chunks.set(new Uint8Array([0, 0, 0, 0, 0, 0, 0, 3, 0, 0, 0, 0]), new Uint8Array(3))
    expect(() => blobs.read(blob, 0)).toThrow('is there, whole')
    expect(() => blobs.put(blob, 4, new Uint8Array(1001))).toThrow('the length that its blob says')
    state.set(new Uint8Array([2]), new Uint8Array([1, ...new Uint8Array(15), 1]))
    state.set(new Uint8Array([2, ...new Uint8Array(8)]), new Uint8Array(9))
    expect(() => blobs.collect()).toThrow('a blob that was given up decodes')
  })
})
