import { createCounters, createQueue, createSet, memoryMap } from '@medguard/shared'
import fc from 'fast-check'
import { expect, test } from 'vitest'

const key = fc.uint8Array({ minLength: 1, maxLength: 2 }).map((bytes) => bytes.map((byte) => byte % 3))

test('counters count for each key alone, and never below zero', () => {
  const step = fc.record({ at: key, change: fc.bigInt({ min: -20n, max: 50n }) })
  fc.assert(
    fc.property(fc.array(step), (steps) => {
      const counters = createCounters(memoryMap())
      const model = new Map<string, bigint>()
      for (const { at, change } of steps) {
        const before = model.get(at.join()) ?? 0n
        if (before + change < 0n) expect(() => counters.add(at, change)).toThrow(RangeError)
        else {
          expect(counters.add(at, change)).toBe(before)
          model.set(at.join(), before + change)
        }
        expect(counters.of(at)).toBe(model.get(at.join()) ?? 0n)
      }
    }),
  )
  const rows = memoryMap()
  rows.set(new Uint8Array(1), new Uint8Array(8))
  expect(() => createCounters(rows).of(new Uint8Array(1))).toThrow('a stored row decodes')
})

test('a set has what was added and not removed since', () => {
  const step = fc.record({ at: key, isRemoved: fc.boolean() })
  fc.assert(
    fc.property(fc.array(step), (steps) => {
      const set = createSet(memoryMap())
      const model = new Set<string>()
      for (const { at, isRemoved } of steps) {
        if (isRemoved) {
          set.delete(at)
          model.delete(at.join())
        } else {
          set.add(at)
          model.add(at.join())
        }
        expect(set.has(at)).toBe(model.has(at.join()))
      }
    }),
  )
})

test('a queue gives first what came first', () => {
  const step = fc.oneof(fc.uint8Array({ maxLength: 4 }), fc.constantFrom('shift' as const, 'replace' as const))
  fc.assert(
    fc.property(fc.array(step), (steps) => {
      const rows = memoryMap()
      const model: Uint8Array[] = []
      for (const each of steps) {
        const queue = createQueue(rows) // another message each time
        if (each === 'shift' && model.length > 0) {
          queue.shift()
          model.shift()
        } else if (each === 'replace' && model.length > 0) {
          queue.replaceFirst(Uint8Array.of(9))
          model[0] = Uint8Array.of(9)
        } else if (typeof each !== 'string') {
          queue.push(each)
          model.push(each)
        }
        expect(queue.first()).toEqual(model[0])
        expect(rows.size() <= model.length + 1).toBe(true)
      }
    }),
  )
  const queue = createQueue(memoryMap())
  expect(() => queue.shift()).toThrow('is not empty')
  expect(() => queue.replaceFirst(new Uint8Array(1))).toThrow('is not empty')
})
