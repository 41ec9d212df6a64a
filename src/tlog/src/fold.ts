/** Hashing many nodes of one edge at once: what costs a canister a call for each hash otherwise. */
import { type Hash, HASH_BYTES, nodeHash } from './tree.ts'

/**
 * Joins hashes from the right: 32-byte hashes one after the other become as many, each `H(0x01 || it || what those behind it came to)`; the
 * last stays as it is. So peaks, largest first, become the root of their tree, and the complete left siblings of a new leaf the nodes that
 * it completes. Returns fresh bytes.
 */
export type Fold = (hashes: Uint8Array) => Uint8Array

/** The fold that a hash makes, one call of it for each node. */
export function foldOf(hash: Hash): Fold {
  return (hashes) => {
    const folded = hashes.slice()
    for (let at = hashes.length - 2 * HASH_BYTES; at >= 0; at -= HASH_BYTES) {
      const next = at + HASH_BYTES
      folded.set(nodeHash(hash, folded.subarray(at, next), folded.subarray(next, next + HASH_BYTES)), at)
    }
    return folded
  }
}
