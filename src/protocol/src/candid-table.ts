import { type GuardCode, WIRE } from './candid-opcodes.ts'

/** Entries of a table, and fields of one of them. */
export interface TableLimits {
  readonly types: number
  readonly fields: number
}
const TYPES_MAX = 32
const FIELDS_MAX = 64
const LIMITS: TableLimits = { types: TYPES_MAX, fields: FIELDS_MAX }
/** The largest arguments of ours take some 600 steps. More steps than bytes come from fields without bytes alone: a few of those are fine. */
const STEPS_FREE = 64
const STEPS_MAX = 1024

const { null: NULL, text: TEXT, reserved: RESERVED, opt: OPT, vec: VEC, record: RECORD, variant: VARIANT } = WIRE
const { principal: PRINCIPAL } = WIRE
const NAT = -3
const INT = -4
const BAD = -1000

/**
 * The table of types at the beginning of Candid bytes. Every method answers false (or less than zero) once something is wrong and leaves the
 * reason in `code`. The budget of steps covers everything that is done with one message, its values too.
 */
export class CandidTable {
  // Declared and not initialised: the engine takes three times as long to define a field as to set it.
  declare readonly bytes: Uint8Array
  declare readonly end: number
  declare readonly typesMax: number
  declare readonly fieldsMax: number
  declare at: number
  declare steps: number
  declare code: GuardCode
  declare typeCount: number
  /** Per table entry: `WIRE.opt`, `WIRE.vec`, `WIRE.record` or `WIRE.variant`. */
  declare readonly kinds: number[]
  /** Per table entry: ids of its fields or arms, rising; empty for opt and vec. */
  declare readonly ids: (readonly number[])[]
  /** Per table entry: the types it is made of, one for opt and vec. */
  declare readonly parts: number[][]
  /** Per table entry: 0 not looked at, 1 in progress, 2 takes no bytes, 3 takes some. */
  declare readonly sizes: number[]

  /** @param limits A reader that knows what it waits for takes less: a table is read before anything in it can be refused. */
  constructor(bytes: Uint8Array, steps: number = stepsFor(bytes), limits: TableLimits = LIMITS) {
    const { types, fields } = limits
    this.typesMax = types < TYPES_MAX ? types : TYPES_MAX
    this.fieldsMax = fields < FIELDS_MAX ? fields : FIELDS_MAX
    this.bytes = bytes
    this.end = bytes.length
    this.steps = steps
    this.at = 4
    this.code = 'truncated'
    this.typeCount = 0
    this.kinds = []
    this.ids = []
    this.parts = []
    this.sizes = []
  }

  readTypes(): boolean {
    const bytes = this.bytes
    if (bytes[0] !== 0x44 || bytes[1] !== 0x49 || bytes[2] !== 0x44 || bytes[3] !== 0x4c) return this.fail('magic')
    const count = this.leb()
    if (count < 0) return false
    if (count > this.typesMax) return this.fail('types')
    this.typeCount = count
    for (let i = 0; i < count; i++) if (!this.readEntry(i)) return false
    for (let i = 0; i < count; i++) if (!this.checkEntry(i)) return false
    return true
  }

  /** The types of exactly `expected` arguments, or null. Their values follow. */
  readArgumentTypes(expected: number): number[] | null {
    const count = this.leb()
    if (count >= 0 && count !== expected) this.fail('arguments')
    if (count !== expected) return null
    const types: number[] = []
    for (let i = 0; i < count; i++) {
      const type = this.readType()
      if (type === BAD) return null
      types.push(type)
    }
    return types
  }

  isAtEnd(): boolean {
    return this.at === this.end || this.fail('trailing')
  }

  fail(code: GuardCode): false {
    this.code = code
    return false
  }

  /** Unsigned LEB128 of at most 32 bits, or -1. */
  leb(): number {
    const byte = this.bytes[this.at] ?? 0x80
    if (byte >= 0x80) return this.longLeb()
    this.at++
    return byte
  }

  longLeb(): number {
    const bytes = this.bytes
    let at = this.at
    let value = 0
    let scale = 1
    for (let i = 0; i < 5; i++) {
      const byte = bytes[at++]
      if (byte === undefined) {
        this.code = 'truncated'
        return -1
      }
      if (byte < 0x80) {
        this.at = at
        value += byte * scale
        if (value <= 0xffff_ffff) return value
        break
      }
      value += (byte - 0x80) * scale
      scale *= 0x80
    }
    this.code = 'number'
    return -1
  }

  /** A type: an index into the table, or the negative code of a primitive. One byte holds all that are allowed. */
  readType(): number {
    const byte = this.bytes[this.at++]
    if (byte === undefined) this.code = 'truncated'
    else if (byte < this.typeCount) return byte
    // Two bytes, or one of 32 to 63: beyond every table. (A second byte could make it a negative of two bytes: beyond every type.)
    else if (byte < 0x40 || byte > 0x7f) this.code = 'index'
    else {
      const type = byte - 0x80
      if (type > NAT || (type < INT && type >= TEXT) || type === RESERVED || type === PRINCIPAL) return type
      this.code = type === NAT || type === INT ? 'number' : 'kind'
    }
    return BAD
  }

  readEntry(entry: number): boolean {
    const opcode = this.bytes[this.at++]
    if (opcode === undefined) return this.fail('truncated')
    const kind = opcode - 0x80
    if (kind === RECORD || kind === VARIANT) {
      if (!this.readFields(entry)) return false
    } else if (kind === OPT || kind === VEC) {
      const part = this.readType()
      if (part === BAD) return false
      this.ids[entry] = NO_IDS
      this.parts[entry] = [part]
    } else {
      return this.fail('kind') // func, service, future types
    }
    this.kinds[entry] = kind
    this.sizes[entry] = kind === RECORD ? 0 : 3
    return true
  }

  /** Everything in local variables: a table of ours has forty fields, and a property of the wire costs three times as much. */
  readFields(entry: number): boolean {
    const count = this.leb()
    if (count < 0) return false
    if (count > this.fieldsMax) return this.fail('fields')
    this.steps -= count
    if (this.steps < 0) return this.fail('steps')
    var bytes = this.bytes
    var at = this.at
    var typeCount = this.typeCount
    var ids: number[] = []
    var parts: number[] = []
    var previous = -1
    for (var i = 0; i < count; i++) {
      // Unsigned LEB128 of at most 32 bits, without a loop; what is past the end reads as more to come.
      var byte = bytes[at++] ?? MORE
      var id = byte & 0x7f
      if (byte >= 0x80) {
        id |= ((byte = bytes[at++] ?? MORE) & 0x7f) << 7
        if (byte >= 0x80) {
          id |= ((byte = bytes[at++] ?? MORE) & 0x7f) << 14
          if (byte >= 0x80) {
            id |= ((byte = bytes[at++] ?? MORE) & 0x7f) << 21
            if (byte >= 0x80) {
              byte = bytes[at++] ?? MORE
              if (byte > 0x0f) return this.fail(at > this.end ? 'truncated' : 'number')
              id += byte * 0x1000_0000
            }
          }
        }
      }
      if (id <= previous) return this.fail('order')
      previous = ids[i] = id
      byte = bytes[at++] ?? MORE
      if (byte < typeCount) parts[i] = byte
      else {
        this.at = at - 1
        var part = this.readType()
        if (part === BAD) return false
        parts[i] = part
      }
    }
    this.at = at
    this.ids[entry] = ids
    this.parts[entry] = parts
    return true
  }

  /** No record inside itself, no vector of values without bytes. */
  checkEntry(entry: number): boolean {
    if (this.sizes[entry] === 0 && !this.measure(entry)) return false
    if (this.kinds[entry] !== VEC) return true
    const element = this.parts[entry]?.[0] ?? NULL
    if (element >= 0 && this.sizes[element] === 0 && !this.measure(element)) return false
    return !this.isZeroSize(element) || this.fail('zeroSize')
  }

  isZeroSize(type: number): boolean {
    return type >= 0 ? this.sizes[type] === 2 : type === NULL || type === RESERVED
  }

  /** Each record once: at most 32 deep, since one in progress may not be met again. */
  measure(entry: number): boolean {
    const sizes = this.sizes
    const parts = this.parts[entry] ?? []
    const count = parts.length
    sizes[entry] = 1
    let size = 2
    for (let i = 0; i < count; i++) {
      const part = parts[i] ?? NULL
      if (part >= 0) {
        const known = sizes[part]
        if (known === 1) return this.fail('cycle')
        if (known === 0 && !this.measure(part)) return false
        if (sizes[part] === 3) size = 3
      } else if (part !== NULL && part !== RESERVED) size = 3
    }
    sizes[entry] = size
    return true
  }
}

function stepsFor(bytes: Uint8Array): number {
  const steps = STEPS_FREE + bytes.length
  return steps < STEPS_MAX ? steps : STEPS_MAX
}
const NO_IDS: readonly number[] = []
/** The first bit says that a number goes on. */
const MORE = 0x80
