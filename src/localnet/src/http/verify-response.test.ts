import { IDL } from '@dfinity/candid'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { utf8 } from '../certificates/index.ts'
import { deploy } from '../host/deploy.fixture.ts'
import { fixedAnswersWasm } from '../host/tally.fixture.ts'
import { ask, type AssetNetwork, startAssetNetwork } from '../native/asset-canister/asset-canister.fixture.ts'
import { send } from './raw-request.fixture.ts'
import type { SiteResponse } from './site.ts'
import { type Certified, verifiedResponse } from './verify-response.ts'

const TOKEN = 'a token of thirty-two characters'
let assets: AssetNetwork
let id: string
beforeAll(async () => {
  assets = await startAssetNetwork({ admin: { token: TOKEN } })
  id = assets.canisterId.toText()
  const asset = { content_type: 'text/plain', content_encoding: 'identity', sha256: [], aliased: [] }
  await assets.canister.store({ ...asset, key: '/a.txt', content: utf8('a') })
  await assets.canister.store({ ...asset, key: '/index.html', content: utf8('page'), content_type: 'text/html' })
  await assets.canister.set_asset_properties({
    key: '/a.txt',
    max_age: [[60n]],
    headers: [[[['x-policy', 'strict']]]],
    allow_raw_access: [],
    is_aliased: [],
  })
})
afterAll(() => assets.network.close())

const get = (path: string, more: { method?: string; host?: string; headers?: Record<string, string> } = {}) =>
  send(assets.network.port, { path, host: `${id}.localhost`, ...more })

const Header = IDL.Tuple(IDL.Text, IDL.Text)
const Response = IDL.Record({
  status_code: IDL.Nat16,
  headers: IDL.Vec(Header),
  body: IDL.Vec(IDL.Nat8),
  upgrade: IDL.Opt(IDL.Bool),
})
const fixed = (value: { headers?: [string, string][]; upgrade?: [] | [boolean] } = {}): Uint8Array =>
  IDL.encode([Response], [{ status_code: 200, headers: [], body: utf8('own'), upgrade: [], ...value }])

describe('the gateway', () => {
  test('passes on what is certified, and of the headers only those', async () => {
    const answered = await get('/a.txt')
    expect([answered.status, answered.text]).toEqual([200, 'a'])
    expect(answered.headers).toMatchObject({
      'content-type': 'text/plain',
      'x-policy': 'strict',
      'cache-control': 'max-age=60',
      'x-ic-canister-id': id,
      'access-control-allow-origin': '*',
    })
  })

  test('answers HEAD, what the browser has already, and places inside the app', async () => {
    const head = await get('/a.txt', { method: 'HEAD' })
    expect([head.status, head.headers['content-length'], head.text]).toEqual([200, '1', ''])
    const again = await get('/a.txt', { headers: { 'if-none-match': String(head.headers['etag']) } })
    expect([again.status, again.text]).toEqual([304, ''])
    const place = await get('/records/42?tab=a')
    expect([place.status, place.text, place.headers['content-type']]).toEqual([200, 'page', 'text/html'])
  })

  test('refuses a canister that certifies nothing, except on its raw host', async () => {
    const own = (await deploy(assets.owner, fixedAnswersWasm({ 'query http_request': { reply: fixed() } }))).toText()
    const refused = await get('/', { host: `${own}.localhost` })
    expect([refused.status, refused.text]).toEqual([500, expect.stringContaining('verification failed')])
    expect((await get(`/?canisterId=${own}`, { host: 'localhost' })).status).toBe(500)
    expect((await get('/', { host: `${own}.raw.localhost` })).text).toBe('own')
  })

  test('refuses a certificate of another canister', async () => {
    const { headers } = await ask(assets.canister, { url: '/a.txt' })
    const reply = fixed({ headers: headers.map(([name, value]) => [name, value]) })
    const thief = (await deploy(assets.owner, fixedAnswersWasm({ 'query http_request': { reply } }))).toText()
    const refused = await get('/a.txt', { host: `${thief}.localhost` })
    expect([refused.status, refused.text]).toEqual([500, expect.stringContaining('verification failed')])
  })

  test.each(['change', 'cut', 'empty', 'stale'])(
    'finds a lying node out, which can at most answer as it did before: %s',
    async (how) => {
      const path = `/${how}.txt`
      const faults = (method: string, body?: object) =>
        send(assets.network.port, {
          path: '/_localnet/faults',
          method,
          headers: { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' },
          ...(body !== undefined && { body: utf8(JSON.stringify(body)) }),
        })
      const store = (content: string) => {
        const asset = {
          key: path,
          content_type: 'text/plain',
          content_encoding: 'identity',
          sha256: [],
          aliased: [],
        }
        return assets.canister.store({ ...asset, content: utf8(content) })
      }
      await store(`old ${how}`)
      await get(path)
      await store(`true ${how}`)
      const rule = { kind: 'lieInQuery', how, canister: id, method: 'http_request' }
      expect((await faults('POST', rule)).status).toBe(201)
      const [lie, raw] = [await get(path), await get(path, { host: `${id}.raw.localhost` })]
      await faults('DELETE')
      // What was certified before stays certified for five minutes: a stale answer is an old one, not a false one.
      if (how === 'stale') expect([lie.status, lie.text]).toEqual([200, 'old stale'])
      else expect([lie.status, lie.text]).toEqual([expect.toBeOneOf([500, 502]), expect.not.stringContaining('true')])
      if (how === 'change') expect([raw.status, raw.text]).not.toEqual([200, 'true change'])
      expect((await get(path)).text).toBe(`true ${how}`)
    },
  )

  test('asks no certificate of an answer that an update made', async () => {
    const wasm = fixedAnswersWasm({
      'query http_request': { reply: fixed({ upgrade: [true] }) },
      'update http_request_update': { reply: fixed() },
    })
    const updated = (await deploy(assets.owner, wasm)).toText()
    expect((await get('/', { host: `${updated}.localhost` })).text).toBe('own')
  })
})

describe('an answer that was changed on the way', () => {
  const asked = { method: 'GET', url: '/a.txt', headers: [], body: new Uint8Array() }

  async function certified(version: 1 | 2, change: (good: SiteResponse) => SiteResponse): Promise<Certified> {
    const { status, headers, body } = await ask(assets.canister, { url: asked.url, version })
    const canisterId = assets.canisterId.toUint8Array()
    return {
      canisterId,
      request: asked,
      response: change({ status, headers, body }),
      rootKeyDer: assets.network.rootKey,
      nowNs: await assets.network.host.timeNs(),
      facts: await assets.network.host.canister(canisterId),
    }
  }
  const check = async (version: 1 | 2, change: (good: SiteResponse) => SiteResponse, more: Partial<Certified> = {}) =>
    verifiedResponse({ ...(await certified(version, change)), ...more })
  const same = (good: SiteResponse) => good

  test('is refused with the reason, whichever byte it was', async () => {
    expect((await check(2, same)).body).toEqual(utf8('a'))
    await expect(check(2, (good) => ({ ...good, body: utf8('b') }))).rejects.toThrow('Response verification failed')
    await expect(check(2, (good) => ({ ...good, status: 404 }))).rejects.toThrow('Response verification failed')
    await expect(
      check(2, (good) => ({ ...good, headers: good.headers.filter(([name]) => name !== 'x-policy') })),
    ).rejects.toThrow('Response verification failed')
  })

  test('loses a header that nobody certified', async () => {
    const { headers } = await check(2, (good) => ({ ...good, headers: [...good.headers, ['x-injected', 'yes']] }))
    expect(headers.map(([name]) => name)).not.toContain('x-injected')
  })

  test('is refused when its certificate is old, or of another network', async () => {
    const later = (await assets.network.host.timeNs()) + 301_000_000_000n
    await expect(check(2, same, { nowNs: later })).rejects.toThrow('Response verification failed')
    const rootKeyDer = assets.network.rootKey.slice()
    rootKeyDer[132] = (rootKeyDer[132] ?? 0) ^ 1
    await expect(check(2, same, { rootKeyDer })).rejects.toThrow('Response verification failed')
  })

  test('of the first version is believed only of a canister that does not know the second', async () => {
    const facts = undefined
    const { headers } = await check(1, same, { facts })
    expect(headers.map(([name]) => name)).not.toContain('cache-control')
    await expect(check(1, (good) => ({ ...good, status: 302 }), { facts })).rejects.toThrow('cannot certify a redirect')
    // The asset canister says that it knows both.
    await expect(check(1, same)).rejects.toThrow('Response verification failed')
  })
})
