/**
 * Checking proofs (RFC 9162, sections 2.1.3.2 and 2.1.4.2). Every argument but the hash may come from an attacker:
 * these functions answer false to anything they cannot follow, and do not throw.
 */
import { equalBytes, isCount } from './bytes.ts'
import { type Hash, HASH_BYTES, emptyRoot, nodeHash } from './tree.ts'

/** No tree of at most 2^53 leaves has a longer proof: 53 siblings and one starting node. */
const PROOF_HASHES_MAX = 54

export interface InclusionClaim {
  /** 32 bytes, made with `leafHash`: the caller hashes the leaf it has read, never one taken from the proof. */
  readonly leafHash: Uint8Array
  readonly index: number
  readonly size: number
  readonly root: Uint8Array
  readonly path: readonly Uint8Array[]
}

export interface ConsistencyClaim {
  readonly oldSize: number
  readonly oldRoot: Uint8Array
  readonly newSize: number
  readonly newRoot: Uint8Array
  readonly path: readonly Uint8Array[]
}

/** Whether the leaf is at `index` in the tree with this size and root. */
export function verifyInclusion(hash: Hash, claim: InclusionClaim): boolean {
  try {
    return includes(hash, claim)
  } catch {
    return false // a value of the wrong type or a hash that failed proves nothing
  }
}

/** Whether the new tree begins with every leaf of the old one. An empty old tree is the beginning of each tree. */
export function verifyConsistency(hash: Hash, claim: ConsistencyClaim): boolean {
  try {
    return extendsOld(hash, claim)
  } catch {
    return false // as above
  }
}

function includes(hash: Hash, { leafHash, index, size, root, path }: InclusionClaim): boolean {
  if (!isCount(index) || !isCount(size) || index >= size) return false
  if (!areHashes([leafHash, root]) || !areHashes(path)) return false
  let node = leafHash
  let position = index
  let last = size - 1
  for (const sibling of path) {
    if (last === 0) return false
    if (position % 2 === 1 || position === last) {
      node = nodeHash(hash, sibling, node)
      // A right edge without a sibling moves up unhashed until it is a right child.
      while (position % 2 === 0 && position !== 0) {
        position /= 2
        last = Math.floor(last / 2)
      }
    } else {
      node = nodeHash(hash, node, sibling)
    }
    position = Math.floor(position / 2)
    last = Math.floor(last / 2)
  }
  return last === 0 && equalBytes(node, root)
}

function extendsOld(hash: Hash, { oldSize, oldRoot, newSize, newRoot, path }: ConsistencyClaim): boolean {
  if (!isCount(oldSize) || !isCount(newSize) || oldSize > newSize) return false
  if (!areHashes([oldRoot, newRoot]) || !areHashes(path)) return false
  if (oldSize === 0)
    return path.length === 0 && equalBytes(oldRoot, emptyRoot(hash)) && (newSize > 0 || equalBytes(oldRoot, newRoot))
  if (oldSize === newSize) return path.length === 0 && equalBytes(oldRoot, newRoot)

  let position = oldSize - 1
  let last = newSize - 1
  while (position % 2 === 1) {
    position = (position - 1) / 2
    last = Math.floor(last / 2)
  }
  // An old tree that is one complete subtree is itself the first node; its root is known and not in the proof.
  const startsAtOldRoot = position === 0
  const first = startsAtOldRoot ? oldRoot : path[0]
  if (first === undefined) return false
  let oldNode = first
  let newNode = first
  for (const sibling of startsAtOldRoot ? path : path.slice(1)) {
    if (last === 0) return false
    if (position % 2 === 1 || position === last) {
      oldNode = nodeHash(hash, sibling, oldNode)
      newNode = nodeHash(hash, sibling, newNode)
      while (position % 2 === 0 && position !== 0) {
        position /= 2
        last = Math.floor(last / 2)
      }
    } else {
      newNode = nodeHash(hash, newNode, sibling)
    }
    position = Math.floor(position / 2)
    last = Math.floor(last / 2)
  }
  return last === 0 && equalBytes(oldNode, oldRoot) && equalBytes(newNode, newRoot)
}

function areHashes(values: readonly Uint8Array[]): boolean {
  if (values.length > PROOF_HASHES_MAX) return false
  for (const value of values) if (!(value instanceof Uint8Array) || value.length !== HASH_BYTES) return false
  return true
}
