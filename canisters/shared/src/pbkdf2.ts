import { hmacPad } from './hkdf.ts'
import { sha256 } from './sha256.ts'

const BLOCK_BYTES = 64
const HASH_BYTES = 32

/**
 * PBKDF2-HMAC-SHA-256 (RFC 8018, section 5.2); 32 bytes. Some 70 k instructions a round.
 * @param password at most 64 bytes.
 * @param rounds at least 1.
 */
export function pbkdf2(password: Uint8Array, salt: Uint8Array, rounds: number): Uint8Array {
  const first = hmacPad(password, 0x36363636, BLOCK_BYTES + salt.length + 4)
  first.set(salt, BLOCK_BYTES)
  first[first.length - 1] = 1
  const inner = hmacPad(password, 0x36363636, BLOCK_BYTES + HASH_BYTES)
  const outer = hmacPad(password, 0x5c5c5c5c, BLOCK_BYTES + HASH_BYTES)
  outer.set(sha256(first), BLOCK_BYTES)
  let last = sha256(outer)
  const sum = new Uint8Array(last)
  const words = new Uint32Array(sum.buffer)
  for (let i = 1; i < rounds; i++) {
    inner.set(last, BLOCK_BYTES)
    outer.set(sha256(inner), BLOCK_BYTES)
    last = sha256(outer)
    const next = new Uint32Array(last.buffer, last.byteOffset)
    for (let at = 0; at < HASH_BYTES / 4; at++) words[at] = (words[at] ?? 0) ^ (next[at] ?? 0)
  }
  return sum
}

/** Whether two byte strings are equal, in the same time wherever they differ. */
export function sameSecret(a: Uint8Array, b: Uint8Array): boolean {
  let difference = a.length ^ b.length
  for (let i = 0; i < a.length; i++) difference |= (a[i] ?? 0) ^ (b[i] ?? 0)
  return difference === 0
}
