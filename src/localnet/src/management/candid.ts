import { IDL } from '@dfinity/candid'
import type { Principal } from '@dfinity/principal'
import { decodeCandid } from '../candid/index.ts'
import { Refusal } from '../state-machine/rejects.ts'
import { Bytes, type CanisterIdArgs, ChunkHash, type Opt, type SenderVersion, senderVersion } from './candid-parts.ts'
import { KEY_ARGUMENTS, KEY_RESULTS } from './candid-keys.ts'
import { OUTCALL_ARGUMENTS, OUTCALL_RESULTS } from './candid-outcalls.ts'
import { SNAPSHOT_ARGUMENTS, SNAPSHOT_RESULTS, SnapshotSource } from './candid-snapshots.ts'

export type { CanisterIdArgs, Opt, SenderVersion } from './candid-parts.ts'
export type * from './candid-keys.ts'
export type * from './candid-outcalls.ts'
export type * from './candid-snapshots.ts'

// Candid of the management canister (`ic.did`), as far as it is offered. Decoding skips record fields it does not know: agents send
// newer settings than these. Each interface is what decoding its IDL type yields.

const CanisterId = IDL.Record({ canister_id: IDL.Principal })

const VisibilityType = IDL.Variant({
  controllers: IDL.Null,
  public: IDL.Null,
  allowed_viewers: IDL.Vec(IDL.Principal),
})
export type VisibilityValue = { controllers: null } | { public: null } | { allowed_viewers: Principal[] }
const EnvironmentVariable = IDL.Record({ name: IDL.Text, value: IDL.Text })

export const CanisterSettings = IDL.Record({
  controllers: IDL.Opt(IDL.Vec(IDL.Principal)),
  compute_allocation: IDL.Opt(IDL.Nat),
  memory_allocation: IDL.Opt(IDL.Nat),
  freezing_threshold: IDL.Opt(IDL.Nat),
  reserved_cycles_limit: IDL.Opt(IDL.Nat),
  minimum_incoming_canister_call_cycles: IDL.Opt(IDL.Nat),
  wasm_memory_limit: IDL.Opt(IDL.Nat),
  wasm_memory_threshold: IDL.Opt(IDL.Nat),
  log_visibility: IDL.Opt(VisibilityType),
  snapshot_visibility: IDL.Opt(VisibilityType),
  status_visibility: IDL.Opt(VisibilityType),
  environment_variables: IDL.Opt(IDL.Vec(EnvironmentVariable)),
  log_memory_limit: IDL.Opt(IDL.Nat),
})
export interface SettingsArgs {
  readonly controllers: Opt<Principal[]>
  readonly compute_allocation: Opt<bigint>
  readonly memory_allocation: Opt<bigint>
  readonly freezing_threshold: Opt<bigint>
  readonly reserved_cycles_limit: Opt<bigint>
  readonly minimum_incoming_canister_call_cycles: Opt<bigint>
  readonly wasm_memory_limit: Opt<bigint>
  readonly wasm_memory_threshold: Opt<bigint>
  readonly log_visibility: Opt<VisibilityValue>
  readonly snapshot_visibility: Opt<VisibilityValue>
  readonly status_visibility: Opt<VisibilityValue>
  readonly environment_variables: Opt<{ name: string; value: string }[]>
  readonly log_memory_limit: Opt<bigint>
}

const CreateCanister = IDL.Record({ settings: IDL.Opt(CanisterSettings), ...senderVersion })
export interface CreateCanisterArgs extends SenderVersion {
  readonly settings: Opt<SettingsArgs>
}
const ProvisionalCreate = IDL.Record({
  amount: IDL.Opt(IDL.Nat),
  settings: IDL.Opt(CanisterSettings),
  specified_id: IDL.Opt(IDL.Principal),
  ...senderVersion,
})
export interface ProvisionalCreateArgs extends CreateCanisterArgs {
  readonly amount: Opt<bigint>
  readonly specified_id: Opt<Principal>
}
const TopUp = IDL.Record({ canister_id: IDL.Principal, amount: IDL.Nat })
export interface TopUpArgs extends CanisterIdArgs {
  readonly amount: bigint
}
const UpdateSettings = IDL.Record({ canister_id: IDL.Principal, settings: CanisterSettings, ...senderVersion })
export interface UpdateSettingsArgs extends CanisterIdArgs, SenderVersion {
  readonly settings: SettingsArgs
}

const InstallMode = IDL.Variant({
  install: IDL.Null,
  reinstall: IDL.Null,
  upgrade: IDL.Opt(
    IDL.Record({
      skip_pre_upgrade: IDL.Opt(IDL.Bool),
      wasm_memory_persistence: IDL.Opt(IDL.Variant({ keep: IDL.Null, replace: IDL.Null })),
    }),
  ),
})
export type InstallModeValue =
  | { install: null }
  | { reinstall: null }
  | {
      upgrade: Opt<{
        skip_pre_upgrade: Opt<boolean>
        wasm_memory_persistence: Opt<{ keep: null } | { replace: null }>
      }>
    }
const InstallCode = IDL.Record({
  mode: InstallMode,
  canister_id: IDL.Principal,
  wasm_module: Bytes,
  arg: Bytes,
  ...senderVersion,
})
export interface InstallCodeArgs extends CanisterIdArgs, SenderVersion {
  readonly mode: InstallModeValue
  readonly wasm_module: Uint8Array
  readonly arg: Uint8Array
}
const InstallChunkedCode = IDL.Record({
  mode: InstallMode,
  target_canister: IDL.Principal,
  store_canister: IDL.Opt(IDL.Principal),
  chunk_hashes_list: IDL.Vec(ChunkHash),
  wasm_module_hash: Bytes,
  arg: Bytes,
  ...senderVersion,
})
export interface InstallChunkedCodeArgs extends SenderVersion {
  readonly mode: InstallModeValue
  readonly target_canister: Principal
  readonly store_canister: Opt<Principal>
  readonly chunk_hashes_list: readonly { readonly hash: Uint8Array }[]
  readonly wasm_module_hash: Uint8Array
  readonly arg: Uint8Array
}
const UploadChunk = IDL.Record({ canister_id: IDL.Principal, chunk: Bytes })
export interface UploadChunkArgs extends CanisterIdArgs {
  readonly chunk: Uint8Array
}
const UninstallCode = IDL.Record({ canister_id: IDL.Principal, ...senderVersion })
export interface UninstallCodeArgs extends CanisterIdArgs, SenderVersion {}

const CanisterInfo = IDL.Record({ canister_id: IDL.Principal, num_requested_changes: IDL.Opt(IDL.Nat64) })
export interface CanisterInfoArgs extends CanisterIdArgs {
  readonly num_requested_changes: Opt<bigint>
}
const CanisterMetadata = IDL.Record({ canister_id: IDL.Principal, name: IDL.Text })
export interface CanisterMetadataArgs extends CanisterIdArgs {
  readonly name: string
}

const Range = IDL.Record({ start: IDL.Nat64, end: IDL.Nat64 })
const FetchLogs = IDL.Record({
  canister_id: IDL.Principal,
  filter: IDL.Opt(IDL.Variant({ by_idx: Range, by_timestamp_nanos: Range })),
})
export interface FetchLogsArgs extends CanisterIdArgs {
  readonly filter: Opt<{ by_idx: RangeValue } | { by_timestamp_nanos: RangeValue }>
}
/** `end` is exclusive. */
export interface RangeValue {
  readonly start: bigint
  readonly end: bigint
}

const SubnetId = IDL.Record({ subnet_id: IDL.Principal })
export interface SubnetIdArgs {
  readonly subnet_id: Principal
}
const NodeMetricsHistory = IDL.Record({ subnet_id: IDL.Principal, start_at_timestamp_nanos: IDL.Nat64 })
export interface NodeMetricsHistoryArgs extends SubnetIdArgs {
  readonly start_at_timestamp_nanos: bigint
}

export const ARGUMENTS = {
  CanisterId,
  CreateCanister,
  ProvisionalCreate,
  TopUp,
  UpdateSettings,
  InstallCode,
  InstallChunkedCode,
  UploadChunk,
  UninstallCode,
  CanisterInfo,
  CanisterMetadata,
  FetchLogs,
  SubnetId,
  NodeMetricsHistory,
  ...SNAPSHOT_ARGUMENTS,
  ...KEY_ARGUMENTS,
  ...OUTCALL_ARGUMENTS,
} as const

const DefiniteSettings = IDL.Record({
  controllers: IDL.Vec(IDL.Principal),
  compute_allocation: IDL.Nat,
  memory_allocation: IDL.Nat,
  freezing_threshold: IDL.Nat,
  reserved_cycles_limit: IDL.Nat,
  minimum_incoming_canister_call_cycles: IDL.Nat,
  wasm_memory_limit: IDL.Nat,
  wasm_memory_threshold: IDL.Nat,
  log_visibility: VisibilityType,
  snapshot_visibility: VisibilityType,
  status_visibility: VisibilityType,
  environment_variables: IDL.Vec(EnvironmentVariable),
  log_memory_limit: IDL.Nat,
})

const Status = IDL.Record({
  status: IDL.Variant({ running: IDL.Null, stopping: IDL.Null, stopped: IDL.Null }),
  ready_for_migration: IDL.Bool,
  version: IDL.Nat64,
  settings: DefiniteSettings,
  module_hash: IDL.Opt(Bytes),
  memory_size: IDL.Nat,
  memory_metrics: IDL.Record({
    wasm_memory_size: IDL.Nat,
    stable_memory_size: IDL.Nat,
    global_memory_size: IDL.Nat,
    wasm_binary_size: IDL.Nat,
    custom_sections_size: IDL.Nat,
    canister_history_size: IDL.Nat,
    wasm_chunk_store_size: IDL.Nat,
    snapshots_size: IDL.Nat,
    log_memory_store_size: IDL.Nat,
  }),
  cycles: IDL.Nat,
  reserved_cycles: IDL.Nat,
  idle_cycles_burned_per_day: IDL.Nat,
  query_stats: IDL.Record({
    num_calls_total: IDL.Nat,
    num_instructions_total: IDL.Nat,
    request_payload_bytes_total: IDL.Nat,
    response_payload_bytes_total: IDL.Nat,
  }),
})

const Change = IDL.Record({
  timestamp_nanos: IDL.Nat64,
  canister_version: IDL.Nat64,
  origin: IDL.Variant({
    from_user: IDL.Record({ user_id: IDL.Principal }),
    from_canister: IDL.Record({ canister_id: IDL.Principal, canister_version: IDL.Opt(IDL.Nat64) }),
  }),
  details: IDL.Variant({
    creation: IDL.Record({ controllers: IDL.Vec(IDL.Principal), environment_variables_hash: IDL.Opt(Bytes) }),
    code_uninstall: IDL.Null,
    code_deployment: IDL.Record({
      mode: IDL.Variant({ install: IDL.Null, reinstall: IDL.Null, upgrade: IDL.Null }),
      module_hash: Bytes,
    }),
    controllers_change: IDL.Record({ controllers: IDL.Vec(IDL.Principal) }),
    load_snapshot: IDL.Record({
      from_canister_id: IDL.Opt(IDL.Principal),
      snapshot_id: Bytes,
      canister_version: IDL.Nat64,
      taken_at_timestamp: IDL.Nat64,
      source: SnapshotSource,
    }),
  }),
})

export const RESULTS = {
  CanisterId,
  ChunkHash,
  ChunkHashes: IDL.Vec(ChunkHash),
  Status,
  ...SNAPSHOT_RESULTS,
  ...KEY_RESULTS,
  ...OUTCALL_RESULTS,
  Info: IDL.Record({
    total_num_changes: IDL.Nat64,
    recent_changes: IDL.Vec(Change),
    module_hash: IDL.Opt(Bytes),
    controllers: IDL.Vec(IDL.Principal),
  }),
  Metadata: IDL.Record({ value: Bytes }),
  Metrics: IDL.Record({
    cycles_consumed: IDL.Record({
      memory: IDL.Nat,
      compute_allocation: IDL.Nat,
      ingress_induction: IDL.Nat,
      instructions: IDL.Nat,
      request_and_response_transmission: IDL.Nat,
      uninstall: IDL.Nat,
      canister_creation: IDL.Nat,
      http_outcalls: IDL.Nat,
      burned_cycles: IDL.Nat,
    }),
  }),
  Canisters: IDL.Record({ canisters: IDL.Vec(IDL.Record({ start: IDL.Principal, end: IDL.Principal })) }),
  SubnetInfo: IDL.Record({ replica_version: IDL.Text, registry_version: IDL.Nat64 }),
  SubnetMetrics: IDL.Record({
    block_height: IDL.Nat,
    num_canisters: IDL.Nat,
    canister_state_bytes: IDL.Nat,
    consumed_cycles_total: IDL.Nat,
    update_transactions_total: IDL.Nat,
  }),
  NodeMetrics: IDL.Vec(
    IDL.Record({
      timestamp_nanos: IDL.Nat64,
      node_metrics: IDL.Vec(
        IDL.Record({
          node_id: IDL.Principal,
          num_blocks_proposed_total: IDL.Nat64,
          num_block_failures_total: IDL.Nat64,
        }),
      ),
    }),
  ),
  Bytes,
  Logs: IDL.Record({
    canister_log_records: IDL.Vec(IDL.Record({ idx: IDL.Nat64, timestamp_nanos: IDL.Nat64, content: Bytes })),
  }),
} as const

/** @throws Refusal (IC0408) for bytes that are not a value of `type`; the bytes come from anybody. */
export function decodeArgument(type: IDL.Type, bytes: Uint8Array): unknown {
  try {
    const [value] = decodeCandid([type], bytes)
    return value
  } catch (error) {
    throw new Refusal('IC0408', `Error decoding candid: ${error instanceof Error ? error.message : 'not Candid'}`)
  }
}

export const encodeResult = (type: IDL.Type, value: unknown): Uint8Array => IDL.encode([type], [value])
