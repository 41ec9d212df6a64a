import { readFileSync } from 'node:fs'

import { azleVersion, type Binaryen, loadBinaryen, type MethodMeta, TEMPLATE_PATH } from './azle.ts'

/**
 * Azle's template with a bundle in it, as Azle's own builder makes it (src/stable/build/commands/build/wasm_binary/manipulate.ts), and with
 * our native functions (native-wat.ts). It leans on these, and another template fails the build:
 *
 * - one import of `ic0.certified_data_set`, to which `_azleIc.certifiedDataSet` hands the bytes of a typed array where they lie;
 * - `js_passive_data_size`, `init_js_passive_data` and their `wasm_data` twins, which fetch the bundle and its settings;
 * - `init`, `post_upgrade` and `execute_method_js`, which take the index of a callback, -1 for none.
 */
export interface CanisterModule {
  /** Without methods: all that can be done with it is to evaluate the bundle. */
  bare(): Uint8Array<ArrayBuffer>
  /** Evaluates the bundle at each install and upgrade. The last call on this object. */
  plain(methods: MethodMeta): Uint8Array<ArrayBuffer>
  /**
   * Begins with a heap in which the bundle is evaluated; `init` and `post_upgrade` run their callback and nothing else. The last call on
   * this object.
   */
  preInitialised(methods: MethodMeta, heap: Uint8Array): Uint8Array<ArrayBuffer>
}

type Module = ReturnType<Binaryen['readBinary']>
interface Segment {
  readonly offset: number
  readonly data: Uint8Array
  readonly passive: boolean
}

let loading: Promise<Binaryen> | undefined

export async function createCanisterModule(javaScript: string): Promise<CanisterModule> {
  const binaryen = await (loading ??= loadBinaryen())
  const { nativeWat } = await import('./native-wat.ts')
  binaryen.setDebugInfo(false) // the name section would be a third of the module
  const module = binaryen.readBinary(readFileSync(TEMPLATE_PATH))
  splice(binaryen, module, nativeWat())
  embed(binaryen, module, javaScript)
  const emit = () => new Uint8Array(module.emitBinary())
  return {
    bare: emit,
    plain(methods) {
      exportMethods(binaryen, module, methods)
      exportCall(binaryen, module, 'canister_init', 'init', methods.init?.index ?? -1)
      exportCall(binaryen, module, 'canister_post_upgrade', 'post_upgrade', methods.post_upgrade?.index ?? -1)
      const wasm = emit()
      module.dispose()
      return wasm
    },
    preInitialised(methods, heap) {
      exportMethods(binaryen, module, methods)
      for (const [hook, entry] of [
        ['canister_init', methods.init],
        ['canister_post_upgrade', methods.post_upgrade],
      ] as const) {
        if (entry !== undefined) exportCall(binaryen, module, hook, 'execute_method_js', entry.index)
      }
      bake(binaryen, module, heap)
      const wasm = emit()
      module.dispose()
      return wasm
    },
  }
}

const PAGE_BYTES = 65_536
/** A shorter run of zeros costs less as data than as the beginning of another segment. */
const ZEROS_MIN = 64

/**
 * Puts a heap in the place of the template's own data. The stack, which lies below all data, is empty between two messages; its pointer is
 * the one thing outside the memory that could change.
 */
function bake(binaryen: Binaryen, module: Module, heap: Uint8Array): void {
  const [stackPointer, ...others] = Array.from({ length: module.getNumGlobals() }, (_, i) =>
    binaryen.getGlobalInfo(module.getGlobalByIndex(i)),
  )
  const { offset: stackBytes } = module.getMemorySegmentInfoByIndex(0)
  if (stackPointer === undefined || others.length > 0 || initialValue(binaryen, stackPointer.init) !== stackBytes) {
    throw new Error('the template keeps more than its stack pointer in globals, or its stack elsewhere')
  }
  // What the bundle came from is no longer there to be fetched.
  for (const name of ['init_js_passive_data', 'init_wasm_data_passive_data']) {
    replaceFunction(binaryen, module, name, module.unreachable())
  }
  const { max } = module.getMemoryInfo()
  const segments = partsWithoutZeros(heap, stackBytes).map(([start, end]) => ({
    offset: module.i32.const(start),
    data: heap.subarray(start, end),
    passive: false,
  }))
  module.setMemory(heap.length / PAGE_BYTES, max ?? -1, null, segments)
}

function initialValue(binaryen: Binaryen, init: number): unknown {
  const info = binaryen.getExpressionInfo(init)
  return 'value' in info ? info.value : undefined
}

function partsWithoutZeros(heap: Uint8Array, from: number): [start: number, end: number][] {
  const parts: [start: number, end: number][] = []
  let start = -1
  let end = -1
  for (let at = from; at < heap.length; at++) {
    if (heap[at] === 0) continue
    if (start < 0) start = at
    else if (at - end >= ZEROS_MIN) {
      parts.push([start, end])
      start = at
    }
    end = at + 1
  }
  if (start >= 0) parts.push([start, end])
  return parts
}

const COMMAND = 'medguard_command'
const CERTIFY = 'medguard_certify'

/** Puts the functions of a WAT text into the module; the one called `medguard_command` takes the place of an import. */
function splice(binaryen: Binaryen, module: Module, wat: string): void {
  const { none, i32 } = binaryen
  const parameters = binaryen.createType([i32, i32])
  const natives = binaryen.parseText(wat)
  const imported = functionsOf(binaryen, module).filter(
    ({ module: from, base }) => from === 'ic0' && base === 'certified_data_set',
  )
  const [certify] = imported
  if (certify === undefined || imported.length > 1 || certify.params !== parameters || certify.results !== none) {
    throw new Error('the template imports ic0.certified_data_set in another way')
  }
  module.removeFunction(certify.name)
  module.addFunctionImport(CERTIFY, 'ic0', 'certified_data_set', parameters, none)
  for (const { name, module: from, base, params, results, vars, body } of functionsOf(binaryen, natives)) {
    if (name === CERTIFY) continue // there by now
    if (from !== null && base !== null && body === 0) module.addFunctionImport(name, from, base, params, results)
    else module.addFunction(name === COMMAND ? certify.name : name, params, results, vars, module.copyExpression(body))
  }
  natives.dispose()
}

const functionsOf = (binaryen: Binaryen, module: Module) =>
  Array.from({ length: module.getNumFunctions() }, (_, i) => binaryen.getFunctionInfo(module.getFunctionByIndex(i)))

/** The bundle and the settings lie in passive segments that the template fetches when it starts. */
function embed(binaryen: Binaryen, module: Module, javaScript: string): void {
  const settings = { envVars: [['AZLE_VERSION', azleVersion()]], mainJsPath: 'main.js' }
  const encode = (text: string) => new TextEncoder().encode(text)
  const segments: Segment[] = Array.from({ length: module.getNumMemorySegments() }, (_, i) => {
    const { offset, data, passive } = module.getMemorySegmentInfoByIndex(i)
    return { offset, data: new Uint8Array(data), passive }
  })
  for (const [name, data] of [
    ['js', encode(javaScript)],
    ['wasm_data', encode(JSON.stringify(settings))],
  ] as const) {
    // The binding takes the name of a segment, which is its number as text; its types say number.
    const segment = String(segments.length) as unknown as number
    segments.push({ offset: 0, data, passive: true })
    replaceFunction(binaryen, module, `${name}_passive_data_size`, module.i32.const(data.length))
    const fetch = [
      module.memory.init(
        segment,
        module.local.get(0, binaryen.i32),
        module.i32.const(0),
        module.i32.const(data.length),
      ),
      module.data.drop(segment),
    ]
    replaceFunction(binaryen, module, `init_${name}_passive_data`, module.block(null, fetch))
  }
  setSegments(module, segments)
}

function setSegments(module: Module, segments: readonly Segment[]): void {
  const { initial, max } = module.getMemoryInfo()
  const placed = segments.map(({ offset, data, passive }) => ({ offset: module.i32.const(offset), data, passive }))
  module.setMemory(initial, max ?? -1, null, placed)
}

/** @throws Error when the template has no such function. */
function replaceFunction(binaryen: Binaryen, module: Module, name: string, body: number): void {
  const found = module.getFunction(name)
  if (found === 0) throw new Error(`the template has no ${name}`)
  const { params, results } = binaryen.getFunctionInfo(found)
  module.removeFunction(name)
  module.addFunction(name, params, results, [], body)
}

/** One export for each method; what is no method of the network's is left to the check of entry points. */
function exportMethods(binaryen: Binaryen, module: Module, methods: MethodMeta): void {
  const hooks = ['pre_upgrade', 'inspect_message', 'heartbeat', 'on_low_wasm_memory'] as const
  const entries = [
    ...(methods.queries ?? []).map(
      ({ name, index, composite }) =>
        [`canister_${composite === true ? 'composite_query' : 'query'} ${name}`, index] as const,
    ),
    ...(methods.updates ?? []).map(({ name, index }) => [`canister_update ${name}`, index] as const),
    ...hooks.flatMap((hook) => {
      const entry = methods[hook]
      return entry === undefined ? [] : [[`canister_${hook}`, entry.index] as const]
    }),
  ]
  for (const [name, index] of entries) exportCall(binaryen, module, name, 'execute_method_js', index)
}

function exportCall(binaryen: Binaryen, module: Module, name: string, callee: string, index: number): void {
  if (module.getFunction(callee) === 0) throw new Error(`the template has no ${callee}`)
  const call = module.call(callee, [module.i32.const(index)], binaryen.none)
  module.addFunction(name, binaryen.none, binaryen.none, [], call)
  module.addFunctionExport(name, name)
}
