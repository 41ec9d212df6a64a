/** The clear part of a wrap `MGW1`: what a canister may read of a wrapped key, and what a reader checks first. */
import { isZero, startsWith, viewOf } from './bytes.ts'
import {
  CAPSULE_STEPS_MAX,
  CAPSULE_WRAP_BYTES,
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

/** What a wrap opens: the header secret, the record secret, or the start of a capsule's chain. */
export type Tier = 'list' | 'open' | 'chain'
export const WRAP_TYPE: Readonly<Record<Tier, number>> = { list: 1, open: 2, chain: 3 }
const TIERS: readonly (Tier | undefined)[] = [undefined, 'list', 'open', 'chain']
export const WRAP_ALGORITHM = { kek: 1, capsule: 3 } as const

export interface WrapHead {
  readonly tier: Tier
  readonly epoch: number
  /** 12 bytes. */
  readonly nonce: Uint8Array<ArrayBuffer>
  /** Ciphertext and tag, 48 bytes. */
  readonly sealed: Uint8Array<ArrayBuffer>
  /** Which step of which capsule's chain it is under; null for one under a key of the compartment. */
  readonly capsule: CapsuleStep | null
}
export interface CapsuleStep {
  /** 16 bytes. */
  readonly capsuleId: Uint8Array<ArrayBuffer>
  readonly step: number
}

/** Reads a wrap. Never throws. */
export function decodeWrap(bytes: Uint8Array): Decoded<WrapHead> {
  if (bytes.length < WRAP_BYTES || !startsWith(bytes, TAG.wrap))
    return badFormat('not a wrap: tag MGW1, at least 72 bytes')
  const algorithm = bytes[5]
  const isUnderCapsule = algorithm === WRAP_ALGORITHM.capsule
  if (algorithm !== WRAP_ALGORITHM.kek && !isUnderCapsule)
    return { ok: false, code: 'UnsupportedAlgorithm', what: 'the wrap algorithm is unknown' }
  const tier = TIERS[bytes[4] ?? 0]
  if (tier === undefined || (isUnderCapsule && tier === 'chain')) return badFormat('the wrap type is unknown')
  if (bytes.length !== (isUnderCapsule ? CAPSULE_WRAP_BYTES : WRAP_BYTES))
    return badFormat('a wrap has 72 bytes, one under a capsule 92')
  if (!isZero(bytes, 6, 8)) return badFormat('a reserved byte is not zero')
  const view = viewOf(bytes)
  const epoch = view.getUint32(8)
  if (epoch === 0) return badFormat('epochs count from 1')
  const step = isUnderCapsule ? view.getUint32(88) : 0
  if (step >= CAPSULE_STEPS_MAX) return badFormat('a capsule has no such step')
  return {
    ok: true,
    value: {
      tier,
      epoch,
      nonce: owned(bytes, 12, 24),
      sealed: owned(bytes, 24, 72),
      capsule: isUnderCapsule ? { capsuleId: owned(bytes, 72, 88), step } : null,
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
