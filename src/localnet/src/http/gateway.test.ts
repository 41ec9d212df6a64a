import type { HttpAgent } from '@dfinity/agent'
import { IDL } from '@dfinity/candid'
import { Ed25519KeyIdentity } from '@dfinity/identity'
import { Principal } from '@dfinity/principal'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { utf8 } from '../certificates/index.ts'
import { agentFor, deploy } from '../host/deploy.fixture.ts'
import { fixedAnswersWasm, tallyWasm } from '../host/tally.fixture.ts'
import { IDENTITY_PROVIDER_ID, type Localnet, startLocalnet } from '../index.ts'
import { send } from './raw-request.fixture.ts'

let network: Localnet
let owner: HttpAgent
beforeAll(async () => {
  network = await startLocalnet({ port: 0, strict: false }) // canisters here have fixed answers, which cannot hold a certificate
  owner = await agentFor(network, Ed25519KeyIdentity.generate())
})
afterAll(() => network.close())

const Header = IDL.Tuple(IDL.Text, IDL.Text)
const BASE = { status_code: IDL.Nat16, headers: IDL.Vec(Header), body: IDL.Vec(IDL.Nat8) }
const Token = IDL.Record({ key: IDL.Text, index: IDL.Nat })
const token = { key: '/large', index: 1n }

const answer = (body: string, more: { status_code?: number; headers?: [string, string][] } = {}) =>
  IDL.encode([IDL.Record(BASE)], [{ status_code: 200, headers: [], body: utf8(body), ...more }])

async function site(methods: Parameters<typeof fixedAnswersWasm>[0]): Promise<string> {
  return (await deploy(owner, fixedAnswersWasm(methods))).toText()
}
const get = (id: string, path = '/', host = `${id}.localhost`) => send(network.port, { path, host })

describe('canisters as web sites', () => {
  test('a canister is found by host, by prefixed host, by raw host and by parameter', async () => {
    const id = await site({ 'query http_request': { reply: answer('hello', { headers: [['x-own', 'yes']] }) } })
    for (const host of [`${id}.localhost`, `app--${id}.localhost`, `${id}.raw.localhost`]) {
      const found = await get(id, '/', host)
      expect([found.status, found.text]).toEqual([200, 'hello'])
      expect(found.headers['x-own']).toBe('yes')
      expect(found.headers['x-ic-canister-id']).toBe(id)
      expect(found.headers['access-control-allow-origin']).toBe('*')
    }
    expect((await get(id, `/?canisterId=${id}`, 'localhost')).text).toBe('hello')
    expect((await get(id, `/?canisterId=${IDENTITY_PROVIDER_ID}`)).text).toBe('hello')
  })

  test('the canister is asked with method, address, headers and body', async () => {
    const id = await site({ 'query http_request': { reply: answer('exact'), argument: await asked('/a?b=c') } })
    expect((await get(id, '/a?b=c')).text).toBe('exact')
    expect((await get(id, '/other')).status).toBe(502)

    async function asked(url: string): Promise<Uint8Array> {
      const host = `${await nextCanister()}.localhost:${network.port}`
      const headers = [
        ['host', host],
        ['Connection', 'keep-alive'],
        ['accept-encoding', 'identity'],
      ]
      const type = IDL.Record({ ...REQUEST, certificate_version: IDL.Opt(IDL.Nat16) })
      return IDL.encode([type], [{ method: 'GET', url, headers, body: new Uint8Array(), certificate_version: [2] }])
    }
  })

  test('a request that changes something is made again as an update', async () => {
    const Upgrade = IDL.Record({ ...BASE, upgrade: IDL.Opt(IDL.Bool) })
    const first = IDL.encode([Upgrade], [{ status_code: 200, headers: [], body: [], upgrade: [true] }])
    const id = await site({
      'query http_request': { reply: first },
      'update http_request_update': { reply: answer('changed', { status_code: 201 }) },
    })
    const made = await get(id)
    expect([made.status, made.text]).toEqual([201, 'changed'])
  })

  test('a streamed answer is put together, the token handed back as it came', async () => {
    const self = Principal.fromText(await nextCanister())
    const Callback = IDL.Record({ callback: IDL.Func([], [], ['query']), token: Token })
    const Streamed = IDL.Record({ ...BASE, streaming_strategy: IDL.Opt(IDL.Variant({ Callback })) })
    const Chunk = IDL.Record({ body: IDL.Vec(IDL.Nat8), token: IDL.Opt(Token) })
    const id = await site({
      'query http_request': {
        reply: IDL.encode(
          [Streamed],
          [
            {
              status_code: 200,
              headers: [['content-length', '3']],
              body: utf8('one '),
              streaming_strategy: [{ Callback: { callback: [self, 'more'], token } }],
            },
          ],
        ),
      },
      'query more': {
        reply: IDL.encode([Chunk], [{ body: utf8('two'), token: [] }]),
        argument: IDL.encode([Token], [token]),
      },
    })
    expect(id).toBe(self.toText())
    expect((await get(id)).text).toBe('one two')
  })

  test('what goes wrong has the status of the gateway protocol', async () => {
    expect((await get('rdmx6-jaaaa-aaaaa-aaadq-cai')).status).toBe(404)
    const without = (await deploy(owner, tallyWasm())).toText()
    const missing = await get(without)
    expect([missing.status, missing.text]).toEqual([502, expect.stringContaining('reject code 5')])
    const odd = await site({ 'query http_request': { reply: IDL.encode([IDL.Text], ['hello']) } })
    expect((await get(odd)).status).toBe(502)
    const smuggler = await site({
      'query http_request': { reply: answer('', { headers: [['x-a', 'b\r\nset-cookie: c=d']] }) },
    })
    const refused = await get(smuggler)
    expect([refused.status, refused.headers['set-cookie']]).toEqual([502, undefined])
    const beyond = await site({ 'query http_request': { reply: answer('', { status_code: 42 }) } })
    expect((await get(beyond)).status).toBe(502)
  })

  test('a host that names no canister is refused', async () => {
    for (const host of ['nobody.localhost', 'example.com', 'localhost.example.com']) {
      expect((await get('', '/', host)).status).toBe(400)
    }
    expect((await get('', '/page', 'localhost')).status).toBe(400)
    expect((await get('', '/', 'localhost')).text).toContain('localnet is running')
  })
})

describe('built-in sites', () => {
  test('the sign-in page has a host of its own and lets no other origin in', async () => {
    const page = await get(IDENTITY_PROVIDER_ID)
    expect(page.text).toContain('anyone can be anyone')
    expect(page.headers['access-control-allow-origin']).toBeUndefined()
  })
})

const REQUEST = { method: IDL.Text, url: IDL.Text, headers: IDL.Vec(Header), body: IDL.Vec(IDL.Nat8) }

/** Ids are handed out in order, so the next one follows from the last. */
async function nextCanister(): Promise<string> {
  const ids = await network.host.canisterIds()
  const counters = ids.map((id) => Buffer.from(id).readBigUInt64BE(0))
  const next = Buffer.alloc(10)
  next.writeBigUInt64BE(counters.reduce((max, counter) => (counter > max ? counter : max), -1n) + 1n, 0)
  next.set([1, 1], 8)
  return Principal.fromUint8Array(new Uint8Array(next)).toText()
}
