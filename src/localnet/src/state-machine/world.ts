import { createHash } from 'node:crypto'
import {
  type CertifyData,
  type FaultHooks,
  type ImportSignature,
  type IngressMessage,
  InvalidModule,
  type Meters,
  type Outcome,
  type PreparedModule,
  type RequestStatus,
  type StoredRequest,
  type Topology,
  type VetKd,
} from '../contracts.ts'
import { builtInName, type GenesisCanister, type NativeCanister, nativeMethods } from '../native/index.ts'
import { FIRST_CANISTER_NUMBER } from '../subnets/index.ts'
import { ALLOWED_IMPORTS } from '../system-api/index.ts'
import type { Callback, Canister, Key, Message, Origin, ResponseMessage } from './canister.ts'
import { idOf, keyOf } from './canister.ts'
import { homeOf } from './homes.ts'
import type { Code } from './instance.ts'
import { sufferOnTheWayBack } from './mishaps.ts'
import type { Outcall } from './outcalls.ts'
import type { ManagementSubjectOf } from './routing.ts'
import { type Crossing, sendAcross } from './streams.ts'

/** What the machine is given; it does no I/O and draws no randomness or time of its own. */
export interface MachineOptions {
  /** Given the System API functions that work. @throws InvalidModule */
  readonly prepare: (uploaded: Uint8Array, allowed: ReadonlyMap<string, ImportSignature>) => PreparedModule
  /** Canisters that run without Wasm, by the name in a placeholder's marker. */
  readonly natives: ReadonlyMap<string, NativeCanister>
  /** Canisters of the network itself, at ids that tools know; made where they are missing. */
  readonly genesis: readonly GenesisCanister[]
  readonly certify: CertifyData
  readonly vetKd: VetKd
  /** For `raw_rand` only. */
  readonly randomBytes: (count: number) => Uint8Array
  /** 133 bytes. */
  readonly rootKeyDer: Uint8Array
  readonly topology: Topology
  /** Whom the subnet lets manage every canister and list them all; nobody unless given. */
  readonly subnetAdmins?: readonly Uint8Array[]
  /** Every key and value of earlier deltas that is still in force, in any order. */
  readonly saved?: Iterable<readonly [key: string, value: Uint8Array]>
  readonly initialTimeNs: bigint
  readonly faults?: FaultHooks
  /** HTTPS only and by one node, unless given. */
  readonly outcalls?: { readonly allowsLoopback: boolean; readonly replication: number }
}

export interface Request extends StoredRequest {
  readonly id: Key
  readonly ingressExpiryNs: bigint
  state: RequestStatus
  completedNs: bigint
}

/** One wait with an end: a call with bounded wait, or a `stop_canister`. */
export interface Deadline {
  readonly atNs: bigint
  readonly canister: Key
  /** Null: the canister's pending stops. */
  readonly callbackId: number | null
}

/** The state of the whole network, shared by the functions of this folder. */
export interface World {
  options: MachineOptions
  readonly canisters: Map<Key, Canister>
  readonly deletedIds: Set<Key>
  readonly requests: Map<Key, Request>
  /** Calls to the management canister, in order. */
  readonly management: Map<number, Message>
  /** HTTP requests that have no answer yet. */
  readonly outcalls: Map<number, Outcall>
  /** Of these, those the host has not been told of. */
  outcallsToMake: number[]
  readonly managementSubjectOf: ManagementSubjectOf
  /** On their way between subnets, in the order in which they were sent. [Note: rounds] */
  readonly streams: Map<number, Crossing>
  /** Messages that have run in this round; not counted where there is one subnet. */
  roundMessages: number
  /** Sorted by time. */
  deadlines: Deadline[]
  /** Uploaded bytes and compiled code of installed modules, by hash. */
  readonly modules: Map<Key, { readonly uploaded: Uint8Array; readonly code: Code }>
  meters: Meters['parts'][number][]
  /** What the clock says; messages have times of their own that never repeat. */
  clockNs: bigint
  lastMessageNs: bigint
  savedClockNs: bigint
  nextCanisterNumber: bigint
  /** The same for subnets beside the root subnet, by subnet id. */
  readonly nextCanisterNumbers: Map<Key, bigint>
  /** Numbers of messages, call contexts and callbacks: one sequence, never reused. */
  nextNumber: number
  /** Whose turn it was last. */
  turn: number
  nextPruneNs: bigint
  nextChargeNs: bigint
  /** What was done on purpose and ends by itself. A restart forgets it. */
  readonly planned: {
    /** Canisters that serve again at a time. */
    mends: { readonly canister: Key; readonly atNs: bigint }[]
    /** Ingress messages that arrive once more. */
    readonly copies: Map<Key, { readonly message: IngressMessage; readonly arrive: () => void }>
  }
  readonly unsaved: {
    network: boolean
    readonly canisters: Set<Key>
    readonly requests: Set<Key>
    readonly management: Set<number>
    readonly outcalls: Set<number>
    readonly streams: Set<number>
    readonly modules: Set<Key>
    /** Deleted canisters whose stored values are still there. */
    readonly gone: Set<Canister>
  }
}

const METERS_MAX = 10_000
const REQUEST_KEPT_NS = 300_000_000_000n
const CLOCK_SAVED_EVERY_NS = 60_000_000_000n
const PRUNE_EVERY_NS = 10_000_000_000n

export function newWorld(options: MachineOptions, managementSubjectOf: ManagementSubjectOf): World {
  return {
    options,
    canisters: new Map(),
    deletedIds: new Set(),
    requests: new Map(),
    management: new Map(),
    outcalls: new Map(),
    outcallsToMake: [],
    managementSubjectOf,
    streams: new Map(),
    roundMessages: 0,
    deadlines: [],
    modules: new Map(),
    meters: [],
    clockNs: options.initialTimeNs,
    lastMessageNs: 0n,
    savedClockNs: options.initialTimeNs,
    nextCanisterNumber: FIRST_CANISTER_NUMBER,
    nextCanisterNumbers: new Map(),
    nextNumber: 1,
    turn: 0,
    nextPruneNs: 0n,
    nextChargeNs: 0n,
    planned: { mends: [], copies: new Map() },
    unsaved: {
      network: false,
      canisters: new Set(),
      requests: new Set(),
      management: new Set(),
      outcalls: new Set(),
      streams: new Set(),
      modules: new Set(),
      gone: new Set(),
    },
  }
}

export const currentTime = (world: World): bigint =>
  world.clockNs > world.lastMessageNs ? world.clockNs : world.lastMessageNs

/** Moves the clock; it never goes back. A queries-only network stores it once a minute, any other with every message. */
export function setClock(world: World, nowNs: bigint): void {
  if (nowNs <= world.clockNs || (world.options.faults?.clock() ?? 'runs') !== 'runs') return
  world.clockNs = nowNs
  if (nowNs - world.savedClockNs > CLOCK_SAVED_EVERY_NS) world.unsaved.network = true
}

/** A time of its own for a message: later than every earlier one, across restarts too. */
export function nextTime(world: World): bigint {
  const stands = world.options.faults?.clock() === 'stands' && world.lastMessageNs > 0n
  if (!stands) world.lastMessageNs = world.clockNs > world.lastMessageNs ? world.clockNs : world.lastMessageNs + 1n
  world.unsaved.network = true
  return world.lastMessageNs
}

export function nextNumber(world: World): number {
  world.unsaved.network = true
  return world.nextNumber++
}

export function touch(world: World, canister: Canister): void {
  canister.unsaved.record = true
  world.unsaved.canisters.add(canister.key)
}

export function touchFacts(world: World, canister: Canister): void {
  canister.unsaved.facts = true
  touch(world, canister)
}

export function meter(world: World, part: Meters['parts'][number]): void {
  world.meters.push(part)
  if (world.meters.length > METERS_MAX) world.meters.splice(0, world.meters.length - METERS_MAX)
}

/** Compiles a module, or finds it compiled. @throws InvalidModule */
export function codeOf(world: World, uploaded: Uint8Array): { readonly hash: Key; readonly code: Code } {
  const hash = createHash('sha256').update(uploaded).digest('hex')
  const known = world.modules.get(hash)
  if (known !== undefined) return { hash, code: known.code }
  const prepared = world.options.prepare(uploaded, ALLOWED_IMPORTS)
  const code = { ...codeFrom(world, prepared), uploadedBytes: uploaded.length }
  world.modules.set(hash, { uploaded, code })
  world.unsaved.modules.add(hash)
  return { hash, code }
}

/** @throws InvalidModule for a placeholder of something this network does not have. */
function codeFrom({ options }: World, prepared: PreparedModule): Omit<Code, 'uploadedBytes'> {
  const module = compiled(prepared)
  const name = builtInName(prepared)
  if (name === null) return { prepared, module, native: null }
  const native = options.natives.get(name)
  if (native === undefined)
    throw new InvalidModule(`it is a placeholder for "${name}", which this network does not have`)
  const hooks: PreparedModule['hooks'] = new Set(native.init === undefined ? [] : ['init'])
  return { prepared: { ...prepared, methods: nativeMethods(native), hooks, hasStart: false }, module, native }
}

/** What passed preparation may still be too much for the engine, such as a function near its size limit. */
function compiled({ wasm, compiled: known }: PreparedModule): WebAssembly.Module {
  if (known !== undefined) return known
  try {
    return new WebAssembly.Module(new Uint8Array(wasm))
  } catch (error) {
    if (error instanceof WebAssembly.CompileError) throw new InvalidModule(error.message)
    throw error
  }
}

export function enqueue(world: World, canister: Canister, message: Message): void {
  const number = nextNumber(world)
  canister.queue.set(number, message)
  canister.unsaved.messages.add(number)
  world.unsaved.canisters.add(canister.key)
}

export function enqueueManagement(world: World, message: Message): void {
  const number = nextNumber(world)
  world.management.set(number, message)
  world.unsaved.management.add(number)
}

/** Sends an answer to whoever asked. Cycles that nobody waits for are lost, as on the network. */
export function respond(world: World, origin: Origin, outcome: Outcome, refund: bigint): void {
  if (origin.kind === 'ingress') {
    const request = world.requests.get(origin.request)
    if (request === undefined) return
    request.state =
      outcome.kind === 'reply'
        ? { status: 'replied', reply: outcome.reply }
        : { status: 'rejected', reject: outcome.reject }
    request.completedNs = currentTime(world)
    world.unsaved.requests.add(request.id)
  } else if (origin.kind === 'call') {
    const { caller, callbackId } = origin
    const message: ResponseMessage = { kind: 'response', callbackId, outcome, refund }
    const from = world.canisters.get(caller)?.callbacks.get(callbackId)?.across
    if (from === undefined) return deliver(world, caller, message)
    sendAcross(world, { kind: 'response', from, towards: keyOf(homeOf(world, idOf(caller)).id), caller, message })
  }
}

/** Puts an answer into its caller's queue; the first one only. */
export function deliver(world: World, caller: Key, response: ResponseMessage): void {
  const canister = world.canisters.get(caller)
  const callback = canister?.callbacks.get(response.callbackId)
  if (canister === undefined || callback === undefined || callback.answered) return
  const suffered = sufferOnTheWayBack(world, canister, callback, response)
  if (suffered === null) return
  callback.answered = true
  canister.unsaved.callbacks.add(response.callbackId)
  enqueue(world, canister, suffered)
}

export function addCallback(world: World, canister: Canister, id: number, callback: Callback): void {
  canister.callbacks.set(id, callback)
  canister.unsaved.callbacks.add(id)
  touch(world, canister)
  if (callback.deadlineNs > 0n) {
    addDeadline(world, { atNs: callback.deadlineNs, canister: canister.key, callbackId: id })
  }
}

export function addDeadline(world: World, deadline: Deadline): void {
  let at = world.deadlines.length
  while (at > 0 && (world.deadlines[at - 1]?.atNs ?? 0n) > deadline.atNs) at--
  world.deadlines.splice(at, 0, deadline)
}

/** Forgets requests that can neither be asked for nor sent again: 5 minutes after their end and past their expiry. */
export function pruneRequests(world: World): void {
  const nowNs = currentTime(world)
  if (nowNs < world.nextPruneNs) return
  world.nextPruneNs = nowNs + PRUNE_EVERY_NS
  for (const [id, request] of world.requests) {
    const pending = request.state.status === 'received' || request.state.status === 'processing'
    if (pending || request.ingressExpiryNs >= nowNs || request.completedNs + REQUEST_KEPT_NS >= nowNs) continue
    world.requests.delete(id)
    world.unsaved.requests.add(id)
  }
}

export const canisterOf = (world: World, id: Uint8Array): Canister | undefined => world.canisters.get(keyOf(id))
