import { crc16, hasBit, type MedicalFloat, PacketFault, packetOf } from './packet.ts'

/** Glucose Measurement, 0x2A18 (Glucose Service 1.0). */
export interface GlucoseMeasurement {
  readonly sequence: number
  /** With the offset that a person set since: the clock as the device shows it. */
  readonly clockMs: number | null
  readonly unit: 'kg/L' | 'mol/L'
  readonly concentration: MedicalFloat | null
  /** 1-8 kinds of blood, 9 interstitial fluid, 10 control solution. */
  readonly type: number | null
  /** 1 finger, 2 another place, 3 earlobe, 4 control solution, 15 not said. */
  readonly location: number | null
  /** Bits: 1 sensor malfunction, 2 sample too small, 3-4 strip, 5 above, 6 below what it can tell, 7-8 temperature, 9 interrupted, 10 fault, 11 time fault. */
  readonly status: number
}

export function decodeGlucose(view: DataView): GlucoseMeasurement {
  const packet = packetOf(view)
  const flags = packet.u8()
  const sequence = packet.u16()
  const baseMs = packet.dateTime()
  const offsetMinutes = hasBit(flags, 0) ? packet.i16() : 0
  const concentration = hasBit(flags, 1) ? packet.sfloat() : null
  const kind = hasBit(flags, 1) ? packet.u8() : null
  return {
    sequence,
    clockMs: baseMs === null ? null : baseMs + offsetMinutes * 60_000,
    unit: hasBit(flags, 2) ? 'mol/L' : 'kg/L',
    concentration,
    type: kind === null ? null : kind % 16,
    location: kind === null ? null : kind >> 4,
    status: hasBit(flags, 3) ? packet.u16() : 0,
  }
}

/** Glucose Measurement Context, 0x2A34: follows the measurement of the same number. */
export interface GlucoseContext {
  readonly sequence: number
  readonly carbohydrateKg: MedicalFloat | null
  /** 1 before a meal, 2 after, 3 fasting, 4 casual, 5 bedtime. */
  readonly meal: number | null
  readonly exerciseSeconds: number | null
  readonly exercisePercent: number | null
  readonly medication: { readonly kind: number; readonly amount: MedicalFloat; readonly unit: 'kg' | 'L' } | null
  readonly hba1cPercent: MedicalFloat | null
}

export function decodeGlucoseContext(view: DataView): GlucoseContext {
  const packet = packetOf(view)
  const flags = packet.u8()
  const sequence = packet.u16()
  if (hasBit(flags, 7)) packet.u8() // extended flags, all reserved
  let carbohydrateKg: MedicalFloat | null = null
  if (hasBit(flags, 0)) {
    packet.u8() // breakfast, lunch, dinner…
    carbohydrateKg = packet.sfloat()
  }
  const meal = hasBit(flags, 1) ? packet.u8() : null
  if (hasBit(flags, 2)) packet.u8() // who tested, and their health
  const exerciseSeconds = hasBit(flags, 3) ? packet.u16() : null
  const exercisePercent = hasBit(flags, 3) ? packet.u8() : null
  const unit = hasBit(flags, 5) ? 'L' : 'kg'
  const medication = hasBit(flags, 4) ? ({ kind: packet.u8(), amount: packet.sfloat(), unit } as const) : null
  const hba1cPercent = hasBit(flags, 6) ? packet.sfloat() : null
  return { sequence, carbohydrateKg, meal, exerciseSeconds, exercisePercent, medication, hba1cPercent }
}

/** CGM Measurement, 0x2AA7 (Continuous Glucose Monitoring Service 1.0.2). */
export interface SensorMeasurement {
  /** In mg/dL. */
  readonly glucose: MedicalFloat
  /** Since the session began. */
  readonly minutes: number
  /** Status octet: 0 session stopped, 1 battery low, 3 sensor malfunction, 5 fault. */
  readonly status: number
  /** Calibration and temperature octet. */
  readonly calibration: number
  /** Warning octet: 6 below, 7 above what it can tell. */
  readonly warning: number
  /** mg/dL a minute. */
  readonly trend: MedicalFloat | null
  readonly qualityPercent: MedicalFloat | null
}

/** One notification may hold several. A check sum is checked where one is. */
export function decodeSensor(view: DataView): SensorMeasurement[] {
  const found: SensorMeasurement[] = []
  for (let at = 0; at < view.byteLength;) {
    const size = view.getUint8(at)
    if (size < 6 || at + size > view.byteLength) throw new PacketFault('a measurement of a wrong size')
    found.push(sensorRecord(new DataView(view.buffer, view.byteOffset + at, size)))
    at += size
  }
  return found
}

function sensorRecord(view: DataView): SensorMeasurement {
  const packet = packetOf(view)
  packet.u8() // size
  const flags = packet.u8()
  const measured = {
    glucose: packet.sfloat(),
    minutes: packet.u16(),
    status: hasBit(flags, 7) ? packet.u8() : 0,
    calibration: hasBit(flags, 6) ? packet.u8() : 0,
    warning: hasBit(flags, 5) ? packet.u8() : 0,
    trend: hasBit(flags, 0) ? packet.sfloat() : null,
    qualityPercent: hasBit(flags, 1) ? packet.sfloat() : null,
  }
  checkSum(view, packet.left)
  return measured
}

function checkSum(view: DataView, left: number): void {
  if (left < 2) return
  const bytes = new Uint8Array(view.buffer, view.byteOffset, view.byteLength - 2)
  if (crc16(bytes) !== view.getUint16(view.byteLength - 2, true)) throw new PacketFault('the check sum is wrong')
}

/** CGM Session Start Time, 0x2AAA: from when minutes count. */
export interface SensorSession {
  readonly clockMs: number | null
  /** Summer time included; null where the device does not know. */
  readonly offsetMinutes: number | null
}

export function decodeSensorSession(view: DataView): SensorSession {
  const packet = packetOf(view)
  const clockMs = packet.dateTime()
  const zone = packet.i8()
  const summer = packet.u8()
  checkSum(view, packet.left)
  const isKnown = zone !== -128 && summer !== 255
  return { clockMs, offsetMinutes: isKnown ? (zone + summer) * 15 : null }
}
