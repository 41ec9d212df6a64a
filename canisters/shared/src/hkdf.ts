import { sha256 } from './sha256.ts'

const BLOCK_BYTES = 64
const HASH_BYTES = 32

/** HMAC-SHA-256 (RFC 2104); 32 bytes. */
export function hmac(key: Uint8Array, message: Uint8Array): Uint8Array {
  const short = key.length > BLOCK_BYTES ? sha256(key) : key
  const inner = hmacPad(short, 0x36363636, BLOCK_BYTES + message.length)
  const outer = hmacPad(short, 0x5c5c5c5c, BLOCK_BYTES + HASH_BYTES)
  inner.set(message, BLOCK_BYTES)
  outer.set(sha256(inner), BLOCK_BYTES)
  return sha256(outer)
}

/** A block of the key of at most 64 bytes, with each word changed by `pad`, and room behind it. Four bytes at a time, since each step costs. */
export function hmacPad(key: Uint8Array, pad: number, sizeBytes: number): Uint8Array {
  const bytes = new Uint8Array(sizeBytes)
  bytes.set(key)
  const words = new Uint32Array(bytes.buffer, 0, BLOCK_BYTES / 4)
  for (var i = 0; i < BLOCK_BYTES / 4; i++) words[i] = (words[i] ?? 0) ^ pad
  return bytes
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
