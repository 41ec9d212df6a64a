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

export const KEY_ARGUMENTS = { VetKdPublicKey, VetKdDeriveKey } as const

export const KEY_RESULTS = {
  PublicKey: IDL.Record({ public_key: Bytes }),
  EncryptedKey: IDL.Record({ encrypted_key: Bytes }),
} as const
