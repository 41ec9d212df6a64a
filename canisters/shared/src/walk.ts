import { compareBytes } from '@medguard/protocol'
import type { ByteMap } from './maps.ts'

/** Rows in the heap at a time: at most 35 MB of them where each is as large as First light could make it. */
const ROWS_AT_ONCE = 2000

/**
 * Shows `visit` every row that was there, in the order of their keys. For migrations only: to come to a row costs 5 k instructions for each row
 * before it, every 2,000 rows anew.
 *
 * @param visit may give any row another value, remove the row it was shown, and add rows; an added row may be shown too. Says whether it removed
 * the row.
 */
export function walkRows(map: ByteMap, visit: (key: Uint8Array, value: Uint8Array) => 'kept' | 'gone'): void {
  let last: Uint8Array | null = null
  for (let at = 0; ;) {
    const rows = map.items(at, ROWS_AT_ONCE)
    if (rows.length === 0) return
    for (const [key, value] of rows) {
      // Rows that were added before this place have moved it back.
      const isSeen: boolean = last !== null && compareBytes(key, last) <= 0
      if (isSeen || visit(key, value) === 'kept') at++
      if (!isSeen) last = key
    }
  }
}

/** The row with a layout byte in front, for rows that had none. */
export function withLayout(layout: number, row: Uint8Array): Uint8Array {
  const whole = new Uint8Array(1 + row.length)
  whole[0] = layout
  whole.set(row, 1)
  return whole
}
