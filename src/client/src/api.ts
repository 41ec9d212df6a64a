import type { AlertsPart } from './alerts-api.ts'
import type { DevicesPart } from './devices-api.ts'
import type { FhirPart } from './fhir-api.ts'
import type { LinksPart } from './links-api.ts'
import type { RecordLink, RecordOrigin } from './record-places.ts'
import type { DeviceMethods } from './device-api.ts'
import type { RecordsPart } from './api-records.ts'
import type { FilesPart } from './api-files.ts'
import type { PeopleMethods, RecoveryMethods } from './people-api.ts'
import type { RulesMethods } from './rules-api.ts'
import type { AuthorMethods, Signature } from './author-api.ts'
import type { DepositClient } from './depositing.ts'
import type { KeepUpClient } from './keeping-up.ts'
import type { TrustMethods } from './trust-api.ts'
import type { Category, Purpose, Refusal } from '@medguard/protocol'
import type { SharingMethods } from './api-shares.ts'
import type { HostingReport } from './api-hosting.ts'
import type { SearchMethods } from './search-api.ts'
import type { DoubtMethods } from './doubts-api.ts'
import type { NameMethods } from './names-api.ts'
import type { TagMethods } from './tags-api.ts'
import type { NoticeMethods } from './notices-api.ts'
import type { Verification } from './verification.ts'

export * from './api-shares.ts'
export * from './api-hosting.ts'

// What the edges (page, command line, gateway) see of MedGuard. Everything secret stays inside: no key, no wrap and no canister type
// leaves this interface. Ids are lower-case hexadecimal, times are nanoseconds since 1970 as bigint, principals are in their text form.

/** A refusal is an answer; a fault is thrown (see `Fault`). */
export type Outcome<T> =
  | { readonly kind: 'done'; readonly value: T }
  | { readonly kind: 'refused'; readonly refusal: Refusal }

export type FaultCode =
  | 'Unreachable' // no network, an error page, or a canister that serves nobody at the moment: nothing was done
  | 'Uncertain' // a change was sent and no answer came, or the canister broke off over it: it may have happened; asking again settles it
  | 'SessionEnded' // the delegation has run out, or the client was locked: sign in again
  | 'BadCertificate' // an answer was not signed by the pinned network
  | 'BadReply' // an answer of a wrong shape, or a canister that fails over the question
  | 'Tampered' // content does not match what was stored: never shown
  | 'TooNew' // stored by a newer version, in a way that this one does not read
  | 'WrongKey' // the key service gave a key that fails its check
  | 'ListIncomplete' // a list hides, adds or moves a record
  | 'LogBroken' // the log fails its own proofs
  | 'UnknownLog' // the lines are in a canister of the log that this device was not told of

/** The world is broken in a way the caller cannot act on but by retrying or reporting. Holds no record content. */
export class Fault extends Error {
  override readonly name = 'Fault'
  readonly code: FaultCode
  constructor(code: FaultCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}

export type Progress = (step: ProgressStep) => void
export type ProgressStep =
  | { readonly step: 'sealing' | 'uploading' | 'downloading'; readonly doneBytes: number; readonly totalBytes: number }
  | { readonly step: 'rewrapping' | 'listing' | 'sharing'; readonly doneRecords: number; readonly totalRecords: number }
  | { readonly step: 'askingForKey' | 'asking' | 'confirming' | 'ending' | 'verifying' }

export interface AccountInfo {
  readonly principal: string
  readonly patientId: string
  readonly enrolledNs: bigint
}

/** Whose records: the signed-in person's own, or those of somebody who shares with them. */
export type Vault = { readonly of: 'me' } | { readonly of: 'grant'; readonly grantId: string }

/** A content of known length that can be read twice, a slice at a time: a file, for instance. A large one is never in memory whole. */
export interface ContentSource {
  readonly sizeBytes: number
  /** The bytes from `start` up to `end`, both within the size. */
  read(start: number, end: number): Promise<Uint8Array>
}
/** Takes a content piece by piece, in order. None of it may be shown or kept before the call it was given to has answered: only then it is verified. */
export interface ContentSink {
  /** @param start where in the content the piece begins. */
  write(piece: Uint8Array, start: number): Promise<void>
  /** What an earlier try left: gone on with behind it, and verified with the rest. */
  readonly begun?: ContentSource
}

/** One of the files that a record holds. */
export interface NamedFile {
  /** With `/` between folders. What a file system would not take, or take for another one, is changed (`safePaths`). */
  readonly name: string
  readonly content: Uint8Array | Blob | ContentSource
}
/** Media type of a record of several files. */
export const FILES_MEDIA_TYPE = 'application/zip'

export interface NewRecord {
  /** Several files become one record, a ZIP archive of which each can be opened without the others: an imaging study, for instance. */
  readonly bytes: Uint8Array | Blob | ContentSource | { readonly files: readonly NamedFile[] }
  readonly title: string
  readonly fileName: string | null
  readonly mediaType: string
  readonly category: Category
  /** Day or instant the content is about, RFC 3339 full date or date-time, or null. */
  readonly clinicalDate: string | null
  /** Whose record it is, as recipients shall read it: sealed with the title. */
  readonly subject?: string | null
  /** Other records that this one is about. */
  readonly links?: readonly RecordLink[]
  /** Of readings (docs/readings.md, "Summary"): sealed with the title. */
  readonly readings?: Readonly<Record<string, unknown>>
}

/** One record version as its sealed header tells. */
export interface RecordSummary {
  readonly vault: Vault
  readonly recordId: string
  readonly version: number
  readonly category: Category | 'shared'
  readonly title: string
  readonly fileName: string | null
  readonly mediaType: string
  readonly clinicalDate: string | null
  /** Name the author gave, if any. */
  readonly author: string | null
  /** Principal text of whoever deposited it under a grant, as the canister lists it; the log has the proof. Absent for what the patient added. */
  readonly depositedBy?: string
  /** Hexadecimal id of the patient's device that posted it by itself; then `depositedBy` is that device's principal. */
  readonly deviceId?: string
  /** When that device posted it, by the network's clock, as the page of its list tells. */
  readonly postedNs?: bigint
  /** Who says that it is theirs, by a signature; in a list as far as its page tells, once it is opened as the canisters do. Absent for what was just stored. */
  readonly signature?: Signature
  /** Whose record it is, as the author wrote it. */
  readonly subject: string | null
  readonly sizeBytes: number
  /** Of the content, as the author sealed it, hexadecimal: the same content is known again by it. Absent where nothing is known. */
  readonly contentSha256?: string
  /** By the author's clock; the log has the network's. */
  readonly addedNs: bigint | null
  /** What it is about, where it is a note to other records. */
  readonly links?: readonly RecordLink[]
  /** Where it came from, if it was imported: what the archive said, which is the word of whoever imported it. */
  readonly origin?: RecordOrigin
  /** Where it was between there and here, oldest first. */
  readonly via?: readonly RecordOrigin[]
  /** What a list may say of readings without opening them (docs/readings.md, "Summary"), as the author sealed it: any JSON object, to be read with care. */
  readonly readings?: Readonly<Record<string, unknown>>
  /** It holds several files: `files` lists them. */
  readonly hasFiles?: true
  /** Its seals do not hold: nothing is known of it but that it is there, and it does not open. */
  readonly isDamaged?: true
}

export interface OpenedRecord {
  readonly summary: RecordSummary
  readonly bytes: Uint8Array
  /** Commitments and hashes held; never false: what fails is thrown as a fault. */
  readonly verified: true
  /** Where the log has the opening, as the canister said when it released the key; `log` proves what the log has. */
  readonly leafIndex: bigint
  /** Read from this device, where it was kept then: `leafIndex` is of that opening, and this one is not in the log. */
  readonly keptMs?: number
}

export interface LogItem {
  /** Position in the whole log. */
  readonly shard: number // which canister of the log has it: 0 for the first, and for the only one
  readonly leafIndex: bigint
  /** Position in this patient's chain. */
  readonly seq: bigint
  readonly timeNs: bigint
  /** Name of `EVENT`, or `unknown` for a code of a newer version. */
  readonly event: string
  readonly actor: string
  readonly objectId: string
  readonly versionOrEpoch: number
  readonly category: Category | 'shared' | null
  readonly purpose: Purpose | null
  readonly grantId: string | null
  readonly failedOrWithheld: boolean
  /** Organisation through which it happened, or that it is about. */
  readonly orgId: string | null
  /** Principal that it is about and who did not do it: who was linked, named, shared with, asked, blocked or made a member. */
  readonly subject: string | null
  /** A fixed word: why something was refused or withheld, or how a request ended. */
  readonly reason: string | null
  /** Every field that the log keeps of it, by the names in docs/evidence.md. Ids and hashes in hexadecimal. */
  readonly details: Readonly<Record<string, string | number | bigint>>
}

/** Whose log: one's own records, one's own acts, the canisters' (settings, modules, controllers), the records of somebody one represents, or an organisation that one administers. */
export type LogOf = 'patient' | 'actor' | 'system' | { readonly patient: string } | { readonly organisation: string }

/** Which lines of a log. All that is given has to fit. Chosen after everything was proven, so a choice hides nothing from the proof. */
export interface LogFilter {
  /** Beginning of the id of a record, grant or request, at least 8 digits. */
  readonly object?: string
  /** Principal who did it, or whom it is about. */
  readonly person?: string
  readonly event?: string
  /** Nanoseconds since 1970: this one and later, and before `untilNs`. */
  readonly fromNs?: bigint
  readonly untilNs?: bigint
}

/** Evidence of lines of a log: a file that anybody can check without asking anybody (docs/evidence.md). */
export interface LogEvidence {
  readonly file: string
  readonly items: readonly LogItem[]
  /** Whether it shows that these are all lines there are; with `isOfPart`, in its canister of the log, and others may have more. */
  readonly isComplete: boolean
  readonly isOfPart: boolean
}

export interface LogReport {
  /** Newest last. */
  readonly items: readonly LogItem[]
  readonly verification: Verification
}

/** A signed note of the log's state, proven to be of the log that the network certifies. */
export interface SignedCheckpoint {
  /** C2SP signed note, for witnesses. */
  readonly note: string
  /** The log's own key: `name+hash+base64`. */
  readonly key: string
  readonly origin: string
  readonly treeSize: number
  /** Hexadecimal. */
  readonly root: string
  readonly signedNs: bigint
}

/** Remembers the last verified head of a log, so that a later one can be proven to extend it. */
export interface HeadMemory {
  read(logId: string): Promise<string | null>
  write(logId: string, head: string): Promise<void>
}

export interface MedGuardClient
  extends
    RecordsPart,
    FilesPart,
    AuthorMethods,
    DepositClient,
    KeepUpClient,
    RulesMethods,
    TrustMethods,
    PeopleMethods,
    RecoveryMethods,
    NoticeMethods,
    NameMethods,
    TagMethods,
    DoubtMethods,
    DeviceMethods,
    DevicesPart,
    LinksPart,
    FhirPart,
    AlertsPart,
    SearchMethods,
    SharingMethods {
  readonly principal: string
  /** Null before enrolment. */
  account(): Promise<Outcome<AccountInfo | null>>
  /** Opens the account and its vault in both canisters; safe to repeat. */
  enrol(): Promise<Outcome<AccountInfo>>
  /**
   * Stores a record. A large one whose storing broke off, be it by a power cut, is gone on with when the same content comes again
   * within a day.
   */
  add(record: NewRecord, progress?: Progress, signal?: AbortSignal): Promise<Outcome<RecordSummary>>
  /**
   * The same under an id that was drawn beforehand (32 hexadecimal digits, random): stored once, however often it is asked for, also when an earlier answer was lost.
   * Several may be under way at a time, fewer than `OPEN_UPLOADS_MAX`.
   */
  addOnce(id: string, record: NewRecord, progress?: Progress, signal?: AbortSignal): Promise<Outcome<RecordSummary>>
  /** Newest version of each record, in the order they were added; checked against the certified count and root. Logged. */
  list(vault: Vault, categories?: readonly Category[], progress?: Progress): Promise<Outcome<readonly RecordSummary[]>>
  /** Logged before the key is released. */
  open(
    record: { vault: Vault; recordId: string; version: number; category: Category | 'shared' },
    progress?: Progress,
  ): Promise<Outcome<OpenedRecord>>
  /** The same into a sink, for contents that do not fit in memory. */
  openInto(
    record: { vault: Vault; recordId: string; version: number; category: Category | 'shared' },
    sink: ContentSink,
    progress?: Progress,
    signal?: AbortSignal,
  ): Promise<Outcome<Omit<OpenedRecord, 'bytes'>>>
  /** The patient's own log, or with `actor` the signed-in person's own acts. */
  log(of: LogOf, filter?: LogFilter): Promise<Outcome<LogReport>>
  /**
   * A log as evidence, the patient's own unless told; without a filter it shows that it is complete. Of whom several canisters of the log have lines, those of `shard`.
   * @param notes Cosigned checkpoints of this log that go with it.
   */
  logEvidence(wanted?: {
    of?: Exclude<LogOf, 'actor'>
    filter?: LogFilter
    notes?: readonly string[]
    shard?: number
  }): Promise<Outcome<LogEvidence>>
  /**
   * The newest checkpoint of the log, null when there is none. Its signature is checked, that the certified log continues it, and that it continues `since`.
   * @param make Asks for a new one, which the log makes at most hourly and only when it grew.
   */
  checkpoint(wanted?: {
    make?: boolean
    since?: { readonly treeSize: number; readonly root: string }
  }): Promise<Outcome<SignedCheckpoint | null>>
  /** Changes whenever something that concerns this account changed; a hint only (decision 36). */
  changes(): Promise<bigint>
  /** Whether there is more in a vault than `list` showed last; a hint, and only for 15 minutes after a list. Not logged: nothing is shown by it. */
  hasGrown(vault: Vault): Promise<Outcome<boolean>>
  /**
   * For each of some vaults the records of some kinds that joined it since `list` or this last looked, newest versions; null for one that has to be listed (anew), at the latest
   * after 14 minutes. Not logged, since the listing is. That nothing is missing or more is one node's word until the next `list`, which fails with `ListIncomplete` where a
   * node had shown something that is not there.
   */
  news(
    vaults: readonly Vault[],
    categories: readonly Category[],
  ): Promise<Outcome<readonly (readonly RecordSummary[] | null)[]>>
  /** Where the data is, on how many nodes, under whose control, and what code runs. */
  hosting(): Promise<Outcome<HostingReport>>
  /** Forgets every key in memory, for good: whatever is under way or asked for later ends with `SessionEnded`. Sign in for a new client. */
  lock(): void
}
