import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { EVENT, fromHex, LOG_SOURCE, toHex } from '@medguard/protocol'
import { type MemoryMap, memoryMap } from '@medguard/shared'
import { decodeTreeHead, foldOf, verifyInclusion } from '@medguard/tlog'
import { describe, expect, test } from 'vitest'

import { createLog } from './append.ts'
import { enrolLeaf, id, leafInput, principal } from './leaves.fixture.ts'
import { migrate } from './migrate.ts'
import { createReader, createLeafFinder } from './read.ts'
import { checkBatch } from './rules.ts'
import { chainEndOf, createAuditStore, indicesIn, ROWS } from './store.ts'

// What an upgrade finds is what an earlier module wrote. `layout-1.txt` is that of the first one, `layout-2.txt` of this one: a line a row, key and
// value in hex. A change that makes the first test fail needs a step in `migrate.ts` and a file of its own; the old files stay.

const sha256 = (bytes: Uint8Array) => new Uint8Array(createHash('sha256').update(bytes).digest())
const fold = foldOf(sha256)
const fileOf = (layout: number) => new URL(`layout-${layout}.txt`, import.meta.url)

function openLog(rows: MemoryMap) {
  const store = createAuditStore(rows)
  const log = createLog({ store, hash: sha256, fold, certify: () => {} })
  const stored = store.state()
  if (stored === null) log.begin(principal(200), 100n)
  else log.open(stored)
  return {
    store,
    log,
    append: (leaves: Uint8Array[], nowNs: bigint, source: number = LOG_SOURCE.consent) => {
      const batch = checkBatch(source, log.source(source).next, leaves)
      if ('refusal' in batch) throw new Error(JSON.stringify(batch.refusal))
      log.append(source, batch.leaves, nowNs)
    },
  }
}
const textOf = (rows: MemoryMap): string =>
  rows
    .entries()
    .map(([key, value]) => `${toHex(key)} ${toHex(value)}\n`)
    .join('')
function readRows(layout: number): MemoryMap {
  const rows = memoryMap()
  for (const line of readFileSync(fileOf(layout), 'utf8').split('\n')) {
    if (line === '') continue
    const [key = null, value = null] = line.split(' ').map(fromHex)
    if (key === null || value === null) throw new Error(`a key and a value, not ${line}`)
    rows.set(key, value)
  }
  return rows
}

test('rows are written as the second layout has them', async () => {
  const rows = memoryMap()
  const { store, log, append } = openLog(rows)
  store.setSystemKey(new Uint8Array(32).fill(0xee))
  append([enrolLeaf(0n, 1), enrolLeaf(1n, 2)], 1_000n)
  for (let i = 2; i < 19; i++) append([leafInput(BigInt(i), { patientId: id(1 + (i % 2)) })], 1_000n)
  append([leafInput(0n, { source: LOG_SOURCE.records, event: EVENT.recordAdd })], 1_001n, LOG_SOURCE.records)
  log.freeze(LOG_SOURCE.records)
  await expect(textOf(rows)).toMatchFileSnapshot(fileOf(2).pathname)
})

describe('what the first module wrote', () => {
  // 30 leaves; what it says of itself is in the rows, so this is only what the story put there.
  const old = readRows(1)
  const oldState = old.get(Uint8Array.of(0)) ?? new Uint8Array()
  const head = decodeTreeHead(oldState.subarray(41, 109))
  if (!head.ok) throw new Error(head.reason)
  const { size, root } = head.value
  const rows = readRows(1)
  migrate(rows, fold)
  const { store, log, append } = openLog(rows)

  test('has the same head, and proofs of the same leaves', () => {
    expect([size, log.size()]).toEqual([30, 30])
    expect(toHex(log.certifiedHead(undefined).treeHead)).toBe(toHex(oldState.subarray(41, 109)))
    const reader = createReader(store, log, fold, size)
    for (let index = 0; index < size; index++) {
      const row = old.get(Uint8Array.of(1, 0, 0, 0, 0, 0, 0, 0, index)) ?? new Uint8Array()
      const { leafHash, leaf, detail } = store.leaf(index)
      expect([leafHash, leaf, detail].map(toHex).join('')).toBe(toHex(row.subarray(1)))
      expect(verifyInclusion(sha256, { leafHash, index, size, root, path: reader.inclusion(index) })).toBe(true)
    }
  })

  test('has the chains, actors and readers that it had', () => {
    const odd = (from: number) => Array.from({ length: 21 }, (_, i) => i + 6).filter((index) => index % 2 === from)
    const chainOf = (n: number) => indicesIn(store.chain(id(n)).entries(0, 99))
    expect([chainOf(1), chainOf(2), chainOf(3), chainOf(4)]).toEqual([
      [2, 4, ...odd(1), 29],
      [3, 5, ...odd(0)],
      [28],
      [],
    ])
    for (const n of [1, 2, 3]) {
      const chain = old.get(Uint8Array.of(3, ...id(n))) ?? new Uint8Array()
      const { lastLeafHash, auditKey } = chainEndOf(store.chain(id(n)))
      expect(toHex(lastLeafHash) + toHex(auditKey ?? new Uint8Array())).toBe(toHex(chain.subarray(9)))
    }
    for (const actor of [principal(1), principal(2), principal(3), principal(7), Uint8Array.of(5, 6)]) {
      const count = old.get(Uint8Array.of(5, ...actor)) ?? new Uint8Array()
      const named = indicesIn(store.actor(actor).entries(0, 99))
      expect(named).toHaveLength(count[7] ?? 0)
      for (const [seq, index] of named.entries()) {
        const place = old.get(Uint8Array.of(6, actor.length, ...actor, 0, 0, 0, 0, 0, 0, 0, seq))
        expect(place?.[7]).toBe(index)
      }
    }
    expect([store.mayRead(id(1), principal(1), 0n), store.mayRead(id(1), principal(2), 0n)]).toEqual([true, false])
  })

  test('knows how far its sources had come, where each of their leaves is, and which of them is frozen', () => {
    for (const [source, count] of [
      [LOG_SOURCE.consent, 26],
      [LOG_SOURCE.records, 3],
      [LOG_SOURCE.audit, 1],
    ] as const) {
      expect(log.source(source).next).toBe(BigInt(count))
      expect(log.source(source).isFrozen).toBe(source === LOG_SOURCE.records)
      const found = Array.from({ length: count }, (_, seq) => seq).map(createLeafFinder(store, source, size))
      const places = found.map((_, seq) => old.get(Uint8Array.of(8, source, 0, 0, 0, 0, 0, 0, 0, seq))?.[7])
      expect(found).toEqual(places)
    }
  })

  test('is gone from the rows of its own layout', () => {
    const known: ReadonlySet<number> = new Set(Object.values(ROWS))
    expect(new Set(rows.entries().map(([key]) => key[0] ?? -1))).toEqual(
      new Set([ROWS.state, ROWS.leaf, ROWS.reader, ROWS.systemKey, ROWS.tile, ROWS.chain, ROWS.actor]),
    )
    expect(rows.entries().every(([key]) => known.has(key[0] ?? -1))).toBe(true)
  })

  test('goes on like a log that never had another layout', () => {
    append([leafInput(26n, { patientId: id(1) })], 9_000n)
    const { leaf, leafHash } = store.leaf(30)
    expect(toHex(leaf.subarray(48, 80))).toBe(toHex(store.leafHash(29)))
    expect(toHex(chainEndOf(store.chain(id(1))).lastLeafHash)).toBe(toHex(leafHash))
    expect(log.size()).toBe(31)
  })

  test('is migrated once, and a layout of later stops the upgrade', () => {
    const before = textOf(rows)
    migrate(rows, fold)
    expect(textOf(rows)).toBe(before)
    const later = readRows(1)
    later.set(Uint8Array.of(0), Uint8Array.of(3, ...oldState.subarray(1)))
    const rest = textOf(later)
    expect(() => migrate(later, fold)).toThrow('the log has layout 2')
    expect(textOf(later)).toBe(rest)
    expect(() => migrate(memoryMap(), fold)).not.toThrow()
  })
})
