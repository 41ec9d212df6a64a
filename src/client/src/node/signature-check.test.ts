import { bls12_381 } from '@noble/curves/bls12-381'
import fc from 'fast-check'
import * as mcl from 'mcl-wasm'
import { describe, expect, test } from 'vitest'
import { checkSignature } from './signature-check.ts'

const secret = bls12_381.utils.randomPrivateKey()
const key = bls12_381.getPublicKeyForShortSignatures(secret)
const message = new TextEncoder().encode('\ric-state-root and 32 bytes of a hash')
const signature = bls12_381.signShortSignature(message, secret)
/** The agent's own, to which what is no point is an error. */
const byNoble = (...[of, signed, said]: Parameters<typeof checkSignature>): boolean => {
  try {
    return bls12_381.verifyShortSignature(signed, said, of)
  } catch {
    return false
  }
}
const flipped = (bytes: Uint8Array, at: number): Uint8Array =>
  bytes.map((byte, i) => (i === at >> 3 ? byte ^ (1 << (at & 7)) : byte))
const infinity = (length: number): Uint8Array => Uint8Array.from({ length }, (_, i) => (i === 0 ? 0xc0 : 0))

describe('a signature of the network', () => {
  test('holds for its key and message, whatever the message', async () => {
    expect(await checkSignature(key, signature, message)).toBe(true)
    for (const length of [0, 1, 32, 45, 300]) {
      const said = new Uint8Array(length).fill(length)
      expect(await checkSignature(key, bls12_381.signShortSignature(said, secret), said)).toBe(true)
    }
  })

  test('holds for many keys, more than are kept', async () => {
    for (let i = 0; i < 20; i++) {
      const other = bls12_381.utils.randomPrivateKey()
      const its = bls12_381.getPublicKeyForShortSignatures(other)
      expect(await checkSignature(its, bls12_381.signShortSignature(message, other), message)).toBe(true)
      expect(await checkSignature(its, signature, message)).toBe(false)
    }
    expect(await checkSignature(key, signature, message)).toBe(true)
  })

  test('with any bit of any part turned holds for nobody, as the agent’s own check says', async () => {
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(0, 1, 2), fc.nat(), async (part, anywhere) => {
        const turned = [key, signature, message].map((bytes, i) =>
          i === part ? flipped(bytes, anywhere % (bytes.length * 8)) : bytes,
        ) as [Uint8Array, Uint8Array, Uint8Array]
        expect(await checkSignature(...turned)).toBe(false)
        expect(byNoble(...turned)).toBe(false)
      }),
      { numRuns: 40 },
    )
  })

  test('is checked as well after somebody else in the process started the library anew', async () => {
    expect(await checkSignature(key, signature, message)).toBe(true)
    await mcl.init(mcl.BLS12_381)
    expect(await checkSignature(key, signature, message)).toBe(true)
    expect(await checkSignature(key, signature, flipped(message, 0))).toBe(false)
  })

  test('is no point at infinity, which would fit every message', async () => {
    expect(await checkSignature(infinity(96), infinity(48), message)).toBe(false)
    expect(await checkSignature(key, infinity(48), message)).toBe(false)
    expect(await checkSignature(infinity(96), signature, message)).toBe(false)
  })

  test('is of the subgroup: a point of the curve beside it is refused', async () => {
    const { Fp } = bls12_381.fields
    const beside: Uint8Array[] = []
    for (let x = 3n; beside.length < 4; x++) {
      const square = Fp.add(Fp.mul(Fp.sqr(x), x), 4n)
      if (!Fp.eql(Fp.pow(square, (Fp.ORDER - 1n) / 2n), Fp.ONE)) continue // no point has this x
      const bytes = Uint8Array.from(Buffer.from(x.toString(16).padStart(96, '0'), 'hex'))
      bytes[0] = (bytes[0] ?? 0) | 0x80
      beside.push(bytes)
    }
    for (const each of beside) {
      expect(await checkSignature(key, each, message)).toBe(false)
      expect(byNoble(key, each, message)).toBe(false)
    }
  })

  test('has its length, and so does its key', async () => {
    for (const length of [0, 47, 49, 96]) expect(await checkSignature(key, new Uint8Array(length), message)).toBe(false)
    for (const length of [0, 48, 95, 97, 133])
      expect(await checkSignature(new Uint8Array(length), signature, message)).toBe(false)
    expect(await checkSignature(key, Uint8Array.from([...signature, 0]), message)).toBe(false)
  })
})
