import { createHash, createHmac, hkdfSync } from 'node:crypto'
import { readFileSync } from 'node:fs'

import fc from 'fast-check'
import { expect, test } from 'vitest'

import { OUTPUT, sha256BlockSource } from '../../../scripts/generate-sha256.ts'
import { hkdfExpand, hmac } from './hkdf.ts'
import { sha256 } from './sha256.ts'

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex')

test('SHA-256 gives the examples of FIPS 180-4', () => {
  expect(hex(sha256(Buffer.from('abc')))).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad')
  expect(hex(sha256(Buffer.from('abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq')))).toBe(
    '248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1',
  )
  expect(hex(sha256(new Uint8Array(0)))).toBe('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855')
})

test('SHA-256 agrees with OpenSSL at every length around a block, and on any bytes', () => {
  for (let length = 0; length <= 200; length++) {
    const bytes = new Uint8Array(length).fill(length)
    expect(hex(sha256(bytes)), `${length} bytes`).toBe(createHash('sha256').update(bytes).digest('hex'))
  }
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 2000 }), (bytes) => {
      expect(hex(sha256(bytes))).toBe(createHash('sha256').update(bytes).digest('hex'))
    }),
  )
})

test('the unrolled rounds are those that the script prints', () => {
  const withoutLayout = (text: string) => text.replaceAll(/[\s()]/g, '')
  expect(withoutLayout(readFileSync(OUTPUT, 'utf8'))).toBe(withoutLayout(sha256BlockSource()))
})

test('HMAC and HKDF agree with OpenSSL', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), fc.uint8Array({ maxLength: 200 }), (key, message) => {
      expect(hex(hmac(key, message))).toBe(createHmac('sha256', key).update(message).digest('hex'))
    }),
  )
  // RFC 5869, appendix A.1: the expand step alone.
  const secret = Buffer.from('077709362c2e32df0ddc3f0dc47bba6390b6c73bb50f9c3122ec844ad7c2b3e5', 'hex')
  expect(hex(hkdfExpand(secret, Buffer.from('f0f1f2f3f4f5f6f7f8f9', 'hex'), 42))).toBe(
    '3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865',
  )
  const [salt, info] = [Buffer.alloc(32), Buffer.from('medguard/1/enrol')]
  const whole = Buffer.from(hkdfSync('sha256', 'input', salt, info, 224)).toString('hex')
  expect(hex(hkdfExpand(hmac(salt, Buffer.from('input')), info, 224))).toBe(whole)
})

test('HKDF refuses a short secret and a length it cannot give', () => {
  expect(() => hkdfExpand(new Uint8Array(31), new Uint8Array(0), 32)).toThrow(RangeError)
  expect(() => hkdfExpand(new Uint8Array(32), new Uint8Array(0), 0)).toThrow(RangeError)
  expect(() => hkdfExpand(new Uint8Array(32), new Uint8Array(0), 8161)).toThrow(RangeError)
})
