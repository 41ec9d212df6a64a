import { Refusal } from '../state-machine/rejects.ts'
import type { World } from '../state-machine/world.ts'
import {
  SIGNATURE_KEY_NAMES,
  type SignatureAlgorithm,
  type SignatureKey,
  signaturePublicKey,
  signWith,
} from '../threshold-signatures/index.ts'
import type { ManagementCall } from './call.ts'
import {
  type EcdsaKeyArgs,
  encodeResult,
  type OfCanister,
  RESULTS,
  type SchnorrKeyArgs,
  type SignWithEcdsaArgs,
  type SignWithSchnorrArgs,
} from './candid.ts'
import { refused, requireFee } from './keys.ts'

const PATH_PARTS_MAX = 255
/** As the replica prints a key. */
const KEY_TEXTS: Record<SignatureAlgorithm, string> = {
  ecdsa: 'ecdsa:Secp256k1',
  bip340secp256k1: 'schnorr:Bip340Secp256k1',
  ed25519: 'schnorr:Ed25519',
}

export function ecdsaPublicKey(_world: World, call: ManagementCall, args: EcdsaKeyArgs & OfCanister): Uint8Array {
  return publicKey(keyOf(args, 'ecdsa', ownerOf(call, args)))
}

export function schnorrPublicKey(_world: World, call: ManagementCall, args: SchnorrKeyArgs & OfCanister): Uint8Array {
  return publicKey(keyOf(args, algorithmOf(args), ownerOf(call, args)))
}

/** Signs for the calling canister, never for one it names. */
export function signWithEcdsa(_world: World, call: ManagementCall, args: SignWithEcdsaArgs): Uint8Array {
  const key = keyOf(args, 'ecdsa', call.caller)
  return sign(call, 'sign_with_ecdsa', key, args.message_hash, null)
}

/** As above. */
export function signWithSchnorr(_world: World, call: ManagementCall, args: SignWithSchnorrArgs): Uint8Array {
  const key = keyOf(args, algorithmOf(args), call.caller)
  return sign(call, 'sign_with_schnorr', key, args.message, args.aux[0]?.bip341.merkle_root_hash ?? null)
}

const ownerOf = (call: ManagementCall, args: OfCanister): Uint8Array =>
  args.canister_id[0]?.toUint8Array() ?? call.caller

const algorithmOf = ({ key_id: id }: SchnorrKeyArgs): SignatureAlgorithm =>
  'ed25519' in id.algorithm ? 'ed25519' : 'bip340secp256k1'

/** @throws Refusal for an unknown key (IC0406) or too long a path (IC0408). */
function keyOf(
  { key_id: id, derivation_path: path }: EcdsaKeyArgs,
  algorithm: SignatureAlgorithm,
  canisterId: Uint8Array,
): SignatureKey {
  if (path.length > PATH_PARTS_MAX) {
    throw new Refusal('IC0408', `Error decoding candid: the derivation path has more than ${PATH_PARTS_MAX} parts`)
  }
  if (!SIGNATURE_KEY_NAMES.includes(id.name)) {
    const name = (of: string) => `${KEY_TEXTS[algorithm]}:${of}`
    throw new Refusal(
      'IC0406',
      `Requested unknown threshold key: ${name(id.name)}, existing keys: [${SIGNATURE_KEY_NAMES.map(name).join(', ')}]`,
    )
  }
  return { algorithm, keyName: id.name, canisterId, path }
}

function publicKey(key: SignatureKey): Uint8Array {
  const { publicKey: bytes, chainCode } = signaturePublicKey(key)
  return encodeResult(RESULTS.DerivedKey, { public_key: bytes, chain_code: chainCode })
}

function sign(
  call: ManagementCall,
  method: string,
  key: SignatureKey,
  message: Uint8Array,
  taprootRoot: Uint8Array | null,
): Uint8Array {
  const fee = requireFee(call, method, key.keyName)
  const signature = refused(() => signWith(key, message, taprootRoot))
  call.cycles -= fee
  return encodeResult(RESULTS.Signature, { signature })
}
