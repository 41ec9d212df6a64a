import type { Category } from '@medguard/protocol'
import type { Outcome, Progress } from './api.ts'

// A vault as files that anybody's programs read. They are not encrypted, and the log has it that they were taken out before they are whole.

/** A larger content is named in a bundle with its hash alone: a bundle is read as a whole by whoever gets it. `exportVault` takes everything. */
export const FHIR_INLINE_BYTES_MAX = 8 * 1024 * 1024

export interface FhirReport {
  readonly records: number
  /** Do not open, and are not in it. */
  readonly damaged: number
  /** Too large, and named only. */
  readonly withoutContent: number
  readonly shares: number
  /** Lines of the log. */
  readonly lines: number
  /** Whether what it says of the log was proven. */
  readonly hasLog: boolean
}
export interface SummaryReport {
  /** That it was made of. */
  readonly records: number
  readonly entries: number
  /** Do not open or are too large, and are not in it. */
  readonly damaged: number
}

export interface FhirPart {
  /**
   * Writes one's whole vault as one FHIR R4 bundle: the newest version of each record, who stored it, shares and log. Each opening is logged, and that it was an export.
   *
   * @param sink takes the file, in order. What it got is nothing before this has answered.
   */
  exportFhir(
    sink: (bytes: Uint8Array) => Promise<void>,
    progress?: Progress,
    signal?: AbortSignal,
  ): Promise<Outcome<FhirReport>>
  /** The same with an International Patient Summary of what is in these categories; of what devices sent, the newest. */
  exportSummary(
    categories: readonly Category[],
    sink: (bytes: Uint8Array) => Promise<void>,
    progress?: Progress,
    signal?: AbortSignal,
  ): Promise<Outcome<SummaryReport>>
}
