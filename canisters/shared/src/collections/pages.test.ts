import { memoryMap } from '@medguard/shared'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import type { EntryRuns } from './page-rows.ts'
import { createPages } from './pages.ts'

const OWNERS = [[], [1], [1, 0, 0, 0, 0], [2, 0]].map((bytes) => new Uint8Array(bytes))
const ownerOf = (i: number) => OWNERS[i] as Uint8Array
const entry = fc.oneof(fc.uint8Array({ maxLength: 40 }), fc.uint8Array({ minLength: 120, maxLength: 300 }))
const step = fc.oneof(
  fc.record({ kind: fc.constant('push' as const), owner: fc.nat(3), entries: fc.array(entry, { maxLength: 24 }) }),
  fc.record({ kind: fc.constant('replace' as const), owner: fc.nat(3), at: fc.nat(90), by: entry }),
  fc.record({ kind: fc.constant('note' as const), owner: fc.nat(3), note: fc.uint8Array({ maxLength: 400 }) }),
  fc.record({ kind: fc.constant('erase' as const), owner: fc.nat(3) }),
)

/** What a run says, read as a Candid `vec blob` is. */
function read({ count, runs }: EntryRuns): number[][] {
  const bytes = runs.flatMap((run) => [...run])
  const entries: number[][] = []
  for (let at = 0; at < bytes.length;) {
    let length = 0
    for (let shift = 0; ; shift += 7) {
      const byte = bytes[at++] ?? 0
      length |= (byte & 0x7f) << shift
      if (byte < 0x80) break
    }
    entries.push(bytes.slice(at, at + length))
    at += length
  }
  expect(entries).toHaveLength(count)
  return entries
}
const sizeOf = (entries: readonly number[][]) =>
  entries.reduce((sum, { length }) => sum + length + (length > 0x7f ? 2 : 1), 0)

describe('pages', () => {
  test('hold what was added to and replaced in each list, in every message that follows', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30, size: 'max' }), fc.gen(), (steps, value) => {
        const rows = memoryMap()
        const model = OWNERS.map(() => ({ entries: [] as number[][], note: [] as number[] }))
        for (const each of steps) {
          const list = createPages(rows).of(ownerOf(each.owner))
          const wanted = model[each.owner] as (typeof model)[number]
          if (each.kind === 'push')
            for (const added of each.entries) {
              list.push(added)
              wanted.entries.push([...added])
            }
          if (each.kind === 'replace' && each.at < wanted.entries.length) {
            list.replace(each.at, each.by)
            wanted.entries[each.at] = [...each.by]
          }
          if (each.kind === 'note') {
            list.note = each.note
            wanted.note = [...each.note]
          }
          if (each.kind === 'erase') {
            list.erase()
            Object.assign(wanted, { entries: [], note: [] })
          } else list.save()
        }
        for (const [i, { entries, note }] of model.entries()) {
          const list = createPages(rows).of(ownerOf(i))
          expect(list.count).toBe(entries.length)
          expect([...list.note]).toEqual(note)
          for (const [at, wanted] of entries.entries()) expect([...list.at(at)]).toEqual(wanted)
          const [from, count, bytesMax] = [value(fc.nat, 40), value(fc.nat, 40), value(fc.nat, 4000)]
          const found = read(list.runs(from, count, bytesMax))
          expect(read(createPages(rows).runs(ownerOf(i), from, count, bytesMax))).toEqual(found)
          expect(found).toEqual(entries.slice(from, from + found.length))
          const all = entries.slice(from, from + count)
          expect(found.length === 1 || sizeOf(found) <= bytesMax).toBe(true)
          if (found.length < all.length) expect(sizeOf(all.slice(0, found.length + 1))).toBeGreaterThan(bytesMax)
        }
      }),
      { numRuns: 60 },
    )
  })

  test('leave nothing behind, and overwrite what held an entry before it goes or shrinks', () => {
    const rows = memoryMap()
    const isZero = (bytes: Uint8Array) => bytes.every((byte) => byte === 0)
    const watched = {
      ...rows,
      set(key: Uint8Array, value: Uint8Array) {
        const before = rows.get(key)
        if (before !== undefined && before.length > value.length) expect(isZero(before)).toBe(true)
        rows.set(key, value)
      },
      delete(key: Uint8Array) {
        expect(isZero(rows.get(key) ?? new Uint8Array(0))).toBe(true)
        rows.delete(key)
      },
    }
    const owner = new Uint8Array(16)
    for (let n = 1; n <= 57; n++) {
      const list = createPages(watched).of(owner)
      list.push(new Uint8Array(n).fill(n))
      list.save()
    }
    const list = createPages(watched).of(owner)
    list.replace(3, new Uint8Array(1))
    list.replace(56, new Uint8Array(1))
    list.save()
    list.erase()
    expect(rows.size()).toBe(0)
    expect(createPages(watched).of(owner).count).toBe(0)
  })

  test('cost one read for every sixteen entries', () => {
    const rows = memoryMap()
    let reads = 0
    const counted = {
      ...rows,
      get(key: Uint8Array) {
        reads++
        return rows.get(key)
      },
    }
    const list = createPages(counted).of(new Uint8Array(33))
    for (let n = 0; n < 123; n++) list.push(new Uint8Array(1000))
    list.save()
    reads = 0
    expect(createPages(counted).runs(new Uint8Array(33), 5, 20, 1e6).count).toBe(20)
    expect(reads).toBe(2)
  })

  test('refuse positions that are not there and rows that no list wrote, with fixed sentences', () => {
    const list = createPages(memoryMap()).of(new Uint8Array(1))
    list.push(new Uint8Array(2))
    for (const i of [-1, 1, Number.NaN]) {
      expect(() => list.at(i)).toThrow(RangeError)
      expect(() => list.replace(i, new Uint8Array(0))).toThrow(RangeError)
    }
    expect(list.runs(1, 5, 100)).toEqual({ count: 0, runs: [] })
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), fc.boolean(), fc.nat(30), (junk, hasLayout, at) => {
        const rows = memoryMap()
        const row = hasLayout ? new Uint8Array([1, 0, 0, 0, 22, 0, 0, ...junk]) : junk
        rows.set(new Uint8Array([0, 7, 0, 0, 0, 0]), row)
        if (hasLayout) rows.set(new Uint8Array([1, 7, 0, 0, 0, 0]), new Uint8Array([1, ...junk]))
        try {
          const opened = createPages(rows).of(new Uint8Array([7]))
          opened.at(at)
        } catch (error) {
          expect((error as Error).message).toMatch(
            /^(the head of a list decodes|a full page is there|a full page decodes|a page has the entries that it should|a position is below the count)$/,
          )
        }
      }),
    )
  })
})
