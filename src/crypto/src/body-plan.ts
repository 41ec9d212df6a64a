/** How a body is cut: lengths only, so that canisters can check a claim without seeing a byte. */
import { CHUNK_COUNT_MAX, CHUNK_LOG2_MAX, CHUNK_LOG2_MIN, TAG_BYTES } from './constants.ts'

export interface BodyPlan {
  readonly chunkLog2: number
  readonly chunkCount: number
  /** Length after padding, before encryption. */
  readonly paddedBytes: number
}

/**
 * The Padmé length of a body: keeps the top ⌊log2 ⌊log2 n⌋⌋ + 1 bits below the leading one, so that a length tells
 * little and costs at most 12 percent, far less for large bodies (Nikitin et al., "Reducing Metadata Leakage from
 * Encrypted Files and Communication with PURBs", section 4).
 */
export function padmeLength(sizeBytes: number): number {
  if (!Number.isSafeInteger(sizeBytes) || sizeBytes < 0) throw new RangeError('a size is an integer from 0 to 2^53-1')
  if (sizeBytes < 2) return sizeBytes
  const exponent = floorLog2(sizeBytes)
  const unit = 2 ** Math.max(0, exponent - floorLog2(exponent) - 1)
  return Math.ceil(sizeBytes / unit) * unit
}

/** @throws RangeError for a chunk size out of bounds or a body of more than 65 536 chunks. */
export function planBody(sizeBytes: number, chunkLog2: number): BodyPlan {
  const paddedBytes = padmeLength(sizeBytes)
  const chunkCount = chunkCountOf(paddedBytes, chunkLog2)
  if (chunkCount > CHUNK_COUNT_MAX) throw new RangeError('the body has too many chunks')
  return { chunkLog2, chunkCount, paddedBytes }
}

/** Chunks that a padded length makes; an empty body is one empty chunk. @throws RangeError for a bad chunk size. */
export function chunkCountOf(paddedBytes: number, chunkLog2: number): number {
  if (!Number.isInteger(chunkLog2) || chunkLog2 < CHUNK_LOG2_MIN || chunkLog2 > CHUNK_LOG2_MAX) {
    throw new RangeError('a chunk has 2^16 to 2^20 bytes')
  }
  return Math.max(1, Math.ceil(paddedBytes / 2 ** chunkLog2))
}

/** Length of ciphertext chunk `index`, tag included. @throws RangeError for an index out of range. */
export function sealedChunkBytes(plan: BodyPlan, index: number): number {
  if (!Number.isInteger(index) || index < 0 || index >= plan.chunkCount) throw new RangeError('no such chunk')
  const chunkBytes = 2 ** plan.chunkLog2
  const start = index * chunkBytes
  return Math.min(chunkBytes, plan.paddedBytes - start) + TAG_BYTES
}

function floorLog2(n: number): number {
  const high = Math.floor(n / 0x1_0000_0000)
  return high > 0 ? 63 - Math.clz32(high) : 31 - Math.clz32(n)
}
