import type { RecordSummary } from '@medguard/client'
import { readingOf, SEGMENT_MEDIA_TYPE, summaryOf } from '@medguard/readings'
import { expect, test } from 'vitest'
import { latestOf } from './latest.ts'

const MINUTE = 60_000
const NOW = Date.UTC(2026, 4, 1, 12)

let made = 0
/** A posting of some values, one each so many minutes, up to a moment. */
function posting(lastMs: number, values: readonly number[], more: Partial<RecordSummary> = {}): RecordSummary {
  const readings = values.map((value, i) =>
    readingOf({
      timeMs: lastMs - (values.length - 1 - i) * 5 * MINUTE,
      value,
      code: '99504-3',
      unit: 'mg/dL',
      device: 'Sensor',
    }),
  )
  return {
    vault: { of: 'grant', grantId: 'g' },
    recordId: String(made++),
    version: 1,
    category: 'vitals',
    title: 'Readings',
    fileName: null,
    mediaType: SEGMENT_MEDIA_TYPE,
    clinicalDate: null,
    author: null,
    subject: null,
    sizeBytes: 1,
    addedNs: null,
    deviceId: 'aa',
    readings: { ...summaryOf(readings) },
    ...more,
  }
}
const every5 = (fromMs: number, untilMs: number) =>
  Array.from({ length: Math.floor((untilMs - fromMs) / (5 * MINUTE)) + 1 }, (_, i) =>
    posting(fromMs + i * 5 * MINUTE, [90 + (i % 4)]),
  )

test('the newest value of each measure, in its usual unit, with the postings of a day', () => {
  const older = posting(NOW - 30 * 60 * MINUTE, [180.16])
  const facts = latestOf([posting(NOW - 5 * MINUTE, [90.08, 108.096]), older], NOW)
  expect(facts.measures).toMatchObject([{ unit: 'mmol/L', last: 6, atMs: NOW - 5 * MINUTE }])
  expect(facts.measures[0]?.spans).toMatchObject([
    { fromMs: NOW - 10 * MINUTE, toMs: NOW - 5 * MINUTE, min: 5, max: 6 },
  ])
  expect(facts).toMatchObject({ lastMs: NOW - 5 * MINUTE, gaps: [], silent: null, aheadMs: null, unreadable: 0 })
})

test('a device is silent where it usually would have sent, and where nothing is usual nobody is', () => {
  const all = every5(NOW - 120 * MINUTE, NOW - 20 * MINUTE)
  expect(latestOf(all, NOW - 20 * MINUTE).silent).toBeNull()
  expect(latestOf(all, NOW).silent).toEqual({ sinceMs: NOW - 20 * MINUTE, everyMs: 5 * MINUTE })
  expect(latestOf(all.slice(0, 3), NOW).silent).toBeNull()
  // Another one that goes on sending does not speak for it.
  const other = every5(NOW - 60 * MINUTE, NOW).map((one) => ({ ...one, deviceId: 'bb' }))
  expect(latestOf([...all, ...other], NOW).silent).toMatchObject({ sinceMs: NOW - 20 * MINUTE })
})

test('gaps of a day, the longest first, also between postings of many readings', () => {
  const some = [...every5(NOW - 300 * MINUTE, NOW - 200 * MINUTE), ...every5(NOW - 100 * MINUTE, NOW - 60 * MINUTE)]
  const gaps = latestOf([...some, ...every5(NOW - 30 * MINUTE, NOW)], NOW).gaps
  expect(gaps).toMatchObject([{ fromMs: NOW - 200 * MINUTE, toMs: NOW - 100 * MINUTE, missing: 19 }, { missing: 5 }])
  const batches = [NOW - 180 * MINUTE, NOW - 120 * MINUTE, NOW].map((ms) => posting(ms, Array<number>(12).fill(90)))
  expect(latestOf(batches, NOW).gaps).toMatchObject([{ fromMs: NOW - 120 * MINUTE, toMs: NOW - 55 * MINUTE }])
})

test('a clock that is ahead, remarks, and what says nothing that can be read', () => {
  const ahead = posting(NOW + 3 * 60 * MINUTE, [90])
  expect(latestOf([ahead], NOW)).toMatchObject({ aheadMs: 3 * 60 * MINUTE, silent: null })
  const summary = { ...posting(NOW, [90, 91]).readings, flagged: 2 }
  expect(latestOf([posting(NOW, [1], { readings: summary })], NOW).remarked).toBe(2)
  const hostile = { ...summary, count: Number.MAX_SAFE_INTEGER }
  expect(latestOf([posting(NOW, [1], { readings: hostile })], NOW).measures).toHaveLength(1)
  expect(latestOf([posting(NOW, [1], { readings: { codes: 'many' } })], NOW)).toMatchObject({
    unreadable: 1,
    lastMs: null,
  })
  expect(latestOf([posting(NOW, [1], { mediaType: 'text/plain' })], NOW)).toMatchObject({ unreadable: 0, measures: [] })
})
