import { blob, none, nul, record, text, update, variant } from './candid.ts'

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
} as const
export type ManagementService = typeof managementService
