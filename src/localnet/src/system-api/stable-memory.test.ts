import fc from 'fast-check'
import { expect, test } from 'vitest'
import { STABLE_BLOCK_BYTES, StableMemory, WASM_PAGE_BYTES } from './stable-memory.ts'

const PAGES = 2
const SIZE = PAGES * WASM_PAGE_BYTES

type Step =
  | { readonly kind: 'write'; readonly at: number; readonly bytes: Uint8Array }
  | { readonly kind: 'commit' | 'rollback' | 'detachAndApply' }

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant('write' as const),
      at: fc.integer({ min: 0, max: SIZE - 9000 }),
      bytes: fc.uint8Array({ maxLength: 9000 }),
    }),
  },
  fc.record({ kind: fc.constantFrom('commit' as const, 'rollback' as const, 'detachAndApply' as const) }),
)

test('stable memory is what a plain array would be, block by block and layer by layer', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 20 }), (steps) => {
      const stable = new StableMemory()
      stable.grow(PAGES)
      stable.commit()
      let committed = new Uint8Array(SIZE)
      let current = new Uint8Array(SIZE)
      for (const next of steps) {
        switch (next.kind) {
          case 'write':
            stable.write(next.at, next.bytes, 0, next.bytes.length)
            current.set(next.bytes, next.at)
            break
          case 'commit':
            for (const block of stable.commit()) {
              const at = block * STABLE_BLOCK_BYTES
              const range = [at, at + STABLE_BLOCK_BYTES] as const
              expect(Buffer.compare(committed.subarray(...range), current.subarray(...range))).not.toBe(0)
            }
            committed = current.slice()
            break
          case 'rollback':
            stable.rollback()
            current = committed.slice()
            break
          case 'detachAndApply': {
            const changes = stable.detach()
            expect(Buffer.compare(read(stable), committed)).toBe(0)
            stable.apply(changes)
          }
        }
        expect(Buffer.compare(read(stable), current)).toBe(0)
      }
    }),
    { numRuns: 50 },
  )
})

test('a write of zeros where nothing was stores nothing', () => {
  const stable = new StableMemory()
  stable.grow(1)
  stable.write(100, new Uint8Array(5000), 0, 5000)
  expect(stable.commit()).toEqual([])
  expect(stable.blocks.size).toBe(0)
})

test('growing stops at 500 GiB, and at 4 GiB for the 32-bit functions', () => {
  const stable = new StableMemory()
  expect(stable.grow(8_192_001)).toBe(-1)
  expect(stable.growLegacy(65_537)).toBe(-1)
  expect(stable.growLegacy(65_536)).toBe(0)
  expect(stable.grow(8_192_000 - 65_536)).toBe(65_536)
  expect(() => stable.growLegacy(0)).toThrow('32 bit stable memory')
  stable.rollback()
  expect(stable.pages).toBe(0)
})

test('nothing is read or written outside', () => {
  const stable = new StableMemory()
  stable.grow(1)
  const bytes = new Uint8Array(10)
  expect(() => stable.read(WASM_PAGE_BYTES - 9, bytes, 0, 10)).toThrow('out of bounds')
  expect(() => stable.write(2 ** 63, bytes, 0, 1)).toThrow('out of bounds')
  stable.read(WASM_PAGE_BYTES, bytes, 0, 0)
})

function read(stable: StableMemory): Uint8Array {
  const bytes = new Uint8Array(SIZE).fill(0xee)
  stable.read(0, bytes, 0, SIZE)
  return bytes
}
