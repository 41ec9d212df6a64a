// Proofs about some paths of a tree: what is there, and that nothing else is. Interface specification, "Lookup".
import { compareBytes } from './bytes.ts'
import { type HashTree, type Path, rootHash } from './hash-tree.ts'

/**
 * The same tree, same root hash, with all pruned that says nothing about these paths. A path that is there keeps its whole subtree;
 * one that is not keeps the labels on either side of its place, which prove its absence.
 */
export function witness(tree: HashTree, paths: readonly Path[]): HashTree {
  const labels = labelsOf(tree)
  if (labels.length === 0) return tree
  const below = new Map<number, Path[]>()
  const beside = new Set<number>()
  for (const [first, ...rest] of paths) {
    if (first === undefined) return tree
    const place = labels.findIndex((label) => compareBytes(label, first) >= 0)
    const found = labels[place]
    if (found !== undefined && compareBytes(found, first) === 0) {
      below.set(place, [...(below.get(place) ?? []), rest])
      continue
    }
    const after = place === -1 ? labels.length : place
    beside.add(after - 1).add(after)
  }
  let next = 0
  const keep = (node: HashTree): HashTree => {
    if (node[0] === 1) {
      const [left, right] = [keep(node[1]), keep(node[2])]
      return left[0] === 4 && right[0] === 4 ? [4, rootHash(node)] : [1, left, right]
    }
    if (node[0] !== 2) return node
    const place = next++
    const deeper = below.get(place)
    if (deeper !== undefined) return [2, node[1], witness(node[2], deeper)]
    return beside.has(place) ? [2, node[1], [4, rootHash(node[2])]] : [4, rootHash(node)]
  }
  return keep(tree)
}

/** Of one level, in ascending order. */
function labelsOf(tree: HashTree): Uint8Array[] {
  if (tree[0] === 1) return [...labelsOf(tree[1]), ...labelsOf(tree[2])]
  return tree[0] === 2 ? [tree[1]] : []
}
