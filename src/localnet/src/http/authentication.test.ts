import { describe, expect, test } from 'vitest'
import { type Cbor, createCertifier, DEVELOPMENT_ROOT_SECRET, encodeTagged, fromHex } from '../certificates/index.ts'
import { authenticate } from './authentication.ts'
import { readCallEnvelope, readReadStateEnvelope } from './envelope.ts'
import { delegate, ed25519, envelope, type Fields, p256, p384, secp256k1 } from './signed-request.fixture.ts'

const NOW_NS = 1_900_000_000_000_000_000n
const WINDOW_NS = 330_000_000_000n
const certifier = createCertifier(DEVELOPMENT_ROOT_SECRET)
const CANISTER = fromHex('00000000000000010101')
const OTHER = fromHex('00000000000000020101')
const CALL: Fields = {
  request_type: 'call',
  ingress_expiry: NOW_NS + 1n,
  canister_id: CANISTER,
  method_name: 'method',
  arg: fromHex('4449444c0000'),
  nonce: new Uint8Array(16),
}
const QUERY: Fields = { ...CALL, request_type: 'query' }

const check = (bytes: Uint8Array, kind: 'call' | 'query' = 'call') =>
  authenticate(readCallEnvelope(bytes, kind), { nowNs: NOW_NS, rootKeyDer: certifier.rootKeyDer })
const later = { expiration: NOW_NS + 1n }

describe('who may send', () => {
  test.each([
    ['Ed25519', ed25519],
    ['P-256', p256],
    ['secp256k1', secp256k1],
  ])('a request signed with %s is taken, and not when a bit of it changed', (_name, make) => {
    const signer = make()
    expect(check(envelope(CALL, signer))).toBeNull()
    const wrong = signer.sign(new Uint8Array(3))
    expect(() => check(envelope(CALL, signer, { change: { sender_sig: wrong } }))).toThrow('Invalid signature')
    const short = { change: { sender_sig: wrong.subarray(1) } }
    expect(() => check(envelope(CALL, signer, short))).toThrow('Invalid signature')
  })

  test('keys of other schemes are refused by name', () => {
    expect(() => check(envelope(CALL, p384()))).toThrow('unsupported public key')
  })

  test('a signature needs the sender to be the principal of the key', () => {
    const signer = ed25519()
    const someoneElse = { ...CALL, sender: fromHex('aa'.repeat(28) + '02') }
    expect(() => check(envelope(someoneElse, signer))).toThrow('does not match the public key')
  })

  test('nobody but the anonymous sender goes without a signature, and the anonymous sender has none', () => {
    expect(check(envelope(CALL, null))).toBeNull()
    const signer = ed25519()
    expect(() => check(envelope({ ...CALL, sender: Uint8Array.of(4) }, signer))).toThrow(
      'not allowed for the anonymous',
    )
    expect(() => check(envelope(CALL, null, { chain: [] }))).toThrow('not allowed for the anonymous')
    expect(() => check(envelope(CALL, signer, { change: { sender_sig: null } }))).toThrow('Missing signature')
    expect(() => check(envelope(CALL, signer, { change: { sender_pubkey: null } }))).toThrow('Missing signature')
  })
})

describe('when a request may be sent', () => {
  const signer = ed25519()
  const at = (expiry: bigint) => envelope({ ...CALL, ingress_expiry: expiry }, signer)
  test.each([NOW_NS, NOW_NS + WINDOW_NS])('expiry %d is inside the window', (expiry) => {
    expect(check(at(expiry))).toBeNull()
  })
  test.each([NOW_NS - 1n, NOW_NS + WINDOW_NS + 1n, 0n, 2n ** 64n - 1n])('expiry %d is outside', (expiry) => {
    expect(() => check(at(expiry))).toThrow(
      /^Invalid request expiry: Specified ingress_expiry not within expected range: Minimum allowed expiry: 2030-/,
    )
  })
  test('an anonymous query may be of any time, an anonymous call may not', () => {
    expect(check(envelope({ ...QUERY, ingress_expiry: 0n }, null), 'query')).toBeNull()
    expect(() => check(envelope({ ...CALL, ingress_expiry: 0n }, null))).toThrow('Invalid request expiry')
  })
})

describe('chains of delegations', () => {
  const [root, middle, session] = [ed25519(), p256(), ed25519()]
  const through = (first: Fields, second: Fields, content = CALL) =>
    envelope(content, session, { root, chain: [delegate(root, middle, first), delegate(middle, session, second)] })

  test('a chain is followed from the sender to the key that signed', () => {
    expect(check(through(later, later))).toBeNull()
    const skipped = envelope(CALL, session, { root, chain: [delegate(middle, session, later)] })
    expect(() => check(skipped)).toThrow('Invalid delegation: signature verification failed')
    const unfinished = envelope(CALL, session, { root, chain: [delegate(root, middle, later)] })
    expect(() => check(unfinished)).toThrow('Invalid signature')
  })

  test('one that has expired ends the chain', () => {
    expect(() => check(through({ expiration: NOW_NS - 1n }, later))).toThrow('Invalid delegation expiry')
    expect(() => check(through(later, { expiration: NOW_NS - 1n }))).toThrow('Invalid delegation expiry')
    expect(check(through({ expiration: NOW_NS }, later))).toBeNull()
  })

  test('only targets named by all of them remain', () => {
    expect(check(through({ ...later, targets: [CANISTER, OTHER] }, { ...later, targets: [CANISTER] }))?.size).toBe(1)
    expect(() => check(through({ ...later, targets: [OTHER] }, { ...later, targets: [CANISTER] }))).toThrow(
      'is not one of the delegation targets',
    )
    expect(() => check(through({ ...later, targets: [] }, later))).toThrow('is not one of the delegation targets')
  })

  test('a permission for queries is none for calls', () => {
    const queries = { ...later, permissions: 'queries' }
    expect(() => check(through(queries, later))).toThrow('allow queries only')
    expect(check(through(queries, later, QUERY), 'query')).toBeNull()
    expect(check(through({ ...later, permissions: 'all' }, later))).toBeNull()
  })

  test('a field that nobody enforces is refused, not overlooked', () => {
    expect(() => check(through({ ...later, max_amount: 5 }, later))).toThrow('unknown field "max_amount"')
    expect(() => check(through({ ...later, permissions: 'most' }, later))).toThrow('permissions must be')
  })

  test('a key may not come twice, and a chain has an end', () => {
    const circle = envelope(CALL, root, { root, chain: [delegate(root, middle, later), delegate(middle, root, later)] })
    expect(() => check(circle)).toThrow('appears twice')
    const long = Array.from({ length: 21 }, () => delegate(root, middle, later))
    expect(() => check(envelope(CALL, middle, { root, chain: long }))).toThrow('more than 20')
  })
})

describe('shapes of requests', () => {
  test.each<[string, Fields, string]>([
    ['another type than the address', { request_type: 'query' }, 'request_type'],
    ['no canister', { canister_id: null }, 'canister_id must be bytes'],
    ['a canister id that is too long', { canister_id: new Uint8Array(30) }, 'at most 29'],
    ['a method that is no text', { method_name: 7 }, 'method_name must be text'],
    ['a nonce that is too long', { nonce: new Uint8Array(33) }, 'nonce'],
    ['an expiry beyond 64 bits', { ingress_expiry: -1 }, '64 bits'],
    ['a sender_info that is no map', { sender_info: 7 }, 'sender_info must be a map'],
    ['a sender_info without a signer', { sender_info: new Map([['info', new Uint8Array()]]) }, 'signer must be bytes'],
    ['a value that has no hash', { extra: true }, 'Could not hash'],
  ])('%s is refused', (_what, fields, words) => {
    const content = new Map<string, Cbor>(Object.entries({ sender: Uint8Array.of(4), ...CALL, ...fields }))
    expect(() => readCallEnvelope(encodeTagged(new Map([['content', content]])), 'call')).toThrow(words)
  })

  test.each([encodeTagged([]), encodeTagged(new Map([['content', 1]])), fromHex('00ff'), new Uint8Array()])(
    'a body that is no envelope is refused',
    (bytes) => {
      expect(() => readCallEnvelope(bytes, 'call')).toThrow(/CBOR|envelope|content/)
    },
  )

  test('fields that are not known count in the request id', () => {
    const plain = readCallEnvelope(envelope(CALL, null), 'call').requestId
    expect(readCallEnvelope(envelope({ ...CALL, extra: 'x' }, null), 'call').requestId).not.toEqual(plain)
    expect(readCallEnvelope(envelope({ ...CALL, extra: null }, null), 'call').requestId).toEqual(plain)
  })

  test.each<[string, Cbor]>([
    ['too many paths', Array.from({ length: 1001 }, () => [])],
    ['too many labels', [Array.from({ length: 128 }, () => new Uint8Array())]],
    ['a label that is text', [['time']]],
  ])('%s in a read of the state are refused', (_what, paths) => {
    const bytes = envelope({ request_type: 'read_state', ingress_expiry: NOW_NS, paths }, null)
    expect(() => readReadStateEnvelope(bytes)).toThrow(/paths|label/)
  })
})
