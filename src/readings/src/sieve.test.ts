import fc from 'fast-check'
import { expect, test } from 'vitest'
import { merged } from './duplicates.ts'
import { type Reading, readingOf } from './reading.ts'
import { bloodPressure, heartRate, sensorGlucose } from './readings.fixture.ts'
import { createSieve } from './sieve.ts'

/** Few times, values and sources, so that many are the same. */
const anyOfFew: fc.Arbitrary<Reading> = fc
  .record({
    timeMs: fc.integer({ min: 0, max: 12 }).map((step) => step * 20_000),
    clockShift: fc.constantFrom(0, 3_600_000),
    value: fc.constantFrom(5.6, 101, 60, null),
    kind: fc.constantFrom(['8867-4', '/min'], ['99504-3', 'mg/dL'], ['105272-9', 'mmol/L'], ['85354-9', 'mm[Hg]']),
    device: fc.constantFrom('A', 'B', 'C'),
    sequence: fc.constantFrom(null, 1),
  })
  .map(({ timeMs, clockShift, value, kind: [code = '', unit = ''], device, sequence }) => {
    const isPanel = code === '85354-9'
    const components = isPanel
      ? [
          { code: '8478-0', value: 90 },
          { code: '8480-6', value },
          { code: '8462-4', value: 80 },
        ]
      : []
    return readingOf({
      timeMs,
      clockMs: timeMs + clockShift,
      code,
      unit,
      value: isPanel ? null : value,
      components,
      device,
      sequence,
    })
  })

test('a sieve keeps what merging the whole list keeps, in whatever pieces it comes', () => {
  fc.assert(
    fc.property(fc.array(anyOfFew, { maxLength: 60 }), fc.integer({ min: 1, max: 20 }), (readings, size) => {
      const sieve = createSieve()
      const kept: Reading[] = []
      let gone = 0
      for (let at = 0; at < readings.length; at += size) {
        const sifted = sieve.take(readings.slice(at, at + size))
        kept.push(...sifted.kept)
        gone += sifted.repeats + sifted.otherSources
      }
      const expected = merged(readings)
      expect(kept).toEqual(expected.kept.map((reading) => ({ ...reading, also: [] })))
      expect([gone, sieve.size]).toEqual([expected.duplicates.length, kept.length])
    }),
    { numRuns: 1000 },
  )
})

test('and goes on to do so when there are many', () => {
  const sieve = createSieve()
  const all = [...sensorGlucose(5000), ...heartRate(5000), ...bloodPressure(500)]
  expect(sieve.take(all)).toMatchObject({ repeats: 0, otherSources: 0 })
  expect(sieve.take(all)).toEqual({ kept: [], repeats: 10_500, otherSources: 0 })
  const phone = sensorGlucose(5000).map((reading) => ({
    ...reading,
    source: { device: 'Phone', id: null, sequence: null },
  }))
  expect(sieve.take(phone)).toEqual({ kept: [], repeats: 0, otherSources: 5000 })
  expect(sieve.take(phone)).toEqual({ kept: [], repeats: 5000, otherSources: 0 })
})
