import type { CallerInfo, Outcome, RangesForm } from '../contracts.ts'
import type { GlobalValue, Instance } from './instance.ts'
import { principalText } from './rejects.ts'
import type { Snapshot } from './snapshot.ts'

export { freezingLimit, idleBurn, memorySizes, missingCycles, spend } from './canister-cycles.ts'

// What the network knows about one canister. Ids stand as raw bytes in values and as lower-case hex in keys.

export type Key = string

export const keyOf = (id: Uint8Array): Key => Buffer.from(id.buffer, id.byteOffset, id.byteLength).toString('hex')
export const idOf = (key: Key): Uint8Array => new Uint8Array(Buffer.from(key, 'hex'))

/** Whom an answer goes to. */
export type Origin =
  | { readonly kind: 'ingress'; readonly request: Key; readonly sender: Uint8Array }
  | { readonly kind: 'call'; readonly caller: Key; readonly callbackId: number; readonly version: bigint }
  | { readonly kind: 'task' }

export interface CallMessage {
  readonly kind: 'call'
  readonly origin: Origin
  readonly caller: Uint8Array
  /** Of users whom a canister vouches for. */
  readonly callerInfo?: CallerInfo
  readonly method: string
  readonly arg: Uint8Array
  readonly cycles: bigint
  /** For a call with bounded wait the time after which nobody waits for the answer, for ingress its expiry; else 0. */
  readonly deadlineNs: bigint
  /** For calls of the management canister: whose it is. Absent for the root subnet's. */
  readonly subnetId?: Uint8Array
  /** Held up on purpose: it does not run before. */
  notBeforeNs?: bigint
}

export interface ResponseMessage {
  readonly kind: 'response'
  readonly callbackId: number
  readonly outcome: Outcome
  readonly refund: bigint
  /** Held up on purpose: it does not run before. */
  notBeforeNs?: bigint
}

export type Message = CallMessage | ResponseMessage

/** interface specification, "Call contexts" */
export interface CallContext {
  readonly id: number
  readonly origin: Origin
  readonly caller: Uint8Array
  readonly callerInfo?: CallerInfo
  readonly method: string
  readonly deadlineNs: bigint
  responded: boolean
  available: bigint
  /** Uninstalled meanwhile: responses only bring cycles back. */
  deleted: boolean
  instructions: number
  /** Calls made in this context that have no response yet. */
  outstanding: number
}

/** A call that has left and awaits its response. */
export interface Callback {
  readonly contextId: number
  readonly callee: Key
  readonly method: string
  readonly replyFunction: number
  readonly replyEnv: number
  readonly rejectFunction: number
  readonly rejectEnv: number
  readonly cleanup: { readonly tableIndex: number; readonly env: number } | null
  readonly deadlineNs: bigint
  /** The subnet that answers, where it is not the caller's. */
  readonly across?: Key
  /** A response is in the queue, or the deadline has passed: later ones are dropped. */
  answered: boolean
}

/** What a message runs, in the words of the meters: a method, or `method#reply of callee's method`. */
export function entryOf(canister: Canister, message: Message): string {
  if (message.kind === 'call') return message.method
  const callback = canister.callbacks.get(message.callbackId)
  const context = callback === undefined ? undefined : canister.contexts.get(callback.contextId)
  return `${context?.method ?? ''}#${message.outcome.kind} of ${callback?.method ?? ''}`
}

export type Visibility =
  | { readonly kind: 'controllers' }
  | { readonly kind: 'public' }
  | { readonly kind: 'viewers'; readonly viewers: readonly Uint8Array[] }

export interface Settings {
  controllers: readonly Uint8Array[]
  computeAllocation: bigint
  memoryAllocation: bigint
  /** Seconds. */
  freezingThreshold: bigint
  reservedCyclesLimit: bigint
  minimumIncomingCallCycles: bigint
  /** Bytes; 0 means none. */
  wasmMemoryLimit: bigint
  wasmMemoryThreshold: bigint
  logVisibility: Visibility
  snapshotVisibility: Visibility
  statusVisibility: Visibility
  /** Bytes. */
  logMemoryLimit: bigint
  environment: readonly { readonly name: string; readonly value: string }[]
}

export interface HistoryEntry {
  readonly timestampNs: bigint
  readonly version: bigint
  readonly origin:
    | { readonly kind: 'user'; readonly user: Uint8Array }
    /** The version is null where the call did not say it. */
    | { readonly kind: 'canister'; readonly canister: Uint8Array; readonly version: bigint | null }
  readonly details:
    | {
        readonly kind: 'creation'
        readonly controllers: readonly Uint8Array[]
        /** Of the environment variables, where any were given. */
        readonly environmentHash?: Uint8Array
      }
    | { readonly kind: 'codeUninstall' }
    | {
        readonly kind: 'codeDeployment'
        readonly mode: 'install' | 'reinstall' | 'upgrade'
        readonly moduleHash: Uint8Array
      }
    | { readonly kind: 'controllersChange'; readonly controllers: readonly Uint8Array[] }
    | {
        readonly kind: 'loadSnapshot'
        /** Null: its own. */
        readonly fromCanister: Uint8Array | null
        readonly snapshotId: Uint8Array
        readonly version: bigint
        readonly takenNs: bigint
        readonly source: Snapshot['source']
      }
}

export interface TypedGlobal {
  readonly type: 'i32' | 'i64' | 'f32' | 'f64'
  readonly value: GlobalValue
}

export interface LogRecord {
  readonly index: bigint
  readonly timestampNs: bigint
  readonly content: Uint8Array
}

/** A `stop_canister` that has no answer yet. */
export interface PendingStop {
  readonly origin: Origin
  readonly refund: bigint
  readonly deadlineNs: bigint
}

/** Which stored values no longer match; emptied by every delta. */
export interface Unsaved {
  record: boolean
  facts: boolean
  logs: boolean
  readonly contexts: Set<number>
  readonly callbacks: Set<number>
  readonly messages: Set<number>
  readonly heap: Set<number>
  readonly stable: Set<number>
  readonly chunks: Set<Key>
  /** Bytes to store under `<number>/<part>`; null for what goes. For `<number>/record` the snapshot itself says which. */
  readonly snapshots: Map<string, Uint8Array | null>
}

/** Cycles a canister has ever paid, by what for. interface specification, "IC method canister_metrics" */
export const newConsumption = () => ({
  memory: 0n,
  computeAllocation: 0n,
  ingressInduction: 0n,
  instructions: 0n,
  transmission: 0n,
  uninstall: 0n,
  canisterCreation: 0n,
  httpOutcalls: 0n,
  burned: 0n,
})
export type Consumption = ReturnType<typeof newConsumption>

/** Queries answered, counted since the canister was made. Not stored for themselves: a crash may lose the latest. */
export const newQueryStats = () => ({ calls: 0n, instructions: 0n, requestBytes: 0n, responseBytes: 0n })

/** Small and changed by nearly every message: stored as one value. */
export interface CanisterRecord {
  status: 'running' | 'stopping' | 'stopped'
  stops: readonly PendingStop[]
  version: bigint
  cycles: bigint
  certifiedData: Uint8Array
  globalTimerNs: bigint
  lastHeartbeatNs: bigint
  nextLogIndex: bigint
  /** `on_low_wasm_memory` runs once each time the heap comes near its limit. */
  lowMemory: 'no' | 'due' | 'told'
  /** Until when storage and compute allocation are paid. */
  chargedNs: bigint
  consumed: Consumption
  queryStats: ReturnType<typeof newQueryStats>
}

/** Changed by management calls only: stored as another value. */
export interface CanisterLongTermFacts {
  createdNs: bigint
  lastInstalledNs: bigint
  settings: Settings
  history: readonly HistoryEntry[]
  totalChanges: bigint
  /** How many snapshots it ever had; the number of the next one. */
  snapshotsMade: number
}

export interface Canister extends CanisterRecord, CanisterLongTermFacts {
  readonly id: Uint8Array
  readonly key: Key
  readonly text: string
  instance: Instance | null
  readonly contexts: Map<number, CallContext>
  readonly callbacks: Map<number, Callback>
  /** First in, first out, by a number that only grows. */
  readonly queue: Map<number, Message>
  logs: readonly LogRecord[]
  readonly chunks: Map<Key, Uint8Array>
  /** By number, oldest first. */
  readonly snapshots: Map<number, Snapshot>
  readonly unsaved: Unsaved
  /** The certificate last made for a query, while data and age allow it to be used again. */
  certificate: {
    readonly data: Uint8Array
    readonly timeNs: bigint
    readonly rangesForm: RangesForm
    readonly bytes: Uint8Array
  } | null
  /** Behaves as if it had no cycles; on purpose, and forgotten by a restart. */
  isFrozenOnPurpose: boolean
  /** A task ran last; with both waiting, the queue is next. */
  taskRanLast: boolean
}

const HISTORY_MAX = 20
export const DEFAULT_SETTINGS: Omit<Settings, 'controllers'> = {
  computeAllocation: 0n,
  memoryAllocation: 0n,
  freezingThreshold: 2_592_000n,
  reservedCyclesLimit: 5_000_000_000_000n,
  minimumIncomingCallCycles: 0n,
  wasmMemoryLimit: 3_221_225_472n,
  wasmMemoryThreshold: 0n,
  logVisibility: { kind: 'controllers' },
  snapshotVisibility: { kind: 'controllers' },
  statusVisibility: { kind: 'controllers' },
  logMemoryLimit: 4096n,
  environment: [],
}

export function newCanister(id: Uint8Array, state: CanisterRecord & CanisterLongTermFacts): Canister {
  return {
    ...state,
    id,
    key: keyOf(id),
    text: principalText(id),
    instance: null,
    contexts: new Map(),
    callbacks: new Map(),
    queue: new Map(),
    logs: [],
    chunks: new Map(),
    snapshots: new Map(),
    unsaved: {
      record: false,
      facts: false,
      logs: false,
      contexts: new Set(),
      callbacks: new Set(),
      messages: new Set(),
      heap: new Set(),
      stable: new Set(),
      chunks: new Set(),
      snapshots: new Map(),
    },
    certificate: null,
    isFrozenOnPurpose: false,
    taskRanLast: false,
  }
}

export function addHistory(canister: Canister, entry: HistoryEntry): void {
  canister.history = [...canister.history, entry].slice(-HISTORY_MAX)
  canister.totalChanges += 1n
  canister.unsaved.facts = true
}
