/**
 * Reading the value part of a Candid message: what generated decoders are made of. The message at hand is in variables of this module and not in
 * an object that is passed on: in the engine a property costs three times a variable, and a view of a buffer as much as a dozen numbers.
 */
import { Principal } from '@medguard/protocol'
import { wellFormedText } from './utf8.ts'

/** Thrown by readers and caught by the decoder, and made once: making an error costs as much as decoding an argument. */
export const BAD_BYTES = new Error('bytes are not a value of their type')

/** Most arguments are shorter: they are copied here, where the views exist already. */
const KEPT_BYTES = 8192
const KEPT = new Uint8Array(KEPT_BYTES)
const KEPT_VIEW = new DataView(KEPT.buffer)
/** The beginning of the message that `load` took, for comparing headers four bytes at a time. */
export const words = new Int32Array(KEPT.buffer)

const TEXT_BYTES_MAX = 4096
const PRINCIPAL_BYTES_MAX = 29

let bytes: Uint8Array = KEPT
let view: DataView = KEPT_VIEW
let at = 0
let end = 0
/** The message itself: a blob is a view of it, for a third of what a copy costs. It lives as long as any of its blobs. */
let buffer: ArrayBufferLike = KEPT.buffer
let offset = 0

/**
 * Takes a message, whose bytes must not change any more: blobs look at them. Behind its end there may be bytes of an older one: every reader
 * checks the end.
 */
export function load(message: Uint8Array): number {
  var length = message.length
  end = length
  buffer = message.buffer
  offset = message.byteOffset
  if (length <= KEPT_BYTES) {
    KEPT.set(message)
    bytes = KEPT
    view = KEPT_VIEW
  } else {
    KEPT.set(message.subarray(0, KEPT_BYTES))
    bytes = message
    view = new DataView(message.buffer, message.byteOffset, length)
  }
  return length
}
export function readFrom(start: number): void {
  at = start
}
export const isAtEnd = (): boolean => at === end

/** @throws BAD_BYTES past the end, as all readers do. */
export function readNat8(): number {
  if (at >= end) throw BAD_BYTES
  return bytes[at++] as number
}
export function readNat32(): number {
  var start = at
  if ((at = start + 4) > end) throw BAD_BYTES
  return view.getUint32(start, true)
}
export function readNat64(): bigint {
  var start = at
  if ((at = start + 8) > end) throw BAD_BYTES
  return view.getBigUint64(start, true)
}
/** A boolean, and whether an optional is there. */
export function readBool(): boolean {
  if (at >= end) throw BAD_BYTES
  var byte = bytes[at++]
  if (byte === 1) return true
  if (byte === 0) return false
  throw BAD_BYTES
}
/** A length or an index: unsigned LEB128 below 2^28, since no message is that long. */
export function readLeb(): number {
  if (at >= end) throw BAD_BYTES
  var byte = bytes[at++] as number
  if (byte < 0x80) return byte
  var value = byte & 0x7f
  for (var shift = 7; shift < 28; shift += 7) {
    if (at >= end) throw BAD_BYTES
    byte = bytes[at++] as number
    value |= (byte & 0x7f) << shift
    if (byte < 0x80) return value
  }
  throw BAD_BYTES
}
export function readBlob(): Uint8Array {
  var length = readLeb()
  var start = at
  if ((at = start + length) > end) throw BAD_BYTES
  return new Uint8Array(buffer, offset + start, length)
}
export function readText(): string {
  var length = readLeb()
  var start = at
  if ((at = start + length) > end || length > TEXT_BYTES_MAX) throw BAD_BYTES
  var text = wellFormedText(bytes.subarray(start, at))
  if (text === null) throw BAD_BYTES
  return text
}
export function readPrincipal(): Principal {
  if (readNat8() !== 1) throw BAD_BYTES
  var length = readLeb()
  var start = at
  if ((at = start + length) > end || length > PRINCIPAL_BYTES_MAX) throw BAD_BYTES
  return Principal.fromUint8Array(new Uint8Array(buffer, offset + start, length))
}
/** No element of ours is empty, so the bytes that are left bound the length. */
export function readVec<T>(read: () => T): T[] {
  var length = readLeb()
  if (length > end - at) throw BAD_BYTES
  var items: T[] = []
  for (var i = 0; i < length; i++) items.push(read())
  return items
}
