import { existsSync, readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { readFhir } from './fhir-reading.ts'
import { quantityNumber } from './fhir-values.ts'

const coded = (system: string, code: string, display: string) => ({
  coding: [{ system, code, display }],
  text: display,
})
const HBA1C = {
  resourceType: 'Observation',
  status: 'final',
  code: coded('http://loinc.org', '4548-4', 'Hemoglobin A1c'),
  effectiveDateTime: '2025-05-12T09:00:00+02:00',
  valueQuantity: { value: 6.420000000000001, unit: '%' },
  interpretation: [{ coding: [{ code: 'H' }] }],
  referenceRange: [{ low: { value: 4, unit: '%' }, high: { value: 5.6, unit: '%' } }],
}
const PRESSURE = {
  resourceType: 'Observation',
  code: coded('http://loinc.org', '85354-9', 'Blood pressure'),
  effectiveDateTime: '2025-05-11',
  component: [
    { code: { text: 'Systolic' }, valueQuantity: { value: 128, unit: 'mmHg' } },
    { code: { text: 'Diastolic' }, valueQuantity: { value: 82, code: 'mm[Hg]' } },
    { code: { text: 'Mean' } },
  ],
}
const bundle = (...resources: unknown[]) => ({
  resourceType: 'Bundle',
  type: 'collection',
  entry: resources.map((resource) => ({ resource })),
})
const rowsOf = (json: unknown, type: string) => readFhir(json)?.groups.find((group) => group.type === type)?.rows ?? []

describe('reading FHIR', () => {
  test('a lab result is read with its code, value, unit, flag, range and date', () => {
    expect(rowsOf(HBA1C, 'Observation')).toEqual([
      {
        what: 'Hemoglobin A1c',
        code: 'LOINC 4548-4',
        value: '6.42 %',
        flag: 'high',
        detail: 'Usual range 4 % to 5.6 %',
        when: '2025-05-12T09:00:00+02:00',
        parts: [],
      },
    ])
  })

  test('both numbers of a blood pressure are there, each with its unit', () => {
    expect(rowsOf(PRESSURE, 'Observation')[0]?.parts).toEqual([
      { what: 'Systolic', value: '128 mmHg' },
      { what: 'Diastolic', value: '82 mmHg' },
    ])
  })

  test('a bundle is grouped, allergies before results, newest first', () => {
    const allergy = { resourceType: 'AllergyIntolerance', code: { text: 'Penicillin' }, criticality: 'high' }
    const reading = readFhir(bundle(PRESSURE, HBA1C, { resourceType: 'Basic', code: { text: 'A thing' } }, allergy))
    expect(reading?.groups.map(({ label, rows }) => [label, rows.map(({ what }) => what)])).toEqual([
      ['Allergies and intolerances', ['Penicillin']],
      ['Results and measurements', ['Hemoglobin A1c', 'Blood pressure']],
      ['Basic', ['A thing']],
    ])
    expect(reading?.resourceCount).toBe(4)
  })

  test('the person is named only when there is exactly one', () => {
    const person = {
      resourceType: 'Patient',
      name: [{ given: ['Ada', 'M.'], family: 'Byrne' }],
      birthDate: '1964-04-24',
    }
    expect(readFhir(bundle(person))?.patient).toEqual({ name: 'Ada M. Byrne', birthDate: '1964-04-24' })
    expect(readFhir(bundle(person, person))?.patient).toBeNull()
  })

  test('narrative is HTML from elsewhere and is not read', () => {
    const evil = { ...HBA1C, text: { status: 'generated', div: '<div><script>alert(1)</script></div>' } }
    expect(JSON.stringify(readFhir(evil))).not.toContain('script')
  })

  test.each([
    [null],
    [[]],
    ['Bundle'],
    [{}],
    [{ resourceType: 7 }],
    [{ resourceType: '<b>' }],
    [{ resourceType: '__proto__' }],
  ])('%j is no FHIR', (json) => {
    expect(readFhir(json)).toBeNull()
  })

  test('whatever a stranger puts into a resource, reading it does not throw and shows text only', () => {
    const resource = fc
      .record({
        type: fc.constantFrom('Observation', 'Patient', 'Condition', 'MedicationRequest', 'Goal'),
        rest: fc.dictionary(
          fc.constantFrom(
            'code',
            'name',
            'component',
            'interpretation',
            'valueQuantity',
            'referenceRange',
            'dosageInstruction',
            'effectivePeriod',
            'status',
          ),
          fc.jsonValue(),
        ),
      })
      .map(({ type, rest }) => ({ ...rest, resourceType: type }))
    fc.assert(
      fc.property(fc.array(resource), (resources) => {
        const rows = readFhir(bundle(...resources))?.groups.flatMap((group) => group.rows) ?? []
        expect(rows).toHaveLength(resources.length)
        for (const { what, value, detail, when } of rows) {
          expect(typeof what).toBe('string')
          for (const text of [value, detail, when]) expect(text === null || typeof text === 'string').toBe(true)
        }
      }),
    )
  })
})

describe('numbers', () => {
  test.each([
    [6.420000000000001, '6.42'],
    [136.8492, '136.8'],
    [0.00123456, '0.001235'],
    [250_000, '250,000'],
    [1234.5, '1,235'],
    [5.4, '5.4'],
    [-2, '-2'],
  ])('%d is shown as %s', (value, text) => {
    expect(quantityNumber(value)).toBe(text)
  })
})

const SAMPLE = new URL('../../../../../shared/data/fhir/synthea-tressa-bergstrom-1964.json', import.meta.url)

test.skipIf(!existsSync(SAMPLE))(
  'a whole synthetic patient is read without leaving anything out (skipped: no shared data)',
  () => {
    const json: unknown = JSON.parse(readFileSync(SAMPLE, 'utf8'))
    const reading = readFhir(json)
    expect(reading?.resourceCount).toBe(451)
    expect(reading?.groups.reduce((sum, { rows }) => sum + rows.length, 0)).toBe(451)
    const results = reading?.groups.find(({ type }) => type === 'Observation')?.rows ?? []
    expect(results.filter(({ value, parts }) => value === null && parts.length === 0)).toEqual([])
    for (const { value } of results) expect(value ?? '').not.toMatch(/\d\.\d{5}/)
  },
)
