// Compiles Motoko to Wasm with 32-bit memory, by the compiler's npm package.
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import motoko from 'motoko'

const require = createRequire(import.meta.url)
interface Compiled {
  readonly wasm: Uint8Array
}
const ERROR_CHARS_MAX = 2000

/** @throws Error with what the compiler says, at most 2000 characters: it prints all of its own source with a crash. */
export function compileMotoko(source: string): Uint8Array {
  try {
    // The default has a memory of 64 bits, which Node 20 cannot compile.
    const compiler = motoko.compiler as { gcFlags(name: string): void }
    compiler.gcFlags('classicOP')
    const core: unknown = JSON.parse(readFileSync(require.resolve('motoko/packages/latest/core.json'), 'utf8'))
    motoko.loadPackage(core as Parameters<typeof motoko.loadPackage>[0])
    motoko.setPublicMetadata(['candid:service'])
    motoko.write('Main.mo', source)
    const { wasm } = motoko.wasm('Main.mo', 'ic') as Compiled
    return new Uint8Array(wasm)
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error)
    // eslint-disable-next-line preserve-caught-error -- The cause is what must not be printed.
    throw new Error(`the Motoko compiler failed: ${text.slice(0, ERROR_CHARS_MAX)}`)
  }
}
