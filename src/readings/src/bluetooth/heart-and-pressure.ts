import { hasBit, type MedicalFloat, packetOf } from './packet.ts'

/** Heart Rate Measurement, 0x2A37 (Heart Rate Service 1.0). */
export interface HeartRateMeasurement {
  readonly bpm: number
  /** Whether the sensor touches the skin; null where it can't tell. */
  readonly contact: boolean | null
  readonly energyKJ: number | null
  /** Between beats, oldest first, in milliseconds. */
  readonly rrMs: readonly number[]
}

export function decodeHeartRate(view: DataView): HeartRateMeasurement {
  const packet = packetOf(view)
  const flags = packet.u8()
  const bpm = hasBit(flags, 0) ? packet.u16() : packet.u8()
  const contact = hasBit(flags, 2) ? hasBit(flags, 1) : null
  const energyKJ = hasBit(flags, 3) ? packet.u16() : null
  const rrMs: number[] = []
  if (hasBit(flags, 4)) while (packet.left >= 2) rrMs.push(Math.round((packet.u16() * 1000) / 1024))
  return { bpm, contact, energyKJ, rrMs }
}

/** Blood Pressure Measurement, 0x2A35 (Blood Pressure Service 1.1). */
export interface PressureMeasurement {
  readonly unit: 'mm[Hg]' | 'kPa'
  readonly systolic: MedicalFloat
  readonly diastolic: MedicalFloat
  readonly mean: MedicalFloat
  readonly clockMs: number | null
  readonly pulse: MedicalFloat | null
  /** Which of the device's users; 255 is one that it does not know. */
  readonly user: number | null
  /** Bits: 0 moved, 1 cuff too loose, 2 irregular pulse, 3-4 pulse rate out of range, 5 wrong position. */
  readonly status: number
}

export function decodePressure(view: DataView): PressureMeasurement {
  const packet = packetOf(view)
  const flags = packet.u8()
  return {
    unit: hasBit(flags, 0) ? 'kPa' : 'mm[Hg]',
    systolic: packet.sfloat(),
    diastolic: packet.sfloat(),
    mean: packet.sfloat(),
    clockMs: hasBit(flags, 1) ? packet.dateTime() : null,
    pulse: hasBit(flags, 2) ? packet.sfloat() : null,
    user: hasBit(flags, 3) ? packet.u8() : null,
    status: hasBit(flags, 4) ? packet.u16() : 0,
  }
}
