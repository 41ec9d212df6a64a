import { readFileSync } from 'node:fs'
import { concatBytes, encodeHeaderRow, fromHex, toHex } from '@medguard/protocol'
import { type MemoryMap, memoryMap } from '@medguard/shared'
import { expect, test } from 'vitest'

import { blobOf } from './codec.ts'
import { migrate } from './migrate.ts'
import { createRecordsStore } from './store.ts'

// What an upgrade finds is what an earlier module wrote: `layout-1.txt` by the first one, `layout-2.txt` after the same story by this one. A line
// is a row, key and value in hex, the memories one after another. A change that makes the first test fail needs a step in `migrate.ts` and a file
// of its own; the old files stay.

const LAYOUT_1 = new URL('layout-1.txt', import.meta.url)
const LAYOUT_2 = new URL('layout-2.txt', import.meta.url)
const id = (byte: number) => new Uint8Array(16).fill(byte)
const ALICE = new Uint8Array([1, 2])
const BOB = new Uint8Array([1, 2, 3])
const PATIENT = id(100)
const LABS = { patientId: PATIENT, compartmentKind: 1, cid: id(1) }
const SHARE = { patientId: PATIENT, compartmentKind: 2, cid: id(21) }
const GRANT = {
  grantId: id(21),
  patientId: PATIENT,
  grantee: BOB,
  rights: 3,
  purpose: 1,
  startNs: 1_000n,
  endNs: 2_000n,
  agreementHash: new Uint8Array(32).fill(8),
  terms: null,
  compartments: [{ compartmentKind: 2, cid: id(21) }],
}
const version = (n: number) => ({ recordId: id(n), version: 1 })
const entry = (n: number) => ({
  ...version(n),
  manifest: new Uint8Array(268).fill(n),
  manifestHash: new Uint8Array(32).fill(n),
  header: new Uint8Array(40).fill(n),
  listWrap: new Uint8Array(72).fill(n),
  openWrap: new Uint8Array(72).fill(n + 1),
})
const wanted = {
  chunkCount: 2,
  chunkLog2: 16,
  sizeBytes: 65_552n + 26n,
  patientId: PATIENT,
  compartmentKind: 1,
  cid: id(1),
  grantId: null,
  touchedNs: 6n,
  uploadId: null,
}
const chunk = (n: number) => new Uint8Array(26).fill(n)

test('rows are written as they were by the first module of this layout', async () => {
  const maps = { rows: memoryMap(), chunks: memoryMap(), pages: memoryMap() }
  const store = createRecordsStore(maps)
  store.setLayout(2)
  store.openAccount(ALICE, {
    patientId: PATIENT,
    cids: concatBytes(...Array.from({ length: 8 }, (_, i) => id(i + 1))),
    people: 0,
  })
  store.grants.add(GRANT, 1_500n)
  const kept = store.openUpload(ALICE, version(30), { ...wanted, chunkCount: 1, sizeBytes: 26n })
  store.blobs.put(blobOf(kept), 0, chunk(3))
  const seq = store.lists.append(LABS, [entry(30)])
  const author = { author: BOB, manifestHash: entry(30).manifestHash }
  store.addVersion(version(30), { ...kept, homeCid: id(1), seq, ...author })
  store.finishUpload(ALICE, version(30), kept)
  store.lists.append(SHARE, [entry(30)])
  const half = store.openUpload(ALICE, version(31), { ...wanted, grantId: id(22) })
  store.blobs.put(blobOf(half), 1, chunk(4))
  store.touchUpload(ALICE, version(31), half, 9n)
  const given = store.openUpload(BOB, version(32), wanted)
  store.blobs.put(blobOf(given), 1, chunk(5))
  store.abandonUpload(BOB, version(32), given)
  store.openListWindow(BOB, SHARE, id(21), 77n)
  store.usages.forgetUnder(id(22)) // that module did not count it: what it stored has none
  await expect(textOf(maps)).toMatchFileSnapshot(LAYOUT_2.pathname)
})

const openLayout1 = () => {
  const [rows, chunks] = readFileSync(LAYOUT_1, 'utf8').split('\n\n').map(readRows)
  if (rows === undefined || chunks === undefined) throw new Error('there are two memories')
  return { rows, chunks, pages: memoryMap() }
}

test('what the first module wrote becomes what this one would have written', () => {
  const maps = openLayout1()
  const store = createRecordsStore(maps)
  migrate(store, maps)
  expect(textOf(maps)).toBe(readFileSync(LAYOUT_2, 'utf8'))
  migrate(store, maps) // the next upgrade finds nothing to do
  expect(textOf(maps)).toBe(readFileSync(LAYOUT_2, 'utf8'))
})

test('what the first module wrote is read for what it was', () => {
  const maps = openLayout1()
  const store = createRecordsStore(maps)
  expect(store.layout()).toBe(1)
  migrate(store, maps)
  expect(store.account(ALICE)).toEqual({
    people: 0,
    patientId: PATIENT,
    cids: concatBytes(...Array.from({ length: 8 }, (_, i) => id(i + 1))),
  })
  expect(store.ownerOf(PATIENT)).toEqual(ALICE)
  expect(store.grants.get(id(21))).toEqual({ grant: GRANT, endedNs: null })
  expect(store.record(id(30))).toEqual({ patientId: PATIENT, cid: id(1), newest: 1 })
  const stored = store.version(version(30))
  expect(stored).toMatchObject({ seq: 0, author: BOB, homeCid: id(1), manifestHash: entry(30).manifestHash })
  if (stored !== undefined) expect(store.blobs.read(blobOf(stored), 0)).toEqual(chunk(3))
  for (const place of [LABS, SHARE]) {
    expect(store.lists.row(place, 0)).toEqual(encodeHeaderRow({ seq: 0, ...entry(30) }))
    expect(store.lists.find(place, version(30))).toEqual({ seq: 0, openWrap: entry(30).openWrap })
    expect(store.lists.head(place).count).toBe(1)
  }
  const half = store.upload(ALICE, version(31))
  expect(half).toMatchObject({ grantId: id(22), touchedNs: 9n, chunkCount: 2 })
  expect(store.openUploads(ALICE)).toEqual([version(31)])
  if (half !== undefined) expect([...store.blobs.received(blobOf(half))]).toEqual([2])
  expect(store.usage(PATIENT)).toEqual({ versions: 1, sizeBytes: 26n + wanted.sizeBytes })
  expect(store.blobs.storedBytes()).toBe(3n * 26n)
  expect(store.listWindow(BOB, SHARE, id(21))).toBe(77n)
  expect(store.nextUnfinished()).toBeUndefined() // the first has become a version
  expect(store.nextUnfinished()?.id).toEqual(version(31))
  while (store.blobs.collect());
  expect(store.blobs.storedBytes()).toBe(2n * 26n)
})

const textOf = (maps: Record<'rows' | 'chunks' | 'pages', MemoryMap>): string =>
  [maps.rows, maps.chunks, maps.pages]
    .map((map) =>
      map
        .entries()
        .map(([key, value]) => `${toHex(key)} ${toHex(value)}\n`)
        .join(''),
    )
    .join('\n')

function readRows(text: string): MemoryMap {
  const rows = memoryMap()
  for (const line of text.split('\n').filter((each) => each !== '')) {
    const [key = null, value = null] = line.split(' ').map(fromHex)
    if (key === null || value === null) throw new Error(`a key and a value, not ${line}`)
    rows.set(key, value)
  }
  return rows
}
