import fc from 'fast-check'
import { expect, test } from 'vitest'

import { type Grant, mayDo, type Question, type World } from './evaluator.ts'
import { anyQuestion, anyWorld, decisionsIn, PEOPLE } from './worlds.fixture.ts'

// Issue line 1, I4, A06, A14, B05, C06: every rule against a slow reference evaluator, in random worlds, for care, family and research alike.

const questions = fc.array(anyQuestion, { minLength: 30, maxLength: 30 })

test('both canisters decide as the reference does, whatever the world', () => {
  const said = { yes: 0, no: 0 }
  fc.assert(
    fc.property(anyWorld, questions, (world, asked) => {
      const decided = decisionsIn(world)
      for (const question of [...asked, ...likely(world)]) {
        const expected = mayDo(world, question)
        said[expected ? 'yes' : 'no']++
        expect(decided(question), JSON.stringify({ world, question })).toEqual({ consent: expected, records: expected })
      }
    }),
    { numRuns: 800 },
  )
  // A generator that never lets anybody in would prove nothing.
  expect(said.yes).toBeGreaterThan(1000)
  expect(said.no).toBeGreaterThan(1000)
})

test('nothing that narrows lets anybody do more: a pause, a block, an exclusion, a role, a right, an earlier end, a suspension', () => {
  const narrower: ((world: World) => World)[] = [
    (world) => ({ ...world, patients: world.patients.map((each) => ({ ...each, paused: true })) }),
    (world) => ({
      ...world,
      patients: world.patients.map((each) => ({ ...each, blocked: [...each.blocked, 'eve', 'lab'] })),
    }),
    grants((grant) => ({ ...grant, excluded: [...grant.excluded, 'nurse'].slice(-6) })),
    // To write and nothing else an interface engine may be trusted with, too.
    grants((grant) => (grant.rights[0] === 'write' ? grant : { ...grant, rights: grant.rights.slice(0, 1) })),
    grants((grant) => ({ ...grant, end: grant.end - 1 })),
    grants((grant) => ({ ...grant, compartments: grant.compartments.slice(0, 1) })),
    (world) => ({ ...world, organisations: world.organisations.map((each) => ({ ...each, suspended: true })) }),
    (world) => ({ ...world, members: world.members.slice(1) }),
    (world) => ({ ...world, carers: world.carers.map((each) => ({ ...each, powers: each.powers.slice(0, 1) })) }),
  ]
  fc.assert(
    fc.property(anyWorld, questions, fc.nat(narrower.length - 1), (world, asked, by) => {
      const [before, after] = [decisionsIn(world), decisionsIn((narrower[by] as (world: World) => World)(world))]
      for (const question of [...asked, ...likely(world)])
        for (const canister of ['consent', 'records'] as const)
          if (after(question)[canister])
            expect(before(question)[canister], JSON.stringify({ world, question })).toBe(true)
    }),
    { numRuns: 300 },
  )
})

const grants =
  (change: (grant: Grant) => Grant) =>
  (world: World): World => ({ ...world, grants: world.grants.map(change) })

/** What somebody would ask who has a chance. */
const likely = ({ grants, patients }: World): Question[] => [
  ...grants.flatMap(({ name, patient, compartments: [compartment = ''], rights: [right = ''] }) =>
    PEOPLE.map((who) => ({ who, patient, compartment, grant: name, right })),
  ),
  ...patients.flatMap(({ name, categories: [compartment = ''] }) =>
    PEOPLE.map((who) => ({ who, patient: name, compartment, grant: null, right: 'open' })),
  ),
]
