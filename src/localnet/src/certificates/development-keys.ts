// Keys of the development network. Their seeds are public on purpose, so that root key, node id and subnet id are the same on
// every machine and can be pinned. Whoever trusts them for anything but made-up data trusts everybody.
import { bls12_381 } from '@noble/curves/bls12-381'
import { sha256, utf8 } from './bytes.ts'

const R = bls12_381.fields.Fr.ORDER

/** @returns 32 bytes, big endian, between 1 and r - 1. */
function secretFromSeed(seed: string): Uint8Array {
  const value = (BigInt(`0x${Buffer.from(sha256(utf8(seed))).toString('hex')}`) % (R - 1n)) + 1n
  return Uint8Array.from(Buffer.from(value.toString(16).padStart(64, '0'), 'hex'))
}

export const DEVELOPMENT_ROOT_SECRET = secretFromSeed('localnet/1/root key')
/** Ed25519 seed, 32 bytes. */
export const DEVELOPMENT_NODE_SEED = sha256(utf8('localnet/1/node key'))

/** @param index 0 for the root subnet, then in the order of the setting. @returns 32 bytes. */
export const developmentSubnetSecret = (index: number): Uint8Array =>
  index === 0 ? DEVELOPMENT_ROOT_SECRET : secretFromSeed(`localnet/1/subnet key ${index}`)

/** @returns Ed25519 seed of the subnet's one node, 32 bytes. */
export const developmentNodeSeed = (index: number): Uint8Array =>
  index === 0 ? DEVELOPMENT_NODE_SEED : sha256(utf8(`localnet/1/node key ${index}`))
