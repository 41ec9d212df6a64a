import { Ed25519KeyIdentity } from '@dfinity/identity'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  type Answered,
  ask,
  type Asked,
  type AssetNetwork,
  header,
  startAssetNetwork,
  verify,
} from './asset-canister.fixture.ts'

const bytes = (text: string) => new Uint8Array(Buffer.from(text))
const LARGE = new Uint8Array(4_000_000).map((_, index) => index % 251)

let assets: AssetNetwork
beforeAll(async () => {
  assets = await startAssetNetwork()
  const { canister } = assets
  const one = (key: string, content: string, more: { content_type?: string; content_encoding?: string } = {}) =>
    canister.store({
      key,
      content_type: 'text/plain',
      content_encoding: 'identity',
      content: bytes(content),
      sha256: [],
      aliased: [],
      ...more,
    })
  await one('/plain.txt', 'plain')
  await one('/both.js', 'both', { content_type: 'text/javascript' })
  await one('/both.js', 'packed', { content_type: 'text/javascript', content_encoding: 'gzip' })
  await one('/help/index.html', 'help', { content_type: 'text/html' })
  await one('/about.html', 'about', { content_type: 'text/html' })
  await one('/ümläut/ß.txt', 'letters')
  await canister.create_asset({
    key: '/private.txt',
    content_type: 'text/plain',
    max_age: [60n],
    headers: [
      [
        ['X-Policy', 'strict'],
        ['a-first', '1'],
      ],
    ],
    enable_aliasing: [],
    allow_raw_access: [false],
  })
  const content = { content_encoding: 'identity', chunk_ids: [], sha256: [] }
  await canister.set_asset_content({ key: '/private.txt', ...content, last_chunk: [bytes('private')] })
  await canister.create_asset({
    key: '/alone.html',
    content_type: 'text/html',
    max_age: [],
    headers: [],
    enable_aliasing: [false],
    allow_raw_access: [],
  })
  await canister.set_asset_content({ key: '/alone.html', ...content, last_chunk: [bytes('alone')] })
  const { batch_id } = (await canister.create_batch({})) as { batch_id: bigint }
  const chunk_ids: bigint[] = []
  for (let at = 0; at < LARGE.length; at += 1_500_000) {
    const chunk = { batch_id, content: LARGE.subarray(at, at + 1_500_000) }
    chunk_ids.push(((await canister.create_chunk(chunk)) as { chunk_id: bigint }).chunk_id)
  }
  const create = { key: '/large.bin', content_type: 'application/octet-stream', max_age: [], headers: [] }
  await canister.commit_batch({
    batch_id,
    operations: [
      { CreateAsset: { ...create, enable_aliasing: [], allow_raw_access: [] } },
      { SetAssetContent: { ...content, key: '/large.bin', chunk_ids, last_chunk: [] } },
    ],
  })
})
afterAll(() => assets.network.close())

const checked = async (asked: Asked): Promise<Answered> => {
  const answered = await ask(assets.canister, asked)
  const { verificationVersion } = await verify(assets, asked, answered)
  expect(verificationVersion).toBe(asked.version ?? 2)
  return answered
}

describe('an asset', () => {
  test.each([
    ['/plain.txt', 200, 'plain'],
    ['/plain.txt?a=b', 200, 'plain'],
    ['/pl%61in.txt', 200, 'plain'],
    ['/both.js', 200, 'both'],
    ['/help/index.html', 200, 'help'],
    ['/help/', 200, 'help'],
    ['/help', 200, 'help'],
    ['/about', 200, 'about'],
    ['/about.html', 200, 'about'],
    ['/alone.html', 200, 'alone'],
    ['/%C3%BCml%C3%A4ut/%C3%9F.txt', 200, 'letters'],
    ['/private.txt', 200, 'private'],
    ['/', 404, 'not found'],
    ['/alone', 404, 'not found'],
    ['/about/', 404, 'not found'],
    ['/plain.txt/', 404, 'not found'],
    ['/help/more', 404, 'not found'],
    ['/nowhere/at/all', 404, 'not found'],
    ['/zzz', 404, 'not found'],
    ['/%3C*%3E', 404, 'not found'],
  ])('at %s is answered %i with a certificate that holds', async (url, status, text) => {
    const answered = await checked({ url })
    expect([answered.status, answered.text]).toEqual([status, text])
  })

  test('is certified for gateways of the first version too, one encoding of it', async () => {
    for (const url of ['/plain.txt', '/both.js', '/help/']) await checked({ url, version: 1 })
    const asked = { url: '/both.js', version: 1, headers: [['accept-encoding', 'gzip']] } as const satisfies Asked
    expect((await checked({ ...asked, headers: [['accept-encoding', 'gzip']] })).text).toBe('both')
  })

  test('comes in the encoding that was asked for first and exists', async () => {
    const asking = (value: string) => checked({ url: '/both.js', headers: [['Accept-Encoding', value]] })
    const packed = await asking('br, gzip, identity')
    expect([packed.text, header(packed, 'content-encoding')]).toEqual(['packed', 'gzip'])
    const plain = await asking('identity, gzip')
    expect([plain.text, header(plain, 'content-encoding')]).toEqual(['both', undefined])
    expect((await asking('br')).text).toBe('both')
  })

  test('carries its headers, all of them certified', async () => {
    const asked = { url: '/private.txt' }
    const answered = await checked(asked)
    expect(header(answered, 'cache-control')).toBe('max-age=60')
    const { response } = await verify(assets, asked, answered)
    const certified = Object.fromEntries(response?.headers ?? [])
    expect(certified).toMatchObject({ 'x-policy': 'strict', 'a-first': '1', 'cache-control': 'max-age=60' })
    expect(certified['etag']).toBe(header(answered, 'etag'))
  })

  test('is not sent again to a browser that has it', async () => {
    const etag = header(await checked({ url: '/both.js' }), 'etag') ?? ''
    const again = await checked({ url: '/both.js', headers: [['If-None-Match', `"other", W/${etag}`]] })
    expect([again.status, again.body.length, header(again, 'etag')]).toEqual([304, 0, etag])
    const other = await checked({
      url: '/both.js',
      headers: [
        ['if-none-match', etag],
        ['accept-encoding', 'gzip'],
      ],
    })
    expect(other.status).toBe(200)
  })

  test('of more than one answer comes in parts, certified as a whole', async () => {
    const answered = await checked({ url: '/large.bin' })
    expect(Buffer.compare(answered.body, LARGE)).toBe(0)
  })

  test('that must be certified is not served raw', async () => {
    const id = assets.canisterId.toText()
    const raw = (url: string, host: string) => ask(assets.canister, { url, headers: [['host', host]] })
    const moved = await raw('/private.txt?a', `${id}.raw.localhost:4943`)
    expect([moved.status, header(moved, 'location')]).toEqual([308, `http://${id}.localhost:4943/private.txt?a`])
    expect(header(await raw('/private.txt', `${id}.raw.icp0.io`), 'location')).toBe(`https://${id}.icp0.io/private.txt`)
    expect((await raw('/plain.txt', `${id}.raw.localhost:4943`)).text).toBe('plain')
  })

  test('has a certificate in queries only, and an address that can be read', async () => {
    expect((await ask(assets.canister, { url: '/%zz' })).status).toBe(400)
    const { certificate, tree } = (await assets.canister.certified_tree({})) as Record<string, Uint8Array>
    expect([certificate?.length, tree?.length].every((size) => size !== undefined && size > 100)).toBe(true)
  })
})

describe('nothing but what is certified passes', () => {
  const asked: Asked = { url: '/private.txt' }

  test('a changed body, status, header, expression or path', async () => {
    const good = await ask(assets.canister, asked)
    const body = good.body.slice()
    body[0] = (body[0] ?? 0) ^ 1
    const without = (name: string) => good.headers.filter(([key]) => key.toLowerCase() !== name)
    const replaced = (name: string, value: string): Answered => ({
      ...good,
      headers: [...without(name), [name, value]],
    })
    const forged: readonly Answered[] = [
      { ...good, body },
      { ...good, status: 201 },
      { ...good, headers: without('x-policy') },
      replaced('x-policy', 'lax'),
      replaced('content-type', 'text/html'),
      replaced('ic-certificateexpression', `${header(good, 'ic-certificateexpression') ?? ''} `),
      { ...good, headers: without('ic-certificate') },
    ]
    await verify(assets, asked, good)
    for (const answered of forged) await expect(verify(assets, asked, answered)).rejects.toBeDefined()
    await expect(verify(assets, { url: '/plain.txt' }, good)).rejects.toBeDefined()
    await expect(verify(assets, { url: '/nowhere' }, good)).rejects.toBeDefined()
  })

  test('the answer "not found" for an asset that is there', async () => {
    const missing = await ask(assets.canister, { url: '/nowhere' })
    for (const url of ['/private.txt', '/help', '/about'])
      await expect(verify(assets, { url }, missing)).rejects.toBeDefined()
  })

  test('an answer from before the last change', async () => {
    const other = await startAssetNetwork()
    const put = (content: string) =>
      other.canister.store({
        key: '/a',
        content_type: 'text/plain',
        content_encoding: 'identity',
        content: bytes(content),
        sha256: [],
        aliased: [],
      })
    await put('old')
    const old = await ask(other.canister, { url: '/a' })
    await put('new')
    const fresh = await ask(other.canister, { url: '/a' })
    await verify(other, { url: '/a' }, fresh)
    const mixed: Answered = {
      ...old,
      headers: [
        ...old.headers.filter(([name]) => name !== 'IC-Certificate'),
        ['IC-Certificate', header(fresh, 'ic-certificate') ?? ''],
      ],
    }
    await expect(verify(other, { url: '/a' }, mixed)).rejects.toBeDefined()
    await other.network.close()
  })
})

test('a stranger may read and nothing else', async () => {
  const stranger = await assets.as(Ed25519KeyIdentity.generate())
  expect((await ask(stranger, { url: '/plain.txt' })).text).toBe('plain')
  expect(await stranger.get({ key: '/plain.txt', accept_encodings: ['identity'] })).toMatchObject({ total_length: 5n })
})
