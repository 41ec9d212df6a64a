import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { momentText, placed, readMoment } from './clocks.ts'
import { merged, readingKey } from './duplicates.ts'
import { gapsOf } from './gaps.ts'
import { DEVICE_MEASURES, DIASTOLIC, LABS, measureCalled, SYSTOLIC, VITALS } from './measures.ts'
import { isLoinc, type Reading, ReadingFault, readingOf } from './reading.ts'
import { anyReading, heartRate, sensorGlucose } from './readings.fixture.ts'
import { converted, tidied, ucumOf, unitOf } from './units.ts'

const MINUTE = 60_000
const NOON = Date.UTC(2026, 4, 12, 12)

describe('codes and units', () => {
  const all = [SYSTOLIC, DIASTOLIC, ...VITALS, ...DEVICE_MEASURES, ...LABS]
  test('every code has the check digit of LOINC, and belongs to one measure', () => {
    const codes = all.map((measure) => [
      ...new Set([...measure.units, ...(measure.accepted ?? [])].map(({ loinc }) => loinc)),
      ...(measure.alike ?? []),
    ])
    expect(codes.flat().filter((code) => !isLoinc(code))).toEqual([])
    expect(new Set(codes.flat()).size).toBe(codes.flat().length)
    expect(isLoinc('8867-5')).toBe(false)
  })

  test.each([
    ['bloodGlucose', 'mmol/L', 5.6, 'mg/dL', 100.89],
    ['systolic', 'kPa', 16, 'mmHg', 120.01],
    ['temperature', '°F', 98.6, '°C', 37],
    ['temperature', 'K', 310.15, 'Cel', 37],
    ['weight', 'lbs', 154.3236, 'kg', 70],
    ['weight', 'g', 3450, 'kg', 3.45],
    ['height', 'ft', 5.5, 'cm', 167.64],
    ['pulse', 'count/s', 1.2, 'bpm', 72],
    ['energy', 'kJ', 4184, 'Cal', 1000],
  ] as const)('%s: %s %d', (id, from, value, to, expected) => {
    const measure = measureCalled(id)
    const [one, other] = [unitOf(measure, from), unitOf(measure, to)]
    if (one === null || other === null) throw new Error('both are units of it')
    expect(converted(value, one, other)).toBeCloseTo(expected, 2)
    expect(tidied(converted(converted(value, one, other), other, one))).toBe(value)
  })

  test('a unit with more than one meaning, or none, is none', () => {
    expect([ucumOf('spoons'), ucumOf(''), unitOf(measureCalled('weight'), 'mmHg')]).toEqual([null, null, null])
    expect([ucumOf(' MG / dL'), ucumOf('℃'), ucumOf('count/min')]).toEqual(['mg/dL', 'Cel', '/min'])
  })
})

describe('a reading', () => {
  const weight = (more: object = {}) =>
    readingOf({ timeMs: NOON, code: '29463-7', unit: 'kg', value: 70, device: 'Scale', ...more })

  test('that no living person has is marked and kept', () => {
    expect(weight({ value: 7000 })).toMatchObject({ value: 7000, flags: ['implausible'] })
    expect(weight({ value: 154, unit: '[lb_av]' }).flags).toEqual([])
    expect(weight({ value: 7000, flags: ['typed'] }).flags).toEqual(['implausible', 'typed'])
    expect(weight({ value: null }).flags).toEqual([])
  })

  test.each([
    ['BadCode', { code: '29463-8' }],
    ['BadUnit', { unit: '' }],
    ['BadUnit', { unit: 'k g' }],
    ['BadTime', { timeMs: -1 }],
    ['BadTime', { timeMs: 0.5 }],
    ['BadTime', { offsetMinutes: 900 }],
    ['BadTime', { receivedMs: Number.NaN }],
    ['BadValue', { value: Number.POSITIVE_INFINITY }],
    ['BadValue', { value: 1e12 }],
    ['BadSource', { device: '' }],
    ['BadSource', { device: 'a\u202eb' }],
    ['BadSource', { device: 'x'.repeat(121) }],
    ['BadSource', { also: ['a', 'a'] }],
    ['BadComponents', { value: 1, components: [{ code: '8480-6', value: 1 }] }],
    [
      'BadComponents',
      {
        value: null,
        components: [
          { code: '8480-6', value: 1 },
          { code: '8480-6', value: 1 },
        ],
      },
    ],
  ] as const)('is none: %s', (kind, more) => {
    expect(() => weight(more)).toThrow(ReadingFault)
    try {
      weight(more)
    } catch (fault) {
      expect(fault).toMatchObject({ problem: { kind } })
    }
  })
})

describe('clocks', () => {
  test('a wall clock is read in the zone of whoever receives it, and keeps what it said', () => {
    const clockMs = NOON + 120 * MINUTE
    expect(placed({ clockMs, receivedMs: NOON + 5000, offsetMinutes: 120 })).toEqual({
      timeMs: NOON,
      clockMs,
      offsetMinutes: 120,
      receivedMs: NOON + 5000,
      flags: ['zoneAssumed'],
    })
  })

  test('one that was never set, or is in the future, is not believed', () => {
    for (const clockMs of [Date.UTC(2000, 0, 1), Date.UTC(2031, 0, 1)])
      expect(placed({ clockMs, receivedMs: NOON, offsetMinutes: 60 })).toMatchObject({
        timeMs: NOON,
        clockMs,
        flags: ['clockWrong'],
      })
    expect(placed({ clockMs: null, receivedMs: NOON, offsetMinutes: 60 })).toMatchObject({ timeMs: NOON, flags: [] })
  })

  test('moments are read as they are written, and no others', () => {
    const at = (text: string) => readMoment(text)
    expect(at('2024-03-01 08:12:00 +0100')).toEqual({ ms: Date.UTC(2024, 2, 1, 7, 12), offsetMinutes: 60 })
    expect(at('2024-03-01T08:12:00.5-05:30')).toEqual({ ms: Date.UTC(2024, 2, 1, 13, 42, 0, 500), offsetMinutes: -330 })
    expect(at('2024-03-01T08:12')).toEqual({ ms: Date.UTC(2024, 2, 1, 8, 12), offsetMinutes: null })
    expect(
      ['2024-02-30T10:00', '2024-13-01T10:00', '2024-01-01T24:00', 'yesterday', '2024-01-01T10:00+15:00'].map(at),
    ).toEqual([null, null, null, null, null])
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 4e12 }), fc.integer({ min: -840, max: 840 }), (ms, offsetMinutes) => {
        expect(readMoment(momentText(ms, offsetMinutes))).toEqual({ ms, offsetMinutes })
      }),
    )
  })
})

describe('the same reading twice', () => {
  const plain = (readings: readonly Reading[]) => readings.map((reading) => ({ ...reading, also: [] }))

  test('a second time adds nothing, in whatever order and pieces it comes', () => {
    fc.assert(
      fc.property(fc.array(anyReading, { maxLength: 15 }), fc.array(fc.nat(), { maxLength: 15 }), (readings, again) => {
        const first = merged(readings)
        const more = again.flatMap((place) => (readings.length === 0 ? [] : readings.slice(place % readings.length)))
        const second = merged([...first.kept, ...more])
        expect(plain(second.kept).map(readingKey)).toEqual(plain(first.kept).map(readingKey))
        expect(second.duplicates).toHaveLength(more.length)
      }),
    )
  })

  test('sent again after a journey, by a phone that now has another zone, it is one', () => {
    const cuff = (offsetMinutes: number, receivedMs: number) => {
      const { flags, ...clocks } = placed({ clockMs: NOON, receivedMs, offsetMinutes })
      return readingOf({ ...clocks, flags, code: '8867-4', unit: '/min', value: 71, device: 'Cuff' })
    }
    const { kept, duplicates } = merged([cuff(60, NOON + MINUTE), cuff(-300, NOON + 400 * MINUTE)])
    expect(kept).toHaveLength(1)
    expect(duplicates.map(({ why }) => why)).toEqual(['repeat'])
  })

  test('of a device whose clock was reset, the number that it counts with tells two apart', () => {
    const one = (sequence: number) =>
      readingOf({
        timeMs: NOON,
        clockMs: Date.UTC(2000, 0, 1),
        code: '8310-5',
        unit: 'Cel',
        value: 36.7,
        device: 'T',
        sequence,
      })
    expect(merged([one(1), one(2), one(1)]).kept).toHaveLength(2)
  })

  test('told by two sources it is kept once, and says who else told it', () => {
    const [mgdl] = sensorGlucose(1)
    if (mgdl?.value === undefined || mgdl.value === null) throw new Error('there is one')
    const mmol = readingOf({
      timeMs: mgdl.timeMs + 20_000,
      code: '105272-9',
      unit: 'mmol/L',
      value: Number((mgdl.value / 18.016).toFixed(1)),
      device: 'Phone',
    })
    const { kept, duplicates } = merged([mgdl, mmol, mmol])
    expect(kept).toEqual([{ ...mgdl, also: ['Phone'] }])
    expect(duplicates.map(({ why, of }) => [why, of])).toEqual([
      ['otherSource', 0],
      ['repeat', 0],
    ])
    const another = { ...mmol, value: 9 }
    expect(merged([mgdl, another]).kept).toHaveLength(2)
    expect(merged([mgdl, { ...mmol, timeMs: mgdl.timeMs + 61_000 }]).kept).toHaveLength(2)
  })

  test('a mean pressure that one of two leaves out makes no other reading', () => {
    const cuff = (device: string, ...values: number[]) =>
      readingOf({
        timeMs: NOON,
        code: '85354-9',
        unit: 'mm[Hg]',
        device,
        components: ['8480-6', '8462-4', '8478-0']
          .slice(0, values.length)
          .map((code, i) => ({ code, value: values[i] ?? 0 })),
      })
    expect(merged([cuff('A', 120, 80, 93), cuff('B', 120, 80)]).kept).toHaveLength(1)
    expect(merged([cuff('A', 120, 80, 93), cuff('B', 120, 81)]).kept).toHaveLength(2)
  })

  test('equal values of a watch, seconds apart, are not one', () => {
    const watch = heartRate(50)
    const strap = watch.map((reading) => ({
      ...reading,
      timeMs: reading.timeMs + 400,
      source: { ...reading.source, device: 'Strap' },
    }))
    expect(merged(watch).kept).toHaveLength(50)
    expect(merged([...watch, ...strap]).kept).toHaveLength(50)
    const later = strap.map((reading) => ({ ...reading, timeMs: reading.timeMs + 1200 }))
    expect(merged([...watch.slice(0, 1), ...later.slice(0, 1)]).kept).toHaveLength(2)
  })
})

test('gaps are where more than two readings in a row are missing', () => {
  const times = sensorGlucose(40).map(({ timeMs }) => timeMs)
  const without = times.filter((_, i) => ![7, 20, 21, 22].includes(i))
  expect(gapsOf(without)).toEqual([{ fromMs: times[19], toMs: times[23], missing: 3 }])
  expect([gapsOf(times), gapsOf(times.slice(0, 3)), gapsOf([])]).toEqual([[], [], []])
  expect(gapsOf([0, 1000], 100)).toEqual([{ fromMs: 0, toMs: 1000, missing: 9 }])
})
