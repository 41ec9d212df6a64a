import { execFile } from 'node:child_process'
import { createHash, generateKeyPairSync } from 'node:crypto'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

import { IDL, Principal } from '@medguard/protocol'
import { assetCanisterModule, type Localnet, startLocalnet } from '@medguard/localnet'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'

import { appHeaders, assetSettings, headersOf } from './app-headers.ts'
import { createManagement, DEVELOPMENT_CANISTERS, DEVELOPMENT_OPERATOR, type Management } from './deploy.ts'
import { pemIdentity } from './deploy/pem-identity.ts'
import { type AssetCanister, assetCanisterWithin } from './page/asset-canister.ts'
import { headersForPage, type PageFile, readPage } from './page/page-files.ts'
import { uploadPage } from './page/upload.ts'
import { UsageError } from './project.ts'
import { main } from './upload-page.ts'

const LARGE = 'a large file, much of it alike '.repeat(100_000)
const CODE = `export const text = '${'worth compressing '.repeat(200)}'`

let localnet: Localnet
let management: Management
beforeAll(async () => {
  localnet = await startLocalnet({ port: 0 })
  management = createManagement(localnet.host, Principal.fromUint8Array(DEVELOPMENT_OPERATOR.principal))
})
afterAll(() => localnet.close())

let folder: string
let id: Principal
let canister: AssetCanister
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'page-'))
  write('index.html', '<!doctype html><title>app</title>')
  write('assets/index-BxK3f9a_.js', CODE)
  write('assets/large-Ab3f9a_x.bin', LARGE)
  write('icon.svg', '<svg/>')
  write('empty.txt', '')
  write('.hidden/settings.json', '{}')
  id = await management.createCanister()
  const wasm = assetCanisterModule()
  await management.install(id, { mode: 'install', wasm, wasmHash: createHash('sha256').update(wasm).digest() })
  canister = assetCanisterWithin((method, arg) => management.call(id, method, arg))
})
afterEach(() => rmSync(folder, { recursive: true }))

function write(path: string, content: string): void {
  mkdirSync(dirname(join(folder, path)), { recursive: true })
  writeFileSync(join(folder, path), content)
}

const site = () => localnet.siteUrl(id.toText())
const files = (): PageFile[] => readPage(folder, headersForPage(folder, site(), DEVELOPMENT_CANISTERS))

interface Answer {
  readonly status: number
  readonly text: string
  readonly headers: Readonly<Record<string, unknown>>
}

/** Through the gateway, which passes on nothing that is not certified. */
function get(path: string, at = id, headers: Readonly<Record<string, string>> = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const host = `${at.toText()}.localhost:${localnet.port}`
    const sent = request({ host: '127.0.0.1', port: localnet.port, path, headers: { host, ...headers } }, (answer) => {
      const parts: Buffer[] = []
      answer.on('data', (part: Buffer) => parts.push(part))
      answer.on('end', () =>
        resolve({
          status: answer.statusCode ?? 0,
          text: Buffer.concat(parts).toString('utf8'),
          headers: answer.headers,
        }),
      )
    })
    sent.on('error', reject)
    sent.end()
  })
}

describe('an upload', () => {
  test('brings every file but hidden ones, and the network certifies each', async () => {
    const uploaded = await uploadPage(canister, files())
    expect(uploaded.changed).toEqual([
      '/assets/index-BxK3f9a_.js',
      '/assets/large-Ab3f9a_x.bin',
      '/empty.txt',
      '/icon.svg',
      '/index.html',
    ])
    expect((await get('/')).text).toContain('<title>app</title>')
    expect((await get('/records/42')).text).toContain('<title>app</title>')
    expect((await get('/assets/large-Ab3f9a_x.bin')).text).toBe(LARGE)
    expect((await get('/assets/index-BxK3f9a_.js')).text).toBe(CODE)
    expect(await get('/empty.txt')).toMatchObject({ status: 200, text: '' })
    expect((await get('/.hidden/settings.json')).text).toContain('<title>app</title>')
  })

  test('gives every file the policy of the app, its type, and how long it may be kept', async () => {
    await uploadPage(canister, files())
    const rules = appHeaders(site(), DEVELOPMENT_CANISTERS, 'http')
    const forever = 'public, max-age=31536000, immutable'
    for (const [path, type, keeping] of [
      ['/', 'text/html; charset=utf-8', 'no-cache'],
      ['/records/42', 'text/html; charset=utf-8', 'no-cache'],
      ['/assets/index-BxK3f9a_.js', 'text/javascript; charset=utf-8', forever],
      ['/icon.svg', 'image/svg+xml', 'no-cache'],
    ] as const) {
      for (const encoding of ['gzip', 'identity']) {
        const { headers } = await get(path, id, { 'accept-encoding': encoding })
        expect(headers, path).toMatchObject({
          ...headersOf(rules, path),
          'content-type': type,
          'cache-control': keeping,
        })
      }
    }
    expect((await get('/assets/index-BxK3f9a_.js', id, { 'accept-encoding': 'gzip' })).headers).toMatchObject({
      'content-encoding': 'gzip',
    })
  })

  test('of the same page sends nothing', async () => {
    await uploadPage(canister, files())
    const before = await canister.list()
    expect(await uploadPage(canister, files())).toEqual({ changed: [], deleted: [], sizeBytes: 0 })
    expect(await canister.list()).toEqual(before)
  })

  test('sends what changed, deletes what is gone, and replaces what has another type', async () => {
    await uploadPage(canister, files())
    rmSync(join(folder, 'icon.svg'))
    write('index.html', '<!doctype html><title>new</title>')
    write('extra.txt', 'extra')
    const changed = await uploadPage(canister, files())
    expect(changed).toMatchObject({ changed: ['/extra.txt', '/index.html'], deleted: ['/icon.svg'], sizeBytes: 38 })
    expect((await get('/')).text).toContain('<title>new</title>')
    const retyped = files().map((file) => (file.key === '/extra.txt' ? { ...file, contentType: 'text/x-extra' } : file))
    expect(await uploadPage(canister, retyped)).toMatchObject({ changed: ['/extra.txt'], deleted: [], sizeBytes: 5 })
    expect((await get('/extra.txt')).headers['content-type']).toBe('text/x-extra')
  })

  test('of new headers sends no contents', async () => {
    await uploadPage(canister, files())
    const headers = { 'content-security-policy': "default-src 'none'" }
    const uploaded = await uploadPage(canister, readPage(folder, [{ match: '**/*', headers }]))
    expect([uploaded.changed.length, uploaded.sizeBytes]).toEqual([5, 0])
    const answered = await get('/')
    expect(answered.headers['content-security-policy']).toBe("default-src 'none'")
    expect(answered.headers['permissions-policy']).toBeUndefined()
  })

  test('takes back a compressed form that the page no longer has', async () => {
    await uploadPage(canister, files())
    write('assets/index-BxK3f9a_.js', 'short')
    await uploadPage(canister, files())
    const answered = await get('/assets/index-BxK3f9a_.js', id, { 'accept-encoding': 'gzip' })
    expect([answered.text, answered.headers['content-encoding']]).toEqual(['short', undefined])
  })

  test('that was cut short shows the page as it was, and the next one finishes', async () => {
    await uploadPage(canister, files())
    write('index.html', '<!doctype html><title>new</title>')
    write('assets/large-Ab3f9a_x.bin', `${LARGE}!`)
    const cut = async (): Promise<never> => Promise.reject(new Error('the connection is gone'))
    await expect(uploadPage({ ...canister, commitBatch: cut }, files())).rejects.toThrow('the connection is gone')
    expect((await get('/')).text).toContain('<title>app</title>')
    await uploadPage(canister, files())
    expect((await get('/')).text).toContain('<title>new</title>')
    expect((await get('/assets/large-Ab3f9a_x.bin')).text).toBe(`${LARGE}!`)
  })

  test('of a production build uses the headers that the build has brought', () => {
    const headers = appHeaders('https://icp-api.io', DEVELOPMENT_CANISTERS, 'https')
    write('.ic-assets.json5', assetSettings(headers))
    expect(headersForPage(folder, site(), DEVELOPMENT_CANISTERS)).toEqual(headers)
    write('.ic-assets.json5', '[]')
    expect(() => headersForPage(folder, site(), DEVELOPMENT_CANISTERS)).toThrow('no headers for every file')
  })
})

describe('npm run upload-page', () => {
  const target = () => ['--url', localnet.url, '--canister', id.toText(), '--folder', folder]
  const run = (...args: readonly string[]): Promise<{ code: number; output: string }> =>
    new Promise((resolve) => {
      const command = ['scripts/boot.mjs', 'upload-page', ...target(), ...args]
      execFile(process.execPath, command, (error, stdout, stderr) =>
        resolve({ code: typeof error?.code === 'number' ? error.code : 0, output: stdout + stderr }),
      )
    })

  test('says what it did, that there is nothing to do, or why it failed', async () => {
    const first = await run()
    expect([first.code, first.output]).toEqual([0, expect.stringContaining('5 of 5 files sent')])
    expect((await get('/')).status).toBe(200)
    const second = await run()
    expect([second.code, second.output]).toEqual([0, expect.stringContaining('unchanged')])
    const failed = await run('--canister', 'nobody')
    expect([failed.code, failed.output]).toEqual([1, 'nobody is no canister id\n'])
  })

  const Grant = IDL.Record({ to_principal: IDL.Principal, permission: IDL.Variant({ Commit: IDL.Null }) })
  const KEYS = {
    Ed25519: () => generateKeyPairSync('ed25519'),
    secp256k1: () => generateKeyPairSync('ec', { namedCurve: 'secp256k1' }),
    'P-256': () => generateKeyPairSync('ec', { namedCurve: 'P-256' }),
  }
  test.each(Object.entries(KEYS))('signs with a key of kind %s, once it may', async (_, makeKey) => {
    const pem = makeKey().privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
    const file = join(folder, '.key.pem')
    writeFileSync(file, pem)
    const to_principal = pemIdentity(pem).getPrincipal()
    const upload = () => main([...target(), '--identity', file])
    await expect(upload()).rejects.toThrow(`${to_principal.toText()} may not upload`)
    const grant = new Uint8Array(IDL.encode([Grant], [{ to_principal, permission: { Commit: null } }]))
    await management.call(id, 'grant_permission', grant)
    await upload()
    expect(await canister.list()).toHaveLength(5)
  })

  test.each([
    ['an unknown option', ['--nothing'], 'Unknown option'],
    ['a folder without a page', ['--folder', tmpdir()], 'npm run build:app'],
    ['an id that is none', ['--canister', 'nobody'], 'nobody is no canister id'],
    ['an address that is none', ['--url', 'nowhere'], 'nowhere is no URL'],
    ['a network that is not there', ['--url', 'http://127.0.0.1:1'], 'was not uploaded to http://127.0.0.1:1'],
    ['another root key', ['--root-key', '00'.repeat(133)], 'was not uploaded'],
    ['a root key of another length', ['--root-key', '00'], '133 bytes'],
    ['a key file that is none', ['--identity', 'package.json'], 'PEM of an unencrypted private key'],
    ['no key elsewhere', ['--url', 'https://icp-api.io'], '--identity is needed'],
  ])('explains %s', async (_, args, why) => {
    const failure: unknown = await main([...target(), ...args]).catch((error: unknown) => error)
    expect(failure).toBeInstanceOf(UsageError)
    expect(failure).toMatchObject({ message: expect.stringContaining(why) as string })
  })
})
