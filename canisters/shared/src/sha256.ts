import { compress } from './sha256-block.ts'

/** Square roots of the first eight primes (FIPS 180-4, section 5.3.3). */
const INITIAL = [
  0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19,
] as const

/** SHA-256 of up to 512 MiB; 32 fresh bytes. Costs 0.6 M instructions for each 64 bytes: hash digests, not payloads. */
export function sha256(bytes: Uint8Array): Uint8Array {
  const length = bytes.length
  // One bit, zeros, and the length in bits as a 64-bit number fill the last block.
  const sizeBytes = (length + 72) & ~63
  const padded = new Uint8Array(sizeBytes)
  padded.set(bytes)
  padded[length] = 0x80
  const message = new DataView(padded.buffer)
  message.setUint32(sizeBytes - 8, Math.floor(length / 0x2000_0000))
  message.setInt32(sizeBytes - 4, length << 3)
  const state = new Int32Array(INITIAL)
  for (let offset = 0; offset < sizeBytes; offset += 64) compress(state, message, offset)
  const digest = new Uint8Array(32)
  const view = new DataView(digest.buffer)
  for (let i = 0; i < 8; i++) view.setInt32(4 * i, state[i] ?? 0)
  return digest
}
