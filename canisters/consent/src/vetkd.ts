import { compartmentKeyInput, type CompartmentEpoch, VETKD_CONTEXT } from '@medguard/crypto/verify'
import { call, MANAGEMENT, vetkdDeriveKeyCall } from '@medguard/shared'

/** The fee of `key_1` is 26.15 B cycles; what is left over comes back (keys.md, section 3.4). */
const CYCLES_ATTACHED = 30_000_000_000n

const ENCRYPTED_KEY_BYTES = 192
/** SYS_FATAL: the network never gives it for this, so it stands for an answer of the wrong shape. */
const BAD_REPLY = 1

/**
 * Asks the network for the key of one compartment epoch, encrypted to a transport key. Context and input are built here from typed fields: no
 * caller supplies either (I13).
 *
 * @param transportKey 48 bytes that passed `isAcceptableTransportKey`.
 */
export async function deriveVetKey(
  place: CompartmentEpoch,
  transportKey: Uint8Array,
  keyName: string,
): Promise<{ readonly encryptedKey: Uint8Array } | { readonly rejectCode: number }> {
  const arg = {
    input: compartmentKeyInput(place),
    context: VETKD_CONTEXT.compartment(),
    transport_public_key: transportKey,
    key_id: { curve: { bls12_381_g2: null }, name: keyName },
  }
  const outcome = await call(MANAGEMENT, vetkdDeriveKeyCall, arg, CYCLES_ATTACHED)
  if (outcome.kind === 'rejected') return { rejectCode: outcome.code }
  if (outcome.kind === 'badReply' || outcome.value.encrypted_key.length !== ENCRYPTED_KEY_BYTES)
    return { rejectCode: BAD_REPLY }
  return { encryptedKey: outcome.value.encrypted_key }
}
