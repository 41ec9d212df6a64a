import {
  type CapsuleHead,
  type CapsuleStep,
  decodeCapsule,
  decodeManifest,
  isHeaderBlob,
} from '@medguard/crypto/verify'
import {
  CHUNK_TAG_BYTES,
  concatBytes,
  decodeDeviceBatch,
  type DeviceBatch,
  refuse,
  type RefusalArm,
} from '@medguard/protocol'
import { sameShort, sha256 } from '@medguard/shared'
import { isCapsuleOf, wrapEpoch } from './rules.ts'
import type { Body } from './codec.ts'
import type { Place } from './lists.ts'

/** A batch of a device, taken apart and sound in itself: whether its device may post it is another question. */
export interface Posting extends DeviceBatch {
  readonly recordId: Uint8Array
  readonly manifestHash: Uint8Array
  readonly place: Place
  readonly shape: Omit<Body, 'bodyNo'>
  readonly epoch: number
  readonly step: CapsuleStep
  /** What the capsule that came with it says of itself. */
  readonly capsuleHead: CapsuleHead | null
}

const LEAF = Uint8Array.of(0)
const NO_HASH = new Uint8Array(32)
const FIRST_VERSION = 1

/**
 * Reads a batch. Body and header are hashed here, unlike those of an upload: they are small, and so the manifest hash stands for the whole batch, and another content
 * under one number is seen as such.
 */
export function readBatch(bytes: Uint8Array): Posting | { readonly refusal: RefusalArm } {
  const decoded = decodeDeviceBatch(bytes)
  if (!decoded.ok) return { refusal: refuse.badInput('batch', decoded.code) }
  const batch = decoded.value
  const read = decodeManifest(batch.manifest)
  if (!read.ok) return { refusal: refuse.badInput('manifest', 'format') }
  const manifest = read.value
  const isFirst =
    manifest.version === FIRST_VERSION && !manifest.isAuthorSigned && sameShort(manifest.previousManifestHash, NO_HASH)
  if (!isFirst) return { refusal: refuse.badInput('version', 'range') }
  const { recordId, chunkCount, chunkLog2, paddedBytes } = manifest
  const sizeBytes = batch.body.length
  if (chunkCount !== 1 || paddedBytes + CHUNK_TAG_BYTES !== sizeBytes)
    return { refusal: refuse.badInput('body', 'length') }
  if (!isHeaderBlob(batch.header)) return { refusal: refuse.badInput('header', 'format') }
  if (!sameShort(sha256(batch.header), manifest.headerHash)) return { refusal: refuse.badInput('header', 'differs') }
  if (!sameShort(sha256(concatBytes(LEAF, batch.body)), manifest.cipherRoot))
    return { refusal: refuse.badInput('body', 'differs') }
  const wraps = wrapEpoch(batch)
  if ('refusal' in wraps) return wraps
  const { epoch, capsule: step } = wraps
  if (step === null) return { refusal: refuse.badInput('wraps', 'capsule') }
  const { patientId, homeCompartmentKind: compartmentKind, homeCompartmentId: cid } = manifest
  const place = { patientId, compartmentKind, cid }
  const posting = {
    ...batch,
    recordId,
    manifestHash: sha256(batch.manifest),
    place,
    epoch,
    step,
    shape: { chunkCount, chunkLog2, sizeBytes: BigInt(sizeBytes) },
  }
  if (batch.capsule === null) return { ...posting, capsuleHead: null }
  const capsule = decodeCapsule(batch.capsule)
  if (!capsule.ok) return { refusal: refuse.badInput('capsule', 'format') }
  const head = capsule.value
  const isOwn = isCapsuleOf(head, place) && head.place.epoch === epoch && sameShort(head.capsuleId, step.capsuleId)
  return isOwn ? { ...posting, capsuleHead: head } : { refusal: refuse.badInput('capsule', 'differs') }
}
