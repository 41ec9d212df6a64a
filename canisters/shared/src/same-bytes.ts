import { equalBytes } from '@medguard/protocol'
import { isSpliced, runNative, scratch, scratchDigest } from './native.ts'
import { DATA_AT, DATA_BYTES, OPERATION, SECOND_AT } from './native-layout.ts'

const PART_BYTES = DATA_BYTES / 2

/** Whether two byte strings of any length are equal; 4 instructions a byte. Not constant in time: for public values only. */
export function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  const { length } = a
  if (length !== b.length) return false
  if (!isSpliced) return equalBytes(a, b)
  if (length <= PART_BYTES) return isSamePart(a, b, length)
  for (let at = 0; at < length; at += PART_BYTES) {
    const end = Math.min(at + PART_BYTES, length)
    if (!isSamePart(a.subarray(at, end), b.subarray(at, end), end - at)) return false
  }
  return true
}

/** Whether `message` begins with `prefix`, which is at most 32 KiB. Cheaper than a comparison word by word from 64 bytes on; needs the splice. */
export function beginsWith(message: Uint8Array, prefix: Uint8Array): boolean {
  var length = prefix.length
  scratch.set(message.length <= PART_BYTES ? message : message.subarray(0, length), DATA_AT)
  scratch.set(prefix, SECOND_AT)
  runNative(OPERATION.equal, length)
  return scratchDigest[0] === 1
}

function isSamePart(a: Uint8Array, b: Uint8Array, length: number): boolean {
  scratch.set(a, DATA_AT)
  scratch.set(b, SECOND_AT)
  runNative(OPERATION.equal, length)
  return scratchDigest[0] === 1
}
