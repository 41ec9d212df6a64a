import { Refusal } from '../state-machine/rejects.ts'
import type { World } from '../state-machine/world.ts'
import { KEY_CYCLES } from '../system-api/prices.ts'
import type { ManagementCall } from './call.ts'
import { encodeResult, RESULTS, type VetKdDeriveKeyArgs, type VetKdPublicKeyArgs } from './candid.ts'

const RANDOM_BYTES = 32

/** Drawn when the call runs, which is always after the message that made it. */
export function rawRand(world: World): Uint8Array {
  return encodeResult(RESULTS.Bytes, world.options.randomBytes(RANDOM_BYTES))
}

export function vetKdPublicKey(world: World, call: ManagementCall, args: VetKdPublicKeyArgs): Uint8Array {
  const keyName = knownKey(world, args.key_id.name)
  const canisterId = args.canister_id[0]?.toUint8Array() ?? call.caller
  const publicKey = refused(() => world.options.vetKd.publicKey({ keyName, canisterId, context: args.context }))
  return encodeResult(RESULTS.PublicKey, { public_key: publicKey })
}

/** Keys are derived for the calling canister, never for one it names. */
export function vetKdDeriveKey(world: World, call: ManagementCall, args: VetKdDeriveKeyArgs): Uint8Array {
  const keyName = knownKey(world, args.key_id.name)
  const fee = requireFee(call, 'vetkd_derive_key', keyName)
  const encryptedKey = refused(() =>
    world.options.vetKd.deriveKey({
      keyName,
      canisterId: call.caller,
      context: args.context,
      input: args.input,
      transportPublicKey: args.transport_public_key,
    }),
  )
  call.cycles -= fee
  return encodeResult(RESULTS.EncryptedKey, { encrypted_key: encryptedKey })
}

/** @throws Refusal (IC0406) unless the fee of the key came with the call. */
export function requireFee({ cycles }: ManagementCall, method: string, keyName: string): bigint {
  const fee = KEY_CYCLES.get(keyName) ?? 0n
  if (cycles >= fee) return fee
  throw new Refusal('IC0406', `${method} request sent with ${cycles} cycles, but ${fee} cycles are required.`)
}

function knownKey(world: World, name: string): string {
  const known = world.options.vetKd.keyNames
  if (known.includes(name)) return name
  throw new Refusal(
    'IC0406',
    `Requested unknown threshold key: vetkd:Bls12_381_G2:${name}, existing keys: [${known.map((key) => `vetkd:Bls12_381_G2:${key}`).join(', ')}]`,
  )
}

/** A RangeError is the caller's mistake, such as a transport key that is no point of the group. */
export function refused<T>(work: () => T): T {
  try {
    return work()
  } catch (error) {
    if (error instanceof RangeError) throw new Refusal('IC0406', error.message)
    throw error
  }
}
