import { IDL } from '@dfinity/candid'
import { Bytes, type CanisterIdArgs, ChunkHash, type Opt, type SenderVersion, senderVersion } from './candid-parts.ts'

const Snapshot = IDL.Record({ id: Bytes, taken_at_timestamp: IDL.Nat64, total_size: IDL.Nat64 })
const TakeSnapshot = IDL.Record({
  canister_id: IDL.Principal,
  replace_snapshot: IDL.Opt(Bytes),
  uninstall_code: IDL.Opt(IDL.Bool),
  ...senderVersion,
})
export interface TakeSnapshotArgs extends CanisterIdArgs, SenderVersion {
  readonly replace_snapshot: Opt<Uint8Array>
  readonly uninstall_code: Opt<boolean>
}
const LoadSnapshot = IDL.Record({ canister_id: IDL.Principal, snapshot_id: Bytes, ...senderVersion })
const SnapshotId = IDL.Record({ canister_id: IDL.Principal, snapshot_id: Bytes })
export interface SnapshotIdArgs extends CanisterIdArgs {
  readonly snapshot_id: Uint8Array
}
const Slice = IDL.Record({ offset: IDL.Nat64, size: IDL.Nat64 })
const ReadSnapshotData = IDL.Record({
  canister_id: IDL.Principal,
  snapshot_id: Bytes,
  kind: IDL.Variant({ wasm_module: Slice, wasm_memory: Slice, stable_memory: Slice, wasm_chunk: ChunkHash }),
})
export interface SliceValue {
  readonly offset: bigint
  readonly size: bigint
}
export interface ReadSnapshotDataArgs extends SnapshotIdArgs {
  readonly kind:
    | { wasm_module: SliceValue }
    | { wasm_memory: SliceValue }
    | { stable_memory: SliceValue }
    | { wasm_chunk: { readonly hash: Uint8Array } }
}
const Global = IDL.Variant({ i32: IDL.Int32, i64: IDL.Int64, f32: IDL.Float32, f64: IDL.Float64, v128: IDL.Nat })
export type GlobalVariant = { i32: number } | { i64: bigint } | { f32: number } | { f64: number } | { v128: bigint }
const GlobalTimer = IDL.Variant({ inactive: IDL.Null, active: IDL.Nat64 })
export type GlobalTimerValue = { inactive: null } | { active: bigint }
const LowMemoryHook = IDL.Variant({ condition_not_satisfied: IDL.Null, ready: IDL.Null, executed: IDL.Null })
export type LowMemoryHookValue = { condition_not_satisfied: null } | { ready: null } | { executed: null }
export const SnapshotSource = IDL.Variant({ taken_from_canister: IDL.Reserved, metadata_upload: IDL.Reserved })
const uploadableMetadata = {
  wasm_module_size: IDL.Nat64,
  globals: IDL.Vec(Global),
  wasm_memory_size: IDL.Nat64,
  stable_memory_size: IDL.Nat64,
  certified_data: Bytes,
  global_timer: IDL.Opt(GlobalTimer),
  on_low_wasm_memory_hook_status: IDL.Opt(LowMemoryHook),
}
const UploadSnapshotMetadata = IDL.Record({
  canister_id: IDL.Principal,
  replace_snapshot: IDL.Opt(Bytes),
  ...uploadableMetadata,
})
export interface UploadSnapshotMetadataArgs extends CanisterIdArgs {
  readonly replace_snapshot: Opt<Uint8Array>
  readonly wasm_module_size: bigint
  readonly globals: readonly GlobalVariant[]
  readonly wasm_memory_size: bigint
  readonly stable_memory_size: bigint
  readonly certified_data: Uint8Array
  readonly global_timer: Opt<GlobalTimerValue>
  readonly on_low_wasm_memory_hook_status: Opt<LowMemoryHookValue>
}
const Offset = IDL.Record({ offset: IDL.Nat64 })
const UploadSnapshotData = IDL.Record({
  canister_id: IDL.Principal,
  snapshot_id: Bytes,
  kind: IDL.Variant({ wasm_module: Offset, wasm_memory: Offset, stable_memory: Offset, wasm_chunk: IDL.Null }),
  chunk: Bytes,
})
export interface UploadSnapshotDataArgs extends SnapshotIdArgs {
  readonly kind:
    | { wasm_module: { readonly offset: bigint } }
    | { wasm_memory: { readonly offset: bigint } }
    | { stable_memory: { readonly offset: bigint } }
    | { wasm_chunk: null }
  readonly chunk: Uint8Array
}

export const SNAPSHOT_ARGUMENTS = {
  TakeSnapshot,
  LoadSnapshot,
  SnapshotId,
  ReadSnapshotData,
  UploadSnapshotMetadata,
  UploadSnapshotData,
} as const

export const SNAPSHOT_RESULTS = {
  Snapshot,
  Snapshots: IDL.Vec(Snapshot),
  SnapshotMetadata: IDL.Record({
    source: SnapshotSource,
    taken_at_timestamp: IDL.Nat64,
    ...uploadableMetadata,
    wasm_chunk_store: IDL.Vec(ChunkHash),
    canister_version: IDL.Nat64,
  }),
  SnapshotData: IDL.Record({ chunk: Bytes }),
  NewSnapshotId: IDL.Record({ snapshot_id: Bytes }),
} as const
