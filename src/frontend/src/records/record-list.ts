import { ALERTS_MEDIA_TYPE, type Category, DEVICES_MEDIA_TYPE, isProfile, type RecordSummary } from '@medguard/client'
import { clinicalMs, monthText, msOf } from '../app/dates.ts'
import { t } from '../words/language.ts'

/** The day a record is about, or else when it was added; null when neither is known. */
export function recordMs(record: RecordSummary): number | null {
  return clinicalMs(record.clinicalDate) ?? (record.addedNs === null ? null : msOf(record.addedNs))
}

const NO_LINE: ReadonlySet<string> = new Set([DEVICES_MEDIA_TYPE, ALERTS_MEDIA_TYPE])

/** What the lists of records show: what somebody says of themselves or about readings, is stored as a record and has a page of its own. */
export const listed = (records: readonly RecordSummary[]): readonly RecordSummary[] =>
  records.filter((record) => !NO_LINE.has(record.mediaType) && !isProfile(record))

/** Newest first; records of unknown date at the end, the last added first. */
export function newestFirst(records: readonly RecordSummary[]): RecordSummary[] {
  return records
    .map((record, place) => ({ record, place, ms: recordMs(record) ?? Number.NEGATIVE_INFINITY }))
    .toSorted((a, b) => (a.ms === b.ms ? b.place - a.place : b.ms > a.ms ? 1 : -1))
    .map(({ record }) => record)
}

export interface Month {
  readonly label: string
  readonly records: RecordSummary[]
}
/** @param records newest first. */
export function byMonth(records: readonly RecordSummary[]): Month[] {
  const months: Month[] = []
  for (const record of records) {
    const ms = recordMs(record)
    const label = ms === null ? t('records.noDate') : isYear(record.clinicalDate) ? record.clinicalDate : monthText(ms)
    const last = months[months.length - 1]
    if (last?.label === label) last.records.push(record)
    else months.push({ label, records: [record] })
  }
  return months
}

/** A date that names no month must not stand under one. */
const isYear = (date: string | null): date is string => date !== null && /^\d{4}$/.test(date)

export interface RecordFilter {
  readonly show: readonly Category[]
  /** Every word must be somewhere in title, file name or author, or in what it is also called. */
  readonly search: string
  readonly alsoCalled?: (record: RecordSummary) => string | null
}

export function filterRecords(records: readonly RecordSummary[], filter: RecordFilter): RecordSummary[] {
  const words = folded(filter.search)
    .split(/\s+/)
    .filter((word) => word !== '')
  return records.filter((record) => {
    if (filter.show.length > 0 && !filter.show.some((category) => category === record.category)) return false
    const text = folded([record.title, record.fileName, record.author, filter.alsoCalled?.(record)].join(' '))
    return words.every((word) => text.includes(word))
  })
}

/** Accents and capitals make no difference to a search. */
const folded = (text: string) => text.normalize('NFD').replaceAll(/\p{M}/gu, '').toLowerCase()

export function countByCategory(records: readonly RecordSummary[]): Partial<Record<Category, number>> {
  const counts: Partial<Record<Category, number>> = {}
  for (const { category } of records) if (category !== 'shared') counts[category] = (counts[category] ?? 0) + 1
  return counts
}

/** The name on the record that was added last with one. */
export function lastSubject(records: readonly RecordSummary[] | null): string | null {
  return records?.findLast(({ subject }) => subject !== null)?.subject ?? null
}
