import type { RecordSummary } from '@medguard/client'
import {
  BLOOD_PRESSURE,
  DIASTOLIC,
  readingOf,
  SEGMENT_MEDIA_TYPE,
  summaryOf,
  summaryToJson,
  SYSTOLIC,
} from '@medguard/readings'
import { expect, test } from 'vitest'
import { listedRecord } from '../records/listed-record.fixture.ts'
import { collapsed, shapeOf, shapeText, standsFor } from './device-days.ts'
import { healthOf } from './device-health.ts'

const [CUFF, BAND] = ['c0'.repeat(16), 'ba'.repeat(16)]
const pulse = (timeMs: number, value: number) =>
  readingOf({ timeMs, value, code: '8867-4', unit: '/min', device: 'Band' })

const record = (recordId: string, clinicalDate: string, more: Partial<RecordSummary> = {}): RecordSummary =>
  listedRecord(recordId, {
    category: 'vitals',
    title: 'Readings',
    mediaType: SEGMENT_MEDIA_TYPE,
    clinicalDate,
    ...more,
  })
const said = (...values: readonly [number, number][]) => ({
  readings: JSON.parse(summaryToJson(summaryOf(values.map(([ms, value]) => pulse(ms, value))))) as Record<
    string,
    unknown
  >,
})

test('what one device posted on one day is one line, where the first of it stood; nothing else is put together', () => {
  const records = [
    record('a', '2025-03-02T21:00:00Z', { deviceId: CUFF }),
    record('b', '2025-03-02T20:00:00Z', { deviceId: BAND }),
    record('note', '2025-03-02', { mediaType: 'text/plain', deviceId: CUFF }),
    record('c', '2025-03-02T08:00:00Z', { deviceId: CUFF }),
    record('file', '2025-03-02'),
    record('d', '2025-03-01T08:00:00Z', { deviceId: CUFF }),
  ]
  const { lines, days } = collapsed(records)
  expect(lines.map(({ recordId }) => recordId)).toEqual(['a', 'b', 'note', 'file', 'd'])
  expect([...days].map(([id, { deviceId, day, records: own }]) => [id, deviceId, day, own.length])).toEqual([
    ['a', CUFF, '2025-03-02', 2],
    ['b', BAND, '2025-03-02', 1],
    ['d', CUFF, '2025-03-01', 1],
  ])
  // Where records are picked, a line is all that it stands for, and every record stands in one.
  expect(lines.map((line) => standsFor(line, days).map(({ recordId }) => recordId))).toEqual([
    ['a', 'c'],
    ['b'],
    ['note'],
    ['file'],
    ['d'],
  ])
})

test('the shape of a day is what its postings say of the measure with most readings, oldest first', () => {
  const later = record('a', '2025-03-02', said([5_000, 70], [9_000, 90]))
  const first = record('b', '2025-03-02', said([1_000, 61], [2_000, 59]))
  expect(shapeOf({ records: [later, first] })).toEqual({
    code: '8867-4',
    unit: '/min',
    min: 59,
    max: 90,
    count: 4,
    spans: [
      { fromMs: 1_000, toMs: 2_000, min: 59, max: 61 },
      { fromMs: 5_000, toMs: 9_000, min: 70, max: 90 },
    ],
  })
})

test('what a day says is in the unit in which its reader reads the measure', () => {
  const shape = { code: '29463-7', unit: 'kg', min: 70, max: 71, count: 2, spans: [] }
  expect(shapeText(shape, 'imperial')).toBe('Weight 154.3 to 156.5 lb')
  expect(shapeText(shape, 'metric')).toBe('Weight 70 to 71 kg')
  expect(shapeText({ ...shape, unit: '[lb_av]', min: 154.32, max: 154.32 }, undefined)).toBe('Weight 70 kg')
  expect(shapeText({ ...shape, unit: 'hand', max: 70 }, 'imperial')).toBe('Weight 70 hand') // nothing is guessed
})

test('what is no summary says nothing', () => {
  expect(shapeOf({ records: [record('a', '2025-03-02', { readings: { codes: 'many' } })] })).toBeNull()
  expect(shapeOf({ records: [record('a', '2025-03-02')] })).toBeNull()
})

test('how a device is doing: what it said last, whether it is later than usual, and whether its clock is wrong', () => {
  const hour = 3_600_000
  const startMs = Date.UTC(2025, 2, 2)
  const posts = Array.from({ length: 8 }, (_, i) => {
    const ms = startMs + i * hour
    return record(`p${i}`, '2025-03-02', { ...said([ms, 60 + i]), deviceId: BAND, addedNs: BigInt(ms) * 1_000_000n })
  })
  const health = (hours: number, state: 'active' | 'paused' = 'active', own = posts) =>
    healthOf({ state }, own, startMs + hours * hour, () => [])
  expect(health(8)).toEqual({
    last: { code: '8867-4', unit: '/min', values: [67], ms: startMs + 7 * hour },
    silentMs: null,
    isClockWrong: false,
  })
  expect(health(12)).toMatchObject({ silentMs: startMs + 7 * hour })
  expect(health(12, 'paused')).toMatchObject({ silentMs: null })
  expect(health(8, 'active', [])).toEqual({ last: null, silentMs: null, isClockWrong: false })
  const ahead = record('f', '2025-03-02', { ...said([startMs + 9 * hour, 60]), addedNs: BigInt(startMs) * 1_000_000n })
  expect(health(8, 'active', [ahead])).toMatchObject({ isClockWrong: true })
})

test('the last pressure of a cuff is one value of two', () => {
  const components = [SYSTOLIC, DIASTOLIC].map(({ units }, i) => ({ code: units[0].loinc, value: [138, 86][i] ?? 0 }))
  const reading = readingOf({
    timeMs: 1_710_000_000_000,
    code: BLOOD_PRESSURE,
    unit: 'mm[Hg]',
    device: 'Cuff',
    components,
  })
  const own = [record('p', '2024-03-09', { readings: { ...summaryOf([reading]) }, deviceId: CUFF })]
  expect(healthOf({ state: 'active' }, own, 1_710_000_000_000, () => [])).toMatchObject({
    last: { code: BLOOD_PRESSURE, values: [138, 86], unit: 'mm[Hg]' },
  })
})
