import { readFileSync } from 'node:fs'
import { bls12_381 } from '@noble/curves/bls12-381'
import fc from 'fast-check'
import * as mcl from 'mcl-wasm'
import { describe, expect, test } from 'vitest'
import { curve, javascript } from './index.ts'
import { loadWasmCurve } from './wasm.ts'

const SIGNATURES = 'BLS_SIG_BLS12381G1_XMD:SHA-256_SSWU_RO_NUL_'
const VETKEYS = 'BLS_SIG_BLS12381G1_XMD:SHA-256_SSWU_RO_AUG_'
const { ORDER } = bls12_381.fields.Fr
const { shortSignatures } = bls12_381
const G1 = bls12_381.G1.Point

const wasm = await loadWasmCurve()
const both = [
  ['JavaScript', javascript],
  ['Wasm', wasm],
] as const

const hex = (value: Uint8Array) => Buffer.from(value).toString('hex')
const bytes = (text: string) => new Uint8Array(Buffer.from(text, 'hex'))
const scalars = fc.oneof(fc.constantFrom(1n, 2n, 1n << 128n, ORDER - 1n), fc.bigInt({ min: 1n, max: ORDER - 1n }))
const messages = fc.uint8Array({ maxLength: 300 })
const identity = Uint8Array.of(0xc0, ...new Uint8Array(47))

interface Vectors {
  readonly augmented_hash_to_g1: readonly { readonly public_key: string; readonly input: string; readonly g1: string }[]
  readonly public_key_derivation: readonly { readonly canister_key: string }[]
}
const vectors = JSON.parse(
  readFileSync(new URL('../../../../test/vectors/vetkd-vectors.json', import.meta.url), 'utf8'),
) as Vectors

describe.each(both)('%s', (_name, made) => {
  test.each(vectors.augmented_hash_to_g1)('hashes $input to the published point', (vector) => {
    const message = bytes(vector.public_key + vector.input)
    expect(hex(made.multipleOfHash(message, VETKEYS, 1n))).toBe(vector.g1)
  })

  test('signs as the library’s own signer does', () => {
    fc.assert(
      fc.property(messages, scalars, (message, scalar) => {
        const secret = bytes(scalar.toString(16).padStart(64, '0'))
        const expected = shortSignatures.sign(shortSignatures.hash(message, SIGNATURES), secret).toBytes(true)
        expect(hex(made.multipleOfHash(message, SIGNATURES, scalar))).toBe(hex(expected))
      }),
      { numRuns: 5 },
    )
  })

  test('takes a point for one, and nothing else', () => {
    expect(made.isG1(identity)).toBe(true)
    for (const scalar of [1n, 2n, 3n, ORDER - 1n]) expect(made.isG1(G1.BASE.multiply(scalar).toBytes(true))).toBe(true)
    const good = G1.BASE.toBytes(true)
    // x = 0 on y² = x³ + 4: the point has order 3, so it lies on the curve and outside the subgroup.
    const beside = [0x80, 0xa0].map((first) => Uint8Array.of(first, ...new Uint8Array(47)))
    const wrong = [
      ...beside,
      new Uint8Array(),
      good.slice(1),
      Uint8Array.of(...good, 0),
      G1.BASE.toBytes(false),
      new Uint8Array(48),
      Uint8Array.of((good[0] ?? 0) & 0x7f, ...good.slice(1)),
      Uint8Array.of(0x9f, ...new Uint8Array(47).fill(0xff)),
      Uint8Array.of(0x80, ...new Uint8Array(46), 1),
      Uint8Array.of(0xc0, ...new Uint8Array(46), 1),
      Uint8Array.of(0xe0, ...new Uint8Array(47)),
      bytes(vectors.public_key_derivation[0]?.canister_key ?? ''),
    ]
    for (const each of wrong) expect([hex(each), made.isG1(each)]).toEqual([hex(each), false])
  })
})

describe('whoever computes', () => {
  test('public keys are the same, and so is what is added to them', () => {
    fc.assert(
      fc.property(scalars, scalars, (secret, offset) => {
        const publicKey = wasm.publicKey(secret)
        expect(hex(publicKey)).toBe(hex(javascript.publicKey(secret)))
        const moved = wasm.addOffset(publicKey, offset)
        expect(hex(moved)).toBe(hex(javascript.addOffset(publicKey, offset)))
        const sum = (secret + offset) % ORDER
        fc.pre(sum !== 0n)
        expect(hex(moved)).toBe(hex(wasm.publicKey(sum)))
      }),
      { numRuns: 5 },
    )
  })

  test('a key is encrypted to the same bytes, also for the identity', () => {
    fc.assert(
      fc.property(messages, scalars, scalars, scalars, (message, secret, transport, blinding) => {
        const point = wasm.multipleOfHash(message, VETKEYS, secret)
        for (const key of [G1.BASE.multiply(transport).toBytes(true), identity]) {
          expect(hex(wasm.encrypt(point, key, blinding))).toBe(hex(javascript.encrypt(point, key, blinding)))
        }
      }),
      { numRuns: 5 },
    )
  })

  test('any bytes are a point to both or to neither', () => {
    const near = fc
      .tuple(fc.constantFrom(0x80, 0xa0, 0xc0, 0xe0, 0), fc.uint8Array({ minLength: 48, maxLength: 48 }))
      .map(([flags, of]) => Uint8Array.of(((of[0] ?? 0) & 0x1f) | flags, ...of.subarray(1)))
    fc.assert(
      fc.property(near, (of) => {
        expect(wasm.isG1(of)).toBe(javascript.isG1(of))
      }),
      { numRuns: 40 },
    )
  })
})

describe('in one process', () => {
  const message = new TextEncoder().encode('a hash')
  const expected = hex(javascript.multipleOfHash(message, SIGNATURES, 5n))

  test('somebody else may start the library anew', async () => {
    for (let time = 0; time < 2; time++) {
      expect(hex(wasm.multipleOfHash(message, SIGNATURES, 5n))).toBe(expected)
      await mcl.init(mcl.BLS12_381)
    }
    expect(hex(wasm.multipleOfHash(message, SIGNATURES, 5n))).toBe(expected)
  })

  test('the first to ask is answered at once, and soon the Wasm answers', async () => {
    expect(hex(curve().multipleOfHash(message, SIGNATURES, 5n))).toBe(expected)
    await expect.poll(() => curve() !== javascript).toBe(true)
    expect(hex(curve().multipleOfHash(message, SIGNATURES, 5n))).toBe(expected)
  })
})
