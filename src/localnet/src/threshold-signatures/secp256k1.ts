import { createHash, createHmac } from 'node:crypto'
import { schnorr, secp256k1 } from '@noble/curves/secp256k1.js'
import { concat } from '../certificates/index.ts'
import type { DerivedKey } from './derived-key.ts'

// secp256k1 with BIP32 derivation, generalised to indices of any bytes: ia.cr/2021/1330, appendix D.

const { Point } = secp256k1
const ORDER = Point.Fn.ORDER
const CHAIN_CODE_BYTES = 32

/** The key that a seed makes: its SHA-256, as a number. */
export function secp256k1Master(seed: Uint8Array): DerivedKey {
  const secret = bigEndian(createHash('sha256').update(seed).digest()) % ORDER
  return { secret, publicKey: encode(secret), chainCode: new Uint8Array(CHAIN_CODE_BYTES) }
}

export function secp256k1Child({ secret, publicKey, chainCode }: DerivedKey, index: Uint8Array): DerivedKey {
  let input = publicKey
  for (;;) {
    const hash = createHmac('sha512', chainCode).update(input).update(index).digest()
    const next = new Uint8Array(hash.subarray(32))
    const offset = bigEndian(hash.subarray(0, 32))
    const child = (secret + offset) % ORDER
    if (offset < ORDER && child !== 0n) return { secret: child, publicKey: encode(child), chainCode: next }
    // Never seen: SLIP-10 goes on with what came out.
    input = concat(Uint8Array.of(1), next)
  }
}

/** @param hash 32 bytes. @returns r and s, 32 bytes each, s the smaller one. */
export const signEcdsa = ({ secret }: DerivedKey, hash: Uint8Array): Uint8Array =>
  new Uint8Array(secp256k1.sign(hash, encodeScalar(secret), { prehash: false, lowS: true }).toBytes('compact'))

/**
 * Signs as BIP340 says, without fresh randomness, so that a run can be repeated.
 *
 * @param taprootRoot of BIP341: empty or 32 bytes; null signs with the key itself.
 */
export function signBip340(
  { secret, publicKey }: DerivedKey,
  message: Uint8Array,
  taprootRoot: Uint8Array | null,
): Uint8Array {
  const key = taprootRoot === null ? secret : taprootSecret(secret, publicKey, taprootRoot)
  return new Uint8Array(schnorr.sign(message, encodeScalar(key), new Uint8Array(32)))
}

/** BIP341, "taproot_tweak_seckey". */
function taprootSecret(secret: bigint, publicKey: Uint8Array, root: Uint8Array): bigint {
  const isOdd = publicKey[0] === 3
  const tweak = bigEndian(Buffer.from(schnorr.utils.taggedHash('TapTweak', publicKey.subarray(1), root)))
  return ((isOdd ? ORDER - secret : secret) + tweak) % ORDER
}

/** SEC1, compressed. */
const encode = (scalar: bigint): Uint8Array => Point.BASE.multiply(scalar).toBytes(true)

const bigEndian = (bytes: Buffer): bigint => BigInt(`0x${bytes.toString('hex')}`)

const encodeScalar = (scalar: bigint): Uint8Array =>
  new Uint8Array(Buffer.from(scalar.toString(16).padStart(64, '0'), 'hex'))
