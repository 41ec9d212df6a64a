/** Bytes that are no segment, or one of another version. */
export class SegmentFault extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'SegmentFault'
  }
}

export interface Writer {
  byte(value: number): void
  /** Seven bits a byte, lowest first, the highest bit set on all but the last. 0 to 2^53 - 1. */
  varint(value: number): void
  /** 0, -1, 1, -2, 2 … as 0, 1, 2, 3, 4 … */
  zigzag(value: number): void
  /** Length in bytes, then UTF-8. */
  text(value: string): void
  double(value: number): void
  readonly length: number
  done(): Uint8Array
}

export function createWriter(): Writer {
  let bytes = new Uint8Array(256)
  let length = 0
  const room = (count: number) => {
    if (length + count <= bytes.length) return
    const larger = new Uint8Array(Math.max(bytes.length * 2, length + count))
    larger.set(bytes)
    bytes = larger
  }
  const varint = (value: number) => {
    room(8)
    let rest = value
    while (rest >= 128) {
      bytes[length++] = (rest % 128) + 128
      rest = Math.floor(rest / 128)
    }
    bytes[length++] = rest
  }
  return {
    byte(value) {
      room(1)
      bytes[length++] = value
    },
    varint,
    zigzag: (value) => varint(value < 0 ? -value * 2 - 1 : value * 2),
    text(value) {
      const utf8 = new TextEncoder().encode(value)
      varint(utf8.length)
      room(utf8.length)
      bytes.set(utf8, length)
      length += utf8.length
    },
    double(value) {
      room(8)
      new DataView(bytes.buffer).setFloat64(length, value)
      length += 8
    },
    get length() {
      return length
    },
    done: () => bytes.slice(0, length),
  }
}

/** Each throws SegmentFault past the end and for anything that a writer does not write. */
export interface Reader {
  byte(): number
  varint(max: number): number
  zigzag(): number
  text(bytesMax: number): string
  double(): number
  readonly isAtEnd: boolean
}

export function createReader(bytes: Uint8Array): Reader {
  let at = 0
  const byte = () => {
    const value = bytes[at++]
    if (value === undefined) throw new SegmentFault('the segment ends too early')
    return value
  }
  const varint = (max: number) => {
    let [value, scale] = [0, 1]
    for (let i = 0; i < 8; i++) {
      const next = byte()
      value += (next % 128) * scale
      if (next < 128) {
        if ((next === 0 && i > 0) || value > max) throw new SegmentFault('a number out of bounds')
        return value
      }
      scale *= 128
    }
    throw new SegmentFault('a number out of bounds')
  }
  return {
    byte,
    varint,
    zigzag() {
      const value = varint(Number.MAX_SAFE_INTEGER)
      return value % 2 === 0 ? value / 2 : -(value + 1) / 2
    },
    text(bytesMax) {
      const length = varint(bytesMax)
      if (at + length > bytes.length) throw new SegmentFault('the segment ends too early')
      const utf8 = bytes.subarray(at, at + length)
      at += length
      try {
        return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(utf8)
      } catch {
        throw new SegmentFault('text that is no UTF-8')
      }
    },
    double() {
      if (at + 8 > bytes.length) throw new SegmentFault('the segment ends too early')
      const value = new DataView(bytes.buffer, bytes.byteOffset + at).getFloat64(0)
      at += 8
      return value
    },
    get isAtEnd() {
      return at === bytes.length
    },
  }
}
