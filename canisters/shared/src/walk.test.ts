import { memoryMap, u64Key, walkRows, withLayout } from '@medguard/shared'
import fc from 'fast-check'
import { expect, test } from 'vitest'

test('a walk shows every row that was there once, whatever it removes and adds', () => {
  const numbers = fc.uniqueArray(fc.nat(20_000), { minLength: 0, maxLength: 5000, size: 'max' })
  fc.assert(
    fc.property(numbers, fc.nat(6), fc.nat(6), fc.nat(20_000), (there, removedEach, addedEach, addedAt) => {
      const rows = memoryMap()
      for (const n of there) rows.set(u64Key(BigInt(n)), Uint8Array.of(1))
      const seen: number[] = []
      walkRows(rows, (key, value) => {
        if (value[0] === 2) return 'kept' // one that was added
        const n = Number(new DataView(key.buffer, key.byteOffset).getBigUint64(0))
        seen.push(n)
        if (addedEach > 0 && n % addedEach === 0)
          rows.set(u64Key(BigInt(addedAt) * 1_000_000n + BigInt(n)), Uint8Array.of(2))
        if (removedEach > 0 && n % removedEach === 0) {
          rows.delete(key)
          return 'gone'
        }
        rows.set(key, withLayout(2, value))
        return 'kept'
      })
      const isKept = (n: number) => removedEach === 0 || n % removedEach > 0
      const isOverwritten = (n: number) => addedAt === 0 && addedEach > 0 && n % addedEach === 0
      expect(seen).toEqual(there.toSorted((a, b) => a - b))
      for (const n of there)
        if (!isOverwritten(n)) expect(rows.get(u64Key(BigInt(n)))).toEqual(isKept(n) ? Uint8Array.of(2, 1) : undefined)
    }),
    { numRuns: 12 },
  )
})
