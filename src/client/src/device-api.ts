import type { Category } from '@medguard/protocol'
import type { NewRecord, Outcome, Progress, RecordSummary } from './api.ts'
import type { SealedMemory } from './search-api.ts'

// What a device keeps of one's own records to work without a network. Sealed under keys that only a session with the vault's keys can obtain.

/** Beside what is kept to search in; `alone` is of its own. */
export interface DeviceMemory extends SealedMemory {
  /** Those that begin so. */
  names(prefix: string): Promise<readonly string[]>
}

/** A larger record is not kept: it is sealed and opened in one piece. */
export const KEPT_RECORD_BYTES_MAX = 20 * 2 ** 20
/** Of all records that a device keeps. */
export const KEPT_BYTES_MAX = 200 * 2 ** 20
export const WAITING_MAX = 50
/** Of all that waits: it is opened together. */
export const WAITING_BYTES_MAX = 50 * 2 ** 20

export interface KeptOnDevice {
  readonly recordId: string
  readonly version: number
  readonly keptMs: number
  readonly sizeBytes: number
}

/** A new record that has not been sent. */
export interface WaitingRecord {
  readonly id: string
  /** Null where it is sealed under a key that is not here yet. */
  readonly title: string | null
  readonly category: Category | null
  readonly putOffMs: number
  readonly sizeBytes: number
  /** On the device, and still there after a lock. Else it is in memory alone, until the lock. */
  readonly isSealed: boolean
}

export interface SentWaiting {
  readonly sent: readonly RecordSummary[]
  /** Refused, each with why: they stay until somebody drops them. */
  readonly refused: readonly { readonly id: string; readonly why: string }[]
}

export interface DeviceMethods {
  /**
   * Keeps one's own record on this device, one of several files as a whole. Opening it for that is in the log; reading it here later, without a network, is not.
   * Refused with `TooLarge`, with `Full` where the device or what may be kept on it has no room, and with `BadInput` where nothing is kept, as on a computer that
   * others use too.
   */
  keep(record: RecordSummary, progress?: Progress): Promise<Outcome<KeptOnDevice>>
  kept(): Promise<Outcome<readonly KeptOnDevice[]>>
  /** Kinds of one's own records that are kept as a whole: whoever lists them keeps those that are missing, one by one. */
  keptKinds(): Promise<Outcome<readonly Category[]>>
  /** From now on, or no longer; ending it removes what is kept of the kind. Keeps nothing by itself. Refused like `keep`. Safe to repeat. */
  keepKind(category: Category, isKept: boolean): Promise<Outcome<null>>
  /** Safe to repeat. */
  unkeep(recordId: string): Promise<Outcome<null>>
  /** Brings what is kept up to date with a whole list of one's own records: newer versions and newer keys are kept, what is deleted goes. @returns how many were opened for it. */
  renewKept(records: readonly RecordSummary[]): Promise<Outcome<number>>
  /** Takes a record that cannot be sent now: onto the device, sealed, where the key of its category is here; else into memory. One content, not several files. */
  putOff(record: NewRecord): Promise<Outcome<WaitingRecord>>
  waiting(): Promise<Outcome<readonly WaitingRecord[]>>
  /** Stores what waits, oldest first and each once, whatever happened to earlier tries. Stops, with what it has done, where no answer comes. */
  sendWaiting(): Promise<Outcome<SentWaiting>>
  /** Gives one up for good. Safe to repeat. */
  dropWaiting(id: string): Promise<Outcome<null>>
}
