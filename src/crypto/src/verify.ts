/**
 * The part of the package a canister may link: formats, lengths and checks. Nothing here can open or seal anything, and
 * nothing needs more than the language itself.
 */
export {
  CAPSULE_BYTES,
  CAPSULE_STEPS_MAX,
  CAPSULE_WRAP_BYTES,
  CHECK_VALUE_BYTES,
  CHUNK_COUNT_MAX,
  CHUNK_LOG2_DEFAULT,
  CHUNK_LOG2_MAX,
  CHUNK_LOG2_MIN,
  COMPARTMENT_KIND,
  ENCRYPTED_VET_KEY_BYTES,
  HASH_BYTES,
  HEADER_BLOB_BYTES_MAX,
  HEADER_BLOB_BYTES_MIN,
  ID_BYTES,
  KEY_INPUT_BYTES,
  MANIFEST_BYTES,
  PUBLIC_KEY_BYTES,
  SECRET_BYTES,
  SHRED_SALT_BYTES,
  STREAM_SALT_BYTES,
  SUITE_1,
  TRANSPORT_KEY_BYTES,
  VET_KEY_BYTES,
  WRAP_BYTES,
} from './constants.ts'
export { AUTHOR_ALGORITHM, AUTHOR_SIGNATURE_BYTES, authorKeyIdInput, isAuthorKeyShape } from './author-format.ts'
export type { DecodeFailure, DecodeFailureCode, Decoded } from './decoded.ts'
export { type BodyPlan, chunkCountOf, padmeLength, planBody, sealedChunkBytes } from './body-plan.ts'
export { type CompartmentEpoch, VETKD_CONTEXT, compartmentKeyInput, studyKeyInput, vaultKeyInput } from './key-input.ts'
export { type Manifest, type ManifestDraft, decodeManifest, encodeManifest } from './manifest.ts'
export { isAcceptableTransportKey } from './transport-key.ts'
export { type CapsuleHead, decodeCapsule } from './capsule-format.ts'
export { type CapsuleStep, type Tier, type WrapHead, decodeWrap, isHeaderBlob } from './wrap-format.ts'
