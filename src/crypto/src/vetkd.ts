/** The client side of key derivation, over `@dfinity/vetkeys`: public keys offline, one fresh transport key per request. */
import {
  DerivedPublicKey,
  EncryptedVetKey,
  MasterPublicKey,
  MasterPublicKeyId,
  TransportSecretKey,
} from '@dfinity/vetkeys'
import { expectLength } from './bytes.ts'
import { type CompartmentKeys, deriveCompartmentKeys, expectCheckValue } from './compartment-keys.ts'
import { ENCRYPTED_VET_KEY_BYTES, PUBLIC_KEY_BYTES } from './constants.ts'
import { CryptoFault } from './fault.ts'
import { type CompartmentEpoch, compartmentKeyInput } from './key-input.ts'
import type { VetKeyBytes } from './secrets.ts'
import { type OwnedBytes, wipe } from './webcrypto.ts'

/** A transport key pair for one derivation. Drop it afterwards. */
export interface TransportKey {
  /** 48 bytes, to be sent with the request. */
  readonly publicKey: OwnedBytes
  /** Opens the answer. Not a byte array, so that it is not stored by accident. */
  readonly secret: TransportSecretKey
}

export function newTransportKey(): TransportKey {
  const secret = TransportSecretKey.random()
  return { publicKey: Uint8Array.from(secret.publicKeyBytes()), secret }
}

/** Master key of a network, 96 bytes. Pinned by clients and never fetched: who controls it reads everything. */
export function productionMasterKey(name: 'key_1' | 'test_key_1'): OwnedBytes {
  const id = name === 'key_1' ? MasterPublicKeyId.KEY_1 : MasterPublicKeyId.TEST_KEY_1
  return Uint8Array.from(MasterPublicKey.productionKey(id).publicKeyBytes())
}

/**
 * Public key of all identities under one context of one canister, 96 bytes, computed offline.
 *
 * @param masterKey 96 bytes.
 * @param canisterId bytes of the canister that asks for derivations.
 * @param context one of `VETKD_CONTEXT`; never empty, since the empty context names the canister key itself.
 * @throws CryptoFault BadFormat for a master key that is no point; RangeError for an empty context.
 */
export function derivedPublicKey(masterKey: Uint8Array, canisterId: Uint8Array, context: Uint8Array): OwnedBytes {
  if (context.length === 0) throw new RangeError('a context is never empty')
  expectLength('the master key', masterKey, PUBLIC_KEY_BYTES)
  const master = parsed('the master key', () => MasterPublicKey.deserialize(masterKey))
  return Uint8Array.from(master.deriveCanisterKey(canisterId).deriveSubKey(context).publicKeyBytes())
}

/**
 * Decrypts a vetKey and proves that it is the one of this input under this public key.
 *
 * @param encrypted 192 bytes, as the network answered.
 * @param publicKey 96 bytes from `derivedPublicKey`, never from an answer.
 * @returns 48 bytes for the caller to wipe.
 * @throws CryptoFault BadFormat for bytes that are no such key, WrongKey for a key of anything else.
 */
export function receiveVetKey(
  encrypted: Uint8Array,
  transport: TransportKey,
  publicKey: Uint8Array,
  input: Uint8Array,
): VetKeyBytes {
  if (encrypted.length !== ENCRYPTED_VET_KEY_BYTES) throw new CryptoFault('BadFormat', 'an encrypted key has 192 bytes')
  const key = parsed('the encrypted key', () => EncryptedVetKey.deserialize(encrypted))
  const derived = parsed('the public key', () => DerivedPublicKey.deserialize(publicKey))
  try {
    const bytes = key.decryptAndVerify(transport.secret, derived, input).signatureBytes()
    const copy = Uint8Array.from(bytes) as VetKeyBytes
    wipe(bytes) // the library hands out its own buffer
    return copy
  } catch (cause) {
    throw new CryptoFault('WrongKey', 'the key is not the one that was asked for', { cause })
  }
}

/**
 * From the answer of the consent canister to usable keys, which have the only copy of the vetKey that stays.
 *
 * @param recordedCheckValue 16 bytes, or null if nobody has posted one yet: then post `keys.checkValue`.
 * @throws CryptoFault BadFormat, WrongKey.
 */
export async function receiveCompartmentKeys(options: {
  readonly encrypted: Uint8Array
  readonly transport: TransportKey
  readonly publicKey: Uint8Array
  readonly place: CompartmentEpoch
  readonly shredSalt: Uint8Array
  readonly recordedCheckValue: Uint8Array | null
}): Promise<CompartmentKeys> {
  const { place, recordedCheckValue } = options
  const vetKey = receiveVetKey(options.encrypted, options.transport, options.publicKey, compartmentKeyInput(place))
  try {
    const keys = await deriveCompartmentKeys(vetKey, options.shredSalt, place)
    if (recordedCheckValue !== null) expectCheckValue(keys, recordedCheckValue)
    return keys
  } finally {
    wipe(vetKey)
  }
}

function parsed<T>(what: string, parse: () => T): T {
  try {
    return parse()
  } catch (cause) {
    throw new CryptoFault('BadFormat', `${what} is not a point of the curve`, { cause })
  }
}
