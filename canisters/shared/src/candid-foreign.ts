/**
 * The slow way into a decoder: a sender described its value in another way than we do (other fields, other order, optionals left out). The value
 * is written again as we would have written it, within the guard's budget of steps, and then read like any other. What we wait for stands in
 * our own header, so this needs no code for any type.
 *
 * Which types may stand for which: Candid specification of 2026, "Subtyping" and "Coercion". An optional of another type is read as absent, as
 * `@dfinity/candid` does.
 */
import { CandidWire, type GuardCode, type TableLimits, WIRE } from '@medguard/protocol'
import { begin, finish, mark, rewind, writeByte, writeLeb, writeRaw } from './candid-write.ts'

/** What a sender's table may have more than ours: fields we do not know yet, and their types, each of which takes 60 k instructions to look at. */
const MORE_FIELDS_MAX = 8
const MORE_TYPES_MAX = 4
const DEPTH_MAX = 16
/** Thrown and caught here, and made once: making an error costs as much as decoding an argument. */
const BAD_TYPE = new Error('bytes are of another type')
/** The reason is in the wire's `code`. */
const BAD_WIRE = new Error('bytes are refused by the guard')
const NOTHING = new Uint8Array(0)

/** What we wait for: our own table, and the types of the arguments. */
export interface Expected {
  readonly own: CandidWire
  readonly types: readonly number[]
  /** What a sender's table may have. */
  readonly limits: TableLimits
}

/** @param header as our encoder writes it: table and types of one argument, or of none. */
export function expectedBy(header: Uint8Array): Expected {
  const own = new CandidWire(header, Infinity)
  const types = own.readTypes() ? own.readArgumentTypes(own.bytes[own.at] ?? 0) : null
  if (types === null) throw new Error(`a header of our own is refused: ${own.code}`)
  const fields = own.ids.reduce((most, ids) => Math.max(most, ids.length), 0)
  return { own, types, limits: { types: own.typeCount + MORE_TYPES_MAX, fields: fields + MORE_FIELDS_MAX } }
}

/** @returns the values as we would have written them, without a header; or why not. */
export function translate(expected: Expected, bytes: Uint8Array): Uint8Array | GuardCode | 'type' {
  const { own, types, limits } = expected
  const wire = new CandidWire(bytes, undefined, limits)
  const theirs = wire.readTypes() ? wire.readArgumentTypes(types.length) : null
  if (theirs === null) return wire.code
  begin(NOTHING, 0)
  try {
    for (let i = 0; i < types.length; i++) accept(wire, own, types[i] ?? WIRE.null, theirs[i] ?? WIRE.null, 0)
  } catch (error) {
    if (error === BAD_TYPE) return 'type'
    if (error === BAD_WIRE) return wire.code
    throw error
  }
  return wire.isAtEnd() ? finish() : wire.code
}

/** Whether a message that may be read as absent says so: its one value is null, or an optional without content. */
export function saysAbsent(bytes: Uint8Array): boolean {
  const wire = new CandidWire(bytes)
  const [type] = (wire.readTypes() ? wire.readArgumentTypes(1) : null) ?? []
  if (type === undefined || type < 0) return type === WIRE.null
  return wire.kinds[type] === WIRE.opt && wire.leb() === 0
}

/** Writes one value of type `theirs` as one of type `mine`. @throws BAD_TYPE or BAD_WIRE */
function accept(wire: CandidWire, own: CandidWire, mine: number, theirs: number, depth: number): void {
  const kind = mine < 0 ? mine : own.kinds[mine]
  if (kind === WIRE.opt) return acceptOptional(wire, own, own.parts[mine]?.[0] ?? WIRE.null, theirs, depth)
  if (mine < 0) {
    if (theirs !== mine) throw BAD_TYPE
    return copy(wire, theirs, depth)
  }
  if (theirs < 0 || wire.kinds[theirs] !== kind) throw BAD_TYPE
  enter(wire, depth)
  if (kind === WIRE.record) acceptRecord(wire, own, mine, theirs, depth)
  else if (kind === WIRE.variant) acceptVariant(wire, own, mine, theirs, depth)
  else acceptVector(wire, own, own.parts[mine]?.[0] ?? WIRE.null, theirs, depth)
}

/** Both rise by id. */
function acceptRecord(wire: CandidWire, own: CandidWire, mine: number, theirs: number, depth: number): void {
  const ids = own.ids[mine] ?? []
  const parts = own.parts[mine] ?? []
  const theirIds = wire.ids[theirs] ?? []
  const theirParts = wire.parts[theirs] ?? []
  let at = 0
  for (let i = 0; i < ids.length; i++) {
    const id = ids[i] ?? 0
    const part = parts[i] ?? WIRE.null
    while ((theirIds[at] ?? Infinity) < id) skip(wire, theirParts[at++] ?? WIRE.null, depth + 1)
    if (theirIds[at] === id) accept(wire, own, part, theirParts[at++] ?? WIRE.null, depth + 1)
    else if (part >= 0 && own.kinds[part] === WIRE.opt) writeByte(0)
    else if (part !== WIRE.null) throw BAD_TYPE // a null takes no bytes, here or there
  }
  while (at < theirIds.length) skip(wire, theirParts[at++] ?? WIRE.null, depth + 1)
}

function acceptVariant(wire: CandidWire, own: CandidWire, mine: number, theirs: number, depth: number): void {
  const index = taken(wire.leb())
  const id = wire.ids[theirs]?.[index]
  if (id === undefined) return fail(wire, 'value')
  const arm = own.ids[mine]?.indexOf(id) ?? -1
  if (arm < 0) throw BAD_TYPE
  writeLeb(arm)
  accept(wire, own, own.parts[mine]?.[arm] ?? WIRE.null, wire.parts[theirs]?.[index] ?? WIRE.null, depth + 1)
}

function acceptVector(wire: CandidWire, own: CandidWire, element: number, theirs: number, depth: number): void {
  const theirElement = wire.parts[theirs]?.[0] ?? WIRE.null
  const length = taken(wire.vectorLength(theirElement))
  writeLeb(length)
  if (element < 0 && element !== theirElement && isNumber(element)) throw BAD_TYPE
  if (element === WIRE.nat8) {
    const start = wire.at
    wire.at += length
    return writeRaw(wire.bytes.subarray(start, wire.at))
  }
  for (let i = 0; i < length; i++) accept(wire, own, element, theirElement, depth + 1)
}

function acceptOptional(wire: CandidWire, own: CandidWire, inner: number, theirs: number, depth: number): void {
  if (theirs === WIRE.null || theirs === WIRE.reserved) return writeByte(0)
  enter(wire, depth)
  if (theirs >= 0 && wire.kinds[theirs] === WIRE.opt) {
    const flag = taken(wire.leb())
    if (flag > 1) return fail(wire, 'value')
    if (flag === 0) return writeByte(0)
    return attempt(wire, own, inner, wire.parts[theirs]?.[0] ?? WIRE.null, depth + 1)
  }
  attempt(wire, own, inner, theirs, depth + 1)
}

/** A value that is there, or absent where its type does not fit. */
function attempt(wire: CandidWire, own: CandidWire, inner: number, theirs: number, depth: number): void {
  const from = wire.at
  const to = mark()
  try {
    writeByte(1)
    accept(wire, own, inner, theirs, depth)
  } catch (error) {
    if (error !== BAD_TYPE) throw error
    wire.at = from
    rewind(to)
    skip(wire, theirs, depth)
    writeByte(0)
  }
}

/** A value without parts looks the same whoever sends it; the decoder checks what is in it. */
function copy(wire: CandidWire, type: number, depth: number): void {
  const start = wire.at
  skip(wire, type, depth)
  if (wire.at > start) writeRaw(wire.bytes.subarray(start, wire.at))
}
function skip(wire: CandidWire, type: number, depth: number): void {
  if (!wire.walk(type, depth)) throw BAD_WIRE
}
function enter(wire: CandidWire, depth: number): void {
  if (--wire.steps < 0) fail(wire, 'steps')
  if (depth >= DEPTH_MAX) fail(wire, 'depth')
}
/** A length or index, read by the wire. */
function taken(value: number): number {
  if (value < 0) throw BAD_WIRE
  return value
}
function fail(wire: CandidWire, code: GuardCode): never {
  wire.fail(code)
  throw BAD_WIRE
}
const isNumber = (type: number): boolean => type === WIRE.nat8 || type === WIRE.nat32 || type === WIRE.nat64
