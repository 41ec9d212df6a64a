import type { Profile, RecordSummary } from '@medguard/client'
import { clinicalDayText, clinicalMs, dayText } from '../app/dates.ts'
import { SYSTOLIC, DIASTOLIC, unitIn, VITALS } from '../forms/measures.ts'
import type { FhirFlag } from '../records/fhir-values.ts'
import { rangeText } from '../records/fhir-values.ts'
import type { Json } from '../records/json-paths.ts'
import { measuredIn, type Reading } from '../summary/readings.ts'
import { summaryOf, type SummaryRow, type Test } from '../summary/summary.ts'
import { type Point, type Series, seriesIn, seriesOf, valueText } from '../trends/series.ts'
import { t } from '../words/language.ts'
import { firstPage, linesOfNotes, type OnFirstPage } from './first-page.ts'
import { DEVICE_MEASURES } from '@medguard/readings'
import {
  documentsOf,
  firstDay,
  olderPostings,
  type ReportChoice,
  type ReportSection,
  SECTIONS,
} from './report-choice.ts'

// A report as plain data: the first page, and the details after it. Nothing is interpreted: values, ranges and flags are those of the records, an arrow says
// that a number is higher or lower than the one before it in the period, and a value in another unit is the same value.

export interface Trend {
  readonly way: 'up' | 'down' | 'same'
  /** The value before, and its day. */
  readonly from: string
  readonly when: string
}
export interface ReportRow {
  readonly what: string
  readonly value: string | null
  readonly flag: FhirFlag | null
  readonly trend: Trend | null
  /** Usual range, dose, reaction, who said it. */
  readonly detail: string | null
  /** In words. */
  readonly when: string | null
  /** Resolved, stopped, completed. */
  readonly isOver: boolean
}
export interface ReportPart {
  readonly section: ReportSection
  readonly rows: readonly ReportRow[]
  /** Older values that are not printed. */
  readonly left: number
}
export interface Report {
  readonly name: string | null
  readonly born: string | null
  readonly facts: readonly string[]
  readonly asOfMs: number
  /** First day in words; null: from the beginning. */
  readonly from: string | null
  readonly notes: string
  readonly first: readonly OnFirstPage[]
  /** Parts with more to say than the first page had room for. */
  readonly details: readonly ReportPart[]
  /** Asked for, and not there. */
  readonly empty: readonly ReportSection[]
  /** Not asked for: the reader has to know. */
  readonly leftOut: readonly ReportSection[]
  /** Older postings of devices that were not read for it. */
  readonly postingsLeft: number
  /** Records that were read for it. */
  readonly count: number
}

/** Values of one test in the details. */
const VALUES_MAX = 20
const DOCUMENTS_MAX = 200
const VITAL_KEYS = new Set<string>([
  ...[...VITALS, SYSTOLIC, DIASTOLIC, ...DEVICE_MEASURES].map(({ id }) => id),
  '85354-9',
])

export interface ReportFrom {
  /** Of records that were to be opened for this choice. */
  readonly readings: readonly Reading[]
  /** All there are. */
  readonly records: readonly RecordSummary[]
  readonly profile: Profile
  readonly choice: ReportChoice
  readonly nowMs: number
}

export function reportOf({ readings, records, profile, choice, nowMs }: ReportFrom): Report {
  const summary = summaryOf(readings)
  const from = firstDay(choice.period, nowMs)
  const contents = readings.map(({ json }): Json => json)
  const series = seriesOf(contents, measuredIn(readings)).map((one) =>
    one.measure === null ? one : seriesIn(one, unitIn(one.measure, profile.units).ucum),
  )
  const tests = summary.tests.flatMap((test) => {
    const rows = test.rows.filter(({ when }) => from === null || (when ?? '').slice(0, 10) >= from)
    return rows.length === 0 ? [] : [{ ...test, rows }]
  })
  const values = (isVital: boolean) => tests.filter(({ key }) => VITAL_KEYS.has(key) === isVital)
  const current = (rows: readonly SummaryRow[]) => rows.filter(({ isOver }) => !isOver).map(plainRow)
  const documents = documentsOf(records, choice, nowMs).map(documentRow)
  const short: Readonly<Record<ReportSection, readonly ReportRow[]>> = {
    allergies: current(summary.allergies),
    conditions: current(summary.conditions),
    medicines: current(summary.medicines),
    vaccines: summary.vaccines.map(plainRow),
    results: values(false).flatMap((test) => lastOf(test, series, from)),
    vitals: values(true).flatMap((test) => lastOf(test, series, from)),
    contacts: (profile.emergencyContacts ?? []).map(({ name, phone, relation }) => ({
      ...NOTHING,
      what: name,
      value: phone,
      detail: relation ?? null,
    })),
    documents,
  }
  const every = (all: readonly Test[]) => ({
    rows: all.flatMap(({ rows }) => rows.slice(0, VALUES_MAX).map(plainRow)),
    left: all.reduce((sum, { rows }) => sum + Math.max(0, rows.length - VALUES_MAX), 0),
  })
  const whole = (rows: readonly SummaryRow[]) => ({ rows: rows.map(plainRow), left: 0 })
  const long: Readonly<Record<ReportSection, Omit<ReportPart, 'section'>>> = {
    allergies: whole(summary.allergies),
    conditions: whole(summary.conditions),
    medicines: whole(summary.medicines),
    vaccines: whole(summary.vaccines),
    results: every(values(false)),
    vitals: every(values(true)),
    contacts: { rows: short.contacts, left: 0 },
    documents: { rows: documents.slice(0, DOCUMENTS_MAX), left: Math.max(0, documents.length - DOCUMENTS_MAX) },
  }
  const notes = choice.notes.trim()
  const chosen = SECTIONS.filter((section) => choice.sections.includes(section))
  const first = firstPage(
    chosen.map((section) => ({ section, rows: short[section] })).filter(({ rows }) => rows.length > 0),
    linesOfNotes(notes),
  )
  const { name, birthDate } = { ...summary.person, ...given(profile) }
  const subject = records.findLast((record) => record.subject !== null)?.subject ?? null
  return {
    name: name ?? subject,
    born: clinicalDayText(birthDate),
    facts: profile.bloodGroup === undefined ? [] : [t('report.blood', { group: profile.bloodGroup })],
    asOfMs: nowMs,
    from: clinicalDayText(from),
    notes,
    first,
    details: chosen
      .map((section) => ({ section, ...long[section] }))
      .filter(({ section, rows, left }) => {
        const shown = first.find((one) => one.section === section)
        // A list that stands there whole already is not printed twice.
        return (
          rows.length > 0 && (left > 0 || shown === undefined || shown.isShortened || shown.rows.length < rows.length)
        )
      }),
    empty: chosen.filter((section) => long[section].rows.length === 0),
    leftOut: SECTIONS.filter((section) => !chosen.includes(section)),
    postingsLeft: olderPostings(records, choice, nowMs),
    count: readings.length,
  }
}

const given = ({ name, birthDate }: Profile) => ({
  ...(name !== undefined && { name }),
  ...(birthDate !== undefined && { birthDate }),
})

const NOTHING: ReportRow = {
  what: '',
  value: null,
  flag: null,
  trend: null,
  detail: null,
  when: null,
  isOver: false,
}

const plainRow = ({ what, value, flag, parts, detail, when, isOver, record }: SummaryRow): ReportRow => ({
  ...NOTHING,
  what,
  value: value ?? (parts.length === 0 ? null : parts.map((part) => `${part.what} ${part.value}`).join(', ')),
  flag,
  detail: joined([detail, record.author === null ? null : t('report.by', { author: record.author })]),
  when: clinicalDayText(when),
  isOver,
})

const documentRow = ({ title, author, category, clinicalDate }: RecordSummary): ReportRow => ({
  ...NOTHING,
  what: title,
  detail: joined([category === 'shared' ? null : t(`categories.${category}`), author]),
  when: clinicalDayText(clinicalDate),
})

function joined(parts: readonly (string | null)[]): string | null {
  const said = parts.filter((part) => part !== null)
  return said.length === 0 ? null : said.join(' · ')
}

/** The newest result of a test: as it was written, or in the units of choice where its number is known, with the one before it. */
function lastOf(test: Test, series: readonly Series[], from: string | null): ReportRow[] {
  const [newest] = test.rows
  if (newest === undefined) return []
  const row = plainRow(newest)
  const fitting = series.filter(({ key }) => key === test.key || key.startsWith(`${test.key} `))
  const own = fitting.find(({ points }) => points.at(-1)?.ms === clinicalMs(newest.when))
  const last = own?.points.at(-1)
  // Another number of that moment, or words: it stands as it was written.
  if (own === undefined || last === undefined || newest.value === null || own.points.at(-2)?.ms === last.ms)
    return [row]
  const before = own.points.at(-2)
  const isIn = before !== undefined && (from === null || before.ms >= (clinicalMs(from) ?? 0) - HALF_DAY_MS)
  return [
    {
      ...row,
      value: valueText(last.value, own.unit),
      detail: rangeOf(last, own.unit) ?? row.detail,
      trend: isIn ? trendOf(before, last, own.unit) : null,
    },
  ]
}
const HALF_DAY_MS = 43_200_000

function rangeOf({ low, high }: Point, unit: string): string | null {
  if (low === null && high === null) return null
  const shown = (bound: number | null) => (bound === null ? null : valueText(bound, unit))
  return t('fhir.usualRange', { range: rangeText(shown(low), shown(high)) })
}

/** By the numbers as they are shown: what looks the same is the same. */
function trendOf(before: Point, last: Point, unit: string): Trend {
  const [was, is] = [valueText(before.value, unit), valueText(last.value, unit)]
  const way = was === is ? 'same' : last.value > before.value ? 'up' : 'down'
  return { way, from: was, when: dayText(before.ms) }
}

/** All that the report says, as text: what the log's entry about it is the hash of. */
export const contentOf = (report: Report): string => JSON.stringify(report)
