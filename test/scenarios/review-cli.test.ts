import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { main, openIdentities } from '@medguard/cli'
import type { Principal } from '@medguard/protocol'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { type Clinic, openClinic } from './clinic.ts'
import { keysFor, type Reach, seal, store } from './sealed-record.ts'
import { categoryOf, enrol } from './ward.ts'

// The command line in the hands of somebody whose vault holds what a hostile author stored there, past every check of a client.

const TITLE = 'Blood\u001b[2J\u001b]0;owned\u0007\u009b31m \u202ecount\nfeedbeef  labs  forged row'
const BODY = '\u001b[2JHaemoglobin\r\n13.9\u202e g/dL\n'

let clinic: Clinic
let state: string
let recordId: string
let patient: Principal
let reach: Reach
beforeAll(async () => {
  clinic = await openClinic()
  state = mkdtempSync(join(tmpdir(), 'medguard-review-'))
  patient = openIdentities(state).open('patient').getPrincipal()
  const account = await enrol(clinic, patient)
  reach = { patientId: account.patientId, compartment: categoryOf(account, 'labs'), grantId: null }
  const keys = await keysFor(clinic, patient, reach)
  const record = await seal(keys, reach, { title: TITLE, body: new TextEncoder().encode(BODY) })
  await store(clinic, patient, record)
  recordId = Buffer.from(record.recordId).toString('hex')
})
afterAll(async () => {
  await clinic.close()
  rmSync(state, { recursive: true, force: true })
})

/** Runs one command in this process. @param isTerminal what standard output says it is. */
async function medguard(argv: readonly string[], isTerminal = false) {
  const written = { out: [] as Buffer[], err: [] as Buffer[] }
  const take = (to: Buffer[]) => (part: string | Uint8Array) => to.push(Buffer.from(part)) > 0
  const spies = [
    vi.spyOn(process.stdout, 'write').mockImplementation(take(written.out)),
    vi.spyOn(process.stderr, 'write').mockImplementation(take(written.err)),
  ]
  const { isTTY } = process.stdout
  process.stdout.isTTY = isTerminal
  try {
    const code = await main(['--as', 'patient', '--state', state, '--network', clinic.localnet.url, ...argv])
    return { code, out: Buffer.concat(written.out).toString(), err: Buffer.concat(written.err).toString() }
  } finally {
    process.stdout.isTTY = isTTY
    for (const spy of spies) spy.mockRestore()
  }
}
/** Control, format and separator characters other than line break and tab. */
const COMMANDS = /[^\P{C}\n\t]|[\p{Zl}\p{Zp}]/u
const logLength = async () => (await clinic.ok(patient, 'audit', 'chainHead', { patientId: reach.patientId })).count

describe('a title that commands the terminal', () => {
  test('is listed in one row, without its commands', async () => {
    const { code, out } = await medguard(['list'])
    expect([code, out.trimEnd().split('\n').length]).toEqual([0, 1])
    expect(out).toContain('Blood\ufffd')
    expect(out).not.toMatch(COMMANDS)
  })
  test('comes out of JSON without its commands', async () => {
    const { code, out } = await medguard(['list', '--json'])
    expect(code).toBe(0)
    expect(out).not.toMatch(COMMANDS)
    expect(JSON.parse(out)).toMatchObject([{ recordId, title: expect.stringContaining('forged row') }])
  })
})

describe('a record that commands the terminal', () => {
  test('is printed there without its commands', async () => {
    const { code, out } = await medguard(['show', recordId.slice(0, 8)], true)
    expect([code, out]).toEqual([0, '\ufffd[2JHaemoglobin\n13.9\ufffd g/dL\n'])
  })
  test('goes through as it is to another program', async () => {
    expect(await medguard(['show', recordId.slice(0, 8)])).toMatchObject({ code: 0, out: BODY })
  })
  test('and is no text is not printed there at all', async () => {
    const keys = await keysFor(clinic, patient, reach)
    const binary = await seal(keys, reach, { body: new Uint8Array([0xff, 0xfe, 0x1b, 0x5b]) })
    await store(clinic, patient, binary)
    const { code, out, err } = await medguard(['show', Buffer.from(binary.recordId).toString('hex')], true)
    expect([code, out]).toEqual([2, ''])
    expect(err).toContain('--out FILE')
  })
})

describe('saving a record', () => {
  test('over a file that is there is refused before anything is opened, in the log too', async () => {
    const path = join(state, 'kept.txt')
    writeFileSync(path, 'mine')
    const before = await logLength()
    const { code, err } = await medguard(['show', recordId, '--out', path])
    expect([code, err]).toEqual([2, expect.stringContaining('is there already')])
    expect([readFileSync(path, 'utf8'), await logLength()]).toEqual(['mine', before])
  })
  test('where there is no folder is wrong usage, not a bug, and opens nothing', async () => {
    const before = await logLength()
    const { code, err } = await medguard(['show', recordId, '--out', join(state, 'nowhere', 'record.txt')])
    expect([code, err]).toEqual([2, expect.stringContaining('cannot write')])
    expect(await logLength()).toBe(before)
  })
  test('leaves the file and nothing else', async () => {
    const folder = mkdtempSync(join(state, 'out-'))
    expect(await medguard(['show', recordId, '--out', join(folder, 'record.txt')])).toMatchObject({ code: 0 })
    expect(readdirSync(folder)).toEqual(['record.txt'])
    expect(readFileSync(join(folder, 'record.txt'), 'utf8')).toBe(BODY)
  })
})

test('two commands that read the log at once both end well, and one head is remembered', async () => {
  const runs = await Promise.all([1, 2, 3].map(() => medguard(['log', '--verify', '--json'])))
  expect(runs.map(({ code }) => code)).toEqual([0, 0, 0])
  expect(readdirSync(join(state, 'heads'))).toHaveLength(1)
  const again = JSON.parse((await medguard(['log', '--verify', '--json'])).out) as { verification: unknown }
  expect(again.verification).toMatchObject({ checked: expect.arrayContaining(['complete', 'consistency']) })
})

test('the log of one’s own acts is not said to be complete', async () => {
  const { code, out } = await medguard(['log', '--mine', '--verify'])
  expect(code).toBe(0)
  expect(out).toMatch(/Verified: unaltered, in a log of \d+ entries/)
})
