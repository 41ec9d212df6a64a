import type { RecordSecret } from '@medguard/crypto'
import type { Principal } from '@medguard/protocol'
import type { CanisterName } from '../scenarios/clinic.ts'
import type { Reach } from '../scenarios/sealed-record.ts'
import type { Flow, Stepped } from '../scenarios/stepped.ts'
import type { Act, Model } from './model.ts'
import { type Half, OWNER, PLACES, type PowerName, signIn, vaultOf } from './model-facts.ts'
import type { People } from './model-people.ts'
import type { Recoveries } from './model-recoveries.ts'

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
/** Of whom, and who says it: the holder or somebody in their place. */
interface Acting {
  readonly whose: number
  readonly by: number
}
export interface Steps {
  readonly share: Acting & {
    readonly reader: number
    readonly places: number
    readonly rights: readonly RightName[]
    readonly only: Half | null
    readonly minutes: number
    /** Whether it says that it is about what is sensitive. */
    readonly isNamed: boolean
    /** Which member of an organisation it is not for, or none. */
    readonly excludes: number | null
    /** Which request it answers, or none. */
    readonly answering: number | null
  }
  readonly revoke: { readonly which: number; readonly at: Half | null; readonly who: number }
  readonly derive: Asked
  readonly list: Asked
  readonly open: Asked
  readonly store: Asked
  readonly rules: Change & Acting
  /** Which categories are sensitive, or who may ask for access. */
  readonly lay: Acting & {
    readonly at: Half | null
    readonly what: 'sensitive' | 'requestsFrom'
    readonly value: number
  }
  /** Somebody is named to act in a patient's place, and says yes. */
  readonly appoint: Acting & {
    readonly whom: number
    readonly at: Half | null
    readonly powers: readonly PowerName[]
    /** Null: until it is ended. */
    readonly minutes: number | null
    readonly isAccepted: boolean
  }
  readonly dismiss: Acting & { readonly whom: number; readonly at: Half | null }
  readonly resign: { readonly whose: number; readonly whom: number; readonly at: Half | null }
  /** That a dependant's vault is to be erased is said, or stopped. */
  readonly announce: { readonly by: number; readonly at: Half | null; readonly isOn: boolean }
  readonly again: { readonly which: number }
  /** Somebody is taken on by the clinic, or goes. */
  readonly member: Change & { readonly minutes: number }
  /** The council suspends the clinic, or takes that back. */
  readonly clinic: Omit<Change, 'whom'>
  /** A further sign-in for somebody, or the end of one. */
  readonly link: Change
  readonly erase: Omit<Change, 'isOn'>
  readonly ask: {
    readonly whose: number
    readonly isForClinic: boolean
    readonly reader: number
    readonly places: number
    readonly rights: readonly RightName[]
    readonly minutes: number
  }
  /** Somebody asks, and is answered at once; by what is theirs, or by more, or to another. */
  readonly answer: Steps['ask'] & { readonly to: number; readonly by: number }
  readonly close: { readonly which: number; readonly who: number; readonly isDenied: boolean }
  readonly recover: {
    readonly whom: number
    readonly by: number
    readonly what: 'set' | 'kit' | 'approve' | 'begin' | 'comeBack' | 'veto' | 'complete'
    /** How many guardians are named, and how many have to agree. */
    readonly guardians: number
    readonly threshold: number
    readonly hasKit: boolean
    /** That pass before it is completed. */
    readonly hours: number
  }
  /** Days may pass: what was under way comes to rest before. */
  readonly wait: { readonly hours: number }
  readonly chainWrap: Asked
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

const OWNED = PLACES.filter((place) => vaultOf(place) === OWNER)
/** Some places of one vault, and at least one. */
export const placesOf = (vault: string, number: number): string[] =>
  vault === OWNER
    ? OWNED.filter((_, i) => ((number % 3) + 1) & (1 << i))
    : PLACES.filter((place) => vaultOf(place) === vault)
export const READERS = ['ann', 'bob']
/** Of everybody who has an account, all that they have or had. */
export const everySignIn = (signIns: ReadonlyMap<string, number>): string[] =>
  [...signIns].flatMap(([person, count]) => Array.from({ length: count }, (_, i) => signIn(person, i + 1)))
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

/** A capsule that was taken at some place, and what was left of its chain's start. */
export interface PostedCapsule {
  readonly place: string
  readonly capsuleId: Uint8Array
  readonly capsule: Uint8Array
  readonly epoch: number
  chainWrap: Uint8Array | null
}

/** What each part of a run works with. */
export interface Run {
  readonly net: Stepped
  readonly model: Model
  readonly people: People
  readonly recoveries: Recoveries
  readonly modules: ReadonlyMap<CanisterName, Uint8Array>
  readonly pending: Pending[]
  readonly orgId: Uint8Array
  readonly chief: string
  /** By the name of a sign-in. */
  readonly principalOf: (who: string) => Principal
  /** Of whoever has an account, by person. */
  readonly patientIds: ReadonlyMap<string, Uint8Array>
  /** The principal under which somebody's account is kept: of a dependant one that nobody can sign as. */
  readonly homeOf: (person: string) => Principal
  /** How many sign-ins each person ever had. */
  readonly signIns: Map<string, number>
  /** By place, the epoch that is taken to be the present one. */
  readonly epochs: Map<string, number>
  /** By place, in the order they were stored. */
  readonly records: ReadonlyMap<string, StoredRecord[]>
  readonly capsules: PostedCapsule[]
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
  /** Hours pass, after everything that is under way: what was begun and not committed is given up meanwhile, and what was sent is sent no more. */
  readonly wait: (hours: number) => void
  /** Runs one message. @returns false when there is none. */
  readonly deliver: (at: number) => boolean
}
