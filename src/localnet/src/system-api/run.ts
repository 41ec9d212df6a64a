import type { CallerInfo } from '../contracts.ts'
import type { Mode } from './modes.ts'

/** A call under construction or recorded; it leaves the canister only when the message has succeeded. */
export interface OutgoingCall {
  readonly callee: Uint8Array
  readonly method: string
  readonly replyFunction: number
  readonly replyEnv: number
  readonly rejectFunction: number
  readonly rejectEnv: number
  cleanup: { readonly tableIndex: number; readonly env: number } | null
  payload: Uint8Array[]
  payloadBytes: number
  methodBytes: number
  cycles: bigint
  /** Seconds after which the caller stops waiting; null waits without bound. */
  timeoutSeconds: number | null
  /** Cycles set aside for request, response and callback. */
  reserved: bigint
}

/** What a message may ask about its canister; constant while it runs. */
export interface CanisterView {
  readonly id: Uint8Array
  readonly version: bigint
  /** 1 running, 2 stopping, 3 stopped. */
  readonly statusCode: 1 | 2 | 3
  readonly controllers: readonly Uint8Array[]
  readonly environment: readonly { readonly name: string; readonly value: string }[]
  readonly freezingLimit: bigint
  readonly subnetId: Uint8Array
  /** All subnets of the network, the root subnet first. */
  readonly subnets: readonly { readonly id: Uint8Array; readonly kind: string }[]
  readonly rootKeyDer: Uint8Array
  readonly vetKdKeyNames: readonly string[]
  /** The `log_memory_limit` of its settings. */
  readonly logBytesMax: number
  /** Calls to `callee` that await a response, of earlier messages. */
  inFlightTo(callee: Uint8Array): number
  /** Present when calls may fail on purpose. */
  readonly failsToEnqueue?: (callee: Uint8Array, method: string) => boolean
}

export type Answer =
  | { readonly kind: 'reply'; readonly bytes: Uint8Array }
  | { readonly kind: 'reject'; readonly message: string }

/** One run of one entry point: what it can see, and what it has done. Nothing here counts until the run has ended well. */
export interface Run {
  readonly mode: Mode
  readonly canister: CanisterView
  readonly caller: Uint8Array
  readonly callerInfo: CallerInfo | null
  readonly timeNs: bigint
  readonly methodName: string
  /** Argument, or in a reply callback the reply. */
  readonly data: Uint8Array
  /** 0 unless the callee rejected. */
  readonly rejectCode: number
  readonly rejectMessage: string
  readonly deadlineNs: bigint
  readonly refunded: bigint
  readonly instructionLimit: number
  /** Instructions that earlier messages of this call context used. */
  readonly contextInstructions: number
  readonly responseBytesMax: number
  readonly stableBytesMax: number
  /** Makes the certificate of the certified data; null where there is none. */
  readonly certificate: (() => Uint8Array) | null

  responded: boolean
  answer: Answer | null
  replyParts: Uint8Array[]
  replyBytes: number
  available: bigint
  accepted: bigint
  /** What the canister could spend, transfers and reservations of this run taken off. */
  balance: bigint
  call: OutgoingCall | null
  calls: OutgoingCall[]
  certifiedData: Uint8Array | null
  globalTimerNs: bigint
  ingressAccepted: boolean
  burned: bigint
  logs: Uint8Array[]
  logBytes: number
  transmissionBytes: number
  stableBytes: number
}

type Given = Pick<Run, 'mode' | 'canister' | 'timeNs' | 'instructionLimit' | 'balance' | 'globalTimerNs'>

/** A run with nothing done yet; whatever `given` leaves out is absent or zero. */
export function newRun(given: Given & Partial<Run>): Run {
  return {
    caller: new Uint8Array(0),
    callerInfo: null,
    methodName: '',
    data: new Uint8Array(0),
    rejectCode: 0,
    rejectMessage: '',
    deadlineNs: 0n,
    refunded: 0n,
    contextInstructions: 0,
    responseBytesMax: 0,
    stableBytesMax: Number.MAX_SAFE_INTEGER,
    certificate: null,
    responded: false,
    answer: null,
    replyParts: [],
    replyBytes: 0,
    available: 0n,
    accepted: 0n,
    call: null,
    calls: [],
    certifiedData: null,
    ingressAccepted: false,
    burned: 0n,
    logs: [],
    logBytes: 0,
    transmissionBytes: 0,
    stableBytes: 0,
    ...given,
  }
}
