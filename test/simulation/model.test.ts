import fc from 'fast-check'
import { beforeAll, expect, test } from 'vitest'
import { type ModelWorld, openModelWorld } from './model-run.fixture.ts'
import type { RightName, Step, StepName } from './model-steps.fixture.ts'

// Reliability design, section 8.2: what people do, and in which order messages are delivered, drawn together; the real modules; and a model that
// says what must be true of every answer. A run that fails shrinks to the few steps that matter. The short runs are always the same; the long
// ones are new each time, or those that MEDGUARD_SEED names.

const IS_LONG = process.env['MEDGUARD_LONG'] === '1'
const MINUTES = IS_LONG ? Number(process.env['MEDGUARD_MINUTES'] ?? 60) : 1
const seedOfLong = Number(process.env['MEDGUARD_SEED'] ?? Math.floor(Date.now() / 1000))
const SEED = IS_LONG ? seedOfLong : 5

const ALL_THERE_IS = 60
const small = fc.nat(11)
const half = fc.constantFrom('consent' as const, 'records' as const, null)
const mostlyBoth = fc.oneof({ weight: 2, arbitrary: fc.constant(null) }, half)
const rights = fc.constantFrom<readonly RightName[]>(
  ['list', 'open'],
  ['list', 'open', 'write'],
  ['list', 'open', 'write'],
  ['list', 'open', 'rewrap'],
  ['list'],
  ['write'],
)
const terms = { reader: small, places: small, rights, minutes: fc.constantFrom(1, 60) }
const isOn = fc.boolean()
const asked = { who: small, which: small, place: small, isOld: fc.nat(3).map((n) => n === 0) }
const of = (name: StepName, fields: object) =>
  fc.record({ do: fc.constant(name), ...fields }) as unknown as fc.Arbitrary<Step>
const STEPS: readonly (readonly [weight: number, step: fc.Arbitrary<Step>])[] = [
  [
    24,
    of('deliver', {
      at: small,
      times: fc.oneof(fc.integer({ min: 1, max: 6 }), fc.constant(ALL_THERE_IS)),
    }),
  ],
  [5, of('share', { ...terms, only: mostlyBoth, answering: fc.constant(null) })],
  [2, of('share', { ...terms, only: fc.constant(null), answering: small })],
  [2, of('ask', terms)],
  [1, of('close', { which: small, who: small, isDenied: fc.boolean() })],
  [4, of('revoke', { which: small, at: mostlyBoth, who: small })],
  [12, of('derive', asked)],
  [4, of('list', asked)],
  [6, of('open', asked)],
  [12, of('store', asked)],
  [2, of('rules', { at: half, whom: small, isOn })],
  [3, of('again', { which: small })],
  [3, of('member', { at: mostlyBoth, whom: small, isOn, minutes: fc.constantFrom(1, 60) })],
  [2, of('clinic', { at: half, isOn })],
  [4, of('link', { at: mostlyBoth, whom: small, isOn })],
  [0.5, of('erase', { at: mostlyBoth, whom: small })],
  [
    3,
    of('recover', {
      whom: small,
      what: fc.constantFrom('begin', 'veto', 'complete', 'complete', 'complete'),
      hours: fc.constantFrom(71, 73),
    }),
  ],
  [2, of('readWraps', asked)],
  [5, of('putWraps', asked)],
  [4, of('retire', asked)],
  [2, of('remove', { who: small, which: small, place: small })],
  [2, of('advance', { seconds: fc.constantFrom(1, 30, 90) })],
  [0.8, of('stop', { canister: small })],
  [0.8, of('upgrade', { canister: small })],
]
const run = fc.array(fc.oneof(...STEPS.map(([weight, arbitrary]) => ({ weight: weight * 10, arbitrary }))), {
  minLength: 20,
  maxLength: 80,
  size: 'max',
})

let world: ModelWorld
beforeAll(async () => {
  world = await openModelWorld()
})

test('whatever people do, and in whatever order messages arrive, every answer is one that the model allows', async () => {
  await fc.assert(
    fc.asyncProperty(run, async (steps) => {
      expect(await world.run(steps)).toEqual([])
    }),
    {
      seed: SEED,
      numRuns: IS_LONG ? 1_000_000 : 150,
      interruptAfterTimeLimit: MINUTES * 60_000,
      markInterruptAsFailure: false,
    },
  )
}, 7_200_000)
