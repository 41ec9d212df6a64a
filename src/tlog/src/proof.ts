/** Building proofs from stored nodes, by point look-ups only (RFC 9162, sections 2.1.3.1 and 2.1.4.1). */
import { isCount } from './bytes.ts'
import type { Fold } from './fold.ts'
import { floorLog2, HASH_BYTES } from './tree.ts'

/**
 * Looks up stored hashes. Proofs for a tree of `size` leaves ask only for subtrees complete at that size; a missing one is a damaged store, and
 * throws.
 */
export interface TreeNodes {
  /** Root of the `index`-th complete subtree of 2^level leaves, 32 bytes. */
  readonly node: (level: number, index: number) => Uint8Array
  /** What stands beside leaf `index` and beside the subtrees above it, from level 0 on, `levels` of them. */
  readonly siblings: (index: number, levels: number) => Uint8Array[]
}

/** Siblings for a store that knows nothing quicker than node by node. */
export const siblingsFrom =
  (node: TreeNodes['node']): TreeNodes['siblings'] =>
  (index, levels) =>
    Array.from({ length: levels }, (_, level) => {
      const position = Math.floor(index / 2 ** level)
      return node(level, position % 2 === 0 ? position + 1 : position - 1)
    })

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
export function createProver(fold: Fold, { node, siblings }: TreeNodes, size: number): Prover {
  if (!isCount(size)) throw new RangeError('a tree size is an integer from 0 to 2^53-1')
  let known: readonly Peak[] | null = null
  const peaks = () => (known ??= peaksOf(fold, node, size))
  /** Root over leaves [start, end): a complete subtree, or everything from a peak to the end of the tree. */
  const rangeRoot = (start: number, end: number): Uint8Array => {
    const level = floorLog2(end - start)
    const width = 2 ** level
    if (width === end - start) return node(level, start / width)
    const edge = peaks().find((peak) => peak.start === start)
    if (end !== size || edge === undefined) throw new RangeError('a proof is made of subtrees and of edges')
    return edge.toTheEnd
  }
  return {
    inclusion(index) {
      if (!isCount(index) || index >= size) throw new RangeError('the leaf is not in a tree of this size')
      const all = peaks()
      const at = all.findLastIndex((peak) => peak.start <= index)
      const path = siblings(index, all[at]?.level ?? 0)
      const right = all[at + 1]
      if (right !== undefined) path.push(right.toTheEnd)
      for (let i = at - 1; i >= 0; i--) path.push((all[i] as Peak).root)
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

/** One of the complete subtrees that a size decomposes into. */
interface Peak {
  readonly level: number
  /** Its first leaf. */
  readonly start: number
  readonly root: Uint8Array
  /** Root over it and everything behind it. */
  readonly toTheEnd: Uint8Array
}

/** Largest first. */
function peaksOf(fold: Fold, node: TreeNodes['node'], size: number): Peak[] {
  const found: Omit<Peak, 'toTheEnd'>[] = []
  for (let start = 0; start < size;) {
    const level = floorLog2(size - start)
    const width = 2 ** level
    found.push({ level, start, root: node(level, start / width) })
    start += width
  }
  const roots = new Uint8Array(found.length * HASH_BYTES)
  for (const [i, { root }] of found.entries()) roots.set(root, i * HASH_BYTES)
  const folded = size === 0 ? roots : fold(roots)
  return found.map((peak, i) => ({ ...peak, toTheEnd: folded.subarray(i * HASH_BYTES, (i + 1) * HASH_BYTES) }))
}
