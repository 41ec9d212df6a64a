import type { RecordSummary } from '@medguard/client'
import { readingOf, summaryOf } from '@medguard/readings'
import { expect, test } from 'vitest'
import { listedReadings } from '../records/listed-record.fixture.ts'
import { chosenOf } from './readings-chosen.ts'

const DAY = 86_400_000
const NOON = new Date(2026, 4, 1, 12).getTime()

/** What came on a day, with what its header says of how much it is. */
function ofDay(day: number, count: number, more: Partial<RecordSummary> = {}): RecordSummary {
  const reading = readingOf({ timeMs: NOON + day * DAY, value: 61, code: '8867-4', unit: '/min', device: 'Watch' })
  return listedReadings(`day ${day}`, [reading], { readings: { ...summaryOf([reading]), count }, ...more })
}
const ids = (chosen: ReturnType<typeof chosenOf>) => chosen.records.map(({ recordId }) => recordId)
const EVER = { from: '', until: '' }

test('the newest readings as many as may be drawn, and how many there are', () => {
  const records = [0, 1, 2, 3].map((day) => ofDay(day, 400))
  expect(chosenOf(records, EVER)).toMatchObject({ count: 1_600, all: 1_600, fromMs: NOON })
  const some = chosenOf(records, EVER, 1_000)
  expect(ids(some)).toEqual(['day 3', 'day 2'])
  expect(some).toMatchObject({ count: 800, all: 1_600, fromMs: NOON + 2 * DAY })
  expect(ids(chosenOf(records, EVER, 10))).toEqual(['day 3']) // one that is larger by itself is there all the same
})

test('days are both included, and what says nothing of its time is of every day', () => {
  const records = [...[0, 1, 2, 3].map((day) => ofDay(day, 400)), ofDay(9, 1, { recordId: 'mute', readings: {} })]
  expect(ids(chosenOf(records, { from: '2026-05-02', until: '2026-05-03' }))).toEqual(['day 2', 'day 1', 'mute'])
  expect(ids(chosenOf(records, { from: '2026-05-04', until: '' }))).toEqual(['day 3', 'mute'])
  expect(ids(chosenOf(records, { from: '', until: '2026-04-30' }))).toEqual(['mute'])
})

test('a header that claims any number keeps nothing else out but by what a record can hold', () => {
  const liar = ofDay(5, Number.MAX_SAFE_INTEGER, { recordId: 'liar' })
  expect(chosenOf([ofDay(0, 400), liar], EVER)).toMatchObject({ count: 20_400, all: 20_400 })
})
