import { createHash, createPublicKey, verify } from 'node:crypto'
import { ed25519 } from '@noble/curves/ed25519.js'
import { schnorr, secp256k1 } from '@noble/curves/secp256k1.js'
import { describe, expect, test } from 'vitest'
import { concat, fromHex, hex, utf8 } from '../certificates/index.ts'
import { ed25519Child, ed25519Master } from './ed25519.ts'
import { type SignatureKey, signaturePublicKey, signWith } from './index.ts'
import { secp256k1Child, secp256k1Master } from './secp256k1.ts'

const CANISTER = fromHex('80000000001000000101')
const OTHER = fromHex('80000000001000010101')
const PATHS: readonly (readonly Uint8Array[])[] = [
  [],
  [utf8('a')],
  [new Uint8Array(0)],
  [utf8('a'), new Uint8Array(300)],
]
const key = (
  algorithm: SignatureKey['algorithm'],
  path: readonly Uint8Array[] = [],
  keyName = 'key_1',
): SignatureKey => ({
  algorithm,
  keyName,
  canisterId: CANISTER,
  path,
})
const SPKI_ED25519 = fromHex('302a300506032b6570032100')
const nodeVerifies = (publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean => {
  const der = Buffer.from(concat(SPKI_ED25519, publicKey))
  return verify(null, message, createPublicKey({ key: der, format: 'der', type: 'spki' }), signature)
}

describe('the master keys', () => {
  // Published with dfinity/ic: packages/ic-ed25519 and packages/ic-secp256k1, `pocketic_key`.
  test.each([
    ['key_1', 'db415b8eb85bd5127b0984723e0448054042cf40e7a9c262ed0cc87ecea98349'],
    ['test_key_1', '6ed9121ecf701b9e301fce17d8a65214888984e8211225691b089d6b219ec144'],
    ['dfx_test_key', '7124afcb1be5927cac0397a7447b9c3cda2a4099af62d9bc0a2c2fe42d33efe1'],
  ])('of Ed25519 are those PocketIC publishes: %s', (name, published) => {
    const root = ed25519Master(new Uint8Array(32).fill(42))
    expect(hex(ed25519Child(root, utf8(name)).publicKey)).toBe(published)
  })
  test.each([
    ['key_1', '036ad6e838b46811ad79c37b2f4b854b7a05f406715b2935edc5d3251e7666977b'],
    ['test_key_1', '03cc365e15cb552589c7175717b2ac63d1050b9bb2e5aed35432b1b1be55d3abcf'],
    ['dfx_test_key', '03e6f78b1a90e361c5cc9903f73bb8acbe3bc17ad01e82554d25cf0ecd70c67484'],
  ])('of secp256k1 are those PocketIC publishes: %s', (name, published) => {
    const root = secp256k1Master(new Uint8Array(32).fill(42))
    expect(hex(secp256k1Child(root, utf8(name)).publicKey)).toBe(published)
  })
})

describe('derivation', () => {
  test('of secp256k1 is that of BIP32', () => {
    // BIP32, test vector 2: the public key and chain code of m, and of m/0.
    const child = secp256k1Child(
      {
        secret: BigInt('0x4b03d6fc340455b363f51020ad3ecca4f0850280cf436c70c727923f6db46c3e'),
        publicKey: fromHex('03cbcaa9c98c877a26977d00825c956a238e8dddfbd322cce4f74b0b5bd6ace4a7'),
        chainCode: fromHex('60499f801b896d83179a4374aeb7822aaeaceaa0db1f85ee3e904c4defbd9689'),
      },
      Uint8Array.of(0, 0, 0, 0),
    )
    expect(hex(child.publicKey)).toBe('02fc9e5af0ac8d9b3cecfe2a888e2117ba3d089d8585886c9c826b6b22a98d12ea')
    expect(hex(child.chainCode)).toBe('f0909affaa7ee7abe5dd4e100598d4dc53cd709d5a5c2cac40e7412f232f7c9c')
  })

  test('gives each canister, path and name a key of its own, and each the same one always', () => {
    const keys = ['key_1', 'dfx_test_key'].flatMap((name) =>
      [CANISTER, OTHER].flatMap((canisterId) =>
        PATHS.flatMap((path) =>
          (['ecdsa', 'ed25519'] as const).map((algorithm) => ({ algorithm, keyName: name, canisterId, path })),
        ),
      ),
    )
    const all = keys.map((each) => hex(signaturePublicKey(each).publicKey))
    expect(new Set(all).size).toBe(all.length)
    expect(keys.map((each) => hex(signaturePublicKey(each).publicKey))).toEqual(all)
  })

  test('can be gone on with by whoever has the public key and the chain code', () => {
    const parent = signaturePublicKey(key('ed25519', [utf8('a')]))
    const child = signaturePublicKey(key('ed25519', [utf8('a'), utf8('b')]))
    // A secret the public cannot know: only the points matter, so any secret gives the same tweak and chain code.
    const { secret: tweak, chainCode } = ed25519Child({ secret: 0n, ...parent }, utf8('b'))
    const derived = ed25519.Point.fromBytes(parent.publicKey).add(ed25519.Point.BASE.multiply(tweak))
    expect(hex(derived.toBytes())).toBe(hex(child.publicKey))
    expect(chainCode).toEqual(child.chainCode)
  })
})

describe('a signature', () => {
  const message = utf8('so be it')
  test.each(PATHS)('with Ed25519 is one to Node, under the derived key alone (path %#)', (...path) => {
    const signer = key('ed25519', path)
    const signature = signWith(signer, message)
    const { publicKey } = signaturePublicKey(signer)
    expect(nodeVerifies(publicKey, message, signature)).toBe(true)
    expect(nodeVerifies(publicKey, utf8('so be it not'), signature)).toBe(false)
    expect(nodeVerifies(signaturePublicKey({ ...signer, canisterId: OTHER }).publicKey, message, signature)).toBe(false)
  })

  test('with ECDSA verifies, with the smaller s', () => {
    const hash = createHash('sha256').update(message).digest()
    const { publicKey } = signaturePublicKey(key('ecdsa', [utf8('a')]))
    const signature = signWith(key('ecdsa', [utf8('a')]), hash)
    expect(signature).toHaveLength(64)
    expect(secp256k1.verify(signature, hash, publicKey, { prehash: false, lowS: true })).toBe(true)
    expect(secp256k1.verify(signature, createHash('sha256').digest(), publicKey, { prehash: false })).toBe(false)
  })

  test('with BIP340 verifies under the x of the key, and under the Taproot output key where asked', () => {
    const signer = key('bip340secp256k1', [utf8('a')])
    const internal = signaturePublicKey(signer).publicKey.subarray(1)
    expect(schnorr.verify(signWith(signer, message), message, internal)).toBe(true)
    for (const root of [new Uint8Array(0), new Uint8Array(32).fill(3)]) {
      const tweak = BigInt(`0x${hex(schnorr.utils.taggedHash('TapTweak', internal, root))}`)
      const point = schnorr.utils.lift_x(BigInt(`0x${hex(internal)}`)).add(secp256k1.Point.BASE.multiply(tweak))
      const output = point.toBytes(true).subarray(1)
      expect(schnorr.verify(signWith(signer, message, root), message, output)).toBe(true)
      expect(schnorr.verify(signWith(signer, message, root), message, internal)).toBe(false)
    }
  })

  test('is refused for unknown keys, wrong hashes and wrong roots', () => {
    expect(() => signWith(key('ed25519', [], 'key_2'), message)).toThrow(RangeError)
    expect(() => signWith(key('ecdsa'), message)).toThrow(RangeError)
    expect(() => signWith(key('ed25519'), message, new Uint8Array(0))).toThrow(RangeError)
    expect(() => signWith(key('bip340secp256k1'), message, new Uint8Array(31))).toThrow(RangeError)
  })
})
