import { readFileSync } from 'node:fs'
import { concatBytes, fromHex, toHex } from '@medguard/protocol'
import { type MemoryMap, memoryMap } from '@medguard/shared'
import { expect, test } from 'vitest'

import { migrate } from './migrate.ts'
import { createConsentStore } from './store.ts'

// What an upgrade finds is what an earlier module wrote: `layout-1.txt` by the first one, `layout-2.txt` after the same story by this one. A line
// is a row, key and value in hex. A change that makes the first test fail needs a step in `migrate.ts` and a file of its own; the old files stay.

const LAYOUT_1 = new URL('layout-1.txt', import.meta.url)
const LAYOUT_2 = new URL('layout-2.txt', import.meta.url)
const id = (byte: number) => new Uint8Array(16).fill(byte)
const ALICE = new Uint8Array([1, 2])
const BOB = new Uint8Array([1, 2, 3])
const PATIENT = id(100)
const LABS = { compartmentKind: 1, cid: id(1) }
const grant = (byte: number, compartments: readonly { compartmentKind: number; cid: Uint8Array }[]) => ({
  grantId: id(byte),
  patientId: PATIENT,
  grantee: BOB,
  rights: 3,
  purpose: 1,
  startNs: 1_000n,
  endNs: 2_000n,
  agreementHash: new Uint8Array(32).fill(8),
  terms: null,
  compartments,
})
const CATEGORY_GRANT = grant(20, [LABS, { compartmentKind: 1, cid: id(2) }])
const SHARE_GRANT = grant(21, [{ compartmentKind: 2, cid: id(21) }])

test('rows are written as they were by the first module of this layout', async () => {
  const rows = memoryMap()
  const store = createConsentStore(rows)
  store.setLayout(2)
  const cids = concatBytes(...Array.from({ length: 8 }, (_, i) => id(i + 1)))
  const opened = {
    accountId: id(50),
    patientId: PATIENT,
    enrolledNs: 5n,
    leafSeq: 7n,
    isConfirmed: false,
    cids,
    people: 0,
  }
  store.openAccount(ALICE, opened, new Uint8Array(32).fill(9))
  store.confirmAccount(ALICE)
  store.noteChange(ALICE)
  store.grants.add(CATEGORY_GRANT, 1_500n)
  store.grants.add(SHARE_GRANT, 1_500n)
  const state = store.grants.get(id(20))
  if (state !== undefined) store.grants.end(state, 1_700n)
  store.noteDeriver(PATIENT, LABS, 1, { principal: ALICE, grantId: new Uint8Array(16) })
  store.noteDeriver(PATIENT, LABS, 1, { principal: BOB, grantId: id(20) })
  store.setKeyCheck(PATIENT, LABS, 1, id(60))
  store.bumpEpoch(PATIENT, LABS)
  await expect(textOf(rows)).toMatchFileSnapshot(LAYOUT_2.pathname)
})

test('what the first module wrote becomes what this one would have written', () => {
  const rows = readRows(LAYOUT_1)
  const store = createConsentStore(rows)
  migrate(store, rows)
  expect(textOf(rows)).toBe(readFileSync(LAYOUT_2, 'utf8'))
  migrate(store, rows) // the next upgrade finds nothing to do
  expect(textOf(rows)).toBe(readFileSync(LAYOUT_2, 'utf8'))
})

test('what the first module wrote is read for what it was', () => {
  const rows = readRows(LAYOUT_1)
  const store = createConsentStore(rows)
  expect(store.layout()).toBe(1)
  migrate(store, rows)
  expect(store.account(ALICE)).toMatchObject({ accountId: id(50), patientId: PATIENT, enrolledNs: 5n, leafSeq: 7n })
  expect(store.account(ALICE)?.cids).toEqual(concatBytes(...Array.from({ length: 8 }, (_, i) => id(i + 1))))
  expect(store.ownerOf(PATIENT)).toEqual(ALICE)
  expect(store.shredSalt(PATIENT)).toEqual(new Uint8Array(32).fill(9))
  const alice = store.account(ALICE)
  expect(alice === undefined ? null : store.changes(alice, ALICE, 6n)).toBe(1n)
  expect(store.grants.receivedBy([BOB], 0, 10)).toEqual({
    total: 2,
    states: [
      { grant: CATEGORY_GRANT, endedNs: 1_700n },
      { grant: SHARE_GRANT, endedNs: null },
    ],
  })
  expect(store.grants.givenBy(PATIENT, 0, 10).total).toBe(2)
  expect(store.epochs(PATIENT, LABS)).toEqual({ minEpoch: 1, currentEpoch: 2 })
  expect(store.derivers(PATIENT, LABS, 1).map(({ principal }) => principal)).toEqual([ALICE, BOB])
  expect(store.keyCheck(PATIENT, LABS, 1)).toEqual(id(60))
})

const textOf = (rows: MemoryMap): string =>
  rows
    .entries()
    .map(([key, value]) => `${toHex(key)} ${toHex(value)}\n`)
    .join('')

function readRows(file: URL): MemoryMap {
  const rows = memoryMap()
  for (const line of readFileSync(file, 'utf8')
    .split('\n')
    .filter((each) => each !== '')) {
    const [key = null, value = null] = line.split(' ').map(fromHex)
    if (key === null || value === null) throw new Error(`a key and a value, not ${line}`)
    rows.set(key, value)
  }
  return rows
}
