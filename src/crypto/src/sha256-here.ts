/**
 * SHA-256 (FIPS 180-4) and HKDF (RFC 5869) of few bytes in this thread: a list has thousands of headers, and asking the platform takes longer than the
 * arithmetic. No branch, no index and no length depends on a secret, so the time says nothing of it, and nothing of a secret is left in what is used again.
 */
import { viewOf } from './bytes.ts'
import { HASH_BYTES } from './constants.ts'
import type { OwnedBytes } from './webcrypto.ts'

const BLOCK_BYTES = 64
/** The end of a message takes 9 bytes: one bit, zeros, and the length in bits. */
const LAST_BYTES_MAX = BLOCK_BYTES - 9
const INNER_PAD = 0x36363636
const OUTER_PAD = 0x5c5c5c5c

/** FIPS 180-4, 4.2.2. */
const ROUNDS = Int32Array.from([
  0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5, 0xd807aa98,
  0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174, 0xe49b69c1, 0xefbe4786,
  0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da, 0x983e5152, 0xa831c66d, 0xb00327c8,
  0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967, 0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13,
  0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85, 0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819,
  0xd6990624, 0xf40e3585, 0x106aa070, 0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a,
  0x5b9cca4f, 0x682e6ff3, 0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7,
  0xc67178f2,
])
/** FIPS 180-4, 5.3.3. */
const START = Int32Array.from([
  0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19,
])

// What every call works in, one after the other.
const schedule = new Int32Array(64)
const block = new Uint8Array(BLOCK_BYTES)
const blockWords = new Int32Array(block.buffer)
const blockView = viewOf(block)
const inner = new Int32Array(8)
const outer = new Int32Array(8)
const state = new Int32Array(8)

/** SHA-256 of what is not secret. @throws RangeError for more than 64 KiB: the platform hashes that faster. */
export function sha256Here(bytes: Uint8Array): OwnedBytes {
  expectFew(bytes)
  state.set(START)
  return digest(bytes, wholeBlocks(bytes, 0, bytes.length))
}

/** The same of the first so many bytes and of all of them: what both begin with is gone through once. */
export function sha256OfStart(bytes: Uint8Array, startBytes: number): { start: OwnedBytes; all: OwnedBytes } {
  expectFew(bytes)
  state.set(START)
  const at = wholeBlocks(bytes, 0, startBytes)
  outer.set(state)
  const start = digest(bytes.subarray(0, startBytes), at)
  state.set(outer)
  return { start, all: digest(bytes, wholeBlocks(bytes, at, bytes.length)) }
}

/**
 * The first 32 bytes of HKDF-SHA-256.
 *
 * @param material at most 63 bytes. @param salt at most 64. @param info at most 62.
 * @throws RangeError.
 */
export function hkdfHere(material: Uint8Array, salt: Uint8Array, info: Uint8Array): OwnedBytes {
  if (material.length >= BLOCK_BYTES || salt.length > BLOCK_BYTES || info.length >= BLOCK_BYTES - 1)
    throw new RangeError('material, salt and info have to fit one block each')
  block.fill(0)
  block.set(salt)
  keyed()
  block.set(material)
  hmac(material.length)
  // Extracted. The first and only hash of the expansion is that of `info || 1`.
  block.fill(0)
  wordsInto(blockView, state)
  keyed()
  block.set(info)
  block[info.length] = 1
  hmac(info.length + 1)
  const bytes = bytesOf(state)
  for (const used of [schedule, blockWords, inner, outer, state]) used.fill(0)
  return bytes
}

/** HMAC's two beginnings under the key in `block`, which has zeros up to its end. */
function keyed(): void {
  for (let i = 0; i < 16; i++) blockWords[i] = (blockWords[i] ?? 0) ^ INNER_PAD
  compress(START, inner, blockView, 0)
  for (let i = 0; i < 16; i++) blockWords[i] = (blockWords[i] ?? 0) ^ INNER_PAD ^ OUTER_PAD
  compress(START, outer, blockView, 0)
}

/** HMAC of the first `length` bytes in `block` from those beginnings, into `state`. */
function hmac(length: number): void {
  finish(inner, length, BLOCK_BYTES + length)
  wordsInto(blockView, state)
  finish(outer, HASH_BYTES, BLOCK_BYTES + HASH_BYTES)
}

/** Hashes whole blocks of a message into `state`. @returns where they end. */
function wholeBlocks(bytes: Uint8Array, from: number, to: number): number {
  const view = viewOf(bytes)
  let at = from
  for (; at + BLOCK_BYTES <= to; at += BLOCK_BYTES) compress(state, state, view, at)
  return at
}

/** @param at where the whole blocks end that `state` has seen. */
function digest(bytes: Uint8Array, at: number): OwnedBytes {
  block.set(bytes.subarray(at))
  finish(state, bytes.length - at, bytes.length)
  return bytesOf(state)
}

/** The end of a message of `totalBytes`: what is left of it are the first `length` bytes of `block`. */
function finish(from: Int32Array, length: number, totalBytes: number): void {
  block.fill(0, length)
  block[length] = 0x80
  if (length > LAST_BYTES_MAX) {
    compress(from, state, blockView, 0)
    block.fill(0)
  }
  blockView.setUint32(BLOCK_BYTES - 4, totalBytes * 8)
  compress(length > LAST_BYTES_MAX ? state : from, state, blockView, 0)
}

/** One block of SHA-256 onto `from`, into `into`, which may be the same. */
function compress(from: Int32Array, into: Int32Array, message: DataView, offset: number): void {
  const w = schedule
  for (let i = 0; i < 16; i++) w[i] = message.getInt32(offset + 4 * i)
  for (let i = 16; i < 64; i++) {
    const x = w[i - 15] ?? 0
    const y = w[i - 2] ?? 0
    const s0 = ((x >>> 7) | (x << 25)) ^ ((x >>> 18) | (x << 14)) ^ (x >>> 3)
    const s1 = ((y >>> 17) | (y << 15)) ^ ((y >>> 19) | (y << 13)) ^ (y >>> 10)
    w[i] = ((w[i - 16] ?? 0) + s0 + (w[i - 7] ?? 0) + s1) | 0
  }
  let a = from[0] ?? 0
  let b = from[1] ?? 0
  let c = from[2] ?? 0
  let d = from[3] ?? 0
  let e = from[4] ?? 0
  let f = from[5] ?? 0
  let g = from[6] ?? 0
  let h = from[7] ?? 0
  for (let i = 0; i < 64; i++) {
    const s1 = ((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7))
    const t1 = (h + s1 + (g ^ (e & (f ^ g))) + (ROUNDS[i] ?? 0) + (w[i] ?? 0)) | 0
    const s0 = ((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10))
    const t2 = (s0 + ((a & b) | (c & (a | b)))) | 0
    h = g
    g = f
    f = e
    e = (d + t1) | 0
    d = c
    c = b
    b = a
    a = (t1 + t2) | 0
  }
  into[0] = (from[0] ?? 0) + a
  into[1] = (from[1] ?? 0) + b
  into[2] = (from[2] ?? 0) + c
  into[3] = (from[3] ?? 0) + d
  into[4] = (from[4] ?? 0) + e
  into[5] = (from[5] ?? 0) + f
  into[6] = (from[6] ?? 0) + g
  into[7] = (from[7] ?? 0) + h
}

function wordsInto(view: DataView, words: Int32Array): void {
  for (let i = 0; i < 8; i++) view.setInt32(4 * i, words[i] ?? 0)
}

/** Byte by byte: a view of so small an array costs more than what it is for. */
function bytesOf(words: Int32Array): OwnedBytes {
  const bytes = new Uint8Array(HASH_BYTES)
  for (let i = 0; i < 8; i++) {
    const word = words[i] ?? 0
    bytes[4 * i] = word >>> 24
    bytes[4 * i + 1] = word >>> 16
    bytes[4 * i + 2] = word >>> 8
    bytes[4 * i + 3] = word
  }
  return bytes
}

function expectFew(bytes: Uint8Array): void {
  if (bytes.length > 65_536) throw new RangeError('more than 64 KiB are for the platform to hash')
}
