import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ConfigError, parseConfig } from './config.ts'
import { readIdentity, readNetwork, readSealingKey } from './identity.ts'

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'medguard-config-'))
})
afterAll(() => rmSync(folder, { recursive: true }))

const key = { kty: 'EC', crv: 'P-384', x: 'x', y: 'y', kid: 'one' }
const client = { clientId: 'ehr', jwks: { keys: [key] }, scopes: ['system/*.rs'] }
const good = {
  network: 'network.json',
  identity: 'id.json',
  dataFolder: 'data',
  http: { port: 8080, clients: [client] },
}
const placeOf = (work: () => unknown): string => {
  try {
    work()
  } catch (error) {
    if (error instanceof ConfigError) return error.place
    throw error
  }
  return 'nothing is wrong'
}
const wrongAt = (config: unknown): string => placeOf(() => parseConfig(JSON.stringify(config), '/etc/medguard'))
const http = (change: object) => ({ ...good, http: { ...good.http, ...change } })

test('paths start from where the file lies, and it listens on this machine alone unless told', () => {
  const config = parseConfig(JSON.stringify(good), '/etc/medguard')
  expect(config).toMatchObject({
    identity: '/etc/medguard/id.json',
    dataFolder: '/etc/medguard/data',
    http: { host: '127.0.0.1', tls: null },
  })
})

test.each<[place: string, config: unknown]>([
  ['the file', []],
  ['the file', { ...good, htpp: {} }],
  ['network', { ...good, network: undefined }],
  ['identity', { ...good, identity: 7 }],
  ['http', { ...good, http: 1 }],
  ['http', http({ hots: '0.0.0.0' })],
  ['http.host', http({ host: '0.0.0.0' })],
  ['http.port', http({ port: 70_000 })],
  ['http.tls.key', http({ tls: { certificate: 'a' } })],
  ['http.publicUrl', http({ publicUrl: 'http://gateway.example' })],
  ['http.publicUrl', http({ publicUrl: 'https://gateway.example/' })],
  ['http.requestsPerMinute', http({ requestsPerMinute: 0 })],
  ['hl7v2', { ...good, hl7v2: { prot: 1 } }],
  ['hl7v2.port', { ...good, hl7v2: { keyFile: 'key' } }],
  ['hl7v2.host', { ...good, hl7v2: { host: '10.0.0.1', port: 2575, keyFile: 'key' } }],
  ['hl7v2.tls.authority', { ...good, hl7v2: { port: 2575, keyFile: 'key', tls: { certificate: 'a', key: 'b' } } }],
  ['hl7v2.keyFile', { ...good, hl7v2: { port: 2575 } }],
  ['hl7v2.offset', { ...good, hl7v2: { port: 2575, keyFile: 'key', offset: 'CET' } }],
  ['hl7v2.waitingMax', { ...good, hl7v2: { port: 2575, keyFile: 'key', waitingMax: 0 } }],
  ['http.clients', http({ clients: [] })],
  ['http.clients', http({ clients: [client, client] })],
  ['http.clients[0].scopes', http({ clients: [{ ...client, scopes: ['user/*.rs'] }] })],
  ['http.clients[0].scopes', http({ clients: [{ ...client, scopes: ['system/Subscription.rs'] }] })],
  ['http.clients[0].jwks', http({ clients: [{ ...client, jwks: { keys: [] } }] })],
  ['http.clients[0].jwks', http({ clients: [{ ...client, jwks: { keys: [key], url: 'https://x' } }] })],
  ['http.clients[0].jwks.keys[0]', http({ clients: [{ ...client, jwks: { keys: [{ ...key, d: 'secret' }] } }] })],
  ['http.clients[0].jwks.keys[0]', http({ clients: [{ ...client, jwks: { keys: [{ ...key, kid: undefined }] } }] })],
])('says that %s is wrong', (place, config) => {
  expect(wrongAt(config)).toBe(place)
})

test('another host is taken with TLS', () => {
  expect(wrongAt(http({ host: '0.0.0.0', tls: { certificate: 'a.pem', key: 'b.pem' } }))).toBe('nothing is wrong')
})

test('a key that others can read is refused, and so is what is none', () => {
  const path = join(folder, 'key.json')
  writeFileSync(path, JSON.stringify({ seed: 'ab'.repeat(32) }), { mode: 0o600 })
  expect(readIdentity(path).getPrincipal().toText()).toMatch(/-/)
  chmodSync(path, 0o640)
  expect(placeOf(() => readIdentity(path))).toBe('identity')
  writeFileSync(join(folder, 'none.json'), '{"seed":"ab"}', { mode: 0o600 })
  expect(placeOf(() => readIdentity(join(folder, 'none.json')))).toBe('identity')
  expect(placeOf(() => readIdentity(join(folder, 'missing.json')))).toBe('identity')
})

test('the key of what waits on the disk is 32 bytes, for its owner alone', () => {
  const path = join(folder, 'sealing')
  writeFileSync(path, `${'0f'.repeat(32)}\n`, { mode: 0o600 })
  expect(readSealingKey(path)).toEqual(new Uint8Array(32).fill(15))
  chmodSync(path, 0o604)
  expect(placeOf(() => readSealingKey(path))).toBe('hl7v2.keyFile')
})

test('a network elsewhere is pinned in a file, never fetched', () => {
  expect(placeOf(() => readNetwork('https://icp-api.io'))).toBe('network')
  expect(placeOf(() => readNetwork(join(folder, 'missing.json')))).toBe('network')
  expect(readNetwork('http://127.0.0.1:4943').url).toBe('http://127.0.0.1:4943')
})
