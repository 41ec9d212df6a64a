import { expect, test } from 'vitest'
import type { Json } from '../records/json-paths.ts'
import { factsOf, seriesIn, seriesOf } from './series.ts'

const glucose = (code: string, unit: string, value: number, day: string, more: object = {}): Json => ({
  resourceType: 'Observation',
  status: 'final',
  code: { coding: [{ system: 'http://loinc.org', code }], text: 'Sugar' },
  effectiveDateTime: day,
  valueQuantity: { value, unit, code: unit },
  ...more,
})

test('values of one measure in several units are one series, oldest first, and convert as a whole', () => {
  const range = { referenceRange: [{ low: { value: 70 }, high: { value: 100 } }] }
  const bundle = {
    resourceType: 'Bundle',
    entry: [{ resource: glucose('2345-7', 'mg/dL', 90.08, '2024-05-01', range) }],
  }
  const [series, ...others] = seriesOf([glucose('14749-6', 'mmol/L', 6, '2024-06-01'), bundle])
  if (series === undefined) throw new Error('there are two values')
  expect(others).toEqual([])
  expect(series.points.map(({ value }) => Number(value.toFixed(3)))).toEqual([5, 6])
  expect(series.points[0]?.high).toBeCloseTo(5.55, 2)
  expect(factsOf(series)).toMatchObject({ lowest: series.points[0]?.value, highest: 6, last: { value: 6 } })
  const other = seriesIn(series, 'mg/dL')
  expect([other.unit, other.points.map(({ value }) => Math.round(value))]).toEqual(['mg/dL', [90, 108]])
})

test('nothing is guessed: another unit is another series, and what is no number, no date or a mistake is no point', () => {
  expect(
    seriesOf([
      glucose('2345-7', 'spoons', 3, '2024-05-01'),
      glucose('14749-6', 'mmol/L', 6, '2024-05-01'),
      glucose('14749-6', 'mmol/L', 6, 'once'),
      glucose('14749-6', 'mmol/L', 6, '2024-05-01', { status: 'entered-in-error' }),
      glucose('14749-6', 'mmol/L', 6, '2024-05-01', { valueQuantity: { comparator: '<', value: 5, code: 'mmol/L' } }),
      'no FHIR',
      null,
    ]).map(({ unit, points }) => [unit, points.length]),
  ).toEqual([
    ['mmol/L', 1],
    ['spoons', 1],
  ])
})

test('the two values of a blood pressure are two series', () => {
  const part = (code: string, value: number) => ({
    code: { coding: [{ system: 'http://loinc.org', code }], text: code },
    valueQuantity: { value, code: 'mm[Hg]' },
  })
  const pressure = {
    resourceType: 'Observation',
    code: { text: 'Pressure' },
    effectiveDateTime: '2024-05-01T08:00:00Z',
    component: [part('8480-6', 120), part('8462-4', 80)],
  }
  expect(seriesOf([pressure]).map(({ key, points }) => [key, points[0]?.value])).toEqual([
    ['diastolic', 80],
    ['systolic', 120],
  ])
})
