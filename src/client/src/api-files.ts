import type { ContentSink, Outcome, Progress, RecordSummary } from './api.ts'
import type { RecordAddress } from './api-records.ts'

// A record of several files, and each of them without the others.

export interface FileInRecord {
  /** What `openFile` takes. */
  readonly index: number
  /** A path with `/` between folders, safe to show and to give to any file system; no two are the same, also where case does not count. */
  readonly name: string
  readonly sizeBytes: number
  /** Lower-case hexadecimal. */
  readonly sha256: string
}

export interface OpenedFiles {
  readonly summary: RecordSummary
  readonly files: readonly FileInRecord[]
  /** Where the log has the opening. */
  readonly leafIndex: bigint
  /** Read from this device, without a network: when it was kept. */
  readonly keptMs?: number
}

export interface FilesPart {
  /**
   * What files a record holds (`RecordSummary.hasFiles`). Logged, once, like opening the record: each of them can then be read while this client
   * is unlocked and the right to open lasts. Refused with `BadInput` for a record that is one content.
   */
  files(record: RecordAddress, progress?: Progress): Promise<Outcome<OpenedFiles>>
  /**
   * One file, by fetching the chunks that hold it and no others. Each is checked by itself, and the whole file against its SHA-256 in the
   * directory, which the sealed header vouches for: nothing else is answered. Opens the record first where `files` did not.
   */
  openFile(record: RecordAddress, index: number, signal?: AbortSignal): Promise<Outcome<Uint8Array>>
  /** The same into a sink, for large ones; what the sink got is nothing before this has answered. */
  openFileInto(
    record: RecordAddress,
    index: number,
    sink: Pick<ContentSink, 'write'>,
    signal?: AbortSignal,
  ): Promise<Outcome<FileInRecord>>
}
