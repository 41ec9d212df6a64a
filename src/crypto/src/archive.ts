/**
 * Archives `MGA1`: a stream sealed under a key of its own, in frames that can be opened one at a time. Table: docs/crypto.md, "Archive".
 *
 * Header: `MGA1 || suite(1) || zero(3) || salt(32)`. Then frames of 1 MiB each, the last one shorter or as long; a frame is its ciphertext and tag.
 */
import { sha256 as createSha256 } from '@noble/hashes/sha2'
import type { BodySource } from './body-source.ts'
import { concatBytes, equalBytes, expectLength, isZero, startsWith, u32, viewOf } from './bytes.ts'
import { HASH_BYTES, NONCE_BYTES, SECRET_BYTES, SUITE_1, TAG, TAG_BYTES } from './constants.ts'
import { CryptoFault } from './fault.ts'
import { infoOf } from './labels.ts'
import { type OwnedBytes, aesGcmOpen, aesGcmSeal, hkdfAesKey, importHkdf, randomBytes } from './webcrypto.ts'

const SALT_BYTES = 32
export const ARCHIVE_HEADER_BYTES = 8 + SALT_BYTES
const FRAME_BYTES = 1024 * 1024
/** Of the counter in the nonce: 4 PiB. */
const FRAMES_MAX = 0xffff_ffff
const CHECK_BYTES = 2

/** 32 random bytes. Whoever has it and the file has all that is in it. */
export const newArchiveKey = (): OwnedBytes => randomBytes(SECRET_BYTES)

/** The key and two bytes of its SHA-256, against slips of the pen: 68 hexadecimal digits in groups of four. */
export function archiveKeyToText(key: Uint8Array): string {
  expectLength('the archive key', key, SECRET_BYTES)
  const hex = Array.from(concatBytes(key, checkOf(key)), (byte) => byte.toString(16).padStart(2, '0')).join('')
  return (hex.match(/.{4}/g) ?? []).join(' ')
}

/** @returns null for text that is no such key; spaces and line breaks do not matter. */
export function archiveKeyFromText(text: string): OwnedBytes | null {
  const hex = text.replaceAll(/\s/g, '').toLowerCase()
  if (!/^[0-9a-f]{68}$/.test(hex)) return null
  const bytes = Uint8Array.from({ length: SECRET_BYTES + CHECK_BYTES }, (_, i) =>
    parseInt(hex.slice(2 * i, 2 * i + 2), 16),
  )
  const key = bytes.slice(0, SECRET_BYTES)
  return equalBytes(checkOf(key), bytes.subarray(SECRET_BYTES)) ? key : null
}

const checkOf = (key: Uint8Array): Uint8Array => createSha256(key).subarray(0, CHECK_BYTES)

export interface ArchiveWriter {
  write(bytes: Uint8Array): Promise<void>
  /** Seals what is left, as the last frame. @returns SHA-256 of the whole file. */
  finish(): Promise<OwnedBytes>
}

/** Seals what is written, frame by frame. @param sink takes the file, in order. */
export async function createArchiveWriter(
  key: Uint8Array,
  sink: (bytes: OwnedBytes) => Promise<void>,
): Promise<ArchiveWriter> {
  const header = concatBytes(TAG.archive, Uint8Array.of(SUITE_1, 0, 0, 0), randomBytes(SALT_BYTES))
  const frameKey = await frameKeyOf(key, header)
  const hash = createSha256.create()
  const out = async (bytes: OwnedBytes): Promise<void> => {
    hash.update(bytes)
    await sink(bytes)
  }
  await out(header)
  const frame = new Uint8Array(FRAME_BYTES)
  let filled = 0
  let index = 0
  const seal = async (isLast: boolean): Promise<void> => {
    if (index > FRAMES_MAX) throw new RangeError('an archive has at most 2^32 frames')
    await out(await aesGcmSeal({ key: frameKey, ...framePlace(header, index, isLast) }, frame.slice(0, filled)))
    index++
    filled = 0
  }
  return {
    async write(bytes) {
      for (let at = 0; at < bytes.length;) {
        if (filled === FRAME_BYTES) await seal(false) // only now is it known not to be the last
        const part = bytes.subarray(at, at + FRAME_BYTES - filled)
        frame.set(part, filled)
        filled += part.length
        at += part.length
      }
    },
    async finish() {
      await seal(true)
      const digest = new Uint8Array(HASH_BYTES)
      digest.set(hash.digest())
      return digest
    },
  }
}

/** The content of an archive, at any place: each frame is verified as it is opened, and that none is missing at the beginning. */
export async function openArchive(key: Uint8Array, file: BodySource): Promise<BodySource> {
  const header = await file.read(0, Math.min(file.sizeBytes, ARCHIVE_HEADER_BYTES))
  const isHeader = header.length === ARCHIVE_HEADER_BYTES && startsWith(header, TAG.archive) && isZero(header, 5, 8)
  if (!isHeader) throw new CryptoFault('BadFormat', 'not an archive: tag MGA1, 40 bytes')
  if (header[4] !== SUITE_1) throw new CryptoFault('UnknownSuite', 'the archive names an unknown suite')
  const sealedBytes = file.sizeBytes - ARCHIVE_HEADER_BYTES
  const frameCount = Math.ceil(sealedBytes / (FRAME_BYTES + TAG_BYTES))
  const lastBytes = sealedBytes - (frameCount - 1) * (FRAME_BYTES + TAG_BYTES)
  if (frameCount < 1 || frameCount > FRAMES_MAX || lastBytes < TAG_BYTES)
    throw new CryptoFault('TruncatedBody', 'the archive is cut off')
  const frameKey = await frameKeyOf(key, header)
  let cached: { readonly index: number; readonly bytes: OwnedBytes } | null = null
  const frame = async (index: number): Promise<OwnedBytes> => {
    if (cached?.index === index) return cached.bytes
    const start = ARCHIVE_HEADER_BYTES + index * (FRAME_BYTES + TAG_BYTES)
    const sealed = await file.read(start, Math.min(file.sizeBytes, start + FRAME_BYTES + TAG_BYTES))
    const place = framePlace(header, index, index === frameCount - 1)
    const bytes = await aesGcmOpen({ key: frameKey, ...place }, sealed.slice(), 'a part of the archive')
    cached = { index, bytes }
    return bytes
  }
  await frame(frameCount - 1) // that it is the last is sealed with it: nothing was cut off
  return {
    sizeBytes: sealedBytes - frameCount * TAG_BYTES,
    async read(start, end) {
      const bytes = new Uint8Array(end - start)
      for (let at = start; at < end;) {
        const index = Math.floor(at / FRAME_BYTES)
        const from = at - index * FRAME_BYTES
        const part = (await frame(index)).subarray(from, from + end - at)
        if (part.length === 0) throw new CryptoFault('TruncatedBody', 'the archive ends before that')
        bytes.set(part, at - start)
        at += part.length
      }
      return bytes
    },
  }
}

async function frameKeyOf(key: Uint8Array, header: Uint8Array): Promise<CryptoKey> {
  expectLength('the archive key', key, SECRET_BYTES)
  const salt = header.subarray(8)
  return hkdfAesKey({ key: await importHkdf(key), salt, info: infoOf('archive', Uint8Array.of(SUITE_1)) }, [
    'encrypt',
    'decrypt',
  ])
}

/** As for chunks of bodies: the index, and whether it is the last, are in nonce and associated data. */
function framePlace(
  header: Uint8Array,
  index: number,
  isLast: boolean,
): { nonce: OwnedBytes; associatedData: OwnedBytes } {
  const nonce = new Uint8Array(NONCE_BYTES)
  viewOf(nonce).setUint32(7, index)
  nonce[11] = isLast ? 1 : 0
  return { nonce, associatedData: concatBytes(header, u32(index), Uint8Array.of(isLast ? 1 : 0)) }
}
