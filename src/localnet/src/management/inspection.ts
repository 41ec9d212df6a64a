import { Principal } from '@dfinity/principal'
import {
  type Canister,
  type HistoryEntry,
  idleBurn,
  memorySizes,
  type Settings,
  type Visibility,
} from '../state-machine/canister.ts'
import { Refusal } from '../state-machine/rejects.ts'
import type { Snapshot } from '../state-machine/snapshot.ts'
import type { World } from '../state-machine/world.ts'
import { LOG_RECORD_BYTES } from '../system-api/canister-functions.ts'
import { canisterAt, isController, type ManagementCall } from './call.ts'
import {
  type CanisterIdArgs,
  type CanisterInfoArgs,
  type CanisterMetadataArgs,
  encodeResult,
  RESULTS,
} from './candid.ts'
import { visibilityValue } from './settings.ts'

const HISTORY_ENTRY_BYTES = 64
const principals = (ids: readonly Uint8Array[]): Principal[] => ids.map((id) => Principal.fromUint8Array(id))

export function canSee(canister: Canister, visibility: Visibility, caller: Uint8Array): boolean {
  if (visibility.kind === 'public' || isController(canister, caller)) return true
  return visibility.kind === 'viewers' && visibility.viewers.some((viewer) => Buffer.compare(viewer, caller) === 0)
}

export function canisterStatus(world: World, _call: ManagementCall, args: CanisterIdArgs): Uint8Array {
  const canister = canisterAt(world, args.canister_id)
  const sizes = memorySizes(canister)
  const history = BigInt(canister.history.length * HISTORY_ENTRY_BYTES)
  const memory = sizes.heap + sizes.stable + sizes.code + sizes.chunks + sizes.snapshots
  const moduleHash = canister.instance?.code.prepared.moduleHash
  const burn = idleBurn(canister)
  const { queryStats } = canister
  return encodeResult(RESULTS.Status, {
    status: { [canister.status]: null },
    ready_for_migration: false,
    version: canister.version,
    settings: definiteSettings(canister.settings),
    module_hash: moduleHash === undefined ? [] : [moduleHash],
    memory_size: BigInt(memory) + history,
    memory_metrics: {
      wasm_memory_size: BigInt(sizes.heap),
      stable_memory_size: BigInt(sizes.stable),
      global_memory_size: BigInt((canister.instance?.committedGlobals.length ?? 0) * 8),
      wasm_binary_size: BigInt(sizes.code),
      custom_sections_size: BigInt(sizes.customSections),
      canister_history_size: history,
      wasm_chunk_store_size: BigInt(sizes.chunks),
      snapshots_size: BigInt(sizes.snapshots),
      log_memory_store_size: BigInt(logBytes(canister)),
    },
    cycles: canister.cycles,
    reserved_cycles: 0n,
    idle_cycles_burned_per_day: burn.memory + burn.compute,
    query_stats: {
      num_calls_total: queryStats.calls,
      num_instructions_total: queryStats.instructions,
      request_payload_bytes_total: queryStats.requestBytes,
      response_payload_bytes_total: queryStats.responseBytes,
    },
  })
}

const logBytes = ({ logs }: Canister): number =>
  logs.reduce((sum, { content }) => sum + content.length + LOG_RECORD_BYTES, 0)

function definiteSettings(settings: Settings): object {
  return {
    controllers: principals(settings.controllers),
    compute_allocation: settings.computeAllocation,
    memory_allocation: settings.memoryAllocation,
    freezing_threshold: settings.freezingThreshold,
    reserved_cycles_limit: settings.reservedCyclesLimit,
    minimum_incoming_canister_call_cycles: settings.minimumIncomingCallCycles,
    wasm_memory_limit: settings.wasmMemoryLimit,
    wasm_memory_threshold: settings.wasmMemoryThreshold,
    log_visibility: visibilityValue(settings.logVisibility),
    snapshot_visibility: visibilityValue(settings.snapshotVisibility),
    status_visibility: visibilityValue(settings.statusVisibility),
    environment_variables: settings.environment,
    log_memory_limit: settings.logMemoryLimit,
  }
}

export function canisterInfo(world: World, _call: ManagementCall, args: CanisterInfoArgs): Uint8Array {
  const canister = canisterAt(world, args.canister_id)
  const wanted = Number(args.num_requested_changes[0] ?? 0n)
  const moduleHash = canister.instance?.code.prepared.moduleHash
  return encodeResult(RESULTS.Info, {
    total_num_changes: canister.totalChanges,
    recent_changes: wanted === 0 ? [] : canister.history.slice(-wanted).map(changeValue),
    module_hash: moduleHash === undefined ? [] : [moduleHash],
    controllers: principals(canister.settings.controllers),
  })
}

function changeValue({ timestampNs, version, origin, details }: HistoryEntry): object {
  return {
    timestamp_nanos: timestampNs,
    canister_version: version,
    origin:
      origin.kind === 'user'
        ? { from_user: { user_id: Principal.fromUint8Array(origin.user) } }
        : {
            from_canister: {
              canister_id: Principal.fromUint8Array(origin.canister),
              canister_version: origin.version === null ? [] : [origin.version],
            },
          },
    details: detailsValue(details),
  }
}

function detailsValue(details: HistoryEntry['details']): object {
  switch (details.kind) {
    case 'creation':
      return {
        creation: {
          controllers: principals(details.controllers),
          environment_variables_hash: details.environmentHash === undefined ? [] : [details.environmentHash],
        },
      }
    case 'codeUninstall':
      return { code_uninstall: null }
    case 'codeDeployment':
      return { code_deployment: { mode: { [details.mode]: null }, module_hash: details.moduleHash } }
    case 'controllersChange':
      return { controllers_change: { controllers: principals(details.controllers) } }
    case 'loadSnapshot':
      return {
        load_snapshot: {
          from_canister_id: details.fromCanister === null ? [] : [Principal.fromUint8Array(details.fromCanister)],
          snapshot_id: details.snapshotId,
          canister_version: details.version,
          taken_at_timestamp: details.takenNs,
          source: sourceValue(details.source),
        },
      }
  }
}

export const sourceValue = (source: Snapshot['source']): object =>
  source === 'taken' ? { taken_from_canister: null } : { metadata_upload: null }

/** Private sections are for controllers; to others they are as absent as unknown ones. */
export function canisterMetadata(world: World, call: ManagementCall, args: CanisterMetadataArgs): Uint8Array {
  const canister = canisterAt(world, args.canister_id)
  const section = canister.instance?.code.prepared.customSections.find(
    ({ name, visibility }) => name === args.name && (visibility === 'public' || isController(canister, call.caller)),
  )
  if (section === undefined) {
    const why =
      canister.instance === null
        ? 'has no Wasm module and hence no metadata is available'
        : `has no metadata section with the name ${args.name}`
    throw new Refusal('IC0406', `The canister ${canister.text} ${why}.`)
  }
  return encodeResult(RESULTS.Metadata, { value: section.content })
}
