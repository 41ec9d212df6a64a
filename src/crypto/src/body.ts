/** Record bodies: STREAM-like chunked AES-256-GCM under a key of its own per encryption pass. */
import { sha256 as createSha256 } from '@noble/hashes/sha2'
import { type BodyPlan, padmeLength, planBody, sealedChunkBytes } from './body-plan.ts'
import { concatBytes, equalBytes, expectLength, isZero, joinBytes, u32, viewOf } from './bytes.ts'
import { type BodyContent, type BodyPrint, type BodySource, readChunk, resumeTagOf, sourceOf } from './body-source.ts'
import { chunkHash, cipherRootOf } from './cipher-root.ts'
import { NONCE_BYTES, STREAM_SALT_BYTES, SUITE_1, TAG, TAG_BYTES } from './constants.ts'
import { decodeContent, expectEncoded } from './encoding.ts'
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

/** @param body in memory, or a source that is read one chunk at a time. */
export interface BodyToSeal {
  readonly secret: RecordSecret
  readonly place: RecordPlace
  readonly body: BodyContent
  /** `CHUNK_LOG2_DEFAULT`, or 16 to 20. */
  readonly chunkLog2: number
  /** Of an earlier reading: a chunk that is not the same any more is not sealed. Needed where a pass may be taken up again. */
  readonly print?: BodyPrint
}

/**
 * Seals a body under a fresh stream salt.
 *
 * @throws RangeError for a chunk size or body out of bounds. The chunks throw CryptoFault SourceChanged.
 */
export function sealBody(options: BodyToSeal): Promise<SealedBody> {
  return sealBodyWithSalt(options, randomBytes(STREAM_SALT_BYTES))
}

/**
 * Takes up a pass that broke off: the same secret, salt and content give the same chunks. Another content under them would repeat nonces, so it is
 * refused before anything is sealed, and again at each chunk.
 *
 * @param begun salt and tag (`resumeTagOf`) of that pass.
 * @throws CryptoFault SourceChanged for another content. @throws RangeError.
 */
export async function resumeBody(
  options: BodyToSeal & { readonly print: BodyPrint },
  begun: { readonly streamSalt: Uint8Array; readonly resumeTag: Uint8Array },
): Promise<SealedBody> {
  expectLength('the stream salt', begun.streamSalt, STREAM_SALT_BYTES)
  if (!equalBytes(await resumeTagOf(options.secret, options.place, options.print), begun.resumeTag))
    throw new CryptoFault('SourceChanged', 'the content is not the one whose sealing began')
  return sealBodyWithSalt(options, begun.streamSalt.slice())
}

/** For test vectors. Elsewhere a salt is never chosen: `sealBody` draws it. */
export async function sealBodyWithSalt(options: BodyToSeal, streamSalt: OwnedBytes): Promise<SealedBody> {
  const { place, print, chunkLog2 } = options
  const source = sourceOf(options.body)
  const plan = planBody(source.sizeBytes, chunkLog2)
  const key = await bodyKey(await recordKeyOf(options.secret), place, streamSalt, chunkLog2)
  const hashes: OwnedBytes[] = []
  let isTaken = false
  async function* chunks(): AsyncGenerator<SealedChunk, void, undefined> {
    if (isTaken) throw new Error('a sealed body can be read once')
    isTaken = true
    for (let index = 0; index < plan.chunkCount; index++) {
      const content = await readChunk(source, plan, index)
      const padded = new Uint8Array(sealedChunkBytes(plan, index) - TAG_BYTES)
      padded.set(content) // a copy: what is compared and what is sealed must be the same bytes, whoever holds the array
      if (print !== undefined) await expectPrinted(print, index, padded.subarray(0, content.length))
      const bytes = await aesGcmSeal({ key, ...chunkPlace(place, plan, index) }, padded)
      hashes.push(chunkHash(bytes))
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
  /** Counts in what was opened before: the plaintext of a whole chunk. That it is the right one shows in `finish`. */
  countIn(index: number, plaintext: Uint8Array): Promise<void>
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
      hashes[index] = chunkHash(copy)
      return plaintext
    },
    async countIn(index, plaintext) {
      hashes[index] = chunkHash(await aesGcmSeal({ key, ...chunkPlace(place, plan, index) }, plaintext))
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

/** Takes a body piece by piece, in order. */
export interface BodySink {
  /** @param start where in the body the piece begins. */
  write(piece: OwnedBytes, start: number): Promise<void>
  /** What an earlier try wrote: its whole chunks are not asked for again. */
  readonly begun?: BodySource
}

/**
 * Opens a whole body from its chunks in order, and passes it on piece by piece as it comes. Nothing of what was passed on may be acted on
 * before this has answered: commitment, each chunk, their number, the cipher root, the padding, the length and the hash in the header. What the
 * sink has from an earlier try is sealed again for its hashes, so that it is held to the same cipher root. An encoded body comes out as its content.
 *
 * @param chunks those from the given index on.
 * @throws CryptoFault CommitmentMismatch, TruncatedBody, TrailingData, Tampered, UnknownEncoding, BadFormat.
 */
export async function openBodyInto(
  recordKey: RecordKey,
  head: OpenedHead,
  chunks: (from: number) => Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
  sink: BodySink,
): Promise<void> {
  if (head.header.encoding !== undefined) return openEncodedInto(recordKey, head, chunks, sink)
  const opener = await createBodyOpener(recordKey, head)
  const { bodyBytes, bodySha256 } = head.header
  const hash = createSha256.create()
  let left = bodyBytes
  let index = 0
  const chunkBytes = 2 ** opener.chunkLog2
  for (; sink.begun !== undefined && (index + 1) * chunkBytes <= Math.min(sink.begun.sizeBytes, bodyBytes); index++) {
    const piece = await readChunk(sink.begun, opener, index)
    await opener.countIn(index, piece)
    hash.update(piece)
    left -= piece.length
  }
  for await (const chunk of chunks(index)) {
    const padded = await opener.openChunk(index++, chunk)
    const piece = padded.subarray(0, Math.min(left, padded.length))
    if (!isZero(padded, piece.length, padded.length))
      throw new CryptoFault('CommitmentMismatch', 'the padding contradicts the header')
    hash.update(piece)
    if (piece.length > 0) await sink.write(piece, bodyBytes - left)
    left -= piece.length
  }
  await opener.finish()
  if (padmeLength(bodyBytes) !== opener.paddedBytes)
    throw new CryptoFault('CommitmentMismatch', 'the padding contradicts the header')
  if (toHex(hash.digest()) !== bodySha256)
    throw new CryptoFault('CommitmentMismatch', 'the content is not the one the header names')
}

/** An encoded body is short and opened as a whole: the sink gets all of the content at once, after every check, whatever it has from an earlier try. */
async function openEncodedInto(
  recordKey: RecordKey,
  head: OpenedHead,
  chunks: (from: number) => Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
  sink: BodySink,
): Promise<void> {
  const { bodyBytes, bodySha256 } = head.header
  expectEncoded(head.header, head.manifest.paddedBytes)
  const opener = await createBodyOpener(recordKey, head)
  const pieces: OwnedBytes[] = []
  for await (const chunk of chunks(0)) pieces.push(await opener.openChunk(pieces.length, chunk))
  await opener.finish()
  const content = await decodeContent(joinBytes(pieces), bodyBytes)
  if (toHex(await sha256(content)) !== bodySha256)
    throw new CryptoFault('CommitmentMismatch', 'the content is not the one the header names')
  await sink.write(content, 0)
}

/** The same into memory: answers only what passed every check. @throws CryptoFault as above. */
export async function openBody(
  recordKey: RecordKey,
  head: OpenedHead,
  chunks: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
): Promise<OwnedBytes> {
  const pieces: OwnedBytes[] = []
  await openBodyInto(recordKey, head, () => chunks, { write: async (piece) => void pieces.push(piece) })
  return joinBytes(pieces)
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

async function expectPrinted(print: BodyPrint, index: number, content: OwnedBytes): Promise<void> {
  const printed = print.chunkHashes[index]
  if (printed === undefined || !equalBytes(await sha256(content), printed))
    throw new CryptoFault('SourceChanged', 'the content has changed while it was sealed')
}
