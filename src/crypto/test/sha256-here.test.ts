import { createHash, hkdfSync, randomBytes } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { hkdfHere, sha256Here, sha256OfStart } from '../src/sha256-here.ts'
import { hkdfBytes, importHkdf } from '../src/webcrypto.ts'
import { hex, run, sha256Hex } from './fixture.ts'

const bytesOf = (length: number): Uint8Array => new Uint8Array(randomBytes(length))

describe('what is hashed and derived in this thread', () => {
  test.each([
    ['', 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'],
    ['abc', 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'],
    [
      'abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq',
      '248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1',
    ],
    ['a'.repeat(65_536), createHash('sha256').update('a'.repeat(65_536)).digest('hex')],
  ])('SHA-256 of %.12s…', (text, hash) => {
    expect(hex(sha256Here(new TextEncoder().encode(text)))).toBe(hash)
  })

  test('SHA-256 of every length up to four blocks is the platform’s, also of a view, and of what begins with it', () => {
    for (let length = 0; length <= 256; length++) {
      const bytes = bytesOf(length + 3).subarray(3)
      expect(hex(sha256Here(bytes))).toBe(sha256Hex(bytes))
      const { start, all } = sha256OfStart(bytes, length >> 1)
      expect(hex(start)).toBe(sha256Hex(bytes.subarray(0, length >> 1)))
      expect(hex(all)).toBe(sha256Hex(bytes))
    }
  })

  test('HKDF agrees with RFC 5869, test cases 1 and 3, as far as its first hash goes', () => {
    const material = new Uint8Array(22).fill(0x0b)
    expect(hex(hkdfHere(material, run(0, 13), run(0xf0, 10)))).toBe(
      '3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf',
    )
    expect(hex(hkdfHere(material, new Uint8Array(0), new Uint8Array(0)))).toBe(
      '8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d',
    )
  })

  test('HKDF of every length it takes is the platform’s', async () => {
    for (let length = 0; length < 64; length++) {
      const [material, salt, info] = [bytesOf(length), bytesOf(64 - length), bytesOf(Math.min(length, 62))]
      const expected = Buffer.from(hkdfSync('sha256', material, salt, info, 32)).toString('hex')
      expect(hex(hkdfHere(material, salt, info))).toBe(expected)
    }
    const [material, salt, info] = [bytesOf(32), bytesOf(16), bytesOf(40)]
    const key = await importHkdf(material)
    expect(hex(hkdfHere(material, salt, info))).toBe(hex(await hkdfBytes({ key, salt, info }, 32)))
  })

  test('what does not fit is refused, and nothing is answered that is not whole', () => {
    const none = new Uint8Array(0)
    expect(() => hkdfHere(new Uint8Array(64), none, none)).toThrow(RangeError)
    expect(() => hkdfHere(none, new Uint8Array(65), none)).toThrow(RangeError)
    expect(() => hkdfHere(none, none, new Uint8Array(63))).toThrow(RangeError)
    expect(() => sha256Here(new Uint8Array(65_537))).toThrow(RangeError)
  })
})
