import type { LogItem, RecordSummary } from '@medguard/client'
import { actorOf } from './log-words.ts'

/** Which entries are shown: all that is chosen has to fit. */
export interface LogChoice {
  /** Share code of who did it, or whom it is about. */
  readonly person: string | null
  readonly recordId: string | null
}
export const EVERYTHING: LogChoice = { person: null, recordId: null }

export const fitsChoice = (item: LogItem, { person, recordId }: LogChoice): boolean =>
  (person === null || item.actor === person || item.subject === person) &&
  (recordId === null || item.objectId === recordId)

/** Everybody but the reader who did something, the latest first. */
export const peopleIn = (items: readonly LogItem[], me: string): readonly string[] => [
  ...new Set(
    items
      .toReversed()
      .map(actorOf)
      .filter((actor) => actor !== me && actor !== ''),
  ),
]

/** The reader's records of which the log speaks, the latest first. */
export function recordsIn(items: readonly LogItem[], records: readonly RecordSummary[]): readonly RecordSummary[] {
  const known = new Map(records.map((record) => [record.recordId, record]))
  const ids = new Set(items.toReversed().map(({ objectId }) => objectId))
  return [...ids].flatMap((id) => known.get(id) ?? [])
}

/** The same for the client; null where everything is chosen. */
export function filterOf({ person, recordId }: LogChoice): { person?: string; object?: string } | null {
  if (person === null && recordId === null) return null
  return { ...(person !== null && { person }), ...(recordId !== null && { object: recordId }) }
}
