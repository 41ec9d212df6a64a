import { Fault } from '@medguard/client'
import { mkdtempSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { parseCommandLine } from './arguments.ts'
import { exitCodeOf, RefusedError, UsageError } from './exit-code.ts'
import { durationNs, table, toJson } from './format.ts'
import { fileHeadMemory } from './heads.ts'
import { openIdentities } from './identities.ts'
import { mediaTypeOf } from './media-type.ts'
import { resolveNetwork } from './network.ts'

const scratch = () => mkdtempSync(join(tmpdir(), 'medguard-cli-'))

describe('the command line', () => {
  test('takes what it knows and nothing else', () => {
    expect(parseCommandLine(['list', '--kind', 'labs', '--kind', 'vitals', '--json'])).toMatchObject({
      command: 'list',
      options: { kind: ['labs', 'vitals'], json: true },
    })
    expect(parseCommandLine(['show', 'abcdef01', '--out', 'x'])).toMatchObject({ command: 'show', subject: 'abcdef01' })
    expect(parseCommandLine(['--help'])).toBeNull()
    for (const argv of [['constructor'], ['list', '--out', 'x'], ['revoke'], ['whoami', 'x'], ['list', '--kind']])
      expect(() => parseCommandLine(argv), argv.join(' ')).toThrow(UsageError)
  })
  test('reads times to share for', () => {
    expect(durationNs('15m')).toBe(900_000_000_000n)
    expect(durationNs('30d')).toBe(2_592_000_000_000_000n)
    for (const text of ['0d', '-1d', '1', 'd', '1w', '1.5h', '9999999d', '1d '])
      expect(durationNs(text), text).toBeNull()
  })
  test('prints JSON with times as RFC 3339 and numbers of the chain as strings', () => {
    expect(JSON.parse(toJson({ endNs: 1_700_000_000_123_456_789n, leafIndex: 7n, list: [{ startNs: 0n }] }))).toEqual({
      end: '2023-11-14T22:13:20.123Z',
      leafIndex: '7',
      list: [{ start: '1970-01-01T00:00:00.000Z' }],
    })
  })
  test('aligns columns', () => {
    expect(
      table([
        ['a', 'bb', 'c'],
        ['aaa', 'b', 'cc'],
      ]),
    ).toBe('a    bb  c\naaa  b   cc')
  })
  test('has an exit code for each kind of ending', () => {
    expect(exitCodeOf(new UsageError('x'))).toBe(2)
    expect(exitCodeOf(new RefusedError({ kind: 'NotPermitted' }))).toBe(3)
    expect(exitCodeOf(new Fault('Unreachable', 'x'))).toBe(4)
    expect(exitCodeOf(new Fault('Tampered', 'x'))).toBe(5)
    expect(exitCodeOf(new TypeError('x'))).toBe(1)
  })
  test('knows FHIR from other JSON', () => {
    expect(mediaTypeOf('a.json', Buffer.from('{"resourceType":"Bundle"}'))).toBe('application/fhir+json')
    expect(mediaTypeOf('a.json', Buffer.from('{broken'))).toBe('application/json')
    expect(mediaTypeOf('a.PDF', Buffer.from(''))).toBe('application/pdf')
    expect(mediaTypeOf('a', Buffer.from(''))).toBe('application/octet-stream')
  })
})

describe('local identities', () => {
  test('are made once, kept for their owner only, and stay the same', () => {
    const state = scratch()
    const first = openIdentities(state).open('dana').getPrincipal().toText()
    expect(openIdentities(state).open('dana').getPrincipal().toText()).toBe(first)
    expect(statSync(join(state, 'identities/dana.json')).mode & 0o777).toBe(0o600)
    expect(openIdentities(state).resolve('dana')).toBe(first)
    expect(openIdentities(state).nameOf(first)).toBe('dana')
    expect(openIdentities(state).resolve('2vxsx-fae')).toBe('2vxsx-fae')
  })
  test('cannot be named out of their folder, guessed or replaced', () => {
    const identities = openIdentities(scratch())
    for (const name of ['../dana', '.hidden', 'a/b', '', 'a'.repeat(41)])
      expect(() => identities.open(name), name).toThrow(UsageError)
    expect(() => identities.resolve('nobody')).toThrow(UsageError)
    identities.keep('sam', new Uint8Array(32).fill(1))
    expect(() => identities.keep('sam', new Uint8Array(32).fill(2))).toThrow(UsageError)
  })
  test('a damaged file is said to be damaged', () => {
    const state = scratch()
    openIdentities(state).open('dana')
    writeFileSync(join(state, 'identities/dana.json'), '{"seed":"12"}')
    expect(() => openIdentities(state).open('dana')).toThrow('damaged')
  })
})

describe('trust', () => {
  test('a network that is not on this machine needs a file that pins it', () => {
    expect(() => resolveNetwork('https://icp-api.io')).toThrow('network file')
    expect(resolveNetwork('http://127.0.0.1:5000').url).toBe('http://127.0.0.1:5000')
    const file = join(scratch(), 'network.json')
    const canisters = { consent: 'aaaaa-aa', records: '2vxsx-fae', audit: 'rwlgt-iiaaa-aaaaa-aaaaa-cai' }
    const pinned = { url: 'https://icp-api.io', rootKey: '30'.repeat(133), canisters, keyName: 'key_1' }
    writeFileSync(file, JSON.stringify(pinned))
    expect(resolveNetwork(file)).toMatchObject({ url: 'https://icp-api.io', canisters })
    for (const wrong of [
      { keyName: 'dfx_test_key' },
      { rootKey: '30' },
      { canisters: { ...canisters, audit: 'aaaaa-aa' } },
      { url: 'x' },
    ]) {
      writeFileSync(file, JSON.stringify({ ...pinned, ...wrong }))
      expect(() => resolveNetwork(file), JSON.stringify(wrong)).toThrow('not a network file')
    }
  })
  test('the last head is remembered per person and log', async () => {
    const state = scratch()
    await fileHeadMemory(state, 'a').write('log', '5:aa')
    expect(await fileHeadMemory(state, 'a').read('log')).toBe('5:aa')
    expect(await fileHeadMemory(state, 'b').read('log')).toBeNull()
    expect(readFileSync(join(state, 'heads.json'), 'utf8')).toContain('5:aa')
  })
})
