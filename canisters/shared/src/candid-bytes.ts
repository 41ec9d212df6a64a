/** Writing and reading the value part of Candid messages. Plain classes and few calls: this runs in an interpreter. */
import { CandidWire, WIRE } from '@medguard/protocol'

/** Thrown by readers and caught by the codec, and made once: making an error costs as much as decoding an argument. */
export const BAD_BYTES = new Error('bytes are not a value of their type')
export const BAD_TYPE = new Error('bytes are of another type')
/** The reason is in the wire's `code`. */
export const BAD_WIRE = new Error('bytes are refused by the guard')
const DEPTH_MAX = 16

export class Output {
  bytes: Uint8Array<ArrayBuffer>
  view: DataView
  at: number

  constructor(header: Uint8Array) {
    this.bytes = new Uint8Array(header.length + 192)
    this.bytes.set(header)
    this.view = new DataView(this.bytes.buffer)
    this.at = header.length
  }
  /** Makes room for `count` bytes and returns where they begin. */
  take(count: number): number {
    const start = this.at
    this.at += count
    if (this.at > this.bytes.length) {
      const larger = new Uint8Array(2 * this.at)
      larger.set(this.bytes)
      this.bytes = larger
      this.view = new DataView(larger.buffer)
    }
    return start
  }
  /** Unsigned LEB128 of up to 32 bits. */
  leb(value: number): void {
    let rest = value
    while (rest > 0x7f) {
      this.byte((rest & 0x7f) | 0x80)
      rest >>>= 7
    }
    this.byte(rest)
  }
  byte(value: number): void {
    const start = this.take(1) // first: it may replace the bytes
    this.bytes[start] = value
  }
  blob(value: Uint8Array): void {
    this.leb(value.length)
    const start = this.take(value.length)
    this.bytes.set(value, start)
  }
}

export class Input {
  readonly bytes: Uint8Array
  readonly view: DataView
  at: number

  constructor(bytes: Uint8Array, at: number) {
    this.bytes = bytes
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
    this.at = at
  }
  take(count: number): number {
    const start = this.at
    this.at += count
    if (this.at > this.bytes.length) throw BAD_BYTES
    return start
  }
  leb(): number {
    let value = 0
    for (let shift = 0; shift < 28; shift += 7) {
      const byte = this.bytes[this.take(1)] ?? 0
      value |= (byte & 0x7f) << shift
      if (byte < 0x80) return value
    }
    throw BAD_BYTES // beyond 2^28 no message is that long
  }
  blob(): Uint8Array {
    const length = this.leb()
    const start = this.take(length)
    return this.bytes.slice(start, start + length)
  }
}

/** A message whose sender described it in another way than we do. */
export class Foreign {
  readonly wire: CandidWire
  readonly input: Input

  constructor(wire: CandidWire) {
    this.wire = wire
    this.input = new Input(wire.bytes, 0)
  }
  /** Counts one step, and checks that a composite type is of `kind`. */
  enter(type: number, kind: number, depth: number): void {
    const { wire } = this
    if (type < 0 || wire.kinds[type] !== kind) throw BAD_TYPE
    if (--wire.steps < 0) this.fail('steps')
    if (depth >= DEPTH_MAX) this.fail('depth')
  }
  part(type: number): number {
    return this.wire.parts[type]?.[0] ?? WIRE.null
  }
  skip(type: number, depth: number): void {
    if (!this.wire.walk(type, depth)) throw BAD_WIRE
  }
  /** A length or index, read by the wire. */
  number(value: number): number {
    if (value < 0) throw BAD_WIRE
    return value
  }
  fail(code: CandidWire['code']): never {
    this.wire.fail(code)
    throw BAD_WIRE
  }
  /** A value whose form does not depend on who sends it. */
  leaf(coder: { read(input: Input): unknown }): unknown {
    const { wire, input } = this
    if (--wire.steps < 0) this.fail('steps')
    input.at = wire.at
    const value = coder.read(input)
    wire.at = input.at
    return value
  }
}
