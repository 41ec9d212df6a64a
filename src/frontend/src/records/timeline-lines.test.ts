import { describe, expect, test } from 'vitest'
import { GROWS_BY, isAllDrawn, type Lines, linesToDraw } from './timeline-lines.ts'

const COUNT = 10_000
const AROUND = 6

describe('lines of a long list', () => {
  test('that are in sight are in the page at once, those around them a few at a time', () => {
    const sight = { first: 5_000, last: 5_011 }
    let drawn: Lines = { first: 0, last: 17 }
    const steps: Lines[] = []
    while (!isAllDrawn(sight, AROUND, COUNT, drawn)) {
      drawn = linesToDraw(sight, AROUND, COUNT, drawn)
      steps.push(drawn)
    }
    expect(steps[0]).toEqual(sight)
    expect(steps[1]).toEqual({ first: 5_000 - GROWS_BY, last: 5_011 + GROWS_BY })
    expect(drawn).toEqual({ first: 4_994, last: 5_017 })
  })

  test('stay in the page while somebody scrolls on, as many before as after', () => {
    let drawn = linesToDraw({ first: 100, last: 110 }, AROUND, COUNT, { first: 94, last: 116 })
    for (let at = 101; at < 200; at += 2) {
      drawn = linesToDraw({ first: at, last: at + 10 }, AROUND, COUNT, drawn)
      expect(drawn).toEqual({ first: at - AROUND, last: at + 10 + AROUND })
    }
    expect(linesToDraw({ first: 197, last: 207 }, AROUND, COUNT, drawn)).toEqual({ first: 191, last: 213 })
  })

  test('end where the list ends', () => {
    const start = { first: 0, last: 9 }
    expect(linesToDraw(start, AROUND, COUNT, null)).toEqual(start)
    expect(linesToDraw(start, AROUND, COUNT, start)).toEqual({ first: 0, last: 9 + GROWS_BY })
    expect(linesToDraw(start, AROUND, 12, start)).toEqual({ first: 0, last: 11 })
    expect(isAllDrawn(start, AROUND, 12, { first: 0, last: 11 })).toBe(true)
    expect(isAllDrawn(start, AROUND, 12, start)).toBe(false)
  })
})
