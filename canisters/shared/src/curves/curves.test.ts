import { createHash } from 'node:crypto'

import { type Principal, SIGNATURE_ALGORITHM } from '@medguard/protocol'
import { verifySignature } from '@medguard/shared/signatures'
import { ed25519 } from '@noble/curves/ed25519.js'
import { p256 } from '@noble/curves/nist.js'
import { beforeAll, expect, test } from 'vitest'

import { buildCanister } from '../../../../scripts/build-canisters.ts'
import { MODULI } from '../../../../test/canisters/moduli.ts'
import { openSmallNet, type SmallNet } from '../../../../test/canisters/small-net.fixture.ts'

// Signatures checked by the native functions in a real module, and by the library in Node: what one takes, the other takes.

let net: SmallNet
let probe: Principal
beforeAll(async () => {
  const { wasm } = await buildCanister('native-probe', { entry: 'test/canisters/native-probe.ts' })
  net = openSmallNet()
  probe = net.create()
  net.install(probe, wasm)
})

interface Signed {
  readonly algorithm: 1 | 2
  readonly key: Uint8Array
  readonly message: Uint8Array
  readonly signature: Uint8Array
}
function native({ algorithm, key, message, signature }: Signed) {
  const parts = [Uint8Array.of(algorithm, key.length), key, signature, message]
  const answer = Buffer.from(net.call(probe, 'verify', new Uint8Array(Buffer.concat(parts))).reply).toString()
  return { isRight: answer.startsWith('1'), instructions: Number(answer.slice(1)) }
}
/** By both ways, which have to agree. */
function isTaken(signed: Signed): boolean {
  const { algorithm, key, message, signature } = signed
  const { isRight } = native(signed)
  const name = algorithm === 1 ? SIGNATURE_ALGORITHM.ed25519 : SIGNATURE_ALGORITHM.p256
  expect(verifySignature(name, key, message, signature), Buffer.from(key).toString('hex')).toBe(isRight)
  return isRight
}
/** In bytes, what a message may have. */
const LONGEST = 65_472
const bytes = (hex: string) => new Uint8Array(Buffer.from(hex, 'hex'))
const seedOf = (seed: number) => new Uint8Array(createHash('sha256').update(String(seed)).digest())
const littleEndian = (value: bigint) => bytes(value.toString(16).padStart(64, '0')).toReversed()
const numberOf = (littleEnd: Uint8Array) => BigInt(`0x${Buffer.from(littleEnd.toReversed()).toString('hex')}`)
const bigEndian = (value: bigint) => bytes(value.toString(16).padStart(64, '0'))
const joined = (...parts: Uint8Array[]) => new Uint8Array(Buffer.concat(parts))
const flipped = (of: Uint8Array, at: number) => of.map((byte, i) => (i === at ? byte ^ (1 << (at % 8)) : byte))

const signedBy = (seed: number, algorithm: 1 | 2, message: Uint8Array): Signed => {
  const secret = seedOf(seed)
  return algorithm === 1
    ? { algorithm, message, key: ed25519.getPublicKey(secret), signature: ed25519.sign(message, secret) }
    : {
        algorithm,
        message,
        key: p256.getPublicKey(secret, false),
        signature: p256.sign(message, secret, { prehash: true, lowS: seed % 2 === 0 }).toCompactRawBytes(),
      }
}

test.each([
  [
    'd75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a',
    '',
    'e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b',
  ],
  [
    '3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c',
    '72',
    '92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00',
  ],
  [
    'fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025',
    'af82',
    '6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a',
  ],
])('the signature of RFC 8032, section 7.1, by %s', (key, message, signature) => {
  expect(isTaken({ algorithm: 1, key: bytes(key), message: bytes(message), signature: bytes(signature) })).toBe(true)
})

test('one of ECDSA (RFC 6979, A.2.5) over "sample"', () => {
  const key =
    '0460fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb67903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4462299'
  const signature =
    'efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8'
  const signed = { algorithm: 2, key: bytes(key), message: Buffer.from('sample'), signature: bytes(signature) } as const
  expect(isTaken(signed)).toBe(true)
})

test.each([1, 2] as const)(
  'signatures of algorithm %i by any key, over messages of any length; and no other bytes',
  (algorithm) => {
    for (const [i, length] of [0, 1, 47, 48, 63, 64, 111, 112, 175, 176, 300, 1_000, LONGEST].entries()) {
      const signed = signedBy(i, algorithm, new Uint8Array(length).fill(i))
      expect(isTaken(signed), `${length} bytes`).toBe(true)
      expect(isTaken({ ...signed, message: joined(signed.message, Uint8Array.of(0)) })).toBe(false)
    }
    expect(isTaken(signedBy(1, algorithm, new Uint8Array(LONGEST + 1)))).toBe(false)
    const signed = signedBy(100, algorithm, seedOf(1))
    for (const at of [0, 1, 30, 31, 32, 33, 62, 63]) {
      expect(isTaken({ ...signed, signature: flipped(signed.signature, at) }), `signature ${at}`).toBe(false)
      expect(isTaken({ ...signed, key: flipped(signed.key, Math.min(at, signed.key.length - 1)) }), `key ${at}`).toBe(
        false,
      )
    }
    expect(isTaken({ ...signed, key: signedBy(101, algorithm, seedOf(1)).key })).toBe(false)
    const scalars = [0n, 1n, 2n ** 256n - 1n]
    for (const r of scalars)
      for (const s of scalars) {
        const [first, second] = algorithm === 1 ? [littleEndian(r), littleEndian(s)] : [bigEndian(r), bigEndian(s)]
        expect(isTaken({ ...signed, signature: joined(first, second) }), `${r} ${s}`).toBe(false)
      }
  },
)

test('Ed25519: no number beyond the order, no point written in a second way, no key of small order; a key with a part of small order signs', () => {
  const { Point } = ed25519
  const [order, field] = [Point.Fn.ORDER, Point.Fp.ORDER]
  const message = seedOf(2)
  const signed = signedBy(3, 1, message)
  const s = numberOf(signed.signature.slice(32))
  expect(isTaken({ ...signed, signature: joined(signed.signature.slice(0, 32), littleEndian(s + order)) })).toBe(false)

  // Points whose order divides 8, among them (0, 1) and (0, -1), also with a sign or beyond the field.
  const torsion = Point.fromHex('c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a')
  const small = Array.from({ length: 8 }, (_, i) => torsion.multiplyUnsafe(BigInt(i)).toBytes())
  const wrong = [1n, field - 1n].flatMap((y) => [
    littleEndian(y | (1n << 255n)),
    littleEndian(y + field > 2n ** 255n ? y : y + field),
  ])
  const beyond = [field, field + 1n, field + 3n, field + 18n, 2n ** 255n - 1n].map(littleEndian)
  for (const point of [...small, ...wrong, ...beyond]) {
    const zero = { algorithm: 1, message, key: point, signature: joined(point, littleEndian(0n)) } as const
    expect(isTaken(zero), 'as a key').toBe(false)
    expect(isTaken({ ...zero, key: signed.key }), 'as a point').toBe(false)
  }

  const secret = 12_345n
  const mixed = Point.BASE.multiply(secret).add(torsion)
  const point = Point.BASE.multiply(777n).toBytes()
  const digest = createHash('sha512')
    .update(joined(point, mixed.toBytes(), message))
    .digest()
  const answer = (777n + (numberOf(digest) % order) * secret) % order
  const key = mixed.toBytes()
  expect(isTaken({ algorithm: 1, message, key, signature: joined(point, littleEndian(answer)) })).toBe(true)
  const other = littleEndian((answer + 1n) % order)
  expect(isTaken({ algorithm: 1, message, key, signature: joined(point, other) })).toBe(false)
})

test('ECDSA: the same point twice, its opposite, none at all, an x-coordinate beyond the order, and keys that are no point', () => {
  const { Point } = p256
  const [order, field] = [Point.Fn.ORDER, Point.Fp.ORDER]
  const message = seedOf(4)
  const e = BigInt(`0x${createHash('sha256').update(message).digest('hex')}`) % order
  const inverse = (value: bigint) => Point.Fn.inv(value)
  const case_ = (key: InstanceType<typeof Point>, r: bigint, s: bigint): Signed => ({
    algorithm: 2,
    message,
    key: key.toBytes(false),
    signature: joined(bigEndian(r), bigEndian(s)),
  })
  // The key is the base point, or its opposite: the sum of both is a point twice, or none.
  for (const secret of [1n, order - 1n]) {
    const { signature } = { signature: p256.sign(message, bigEndian(secret), { prehash: true, lowS: false }) }
    expect(isTaken(case_(Point.BASE.multiply(secret), signature.r, signature.s)), `secret ${secret}`).toBe(true)
  }
  // u G + v Q is the neutral point.
  for (const r of [1n, 7n, e]) {
    const none = Point.BASE.multiply((e * inverse(r)) % order).negate()
    expect(isTaken(case_(none, r, 5n)), `nothing for ${r}`).toBe(false)
  }
  // R has an x-coordinate of the order and a little more: r is that little.
  let found = 0
  for (let x = order; found < 2; x++) {
    const encoded = joined(Uint8Array.of(2), bigEndian(x))
    if (!isOnCurve(encoded)) continue
    found++
    const [r, s] = [x - order, 99n]
    if (r === 0n) continue
    const key = Point.fromBytes(encoded).multiply(s).subtract(Point.BASE.multiply(e)).multiply(inverse(r))
    expect(isTaken(case_(key, r, s)), `x of ${r} more`).toBe(true)
    expect(isTaken(case_(key, r + 1n, s))).toBe(false)
  }
  const signed = signedBy(8, 2, message)
  for (const key of [
    p256.getPublicKey(seedOf(8), true),
    flipped(signed.key, 64),
    joined(Uint8Array.of(6), signed.key.slice(1)),
    joined(Uint8Array.of(4), bigEndian(field), signed.key.slice(33)),
    joined(Uint8Array.of(4), new Uint8Array(64)),
    new Uint8Array(0),
  ])
    expect(isTaken({ ...signed, key })).toBe(false)

  function isOnCurve(encoded: Uint8Array): boolean {
    try {
      Point.fromBytes(encoded).assertValidity()
      return true
    } catch {
      return false
    }
  }
})

test('arithmetic is exact at the ends of every limb, by any modulus', () => {
  const edges = [
    0n,
    1n,
    2n,
    0xffff_ffffn,
    2n ** 32n,
    2n ** 64n - 1n,
    2n ** 128n,
    2n ** 224n - 1n,
    2n ** 255n - 20n,
    2n ** 256n - 2n,
  ]
  for (const [i, modulus] of MODULI.entries()) {
    const operands = [...edges, ...edges.map((edge) => modulus - edge)].filter(
      (value) => value >= 0n && value < modulus,
    )
    const radix = 2n ** 256n % modulus
    for (const a of operands)
      for (const b of operands) {
        const answer = net.call(probe, 'field', joined(Uint8Array.of(i), littleEndian(a), littleEndian(b))).reply
        const [product, sum, difference] = [0, 32, 64].map((at) => numberOf(answer.subarray(at, at + 32)))
        const what = `${a} ${b} modulo ${modulus}`
        expect(((product ?? 0n) * radix) % modulus, what).toBe((a * b) % modulus)
        expect([(product ?? modulus) < modulus, sum, difference], what).toEqual([
          true,
          (a + b) % modulus,
          (a - b + modulus) % modulus,
        ])
      }
  }
})

test('a check costs at most 17 M instructions by Ed25519 and 25 M by P-256', () => {
  for (const [algorithm, most] of [
    [1, 17],
    [2, 25],
  ] as const) {
    const signed = signedBy(5, algorithm, new Uint8Array(300))
    native(signed)
    const { isRight, instructions } = native(signed)
    expect(isRight).toBe(true)
    expect(instructions / 1e6).toBeLessThan(most)
  }
})
