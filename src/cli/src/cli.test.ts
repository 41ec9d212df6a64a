import { Fault, type MedGuardClient } from '@medguard/client'
import { execFile } from 'node:child_process'
import {
  chmodSync,
  closeSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, test } from 'vitest'
import { parseCommandLine } from './arguments.ts'
import { COMMANDS, helpOf, USAGE } from './commands/index.ts'
import { exitCodeOf, RefusedError, UsageError } from './exit-code.ts'
import { durationNs, table, toJson } from './format.ts'
import { fileHeadMemory } from './heads.ts'
import { openIdentities } from './identities.ts'
import { mediaTypeOf } from './media-type.ts'
import { writeNewFile } from './new-file.ts'
import { LOG_SHARDS_FILE, writeLogShards } from './log-shards-file.ts'
import { resolveNetwork } from './network.ts'
import { faultText } from './words.ts'

const scratch = () => mkdtempSync(join(tmpdir(), 'medguard-cli-'))

describe('the command line', () => {
  test('takes what it knows and nothing else', () => {
    expect(parseCommandLine(['list', '--kind', 'labs', '--kind', 'vitals', '--json'])).toMatchObject({
      name: 'list',
      options: { kind: ['labs', 'vitals'], json: true },
    })
    expect(parseCommandLine(['show', 'abcdef01', '--out', 'x'])).toMatchObject({ name: 'show', subject: 'abcdef01' })
    expect(parseCommandLine(['--help'])).toBeNull()
    for (const argv of [['constructor'], ['list', '--out', 'x'], ['revoke'], ['whoami', 'x'], ['list', '--kind']])
      expect(() => parseCommandLine(argv), argv.join(' ')).toThrow(UsageError)
  })
  test('takes --for-patient where a command is about a vault, and nowhere else', () => {
    const ofVaults = [...COMMANDS].filter(([, { options }]) => options.includes('for-patient')).map(([name]) => name)
    expect(ofVaults.join(' ')).toBe(
      'whoami add list show files get amend versions delete annotate profile erase announce-erasure stop-erasure uploads abandon usage export import fhir export fhir summary fhir import share shares change revoke link make link list link end link open rules pause resume ' +
        'block unblock who-can-open consent agreement requests approve deny people link unlink appoint dismiss recovery stop-recovery keep-up rewrap device add device list device rename device pause device resume device remove device rotate watch inbox inbox open inbox file inbox reject log',
    )
    for (const [name, { args, options }] of COMMANDS) {
      if (options.includes('for-patient')) continue
      const argv = [...name.split(' '), ...(args === 1 ? ['x'] : []), '--for-patient', 'y']
      expect(() => parseCommandLine(argv), name).toThrow(`${name} does not take --for-patient`)
    }
    for (const argv of [
      ['list', '--of', 'x'],
      ['log', '--mine'],
    ])
      expect(() => parseCommandLine([...argv, '--for-patient', 'y']), argv.join(' ')).toThrow('--for-patient or')
  })
  test('says of one command what it says of all', () => {
    expect(helpOf('')).toBe(USAGE)
    expect(helpOf('resume')).toMatch(/^ {2}pause, resume {2,}stop all sharing/)
    expect(helpOf('log')).toContain('recordAdd')
    for (const name of COMMANDS.keys()) {
      const said = helpOf(name)
      expect(said, name).toContain(name)
      expect(said.length, name).toBeLessThan(3000)
      expect(USAGE, name).toContain(said.split('\n')[0])
    }
    expect(() => helpOf('nosuch')).toThrow(UsageError)
    expect(helpOf('org')).toMatch(/^ {2}org register NAME[^]*\n {2}org members ORG/)
    expect(helpOf('org')).not.toMatch(/^ {2}(invite|council)/m)
    expect(helpOf('council')).toContain('council propose (--verify-org')
  })
  test('says how a command is used that was not used so', async () => {
    expect(() => parseCommandLine(['org'])).toThrow(/^org is followed by another word:\n {2}org register/)
    expect(() => parseCommandLine(['council', 'nosuch'])).toThrow('council vote ACT')
    expect(() => parseCommandLine(['org', 'accept'])).toThrow(/^org accept takes one argument:\n {2}org accept ORG/)
    expect(() => parseCommandLine(['recovery', 'x'])).toThrow(/no argument:\n {2}recovery [^]*--new-kit FILE/)
  })
  test('takes names of events, ids and dates for what they are', async () => {
    // Refused before anything is asked: there is no network here.
    const wrong = async (...argv: string[]) => {
      const args = parseCommandLine(argv)
      const state = scratch()
      const nobody = { client: {} as MedGuardClient, ward: null, stateDir: state, identities: openIdentities(state) }
      if (args === null) throw new Error('no command')
      const error: unknown = await args.command
        .run({ ...nobody, network: resolveNetwork('http://127.0.0.1:1', scratch()), args })
        .catch((thrown: unknown) => thrown)
      return error instanceof UsageError ? error.message : error
    }
    expect(await wrong('log', '--event', 'nosuch')).toMatch(/^--event is one of enrol, .*recordAdd/)
    expect(await wrong('org', 'members', 'xyz')).toContain('the id of an organisation')
    expect(await wrong('show', 'xyz')).toContain('the id of a record')
    expect(await wrong('show', '11223344', '--version', '0')).toContain('--version is a number')
    expect(await wrong('amend', '11223344', '--file', 'x', '--date', '2026-13-01')).toContain('--date is a day')
    for (const start of ['2020-01-01', 'tomorrow'])
      expect(await wrong('share', '--with', 'x', '--kind', 'labs', '--for', '1d', '--start', start)).toContain(
        '--start is',
      )
  })
  test('says who controls what of those canisters only that answered', async () => {
    const where = COMMANDS.get('where')
    const [consent, audit] = ['a', 'b'].map((name) => ({ name, canisterId: name, controllers: [name], nodes: [] }))
    const said = async (unreached: readonly object[]) => {
      const hosting = async () => ({ kind: 'done', value: { parts: [consent, audit], unreached } })
      const args = { client: { hosting } } as unknown as Parameters<NonNullable<typeof where>['run']>[0]
      return (await where?.run(args))?.words
    }
    expect(await said([])).toContain('No controller has two of the canisters.')
    expect(await said([{ name: 'audit 1', canisterId: 'c' }])).toContain('two of the canisters that answered.')
  })
  test('does not say of a question that it may have changed something', () => {
    const fault = new Fault('Uncertain', 'no answer')
    expect(faultText(fault)).toContain('the change may have happened')
    expect(faultText(fault, true)).toContain('Nothing was done')
    const asking = [...COMMANDS].filter(([, { onlyAsks }]) => onlyAsks === true).map(([name]) => name)
    for (const name of ['whoami', 'shares', 'log', 'requests', 'people']) expect(asking).toContain(name)
    for (const name of ['add', 'share', 'list', 'show', 'rules', 'pause', 'revoke']) expect(asking).not.toContain(name)
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
  test('made by two commands in the same moment are one', async () => {
    const state = scratch()
    const script = `
      import { openIdentities } from '@medguard/cli'
      process.stdout.write(openIdentities(${JSON.stringify(state)}).open('dana').getPrincipal().toText())`
    const run = promisify(execFile)
    const made = await Promise.all(
      [1, 2, 3].map(() => run(process.execPath, ['--import', 'tsx', '--input-type=module', '--eval', script])),
    )
    expect(new Set(made.map(({ stdout }) => stdout)).size).toBe(1)
    expect(readdirSync(join(state, 'identities'))).toEqual(['dana.json'])
  })
  test('are not used when others can read them, such as those that came with a folder', () => {
    const state = scratch()
    openIdentities(state).open('dana')
    chmodSync(join(state, 'identities/dana.json'), 0o644)
    expect(() => openIdentities(state).open('dana')).toThrow('others can read')
  })
  test('of which one is damaged still name the others', () => {
    const state = scratch()
    const dana = openIdentities(state).open('dana').getPrincipal().toText()
    writeFileSync(join(state, 'identities/broken.json'), '', { mode: 0o600 })
    writeFileSync(join(state, 'identities/not a name.json'), '{}')
    expect(openIdentities(state).nameOf(dana)).toBe('dana')
    expect(openIdentities(state).nameOf('2vxsx-fae')).toBeNull()
  })
  test('a damaged file is said to be damaged', () => {
    const state = scratch()
    openIdentities(state).open('dana')
    writeFileSync(join(state, 'identities/dana.json'), '{"seed":"12"}')
    expect(() => openIdentities(state).open('dana')).toThrow('damaged')
  })
})

describe('a file that a record is saved to', () => {
  test('is whole, for its owner only, and never one that was there', () => {
    const folder = scratch()
    const path = join(folder, 'record.pdf')
    writeNewFile(path, new Uint8Array([1, 2, 3]))
    expect([...readFileSync(path)]).toEqual([1, 2, 3])
    expect(statSync(path).mode & 0o777).toBe(0o600)
    expect(() => writeNewFile(path, new Uint8Array([4]))).toThrow('EEXIST')
    symlinkSync(join(folder, 'nowhere'), join(folder, 'link'))
    expect(() => writeNewFile(join(folder, 'link'), new Uint8Array([4]))).toThrow('EEXIST')
    expect([...readFileSync(path)]).toEqual([1, 2, 3])
    expect(readdirSync(folder).toSorted()).toEqual(['link', 'record.pdf'])
  })
  test('is not there at all when it could not be written whole', async () => {
    const folder = scratch()
    const script = `
      import { writeNewFile } from ${JSON.stringify(new URL('new-file.ts', import.meta.url).href)}
      writeNewFile(${JSON.stringify(join(folder, 'record.pdf'))}, new Uint8Array(100_000))`
    // The shell's limit on file sizes stands in for a full disk: the write fails half-way.
    const command = `ulimit -f 16; trap '' XFSZ; exec "$0" --import tsx --input-type=module --eval "$1"`
    const run = promisify(execFile)
    await expect(run('/bin/sh', ['-c', command, process.execPath, script])).rejects.toThrow('EFBIG')
    expect(readdirSync(folder)).toEqual([])
  })
})

describe('what other people wrote', () => {
  const hostile = 'Blood\u001b[2J\u009b31m\u202ecount\nfeedbeef  labs  a second row'
  test('stays in its cell and commands no terminal', () => {
    const shown = table([
      ['deadbeef', hostile],
      ['cafecafe', 'X-ray'],
    ])
    expect(shown.split('\n')).toHaveLength(2)
    expect(shown).not.toMatch(/[^\P{C}\n]/u)
  })
  test('comes out of JSON as it was, and commands no terminal on the way', () => {
    const json = toJson({ title: `${hostile}\u2028\u{e0041}` })
    expect(json).not.toMatch(/[^\P{C}\n]/u)
    expect(JSON.parse(json)).toEqual({ title: `${hostile}\u2028\u{e0041}` })
  })
})

describe('trust', () => {
  test('a network that is not on this machine needs a file that pins it', () => {
    expect(() => resolveNetwork('https://icp-api.io', scratch())).toThrow('network file')
    expect(resolveNetwork('http://127.0.0.1:5000', scratch()).url).toBe('http://127.0.0.1:5000')
    const file = join(scratch(), 'network.json')
    const canisters = { consent: 'aaaaa-aa', records: '2vxsx-fae', audit: 'rwlgt-iiaaa-aaaaa-aaaaa-cai' }
    const pinned = { url: 'https://icp-api.io', rootKey: '30'.repeat(133), canisters, keyName: 'key_1' }
    writeFileSync(file, JSON.stringify(pinned))
    expect(resolveNetwork(file, scratch())).toMatchObject({ url: 'https://icp-api.io', canisters })
    for (const wrong of [
      { keyName: 'dfx_test_key' },
      { rootKey: '30' },
      { canisters: { ...canisters, audit: 'aaaaa-aa' } },
      { url: 'x' },
      { url: 'http://icp-api.io' },
      { url: 'http://localhost.example.com' },
      { url: 'ftp://127.0.0.1' },
    ]) {
      writeFileSync(file, JSON.stringify({ ...pinned, ...wrong }))
      expect(() => resolveNetwork(file, scratch()), JSON.stringify(wrong)).toThrow('not a network file')
    }
  })
  test('the network of `npm start` has the canisters of the log that it opened', () => {
    const state = scratch()
    const logShards = ['aaaaa-aa']
    writeLogShards(state, ['2vxsx-fae'])
    const old = openSync(join(state, LOG_SHARDS_FILE), 'r')
    writeLogShards(state, logShards)
    expect(JSON.parse(readFileSync(old, 'utf8'))).toEqual(['2vxsx-fae']) // another file has its name now, and it never was half of one
    closeSync(old)
    expect(resolveNetwork('http://127.0.0.1:5000', state).canisters).toMatchObject({ logShards })
    for (const damaged of ['', '{}', '[1]', '["no id"]']) {
      writeFileSync(join(state, LOG_SHARDS_FILE), damaged)
      expect(() => resolveNetwork('http://127.0.0.1:5000', state), damaged).toThrow('damaged')
    }
  })
  test('the last head is remembered per person and log', async () => {
    const state = scratch()
    await fileHeadMemory(state, 'a').write('log', '5:aa')
    expect(await fileHeadMemory(state, 'a').read('log')).toBe('5:aa')
    expect(await fileHeadMemory(state, 'b').read('log')).toBeNull()
  })
})
