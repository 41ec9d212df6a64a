import { assert, type ByteMap, CandidRows, type Rows, section } from '@medguard/shared'
import { entryRow } from './toolkit-codecs.ts'
import type { Entry } from './toolkit-service.ts'

/** Memory register. An id is for life: a reused one would read old bytes as a new type. */
export const MEMORY = {
  rows: 0, // everything, by the sections below
} as const

/** Sections of `rows`; a number is for life too. */
const SECTION = {
  rows: 0, // principal || rowId(16) -> sealed row
  list: 1, // 0 and index -> row, as in `createList`
  entries: 2, // the same, of Entry
} as const

export function createToolkitStore(map: ByteMap) {
  const rows = section(map, SECTION.rows)
  const entries = createList(section(map, SECTION.entries))
  return {
    list: createList(section(map, SECTION.list)),
    putRow: (owner: Uint8Array, rowId: Uint8Array, row: Uint8Array): void => rows.set(rowKey(owner, rowId), row),
    /** Undefined for a row that another principal owns, as for one that nobody does. */
    row: (owner: Uint8Array, rowId: Uint8Array): Uint8Array | undefined => rows.get(rowKey(owner, rowId)),
    addEntry: (added: Entry): number => entries.add(entryRow.encode(added)),
    /** As they are stored: nobody has to read them on their way out. */
    entries(from: number, count: number): CandidRows {
      const page = entries.page(from, count)
      return new CandidRows(page.length, page)
    },
  }
}

/** Rows in the order they were added, one key each: `n` under no key, and the rows under their index. */
function createList(rows: Rows) {
  const countOf = (bytes: Uint8Array | undefined): number => (bytes === undefined ? 0 : viewOf(bytes).getUint32(0))
  const count = () => countOf(rows.get(COUNT))
  return {
    count,
    /** @returns the new row's index. */
    add(row: Uint8Array): number {
      const index = count()
      rows.set(indexKey(index), row)
      rows.set(COUNT, indexKey(index + 1))
      return index
    },
    /** Up to `most` rows from `from` on, fewer at the end. */
    page(from: number, most: number): Uint8Array[] {
      const end = Math.min(from + most, count())
      const page: Uint8Array[] = []
      for (let index = from; index < end; index++) {
        const row = rows.get(indexKey(index))
        assert(row !== undefined, 'a list has no holes')
        page.push(row)
      }
      return page
    },
  }
}

const COUNT = new Uint8Array(0)
const viewOf = (bytes: Uint8Array) => new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
function indexKey(index: number): Uint8Array {
  const key = new Uint8Array(4)
  viewOf(key).setUint32(0, index)
  return key
}
function rowKey(owner: Uint8Array, rowId: Uint8Array): Uint8Array {
  const key = new Uint8Array(owner.length + rowId.length)
  key.set(owner)
  key.set(rowId, owner.length)
  return key
}
