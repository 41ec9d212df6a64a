import fc from 'fast-check'
import { FLAGS, MEALS, type Reading, readingOf } from './reading.ts'

const MINUTE = 60_000
const START = Date.UTC(2026, 4, 12, 6)
/** Between -1 and 1, the same each time, without a pattern that packing could find: as what is measured is. */
const noise = (i: number, of: number) => {
  let state = (i * 2_654_435_761 + of * 40_503) >>> 0
  state = Math.imul(state ^ (state >>> 16), 0x45d9f3b) >>> 0
  state = Math.imul(state ^ (state >>> 16), 0x45d9f3b) >>> 0
  return ((state ^ (state >>> 16)) >>> 0) / 2 ** 31 - 1
}

/** A sensor under the skin: every five minutes, in mg/dL. */
export const sensorGlucose = (count: number): Reading[] =>
  Array.from({ length: count }, (_, i) =>
    readingOf({
      timeMs: START + i * 5 * MINUTE,
      offsetMinutes: 120,
      code: '99504-3',
      unit: 'mg/dL',
      value: 110 + Math.round(35 * Math.sin(i / 9) + 4 * noise(i, 1)),
      device: 'Sensor 3A41',
      sequence: 1000 + i,
    }),
  )

/** A watch: every few seconds, a bit unevenly. */
export const heartRate = (count: number): Reading[] =>
  Array.from({ length: count }, (_, i) =>
    readingOf({
      timeMs: START + i * 5000 + Math.round(2 + 2 * noise(i, 2)) * 1000,
      offsetMinutes: 120,
      receivedMs: START + i * 5000 + Math.round(2 + 2 * noise(i, 2)) * 1000 + 300 + Math.round(50 + 50 * noise(i, 3)),
      code: '8867-4',
      unit: '/min',
      value: 72 + Math.round(9 * Math.sin(i / 13) + 3 * noise(i, 4)),
      device: 'Watch',
    }),
  )

/** A cuff: morning and evening, at no exact time. */
export const bloodPressure = (count: number): Reading[] =>
  Array.from({ length: count }, (_, i) =>
    readingOf({
      timeMs: START + i * 720 * MINUTE + Math.round(2700 + 2700 * noise(i, 5)) * 1000,
      clockMs: START + i * 720 * MINUTE + Math.round(2700 + 2700 * noise(i, 5)) * 1000 + 120 * MINUTE,
      offsetMinutes: 120,
      receivedMs: START + 400 * 86_400_000,
      code: '85354-9',
      unit: 'mm[Hg]',
      components: [
        { code: '8480-6', value: 128 + Math.round(9 * noise(i, 6)) },
        { code: '8462-4', value: 81 + Math.round(6 * noise(i, 7)) },
        { code: '8478-0', value: 97 + Math.round(6 * noise(i, 8)) },
      ],
      device: 'Cuff',
      flags: i % 17 === 0 ? ['moved', 'irregularPulse'] : [],
    }),
  )

const text = fc.stringMatching(/^[ -~éß漢🙂]{1,20}$/u)
const value = fc.oneof(
  fc.integer({ min: -1000, max: 100_000 }),
  fc.integer({ min: -100_000, max: 1_000_000 }).map((whole) => whole / 100),
  fc.double({ min: -1e6, max: 1e6, noNaN: true }),
)
const moment = fc.integer({ min: 0, max: 4_102_444_800_000 })

/** Anything that is a reading. */
export const anyReading: fc.Arbitrary<Reading> = fc
  .record({
    timeMs: moment,
    durationMs: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 86_400_000 })),
    clockMs: moment,
    offsetMinutes: fc.option(fc.integer({ min: -840, max: 840 })),
    receivedMs: fc.option(moment),
    code: fc.constantFrom('8867-4', '29463-7', '8310-5'),
    unit: fc.constantFrom('/min', 'kg', 'furlong'),
    value: fc.option(value),
    isPanel: fc.boolean(),
    device: fc.constantFrom('A', 'B', 'Très long'),
    id: fc.option(text),
    sequence: fc.option(fc.nat()),
    flags: fc.subarray([...FLAGS]),
    meal: fc.option(fc.constantFrom(...MEALS)),
    also: fc.uniqueArray(text, { maxLength: 3 }),
  })
  .map(({ isPanel, ...input }) =>
    readingOf(
      isPanel
        ? {
            ...input,
            code: '85354-9',
            value: null,
            components: [
              { code: '8480-6', value: input.value },
              { code: '8462-4', value: input.value === null ? 7 : null },
            ],
          }
        : input,
    ),
  )
