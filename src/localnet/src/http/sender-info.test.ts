// What a canister says about a user for whom it signs: Internet Identity tells of attributes that way.
import { describe, expect, test } from 'vitest'
import {
  buildTree,
  type Cbor,
  concat,
  createCertifier,
  DEVELOPMENT_ROOT_SECRET,
  domainSeparator,
  encodeTagged,
  fromHex,
  rootHash,
  sha256,
  utf8,
} from '../certificates/index.ts'
import { authenticate } from './authentication.ts'
import { canisterKey } from './canister-signature.ts'
import { readCallEnvelope } from './envelope.ts'
import { delegate, ed25519, envelope, type Fields, type Signer } from './signed-request.fixture.ts'
import { OID_CANISTER, wrapKey } from './wrapped-key.ts'

const NOW_NS = 1_900_000_000_000_000_000n
const certifier = createCertifier(DEVELOPMENT_ROOT_SECRET)
const PROVIDER = fromHex('00000000000000010101')
const OTHER = fromHex('00000000000000020101')
const CALL: Fields = {
  request_type: 'call',
  ingress_expiry: NOW_NS + 1n,
  canister_id: fromHex('00000000000000030101'),
  method_name: 'method',
  arg: new Uint8Array(),
}

/** A canister that signs whatever it is given, by certifying it. */
function canisterSigner(canisterId: Uint8Array, seed = utf8('seed')): Signer {
  return {
    publicKeyDer: wrapKey(OID_CANISTER, canisterKey(canisterId, seed)),
    sign: (message) => {
      const tree = buildTree([{ path: [utf8('sig'), sha256(seed), sha256(message)], value: new Uint8Array() }])
      const certificate = certifier.certifyData({
        canisterId,
        certifiedData: rootHash(tree),
        timeNs: NOW_NS,
        rangesForm: 'flat',
      })
      return encodeTagged({ certificate, tree })
    },
  }
}
const info = utf8('an attribute')
const told = (signer: Signer, by: Uint8Array, data = info, signed = data): Fields => ({
  ...CALL,
  sender_info: new Map<string, Cbor>([
    ['info', data],
    ['signer', by],
    ['sig', signer.sign(concat(domainSeparator('ic-sender-info'), signed))],
  ]),
})
const read = (bytes: Uint8Array) => {
  const request = readCallEnvelope(bytes, 'call')
  authenticate(request, { nowNs: NOW_NS, rootKeyDer: certifier.rootKeyDer })
  return request.content.senderInfo
}

describe('what is said about a sender', () => {
  const provider = canisterSigner(PROVIDER)
  const session = ed25519()
  const chain = [delegate(provider, session, { expiration: NOW_NS + 1n })]
  const through = (content: Fields, root = provider) => envelope(content, session, { root, chain })

  test('by the canister that signs for them is taken, also where a session key signs the request', () => {
    expect(read(through(told(provider, PROVIDER)))).toMatchObject({ info, signer: PROVIDER })
    expect(read(envelope(told(provider, PROVIDER), provider))).toMatchObject({ info })
    expect(read(through(CALL))).toBeNull()
  })

  test('by another canister, with another key of it, or other than it said, is not', () => {
    expect(() => read(through(told(canisterSigner(OTHER), OTHER)))).toThrow('is not the canister of the sender')
    expect(() => read(through(told(canisterSigner(OTHER), PROVIDER)))).toThrow('Invalid sender info')
    expect(() => read(through(told(canisterSigner(PROVIDER, utf8('other')), PROVIDER)))).toThrow('Invalid sender info')
    expect(() => read(through(told(provider, PROVIDER, utf8('more'), info)))).toThrow('Invalid sender info')
  })

  test('for whom no canister signs, is not', () => {
    const user = ed25519()
    expect(() => read(envelope(told(provider, PROVIDER), user))).toThrow('no key of a canister')
    expect(() => read(envelope(told(provider, PROVIDER), null))).toThrow('anonymous user')
  })
})
