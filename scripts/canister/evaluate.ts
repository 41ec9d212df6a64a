import type { MethodMeta } from './azle.ts'

export interface Evaluated {
  /** Azle's own text of the interface. */
  readonly candid: string
  readonly methods: MethodMeta
  /** Linear memory as the bundle left it. */
  readonly heap: Uint8Array
}

type Instance = { readonly memory: WebAssembly.Memory } & Readonly<Record<string, unknown>>

/**
 * Runs the bundle of a module outside any network, as the module itself does at its start, with nothing that differs between two runs: the
 * time is zero, there is no randomness, and whatever else of the network it asks for ends the build.
 *
 * @throws Error with the engine's own text when the bundle throws.
 */
export function evaluate(wasm: Uint8Array<ArrayBuffer>): Evaluated {
  const module = new WebAssembly.Module(wasm)
  const network = new Map<string, (...args: number[]) => unknown>([
    ['time', () => 0n],
    ['debug_print', (at = 0, size = 0) => console.info(textAt(at, size))],
    [
      'trap',
      (at = 0, size = 0) => {
        throw new Error(textAt(at, size))
      },
    ],
  ])
  const imports: Record<string, () => unknown> = {}
  for (const { name } of WebAssembly.Module.imports(module)) {
    imports[name] =
      network.get(name) ??
      (() => {
        throw new Error(`it calls ${name} while it loads, when there is no network`)
      })
  }
  const instance = new WebAssembly.Instance(module, { ic0: imports }).exports as Instance
  const textAt = (at: number, size: number) => Buffer.from(instance.memory.buffer, at, size).toString()
  try {
    const pointer = (instance['get_candid_and_method_meta_pointer'] as () => number)()
    const end = new Uint8Array(instance.memory.buffer).indexOf(0, pointer)
    const { candid, methodMeta } = JSON.parse(textAt(pointer, end - pointer)) as {
      candid: string
      methodMeta: MethodMeta
    }
    return { candid, methods: methodMeta, heap: new Uint8Array(instance.memory.buffer.slice(0)) }
  } catch (error) {
    // Without the frames of the module, which are numbers.
    throw new Error(error instanceof Error ? error.message : String(error), { cause: error })
  }
}
