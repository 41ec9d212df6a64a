// Passkeys and canisters as signers, built here by hand from the interface specification.
import { createPublicKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import { encode } from 'cborg'
import { Principal } from '@dfinity/principal'
import { describe, expect, test } from 'vitest'
import {
  buildTree,
  type Cbor,
  type CborMap,
  type Certifier,
  createCertifier,
  createNetworkKeys,
  decodeUntrusted,
  DEVELOPMENT_ROOT_SECRET,
  encodeTagged,
  fromHex,
  plain,
  rootHash,
  sha256,
  utf8,
} from '../certificates/index.ts'
import type { RangesForm } from '../contracts.ts'
import { planSubnets } from '../subnets/index.ts'
import { canisterKey } from './canister-signature.ts'
import { signatureProblem } from './signature-schemes.ts'
import { OID_CANISTER, OID_WEBAUTHN, unwrapKey, wrapKey } from './wrapped-key.ts'

const certifier = createCertifier(DEVELOPMENT_ROOT_SECRET)
const message = utf8('\nic-request and a request id')
const problem = (key: Uint8Array, text: Uint8Array, signature: Uint8Array, rootKeyDer = certifier.rootKeyDer) =>
  signatureProblem(key, text, signature, rootKeyDer)

describe('passkeys', () => {
  function coseOf(key: KeyObject): Uint8Array {
    const { kty, x, y, n, e } = createPublicKey(key).export({ format: 'jwk' })
    const bytes = (text = '') => new Uint8Array(Buffer.from(text, 'base64url'))
    const map: [number, unknown][] =
      kty === 'EC'
        ? [
            [1, 2],
            [3, -7],
            [-1, 1],
            [-2, bytes(x)],
            [-3, bytes(y)],
          ]
        : [
            [1, 3],
            [3, -257],
            [-1, bytes(n)],
            [-2, bytes(e)],
          ]
    return encode(new Map(map))
  }

  function assertion(key: KeyObject, challenge: Uint8Array, type = 'webauthn.get'): Uint8Array {
    const authenticatorData = new Uint8Array(37).fill(5)
    const clientData = JSON.stringify({
      type,
      challenge: Buffer.from(challenge).toString('base64url'),
      origin: 'http://x',
    })
    const signature = plain(sign('sha256', Buffer.concat([authenticatorData, sha256(utf8(clientData))]), key))
    return encodeTagged({ authenticator_data: authenticatorData, client_data_json: clientData, signature })
  }

  test.each([
    ['ES256', () => generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey],
    ['RS256', () => generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey],
  ])('an assertion of an %s key counts for what it was asked, and for nothing else', (_name, make) => {
    const key = make()
    const der = wrapKey(OID_WEBAUTHN, coseOf(key))
    expect(problem(der, message, assertion(key, message))).toBeNull()
    expect(problem(der, message, assertion(key, utf8('other')))).toBe('the passkey signed something else')
    expect(problem(der, message, assertion(key, message, 'webauthn.create'))).toContain('not of an assertion')
    expect(problem(der, message, assertion(make(), message))).toBe('signature verification failed')
    expect(problem(der, message, encodeTagged([]))).toContain('must be a map')
    expect(problem(der, message, new Uint8Array(64))).toContain('malformed')
  })

  test('a key of another kind or written in another way is none', () => {
    const key = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey
    const der = wrapKey(OID_WEBAUTHN, coseOf(key))
    expect(unwrapKey(OID_CANISTER, der)).toBeNull()
    expect(problem(fromHex('308100'), message, new Uint8Array(64))).toContain('unsupported')
    const okp = wrapKey(
      OID_WEBAUTHN,
      encode(
        new Map([
          [1, 1],
          [3, -8],
        ]),
      ),
    )
    expect(problem(okp, message, assertion(key, message))).toContain('ES256 or RS256')
  })
})

describe('canisters', () => {
  const canisterId = fromHex('00000000000000010101')
  const seed = utf8('seed')
  const der = wrapKey(OID_CANISTER, canisterKey(canisterId, seed))

  interface Signed {
    readonly by?: Certifier
    readonly id?: Uint8Array
    readonly change?: object
    readonly rangesForm?: RangesForm
  }
  function signed(
    text: Uint8Array,
    { by = certifier, id = canisterId, change = {}, rangesForm = 'flat' }: Signed = {},
  ) {
    const tree = buildTree([{ path: [utf8('sig'), sha256(seed), sha256(text)], value: new Uint8Array() }])
    const certificate = by.certifyData({ canisterId: id, certifiedData: rootHash(tree), timeNs: 1n, rangesForm })
    return encodeTagged({ certificate, tree, ...change })
  }

  test('what a canister certified is its signature, and asking again costs no more', () => {
    const signature = signed(message)
    expect(problem(der, message, signature)).toBeNull()
    expect(problem(der, message, signature)).toBeNull()
  })

  test('another message, canister, seed, network or tree is not', () => {
    expect(problem(der, utf8('other'), signed(message))).toBe('the canister did not sign this')
    const other = fromHex('00000000000000020101')
    expect(problem(der, message, signed(message, { id: other }))).toBe('the canister did not certify this tree')
    const otherSeed = wrapKey(OID_CANISTER, canisterKey(canisterId, utf8('another')))
    expect(problem(otherSeed, message, signed(message))).toBe('the canister did not sign this')
    const foreign = createCertifier(new Uint8Array(32).fill(9))
    expect(problem(der, message, signed(message, { by: foreign }))).toBe(
      'the certificate is not signed by this network',
    )
    const swapped = { tree: buildTree([{ path: [utf8('sig')], value: utf8('x') }]) }
    expect(problem(der, message, signed(message, { change: swapped }))).toBe('the canister did not certify this tree')
    expect(problem(der, message, signed(message, { change: { certificate: 7 } }))).toBe(
      'certificate or tree is missing',
    )
    expect(problem(der, message, new Uint8Array(64))).toContain('malformed')
  })
  describe('on another subnet than the root subnet', () => {
    const text = (id: Uint8Array) => Principal.fromUint8Array(id).toText()
    const here = fromHex('00000000000000020101')
    const there = fromHex('00000000000000030101')
    const [root, own, other] = createNetworkKeys(
      planSubnets([here, there].map((id) => ({ kind: 'application', canisterRanges: [[text(id), text(id)]] }))),
    )
    if (own === undefined || other === undefined) throw new Error('two subnets were planned')
    const key = wrapKey(OID_CANISTER, canisterKey(here, seed))
    const mine = own.certifier
    const theirs = other.certifier

    /** Certificate and delegation of a signature as maps, to be changed. */
    function parts(by: Certifier) {
      const signature = decodeUntrusted(signed(message, { by, id: here })) as CborMap
      const certificate = decodeUntrusted(signature.get('certificate') as Uint8Array) as CborMap
      const delegation = certificate.get('delegation') as CborMap
      const outer = decodeUntrusted(delegation.get('certificate') as Uint8Array) as CborMap
      return { certificate, delegation, outer }
    }
    const withCertificate = (certificate: Cbor) =>
      signed(message, { by: mine, id: here, change: { certificate: encodeTagged(certificate) } })
    const withDelegation = (outer: Cbor) => {
      const { certificate, delegation } = parts(mine)
      return withCertificate(
        new Map([...certificate, ['delegation', new Map([...delegation, ['certificate', encodeTagged(outer)]])]]),
      )
    }

    test.each(['flat', 'sharded'] as const)('they sign with a delegation whose ranges are %s', (rangesForm) => {
      expect(problem(key, message, signed(message, { by: mine, id: here, rangesForm }))).toBeNull()
    })

    test('they sign for no canister of another subnet', () => {
      const wrong = 'the delegation is to a subnet without this canister'
      expect(problem(key, message, signed(message, { by: theirs, id: here }))).toBe(wrong)
      expect(problem(key, message, signed(message, { by: mine, id: here, rangesForm: 'none' }))).toBe(wrong)
      expect(problem(der, message, signed(message, { by: mine }))).toBe(wrong)
      expect(problem(key, message, signed(message, { by: root.certifier, id: here }))).toBeNull()
    })

    test('a certificate that the delegated key has not signed counts for nothing', () => {
      const { certificate, delegation, outer } = parts(mine)
      expect(problem(key, message, withCertificate(certificate))).toBeNull()
      const foreign = parts(theirs)
      const signature: [string, Cbor] = ['signature', foreign.certificate.get('signature') ?? null]
      expect(problem(key, message, withCertificate(new Map([...certificate, signature])))).toBe(
        'the certificate is not signed by this network',
      )
      const bare = new Map([...certificate].filter(([name]) => name !== 'delegation'))
      expect(problem(key, message, withCertificate(bare))).toBe('the certificate is not signed by this network')
      expect(problem(key, message, withDelegation(outer))).toBeNull()
      expect(problem(key, message, withDelegation(new Map([...outer, ['delegation', delegation]])))).toBe(
        'the delegation is itself delegated',
      )
      expect(problem(key, message, withDelegation(new Map([...outer, signature])))).toBe(
        'the delegation is not signed by this network',
      )
      expect(problem(key, message, withDelegation(new Map([['tree', outer.get('tree') ?? null]])))).toContain(
        'malformed',
      )
      const named = new Map([...certificate, ['delegation', new Map([...delegation, ['subnet_id', there]])]] as const)
      expect(problem(key, message, withCertificate(named))).toBe('the delegation names no key')
    })
  })
})
