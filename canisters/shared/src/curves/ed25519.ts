import { concatBytes, equalBytes } from '@medguard/protocol'
import { bytesOf, createLadder, numberOf } from './ladder.ts'
import { sha512 } from './sha512.ts'

/** Ed25519 (RFC 8032) by the native ladder. Everything here is public: nothing takes the same time for all. */

const P = 2n ** 255n - 19n
/** Order of the base point. */
const ORDER = 2n ** 252n + 27_742_317_777_372_353_535_851_937_790_883_648_493n
const ORDER_BITS = 253
const D = 37_095_705_934_669_439_343_138_083_508_754_565_189_542_113_879_843_219_016_388_785_533_085_940_283_555n
const ROOT_OF_MINUS_ONE =
  19_681_161_376_707_505_956_807_079_304_988_542_015_446_066_515_923_890_162_744_021_073_123_829_784_752n
const BASE_X = 15_112_221_349_535_400_772_501_151_409_588_531_511_454_012_693_041_857_206_046_113_283_949_847_762_202n
const BASE_Y = 46_316_835_694_926_478_169_428_394_003_475_163_141_307_993_866_256_225_615_783_033_603_165_251_855_960n
const ZERO = bytesOf(0n)

/** RFC 8032, section 5.1.3: the root of `u / v` is `u v^3 (u v^7)^((p - 5) / 8)`, or that times the root of -1. */
const rootOf = createLadder({
  modulus: P,
  numbers: { d: D, i: ROOT_OF_MINUS_ONE },
  before: `
    y = y * in
    yy = y * y
    u = yy - one
    v = d * yy
    v = v + one
    v3 = v * v
    v3 = v3 * v
    v7 = v3 * v3
    v7 = v7 * v
    base = u * v7
    root = u * v3
    power = one + zero`,
  each: 'power = power * power',
  first: 'power = power * base',
  after: `
    root = root * power
    found = root * root
    found = found * v
    minusU = zero - u
    x = root * out
    minusX = zero - x
    root = root * i
    other = root * out
    minusOther = zero - other`,
})
const ROOT_EXPONENT = bytesOf((P - 5n) / 8n)
const ROOT_BITS = 252

/** Extended coordinates (RFC 8032, section 5.1.4): one formula for all points, the same twice too. */
const sum = (to: string, p: string, q: string) => `
  a = ${p}Y - ${p}X
  b = ${q}Y - ${q}X
  a = a * b
  b = ${p}Y + ${p}X
  c = ${q}Y + ${q}X
  b = b * c
  c = ${p}T * ${q}T
  c = c * dd
  e = ${p}Z * ${q}Z
  e = e + e
  f = b - a
  g = e - c
  h = e + c
  b = b + a
  ${to}X = f * g
  ${to}Y = h * b
  ${to}T = f * b
  ${to}Z = g * h`
const taken = (point: string) => `
  ${point}X = ${point}X * in
  ${point}Y = ${point}Y * in
  ${point}Z = one + zero
  ${point}T = ${point}X * ${point}Y`
/** Eight times a point is the neutral one where its X is 0 and its Y is its Z. */
const timesEight = (point: string) => `
  ${sum(point, point, point)}
  ${sum(point, point, point)}
  ${sum(point, point, point)}
  ${point}Y = ${point}Y - ${point}Z`

/** `8 (s B - k A - R)`, and `8 A`, by the two points with the other sign. */
const equation = createLadder({
  modulus: P,
  numbers: { dd: 2n * D, baseX: BASE_X, baseY: BASE_Y, baseZ: 1n, baseT: (BASE_X * BASE_Y) % P },
  before: `
    ${taken('key')}
    ${taken('point')}
    ${sum('both', 'base', 'key')}
    X = zero + zero
    Y = one + zero
    Z = one + zero
    T = zero + zero`,
  each: sum('', '', ''),
  first: sum('', '', 'base'),
  second: sum('', '', 'key'),
  both: sum('', '', 'both'),
  after: `
    ${sum('', '', 'point')}
    ${timesEight('')}
    ${timesEight('key')}`,
})

/**
 * Whether a signature over `message` was made with the key: section 5.1.7, with the cofactor, and only for points and numbers written in the one way that the
 * RFC has for them; keys of small order sign nothing.
 */
export function verifyEd25519(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  const pointBytes = signature.subarray(0, 32)
  const s = signature.slice(32)
  if (publicKey.length !== 32 || numberOf(s) >= ORDER) return false
  const key = negated(publicKey)
  const point = negated(pointBytes)
  if (key === null || point === null) return false
  const k = bytesOf(numberOf(sha512(concatBytes(pointBytes, publicKey, message))) % ORDER)
  const given = { keyX: key.x, keyY: key.y, pointX: point.x, pointY: point.y }
  const [x, y, keyX, keyY] = equation({ given, scalars: [s, k], bits: ORDER_BITS }, 'X', 'Y', 'keyX', 'keyY')
  const isHolding = isZero(x) && isZero(y)
  return isHolding && !(isZero(keyX) && isZero(keyY))
}
const isZero = (number: Uint8Array | undefined): boolean => number !== undefined && equalBytes(number, ZERO)

/** The point that these bytes stand for, with the other sign; null where they stand for none. */
function negated(bytes: Uint8Array): { readonly x: Uint8Array; readonly y: Uint8Array } | null {
  const y = bytes.slice()
  const isOdd = (y[31] ?? 0) >>> 7
  y[31] = (y[31] ?? 0) & 0x7f
  if (numberOf(y) >= P) return null
  const run = { given: { y }, scalars: [ROOT_EXPONENT], bits: ROOT_BITS } as const
  const [found, u, minusU, x, minusX, other, minusOther] = rootOf(
    run,
    'found',
    'u',
    'minusU',
    'x',
    'minusX',
    'other',
    'minusOther',
  ) as [Uint8Array, Uint8Array, Uint8Array, Uint8Array, Uint8Array, Uint8Array, Uint8Array]
  const pair = equalBytes(found, u) ? [x, minusX] : equalBytes(found, minusU) ? [other, minusOther] : []
  const [one, two] = pair
  if (one === undefined || two === undefined || (isOdd === 1 && isZero(one))) return null
  return { x: ((one[0] ?? 0) & 1) === isOdd ? two : one, y }
}
