import { placed } from '../clocks.ts'
import { BLOOD_PRESSURE, type MeasureId, measureCalled } from '../measures.ts'
import { type Flag, MEALS, type Reading, ReadingFault, readingOf, type ReadingInput, withFlags } from '../reading.ts'
import { tidied } from '../units.ts'
import {
  decodeComposition,
  decodeOximeterSpot,
  decodeOximeterStream,
  decodeTemperature,
  decodeWeight,
  type OximeterMeasurement,
} from './body.ts'
import { decodeGlucose, decodeGlucoseContext, decodeSensor, type SensorSession } from './glucose.ts'
import { decodeHeartRate, decodePressure } from './heart-and-pressure.ts'
import { hasBit, type MedicalFloat, PacketFault } from './packet.ts'

/** What the receiving side knows when a value arrives. */
export interface Arrival {
  /** Name of the device, as it or its owner calls it. */
  readonly device: string
  readonly receivedMs: number
  /** Of the receiving device at that moment, east of UTC. */
  readonly offsetMinutes: number
  /** For continuous glucose: what 0x2AAA said. */
  readonly session?: SensorSession
}
export interface Arrived {
  readonly readings: readonly Reading[]
  /** Which of the device's users it is of, where it tells: another member of the household has another number. */
  readonly user: number | null
}

/** Services of the health profiles with what to listen to, by the numbers that the Bluetooth SIG assigned. */
export const HEALTH_SERVICES = {
  heartRate: { service: 0x180d, characteristics: [0x2a37] },
  bloodPressure: { service: 0x1810, characteristics: [0x2a35] },
  glucose: { service: 0x1808, characteristics: [0x2a18, 0x2a34] },
  thermometer: { service: 0x1809, characteristics: [0x2a1c] },
  weight: { service: 0x181d, characteristics: [0x2a9d] },
  bodyComposition: { service: 0x181b, characteristics: [0x2a9c] },
  pulseOximeter: { service: 0x1822, characteristics: [0x2a5e, 0x2a5f] },
  continuousGlucose: { service: 0x181f, characteristics: [0x2aa7] },
} as const satisfies Record<string, { service: number; characteristics: readonly number[] }>

/**
 * Readings in one value of one characteristic; null for a characteristic that holds none. A glucose context is no reading: `withGlucoseContext`.
 *
 * @throws PacketFault for bytes that are no value of it.
 */
export function readingsOfValue(characteristic: number, view: DataView, arrival: Arrival): Arrived | null {
  try {
    return DECODERS[characteristic]?.(view, arrival) ?? null
  } catch (fault) {
    if (fault instanceof ReadingFault) throw new PacketFault('numbers that no device means')
    throw fault
  }
}

const DECODERS: Readonly<Record<number, (view: DataView, arrival: Arrival) => Arrived>> = {
  0x2a37: heartRate,
  0x2a35: bloodPressure,
  0x2a18: glucose,
  0x2a1c: temperature,
  0x2a9d: weight,
  0x2a9c: composition,
  0x2a5e: (view, arrival) => oximeter(decodeOximeterSpot(view), arrival),
  0x2a5f: (view, arrival) => oximeter(decodeOximeterStream(view), arrival),
  0x2aa7: sensor,
}

/** Puts what the meter's owner said about the meal to the reading of the same number. */
export function withGlucoseContext(readings: readonly Reading[], view: DataView): Reading[] {
  const { sequence, meal } = decodeGlucoseContext(view)
  const said = meal === null ? undefined : MEALS[meal - 1]
  return readings.map((reading) =>
    said !== undefined && reading.source.sequence === sequence ? { ...reading, meal: said } : reading,
  )
}

interface Made {
  readonly arrival: Arrival
  readonly clockMs: number | null
  readonly flags?: readonly Flag[]
  readonly sequence?: number | null
}
const SPECIAL_FLAGS = {
  notANumber: 'deviceError',
  notAtThisResolution: 'deviceError',
  reserved: 'deviceError',
  aboveAll: 'aboveRange',
  belowAll: 'belowRange',
} as const
const flagOf = ({ special }: MedicalFloat): readonly Flag[] => (special === null ? [] : [SPECIAL_FLAGS[special]])

function make(
  input: Pick<ReadingInput, 'code' | 'unit' | 'value' | 'components'>,
  { arrival, clockMs, flags = [], sequence = null }: Made,
): Reading {
  const { device, receivedMs, offsetMinutes } = arrival
  const when = placed({ clockMs, receivedMs, offsetMinutes })
  return withFlags(readingOf({ ...input, ...when, device, sequence }), flags)
}
function makeOne(id: MeasureId, value: number | null, made: Made & { readonly unit?: string }): Reading {
  const [first, ...others] = measureCalled(id).units
  const unit = others.find(({ ucum }) => ucum === made.unit) ?? first
  return make({ code: unit.loinc, unit: unit.ucum, value }, made)
}

function heartRate(view: DataView, arrival: Arrival): Arrived {
  const { bpm, contact } = decodeHeartRate(view)
  const flags: readonly Flag[] = contact === false ? ['looseFit'] : []
  return { readings: [makeOne('pulse', bpm, { arrival, clockMs: null, flags })], user: null }
}

function bloodPressure(view: DataView, arrival: Arrival): Arrived {
  const { unit, systolic, diastolic, mean, clockMs, pulse, user, status } = decodePressure(view)
  const all: readonly (readonly [MeasureId, MedicalFloat])[] = [
    ['systolic', systolic],
    ['diastolic', diastolic],
    ['meanPressure', mean],
  ]
  // Many cuffs give no mean: that is no error of theirs.
  const there = all.filter(([id, { value }]) => id !== 'meanPressure' || value !== null)
  const bits: readonly (readonly [number, Flag])[] = [
    [0, 'moved'],
    [1, 'looseFit'],
    [2, 'irregularPulse'],
    [5, 'deviceError'],
  ]
  const said = bits.filter(([bit]) => hasBit(status, bit)).map(([, flag]) => flag)
  const made = { arrival, clockMs, flags: [...said, ...there.flatMap(([, one]) => flagOf(one))] }
  const components = there.map(([id, { value }]) => ({ code: measureCalled(id).units[0].loinc, value }))
  const readings = [make({ code: BLOOD_PRESSURE, unit, components }, made)]
  if (pulse !== null)
    readings.push(
      makeOne('pulse', pulse.value, {
        arrival,
        clockMs,
        flags: [...said.filter((flag) => flag !== 'looseFit'), ...flagOf(pulse)],
      }),
    )
  return { readings, user: user === 255 ? null : user }
}

const INTERSTITIAL = 9
const CONTROL_TYPE = 10
const CONTROL_LOCATION = 4
function glucose(view: DataView, arrival: Arrival): Arrived {
  const { sequence, clockMs, unit, concentration, type, location, status } = decodeGlucose(view)
  if (concentration === null) return { readings: [], user: null }
  const isMolar = unit === 'mol/L'
  const { value } = concentration
  // What the meter shows: mmol/L or mg/dL, both by moving the decimal point.
  const shown = value === null ? null : tidied(value * (isMolar ? 1000 : 100_000))
  const bits: readonly (readonly [number, Flag])[] = [
    [1, 'deviceError'],
    [2, 'deviceError'],
    [3, 'deviceError'],
    [4, 'deviceError'],
    [5, 'aboveRange'],
    [6, 'belowRange'],
    [7, 'deviceError'],
    [8, 'deviceError'],
    [9, 'deviceError'],
    [10, 'deviceError'],
    [11, 'clockWrong'],
  ]
  const isControl = type === CONTROL_TYPE || location === CONTROL_LOCATION
  const flags = [
    ...bits.filter(([bit]) => hasBit(status, bit)).map(([, flag]) => flag),
    ...flagOf(concentration),
    ...(isControl ? (['calibration'] as const) : []),
  ]
  const made = { arrival, clockMs, flags, sequence, unit: isMolar ? 'mmol/L' : 'mg/dL' }
  return { readings: [makeOne(type === INTERSTITIAL ? 'sensorGlucose' : 'bloodGlucose', shown, made)], user: null }
}

function temperature(view: DataView, arrival: Arrival): Arrived {
  const { unit, value, clockMs } = decodeTemperature(view)
  return {
    readings: [makeOne('temperature', value.value, { arrival, clockMs, flags: flagOf(value), unit })],
    user: null,
  }
}

function weight(view: DataView, arrival: Arrival): Arrived {
  const { unit, weight: value, clockMs, user, bmi } = decodeWeight(view)
  const flags: readonly Flag[] = value === null ? ['deviceError'] : []
  const readings = [makeOne('weight', value, { arrival, clockMs, flags, unit })]
  if (bmi !== null && bmi > 0) readings.push(makeOne('bmi', bmi, { arrival, clockMs }))
  return { readings, user: user === 255 ? null : user }
}

function composition(view: DataView, arrival: Arrival): Arrived {
  const { unit, fatPercent, clockMs, user, muscle, weight: mass } = decodeComposition(view)
  const flags: readonly Flag[] = fatPercent === null ? ['deviceError'] : []
  const readings = [makeOne('bodyFat', fatPercent, { arrival, clockMs, flags })]
  if (muscle !== null) readings.push(makeOne('muscle', muscle, { arrival, clockMs, unit }))
  if (mass !== null) readings.push(makeOne('weight', mass, { arrival, clockMs, unit }))
  return { readings, user: user === 255 ? null : user }
}

/** Demonstration and testing show numbers of nobody. */
const NOBODY_BITS = [10, 11, 12]
const DOUBTFUL_BITS = [13, 14, 15]
const SENSOR_BITS = [1, 2, 3, 4, 6, 7, 8, 15]
function oximeter(
  { spo2, pulse, clockMs, status, sensor: condition, amplitudePercent }: OximeterMeasurement,
  arrival: Arrival,
): Arrived {
  const isAny = (bits: readonly number[], of: number) => bits.some((bit) => hasBit(of, bit))
  const said: readonly Flag[] = [
    ...(isAny(NOBODY_BITS, status) ? (['calibration'] as const) : []),
    ...(isAny(DOUBTFUL_BITS, status) || isAny(SENSOR_BITS, condition) ? (['deviceError'] as const) : []),
  ]
  const one = (id: MeasureId, float: MedicalFloat) =>
    makeOne(id, float.value, { arrival, clockMs, flags: [...said, ...flagOf(float)] })
  const readings = [one('oxygen', spo2), one('pulse', pulse)]
  if (amplitudePercent !== null && amplitudePercent.value !== null) readings.push(one('perfusion', amplitudePercent))
  return { readings, user: null }
}

function sensor(view: DataView, arrival: Arrival): Arrived {
  const { session = null } = arrival
  const readings = decodeSensor(view).map(({ glucose: value, minutes, status, warning }) => {
    const bits: readonly (readonly [number, number, Flag])[] = [
      [status, 2, 'deviceError'],
      [status, 3, 'deviceError'],
      [status, 5, 'deviceError'],
      [warning, 6, 'belowRange'],
      [warning, 7, 'aboveRange'],
    ]
    const flags = [...bits.filter(([of, bit]) => hasBit(of, bit)).map(([, , flag]) => flag), ...flagOf(value)]
    const startMs = session?.clockMs ?? null
    const offsetMinutes = session?.offsetMinutes ?? arrival.offsetMinutes
    const made = {
      arrival: { ...arrival, offsetMinutes },
      clockMs: startMs === null ? null : startMs + minutes * 60_000,
      flags,
      sequence: startMs === null ? null : minutes,
      unit: 'mg/dL',
    }
    const reading = makeOne('sensorGlucose', value.value, made)
    // A session that knows its zone needs none assumed.
    const isZoned = session !== null && session.offsetMinutes !== null
    return isZoned ? { ...reading, flags: reading.flags.filter((flag) => flag !== 'zoneAssumed') } : reading
  })
  return { readings, user: null }
}
