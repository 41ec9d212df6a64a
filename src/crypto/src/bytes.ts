/** Fixed-layout byte access, big-endian. No TextEncoder, Buffer or DOM type: canisters link this file. */

const TWO_32 = 0x1_0000_0000

/** @param text ASCII only. */
export function ascii(text: string): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(text.length)
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i)
  return bytes
}

export function concatBytes(...parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  return joinBytes(parts)
}

/** For long lists, which as arguments would overflow the stack. */
export function joinBytes(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  let length = 0
  for (const part of parts) length += part.length
  const bytes = new Uint8Array(length)
  let at = 0
  for (const part of parts) {
    bytes.set(part, at)
    at += part.length
  }
  return bytes
}

/** Looks at every byte whatever it finds, so that the time says nothing about where two values differ. */
export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false
  let difference = 0
  for (let i = 0; i < a.length; i++) difference |= (a[i] ?? 0) ^ (b[i] ?? 0)
  return difference === 0
}

export function startsWith(bytes: Uint8Array, prefix: Uint8Array): boolean {
  if (bytes.length < prefix.length) return false
  for (let i = 0; i < prefix.length; i++) if (bytes[i] !== prefix[i]) return false
  return true
}

export function isZero(bytes: Uint8Array, start: number, end: number): boolean {
  for (let i = start; i < end; i++) if (bytes[i] !== 0) return false
  return true
}

export function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}

export function u32(value: number): Uint8Array<ArrayBuffer> {
  expectUint('the value', value, 32)
  return Uint8Array.of(value >>> 24, value >>> 16, value >>> 8, value)
}

/** Writes a u64. @throws RangeError unless `value` is an integer in 0..2^53-1. */
export function setCount(view: DataView, offset: number, value: number): void {
  if (!Number.isSafeInteger(value) || value < 0) throw new RangeError('a count is an integer from 0 to 2^53-1')
  view.setUint32(offset, Math.floor(value / TWO_32))
  view.setUint32(offset + 4, value % TWO_32)
}

/** The u64 at `offset`; inexact above 2^53-1, where every bound a caller checks is long passed. */
export function getCount(view: DataView, offset: number): number {
  return view.getUint32(offset) * TWO_32 + view.getUint32(offset + 4)
}

/** @throws RangeError unless `value` is an integer that fits `bits` bits. */
export function expectUint(name: string, value: number, bits: 8 | 32): void {
  if (!Number.isInteger(value) || value < 0 || value >= 2 ** bits)
    throw new RangeError(`${name} does not fit ${bits} bits`)
}

/** @throws RangeError unless `bytes` has exactly `length` bytes. */
export function expectLength(name: string, bytes: Uint8Array, length: number): void {
  if (bytes.length !== length) throw new RangeError(`${name} has ${bytes.length} bytes, not ${length}`)
}
