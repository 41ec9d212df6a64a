/** The keys of one compartment epoch, derived from its vetKey. */
import { equalBytes, expectLength } from './bytes.ts'
import { CHECK_VALUE_BYTES, SHRED_SALT_BYTES, VET_KEY_BYTES } from './constants.ts'
import { CryptoFault } from './fault.ts'
import { type CompartmentEpoch, compartmentKeyInput } from './key-input.ts'
import { infoOf } from './labels.ts'
import type { CapsuleKek, ListKek, OpenKek, SearchKek, VetKeyBytes } from './secrets.ts'
import { type OwnedBytes, hkdfAesKey, hkdfBytes, importHkdf, wipe } from './webcrypto.ts'

/** The keys remember their place, so that a wrap is never tried under the name of another compartment. */
export interface CompartmentKeys {
  readonly place: CompartmentEpoch
  readonly listKek: ListKek
  readonly openKek: OpenKek
  /** Wraps the starts of capsules' chains. */
  readonly capsuleKek: CapsuleKek
  /** Seals what a device keeps to search in. */
  readonly searchKek: SearchKek
  /** Opens capsules. In memory only, until `forgetVetKey`. */
  readonly vetKey: VetKeyBytes
  /** 16 bytes, safe to publish: equal for all who hold the right key and salt. */
  readonly checkValue: OwnedBytes
}

/**
 * @param vetKey 48 bytes; the caller wipes them.
 * @param shredSalt 32 bytes, handed out with the key. Once it is deleted nobody can derive these keys again.
 * @throws RangeError for wrong lengths.
 */
export async function deriveCompartmentKeys(
  vetKey: VetKeyBytes,
  shredSalt: Uint8Array,
  place: CompartmentEpoch,
): Promise<CompartmentKeys> {
  expectLength('the vetKey', vetKey, VET_KEY_BYTES)
  expectLength('the shred salt', shredSalt, SHRED_SALT_BYTES)
  const keyInput = compartmentKeyInput(place)
  const key = await importHkdf(vetKey)
  const from = (label: 'listKek' | 'openKek' | 'capsuleKek' | 'searchKek' | 'checkValue') => ({
    key,
    salt: shredSalt,
    info: infoOf(label, keyInput),
  })
  const usages: KeyUsage[] = ['encrypt', 'decrypt', 'unwrapKey']
  const [listKek, openKek, capsuleKek, searchKek, checkValue] = await Promise.all([
    hkdfAesKey(from('listKek'), usages),
    hkdfAesKey(from('openKek'), usages),
    hkdfAesKey(from('capsuleKek'), usages),
    hkdfAesKey(from('searchKek'), ['encrypt', 'decrypt']),
    hkdfBytes(from('checkValue'), CHECK_VALUE_BYTES),
  ])
  return {
    place,
    listKek: listKek as ListKek,
    openKek: openKek as OpenKek,
    capsuleKek: capsuleKek as CapsuleKek,
    searchKek: searchKek as SearchKek,
    vetKey: Uint8Array.from(vetKey) as VetKeyBytes,
    checkValue,
  }
}

/** Overwrites the one part of keys that could be read. What is wrapped under the compartment's keys still opens. */
export function forgetVetKey(keys: CompartmentKeys): void {
  wipe(keys.vetKey)
}

/**
 * Compares the check value with the one on record.
 *
 * @throws CryptoFault `WrongKey`: a wrong salt, a wrong input encoding or a lying canister. Nothing may be written then.
 */
export function expectCheckValue(keys: CompartmentKeys, recorded: Uint8Array): void {
  if (!equalBytes(keys.checkValue, recorded)) {
    throw new CryptoFault('WrongKey', 'the compartment key is not the one others use')
  }
}
