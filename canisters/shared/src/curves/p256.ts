import { equalBytes } from '@medguard/protocol'
import { sha256 } from '../sha256.ts'
import { bytesOf, createLadder, numberOf } from './ladder.ts'

/** ECDSA over P-256 with SHA-256 (FIPS 186-5) by the native ladder. Everything here is public: nothing takes the same time for all. */

const P = 2n ** 256n - 2n ** 224n + 2n ** 192n + 2n ** 96n - 1n
/** Order of the base point, and of the group. */
const ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n
const B = 0x5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604bn
const BASE_X = 0x6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296n
const BASE_Y = 0x4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5n
const BITS = 256
const KEY_BYTES = 65
const UNCOMPRESSED = 4
const ZERO = bytesOf(0n)

/** `e / s` and `r / s` modulo the order: inverses by Fermat. */
const scalarsOf = createLadder({
  modulus: ORDER,
  numbers: {},
  before: `
    s = s * in
    power = one + zero`,
  each: 'power = power * power',
  first: 'power = power * s',
  after: `
    u = e * power
    v = r * power`,
})
const INVERSE_EXPONENT = bytesOf(ORDER - 2n)

/** Renes, Costello, Batina 2016, algorithm 4: one formula for all points of such a curve, the same twice and the neutral one too. */
const sum = (to: string, p: string, q: string) => `
  a = ${p}X * ${q}X
  c = ${p}Y * ${q}Y
  d = ${p}Z * ${q}Z
  e = ${p}X + ${p}Y
  f = ${q}X + ${q}Y
  e = e * f
  f = a + c
  e = e - f
  f = ${p}Y + ${p}Z
  x = ${q}Y + ${q}Z
  f = f * x
  x = c + d
  f = f - x
  x = ${p}X + ${p}Z
  y = ${q}X + ${q}Z
  x = x * y
  y = a + d
  y = x - y
  z = b * d
  x = y - z
  z = x + x
  x = x + z
  z = c - x
  x = c + x
  y = b * y
  c = d + d
  d = c + d
  y = y - d
  y = y - a
  c = y + y
  y = c + y
  c = a + a
  a = c + a
  a = a - d
  c = f * y
  d = a * y
  y = x * z
  ${to}Y = y + d
  x = e * x
  ${to}X = x - c
  z = f * z
  c = e * a
  ${to}Z = z + c`

/** `u G + v Q`; whether Q is on the curve; and what the X of a point with the x-coordinate `r`, or `r` and the order, would be. */
const equation = createLadder({
  modulus: P,
  numbers: { b: B, baseX: BASE_X, baseY: BASE_Y, baseZ: 1n },
  before: `
    keyX = keyX * in
    keyY = keyY * in
    keyZ = one + zero
    left = keyY * keyY
    right = keyX * keyX
    right = right - one
    right = right - one
    right = right - one
    right = right * keyX
    right = right + b
    ${sum('both', 'base', 'key')}
    X = zero + zero
    Y = one + zero
    Z = zero + zero`,
  each: sum('', '', ''),
  first: sum('', '', 'base'),
  second: sum('', '', 'key'),
  both: sum('', '', 'both'),
  after: `
    r = r * in
    r = r * Z
    more = more * in
    more = more * Z`,
})

/** @param publicKey A point, not compressed. @param signature `r || s`; both halves of `s` are taken, as RFC 9421 does. */
export function verifyP256(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  if (publicKey.length !== KEY_BYTES || publicKey[0] !== UNCOMPRESSED) return false
  const [keyX, keyY] = [reversed(publicKey, 1), reversed(publicKey, 33)]
  if (numberOf(keyX) >= P || numberOf(keyY) >= P) return false
  const [r, s] = [reversed(signature, 0), reversed(signature, 32)]
  const number = numberOf(r)
  if (number === 0n || number >= ORDER || equalBytes(s, ZERO) || numberOf(s) >= ORDER) return false
  const e = sha256(message).toReversed()
  const [u, v] = scalarsOf({ given: { s, e, r }, scalars: [INVERSE_EXPONENT], bits: BITS }, 'u', 'v')
  if (u === undefined || v === undefined) return false
  // The x-coordinate is below P and counts modulo the order, which is a little less.
  const more = number + ORDER < P ? bytesOf(number + ORDER) : r
  const run = { given: { keyX, keyY, r, more }, scalars: [u, v], bits: BITS } as const
  const [left, right, x, z, first, second] = equation(run, 'left', 'right', 'X', 'Z', 'r', 'more') as [
    Uint8Array,
    Uint8Array,
    Uint8Array,
    Uint8Array,
    Uint8Array,
    Uint8Array,
  ]
  return equalBytes(left, right) && !equalBytes(z, ZERO) && (equalBytes(x, first) || equalBytes(x, second))
}

const reversed = (bytes: Uint8Array, at: number): Uint8Array => bytes.slice(at, at + 32).toReversed()
