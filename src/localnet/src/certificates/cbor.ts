// CBOR as the Internet Computer uses it: self-describing tag in front, maps with text keys, nothing exotic.
import { decode as cborgDecode, encode as cborgEncode } from 'cborg'
import { concat } from './bytes.ts'

/** What a request or certificate may hold. Maps are `Map`, so a key such as `__proto__` is only a key. */
export type Cbor = string | number | bigint | boolean | null | Uint8Array | readonly Cbor[] | CborMap
export type CborMap = ReadonlyMap<string, Cbor>

/** Bytes that are not the CBOR we take. The message is safe to show to the sender. */
export class InvalidCbor extends Error {
  override readonly name = 'InvalidCbor'
}

const SELF_DESCRIBED = Uint8Array.of(0xd9, 0xd9, 0xf7) // tag 55799, RFC 8949, section 3.4.6
const DEPTH_MAX = 128
const ITEMS_MAX = 300_000 // 1000 paths of 127 labels, the largest thing the interface specification allows

/** @returns the encoding with tag 55799 in front. Byte strings must be `Uint8Array`. */
export function encodeTagged(value: unknown): Uint8Array {
  return concat(SELF_DESCRIBED, cborgEncode(value))
}

/**
 * Decodes one item, with or without tag 55799. Everything in it comes from a stranger.
 * @throws InvalidCbor for duplicate keys, keys that are not text, floats, other tags, trailing bytes, deep or endless nesting.
 */
export function decodeUntrusted(bytes: Uint8Array): Cbor {
  const tagged = SELF_DESCRIBED.every((byte, index) => bytes[index] === byte)
  const body = tagged ? bytes.subarray(SELF_DESCRIBED.length) : bytes
  checkShape(body)
  let value: unknown
  try {
    value = cborgDecode(body, { useMaps: true, rejectDuplicateMapKeys: true, allowUndefined: false, allowNaN: false })
  } catch (error) {
    throw new InvalidCbor(error instanceof Error ? error.message : 'not CBOR')
  }
  return checkTypes(value)
}

function fail(why: string): never {
  throw new InvalidCbor(why)
}

/** Walks the heads without building anything, because the decoder recurses and would meet the stack's end first. */
function checkShape(bytes: Uint8Array): void {
  const open: { left: number; indefinite: boolean }[] = []
  let at = 0
  let items = 0
  do {
    if (at >= bytes.length) fail('the CBOR ends too early')
    if (++items > ITEMS_MAX) fail('too many CBOR items')
    const first = bytes[at++] ?? 0
    const major = first >> 5
    const minor = first & 31
    const top = open.at(-1)
    if (first === 0xff) {
      if (top === undefined || !top.indefinite) fail('a break outside an indefinite item')
      open.pop()
    } else {
      if (minor >= 28 && minor < 31) fail('reserved CBOR head')
      const width = minor < 24 ? 0 : minor === 31 ? 0 : 1 << (minor - 24)
      let size = minor < 24 ? minor : 0
      for (let i = 0; i < width; i++) size = size * 256 + (bytes[at + i] ?? 0)
      at += width
      const indefinite = minor === 31
      if (top !== undefined && !top.indefinite) top.left--
      if (major === 6) fail('a CBOR tag where none is allowed')
      if (major === 2 || major === 3) {
        if (indefinite) fail('strings of indefinite length are not taken')
        at += size
      } else if (major === 4 || major === 5) {
        if (open.length >= DEPTH_MAX) fail('the CBOR nests too deep')
        const left = major === 5 ? size * 2 : size
        if (!indefinite && left > bytes.length) fail('the CBOR ends too early')
        open.push({ left, indefinite })
      }
    }
    for (let last = open.at(-1); last !== undefined && !last.indefinite && last.left === 0; last = open.at(-1))
      open.pop()
  } while (open.length > 0)
  if (at !== bytes.length) fail(at > bytes.length ? 'the CBOR ends too early' : 'bytes after the CBOR item')
}

function checkTypes(value: unknown): Cbor {
  if (typeof value === 'string' || typeof value === 'bigint' || typeof value === 'boolean' || value === null)
    return value
  if (typeof value === 'number') {
    if (!Number.isSafeInteger(value)) throw new InvalidCbor('floating point numbers are not taken')
    return value
  }
  if (value instanceof Uint8Array) return value
  if (Array.isArray(value)) return value.map(checkTypes)
  if (value instanceof Map) {
    const out = new Map<string, Cbor>()
    for (const [key, item] of value) {
      if (typeof key !== 'string') throw new InvalidCbor('map keys must be text')
      out.set(key, checkTypes(item))
    }
    return out
  }
  throw new InvalidCbor('a CBOR type that is not taken')
}
