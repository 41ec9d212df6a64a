import { hasBit, type MedicalFloat, packetOf } from './packet.ts'

/** Temperature Measurement, 0x2A1C (Health Thermometer Service 1.0). */
export interface TemperatureMeasurement {
  readonly unit: 'Cel' | '[degF]'
  readonly value: MedicalFloat
  readonly clockMs: number | null
  /** Where: 1 armpit, 2 body, 3 ear, 4 finger, 5 gut, 6 mouth, 7 rectum, 8 toe, 9 eardrum. */
  readonly site: number | null
}

export function decodeTemperature(view: DataView): TemperatureMeasurement {
  const packet = packetOf(view)
  const flags = packet.u8()
  return {
    unit: hasBit(flags, 0) ? '[degF]' : 'Cel',
    value: packet.float(),
    clockMs: hasBit(flags, 1) ? packet.dateTime() : null,
    site: hasBit(flags, 2) ? packet.u8() : null,
  }
}

/** Weight Measurement, 0x2A9D (Weight Scale Service 1.0). */
export interface WeightMeasurement {
  readonly unit: 'kg' | '[lb_av]'
  /** Null where weighing failed. */
  readonly weight: number | null
  readonly clockMs: number | null
  readonly user: number | null
  readonly bmi: number | null
  readonly heightM: number | null
}

/** All bits set: weighing failed. */
const FAILED = 0xffff
const METRES_PER_INCH = 0.0254
const massOf = (raw: number, isImperial: boolean) => (isImperial ? raw / 100 : (raw * 5) / 1000)

export function decodeWeight(view: DataView): WeightMeasurement {
  const packet = packetOf(view)
  const flags = packet.u8()
  const isImperial = hasBit(flags, 0)
  const raw = packet.u16()
  const clockMs = hasBit(flags, 1) ? packet.dateTime() : null
  const user = hasBit(flags, 2) ? packet.u8() : null
  const bmi = hasBit(flags, 3) ? packet.u16() / 10 : null
  const height = hasBit(flags, 3) ? packet.u16() : null
  return {
    unit: isImperial ? '[lb_av]' : 'kg',
    weight: raw === FAILED ? null : massOf(raw, isImperial),
    clockMs,
    user,
    bmi,
    heightM: height === null ? null : isImperial ? (height / 10) * METRES_PER_INCH : height / 1000,
  }
}

/** Body Composition Measurement, 0x2A9C (Body Composition Service 1.0). */
export interface CompositionMeasurement {
  readonly unit: 'kg' | '[lb_av]'
  readonly fatPercent: number | null
  readonly clockMs: number | null
  readonly user: number | null
  readonly muscle: number | null
  readonly weight: number | null
}

export function decodeComposition(view: DataView): CompositionMeasurement {
  const packet = packetOf(view)
  const flags = packet.u16()
  const isImperial = hasBit(flags, 0)
  const fat = packet.u16()
  const clockMs = hasBit(flags, 1) ? packet.dateTime() : null
  const user = hasBit(flags, 2) ? packet.u8() : null
  const field = (bit: number) => (hasBit(flags, bit) ? packet.u16() : null)
  field(3) // energy at rest
  field(4) // muscle in per cent
  const muscle = field(5)
  for (const bit of [6, 7, 8, 9]) field(bit) // fat free, lean and water mass, impedance
  const weight = field(10)
  return {
    unit: isImperial ? '[lb_av]' : 'kg',
    fatPercent: fat === FAILED ? null : fat / 10,
    clockMs,
    user,
    muscle: muscle === null ? null : massOf(muscle, isImperial),
    weight: weight === null ? null : massOf(weight, isImperial),
  }
}

/** PLX Spot-Check Measurement, 0x2A5E, and PLX Continuous Measurement, 0x2A5F (Pulse Oximeter Service 1.0.1). */
export interface OximeterMeasurement {
  readonly spo2: MedicalFloat
  readonly pulse: MedicalFloat
  readonly clockMs: number | null
  /** Bits: 10 for demonstration, 11 for testing, 12 calibrating, 13 unavailable, 14 questionable, 15 invalid. */
  readonly status: number
  /** Bits: 1 malfunction, 3 inadequate, 4 poor signal, 5 low perfusion, 6 erratic, 7-8 no pulse, 15 sensor disconnected. */
  readonly sensor: number
  readonly amplitudePercent: MedicalFloat | null
}

export function decodeOximeterSpot(view: DataView): OximeterMeasurement {
  const packet = packetOf(view)
  const flags = packet.u8()
  const [spo2, pulse] = [packet.sfloat(), packet.sfloat()]
  const told = hasBit(flags, 0) ? packet.dateTime() : null
  const clockMs = hasBit(flags, 4) ? null : told // bit 4: the clock was never set
  const status = hasBit(flags, 1) ? packet.u16() : 0
  const sensor = hasBit(flags, 2) ? packet.u24() : 0
  return { spo2, pulse, clockMs, status, sensor, amplitudePercent: hasBit(flags, 3) ? packet.sfloat() : null }
}

export function decodeOximeterStream(view: DataView): OximeterMeasurement {
  const packet = packetOf(view)
  const flags = packet.u8()
  const [spo2, pulse] = [packet.sfloat(), packet.sfloat()]
  for (const bit of [0, 1]) {
    if (!hasBit(flags, bit)) continue
    packet.sfloat() // the same averaged over a shorter, and over a longer time
    packet.sfloat()
  }
  const status = hasBit(flags, 2) ? packet.u16() : 0
  const sensor = hasBit(flags, 3) ? packet.u24() : 0
  return { spo2, pulse, clockMs: null, status, sensor, amplitudePercent: hasBit(flags, 4) ? packet.sfloat() : null }
}
