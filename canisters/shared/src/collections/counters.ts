import type { Rows } from '../maps.ts'
import { u64 } from './fields.ts'
import { asIs, createRows, rowOf } from './rows.ts'

const COUNTER = rowOf(1, { count: u64 })

/** Numbers from 0 to 2^64 - 1, one for each key; 0 where there is none. Rows: key -> 1 || count u64. */
export function createCounters(rows: Rows) {
  const stored = createRows(rows, { key: asIs, row: COUNTER })
  const of = (key: Uint8Array): bigint => stored.get(key)?.count ?? 0n
  return {
    of,
    set: (key: Uint8Array, count: bigint): void => stored.set(key, { count }),
    /** From now on as if it had never been counted. */
    forget: (key: Uint8Array): void => stored.delete(key),
    /** @param change may be negative; the sum must not be. @returns the count before. */
    add(key: Uint8Array, change: bigint): bigint {
      const before = of(key)
      const count = before + change
      if (count < 0n) throw new RangeError('a counter does not fall below zero')
      stored.set(key, { count })
      return before
    },
  }
}
export type Counters = ReturnType<typeof createCounters>
