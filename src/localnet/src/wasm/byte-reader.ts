import { InvalidModule } from '../contracts.ts'

// A byte order mark is part of a name: dropping it would make two different names equal.
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** Reads the Wasm binary format from attacker-controlled bytes; every read stays inside `[position, end)` or throws InvalidModule. */
export class ByteReader {
  readonly bytes: Uint8Array
  readonly end: number
  position: number

  constructor(bytes: Uint8Array, position: number, end: number) {
    this.bytes = bytes
    this.position = position
    this.end = end
  }

  get atEnd(): boolean {
    return this.position === this.end
  }

  byte(): number {
    const value = this.position < this.end ? this.bytes[this.position] : undefined
    if (value === undefined) throw this.#cutShort()
    this.position++
    return value
  }

  /** Unsigned LEB128 of at most 32 bits. WebAssembly core specification, section 5.2.2 */
  u32(): number {
    let result = 0
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.byte()
      if (shift === 28 && byte > 0x0f) break
      result |= (byte & 0x7f) << shift
      if (byte < 0x80) return result >>> 0
    }
    throw new InvalidModule(`number longer than 32 bits at byte ${this.position - 1}`)
  }

  /** Steps over one LEB128 number of any sign, of at most 64 bits. */
  skipNumber(): void {
    for (let count = 0; count < 10; count++) if (this.byte() < 0x80) return
    throw new InvalidModule(`number longer than 64 bits at byte ${this.position - 1}`)
  }

  skip(count: number): void {
    if (count > this.end - this.position) throw this.#cutShort()
    this.position += count
  }

  /** The next `count` bytes, as a view into the module. */
  take(count: number): Uint8Array {
    const from = this.position
    this.skip(count)
    return this.bytes.subarray(from, this.position)
  }

  name(): string {
    const from = this.position
    try {
      return utf8.decode(this.take(this.u32()))
    } catch (error) {
      if (error instanceof InvalidModule) throw error
      throw new InvalidModule(`name that is not UTF-8 at byte ${from}`)
    }
  }

  #cutShort(): InvalidModule {
    return new InvalidModule(`unexpected end at byte ${this.position}`)
  }
}
