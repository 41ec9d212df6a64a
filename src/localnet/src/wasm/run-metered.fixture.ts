import { COUNTER_EXPORT } from '../contracts.ts'
import { assemble, type Source } from './assembler.fixture.ts'
import { prepareModule } from './index.ts'

export const BUDGET = 1_000_000n

/** Runs the exported function `run` under a budget. `used` is what the counter lost. */
export function run(source: Source, args: readonly number[] = [], budget = BUDGET) {
  const prepared = prepareModule(assemble({ exports: [{ name: 'run', index: 0 }], ...source }), new Map())
  const instance = new WebAssembly.Instance(new WebAssembly.Module(new Uint8Array(prepared.wasm)))
  const counter = instance.exports[COUNTER_EXPORT] as WebAssembly.Global<'i64'>
  counter.value = budget
  let trap: unknown = null
  let result: unknown
  try {
    result = (instance.exports['run'] as (...values: number[]) => unknown)(...args)
  } catch (error) {
    trap = error
  }
  return { used: budget - counter.value, left: counter.value, trap, result, instance, prepared }
}
