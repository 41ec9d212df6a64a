import { expect, test } from 'vitest'
import { SECTION } from './store.ts'

test('no two kinds of rows have the same number: ids that callers choose would be read as rows of another kind', () => {
  const numbers = Object.values(SECTION)
  expect(numbers.length).toBeGreaterThan(20)
  expect(new Set(numbers).size).toBe(numbers.length)
})
