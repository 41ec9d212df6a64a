import type { Outcome } from './api.ts'

/** A record of one's own that fits what was looked for. */
export interface SearchHit {
  readonly recordId: string
  readonly version: number
  /** Higher fits better; comparable within one answer. */
  readonly score: number
  /** Nothing of what the list shows of it fits, but its content does, or a code or note in its header. */
  readonly isInside: boolean
}

export interface SearchAnswer {
  /** Best first. */
  readonly hits: readonly SearchHit[]
  /** Records that were looked through. */
  readonly records: number
  /** Those of them whose content was looked through as well: it has been opened on this device, and is text or FHIR. */
  readonly withContent: number
}

export interface SearchMethods {
  /**
   * Looks for words in one's own records, on this device only: nothing of it is sent. Accents do not matter, and a word may be begun or slightly misspelt. What is
   * looked through is what `list` showed last; before the first list, this lists (and that is logged).
   */
  search(words: string): Promise<Outcome<SearchAnswer>>
}

/** Keeps sealed pieces on this device between sessions, by name. Whoever has them has nothing without the vault's keys. */
export interface SealedMemory {
  read(name: string): Promise<Uint8Array | null>
  write(name: string, sealed: Uint8Array): Promise<void>
  remove(name: string): Promise<void>
  /** Every piece. */
  clear(): Promise<void>
  /** Does this while nobody else on this device who asks for the same does theirs, in another tab neither. */
  alone<T>(work: () => Promise<T>): Promise<T>
}
