import {
  type CompartmentRef,
  concatBytes,
  DELETED_ROW_BYTES,
  type Deposit,
  depositIn,
  encodeDeletedRow,
  encodeHeaderRow,
  equalBytes,
  LIST_WRAP_AT,
  NOTHING_DELETED,
  wrapBytesAt,
} from '@medguard/protocol'
import {
  asIs,
  assert,
  bytes,
  createPages,
  createRows,
  entriesOf,
  type EntryRuns,
  keyOf,
  type PagedList,
  type Rows,
  sha256,
  u8,
} from '@medguard/shared'
import { appendLeaf, decodePeaks, EMPTY_PEAKS, encodePeaks, leafHash, type Peaks, rootOf } from '@medguard/tlog'
import { DELETIONS, type Position, POSITION } from './codec.ts'

/** One compartment of one patient. */
export interface Place extends CompartmentRef {
  readonly patientId: Uint8Array
}
export interface VersionId {
  readonly recordId: Uint8Array
  readonly version: number
}
export interface Wraps {
  readonly listWrap: Uint8Array
  readonly openWrap: Uint8Array
}
/** What a list shows of one record version, and the wrap that opens it. */
export interface Entry extends VersionId, Wraps {
  readonly manifest: Uint8Array
  readonly manifestHash: Uint8Array
  readonly header: Uint8Array
  /** How it came to be stored, where readers are told. */
  readonly deposit?: Deposit
}

const PLACE = { patientId: bytes(16), compartmentKind: u8, cid: bytes(16) }
/** `patientId(16) || compartmentKind || cid(16)`. Good until the next call. */
export const placeKey: (place: Place) => Uint8Array = keyOf(PLACE)

const versionKey = new Uint8Array(53)
const versionKeyView = new DataView(versionKey.buffer)
/** `place || recordId || version(4)`. Good until the next call. */
function keyIn({ patientId, compartmentKind, cid }: Place, recordId: Uint8Array, version: number): Uint8Array {
  assert(patientId.length === 16 && cid.length === 16 && recordId.length === 16, 'ids have 16 bytes')
  versionKey.set(patientId)
  versionKey[16] = compartmentKind
  versionKey.set(cid, 17)
  versionKey.set(recordId, 33)
  versionKeyView.setUint32(49, version)
  return versionKey
}

export interface ListsOptions {
  /** A map of its own: pages are large rows. Place -> `HeaderRow` of each entry; its note is the frontier of the tree. */
  readonly pages: Rows
  /** `place || recordId || version(4)` -> `Position`. */
  readonly positions: Rows
  /** Place -> `Deletions`. */
  readonly deletions: Rows
}

/**
 * What each compartment lists: a dense sequence of record versions with their wraps, and the frontier of an RFC 6962 tree over their manifest
 * hashes, so that a reader can tell whether a page is whole. Entries are kept as they are sent, so that a page is a copy.
 */
export function createLists({ pages, positions, deletions }: ListsOptions) {
  const entries = createPages(pages)
  const deletionRows = createRows(deletions, { key: asIs, row: DELETIONS })
  const positionRows = createRows(positions, { key: asIs, row: POSITION })
  // Kept by the list while the message works with it: a copy of its own.
  const open = (place: Place): PagedList => entries.of(placeKey(place).slice())

  const lists = {
    count: (place: Place): number => open(place).count,
    /** How many there are, and their root: a reader checks all pages against it. */
    head(place: Place): { readonly count: number; readonly root: Uint8Array } {
      const peaks = peaksOf(open(place))
      return { count: peaks.size, root: rootOf(sha256, peaks) }
    },
    /** The chain over the rows of what was deleted, which a reader checks all such rows against; null where nothing was. */
    deletions: (place: Place): Uint8Array | null => deletionRows.get(placeKey(place))?.digest ?? null,
    /** `HeaderRow`s from position `fromSeq` on: at most `count` and `bytesMax` bytes, but one in any case. */
    page: (place: Place, fromSeq: number, count: number, bytesMax: number): EntryRuns =>
      entries.runs(placeKey(place).slice(), fromSeq, count, bytesMax),
    /** `HeaderRow` bytes of position `seq`, which is below the count. */
    row: (place: Place, seq: number): Uint8Array => entries.entry(placeKey(place).slice(), seq),
    /** How a version came to be stored, of a position below the count; null where that is not kept. */
    depositAt: (place: Place, seq: number): Deposit | null => depositIn(lists.row(place, seq)),
    find: (place: Place, { recordId, version }: VersionId): Position | undefined =>
      positionRows.get(keyIn(place, recordId, version)),
    /** Whether a version that is listed has these very wraps. */
    sameWraps(place: Place, id: VersionId, { listWrap, openWrap }: Wraps): boolean {
      const found = lists.find(place, id)
      if (found === undefined || !equalBytes(found.openWrap, openWrap)) return false
      return equalBytes(listWrapIn(lists.row(place, found.seq)), listWrap)
    },
    /** @returns the position of the first new entry. */
    append(place: Place, added: readonly Entry[]): number {
      const list = open(place)
      const firstSeq = list.count
      let peaks = peaksOf(list)
      for (const entry of added) {
        const { recordId, version, openWrap } = entry
        const at = keyIn(place, recordId, version)
        assert(!positionRows.has(at), 'a list has each version once')
        const seq = list.count
        positionRows.set(at, { seq, openWrap })
        list.push(encodeHeaderRow({ ...entry, seq }))
        peaks = appendLeaf(sha256, peaks, leafHash(sha256, entry.manifestHash)).peaks
      }
      list.note = encodePeaks(peaks)
      list.save()
      return firstSeq
    },
    /**
     * Takes a version out of the list: its wraps, manifest and header are overwritten, and the row says that it was deleted and what its hash was.
     * Nothing for one that is not there.
     */
    remove(place: Place, id: VersionId, manifestHash: Uint8Array, deletedNs: bigint): void {
      const at = keyIn(place, id.recordId, id.version)
      const found = positionRows.get(at)
      if (found === undefined) return
      positionRows.set(at, { seq: 0, openWrap: new Uint8Array(found.openWrap.length) })
      positionRows.delete(at)
      const { count: ordinal, digest } = deletionRows.get(placeKey(place)) ?? { count: 0, digest: NOTHING_DELETED }
      const row = encodeDeletedRow({ ...id, seq: found.seq, manifestHash, deletedNs, ordinal })
      deletionRows.set(placeKey(place), { count: ordinal + 1, digest: sha256(concatBytes(digest, row)) })
      const list = open(place)
      list.replace(found.seq, row)
      list.save()
    },
    /** Wraps at several positions, read and replaced together: the list is looked up once. */
    wraps(place: Place) {
      const list = open(place)
      return {
        count: list.count,
        /** Of a position below the count; null for one that was deleted. */
        listWrapAt(seq: number): Uint8Array | null {
          const row = list.at(seq)
          return row.length === DELETED_ROW_BYTES ? null : listWrapIn(row)
        },
        /** Of a position below the count; null for one that was deleted. */
        at(seq: number): StoredWraps | null {
          const row = list.at(seq)
          if (row.length === DELETED_ROW_BYTES) return null
          const version = new DataView(row.buffer, row.byteOffset).getUint32(20)
          const recordId = row.slice(4, 20)
          const found = positionRows.get(keyIn(place, recordId, version))
          assert(found !== undefined, 'what is listed has its place')
          return { row, recordId, version, listWrap: listWrapIn(row), openWrap: found.openWrap }
        },
        /** Of the old ones no byte stays here. */
        replace(seq: number, stored: StoredWraps, { listWrap, openWrap }: Wraps): void {
          const { row, recordId, version } = stored
          const at = keyIn(place, recordId, version)
          if (openWrap.length < stored.openWrap.length)
            positionRows.set(at, { seq, openWrap: new Uint8Array(stored.openWrap.length) })
          positionRows.set(at, { seq, openWrap })
          const restAt = LIST_WRAP_AT + stored.listWrap.length
          const next = new Uint8Array(row.length - stored.listWrap.length + listWrap.length)
          next.set(row.subarray(0, LIST_WRAP_AT))
          next.set(listWrap, LIST_WRAP_AT)
          next.set(row.subarray(restAt), LIST_WRAP_AT + listWrap.length)
          list.replace(seq, next)
        },
        save: (): void => list.save(),
      }
    },
    /**
     * Takes the wraps of some entries from where they are found, overwriting them before they go, since freed memory keeps its bytes (keys.md, section 17).
     * @param gone is told of each open wrap that went.
     * @returns the versions of those entries, deleted ones too; fewer than asked for at the end.
     */
    forget(place: Place, fromSeq: number, count: number, gone: (place: Place, wrap: Uint8Array) => void): VersionId[] {
      const ids: VersionId[] = []
      for (const row of entriesOf(open(place).runs(fromSeq, count, Number.POSITIVE_INFINITY))) {
        const version = new DataView(row.buffer, row.byteOffset).getUint32(20)
        const id = { recordId: row.slice(4, 20), version }
        const at = keyIn(place, id.recordId, id.version)
        const found = positionRows.get(at)
        if (found !== undefined) positionRows.set(at, { seq: 0, openWrap: new Uint8Array(found.openWrap.length) })
        positionRows.delete(at)
        if (found !== undefined) gone(place, found.openWrap)
        ids.push(id)
      }
      return ids
    },
    /** Overwrites and removes the list itself, when its wraps are gone. */
    erase(place: Place): void {
      open(place).erase()
      deletionRows.delete(placeKey(place))
    },
    /** Ends a share. */
    clear(place: Place, gone: (place: Place, wrap: Uint8Array) => void): void {
      lists.forget(place, 0, lists.count(place), gone)
      lists.erase(place)
    },
  }
  return lists
}
export type Lists = ReturnType<typeof createLists>

/** One version as a compartment has it: its `HeaderRow` bytes and both wraps. */
export interface StoredWraps extends VersionId, Wraps {
  readonly row: Uint8Array
}

const listWrapIn = (row: Uint8Array): Uint8Array =>
  row.subarray(LIST_WRAP_AT, LIST_WRAP_AT + wrapBytesAt(row, LIST_WRAP_AT))

function peaksOf(list: PagedList): Peaks {
  if (list.count === 0) return EMPTY_PEAKS
  const peaks = decodePeaks(list.note)
  assert(peaks.ok && peaks.value.size === list.count, 'a stored frontier decodes')
  return peaks.value
}
