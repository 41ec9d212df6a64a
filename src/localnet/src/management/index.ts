import type { IDL } from '@dfinity/candid'
import type { Principal } from '@dfinity/principal'
import type { IngressMessage, Outcome, Reject } from '../contracts.ts'
import { type CallMessage, missingCycles } from '../state-machine/canister.ts'
import { outOfCycles, principalText, Refusal } from '../state-machine/rejects.ts'
import { canisterOf, respond, touch, type World } from '../state-machine/world.ts'
import { ingressCycles } from '../system-api/prices.ts'
import { canisterAt, isController, isSelf, type ManagementCall, notController, requireController } from './call.ts'
import { ARGUMENTS, decodeArgument } from './candid.ts'
import { clearChunkStore, installChunkedCode, installCode, storedChunks, uninstallCode, uploadChunk } from './code.ts'
import { canisterInfo, canisterMetadata, canisterStatus, canSee, fetchCanisterLogs } from './inspection.ts'
import { rawRand, vetKdDeriveKey, vetKdPublicKey } from './keys.ts'
import {
  createCanister,
  deleteCanister,
  depositCycles,
  provisionalCreate,
  startCanister,
  stopCanister,
  topUp,
  updateSettings,
} from './lifecycle.ts'
import {
  readSnapshotData,
  readSnapshotMetadata,
  uploadSnapshotData,
  uploadSnapshotMetadata,
} from './snapshot-transfer.ts'
import { deleteSnapshot, listSnapshots, loadSnapshot, takeSnapshot } from './snapshots.ts'

/**
 * Who may call a method. `status`: whom the canister's `status_visibility` names, and itself. `snapshots`: whom `snapshot_visibility`
 * names.
 * local network facts 7.2; interface specification, "IC management canister"
 */
type Callers = 'anyone' | 'controllers' | 'controllersOrSelf' | 'canisters' | 'status' | 'snapshots'

interface Method {
  readonly argument: IDL.Type | null
  readonly callers: Callers
  readonly query: 'no' | 'too' | 'only'
  readonly target: 'canister_id' | 'target_canister' | null
  /** @returns the reply, or null when it comes later. `args` is what `argument` decodes to. */
  readonly run: (world: World, call: ManagementCall, args: never) => Uint8Array | null
}

function method(
  callers: Callers,
  argument: IDL.Type | null,
  run: Method['run'],
  target: Method['target'] = 'canister_id',
  query: Method['query'] = 'no',
): Method {
  return { argument, callers, query, target, run }
}

const METHODS: ReadonlyMap<string, Method> = new Map<string, Method>([
  ['create_canister', method('canisters', ARGUMENTS.CreateCanister, createCanister, null)],
  ['provisional_create_canister_with_cycles', method('anyone', ARGUMENTS.ProvisionalCreate, provisionalCreate, null)],
  ['provisional_top_up_canister', method('anyone', ARGUMENTS.TopUp, topUp)],
  ['deposit_cycles', method('canisters', ARGUMENTS.CanisterId, depositCycles)],
  ['update_settings', method('controllers', ARGUMENTS.UpdateSettings, updateSettings)],
  ['start_canister', method('controllers', ARGUMENTS.CanisterId, startCanister)],
  ['stop_canister', method('controllers', ARGUMENTS.CanisterId, stopCanister)],
  ['delete_canister', method('controllers', ARGUMENTS.CanisterId, deleteCanister)],
  ['install_code', method('controllers', ARGUMENTS.InstallCode, installCode)],
  ['install_chunked_code', method('controllers', ARGUMENTS.InstallChunkedCode, installChunkedCode, 'target_canister')],
  ['uninstall_code', method('controllers', ARGUMENTS.UninstallCode, uninstallCode)],
  ['upload_chunk', method('controllersOrSelf', ARGUMENTS.UploadChunk, uploadChunk)],
  ['stored_chunks', method('controllersOrSelf', ARGUMENTS.CanisterId, storedChunks)],
  ['clear_chunk_store', method('controllersOrSelf', ARGUMENTS.CanisterId, clearChunkStore)],
  ['take_canister_snapshot', method('controllers', ARGUMENTS.TakeSnapshot, takeSnapshot)],
  ['load_canister_snapshot', method('controllers', ARGUMENTS.LoadSnapshot, loadSnapshot)],
  ['list_canister_snapshots', method('snapshots', ARGUMENTS.CanisterId, listSnapshots)],
  ['delete_canister_snapshot', method('controllers', ARGUMENTS.SnapshotId, deleteSnapshot)],
  ['read_canister_snapshot_metadata', method('snapshots', ARGUMENTS.SnapshotId, readSnapshotMetadata)],
  ['read_canister_snapshot_data', method('snapshots', ARGUMENTS.ReadSnapshotData, readSnapshotData)],
  [
    'upload_canister_snapshot_metadata',
    method('controllers', ARGUMENTS.UploadSnapshotMetadata, uploadSnapshotMetadata),
  ],
  ['upload_canister_snapshot_data', method('controllers', ARGUMENTS.UploadSnapshotData, uploadSnapshotData)],
  ['canister_status', method('status', ARGUMENTS.CanisterId, canisterStatus, 'canister_id', 'too')],
  ['canister_info', method('canisters', ARGUMENTS.CanisterInfo, canisterInfo)],
  ['canister_metadata', method('canisters', ARGUMENTS.CanisterMetadata, canisterMetadata)],
  ['fetch_canister_logs', method('anyone', ARGUMENTS.CanisterId, fetchCanisterLogs, 'canister_id', 'only')],
  ['raw_rand', method('canisters', null, rawRand, null)],
  ['vetkd_public_key', method('canisters', ARGUMENTS.VetKdPublicKey, vetKdPublicKey, null)],
  ['vetkd_derive_key', method('canisters', ARGUMENTS.VetKdDeriveKey, vetKdDeriveKey, null)],
])

/** A frozen canister can be rescued: small `update_settings` are not charged. */
const FREE_SETTINGS_BYTES = 366

/** Runs one call of the management canister and answers it, unless the method answers later. */
export function runManagementCall(world: World, message: CallMessage): void {
  const call: ManagementCall = {
    caller: message.caller,
    fromCanister: message.origin.kind === 'call',
    origin: message.origin,
    cycles: message.cycles,
  }
  let outcome: Outcome
  try {
    const { known, args } = admit(world, call, message.method, message.arg)
    if (known.query === 'only') throw noMethod(message.method)
    const reply = known.run(world, call, args as never)
    if (reply === null) return
    outcome = { kind: 'reply', reply }
  } catch (error) {
    outcome = refusalOutcome(error)
  }
  respond(world, message.origin, outcome, call.cycles)
}

/** Answers a query of the management canister, from a user or a composite query. */
export function queryManagement(
  world: World,
  caller: Uint8Array,
  fromCanister: boolean,
  name: string,
  arg: Uint8Array,
): Outcome {
  const call: ManagementCall = { caller, fromCanister, origin: { kind: 'task' }, cycles: 0n }
  try {
    const { known, args } = admit(world, call, name, arg)
    const reply = known.query === 'no' ? null : known.run(world, call, args as never)
    if (reply === null) throw new Refusal('IC0407', `Management canister has no query method '${name}'`)
    return { kind: 'reply', reply }
  } catch (error) {
    return refusalOutcome(error)
  }
}

type Filtered =
  | { readonly kind: 'pass'; readonly effectiveCanisterId: Uint8Array }
  | { readonly kind: 'refused'; readonly reject: Reject }

/** What is checked before an ingress message to the management canister is let in; the canister it is about pays for it. */
export function filterIngress(world: World, { sender, method: name, arg }: IngressMessage): Filtered {
  const call: ManagementCall = { caller: sender, fromCanister: false, origin: { kind: 'task' }, cycles: 0n }
  try {
    const { known, args } = admit(world, call, name, arg)
    if (known.query === 'only') throw noMethod(name)
    const target = targetOf(known, args)
    const canister = target === null ? undefined : canisterOf(world, target)
    if (target !== null && canister === undefined) canisterAt(world, target)
    const free = name === 'update_settings' && arg.length <= FREE_SETTINGS_BYTES
    if (canister !== undefined && known.callers !== 'anyone' && !free) {
      const price = ingressCycles(arg.length + name.length)
      const missing = missingCycles(canister, price)
      if (missing > 0n) return { kind: 'refused', reject: outOfCycles(canister.text, missing) }
      canister.cycles -= price
      touch(world, canister)
    }
    return { kind: 'pass', effectiveCanisterId: target ?? new Uint8Array(0) }
  } catch (error) {
    const outcome = refusalOutcome(error)
    if (outcome.kind === 'reject') return { kind: 'refused', reject: outcome.reject }
    throw error
  }
}

function targetOf(known: Method, args: unknown): Uint8Array | null {
  if (known.target === null) return null
  // `argument` has this field; see the table.
  return (args as Record<string, Principal>)[known.target]?.toUint8Array() ?? null
}

/** Finds the method, decodes its argument and checks the caller. @throws Refusal */
function admit(world: World, call: ManagementCall, name: string, arg: Uint8Array): { known: Method; args: unknown } {
  const known = METHODS.get(name)
  if (known === undefined) throw noMethod(name)
  const args = known.argument === null ? undefined : decodeArgument(known.argument, arg)
  const target = targetOf(known, args)
  switch (known.callers) {
    case 'controllers':
      requireController(canisterAt(world, target ?? new Uint8Array(0)), call.caller)
      break
    case 'controllersOrSelf': {
      const canister = canisterAt(world, target ?? new Uint8Array(0))
      const self = call.fromCanister && isSelf(canister, call.caller)
      if (!self && !isController(canister, call.caller)) throw notController(canister, call.caller)
      break
    }
    case 'canisters':
      if (!call.fromCanister) {
        throw new Refusal(
          'IC0512',
          `Only canisters can call ic00 method ${name}; the caller is ${principalText(call.caller)}`,
        )
      }
      break
    case 'status': {
      const canister = canisterAt(world, target ?? new Uint8Array(0))
      const seen = canSee(canister, canister.settings.statusVisibility, call.caller)
      if (!seen && !isSelf(canister, call.caller)) throw notController(canister, call.caller)
      break
    }
    case 'snapshots': {
      const canister = canisterAt(world, target ?? new Uint8Array(0))
      const seen = canSee(canister, canister.settings.snapshotVisibility, call.caller)
      if (!seen) throw notController(canister, call.caller)
      break
    }
    case 'anyone':
      break
  }
  return { known, args }
}

const noMethod = (name: string): Refusal => new Refusal('IC0407', `Management canister has no method '${name}'`)

function refusalOutcome(error: unknown): Outcome {
  if (error instanceof Refusal) return { kind: 'reject', reject: error.reject }
  throw error
}
