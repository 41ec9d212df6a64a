import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import '@medguard/fhir/hl7v2' // before Medplum's own, which look for a global that it brings
import { Hl7Message } from '@medplum/core'
import { Hl7Client } from '@medplum/hl7'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type Inbound, openInbound, staff } from './index.ts'

// What staff of an institution see and decide, over the socket and the command that they have.

let folder: string
let inbound: Inbound | null = null
const stored: { grantId: string; title: string }[] = []
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'medguard-inbound-'))
  stored.length = 0
})
afterEach(async () => {
  await inbound?.close()
  rmSync(folder, { recursive: true, force: true })
})

const open = async () => {
  inbound = await openInbound({
    folder,
    secret: new Uint8Array(32).fill(9),
    client: {
      depositOnce: async (grantId, _id, { title }) => {
        stored.push({ grantId, title })
        return { kind: 'done', value: 'stored' }
      },
    },
    mllp: { port: 0 },
    onBug: (error) => expect.unreachable(String(error)),
  })
  return inbound
}
async function send(name: string, { port }: Inbound) {
  const text = readFileSync(new URL(`../../../../test/vectors/hl7v2/${name}.hl7`, import.meta.url), 'utf8')
  const client = new Hl7Client({ host: '127.0.0.1', port })
  const ack = await client.sendAndWait(Hl7Message.parse(text))
  await client.close()
  return ack.getAckType()
}
const say = (...args: string[]) => staff(folder, args)
const [MINE, OTHER] = ['a'.repeat(32), 'b'.repeat(32)]
const AUTHORITY = '2.16.840.1.113883.3.9999.1'

test('staff see what waits, say whose it is, and what they said stays said', async () => {
  const first = await open()
  expect(await say('quarantine')).toBe('nothing waits for anybody')
  for (const name of ['own-oru-r01-lab-panel', 'own-adt-a40-merge']) expect(await send(name, first)).toBe('AA')
  expect(await send('own-bad-missing-pid', first)).toBe('AE')
  await expect.poll(async () => (await say('quarantine')).split('\n').length).toBe(2)
  const lines = (await say('quarantine')).split('\n')
  expect(lines[0]).toMatch(/^[\da-f]{32} {2}\d{4}-.*Z {2}unmatched {2}from 127\.0\.0\.1: 2\.16\.\S+ MG-SYN-0001, /)
  expect(lines[1]).toContain('  merge  ')
  const merge = lines[1]!.slice(0, 32)
  expect(await say('show', merge)).toContain('\nMRG|MG-SYN-0999')
  expect(await say('refuse', merge)).toBe('it is gone')
  await expect(say('refuse', merge)).rejects.toThrow('there is none')
  expect(await say('know', AUTHORITY, 'MG-SYN-0001', MINE, '1964-04-24')).toMatch(/on its way/)
  await expect.poll(() => stored).toEqual([{ grantId: MINE, title: 'Lipid, CBC and glucose panel' }])
  await expect
    .poll(async () => JSON.parse(await say('counts')) as object)
    .toMatchObject({
      answers: { AA: 2, AE: 1, AR: 0 },
      delivered: 1,
      waiting: 0,
      quarantine: 0,
    })
  await first.close()
  await expect(say('patients')).rejects.toThrow('no gateway runs')
  const second = await open()
  expect(await say('patients')).toBe(`${AUTHORITY} MG-SYN-0001  ${MINE}  1964-04-24`)
  expect(await say('forget', AUTHORITY, 'MG-SYN-0001')).toBe('it is forgotten')
  expect(await send('own-oru-r01-vitals', second)).toBe('AA')
  await expect.poll(async () => await say('quarantine')).toMatch(/unmatched/)
  expect(await say('assign', (await say('quarantine')).slice(0, 32), OTHER)).toBe('it is on its way')
  await expect.poll(() => stored.at(-1)).toEqual({ grantId: OTHER, title: 'Vital signs panel' })
})

test('the desk is the owner’s, takes nothing else, and the folder tells nobody anything', async () => {
  const { port } = await open()
  expect(await send('own-oru-r01-lab-panel', { ...inbound!, port })).toBe('AA')
  await expect.poll(async () => await say('quarantine')).toMatch(/unmatched/)
  if (process.platform !== 'win32') {
    expect([statSync(folder).mode & 0o777, statSync(join(folder, 'desk')).mode & 0o777]).toEqual([0o700, 0o600])
  }
  for (const wrong of [
    ['know', AUTHORITY, 'X', 'no grant'],
    ['know', AUTHORITY, 'X', MINE, '1.4.2020'],
    ['know', AUTHORITY],
    ['assign', 'nothing', MINE],
    ['dance'],
  ])
    await expect(say(...wrong)).rejects.toThrow(RangeError)
  const files = readdirSync(folder).filter((name) => name.endsWith('.journal'))
  expect(files.toSorted()).toEqual(['orders.journal', 'patients.journal', 'quarantine.journal', 'spool.journal'])
  const all = files.map((name) => readFileSync(join(folder, name), 'latin1')).join('')
  expect(all).not.toMatch(/MG-SYN|BERGSTROM|Lipid|ORU/)
})
