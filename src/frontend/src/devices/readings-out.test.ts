import { readingOf, readingsOfObservation } from '@medguard/readings'
import { expect, test } from 'vitest'
import { readingsBundle, readingsTable } from './readings-out.ts'

const TIME_MS = Date.UTC(2026, 4, 1, 6)
const pulse = readingOf({
  timeMs: TIME_MS,
  clockMs: TIME_MS + 7_200_000,
  offsetMinutes: 120,
  code: '8867-4',
  unit: '/min',
  value: 62,
  device: '=HYPERLINK("x"), "Band"',
})
const pressure = readingOf({
  timeMs: TIME_MS + 60_000,
  clockMs: TIME_MS + 60_000,
  code: '85354-9',
  unit: 'mm[Hg]',
  value: null,
  components: [
    { code: '8480-6', value: 121 },
    { code: '8462-4', value: 79 },
  ],
  device: 'Cuff',
})

test('a table has a line for each value, with the clock of where it was measured, and no formula', () => {
  expect(readingsTable([pulse, pressure]).split('\r\n')).toEqual([
    'time,code,value,unit,device,flags',
    `2026-05-01T08:00:00+02:00,8867-4,62,/min,"'=HYPERLINK(""x""), ""Band""",`,
    '2026-05-01T06:01:00Z,8480-6,121,mm[Hg],Cuff,',
    '2026-05-01T06:01:00Z,8462-4,79,mm[Hg],Cuff,',
  ])
})

test('a bundle has an Observation for each reading, which is read again as the same', () => {
  const { resourceType, entry } = JSON.parse(readingsBundle([pulse, pressure], 0)) as {
    resourceType: string
    entry: { resource: unknown }[]
  }
  expect(resourceType).toBe('Bundle')
  const again = entry.map(({ resource }) => readingsOfObservation(resource, 'none'))
  expect(again).toMatchObject([
    { readings: [{ timeMs: TIME_MS, value: 62, unit: '/min' }] },
    { readings: [{ components: [{ value: 121 }, { value: 79 }] }] },
  ])
})
