/** The platform's primitives, with the types this package needs. Works in Node 20, browsers and workers. */
import { HASH_BYTES, NONCE_BYTES, SECRET_BYTES } from './constants.ts'
import { CryptoFault } from './fault.ts'

/** Bytes that WebCrypto takes: not backed by shared memory, which another thread could change in between. */
export type OwnedBytes = Uint8Array<ArrayBuffer>

const isOwned = (bytes: Uint8Array): bytes is OwnedBytes => bytes.buffer instanceof ArrayBuffer

/** The same bytes, not a copy, unless their memory is shared. */
export const owned = (bytes: Uint8Array): OwnedBytes => (isOwned(bytes) ? bytes : bytes.slice())

/** @throws CryptoFault `Unavailable` where the platform offers no WebCrypto. */
export function subtle(): SubtleCrypto {
  const found: SubtleCrypto | undefined = globalThis.crypto?.subtle
  if (found === undefined) throw new CryptoFault('Unavailable', 'WebCrypto needs a secure origin (https or localhost)')
  return found
}

/** @param length at most 65 536. */
export function randomBytes(length: number): OwnedBytes {
  return globalThis.crypto.getRandomValues(new Uint8Array(length))
}

export async function sha256(bytes: Uint8Array): Promise<OwnedBytes> {
  return new Uint8Array(await subtle().digest('SHA-256', owned(bytes)))
}

/** Overwrites a secret. A courtesy, not a guarantee: an engine may have copied the bytes before. */
export function wipe(bytes: Uint8Array): void {
  bytes.fill(0)
}

/** Imports input key material as a key that can only derive and cannot be read back. */
export function importHkdf(material: Uint8Array): Promise<CryptoKey> {
  return subtle().importKey('raw', owned(material), 'HKDF', false, ['deriveBits', 'deriveKey'])
}

export interface HkdfInput {
  readonly key: CryptoKey
  readonly salt: Uint8Array
  readonly info: Uint8Array
}

/** RFC 5869 with SHA-256. @param length in bytes. */
export async function hkdfBytes(input: HkdfInput, length: number): Promise<OwnedBytes> {
  return new Uint8Array(await subtle().deriveBits(hkdfParameters(input), input.key, length * 8))
}

/** A non-extractable AES-256-GCM key. */
export function hkdfAesKey(input: HkdfInput, usages: KeyUsage[]): Promise<CryptoKey> {
  return subtle().deriveKey(hkdfParameters(input), input.key, { name: 'AES-GCM', length: 256 }, false, usages)
}

/** The same of 32 bytes that were derived already; wipes them. */
export function aesKeyFrom(material: OwnedBytes, usages: KeyUsage[]): Promise<CryptoKey> {
  const lent = lentKey(material)
  const imported = subtle().importKey('raw', lent, 'AES-GCM', false, usages)
  wipe(lent)
  wipe(material)
  return imported
}

export interface AeadInput {
  readonly key: CryptoKey
  /** 12 bytes, never twice under one key. */
  readonly nonce: Uint8Array
  readonly associatedData: Uint8Array
}

/** Ciphertext and 16-byte tag. */
export async function aesGcmSeal(input: AeadInput, plaintext: Uint8Array): Promise<OwnedBytes> {
  return new Uint8Array(await subtle().encrypt(aesGcmParameters(input), input.key, owned(plaintext)))
}

/** @throws CryptoFault `Tampered` if the tag does not fit key, nonce, associated data and ciphertext. */
export async function aesGcmOpen(input: AeadInput, sealed: Uint8Array, what: string): Promise<OwnedBytes> {
  try {
    return new Uint8Array(await subtle().decrypt(aesGcmParameters(input), input.key, lentSealed(sealed)))
  } catch (cause) {
    throw new CryptoFault('Tampered', `${what} does not authenticate`, { cause })
  }
}

/** Opens a sealed secret straight into a key that can only derive. @throws CryptoFault `Tampered` as above. */
export async function aesGcmOpenHkdf(input: AeadInput, sealed: Uint8Array, what: string): Promise<CryptoKey> {
  const usages: KeyUsage[] = ['deriveBits', 'deriveKey']
  try {
    return await subtle().unwrapKey('raw', owned(sealed), input.key, aesGcmParameters(input), 'HKDF', false, usages)
  } catch (cause) {
    throw new CryptoFault('Tampered', `${what} does not authenticate`, { cause })
  }
}

export const ZERO_SALT: OwnedBytes = new Uint8Array(HASH_BYTES)

function hkdfParameters({ salt, info }: HkdfInput): HkdfParams {
  return { name: 'HKDF', hash: 'SHA-256', salt: owned(salt), info: owned(info) }
}

function aesGcmParameters({ nonce, associatedData }: AeadInput): AesGcmParams {
  if (nonce.length !== NONCE_BYTES) throw new RangeError('a nonce has 12 bytes')
  return { name: 'AES-GCM', iv: lentNonce(nonce), additionalData: lentData(associatedData), tagLength: 128 }
}

/**
 * Few bytes, copied into memory that is lent to every call: the platform has to copy what it is given before it returns, and makes objects of its own for each
 * array that it never saw, which for a header takes as long as opening it. What is secret is wiped from it at once.
 */
function lending(bytesMax: number): (bytes: Uint8Array) => OwnedBytes {
  const memory = new ArrayBuffer(bytesMax)
  const views: OwnedBytes[] = []
  return (bytes) => {
    if (bytes.length > bytesMax) return owned(bytes)
    const view = (views[bytes.length] ??= new Uint8Array(memory, 0, bytes.length))
    view.set(bytes)
    return view
  }
}
const lentNonce = lending(NONCE_BYTES)
const lentData = lending(128)
const lentSealed = lending(2_048)
const lentKey = lending(SECRET_BYTES)
