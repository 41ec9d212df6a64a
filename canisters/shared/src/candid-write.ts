/**
 * Writing Candid messages: what generated encoders are made of. The message at hand is in variables of this module, as in `candid-read.ts`; one
 * encoder runs at a time, from `begin` to `finish`.
 */
import type { Principal } from '@medguard/protocol'
import { encodeUtf8 } from './utf8.ts'

/**
 * Elements of a vector that are Candid already: stored rows become a list without being read. An encoder takes it wherever a vector is due, and
 * believes it.
 */
export class CandidRows {
  readonly count: number
  /** Together the values of `count` elements, without a length before them. */
  readonly pieces: readonly Uint8Array[]

  constructor(count: number, pieces: readonly Uint8Array[]) {
    this.count = count
    this.pieces = pieces
  }
}

/** What an encoder takes for a `T`. */
export type Encodable<T> = unknown extends T
  ? T
  : T extends Uint8Array | Principal | string | number | bigint | boolean | null
    ? T
    : T extends [] | [unknown]
      ? { [K in keyof T]: Encodable<T[K]> }
      : T extends (infer E)[]
        ? readonly Encodable<E>[] | CandidRows
        : { [K in keyof T]: Encodable<T[K]> }

/** A variant as its encoder looks at it: one of the arms is there. (Asking with `in` costs the engine twice as much.) */
export type Arms<V> = { readonly [K in V extends unknown ? keyof V : never]?: V extends Record<K, infer T> ? T : never }

export const NO_ARM = new Error('a value has an arm of its variant')
const OUT_OF_RANGE = 'a number is out of range'

/** Most messages are shorter: they are written here and copied once. */
const KEPT_BYTES = 32_768
const KEPT = new Uint8Array(KEPT_BYTES)
const KEPT_VIEW = new DataView(KEPT.buffer)
/** The longest number that stands before bytes. */
const LEB_BYTES_MAX = 5

let out = KEPT
let view = KEPT_VIEW
let size = KEPT_BYTES
let at = 0

export function begin(header: Uint8Array, headerBytes: number): void {
  out = KEPT
  view = KEPT_VIEW
  size = KEPT_BYTES
  KEPT.set(header)
  at = headerBytes
}
/** @returns bytes that nobody else writes to. */
export function finish(): Uint8Array {
  return out === KEPT ? KEPT.slice(0, at) : out.subarray(0, at)
}
/** @returns bytes that the next message overwrites: for whoever hands them to the host at once, which copies them. */
export function finishBriefly(): Uint8Array {
  if (out !== KEPT || at >= VIEWS_MAX) return out.subarray(0, at)
  return (views[at] ??= KEPT.subarray(0, at))
}
/** Making a view costs a third of a small message, and messages of one kind are as long as each other. */
const VIEWS_MAX = 512
const views: (Uint8Array | undefined)[] = Array.from({ length: VIEWS_MAX })
function grow(count: number): void {
  resize(2 * (at + count))
}
function resize(sizeBytes: number): void {
  size = sizeBytes
  var larger = new Uint8Array(size)
  larger.set(out)
  out = larger
  view = new DataView(larger.buffer)
}
/** What may follow elements, so that it does not make a large message grow once more. */
const MORE_BYTES = 256

/** Also the index of an arm, and whether an optional is there. */
export function writeByte(value: number): void {
  if (at >= size) grow(1)
  out[at++] = value
}
/** @throws RangeError for what is no nat8; the other numbers do the same. */
export function writeNat8(value: number): void {
  if ((value & 0xff) !== value) throw new RangeError(OUT_OF_RANGE)
  if (at >= size) grow(1)
  out[at++] = value
}
export function writeNat32(value: number): void {
  if (value >>> 0 !== value) throw new RangeError(OUT_OF_RANGE)
  if (at + 4 > size) grow(4)
  view.setUint32(at, value, true)
  at += 4
}
export function writeNat64(value: bigint): void {
  if (at + 8 > size) grow(8)
  view.setBigUint64(at, value, true)
  // It writes the lowest 64 bits of any number; reading them back is cheaper than `asUintN`.
  if (view.getBigUint64(at, true) !== value) throw new RangeError(OUT_OF_RANGE)
  at += 8
}
export function writeBool(value: boolean): void {
  writeByte(value ? 1 : 0)
}
/** Unsigned LEB128 of up to 32 bits. */
export function writeLeb(value: number): void {
  if (at + LEB_BYTES_MAX > size) grow(LEB_BYTES_MAX)
  while (value > 0x7f) {
    out[at++] = (value & 0x7f) | 0x80
    value >>>= 7
  }
  out[at++] = value
}
export function writeBlob(value: Uint8Array): void {
  var length = value.length
  if (at + length + LEB_BYTES_MAX > size) grow(length + LEB_BYTES_MAX)
  if (length < 0x80) out[at++] = length
  else writeLeb(length)
  out.set(value, at)
  at += length
}
export function writeText(value: string): void {
  writeBlob(encodeUtf8(value))
}
export function writePrincipal(value: Principal): void {
  writeByte(1)
  writeBlob(value.toUint8Array())
}
/** Bytes as they are. */
export function writeRaw(value: Uint8Array): void {
  var length = value.length
  if (at + length > size) grow(length)
  out.set(value, at)
  at += length
}
export function writeVec<T>(items: readonly T[] | CandidRows, write: (item: T) => void): void {
  if (items instanceof CandidRows) {
    var pieces = items.pieces
    var pieceCount = pieces.length
    writeLeb(items.count)
    // Room for all at once: a buffer costs two instructions a byte, and growing step by step makes four times as many.
    var bytes = 0
    var p = 0
    for (; p < pieceCount; p++) bytes += (pieces[p] as Uint8Array).length
    if (at + bytes > size) resize(at + bytes + MORE_BYTES)
    for (p = 0; p < pieceCount; p++) {
      var piece = pieces[p] as Uint8Array
      out.set(piece, at)
      at += piece.length
    }
    return
  }
  var count = items.length
  writeLeb(count)
  for (var i = 0; i < count; i++) write(items[i] as T)
}
/** Where an attempt began, to give it up: what was written since is forgotten. */
export const mark = (): number => at
export function rewind(to: number): void {
  at = to
}
