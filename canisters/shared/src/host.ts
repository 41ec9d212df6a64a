/**
 * The canister's view of its network, straight from the functions that Azle's host puts into the engine. Nothing here imports Azle, so
 * rules and stores that use this package load in plain Node, where only calling these functions fails.
 */
import type { HostFunctions } from 'azle'

interface EngineGlobals {
  /** Azle's. Libraries fetch random bytes from it. */
  readonly crypto?: { getRandomValues(array: ArrayBufferView): ArrayBufferView }
  _azleIc?: HostFunctions
  /** True while the build asks the module for its methods: there is no network then, and no stable memory. */
  _azleNodejsWasmEnvironment?: boolean
  _azleIcpReplicaWasmEnvironment?: boolean
  _azleInitCalled?: boolean
  _azlePostUpgradeCalled?: boolean
  _azleResolveCallbacks?: Record<string, (reply: Uint8Array) => void>
  _azleRejectCallbacks?: Record<string, (error: unknown) => void>
  _azleTimerCallbacks?: Record<string, () => void>
  _azleDispatch?: (action: { readonly type: string; readonly payload: unknown }) => void
}
export const engine = globalThis as unknown as EngineGlobals

/** @throws Error outside a canister. */
export function host(): HostFunctions {
  const functions = engine._azleIc
  if (functions === undefined) throw new Error('there is no canister host here')
  return functions
}

/** Whether the build evaluates the bundle, or did and nobody has booted this heap. */
export const isProbe = (): boolean => engine._azleNodejsWasmEnvironment === true

/** Nanoseconds since 1970. Two messages may see the same time; within one it stands still. Read it again after each `await`. */
export const nowNs = (): bigint => host().time()
/** Raw principal of whoever sent the message at hand, also after an `await`. */
export const caller = (): Uint8Array => host().msgCaller()
/** Raw principal of this canister. */
export const self = (): Uint8Array => host().canisterSelf()
export const isController = (principal: Uint8Array): boolean => host().isController(principal)
/** What is left, less what the message at hand may still need. */
export const cycleBalance = (): bigint => host().canisterCycleBalance()
export const canisterVersion = (): bigint => host().canisterVersion()
/** At most 32 bytes. Does not outlive an upgrade by itself. */
export const setCertifiedData = (data: Uint8Array): void => host().certifiedDataSet(data)
/** Undefined outside a query that one replica answers by itself. */
export const dataCertificate = (): Uint8Array | undefined => host().dataCertificate()

/** Raw anonymous principal: the one byte 4. */
export const isAnonymous = (principal: Uint8Array): boolean => principal.length === 1 && principal[0] === 4
/** Raw id of the management canister. */
export const MANAGEMENT = new Uint8Array(0)
