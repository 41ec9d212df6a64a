/** Sealing, opening and key derivation for clients, and everything of `verify.ts`, which is all a canister may link. */
export {
  type BodyPlan,
  CHECK_VALUE_BYTES,
  CHUNK_COUNT_MAX,
  CHUNK_LOG2_DEFAULT,
  CHUNK_LOG2_MAX,
  CHUNK_LOG2_MIN,
  COMPARTMENT_KIND,
  type CompartmentEpoch,
  type DecodeFailure,
  type DecodeFailureCode,
  type Decoded,
  ENCRYPTED_VET_KEY_BYTES,
  HASH_BYTES,
  HEADER_BLOB_BYTES_MAX,
  HEADER_BLOB_BYTES_MIN,
  ID_BYTES,
  KEY_INPUT_BYTES,
  MANIFEST_BYTES,
  type Manifest,
  type ManifestDraft,
  PUBLIC_KEY_BYTES,
  SECRET_BYTES,
  SHRED_SALT_BYTES,
  STREAM_SALT_BYTES,
  SUITE_1,
  TRANSPORT_KEY_BYTES,
  type Tier,
  VETKD_CONTEXT,
  VET_KEY_BYTES,
  WRAP_BYTES,
  type WrapHead,
  chunkCountOf,
  compartmentKeyInput,
  decodeManifest,
  decodeWrap,
  encodeManifest,
  isAcceptableTransportKey,
  isHeaderBlob,
  padmeLength,
  planBody,
  sealedChunkBytes,
  studyKeyInput,
  vaultKeyInput,
} from './verify.ts'
export { CryptoFault, type CryptoFaultCode, expectDecoded } from './fault.ts'
export { type OwnedBytes, randomBytes, sha256, wipe } from './webcrypto.ts'
export {
  type HeaderKey,
  type ListKek,
  type OpenKek,
  type RecordKey,
  type RecordPlace,
  type RecordSecret,
  type VetKeyBytes,
  headerKeyFrom,
  newRecordSecret,
} from './secrets.ts'
export { type CompartmentKeys, deriveCompartmentKeys, expectCheckValue } from './compartment-keys.ts'
export {
  type RecordWraps,
  rewrapRecord,
  unwrapHeaderKey,
  unwrapRecordKey,
  unwrapRecordSecret,
  wrapRecord,
} from './wrap.ts'
export type { RecordCode, RecordHeader, RecordLink } from './header.ts'
export { type HeadDraft, type OpenedHead, type SealedHead, openHead, sealHead } from './record-head.ts'
export {
  type BodyOpener,
  type BodySink,
  type BodyToSeal,
  type SealedBody,
  type SealedChunk,
  createBodyOpener,
  openBody,
  openBodyInto,
  resumeBody,
  sealBody,
  toHex,
} from './body.ts'
export { type BodyContent, type BodyPrint, type BodySource, printBody, resumeTagOf, sourceOf } from './body-source.ts'
export {
  type TransportKey,
  derivedPublicKey,
  newTransportKey,
  productionMasterKey,
  receiveCompartmentKeys,
  receiveVetKey,
} from './vetkd.ts'
export { developmentMasterKey } from './development-master-key.ts'
