/** Record bodies: STREAM-like chunked AES-256-GCM under a key of its own per encryption pass. */
import { type BodyPlan, padmeLength, planBody, sealedChunkBytes } from './body-plan.ts'
import { concatBytes, equalBytes, isZero, joinBytes, u32, viewOf } from './bytes.ts'
import { chunkHash, cipherRootOf } from './cipher-root.ts'
import { NONCE_BYTES, STREAM_SALT_BYTES, SUITE_1, TAG, TAG_BYTES } from './constants.ts'
import { CryptoFault } from './fault.ts'
import { infoOf } from './labels.ts'
import type { OpenedHead } from './record-head.ts'
import { type RecordKey, type RecordPlace, type RecordSecret, recordFields, recordKeyOf } from './secrets.ts'
import { type OwnedBytes, aesGcmOpen, aesGcmSeal, hkdfAesKey, randomBytes, sha256 } from './webcrypto.ts'
import { expectManifestOf, expectOpenCommitment } from './wrap.ts'

export interface SealedChunk {
  readonly index: number
  readonly bytes: OwnedBytes
}

export interface SealedBody extends BodyPlan {
  readonly streamSalt: OwnedBytes
  /**
   * The ciphertext chunks in order, once. A chunk is resent as it was: sealing again would need a new salt, since a
   * source that changed in between would otherwise put two plaintexts under one nonce.
   */
  readonly chunks: AsyncIterable<SealedChunk>
  /** @throws Error before the last chunk was taken. */
  cipherRoot(): Promise<OwnedBytes>
}

/** @param body in memory, or a `Blob` (a file) that is read one chunk at a time. */
export interface BodyToSeal {
  readonly secret: RecordSecret
  readonly place: RecordPlace
  readonly body: Uint8Array | Blob
  /** `CHUNK_LOG2_DEFAULT`, or 16 to 20. */
  readonly chunkLog2: number
}

/** Seals a body under a fresh stream salt. @throws RangeError for a chunk size or body out of bounds. */
export function sealBody(options: BodyToSeal): Promise<SealedBody> {
  return sealBodyWithSalt(options, randomBytes(STREAM_SALT_BYTES))
}

/** For test vectors. Elsewhere a salt is never chosen: `sealBody` draws it. */
export async function sealBodyWithSalt(options: BodyToSeal, streamSalt: OwnedBytes): Promise<SealedBody> {
  const { place, body, chunkLog2 } = options
  const plan = planBody(body instanceof Uint8Array ? body.length : body.size, chunkLog2)
  const key = await bodyKey(await recordKeyOf(options.secret), place, streamSalt, chunkLog2)
  const hashes: OwnedBytes[] = []
  let isTaken = false
  async function* chunks(): AsyncGenerator<SealedChunk, void, undefined> {
    if (isTaken) throw new Error('a sealed body can be read once')
    isTaken = true
    for (let index = 0; index < plan.chunkCount; index++) {
      const plaintext = await paddedChunk(body, plan, index)
      const bytes = await aesGcmSeal({ key, ...chunkPlace(place, plan, index) }, plaintext)
      hashes.push(await chunkHash(bytes))
      yield { index, bytes }
    }
  }
  return {
    ...plan,
    streamSalt,
    chunks: chunks(),
    cipherRoot() {
      if (hashes.length !== plan.chunkCount) return Promise.reject(new Error('not every chunk was taken'))
      return cipherRootOf(hashes)
    },
  }
}

/** Opens chunks in any order, as parallel downloads deliver them. */
export interface BodyOpener extends BodyPlan {
  /**
   * Plaintext of one chunk, padding included. Not to be acted on before `finish` has answered.
   *
   * @throws CryptoFault TruncatedBody or TrailingData for a wrong length, Tampered.
   */
  openChunk(index: number, sealed: Uint8Array): Promise<OwnedBytes>
  /** @throws CryptoFault TruncatedBody while a chunk is missing, CommitmentMismatch for another cipher root. */
  finish(): Promise<void>
}

/**
 * @param head opened before, so that the manifest is known to be the author's.
 * @throws CryptoFault CommitmentMismatch if the key is not the one the author committed to.
 */
export async function createBodyOpener(recordKey: RecordKey, head: OpenedHead): Promise<BodyOpener> {
  const { place, manifest } = head
  expectManifestOf(place, manifest)
  await expectOpenCommitment(recordKey, place, manifest)
  const { chunkLog2, chunkCount, paddedBytes } = manifest
  const plan = { chunkLog2, chunkCount, paddedBytes }
  const key = await bodyKey(recordKey, place, manifest.streamSalt, chunkLog2)
  const hashes: (OwnedBytes | undefined)[] = Array.from({ length: chunkCount }, () => undefined)
  return {
    ...plan,
    async openChunk(index, sealed) {
      if (!Number.isInteger(index) || index < 0 || index >= chunkCount) {
        throw new CryptoFault('TrailingData', 'the manifest has no such chunk')
      }
      const expectedBytes = sealedChunkBytes(plan, index)
      if (sealed.length < expectedBytes) throw new CryptoFault('TruncatedBody', 'a chunk is too short')
      if (sealed.length > expectedBytes) throw new CryptoFault('TrailingData', 'a chunk is too long')
      const copy = sealed.slice() // what is hashed and what is opened must be the same bytes, whoever holds the array
      const plaintext = await aesGcmOpen({ key, ...chunkPlace(place, plan, index) }, copy, 'a chunk')
      hashes[index] = await chunkHash(copy)
      return plaintext
    },
    async finish() {
      const all = hashes.filter((hash) => hash !== undefined)
      if (all.length !== chunkCount) throw new CryptoFault('TruncatedBody', 'a chunk is missing')
      if (!equalBytes(await cipherRootOf(all), manifest.cipherRoot)) {
        throw new CryptoFault('CommitmentMismatch', 'the chunks are not those the manifest names')
      }
    },
  }
}

/**
 * Opens a whole body from its chunks in order and answers only what passed every check: commitment, each chunk, their
 * number, the cipher root, the padding, the length and the hash in the header.
 *
 * @throws CryptoFault CommitmentMismatch, TruncatedBody, TrailingData, Tampered.
 */
export async function openBody(
  recordKey: RecordKey,
  head: OpenedHead,
  chunks: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
): Promise<OwnedBytes> {
  const opener = await createBodyOpener(recordKey, head)
  const parts: OwnedBytes[] = []
  for await (const chunk of chunks) parts.push(await opener.openChunk(parts.length, chunk))
  await opener.finish()
  return trimBody(head, joinBytes(parts))
}

/**
 * The body without its padding, for those who opened the chunks themselves and have called `finish`.
 *
 * @throws CryptoFault CommitmentMismatch if length, padding or hash contradict the header.
 */
export async function trimBody(head: OpenedHead, padded: OwnedBytes): Promise<OwnedBytes> {
  const { bodyBytes, bodySha256 } = head.header
  const isPadded = padded.length === padmeLength(bodyBytes) && isZero(padded, bodyBytes, padded.length)
  if (!isPadded) throw new CryptoFault('CommitmentMismatch', 'the padding contradicts the header')
  const body = padded.slice(0, bodyBytes)
  if (toHex(await sha256(body)) !== bodySha256) {
    throw new CryptoFault('CommitmentMismatch', 'the content is not the one the header names')
  }
  return body
}

/** Lower-case hexadecimal, as `bodySha256` holds it. */
export function toHex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
}

function bodyKey(key: RecordKey, place: RecordPlace, salt: Uint8Array, chunkLog2: number): Promise<CryptoKey> {
  const info = infoOf('body', recordFields(place), Uint8Array.of(SUITE_1, chunkLog2))
  return hkdfAesKey({ key, salt, info }, ['encrypt', 'decrypt'])
}

/** Nonce and associated data of a chunk: its index, and whether it is the last, are in both. */
export function chunkPlace(
  place: RecordPlace,
  plan: Pick<BodyPlan, 'chunkLog2' | 'chunkCount'>,
  index: number,
): { nonce: OwnedBytes; associatedData: OwnedBytes } {
  const last = index === plan.chunkCount - 1 ? 1 : 0
  const nonce = new Uint8Array(NONCE_BYTES)
  viewOf(nonce).setUint32(7, index)
  nonce[11] = last
  const suite = Uint8Array.of(SUITE_1, plan.chunkLog2)
  const associatedData = concatBytes(TAG.bodyChunk, suite, recordFields(place), u32(index), Uint8Array.of(last))
  return { nonce, associatedData }
}

async function paddedChunk(body: Uint8Array | Blob, plan: BodyPlan, index: number): Promise<OwnedBytes> {
  const start = index * 2 ** plan.chunkLog2
  const chunk = new Uint8Array(sealedChunkBytes(plan, index) - TAG_BYTES)
  const end = start + chunk.length
  chunk.set(
    body instanceof Uint8Array ? body.subarray(start, end) : new Uint8Array(await body.slice(start, end).arrayBuffer()),
  )
  return chunk
}
