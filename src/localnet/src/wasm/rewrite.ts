import {
  COUNTER_EXPORT,
  InvalidModule,
  MEMORY_EXPORT,
  persistentGlobalExport,
  START_EXPORT,
  TABLE_EXPORT,
  TOUCHED_EXPORT,
  type PreparedModule,
} from '../contracts.ts'
import { ByteWriter } from './byte-writer.ts'
import { writeMeteredCode } from './meter.ts'
import { EXTERNAL_KIND, SECTION, type ModuleExport, type ParsedModule, type Range } from './sections.ts'

/** The order the binary format demands; data count stands between elements and code. The start section is left out on purpose. */
const ORDER = [
  SECTION.type,
  SECTION.import,
  SECTION.function,
  SECTION.table,
  SECTION.memory,
  SECTION.global,
  SECTION.export,
  SECTION.element,
  SECTION.dataCount,
  SECTION.code,
  SECTION.data,
]

/** The new global: mutable i64, starts at 0. */
const COUNTER_GLOBAL = Uint8Array.of(0x7e, 0x01, 0x42, 0x00, 0x0b)
/** And another: mutable i32, starts at 0. */
const TOUCHED_GLOBAL = Uint8Array.of(0x7f, 0x01, 0x41, 0x00, 0x0b)

/**
 * Writes the module that runs: metered code, two more globals, and exports for all a host must reach between messages. Function,
 * table and type indices stay as they are, so stored table indices of callbacks keep their meaning.
 *
 * @param module has passed the engine's validation; without that, code could reach the counter.
 * @throws InvalidModule where the network's own exports have no place.
 */
export function rewriteModule(
  module: ParsedModule,
): Pick<PreparedModule, 'persistentGlobals'> & { wasm: Uint8Array<ArrayBuffer> } {
  const persistentGlobals = listPersistentGlobals(module)
  const counterGlobal = module.globals.length
  const exports = withHostExports(module, persistentGlobals, counterGlobal)
  const out = new ByteWriter(Math.ceil(module.bytes.length * 1.5) + 1024)
  out.copy(module.bytes, 0, 8)
  for (const id of ORDER) {
    const range = module.sections.get(id)
    if (id === SECTION.global) writeSection(out, id, () => writeGlobals(module, out))
    else if (id === SECTION.export) writeSection(out, id, () => writeExports(exports, out))
    else if (range !== undefined && id === SECTION.code) {
      writeSection(out, id, () =>
        writeMeteredCode(module, range, { counterGlobal, touchedGlobal: counterGlobal + 1 }, out),
      )
    } else if (range !== undefined) writeSection(out, id, () => out.copy(module.bytes, range.from, range.to))
  }
  // Function names make the backtrace of a trap readable; no index moved, so they still fit.
  const names = module.customSections.find((section) => section.name === 'name')
  if (names !== undefined) writeSection(out, SECTION.custom, () => copyRange(module, names.range, out))
  return {
    wasm: out.finish(),
    persistentGlobals: persistentGlobals.map(({ exportName, type }) => ({ exportName, type })),
  }
}

type PersistentGlobal = PreparedModule['persistentGlobals'][number] & { readonly index: number }

function listPersistentGlobals(module: ParsedModule): readonly PersistentGlobal[] {
  const persistent: PersistentGlobal[] = []
  for (const [index, { type, mutable }] of module.globals.entries()) {
    if (!mutable) continue
    if (type !== 'i32' && type !== 'i64' && type !== 'f32' && type !== 'f64') {
      throw new InvalidModule(`global ${index} is a mutable ${type}, which cannot be kept between messages`)
    }
    persistent.push({ index, exportName: persistentGlobalExport(index), type })
  }
  return persistent
}

function withHostExports(
  module: ParsedModule,
  persistentGlobals: readonly PersistentGlobal[],
  counterGlobal: number,
): readonly ModuleExport[] {
  const hostExports: ModuleExport[] = persistentGlobals.map(({ exportName, index }) => ({
    name: exportName,
    kind: EXTERNAL_KIND.global,
    index,
  }))
  hostExports.push({ name: COUNTER_EXPORT, kind: EXTERNAL_KIND.global, index: counterGlobal })
  hostExports.push({ name: TOUCHED_EXPORT, kind: EXTERNAL_KIND.global, index: counterGlobal + 1 })
  if (module.memoryCount > 0) hostExports.push({ name: MEMORY_EXPORT, kind: EXTERNAL_KIND.memory, index: 0 })
  if (module.tableCount > 0) hostExports.push({ name: TABLE_EXPORT, kind: EXTERNAL_KIND.table, index: 0 })
  if (module.start !== null) {
    hostExports.push({ name: START_EXPORT, kind: EXTERNAL_KIND.function, index: module.start })
  }
  const reserved = new Map(hostExports.map((entry) => [entry.name, entry]))
  const own = module.exports.filter((exported) => {
    const host = reserved.get(exported.name)
    if (host === undefined) return true
    if (host.kind === exported.kind && host.index === exported.index) return false
    throw new InvalidModule(`it exports "${exported.name}", a name the network needs for itself`)
  })
  return [...own, ...hostExports]
}

function writeSection(out: ByteWriter, id: number, content: () => void): void {
  out.byte(id)
  out.sized(content)
}

function writeGlobals(module: ParsedModule, out: ByteWriter): void {
  out.u32(module.globals.length + 2)
  copyRange(module, module.globalEntries, out)
  out.copy(COUNTER_GLOBAL)
  out.copy(TOUCHED_GLOBAL)
}

function writeExports(exports: readonly ModuleExport[], out: ByteWriter): void {
  out.u32(exports.length)
  for (const { name, kind, index } of exports) {
    out.name(name)
    out.byte(kind)
    out.u32(index)
  }
}

function copyRange(module: ParsedModule, range: Range, out: ByteWriter): void {
  out.copy(module.bytes, range.from, range.to)
}
