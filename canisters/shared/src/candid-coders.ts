/** One coder for each type of the contract, built once from the type. */
import { IDL, Principal, WIRE } from '@medguard/protocol'
import { BAD_BYTES, BAD_TYPE, type Foreign, type Input, type Output } from './candid-bytes.ts'
import { decodeUtf8, encodeUtf8 } from './utf8.ts'

const TEXT_BYTES_MAX = 4096

export interface Coder {
  readonly example: unknown
  /** Optional values may be left out of a record. */
  readonly isOptional?: boolean
  write(output: Output, value: unknown): void
  /** Reads a value written with our own table. @throws BAD_BYTES */
  read(input: Input): unknown
  /** Reads a value of the sender's type. @throws BAD_BYTES, BAD_TYPE or BAD_WIRE */
  accept(foreign: Foreign, type: number, depth: number): unknown
}

export function coderOf(type: IDL.Type): Coder {
  if (type instanceof IDL.RecordClass) return recordCoder(fieldsOf(type))
  if (type instanceof IDL.VariantClass) return variantCoder(fieldsOf(type))
  if (type instanceof IDL.OptClass) return optCoder(coderOf(type._type))
  if (type instanceof IDL.VecClass) {
    const inner = type._type
    return inner instanceof IDL.FixedNatClass && inner._bits === 8 ? BLOB : vecCoder(coderOf(inner))
  }
  if (type instanceof IDL.FixedNatClass) {
    const coder = { 8: NAT8, 32: NAT32, 64: NAT64 }[type._bits]
    if (coder !== undefined) return coder
  }
  if (type instanceof IDL.PrincipalClass) return PRINCIPAL
  if (type instanceof IDL.TextClass) return TEXT
  if (type instanceof IDL.BoolClass) return BOOL
  if (type instanceof IDL.NullClass) return NULL
  throw new Error(`no codec for ${type.display()}`)
}

interface Field {
  readonly name: string
  readonly id: number
  readonly coder: Coder
}
/** Rising by id, as on the wire. */
const fieldsOf = (type: IDL.RecordClass | IDL.VariantClass): Field[] =>
  type._fields.map(([name, inner]) => ({ name, id: idOf(name), coder: coderOf(inner) }))
/** Candid specification, "Shorthand: symbolic field ids". */
function idOf(name: string): number {
  let id = 0
  for (const byte of encodeUtf8(name)) id = (Math.imul(id, 223) + byte) >>> 0
  return id
}

function recordCoder(fields: readonly Field[]): Coder {
  return {
    example: Object.fromEntries(fields.map(({ name, coder }) => [name, coder.example])),
    write(output, value) {
      const record = value as Record<string, unknown>
      for (const { name, coder } of fields) coder.write(output, record[name])
    },
    read(input) {
      const record: Record<string, unknown> = {}
      for (const { name, coder } of fields) record[name] = coder.read(input)
      return record
    },
    accept(foreign, type, depth) {
      foreign.enter(type, WIRE.record, depth)
      const ids = foreign.wire.ids[type] ?? []
      const parts = foreign.wire.parts[type] ?? []
      const record: Record<string, unknown> = {}
      let at = 0
      for (const { name, id, coder } of fields) {
        while ((ids[at] ?? Infinity) < id) foreign.skip(parts[at++] ?? WIRE.null, depth + 1)
        if (ids[at] === id) record[name] = coder.accept(foreign, parts[at++] ?? WIRE.null, depth + 1)
        else if (coder.isOptional === true) record[name] = []
        else throw BAD_TYPE
      }
      while (at < ids.length) foreign.skip(parts[at++] ?? WIRE.null, depth + 1)
      return record
    },
  }
}

function variantCoder(arms: readonly Field[]): Coder {
  const first = arms[0]
  if (first === undefined) throw new Error('a variant has an arm')
  const names = arms.map(({ name }) => name)
  return {
    example: { [first.name]: first.coder.example },
    write(output, value) {
      const [name = ''] = Object.keys(value as object)
      const index = names.indexOf(name)
      const arm = arms[index]
      if (arm === undefined) throw new Error('a value has an arm of its variant')
      output.leb(index)
      arm.coder.write(output, (value as Record<string, unknown>)[name])
    },
    read(input) {
      const arm = arms[input.leb()]
      if (arm === undefined) throw BAD_BYTES
      return { [arm.name]: arm.coder.read(input) }
    },
    accept(foreign, type, depth) {
      foreign.enter(type, WIRE.variant, depth)
      const index = foreign.number(foreign.wire.leb())
      const id = foreign.wire.ids[type]?.[index]
      if (id === undefined) return foreign.fail('value')
      const arm = arms.find((known) => known.id === id)
      if (arm === undefined) throw BAD_TYPE
      return { [arm.name]: arm.coder.accept(foreign, foreign.wire.parts[type]?.[index] ?? WIRE.null, depth + 1) }
    },
  }
}

function optCoder(inner: Coder): Coder {
  const flagOf = (flag: number | undefined): boolean => {
    if (flag !== 0 && flag !== 1) throw BAD_BYTES
    return flag === 1
  }
  return {
    example: [],
    isOptional: true,
    write(output, value) {
      const present = (value as unknown[]).length > 0
      output.byte(present ? 1 : 0)
      if (present) inner.write(output, (value as unknown[])[0])
    },
    read: (input) => (flagOf(input.bytes[input.take(1)]) ? [inner.read(input)] : []),
    accept(foreign, type, depth) {
      if (type === WIRE.null) return []
      foreign.enter(type, WIRE.opt, depth)
      const isPresent = flagOf(foreign.number(foreign.wire.leb()))
      return isPresent ? [inner.accept(foreign, foreign.part(type), depth + 1)] : []
    },
  }
}

/** Every element of ours takes at least a byte, so the bytes that are left bound the length. */
function vecCoder(inner: Coder): Coder {
  if (inner === NULL) throw new Error('a vector of nothing could be endless')
  return {
    example: [],
    write(output, value) {
      const items = value as unknown[]
      output.leb(items.length)
      for (const item of items) inner.write(output, item)
    },
    read(input) {
      const length = input.leb()
      if (length > input.bytes.length - input.at) throw BAD_BYTES
      const items: unknown[] = []
      for (let i = 0; i < length; i++) items.push(inner.read(input))
      return items
    },
    accept(foreign, type, depth) {
      foreign.enter(type, WIRE.vec, depth)
      const element = foreign.part(type)
      const length = foreign.number(foreign.wire.vectorLength(element))
      const items: unknown[] = []
      for (let i = 0; i < length; i++) items.push(inner.accept(foreign, element, depth + 1))
      return items
    },
  }
}

const BLOB: Coder = {
  example: new Uint8Array(0),
  write: (output, value) => output.blob(value as Uint8Array),
  read: (input) => input.blob(),
  accept(foreign, type, depth) {
    foreign.enter(type, WIRE.vec, depth)
    if (foreign.part(type) !== WIRE.nat8) throw BAD_TYPE
    return foreign.leaf(BLOB)
  },
}

/** A type without parts: its code is the whole type. */
function leafCoder(code: number, coder: Omit<Coder, 'accept'>): Coder {
  return {
    ...coder,
    accept(foreign, type) {
      if (type !== code) throw BAD_TYPE
      return foreign.leaf(coder)
    },
  }
}
const NAT8 = leafCoder(WIRE.nat8, {
  example: 0,
  write(output, value) {
    expectBelow(value, 0x100)
    output.byte(value)
  },
  read: (input) => input.view.getUint8(input.take(1)),
})
const NAT32 = leafCoder(WIRE.nat32, {
  example: 0,
  write(output, value) {
    expectBelow(value, 0x1_0000_0000)
    const start = output.take(4)
    output.view.setUint32(start, value, true)
  },
  read: (input) => input.view.getUint32(input.take(4), true),
})
const NAT64 = leafCoder(WIRE.nat64, {
  example: 0n,
  write(output, value) {
    if (BigInt.asUintN(64, value as bigint) !== value) throw new RangeError('a number is out of range')
    const start = output.take(8)
    output.view.setBigUint64(start, value, true)
  },
  read: (input) => input.view.getBigUint64(input.take(8), true),
})
const BOOL = leafCoder(WIRE.bool, {
  example: false,
  write: (output, value) => output.byte(value === true ? 1 : 0),
  read(input) {
    const byte = input.bytes[input.take(1)]
    if (byte !== 0 && byte !== 1) throw BAD_BYTES
    return byte === 1
  },
})
const NULL = leafCoder(WIRE.null, { example: null, write() {}, read: () => null })
const PRINCIPAL = leafCoder(WIRE.principal, {
  example: Principal.managementCanister(),
  write(output, value) {
    output.byte(1)
    output.blob((value as Principal).toUint8Array())
  },
  read(input) {
    const flag = input.bytes[input.take(1)]
    const bytes = input.blob()
    if (flag !== 1 || bytes.length > 29) throw BAD_BYTES
    return Principal.fromUint8Array(bytes)
  },
})
const TEXT = leafCoder(WIRE.text, {
  example: '',
  write: (output, value) => output.blob(encodeUtf8(value as string)),
  read(input) {
    const bytes = input.blob()
    if (bytes.length > TEXT_BYTES_MAX) throw BAD_BYTES
    try {
      return decodeUtf8(bytes, { fatal: true, keepMark: true })
    } catch {
      throw BAD_BYTES
    }
  },
})

function expectBelow(value: unknown, end: number): asserts value is number {
  if (typeof value !== 'number' || value < 0 || value >= end || value % 1 !== 0)
    throw new RangeError('a number is out of range')
}
