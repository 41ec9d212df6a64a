// Straight-line binary codecs for canisters and clients alike. They run in QuickJS, where each call costs: keep them plain.

/** Where numbers become bytes: a view on each row would cost more than the row. */
const word = new DataView(new ArrayBuffer(8))
const WORD_4 = new Uint8Array(word.buffer, 0, 4)
const WORD_8 = new Uint8Array(word.buffer)

/** Appends big-endian fields. The size is known before: a write past the end is a bug and throws. */
export class ByteWriter {
  readonly bytes: Uint8Array
  offset = 0

  constructor(sizeBytes: number) {
    this.bytes = new Uint8Array(sizeBytes)
  }
  u8(value: number): this {
    this.bytes[this.offset++] = value
    return this
  }
  u16(value: number): this {
    return this.u8(value >>> 8).u8(value)
  }
  u32(value: number): this {
    word.setUint32(0, value)
    this.bytes.set(WORD_4, this.offset)
    this.offset += 4
    return this
  }
  u64(value: bigint): this {
    word.setBigUint64(0, value)
    this.bytes.set(WORD_8, this.offset)
    this.offset += 8
    return this
  }
  raw(value: Uint8Array): this {
    this.bytes.set(value, this.offset)
    this.offset += value.length
    return this
  }
  /** @throws Error when not every byte was written. */
  done(): Uint8Array {
    if (this.offset !== this.bytes.length) throw new Error(`wrote ${this.offset} of ${this.bytes.length} bytes`)
    return this.bytes
  }
}

/** Reads big-endian fields. Total: past the end it returns zeros and `ok` becomes false, so decoders check once, at the end. */
export class ByteReader {
  readonly bytes: Uint8Array
  offset = 0
  ok = true

  constructor(bytes: Uint8Array) {
    this.bytes = bytes
  }
  u8(): number {
    const value = this.bytes[this.offset++]
    if (value === undefined) this.ok = false
    return value ?? 0
  }
  u16(): number {
    return this.u8() * 0x100 + this.u8()
  }
  u32(): number {
    const { bytes, offset } = this
    this.offset = offset + 4
    const last = bytes[offset + 3]
    if (last === undefined) {
      this.ok = false
      return 0
    }
    return (
      (bytes[offset] ?? 0) * 0x100_0000 + (((bytes[offset + 1] ?? 0) << 16) | ((bytes[offset + 2] ?? 0) << 8) | last)
    )
  }
  u64(): bigint {
    const { bytes, offset } = this
    this.offset = offset + 8
    if (this.offset > bytes.length) {
      this.ok = false
      return 0n
    }
    return new DataView(bytes.buffer, bytes.byteOffset + offset).getBigUint64(0)
  }
  /** A copy of the next `length` bytes; of zeros when they are not there. */
  raw(length: number): Uint8Array {
    const end = this.offset + length
    if (end > this.bytes.length) {
      this.ok = false
      this.offset = end
      return new Uint8Array(length > 0xffff ? 0 : length)
    }
    const value = this.bytes.slice(this.offset, end)
    this.offset = end
    return value
  }
  /** True when all fields were there and nothing follows them. */
  atEnd(): boolean {
    return this.ok && this.offset === this.bytes.length
  }
}

export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  const length = a.length
  if (length !== b.length) return false
  for (let i = 0; i < length; i++) if (a[i] !== b[i]) return false
  return true
}

export function compareBytes(a: Uint8Array, b: Uint8Array): number {
  const length = Math.min(a.length, b.length)
  for (let i = 0; i < length; i++) {
    const difference = (a[i] ?? 0) - (b[i] ?? 0)
    if (difference !== 0) return difference
  }
  return a.length - b.length
}

export function concatBytes(...parts: readonly Uint8Array[]): Uint8Array {
  let sizeBytes = 0
  for (const part of parts) sizeBytes += part.length
  const bytes = new Uint8Array(sizeBytes)
  let offset = 0
  for (const part of parts) {
    bytes.set(part, offset)
    offset += part.length
  }
  return bytes
}

/** ASCII only: the bundled encoder of the canister engine costs 15,000 instructions a character. */
export function ascii(value: string): Uint8Array {
  const length = value.length
  const bytes = new Uint8Array(length)
  for (let i = 0; i < length; i++) bytes[i] = value.charCodeAt(i)
  return bytes
}

const HEX = '0123456789abcdef'
export function toHex(bytes: Uint8Array): string {
  let hex = ''
  for (const byte of bytes) hex += HEX.charAt(byte >>> 4) + HEX.charAt(byte & 15)
  return hex
}
/** @returns null unless the text is pairs of hexadecimal digits. */
export function fromHex(hex: string): Uint8Array | null {
  if (hex.length % 2 !== 0 || !/^[0-9a-fA-F]*$/.test(hex)) return null
  const bytes = new Uint8Array(hex.length / 2)
  for (let i = 0; i < bytes.length; i++) bytes[i] = Number.parseInt(hex.slice(2 * i, 2 * i + 2), 16)
  return bytes
}
