/**
 * The append-only Merkle tree of RFC 6962, section 2.1 (the same tree as RFC 9162, section 2.1), kept as its peaks: the
 * roots of the complete subtrees that a size decomposes into, largest first. An append needs the peaks alone, never the
 * leaves.
 */
import { type Decoded, COUNT_MAX, expectLength, getCount, isCount, refused, setCount, viewOf } from './bytes.ts'

/** SHA-256, handed in: canisters pass their own, clients a library's. Must return 32 fresh bytes. */
export type Hash = (bytes: Uint8Array) => Uint8Array

export const HASH_BYTES = 32
/** Most leaves a tree can have: positions are plain numbers. */
export const TREE_SIZE_MAX = COUNT_MAX

/** What an append must remember: `hashes[i]` is the root of the i-th largest complete subtree, 32 bytes each. */
export interface Peaks {
  readonly size: number
  readonly hashes: readonly Uint8Array[]
}

export const EMPTY_PEAKS: Peaks = { size: 0, hashes: [] }

/** The root of a tree without leaves: the hash of nothing. */
export function emptyRoot(hash: Hash): Uint8Array {
  return hash(new Uint8Array(0))
}

/** `H(0x00 || leaf)`, for a leaf of any length. */
export function leafHash(hash: Hash, leaf: Uint8Array): Uint8Array {
  const block = new Uint8Array(1 + leaf.length)
  block.set(leaf, 1)
  return hash(block)
}

/** `H(0x01 || left || right)`, 32 bytes each. */
export function nodeHash(hash: Hash, left: Uint8Array, right: Uint8Array): Uint8Array {
  const block = new Uint8Array(1 + 2 * HASH_BYTES)
  block[0] = 1
  block.set(left, 1)
  block.set(right, 1 + HASH_BYTES)
  return hash(block)
}

/**
 * Appends one leaf, given its leaf hash.
 *
 * @throws RangeError for a leaf hash that is not 32 bytes, or a full tree.
 */
export function appendLeaf(hash: Hash, peaks: Peaks, leaf: Uint8Array): { readonly peaks: Peaks } {
  expectLength('the leaf hash', leaf, HASH_BYTES)
  if (peaks.size >= TREE_SIZE_MAX) throw new RangeError('the tree is full')
  const hashes = peaks.hashes.slice()
  let node = leaf
  // An odd index has a complete left sibling, and that sibling is always the smallest peak.
  for (let index = peaks.size; index % 2 === 1; index = (index - 1) / 2) {
    const left = hashes.pop()
    if (left === undefined) throw new RangeError('the peaks do not belong to their size')
    node = nodeHash(hash, left, node)
  }
  hashes.push(node)
  return { peaks: { size: peaks.size + 1, hashes } }
}

/** The tree's root, 32 bytes. */
export function rootOf(hash: Hash, peaks: Peaks): Uint8Array {
  return foldRight(hash, peaks.hashes)
}

/** Root over these leaves in their order, without keeping nodes: how a list is checked against a certified root. */
export function rootOfLeaves(hash: Hash, leaves: Iterable<Uint8Array>): Uint8Array {
  let peaks = EMPTY_PEAKS
  for (const leaf of leaves) peaks = appendLeaf(hash, peaks, leafHash(hash, leaf)).peaks
  return rootOf(hash, peaks)
}

/** Joins neighbouring subtrees from the right, as the recursive definition does. */
export function foldRight(hash: Hash, subtrees: readonly Uint8Array[]): Uint8Array {
  let root = subtrees[subtrees.length - 1]
  if (root === undefined) return emptyRoot(hash)
  for (let i = subtrees.length - 2; i >= 0; i--) {
    const left = subtrees[i]
    if (left !== undefined) root = nodeHash(hash, left, root)
  }
  return root
}

/** `size(8) || peak(32) * n`, where n is the number of ones in the size. */
export function encodePeaks(peaks: Peaks): Uint8Array {
  const count = onesIn(peaks.size)
  if (peaks.hashes.length !== count) throw new RangeError('the peaks do not belong to their size')
  const bytes = new Uint8Array(8 + count * HASH_BYTES)
  setCount(viewOf(bytes), 0, peaks.size)
  for (let i = 0; i < count; i++) {
    const peak = peaks.hashes[i]
    if (peak === undefined) break
    expectLength('a peak', peak, HASH_BYTES)
    bytes.set(peak, 8 + i * HASH_BYTES)
  }
  return bytes
}

/** Never throws. */
export function decodePeaks(bytes: Uint8Array): Decoded<Peaks> {
  if (bytes.length < 8) return refused('WrongLength')
  const size = getCount(viewOf(bytes), 0)
  if (size < 0) return refused('OutOfRange')
  const count = onesIn(size)
  if (bytes.length !== 8 + count * HASH_BYTES) return refused('WrongLength')
  const hashes: Uint8Array[] = []
  for (let i = 0; i < count; i++) hashes.push(bytes.slice(8 + i * HASH_BYTES, 8 + (i + 1) * HASH_BYTES))
  return { ok: true, value: { size, hashes } }
}

/** Exponent of the largest power of two that is at most `n`, for 1 ≤ n < 2^53. */
export function floorLog2(n: number): number {
  const high = Math.floor(n / 0x1_0000_0000)
  return high > 0 ? 63 - Math.clz32(high) : 31 - Math.clz32(n)
}

function onesIn(size: number): number {
  if (!isCount(size)) throw new RangeError('a tree size is an integer from 0 to 2^53-1')
  let ones = 0
  for (let rest = size; rest > 0; rest = Math.floor(rest / 2)) ones += rest % 2
  return ones
}
