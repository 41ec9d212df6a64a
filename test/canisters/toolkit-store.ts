import { type ByteMap, CandidRows, createPages, createSequences, section } from '@medguard/shared'
import { entryRow } from './toolkit-codecs.ts'
import { type Entry, ROW_ID_BYTES } from './toolkit-service.ts'

/** Memory register. An id is for life: a reused one would read old bytes as a new type. */
export const MEMORY = {
  rows: 0, // small rows, by the sections below
  list: 1, // pages of the list; large
} as const

/** Sections of `rows`; a number is for life too. */
const SECTION = {
  rows: 0, // principal || rowId(16) -> sealed row, whose first byte is the layout of its envelope
  entries: 1, // one sequence of Entry, as Candid
} as const

/** There is one list and one sequence, nobody's in particular. */
const ALL = new Uint8Array(0)
const ENTRY_BYTES = 141
const PAGE_BYTES_MAX = 1_000_000

export function createToolkitStore(maps: { readonly rows: ByteMap; readonly list: ByteMap }) {
  const rows = section(maps.rows, SECTION.rows)
  // A run has 4.5 kB: most pages of twenty lie in one.
  const entries = createSequences(section(maps.rows, SECTION.entries), { entryBytes: ENTRY_BYTES, entriesPerRun: 32 })
  const list = createPages(maps.list)
  return {
    putRow: (owner: Uint8Array, rowId: Uint8Array, row: Uint8Array): void => rows.set(rowKey(owner, rowId), row),
    /** Undefined for a row that another principal owns, as for one that nobody does. */
    row: (owner: Uint8Array, rowId: Uint8Array): Uint8Array | undefined => rows.get(rowKey(owner, rowId)),

    listCount: (): number => list.of(ALL).count,
    /** @returns the new row's position. */
    addToList(row: Uint8Array): number {
      const rows = list.of(ALL)
      rows.push(row)
      rows.save()
      return rows.count - 1
    },
    /** As they are stored: nobody has to read them on their way out. */
    listed(from: number, count: number): CandidRows {
      const page = list.runs(ALL, from, count, PAGE_BYTES_MAX)
      return new CandidRows(page.count, page.runs)
    },

    /** @throws RangeError unless all blobs have the lengths that make it 141 bytes. */
    addEntry(entry: Entry): number {
      const sequence = entries.of(ALL)
      sequence.push(entryRow.encode(entry))
      sequence.save()
      return sequence.count - 1
    },
    /** As they are stored, too. */
    entries(from: number, count: number): CandidRows {
      const stored = entries.of(ALL).entries(from, count)
      return new CandidRows(stored.length / ENTRY_BYTES, [stored])
    },
  }
}

/** Of two owners none has the other's keys: the id behind has always one length. A map copies a key at once, so one buffer will do. */
function rowKey(owner: Uint8Array, rowId: Uint8Array): Uint8Array {
  const { length } = owner
  KEY.set(owner)
  KEY.set(rowId, length)
  return length === PRINCIPAL_BYTES_MAX ? KEY : KEY.subarray(0, length + ROW_ID_BYTES)
}
const PRINCIPAL_BYTES_MAX = 29
const KEY = new Uint8Array(PRINCIPAL_BYTES_MAX + ROW_ID_BYTES)
