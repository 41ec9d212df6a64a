import { createHash, hkdfSync } from 'node:crypto'
import { ed25519 } from '@noble/curves/ed25519.js'
import { concat } from '../certificates/index.ts'
import type { DerivedKey } from './derived-key.ts'

// Ed25519 with hierarchical derivation and without clamping. interface specification, "Ed25519 hierarchical key derivation"

const { Point } = ed25519
const ORDER = Point.Fn.ORDER
const TWEAK_BYTES = 64
const CHAIN_CODE_BYTES = 32

/** The key of RFC 8032, section 5.1.5, whose own seed is the first half of the SHA-512 of `seed`. */
export function ed25519Master(seed: Uint8Array): DerivedKey {
  const half = (bytes: Uint8Array) => createHash('sha512').update(bytes).digest().subarray(0, 32)
  const hash = half(half(seed))
  hash[0] = (hash[0] ?? 0) & 0xf8
  hash[31] = ((hash[31] ?? 0) & 0x7f) | 0x40
  const secret = littleEndian(hash) % ORDER
  return { secret, publicKey: encode(secret), chainCode: new Uint8Array(CHAIN_CODE_BYTES) }
}

/** The child at an index of any bytes. */
export function ed25519Child({ secret, publicKey, chainCode }: DerivedKey, index: Uint8Array): DerivedKey {
  const okm = Buffer.from(
    hkdfSync('sha512', concat(publicKey, index), chainCode, 'Ed25519', TWEAK_BYTES + CHAIN_CODE_BYTES),
  )
  const tweak = BigInt(`0x${okm.subarray(0, TWEAK_BYTES).toString('hex')}`) % ORDER
  const child = (secret + tweak) % ORDER
  return { secret: child, publicKey: encode(child), chainCode: new Uint8Array(okm.subarray(TWEAK_BYTES)) }
}

/**
 * Signs as RFC 8032, section 5.1.6, says. The nonce comes from the key and the message alone, so that a run can be repeated.
 *
 * @returns 64 bytes.
 */
export function signEd25519({ secret, publicKey, chainCode }: DerivedKey, message: Uint8Array): Uint8Array {
  const prefix = createHash('sha512').update(encodeScalar(secret)).update(chainCode).digest().subarray(0, 32)
  const nonce = littleEndian(createHash('sha512').update(prefix).update(message).digest()) % ORDER
  const commitment = encode(nonce)
  const hash = createHash('sha512').update(commitment).update(publicKey).update(message).digest()
  const response = (nonce + (littleEndian(hash) % ORDER) * secret) % ORDER
  return concat(commitment, encodeScalar(response))
}

/** A public key, or the commitment of a signature. A scalar of zero is as likely as guessing a key, and throws. */
const encode = (scalar: bigint): Uint8Array => Point.BASE.multiply(scalar).toBytes()

const littleEndian = (bytes: Buffer): bigint => BigInt(`0x${Buffer.from(bytes.toReversed()).toString('hex')}`)

const encodeScalar = (scalar: bigint): Uint8Array =>
  new Uint8Array(Buffer.from(scalar.toString(16).padStart(64, '0'), 'hex').toReversed())
