/** Building proofs from stored nodes, by point look-ups only (RFC 9162, sections 2.1.3.1 and 2.1.4.1). */
import { isCount } from './bytes.ts'
import type { Fold } from './fold.ts'
import { floorLog2, HASH_BYTES } from './tree.ts'

/**
 * Looks up the root of the `index`-th complete subtree of 2^level leaves, 32 bytes. Proofs for a tree of `size` leaves ask only for subtrees
 * complete at that size; a missing one is a damaged store.
 */
export type GetNode = (level: number, index: number) => Uint8Array | undefined

/** Proofs in the tree of one size. What they share, the edge of that tree, is looked up and hashed once. */
export interface Prover {
  /**
   * The audit path of leaf `index`, from the leaf upwards; at most 53 hashes.
   * @throws RangeError unless 0 ≤ index < size, and when a node is missing.
   */
  readonly inclusion: (index: number) => Uint8Array[]
  /**
   * Proof that this tree extends the tree of `oldSize` leaves. Empty if the sizes are equal or the old tree is empty.
   * @throws RangeError unless 0 ≤ oldSize ≤ size, and when a node is missing.
   */
  readonly consistency: (oldSize: number) => Uint8Array[]
}

/** @throws RangeError for a size that is no count. */
export function createProver(fold: Fold, getNode: GetNode, size: number): Prover {
  if (!isCount(size)) throw new RangeError('a tree size is an integer from 0 to 2^53-1')
  let edge: ReadonlyMap<number, Uint8Array> | null = null
  const node = (level: number, index: number): Uint8Array => {
    const found = getNode(level, index)
    if (found === undefined) throw new RangeError(`node ${index} of level ${level} is missing`)
    return found
  }
  /** Root over leaves [start, end): a complete subtree, or everything from a peak to the end of the tree. */
  const rangeRoot = (start: number, end: number): Uint8Array => {
    const level = floorLog2(end - start)
    const width = 2 ** level
    if (width === end - start) return node(level, start / width)
    const root = (edge ??= edgeOf(fold, node, size)).get(start)
    if (end !== size || root === undefined) throw new RangeError('a proof is made of subtrees and of edges')
    return root
  }
  return {
    inclusion(index) {
      if (!isCount(index) || index >= size) throw new RangeError('the leaf is not in a tree of this size')
      const path: Uint8Array[] = []
      let start = 0
      let end = size
      while (end - start > 1) {
        const middle = splitOf(start, end)
        if (index < middle) {
          path.unshift(rangeRoot(middle, end))
          end = middle
        } else {
          path.unshift(rangeRoot(start, middle))
          start = middle
        }
      }
      return path
    },
    consistency(oldSize) {
      if (!isCount(oldSize) || oldSize > size) throw new RangeError('the sizes are out of order')
      if (oldSize === 0) return []
      const path: Uint8Array[] = []
      let start = 0
      let end = size
      while (oldSize < end) {
        const middle = splitOf(start, end)
        if (oldSize <= middle) {
          path.unshift(rangeRoot(middle, end))
          end = middle
        } else {
          path.unshift(rangeRoot(start, middle))
          start = middle
        }
      }
      // A subtree that starts at leaf 0 is the old tree itself, whose root the verifier already has.
      if (start > 0) path.unshift(rangeRoot(start, end))
      return path
    },
  }
}

/** Where the tree over leaves [start, end) divides: the largest power of two below its width, from the left. */
function splitOf(start: number, end: number): number {
  return start + 2 ** floorLog2(end - start - 1)
}

/** For each peak, by the leaf that it begins with: the root over everything from there to the end. */
function edgeOf(fold: Fold, node: (level: number, index: number) => Uint8Array, size: number): Map<number, Uint8Array> {
  const starts: number[] = []
  const peaks: Uint8Array[] = []
  for (let at = 0; at < size;) {
    const level = floorLog2(size - at)
    const width = 2 ** level
    starts.push(at)
    peaks.push(node(level, at / width))
    at += width
  }
  const bytes = new Uint8Array(peaks.length * HASH_BYTES)
  for (const [i, peak] of peaks.entries()) bytes.set(peak, i * HASH_BYTES)
  const folded = fold(bytes)
  return new Map(starts.map((start, i) => [start, folded.subarray(i * HASH_BYTES, (i + 1) * HASH_BYTES)]))
}
