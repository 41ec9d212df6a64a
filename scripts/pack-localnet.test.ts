import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

import { Ed25519KeyIdentity } from '@dfinity/identity'
import { HttpAgent, isV3ResponseBody } from '@dfinity/agent'
import * as uc from '@medguard/localnet/universal-canister'
import { afterAll, beforeAll, expect, test } from 'vitest'

import { operatorOf } from '../test/scenarios/management.ts'
import { packLocalnet, type PackageManifest } from './pack-localnet.ts'
import { ROOT } from './project.ts'

let folder: string
let app: string
let running: ChildProcess | null = null

const npm = (...args: string[]) => {
  const { status, stdout, stderr } = spawnSync('npm', args, { cwd: app, encoding: 'utf8' })
  if (status !== 0) throw new Error(`npm ${args.join(' ')} failed:\n${stdout}\n${stderr}`)
}
const readJson = (path: string): unknown => JSON.parse(readFileSync(path, 'utf8'))

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'localnet-package-'))
  app = join(folder, 'app')
  mkdirSync(app)
  writeFileSync(join(app, 'package.json'), JSON.stringify({ name: 'app', private: true, type: 'module' }))
  const tarball = await packLocalnet(join(folder, 'packed'))
  npm('install', tarball, '--ignore-scripts', '--prefer-offline', '--no-audit', '--no-fund')
})
afterAll(async () => {
  if (running !== null) {
    const closed = once(running, 'close')
    running.kill('SIGKILL')
    await closed
  }
  rmSync(folder, { recursive: true, force: true })
})

test('what it depends on is pinned as the project pins it, and there is no compiler among it', () => {
  const { dependencies } = readJson(join(app, 'node_modules/@medguard/localnet/package.json')) as PackageManifest
  const root = readJson(join(ROOT, 'package.json')) as Record<'dependencies' | 'devDependencies', object>
  expect({ ...root.devDependencies, ...root.dependencies }).toMatchObject(dependencies)
  expect(Object.keys(dependencies)).toContain('@dfinity/candid')
  for (const absent of ['tsx', 'typescript', 'esbuild'])
    expect(existsSync(join(app, 'node_modules', absent))).toBe(false)
})

test('it holds the licence, a readme, and nothing of the product', () => {
  const own = join(app, 'node_modules/@medguard/localnet')
  expect(readFileSync(join(own, 'LICENSE'), 'utf8')).toBe(readFileSync(join(ROOT, 'LICENSE'), 'utf8'))
  const readme = readFileSync(join(own, 'README.md'), 'utf8')
  expect(readme).toContain('npx localnet start')
  const links = [...readme.matchAll(/\]\(([^)]+)\)/g)].map((match) => match[1] ?? '')
  expect(links.filter((link) => !existsSync(join(own, link)))).toEqual([])
  const dist = join(own, 'dist')
  const files = readdirSync(dist, { recursive: true, encoding: 'utf8' }).filter((path) => /\.\w+$/.test(path))
  expect(files.length).toBeGreaterThan(100)
  expect(files.filter((path) => /\.(test|fixture)\./.test(path))).toEqual([])
  expect(files.filter((path) => /medguard|patient/i.test(readFileSync(join(dist, path), 'utf8')))).toEqual([])
})

test('its command runs a network in an empty folder, takes a canister, and keeps it', async () => {
  const started = await start()
  const identity = Ed25519KeyIdentity.generate()
  const operator = operatorOf(agentFor(started, identity))
  const canisterId = await operator.create()
  await operator.install(canisterId, uc.universalWasm(), 'install', uc.program())
  const arg = uc.program(uc.addToHeap(7), uc.sayHeap, uc.reply)
  const { response } = await agentFor(started, identity).call(canisterId, { methodName: 'run', arg })
  expect([response.status, isV3ResponseBody(response.body)]).toEqual([200, true])
  await stop()

  const again = agentFor(await start(), identity)
  const answer = await again.query(canisterId, { methodName: 'ask', arg: uc.program(uc.sayHeap, uc.reply) })
  expect('reply' in answer && [...answer.reply.arg]).toEqual([7, 0, 0, 0])
  await stop()
})

test('the sign-in page and its program are there', async () => {
  const { url } = await start()
  const { port } = new URL(url)
  const program = `
    import { startLocalnet } from '@medguard/localnet'
    import { get } from 'node:http'
    const { identityProviderUrl } = await startLocalnet({ port: 0 })
    const { host, port } = new URL(identityProviderUrl)
    get({ host: '127.0.0.1', port, path: '/page.js', headers: { host } }, async (answer) => {
      let text = ''
      for await (const part of answer) text += part
      console.log(answer.statusCode, text.includes('authorize-ready'), ${port})
      process.exit(0)
    })`
  writeFileSync(join(app, 'page.mjs'), program)
  const { stdout } = spawnSync(process.execPath, ['page.mjs'], { cwd: app, encoding: 'utf8' })
  expect(stdout.trim()).toBe(`200 true ${port}`)
  await stop()
})

test('the programs of the readme do what they say', () => {
  const readme = readFileSync(join(app, 'node_modules/@medguard/localnet/README.md'), 'utf8')
  for (const [, example = ''] of readme.matchAll(/^```ts\n(.*?)^```$/gms)) {
    writeFileSync(join(app, 'example.mjs'), example)
    const { status, stdout, stderr } = spawnSync(process.execPath, ['example.mjs'], { cwd: app, encoding: 'utf8' })
    expect([status, stderr]).toEqual([0, ''])
    expect(stdout).toMatch(/^(http:\/\/127\.0\.0\.1:\d+ 133|[0-9a-f]{64})\n$/)
  }
})

test('a wrong command is answered with the usage', () => {
  for (const command of ['localnet', 'localnet-launcher']) {
    const { status, stderr } = spawnSync('npx', ['--no-install', command, '--what'], { cwd: app, encoding: 'utf8' })
    expect([status, stderr]).toEqual([2, expect.stringContaining(`usage: ${command}`)])
  }
})

test('its types hold in a strict program, which they also check, and in the programs of the readme', () => {
  const readme = readFileSync(join(app, 'node_modules/@medguard/localnet/README.md'), 'utf8')
  const examples = [...readme.matchAll(/^```ts\n(.*?)^```$/gms)].map((match) => match[1] ?? '')
  expect(examples).toHaveLength(2)
  for (const [index, example] of examples.entries()) writeFileSync(join(app, `example-${index}.ts`), example)
  writeFileSync(
    join(app, 'program.ts'),
    `import { type Host, type Localnet, type LocalnetOptions, startLocalnet } from '@medguard/localnet'
     const options: LocalnetOptions = { port: 0, clock: 'manual' }
     export const network: Promise<Localnet> = startLocalnet(options)
     export const advance = async (host: Host): Promise<void> => host.advance(1n)
     // @ts-expect-error there is no such option
     export const wrong: LocalnetOptions = { prt: 0 }
     // @ts-expect-error the root key is bytes
     export const key: string = (await network).rootKey\n`,
  )
  const flags = ['--strict', '--noEmit', '--module', 'nodenext', '--target', 'es2022', '--lib', 'es2024,dom']
  const tsc = join(ROOT, 'node_modules/typescript/bin/tsc')
  const { status, stdout } = spawnSync(
    process.execPath,
    [tsc, ...flags, '--types', 'node', 'program.ts', 'example-0.ts', 'example-1.ts'],
    {
      cwd: app,
      encoding: 'utf8',
    },
  )
  expect([stdout, status]).toEqual(['', 0])
})

interface Started {
  readonly url: string
  readonly rootKey: Uint8Array
}

async function start(): Promise<Started> {
  const args = ['start', '--port', '0', '--state', join(folder, 'state')]
  const child = spawn(join(app, 'node_modules/.bin/localnet'), args, { stdio: ['ignore', 'pipe', 'inherit'] })
  running = child
  for await (const line of createInterface({ input: child.stdout })) {
    const { url, rootKey } = JSON.parse(line) as { url: string; rootKey: string }
    return { url, rootKey: new Uint8Array(Buffer.from(rootKey, 'hex')) }
  }
  throw new Error('the network ended before it was ready')
}

async function stop(): Promise<void> {
  const child = running
  running = null
  if (child === null) return
  const closed = once(child, 'close')
  child.kill('SIGTERM')
  await closed
  expect(child.exitCode).toBe(0)
}

const agentFor = ({ url, rootKey }: Started, identity: Ed25519KeyIdentity) =>
  HttpAgent.createSync({ host: url, rootKey, identity, retryTimes: 0 })
