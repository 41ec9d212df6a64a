// Values of Bluetooth characteristics: little-endian, fields present or not by flags, numbers as IEEE 11073-20601 writes them.

/** Bytes that are no value of that characteristic. */
export class PacketFault extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'PacketFault'
  }
}

/** Why there is no number: it failed, is not known at this resolution, is beyond what the device can tell, or a code nobody uses. */
export type Special = 'notANumber' | 'notAtThisResolution' | 'aboveAll' | 'belowAll' | 'reserved'
/** A medical float: the number that was written in decimal, or why there is none. */
export type MedicalFloat =
  | { readonly value: number; readonly special: null }
  | { readonly value: null; readonly special: Special }

/** The codes count with an exponent of zero only, and stand at the ends of the mantissa's range. */
function specialOf(mantissa: number, bits: number): Special | null {
  const top = 2 ** (bits - 1)
  const codes: readonly (readonly [number, Special])[] = [
    [top - 1, 'notANumber'],
    [-top, 'notAtThisResolution'],
    [top - 2, 'aboveAll'],
    [-top + 2, 'belowAll'],
    [-top + 1, 'reserved'],
  ]
  return codes.find(([code]) => code === mantissa)?.[1] ?? null
}

function medicalFloat(mantissa: number, exponent: number, bits: number): MedicalFloat {
  const special = exponent === 0 ? specialOf(mantissa, bits) : null
  if (special !== null) return { value: null, special }
  // Dividing by a power of ten is exact where multiplying by its inverse is not.
  const value = exponent < 0 ? mantissa / 10 ** -exponent : mantissa * 10 ** exponent
  return { value: value === 0 ? 0 : value, special: null }
}

/** Reads one field after the other; past the end it throws PacketFault. What follows the last known field is of a later version and left. */
export interface Packet {
  u8(): number
  u16(): number
  i8(): number
  i16(): number
  u24(): number
  /** SFLOAT: exponent in the upper 4 bits, mantissa in the lower 12. */
  sfloat(): MedicalFloat
  /** FLOAT: exponent in the upper byte, mantissa in the lower 24 bits. */
  float(): MedicalFloat
  /** Wall clock as milliseconds, read as if it were UTC; null where the device says that it does not know, or no such day exists. */
  dateTime(): number | null
  readonly left: number
}

export function packetOf(view: DataView): Packet {
  let at = 0
  const take = (bytes: number) => {
    if (at + bytes > view.byteLength) throw new PacketFault('the packet is cut off')
    at += bytes
    return at - bytes
  }
  const u8 = () => view.getUint8(take(1))
  const u16 = () => view.getUint16(take(2), true)
  return {
    u8,
    u16,
    i8: () => view.getInt8(take(1)),
    i16: () => view.getInt16(take(2), true),
    u24: () => u16() + u8() * 65_536,
    sfloat() {
      const raw = view.getInt16(take(2), true)
      return medicalFloat((raw << 20) >> 20, raw >> 12, 12)
    },
    float() {
      const raw = view.getInt32(take(4), true)
      return medicalFloat((raw << 8) >> 8, raw >> 24, 24)
    },
    dateTime() {
      const [year, month, day, hour, minute, second] = [u16(), u8(), u8(), u8(), u8(), u8()] as const
      const ms = Date.UTC(year, month - 1, day, hour, minute, second)
      const date = new Date(ms)
      const isThere = date.getUTCMonth() === month - 1 && date.getUTCDate() === day && date.getUTCHours() === hour
      return year >= 1582 && isThere && minute < 60 && second < 60 ? ms : null
    },
    get left() {
      return view.byteLength - at
    },
  }
}

export const hasBit = (flags: number, bit: number): boolean => Math.floor(flags / 2 ** bit) % 2 === 1

/** CRC-16 with polynomial 0x1021, reflected, from 0xffff: the E2E-CRC of the continuous glucose profile. */
export function crc16(bytes: Uint8Array): number {
  let crc = 0xffff
  for (const byte of bytes) {
    crc ^= byte
    for (let bit = 0; bit < 8; bit++) crc = crc % 2 === 1 ? (crc >>> 1) ^ 0x8408 : crc >>> 1
  }
  return crc
}
