// Calls over HTTPS: interface specification, "Request: Call", "Request: Asynchronous Call", "Effective canister id", "CBOR encoding of
// requests and responses", "Status endpoint"; cases after the groups "wrong url path", "wrong effective canister id" and the test
// "resubmission" of the reference implementation's acceptance tests (dfinity/ic-hs, src/IC/Test/Spec.hs).
import {
  addToHeap,
  appendReply,
  program,
  rejectCall,
  reply,
  say,
  sayHeap,
  sendReply,
  universalWasm,
} from '@medguard/localnet/universal-canister'
import { encode } from 'cborg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readCertificate } from './certificate.fixture.ts'
import { ed25519 } from './keys.fixture.ts'
import { encodeArgument, textOfId } from './management.fixture.ts'
import { bytesIn, fieldsOf, numberOf, openReplica, refusalOf, type Replica, textOf } from './replica.fixture.ts'
import {
  anonymous,
  concat,
  envelope,
  fromHex,
  hashOfMap,
  identityOf,
  MANAGEMENT,
  nowNs,
  SECOND_NS,
  toCbor,
  utf8,
} from './request.fixture.ts'

let ic: Replica
let canister: Uint8Array
let counter: Uint8Array
beforeAll(async () => {
  ic = await openReplica({ verify: 'each' })
  canister = await ic.deploy(universalWasm())
  counter = await ic.deploy(universalWasm())
})
afterAll(() => ic.close())

const hello = program(say('hello'), reply)
const count = program(addToHeap(1), sayHeap, reply)
const counted = async () => numberOf(await ic.query(counter, program(sayHeap, reply)))
const path = (kind: string, id = canister, version = 4) => `/api/v${version}/canister/${textOfId(id)}/${kind}`

describe('the status of the replica', () => {
  test('names its root key: a DER-encoded BLS key', () => {
    expect(ic.rootKey.subarray(0, 37)).toEqual(
      fromHex('308182301d060d2b0601040182dc7c0503010201060c2b0601040182dc7c05030201036100'),
    )
    expect(ic.rootKey).toHaveLength(133)
    expect(ic.status.get('replica_health_status')).toBe('healthy')
  })
})

describe('a call', () => {
  test('to version 2 is answered before it has run, with nothing', async () => {
    const content = ic.callContent(canister, hello, {})
    const answer = await ic.post(path('call', canister, 2), envelope(content, ic.owner))
    expect([answer.status, answer.body.length]).toEqual([202, 0])
    expect(textOf(await ic.settled(hashOfMap(content), ic.owner, canister))).toBe('hello')
  })

  test.each([3, 4])('to version %d is answered with its certificate', async (version) => {
    const content = ic.callContent(canister, hello, {})
    const fields = fieldsOf(await ic.post(path('call', canister, version), envelope(content, ic.owner)))
    expect(fields.get('status')).toBe('replied')
    const certificate = readCertificate(bytesIn(fields, 'certificate'))
    const status = (field: string) => certificate.lookup(['request_status', hashOfMap(content), field])
    expect(status('status')).toEqual({ found: utf8('replied') })
    expect(status('reply')).toEqual({ found: utf8('hello') })
    expect(status('reject_code')).toBe('absent')
    expect(certificate.lookup(['time'])).toHaveProperty('found')
  })

  test.each([2, 3, 4] as const)('that a canister rejects is certified too, by version %d', async (version) => {
    const outcome = await ic.update(canister, program(say('no'), rejectCall), { version })
    expect(outcome).toMatchObject({ kind: 'reject', code: 4, message: 'no', errorCode: 'IC0406', certified: true })
  })

  test.each([2, 3, 4] as const)(
    'that is not let in is answered without a certificate, by version %d',
    async (version) => {
      const nowhere = fromHex('00000000001fffff0101')
      const outcome = await ic.update(nowhere, hello, { version })
      expect(outcome).toMatchObject({ kind: 'reject', code: 3, errorCode: 'IC0301', certified: false })
    },
  )

  test('may be anonymous, and of a query method', async () => {
    expect(textOf(await ic.update(canister, hello, { as: anonymous, method: 'ask' }))).toBe('hello')
  })

  test('replies with nothing if that is what was said', async () => {
    expect(textOf(await ic.update(canister, program(sendReply)))).toBe('')
    expect(textOf(await ic.update(canister, program(say('a'), appendReply, appendReply, sendReply)))).toBe('aa')
  })
})

describe('a request that comes again', () => {
  test.each([2, 3, 4] as const)('runs once, whatever the address: first version %d', async (version) => {
    const before = await counted()
    const content = ic.callContent(counter, count, {})
    const answers = []
    for (const next of [version, 2, 3, 4, version] as const) answers.push(await ic.submit(content, { version: next }))
    expect(answers.map((outcome) => numberOf(outcome))).toEqual(answers.map(() => before + 1))
    expect(await counted()).toBe(before + 1)
  })

  test('runs once when it comes many times at once', async () => {
    const before = await counted()
    const content = ic.callContent(counter, count, {})
    const answers = await Promise.all(Array.from({ length: 20 }, () => ic.submit(content)))
    expect(answers.map((outcome) => numberOf(outcome))).toEqual(answers.map(() => before + 1))
    expect(await counted()).toBe(before + 1)
  })

  test('runs once though others ran since, and is refused when it has expired', async () => {
    const before = await counted()
    const content = ic.callContent(counter, count, { fields: { ingress_expiry: nowNs() + 3n * SECOND_NS } })
    expect(numberOf(await ic.submit(content))).toBe(before + 1)
    expect(numberOf(await ic.update(counter, count))).toBe(before + 2)
    let again = await ic.submit(content)
    while (again.kind === 'reply') {
      expect(numberOf(again)).toBe(before + 1)
      again = await ic.submit(content)
    }
    expect(refusalOf(again)).toMatch(/^400 Invalid request expiry/)
    expect(await counted()).toBe(before + 2)
  })

  test('under another nonce, sender or expiry is another request', async () => {
    const before = await counted()
    const content = ic.callContent(counter, count, {})
    const as = identityOf(ed25519())
    expect(numberOf(await ic.submit(content))).toBe(before + 1)
    expect(numberOf(await ic.submit({ ...content, nonce: undefined }))).toBe(before + 2)
    expect(numberOf(await ic.submit({ ...content, sender: as.principal }, { as }))).toBe(before + 3)
    expect(numberOf(await ic.submit({ ...content, ingress_expiry: nowNs() + 60n * SECOND_NS }))).toBe(before + 4)
    expect(numberOf(await ic.submit({ ...content, note: 'a field that nobody knows' }))).toBe(before + 5)
  })

  test('a nonce has at most 32 bytes', async () => {
    const of = (bytes: number) => ({ fields: { nonce: new Uint8Array(bytes) } })
    expect(textOf(await ic.update(canister, hello, of(32)))).toBe('hello')
    expect(textOf(await ic.update(canister, hello, of(0)))).toBe('hello')
    expect(refusalOf(await ic.update(canister, hello, of(33)))).toMatch(/^400 /)
  })
})

describe('the address of a request', () => {
  test.each([
    ['call', 'query'],
    ['call', 'read_state'],
    ['query', 'call'],
    ['query', 'read_state'],
    ['read_state', 'call'],
    ['read_state', 'query'],
  ])('a %s sent as a %s is refused', async (type, address) => {
    const content = { ...ic.callContent(canister, hello, {}), request_type: type, paths: [[utf8('time')]] }
    const answer = await ic.post(path(address, canister, 3), envelope(content, ic.owner))
    expect([answer.status, answer.text]).toEqual([400, expect.stringContaining('request_type')])
  })

  test('names the canister that is called', async () => {
    for (const at of [counter, MANAGEMENT, fromHex('ffffffffffffffff0101')]) {
      expect(refusalOf(await ic.update(canister, hello, { at }))).toMatch(/^400 /)
      expect(refusalOf(await ic.query(canister, hello, { at }))).toMatch(/^400 /)
    }
  })

  test('names the canister that a management call is about', async () => {
    const arg = { canister_id: canister }
    expect(refusalOf(await ic.manage('canister_status', arg, { at: counter }))).toMatch(/^400 /)
    expect(refusalOf(await ic.manage('canister_status', arg, { at: MANAGEMENT }))).toMatch(/^400 /)
    expect((await ic.manage('canister_status', arg)).kind).toBe('reply')
    const chunks = {
      mode: { install: null },
      target_canister: canister,
      chunk_hashes_list: [],
      wasm_module_hash: new Uint8Array(32),
      arg: new Uint8Array(0),
    }
    expect(refusalOf(await ic.manage('install_chunked_code', chunks, { at: counter }))).toMatch(/^400 /)
  })

  test('may be any for the creation of a canister', async () => {
    const arg = encodeArgument('provisional_create_canister_with_cycles', {})
    for (const at of [canister, MANAGEMENT]) {
      const method = 'provisional_create_canister_with_cycles'
      expect((await ic.update(MANAGEMENT, arg, { method, at })).kind).toBe('reply')
    }
  })

  test.each(['nobody', 'AAAAA-AA', 'aaaaa-ab', '', '%00', 'aaaaa-aa-'])(
    'with "%s" for a principal is refused',
    async (id) => {
      const body = envelope(ic.callContent(MANAGEMENT, hello, {}), ic.owner)
      const { status } = await ic.post(`/api/v4/canister/${id}/call`, body)
      expect([400, 404]).toContain(status)
    },
  )

  test.each([
    '/api/v1/canister/aaaaa-aa/call',
    '/api/v4/canister/aaaaa-aa',
    '/api/v2/nothing',
    '/api/v9/canister/aaaaa-aa/query',
  ])('%s does not exist', async (address) => {
    expect((await ic.post(address, toCbor({}))).status).toBe(404)
  })
})

describe('a body', () => {
  const good = () => envelope(ic.callContent(canister, hello, {}), ic.owner)
  test.each<[string, () => Uint8Array]>([
    ['nothing', () => new Uint8Array(0)],
    ['noise', () => new Uint8Array(100).fill(0xa7)],
    ['text', () => utf8('{"content": {}}')],
    ['a list', () => toCbor([])],
    ['a map without content', () => toCbor({ sender_sig: new Uint8Array(64) })],
    ['content that is no map', () => toCbor({ content: [] })],
    ['a cut request', () => good().subarray(0, -20)],
    ['a request with more behind it', () => concat(good(), Uint8Array.of(0))],
    [
      'a field twice',
      () => concat(Uint8Array.of(0xd9, 0xd9, 0xf7, 0xa2), encode('content'), encode({}), encode('content'), encode({})),
    ],
    ['keys that are numbers', () => concat(Uint8Array.of(0xd9, 0xd9, 0xf7), encode(new Map([[1, 2]])))],
    ['nesting without end', () => concat(Uint8Array.of(0xd9, 0xd9, 0xf7), new Uint8Array(100_000).fill(0x81))],
    ['a length that it does not have', () => fromHex('d9d9f7a167636f6e74656e745bffffffffffffffff')],
  ])('of %s is refused, at every address', async (_what, body) => {
    for (const [kind, version] of [
      ['call', 2],
      ['call', 3],
      ['call', 4],
      ['query', 2],
      ['query', 3],
      ['read_state', 2],
      ['read_state', 3],
    ] as const) {
      expect((await ic.post(path(kind, canister, version), body())).status).toBe(400)
    }
  })

  test.each(['request_type', 'canister_id', 'method_name', 'arg', 'ingress_expiry'])(
    'without %s is refused',
    async (field) => {
      const fields = { [field]: undefined }
      expect(refusalOf(await ic.update(canister, hello, { fields, at: canister }))).toMatch(/^400 /)
      expect(refusalOf(await ic.query(canister, hello, { fields, at: canister }))).toMatch(/^400 /)
    },
  )

  test.each<[string, object]>([
    ['a float for the expiry', { ingress_expiry: 1.5 }],
    ['a negative expiry', { ingress_expiry: -1 }],
    ['text for the canister', { canister_id: 'aaaaa-aa' }],
    ['bytes for the method', { method_name: utf8('run') }],
    ['text for the argument', { arg: 'hello' }],
    ['a number for the sender', { sender: 4 }],
  ])('with %s is refused', async (_what, fields) => {
    const content = { ...ic.callContent(canister, hello, { as: anonymous }), ...fields }
    expect((await ic.post(path('call'), toCbor({ content }))).status).toBe(400)
  })

  test('that is no CBOR by its own header is refused', async () => {
    const answer = await ic.post(path('call'), good(), { 'content-type': 'application/json' })
    expect([400, 415]).toContain(answer.status)
  })

  test('written in another order of fields is the same request', async () => {
    const content = ic.callContent(canister, hello, {})
    const [signed, swapped] = [new Map(Object.entries(content)), new Map(Object.entries(content).toReversed())]
    expect([...signed.keys()]).not.toEqual([...swapped.keys()])
    const body = concat(
      Uint8Array.of(0xd9, 0xd9, 0xf7, 0xa3),
      ...['sender_sig', 'sender_pubkey', 'content'].flatMap((name) => [
        encode(name),
        name === 'content' ? encode(swapped, { mapSorter: () => 0 }) : encode(ic.owner.seal(content)[name]),
      ]),
    )
    expect((await ic.post(path('call'), body)).status).toBe(200)
  })
})

describe('browsers', () => {
  test('are told that they may ask from any page', async () => {
    const answer = await fetch(ic.url + path('call'), {
      method: 'OPTIONS',
      headers: {
        origin: 'http://example.org',
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'content-type',
      },
    })
    expect([200, 204]).toContain(answer.status)
    expect(answer.headers.get('access-control-allow-origin')).toBe('*')
    expect(answer.headers.get('access-control-allow-methods')).toContain('POST')
    expect(answer.headers.get('access-control-allow-headers')?.toLowerCase()).toMatch(/content-type|\*/)
  })

  test('may read answers and errors', async () => {
    const body = envelope(ic.callContent(canister, hello, {}), ic.owner)
    for (const answer of [await ic.post(path('call'), body), await ic.post(path('call'), new Uint8Array(0))]) {
      expect(answer.headers.get('access-control-allow-origin')).toBe('*')
    }
    expect((await fetch(`${ic.url}/api/v2/status`)).headers.get('access-control-allow-origin')).toBe('*')
  })
})
