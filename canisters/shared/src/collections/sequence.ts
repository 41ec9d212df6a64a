import { assert } from '../assert.ts'
import { numberedSection, type Rows, section } from '../maps.ts'

/** Layout of head rows and of runs. */
const LAYOUT = 1
const HEAD_BYTES = 6
const NOTE_BYTES_MAX = 255
const NO_BYTES = new Uint8Array(0)
const EMPTY_HEAD = Uint8Array.of(LAYOUT, 0, 0, 0, 0, 0)

export interface SequencesOptions {
  /** Length of each entry, at least 1. For life. */
  readonly entryBytes: number
  /** How many entries one row of a full run has, at least 1. For life. A head is read and written as a whole: keep it at some 500 bytes. */
  readonly entriesPerRun: number
}

/**
 * Dense sequences of short entries of one length, one for each owner: who is in a chain, which grants a patient gave.
 *
 * The head row carries the count, a note of the owner's, and the entries of the run that is not full yet; full runs move to rows of their own
 * and never change. So adding entries is one read and one write, and one more write when a run is full; reading is one row for each run.
 *
 *     0 || owner           -> 1 || count u32 || note length u8 || note || entries of the last run
 *     1 || owner || run(4) -> 1 || entriesPerRun × entry
 */
export function createSequences(rows: Rows, { entryBytes, entriesPerRun }: SequencesOptions) {
  const heads = section(rows, 0)
  const runs = numberedSection(rows, 1)
  const shape: Shape = {
    entryBytes,
    entriesPerRun,
    writeHead: (owner, row) => heads.overwrite(owner, row),
    writeRun: (owner, run, row) => runs.set(owner, run, row),
    readRun(owner, run) {
      const row = runs.get(owner, run)
      assert(row?.length === 1 + entriesPerRun * entryBytes && row[0] === LAYOUT, 'a full run is there, whole')
      return row
    },
  }
  return {
    /**
     * The sequence of `owner`, empty where nothing was added yet. Costs one read. Good for one message: of two that are open for one owner the
     * one saved last wins.
     * @param owner at most 250 bytes.
     * @throws Error for a row that no sequence of this shape wrote.
     */
    of(owner: Uint8Array): Sequence {
      const row = heads.get(owner)
      if (row === undefined) return new Sequence(shape, owner, EMPTY_HEAD, 0)
      const noteBytes = row[5]
      assert(row[0] === LAYOUT && noteBytes !== undefined, 'the head of a sequence decodes')
      const count = (row[1] ?? 0) * 0x100_0000 + (((row[2] ?? 0) << 16) | ((row[3] ?? 0) << 8) | (row[4] ?? 0))
      const isWhole = row.length === HEAD_BYTES + noteBytes + (count % entriesPerRun) * entryBytes
      assert(isWhole, 'the head of a sequence decodes')
      return new Sequence(shape, owner, row, count)
    },
    /** Removes all entries of `owner`. Costs one deletion for each full run. */
    erase(owner: Uint8Array): void {
      const row = heads.get(owner)
      if (row === undefined) return
      const full = Math.floor(new DataView(row.buffer, row.byteOffset).getUint32(1) / entriesPerRun)
      for (let run = 0; run < full; run++) runs.delete(owner, run)
      heads.delete(owner)
    },
  }
}
export type Sequences = ReturnType<typeof createSequences>

interface Shape extends SequencesOptions {
  readonly writeHead: (owner: Uint8Array, row: Uint8Array) => void
  readonly writeRun: (owner: Uint8Array, run: number, row: Uint8Array) => void
  readonly readRun: (owner: Uint8Array, run: number) => Uint8Array
}

/** One owner's sequence, as this message sees and changes it. Nothing is stored before `save`, but for runs that are full. */
export class Sequence {
  /** How many entries there are. */
  count: number
  private readonly shape: Shape
  private readonly owner: Uint8Array
  /** The head as it is stored, or as it would be but for `added` and `newNote`. Read where it is needed: each cut of it is dear. */
  private head: Uint8Array
  private added: Uint8Array[] | null = null
  private newNote: Uint8Array | null = null

  constructor(shape: Shape, owner: Uint8Array, head: Uint8Array, count: number) {
    this.shape = shape
    this.owner = owner
    this.head = head
    this.count = count
  }
  /** What the owner keeps beside the entries, at most 255 bytes; empty at first. */
  get note(): Uint8Array {
    return this.newNote ?? this.head.subarray(HEAD_BYTES, HEAD_BYTES + (this.head[5] ?? 0))
  }
  set note(note: Uint8Array) {
    if (note.length > NOTE_BYTES_MAX) throw new RangeError('a note has at most 255 bytes')
    this.newNote = note
  }
  /**
   * The entry at position `i`.
   * @throws RangeError unless 0 <= i < count.
   */
  at(i: number): Uint8Array {
    if (!(i >= 0 && i < this.count)) throw new RangeError('a position is below the count')
    return this.entries(i, 1)
  }
  /** Up to `count` entries from position `from` on, behind one another. Costs one read for each full run that they touch. */
  entries(from: number, count: number): Uint8Array {
    const { entryBytes, entriesPerRun, readRun } = this.shape
    const total = this.count
    const end = Math.min(total, from + count)
    if (!(from >= 0 && from < end)) return NO_BYTES
    if (this.added !== null) this.settle()
    const bytes = new Uint8Array((end - from) * entryBytes)
    for (let at = from; at < end;) {
      const run = Math.floor(at / entriesPerRun)
      const first = run * entriesPerRun
      const until = Math.min(end, first + entriesPerRun)
      const isFull = first + entriesPerRun <= total
      const row = isFull ? readRun(this.owner, run) : this.head
      const entriesAt = isFull ? 1 : HEAD_BYTES + (row[5] ?? 0)
      const wanted = row.subarray(entriesAt + (at - first) * entryBytes, entriesAt + (until - first) * entryBytes)
      bytes.set(wanted, (at - from) * entryBytes)
      at = until
    }
    return bytes
  }
  /**
   * Adds an entry behind the others.
   * @throws RangeError for an entry of another length.
   */
  push(entry: Uint8Array): void {
    const { entryBytes, entriesPerRun } = this.shape
    if (entry.length !== entryBytes) throw new RangeError('entries of a sequence have one length')
    if (this.added === null) this.added = [entry]
    else this.added.push(entry)
    const count = ++this.count
    if (count % entriesPerRun === 0) this.endRun()
  }
  /** Writes the head: count, note and the entries of the last run. */
  save(): void {
    assert(this.count <= 0xffff_ffff, 'a sequence is as long as its head can say')
    this.settle()
    this.shape.writeHead(this.owner, this.head)
  }
  /** Moves the entries of the last run, which is full, to a row of their own. */
  private endRun(): void {
    const { entryBytes, entriesPerRun, writeRun } = this.shape
    this.settle()
    const noteEnd = HEAD_BYTES + (this.head[5] ?? 0)
    const row = new Uint8Array(1 + entriesPerRun * entryBytes)
    row[0] = LAYOUT
    row.set(this.head.subarray(noteEnd), 1)
    writeRun(this.owner, this.count / entriesPerRun - 1, row)
    this.head = this.head.slice(0, noteEnd)
  }
  /** Makes the head what it is to be. */
  private settle(): void {
    const { added, newNote, head, count } = this
    const addedBytes = added === null ? 0 : added.length * this.shape.entryBytes
    let at = head.length
    let next: Uint8Array
    if (newNote === null) {
      next = new Uint8Array(at + addedBytes)
      next.set(head)
    } else {
      const entries = head.subarray(HEAD_BYTES + (head[5] ?? 0))
      const noteBytes = newNote.length
      at = HEAD_BYTES + noteBytes + entries.length
      next = new Uint8Array(at + addedBytes)
      next[0] = LAYOUT
      next[5] = noteBytes
      next.set(newNote, HEAD_BYTES)
      next.set(entries, HEAD_BYTES + noteBytes)
    }
    next[1] = count >>> 24
    next[2] = count >>> 16
    next[3] = count >>> 8
    next[4] = count
    if (added !== null)
      for (let i = 0; i < added.length; i++) {
        const entry = added[i] as Uint8Array
        next.set(entry, at)
        at += entry.length
      }
    this.head = next
    this.added = null
    this.newNote = null
  }
}
