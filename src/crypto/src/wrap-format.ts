/** The clear part of a wrap `MGW1`: what a canister may read of a wrapped key, and what a reader checks first. */
import { isZero, startsWith, viewOf } from './bytes.ts'
import {
  HEADER_BLOB_BYTES_MAX,
  HEADER_BLOB_BYTES_MIN,
  HEADER_PADDING_BYTES,
  HEADER_PREFIX_BYTES,
  SUITE_1,
  TAG,
  TAG_BYTES,
  WRAP_BYTES,
} from './constants.ts'
import { type Decoded, badFormat } from './decoded.ts'

/** What a wrap opens: the header secret, or the record secret. Type 3, a capsule's start, is reserved. */
export type Tier = 'list' | 'open'
export const WRAP_TYPE: Readonly<Record<Tier, number>> = { list: 1, open: 2 }
export const WRAP_ALGORITHM = { kek: 1, capsule: 3 } as const

export interface WrapHead {
  readonly tier: Tier
  readonly epoch: number
  /** 12 bytes. */
  readonly nonce: Uint8Array<ArrayBuffer>
  /** Ciphertext and tag, 48 bytes. */
  readonly sealed: Uint8Array<ArrayBuffer>
}

/** Reads a wrap under a compartment key. `UnsupportedAlgorithm` for the reserved capsule forms. Never throws. */
export function decodeWrap(bytes: Uint8Array): Decoded<WrapHead> {
  if (bytes.length < WRAP_BYTES || !startsWith(bytes, TAG.wrap))
    return badFormat('not a wrap: tag MGW1, at least 72 bytes')
  const type = bytes[4]
  if (bytes[5] === WRAP_ALGORITHM.capsule || type === 3) {
    return { ok: false, code: 'UnsupportedAlgorithm', what: 'capsule wraps are reserved' }
  }
  if (bytes[5] !== WRAP_ALGORITHM.kek)
    return { ok: false, code: 'UnsupportedAlgorithm', what: 'the wrap algorithm is unknown' }
  if (type !== WRAP_TYPE.list && type !== WRAP_TYPE.open) return badFormat('the wrap type is unknown')
  if (bytes.length !== WRAP_BYTES) return badFormat('a wrap under a compartment key has 72 bytes')
  if (!isZero(bytes, 6, 8)) return badFormat('a reserved byte is not zero')
  const epoch = viewOf(bytes).getUint32(8)
  if (epoch === 0) return badFormat('epochs count from 1')
  return {
    ok: true,
    value: {
      tier: type === WRAP_TYPE.list ? 'list' : 'open',
      epoch,
      nonce: owned(bytes, 12, 24),
      sealed: owned(bytes, 24, 72),
    },
  }
}

/** Whether the bytes have the shape of a sealed header: tag, suite, zeros, a padded length. Says nothing of the content. */
export function isHeaderBlob(bytes: Uint8Array): boolean {
  if (bytes.length < HEADER_BLOB_BYTES_MIN || bytes.length > HEADER_BLOB_BYTES_MAX) return false
  if ((bytes.length - HEADER_PREFIX_BYTES - TAG_BYTES) % HEADER_PADDING_BYTES !== 0) return false
  return startsWith(bytes, TAG.header) && bytes[4] === SUITE_1 && isZero(bytes, 5, 8)
}

function owned(bytes: Uint8Array, start: number, end: number): Uint8Array<ArrayBuffer> {
  const copy = new Uint8Array(end - start)
  copy.set(bytes.subarray(start, end))
  return copy
}
