import type { EventEmitter } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { tsImport } from 'tsx/esm/api'

import { ROOT } from '../project.ts'

/** Azle's own builder, used as a library: its command wants dfx, and bakes the folder it runs in into the module. */
const AZLE = join(ROOT, 'node_modules/azle')
const BUILD = join(AZLE, 'src/stable/build/commands/build')
/** The prebuilt canister (QuickJS and its System API bindings) that a bundle is put into. */
export const TEMPLATE_PATH = join(AZLE, 'dist/canister_templates/stable.wasm')

export interface MethodEntry {
  readonly name: string
  readonly index: number
  readonly composite?: boolean
  readonly hidden?: boolean
}

export interface MethodMeta {
  readonly queries?: readonly MethodEntry[]
  readonly updates?: readonly MethodEntry[]
  readonly init?: MethodEntry
  readonly post_upgrade?: MethodEntry
  readonly pre_upgrade?: MethodEntry
  readonly heartbeat?: MethodEntry
  readonly inspect_message?: MethodEntry
  readonly on_low_wasm_memory?: MethodEntry
}

export interface AzleBuilder {
  /** Source of `createGetCandidAndMethodMetaFunction`, which registers the canister class. `label` appears in its errors. */
  registration(label: string): string
  /** Puts a bundle into the template. Without `methodMeta` the module only serves `probe`. */
  assemble(javaScript: string, methodMeta?: MethodMeta): Promise<Uint8Array>
  /** Runs the module outside any network and asks it for its methods. Errors thrown while the canister's module loads surface here. */
  probe(wasm: Uint8Array): Promise<{ readonly candid: string; readonly methodMeta: MethodMeta }>
}

export function azleVersion(): string {
  const { version } = JSON.parse(readFileSync(join(AZLE, 'package.json'), 'utf8')) as { version: string }
  return version
}

const load = (file: string) =>
  tsImport(pathToFileURL(join(BUILD, file)).href, { parentURL: import.meta.url, tsconfig: false })

/** Takes a second, so callers check their cache first. */
export async function loadAzle(): Promise<AzleBuilder> {
  // Without this an environment variable would keep the name section and change the module.
  delete process.env['AZLE_CANISTER_BACKTRACES']
  const [javaScript, manipulate, execution]: [
    { handleClassApiCanister(main: string): string },
    {
      manipulateWasmBinary(
        js: string,
        templatePath: string,
        wasmData: { envVars: [string, string][]; mainJsPath: string },
        validate: boolean,
        methodMeta?: MethodMeta,
      ): Promise<Uint8Array>
    },
    { execute(wasm: Uint8Array): Promise<{ candid: string; methodMeta: MethodMeta }> },
  ] = await withoutNewListeners(() =>
    Promise.all([load('javascript.ts'), load('wasm_binary/manipulate.ts'), load('candid_and_method_meta/execute.ts')]),
  )
  const wasmData = { envVars: [['AZLE_VERSION', azleVersion()]] as [string, string][], mainJsPath: 'main.js' }
  return {
    registration: (label) => javaScript.handleClassApiCanister(label),
    assemble: (bundle, methodMeta) =>
      manipulate.manipulateWasmBinary(bundle, TEMPLATE_PATH, wasmData, false, methodMeta),
    probe: (wasm) => execution.execute(wasm),
  }
}

/** Binaryen takes over `uncaughtException` when it loads, and would print its own ten megabytes beside anybody's error. */
async function withoutNewListeners<T>(load: () => Promise<T>): Promise<T> {
  const events = ['uncaughtException', 'unhandledRejection']
  const emitter: EventEmitter = process
  const before = events.map((event) => emitter.listeners(event))
  const loaded = await load()
  for (const [index, event] of events.entries()) {
    for (const listener of emitter.listeners(event)) {
      if (before[index]?.includes(listener) !== true) emitter.off(event, listener as () => void)
    }
  }
  return loaded
}
