import {
  ByteReader,
  ByteWriter,
  type CompartmentRef,
  equalBytes,
  encodeHeaderRow,
  WRAP_BYTES,
} from '@medguard/protocol'
import { assert, type Rows, section, sha256 } from '@medguard/shared'
import { appendLeaf, decodePeaks, EMPTY_PEAKS, encodePeaks, leafHash, type Peaks, rootOf } from '@medguard/tlog'

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
}

/** Byte 0 of an entry and of a position row. */
const LAYOUT = 1
/** Where the list wrap stands in a `HeaderRow`. */
const LIST_WRAP_AT = 24 + 268

/**
 * What each compartment lists: a dense sequence of record versions with their wraps, and the frontier of an RFC 6962 tree over their manifest
 * hashes, so that a reader can tell whether a page is whole. Entries are kept as they are sent, so that a page is a copy.
 */
export function createLists(rows: Rows) {
  const frontiers = section(rows, 0) // place -> peaks
  const entries = section(rows, 1) // place || seq(4) -> 1 || HeaderRow
  const positions = section(rows, 2) // place || recordId || version(4) -> 1 || seq(4) || openWrap

  const peaksOf = (place: Place): Peaks => {
    const row = frontiers.get(placeKey(place))
    if (row === undefined) return EMPTY_PEAKS
    const peaks = decodePeaks(row)
    assert(peaks.ok, 'a stored frontier decodes')
    return peaks.value
  }
  const lists = {
    count: (place: Place): number => peaksOf(place).size,
    /** How many there are, and their root: a reader checks all pages against it. */
    head(place: Place): { readonly count: number; readonly root: Uint8Array } {
      const peaks = peaksOf(place)
      return { count: peaks.size, root: rootOf(sha256, peaks) }
    },
    /** `HeaderRow` bytes of position `seq`, which is below the count. */
    row(place: Place, seq: number): Uint8Array {
      const row = entries.get(seqKey(place, seq))
      assert(row !== undefined && row[0] === LAYOUT, 'positions are dense')
      return row.subarray(1)
    },
    find(place: Place, id: VersionId): { readonly seq: number; readonly openWrap: Uint8Array } | undefined {
      const row = positions.get(versionKey(place, id))
      if (row === undefined) return undefined
      const reader = new ByteReader(row)
      const layout = reader.u8()
      const found = { seq: reader.u32(), openWrap: reader.raw(WRAP_BYTES) }
      assert(layout === LAYOUT && reader.atEnd(), 'a stored position decodes')
      return found
    },
    /** Whether a version that is listed has these very wraps. */
    sameWraps(place: Place, id: VersionId, { listWrap, openWrap }: Wraps): boolean {
      const found = lists.find(place, id)
      if (found === undefined || !equalBytes(found.openWrap, openWrap)) return false
      const stored = lists.row(place, found.seq).subarray(LIST_WRAP_AT, LIST_WRAP_AT + WRAP_BYTES)
      return equalBytes(stored, listWrap)
    },
    /** @returns the position of the new entry. */
    append(place: Place, entry: Entry): number {
      const peaks = peaksOf(place)
      const seq = peaks.size
      assert(!positions.has(versionKey(place, entry)), 'a list has each version once')
      frontiers.set(placeKey(place), encodePeaks(appendLeaf(sha256, peaks, leafHash(sha256, entry.manifestHash)).peaks))
      const row = encodeHeaderRow({ ...entry, seq })
      entries.set(seqKey(place, seq), new ByteWriter(1 + row.length).u8(LAYOUT).raw(row).done())
      const position = new ByteWriter(5 + WRAP_BYTES).u8(LAYOUT).u32(seq).raw(entry.openWrap).done()
      positions.set(versionKey(place, entry), position)
      return seq
    },
    /** Ends a share: what holds a wrap is overwritten before it goes, since freed memory keeps its bytes (keys.md, section 17). */
    clear(place: Place): void {
      const { size } = peaksOf(place)
      for (let seq = 0; seq < size; seq++) {
        const row = lists.row(place, seq)
        const reader = new ByteReader(row.subarray(4))
        const id = { recordId: reader.raw(16), version: reader.u32() }
        erase(positions, versionKey(place, id), 5 + WRAP_BYTES)
        erase(entries, seqKey(place, seq), 1 + row.length)
      }
      frontiers.delete(placeKey(place))
    },
  }
  return lists
}
export type Lists = ReturnType<typeof createLists>

function erase(rows: Rows, key: Uint8Array, sizeBytes: number): void {
  rows.set(key, new Uint8Array(sizeBytes))
  rows.delete(key)
}

export function placeKey({ patientId, compartmentKind, cid }: Place): Uint8Array {
  return new ByteWriter(33).raw(patientId).u8(compartmentKind).raw(cid).done()
}
const seqKey = (place: Place, seq: number) => new ByteWriter(37).raw(placeKey(place)).u32(seq).done()
const versionKey = (place: Place, { recordId, version }: VersionId) =>
  new ByteWriter(53).raw(placeKey(place)).raw(recordId).u32(version).done()
