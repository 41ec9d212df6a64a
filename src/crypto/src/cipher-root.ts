/**
 * Root of the RFC 6962 tree (section 2.1) over ciphertext chunks. Computed here, over chunk hashes, because WebCrypto
 * hashes asynchronously and this package stands alone; it agrees with any other implementation of that tree.
 */
import { sha256 as createSha256 } from '@noble/hashes/sha2'
import { ascii, concatBytes } from './bytes.ts'
import { type OwnedBytes, owned, sha256 } from './webcrypto.ts'

const LEAF = Uint8Array.of(0)
const NODE = Uint8Array.of(1)

/** Step by step, since the platform's hash would want a copy of the chunk with that byte in front. */
export function chunkHash(chunk: Uint8Array): OwnedBytes {
  return owned(createSha256.create().update(LEAF).update(chunk).digest())
}

/** Pairs neighbours level by level and lifts an odd last one unchanged: the same tree as splitting at powers of two. */
export async function cipherRootOf(chunkHashes: readonly OwnedBytes[]): Promise<OwnedBytes> {
  let level = chunkHashes
  while (level.length > 1) {
    const next: OwnedBytes[] = []
    for (let i = 0; i < level.length; i += 2) {
      const [left, right] = [level[i], level[i + 1]]
      if (left !== undefined) next.push(right === undefined ? left : await sha256(concatBytes(NODE, left, right)))
    }
    level = next
  }
  return level[0] ?? sha256(ascii(''))
}
