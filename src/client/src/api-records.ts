import type { Category } from '@medguard/protocol'
import type { ContentSource, NewRecord, Outcome, Progress, RecordSummary, Vault } from './api.ts'
import type { InboxMethods } from './inbox.ts'
import type { Profile } from './profile.ts'

// What a client can do with records beside adding and opening them.

/** One record version, named as a summary names it. */
export interface RecordAddress {
  readonly vault: Vault
  readonly recordId: string
  readonly version: number
  readonly category: Category | 'shared'
}

/** A version as its list has it, with what the patient's log says of its storing. */
export interface RecordVersion {
  readonly summary: RecordSummary
  /** Principal; null for who may not read the patient's log. */
  readonly storedBy: string | null
  readonly storedNs: bigint | null
}

/** `annotates`: something to add; `corrects`: the record says something that is not so. */
export const RECORD_RELATIONS = ['annotates', 'corrects'] as const
export type Relation = (typeof RECORD_RELATIONS)[number]

/** What a vault takes up, and what it may. */
export interface Usage {
  /** Deleted ones count on: they keep their place in a list. */
  readonly versions: number
  readonly versionsMax: number
  /** Ciphertext, with what uploads on their way will need. */
  readonly sizeBytes: bigint
  readonly sizeBytesMax: bigint
  /** Of the signed-in person, wherever to. */
  readonly openUploads: number
  readonly openUploadsMax: number
}

/** Something that was begun to be stored and is not there yet. */
export interface OpenUpload {
  readonly recordId: string
  readonly version: number
  /** Whose vault it is for. */
  readonly patientId: string
  /** By which share; null for one's own vault, and in the place of its patient. */
  readonly grantId: string | null
  /** Ciphertext, when it is whole. */
  readonly sizeBytes: bigint
  /** When a part of it came last; a day later it is given up. */
  readonly touchedNs: bigint
  /** Whether it is gone on with when the same content comes again. */
  readonly isResumable: boolean
}

/** What a person keeps when their vault is gone. */
export interface ErasureReceipt {
  /** JSON, one line; the log's last entry about the vault has its SHA-256. */
  readonly text: string
  /** Evidence of the log, for `medguard verify`, with that entry; null where the log did not answer. */
  readonly evidence: string | null
}

/** What went into an archive, or came out of one. */
export interface ArchiveReport {
  readonly versions: number
  /** Records that do not open, of which only that they are there and their hash is kept. */
  readonly damaged: number
  /** Of an import: what was there already, from an earlier try. */
  readonly skipped: number
  /** Whether the log vouched for who stored what, when and in which order; without that the archive says nothing of authors and times. */
  readonly hasLog: boolean
}

/** What went into a file of chosen records. */
export interface ExportedRecords {
  readonly records: number
  /** Those that failed their checks, and are not in it. */
  readonly damaged: number
}

export interface RecordsPart extends InboxMethods {
  /**
   * Stores a new version; the older ones stay as they are. Refused with `Stale` when somebody was quicker: look again before writing over what they
   * wrote.
   */
  amend(
    address: RecordAddress,
    record: Omit<NewRecord, 'category'>,
    progress?: Progress,
    signal?: AbortSignal,
  ): Promise<Outcome<RecordSummary>>
  /** All versions of a record, oldest first. Logged as listing. */
  versions(address: Omit<RecordAddress, 'version'>): Promise<Outcome<readonly RecordVersion[]>>
  /** Deletes a record of one's own, or of a dependant over whom one has every power without an end, with all its versions, in the shares too, for good. Safe to repeat. */
  deleteRecord(recordId: string): Promise<Outcome<null>>
  /**
   * Adds a note to a record, in one's own vault or, with the right to write, in somebody else's. It is a record of its own that names the other, and goes
   * along where that one is shared.
   */
  annotate(address: RecordAddress, note: { text: string; relation: Relation }): Promise<Outcome<RecordSummary>>
  /** Null where none was set yet. Logged like any opening. */
  profile(): Promise<Outcome<Profile | null>>
  setProfile(profile: Profile): Promise<Outcome<Profile>>
  usage(): Promise<Outcome<Usage>>
  /** What the signed-in person began to store and did not finish; acting for somebody, that of their vault alone. */
  uploads(): Promise<Outcome<readonly OpenUpload[]>>
  /** Gives one of them up, with what was sent of it. Safe to repeat. */
  abandon(upload: Pick<OpenUpload, 'recordId' | 'version'>): Promise<Outcome<null>>
  /**
   * Writes one's whole vault into a sealed archive: all versions with their headers, authors, times and original hashes, and the log as evidence. Each
   * opening is logged, and that it was an export.
   *
   * @param key from `newArchiveKey`: whoever has it and the archive has everything.
   * @param sink takes the file, in order. What it got is nothing before this has answered.
   */
  exportVault(
    key: Uint8Array,
    sink: (bytes: Uint8Array) => Promise<void>,
    progress?: Progress,
    signal?: AbortSignal,
  ): Promise<Outcome<ArchiveReport>>
  /**
   * Writes records of one's own, as they were stored, into one ZIP archive that is not encrypted. Each opening is logged, and that it was an export. One
   * that fails its checks is left out. `BadInput` for none or too many, `TooLarge` for what is more than 4 GB.
   *
   * @param sink takes the file, in order. What it got is nothing before this has answered.
   */
  exportRecords(
    records: readonly RecordSummary[],
    sink: (bytes: Uint8Array) => Promise<void>,
    progress?: Progress,
    signal?: AbortSignal,
  ): Promise<Outcome<ExportedRecords>>
  /**
   * Which records each live share by record holds, by its id, as this client saw them when it last kept shares up (`keepUp`) or made one; null before that. Not logged.
   */
  recordsInShares(): Promise<Outcome<Readonly<Record<string, readonly string[]>> | null>>
  /**
   * Tells the patient's log that somebody took out of MedGuard, or printed, what they opened; to be asked before they have it.
   *
   * @param grantId under which it was opened; null: out of the vault that this client is about.
   * @param taken SHA-256 of what was written, and how many record versions it holds.
   */
  noteExport(grantId: string | null, taken: { sha256: Uint8Array; count: number }): Promise<Outcome<null>>
  /** Stores what an archive has in one's own vault, be it of another deployment. What an earlier try stored is left out. */
  importVault(
    key: Uint8Array,
    file: ContentSource,
    progress?: Progress,
    signal?: AbortSignal,
  ): Promise<Outcome<ArchiveReport>>
  /**
   * Erases one's whole vault in both canisters, for good: records, wraps, salt, shares, account. Begun once it is gone on with, on any device.
   *
   * @param vaultId of one's own vault, so that nobody erases by accident.
   */
  erase(vaultId: string): Promise<Outcome<ErasureReceipt>>
}
