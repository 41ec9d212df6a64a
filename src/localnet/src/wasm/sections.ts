import { InvalidModule } from '../contracts.ts'
import { ByteReader } from './byte-reader.ts'
import { CODE_SECTION_BYTES_MAX, FUNCTIONS_MAX, GLOBALS_MAX } from './limits.ts'

/** Section ids. WebAssembly core specification, section 5.5.2 */
export const SECTION = {
  custom: 0,
  type: 1,
  import: 2,
  function: 3,
  table: 4,
  memory: 5,
  global: 6,
  export: 7,
  start: 8,
  element: 9,
  code: 10,
  data: 11,
  dataCount: 12,
  tag: 13,
} as const

export const EXTERNAL_KIND = { function: 0, table: 1, memory: 2, global: 3 } as const
const KIND_NAMES = ['function', 'table', 'memory', 'global', 'tag']

export type ValueType = 'i32' | 'i64' | 'f32' | 'f64' | 'v128' | 'funcref' | 'externref'
const VALUE_TYPES: ReadonlyMap<number, ValueType> = new Map([
  [0x7f, 'i32'],
  [0x7e, 'i64'],
  [0x7d, 'f32'],
  [0x7c, 'f64'],
  [0x7b, 'v128'],
  [0x70, 'funcref'],
  [0x6f, 'externref'],
])

export interface FunctionType {
  readonly params: readonly ValueType[]
  readonly results: readonly ValueType[]
}

export interface ModuleExport {
  readonly name: string
  readonly kind: number
  readonly index: number
}

/** Half-open byte range of a section's content. */
export interface Range {
  readonly from: number
  readonly to: number
}

/** What rewriting and the network's checks need to know of a module; everything else stays bytes. */
export interface ParsedModule {
  readonly bytes: Uint8Array
  readonly sections: ReadonlyMap<number, Range>
  readonly types: readonly FunctionType[]
  readonly imports: readonly { readonly module: string; readonly name: string; readonly typeIndex: number }[]
  /** Type index of each function the module defines. */
  readonly functions: readonly number[]
  readonly tableCount: number
  readonly memoryCount: number
  readonly globals: readonly { readonly type: ValueType; readonly mutable: boolean }[]
  /** The entries of the global section, without their count. */
  readonly globalEntries: Range
  readonly exports: readonly ModuleExport[]
  readonly start: number | null
  readonly customSections: readonly { readonly name: string; readonly range: Range; readonly content: Uint8Array }[]
}

/**
 * Reads the sections of a Wasm module as far as the network looks at them. Function bodies, elements and data are left to the
 * engine's own validation.
 *
 * @throws InvalidModule for a broken layout, for features the network lacks and for counts above its limits.
 */
export function parseSections(bytes: Uint8Array): ParsedModule {
  const reader = new ByteReader(bytes, 0, bytes.length)
  reader.skip(4)
  const version = reader.take(4)
  if (version[0] !== 1 || version[1] !== 0 || version[2] !== 0 || version[3] !== 0) {
    throw new InvalidModule('only version 1 of the Wasm binary format is supported, and no components')
  }
  const sections = new Map<number, Range>()
  const customSections: { name: string; range: Range; content: Uint8Array }[] = []
  while (!reader.atEnd) {
    const id = reader.byte()
    const size = reader.u32()
    const from = reader.position
    reader.skip(size)
    const range = { from, to: from + size }
    if (id === SECTION.custom) {
      const custom = new ByteReader(bytes, range.from, range.to)
      const name = custom.name()
      customSections.push({ name, range, content: bytes.subarray(custom.position, range.to) })
    } else if (id === SECTION.tag) throw new InvalidModule('exception handling is not supported')
    else if (id > SECTION.tag) throw new InvalidModule(`unknown section ${id}`)
    else if (sections.has(id)) throw new InvalidModule(`section ${id} appears twice`)
    else sections.set(id, range)
  }

  const open = (id: number) => {
    const range = sections.get(id)
    return new ByteReader(bytes, range?.from ?? 0, range?.to ?? 0)
  }
  const types = list(open(SECTION.type), readFunctionType)
  const imports = list(open(SECTION.import), readImport)
  const functions = list(open(SECTION.function), (entry) => entry.u32())
  if (functions.length > FUNCTIONS_MAX) {
    throw new InvalidModule(`it defines ${functions.length} functions, more than ${FUNCTIONS_MAX}`)
  }
  const tables = list(open(SECTION.table), readTable)
  const memories = list(open(SECTION.memory), (entry) => readLimits(entry, 'memory'))
  if (memories.length > 1) throw new InvalidModule(`it has ${memories.length} memories, more than one`)
  const globalSection = open(SECTION.global)
  const globals = list(globalSection, readGlobal)
  if (globals.length > GLOBALS_MAX) {
    throw new InvalidModule(`it defines ${globals.length} globals, more than ${GLOBALS_MAX}`)
  }
  const exports = list(open(SECTION.export), readExport)
  const codeRange = sections.get(SECTION.code) ?? { from: 0, to: 0 }
  if (codeRange.to - codeRange.from > CODE_SECTION_BYTES_MAX) {
    throw new InvalidModule(`its code section is larger than ${CODE_SECTION_BYTES_MAX} bytes`)
  }
  return {
    bytes,
    sections,
    types,
    imports,
    functions,
    tableCount: tables.length,
    memoryCount: memories.length,
    globals,
    globalEntries: entriesOf(bytes, sections.get(SECTION.global)),
    exports,
    start: sections.has(SECTION.start) ? open(SECTION.start).u32() : null,
    customSections,
  }
}

/** @throws InvalidModule for types of proposals the network does not run. */
export function readValueType(reader: ByteReader): ValueType {
  const byte = reader.byte()
  const type = VALUE_TYPES.get(byte)
  if (type === undefined) throw new InvalidModule(`value type 0x${byte.toString(16)} is not supported`)
  return type
}

/** A vector, or nothing at all for an absent section. The module's bytes bound its length: every entry takes at least one. */
function list<Entry>(reader: ByteReader, readEntry: (reader: ByteReader) => Entry): Entry[] {
  const entries: Entry[] = []
  if (reader.atEnd) return entries
  const count = reader.u32()
  for (let index = 0; index < count; index++) entries.push(readEntry(reader))
  if (!reader.atEnd) throw new InvalidModule(`section with bytes left over at byte ${reader.position}`)
  return entries
}

function vector<Entry>(reader: ByteReader, readEntry: (reader: ByteReader) => Entry): Entry[] {
  const entries: Entry[] = []
  const count = reader.u32()
  for (let index = 0; index < count; index++) entries.push(readEntry(reader))
  return entries
}

function readFunctionType(reader: ByteReader): FunctionType {
  const form = reader.byte()
  if (form !== 0x60) throw new InvalidModule(`type form 0x${form.toString(16)} is not supported, only functions are`)
  return { params: vector(reader, readValueType), results: vector(reader, readValueType) }
}

function readImport(reader: ByteReader): { module: string; name: string; typeIndex: number } {
  const module = reader.name()
  const name = reader.name()
  const kind = reader.byte()
  if (kind !== EXTERNAL_KIND.function) {
    throw new InvalidModule(
      `it imports the ${KIND_NAMES[kind] ?? 'unknown kind'} ${module}.${name}; only functions can be`,
    )
  }
  return { module, name, typeIndex: reader.u32() }
}

function readTable(reader: ByteReader): void {
  readValueType(reader)
  readLimits(reader, 'table')
}

function readLimits(reader: ByteReader, what: string): void {
  const flags = reader.byte()
  if (flags > 1) {
    const feature = flags < 4 ? `a shared ${what} (threads)` : `a 64-bit ${what} (memory64)`
    throw new InvalidModule(`${feature} is not supported`)
  }
  reader.u32()
  if (flags === 1) reader.u32()
}

function readGlobal(reader: ByteReader): { type: ValueType; mutable: boolean } {
  const type = readValueType(reader)
  const mutability = reader.byte()
  if (mutability > 1) throw new InvalidModule('a shared global (threads) is not supported')
  skipConstantExpression(reader)
  return { type, mutable: mutability === 1 }
}

function readExport(reader: ByteReader): ModuleExport {
  return { name: reader.name(), kind: reader.byte(), index: reader.u32() }
}

/** WebAssembly core specification, section 3.3.13, with the arithmetic of the extended constant expressions. */
function skipConstantExpression(reader: ByteReader): void {
  for (;;) {
    const opcode = reader.byte()
    switch (opcode) {
      case 0x0b: // end
        return
      case 0x23: // global.get
      case 0x41: // i32.const
      case 0x42: // i64.const
      case 0xd0: // ref.null
      case 0xd2: // ref.func
        reader.skipNumber()
        break
      case 0x43: // f32.const
        reader.skip(4)
        break
      case 0x44: // f64.const
        reader.skip(8)
        break
      case 0x6a: // i32.add, i32.sub, i32.mul
      case 0x6b:
      case 0x6c:
      case 0x7c: // i64.add, i64.sub, i64.mul
      case 0x7d:
      case 0x7e:
        break
      case 0xfd: // v128.const
        if (reader.u32() === 12) {
          reader.skip(16)
          break
        }
        throw new InvalidModule('a constant expression computes with SIMD')
      default:
        throw new InvalidModule(`opcode 0x${opcode.toString(16)} in a constant expression is not supported`)
    }
  }
}

function entriesOf(bytes: Uint8Array, section: Range | undefined): Range {
  if (section === undefined) return { from: 0, to: 0 }
  const reader = new ByteReader(bytes, section.from, section.to)
  reader.u32()
  return { from: reader.position, to: section.to }
}
