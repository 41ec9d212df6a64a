import type { RecordSummary } from '@medguard/client'
import { expect, test } from 'vitest'
import type { Json } from '../records/json-paths.ts'
import { listedRecord } from '../records/listed-record.fixture.ts'
import { readingOf, SEGMENT_MEDIA_TYPE } from '@medguard/readings'
import { ROWS_MAX } from './measured.ts'
import {
  firstOf,
  FIRST_BYTES_MAX,
  FIRST_RECORDS_MAX,
  newestPostings,
  POSTINGS_BYTES_MAX,
  POSTINGS_MAX,
  readable,
} from './readings.ts'
import { summaryOf, testNamed, within } from './summary.ts'

const record = (over: Partial<RecordSummary> = {}) =>
  listedRecord('1'.repeat(32), {
    vault: { of: 'grant', grantId: '0'.repeat(32) },
    title: 'Record',
    mediaType: 'application/fhir+json',
    sizeBytes: 100,
    ...over,
  })
const reading = (json: Json) => ({ record: record(), json })
const glucose = (code: string, day: string, more: object = {}) => ({
  resourceType: 'Observation',
  status: 'final',
  code: { coding: [{ system: 'http://loinc.org', code }], text: 'Sugar' },
  effectiveDateTime: day,
  valueQuantity: { value: 5, unit: 'mmol/L' },
  ...more,
})

test('what still is stands before what is over, and what was entered in error nowhere', () => {
  const condition = (text: string, status: string, more: object = {}) => ({
    resourceType: 'Condition',
    code: { text },
    clinicalStatus: { coding: [{ code: status }] },
    ...more,
  })
  const bundle = {
    resourceType: 'Bundle',
    entry: [
      condition('Pneumonia', 'resolved', { onsetDateTime: '2024-05-01' }),
      condition('Asthma', 'active', { onsetDateTime: '1999' }),
      condition('Gout', 'active', { verificationStatus: { coding: [{ code: 'entered-in-error' }] } }),
    ].map((resource) => ({ resource })),
  }
  const { conditions } = summaryOf([reading(bundle), reading('no FHIR'), reading(null)])
  expect(conditions.map(({ what, isOver }) => [what, isOver])).toEqual([
    ['Asthma', false],
    ['Pneumonia', true],
  ])
})

test('one test in two units is one test, found by its name, the beginning of it, or a code', () => {
  const { tests } = summaryOf([
    reading(glucose('2345-7', '2024-05-01')),
    reading(glucose('14749-6', '2024-06-01')),
    reading(glucose('14749-6', '2024-07-01', { status: 'cancelled' })),
  ])
  expect(tests).toHaveLength(1)
  expect(tests[0]?.rows.map(({ when }) => when)).toEqual(['2024-06-01', '2024-05-01'])
  for (const typed of ['glucose', 'Glu', '2345-7', ' 14749-6 ']) expect(testNamed(tests, typed)).toBe(tests[0])
  for (const typed of ['', 'sodium', '2951-2']) expect(testNamed(tests, typed)).toBeNull()
})

test('a window counts days back from now, and what has no date only where any will do', () => {
  const [found] = summaryOf([
    reading(glucose('2345-7', '2024-05-01')),
    reading(glucose('2345-7', '2024-06-20')),
    reading({ ...glucose('2345-7', ''), effectiveDateTime: undefined }),
  ]).tests
  if (found === undefined) throw new Error('there is one test')
  const nowMs = Date.parse('2024-07-01T12:00:00Z')
  expect([within(found, 'month', nowMs), within(found, 'quarter', nowMs), within(found, 'always', nowMs)]).toHaveLength(
    3,
  )
  expect(within(found, 'month', nowMs).map(({ when }) => when)).toEqual(['2024-06-20'])
  expect(within(found, 'quarter', nowMs)).toHaveLength(2)
  expect(within(found, 'always', nowMs)).toHaveLength(3)
})

test('a person is named only where all resources agree', () => {
  const patient = (text: string) => reading({ resourceType: 'Patient', name: [{ text }], birthDate: '1971-04-09' })
  expect(summaryOf([patient('Ines'), patient('Ines')]).person).toEqual({ name: 'Ines', birthDate: '1971-04-09' })
  expect(summaryOf([patient('Ines'), patient('Mara')]).person).toBeNull()
})

test('what is opened by itself is bounded, and begins with what must not be overlooked', () => {
  const many = Array.from({ length: 100 }, (_, place) => record({ recordId: String(place).padStart(32, '0') }))
  expect(firstOf(many)).toHaveLength(FIRST_RECORDS_MAX)
  const large = record({ category: 'documents', sizeBytes: FIRST_BYTES_MAX })
  const allergy = record({ category: 'summary', recordId: '2'.repeat(32) })
  expect(firstOf([large, ...many, allergy])[0]).toBe(allergy)
  expect(firstOf([large, allergy])).toEqual([allergy])
  expect(readable([large, allergy, record({ mediaType: 'text/plain' }), record({ isDamaged: true })])).toEqual([
    allergy,
    large,
  ])
})

const sugar = (minute: number, value: number | null, more: object = {}) =>
  readingOf({
    timeMs: Date.parse('2024-06-01T08:00:00Z') + minute * 60_000,
    offsetMinutes: 345,
    code: '14749-6',
    unit: 'mmol/L',
    value,
    device: 'Meter',
    ...more,
  })
const posting = (measured: ReturnType<typeof sugar>[]) => ({ record: record(), json: null, measured })

test('what a device measured is a result of the same test, newest first, where and as it was measured', () => {
  const { tests } = summaryOf([
    reading(glucose('2345-7', '2024-05-01')),
    posting([sugar(0, 5), sugar(1, 6, { flags: ['moved'] })]),
    posting([sugar(2, 7), sugar(3, 90, { flags: ['calibration'] }), sugar(4, null)]),
  ])
  expect(tests).toHaveLength(1)
  expect(tests[0]?.rows.map(({ value, when }) => [value, when])).toEqual([
    ['7 mmol/L', '2024-06-01T13:47:00+05:45'],
    ['6 mmol/L', '2024-06-01T13:46:00+05:45'],
    ['5 mmol/L', '2024-06-01T13:45:00+05:45'],
    ['5 mmol/L', '2024-05-01'],
  ])
  expect(tests[0]?.rows[1]?.detail).toBe('moved during the measurement')
})

test('many readings of one posting are one row, which says between what they lie', () => {
  const many = Array.from({ length: ROWS_MAX + 1 }, (_, minute) => sugar(minute, 4 + minute))
  const rows = summaryOf([posting(many)]).tests.flatMap((one) => one.rows)
  expect(rows.map(({ value, detail }) => [value, detail])).toEqual([
    ['14 mmol/L', 'newest of 11 readings, 4 to 14 mmol/L'],
  ])
})

test('of what devices sent the newest is read, so much of it, after everything else', () => {
  const sent = (day: number, over: Partial<RecordSummary> = {}) =>
    record({
      mediaType: SEGMENT_MEDIA_TYPE,
      recordId: String(day).padStart(32, '0'),
      clinicalDate: new Date(day * 86_400_000).toISOString(),
      ...over,
    })
  const many = Array.from({ length: POSTINGS_MAX + 5 }, (_, place) => sent(place))
  const { taken, left } = newestPostings([...many, record()])
  expect([taken.length, taken[0], left]).toEqual([POSTINGS_MAX, many.at(-1), 5])
  const lab = record()
  expect(readable([...many, lab])[0]).toBe(lab)
  const large = [1, 2, 3].map((day) => sent(day, { sizeBytes: POSTINGS_BYTES_MAX / 2 }))
  expect(newestPostings(large)).toEqual({ taken: [large[2], large[1]], left: 1 })
})
