// docs/crypto.md, "Keys from the network", written down a second time over another curve library. Nothing of `src/` is used here.
import { createHash } from 'node:crypto'

import { bls12_381 as bls } from '@noble/curves/bls12-381'
import { expand_message_xmd } from '@noble/curves/abstract/hash-to-curve'
import { bytesToNumberBE } from '@noble/curves/abstract/utils'
import { sha256 } from '@noble/hashes/sha2'
import { hkdf } from '@noble/hashes/hkdf'

const { G1, G2, fields } = bls
const AUGMENTED = 'BLS_SIG_BLS12381G1_XMD:SHA-256_SSWU_RO_AUG_'
const ORDER = fields.Fr.ORDER

export const ascii = (text: string): Uint8Array => new TextEncoder().encode(text)
export const join = (...parts: readonly Uint8Array[]): Uint8Array => new Uint8Array(Buffer.concat(parts))
/** Big-endian, in `size` bytes. */
export function int(value: number | bigint, size: number): Uint8Array {
  const hex = value.toString(16).padStart(2 * size, '0')
  return new Uint8Array(Buffer.from(hex, 'hex'))
}
const withLength = (bytes: Uint8Array): Uint8Array => join(int(bytes.length, 8), bytes)

function hashToScalar(message: Uint8Array, tag: string): bigint {
  return bytesToNumberBE(expand_message_xmd(message, ascii(tag), 48, sha256)) % ORDER
}
const hashToG1 = (publicKey: Uint8Array, message: Uint8Array) =>
  G1.ProjectivePoint.fromAffine(G1.hashToCurve(join(publicKey, message), { DST: AUGMENTED }).toAffine())

function shifted(publicKey: Uint8Array, by: Uint8Array, tag: string): Uint8Array {
  const offset = hashToScalar(join(withLength(publicKey), withLength(by)), tag)
  return G2.ProjectivePoint.fromHex(publicKey).add(G2.ProjectivePoint.BASE.multiply(offset)).toRawBytes(true)
}

/** Master key and canister and context to the public key under which a compartment's key is derived. */
export function publicKeyOf(masterKey: Uint8Array, canisterId: Uint8Array, context: Uint8Array): Uint8Array {
  const ofCanister = shifted(masterKey, canisterId, 'ic-vetkd-bls12-381-g2-canister-id')
  return shifted(ofCanister, context, 'ic-vetkd-bls12-381-g2-context')
}

/** The key in `encrypted` (c1 48, c2 96, c3 48 bytes), or an error when it is not that of this input. */
export function openVetKey(args: {
  encrypted: Uint8Array
  transportSecret: bigint
  publicKey: Uint8Array
  input: Uint8Array
}): Uint8Array {
  const c1 = G1.ProjectivePoint.fromHex(args.encrypted.subarray(0, 48))
  const c2 = G2.ProjectivePoint.fromHex(args.encrypted.subarray(48, 144))
  const c3 = G1.ProjectivePoint.fromHex(args.encrypted.subarray(144, 192))
  const same = (a: object, b: object): boolean => fields.Fp12.eql(a as never, b as never)
  if (!same(bls.pairing(c1, G2.ProjectivePoint.BASE), bls.pairing(G1.ProjectivePoint.BASE, c2)))
    throw new Error('the two halves do not belong together')
  const key = c3.subtract(c1.multiply(args.transportSecret))
  const isRight = same(
    bls.pairing(key, G2.ProjectivePoint.BASE),
    bls.pairing(hashToG1(args.publicKey, args.input), G2.ProjectivePoint.fromHex(args.publicKey)),
  )
  if (!isRight) throw new Error('a key of something else')
  return key.toRawBytes(true)
}

/** A master key of one's own, where there is no network: its public key, and the key of one input. */
export function keyPairFor(input: Uint8Array, seed: Uint8Array): { publicKey: Uint8Array; vetKey: Uint8Array } {
  const secret = (bytesToNumberBE(seed) % (ORDER - 1n)) + 1n
  const publicKey = G2.ProjectivePoint.BASE.multiply(secret).toRawBytes(true)
  return { publicKey, vetKey: hashToG1(publicKey, input).multiply(secret).toRawBytes(true) }
}

const IBE_TAG = new Uint8Array([0x49, 0x43, 0x20, 0x49, 0x42, 0x45, 0, 1]) // "IC IBE", version 1
const xor = (a: Uint8Array, b: Uint8Array): Uint8Array => a.map((byte, i) => byte ^ (b[i] ?? 0))

/** An element of the target group: twelve coordinates of 48 bytes, highest first. */
function groupBytes(element: ReturnType<typeof bls.pairing>): Uint8Array {
  const all = fields.Fp12.toBytes(element)
  return join(...Array.from({ length: 12 }, (_, i) => all.subarray(48 * (11 - i), 48 * (12 - i))))
}
const seedMask = (element: ReturnType<typeof bls.pairing>): Uint8Array =>
  hkdf(sha256, groupBytes(element), new Uint8Array(0), 'ic-vetkd-bls12-381-ibe-mask-seed', 32)
function messageMask(seed: Uint8Array, length: number): Uint8Array {
  const label = `ic-vetkd-bls12-381-ibe-mask-msg-${String(length).padStart(20, '0')}`
  const key = hkdf(sha256, seed, new Uint8Array(0), label, 32)
  return new Uint8Array(createHash('shake256', { outputLength: length }).update(key).digest())
}
const maskOf = (seed: Uint8Array, message: Uint8Array): bigint =>
  hashToScalar(join(IBE_TAG, seed, message), 'ic-vetkd-bls12-381-ibe-hash-to-mask')

/** For whoever gets the key of `identity`. @param seed 32 random bytes, for this message only. */
export function ibeSeal(
  publicKey: Uint8Array,
  identity: Uint8Array,
  message: Uint8Array,
  seed: Uint8Array,
): Uint8Array {
  const t = maskOf(seed, message)
  const shared = fields.Fp12.pow(bls.pairing(hashToG1(publicKey, identity), G2.ProjectivePoint.fromHex(publicKey)), t)
  const c1 = G2.ProjectivePoint.BASE.multiply(t).toRawBytes(true)
  return join(IBE_TAG, c1, xor(seed, seedMask(shared)), xor(message, messageMask(seed, message.length)))
}

export function ibeOpen(vetKey: Uint8Array, sealed: Uint8Array): Uint8Array {
  const c1 = sealed.subarray(8, 104)
  const shared = bls.pairing(G1.ProjectivePoint.fromHex(vetKey), G2.ProjectivePoint.fromHex(c1))
  const seed = xor(sealed.subarray(104, 136), seedMask(shared))
  const body = sealed.subarray(136)
  const message = xor(body, messageMask(seed, body.length))
  const again = G2.ProjectivePoint.BASE.multiply(maskOf(seed, message)).toRawBytes(true)
  if (Buffer.compare(again, c1) !== 0) throw new Error('not sealed for this key, or changed')
  return message
}
