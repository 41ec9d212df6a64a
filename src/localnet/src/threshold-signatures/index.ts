import { utf8 } from '../certificates/index.ts'
import type { DerivedKey } from './derived-key.ts'
import { ed25519Child, ed25519Master, signEd25519 } from './ed25519.ts'
import { secp256k1Child, secp256k1Master, signBip340, signEcdsa } from './secp256k1.ts'

// Threshold signatures as the subnet's nodes would make them together, made here by one that holds the whole keys. The master secrets
// are PocketIC's, known to the world: fine for fake data only.

export type SignatureAlgorithm = 'ecdsa' | 'bip340secp256k1' | 'ed25519'

export interface SignatureKey {
  readonly algorithm: SignatureAlgorithm
  readonly keyName: string
  readonly canisterId: Uint8Array
  /** Each part of any length. */
  readonly path: readonly Uint8Array[]
}

export const SIGNATURE_KEY_NAMES: readonly string[] = ['dfx_test_key', 'test_key_1', 'key_1']
const MASTER_SEED = new Uint8Array(32).fill(42)

/** @throws RangeError for an unknown key name. */
export function signaturePublicKey(key: SignatureKey): {
  readonly publicKey: Uint8Array
  readonly chainCode: Uint8Array
} {
  const { publicKey, chainCode } = derive(key)
  return { publicKey, chainCode }
}

/**
 * @param message for `ecdsa` a hash of 32 bytes.
 * @param taprootRoot for `bip340secp256k1` only: empty or 32 bytes, null for none.
 * @returns 64 bytes.
 * @throws RangeError for an unknown key name, a hash or a root of another length.
 */
export function signWith(key: SignatureKey, message: Uint8Array, taprootRoot: Uint8Array | null = null): Uint8Array {
  if (taprootRoot !== null && key.algorithm !== 'bip340secp256k1') {
    throw new RangeError('a Merkle root goes with bip340secp256k1 only')
  }
  if (taprootRoot !== null && taprootRoot.length !== 0 && taprootRoot.length !== 32) {
    throw new RangeError(`a Merkle root has 0 or 32 bytes, not ${taprootRoot.length}`)
  }
  if (key.algorithm === 'ecdsa' && message.length !== 32) {
    throw new RangeError(`message_hash must be 32 bytes, not ${message.length}`)
  }
  const derived = derive(key)
  switch (key.algorithm) {
    case 'ecdsa':
      return signEcdsa(derived, message)
    case 'bip340secp256k1':
      return signBip340(derived, message, taprootRoot)
    case 'ed25519':
      return signEd25519(derived, message)
  }
}

function derive({ algorithm, keyName, canisterId, path }: SignatureKey): DerivedKey {
  if (!SIGNATURE_KEY_NAMES.includes(keyName)) throw new RangeError(`unknown key name ${JSON.stringify(keyName)}`)
  return [canisterId, ...path].reduce(childFor(algorithm), masterKey(algorithm, keyName))
}

const childFor = (algorithm: SignatureAlgorithm) => (algorithm === 'ed25519' ? ed25519Child : secp256k1Child)

const masters = new Map<string, DerivedKey>()

/** Derived from one seed by name, and then a root of its own: its chain code is zero. */
function masterKey(algorithm: SignatureAlgorithm, keyName: string): DerivedKey {
  const curve = algorithm === 'ed25519' ? 'ed25519' : 'secp256k1'
  const cached = masters.get(`${curve}/${keyName}`)
  if (cached !== undefined) return cached
  const root = curve === 'ed25519' ? ed25519Master(MASTER_SEED) : secp256k1Master(MASTER_SEED)
  const master = { ...childFor(algorithm)(root, utf8(keyName)), chainCode: new Uint8Array(32) }
  masters.set(`${curve}/${keyName}`, master)
  return master
}
