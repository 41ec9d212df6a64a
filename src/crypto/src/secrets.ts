/** Types of secrets, branded so that one is never passed for another, and the derivations between them. */
import { concatBytes, expectLength, u32 } from './bytes.ts'
import { ID_BYTES, SECRET_BYTES } from './constants.ts'
import { infoOf } from './labels.ts'
import { hkdfHere } from './sha256-here.ts'
import { type OwnedBytes, ZERO_SALT, hkdfBytes, importHkdf, randomBytes } from './webcrypto.ts'

declare const brand: unique symbol
type Branded<T, Name extends string> = T & { readonly [brand]: Name }

/** 32 random bytes, one per record version, chosen by the author. Opens everything of that version. Wipe after use. */
export type RecordSecret = Branded<OwnedBytes, 'RecordSecret'>
/**
 * 32 bytes derived from the record secret; opens the header and cannot be turned back. Bytes and no key of the platform, since what is derived from them is
 * derived here (docs/crypto.md, "Where it is computed"). Wipe after use.
 */
export type HeaderSecret = Branded<OwnedBytes, 'HeaderSecret'>
/** A record secret as a key that derives and cannot be read. */
export type RecordKey = Branded<CryptoKey, 'RecordKey'>
/** Wraps header secrets of one compartment epoch. */
export type ListKek = Branded<CryptoKey, 'ListKek'>
/** Wraps record secrets of one compartment epoch. */
export type OpenKek = Branded<CryptoKey, 'OpenKek'>
/** Wraps starts of capsules' chains of one compartment epoch. */
export type CapsuleKek = Branded<CryptoKey, 'CapsuleKek'>
/** Seals what a device keeps to search in, of one compartment epoch. */
export type SearchKek = Branded<CryptoKey, 'SearchKek'>
/** 48 bytes, as key derivation gave them. Wipe after use. */
export type VetKeyBytes = Branded<OwnedBytes, 'VetKeyBytes'>

/** A record version and whose it is. */
export interface RecordPlace {
  /** 16 bytes. */
  readonly patientId: Uint8Array
  /** 16 bytes. */
  readonly recordId: Uint8Array
  /** From 1. */
  readonly version: number
}

/** A fresh secret. Use it for one record version and wipe it when its wraps are made. */
export function newRecordSecret(): RecordSecret {
  return randomBytes(SECRET_BYTES) as RecordSecret
}

export async function recordKeyOf(secret: RecordSecret): Promise<RecordKey> {
  expectLength('the record secret', secret, SECRET_BYTES)
  return (await importHkdf(secret)) as RecordKey
}

export async function headerSecretOf(key: RecordKey, place: RecordPlace): Promise<HeaderSecret> {
  const info = infoOf('headerSecret', recordFields(place))
  return (await hkdfBytes({ key, salt: ZERO_SALT, info }, SECRET_BYTES)) as HeaderSecret
}

/**
 * Public commitments. AES-GCM does not commit to its key, so a wrap alone could be made to open to different content
 * for different readers; the commitments in the manifest leave one record secret and one header secret.
 */
export function openCommitmentOf(key: RecordKey, place: RecordPlace): Promise<OwnedBytes> {
  return hkdfBytes({ key, salt: ZERO_SALT, info: infoOf('openCommitment', recordFields(place)) }, SECRET_BYTES)
}

export function listCommitmentOf(secret: HeaderSecret, place: RecordPlace): OwnedBytes {
  return hkdfHere(secret, ZERO_SALT, infoOf('listCommitment', recordFields(place)))
}

/** `recordId(16) || version(4)`. @throws RangeError for an id of another length. */
export function recordFields(place: Pick<RecordPlace, 'recordId' | 'version'>): OwnedBytes {
  expectLength('recordId', place.recordId, ID_BYTES)
  return concatBytes(place.recordId, u32(place.version))
}
