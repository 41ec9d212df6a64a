import type { RecordSecret } from '@medguard/crypto'
import type { Principal } from '@medguard/protocol'
import type { CanisterName } from '../scenarios/clinic.ts'
import type { Reach } from '../scenarios/sealed-record.ts'
import type { Flow, Stepped } from '../scenarios/stepped.ts'
import type { Act, Model } from './model.ts'
import type { Half } from './model-facts.ts'

// What people and the network can do in a run, as data. Numbers stand for whoever or whatever there is, by remainder.

export type RightName = 'list' | 'open' | 'write' | 'rewrap'
export interface Asked {
  readonly who: number
  readonly which: number
  readonly place: number
  /** Of the epoch before the one that is known. */
  readonly isOld: boolean
}
interface Change {
  readonly at: Half | null
  readonly whom: number
  readonly isOn: boolean
}
export interface Steps {
  readonly share: {
    readonly reader: number
    readonly places: number
    readonly rights: readonly RightName[]
    readonly only: Half | null
    readonly minutes: number
    /** Which request it answers, or none. */
    readonly answering: number | null
  }
  readonly revoke: { readonly which: number; readonly at: Half | null; readonly who: number }
  readonly derive: Asked
  readonly list: Asked
  readonly open: Asked
  readonly store: Asked
  readonly rules: Change
  readonly again: { readonly which: number }
  /** Somebody is taken on by the clinic, or goes. */
  readonly member: Change & { readonly minutes: number }
  /** The council suspends the clinic, or takes that back. */
  readonly clinic: Omit<Change, 'whom'>
  /** A further sign-in for somebody, or the end of one. */
  readonly link: Change
  readonly erase: Omit<Change, 'isOn'>
  readonly ask: {
    readonly reader: number
    readonly places: number
    readonly rights: readonly RightName[]
    readonly minutes: number
  }
  readonly close: { readonly which: number; readonly who: number; readonly isDenied: boolean }
  readonly recover: {
    readonly whom: number
    readonly what: 'begin' | 'veto' | 'complete'
    /** That pass before it is completed. */
    readonly hours: number
  }
  readonly readWraps: Asked
  readonly putWraps: Asked
  readonly retire: Asked
  readonly remove: { readonly who: number; readonly which: number; readonly place: number }
  readonly deliver: { readonly at: number; readonly times: number }
  readonly advance: { readonly seconds: number }
  readonly stop: { readonly canister: number }
  readonly upgrade: { readonly canister: number }
}
export type StepName = keyof Steps
/** A command as data, with its own fields. */
export type Step = { readonly [N in StepName]: { readonly do: N } & Steps[N] }[StepName]
export type Doings = { readonly [N in StepName]: (step: Steps[N]) => Promise<void> | void }

export const PLACES = ['labs', 'vitals']
/** Some of them, and at least one. */
export const placesOf = (number: number): string[] => PLACES.filter((_, i) => ((number % 3) + 1) & (1 << i))
export const READERS = ['ann', 'bob']
/** One for all runs. */
export const COUNCIL = 'council'

export interface Pending {
  readonly flow: Flow<unknown>
  readonly end: (answer: unknown) => void
}
/** What was sent once, so that it can be sent again. */
export interface Sent {
  readonly act: Omit<Act, 'from' | 'to' | 'answer'>
  readonly canister: CanisterName
  readonly method: string
  readonly arg: object
}

/** A record that is stored, and its wraps as they were last seen. */
export interface StoredRecord {
  readonly recordId: Uint8Array
  readonly seq: number
  readonly secret: RecordSecret
  epoch: number
  nonce: Uint8Array
}

/** What each part of a run works with. */
export interface Run {
  readonly net: Stepped
  readonly model: Model
  readonly modules: ReadonlyMap<CanisterName, Uint8Array>
  readonly pending: Pending[]
  readonly orgId: Uint8Array
  readonly chief: string
  /** By the name of a sign-in. */
  readonly principalOf: (who: string) => Principal
  /** Of whoever has an account, by person. */
  readonly patientIds: ReadonlyMap<string, Uint8Array>
  /** How many sign-ins each person ever had. */
  readonly signIns: Map<string, number>
  /** By place, the epoch that is taken to be the present one. */
  readonly epochs: Map<string, number>
  /** By place, in the order they were stored. */
  readonly records: ReadonlyMap<string, StoredRecord[]>
  readonly sent: Sent[]
  readonly step: () => number
  readonly tick: () => void
  readonly reachOf: (place: string, agreementId: string | null) => Reach
  /** Sends what the model judges. */
  readonly send: (once: Sent, then?: (answer: unknown) => void) => void
  /** Sends what the model has no opinion of. A message that does not get in or is not answered counts for nothing. */
  readonly quietly: (
    who: string,
    canister: CanisterName,
    method: string,
    arg: object,
    then: (answer: unknown) => void,
  ) => void
  /** Runs one message. @returns false when there is none. */
  readonly deliver: (at: number) => boolean
}
