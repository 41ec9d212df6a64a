import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { MUTANTS_ON_THE_NETWORK } from './on-the-network.ts'
import { PLAIN_MUTANTS } from './plain.ts'
import { misfit, openWorkshop, type Workshop } from './run-mutant.fixture.ts'

// Tests that must be able to fail: each weakness here is noticed by the test that it names. `npm test` tries those that plain functions show,
// `npm run test:long -- mutants` all of them.

const ALL = [...PLAIN_MUTANTS, ...MUTANTS_ON_THE_NETWORK]
const TRIED = process.env['MEDGUARD_LONG'] === '1' ? ALL : PLAIN_MUTANTS

test('there are at least thirty weaknesses, no two of one name, and each can be made', () => {
  expect(ALL.length).toBeGreaterThanOrEqual(30)
  expect(new Set(ALL.map(({ name }) => name)).size).toBe(ALL.length)
  expect(
    ALL.map((mutant) => ({ name: mutant.name, misfit: misfit(mutant) })).filter((one) => one.misfit !== null),
  ).toEqual([])
})

describe('a weakness is noticed', () => {
  let workshop: Workshop
  beforeAll(() => {
    workshop = openWorkshop()
  })
  afterAll(() => workshop.close())

  test.each(TRIED.map((mutant) => [mutant.name, mutant] as const))(
    '%s',
    async (_name, mutant) => {
      const { failed, output } = await workshop.run(mutant, mutant.killedBy)
      expect(failed, `nobody noticed: ${mutant.killedBy.join(', ')}\n${output.slice(-3_000)}`).not.toEqual([])
    },
    1_200_000,
  )
})
