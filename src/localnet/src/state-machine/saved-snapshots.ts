import type { Canister, Key } from './canister.ts'
import { newSnapshot, type Snapshot, type SnapshotRecord } from './snapshot.ts'

// How snapshots are stored: see [Note: stored keys] in saved-state.ts.

/** What of a canister's snapshots has to be stored, by part; null for what has to go. */
export function* savedSnapshots(
  { unsaved, snapshots }: Canister,
  pack: (value: unknown) => Uint8Array,
): Generator<readonly [part: string, stored: Uint8Array | null]> {
  for (const [part, bytes] of unsaved.snapshots) {
    const [number = '', name] = part.split('/')
    const snapshot = snapshots.get(Number(number))
    if (name !== 'record') yield [part, bytes]
    else yield [part, snapshot === undefined ? null : pack(recordOf(snapshot))]
  }
}

function recordOf(snapshot: Snapshot): SnapshotRecord {
  const { module: _module, heap: _heap, stable: _stable, chunks: _chunks, chunkBytes: _bytes, ...record } = snapshot
  return record
}

export interface SnapshotParts {
  record?: SnapshotRecord
  readonly chunk: [Key, Uint8Array][]
  readonly module: [number, Uint8Array][]
  readonly heap: [number, Uint8Array][]
  readonly stable: [number, Uint8Array][]
}

export function collectSnapshot(
  snapshots: Map<number, SnapshotParts>,
  [number, part, item]: readonly [number: number, part: string, item: string],
  value: Uint8Array,
  unpack: (bytes: Uint8Array) => unknown,
): void {
  const parts = snapshots.get(number) ?? { chunk: [], module: [], heap: [], stable: [] }
  snapshots.set(number, parts)
  if (part === 'record') parts.record = unpack(value) as SnapshotRecord
  else if (part === 'chunk') parts.chunk.push([item, value.slice()])
  else if (part === 'module' || part === 'heap' || part === 'stable') parts[part].push([Number(item), value.slice()])
  else throw new Error(`the saved state has an unknown part of a snapshot: ${part}`)
}

export function restoredSnapshot(number: number, parts: SnapshotParts): Snapshot {
  if (parts.record === undefined) throw new Error(`the saved state of snapshot ${number} is incomplete`)
  return newSnapshot(parts.record, parts, parts.chunk)
}
