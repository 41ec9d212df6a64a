const utf8 = new TextEncoder()

// Below this length a loop beats `set`, which has to make a view first; most runs between two injections are shorter.
const SHORT_RUN_BYTES = 64

/** Collects the bytes of a Wasm module. */
export class ByteWriter {
  #bytes: Uint8Array<ArrayBuffer>
  #length = 0

  constructor(expectedBytes: number) {
    this.#bytes = new Uint8Array(Math.max(expectedBytes, 64))
  }

  get length(): number {
    return this.#length
  }

  byte(value: number): void {
    this.#reserve(1)
    this.#bytes[this.#length++] = value
  }

  u32(value: number): void {
    let rest = value >>> 0
    this.#reserve(5)
    while (rest >= 0x80) {
      this.#bytes[this.#length++] = (rest & 0x7f) | 0x80
      rest >>>= 7
    }
    this.#bytes[this.#length++] = rest
  }

  /** Signed LEB128 of a number from 0 to 2^31 - 1. */
  positiveSigned(value: number): void {
    let rest = value
    this.#reserve(5)
    while (rest >= 0x40) {
      this.#bytes[this.#length++] = (rest & 0x7f) | 0x80
      rest >>>= 7
    }
    this.#bytes[this.#length++] = rest
  }

  copy(source: Uint8Array, from = 0, to = source.length): void {
    const count = to - from
    this.#reserve(count)
    if (count < SHORT_RUN_BYTES) {
      for (let index = from; index < to; index++) this.#bytes[this.#length++] = source[index] ?? 0
      return
    }
    this.#bytes.set(source.subarray(from, to), this.#length)
    this.#length += count
  }

  name(text: string): void {
    const encoded = utf8.encode(text)
    this.u32(encoded.length)
    this.copy(encoded)
  }

  /** Writes `body` with its length in front. The length takes five bytes whatever it is, so that the body is written in place. */
  sized(body: () => void): number {
    const at = this.#length
    this.#reserve(5)
    this.#length += 5
    body()
    const size = this.#length - at - 5
    for (let index = 0; index < 5; index++) {
      this.#bytes[at + index] = ((size >>> (7 * index)) & 0x7f) | (index < 4 ? 0x80 : 0)
    }
    return size
  }

  finish(): Uint8Array<ArrayBuffer> {
    return this.#bytes.slice(0, this.#length)
  }

  #reserve(count: number): void {
    if (this.#length + count <= this.#bytes.length) return
    const larger = new Uint8Array(Math.max(this.#bytes.length * 2, this.#length + count))
    larger.set(this.#bytes.subarray(0, this.#length))
    this.#bytes = larger
  }
}
