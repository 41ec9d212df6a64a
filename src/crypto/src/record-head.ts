/** Sealing and opening the head of a record: manifest and header, each bound to the other. */
import { concatBytes, equalBytes, isZero, startsWith, viewOf } from './bytes.ts'
import {
  HASH_BYTES,
  HEADER_BLOB_BYTES_MIN,
  HEADER_PADDING_BYTES,
  HEADER_PLAINTEXT_BYTES_MAX,
  HEADER_PLAINTEXT_BYTES_MIN,
  HEADER_PREFIX_BYTES,
  NONCE_BYTES,
  SUITE_1,
  TAG,
} from './constants.ts'
import { isKnownEncoding, isPaddedFor } from './encoding.ts'
import { CryptoFault, expectDecoded } from './fault.ts'
import { type RecordHeader, headerFromJson, headerToJson } from './header.ts'
import { infoOf } from './labels.ts'
import { MANIFEST_BOUND_BYTES, type Manifest, type ManifestDraft, decodeManifest, encodeManifest } from './manifest.ts'
import {
  type HeaderSecret,
  type RecordPlace,
  type RecordSecret,
  headerSecretOf,
  listCommitmentOf,
  openCommitmentOf,
  recordFields,
  recordKeyOf,
} from './secrets.ts'
import { hkdfHere, sha256Here, sha256OfStart } from './sha256-here.ts'
import { type OwnedBytes, aesGcmOpen, aesGcmSeal, aesKeyFrom, randomBytes, wipe } from './webcrypto.ts'
import { expectListCommitment, expectManifestOf } from './wrap.ts'
import { isHeaderBlob } from './wrap-format.ts'

const HEADER_SALT_BYTES = 16
const UTF_8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** What the author states; commitments and header hash are computed. */
export type HeadDraft = Omit<ManifestDraft, 'openCommitment' | 'listCommitment'>

export interface SealedHead {
  /** 268 bytes. */
  readonly manifest: OwnedBytes
  readonly manifestHash: OwnedBytes
  readonly header: OwnedBytes
}

/** A manifest and header that were checked against each other and against the reader's key. */
export interface OpenedHead {
  readonly place: RecordPlace
  readonly manifest: Manifest
  readonly manifestHash: OwnedBytes
  readonly header: RecordHeader
}

export interface ManifestHashes {
  /** Of the part that the header is bound to, which the manifest begins with. */
  readonly boundHash: OwnedBytes
  readonly manifestHash: OwnedBytes
}

export function manifestHashes(manifest: Uint8Array): ManifestHashes {
  const { start, all } = sha256OfStart(manifest, MANIFEST_BOUND_BYTES)
  return { boundHash: start, manifestHash: all }
}

/**
 * Makes manifest and header of a record whose body is sealed already.
 *
 * @throws RangeError for bad fields or a header of more than 16 380 bytes of JSON; CryptoFault BadFormat for header
 *   fields a reader would refuse.
 */
export async function sealHead(secret: RecordSecret, draft: HeadDraft, header: RecordHeader): Promise<SealedHead> {
  if (!isPaddedFor(header, draft.paddedBytes)) {
    throw new RangeError('the length in the header is not that of the sealed body')
  }
  const recordKey = await recordKeyOf(secret)
  const openCommitment = await openCommitmentOf(recordKey, draft)
  const headerSecret = await headerSecretOf(recordKey, draft)
  try {
    const full = { ...draft, openCommitment, listCommitment: listCommitmentOf(headerSecret, draft) }
    const { boundHash } = manifestHashes(encodeManifest({ ...full, headerHash: new Uint8Array(HASH_BYTES) }))
    const blob = await sealHeader(headerSecret, draft, boundHash, headerToJson(header))
    const manifest = encodeManifest({ ...full, headerHash: sha256Here(blob) })
    return { manifest, manifestHash: manifestHashes(manifest).manifestHash, header: blob }
  } finally {
    wipe(headerSecret)
  }
}

/**
 * Opens a header and checks it, and its manifest, in this order: format, place, header hash, commitment, decryption.
 *
 * @param secret from the record's list wrap, or from its record key (`headerSecretOf`); the caller wipes it.
 * @param place the record asked for, from the reader's own request.
 * @param hashes of this very manifest, where the caller has made them already.
 * @throws CryptoFault BadFormat, UnknownSuite, WrongPlace, Tampered, CommitmentMismatch.
 */
export async function openHead(
  secret: HeaderSecret,
  place: RecordPlace,
  sealed: { readonly manifest: Uint8Array; readonly header: Uint8Array },
  hashes?: ManifestHashes,
): Promise<OpenedHead> {
  const manifest = expectDecoded(decodeManifest(sealed.manifest))
  expectManifestOf(place, manifest)
  expectHeaderShape(sealed.header)
  if (!equalBytes(sha256Here(sealed.header), manifest.headerHash)) {
    throw new CryptoFault('Tampered', 'the header is not the one the manifest names')
  }
  expectListCommitment(secret, place, manifest)
  const { boundHash, manifestHash } = hashes ?? manifestHashes(sealed.manifest)
  const json = await openHeader(secret, place, boundHash, sealed.header)
  const opened = headerFromJson(json)
  // Before anybody makes room for what it says.
  if (isKnownEncoding(opened) && !isPaddedFor(opened, manifest.paddedBytes))
    throw new CryptoFault('CommitmentMismatch', 'the length contradicts the header')
  return { place, manifest, manifestHash, header: opened }
}

async function sealHeader(
  secret: HeaderSecret,
  place: RecordPlace,
  boundHash: Uint8Array,
  json: string,
): Promise<OwnedBytes> {
  const salt = randomBytes(HEADER_SALT_BYTES)
  const nonce = randomBytes(NONCE_BYTES)
  const input = { key: await headerKeyOf(secret, place, salt), nonce, associatedData: headerData(boundHash) }
  const sealed = await aesGcmSeal(input, padded(json))
  return concatBytes(TAG.header, Uint8Array.of(SUITE_1, 0, 0, 0), salt, nonce, sealed)
}

async function openHeader(
  secret: HeaderSecret,
  place: RecordPlace,
  boundHash: Uint8Array,
  blob: Uint8Array,
): Promise<string> {
  const salt = blob.subarray(8, 8 + HEADER_SALT_BYTES)
  const nonce = blob.subarray(8 + HEADER_SALT_BYTES, HEADER_PREFIX_BYTES)
  const input = { key: await headerKeyOf(secret, place, salt), nonce, associatedData: headerData(boundHash) }
  return unpadded(await aesGcmOpen(input, blob.subarray(HEADER_PREFIX_BYTES), 'the header'))
}

/** `u32 length || JSON || zeros`: a multiple of 256 bytes from 512 to 16 384, so that a title's length does not show. */
function padded(json: string): OwnedBytes {
  const content = new TextEncoder().encode(json)
  const bytes = new Uint8Array(paddedHeaderBytes(content.length))
  if (bytes.length > HEADER_PLAINTEXT_BYTES_MAX) throw new RangeError('the header is longer than 16 380 bytes')
  viewOf(bytes).setUint32(0, content.length)
  bytes.set(content, 4)
  return bytes
}

function unpadded(bytes: Uint8Array): string {
  const length = viewOf(bytes).getUint32(0)
  if (bytes.length !== paddedHeaderBytes(length) || !isZero(bytes, 4 + length, bytes.length)) {
    throw new CryptoFault('BadFormat', 'the header is not padded as it must be')
  }
  try {
    return UTF_8.decode(bytes.subarray(4, 4 + length))
  } catch (cause) {
    throw new CryptoFault('BadFormat', 'the header is not UTF-8', { cause })
  }
}

function paddedHeaderBytes(contentBytes: number): number {
  const rounded = Math.ceil((4 + contentBytes) / HEADER_PADDING_BYTES) * HEADER_PADDING_BYTES
  return Math.max(HEADER_PLAINTEXT_BYTES_MIN, rounded)
}

function headerKeyOf(secret: HeaderSecret, place: RecordPlace, salt: Uint8Array): Promise<CryptoKey> {
  const info = infoOf('header', recordFields(place), Uint8Array.of(SUITE_1))
  return aesKeyFrom(hkdfHere(secret, salt, info), ['encrypt', 'decrypt'])
}

/** `MGH1 || H(manifest[0..236))`: the header fits exactly one manifest. */
const headerData = (boundHash: Uint8Array): OwnedBytes => concatBytes(TAG.header, boundHash)

function expectHeaderShape(blob: Uint8Array): void {
  if (isHeaderBlob(blob)) return
  const isOtherSuite = blob.length >= HEADER_BLOB_BYTES_MIN && startsWith(blob, TAG.header) && blob[4] !== SUITE_1
  if (isOtherSuite) throw new CryptoFault('UnknownSuite', 'the header names an unknown suite')
  throw new CryptoFault('BadFormat', 'not a header: tag, zeros or length are wrong')
}
