import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { SegmentFault } from './bytes.ts'
import { type Reading, readingOf } from './reading.ts'
import { anyReading, bloodPressure, heartRate, sensorGlucose } from './readings.fixture.ts'
import { decodeSegment, encodeSegment, inOrder, SEGMENT_READINGS_MAX } from './segment.ts'
import { summaryFromJson, summaryOf, summaryToJson } from './summary.ts'

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex')

describe('a segment', () => {
  test('gives back the readings that it was made of, in order, to the last bit', () => {
    fc.assert(
      fc.property(fc.array(anyReading, { minLength: 1, maxLength: 40 }), (readings) => {
        expect(decodeSegment(encodeSegment(readings))).toEqual(inOrder(readings))
      }),
      { numRuns: 500 },
    )
  })

  test('is the same bytes in whatever order readings come', () => {
    fc.assert(
      fc.property(fc.array(anyReading, { minLength: 1, maxLength: 20 }), (readings) => {
        expect(hex(encodeSegment(readings.toReversed()))).toBe(hex(encodeSegment(readings)))
      }),
    )
  })

  test('that was changed or cut off is either refused or holds readings that are some', () => {
    const good = encodeSegment([...sensorGlucose(8), ...bloodPressure(4), ...heartRate(8)])
    const spoilt = fc.tuple(fc.nat(good.length - 1), fc.integer({ min: 1, max: 255 }), fc.nat(good.length))
    fc.assert(
      fc.property(spoilt, ([place, change, length]) => {
        const bytes = good.slice()
        bytes[place] = (bytes[place] ?? 0) ^ change
        for (const tried of [bytes, bytes.subarray(0, length)]) {
          try {
            expect(encodeSegment(decodeSegment(tried)).length).toBeGreaterThan(0)
          } catch (fault) {
            expect(fault).toBeInstanceOf(SegmentFault)
          }
        }
      }),
      { numRuns: 3000 },
    )
    for (let length = 0; length < good.length; length++)
      expect(() => decodeSegment(good.subarray(0, length))).toThrow(SegmentFault)
    expect(() => decodeSegment(new Uint8Array([...good, 0]))).toThrow(SegmentFault)
    expect(() => decodeSegment(new TextEncoder().encode('MGR2'))).toThrow(SegmentFault)
  })

  test('of few bytes can not say that it holds more readings than there may be', () => {
    const [one] = sensorGlucose(1)
    if (one === undefined) throw new Error('there is one')
    const most = Array.from({ length: SEGMENT_READINGS_MAX }, () => one)
    const bytes = encodeSegment(most)
    expect(bytes.length).toBeLessThan(80)
    expect(decodeSegment(bytes)).toHaveLength(SEGMENT_READINGS_MAX)
    expect(() => encodeSegment([...most, one])).toThrow(SegmentFault)
    const text = hex(bytes)
    const count = text.indexOf('a09c01') // 20,000
    expect(() => decodeSegment(Buffer.from(`${text.slice(0, count)}a19c01${text.slice(count + 6)}`, 'hex'))).toThrow(
      SegmentFault,
    )
    expect(() => encodeSegment([])).toThrow(SegmentFault)
  })

  test('keeps every digit that a device told, and no more', () => {
    const values = [0.1, 0.2, 0.30000000000000004, 1e-9, 1 / 3, 36.7, -0.05, 999_999_999]
    const readings = values.map((value, i) =>
      readingOf({ timeMs: i, code: '8310-5', unit: 'Cel', value, device: 'Thermometer' }),
    )
    expect(decodeSegment(encodeSegment(readings)).map(({ value }) => value)).toEqual(values)
  })

  test.each([
    ['sensor glucose', sensorGlucose, 3, 2.2],
    ['heart rate', heartRate, 4.1, 3.4],
    ['blood pressure', bloodPressure, 7, 5.7],
  ] as const)('of %s takes few bytes for each reading', (_, make, of60, of500) => {
    const size = (count: number) => encodeSegment(make(count)).length / count
    expect(size(60)).toBeLessThanOrEqual(of60)
    expect(size(500)).toBeLessThanOrEqual(of500)
  })

  test('reads what earlier versions wrote', () => {
    const vectors = JSON.parse(
      readFileSync(new URL('../../../test/vectors/readings-segment.json', import.meta.url), 'utf8'),
    ) as { segments: { name: string; hex: string; readings: Reading[]; summary: string }[] }
    for (const { hex: bytes, readings, summary } of vectors.segments) {
      expect(decodeSegment(Buffer.from(bytes, 'hex'))).toEqual(readings)
      expect(hex(encodeSegment(readings))).toBe(bytes)
      expect(summaryToJson(summaryOf(readings))).toBe(summary)
    }
    expect(vectors.segments.length).toBeGreaterThan(3)
  })
})

describe('the summary in a header', () => {
  test('says of each code how many there are and between what', () => {
    const readings = [...sensorGlucose(12), ...bloodPressure(2)]
    const summary = summaryOf(readings.toReversed())
    const glucose = sensorGlucose(12).map(({ value }) => value ?? 0)
    expect(summary).toMatchObject({ count: 14, flagged: 1, offsetMinutes: 120 })
    expect(summary.codes[0]).toEqual({
      code: '99504-3',
      unit: 'mg/dL',
      count: 12,
      min: Math.min(...glucose),
      max: Math.max(...glucose),
      first: glucose[0],
      last: glucose.at(-1),
      mean: Number((glucose.reduce((sum, value) => sum + value, 0) / 12).toPrecision(5)),
    })
    expect(summary.codes.map(({ code }) => code)).toEqual(['99504-3', '8462-4', '8478-0', '8480-6'])
    expect(summaryToJson(summary).length).toBeLessThan(500)
    expect(summaryFromJson(JSON.parse(summaryToJson(summary)))).toEqual(summary)
  })

  test('mixes no units: it converts what it can and leaves out the rest', () => {
    const weight = (value: number, unit: string, timeMs: number) =>
      readingOf({ timeMs, code: '29463-7', unit, value, device: 'Scale' })
    const [kg] = summaryOf([weight(70, 'kg', 1), weight(154.3234, '[lb_av]', 2), weight(72, 'kg', 3)]).codes
    expect(kg).toMatchObject({ unit: 'kg', count: 3, max: 72 })
    expect(kg?.mean).toBeCloseTo(70.667, 3)
    const [stones] = summaryOf([weight(70, 'kg', 1), weight(70, 'kg', 2), weight(9, 'pebbles', 3)]).codes
    expect(stones).toMatchObject({ unit: 'kg', count: 2, max: 70 })
  })

  test('that is none is refused', () => {
    const good = JSON.parse(summaryToJson(summaryOf(sensorGlucose(3)))) as Record<string, unknown>
    for (const [member, value] of [
      ['fromMs', -1],
      ['toMs', 'now'],
      ['count', 1.5],
      ['codes', Array.from({ length: 17 }, () => null)],
      ['codes', [{ code: '99504-3' }]],
      ['offsetMinutes', '2h'],
    ] as const)
      expect(summaryFromJson({ ...good, [member]: value })).toBeNull()
    expect([summaryFromJson(null), summaryFromJson([]), summaryFromJson('x')]).toEqual([null, null, null])
  })
})
