/** Sizes, tags and codes of suite 1. docs/crypto.md has the byte tables. */
import { ascii } from './bytes.ts'

/** BLS12-381 vetKD, HKDF-SHA-256, AES-256-GCM. The only suite there is. */
export const SUITE_1 = 1

export const ID_BYTES = 16
export const HASH_BYTES = 32
export const SECRET_BYTES = 32
export const SHRED_SALT_BYTES = 32
export const STREAM_SALT_BYTES = 32
export const NONCE_BYTES = 12
export const TAG_BYTES = 16
export const CHECK_VALUE_BYTES = 16

export const KEY_INPUT_BYTES = 41
export const MANIFEST_BYTES = 268
export const WRAP_BYTES = 72
/** Of a wrap under a step of a capsule's chain. */
export const CAPSULE_WRAP_BYTES = 92
export const CAPSULE_BYTES = 232
/** Walking more would be felt (keys.md 5.5). */
export const CAPSULE_STEPS_MAX = 1_024

export const CHUNK_LOG2_MIN = 16
export const CHUNK_LOG2_MAX = 20
/** 1 MiB: one ciphertext chunk fits one message of the network. */
export const CHUNK_LOG2_DEFAULT = 20
/** Bound of the format: 2^32 AES blocks under one body key. */
export const CHUNK_COUNT_MAX = 65_536

export const HEADER_PLAINTEXT_BYTES_MIN = 512
export const HEADER_PLAINTEXT_BYTES_MAX = 16_384
export const HEADER_PADDING_BYTES = 256
/** Tag, suite, zeros, salt, nonce: what precedes a header's ciphertext. */
export const HEADER_PREFIX_BYTES = 36
export const HEADER_BLOB_BYTES_MIN = HEADER_PREFIX_BYTES + HEADER_PLAINTEXT_BYTES_MIN + TAG_BYTES
export const HEADER_BLOB_BYTES_MAX = HEADER_PREFIX_BYTES + HEADER_PLAINTEXT_BYTES_MAX + TAG_BYTES

export const TRANSPORT_KEY_BYTES = 48
export const VET_KEY_BYTES = 48
export const ENCRYPTED_VET_KEY_BYTES = 192
export const PUBLIC_KEY_BYTES = 96

/** What a compartment is for. */
export const COMPARTMENT_KIND = { category: 1, share: 2, emergency: 3, inbox: 4 } as const

/** Every sealed thing, and every hash that carries authority, begins with one of these, so that no two uses share a domain. */
export const TAG = {
  keyInput: ascii('MGK1'),
  vaultKeyInput: ascii('MGP1'),
  studyKeyInput: ascii('MGS2'),
  manifest: ascii('MGM1'),
  header: ascii('MGH1'),
  bodyChunk: ascii('MGB1'),
  wrap: ascii('MGW1'),
  archive: ascii('MGA1'),
  capsule: ascii('MGC1'),
  searchWords: ascii('MGS1'),
  authorKey: ascii('MGU1'),
} as const
