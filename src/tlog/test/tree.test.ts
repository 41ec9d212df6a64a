import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  EMPTY_PEAKS,
  TREE_SIZE_MAX,
  appendLeaf,
  createProver,
  decodePeaks,
  encodePeaks,
  foldOf,
  type TreeNodes,
  leafHash,
  nodeHash,
  rootOf,
  rootOfLeaves,
  siblingsFrom,
  verifyConsistency,
  verifyInclusion,
} from '../src/index.ts'
import { hex, readVectors, sha256, slowConsistency, slowNodes, slowPath, slowRoot, unhex } from './slow-tree.ts'

interface Vectors {
  published: {
    leaves: string[]
    roots: string[]
    inclusion: { index: number; size: number; path: string[] }[]
    consistency: { oldSize: number; newSize: number; path: string[] }[]
  }
  computed: { roots: { size: number; root: string }[] }
}
const vectors = readVectors('rfc6962.json') as Vectors

/** A log as it grows, with its nodes looked up only by (level, index). */
function grow(leaves: Uint8Array[]) {
  const hashes = leaves.map((leaf) => leafHash(sha256, leaf))
  const nodes = slowNodes(hashes)
  const roots = [rootOf(sha256, EMPTY_PEAKS)]
  let peaks = EMPTY_PEAKS
  for (const own of hashes) {
    peaks = appendLeaf(sha256, peaks, own).peaks
    roots.push(rootOf(sha256, peaks))
  }
  const at = (size: number): Uint8Array => roots[size]!
  return { getNode: (level: number, index: number) => nodes.get(`${level}/${index}`), at, peaks }
}
const proverOf = (getNode: (level: number, index: number) => Uint8Array | undefined, size: number) => {
  const node: TreeNodes['node'] = (level, index) => {
    const found = getNode(level, index)
    if (found === undefined) throw new RangeError(`node ${index} of level ${level} is missing`)
    return found
  }
  return createProver(foldOf(sha256), { node, siblings: siblingsFrom(node) }, size)
}
const bent = (bytes: Uint8Array, bit: number): Uint8Array => {
  const copy = bytes.slice()
  copy[(bit >> 3) % copy.length]! ^= 1 << (bit & 7)
  return copy
}
const peak = (text: number): Uint8Array => sha256(Uint8Array.of(text))
const brokenHash = (): never => {
  throw new Error('hash failed')
}
const numbered = (count: number): Uint8Array[] =>
  Array.from({ length: count }, (_, i) => Uint8Array.of(i >>> 24, i >>> 16, i >>> 8, i))

describe('published vectors', () => {
  const leaves = vectors.published.leaves.map(unhex)
  const log = grow(leaves)

  test('the roots of the first eight sizes are the published ones', () => {
    expect(vectors.published.roots.map((_, size) => hex(log.at(size)))).toEqual(vectors.published.roots)
  })

  test.each(vectors.published.inclusion)('leaf $index of $size has the published path', ({ index, size, path }) => {
    expect(proverOf(log.getNode, size).inclusion(index).map(hex)).toEqual(path)
    const claim = { leafHash: leafHash(sha256, leaves[index]!), index, size, root: log.at(size), path: path.map(unhex) }
    expect(verifyInclusion(sha256, claim)).toBe(true)
  })

  test.each(vectors.published.consistency)('$newSize extends $oldSize by the published proof', (vector) => {
    const { oldSize, newSize, path } = vector
    expect(proverOf(log.getNode, newSize).consistency(oldSize).map(hex)).toEqual(path)
    const claim = { oldSize, oldRoot: log.at(oldSize), newSize, newRoot: log.at(newSize), path: path.map(unhex) }
    expect(verifyConsistency(sha256, claim)).toBe(true)
  })

  test('larger trees have the roots that an independent program computed', () => {
    const large = grow(numbered(4097))
    expect(rootOfLeaves(sha256, numbered(4097))).toEqual(large.at(4097))
    for (const { size, root } of vectors.computed.roots) expect(hex(large.at(size))).toBe(root)
  })
})

describe('agreement with the recursive definition', () => {
  const leaves = numbered(40)
  const log = grow(leaves)

  test('every inclusion proof up to 40 leaves is the defined one and verifies', () => {
    for (let size = 1; size <= leaves.length; size++) {
      for (let index = 0; index < size; index++) {
        const path = proverOf(log.getNode, size).inclusion(index)
        expect(path.map(hex)).toEqual(slowPath(index, leaves.slice(0, size)).map(hex))
        const claim = { leafHash: leafHash(sha256, leaves[index]!), index, size, root: log.at(size), path }
        expect(verifyInclusion(sha256, claim)).toBe(true)
      }
    }
  })

  test('every consistency proof up to 40 leaves is the defined one and verifies', () => {
    for (let newSize = 1; newSize <= leaves.length; newSize++) {
      expect(hex(log.at(newSize))).toBe(hex(slowRoot(leaves.slice(0, newSize))))
      for (let oldSize = 1; oldSize <= newSize; oldSize++) {
        const path = proverOf(log.getNode, newSize).consistency(oldSize)
        expect(path.map(hex)).toEqual(slowConsistency(oldSize, leaves.slice(0, newSize)).map(hex))
        const claim = { oldSize, oldRoot: log.at(oldSize), newSize, newRoot: log.at(newSize), path }
        expect(verifyConsistency(sha256, claim)).toBe(true)
      }
    }
  })
})

describe('proofs that must not verify', () => {
  const leaves = numbered(64)
  const log = grow(leaves)
  const sizes = fc.integer({ min: 2, max: 64 }).chain((size) =>
    fc.record({
      size: fc.constant(size),
      index: fc.nat(size - 1),
      old: fc.integer({ min: 1, max: size - 1 }),
    }),
  )
  test('one changed bit anywhere ends an inclusion proof', () => {
    fc.assert(
      fc.property(sizes, fc.nat(255), fc.nat(60), ({ size, index }, bit, pick) => {
        const path = proverOf(log.getNode, size).inclusion(index)
        const good = { leafHash: leafHash(sha256, leaves[index]!), index, size, root: log.at(size), path }
        const at = pick % path.length
        expect(verifyInclusion(sha256, { ...good, path: path.map((p, i) => (i === at ? bent(p, bit) : p)) })).toBe(
          false,
        )
        expect(verifyInclusion(sha256, { ...good, root: bent(good.root, bit) })).toBe(false)
        expect(verifyInclusion(sha256, { ...good, leafHash: bent(good.leafHash, bit) })).toBe(false)
        expect(verifyInclusion(sha256, { ...good, path: path.slice(1) })).toBe(false)
        expect(verifyInclusion(sha256, { ...good, path: [...path, good.root] })).toBe(false)
      }),
    )
  })

  test('a proof for one index does not place the leaf at another', () => {
    fc.assert(
      fc.property(sizes, fc.nat(70), ({ size, index }, other) => {
        fc.pre(other !== index)
        const path = proverOf(log.getNode, size).inclusion(index)
        const claim = { leafHash: leafHash(sha256, leaves[index]!), index: other, size, root: log.at(size), path }
        expect(verifyInclusion(sha256, claim)).toBe(false)
      }),
    )
  })

  test('one changed bit, a missing or an added hash ends a consistency proof', () => {
    fc.assert(
      fc.property(sizes, fc.nat(255), fc.nat(60), ({ size, old }, bit, pick) => {
        const path = proverOf(log.getNode, size).consistency(old)
        const good = { oldSize: old, oldRoot: log.at(old), newSize: size, newRoot: log.at(size), path }
        const at = pick % path.length
        expect(verifyConsistency(sha256, { ...good, path: path.map((p, i) => (i === at ? bent(p, bit) : p)) })).toBe(
          false,
        )
        expect(verifyConsistency(sha256, { ...good, oldRoot: bent(good.oldRoot, bit) })).toBe(false)
        expect(verifyConsistency(sha256, { ...good, newRoot: bent(good.newRoot, bit) })).toBe(false)
        expect(verifyConsistency(sha256, { ...good, path: path.slice(1) })).toBe(false)
        expect(verifyConsistency(sha256, { ...good, path: [...path, good.newRoot] })).toBe(false)
      }),
    )
  })

  test('a rewritten leaf below the old size cannot be proven consistent', () => {
    fc.assert(
      fc.property(sizes, fc.nat(), ({ size, old }, pick) => {
        const changed = leaves.map((leaf, i) => (i === pick % old ? Uint8Array.of(9) : leaf))
        const fork = grow(changed.slice(0, size))
        const path = proverOf(fork.getNode, size).consistency(old)
        const claim = { oldSize: old, oldRoot: log.at(old), newSize: size, newRoot: fork.at(size), path }
        expect(verifyConsistency(sha256, claim)).toBe(false)
      }),
      { numRuns: 40 },
    )
  })

  test('an inner node is not accepted as a leaf of a smaller tree read one level up', () => {
    const four = grow(leaves.slice(0, 4))
    const path = proverOf(four.getNode, 4).inclusion(0).slice(1)
    const inner = four.getNode(1, 0)!
    expect(verifyInclusion(sha256, { leafHash: inner, index: 0, size: 4, root: four.at(4), path })).toBe(false)
    // With size 2 the hashes do fit: the verifier must hash the leaf it read, as the claim's contract says.
    expect(
      verifyInclusion(sha256, { leafHash: leafHash(sha256, inner), index: 0, size: 2, root: four.at(4), path }),
    ).toBe(false)
  })

  test('an empty old tree extends to anything, with the empty root and no path only', () => {
    const good = { oldSize: 0, oldRoot: log.at(0), newSize: 5, newRoot: log.at(5), path: [] }
    expect(verifyConsistency(sha256, good)).toBe(true)
    expect(verifyConsistency(sha256, { ...good, oldRoot: log.at(1) })).toBe(false)
    expect(verifyConsistency(sha256, { ...good, path: [log.at(5)] })).toBe(false)
    expect(verifyConsistency(sha256, { ...good, newSize: 0 })).toBe(false)
  })

  test('values of any shape are answered with false, without an exception', () => {
    fc.assert(
      fc.property(fc.anything(), fc.anything(), fc.anything(), fc.anything(), fc.anything(), (a, b, c, d, e) => {
        const inclusion = { leafHash: a, index: b, size: c, root: d, path: e } as never
        const consistency = { oldSize: b, oldRoot: a, newSize: c, newRoot: d, path: e } as never
        expect(verifyInclusion(sha256, inclusion)).toBe(false)
        expect(verifyConsistency(sha256, consistency)).toBe(false)
      }),
    )
    expect(verifyInclusion(sha256, null as never)).toBe(false)
    const claim = { leafHash: log.at(1), index: 0, size: 2, root: log.at(2), path: [log.at(1)] }
    expect(verifyInclusion(brokenHash, claim)).toBe(false)
  })
})

describe('peaks', () => {
  test('encoding and decoding give the same peaks at every size', () => {
    let peaks = EMPTY_PEAKS
    for (const leaf of numbered(70)) {
      peaks = appendLeaf(sha256, peaks, leafHash(sha256, leaf)).peaks
      const bytes = encodePeaks(peaks)
      expect(decodePeaks(bytes)).toEqual({ ok: true, value: peaks })
      expect(decodePeaks(bytes.subarray(1)).ok).toBe(false)
    }
  })

  test('decoding never throws, and whatever it accepts encodes to the same bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        const decoded = decodePeaks(bytes)
        expect(!decoded.ok || hex(encodePeaks(decoded.value)) === hex(bytes)).toBe(true)
      }),
    )
    expect(decodePeaks(new Uint8Array(8).fill(255))).toEqual({ ok: false, reason: 'OutOfRange' })
    expect(decodePeaks(Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 1))).toEqual({ ok: false, reason: 'WrongLength' })
  })

  test('a tree beyond 2^32 leaves appends and proves like a small one', () => {
    const size = 2 ** 33 + 3
    const nodes = new Map<string, Uint8Array>()
    const start = { size, hashes: [peak(1), peak(2), peak(3)] }
    nodes
      .set('33/0', peak(1))
      .set(`1/${2 ** 32}`, peak(2))
      .set(`0/${2 ** 33 + 2}`, peak(3))
    const leaf = leafHash(sha256, Uint8Array.of(7))
    const { peaks } = appendLeaf(sha256, start, leaf)
    const pair = nodeHash(sha256, peak(3), leaf)
    nodes
      .set(`0/${size}`, leaf)
      .set(`1/${2 ** 32 + 1}`, pair)
      .set(`2/${2 ** 31}`, nodeHash(sha256, peak(2), pair))
    const getNode = (level: number, index: number) => nodes.get(`${level}/${index}`)
    const path = proverOf(getNode, size + 1).inclusion(size)
    const root = rootOf(sha256, peaks)
    expect(verifyInclusion(sha256, { leafHash: leaf, index: size, size: size + 1, root, path })).toBe(true)
    const proof = proverOf(getNode, size + 1).consistency(size)
    const claim = { oldSize: size, oldRoot: rootOf(sha256, start), newSize: size + 1, newRoot: root, path: proof }
    expect(verifyConsistency(sha256, claim)).toBe(true)
  })

  test('misuse is refused with a RangeError', () => {
    const log = grow(numbered(3))
    expect(() => proverOf(log.getNode, 3).inclusion(3)).toThrow(RangeError)
    expect(() => proverOf(() => undefined, 3).inclusion(0)).toThrow('node 0 of level 1 is missing')
    expect(() => proverOf(log.getNode, 2).consistency(3)).toThrow(RangeError)
    expect(() => appendLeaf(sha256, EMPTY_PEAKS, new Uint8Array(31))).toThrow(RangeError)
    expect(() => appendLeaf(sha256, { size: TREE_SIZE_MAX, hashes: [] }, new Uint8Array(32))).toThrow(RangeError)
    expect(() => encodePeaks({ size: 3, hashes: [] })).toThrow(RangeError)
  })
})
