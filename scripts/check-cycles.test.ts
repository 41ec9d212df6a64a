import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { openIdentities } from '@medguard/cli'
import { type Localnet, LOCALNET_ROOT_KEY, startLocalnet } from '@medguard/localnet'
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest'

import { judged, main, RINGS } from './check-cycles.ts'
import { createManagement } from './deploy.ts'
import { CANISTERS, UsageError } from './project.ts'

let localnet: Localnet
let hooked: Server
const heard: unknown[] = []
const folder = mkdtempSync(join(tmpdir(), 'cycles-'))
const file = join(folder, 'network.json')
let page: string
beforeAll(async () => {
  localnet = await startLocalnet({ port: 0 })
  const management = createManagement(localnet.host, openIdentities(folder).open('operator').getPrincipal())
  const ids: Record<string, string> = {}
  for (const name of CANISTERS) {
    const id = await management.createCanister()
    await management.protect(id)
    ids[name] = id.toText()
  }
  page = (await management.createCanister()).toText()
  const rootKey = Buffer.from(LOCALNET_ROOT_KEY).toString('hex')
  writeFileSync(file, JSON.stringify({ url: localnet.url, rootKey, canisters: ids, keyName: 'test_key_1' }))
  hooked = createServer((request, response) => {
    const parts: Buffer[] = []
    request.on('data', (part: Buffer) => parts.push(part))
    request.on('end', () => {
      heard.push(JSON.parse(Buffer.concat(parts).toString('utf8')))
      response.writeHead(request.url === '/full' ? 500 : 204).end()
    })
  })
  await new Promise<void>((resolve) => {
    hooked.listen(0, '127.0.0.1', resolve)
  })
})
afterAll(async () => {
  await localnet.close()
  hooked.close()
  rmSync(folder, { recursive: true })
})
afterEach(() => {
  process.exitCode = 0
  heard.length = 0
  vi.restoreAllMocks()
})

const hookUrl = (path: string) => `http://127.0.0.1:${(hooked.address() as AddressInfo).port}${path}`
async function looked(...more: string[]): Promise<unknown[]> {
  const log = vi.spyOn(console, 'log').mockImplementation(() => {})
  await main(['--network', file, '--as', 'operator', ...more], folder)
  const [[printed = ''] = []] = log.mock.calls as string[][]
  return printed.split('\n').map((line): unknown => JSON.parse(line))
}

test('says what each canister has left, and is quiet while that is enough', async () => {
  const lines = await looked('--webhook', hookUrl('/'))
  expect(lines).toMatchObject(CANISTERS.map((canister) => ({ canister, rings: false })))
  expect(process.exitCode ?? 0).toBe(0)
  expect(heard).toEqual([])
})

test('rings by exit code and by webhook when it is less than was asked for', async () => {
  // Each was given a thousand trillion.
  const lines = await looked('--least', '1001', '--webhook', hookUrl('/'))
  expect(lines).toMatchObject(CANISTERS.map((canister) => ({ canister, rings: true })))
  expect(process.exitCode).toBe(RINGS)
  expect(heard).toEqual([lines])
})

test('looks at the canister of the page too, where it is named', async () => {
  const lines = await looked('--page', page, '--least', '1001', '--webhook', hookUrl('/'))
  expect(lines).toMatchObject([...CANISTERS, 'page'].map((canister) => ({ canister, rings: true })))
  expect(heard).toEqual([lines])
  await expect(looked('--page', 'nowhere')).rejects.toThrow('nowhere is not the id of a canister')
  // Somebody else's: what is known was told, and that one was not looked at.
  await expect(looked('--page', 'aaaaa-aa')).rejects.toThrow('page does not tell its cycles')
})

test('says so when nobody heard it ring, and when it could not look', async () => {
  await expect(looked('--least', '1001', '--webhook', hookUrl('/full'))).rejects.toThrow('not reached: it answered 500')
  expect(process.exitCode).toBe(RINGS)
  await expect(main(['--network', file, '--as', 'somebody'], folder)).rejects.toThrow('consent does not tell')
  for (const wrong of [[], ['--network', file], ['--network', file, '--as', 'operator', '--days', 'ten']])
    await expect(main(wrong, folder)).rejects.toThrow(UsageError)
  await expect(looked('--webhook', 'file:///etc/passwd')).rejects.toThrow('not an address')
})

test('counts what freezing keeps back as gone', () => {
  const budget = { cycles: 300n, idlePerDay: 1n, freezingSeconds: 180n * 86_400n }
  expect(judged(budget, { days: 120, least: 100n })).toEqual({ free: 120n, daysLeft: 120, rings: false })
  expect(judged(budget, { days: 121, least: 100n }).rings).toBe(true)
  expect(judged(budget, { days: 0, least: 121n }).rings).toBe(true)
  expect(judged({ ...budget, cycles: 100n }, { days: 0, least: 1n })).toMatchObject({ free: 0n, rings: true })
})
