import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'

import { type Agreed, objections, readBaseline, updated } from '../../bench/baseline.ts'
import { COST_FILE, costDocument } from '../../bench/cost-document.ts'
import { methodCosts } from '../../bench/method-costs.ts'

// What each public method takes is agreed to, in `bench/baseline.json`: instructions repeat exactly where nothing is left to chance.

const AGREE = 'npm run bench -- methods --update-baseline [--why TEXT]'

test('no public method takes 2 % more instructions than was agreed to, unless a note says why', async () => {
  const baseline = readBaseline()
  const measured = await methodCosts(Object.keys(baseline.instructions))
  expect(objections(measured, baseline), `agree anew: ${AGREE}`).toEqual([])
})

const agreed: Agreed = {
  instructions: { 'a.cheap': 1_000, 'a.dear': 2_000 },
  notes: [{ call: 'a.dear', from: 2_000, to: 3_000, why: 'it signs now' }],
}
const measured = (cheap: number, dear: number) =>
  new Map([
    ['a.cheap', cheap],
    ['a.dear', dear],
  ])

test('a call that became dearer is named with both figures, and one that nobody listed', () => {
  expect(objections(measured(1_020, 3_060), agreed)).toEqual([])
  expect(objections(measured(1_030, 3_100), agreed)).toEqual([
    'a.cheap takes 1030 instructions, 3.0 % more than 1000',
    'a.dear takes 3100 instructions, 3.3 % more than 3000',
  ])
  expect(
    objections(
      new Map([
        ['a.cheap', 1],
        ['b.new', 1],
      ]),
      agreed,
    ),
  ).toEqual(['b.new is not listed', 'a.dear is not called'])
})

test('a note holds from the figure it was written for, and says something', () => {
  const noted = (note: object) => ({ ...agreed, notes: [{ ...agreed.notes[0], ...note }] }) as Agreed
  for (const note of [{ from: 1_900 }, { why: ' ' }, { call: 'a.cheap' }])
    expect(objections(measured(1_000, 3_000), noted(note))).toEqual([
      'a.dear takes 3000 instructions, 50.0 % more than 2000',
    ])
})

test('agreeing anew lowers figures by itself, and raises none without a reason', () => {
  expect(updated(measured(900, 2_500), agreed, null)).toEqual({
    instructions: { 'a.cheap': 900, 'a.dear': 2_000 },
    notes: [{ ...agreed.notes[0], to: 2_500 }],
  })
  expect(updated(measured(1_000, 1_500), agreed, null)).toEqual({
    instructions: { 'a.cheap': 1_000, 'a.dear': 1_500 },
    notes: [],
  })
  expect(() => updated(measured(1_100, 2_000), agreed, null)).toThrow(
    'a.cheap takes 1100 instructions in place of 1000',
  )
  expect(updated(measured(1_100, 2_000), agreed, 'it counts').notes).toEqual([
    { call: 'a.cheap', from: 1_000, to: 1_100, why: 'it counts' },
  ])
})

test('docs/cost.md says what was measured', () => {
  expect(readFileSync(COST_FILE, 'utf8')).toBe(costDocument(readBaseline()))
})
