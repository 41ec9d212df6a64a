import { type Category, isProfile, type RecordSummary } from '@medguard/client'
import { SEGMENT_MEDIA_TYPE } from '@medguard/readings'
import { dayKey, laterFirst } from '../app/dates.ts'
import { listed } from '../records/record-list.ts'
import { holdsReadings } from '../devices/readings-reader.ts'
import { lastMsOf, newestPostings, readable } from '../summary/readings.ts'

// What somebody wants on the paper that they hand over, and what has to be opened for it.

/** In the order in which they stand on paper. */
export const SECTIONS = [
  'allergies',
  'conditions',
  'medicines',
  'results',
  'vitals',
  'vaccines',
  'contacts',
  'documents',
] as const
export type ReportSection = (typeof SECTIONS)[number]

/** How far back results, measurements and documents go. What somebody has or takes has no such end. */
export const PERIODS = ['quarter', 'year', 'years', 'always'] as const
export type Period = (typeof PERIODS)[number]
const PERIOD_MONTHS = { quarter: 3, year: 12, years: 60, always: null } as const

export interface ReportChoice {
  readonly sections: readonly ReportSection[]
  readonly period: Period
  /** Also what lies under "sensitive". */
  readonly withSensitive: boolean
  /** What the person wants to say themselves. */
  readonly notes: string
}
export const FIRST_CHOICE: ReportChoice = { sections: SECTIONS, period: 'year', withSensitive: false, notes: '' }
export const NOTES_CHARS_MAX = 600

/** First day of the period, `2025-11-22`; null: from the beginning. */
export function firstDay(period: Period, nowMs: number): string | null {
  const months = PERIOD_MONTHS[period]
  if (months === null) return null
  const day = new Date(nowMs)
  // Noon of the first: no month is longer than another one there, and no clock is put forward.
  const from = new Date(day.getFullYear(), day.getMonth() - months, 1, 12)
  const last = new Date(from.getFullYear(), from.getMonth() + 1, 0).getDate()
  from.setDate(Math.min(day.getDate(), last))
  return dayKey(from.getTime())
}

/** Where the records of a section lie. Bundles are among the summaries, and hold anything. */
const LIES_IN: Readonly<Record<ReportSection, readonly Category[]>> = {
  allergies: ['summary'],
  conditions: ['summary'],
  medicines: ['summary', 'medicines'],
  vaccines: ['summary', 'medicines'],
  results: ['summary', 'labs'],
  vitals: ['summary', 'vitals'],
  contacts: [],
  documents: [],
}
const TIMED: readonly RecordSummary['category'][] = ['labs', 'vitals']

/** Structured records that have to be opened, and what devices sent, which the log will say. */
export const toOpen = (records: readonly RecordSummary[], choice: ReportChoice, nowMs: number): RecordSummary[] =>
  readable(asked(records, choice, nowMs))

/** What devices sent in the period and is too much to be read. */
export const olderPostings = (records: readonly RecordSummary[], choice: ReportChoice, nowMs: number): number =>
  newestPostings(asked(records, choice, nowMs)).left

function asked(records: readonly RecordSummary[], choice: ReportChoice, nowMs: number): RecordSummary[] {
  const kinds = new Set<RecordSummary['category']>(choice.sections.flatMap((section) => LIES_IN[section]))
  if (kinds.size > 0 && choice.withSensitive) kinds.add('sensitive')
  const from = firstDay(choice.period, nowMs)
  const isAsked = (record: RecordSummary) => {
    const { category, clinicalDate } = record
    // A device may measure what a laboratory does, wherever its readings are kept.
    if (holdsReadings(record)) {
      const isWanted = choice.sections.includes('results') || choice.sections.includes('vitals')
      return (
        isWanted &&
        (category !== 'sensitive' || choice.withSensitive) &&
        (from === null || dayKey(lastMsOf(record)) >= from)
      )
    }
    return (
      kinds.has(category) &&
      (from === null || clinicalDate === null || !TIMED.includes(category) || clinicalDate.slice(0, 10) >= from)
    )
  }
  return records.filter((record) => !isProfile(record) && isAsked(record))
}

/** Files and letters whose titles go on the list; nothing of them is opened. */
export function documentsOf(
  records: readonly RecordSummary[],
  choice: ReportChoice,
  nowMs: number,
): readonly RecordSummary[] {
  if (!choice.sections.includes('documents')) return []
  const from = firstDay(choice.period, nowMs)
  return listed(records)
    .filter(
      ({ mediaType, category, clinicalDate }) =>
        mediaType !== SEGMENT_MEDIA_TYPE &&
        (mediaType !== 'application/fhir+json' || category === 'documents') &&
        (category !== 'sensitive' || choice.withSensitive) &&
        (from === null || clinicalDate === null || clinicalDate.slice(0, 10) >= from),
    )
    .toSorted((a, b) => laterFirst(a.clinicalDate ?? '', b.clinicalDate ?? ''))
}
