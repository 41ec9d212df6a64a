import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { request as httpRequest } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { Ed25519KeyIdentity } from '@dfinity/identity'
import type { Principal } from '@dfinity/principal'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { fromHex } from '../certificates/index.ts'
import { agentFor, deploy, tallyActor } from '../host/deploy.fixture.ts'
import { tallyWasm } from '../host/tally.fixture.ts'
import { type Localnet, startLocalnet } from '../index.ts'

const TOKEN = 'a token of thirty-two characters'
let net: Localnet
let id: Principal
let tally: ReturnType<typeof tallyActor>
beforeAll(async () => {
  net = await startLocalnet({ port: 0, admin: { token: TOKEN, seed: '1' } })
  const agent = await agentFor(net, Ed25519KeyIdentity.generate())
  id = await deploy(agent, tallyWasm())
  tally = tallyActor(agent, id)
})
afterAll(() => net.close())

interface Asked {
  readonly method?: string
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
  readonly url?: string
}

async function admin(path: string, { method = 'GET', body, headers = {}, url = net.url }: Asked = {}) {
  const { port } = new URL(url)
  const request = httpRequest({
    host: '127.0.0.1',
    port,
    path: `/_localnet/${path}`,
    method,
    headers: {
      authorization: `Bearer ${TOKEN}`,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
    },
  })
  request.end(body === undefined ? undefined : typeof body === 'string' ? body : JSON.stringify(body))
  const [response] = (await once(request, 'response')) as [import('node:http').IncomingMessage]
  let text = ''
  for await (const part of response) text += String(part)
  return { status: response.statusCode, text, headers: response.headers }
}

const add = async (body: unknown): Promise<string> => {
  const answer = await admin('faults', { method: 'POST', body })
  expect(answer.status).toBe(201)
  return (JSON.parse(answer.text) as { id: string }).id
}

describe('the administration endpoint', () => {
  test('adds rules that the network follows, says what they did, and takes them back', async () => {
    const rule = await add({ kind: 'trapAtSyscall', canister: id.toText(), method: 'mark', at: 1 })
    await expect(tally.mark(1)).rejects.toThrow('IC0502')
    const listed = JSON.parse((await admin('faults')).text) as { rules: object[]; fired: object[] }
    expect(listed.rules).toEqual([expect.objectContaining({ id: rule, kind: 'trapAtSyscall', seen: 1, fired: 1 })])
    expect(listed.fired).toEqual([expect.objectContaining({ rule, canister: id.toText(), method: 'mark' })])
    expect((await admin(`faults/${rule}`, { method: 'DELETE' })).status).toBe(204)
    expect((await admin(`faults/${rule}`, { method: 'DELETE' })).status).toBe(404)
    expect(await tally.mark(1)).toBe(1)
  })

  test('makes a node lie: it signs what it says, and what comes by update is true', async () => {
    await tally.mark(2)
    const rule = await add({ kind: 'lieInQuery', how: 'change', canister: id.toText(), method: 'count' })
    expect(rule).toMatch(/^node-/)
    expect(await tally.count(2)).not.toBe(1)
    expect(await tally.mark(2)).toBe(2)
    expect((await admin('faults', { method: 'DELETE' })).status).toBe(204)
    expect(await tally.count(2)).toBe(2)
  })

  test('moves the clock', async () => {
    const before = await net.host.timeNs()
    const answer = await admin('clock', { method: 'POST', body: { advanceMs: 86_400_000 } })
    expect(BigInt((JSON.parse(answer.text) as { timeNs: string }).timeNs)).toBeGreaterThanOrEqual(
      before + 86_400_000_000_000n,
    )
  })
})

describe('whoever is not a program of this machine with the token', () => {
  test.each([
    ['no token', 401, { headers: { authorization: '' } }],
    ['another token', 401, { headers: { authorization: `Bearer ${TOKEN}x` } }],
    ['a page, whatever it knows', 403, { headers: { origin: 'http://127.0.0.1:4943' } }],
    ['a page of the same site', 403, { headers: { 'sec-fetch-site': 'same-origin' } }],
    ['a name that was made to point here', 403, { headers: { host: 'attacker.example:4943' } }],
  ])('%s: is refused', async (_name, status, asked) => {
    expect((await admin('faults', asked)).status).toBe(status)
    expect((await admin('faults', { ...asked, method: 'POST', body: { kind: 'reorder' } })).status).toBe(status)
    expect(JSON.parse((await admin('faults')).text)).toMatchObject({ rules: [] })
  })

  test('learns nothing where it was not asked for', async () => {
    const plain = await startLocalnet({ port: 0 })
    try {
      expect((await admin('faults', { url: plain.url })).status).toBe(400)
    } finally {
      await plain.close()
    }
  })

  test('a token that could be guessed is none', async () => {
    await expect(startLocalnet({ port: 0, admin: { token: 'short' } })).rejects.toThrow(RangeError)
  })
})

test.each([
  ['not JSON', 400, 'faults', { body: '{' }],
  ['no rule', 400, 'faults', { body: { kind: 'nothing' } }],
  ['a rule with more in it', 400, 'faults', { body: { kind: 'reorder', __proto__x: 1 } }],
  ['too much', 413, 'faults', { body: { kind: 'reorder', method: 'x'.repeat(20_000) } }],
  ['another type', 415, 'faults', { body: '{}', headers: { 'content-type': 'text/plain' } }],
  ['back in time', 400, 'clock', { body: { advanceMs: -1 } }],
  ['two things at once', 400, 'clock', { body: { advanceMs: 1, more: 1 } }],
  ['nowhere', 404, 'surprise', { body: {} }],
])('%s is refused and changes nothing', async (_name, status, path, asked) => {
  const before = (await admin('faults')).text
  expect((await admin(path, { method: 'POST', ...asked })).status).toBe(status)
  expect((await admin('faults')).text).toBe(before)
})

test('killAtFileOp ends the process there; the next one has what was answered, once', async () => {
  const state = mkdtempSync(join(tmpdir(), 'localnet-'))
  const program = `
    const { startLocalnet } = await import(${JSON.stringify(new URL('../index.ts', import.meta.url).href)})
    const net = await startLocalnet({ port: 0, stateDir: ${JSON.stringify(state)}, admin: { token: ${JSON.stringify(TOKEN)} } })
    console.log(JSON.stringify({ url: net.url, rootKey: Buffer.from(net.rootKey).toString('hex') }))`
  const start = async () => {
    const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', program], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    for await (const line of createInterface({ input: child.stdout })) {
      const { url, rootKey } = JSON.parse(line) as { url: string; rootKey: string }
      return { child, url, rootKey: fromHex(rootKey) }
    }
    throw new Error('the network ended before it was ready')
  }
  let running = await start()
  try {
    const identity = Ed25519KeyIdentity.generate()
    const canister = await deploy(await agentFor(running, identity), tallyWasm())
    let next = 0
    const answered = new Set<number>()
    for (const at of [2, 9]) {
      const marks = tallyActor(await agentFor(running, identity), canister)
      const killed = once(running.child, 'exit')
      const body = { kind: 'killAtFileOp', at }
      expect((await admin('faults', { method: 'POST', body, url: running.url })).status).toBe(201)
      for (let isAlive = true; isAlive;) {
        const n = next++
        try {
          await marks.mark(n)
          answered.add(n)
        } catch {
          isAlive = false // which is what this test does to it
        }
      }
      expect((await killed)[1]).toBe('SIGKILL')
      running = await start()
      const counts = tallyActor(await agentFor(running, identity), canister)
      for (let n = 0; n < next; n++)
        expect([n, await counts.count(n)]).toEqual([n, answered.has(n) ? 1 : expect.toBeOneOf([0, 1])])
    }
    expect(answered.size).toBeGreaterThan(1)
  } finally {
    running.child.kill('SIGKILL')
    rmSync(state, { recursive: true, force: true })
  }
})
