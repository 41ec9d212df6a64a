// Canisters as signers: interface specification, "Canister signatures"; cases after the group of that name in the reference
// implementation's acceptance tests (dfinity/ic-hs, src/IC/Test/Spec.hs).
import {
  call,
  certify,
  clear,
  invoke,
  program,
  reply,
  say,
  sayArgument,
  sayBytes,
  sayCaller,
  sayCertificate,
  universalWasm,
} from '@medguard/localnet/universal-canister'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readTree, rootHash } from './certificate.fixture.ts'
import { canisterKey, ed25519 } from './keys.fixture.ts'
import { numberOf, openReplica, refusalOf, type Replica, replyOf } from './replica.fixture.ts'
import {
  anonymous,
  concat,
  type Fields,
  fromCbor,
  hashOfMap,
  type Identity,
  identityOf,
  nowNs,
  SECOND_NS,
  selfAuthenticating,
  separator,
  sha256,
  toCbor,
  utf8,
  type Value,
} from './request.fixture.ts'

let ic: Replica
/** Signs by certifying. */
let signing: Uint8Array
let canister: Uint8Array
beforeAll(async () => {
  ic = await openReplica()
  signing = await ic.deploy(universalWasm())
  canister = await ic.deploy(universalWasm())
})
afterAll(() => ic.close())

const whoAmI = program(sayCaller, reply)
const seed = utf8('a seed')

const signatureTree = (message: Uint8Array, of = seed): Value => [
  2,
  utf8('sig'),
  [2, sha256(of), [2, sha256(message), [3, new Uint8Array(0)]]],
]

/** The certificate of what the signing canister has certified. */
async function certificateFor(tree: Value): Promise<Uint8Array> {
  replyOf(await ic.update(signing, program(say(rootHash(readTree(tree))), certify, reply)))
  const [present, ...certificate] = replyOf(await ic.query(signing, program(sayCertificate, reply)))
  expect(present).toBe(1)
  return Uint8Array.from(certificate)
}

async function sign(message: Uint8Array, of = seed): Promise<Uint8Array> {
  const tree = signatureTree(message, of)
  return toCbor({ certificate: await certificateFor(tree), tree })
}
const requestBytes = (content: Fields): Uint8Array => concat(separator('ic-request'), hashOfMap(content))
const senderOf = (key: Uint8Array): Identity => ({ principal: selfAuthenticating(key), seal: () => ({}) })

/** Sends a query and a call, each with the signature that `signature` makes of it. */
async function answersWith(key: Uint8Array, signature: (content: Fields) => Promise<Uint8Array>) {
  const as = senderOf(key)
  const call = ic.callContent(canister, whoAmI, { as })
  const query = { ...call, request_type: 'query', method_name: 'ask' }
  const sealed = async (content: Fields) => ({ sender_pubkey: key, sender_sig: await signature(content) })
  return [
    await ic.submit(call, { as, change: await sealed(call) }),
    await ic.query(canister, whoAmI, { as, fields: query, change: await sealed(query) }),
  ]
}

describe('a canister signs requests', () => {
  test.each([
    ['a seed', utf8('a seed')],
    ['no seed', new Uint8Array(0)],
    ['a long seed', new Uint8Array(300).fill(5)],
  ])('with %s', async (_what, of) => {
    const key = canisterKey(signing, of)
    for (const answer of await answersWith(key, (content) => sign(requestBytes(content), of))) {
      expect(replyOf(answer)).toEqual(selfAuthenticating(key))
    }
  })

  test.each<[string, (content: Fields) => Promise<Uint8Array>]>([
    ['of another request', () => sign(utf8('another'))],
    ['under another seed', (content) => sign(requestBytes(content), utf8('other'))],
    [
      'whose tree is not the certified one',
      async (content) =>
        toCbor({
          certificate: await certificateFor(signatureTree(utf8('x'))),
          tree: signatureTree(requestBytes(content)),
        }),
    ],
    [
      'whose certificate was changed',
      async (content) => {
        const fields = fromCbor(await sign(requestBytes(content)))
        if (!(fields instanceof Map)) throw new Error('a signature is a map')
        const certificate = new Uint8Array(fields.get('certificate') as Uint8Array)
        certificate.set([(certificate.at(-1) ?? 0) ^ 1], certificate.length - 1)
        return toCbor({ certificate, tree: signatureTree(requestBytes(content)) })
      },
    ],
    ['that is no CBOR', async () => new Uint8Array(100)],
    ['that is empty', async () => new Uint8Array(0)],
  ])('but not with a signature %s', async (_what, signature) => {
    for (const answer of await answersWith(canisterKey(signing, seed), signature)) {
      expect(refusalOf(answer)).toMatch(/^400 Invalid signature/)
    }
  })

  test('but not for another canister', async () => {
    const answers = await answersWith(canisterKey(canister, seed), (content) => sign(requestBytes(content)))
    for (const answer of answers) expect(refusalOf(answer)).toMatch(/^400 Invalid signature/)
  })
})

describe('a canister delegates', () => {
  const delegated = async (change: Fields = {}) => {
    const session = ed25519()
    const delegation = { pubkey: session.publicKeyDer, expiration: nowNs() + 3600n * SECOND_NS, ...change }
    const signature = await sign(concat(separator('ic-request-auth-delegation'), hashOfMap(delegation)))
    const root = { publicKeyDer: canisterKey(signing, seed), sign: () => new Uint8Array(0) }
    return identityOf(session, { root, chain: [{ delegation, signature }] })
  }

  test('to a session key, as Internet Identity does', async () => {
    const as = await delegated({ targets: [canister] })
    expect(replyOf(await ic.update(canister, whoAmI, { as }))).toEqual(as.principal)
    expect(replyOf(await ic.query(canister, whoAmI, { as }))).toEqual(as.principal)
    expect(refusalOf(await ic.update(signing, whoAmI, { as }))).toMatch(/^400 /)
  })

  test('until it expires', async () => {
    const as = await delegated({ expiration: nowNs() - 1n })
    expect(refusalOf(await ic.update(canister, whoAmI, { as }))).toMatch(/^400 Invalid delegation/)
  })

  test('and may be delegated to: the last link is a canister', async () => {
    const root = ed25519()
    const key = canisterKey(signing, seed)
    const delegation = { pubkey: key, expiration: nowNs() + 3600n * SECOND_NS }
    const signature = root.sign(concat(separator('ic-request-auth-delegation'), hashOfMap(delegation)))
    const as = { principal: selfAuthenticating(root.publicKeyDer), seal: () => ({}) }
    const content = ic.callContent(canister, whoAmI, { as })
    const change = {
      sender_pubkey: root.publicKeyDer,
      sender_sig: await sign(requestBytes(content)),
      sender_delegation: [{ delegation, signature }],
    }
    expect(replyOf(await ic.submit(content, { as, change }))).toEqual(as.principal)
  })
})

describe('what a canister says about a sender', () => {
  const info = utf8('over eighteen')
  const key = () => canisterKey(signing, seed)
  const signedInfo = async (change: Fields = {}): Promise<Fields> => ({
    info,
    signer: signing,
    sig: await sign(concat(separator('ic-sender-info'), info)),
    ...change,
  })
  const sayInfo = program(
    invoke('msg_caller_info_data_copy', 1024, 0, info.length),
    invoke('msg_caller_info_signer_copy', 1100, 0, 10),
    clear,
    sayBytes(1024, info.length),
    sayBytes(1100, 10),
    invoke('msg_caller_info_data_size'),
    invoke('msg_caller_info_signer_size'),
    reply,
  )
  const NOTHING_SAID = [0, 0]
  const saySizes = program(clear, invoke('msg_caller_info_data_size'), invoke('msg_caller_info_signer_size'), reply)
  /** A call and a query of the canister-signed sender, with this about them. */
  async function answersAbout(sender_info: Fields | undefined, arg: Uint8Array) {
    const as = senderOf(key())
    const call = ic.callContent(canister, arg, { as, fields: { sender_info } })
    const query = { ...call, request_type: 'query', method_name: 'ask' }
    const sealed = async (content: Fields) => ({ sender_pubkey: key(), sender_sig: await sign(requestBytes(content)) })
    return [
      await ic.submit(call, { as, change: await sealed(call) }),
      await ic.query(canister, arg, { as, fields: query, change: await sealed(query) }),
    ]
  }

  test('reaches the canister that is called, with the name of who said it', async () => {
    for (const answer of await answersAbout(await signedInfo(), sayInfo)) {
      const bytes = replyOf(answer)
      expect(bytes.subarray(0, info.length)).toEqual(info)
      expect(bytes.subarray(info.length, info.length + 10)).toEqual(signing)
      expect(numberOf(answer, info.length + 10)).toBe(info.length)
      expect(numberOf(answer, info.length + 14)).toBe(10)
    }
  })

  test('is nothing where nothing was said, and nothing in what that canister calls', async () => {
    for (const answer of await answersAbout(undefined, saySizes)) {
      expect([numberOf(answer), numberOf(answer, 4)]).toEqual(NOTHING_SAID)
    }
    const through = call({ callee: signing, payload: saySizes, onReply: program(sayArgument, reply) })
    const [answer] = await answersAbout(await signedInfo(), through)
    if (answer === undefined) throw new Error('no answer')
    expect([numberOf(answer), numberOf(answer, 4)]).toEqual(NOTHING_SAID)
  })

  test.each<[string, () => Promise<Fields>]>([
    ['of something else', () => signedInfo({ info: utf8('over eighty') })],
    ['by another canister', () => signedInfo({ signer: canister })],
    ['without a signature', () => signedInfo({ sig: undefined })],
    ['without its signer', () => signedInfo({ signer: undefined })],
    ['with a signature of nothing', () => signedInfo({ sig: new Uint8Array(0) })],
  ])('is refused: %s', async (_what, make) => {
    for (const answer of await answersAbout(await make(), saySizes)) expect(refusalOf(answer)).toMatch(/^400 /)
  })

  test("is refused for a sender whose key is no canister's, and for the anonymous one", async () => {
    const sender_info = await signedInfo()
    for (const as of [identityOf(ed25519()), anonymous]) {
      expect(refusalOf(await ic.update(canister, saySizes, { as, fields: { sender_info } }))).toMatch(/^400 /)
    }
  })
})
