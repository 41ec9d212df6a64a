/**
 * Fixed-layout byte access, big-endian. Written without TextEncoder, Buffer or any DOM type, because canisters link it.
 */

/** Largest count or position: counts are plain numbers here, since bigint arithmetic is dear in a canister. */
export const COUNT_MAX = Number.MAX_SAFE_INTEGER

const TWO_32 = 0x1_0000_0000
const U64_END = 1n << 64n

/** Why bytes are not the value they should be. */
export type DecodeFailure = 'WrongLength' | 'WrongTag' | 'ReservedNotZero' | 'OutOfRange'
export type Decoded<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly reason: DecodeFailure }

export function refused(reason: DecodeFailure): { readonly ok: false; readonly reason: DecodeFailure } {
  return { ok: false, reason }
}

/** @param text ASCII only. */
export function ascii(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length)
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i)
  return bytes
}

export function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}

/** Not constant in time: for public values only. */
export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false
  return true
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

export function isCount(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0
}

/** @throws RangeError unless `value` is an integer in 0..2^53-1. */
export function setCount(view: DataView, offset: number, value: number): void {
  if (!isCount(value)) throw new RangeError('a count is an integer from 0 to 2^53-1')
  view.setUint32(offset, Math.floor(value / TWO_32))
  view.setUint32(offset + 4, value % TWO_32)
}

/** The u64 at `offset`, or -1 if it is above 2^53-1. */
export function getCount(view: DataView, offset: number): number {
  const value = view.getUint32(offset) * TWO_32 + view.getUint32(offset + 4)
  return value <= COUNT_MAX ? value : -1
}

/** @throws RangeError unless `value` fits 64 bits. */
export function setU64(view: DataView, offset: number, value: bigint): void {
  if (value < 0n || value >= U64_END) throw new RangeError('the value does not fit 64 bits')
  view.setBigUint64(offset, value)
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
