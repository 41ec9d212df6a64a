import { readingOf } from '@medguard/readings'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Json } from '../records/json-paths.ts'
import { factsOf, seriesIn, seriesOf, thinned } from './series.ts'

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

test('what devices measure in units of their own joins the rest', () => {
  const pressure = (code: string, value: number, day: string): Json => ({
    resourceType: 'Observation',
    code: { coding: [{ system: 'http://loinc.org', code: '8480-6' }], text: 'Upper' },
    effectiveDateTime: day,
    valueQuantity: { value, code },
  })
  const [series, ...others] = seriesOf([pressure('kPa', 16, '2024-05-01'), pressure('mm[Hg]', 118, '2024-05-02')])
  expect([others, series?.unit, series?.points.map(({ value }) => Math.round(value))]).toEqual([[], 'mmHg', [120, 118]])
})

test('what devices sent joins what stands in records: once, whoever told it, and without their calibration', () => {
  const timeMs = Date.UTC(2024, 4, 3)
  const sugar = { timeMs, code: '2339-0', unit: 'mg/dL', value: 90.08, device: 'Meter' }
  const readings = [
    readingOf(sugar),
    readingOf({ ...sugar, device: 'Phone' }),
    readingOf({ ...sugar, timeMs: timeMs + 1, value: 300, flags: ['calibration'] }),
    readingOf({ ...sugar, timeMs: timeMs + 2, flags: ['deviceError'], value: null }),
  ]
  const [series, ...others] = seriesOf([glucose('15074-8', 'mmol/L', 6, '2024-05-01')], readings)
  expect([others, series?.points.map(({ value }) => Number(value.toFixed(3)))]).toEqual([[], [6, 5]])
  expect(series?.points[1]?.reading).toMatchObject({ source: { device: 'Meter' }, also: ['Phone'] })
})

describe('a chart of very many values', () => {
  const many = (values: readonly number[]) => values.map((value, ms) => ({ ms, value, low: null, high: null }))

  test('has far fewer, and none of the highest or lowest is missing', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer(), { minLength: 1, maxLength: 400 }),
        fc.integer({ min: 1, max: 20 }),
        (values, parts) => {
          const points = many(values)
          const span = { min: 0, max: values.length / 1000 }
          const kept = thinned(points, span, parts)
          expect(kept.length).toBeLessThanOrEqual(Math.max(parts * 4, 4))
          expect(kept.map(({ ms }) => ms)).toEqual(kept.map(({ ms }) => ms).toSorted((a, b) => a - b))
          expect(Math.min(...kept.map(({ value }) => value))).toBe(Math.min(...values))
          expect(Math.max(...kept.map(({ value }) => value))).toBe(Math.max(...values))
          expect([kept[0], kept.at(-1)]).toEqual([points[0], points.at(-1)])
        },
      ),
    )
  })

  test('has all of them closer up, with one more at each side for the line to come from', () => {
    const kept = thinned(many(Array.from({ length: 1000 }, (_, i) => i)), { min: 0.1, max: 0.12 }, 10)
    expect(kept.map(({ value }) => value)).toEqual(Array.from({ length: 22 }, (_, i) => 99 + i))
  })
})
