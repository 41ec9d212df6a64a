import { gunzipSync, gzipSync } from 'node:zlib'
import { IDL, type Principal } from '@medguard/protocol'

// Stable memory as a file, and as snapshots of the management canister bring it into a canister and out of it (interface specification,
// "IC method upload_canister_snapshot_metadata").

export interface StableImage {
  /** Size of the memory, in pages of 64 KiB. */
  readonly pages: number
  /** Blocks of 4,096 bytes by their number; the rest is zero. */
  readonly blocks: ReadonlyMap<number, Uint8Array>
}

const BLOCK_BYTES = 4096
const PAGE_BYTES = 65_536

/** Gzip of `pages u32 || n × (block number u32 || block)`, little-endian. */
export function packImage({ pages, blocks }: StableImage): Uint8Array {
  const parts = [u32(pages)]
  for (const [number, bytes] of [...blocks].toSorted(([a], [b]) => a - b))
    if (bytes.some((byte) => byte !== 0)) parts.push(u32(number), bytes)
  return new Uint8Array(gzipSync(Buffer.concat(parts), { level: 9 }))
}

export function unpackImage(packed: Uint8Array): StableImage {
  const bytes = gunzipSync(packed)
  const blocks = new Map<number, Uint8Array>()
  for (let at = 4; at < bytes.length; at += 4 + BLOCK_BYTES)
    blocks.set(bytes.readUInt32LE(at), new Uint8Array(bytes.subarray(at + 4, at + 4 + BLOCK_BYTES)))
  return { pages: bytes.readUInt32LE(0), blocks }
}

function u32(value: number): Uint8Array {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32LE(value)
  return bytes
}

/** Calls the management canister as the controller. @throws Rejected */
export type Manage = (method: string, type: IDL.Type, value: object) => Uint8Array

const Bytes = IDL.Vec(IDL.Nat8)
const SnapshotId = IDL.Record({ canister_id: IDL.Principal, snapshot_id: Bytes })
const Take = IDL.Record({ canister_id: IDL.Principal })
const Metadata = IDL.Record({
  canister_id: IDL.Principal,
  wasm_module_size: IDL.Nat64,
  globals: IDL.Vec(IDL.Variant({ i32: IDL.Int32 })),
  wasm_memory_size: IDL.Nat64,
  stable_memory_size: IDL.Nat64,
  certified_data: Bytes,
})
const Offset = IDL.Record({ offset: IDL.Nat64 })
const Data = IDL.Record({
  canister_id: IDL.Principal,
  snapshot_id: Bytes,
  kind: IDL.Variant({ wasm_module: Offset, stable_memory: Offset }),
  chunk: Bytes,
})
const Begun = IDL.Record({ snapshot_id: Bytes })
const Taken = IDL.Record({ id: Bytes })
const Read = IDL.Record({ stable_memory_size: IDL.Nat64 })
const EMPTY_MODULE = Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0)

/** Gives an empty canister this stable memory and a module without code: whatever is upgraded then finds the memory and nothing else. */
export function loadImage(manage: Manage, canister_id: Principal, { pages, blocks }: StableImage): void {
  const metadata = {
    canister_id,
    wasm_module_size: BigInt(EMPTY_MODULE.length),
    globals: [],
    wasm_memory_size: 0n,
    stable_memory_size: BigInt(pages * PAGE_BYTES),
    certified_data: new Uint8Array(),
  }
  const begun = manage('upload_canister_snapshot_metadata', Metadata, metadata)
  const [{ snapshot_id }] = IDL.decode([Begun], begun) as unknown as [{ snapshot_id: Uint8Array }]
  const upload = (kind: object, chunk: Uint8Array) =>
    manage('upload_canister_snapshot_data', Data, { canister_id, snapshot_id, kind, chunk })
  upload({ wasm_module: { offset: 0n } }, EMPTY_MODULE)
  for (const [number, bytes] of blocks) upload({ stable_memory: { offset: BigInt(number * BLOCK_BYTES) } }, bytes)
  manage('load_canister_snapshot', SnapshotId, { canister_id, snapshot_id })
}

/** How large the stable memory of a canister is, in pages. */
export function stablePagesOf(manage: Manage, canister_id: Principal): number {
  const taken = manage('take_canister_snapshot', Take, { canister_id })
  const [{ id }] = IDL.decode([Taken], taken) as unknown as [{ id: Uint8Array }]
  const metadata = manage('read_canister_snapshot_metadata', SnapshotId, { canister_id, snapshot_id: id })
  const [{ stable_memory_size }] = IDL.decode([Read], metadata) as unknown as [{ stable_memory_size: bigint }]
  return Number(stable_memory_size) / PAGE_BYTES
}
