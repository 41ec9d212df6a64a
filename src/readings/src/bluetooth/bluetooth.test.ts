import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { merged } from '../duplicates.ts'
import { problemOf } from '../reading.ts'
import { decodeOximeterSpot, decodeTemperature, decodeWeight } from './body.ts'
import { decodeGlucose, decodeGlucoseContext, decodeSensor, decodeSensorSession } from './glucose.ts'
import { type Arrival, HEALTH_SERVICES, readingsOfValue, withGlucoseContext } from './health-profiles.ts'
import { decodeHeartRate, decodePressure } from './heart-and-pressure.ts'
import { crc16, type MedicalFloat, PacketFault, packetOf } from './packet.ts'

/** Spaces are for the reader. */
const bytes = (hex: string) => new DataView(new Uint8Array(Buffer.from(hex.replaceAll(' ', ''), 'hex')).buffer)
const RECEIVED = Date.UTC(2024, 2, 14, 7, 31)
const arrival: Arrival = { device: 'Device', receivedMs: RECEIVED, offsetMinutes: 0 }
const read = (characteristic: number, hex: string, more: Partial<Arrival> = {}) =>
  readingsOfValue(characteristic, bytes(hex), { ...arrival, ...more })?.readings ?? []
const value = (float: MedicalFloat | null) => float?.value ?? null
const iso = (ms: number | null) => (ms === null ? undefined : new Date(ms).toISOString().slice(0, 19))

interface Trace {
  readonly characteristic: string
  readonly name: string
  readonly hex: string
  readonly expect: Readonly<Record<string, unknown>>
}
const { packets } = JSON.parse(
  readFileSync(new URL('../../../../test/vectors/ble-gatt-packets.json', import.meta.url), 'utf8'),
) as { packets: readonly Trace[] }

/** Each decoder under the names that the recorded traces use. */
const DECODED: Readonly<Record<string, (view: DataView) => Record<string, unknown>>> = {
  '0x2A37': (view) => ({ ...decodeHeartRate(view) }),
  '0x2A35'(view) {
    const { systolic, diastolic, mean, pulse, clockMs, ...rest } = decodePressure(view)
    return {
      ...rest,
      systolic: value(systolic),
      diastolic: value(diastolic),
      map: value(mean),
      pulse: value(pulse),
      time: iso(clockMs),
    }
  },
  '0x2A1C'(view) {
    const { value: float, clockMs, ...rest } = decodeTemperature(view)
    return { ...rest, value: value(float), time: iso(clockMs) }
  },
  '0x2A18'(view) {
    const { sequence, concentration, ...rest } = decodeGlucose(view)
    return { ...rest, seq: sequence, value: value(concentration) }
  },
  '0x2A9D': (view) => ({ ...decodeWeight(view) }),
  '0x2A5E'(view) {
    const { spo2, pulse } = decodeOximeterSpot(view)
    return { spo2: value(spo2), pulse: value(pulse) }
  },
}

describe('recorded values', () => {
  test.each(packets.map((trace) => [trace.name, trace] as const))(
    '%s',
    (_, { characteristic, hex, expect: expected }) => {
      expect(DECODED[characteristic]?.(bytes(hex))).toMatchObject(expected)
    },
  )

  test('that are cut off are refused, and what a later version adds is left', () => {
    for (const { characteristic, hex } of packets) {
      const number = Number(characteristic)
      expect(() => read(number, hex.slice(0, 2))).toThrow(PacketFault)
      expect(read(number, `${hex}0000`).length).toBeGreaterThan(0)
    }
  })
})

test('whatever arrives is readings or is refused', () => {
  const numbers = Object.values(HEALTH_SERVICES).flatMap(({ characteristics }) => characteristics.map(Number))
  fc.assert(
    fc.property(fc.constantFrom(...numbers), fc.uint8Array({ maxLength: 30 }), (number, raw) => {
      try {
        const found = readingsOfValue(number, new DataView(raw.buffer, raw.byteOffset, raw.byteLength), arrival)
        for (const reading of found?.readings ?? []) expect(problemOf(reading)).toBeNull()
        expect(found === null).toBe(number === 0x2a34)
      } catch (fault) {
        expect(fault).toBeInstanceOf(PacketFault)
      }
    }),
    { numRuns: 3000 },
  )
})

describe('numbers of IEEE 11073', () => {
  test.each([
    ['ff07', 'notANumber'],
    ['0008', 'notAtThisResolution'],
    ['fe07', 'aboveAll'],
    ['0208', 'belowAll'],
    ['0108', 'reserved'],
  ])('SFLOAT %s is %s', (hex, special) => {
    expect(packetOf(bytes(hex)).sfloat()).toEqual({ value: null, special })
  })
  test.each([
    ['ffff7f00', 'notANumber'],
    ['00008000', 'notAtThisResolution'],
    ['feff7f00', 'aboveAll'],
    ['02008000', 'belowAll'],
    ['01008000', 'reserved'],
  ])('FLOAT %s is %s', (hex, special) => {
    expect(packetOf(bytes(hex)).float()).toEqual({ value: null, special })
  })
  test.each([
    ['fff7', 204.7], // the mantissa of no number, with an exponent, is one
    ['6ff0', 11.1],
    ['9cff', -10],
    ['0017', 17_920],
    ['0080', 0],
  ])('SFLOAT %s is %d', (hex, expected) => {
    expect(packetOf(bytes(hex)).sfloat()).toEqual({ value: expected, special: null })
  })
  test('FLOAT: 36.7, and below zero', () => {
    expect(packetOf(bytes('6f0100ff')).float().value).toBe(36.7)
    expect(packetOf(bytes('91feffff')).float().value).toBe(-36.7)
  })
  test('moments that do not exist are none', () => {
    for (const hex of ['00000000000000', 'e8070d01000000', 'e807021e000000', 'e8070301190000', 'e8070301003c00'])
      expect(packetOf(bytes(hex)).dateTime()).toBeNull()
  })
})

describe('readings', () => {
  test('blood pressure is one with its parts, and the pulse beside it', () => {
    const [pressure, pulse] = read(0x2a35, packets[2]?.hex ?? '', { offsetMinutes: 60 })
    expect(pressure).toMatchObject({
      code: '85354-9',
      unit: 'mm[Hg]',
      value: null,
      components: [
        { code: '8480-6', value: 138 },
        { code: '8462-4', value: 86 },
        { code: '8478-0', value: 103 },
      ],
      timeMs: Date.UTC(2024, 2, 14, 6, 30, 5),
      clockMs: Date.UTC(2024, 2, 14, 7, 30, 5),
      flags: ['zoneAssumed', 'irregularPulse'],
    })
    expect(pulse).toMatchObject({ code: '8867-4', value: 71 })
    expect(readingsOfValue(0x2a35, bytes(packets[2]?.hex ?? ''), arrival)?.user).toBe(1)
  })

  test('a failed measurement is a reading without a value that says so', () => {
    const [failed] = read(0x2a35, '00ff075600ff07')
    expect(failed).toMatchObject({ components: [{ value: null }, { value: 86 }], flags: ['deviceError'] })
    expect(read(0x2a9d, '00ffff')).toMatchObject([{ value: null, flags: ['deviceError'] }])
    expect(read(0x2a1c, '00feff7f00')).toMatchObject([{ value: null, flags: ['aboveRange'] }])
  })

  test('in kilopascals stays in them', () => {
    expect(read(0x2a35, '01b8f073f08af0')).toMatchObject([
      { unit: 'kPa', components: [{ value: 18.4 }, { value: 11.5 }, { value: 13.8 }], flags: [] },
    ])
  })

  test('glucose comes in what the meter shows, with its number, and takes on what is said about the meal', () => {
    const measured = read(0x2a18, packets[5]?.hex ?? '')
    expect(measured).toMatchObject([
      { code: '15074-8', unit: 'mmol/L', value: 6.2, source: { sequence: 1 }, meal: null },
    ])
    expect(withGlucoseContext(measured, bytes('02 0100 03'))).toMatchObject([{ meal: 'fasting' }])
    expect(withGlucoseContext(measured, bytes('02 0200 03'))).toEqual(measured)
    expect(decodeGlucoseContext(bytes('7b 0100 01 14d0 02 5802 32 01 0ac0 48f0'))).toMatchObject({
      carbohydrateKg: { value: 0.02 },
      meal: 2,
      exerciseSeconds: 600,
      exercisePercent: 50,
      medication: { kind: 1, amount: { value: 0.001 }, unit: 'L' },
      hba1cPercent: { value: 7.2 },
    })
    // mg/dL, a time offset of an hour, and control solution
    expect(read(0x2a18, '0b 0500 e807030e061e05 3c00 70b0 1a 0000')).toMatchObject([
      {
        code: '2339-0',
        unit: 'mg/dL',
        value: 112,
        clockMs: Date.UTC(2024, 2, 14, 7, 30, 5),
        flags: ['zoneAssumed', 'calibration'],
      },
    ])
    expect(read(0x2a18, '0a 0600 e807030e071e05 fe07 11 2000')).toMatchObject([
      { value: null, flags: ['zoneAssumed', 'aboveRange'] },
    ])
    expect(read(0x2a18, '00 0600 e807030e071e05')).toEqual([])
  })

  test('of a scale in pounds, with body mass index, and of its parts', () => {
    expect(read(0x2a9d, '09 483a 0301 9c02')).toMatchObject([
      { unit: '[lb_av]', value: 149.2 },
      { code: '39156-5', value: 25.9 },
    ])
    expect(decodeWeight(bytes('09 483a 0301 9c02')).heightM).toBeCloseTo(1.697, 3)
    expect(read(0x2a9c, '2804 f200 d01b 7017 f839')).toMatchObject([
      { code: '41982-0', value: 24.2 },
      { code: '73964-9', value: 30 },
      { code: '29463-7', value: 74.2 },
    ])
  })

  test('of an oximeter: a stream, a clock that was never set, a bad signal, a demonstration', () => {
    expect(read(0x2a5f, '03 6100 4400 6000 4500 5f00 4300')).toMatchObject([{ value: 97 }, { value: 68 }])
    expect(read(0x2a5e, '11 6100 4400 e807030e071e05')).toMatchObject([{ timeMs: RECEIVED }, { timeMs: RECEIVED }])
    expect(read(0x2a5e, '0e 6100 4400 0004 100000 0cf0')).toMatchObject([
      { flags: ['calibration', 'deviceError'] },
      { flags: ['calibration', 'deviceError'] },
      { code: '61006-3', value: 1.2 },
    ])
  })

  test('of a heart rate sensor that touches nothing', () => {
    expect(read(0x2a37, '0448')).toMatchObject([{ value: 72, flags: ['looseFit'], timeMs: RECEIVED }])
  })

  test('of a sensor under the skin count from the start of its session', () => {
    const session = decodeSensorSession(bytes('e807030e000000 04 04'))
    expect(session).toEqual({ clockMs: Date.UTC(2024, 2, 14), offsetMinutes: 120 })
    expect(decodeSensorSession(bytes('e807030e000000 80 00')).offsetMinutes).toBeNull()
    const two = '06 00 7000 c201 08 a0 0208 c701 00 40'
    const [first, second] = read(0x2aa7, two, { session })
    expect(first).toMatchObject({
      code: '99504-3',
      unit: 'mg/dL',
      value: 112,
      offsetMinutes: 120,
      timeMs: Date.UTC(2024, 2, 14, 5, 30),
      flags: [],
    })
    expect(second).toMatchObject({ value: null, flags: ['belowRange'], source: { sequence: 455 } })
    expect(read(0x2aa7, '06 00 7000 c201')).toMatchObject([{ timeMs: RECEIVED }])
  })

  test('with a check sum that is wrong are refused', () => {
    expect(crc16(new TextEncoder().encode('123456789'))).toBe(0x6f91)
    const record = new Uint8Array([8, 0, 0x70, 0, 0xc2, 1])
    const crc = crc16(record)
    const good = new Uint8Array([...record, crc % 256, crc >> 8])
    expect(decodeSensor(new DataView(good.buffer))).toMatchObject([{ minutes: 450 }])
    good[2] = 0x71
    expect(() => decodeSensor(new DataView(good.buffer))).toThrow(PacketFault)
    expect(() => decodeSensor(bytes('0500700001'))).toThrow(PacketFault)
    expect(() => decodeSensor(bytes('09007000c201'))).toThrow(PacketFault)
  })

  test('that a device sends again from its memory, later and in another zone, are the same', () => {
    const once = read(0x2a35, packets[2]?.hex ?? '')
    const again = read(0x2a35, packets[2]?.hex ?? '', { receivedMs: RECEIVED + 1e9, offsetMinutes: -300 })
    expect(merged([...once, ...again]).kept).toHaveLength(2)
  })
})
