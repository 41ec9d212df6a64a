import type { IDL } from '@dfinity/candid'
import type { Principal } from '@dfinity/principal'
import type { IngressMessage, Outcome, Reject, Subnet } from '../contracts.ts'
import { type CallMessage, type Canister, missingCycles, spend } from '../state-machine/canister.ts'
import { homeOf, subnetById } from '../state-machine/homes.ts'
import { outOfCycles, Refusal } from '../state-machine/rejects.ts'
import type { ManagementSubject } from '../state-machine/routing.ts'
import { canisterOf, respond, touch, type World } from '../state-machine/world.ts'
import { ingressCycles } from '../system-api/prices.ts'
import { canisterAt, isController, isSelf, type ManagementCall, notController } from './call.ts'
import { ARGUMENTS, decodeArgument } from './candid.ts'
import { clearChunkStore, installChunkedCode, installCode, storedChunks, uninstallCode, uploadChunk } from './code.ts'
import { canisterInfo, canisterMetadata, canisterStatus, canSee } from './inspection.ts'
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
import { canisterMetrics, fetchCanisterLogs } from './measures.ts'
import { httpRequest } from './outcalls.ts'
import { senderVersion } from './sender-version.ts'
import {
  readSnapshotData,
  readSnapshotMetadata,
  uploadSnapshotData,
  uploadSnapshotMetadata,
} from './snapshot-transfer.ts'
import { ecdsaPublicKey, schnorrPublicKey, signWithEcdsa, signWithSchnorr } from './signatures.ts'
import { deleteSnapshot, listSnapshots, loadSnapshot, takeSnapshot } from './snapshots.ts'
import { listCanisters, nodeMetricsHistory, subnetInfo, subnetMetrics } from './subnet.ts'

export { createGenesis } from './lifecycle.ts'

/**
 * Who may call a method. `status`: whom the canister's `status_visibility` names, and itself. `snapshots`: whom `snapshot_visibility`
 * names. Controllers of a subnet that has any may do what `admins` says beside. interface specification, "IC management canister"
 */
type Callers =
  | 'anyone'
  | 'controllers'
  | 'controllersOrAdmins'
  | 'controllersOrSelf'
  | 'admins'
  | 'status'
  | 'snapshots'

/** How a method may be called: by users as an update, by canisters as an update, by either as a query. */
type Way = 'ingress' | 'canister' | 'query'
const UPDATES: readonly Way[] = ['ingress', 'canister']
const ALL_WAYS: readonly Way[] = ['ingress', 'canister', 'query']
const CANISTERS: readonly Way[] = ['canister']
const NO_INGRESS: readonly Way[] = ['canister', 'query']
const QUERIES: readonly Way[] = ['query']

interface Method {
  readonly argument: IDL.Type | null
  readonly callers: Callers
  readonly ways: readonly Way[]
  readonly target: 'canister_id' | 'target_canister' | null
  /** @returns the reply, or null when it comes later. `args` is what `argument` decodes to. */
  readonly run: (world: World, call: ManagementCall, args: never) => Uint8Array | null
}

function method(
  callers: Callers,
  ways: readonly Way[],
  argument: IDL.Type | null,
  run: Method['run'],
  target: Method['target'] = 'canister_id',
): Method {
  return { argument, callers, ways, target, run }
}

const A = ARGUMENTS
const METHODS: ReadonlyMap<string, Method> = new Map<string, Method>([
  ['create_canister', method('anyone', CANISTERS, A.CreateCanister, createCanister, null)],
  ['provisional_create_canister_with_cycles', method('anyone', UPDATES, A.ProvisionalCreate, provisionalCreate, null)],
  ['provisional_top_up_canister', method('anyone', UPDATES, A.TopUp, topUp)],
  ['deposit_cycles', method('anyone', CANISTERS, A.CanisterId, depositCycles)],
  ['update_settings', method('controllers', UPDATES, A.UpdateSettings, updateSettings)],
  ['start_canister', method('controllersOrAdmins', UPDATES, A.CanisterId, startCanister)],
  ['stop_canister', method('controllersOrAdmins', UPDATES, A.CanisterId, stopCanister)],
  ['delete_canister', method('controllersOrAdmins', UPDATES, A.CanisterId, deleteCanister)],
  ['install_code', method('controllers', UPDATES, A.InstallCode, installCode)],
  ['install_chunked_code', method('controllers', UPDATES, A.InstallChunkedCode, installChunkedCode, 'target_canister')],
  ['uninstall_code', method('controllersOrAdmins', UPDATES, A.UninstallCode, uninstallCode)],
  ['upload_chunk', method('controllersOrSelf', UPDATES, A.UploadChunk, uploadChunk)],
  ['stored_chunks', method('controllersOrSelf', UPDATES, A.CanisterId, storedChunks)],
  ['clear_chunk_store', method('controllersOrSelf', UPDATES, A.CanisterId, clearChunkStore)],
  ['take_canister_snapshot', method('controllers', UPDATES, A.TakeSnapshot, takeSnapshot)],
  ['load_canister_snapshot', method('controllers', UPDATES, A.LoadSnapshot, loadSnapshot)],
  ['list_canister_snapshots', method('snapshots', UPDATES, A.CanisterId, listSnapshots)],
  ['delete_canister_snapshot', method('controllers', UPDATES, A.SnapshotId, deleteSnapshot)],
  ['read_canister_snapshot_metadata', method('snapshots', UPDATES, A.SnapshotId, readSnapshotMetadata)],
  ['read_canister_snapshot_data', method('snapshots', UPDATES, A.ReadSnapshotData, readSnapshotData)],
  [
    'upload_canister_snapshot_metadata',
    method('controllers', UPDATES, A.UploadSnapshotMetadata, uploadSnapshotMetadata),
  ],
  ['upload_canister_snapshot_data', method('controllers', UPDATES, A.UploadSnapshotData, uploadSnapshotData)],
  ['canister_status', method('status', ALL_WAYS, A.CanisterId, canisterStatus)],
  ['canister_metrics', method('controllersOrAdmins', ALL_WAYS, A.CanisterId, canisterMetrics)],
  ['canister_info', method('anyone', NO_INGRESS, A.CanisterInfo, canisterInfo)],
  ['canister_metadata', method('anyone', CANISTERS, A.CanisterMetadata, canisterMetadata)],
  ['fetch_canister_logs', method('anyone', NO_INGRESS, A.FetchLogs, fetchCanisterLogs)],
  ['list_canisters', method('admins', QUERIES, null, listCanisters, null)],
  ['subnet_info', method('anyone', CANISTERS, A.SubnetId, subnetInfo, null)],
  ['subnet_metrics', method('anyone', CANISTERS, A.SubnetId, subnetMetrics, null)],
  ['node_metrics_history', method('anyone', CANISTERS, A.NodeMetricsHistory, nodeMetricsHistory, null)],
  ['raw_rand', method('anyone', CANISTERS, null, rawRand, null)],
  ['http_request', method('anyone', CANISTERS, A.HttpRequest, httpRequest, null)],
  ['ecdsa_public_key', method('anyone', CANISTERS, A.EcdsaPublicKey, ecdsaPublicKey, null)],
  ['sign_with_ecdsa', method('anyone', CANISTERS, A.SignWithEcdsa, signWithEcdsa, null)],
  ['schnorr_public_key', method('anyone', CANISTERS, A.SchnorrPublicKey, schnorrPublicKey, null)],
  ['sign_with_schnorr', method('anyone', CANISTERS, A.SignWithSchnorr, signWithSchnorr, null)],
  ['vetkd_public_key', method('anyone', CANISTERS, A.VetKdPublicKey, vetKdPublicKey, null)],
  ['vetkd_derive_key', method('anyone', CANISTERS, A.VetKdDeriveKey, vetKdDeriveKey, null)],
])

/** A frozen canister can be rescued: small `update_settings` are not charged. */
const FREE_SETTINGS_BYTES = 366

/** Runs one call of the management canister and answers it, unless the method answers later. */
export function runManagementCall(world: World, message: CallMessage): void {
  const call: ManagementCall = {
    caller: message.caller,
    fromCanister: message.origin.kind === 'call',
    origin: message.origin,
    ...(message.subnetId === undefined ? {} : { subnetId: message.subnetId }),
    cycles: message.cycles,
    senderVersion: null,
  }
  let outcome: Outcome
  try {
    const way = call.fromCanister ? 'canister' : 'ingress'
    const { known, args } = admit(world, call, way, message.method, message.arg)
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
  subnet: Subnet,
): Outcome {
  const call: ManagementCall = {
    caller,
    fromCanister,
    origin: { kind: 'task' },
    subnetId: subnet.id,
    cycles: 0n,
    senderVersion: null,
  }
  try {
    const { known, args } = admit(world, call, 'query', name, arg)
    const reply = known.run(world, call, args as never)
    if (reply === null) throw noQuery(name)
    return { kind: 'reply', reply }
  } catch (error) {
    return refusalOutcome(error)
  }
}

type Filtered =
  | { readonly kind: 'pass'; readonly effectiveCanisterId: Uint8Array; readonly subnet: Subnet }
  | { readonly kind: 'refused'; readonly reject: Reject }

/** What is checked before an ingress message to the management canister is let in; the canister it is about pays for it. */
export function filterIngress(world: World, { sender, method: name, arg, subnetId }: IngressMessage): Filtered {
  const call: ManagementCall = {
    caller: sender,
    fromCanister: false,
    origin: { kind: 'task' },
    cycles: 0n,
    senderVersion: null,
  }
  try {
    const { known, args } = admit(world, call, 'ingress', name, arg)
    const target = targetOf(known, args)
    const canister = target === null ? undefined : canisterOf(world, target)
    if (target !== null && canister === undefined) canisterAt(world, target)
    const free = name === 'update_settings' && arg.length <= FREE_SETTINGS_BYTES
    if (canister !== undefined && known.callers !== 'anyone' && !free) {
      const price = ingressCycles(arg.length + name.length)
      const missing = missingCycles(canister, price)
      if (missing > 0n) return { kind: 'refused', reject: outOfCycles(canister.text, missing) }
      spend(canister, 'ingressInduction', price)
      touch(world, canister)
    }
    const named = target ?? (subnetId === undefined ? specifiedId(args) : null)
    const subnet = named === null ? subnetById(world, subnetId) : homeOf(world, named)
    return { kind: 'pass', effectiveCanisterId: target ?? new Uint8Array(0), subnet }
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

/** What a call of the management canister is about; see the table. */
export function managementSubject(name: string, arg: Uint8Array): ManagementSubject {
  const known = METHODS.get(name)
  if (known === undefined || known.argument === null) return { kind: 'none' }
  try {
    const args = decodeArgument(known.argument, arg)
    const canister = targetOf(known, args)
    if (canister !== null) return { kind: 'canister', id: canister }
    const { subnet_id: subnet } = args as { readonly subnet_id?: Principal }
    return subnet === undefined ? { kind: 'none' } : { kind: 'subnet', id: subnet.toUint8Array() }
  } catch (error) {
    if (error instanceof Refusal) return { kind: 'none' }
    throw error
  }
}

/** The id that a new canister shall have, for methods with such a wish. */
function specifiedId(args: unknown): Uint8Array | null {
  const wish = (args as { readonly specified_id?: readonly Principal[] } | undefined)?.specified_id
  return wish?.[0]?.toUint8Array() ?? null
}

/** Finds the method, decodes its argument and checks the caller. @throws Refusal */
function admit(
  world: World,
  call: ManagementCall,
  way: Way,
  name: string,
  arg: Uint8Array,
): { known: Method; args: unknown } {
  const known = METHODS.get(name)
  if (known === undefined) throw way === 'query' ? noQuery(name) : noMethod(name)
  if (!known.ways.includes(way)) throw wrongWay(known, way, name)
  const args = known.argument === null ? undefined : decodeArgument(known.argument, arg)
  call.senderVersion = call.fromCanister ? senderVersion(name, arg) : null
  const target = targetOf(known, args)
  const canister = () => canisterAt(world, target ?? new Uint8Array(0))
  if (!mayCall(world, known.callers, call, canister)) {
    if (known.callers === 'admins') throw new Refusal('IC0410', `Only subnet admins can call ic00 method ${name}`)
    throw notController(canister(), call.caller)
  }
  return { known, args }
}

function mayCall(world: World, callers: Callers, call: ManagementCall, canister: () => Canister): boolean {
  const { caller } = call
  const isAdmin = () => (world.options.subnetAdmins ?? []).some((admin) => Buffer.compare(admin, caller) === 0)
  switch (callers) {
    case 'anyone':
      return true
    case 'admins':
      return isAdmin()
    case 'controllers':
      return isController(canister(), caller)
    case 'controllersOrAdmins':
      return isController(canister(), caller) || isAdmin()
    case 'controllersOrSelf':
      return isController(canister(), caller) || isSelf(canister(), caller)
    case 'status': {
      const { settings } = canister()
      return canSee(canister(), settings.statusVisibility, caller) || isSelf(canister(), caller) || isAdmin()
    }
    case 'snapshots':
      return canSee(canister(), canister().settings.snapshotVisibility, caller)
  }
}

const noMethod = (name: string): Refusal => new Refusal('IC0407', `Management canister has no method '${name}'`)
const noQuery = (name: string): Refusal => new Refusal('IC0407', `Management canister has no query method '${name}'`)

function wrongWay(known: Method, way: Way, name: string): Refusal {
  if (way === 'query') return noQuery(name)
  if (way === 'ingress' && known.ways === CANISTERS) {
    return new Refusal('IC0406', `Only canisters can call ic00 method ${name}`)
  }
  return new Refusal('IC0406', `ic00 method ${name} cannot be called in replicated mode by this caller`)
}

function refusalOutcome(error: unknown): Outcome {
  if (error instanceof Refusal) return { kind: 'reject', reject: error.reject }
  throw error
}
