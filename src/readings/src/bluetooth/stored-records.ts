import { packetOf } from './packet.ts'

/** Record Access Control Point: how a meter or a sensor hands out what it has stored (Glucose Profile 1.0, 4.4). */
export const RECORD_ACCESS = 0x2a52

const REPORT = 1
const ALL = 1
const ANSWER = 6
const SUCCESS = 1
const NONE_FOUND = 6

/** Asks for all that is stored: each comes as a notification of its own, and then the answer. */
export const askForAllRecords = (): Uint8Array<ArrayBuffer> => Uint8Array.of(REPORT, ALL)

export type RecordsAnswer = 'sent' | 'none' | 'refused'

/** Null for what is no answer to asking for all. @throws PacketFault for bytes that are no value of it. */
export function decodeRecordsAnswer(view: DataView): RecordsAnswer | null {
  const packet = packetOf(view)
  if (packet.u8() !== ANSWER) return null
  packet.u8() // operator, always null
  if (packet.u8() !== REPORT) return null
  const code = packet.u8()
  return code === SUCCESS ? 'sent' : code === NONE_FOUND ? 'none' : 'refused'
}

/** Battery Service 1.0, read once. */
export const BATTERY = { service: 0x180f, characteristic: 0x2a19 } as const

/** In per cent. @throws PacketFault. */
export const decodeBattery = (view: DataView): number => Math.min(packetOf(view).u8(), 100)

/** Of a continuous glucose sensor: from when its minutes count, for `decodeSensorSession`. */
export const SENSOR_SESSION = 0x2aaa
