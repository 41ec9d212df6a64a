import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { COUNTER_EXPORT, MEMORY_EXPORT, START_EXPORT, TABLE_EXPORT, type ImportSignature } from '../contracts.ts'
import { F64, I32, I64, i32, op, type Source } from './assembler.fixture.ts'
import { prepareModule } from './index.ts'
import { run } from './run-metered.fixture.ts'
import { parseSections } from './sections.ts'

describe('what the host reaches', () => {
  test('memory, table, start function and mutable globals are exported, and start does not run by itself', () => {
    const source: Source = {
      types: [{}, { results: [I32] }],
      memory: 1,
      table: 3,
      globals: [
        { type: I64, mutable: false, init: [op.i64Const, 1] },
        { type: I32, mutable: true, init: i32(5) },
        { type: F64, mutable: true, init: [op.f64Const, 0, 0, 0, 0, 0, 0, 0, 0] },
      ],
      start: 1,
      functions: [{ type: 1, code: [op.globalGet, 1] }, { code: [...i32(77), op.globalSet, 1] }],
    }
    const { result, instance, prepared } = run(source)
    expect(result).toBe(5)
    expect(prepared).toMatchObject({ hasStart: true, hasMemory: true, hasTable: true })
    expect(prepared.persistentGlobals).toEqual([
      { exportName: '__persistent_mutable_global_1', type: 'i32' },
      { exportName: '__persistent_mutable_global_2', type: 'f64' },
    ])
    ;(instance.exports[START_EXPORT] as () => void)()
    expect((instance.exports['__persistent_mutable_global_1'] as WebAssembly.Global).value).toBe(77)
    expect((instance.exports[TABLE_EXPORT] as WebAssembly.Table).length).toBe(3)
    expect((instance.exports[MEMORY_EXPORT] as WebAssembly.Memory).buffer.byteLength).toBe(65536)
  })

  test('a module that exports its memory as "memory" and its table as "table" keeps them', () => {
    const exports = [
      { name: 'run', index: 0 },
      { name: 'memory', kind: 2, index: 0 },
      { name: 'table', kind: 1, index: 0 },
    ]
    const { prepared, trap } = run({ memory: 1, table: 1, exports, functions: [{}] })
    expect(trap).toBeNull()
    expect(prepared).toMatchObject({ hasMemory: true, hasTable: true })
  })
})

test("Azle's canister template is accepted, stays valid, and only its System API names decide", () => {
  const path = new URL('../../../../node_modules/azle/dist/canister_templates/stable.wasm', import.meta.url)
  const template = new Uint8Array(readFileSync(path))
  const parsed = parseSections(template)
  const allowed = new Map(
    parsed.imports.map(({ name, typeIndex }) => [name, parsed.types[typeIndex] as unknown as ImportSignature]),
  )
  const prepared = prepareModule(template, allowed)
  expect(WebAssembly.validate(new Uint8Array(prepared.wasm))).toBe(true)
  expect(prepared.imports).toHaveLength(44)
  expect(prepared.methods.get('<ic-cdk internal> timer_executor')).toBe('update')
  expect(prepared.persistentGlobals).toEqual([{ exportName: '__persistent_mutable_global_0', type: 'i32' }])
  expect(WebAssembly.Module.exports(new WebAssembly.Module(new Uint8Array(prepared.wasm)))).toEqual(
    expect.arrayContaining([
      { name: TABLE_EXPORT, kind: 'table' },
      { name: COUNTER_EXPORT, kind: 'global' },
    ]),
  )
  allowed.delete('stable64_grow')
  expect(() => prepareModule(template, allowed)).toThrow('it imports ic0.stable64_grow')
})
