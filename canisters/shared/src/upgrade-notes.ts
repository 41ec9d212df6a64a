import { ByteReader, ByteWriter } from '@medguard/protocol'
import { assert } from './assert.ts'
import type { Rows } from './maps.ts'

/** An upgrade that no leaf tells of yet. */
export interface UpgradeNote {
  readonly canisterVersion: bigint
  readonly atNs: bigint
}

const LAYOUT = 1
const NOTE_BYTES = 16
const NONE: readonly UpgradeNote[] = []

/**
 * The message that upgrades only notes that it did: to number, encode and store a leaf would cost as much as all the rest of it. Whatever writes
 * leaves writes these first, and a timer sees to it when nobody else does. An upgrade that comes before that finds the note.
 *
 *     key -> 1 || n × (canisterVersion u64 || atNs u64)
 *
 * @param rows Where `key` is nobody else's.
 */
export function createUpgradeNotes(rows: Rows, key: Uint8Array) {
  // Each upgrade adds a note, so what the row holds was noted, or found, in this life of the heap.
  let isEmpty = true
  return {
    add({ canisterVersion, atNs }: UpgradeNote): void {
      const row = rows.get(key) ?? Uint8Array.of(LAYOUT)
      const writer = new ByteWriter(row.length + NOTE_BYTES)
      rows.set(key, writer.raw(row).u64(canisterVersion).u64(atNs).done())
      isEmpty = false
    },
    /** @returns what was noted, oldest first, and forgets it. */
    take(): readonly UpgradeNote[] {
      if (isEmpty) return NONE
      isEmpty = true
      const row = rows.get(key)
      assert(row?.[0] === LAYOUT && (row.length - 1) % NOTE_BYTES === 0, 'notes of upgrades decode')
      rows.delete(key)
      const reader = new ByteReader(row.subarray(1))
      const notes: UpgradeNote[] = []
      while (!reader.atEnd()) notes.push({ canisterVersion: reader.u64(), atNs: reader.u64() })
      return notes
    },
  }
}
export type UpgradeNotes = ReturnType<typeof createUpgradeNotes>
