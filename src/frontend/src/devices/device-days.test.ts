import type { RecordSummary } from '@medguard/client'
import { readingOf, SEGMENT_MEDIA_TYPE, summaryOf, summaryToJson } from '@medguard/readings'
import { expect, test } from 'vitest'
import { collapsed, shapeOf } from './device-days.ts'

const [CUFF, BAND] = ['c0'.repeat(16), 'ba'.repeat(16)]
const pulse = (timeMs: number, value: number) =>
  readingOf({ timeMs, value, code: '8867-4', unit: '/min', device: 'Band' })

const record = (recordId: string, clinicalDate: string, more: Partial<RecordSummary> = {}): RecordSummary => ({
  vault: { of: 'me' },
  recordId,
  version: 1,
  category: 'vitals',
  title: 'Readings',
  fileName: null,
  mediaType: SEGMENT_MEDIA_TYPE,
  clinicalDate,
  author: null,
  subject: null,
  sizeBytes: 100,
  addedNs: null,
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

test('what is no summary says nothing', () => {
  expect(shapeOf({ records: [record('a', '2025-03-02', { readings: { codes: 'many' } })] })).toBeNull()
  expect(shapeOf({ records: [record('a', '2025-03-02')] })).toBeNull()
})
