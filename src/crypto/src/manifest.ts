/** Record manifest `MGM1`, 268 bytes, stored in clear. Its hash is what the log attests. */
import { chunkCountOf } from './body-plan.ts'
import { expectLength, expectUint, getCount, isZero, setCount, startsWith, viewOf } from './bytes.ts'
import {
  CHUNK_COUNT_MAX,
  CHUNK_LOG2_MAX,
  CHUNK_LOG2_MIN,
  COMPARTMENT_KIND,
  HASH_BYTES,
  ID_BYTES,
  MANIFEST_BYTES,
  STREAM_SALT_BYTES,
  SUITE_1,
  TAG,
} from './constants.ts'
import { type Decoded, badFormat } from './decoded.ts'

/** Bytes that a header is bound to: everything before the header's own hash. */
export const MANIFEST_BOUND_BYTES = 236

const FLAG_AUTHOR_SIGNED = 1

export interface Manifest {
  /** Log2 of the chunk size, 16 to 20. */
  readonly chunkLog2: number
  readonly isAuthorSigned: boolean
  readonly recordId: Uint8Array
  /** From 1. */
  readonly version: number
  readonly patientId: Uint8Array
  /** The compartment the record was added to; share compartments hold further wraps of it. */
  readonly homeCompartmentKind: number
  readonly homeCompartmentId: Uint8Array
  readonly chunkCount: number
  /** Length of the padded plaintext; chunkCount and chunkLog2 agree with it. */
  readonly paddedBytes: number
  readonly streamSalt: Uint8Array
  /** Commitment to the record secret. */
  readonly openCommitment: Uint8Array
  /** Commitment to the header secret. */
  readonly listCommitment: Uint8Array
  /** RFC 6962 root over the ciphertext chunks. */
  readonly cipherRoot: Uint8Array
  /** Manifest hash of the version before, or zeros. */
  readonly previousManifestHash: Uint8Array
  readonly headerHash: Uint8Array
}

/** A manifest before its header is sealed. */
export type ManifestDraft = Omit<Manifest, 'headerHash'>

/** @throws RangeError for any field that `decodeManifest` would refuse. */
export function encodeManifest(manifest: Manifest): Uint8Array<ArrayBuffer> {
  expectUint('version', manifest.version, 32)
  expectUint('chunkCount', manifest.chunkCount, 32)
  expectUint('chunkLog2', manifest.chunkLog2, 8)
  expectUint('homeCompartmentKind', manifest.homeCompartmentKind, 8)
  const bytes = new Uint8Array(MANIFEST_BYTES)
  const view = viewOf(bytes)
  bytes.set(TAG.manifest, 0)
  bytes[4] = SUITE_1
  bytes[5] = manifest.chunkLog2
  view.setUint16(6, manifest.isAuthorSigned ? FLAG_AUTHOR_SIGNED : 0)
  put(bytes, 8, 'recordId', manifest.recordId, ID_BYTES)
  view.setUint32(24, manifest.version)
  put(bytes, 28, 'patientId', manifest.patientId, ID_BYTES)
  bytes[44] = manifest.homeCompartmentKind
  put(bytes, 45, 'homeCompartmentId', manifest.homeCompartmentId, ID_BYTES)
  view.setUint32(64, manifest.chunkCount)
  setCount(view, 68, manifest.paddedBytes)
  put(bytes, 76, 'streamSalt', manifest.streamSalt, STREAM_SALT_BYTES)
  put(bytes, 108, 'openCommitment', manifest.openCommitment, HASH_BYTES)
  put(bytes, 140, 'listCommitment', manifest.listCommitment, HASH_BYTES)
  put(bytes, 172, 'cipherRoot', manifest.cipherRoot, HASH_BYTES)
  put(bytes, 204, 'previousManifestHash', manifest.previousManifestHash, HASH_BYTES)
  put(bytes, 236, 'headerHash', manifest.headerHash, HASH_BYTES)
  const problem = problemOf(bytes)
  if (problem !== null) throw new RangeError(problem)
  return bytes
}

/** Accepts exactly what `encodeManifest` makes. Never throws. */
export function decodeManifest(bytes: Uint8Array): Decoded<Manifest> {
  if (bytes.length !== MANIFEST_BYTES) return badFormat('a manifest has 268 bytes')
  if (!startsWith(bytes, TAG.manifest)) return badFormat('the tag is not MGM1')
  if (bytes[4] !== SUITE_1) return { ok: false, code: 'UnknownSuite', what: 'the manifest names an unknown suite' }
  const problem = problemOf(bytes)
  if (problem !== null) return badFormat(problem)
  const view = viewOf(bytes)
  return {
    ok: true,
    value: {
      chunkLog2: view.getUint8(5),
      isAuthorSigned: view.getUint16(6) === FLAG_AUTHOR_SIGNED,
      recordId: bytes.slice(8, 24),
      version: view.getUint32(24),
      patientId: bytes.slice(28, 44),
      homeCompartmentKind: view.getUint8(44),
      homeCompartmentId: bytes.slice(45, 61),
      chunkCount: view.getUint32(64),
      paddedBytes: getCount(view, 68),
      streamSalt: bytes.slice(76, 108),
      openCommitment: bytes.slice(108, 140),
      listCommitment: bytes.slice(140, 172),
      cipherRoot: bytes.slice(172, 204),
      previousManifestHash: bytes.slice(204, 236),
      headerHash: bytes.slice(236, 268),
    },
  }
}

/** What is wrong with the fields of 268 bytes that begin with tag and suite, or null. */
function problemOf(bytes: Uint8Array): string | null {
  const view = viewOf(bytes)
  const chunkLog2 = view.getUint8(5)
  const kind = view.getUint8(44)
  const chunkCount = view.getUint32(64)
  const paddedBytes = getCount(view, 68)
  if (chunkLog2 < CHUNK_LOG2_MIN || chunkLog2 > CHUNK_LOG2_MAX) return 'the chunk size is out of range'
  if ((view.getUint16(6) & ~FLAG_AUTHOR_SIGNED) !== 0) return 'an unknown flag is set'
  if (view.getUint32(24) === 0) return 'versions count from 1'
  if (kind < COMPARTMENT_KIND.category || kind > COMPARTMENT_KIND.inbox) return 'the compartment kind is unknown'
  if (!isZero(bytes, 61, 64)) return 'a reserved byte is not zero'
  if (chunkCount > CHUNK_COUNT_MAX) return 'there are too many chunks'
  if (chunkCount !== chunkCountOf(paddedBytes, chunkLog2)) return 'the chunk count does not fit the length'
  return null
}

function put(bytes: Uint8Array, offset: number, name: string, field: Uint8Array, length: number): void {
  expectLength(name, field, length)
  bytes.set(field, offset)
}
