// Merkle trees of the interface specification, "Certificate": build, hash, prune, look up.
import { compareBytes, domainSeparator, equalBytes, hex, sha256 } from './bytes.ts'
import { type Cbor, decodeUntrusted } from './cbor.ts'

/** Encoded exactly so: `[0]` empty, `[1, left, right]` fork, `[2, label, tree]`, `[3, leaf]`, `[4, hash(32)]` pruned. */
export type HashTree =
  | readonly [0]
  | readonly [1, HashTree, HashTree]
  | readonly [2, Uint8Array, HashTree]
  | readonly [3, Uint8Array]
  | readonly [4, Uint8Array]

export type Path = readonly Uint8Array[]
export interface Leaf {
  readonly path: Path
  readonly value: Uint8Array
}

const EMPTY = domainSeparator('ic-hashtree-empty')
const FORK = domainSeparator('ic-hashtree-fork')
const LABELED = domainSeparator('ic-hashtree-labeled')
const LEAF = domainSeparator('ic-hashtree-leaf')

interface Branch {
  readonly children: Map<string, { readonly label: Uint8Array; readonly branch: Branch }>
  value: Uint8Array | null
}

/**
 * A tree with exactly these leaves and nothing pruned, so every other path is provably absent.
 * @throws RangeError when one path is given two values or is the beginning of another.
 */
export function buildTree(leaves: readonly Leaf[]): HashTree {
  const root: Branch = { children: new Map(), value: null }
  for (const { path, value } of leaves) {
    let branch = root
    for (const label of path) {
      const key = hex(label)
      const known = branch.children.get(key)
      const next = known?.branch ?? { children: new Map(), value: null }
      if (known === undefined) branch.children.set(key, { label, branch: next })
      branch = next
    }
    if (branch.value !== null && !equalBytes(branch.value, value)) throw new RangeError('one path with two values')
    branch.value = value
  }
  return fromBranch(root)
}

function fromBranch(branch: Branch): HashTree {
  if (branch.value !== null) {
    if (branch.children.size > 0) throw new RangeError('a leaf cannot have children')
    return [3, branch.value]
  }
  const labeled = [...branch.children.values()]
    .toSorted((a, b) => compareBytes(a.label, b.label))
    .map(({ label, branch }): HashTree => [2, label, fromBranch(branch)])
  return balance(labeled)
}

function balance(trees: readonly HashTree[]): HashTree {
  const [first] = trees
  if (first === undefined) return [0]
  if (trees.length === 1) return first
  const half = trees.length >> 1
  return [1, balance(trees.slice(0, half)), balance(trees.slice(half))]
}

/** Trees are immutable, so a subtree that many witnesses share is hashed once. */
const known = new WeakMap<HashTree, Uint8Array>()

/** @returns 32 bytes. */
export function rootHash(tree: HashTree): Uint8Array {
  const cached = known.get(tree)
  if (cached !== undefined) return cached
  const hash = computeHash(tree)
  known.set(tree, hash)
  return hash
}

function computeHash(tree: HashTree): Uint8Array {
  switch (tree[0]) {
    case 0:
      return sha256(EMPTY)
    case 1:
      return sha256(FORK, rootHash(tree[1]), rootHash(tree[2]))
    case 2:
      return sha256(LABELED, tree[1], rootHash(tree[2]))
    case 3:
      return sha256(LEAF, tree[1])
    default:
      return tree[1]
  }
}

/** The same tree, same root hash, with everything pruned that lies on none of the paths. A path keeps its whole subtree. */
export function prune(tree: HashTree, paths: readonly Path[]): HashTree {
  switch (tree[0]) {
    case 1: {
      const left = prune(tree[1], paths)
      const right = prune(tree[2], paths)
      return left[0] === 4 && right[0] === 4 ? [4, rootHash(tree)] : [1, left, right]
    }
    case 2: {
      const label = tree[1]
      const below = paths
        .filter(([first]) => first !== undefined && equalBytes(first, label))
        .map((path) => path.slice(1))
      if (below.length === 0) return [4, rootHash(tree)]
      return below.some((path) => path.length === 0) ? tree : [2, label, prune(tree[2], below)]
    }
    default:
      return tree
  }
}

export type Lookup =
  | { readonly kind: 'found'; readonly tree: HashTree }
  | { readonly kind: 'absent' }
  | { readonly kind: 'unknown' }

/** Interface specification, "Lookup". `unknown` means that a pruned part may hold the path. */
export function lookup(tree: HashTree, path: Path): Lookup {
  const [label, ...rest] = path
  if (label === undefined) return { kind: 'found', tree }
  let before = true // whether absence is proven on the left of where the label belongs
  let last: HashTree = [0]
  for (const part of flatten(tree)) {
    if (part[0] === 2) {
      const order = compareBytes(label, part[1])
      if (order === 0) return lookup(part[2], rest)
      if (order < 0) return { kind: before && last[0] !== 4 ? 'absent' : 'unknown' }
      before = true
    } else if (part[0] === 4) before = false
    last = part
  }
  return { kind: last[0] === 4 ? 'unknown' : 'absent' }
}

function flatten(tree: HashTree): HashTree[] {
  if (tree[0] === 0) return []
  return tree[0] === 1 ? [...flatten(tree[1]), ...flatten(tree[2])] : [tree]
}

/** The value of a leaf, or undefined when it is absent, pruned or no leaf. */
export function lookupLeaf(tree: HashTree, path: Path): Uint8Array | undefined {
  const found = lookup(tree, path)
  return found.kind === 'found' && found.tree[0] === 3 ? found.tree[1] : undefined
}

/** The labels directly below a path, as far as the tree shows them. */
export function labelsAt(tree: HashTree, path: Path): Uint8Array[] {
  const found = lookup(tree, path)
  if (found.kind !== 'found') return []
  return flatten(found.tree).flatMap((part) => (part[0] === 2 ? [part[1]] : []))
}

/** Reads a tree that a stranger wrote. @throws RangeError when it has another shape. */
export function treeFromCbor(value: Cbor): HashTree {
  if (!Array.isArray(value)) throw new RangeError('a hash tree node must be an array')
  const [kind, first, second]: readonly (Cbor | undefined)[] = value
  if (kind === 0 && value.length === 1) return [0]
  if (kind === 1 && first !== undefined && second !== undefined && value.length === 3) {
    return [1, treeFromCbor(first), treeFromCbor(second)]
  }
  if (kind === 2 && first instanceof Uint8Array && second !== undefined && value.length === 3) {
    return [2, first, treeFromCbor(second)]
  }
  if (kind === 3 && first instanceof Uint8Array && value.length === 2) return [3, first]
  if (kind === 4 && first instanceof Uint8Array && first.length === 32 && value.length === 2) return [4, first]
  throw new RangeError('not a hash tree node')
}

export const decodeTree = (bytes: Uint8Array): HashTree => treeFromCbor(decodeUntrusted(bytes))
