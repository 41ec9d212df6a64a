import { blob, nat64, none, nul, opt, principal, record, text, update, variant, vec } from './candid.ts'

const SchnorrKeyId = record({ algorithm: variant({ ed25519: nul }), name: text })

/** What our canisters ask of the management canister (Interface Specification, "The IC management canister"). Its limits are its own. */
export const managementService = {
  /** 32 bytes that nobody could know before. */
  raw_rand: update(none, blob, 0),
  vetkd_derive_key: update(
    record({
      input: blob,
      context: blob,
      transport_public_key: blob,
      key_id: record({ curve: variant({ bls12_381_g2: nul }), name: text }),
    }),
    record({ encrypted_key: blob }),
    0,
  ),
  /** A threshold key of the canister that asks. */
  schnorr_public_key: update(
    record({ canister_id: opt(principal), derivation_path: vec(blob), key_id: SchnorrKeyId }),
    record({ public_key: blob, chain_code: blob }),
    0,
  ),
  sign_with_schnorr: update(
    record({ message: blob, derivation_path: vec(blob), key_id: SchnorrKeyId }),
    record({ signature: blob }),
    0,
  ),
  /** What anybody may know of a canister. Of the recent changes nothing is asked. */
  canister_info: update(
    record({ canister_id: principal, num_requested_changes: opt(nat64) }),
    record({ module_hash: opt(blob), controllers: vec(principal) }),
    0,
  ),
} as const
export type ManagementService = typeof managementService
