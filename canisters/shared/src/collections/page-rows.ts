import { assert } from '../assert.ts'

// The inside of the rows of `pages.ts`.

/**
 * [Note: entries per page] Measured with 10^5 entries of 1 kB: a read takes 70 k instructions and 6 k more for each kB of the row. With sixteen, 20
 * entries in the middle are two rows, or three in one case of five; with ten they are two or three and adding is a tenth cheaper, with twenty-four
 * they are one or two that weigh more than they save.
 */
export const ENTRIES_PER_PAGE = 16
/** In front of the entries of a full page: where each but the first begins, counted from the first. */
const STARTS_BYTES = 4 * (ENTRIES_PER_PAGE - 1)
export const PAGE_HEAD_BYTES = 1 + STARTS_BYTES

/** Entries as they stand in their rows: `length in LEB128 || bytes`, behind one another. */
export interface EntryRuns {
  /** How many entries there are in all runs. */
  readonly count: number
  readonly runs: readonly Uint8Array[]
}

/** Each entry by itself. @throws Error where a run ends within one. */
export function entriesOf({ runs }: EntryRuns): Uint8Array[] {
  const entries: Uint8Array[] = []
  for (const run of runs)
    for (let at = 0; at < run.length;) {
      const end = skip(run, at, 1)
      entries.push(run.subarray(at + lebBytes(run, at), end))
      at = end
    }
  return entries
}

/** The entry that begins at `start`. @throws Error where the row ends within it. */
export const entryAt = (row: Uint8Array, start: number): Uint8Array =>
  row.subarray(start + lebBytes(row, start), skip(row, start, 1))

/** Where entry `i` of a full page begins; behind the last one, where the page ends. */
export function startOf(row: Uint8Array, i: number): number {
  if (i === 0) return PAGE_HEAD_BYTES
  if (i === ENTRIES_PER_PAGE) return row.length
  const at = 4 * i - 3
  const start = ((row[at] ?? 0) << 24) | ((row[at + 1] ?? 0) << 16) | ((row[at + 2] ?? 0) << 8) | (row[at + 3] ?? 0)
  assert(start >= 0 && PAGE_HEAD_BYTES + start <= row.length, 'a page has the entries that it should')
  return PAGE_HEAD_BYTES + start
}

export function writeStarts(row: Uint8Array): void {
  const view = new DataView(row.buffer)
  let at = PAGE_HEAD_BYTES
  for (let i = 1; i < ENTRIES_PER_PAGE; i++) {
    at = skip(row, at, 1)
    view.setUint32(4 * i - 3, at - PAGE_HEAD_BYTES)
  }
}

/** The row with another entry in the place of the one that begins at `start`. */
export function replaced(row: Uint8Array, start: number, entry: Uint8Array): Uint8Array<ArrayBuffer> {
  const end = skip(row, start, 1)
  const entryEnd = start + lebBytesOf(entry.length) + entry.length
  const next = new Uint8Array(entryEnd + row.length - end)
  next.set(row.subarray(0, start))
  putEntry(next, start, entry)
  next.set(row.subarray(end), entryEnd)
  return next
}

export function lebBytesOf(value: number): number {
  let bytes = 1
  for (let rest = value; rest > 0x7f; rest >>>= 7) bytes++
  return bytes
}

export function putEntry(row: Uint8Array, start: number, entry: Uint8Array): void {
  let at = start
  let rest = entry.length
  while (rest > 0x7f) {
    row[at++] = (rest & 0x7f) | 0x80
    rest >>>= 7
  }
  row[at++] = rest
  row.set(entry, at)
}

/** How many bytes the length that begins at `at` has. */
function lebBytes(row: Uint8Array, at: number): number {
  let bytes = 1
  while ((row[at + bytes - 1] ?? 0) > 0x7f) bytes++
  return bytes
}

/** Where the entry begins that is `count` behind the one at `start`. @throws Error where a row ends before. */
export function skip(row: Uint8Array, start: number, count: number): number {
  var at = start // `var`: a turn of the loop costs a third less
  for (var i = 0; i < count; i++) {
    var byte = row[at++] ?? 0
    var length = byte & 0x7f
    for (var shift = 7; byte > 0x7f && shift < 28; shift += 7) {
      byte = row[at++] ?? 0
      length |= (byte & 0x7f) << shift
    }
    at += length
  }
  assert(at <= row.length, 'a page has the entries that it should')
  return at
}
