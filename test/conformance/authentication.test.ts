// Who may send a request: interface specification, "Authentication", "Signatures"; cases after the groups "Authentication schemes" and
// "signature checking" of the reference implementation's acceptance tests (dfinity/ic-hs, src/IC/Test/Spec.hs).
import { program, reply, sayCaller, universalWasm } from '@medguard/localnet/universal-canister'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ed25519, p256, p384, secp256k1, type Signer, webAuthn } from './keys.fixture.ts'
import { openReplica, refusalOf, type Replica, replyOf } from './replica.fixture.ts'
import {
  ANONYMOUS,
  anonymous,
  fromHex,
  hashOfMap,
  identityOf,
  nowNs,
  SECOND_NS,
  selfAuthenticating,
  sha256,
} from './request.fixture.ts'

let ic: Replica
let canister: Uint8Array
beforeAll(async () => {
  ic = await openReplica({ verify: 'each' })
  canister = await ic.deploy(universalWasm())
})
afterAll(() => ic.close())

const whoAmI = program(sayCaller, reply)
const SCHEMES: readonly (readonly [string, () => Signer])[] = [
  ['Ed25519', ed25519],
  ['ECDSA on P-256', p256],
  ['ECDSA on secp256k1', secp256k1],
  ['a passkey with ES256', () => webAuthn('ES256')],
  ['a passkey with RS256', () => webAuthn('RS256')],
]

test('the request id of the specification comes out', () => {
  const content = {
    request_type: 'call',
    sender: ANONYMOUS,
    ingress_expiry: 1_685_570_400_000_000_000n,
    canister_id: fromHex('00000000000004d2'),
    method_name: 'hello',
    arg: fromHex('4449444c00fd2a'),
  }
  expect(hashOfMap(content)).toEqual(fromHex('1d1091364d6bb8a6c16b203ee75467d59ead468f523eb058880ae8ec80e2b101'))
})

describe.each(SCHEMES)('%s', (_name, make) => {
  const signer = make()
  const as = identityOf(signer)

  test('signs calls and queries, and the canister sees the principal of the key', async () => {
    expect(replyOf(await ic.update(canister, whoAmI, { as }))).toEqual(selfAuthenticating(signer.publicKeyDer))
    expect(replyOf(await ic.query(canister, whoAmI, { as }))).toEqual(selfAuthenticating(signer.publicKeyDer))
    expect(await ic.readState([['time']], { as })).toHaveProperty('tree')
  })

  test.each<[string, (signature: Uint8Array) => Uint8Array]>([
    ['of something else', () => signer.sign(sha256(new Uint8Array(1)))],
    ['that is empty', () => new Uint8Array(0)],
    ['cut short', (signature) => signature.subarray(1)],
  ])('a signature %s counts for nothing', async (_what, spoil) => {
    const content = ic.callContent(canister, whoAmI, { as })
    const signature = as.seal(content)['sender_sig']
    const change = { sender_sig: spoil(signature instanceof Uint8Array ? signature : new Uint8Array(0)) }
    expect(refusalOf(await ic.submit(content, { as, change }))).toMatch(/^400 Invalid signature/)
    expect(refusalOf(await ic.query(canister, whoAmI, { as, change }))).toMatch(/^400 Invalid signature/)
    expect(refusalOf(await ic.readState([['time']], { as, change }))).toMatch(/^400 Invalid signature/)
  })
})

describe('a sender', () => {
  const signer = ed25519()
  const as = identityOf(signer)

  test('with a key of another curve is refused', async () => {
    expect(refusalOf(await ic.update(canister, whoAmI, { as: identityOf(p384()) }))).toMatch(/^400 /)
  })

  test('with a passkey that registered instead of asserting is refused', async () => {
    const registering = identityOf(webAuthn('ES256', 'webauthn.create'))
    expect(refusalOf(await ic.update(canister, whoAmI, { as: registering }))).toMatch(/^400 Invalid signature/)
  })

  test('cannot sign for another principal', async () => {
    const other = { ...as, principal: selfAuthenticating(ed25519().publicKeyDer) }
    for (const answer of [
      await ic.update(canister, whoAmI, { as: other }),
      await ic.query(canister, whoAmI, { as: other }),
      await ic.readState([['time']], { as: other }),
    ]) {
      expect(refusalOf(answer)).toMatch(/^400 .*does not match/)
    }
  })

  test('with its key changed on the way is refused', async () => {
    const change = { sender_pubkey: ed25519().publicKeyDer }
    expect(refusalOf(await ic.update(canister, whoAmI, { as, change }))).toMatch(/^400 /)
  })

  test.each(['sender_sig', 'sender_pubkey'])('without %s is refused', async (field) => {
    const change = { [field]: undefined }
    expect(refusalOf(await ic.update(canister, whoAmI, { as, change }))).toMatch(/^400 Missing signature/)
    expect(refusalOf(await ic.query(canister, whoAmI, { as, change }))).toMatch(/^400 Missing signature/)
    expect(refusalOf(await ic.readState([['time']], { as, change }))).toMatch(/^400 Missing signature/)
  })

  test('must be named', async () => {
    const fields = { sender: undefined }
    expect(refusalOf(await ic.update(canister, whoAmI, { as: anonymous, fields }))).toMatch(/^400 /)
    expect(refusalOf(await ic.query(canister, whoAmI, { as: anonymous, fields }))).toMatch(/^400 /)
    expect(refusalOf(await ic.readState([['time']], { as: anonymous, fields }))).toMatch(/^400 /)
  })

  test.each([
    ['the management canister', new Uint8Array(0)],
    ['a canister', fromHex('00000000000000010101')],
    ['too long for a principal', new Uint8Array(30).fill(2)],
  ])('cannot be %s', async (_what, principal) => {
    expect(refusalOf(await ic.update(canister, whoAmI, { as: { ...as, principal } }))).toMatch(/^400 /)
    expect(refusalOf(await ic.update(canister, whoAmI, { as: { ...anonymous, principal } }))).toMatch(/^400 /)
  })
})

describe('the anonymous sender', () => {
  test('is seen as such', async () => {
    expect(replyOf(await ic.update(canister, whoAmI, { as: anonymous }))).toEqual(ANONYMOUS)
    expect(replyOf(await ic.query(canister, whoAmI, { as: anonymous }))).toEqual(ANONYMOUS)
  })

  test.each<[string, object]>([
    ['a signature', { sender_sig: new Uint8Array(64) }],
    ['a key', { sender_pubkey: ed25519().publicKeyDer }],
    ['delegations', { sender_delegation: [] }],
  ])('may not bring %s', async (_what, change) => {
    const options = { as: anonymous, change: { ...change } }
    expect(refusalOf(await ic.update(canister, whoAmI, options))).toMatch(/^400 /)
    expect(refusalOf(await ic.query(canister, whoAmI, options))).toMatch(/^400 /)
    expect(refusalOf(await ic.readState([['time']], options))).toMatch(/^400 /)
  })

  test('may ask a query and read the state with any expiry, and call with a fresh one only', async () => {
    for (const ingress_expiry of [0n, 2n ** 64n - 1n]) {
      const options = { as: anonymous, fields: { ingress_expiry } }
      expect(replyOf(await ic.query(canister, whoAmI, options))).toEqual(ANONYMOUS)
      expect(await ic.readState([['time']], options)).toHaveProperty('tree')
      expect(refusalOf(await ic.update(canister, whoAmI, options))).toMatch(/^400 Invalid request expiry: /)
    }
  })
})

describe('the expiry of a request', () => {
  const MINUTE_NS = 60n * SECOND_NS
  test.each<[string, () => bigint]>([
    ['soon', () => nowNs() + 10n * SECOND_NS],
    ['in five minutes', () => nowNs() + 5n * MINUTE_NS],
  ])('%s is taken', async (_when, at) => {
    const fields = { ingress_expiry: at() }
    expect(await ic.update(canister, whoAmI, { fields })).toMatchObject({ kind: 'reply' })
    expect(await ic.query(canister, whoAmI, { fields })).toMatchObject({ kind: 'reply' })
    expect(await ic.readState([['time']], { fields })).toHaveProperty('tree')
  })

  test.each<[string, () => bigint]>([
    ['a minute ago', () => nowNs() - MINUTE_NS],
    ['in ten minutes', () => nowNs() + 10n * MINUTE_NS],
    ['in 1970', () => 0n],
    ['at the end of 64 bits', () => 2n ** 64n - 1n],
  ])('%s is refused in the words that clients look for', async (_when, at) => {
    const fields = { ingress_expiry: at() }
    const words = /^400 Invalid request expiry: Specified ingress_expiry not within expected range: /
    expect(refusalOf(await ic.update(canister, whoAmI, { fields }))).toMatch(words)
    expect(refusalOf(await ic.query(canister, whoAmI, { fields }))).toMatch(words)
    expect(refusalOf(await ic.readState([['time']], { fields }))).toMatch(words)
  })

  test('must be there', async () => {
    const fields = { ingress_expiry: undefined }
    expect(refusalOf(await ic.update(canister, whoAmI, { fields }))).toMatch(/^400 /)
  })
})
