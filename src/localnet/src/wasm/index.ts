import { createHash } from 'node:crypto'
import { InvalidModule, type ImportSignature, type PreparedModule } from '../contracts.ts'
import { checkImports, readEntryPoints, readMetadata } from './entry-points.ts'
import { rewriteModule } from './rewrite.ts'
import { parseSections } from './sections.ts'
import { unpackModule } from './unpack.ts'

/** Where the code of this folder is: what it makes of a module holds until any of it changes. */
export const PREPARATION_URL = import.meta.url

/**
 * Checks an uploaded canister module as the network does at install and makes the metered module that runs in its place.
 * The counter is the exported i64 global COUNTER_EXPORT: the host sets it to the budget; when it is negative after a trap, the budget
 * was spent. Weights and places: local network facts 6.1 and 6.2.
 *
 * @param uploaded Wasm or gzip of Wasm, both at most 100 MiB; under the attacker's control.
 * @param allowed the System API functions that work, by name without `ic0.`.
 * @throws InvalidModule with the reason alone, to be put after "Canister's Wasm module is not valid: ".
 */
export function prepareModule(uploaded: Uint8Array, allowed: ReadonlyMap<string, ImportSignature>): PreparedModule {
  const bytes = unpackModule(uploaded)
  const module = parseSections(bytes)
  // Our own checks come first, for their words. The engine's validation comes before any code is added: only in a valid module
  // is the counter out of reach of the module's own instructions.
  const imports = checkImports(module, allowed)
  const entryPoints = readEntryPoints(module)
  const customSections = readMetadata(module)
  validateWithEngine(bytes)
  const { wasm, persistentGlobals } = rewriteModule(module)
  return {
    moduleHash: new Uint8Array(createHash('sha256').update(uploaded).digest()),
    wasm,
    ...entryPoints,
    hasStart: module.start !== null,
    persistentGlobals,
    customSections,
    imports,
    hasMemory: module.memoryCount > 0,
    hasTable: module.tableCount > 0,
  }
}

function validateWithEngine(bytes: Uint8Array): void {
  const source = new Uint8Array(bytes)
  if (WebAssembly.validate(source)) return
  try {
    // Compiling says why; validating only says no.
    void new WebAssembly.Module(source)
  } catch (error) {
    const text = error instanceof Error ? error.message : 'unknown cause'
    throw new InvalidModule(text.replace(/^WebAssembly\.Module\(\): /u, ''))
  }
  throw new InvalidModule('the engine finds it invalid')
}
