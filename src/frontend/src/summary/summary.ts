import type { RecordSummary } from '@medguard/client'
import { LOINC } from '../forms/code-lists.ts'
import { measureOfCode } from '../forms/measures.ts'
import { type FhirRow, readFhir } from '../records/fhir-reading.ts'
import { conceptText } from '../records/fhir-values.ts'
import { at, type Json, listAt, textAt } from '../records/json-paths.ts'
import { clinicalMs, laterFirst } from '../app/dates.ts'
import { compareTexts, t } from '../words/language.ts'
import { measuredTests } from './measured.ts'
import type { Reading } from './readings.ts'

// What must be seen first, out of FHIR R4 resources: allergies, conditions, medicines, vaccinations, and the last result of each test. Nothing is
// interpreted: what a record says stands there in its own words, with the record that says it.

export interface SummaryRow extends FhirRow {
  readonly record: RecordSummary
  /** Resolved, stopped, completed: shown after what still is. */
  readonly isOver: boolean
}
export const SUMMARY_PARTS = ['allergies', 'conditions', 'medicines', 'vaccines'] as const
export type SummaryPart = (typeof SUMMARY_PARTS)[number]

/** Results of one test, newest first. */
export interface Test {
  /** The measure where we know it, else the code, else the words: the same test in another unit is the same test. */
  readonly key: string
  readonly label: string
  readonly rows: readonly SummaryRow[]
}
export interface Summary extends Readonly<Record<SummaryPart, readonly SummaryRow[]>> {
  readonly tests: readonly Test[]
  /** As FHIR Patient resources name the person, where all of them agree. */
  readonly person: { readonly name: string | null; readonly birthDate: string | null } | null
}

const PART_OF: Readonly<Record<string, SummaryPart>> = {
  AllergyIntolerance: 'allergies',
  Condition: 'conditions',
  MedicationStatement: 'medicines',
  MedicationRequest: 'medicines',
  Immunization: 'vaccines',
}
/** Said to be wrong: they are in the record, and in no summary. */
const WRONG = new Set(['entered-in-error', 'refuted', 'cancelled', 'not-done'])
const OVER = new Set(['resolved', 'inactive', 'remission', 'completed', 'stopped', 'not-taken', 'ended'])

const codesOf = (resource: Json, ...fields: readonly string[]): string[] =>
  fields.flatMap((field) => textAt(resource, field) ?? textAt(resource, field, 'coding', 0, 'code') ?? [])

/** The resources of a content: those of a bundle, or itself. */
export const resourcesIn = (json: Json): readonly Json[] =>
  textAt(json, 'resourceType') === 'Bundle' ? listAt(json, 'entry').map((entry) => at(entry, 'resource')) : [json]

export function summaryOf(readings: readonly Reading[]): Summary {
  const parts: Record<SummaryPart, SummaryRow[]> = { allergies: [], conditions: [], medicines: [], vaccines: [] }
  const tests: Tests = new Map()
  const people = new Map<string, NonNullable<Summary['person']>>()
  for (const { record, json, measured = [] } of readings) {
    for (const { key, label, rows } of measuredTests(measured))
      for (const row of rows) addTo(tests, [key, label], { ...row, record, isOver: false })
    for (const resource of resourcesIn(json)) {
      const type = textAt(resource, 'resourceType') ?? ''
      if (codesOf(resource, 'status', 'verificationStatus').some((code) => WRONG.has(code))) continue
      const reading = type === '' ? null : readFhir(resource)
      const row = reading?.groups[0]?.rows[0]
      if (reading === null || row === undefined) continue
      if (reading.patient !== null) people.set(JSON.stringify(reading.patient), reading.patient)
      const part = PART_OF[type]
      // An immunisation is completed when it was given: that is no end.
      const isOver = part !== 'vaccines' && codesOf(resource, 'clinicalStatus', 'status').some((code) => OVER.has(code))
      const whole: SummaryRow = { ...row, record, isOver, when: row.when ?? record.clinicalDate }
      if (part !== undefined) parts[part].push(whole)
      const test = type === 'Observation' ? testOf(at(resource, 'code')) : null
      if (test !== null) addTo(tests, test, whole)
    }
  }
  const [person = null, other = null] = people.values()
  return {
    allergies: inOrder(parts.allergies),
    conditions: inOrder(parts.conditions),
    medicines: inOrder(parts.medicines),
    vaccines: inOrder(parts.vaccines),
    tests: [...tests]
      .map(([key, { label, rows }]) => ({ key, label, rows: newest(rows) }))
      .toSorted((a, b) => laterFirst(whenText(a.rows[0]), whenText(b.rows[0])) || compareTexts(a.label, b.label)),
    person: other === null ? person : null,
  }
}

type Tests = Map<string, { readonly label: string; readonly rows: SummaryRow[] }>

function addTo(tests: Tests, [key, label]: readonly [string, string], row: SummaryRow) {
  const known = tests.get(key)
  if (known === undefined) tests.set(key, { label, rows: [row] })
  else known.rows.push(row)
}

/** Key and name of the test that an observation is a result of. */
export function testOf(concept: Json): readonly [string, string] | null {
  const words = conceptText(concept)
  if (words === null) return null
  const code = textAt(
    listAt(concept, 'coding').find((coding) => textAt(coding, 'system') === LOINC),
    'code',
  )
  const measure = code === null ? null : measureOfCode(code)
  if (measure !== null) return [measure.id, t(measure.label)]
  return [code ?? words.toLowerCase(), words]
}

const whenText = (row: SummaryRow | undefined) => (row?.when ?? '').slice(0, 10)
/** By their day where they were made, and within it by the clock; what has none counts as of noon. */
const newest = (rows: readonly SummaryRow[]) =>
  rows
    .map((row) => ({ row, day: whenText(row), ms: clinicalMs(row.when) ?? 0 }))
    .toSorted((a, b) => laterFirst(a.day, b.day) || b.ms - a.ms)
    .map(({ row }) => row)
const inOrder = (rows: readonly SummaryRow[]) => newest(rows).toSorted((a, b) => Number(a.isOver) - Number(b.isOver))

export const WINDOWS = ['month', 'quarter', 'year', 'always'] as const
export type Window = (typeof WINDOWS)[number]
const WINDOW_DAYS: Readonly<Record<Window, number>> = { month: 30, quarter: 90, year: 365, always: Infinity }

/** Which tests somebody means by what they typed: a name, the beginning of one, or a LOINC code. */
export function testNamed(tests: readonly Test[], typed: string): Test | null {
  const text = typed.trim().toLowerCase()
  if (text === '') return null
  const measure = measureOfCode(typed.trim())
  const isIt = (test: Test) =>
    test.label.toLowerCase() === text || test.key === (measure?.id ?? text) || test.key.toLowerCase() === text
  const begins = tests.filter(({ label }) => label.toLowerCase().startsWith(text))
  return tests.find(isIt) ?? (begins.length === 1 ? (begins[0] ?? null) : null)
}

/** Its results of the last days; those without a date only where any day will do. */
export function within(test: Test, window: Window, nowMs: number): readonly SummaryRow[] {
  if (window === 'always') return test.rows
  const from = new Date(nowMs - WINDOW_DAYS[window] * 86_400_000).toISOString().slice(0, 10)
  return test.rows.filter((row) => whenText(row) >= from)
}
