import type { LogFilter as ClientFilter, LogItem, RecordSummary } from '@medguard/client'
import { clinicalMs, endOfDayMs, nsOf } from '../app/dates.ts'
import { actorOf } from './log-words.ts'

/** Which entries are shown: all that is chosen has to fit. */
export interface LogChoice {
  /** Share code of who did it, or whom it is about. */
  readonly person: string | null
  readonly recordId: string | null
  /** First and last calendar day of this device, `2025-06-30`; empty: without a bound. */
  readonly fromDay: string
  readonly untilDay: string
}
export const EVERYTHING: LogChoice = { person: null, recordId: null, fromDay: '', untilDay: '' }

export function fitsChoice(item: LogItem, choice: LogChoice): boolean {
  const { person, recordId } = choice
  const { fromNs, untilNs } = timesOf(choice)
  return (
    (person === null || item.actor === person || item.subject === person) &&
    (recordId === null || item.objectId === recordId) &&
    (fromNs === undefined || item.timeNs >= fromNs) &&
    (untilNs === undefined || item.timeNs < untilNs)
  )
}

/** From the beginning of the first day to the end of the last; text that is no day bounds nothing. */
function timesOf({ fromDay, untilDay }: LogChoice): { fromNs?: bigint; untilNs?: bigint } {
  const [fromMs, untilMs] = [startOfDayMs(fromDay), endOfDayMs(untilDay)]
  return { ...(fromMs !== null && { fromNs: nsOf(fromMs) }), ...(untilMs !== null && { untilNs: nsOf(untilMs) }) }
}
function startOfDayMs(day: string): number | null {
  const noonMs = endOfDayMs(day) === null ? null : clinicalMs(day)
  return noonMs === null ? null : new Date(noonMs).setHours(0, 0, 0, 0)
}

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
export function filterOf(choice: LogChoice): ClientFilter | null {
  const { person, recordId } = choice
  const filter = {
    ...(person !== null && { person }),
    ...(recordId !== null && { object: recordId }),
    ...timesOf(choice),
  }
  return Object.keys(filter).length === 0 ? null : filter
}
