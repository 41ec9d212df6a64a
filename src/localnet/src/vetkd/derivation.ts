import { bls12_381 } from '@noble/curves/bls12-381'
import { curve } from '../curve/index.ts'

// vetKD public key derivation on bls12_381_g2: every function works on compressed points and is deterministic.
// interface specification, "IC method vetkd_public_key"; local network facts 8.2 to 8.4.

const PRINCIPAL_BYTES_MAX = 29

const CANISTER_DOMAIN = 'ic-vetkd-bls12-381-g2-canister-id'
const CONTEXT_DOMAIN = 'ic-vetkd-bls12-381-g2-context'
const INPUT_DOMAIN = 'BLS_SIG_BLS12381G1_XMD:SHA-256_SSWU_RO_AUG_'
const POCKET_IC_DOMAIN = 'ic-crypto-vetkd-test-utils-generate-test-key'

export const ORDER = bls12_381.fields.Fr.ORDER

/**
 * The master secret PocketIC has for a key name: a constant of its public test code, known to the world, so good for made-up data only.
 */
export function pocketIcSecret(keyName: string): bigint {
  return hashToScalar(new TextEncoder().encode(keyName), POCKET_IC_DOMAIN)
}

/** RFC 9380 `hash_to_field` with expand_message_xmd and SHA-256 into the scalars of BLS12-381. */
export function hashToScalar(message: Uint8Array, domain: string): bigint {
  return bls12_381.G2.hashToScalar(message, { DST: domain })
}

/**
 * What is added to the master secret for one canister.
 *
 * @param masterPublicKey 96 bytes.
 * @param canisterId 0 to 29 bytes.
 */
export function canisterOffset(masterPublicKey: Uint8Array, canisterId: Uint8Array): bigint {
  if (canisterId.length > PRINCIPAL_BYTES_MAX) {
    throw new RangeError(`a canister id has at most ${PRINCIPAL_BYTES_MAX} bytes, not ${canisterId.length}`)
  }
  return hashToScalar(lengthPrefixed(masterPublicKey, canisterId), CANISTER_DOMAIN)
}

/** What is added to a canister's secret for one context. An empty context adds nothing: its key is the canister's own. */
export function contextOffset(canisterPublicKey: Uint8Array, context: Uint8Array): bigint {
  if (context.length === 0) return 0n
  return hashToScalar(lengthPrefixed(canisterPublicKey, context), CONTEXT_DOMAIN)
}

/** The public key whose secret is larger by `offset`. 96 bytes in and out. */
export function addOffset(publicKey: Uint8Array, offset: bigint): Uint8Array {
  if (offset === 0n) return publicKey
  return curve().addOffset(publicKey, offset)
}

/** The vetKey of an input: a multiple of the point that it is hashed to, bound to the derived public key in front of it. 48 bytes. */
export function vetKeyOf(derivedPublicKey: Uint8Array, input: Uint8Array, secret: bigint): Uint8Array {
  const message = new Uint8Array(derivedPublicKey.length + input.length)
  message.set(derivedPublicKey)
  message.set(input, derivedPublicKey.length)
  return curve().multipleOfHash(message, INPUT_DOMAIN, secret)
}

/** Each part behind its length, eight bytes, big endian. */
function lengthPrefixed(...parts: readonly Uint8Array[]): Uint8Array {
  const joined = new Uint8Array(parts.reduce((total, part) => total + 8 + part.length, 0))
  const view = new DataView(joined.buffer)
  let at = 0
  for (const part of parts) {
    view.setBigUint64(at, BigInt(part.length))
    joined.set(part, at + 8)
    at += 8 + part.length
  }
  return joined
}
