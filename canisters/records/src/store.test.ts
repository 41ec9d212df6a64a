import { concatBytes, decodeHeaderRow, encodeHeaderRow, toHex } from '@medguard/protocol'
import { type MemoryMap, memoryMap, type RowCodec, sha256 } from '@medguard/shared'
import { rootOfLeaves } from '@medguard/tlog'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { ACCOUNT, RECORD, UPLOAD, USAGE, VERSION } from './codec.ts'
import { createLists, type Entry } from './lists.ts'
import { LAYOUT, LAYOUT_OF_SHARDS, migrate } from './migrate.ts'
import { createRecordsStore, SECTION } from './store.ts'

const openStore = () => {
  const maps = { rows: memoryMap(), chunks: memoryMap(), pages: memoryMap() }
  return { store: createRecordsStore(maps), maps }
}

const id = (byte: number) => new Uint8Array(16).fill(byte)
const PATIENT = id(100)
const LABS = { patientId: PATIENT, compartmentKind: 1, cid: id(1) }
const CALLER = new Uint8Array([1, 2, 3])

const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length })
const u32 = fc.nat(0xffff_ffff)
const u64 = fc.bigInt({ min: 0n, max: (1n << 64n) - 1n })
const body = { bodyNo: u64, chunkCount: u32, chunkLog2: fc.nat(255), sizeBytes: u64 }

describe('rows', () => {
  const shapes = [
    ['accounts', fc.record({ patientId: bytes(16), cids: bytes(128), people: fc.constant(0) }), ACCOUNT],
    [
      'uploads',
      fc.record({
        ...body,
        patientId: bytes(16),
        compartmentKind: fc.nat(255),
        cid: bytes(16),
        grantId: fc.option(bytes(16)),
        touchedNs: u64,
        uploadId: fc.option(bytes(16)),
      }),
      UPLOAD,
    ],
    [
      'versions',
      fc.record({
        ...body,
        patientId: bytes(16),
        homeCid: bytes(16),
        seq: u32,
        author: fc.uint8Array({ minLength: 1, maxLength: 29 }),
        manifestHash: bytes(32),
      }),
      VERSION,
    ],
    ['records', fc.record({ patientId: bytes(16), cid: bytes(16), newest: u32 }), RECORD],
    ['usages', fc.record({ versions: u32, sizeBytes: u64 }), USAGE],
  ] as unknown as [string, fc.Arbitrary<unknown>, RowCodec<unknown>][]

  test.each(shapes)('of %s decode to what was encoded, and to nothing when changed in length or layout', (...shape) => {
    const [, values, { encode, decode }] = shape
    fc.assert(
      fc.property(values, fc.nat(400), (value, cut) => {
        const row = encode(value)
        expect(decode(row)).toEqual(value)
        expect(decode(row.subarray(0, Math.min(cut, row.length - 1)))).toBeNull()
        expect(decode(new Uint8Array([...row, 0]))).toBeNull()
        expect(decode(new Uint8Array([9, ...row.subarray(1)]))).toBeNull()
      }),
    )
  })

  test.each(shapes)('of %s never throw on made-up bytes', (...shape) => {
    const [, , { encode, decode }] = shape
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 250 }), (junk) => {
        const value = decode(junk)
        if (value !== null) expect(encode(value).length).toBe(junk.length)
      }),
    )
  })
})

const entryOf = (n: number, headerBytes = 20): Entry => ({
  recordId: id(n),
  version: n + 1,
  manifest: new Uint8Array(268).fill(n),
  manifestHash: new Uint8Array(32).fill(n),
  header: new Uint8Array(headerBytes).fill(n),
  listWrap: new Uint8Array(72).fill(n + 1),
  openWrap: new Uint8Array(72).fill(n + 2),
})

describe('the list of a compartment', () => {
  test('is dense, keeps what was put in, and has the root of all manifest hashes', () => {
    const lists = createLists({ pages: memoryMap(), positions: memoryMap(), deletions: memoryMap() })
    const entries = Array.from({ length: 70 }, (_, n) => entryOf(n, 10 * n))
    for (const [i, entry] of entries.entries()) {
      expect(lists.append(LABS, [entry])).toBe(i)
      const root = rootOfLeaves(
        sha256,
        entries.slice(0, i + 1).map(({ manifestHash }) => manifestHash),
      )
      expect(lists.head(LABS)).toEqual({ count: i + 1, root })
    }
    for (const [seq, entry] of entries.entries()) {
      const { recordId, version, manifest, header, listWrap, openWrap } = entry
      expect(decodeHeaderRow(lists.row(LABS, seq))).toEqual({ seq, recordId, version, manifest, listWrap, header })
      expect(lists.find(LABS, entry)).toEqual({ seq, openWrap })
      expect(lists.sameWraps(LABS, entry, entry)).toBe(true)
      expect(lists.sameWraps(LABS, entry, { listWrap, openWrap: listWrap })).toBe(false)
      expect(lists.sameWraps(LABS, entry, { listWrap: openWrap, openWrap })).toBe(false)
    }
  })

  test('of an empty compartment has the root of nothing', () => {
    expect(createLists({ pages: memoryMap(), positions: memoryMap(), deletions: memoryMap() }).head(LABS)).toEqual({
      count: 0,
      root: rootOfLeaves(sha256, []),
    })
  })

  test('is of that compartment alone', () => {
    const lists = createLists({ pages: memoryMap(), positions: memoryMap(), deletions: memoryMap() })
    lists.append(LABS, [entryOf(1)])
    for (const other of [
      { ...LABS, cid: id(2) },
      { ...LABS, compartmentKind: 2 },
      { ...LABS, patientId: id(101) },
    ]) {
      expect(lists.count(other)).toBe(0)
      expect(lists.find(other, entryOf(1))).toBeUndefined()
    }
    expect(() => lists.append(LABS, [entryOf(1)])).toThrow('each version once')
  })

  test('leaves nothing when a share ends, and overwrites what held a wrap before it goes', () => {
    const overwritten: number[] = []
    const watched = (rows: MemoryMap): MemoryMap => ({
      ...rows,
      set(key, value) {
        if (value.length > 70 && value.subarray(1).every((byte) => byte === 0)) overwritten.push(value.length)
        rows.set(key, value)
      },
      overwrite(key, value) {
        this.set(key, value)
      },
      delete(key) {
        expect(
          rows
            .get(key)
            ?.subarray(1)
            .every((byte) => byte === 0),
        ).toBe(true)
        rows.delete(key)
      },
    })
    const [pages, positions] = [memoryMap(), memoryMap()]
    const lists = createLists({ pages: watched(pages), positions: watched(positions), deletions: memoryMap() })
    const entries = Array.from({ length: 25 }, (_, n) => entryOf(n))
    lists.append(LABS, entries.slice(0, 7))
    lists.append(LABS, entries.slice(7))
    expect(lists.page(LABS, 5, 3, 1e6).count).toBe(3)
    overwritten.length = 0
    lists.clear(LABS, () => {})
    expect([pages.size(), positions.size()]).toEqual([0, 0])
    expect(overwritten).toHaveLength(25 + 2)
    expect(lists.head(LABS)).toEqual({ count: 0, root: rootOfLeaves(sha256, []) })
  })
})

describe('the store', () => {
  const versionId = (n: number) => ({ recordId: id(n % 256), version: 1 + (n >>> 8) })
  const wanted = (sizeBytes: bigint) => ({
    chunkCount: 1,
    chunkLog2: 16,
    sizeBytes,
    patientId: PATIENT,
    compartmentKind: 1,
    cid: id(1),
    grantId: null,
    touchedNs: 5n,
    uploadId: null,
  })

  test('gives each upload a body of its own and counts exactly what is open and stored', () => {
    const step = fc.record({ kind: fc.constantFrom('open', 'finish', 'abandon'), n: fc.nat(12), size: fc.nat(1000) })
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60, size: 'max' }), (steps) => {
        const store = openStore().store
        const open = new Map<number, bigint>()
        const bodyNos = new Set<bigint>()
        let storedBytes = 0n
        let versions = 0
        for (const [next, { kind, n, size }] of steps.entries()) {
          const chosen = [...open.keys()][n % open.size]
          if (kind === 'open') {
            const upload = store.openUpload(CALLER, versionId(next), wanted(BigInt(size)))
            expect(bodyNos.has(upload.bodyNo)).toBe(false)
            bodyNos.add(upload.bodyNo)
            expect(store.upload(CALLER, versionId(next))).toEqual(upload)
            open.set(next, BigInt(size))
          } else if (chosen !== undefined) {
            const upload = store.upload(CALLER, versionId(chosen))
            if (upload === undefined) throw new Error('an open upload is there')
            if (kind === 'abandon') store.abandonUpload(CALLER, versionId(chosen), upload)
            else {
              const { cid: homeCid } = upload
              const more = { homeCid, seq: versions, author: CALLER, manifestHash: new Uint8Array(32) }
              store.addVersion(versionId(chosen), { ...upload, ...more })
              store.finishUpload(CALLER, versionId(chosen), upload)
              storedBytes += upload.sizeBytes
              versions++
            }
            open.delete(chosen)
            expect(store.upload(CALLER, versionId(chosen))).toBeUndefined()
          }
          const openBytes = [...open.values()].reduce((sum, bytes) => sum + bytes, 0n)
          expect(store.usage(PATIENT)).toEqual({ versions, sizeBytes: storedBytes + openBytes })
          expect(store.openUploads(CALLER)).toEqual([...open.keys()].map(versionId))
        }
      }),
      { numRuns: 40 },
    )
  })

  test('looks at every unfinished upload in its turn, and at no other', () => {
    const store = openStore().store
    const OTHER = new Uint8Array([1, 2])
    expect(store.nextUnfinished()).toBeUndefined()
    const [mine, theirs] = [store.openUpload(CALLER, versionId(1), wanted(16n)), wanted(17n)]
    store.openUpload(OTHER, versionId(1), theirs)
    store.openUpload(CALLER, versionId(2), wanted(18n))
    const turns = (count: number) =>
      Array.from({ length: count }, () => Number(store.nextUnfinished()?.upload.sizeBytes ?? 0n))
    expect(turns(4)).toEqual([16, 17, 18, 16])
    store.abandonUpload(CALLER, versionId(1), mine)
    expect(store.nextUnfinished()).toMatchObject({ principal: OTHER, id: versionId(1) })
    expect(turns(5)).toEqual([18, 0, 17, 18, 17])
  })

  test('never lets a visible version change, nor an id have two owners', () => {
    const store = openStore().store
    const upload = store.openUpload(CALLER, versionId(1), wanted(16n))
    const version = { ...upload, homeCid: id(1), seq: 0, author: CALLER, manifestHash: new Uint8Array(32) }
    store.addVersion(versionId(1), version)
    expect(() => store.addVersion(versionId(1), { ...version, seq: 1 })).toThrow('never changes')
    const account = { patientId: PATIENT, cids: concatBytes(...[1, 2, 3, 4, 5, 6, 7, 8].map(id)), people: 0 }
    store.openAccount(CALLER, account)
    expect(() => store.openAccount(new Uint8Array([9]), account)).toThrow('first writer')
    expect(store.account(CALLER)).toEqual(account)
  })

  test('a window is open for that person, place and grant alone', () => {
    const store = openStore().store
    store.openListWindow(CALLER, LABS, null, 50n)
    expect(store.listWindow(CALLER, LABS, null)).toBe(50n)
    expect(store.listWindow(CALLER, LABS, id(9))).toBe(0n)
    expect(store.listWindow(CALLER, { ...LABS, cid: id(2) }, null)).toBe(0n)
    expect(store.listWindow(new Uint8Array([1, 2]), LABS, null)).toBe(0n)
  })
})

test('a header row keeps the list wrap where a repeated commit looks for it', () => {
  const listWrap = new Uint8Array(72).fill(5)
  const row = encodeHeaderRow({ seq: 1, ...entryOf(1), listWrap })
  expect(toHex(row.subarray(24 + 268, 24 + 268 + 72))).toBe(toHex(listWrap))
})

test('rows of a later layout are refused and those of this one are kept', () => {
  const { store, maps } = openStore()
  store.setLayout(LAYOUT)
  expect(() => migrate(store, maps)).not.toThrow()
  maps.rows.set(Uint8Array.of(SECTION.layout), Uint8Array.of(LAYOUT_OF_SHARDS + 1))
  expect(() => migrate(store, maps)).toThrow('the layout this module knows')
})
