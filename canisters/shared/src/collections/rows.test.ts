import {
  bytes,
  createRows,
  flag,
  keyOf,
  list,
  memoryMap,
  nullable,
  principal,
  rowOf,
  u32,
  u64,
  u8,
} from '@medguard/shared'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

const EVERYTHING = {
  small: u8,
  number: u32,
  large: u64,
  isSo: flag,
  id: bytes(16),
  who: principal,
  grant: nullable(bytes(4)),
  ids: list(bytes(3), 2),
}
const ROW = rowOf(7, EVERYTHING)
const exactly = (length: number) => fc.uint8Array({ minLength: length, maxLength: length })
const values = fc.record({
  small: fc.nat(255),
  number: fc.nat(0xffff_ffff),
  large: fc.bigInt({ min: 0n, max: (1n << 64n) - 1n }),
  isSo: fc.boolean(),
  id: exactly(16),
  who: fc.uint8Array({ minLength: 1, maxLength: 29 }),
  grant: fc.option(exactly(4)),
  ids: fc.array(exactly(3), { minLength: 2, maxLength: 2 }),
})
const SIZE = 1 + 1 + 4 + 8 + 1 + 16 + 30 + 5 + 6

describe('rows of fields', () => {
  test('decode to what was encoded, wherever their bytes lie', () => {
    fc.assert(
      fc.property(values, fc.nat(5), (value, before) => {
        const row = ROW.encode(value)
        expect(row).toHaveLength(SIZE)
        expect(row[0]).toBe(7)
        const embedded = new Uint8Array([...new Uint8Array(before), ...row]).subarray(before)
        expect(ROW.decode(embedded)).toEqual(value)
      }),
    )
  })

  test('are nothing when their length, layout or a flag is wrong', () => {
    fc.assert(
      fc.property(values, fc.nat(SIZE - 1), (value, cut) => {
        const row = ROW.encode(value)
        const changed = (at: number, to: number) => row.with(at, to)
        expect(ROW.decode(row.subarray(0, cut))).toBeNull()
        expect(ROW.decode(new Uint8Array([...row, 0]))).toBeNull()
        for (const wrong of [changed(0, 8), changed(14, 2), changed(31, 0), changed(31, 30), changed(61, 2)])
          expect(ROW.decode(wrong)).toBeNull()
      }),
    )
  })

  test('never throw on made-up bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: SIZE - 2, maxLength: SIZE + 1 }), (junk) => {
        const row = junk.slice()
        row[0] = 7
        const value = ROW.decode(row)
        if (value !== null) expect(ROW.encode(value)).toHaveLength(SIZE)
      }),
    )
  })

  test('refuse to be written with a value that does not fit', () => {
    fc.assert(
      fc.property(values, exactly(15), (value, short) => {
        expect(() => ROW.encode({ ...value, id: short })).toThrow(RangeError)
        expect(() => ROW.encode({ ...value, who: new Uint8Array(30) })).toThrow(RangeError)
        expect(() => ROW.encode({ ...value, who: new Uint8Array(0) })).toThrow(RangeError)
        expect(() => ROW.encode({ ...value, ids: [...value.ids, short] })).toThrow(RangeError)
      }),
      { numRuns: 5 },
    )
  })

  test('are kept under keys of several fields, each in its own', () => {
    const id = fc.record({ who: fc.uint8Array({ minLength: 1, maxLength: 29 }), version: fc.nat(3) })
    fc.assert(
      fc.property(fc.array(fc.tuple(id, values, fc.boolean()), { maxLength: 20 }), (steps) => {
        const map = memoryMap()
        const rows = createRows(map, { key: keyOf({ who: principal, version: u32 }), row: ROW })
        const model = new Map<string, unknown>()
        const name = (key: { who: Uint8Array; version: number }) => `${key.who.join()} ${key.version}`
        for (const [key, value, isRemoved] of steps) {
          rows.set(key, value)
          model.set(name(key), value)
          if (isRemoved) {
            rows.delete(key)
            model.delete(name(key))
          }
        }
        for (const [key] of steps) {
          expect(rows.get(key)).toEqual(model.get(name(key)))
          expect(rows.has(key)).toBe(model.has(name(key)))
        }
        expect(map.size()).toBe(model.size)
      }),
    )
  })

  test('that do not decode are answered with a fixed sentence', () => {
    const map = memoryMap()
    map.set(new Uint8Array([0, 0, 0, 1]), new Uint8Array([7, 1, 2]))
    const rows = createRows(map, { key: keyOf({ n: u32 }), row: ROW })
    expect(() => rows.get({ n: 1 })).toThrow(new Error('a stored row decodes'))
  })
})
