import { WASM_PAGE_BYTES } from '../system-api/stable-memory.ts'
import type { Canister, Key, TypedGlobal } from './canister.ts'
import { SparseBytes } from './sparse-bytes.ts'

/** What is small of a snapshot: stored as one value. */
export interface SnapshotRecord {
  /** Counts up per canister, never used again. */
  readonly number: number
  readonly takenNs: bigint
  readonly version: bigint
  readonly source: 'taken' | 'uploaded'
  /** Of a module in the network's store, for one that was taken. An uploaded one has its bytes in `module`. */
  readonly moduleHash: Key | null
  readonly moduleBytes: number
  readonly globals: readonly TypedGlobal[]
  readonly heapBytes: number
  /** Pages of 64 KiB. */
  readonly stablePages: number
  readonly certifiedData: Uint8Array
  /** 0: not set. Null: not said, so that loading leaves the timer alone. */
  readonly globalTimerNs: bigint | null
  /** Null as above. */
  readonly lowMemory: Canister['lowMemory'] | null
}

/** The state of a canister at one moment. interface specification, "IC method take_canister_snapshot" */
export interface Snapshot extends SnapshotRecord {
  readonly module: SparseBytes
  readonly heap: SparseBytes
  readonly stable: SparseBytes
  readonly chunks: Map<Key, Uint8Array>
  chunkBytes: number
}

/** 8 bytes of number, then the id of the canister it belongs to, as the network does it. */
export function snapshotId(owner: Uint8Array, number: number): Uint8Array {
  const id = new Uint8Array(8 + owner.length)
  new DataView(id.buffer).setBigUint64(0, BigInt(number))
  id.set(owner, 8)
  return id
}

/** What the network charges storage for. */
export const snapshotBytes = (snapshot: Snapshot): number =>
  snapshot.moduleBytes +
  snapshot.globals.length * 8 +
  snapshot.heapBytes +
  snapshot.stablePages * WASM_PAGE_BYTES +
  snapshot.certifiedData.length +
  snapshot.chunkBytes

export function newSnapshot(
  record: SnapshotRecord,
  pages: { readonly [name in 'module' | 'heap' | 'stable']?: Iterable<readonly [number, Uint8Array]> } = {},
  chunks: Iterable<readonly [Key, Uint8Array]> = [],
): Snapshot {
  const stored = new Map(chunks)
  return {
    ...record,
    module: new SparseBytes(record.moduleHash === null ? record.moduleBytes : 0, pages.module),
    heap: new SparseBytes(record.heapBytes, pages.heap),
    stable: new SparseBytes(record.stablePages * WASM_PAGE_BYTES, pages.stable),
    chunks: stored,
    chunkBytes: [...stored.values()].reduce((sum, chunk) => sum + chunk.length, 0),
  }
}
