/**
 * What a device keeps to search in, of one compartment, sealed under the compartment's own key. Table: docs/crypto.md, "Search words".
 *
 * `MGS1 || suite(1) || zero(3) || epoch(4) || nonce(12)`, then ciphertext and tag of `length(4) || content || zeros` up to a Padmé length.
 */
import { padmeLength } from './body-plan.ts'
import { concatBytes, isZero, startsWith, u32, viewOf } from './bytes.ts'
import type { CompartmentKeys } from './compartment-keys.ts'
import { NONCE_BYTES, SUITE_1, TAG, TAG_BYTES } from './constants.ts'
import { CryptoFault } from './fault.ts'
import { compartmentKeyInput } from './key-input.ts'
import { type OwnedBytes, aesGcmOpen, aesGcmSeal, randomBytes } from './webcrypto.ts'

const HEAD_BYTES = 12
const LENGTH_BYTES = 4

/** Under a random nonce: a device seals such words some thousand times in the life of a key, and 2^32 would be too often. */
export async function sealSearchWords(keys: CompartmentKeys, content: Uint8Array): Promise<OwnedBytes> {
  const head = concatBytes(TAG.searchWords, Uint8Array.of(SUITE_1, 0, 0, 0), u32(keys.place.epoch))
  const nonce = randomBytes(NONCE_BYTES)
  const padded = new Uint8Array(padmeLength(LENGTH_BYTES + content.length))
  padded.set(u32(content.length))
  padded.set(content, LENGTH_BYTES)
  const sealed = await aesGcmSeal({ key: keys.searchKek, nonce, associatedData: dataOf(head, keys) }, padded)
  return concatBytes(head, nonce, sealed)
}

/** The epoch whose key opens it; null for what is no such thing. */
export function epochOfSearchWords(sealed: Uint8Array): number | null {
  const isOurs = sealed.length >= HEAD_BYTES + NONCE_BYTES + TAG_BYTES && startsWith(sealed, TAG.searchWords)
  return isOurs && sealed[4] === SUITE_1 && isZero(sealed, 5, 8) ? viewOf(sealed).getUint32(8) : null
}

/** @throws CryptoFault `Tampered`. */
export async function openSearchWords(keys: CompartmentKeys, sealed: Uint8Array): Promise<OwnedBytes> {
  if (epochOfSearchWords(sealed) !== keys.place.epoch) throw new CryptoFault('Tampered', 'no search words of this key')
  const head = sealed.slice(0, HEAD_BYTES)
  const nonce = sealed.slice(HEAD_BYTES, HEAD_BYTES + NONCE_BYTES)
  const input = { key: keys.searchKek, nonce, associatedData: dataOf(head, keys) }
  const padded = await aesGcmOpen(input, sealed.subarray(HEAD_BYTES + NONCE_BYTES), 'what is kept for searching')
  const length = padded.length < LENGTH_BYTES ? -1 : viewOf(padded).getUint32(0)
  if (length < 0 || padmeLength(LENGTH_BYTES + length) !== padded.length)
    throw new CryptoFault('Tampered', 'what is kept for searching has another length')
  return padded.slice(LENGTH_BYTES, LENGTH_BYTES + length)
}

const dataOf = (head: Uint8Array, keys: CompartmentKeys): Uint8Array =>
  concatBytes(head, compartmentKeyInput(keys.place))
