import type { RecordSummary } from '@medguard/client'
import { BLOOD_PRESSURE, readingOf, summaryOf } from '@medguard/readings'
import { expect, test } from 'vitest'
import { listedLimit, listedReadings } from '../records/listed-record.fixture.ts'
import { shapeOf } from './device-days.ts'
import { lastText, latestOf } from './latest.ts'

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
  return listedReadings(String(made++), readings, {
    deviceId: 'aa',
    postedNs: BigInt(lastMs) * 1_000_000n,
    ...more,
  })
}
const look = (records: readonly RecordSummary[]) => latestOf(records, { nowMs: NOW, category: 'vitals', sending: null })
const every5 = (fromMs: number, untilMs: number) =>
  Array.from({ length: Math.floor((untilMs - fromMs) / (5 * MINUTE)) + 1 }, (_, i) =>
    posting(fromMs + i * 5 * MINUTE, [90 + (i % 4)]),
  )

test('the newest value of each measure, in its usual unit, with the postings of a day', () => {
  const older = posting(NOW - 30 * 60 * MINUTE, [180.16])
  const facts = look([posting(NOW - 5 * MINUTE, [90.08, 108.096]), older])
  expect(facts.measures).toMatchObject([{ unit: 'mmol/L', last: 6, atMs: NOW - 5 * MINUTE }])
  expect(facts.measures[0]?.spans).toMatchObject([
    { fromMs: NOW - 10 * MINUTE, toMs: NOW - 5 * MINUTE, min: 5, max: 6 },
  ])
  expect(facts).toMatchObject({ lastMs: NOW - 5 * MINUTE, gaps: [], alerts: [], unreadable: 0 })
})

test('the newest value is told in the unit in which its reader reads the measure', () => {
  const kg = summaryOf([readingOf({ timeMs: NOW, code: '29463-7', unit: 'kg', value: 70, device: 'Scale' })])
  const [line] = look([posting(NOW, [90], { readings: { ...kg } })]).measures
  if (line === undefined) throw new Error('there is one measure')
  expect([lastText(line, 'imperial'), lastText(line, 'metric'), lastText(line, undefined)]).toEqual([
    '154.3 lb',
    '70 kg',
    '70 kg',
  ])
  expect(lastText({ ...line, measure: null, unit: 'hand' }, 'imperial')).toBe('70 hand')
})

test('a blood pressure is told as it is spoken: the upper value, then the lower one', () => {
  const pressure = readingOf({
    timeMs: NOW,
    code: BLOOD_PRESSURE,
    unit: 'mm[Hg]',
    components: [
      { code: '8462-4', value: 81 },
      { code: '8480-6', value: 128 },
    ],
    device: 'Cuff',
  })
  const posted = posting(NOW, [90], { readings: { ...summaryOf([pressure]) } })
  expect(look([posted]).measures.map(({ measure, last }) => [measure?.id, last])).toEqual([
    ['systolic', 128],
    ['diastolic', 81],
  ])
  expect(shapeOf({ records: [posted] })).toMatchObject({ code: '8480-6', min: 128 })
})

test('what crossed a limit, who is silent and whose clock is wrong is told as alerts are, also where only headers are known', () => {
  const limit = listedLimit(NOW, { code: '99504-3', unit: 'mg/dL', above: 140 })
  const all = [...every5(NOW - 120 * MINUTE, NOW - 40 * MINUTE), posting(NOW - 35 * MINUTE, [180])]
  const alerts = (records: readonly RecordSummary[]) =>
    look(records).alerts.map(({ matter, isNow }) => [matter, isNow] as const)
  expect(Object.fromEntries(alerts([...all, limit]))).toEqual({ above: true, silent: true })
  expect(alerts(all)).toEqual([['silent', true]])
  const ahead = posting(NOW + 3 * 60 * MINUTE, [90], { postedNs: BigInt(NOW) * 1_000_000n })
  expect(alerts([ahead])).toEqual([['clockWrong', true]])
})

test('gaps of a day, the longest first, also between postings of many readings', () => {
  const some = [...every5(NOW - 300 * MINUTE, NOW - 200 * MINUTE), ...every5(NOW - 100 * MINUTE, NOW - 60 * MINUTE)]
  const gaps = look([...some, ...every5(NOW - 30 * MINUTE, NOW)]).gaps
  expect(gaps).toMatchObject([{ fromMs: NOW - 200 * MINUTE, toMs: NOW - 100 * MINUTE, missing: 19 }, { missing: 5 }])
  const batches = [NOW - 180 * MINUTE, NOW - 120 * MINUTE, NOW].map((ms) => posting(ms, Array<number>(12).fill(90)))
  expect(look(batches).gaps).toMatchObject([{ fromMs: NOW - 120 * MINUTE, toMs: NOW - 55 * MINUTE }])
})

test('remarks, and what says nothing that can be read', () => {
  const summary = { ...posting(NOW, [90, 91]).readings, flagged: 2 }
  expect(look([posting(NOW, [1], { readings: summary })]).remarked).toBe(2)
  const hostile = { ...summary, count: Number.MAX_SAFE_INTEGER }
  expect(look([posting(NOW, [1], { readings: hostile })]).measures).toHaveLength(1)
  expect(look([posting(NOW, [1], { readings: { codes: 'many' } })])).toMatchObject({
    unreadable: 1,
    lastMs: null,
  })
  expect(look([posting(NOW, [1], { mediaType: 'text/plain' })])).toMatchObject({ unreadable: 0, measures: [] })
})
