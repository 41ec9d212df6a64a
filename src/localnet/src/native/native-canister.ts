// The seam between the network and canisters that are written in TypeScript here: stand-ins for ledgers and for the asset canister, whose
// Wasm a fresh machine does not have. A native canister is synchronous, keeps nothing in variables, and all it stores is in `store`, so
// that rollback, restarts and snapshots hold for it as for any other.
import type { Outcome } from '../contracts.ts'

export interface NativeCanister {
  /** By method name. A query may also be called as an update; what it stores is then dropped. */
  readonly methods: Readonly<Record<string, NativeMethod>>
  /** Runs once, when code is installed (not upgraded) at its id; the argument is that of `install_code`. */
  readonly init?: (call: NativeCall) => void
  /**
   * What runs when the answer to a call it has sent arrives, by the name in `SentCall.onAnswer`. A call that is open across a restart of
   * another version is found by its place in this list: append, never reorder.
   */
  readonly responses?: Readonly<Record<string, NativeResponse>>
}

/** @returns the reply to the call that all this began with, or null if it was given before or comes later. */
export type NativeResponse = (call: NativeCall, response: ReceivedResponse) => Uint8Array | null

export interface ReceivedResponse {
  readonly outcome: Outcome
  /** Cycles that came back; they are in the balance already. */
  readonly refunded: bigint
  /** As given when the call was sent. */
  readonly about: number
}

/** A call to another canister, or to the management canister (no bytes). */
export interface SentCall {
  readonly canisterId: Uint8Array
  readonly method: string
  readonly arg: Uint8Array
  readonly cycles: bigint
  /** Name in `responses`. */
  readonly onAnswer: string
  /** Tells the answer what it is about, such as the number of a stored note: 32 bits, unsigned. */
  readonly about: number
}

export interface NativeMethod {
  readonly kind: 'update' | 'query'
  /** @returns the reply, Candid, or null if it comes with a response. @throws NativeTrap to reject and keep nothing. */
  readonly run: (call: NativeCall) => Uint8Array | null
}

export interface NativeCall {
  readonly self: Uint8Array
  readonly caller: Uint8Array
  /** Candid. */
  readonly arg: Uint8Array
  readonly timeNs: bigint
  readonly isController: (principal: Uint8Array) => boolean
  readonly controllers: readonly Uint8Array[]
  /** False for a user's query, whose answer is one replica's word. */
  readonly isReplicated: boolean
  /** DER, 133 bytes. */
  readonly rootKeyDer: Uint8Array
  readonly subnetId: Uint8Array
  /** All subnets of the network, the root subnet first. */
  readonly subnets: readonly { readonly id: Uint8Array; readonly kind: string }[]
  /** The canister's environment variables. */
  readonly environment: readonly { readonly name: string; readonly value: string }[]
  readonly store: NativeStore
  /** Queries of users only: the certificate over the certified data; else null. */
  readonly certificate: () => Uint8Array | null
  /** At most 32 bytes. Takes effect if the message succeeds. */
  readonly setCertifiedData: (data: Uint8Array) => void
  /** Cycles that came with the call and are not accepted yet. */
  readonly cyclesAvailable: () => bigint
  /** Takes what is available, at most this much. @returns what was taken. */
  readonly acceptCycles: (atMost: bigint) => bigint
  /** Leaves when the message has succeeded. @throws NativeTrap if it cannot be sent: too many are open, or too few cycles left. */
  readonly send: (call: SentCall) => void
}

/** Keys are text, values bytes; both are copied. Keys come back in ascending order of their UTF-16 code units. */
export interface NativeStore {
  get(key: string): Uint8Array | null
  put(key: string, value: Uint8Array): void
  delete(key: string): void
  keys(prefix: string): readonly string[]
}

/** Thrown by a method: answers as `ic0.msg_reject` would, with reject code 4. What it stored and sent before stays. */
export class NativeReject extends Error {
  override readonly name = 'NativeReject'
}

/** Ends a message of a native canister as `ic0.trap` would. */
export class NativeTrap extends Error {
  override readonly name = 'NativeTrap'
}
