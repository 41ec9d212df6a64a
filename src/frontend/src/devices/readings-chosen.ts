import type { RecordSummary } from '@medguard/client'
import { SEGMENT_READINGS_MAX, summaryFromJson } from '@medguard/readings'
import { endOfDayMs } from '../app/dates.ts'
import { holdsReadings } from './readings-reader.ts'

/** So many readings are opened and drawn at a time: of more the page says which, and its reader chooses days. */
export const DRAWN_MAX = 100_000
const DAY_MS = 86_400_000

/** Calendar days, both included; empty: open. */
export interface Days {
  readonly from: string
  readonly until: string
}
export interface Chosen {
  /** The newest first. */
  readonly records: readonly RecordSummary[]
  /** How many readings these hold, and how many there are on those days, by their headers. */
  readonly count: number
  readonly all: number
  /** Of the first of them; null where no header says. */
  readonly fromMs: number | null
}

/** Records of readings of some days, as many of the newest as may be drawn. What says nothing of its time is of every day. */
export function chosenOf(records: readonly RecordSummary[], { from, until }: Days, max = DRAWN_MAX): Chosen {
  const afterFirst = endOfDayMs(from)
  const firstMs = afterFirst === null ? Number.NEGATIVE_INFINITY : afterFirst - DAY_MS
  const endMs = endOfDayMs(until) ?? Number.POSITIVE_INFINITY
  const wanted = records
    .filter(holdsReadings)
    .map((record) => {
      const summary = summaryFromJson(record.readings)
      const [fromMs, toMs] = [summary?.fromMs ?? null, summary?.toMs ?? null]
      // A header may claim more than a record can hold.
      return { record, fromMs, toMs, count: Math.min(summary?.count ?? 0, SEGMENT_READINGS_MAX) }
    })
    .filter(({ fromMs, toMs }) => (toMs ?? endMs) >= firstMs && (fromMs ?? firstMs) < endMs)
    .toSorted((a, b) => (b.toMs ?? 0) - (a.toMs ?? 0))
  const all = wanted.reduce((sum, { count }) => sum + count, 0)
  let count = 0
  const chosen = wanted.filter((one, i) => (count + one.count > max && i > 0 ? false : ((count += one.count), true)))
  const starts = chosen.flatMap(({ fromMs }) => fromMs ?? [])
  return {
    records: chosen.map(({ record }) => record),
    count,
    all,
    fromMs: starts.length === 0 ? null : starts.reduce((first, ms) => Math.min(first, ms)),
  }
}
