import { createHash, createPublicKey, generateKeyPairSync, sign, verify } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { fromBase64, toBase64 } from './base64.ts'
import {
  authorityOf,
  checkSignatureInput,
  contentDigest,
  COVERED,
  COVERED_WITH_BODY,
  parseSignature,
  parseSignatureInput,
  SIGNATURE_ALGORITHM,
  signatureBase,
  signatureInput,
  signatureMember,
} from './http-signature.ts'

// RFC 9421, appendix B: messages, keys and signatures as published.

const ED25519_KEY = 'MCowBQYDK2VwAyEAJrQLj5P/89iXES9+vFgrIy29clF9CC/oPPsw3c5D0bs='
const P256_KEY =
  'MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEqIVYZVLCrPZHGHjP17CTW0/+D9Lfw0EkjqF7xB4FivAxzic30tMM4GF+hR6Dxh71Z50VGGdldkkDXZCnTNnoXQ=='
const keyOf = (spki: string) => createPublicKey({ key: Buffer.from(spki, 'base64'), format: 'der', type: 'spki' })

describe('published vectors', () => {
  test('B.2.6: a request signed with Ed25519', () => {
    const input = parseSignatureInput(
      'sig-b26=("date" "@method" "@path" "@authority" "content-type" "content-length");created=1618884473;keyid="test-key-ed25519"',
    )
    const signature = parseSignature(
      'sig-b26=:wqcAqbmYJ2ji2glfAMaRy4gruYYnx2nEFN2HN6jrnDnQCK1u02Gb04v9EDgwUPiu4A0w6vuQv5lIp5WPpBKRCw==:',
    )
    if (typeof input === 'string' || typeof signature === 'string') throw new Error('refused')
    const values: Readonly<Record<string, string>> = {
      date: 'Tue, 20 Apr 2021 02:07:55 GMT',
      '@method': 'POST',
      '@path': '/foo',
      '@authority': 'example.com',
      'content-type': 'application/json',
      'content-length': '18',
    }
    const base = signatureBase(
      input.components.map((name) => [name, values[name] ?? '']),
      input.raw,
    )
    expect(base.split('\n')).toHaveLength(7)
    expect(verify(null, Buffer.from(base), keyOf(ED25519_KEY), signature.bytes)).toBe(true)
  })

  test('B.2.4: a response signed with ECDSA over P-256', () => {
    const input = parseSignatureInput(
      'sig-b24=("@status" "content-type" "content-digest" "content-length");created=1618884473;keyid="test-key-ecc-p256"',
    )
    const signature = parseSignature(
      'sig-b24=:wNmSUAhwb5LxtOtOpNa6W5xj067m5hFrj0XQ4fvpaCLx0NKocgPquLgyahnzDnDAUy5eCdlYUEkLIj+32oiasw==:',
    )
    if (typeof input === 'string' || typeof signature === 'string') throw new Error('refused')
    const base = signatureBase(
      [
        ['@status', '200'],
        ['content-type', 'application/json'],
        [
          'content-digest',
          'sha-512=:mEWXIS7MaLRuGgxOBdODa3xqM1XdEvxoYhvlCFJ41QJgJc4GTsPp29l5oGX69wWdXymyU0rjJuahq4l5aGgfLQ==:',
        ],
        ['content-length', '23'],
      ],
      input.raw,
    )
    const key = { key: keyOf(P256_KEY), dsaEncoding: 'ieee-p1363' } as const
    expect(verify('sha256', Buffer.from(base), key, signature.bytes)).toBe(true)
  })

  test('RFC 9530, appendix B.1: the digest of a content', () => {
    const digest = createHash('sha256').update('{"hello": "world"}\n').digest()
    expect(contentDigest(digest)).toBe('sha-256=:RK/0qy18MlBSVnWgjwz6lZEWjP/lF5HF9bvEF8FabDg=:')
  })
})

const PARAMETERS = {
  created: 1_700_000_000,
  expires: 1_700_000_060,
  nonce: '7',
  keyId: '000102030405060708090a0b0c0d0e0f',
  algorithm: SIGNATURE_ALGORITHM.ed25519,
} as const
const VALUE = signatureInput(COVERED_WITH_BODY, PARAMETERS)

describe('what a device says beside its signature', () => {
  test('reads back as it was written, and is verified by another implementation', () => {
    const parsed = parseSignatureInput(signatureMember('sig', VALUE))
    if (typeof parsed === 'string') throw new Error(parsed)
    expect(parsed).toMatchObject({ label: 'sig', components: COVERED_WITH_BODY, raw: VALUE })
    expect(checkSignatureInput(parsed, COVERED_WITH_BODY)).toEqual(PARAMETERS)
    const { privateKey, publicKey } = generateKeyPairSync('ed25519')
    const base = signatureBase([['@method', 'POST']], parsed.raw)
    const field = parseSignature(signatureMember('sig', sign(null, Buffer.from(base), privateKey)))
    if (typeof field === 'string') throw new Error(field)
    expect(verify(null, Buffer.from(base), publicKey, field.bytes)).toBe(true)
  })

  test('may name components in any order', () => {
    const turned = parseSignatureInput(`sig=${signatureInput([...COVERED_WITH_BODY].toReversed(), PARAMETERS)}`)
    if (typeof turned === 'string') throw new Error(turned)
    expect(checkSignatureInput(turned, COVERED_WITH_BODY)).toEqual(PARAMETERS)
  })

  test.each([
    ['nothing', '', 'signatureInput'],
    ['two signatures', `a=${VALUE}, b=${VALUE}`, 'signatures'],
    ['the same signature twice', `a=${VALUE},a=${VALUE}`, 'signatures'],
    ['a comma inside a string is not a second one', 'a=("@method");nonce="a,b"', 'components'],
    ['spaces that no serialiser writes', `sig= ${VALUE}`, 'signatureInput'],
    ['two spaces between components', `sig=${VALUE.replace('" "', '"  "')}`, 'signatureInput'],
    ['a component with a parameter', `sig=${VALUE.replace('"@path"', '"@path";req')}`, 'signatureInput'],
    ['a token where a string is due', `sig=${VALUE.replace('"ed25519"', 'ed25519')}`, 'signatureInput'],
    ['a parameter twice', `sig=${VALUE};created=1700000000`, 'signatureInput'],
    ['a component too few', `sig=${VALUE.replace(' "content-type"', '')}`, 'components'],
    ['a component too many', `sig=${VALUE.replace('"@path"', '"@path" "date"')}`, 'components'],
    ['a component twice', `sig=${VALUE.replace('"@path"', '"@method"')}`, 'components'],
    ['a parameter too many', `sig=${VALUE};extra=1`, 'signatureInput'],
    ['no created', `sig=${VALUE.replace('created=1700000000;', '')}`, 'created'],
    ['created in quotes', `sig=${VALUE.replace('created=1700000000', 'created="1700000000"')}`, 'created'],
    ['created with a fraction', `sig=${VALUE.replace('created=1700000000', 'created=1700000000.5')}`, 'signatureInput'],
    ['created before 1970', `sig=${VALUE.replace('created=1700000000', 'created=-1')}`, 'created'],
    ['no expires', `sig=${VALUE.replace('expires=1700000060;', '')}`, 'expires'],
    ['expires before created', `sig=${VALUE.replace('expires=1700000060', 'expires=1699999999')}`, 'expires'],
    ['expires long after created', `sig=${VALUE.replace('expires=1700000060', 'expires=1700000301')}`, 'expires'],
    ['no nonce', `sig=${VALUE.replace('nonce="7";', '')}`, 'nonce'],
    ['an empty nonce', `sig=${VALUE.replace('nonce="7"', 'nonce=""')}`, 'nonce'],
    ['a nonce with a space', `sig=${VALUE.replace('nonce="7"', 'nonce="7 8"')}`, 'nonce'],
    ['a number for a nonce', `sig=${VALUE.replace('nonce="7"', 'nonce=7')}`, 'nonce'],
    ['a key id in capitals', `sig=${VALUE.replace('0a0b', '0A0B')}`, 'keyid'],
    ['a key id too short', `sig=${VALUE.replace('0001', '')}`, 'keyid'],
    ['another algorithm', `sig=${VALUE.replace('"ed25519"', '"rsa-pss-sha512"')}`, 'alg'],
    ['no algorithm', `sig=${VALUE.replace(';alg="ed25519"', '')}`, 'alg'],
    ['another tag', `sig=${VALUE.replace('medguard-device-1', 'medguard-device-2')}`, 'tag'],
    ['no tag', `sig=${VALUE.replace(';tag="medguard-device-1"', '')}`, 'tag'],
    ['a text without end', `sig=${VALUE}${'x'.repeat(2000)}`, 'signatureInput'],
  ])('%s', (_, field, code) => {
    const parsed = parseSignatureInput(field)
    expect(typeof parsed === 'string' ? parsed : checkSignatureInput(parsed, COVERED_WITH_BODY)).toBe(code)
  })

  test('a request without body covers nothing of a body', () => {
    const parsed = parseSignatureInput(signatureMember('sig', VALUE))
    if (typeof parsed === 'string') throw new Error(parsed)
    expect(checkSignatureInput(parsed, COVERED)).toBe('components')
  })
})

describe('a signature', () => {
  const field = signatureMember('sig', new Uint8Array(64).fill(7))
  test.each([
    ['nothing', '', 'signature'],
    ['two', `${field}, ${field.replace('sig', 'two')}`, 'signatures'],
    ['too short', signatureMember('sig', new Uint8Array(63)), 'signature'],
    ['too long', signatureMember('sig', new Uint8Array(72)), 'signature'],
    ['without colons', field.replaceAll(':', ''), 'signature'],
    ['another alphabet', field.replace('BwcH', 'B-_H'), 'signature'],
    ['bits that mean nothing', `sig=:${'A'.repeat(85)}B==:`, 'signature'],
  ])('%s is refused', (_, text, code) => {
    expect(parseSignature(text)).toBe(code)
  })
})

test('base64 is what the platform writes, and nothing else is read', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 80 }), (bytes) => {
      const text = Buffer.from(bytes).toString('base64')
      expect(toBase64(bytes)).toBe(text)
      expect(fromBase64(text)).toEqual(bytes)
    }),
  )
  fc.assert(
    fc.property(
      fc.base64String(),
      fc.nat(100),
      fc.constantFrom('A', 'Q', '=', '+', '-', ' ', '\n'),
      (text, at, put) => {
        const changed = text.slice(0, at) + put + text.slice(at + 1)
        const read = fromBase64(changed)
        if (read !== null) expect(toBase64(read)).toBe(changed)
      },
    ),
  )
})

test('whatever is read of a field is what was sent, and no field makes it throw', () => {
  const piece = fc.constantFrom(
    'sig',
    '=',
    '(',
    ')',
    '"',
    '@method',
    ' ',
    ';',
    ',',
    'created',
    '1',
    '-',
    ':',
    '\\',
    'nonce',
    '*',
  )
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.array(piece, { maxLength: 40 }).map((parts) => parts.join('')),
      ),
      (field) => {
        const parsed = parseSignatureInput(field)
        if (typeof parsed !== 'string') {
          const { label, components, parameters, raw } = parsed
          expect(`${label}=${raw}`).toBe(field)
          const names = components.map((name) => `"${name}"`).join(' ')
          expect(raw.startsWith(`(${names})`)).toBe(true)
          const bare = raw.replaceAll(/"[^"]*"/g, '')
          expect(bare.split(';')).toHaveLength(parameters.size + 1)
        }
        parseSignature(field)
      },
    ),
  )
})

test('an authority has no default port and no capitals', () => {
  expect(authorityOf('RDMX6-jaaaa.icp0.io:443')).toBe('rdmx6-jaaaa.icp0.io')
  expect(authorityOf('127.0.0.1:4943')).toBe('127.0.0.1:4943')
})
