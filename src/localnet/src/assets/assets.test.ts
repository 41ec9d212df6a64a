import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { getCanisterEnv } from '@dfinity/agent/canister-env'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { createCertifier, DEVELOPMENT_ROOT_SECRET } from '../certificates/index.ts'
import { headerOf, type Site, type SiteResponse } from '../http/index.ts'
import { createAssets } from './index.ts'

const { rootKeyDer } = createCertifier(DEVELOPMENT_ROOT_SECRET)
const script = `export const text = '${'long enough to be worth compressing '.repeat(100)}'`
let folder: string
let outside: string
let site: Site

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'assets-'))
  outside = mkdtempSync(join(tmpdir(), 'outside-'))
  mkdirSync(join(folder, 'assets'))
  writeFileSync(join(folder, 'index.html'), '<!doctype html><title>app</title>')
  writeFileSync(join(folder, 'sw.js'), '// worker')
  writeFileSync(join(folder, 'apple-touch-icon.png'), 'picture')
  writeFileSync(join(folder, 'assets/index-BxK3f9a_.js'), script)
  writeFileSync(join(outside, 'secret.txt'), 'secret')
  symlinkSync(join(outside, 'secret.txt'), join(folder, 'link.txt'))
  site = createAssets(
    {
      folder,
      headers: { 'content-security-policy': "default-src 'none'" },
      environment: { 'PUBLIC_CANISTER_ID:app': 'aaaaa-aa' },
    },
    rootKeyDer,
  )
})
afterAll(() => {
  rmSync(folder, { recursive: true })
  rmSync(outside, { recursive: true })
})

const get = (url: string, headers: Record<string, string> = {}, method = 'GET'): Promise<SiteResponse> =>
  site({ method, url, headers: Object.entries(headers), body: new Uint8Array() })
const text = ({ body }: SiteResponse) => Buffer.from(body).toString('utf8')

test('the page is served at the root, never cached unasked, with the headers of the policy', async () => {
  const page = await get('/')
  expect(page.status).toBe(200)
  expect(text(page)).toContain('<title>app</title>')
  expect(headerOf(page.headers, 'content-type')).toBe('text/html; charset=utf-8')
  expect(headerOf(page.headers, 'cache-control')).toBe('no-cache')
  expect(headerOf(page.headers, 'content-security-policy')).toBe("default-src 'none'")
})

test('a place inside the app gets the page, a file that is missing does not', async () => {
  expect(text(await get('/records/42?tab=a'))).toContain('<title>app</title>')
  const missing = await get('/assets/gone-BxK3f9a_.js')
  expect(missing.status).toBe(404)
  expect(headerOf(missing.headers, 'content-security-policy')).toBe("default-src 'none'")
})

test('a file with a hash in its name is kept for ever, others are not', async () => {
  expect(headerOf((await get('/assets/index-BxK3f9a_.js')).headers, 'cache-control')).toContain('immutable')
  for (const path of ['/sw.js', '/apple-touch-icon.png']) {
    expect(headerOf((await get(path)).headers, 'cache-control')).toBe('no-cache')
  }
})

test('text is compressed for those who ask, and only for those', async () => {
  const packed = await get('/assets/index-BxK3f9a_.js', { 'accept-encoding': 'br, gzip' })
  expect(headerOf(packed.headers, 'content-encoding')).toBe('gzip')
  expect(gunzipSync(packed.body).toString('utf8')).toBe(script)
  const plain = await get('/assets/index-BxK3f9a_.js', { 'accept-encoding': 'gzip;q=0' })
  expect(text(plain)).toBe(script)
  expect(headerOf(plain.headers, 'etag')).not.toBe(headerOf(packed.headers, 'etag'))
})

test('what the browser has already is not sent again, until the file changes', async () => {
  const etag = headerOf((await get('/sw.js')).headers, 'etag') ?? ''
  expect((await get('/sw.js', { 'if-none-match': etag })).status).toBe(304)
  writeFileSync(join(folder, 'sw.js'), '// another worker')
  expect((await get('/sw.js', { 'if-none-match': etag })).status).toBe(200)
})

test.each(['/../secret.txt', '/%2e%2e/secret.txt', '/link.txt', '/..%2fsecret.txt', '/%00', '/%', '/a\\..\\b'])(
  'nothing outside the folder is reached by %s',
  async (url) => {
    const answer = await get(url)
    expect(answer.status).toBeGreaterThanOrEqual(400)
    expect(text(answer)).not.toContain('secret')
  },
)

test('only reading is answered', async () => {
  expect((await get('/', {}, 'POST')).status).toBe(405)
})

test('the environment cookie is what the released reader expects', async () => {
  const cookie = headerOf((await get('/')).headers, 'set-cookie') ?? ''
  vi.stubGlobal('document', { cookie: cookie.split(';')[0] })
  const environment: Readonly<Record<string, unknown>> = { ...getCanisterEnv() }
  vi.unstubAllGlobals()
  expect(environment['IC_ROOT_KEY']).toEqual(rootKeyDer)
  expect(environment['PUBLIC_CANISTER_ID:app']).toBe('aaaaa-aa')
  expect(headerOf((await get('/sw.js')).headers, 'set-cookie')).toBeUndefined()
})
