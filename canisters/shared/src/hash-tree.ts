import { foldOf } from '@medguard/tlog'
import { isSpliced, runNative, scratch } from './native.ts'
import { DATA_AT, DATA_BYTES, OPERATION } from './native-layout.ts'
import { sha256 } from './sha256.ts'

const HASH_BYTES = 32
const foldInScript = foldOf(sha256)
/** Far more than a tree has levels. */
export const FOLDED_HASHES_MAX = DATA_BYTES / HASH_BYTES

/**
 * Joins hashes from the right, each with what the ones behind it came to: `H(1 || it || that)` (RFC 6962, section 2.1). So peaks,
 * largest first, become the root of their tree, at the first place; and complete left siblings before a new leaf become the nodes that
 * the leaf completes. A hash costs 11 k instructions.
 *
 * @param hashes 1 to 2,048 hashes of 32 bytes, one after the other.
 * @returns as many, fresh: at each place what it and all behind it came to. The last is as it was.
 */
export function foldHashes(hashes: Uint8Array): Uint8Array {
  const { length } = hashes
  const count = length / HASH_BYTES
  if (!Number.isInteger(count) || count < 1 || count > FOLDED_HASHES_MAX) {
    throw new RangeError('a fold takes 1 to 2,048 hashes of 32 bytes')
  }
  if (isSpliced) {
    scratch.set(hashes, DATA_AT)
    runNative(OPERATION.fold, count)
    return scratch.slice(DATA_AT, DATA_AT + length)
  }
  return foldInScript(hashes)
}
