import { ascii } from './bytes.ts'
import { type Hash, HASH_BYTES } from './tree.ts'

const LABEL = ascii('medguard/sequence/1')
/** What a sequence without leaves comes to. */
export const EMPTY_SEQUENCE = new Uint8Array(HASH_BYTES)

/**
 * What a sequence of leaves comes to with one more: `H("medguard/sequence/1" || what it came to before(32) || leaf hash(32))`. Leaves carry the link
 * of their patient's chain only; whoever keeps another selection of them vouches for it with its count and this.
 */
export function sequenceHash(hash: Hash, before: Uint8Array, leafHash: Uint8Array): Uint8Array {
  const block = new Uint8Array(LABEL.length + 2 * HASH_BYTES)
  block.set(LABEL)
  block.set(before, LABEL.length)
  block.set(leafHash, LABEL.length + HASH_BYTES)
  return hash(block)
}
