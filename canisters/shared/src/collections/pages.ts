import { assert } from '../assert.ts'
import { numberedSection, type Rows } from '../maps.ts'
import {
  ENTRIES_PER_PAGE,
  entriesOf,
  entryAt,
  type EntryRuns,
  lebBytesOf,
  PAGE_HEAD_BYTES,
  putEntry,
  replaced,
  skip,
  startOf,
  writeStarts,
} from './page-rows.ts'

/** Layout of head rows and of pages. */
const LAYOUT = 1
const HEAD_BYTES = 7
const NOTE_BYTES_MAX = 0xffff
const NO_BYTES = new Uint8Array(0)
const EMPTY_HEAD = Uint8Array.of(LAYOUT, 0, 0, 0, 0, 0, 0)

/**
 * Lists of byte strings, one for each owner, that are read a page at a time: what a compartment lists. An entry may be replaced; a list may be
 * erased, and no byte of it stays in its rows.
 *
 * The head row carries the count, a note of the owner's, and the entries of the page that is not full yet; full pages move to rows of their own.
 * Entries stand as in a Candid `vec blob`, so that a list of them is a copy. So adding is one read and one write, and two more a page; reading is
 * one row for every sixteen entries, and the head only where its entries are read.
 *
 *     0 || owner || 0       -> 1 || count u32 || note length u16 || note || entries of the last page
 *     1 || owner || 2 p (4) -> 1 || 15 starts u32 || 16 entries; an entry is its length in LEB128, then its bytes
 *
 * [Note: empty rows] Behind each of these rows is an empty one, at the next odd number. A node of the map has up to eleven rows side by side, and
 * to touch one costs what all of them weigh: with empty rows between them it is half. A page of 8 kB costs 0.1 M to read instead of 0.14 M.
 *
 * Rows are large: give pages a map of their own, away from small rows.
 */
export function createPages(rows: Rows) {
  const heads = numberedSection(rows, 0)
  const pages = numberedSection(rows, 1)
  const store: Store = {
    setHead: (owner, row) => heads.set(owner, 0, row),
    makeRoom: (owner) => heads.set(owner, 1, NO_BYTES),
    removeHead(owner) {
      heads.delete(owner, 0)
      heads.delete(owner, 1)
    },
    page(owner, page) {
      const row = pages.get(owner, 2 * page)
      assert(row === undefined || (row[0] === LAYOUT && row.length > PAGE_HEAD_BYTES), 'a full page decodes')
      return row
    },
    setPage: (owner, page, row) => pages.set(owner, 2 * page, row),
    makeRoomForPage: (owner, page) => pages.set(owner, 2 * page + 1, NO_BYTES),
    removePage(owner, page) {
      pages.delete(owner, 2 * page)
      pages.delete(owner, 2 * page + 1)
    },
    /**
     * The list of `owner`, empty where nothing was added yet. Costs one read. Good for one message: of two that are open for one owner the one
     * saved last wins.
     * @param owner at most 120 bytes.
     * @throws Error for a row that no list wrote.
     */
    of(owner) {
      const row = heads.get(owner, 0)
      if (row === undefined) return new PagedList(store, owner, EMPTY_HEAD, 0)
      const isHead = row[0] === LAYOUT && row.length >= HEAD_BYTES + noteBytesOf(row)
      const count = (row[1] ?? 0) * 0x100_0000 + (((row[2] ?? 0) << 16) | ((row[3] ?? 0) << 8) | (row[4] ?? 0))
      assert(isHead, 'the head of a list decodes')
      return new PagedList(store, owner, row, count)
    },
  }
  return {
    of: store.of,
    /**
     * The entry at position `i`, which is below the count: as `of(owner).at(i)`, without the head where the entry is in a full page.
     * @throws RangeError behind the last one.
     */
    entry(owner: Uint8Array, i: number): Uint8Array {
      const page = Math.floor(i / ENTRIES_PER_PAGE)
      const row = store.page(owner, page)
      return row === undefined ? store.of(owner).at(i) : entryAt(row, startOf(row, i - page * ENTRIES_PER_PAGE))
    },
    /** The same as `of(owner).runs(…)`, and cheaper: the head is not read where all entries are in full pages. */
    runs: (owner: Uint8Array, from: number, count: number, bytesMax: number): EntryRuns =>
      runsOf(store, owner, null, { from, count, bytesMax }),
  }
}
export type Pages = ReturnType<typeof createPages>

interface Store {
  readonly setHead: (owner: Uint8Array, row: Uint8Array) => void
  readonly makeRoom: (owner: Uint8Array) => void
  readonly removeHead: (owner: Uint8Array) => void
  /** Undefined for one that is not full yet. */
  readonly page: (owner: Uint8Array, page: number) => Uint8Array | undefined
  readonly setPage: (owner: Uint8Array, page: number, row: Uint8Array) => void
  readonly makeRoomForPage: (owner: Uint8Array, page: number) => void
  readonly removePage: (owner: Uint8Array, page: number) => void
  readonly of: (owner: Uint8Array) => PagedList
}

/** One owner's list, as this message sees and changes it. Nothing is stored before `save`, but for full pages. */
export class PagedList {
  /** How many entries there are. */
  count: number
  private readonly store: Store
  private readonly owner: Uint8Array
  /** The head row as it is to be. */
  head: Uint8Array
  /** What the map has in the place of `head`. */
  private stored: Uint8Array
  private isStored: boolean

  constructor(store: Store, owner: Uint8Array, head: Uint8Array, count: number) {
    this.store = store
    this.owner = owner
    this.head = head
    this.stored = head
    this.isStored = head !== EMPTY_HEAD
    this.count = count
  }
  /** What the owner keeps beside the entries, at most 65,535 bytes; empty at first. */
  get note(): Uint8Array {
    return this.head.subarray(HEAD_BYTES, HEAD_BYTES + noteBytesOf(this.head))
  }
  set note(note: Uint8Array) {
    this.head = headOf(this.count, note, this.lastPage())
  }
  /**
   * The entry at position `i`.
   * @throws RangeError unless 0 <= i < count.
   */
  at(i: number): Uint8Array {
    if (!(i >= 0 && i < this.count)) throw new RangeError('a position is below the count')
    const [entry] = entriesOf(this.runs(i, 1, 0))
    assert(entry !== undefined, 'a page has the entries that it should')
    return entry
  }
  /**
   * Entries from position `from` on, at most `count` and at most `bytesMax` bytes with their lengths, but one in any case where there is one.
   * Costs one read for each full page that they touch.
   */
  runs(from: number, count: number, bytesMax: number): EntryRuns {
    return runsOf(this.store, this.owner, this, { from, count, bytesMax })
  }
  /** Where in the head the entries of the last page begin. */
  get lastPageAt(): number {
    return HEAD_BYTES + noteBytesOf(this.head)
  }
  /** Adds an entry behind the others. */
  push(entry: Uint8Array): void {
    const { head } = this
    const at = head.length
    const next = new Uint8Array(at + lebBytesOf(entry.length) + entry.length)
    next.set(head)
    putEntry(next, at, entry)
    this.head = next
    this.count++
    if (this.count % ENTRIES_PER_PAGE === 0) this.endPage()
  }
  /**
   * Puts an entry in the place of another, of which no byte stays.
   * @throws RangeError unless 0 <= i < count.
   */
  replace(i: number, entry: Uint8Array): void {
    if (!(i >= 0 && i < this.count)) throw new RangeError('a position is below the count')
    const { store, owner } = this
    const page = Math.floor(i / ENTRIES_PER_PAGE)
    const first = page * ENTRIES_PER_PAGE
    if (first + ENTRIES_PER_PAGE > this.count) {
      this.head = replaced(this.head, skip(this.head, this.lastPageAt, i - first), entry)
      return
    }
    const row = store.page(owner, page)
    assert(row !== undefined, 'a full page is there')
    const next = replaced(row, startOf(row, i - first), entry)
    writeStarts(next)
    if (next.length < row.length) store.setPage(owner, page, new Uint8Array(row.length))
    store.setPage(owner, page, next)
  }
  /** Writes the head: count, note and the entries of the last page. */
  save(): void {
    const { store, owner, stored, head, count } = this
    assert(count <= 0xffff_ffff, 'a list is as long as its head can say')
    if (!this.isStored) store.makeRoom(owner)
    if (head.length < stored.length) store.setHead(owner, new Uint8Array(stored.length))
    writeCount(head, count)
    store.setHead(owner, head)
    this.stored = head
    this.isStored = true
  }
  /** Removes the list. All that held an entry is overwritten before it goes, since freed memory keeps its bytes (keys.md, section 17). */
  erase(): void {
    const { store, owner, stored } = this
    for (let page = 0; page < Math.floor(this.count / ENTRIES_PER_PAGE); page++) {
      store.setPage(owner, page, new Uint8Array(store.page(owner, page)?.length ?? 0))
      store.removePage(owner, page)
    }
    if (this.isStored) {
      store.setHead(owner, new Uint8Array(stored.length))
      store.removeHead(owner)
    }
    this.head = this.stored = EMPTY_HEAD
    this.isStored = false
    this.count = 0
  }
  private lastPage(): Uint8Array {
    return this.head.subarray(this.lastPageAt)
  }
  /** Moves the entries of the last page, which is full, to a row of their own. */
  private endPage(): void {
    const { store, owner, head, count } = this
    const entries = this.lastPage()
    const row = new Uint8Array(PAGE_HEAD_BYTES + entries.length)
    row[0] = LAYOUT
    row.set(entries, PAGE_HEAD_BYTES)
    writeStarts(row)
    const page = count / ENTRIES_PER_PAGE - 1
    store.makeRoomForPage(owner, page) // first, while the rows around are as they were
    store.setPage(owner, page, row)
    this.head = head.slice(0, head.length - entries.length)
  }
}

interface Wanted {
  readonly from: number
  readonly count: number
  readonly bytesMax: number
}

/**
 * Where it costs: 35 k instructions a page beside reading it, so no closures and no objects in the loop.
 * @param list read when it is needed or likely to be, if it is null.
 */
function runsOf(store: Store, owner: Uint8Array, list: PagedList | null, { from, count, bytesMax }: Wanted): EntryRuns {
  const runs: Uint8Array[] = []
  if (!(from >= 0)) return { count: 0, runs }
  const wantedEnd = from + count
  // Who wants a few is after what joined last, which stands in the head: a page that is not there yet would be looked for in vain.
  let last = list ?? (count < ENTRIES_PER_PAGE ? store.of(owner) : null)
  let left = bytesMax
  let position = from
  while (position < wantedEnd) {
    const page = Math.floor(position / ENTRIES_PER_PAGE)
    const first = page * ENTRIES_PER_PAGE
    let pageEnd = first + ENTRIES_PER_PAGE
    let row = last === null || pageEnd <= last.count ? store.page(owner, page) : undefined
    let start: number
    let stop: number
    if (row === undefined) {
      last ??= store.of(owner)
      pageEnd = last.count
      if (position >= pageEnd) break // behind the last entry
      assert(pageEnd < first + ENTRIES_PER_PAGE, 'a full page is there')
      row = last.head
      start = skip(row, last.lastPageAt, position - first)
      stop = pageEnd <= wantedEnd ? row.length : skip(row, start, wantedEnd - position)
    } else {
      start = startOf(row, position - first)
      stop = pageEnd <= wantedEnd ? row.length : startOf(row, wantedEnd - first)
    }
    if (stop - start > left) {
      const entries = entriesWithin(
        row,
        start,
        stop,
        position > from ? left : Math.max(left, skip(row, start, 1) - start),
      )
      if (entries.count > 0) runs.push(row.subarray(start, entries.end))
      position += entries.count
      break
    }
    runs.push(row.subarray(start, stop))
    left -= stop - start
    position = pageEnd < wantedEnd ? pageEnd : wantedEnd
  }
  return { count: position - from, runs }
}

/** Of the entries from `start` to `stop`, those that together have at most `bytesMax` bytes. */
function entriesWithin(row: Uint8Array, start: number, stop: number, bytesMax: number): { count: number; end: number } {
  let end = start
  let count = 0
  while (end < stop) {
    const next = skip(row, end, 1)
    if (next - start > bytesMax) break
    end = next
    count++
  }
  return { count, end }
}

const noteBytesOf = (head: Uint8Array): number => ((head[5] ?? 0) << 8) | (head[6] ?? 0)

function headOf(count: number, note: Uint8Array, entries: Uint8Array): Uint8Array {
  const noteBytes = note.length
  if (noteBytes > NOTE_BYTES_MAX) throw new RangeError('a note has at most 65,535 bytes')
  const head = new Uint8Array(HEAD_BYTES + noteBytes + entries.length)
  head[0] = LAYOUT
  head[5] = noteBytes >>> 8
  head[6] = noteBytes
  writeCount(head, count)
  head.set(note, HEAD_BYTES)
  head.set(entries, HEAD_BYTES + noteBytes)
  return head
}

function writeCount(head: Uint8Array, count: number): void {
  head[1] = count >>> 24
  head[2] = count >>> 16
  head[3] = count >>> 8
  head[4] = count
}
