// Queries and certified data: interface specification, "Request: Query call", "Certified data"; cases after the groups "query" and
// "certified variables" of the reference implementation's acceptance tests (dfinity/ic-hs, src/IC/Test/Spec.hs).
import { createPublicKey, verify as verifySignature } from 'node:crypto'
import {
  addToHeap,
  call,
  certify,
  clear,
  onPreUpgrade,
  program,
  rejectCall,
  reply,
  say,
  sayArgument,
  sayCertificate,
  sayHeap,
  sayReplicated,
  sayStable,
  trap,
  universalWasm,
  writeStable,
} from '@medguard/localnet/universal-canister'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readCertificate, verify } from './certificate.fixture.ts'
import { textOfId } from './management.fixture.ts'
import { certificateOf, errorOf, fieldsOf, numberOf, openReplica, type Replica, replyOf } from './replica.fixture.ts'
import { concat, envelope, type Fields, hashOfMap, nowNs, SECOND_NS, separator, utf8 } from './request.fixture.ts'

let ic: Replica
let canister: Uint8Array
const wasm = universalWasm()
beforeAll(async () => {
  ic = await openReplica({ verify: 'each' })
  canister = await ic.deploy(wasm)
})
afterAll(() => ic.close())

describe('the answer of a query', () => {
  /** The response of the specification, "Request: Query call": what the node must have signed. */
  async function checkSignatures(arg: Uint8Array, version: number): Promise<string> {
    const content = { ...ic.callContent(canister, arg, {}), request_type: 'query', method_name: 'ask' }
    const answer = await ic.post(`/api/v${version}/canister/${textOfId(canister)}/query`, envelope(content, ic.owner))
    const response = fieldsOf(answer)
    const subnet = certificateOf(await ic.readState([['subnet']], { at: canister }))
    const signatures = response.get('signatures') as ReadonlyMap<string, unknown>[]
    expect(signatures.length).toBeGreaterThan(0)
    for (const signature of signatures) {
      const node = signature.get('identity') as Uint8Array
      const timestamp = BigInt(signature.get('timestamp') as bigint | number)
      const age = nowNs() - timestamp
      expect(age > -60n * SECOND_NS && age < 60n * SECOND_NS).toBe(true)
      const key = subnet.lookup(['subnet', ic.subnetId, 'node', node, 'public_key'])
      if (typeof key !== 'object') throw new Error('the node is not of this subnet')
      const given = (name: string) => response.get(name) as string | number
      const said: Fields =
        response.get('status') === 'replied'
          ? { reply: { arg: (response.get('reply') as ReadonlyMap<string, Uint8Array>).get('arg') } }
          : {
              reject_code: given('reject_code'),
              reject_message: given('reject_message'),
              error_code: given('error_code'),
            }
      const signed = { status: given('status'), ...said, timestamp, request_id: hashOfMap(content) }
      const der = createPublicKey({ key: Buffer.from(key.found), format: 'der', type: 'spki' })
      const bytes = concat(separator('ic-response'), hashOfMap(signed))
      const of = (change: Uint8Array) => verifySignature(null, change, der, signature.get('signature') as Uint8Array)
      expect([of(bytes), of(concat(bytes, Uint8Array.of(0)))]).toEqual([true, false])
    }
    return String(response.get('status'))
  }

  test.each([2, 3])('is signed by a node of the subnet, a reply by version %d', async (version) => {
    expect(await checkSignatures(program(say('x'), reply), version)).toBe('replied')
  })

  test.each([2, 3])('is signed by a node of the subnet, a reject by version %d', async (version) => {
    expect(await checkSignatures(program(say('x'), rejectCall), version)).toBe('rejected')
  })
})

describe('a query', () => {
  test('reads its argument and replies', async () => {
    const arg = program(sayArgument, reply)
    expect(replyOf(await ic.query(canister, arg))).toEqual(arg)
  })

  test('runs on one replica, a call of its method on all', async () => {
    const asked = program(sayReplicated, reply)
    expect(numberOf(await ic.query(canister, asked))).toBe(0)
    expect(numberOf(await ic.query(canister, asked, { method: 'compose' }))).toBe(0)
    expect(numberOf(await ic.update(canister, asked, { method: 'ask' }))).toBe(1)
    expect(numberOf(await ic.update(canister, asked))).toBe(1)
  })

  test('changes nothing: not heap, not stable memory, not globals', async () => {
    replyOf(await ic.update(canister, program(say('kept'), writeStable(0), reply)))
    const change = program(addToHeap(5), say('lost'), writeStable(0), sayHeap, reply)
    const look = program(sayHeap, sayStable(0, 4), reply)
    const before = replyOf(await ic.query(canister, look))
    for (const method of ['ask', 'compose']) replyOf(await ic.query(canister, change, { method }))
    replyOf(await ic.update(canister, change, { method: 'ask' }))
    expect(replyOf(await ic.query(canister, look))).toEqual(before)
    expect(replyOf(await ic.update(canister, look))).toEqual(before)
  })

  test.each<[string, Uint8Array, string, string]>([
    ['of a method that is not there', program(reply), 'missing', '5 IC0536'],
    ['of an update method', program(reply), 'run', '5 IC0536'],
    ['that rejects', program(say('no'), rejectCall), 'ask', '4 IC0406'],
    ['that traps', program(say('no'), trap), 'ask', '5 IC0503'],
    ['that says nothing', program(), 'ask', '5 IC0506'],
    ['that answers twice', program(reply, reply), 'ask', '5 IC0504'],
    ['that rejects after its reply', program(reply, rejectCall), 'ask', '5 IC0504'],
    ['that calls', call({ callee: new Uint8Array(0) }), 'ask', '5 IC0504'],
  ])('%s is rejected', async (_what, arg, method, error) => {
    expect(errorOf(await ic.query(canister, arg, { method }))).toBe(error)
  })

  test('of a canister that is not there, or empty, is rejected', async () => {
    expect(errorOf(await ic.query(Uint8Array.of(0, 0, 0, 0, 0, 0x1f, 0xff, 0xff, 1, 1), program(reply)))).toBe(
      '3 IC0301',
    )
    expect(errorOf(await ic.query(await ic.create(), program(reply)))).toBe('5 IC0537')
  })
})

describe('certified data', () => {
  /** What the certificate that a query gets says; null where there is none. */
  async function certified(id = canister, method = 'ask'): Promise<Uint8Array | null> {
    const [present, ...bytes] = replyOf(await ic.query(id, program(sayCertificate, reply), { method }))
    if (present === 0) return null
    await verify(Uint8Array.from(bytes), ic.rootKey, id)
    const certificate = readCertificate(Uint8Array.from(bytes))
    expect(certificate.lookup(['time'])).toHaveProperty('found')
    const found = certificate.lookup(['canister', id, 'certified_data'])
    return typeof found === 'object' ? found.found : null
  }
  const setTo = (text: string) => program(clear, say(text), certify)

  test('is empty at first', async () => {
    expect(await certified(await ic.deploy(wasm))).toEqual(new Uint8Array(0))
  })

  test('is what was set last, and composite queries have it too', async () => {
    replyOf(await ic.update(canister, program(setTo('one'), reply)))
    expect(await certified()).toEqual(utf8('one'))
    replyOf(await ic.update(canister, program(setTo('other'), setTo('two'), reply)))
    expect(await certified()).toEqual(utf8('two'))
    expect(await certified(canister, 'compose')).toEqual(utf8('two'))
  })

  test('stays as it was after a trap, and after more than 32 bytes', async () => {
    replyOf(await ic.update(canister, program(setTo('stays'), reply)))
    expect(errorOf(await ic.update(canister, program(setTo('goes'), trap)))).toBe('5 IC0503')
    expect(errorOf(await ic.update(canister, program(setTo('x'.repeat(33)), reply)))).toBe('5 IC0504')
    expect(await certified()).toEqual(utf8('stays'))
    replyOf(await ic.update(canister, program(setTo('x'.repeat(32)), reply)))
    expect(await certified()).toEqual(utf8('x'.repeat(32)))
  })

  test('is in no certificate of an update, of a query run replicated, or of one that a canister asks', async () => {
    const look = program(sayCertificate, reply)
    expect(replyOf(await ic.update(canister, look))).toEqual(Uint8Array.of(0))
    expect(replyOf(await ic.update(canister, look, { method: 'ask' }))).toEqual(Uint8Array.of(0))
    const through = call({ callee: canister, method: 'ask', payload: look, onReply: program(sayArgument, reply) })
    expect(replyOf(await ic.update(canister, through))).toEqual(Uint8Array.of(0))
    expect(replyOf(await ic.query(canister, through, { method: 'compose' }))).toEqual(Uint8Array.of(0))
    const inCallback = call({ callee: canister, method: 'ask', payload: program(reply), onReply: look })
    expect(replyOf(await ic.query(canister, inCallback, { method: 'compose' }))).toEqual(Uint8Array.of(0))
  })

  test('is set in init, before and after an upgrade, and survives an upgrade that sets nothing', async () => {
    const id = await ic.create()
    replyOf(await ic.install(id, wasm, { arg: setTo('init') }))
    expect(await certified(id)).toEqual(utf8('init'))
    replyOf(await ic.install(id, wasm, { mode: { upgrade: [] } }))
    expect(await certified(id)).toEqual(utf8('init'))
    replyOf(await ic.install(id, wasm, { mode: { upgrade: [] }, arg: setTo('after') }))
    expect(await certified(id)).toEqual(utf8('after'))
    replyOf(await ic.update(id, program(onPreUpgrade(setTo('before')), reply)))
    replyOf(await ic.install(id, wasm, { mode: { upgrade: [] } }))
    expect(await certified(id)).toEqual(utf8('before'))
  })

  test('is empty after reinstallation, and after code was taken away', async () => {
    const id = await ic.create()
    replyOf(await ic.install(id, wasm, { arg: setTo('old') }))
    replyOf(await ic.install(id, wasm, { mode: { reinstall: null } }))
    expect(await certified(id)).toEqual(new Uint8Array(0))
    replyOf(await ic.update(id, program(setTo('old'), reply)))
    replyOf(await ic.manage('uninstall_code', { canister_id: id }))
    replyOf(await ic.install(id, wasm))
    expect(await certified(id)).toEqual(new Uint8Array(0))
  })

  test('can be set in a callback', async () => {
    const onReply = program(setTo('back'), reply)
    replyOf(await ic.update(canister, call({ callee: canister, method: 'ask', payload: program(reply), onReply })))
    expect(await certified()).toEqual(utf8('back'))
  })
})
