import { describe, expect, test } from 'vitest'
import {
  atText,
  clinicalDayText,
  clinicalMs,
  endOfDayMs,
  leftText,
  momentText,
  msOf,
  nsOf,
  relativeDayText,
  sizeText,
} from './dates.ts'

const LONDON = { locale: 'en-GB', timeZone: 'Europe/London' }
const KOLKATA = { locale: 'en-GB', timeZone: 'Asia/Kolkata' }
const at = (text: string) => Date.parse(text)

describe('moments', () => {
  const now = at('2025-05-12T13:00:00Z') // 14:00 in London

  test.each([
    ['2025-05-12T13:02:00Z', '14:02'],
    ['2025-05-13T13:02:00Z', 'tomorrow at 14:02'],
    ['2025-05-11T23:30:00Z', '00:30'],
    ['2025-05-11T22:30:00Z', 'yesterday at 23:30'],
    ['2025-06-30T13:02:00Z', '30 June at 14:02'],
    ['2026-01-02T13:02:00Z', '2 January 2026 at 13:02'],
  ])('%s is %s for somebody in London', (moment, words) => {
    expect(momentText(at(moment), now, LONDON)).toBe(words)
  })

  test.each([
    ['2025-05-12T13:02:00Z', 'at 14:02'],
    ['2025-05-13T13:02:00Z', 'tomorrow at 14:02'],
    ['2025-05-11T22:30:00Z', 'yesterday at 23:30'],
    ['2025-06-30T13:02:00Z', 'on 30 June at 14:02'],
  ])('something happens at %s, which is %s', (moment, words) => {
    expect(atText(at(moment), now, LONDON)).toBe(words)
  })

  test('the same moment belongs to another day in another zone', () => {
    const lateEvening = at('2025-05-12T21:00:00Z')
    expect(relativeDayText(lateEvening, now, LONDON)).toBe('Today')
    expect(relativeDayText(lateEvening, now, KOLKATA)).toBe('13 May 2025')
  })

  test('nanoseconds survive the way to milliseconds and back', () => {
    expect(msOf(nsOf(now))).toBe(now)
    expect(msOf(1_747_054_800_123_999_999n)).toBe(1_747_054_800_123)
  })
})

describe('time left', () => {
  test.each([
    [1, 'less than a minute'],
    [59_999, 'less than a minute'],
    [60_000, '1 minute'],
    [89_999, '1 minute'],
    [59 * 60_000 + 29_999, '59 minutes'],
    [3_599_999, '1 hour'],
    [3_600_000, '1 hour'],
    [47 * 3_600_000, '47 hours'],
    [48 * 3_600_000 - 1, '2 days'],
    [7 * 86_400_000 - 40_000, '7 days'],
    [6.4 * 86_400_000, '6 days'],
    [30 * 86_400_000, '30 days'],
  ])('%d milliseconds are %s', (left, words) => {
    expect(leftText(1_000_000 + left, 1_000_000)).toBe(words)
  })
})

describe('dates of records', () => {
  test('a calendar date stays on its day, whatever the zone', () => {
    const ms = clinicalMs('2025-05-12')
    expect(ms === null ? null : new Date(ms).getDate()).toBe(12)
    expect(clinicalDayText('2025-05-12')).toContain('12')
  })

  test.each([
    ['2012', '2012'],
    ['2012-05', 'May 2012'],
    ['2012-05-12', '12 May 2012'],
    ['2012-05-12T08:30:00+02:00', '12 May 2012'],
  ])('%s is told as precisely as it was written: %s', (date, words) => {
    expect(clinicalDayText(date, LONDON)).toBe(words)
  })

  test.each(['', 'yesterday', '2012-13', '2012-02-30', '12.05.2012', '2012-05-12Tx', '99999'])(
    '%j is no date',
    (text) => {
      expect(clinicalDayText(text)).toBeNull()
    },
  )

  test('a share until a day holds to the end of that day', () => {
    const end = endOfDayMs('2025-06-30')
    expect(end === null ? null : new Date(end).toString()).toBe(new Date(2025, 6, 1).toString())
    expect(endOfDayMs('2025-02-29')).toBeNull()
    expect(endOfDayMs('')).toBeNull()
  })
})

test.each([
  [0, '0 bytes'],
  [1, '1 byte'],
  [999, '999 bytes'],
  [1000, '1 kB'],
  [48_213, '48 kB'],
  [4_249_000, '4.2 MB'],
  [999_600, '1 MB'],
  [1_073_741_824, '1.1 GB'],
])('%d bytes are %s', (bytes, words) => {
  expect(sizeText(bytes)).toBe(words)
})
