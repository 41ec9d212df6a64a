import { InvalidModule, type ImportSignature, type PreparedModule } from '../contracts.ts'
import { CUSTOM_SECTION_BYTES_MAX, CUSTOM_SECTIONS_MAX, METHOD_NAME_CHARS_MAX, METHODS_MAX } from './limits.ts'
import { EXTERNAL_KIND, type FunctionType, type ModuleExport, type ParsedModule } from './sections.ts'

type MethodKind = 'update' | 'query' | 'composite_query'
type Hook = PreparedModule['hooks'] extends ReadonlySet<infer T> ? T : never

const METHOD_KINDS: ReadonlyMap<string, MethodKind> = new Map([
  ['canister_update', 'update'],
  ['canister_query', 'query'],
  ['canister_composite_query', 'composite_query'],
])
const HOOKS: ReadonlyMap<string, Hook> = new Map([
  ['canister_init', 'init'],
  ['canister_pre_upgrade', 'pre_upgrade'],
  ['canister_post_upgrade', 'post_upgrade'],
  ['canister_inspect_message', 'inspect_message'],
  ['canister_heartbeat', 'heartbeat'],
  ['canister_global_timer', 'global_timer'],
  ['canister_on_low_wasm_memory', 'on_low_wasm_memory'],
])

/**
 * Checks that every import is a working System API function of exactly the listed type.
 *
 * @returns the names without `ic0.`, each once, in the module's order.
 * @throws InvalidModule that names the import.
 */
export function checkImports(module: ParsedModule, allowed: ReadonlyMap<string, ImportSignature>): readonly string[] {
  const names = new Set<string>()
  for (const imported of module.imports) {
    const fullName = `${imported.module}.${imported.name}`
    const expected = imported.module === 'ic0' ? allowed.get(imported.name) : undefined
    if (expected === undefined) throw new InvalidModule(`it imports ${fullName}, which the network does not provide`)
    const actual = module.types[imported.typeIndex]
    if (actual === undefined || !sameType(actual, expected)) {
      const actualText = actual === undefined ? 'no type' : typeText(actual)
      throw new InvalidModule(`it imports ${fullName} as ${actualText}; its type is ${typeText(expected)}`)
    }
    names.add(imported.name)
  }
  return [...names]
}

/**
 * Reads methods and hooks off the exports. interface specification, "WebAssembly module requirements"
 *
 * @throws InvalidModule for a reserved name, a wrong type, a name exported twice or too many names.
 */
export function readEntryPoints(module: ParsedModule): Pick<PreparedModule, 'methods' | 'hooks'> {
  const methods = new Map<string, MethodKind>()
  const hooks = new Set<Hook>()
  let nameChars = 0
  for (const exported of module.exports) {
    const { name } = exported
    // A method name may itself hold spaces, so only the first one separates.
    const space = name.indexOf(' ')
    const kind = space === -1 ? undefined : METHOD_KINDS.get(name.slice(0, space))
    const hook = HOOKS.get(name)
    if (kind === undefined && hook === undefined) {
      if (name.startsWith('canister_')) throw new InvalidModule(`it exports the reserved name "${name}"`)
      continue
    }
    checkEntryType(module, exported)
    if (hook !== undefined) hooks.add(hook)
    if (kind !== undefined) {
      const method = name.slice(space + 1)
      if (methods.has(method)) throw new InvalidModule(`it exports the method "${method}" in more than one kind`)
      methods.set(method, kind)
      nameChars += method.length
    }
  }
  if (methods.size > METHODS_MAX)
    throw new InvalidModule(`it exports ${methods.size} methods, more than ${METHODS_MAX}`)
  if (nameChars > METHOD_NAME_CHARS_MAX) {
    throw new InvalidModule(`its method names are longer than ${METHOD_NAME_CHARS_MAX} characters together`)
  }
  return { methods, hooks }
}

/** Custom sections `icp:public NAME` and `icp:private NAME`, which the state tree shows. */
export function readMetadata(module: ParsedModule): PreparedModule['customSections'] {
  const sections: { visibility: 'public' | 'private'; name: string; content: Uint8Array }[] = []
  const seen = new Set<string>()
  let totalBytes = 0
  for (const custom of module.customSections) {
    if (!custom.name.startsWith('icp:')) continue
    const [, visibility, name] = /^icp:(public|private) (.*)$/su.exec(custom.name) ?? []
    if (name === undefined || (visibility !== 'public' && visibility !== 'private')) {
      throw new InvalidModule(`its custom section "${custom.name}" is neither icp:public nor icp:private`)
    }
    if (seen.has(name)) throw new InvalidModule(`it has more than one custom section for the name "${name}"`)
    seen.add(name)
    totalBytes += name.length + custom.content.length
    // Copied, so that keeping a few bytes of metadata does not keep the whole module.
    sections.push({ visibility, name, content: custom.content.slice() })
  }
  if (sections.length > CUSTOM_SECTIONS_MAX) {
    throw new InvalidModule(`it has ${sections.length} icp: custom sections, more than ${CUSTOM_SECTIONS_MAX}`)
  }
  if (totalBytes > CUSTOM_SECTION_BYTES_MAX) {
    throw new InvalidModule(`its icp: custom sections are larger than ${CUSTOM_SECTION_BYTES_MAX} bytes together`)
  }
  return sections
}

function checkEntryType(module: ParsedModule, exported: ModuleExport): void {
  if (exported.kind !== EXTERNAL_KIND.function) {
    throw new InvalidModule(`its export "${exported.name}" is not a function`)
  }
  const importCount = module.imports.length
  const typeIndex =
    exported.index < importCount
      ? module.imports[exported.index]?.typeIndex
      : module.functions[exported.index - importCount]
  const type = module.types[typeIndex ?? -1]
  if (type === undefined) throw new InvalidModule(`its export "${exported.name}" names no function`)
  if (type.params.length > 0 || type.results.length > 0) {
    throw new InvalidModule(`its export "${exported.name}" has type ${typeText(type)}; entry points have type () -> ()`)
  }
}

function sameType(actual: FunctionType, expected: ImportSignature): boolean {
  return typeText(actual) === typeText(expected)
}

function typeText(type: FunctionType | ImportSignature): string {
  return `(${type.params.join(', ')}) -> (${type.results.join(', ')})`
}
