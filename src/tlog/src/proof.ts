/** Building proofs from stored nodes, by point look-ups only (RFC 9162, sections 2.1.3.1 and 2.1.4.1). */
import { isCount } from './bytes.ts'
import { type Hash, floorLog2, foldRight } from './tree.ts'

/**
 * Looks up a node that an append returned. Proofs for a tree of `size` leaves ask only for subtrees complete at that
 * size; a missing one is a damaged store.
 */
export type GetNode = (level: number, index: number) => Uint8Array | undefined

/**
 * The audit path of leaf `index` in the tree of the first `size` leaves, from the leaf upwards; at most 53 hashes.
 *
 * @throws RangeError unless 0 ≤ index < size, and when a node is missing.
 */
export function inclusionProof(hash: Hash, getNode: GetNode, index: number, size: number): Uint8Array[] {
  if (!isCount(size) || !isCount(index) || index >= size) throw new RangeError('the leaf is not in a tree of this size')
  const path: Uint8Array[] = []
  let start = 0
  let end = size
  while (end - start > 1) {
    const middle = splitOf(start, end)
    if (index < middle) {
      path.unshift(rangeRoot(hash, getNode, middle, end))
      end = middle
    } else {
      path.unshift(rangeRoot(hash, getNode, start, middle))
      start = middle
    }
  }
  return path
}

/**
 * Proof that the tree of `newSize` leaves extends the tree of `oldSize` leaves. Empty if the sizes are equal or the old
 * tree is empty.
 *
 * @throws RangeError unless 0 ≤ oldSize ≤ newSize, and when a node is missing.
 */
export function consistencyProof(hash: Hash, getNode: GetNode, oldSize: number, newSize: number): Uint8Array[] {
  if (!isCount(oldSize) || !isCount(newSize) || oldSize > newSize) throw new RangeError('the sizes are out of order')
  if (oldSize === 0) return []
  const path: Uint8Array[] = []
  let start = 0
  let end = newSize
  while (oldSize < end) {
    const middle = splitOf(start, end)
    if (oldSize <= middle) {
      path.unshift(rangeRoot(hash, getNode, middle, end))
      end = middle
    } else {
      path.unshift(rangeRoot(hash, getNode, start, middle))
      start = middle
    }
  }
  // A subtree that starts at leaf 0 is the old tree itself, whose root the verifier already has.
  if (start > 0) path.unshift(rangeRoot(hash, getNode, start, end))
  return path
}

/** Where the tree over leaves [start, end) divides: the largest power of two below its width, from the left. */
function splitOf(start: number, end: number): number {
  return start + 2 ** floorLog2(end - start - 1)
}

/** Root over leaves [start, end), where `start` is a multiple of the smallest power of two that holds the range. */
function rangeRoot(hash: Hash, getNode: GetNode, start: number, end: number): Uint8Array {
  const subtrees: Uint8Array[] = []
  let at = start
  while (at < end) {
    const level = floorLog2(end - at)
    const width = 2 ** level
    const node = getNode(level, at / width)
    if (node === undefined) throw new RangeError(`node ${at / width} of level ${level} is missing`)
    subtrees.push(node)
    at += width
  }
  return foldRight(hash, subtrees)
}
