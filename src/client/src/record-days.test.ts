import { CATEGORIES, PLAIN_TERMS } from '@medguard/protocol'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { isWithin, rangeOf, rangeTerms } from './record-days.ts'

// A14: which records a share by date takes in.

const day = fc
  .integer({ min: 0, max: 60_000 })
  .map((days) => new Date(Date.UTC(1900, 0, 1 + days)).toISOString().slice(0, 10))
const categories = fc.subarray([...CATEGORIES], { minLength: 1 })
const range = fc
  .record({ categories, from: fc.option(day), until: fc.option(day) })
  .filter(({ from, until }) => from === null || until === null || from <= until)

describe('a range of days', () => {
  test('comes back from the terms of a grant as it was put in', () => {
    fc.assert(
      fc.property(range, (wanted) => {
        expect(rangeOf({ ...PLAIN_TERMS, excluded: [], ...rangeTerms(wanted) })).toEqual(wanted)
      }),
    )
    expect(rangeOf({ ...PLAIN_TERMS, excluded: [] })).toBeNull()
  })

  test('takes in exactly what its days and categories say, both ends included', () => {
    const record = fc.record({
      category: fc.constantFrom(...CATEGORIES),
      clinicalDate: fc.option(fc.tuple(day, fc.constantFrom('', 'T23:30:00+05:00')).map((parts) => parts.join(''))),
    })
    fc.assert(
      fc.property(range, record, (wanted, { category, clinicalDate }) => {
        const { fromDay, untilDay } = rangeTerms(wanted)
        const isDated = clinicalDate !== null
        const own = isDated ? rangeTerms({ ...wanted, from: clinicalDate.slice(0, 10) }).fromDay : 0
        const hasDays = wanted.from !== null || wanted.until !== null
        const expected =
          wanted.categories.includes(category) && (!hasDays || (isDated && fromDay <= own && own <= untilDay))
        expect(isWithin({ category, clinicalDate }, wanted)).toBe(expected)
      }),
      { numRuns: 2000 },
    )
  })
})
