// Prepared modules of networks that keep nothing. Tests open hundreds of such, each with the modules of the one before: preparing and compiling those takes
// longer than most of what is then tested. The process remembers the newest, and hands them to each new thread with their machine code.
import type { PreparedModule } from '../contracts.ts'
import { moduleName, type Prepare } from './prepared-modules.ts'

/** A prepared module and what the engine made of it. Both go to other threads without being copied. */
export type RememberedModule = readonly [name: string, prepared: PreparedModule]

/** Of modules as they run: more than a product has. */
const BYTES_MAX = 64 * 1024 * 1024

export interface RememberedModules {
  /** As the function it stands for. @throws InvalidModule */
  readonly prepare: Prepare
  remember(module: RememberedModule): void
  all(): readonly RememberedModule[]
}

/** @param tell is told of each module that was prepared here. */
export function rememberModules(
  prepare: Prepare,
  tell: (module: RememberedModule) => void = () => {},
  bytesMax = BYTES_MAX,
): RememberedModules {
  const known = new Map<string, PreparedModule>()
  const remember = ([name, prepared]: RememberedModule) => {
    known.delete(name)
    known.set(name, prepared)
    let bytes = [...known.values()].reduce((sum, { wasm }) => sum + wasm.length, 0)
    for (const [oldest, { wasm }] of known) {
      if (bytes <= bytesMax) break
      known.delete(oldest)
      bytes -= wasm.length
    }
  }
  return {
    prepare(uploaded, allowed) {
      const name = moduleName(uploaded, allowed)
      const found = known.get(name)
      if (found !== undefined) {
        remember([name, found])
        return found
      }
      const prepared = prepare(uploaded, allowed)
      const compiled = compile(prepared.wasm)
      if (compiled === null) return prepared
      const kept = { ...prepared, wasm: shared(prepared.wasm), compiled }
      remember([name, kept])
      tell([name, kept])
      return kept
    },
    remember,
    all: () => [...known],
  }
}

function shared(bytes: Uint8Array): Uint8Array {
  const copy = new Uint8Array(new SharedArrayBuffer(bytes.length))
  copy.set(bytes)
  return copy
}

/** @returns null for what is too much for the engine: whoever installs it is told. */
function compile(wasm: Uint8Array): WebAssembly.Module | null {
  try {
    return new WebAssembly.Module(new Uint8Array(wasm))
  } catch {
    return null
  }
}
