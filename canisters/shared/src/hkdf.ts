import { sha256 } from './sha256.ts'

const BLOCK_BYTES = 64
const HASH_BYTES = 32

/** HMAC-SHA-256 (RFC 2104); 32 bytes. */
export function hmac(key: Uint8Array, message: Uint8Array): Uint8Array {
  const block = new Uint8Array(BLOCK_BYTES)
  block.set(key.length > BLOCK_BYTES ? sha256(key) : key)
  const inner = new Uint8Array(BLOCK_BYTES + message.length)
  const outer = new Uint8Array(BLOCK_BYTES + HASH_BYTES)
  for (const [i, byte] of block.entries()) {
    inner[i] = byte ^ 0x36
    outer[i] = byte ^ 0x5c
  }
  inner.set(message, BLOCK_BYTES)
  outer.set(sha256(inner), BLOCK_BYTES)
  return sha256(outer)
}

/**
 * HKDF-Expand (RFC 5869, section 2.3).
 * @param secret At least 32 bytes that nobody can guess.
 * @param info What the output is for.
 * @param length 1 to 8,160 bytes.
 */
export function hkdfExpand(secret: Uint8Array, info: Uint8Array, length: number): Uint8Array {
  const count = Math.ceil(length / HASH_BYTES)
  if (secret.length < HASH_BYTES || count < 1 || count > 255)
    throw new RangeError('HKDF takes 32 bytes and gives 1 to 8,160')
  const output = new Uint8Array(count * HASH_BYTES)
  let previous = new Uint8Array(0)
  for (let i = 1; i <= count; i++) {
    const block = new Uint8Array(previous.length + info.length + 1)
    block.set(previous)
    block.set(info, previous.length)
    block[block.length - 1] = i
    previous = new Uint8Array(hmac(secret, block))
    output.set(previous, (i - 1) * HASH_BYTES)
  }
  return output.subarray(0, length)
}
