import { runNative, scratch, scratchDigest, setBits } from './native.ts'
import { DATA_AT, DATA_BYTES, OPERATION } from './native-layout.ts'
import { compress } from './sha256-block.ts'

/**
 * SHA-256 of up to 512 MiB; 32 fresh bytes. A call costs 20 k instructions and 78 for each byte, by the native function of a spliced
 * module, and 0.6 M for each 64 bytes without.
 */
export function sha256(bytes: Uint8Array): Uint8Array {
  if (typeof MEDGUARD_SPLICED === 'undefined') return sha256InScript(bytes)
  var length = bytes.length
  if (length > DATA_BYTES) return sha256InParts(bytes)
  scratch.set(bytes, DATA_AT)
  runNative(OPERATION.hash, length)
  return new Uint8Array(scratchDigest)
}

function sha256InParts(bytes: Uint8Array): Uint8Array {
  const { length } = bytes
  let at = 0
  for (; length - at > DATA_BYTES; at += DATA_BYTES) {
    scratch.set(bytes.subarray(at, at + DATA_BYTES), DATA_AT)
    runNative(at === 0 ? OPERATION.begin : OPERATION.absorb, DATA_BYTES)
  }
  scratch.set(bytes.subarray(at), DATA_AT)
  setBits(length * 8)
  runNative(OPERATION.finish, length - at)
  return new Uint8Array(scratchDigest)
}

/** Square roots of the first eight primes (FIPS 180-4, section 5.3.3). */
const INITIAL = [
  0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19,
] as const

function sha256InScript(bytes: Uint8Array): Uint8Array {
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
