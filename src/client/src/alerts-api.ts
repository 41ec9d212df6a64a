import type { Category } from '@medguard/protocol'
import type { Outcome, RecordSummary, Vault } from './api.ts'

// What people say about readings that somebody should look at (docs/alerts.md): small records beside the readings, only ever added.

export const ALERTS_MEDIA_TYPE = 'application/vnd.medguard.alerts+json'

/** What is said, without its id, who says it and when: `@medguard/readings` knows what there is to say. */
export type AlertWords = Readonly<Record<string, string | number | null>>

/** Something that was said, by somebody whom this client vouches for as far as a list tells. */
export interface SaidAlert {
  readonly recordId: string
  /** As its author sealed it: to be read with care. */
  readonly event: unknown
  /** Principal. */
  readonly by: string
  /** Organisation through which it was said, or null. */
  readonly orgId: string | null
  /** The patient, or somebody in their place: it came under no share, and from no other vault. */
  readonly isPatient: boolean
  /** By the author's clock. */
  readonly atMs: number
  /** Where it stands in its list. */
  readonly place: number
}

export interface AlertsPart {
  /**
   * Stores it in that category, where all who read the readings find it at once. Under a share that lets list, open and add there, with a signature of this device's key; refused with `BadInput author missing`
   * where it has none, and with `NotPermitted` where the share does not reach so far. Lists show who said it: after this, list anew.
   */
  sayAlert(vault: Vault, category: Category, words: AlertWords): Promise<Outcome<RecordSummary>>
}
