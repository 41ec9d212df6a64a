import type { Profile, RecordSummary } from '@medguard/client'
import { readingOf, SEGMENT_MEDIA_TYPE, summaryOf } from '@medguard/readings'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { listedRecord } from '../records/listed-record.fixture.ts'
import { POSTINGS_MAX, type Reading } from '../summary/readings.ts'
import { firstPage, LINES, TEXT_CHARS_MAX } from './first-page.ts'
import { documentsOf, FIRST_CHOICE, firstDay, type ReportChoice, SECTIONS, toOpen } from './report-choice.ts'
import { reportOf, type ReportRow } from './report.ts'

const NOW = new Date(2026, 10, 22, 9).getTime()
const fhir = 'application/fhir+json'
let ids = 0
const record = (over: Partial<RecordSummary> = {}) =>
  listedRecord(String(++ids).padStart(32, '0'), { title: 'Record', mediaType: fhir, sizeBytes: 100, ...over })
const lab = (value: number, day: string, more: object = {}): Reading => ({
  record: record({ clinicalDate: day }),
  json: {
    resourceType: 'Observation',
    status: 'final',
    code: { coding: [{ system: 'http://loinc.org', code: '2345-7' }], text: 'Glucose' },
    effectiveDateTime: day,
    valueQuantity: { value, unit: 'mg/dL', code: 'mg/dL' },
    referenceRange: [{ low: { value: 70 }, high: { value: 100 } }],
    interpretation: [{ coding: [{ code: 'H' }] }],
    ...more,
  },
})
const weight = (value: number, day: string): Reading => ({
  record: record({ category: 'vitals', clinicalDate: day }),
  json: {
    resourceType: 'Observation',
    code: { coding: [{ system: 'http://loinc.org', code: '29463-7' }], text: 'Weight' },
    effectiveDateTime: day,
    valueQuantity: { value, unit: 'kg', code: 'kg' },
  },
})
const condition = (text: string, status: string): Reading => ({
  record: record({ category: 'summary', author: 'Dr Novák' }),
  json: { resourceType: 'Condition', code: { text }, clinicalStatus: { coding: [{ code: status }] } },
})
const make = (readings: readonly Reading[], more: { choice?: Partial<ReportChoice>; profile?: Profile } = {}) =>
  reportOf({
    readings,
    records: readings.map((reading) => reading.record),
    profile: more.profile ?? {},
    choice: { ...FIRST_CHOICE, ...more.choice },
    nowMs: NOW,
  })

describe('what is opened', () => {
  const all = [
    record({ category: 'summary' }),
    record({ category: 'medicines' }),
    record({ clinicalDate: '2020-01-01' }),
    record({ clinicalDate: '2026-10-01' }),
    record({ category: 'sensitive' }),
    record({ category: 'imaging', mediaType: 'application/dicom' }),
    record({ mediaType: 'application/pdf', title: 'Letter', category: 'documents', clinicalDate: '2026-01-05' }),
    record({ mediaType: 'application/pdf', title: 'Secret', category: 'sensitive' }),
  ]
  const opened = (change: Partial<ReportChoice>) =>
    toOpen(all, { ...FIRST_CHOICE, ...change }, NOW).map(({ category }) => category)

  test('only kinds that were chosen, of the period where one counts, and nothing sensitive unless it is ticked', () => {
    expect(opened({})).toEqual(['summary', 'medicines', 'labs'])
    expect(opened({ sections: ['results'] })).toEqual(['summary', 'labs'])
    expect(opened({ sections: ['results'], period: 'always' })).toEqual(['summary', 'labs', 'labs'])
    expect(opened({ sections: ['documents', 'contacts'], withSensitive: true })).toEqual([])
    expect(opened({ sections: ['allergies'], withSensitive: true })).toEqual(['summary', 'sensitive'])
  })

  test('files are listed by their titles, sensitive ones only when ticked', () => {
    const titles = (change: Partial<ReportChoice>) =>
      documentsOf(all, { ...FIRST_CHOICE, ...change }, NOW).map(({ title }) => title)
    expect(titles({})).toEqual(['Letter', 'Record'])
    expect(titles({ period: 'quarter' })).toEqual(['Record']) // of no known day
    expect(titles({ withSensitive: true })).toContain('Secret')
    expect(titles({ sections: ['allergies'] })).toEqual([])
  })

  test('a period ends on a day that there is', () => {
    expect(firstDay('quarter', new Date(2026, 4, 31, 12).getTime())).toBe('2026-02-28')
    expect(firstDay('year', new Date(2024, 1, 29, 12).getTime())).toBe('2023-02-28')
    expect(firstDay('always', NOW)).toBeNull()
  })
})

describe('what it says', () => {
  test('the last result with its range, its flag, and the one before it in the period', () => {
    const { first, details } = make([lab(90, '2026-01-05'), lab(126, '2026-11-01'), lab(80, '2020-01-01')])
    const [part] = first
    expect(part).toMatchObject({ section: 'results', more: 0 })
    expect(part?.rows).toHaveLength(1)
    expect(part?.rows[0]).toMatchObject({
      what: 'Glucose',
      value: '6.994 mmol/L',
      flag: 'high',
      trend: { way: 'up', from: '4.996 mmol/L' },
    })
    expect(part?.rows[0]?.detail).toContain('3.885 mmol/L')
    // In the details as they were written.
    expect(details.map(({ section, rows }) => [section, rows.map(({ value }) => value)])).toEqual([
      ['results', ['126 mg/dL', '90 mg/dL']],
    ])
  })

  test('an arrow needs a value before it in the period, and shown numbers that differ', () => {
    expect(make([lab(126, '2026-11-01'), lab(80, '2020-01-01')]).first[0]?.rows[0]?.trend).toBeNull()
    expect(make([lab(90.0001, '2026-11-01'), lab(90, '2026-10-01')]).first[0]?.rows[0]?.trend?.way).toBe('same')
  })

  test('two different values of one moment, and words, stand as they were written', () => {
    const [part] = make([lab(126, '2026-11-01'), lab(90, '2026-11-01')]).first
    expect(part?.rows[0]).toMatchObject({ value: '126 mg/dL', trend: null })
    const words = lab(1, '2026-11-01', { valueQuantity: undefined, valueString: 'negative', interpretation: [] })
    expect(make([lab(90, '2026-10-01'), words]).first[0]?.rows[0]).toMatchObject({ value: 'negative', trend: null })
  })

  test('in the units of choice', () => {
    const { first } = make([weight(70, '2026-11-01')], { profile: { units: 'imperial' } })
    expect(first[0]).toMatchObject({ section: 'vitals', rows: [{ value: '154.3 lb' }] })
  })

  test('what a device sent is there in the units of choice, with the one before it, in its period only', () => {
    const scale = (value: number, day: string): Reading => {
      const timeMs = new Date(`${day}T07:00:00`).getTime()
      const measured = [readingOf({ timeMs, code: '29463-7', unit: 'kg', value, device: 'Scale' })]
      const of = record({ mediaType: SEGMENT_MEDIA_TYPE, category: 'vitals', readings: { ...summaryOf(measured) } })
      return { record: of, json: null, measured }
    }
    const sent = [scale(69, '2020-11-01'), scale(70, '2026-11-01'), scale(71, '2026-11-08')]
    const report = make(sent, { profile: { units: 'imperial' } })
    expect(report.first).toMatchObject([
      { section: 'vitals', rows: [{ what: 'Weight', value: '156.5 lb', trend: { way: 'up', from: '154.3 lb' } }] },
    ])
    expect(report.postingsLeft).toBe(0)
    const records = sent.map((each) => each.record)
    expect(toOpen(records, { ...FIRST_CHOICE, sections: ['results'] }, NOW)).toHaveLength(2)
    expect(toOpen(records, { ...FIRST_CHOICE, sections: ['medicines', 'documents'] }, NOW)).toEqual([])
    expect(documentsOf(records, FIRST_CHOICE, NOW)).toEqual([])
    const many = Array.from({ length: POSTINGS_MAX + 2 }, () => scale(70, '2026-11-01'))
    expect(make(many).postingsLeft).toBe(2)
  })

  test('what is over is in the details only; what is empty and what is left out is named', () => {
    const report = make([condition('Asthma', 'active'), condition('Pneumonia', 'resolved')], {
      choice: { sections: ['conditions', 'allergies'], notes: ' Cough at night ' },
      profile: { name: 'Ines', birthDate: '1971-04-09', bloodGroup: 'A+' },
    })
    expect(report.first.map(({ rows }) => rows.map(({ what }) => what))).toEqual([['Asthma']])
    expect(report.details.map(({ rows }) => rows.map(({ what, isOver }) => [what, isOver]))).toEqual([
      [
        ['Asthma', false],
        ['Pneumonia', true],
      ],
    ])
    expect(report.details[0]?.rows[0]?.detail).toContain('Dr Novák')
    expect(report).toMatchObject({ name: 'Ines', notes: 'Cough at night', empty: ['allergies'], count: 2 })
    expect(report.leftOut).toEqual(SECTIONS.filter((one) => one !== 'conditions' && one !== 'allergies'))
  })

  test('a list that stands whole on the first page is not printed twice', () => {
    expect(make([condition('Asthma', 'active')]).details).toEqual([])
  })
})

describe('the first page', () => {
  const row = (what: string, detail: string | null = null): ReportRow => ({
    what,
    detail,
    value: null,
    flag: null,
    trend: null,
    when: null,
    isOver: false,
  })

  test('never has more lines than there are, whatever there is to say; what matters most loses least', () => {
    fc.assert(
      fc.property(
        fc.array(fc.array(fc.string({ maxLength: 300 }), { minLength: 1, maxLength: 60 }), {
          minLength: 1,
          maxLength: SECTIONS.length,
        }),
        (lists) => {
          const parts = lists.map((texts, i) => ({
            section: SECTIONS[i] ?? 'allergies',
            rows: texts.map((text) => row('x', text)),
          }))
          const shown = firstPage(parts)
          expect(shown.map(({ section }) => section)).toEqual(parts.map(({ section }) => section))
          let lines = 3 * shown.length
          for (const [i, { rows, more }] of shown.entries()) {
            expect(rows.length + more).toBe(parts[i]?.rows.length)
            for (const { detail } of rows) {
              expect(Array.from(detail ?? '').length).toBeLessThanOrEqual(Math.max(TEXT_CHARS_MAX, detail?.length ?? 0))
              lines += Math.ceil((4 + Array.from(detail ?? '').length) / 40)
            }
          }
          expect(lines).toBeLessThanOrEqual(LINES)
        },
      ),
    )
    const many = SECTIONS.map((section) => ({ section, rows: Array.from({ length: 50 }, () => row('Something')) }))
    const count = new Map(firstPage(many).map(({ section, rows }) => [section, rows.length]))
    expect(count.get('allergies')).toBeGreaterThan(count.get('documents') ?? 0)
    expect(firstPage(many).every(({ rows, more }) => rows.length > 0 && more > 0)).toBe(true)
  })

  test('a long text is cut there, and says so', () => {
    const [part] = firstPage([{ section: 'medicines', rows: [row('Prednisone', 'a '.repeat(100))] }])
    expect(part).toMatchObject({ isShortened: true })
    expect(part?.rows[0]?.detail).toMatch(/…$/)
  })
})
