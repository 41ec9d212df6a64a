import { createPublicKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import { encodeArg, signatureBase } from '@medguard/protocol'
import { beforeAll, describe, expect, test } from 'vitest'
import { buildCanister } from '../../scripts/build-canisters.ts'
import { CURVE, curvesService } from '../canisters/curves-service.ts'
import { openSmallNet } from '../canisters/small-net.fixture.ts'

// Signatures of devices, checked by a module as a network runs it: rightly, and at what cost, from the first one after an installation on.

type Curve = (typeof CURVE)[keyof typeof CURVE]
/** Of one check, in millions of instructions. */
const CEILING: Readonly<Record<Curve, number>> = { [CURVE.ed25519]: 18, [CURVE.p256]: 25 }

const net = openSmallNet()
const id = net.create()
let wasm: Uint8Array
beforeAll(async () => {
  wasm = (await buildCanister('curves', { entry: 'test/canisters/curves.ts' })).wasm
  net.install(id, wasm)
}, 60_000)

interface Signed {
  readonly curve: Curve
  readonly key: Uint8Array
  readonly message: Uint8Array
  readonly signature: Uint8Array
}
function check(signed: Signed): { readonly isRight: boolean; readonly millions: number } {
  const { reply, instructions } = net.call(id, 'verify', encodeArg(curvesService.verify, signed))
  return { isRight: reply.at(-1) === 1, millions: Number(instructions) / 1e6 }
}

/** RFC 9421, appendix B.2.6 and B.2.4, with the keys of B.1. */
const PUBLISHED: readonly (Signed & { readonly name: string })[] = [
  {
    name: 'B.2.6, Ed25519',
    curve: CURVE.ed25519,
    key: keyBytes(
      createPublicKey(
        '-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEAJrQLj5P/89iXES9+vFgrIy29clF9CC/oPPsw3c5D0bs=\n-----END PUBLIC KEY-----',
      ),
    ),
    message: Buffer.from(
      signatureBase(
        [
          ['date', 'Tue, 20 Apr 2021 02:07:55 GMT'],
          ['@method', 'POST'],
          ['@path', '/foo'],
          ['@authority', 'example.com'],
          ['content-type', 'application/json'],
          ['content-length', '18'],
        ],
        '("date" "@method" "@path" "@authority" "content-type" "content-length");created=1618884473;keyid="test-key-ed25519"',
      ),
    ),
    signature: Buffer.from(
      'wqcAqbmYJ2ji2glfAMaRy4gruYYnx2nEFN2HN6jrnDnQCK1u02Gb04v9EDgwUPiu4A0w6vuQv5lIp5WPpBKRCw==',
      'base64',
    ),
  },
  {
    name: 'B.2.4, ECDSA over P-256',
    curve: CURVE.p256,
    key: keyBytes(
      createPublicKey(
        '-----BEGIN PUBLIC KEY-----\nMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEqIVYZVLCrPZHGHjP17CTW0/+D9Lf\nw0EkjqF7xB4FivAxzic30tMM4GF+hR6Dxh71Z50VGGdldkkDXZCnTNnoXQ==\n-----END PUBLIC KEY-----',
      ),
    ),
    message: Buffer.from(
      signatureBase(
        [
          ['@status', '200'],
          ['content-type', 'application/json'],
          [
            'content-digest',
            'sha-512=:mEWXIS7MaLRuGgxOBdODa3xqM1XdEvxoYhvlCFJ41QJgJc4GTsPp29l5oGX69wWdXymyU0rjJuahq4l5aGgfLQ==:',
          ],
          ['content-length', '23'],
        ],
        '("@status" "content-type" "content-digest" "content-length");created=1618884473;keyid="test-key-ecc-p256"',
      ),
    ),
    signature: Buffer.from(
      'wNmSUAhwb5LxtOtOpNa6W5xj067m5hFrj0XQ4fvpaCLx0NKocgPquLgyahnzDnDAUy5eCdlYUEkLIj+32oiasw==',
      'base64',
    ),
  },
]

test('every published signature is right, the first after an installation at no higher price', () => {
  for (const signed of PUBLISHED) {
    net.install(id, wasm, 'reinstall')
    const { isRight, millions } = check(signed)
    expect(isRight, signed.name).toBe(true)
    expect(millions, signed.name).toBeLessThan(CEILING[signed.curve])
  }
  net.install(id, wasm, 'upgrade')
  for (const signed of PUBLISHED) expect(check(signed).millions, signed.name).toBeLessThan(CEILING[signed.curve])
})

describe.each([
  ['Ed25519', CURVE.ed25519],
  ['P-256', CURVE.p256],
] as const)('a signature with %s', (_, curve) => {
  const { publicKey, privateKey } =
    curve === CURVE.ed25519 ? generateKeyPairSync('ed25519') : generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const message = Buffer.from('"@method": POST\n"@signature-params": ();created=1')
  const signature = new Uint8Array(
    sign(curve === CURVE.ed25519 ? null : 'sha256', message, { key: privateKey, dsaEncoding: 'ieee-p1363' }),
  )
  const right: Signed = { curve, key: keyBytes(publicKey), message, signature }
  const flipped = (bytes: Uint8Array, at: number) => bytes.map((byte, i) => (i === at ? byte ^ 1 : byte))

  test('made by somebody else is read', () => {
    expect(check(right).isRight).toBe(true)
  })

  test.each([
    ['a bit of its first half changed', { signature: flipped(signature, 3) }],
    ['a bit of its second half changed', { signature: flipped(signature, 40) }],
    ['another message', { message: Buffer.from(`${message.toString()} `) }],
    ['nothing signed', { message: new Uint8Array(0) }],
    ['another key', { key: flipped(right.key, right.key.length - 1) }],
    ['zeros', { signature: new Uint8Array(64) }],
    ['ones', { signature: new Uint8Array(64).fill(255) }],
    ['a byte too few', { signature: signature.subarray(1) }],
    ['no signature', { signature: new Uint8Array(0) }],
    ['no key', { key: new Uint8Array(0) }],
    ['a key of zeros', { key: new Uint8Array(right.key.length) }],
    ['the other curve', { curve: curve === CURVE.ed25519 ? CURVE.p256 : CURVE.ed25519 }],
  ])('is refused with %s, at no higher price', (_what, change) => {
    const { isRight, millions } = check({ ...right, ...change })
    expect(isRight).toBe(false)
    expect(millions).toBeLessThan(CEILING[curve])
  })
})

test('a key of small order signs nothing: with it one signature would be right for everything', () => {
  const neutral = new Uint8Array(32)
  neutral[0] = 1
  const signature = new Uint8Array(64)
  signature[0] = 1
  expect(check({ curve: CURVE.ed25519, key: neutral, message: Buffer.from('any'), signature }).isRight).toBe(false)
})

/** As devices are registered: the raw key of Ed25519, the uncompressed point of P-256. */
function keyBytes(key: KeyObject): Uint8Array {
  const spki = new Uint8Array(key.export({ type: 'spki', format: 'der' }))
  return spki.subarray(key.asymmetricKeyType === 'ed25519' ? -32 : -65)
}
