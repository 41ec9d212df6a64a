// Small operations on bytes that hashing, trees and requests share.
import { createHash } from 'node:crypto'

/** @returns 32 bytes. */
export function sha256(...parts: readonly Uint8Array[]): Uint8Array {
  const hash = createHash('sha256')
  for (const part of parts) hash.update(part)
  return plain(hash.digest())
}

/** @returns 28 bytes. */
export function sha224(bytes: Uint8Array): Uint8Array {
  return plain(createHash('sha224').update(bytes).digest())
}

/** A Node `Buffer` is a view with its own methods; encoders and comparisons want the bytes alone. */
export function plain(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}

export function concat(...parts: readonly Uint8Array[]): Uint8Array {
  const out = new Uint8Array(parts.reduce((size, part) => size + part.length, 0))
  let at = 0
  for (const part of parts) {
    out.set(part, at)
    at += part.length
  }
  return out
}

export const utf8 = (text: string): Uint8Array => plain(Buffer.from(text, 'utf8'))
export const hex = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('hex')
export const fromHex = (text: string): Uint8Array => plain(Buffer.from(text, 'hex'))
export const compareBytes = (a: Uint8Array, b: Uint8Array): number => Buffer.compare(a, b)
export const equalBytes = (a: Uint8Array, b: Uint8Array): boolean => a.length === b.length && Buffer.compare(a, b) === 0

/** Domain separator: one length byte, then the ASCII name. Interface specification, "Signatures" and "Certificate". */
export function domainSeparator(name: string): Uint8Array {
  const ascii = utf8(name)
  return concat(Uint8Array.of(ascii.length), ascii)
}

/** Shortest unsigned LEB128. @throws RangeError for a negative value. */
export function uleb128(value: bigint): Uint8Array {
  if (value < 0n) throw new RangeError('unsigned LEB128 holds no negative number')
  const out: number[] = []
  let rest = value
  do {
    const low = Number(rest & 0x7fn)
    rest >>= 7n
    out.push(rest === 0n ? low : low | 0x80)
  } while (rest !== 0n)
  return Uint8Array.from(out)
}

/** Shortest signed LEB128. */
export function sleb128(value: bigint): Uint8Array {
  const out: number[] = []
  let rest = value
  for (;;) {
    const low = Number(rest & 0x7fn)
    rest >>= 7n
    const done = (rest === 0n && (low & 0x40) === 0) || (rest === -1n && (low & 0x40) !== 0)
    out.push(done ? low : low | 0x80)
    if (done) return Uint8Array.from(out)
  }
}
