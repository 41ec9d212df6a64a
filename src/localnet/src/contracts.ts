// The seams between localnet's rooms. Each room is written and tested against these shapes alone; nothing here does work.
// Bytes are Uint8Array, principals are raw bytes (0 to 29), times are nanoseconds since 1970 as bigint.

import type { OutcallRequest, OutcallResult } from './outcalls/outcall.ts'

/** Reject codes of the interface specification, "Reject codes". 6 is never sent to an ingress caller. */
export type RejectCode = 1 | 2 | 3 | 4 | 5 | 6

/** `errorCode` is `IC` and four digits, as the replica prints it, for instance `IC0503`. */
export interface Reject {
  readonly code: RejectCode
  readonly message: string
  readonly errorCode: string
}

export type Outcome =
  | { readonly kind: 'reply'; readonly reply: Uint8Array }
  | { readonly kind: 'reject'; readonly reject: Reject }

// ---- wasm/: validate, rewrite and meter a module ----

/** Instruction counter and persistent globals are exported by the rewriter under these names. */
export const COUNTER_EXPORT = 'canister counter_instructions'
/** i32, set to 1 by whatever changes a table or drops a segment: those do not outlive a message. */
export const TOUCHED_EXPORT = 'canister touched_tables'
export const TABLE_EXPORT = 'table'
export const MEMORY_EXPORT = 'memory'
export const START_EXPORT = 'canister_start'
export const persistentGlobalExport = (index: number) => `__persistent_mutable_global_${index}`

export interface PreparedModule {
  /** SHA-256 of the bytes as uploaded (gzip stays gzip): the `module_hash` of the network. */
  readonly moduleHash: Uint8Array
  /** Rewritten, metered module, ready for `new WebAssembly.Module`. */
  readonly wasm: Uint8Array
  /** The engine's form of `wasm`, where another network of this process made it. */
  readonly compiled?: WebAssembly.Module
  /** Public entry points. A method name may contain spaces. */
  readonly methods: ReadonlyMap<string, 'update' | 'query' | 'composite_query'>
  readonly hasStart: boolean
  readonly hooks: ReadonlySet<
    'init' | 'pre_upgrade' | 'post_upgrade' | 'inspect_message' | 'heartbeat' | 'global_timer' | 'on_low_wasm_memory'
  >
  /** Names of the exports that hold the module's own mutable globals, in index order, with their value types. */
  readonly persistentGlobals: readonly { readonly exportName: string; readonly type: 'i32' | 'i64' | 'f32' | 'f64' }[]
  readonly customSections: readonly {
    readonly visibility: 'public' | 'private'
    readonly name: string
    readonly content: Uint8Array
  }[]
  readonly imports: readonly string[]
  readonly hasMemory: boolean
  readonly hasTable: boolean
}

export interface ImportSignature {
  readonly params: readonly ('i32' | 'i64')[]
  readonly results: readonly ('i32' | 'i64')[]
}

/** Thrown by wasm/ for a module the network refuses: becomes reject code 5, IC0505. */
export class InvalidModule extends Error {
  override readonly name = 'InvalidModule'
}

// ---- subnets ----

/** First and last canister id, both inclusive, 10 bytes each. */
export type CanisterRange = readonly [first: Uint8Array, last: Uint8Array]

export interface Subnet {
  /** 29 bytes: the self-authenticating principal of its key. */
  readonly id: Uint8Array
  readonly kind: 'application' | 'system'
  /** Ascending; no id is in two ranges or on two subnets. */
  readonly canisterRanges: readonly CanisterRange[]
  readonly nodeIds: readonly Uint8Array[]
}

/** The root subnet first. */
export type Topology = readonly [root: Subnet, ...others: Subnet[]]

/**
 * Where a delegation keeps the canister ranges of its subnet: `flat` at `/subnet/<id>/canister_ranges` (the older requests), `sharded` at
 * `/canister_ranges/<id>/<first id>` (the newer), `none` nowhere (about a subnet, not a canister).
 */
export type RangesForm = 'flat' | 'sharded' | 'none'

// ---- certificates/ as the state machine needs them ----

/**
 * Makes the certificate that `ic0.data_certificate_copy` returns: `/canister/<id>/certified_data` and `/time`, of the canister's subnet.
 * @param rangesForm of its delegation; flat unless told.
 */
export type CertifyData = (args: {
  canisterId: Uint8Array
  certifiedData: Uint8Array
  timeNs: bigint
  rangesForm?: RangesForm
}) => Uint8Array

// ---- vetkd/ as the management canister needs it ----

export interface VetKd {
  /** Names of the keys this network holds, for instance `dfx_test_key`. */
  readonly keyNames: readonly string[]
  /** @throws RangeError for an unknown key name. @returns 96 bytes. */
  publicKey(args: { keyName: string; canisterId: Uint8Array; context: Uint8Array }): Uint8Array
  /** @throws RangeError for an unknown key name or an invalid transport key. @returns 192 bytes. */
  deriveKey(args: {
    keyName: string
    canisterId: Uint8Array
    context: Uint8Array
    input: Uint8Array
    transportPublicKey: Uint8Array
  }): Uint8Array
}

// ---- storage/: what survives `kill -9` ----

/**
 * One change of the network's state, written as a whole or not at all. `puts` and `deletes` address a flat key space, so that
 * storage knows nothing of canisters: the state machine names its keys (`c/<id>/heap/<block>`, `c/<id>/stable/<page>`, `meta`).
 */
export interface Delta {
  readonly puts: readonly (readonly [key: string, value: Uint8Array])[]
  readonly deletes: readonly string[]
}

export interface Storage {
  /** Everything committed so far, in no order. Called once, at start. */
  load(): Iterable<readonly [key: string, value: Uint8Array]>
  /** Returns when the delta is on disk (fsync). After a crash a delta is there whole or not at all. */
  append(delta: Delta): void
  close(): void
}

// ---- outcalls/: HTTP requests of canisters, made outside the machine ----

export type { HttpHeader, OutcallRequest, OutcallResult } from './outcalls/outcall.ts'

// ---- state-machine/: the network itself, synchronous and free of I/O ----

/** What the canister that vouches for the caller says about them, its signature checked. interface specification, `sender_info` */
export interface CallerInfo {
  readonly data: Uint8Array
  readonly signer: Uint8Array
}

export interface IngressMessage {
  readonly requestId: Uint8Array
  readonly sender: Uint8Array
  readonly canisterId: Uint8Array
  readonly method: string
  readonly arg: Uint8Array
  readonly ingressExpiryNs: bigint
  readonly callerInfo?: CallerInfo
  /** For management calls that are about no canister yet, such as those that create one: the subnet. The root subnet unless told. */
  readonly subnetId?: Uint8Array
}

/** @param rangesForm of the certificate that the method may ask for; flat unless told. */
export type QueryMessage = Omit<IngressMessage, 'requestId' | 'ingressExpiryNs'> & { readonly rangesForm?: RangesForm }

export type RequestStatus =
  | { readonly status: 'received' | 'processing' }
  | { readonly status: 'replied'; readonly reply: Uint8Array }
  | { readonly status: 'rejected'; readonly reject: Reject }
  | { readonly status: 'done' }

export interface StoredRequest {
  readonly sender: Uint8Array
  readonly canisterId: Uint8Array
  readonly effectiveCanisterId: Uint8Array
  /** Which subnet got it; absent for the root subnet. */
  readonly subnetId?: Uint8Array
  readonly state: RequestStatus
}

/** What the state tree says about one canister. */
export interface CanisterFacts {
  readonly moduleHash: Uint8Array | null
  readonly controllers: readonly Uint8Array[]
  readonly createdNs: bigint
  readonly lastInstalledNs: bigint
  readonly metadata: readonly { name: string; visibility: 'public' | 'private'; content: Uint8Array }[]
}

export interface Meters {
  /** Opcodes and fixed System-API charges of the last message run for this request, all canisters together. */
  readonly instructions: bigint
  /** By canister (text id) and method or callback kind: opcodes and fixed charges / reply and call bytes x 50 / dirtied pages x 1000. */
  readonly parts: readonly {
    readonly canisterId: string
    readonly entry: string
    readonly instructions: bigint
    readonly transmission: bigint
    readonly dirtyPages: bigint
  }[]
}

/** One thing that could run next. */
export interface Deliverable {
  /** `copy`: an ingress message that arrives once more. `deadline`: a wait that is over. `arrival`: comes from another subnet, to queue. */
  readonly kind:
    | 'ingress'
    | 'call'
    | 'response'
    | 'timer'
    | 'heartbeat'
    | 'lowMemory'
    | 'management'
    | 'deadline'
    | 'copy'
    | 'arrival'
  /** Whose turn it would be, text; `aaaaa-aa` for the management canister. */
  readonly canister: string
  /** Who sent it, text; empty for what the network itself starts. */
  readonly from: string
  /** What runs, in the words of the meters: a method, `canister_heartbeat`, or `method#reply of callee's method`. */
  readonly entry: string
}

export interface Machine {
  /**
   * Ingress filter (canister exists, runs, `inspect_message` accepts, or the management method allows the sender), then the queue.
   * `duplicate` means the request id is known; nothing runs again.
   */
  submit(
    message: IngressMessage,
  ): { readonly kind: 'accepted' | 'duplicate' } | { readonly kind: 'refused'; readonly reject: Reject }
  /** Runs at most `maxMessages` messages, due timers and heartbeats included. @returns whether anything is left to run now. */
  run(maxMessages: number): boolean
  /**
   * Everything that could run next, in an order that depends on the state alone. Calls of one canister to another stay in their order,
   * so only the first of a pair is listed; ingress messages and responses may overtake each other, as on the network.
   */
  deliverable(): readonly Deliverable[]
  /** Runs exactly that one of `deliverable()`. @throws RangeError for an index beyond it. */
  deliver(index: number): void
  /** SHA-256 in hex of the whole state: two runs of one seed end with the same. */
  digest(): string
  /** The earliest time at which a timer or a deadline is due, or null. */
  nextDueNs(): bigint | null
  query(message: QueryMessage): Outcome
  /** Many at less cost than one by one. @returns null for each that has to be asked alone. */
  queriesTogether(messages: readonly QueryMessage[]): readonly (Outcome | null)[]
  request(requestId: Uint8Array): StoredRequest | undefined
  canister(canisterId: Uint8Array): CanisterFacts | undefined
  /** Without the network's own, such as ledgers. */
  canisterIds(): readonly Uint8Array[]
  /** Moves the clock; it never goes back. */
  setTime(nowNs: bigint): void
  timeNs(): bigint
  /** HTTP requests of canisters to be made, each once, and only when the delta of before is stored. */
  takeOutcalls(): readonly OutcallRequest[]
  /** What one result of each node is. Unknown ids are ignored: after a restart nobody waits for what was asked before. */
  answerOutcall(id: number, results: readonly OutcallResult[]): void
  /** Everything that changed since the last call, to be stored before anything is answered; null when nothing did. */
  takeDelta(): Delta | null
  /** Meters of every message run since the last call, in order. */
  takeMeters(): Meters['parts']
  /**
   * For tests: heap and stable memory of a canister as they stand. Null for unknown or empty canisters. A stable page is 4 KiB here;
   * pages that were never written are absent.
   */
  dump(
    canisterId: Uint8Array,
  ): { readonly heap: Uint8Array; readonly stable: readonly (readonly [page: number, bytes: Uint8Array])[] } | null
}

// ---- faults/: what goes wrong on purpose ----

/** Something that is about to happen. Canisters and principals are text; the management canister is `aaaaa-aa`. */
export interface Occasion {
  /** Where it happens, or who is called. */
  readonly canister: string
  /** What runs there, in the words of the meters. */
  readonly method: string
  /** Who sent it; empty for what the network itself starts. */
  readonly from: string
}

/** What becomes of a request or a response on its way. */
export type Mishap =
  | { readonly kind: 'reject'; readonly reject: Reject }
  | { readonly kind: 'delay'; readonly byNs: bigint }

/** Asked at each occasion. Null, false and empty leave the world as it is; a network without faults never asks. */
export interface FaultHooks {
  /** At which system call of a run, from 1, or after how many instructions it traps. */
  trap(at: Occasion): { readonly atSyscall: number | null; readonly atInstruction: number | null } | null
  /** Told what a run took, so that every one of its steps can be tried in turn. */
  ran(at: Occasion, took: { readonly syscalls: number; readonly instructions: number }): void
  /** Whether `call_perform` finds no room for this call. */
  failsToEnqueue(call: Occasion): boolean
  /** A call that leaves its canister, or an ingress message that arrives. A rejected one never runs. */
  request(call: Occasion): Mishap | null
  /** The answer to a call between canisters: the callee has run. */
  response(call: Occasion): Mishap | null
  /** What befalls a canister just before it runs a message. Null in a `forNs`: until somebody mends it. */
  before(
    at: Occasion,
  ): readonly (
    | { readonly kind: 'stop' | 'freeze'; readonly forNs: bigint | null }
    | { readonly kind: 'jump'; readonly byNs: bigint }
  )[]
  /** Whether this ingress message will arrive a second time. */
  duplicates(ingress: Occasion): boolean
  /** Which of `count` messages runs next; null for the network's own order. */
  pick(count: number): number | null
  /** Pages of 64 KiB beyond which growing is refused. */
  caps(canister: string): { readonly stablePages: number | null; readonly heapPages: number | null }
  /** `stands`: every message sees the same time. `steps`: each sees one nanosecond more. */
  clock(): 'runs' | 'stands' | 'steps'
  /** Whether this derivation gives the key of another input. */
  derivesWrongKey(canister: string): boolean
}

// ---- host: the machine in a worker thread, asynchronous, durable before it answers ----

export interface Host {
  /** Resolves once the request is terminal and stored, or `waitMs` have passed. */
  call(
    message: IngressMessage,
    waitMs: number,
  ): Promise<
    { readonly kind: 'refused'; readonly reject: Reject } | { readonly kind: 'status'; readonly request: StoredRequest }
  >
  query(message: QueryMessage): Promise<Outcome>
  request(requestId: Uint8Array): Promise<StoredRequest | undefined>
  canister(canisterId: Uint8Array): Promise<CanisterFacts | undefined>
  canisterIds(): Promise<readonly Uint8Array[]>
  timeNs(): Promise<bigint>
  /** Tests only: jump the clock forward and run what falls due. */
  advance(byNs: bigint): Promise<void>
  meters(): Promise<Meters['parts']>
  dump(canisterId: Uint8Array): Promise<ReturnType<Machine['dump']>>
  close(): Promise<void>
}
