import { IDL } from '@dfinity/candid'
import type { Principal } from '@dfinity/principal'
import { Bytes, type Opt } from './candid-parts.ts'

const VetKdKeyId = IDL.Record({ curve: IDL.Variant({ bls12_381_g2: IDL.Null }), name: IDL.Text })
const VetKdPublicKey = IDL.Record({ canister_id: IDL.Opt(IDL.Principal), context: Bytes, key_id: VetKdKeyId })
export interface VetKdPublicKeyArgs {
  readonly canister_id: Opt<Principal>
  readonly context: Uint8Array
  readonly key_id: { readonly name: string }
}
const VetKdDeriveKey = IDL.Record({
  input: Bytes,
  context: Bytes,
  transport_public_key: Bytes,
  key_id: VetKdKeyId,
})
export interface VetKdDeriveKeyArgs {
  readonly input: Uint8Array
  readonly context: Uint8Array
  readonly transport_public_key: Uint8Array
  readonly key_id: { readonly name: string }
}

const EcdsaKeyId = IDL.Record({ curve: IDL.Variant({ secp256k1: IDL.Null }), name: IDL.Text })
const EcdsaPublicKey = IDL.Record({
  canister_id: IDL.Opt(IDL.Principal),
  derivation_path: IDL.Vec(Bytes),
  key_id: EcdsaKeyId,
})
const SignWithEcdsa = IDL.Record({ message_hash: Bytes, derivation_path: IDL.Vec(Bytes), key_id: EcdsaKeyId })
const SchnorrKeyId = IDL.Record({
  algorithm: IDL.Variant({ bip340secp256k1: IDL.Null, ed25519: IDL.Null }),
  name: IDL.Text,
})
const SchnorrPublicKey = IDL.Record({
  canister_id: IDL.Opt(IDL.Principal),
  derivation_path: IDL.Vec(Bytes),
  key_id: SchnorrKeyId,
})
const SignWithSchnorr = IDL.Record({
  message: Bytes,
  derivation_path: IDL.Vec(Bytes),
  key_id: SchnorrKeyId,
  aux: IDL.Opt(IDL.Variant({ bip341: IDL.Record({ merkle_root_hash: Bytes }) })),
})

interface Derivation {
  readonly derivation_path: readonly Uint8Array[]
}
export interface EcdsaKeyArgs extends Derivation {
  readonly key_id: { readonly name: string }
}
export interface SchnorrKeyArgs extends Derivation {
  readonly key_id: { readonly name: string; readonly algorithm: { bip340secp256k1: null } | { ed25519: null } }
}
export interface OfCanister {
  readonly canister_id: Opt<Principal>
}
export interface SignWithEcdsaArgs extends EcdsaKeyArgs {
  readonly message_hash: Uint8Array
}
export interface SignWithSchnorrArgs extends SchnorrKeyArgs {
  readonly message: Uint8Array
  readonly aux: Opt<{ bip341: { readonly merkle_root_hash: Uint8Array } }>
}

export const KEY_ARGUMENTS = {
  VetKdPublicKey,
  VetKdDeriveKey,
  EcdsaPublicKey,
  SignWithEcdsa,
  SchnorrPublicKey,
  SignWithSchnorr,
} as const

export const KEY_RESULTS = {
  PublicKey: IDL.Record({ public_key: Bytes }),
  DerivedKey: IDL.Record({ public_key: Bytes, chain_code: Bytes }),
  Signature: IDL.Record({ signature: Bytes }),
  EncryptedKey: IDL.Record({ encrypted_key: Bytes }),
} as const
