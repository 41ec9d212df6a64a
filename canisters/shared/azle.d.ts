// What we use of Azle 0.33.0, declared by hand: its own sources do not compile under our flags. `shared/drift` compares
// every line here with the real thing. At run time `azle` is Azle; only `index.ts` of a canister and `shared/src/azle.ts` import it.
import type { IDL } from '@dfinity/candid'
import type { Principal } from '@dfinity/principal'

export { IDL } from '@dfinity/candid'
export { Principal } from '@dfinity/principal'

// ---- entry points ----

type Method<This, Args extends unknown[], Return> = (this: This, ...args: Args) => Return
type Context<This, Args extends unknown[], Return> = ClassMethodDecoratorContext<This, Method<This, Args, Return>>
type Decorator<This, Args extends unknown[], Return> = (
  originalMethod: Method<This, Args, Return>,
  context: Context<This, Args, Return>,
) => void

/** `manual`: no decoding and no reply by Azle, use `msgArgData` and `msgReply`. `hidden`: left out of Azle's own Candid text. */
export type QueryOptions = { composite?: boolean; manual?: boolean; hidden?: boolean }
export type UpdateOptions = { manual?: boolean; hidden?: boolean }
export type LifecycleOptions = { manual?: boolean }

export declare function query<This, Args extends unknown[], Return>(
  paramIdlTypes?: IDL.Type[],
  returnIdlType?: IDL.Type,
  options?: QueryOptions,
): Decorator<This, Args, Return>
export declare function update<This, Args extends unknown[], Return>(
  paramIdlTypes?: IDL.Type[],
  returnIdlType?: IDL.Type,
  options?: UpdateOptions,
): Decorator<This, Args, Return>
/** Must have the same parameters as `postUpgrade`. */
export declare function init<This, Args extends unknown[], Return>(
  paramIdlTypes?: IDL.Type[],
  options?: LifecycleOptions,
): Decorator<This, Args, Return>
export declare function postUpgrade<This, Args extends unknown[], Return>(
  paramIdlTypes?: IDL.Type[],
  options?: LifecycleOptions,
): Decorator<This, Args, Return>
/** The method accepts the message by returning `true`; with `manual` it calls `HostFunctions.acceptMessage` itself. */
export declare function inspectMessage<This, Args extends unknown[], Return>(
  options?: LifecycleOptions,
): Decorator<This, Args, Return>
export declare function onLowWasmMemory<This, Args extends unknown[], Return>(
  originalMethod: Method<This, Args, Return>,
  context: Context<This, Args, Return>,
): void

// ---- stable memory ----

export interface Serializable<T> {
  toBytes: (data: T) => Uint8Array
  fromBytes: (bytes: Uint8Array) => T
}

/** Ordered by key bytes. `items`, `keys` and `values` walk to `startIndex` one by one: linear in it. */
export declare class StableBTreeMap<Key, Value> {
  /** @param memoryId 0 to 253, for life. */
  constructor(memoryId: number, keySerializable: Serializable<Key>, valueSerializable: Serializable<Value>)
  containsKey(key: Key): boolean
  get(key: Key): Value | undefined
  /** @returns the value that was there before. */
  insert(key: Key, value: Value): Value | undefined
  isEmpty(): boolean
  items(startIndex?: number, length?: number): [Key, Value][]
  keys(startIndex?: number, length?: number): Key[]
  len(): number
  /** @returns the value that was there before. */
  remove(key: Key): Value | undefined
  values(startIndex?: number, length?: number): Value[]
}

// ---- the message at hand ----

export declare function msgCaller(): Principal
export declare function msgArgData(): Uint8Array
/** Only in `inspectMessage`. */
export declare function msgMethodName(): string
export declare function msgReply(data: Uint8Array): void
export declare function msgReject(message: string): void
export declare function msgRejectCode(): number
export declare function msgRejectMsg(): string
export declare function msgCyclesAccept(maxAmount: bigint): bigint
export declare function msgCyclesAvailable(): bigint
export declare function inReplicatedExecution(): boolean
export declare function isController(principal: Principal): boolean
/** Ends the message and undoes what it did since the last `await`. */
export declare function trap(message: string): never

// ---- the canister and its network ----

export declare function canisterSelf(): Principal
export declare function canisterVersion(): bigint
export declare function canisterCycleBalance(): bigint
/** At most 32 bytes. Lost on upgrade, so set it again in `postUpgrade`. */
export declare function certifiedDataSet(data: Uint8Array): void
/** Undefined outside a non-replicated query. */
export declare function dataCertificate(): Uint8Array | undefined
/** 0: instructions of this message; 1: of the whole call context. */
export declare function performanceCounter(counterType: number): bigint
/** @param seed 32 bytes. */
export declare function randSeed(seed: Uint8Array): void
/** Nanoseconds since 1970. Two messages may see the same time. */
export declare function time(): bigint
/** @param delay in seconds. @returns the timer's id. */
export declare function setTimer(delay: number, callback: () => void | Promise<void>): bigint
export declare function setTimerInterval(interval: number, callback: () => void | Promise<void>): bigint
export declare function clearTimer(timerId: bigint): void

// ---- calls to other canisters ----

export type CallOptions<Args extends unknown[] | Uint8Array | undefined> = {
  paramIdlTypes?: IDL.Type[]
  returnIdlType?: IDL.Type
  args?: Args
  cycles?: bigint
  oneway?: boolean
  /** `args` and the answer are bytes: nothing is encoded or decoded. */
  raw?: boolean
}

/** What `call` rejects with. Never `CallError | Error`: a failing decode of the reply traps outside the caller's `try`. */
export type CallError =
  | { type: 'CallPerformFailed' }
  | { type: 'CallRejected'; rejectCode: 1 | 2 | 3 | 4 | 5 | 6; rejectMessage: string }
  | { type: 'CleanupCallback'; rejectCode: 10_001; rejectMessage: 'executing within cleanup callback' }
  | { type: 'InsufficientLiquidCycleBalance'; available: bigint; required: bigint }

export declare function call<Args extends unknown[] | Uint8Array | undefined, Return>(
  canisterId: Principal | string,
  method: string,
  options?: CallOptions<Args>,
): Promise<Return>

// ---- below the public surface ----

/**
 * The host functions themselves, `globalThis._azleIc` inside a canister and undefined elsewhere. Internal to Azle: the version is
 * pinned and each use has a test. `callRaw` settles through `_azleResolveCallbacks[globalResolveId]` and
 * `_azleRejectCallbacks[globalRejectId]`; the host deletes both entries then.
 */
export type HostFunctions = {
  acceptMessage: () => void
  callRaw: (
    globalResolveId: string,
    globalRejectId: string,
    canisterIdBytes: Uint8Array,
    method: string,
    argsRaw: Uint8Array,
    cyclesString: string,
  ) => void
  notifyRaw: (canisterIdBytes: Uint8Array, method: string, argsRaw: Uint8Array, cyclesString: string) => void
  canisterCycleBalance: () => bigint
  canisterSelf: () => Uint8Array
  canisterVersion: () => bigint
  certifiedDataSet: (dataBytes: Uint8Array) => void
  dataCertificate: () => Uint8Array | undefined
  debugPrint: (message: string) => void
  isController: (principalBytes: Uint8Array) => boolean
  msgArgData: () => Uint8Array
  msgCaller: () => Uint8Array
  msgMethodName: () => string
  msgReject: (message: string) => void
  msgReply: (bytes: Uint8Array) => void
  performanceCounter: (counterType: number) => bigint
  randBytes: (byteLength: number) => Uint8Array
  randSeed: (seed: Uint8Array) => void
  stableBTreeMapContainsKey: (memoryId: number, encodedKey: Uint8Array) => boolean
  setTimer: (delaySeconds: number) => bigint
  stableBTreeMapGet: (memoryId: number, encodedKey: Uint8Array) => Uint8Array | undefined
  stableBTreeMapInit: (memoryId: number) => void
  stableBTreeMapInsert: (memoryId: number, encodedKey: Uint8Array, encodedValue: Uint8Array) => Uint8Array | undefined
  /** Walks to `startIndex` row by row. */
  stableBTreeMapItems: (memoryId: number, startIndex: number, length: number) => [key: Uint8Array, value: Uint8Array][]
  stableBTreeMapLen: (memoryId: number) => number
  stableBTreeMapRemove: (memoryId: number, encodedKey: Uint8Array) => Uint8Array | undefined
  time: () => bigint
  trap: (message: string) => never
}

type MethodEntry = { name: string; index: number; composite?: boolean; hidden?: boolean }

/** `Class._azleCanisterClassMeta`, present while Azle instantiates the class: the table the host calls by index, and who is in it. */
export type CanisterClassMeta = {
  callbacks: { [index: string]: () => Promise<void> }
  /** What Azle prints its own Candid text from, which names the interface where no `.did` lies beside the canister. */
  canisterMethodIdlParamTypes: { [name: string]: IDL.FuncClass }
  canisterMethodsIndex: number
  initAndPostUpgradeIdlTypes: IDL.Type[]
  methodMeta: {
    queries?: MethodEntry[]
    updates?: MethodEntry[]
    init?: MethodEntry
    post_upgrade?: MethodEntry
    inspect_message?: MethodEntry
    /** Ours, for the build: `init` and `post_upgrade` can begin with a heap that was made before. */
    boots?: true
  }
}
