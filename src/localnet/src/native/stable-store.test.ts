import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { StableMemory, WASM_PAGE_BYTES } from '../system-api/stable-memory.ts'
import { NativeTrap } from './index.ts'
import { StableStore } from './stable-store.ts'

const open = (stable = new StableMemory()) => new StableStore(stable, () => {})

const Key = fc.oneof(
  fc.string({ maxLength: 4 }),
  fc.constantFrom('', 'a', 'ab', 'abc', 'b', '\u{10000}', '\uFFFF', '\uD800'),
)
const Value = fc.uint8Array({ maxLength: 300 })
const Step = fc.oneof(
  fc.record({ kind: fc.constant('put' as const), key: Key, value: Value }),
  fc.record({ kind: fc.constant('delete' as const), key: Key }),
  fc.record({ kind: fc.constant('rollback' as const) }),
  fc.record({ kind: fc.constant('commit' as const) }),
)

const sorted = (keys: Iterable<string>) => [...keys].toSorted((a, b) => (a < b ? -1 : 1))

describe('a store in stable memory', () => {
  test('agrees with a map after any puts, deletes, commits and rollbacks', () => {
    fc.assert(
      fc.property(fc.array(Step, { maxLength: 60 }), Key, (steps, prefix) => {
        const stable = new StableMemory()
        let committed = new Map<string, Uint8Array>()
        let model = new Map<string, Uint8Array>()
        for (const step of steps) {
          if (step.kind === 'put') {
            open(stable).put(step.key, step.value)
            model.set(step.key, step.value)
          } else if (step.kind === 'delete') {
            open(stable).delete(step.key)
            model.delete(step.key)
          } else if (step.kind === 'rollback') {
            stable.rollback()
            model = new Map(committed)
          } else {
            stable.commit()
            committed = new Map(model)
          }
        }
        const store = open(stable)
        expect(store.keys('')).toEqual(sorted(model.keys()))
        expect(store.keys(prefix)).toEqual(sorted(model.keys()).filter((key) => key.startsWith(prefix)))
        for (const [key, value] of model) expect(store.get(key)).toEqual(value)
        expect(store.get('never written')).toBeNull()
      }),
    )
  })

  test('holds values of many pages and thousands of keys', () => {
    const store = open()
    const large = new Uint8Array(3_000_000).fill(7)
    store.put('large', large)
    for (let n = 0; n < 5_000; n++) store.put(`key ${n}`, Uint8Array.of(n & 255))
    expect(Buffer.compare(store.get('large') ?? new Uint8Array(0), large)).toBe(0)
    expect(store.get('key 4999')).toEqual(Uint8Array.of(4999 & 255))
    expect(store.keys('key ')).toHaveLength(5_000)
  })

  test('gives a copy, and keeps one', () => {
    const store = open()
    const value = Uint8Array.of(1)
    store.put('a', value)
    value[0] = 2
    const read = store.get('a')
    read?.fill(3)
    expect(store.get('a')).toEqual(Uint8Array.of(1))
  })

  test('uses the space of what was deleted or replaced again', () => {
    const stable = new StableMemory()
    const store = open(stable)
    store.put('a', new Uint8Array(100_000))
    const { pages } = stable
    for (let n = 0; n < 50; n++) {
      store.put('a', new Uint8Array(n % 2 === 0 ? 10 : 100_000))
      store.put(`b${n}`, new Uint8Array(10))
      store.delete(`b${n}`)
    }
    expect(stable.pages).toBe(pages)
  })

  test('refuses stable memory that another program has written', () => {
    const stable = new StableMemory()
    stable.grow(1)
    stable.write(0, new Uint8Array(WASM_PAGE_BYTES).fill(9), 0, 64)
    expect(() => open(stable)).toThrow(NativeTrap)
  })

  test('tells what it reads and writes', () => {
    const stable = new StableMemory()
    let charged = 0
    const store = new StableStore(stable, (bytes) => {
      charged += bytes
    })
    store.put('a', new Uint8Array(10_000))
    expect(charged).toBeGreaterThan(10_000)
    charged = 0
    store.get('a')
    expect(charged).toBeGreaterThan(10_000)
  })
})
