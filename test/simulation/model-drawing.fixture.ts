import fc from 'fast-check'
import type { PowerName } from './model-facts.ts'
import type { RightName, Step, StepName } from './model-steps.fixture.ts'

// Which steps a run may have, and how often each.

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
const A_DAY = 24 * 60
const minutes = fc.constantFrom(1, 60, 60, 10 * A_DAY)
const acting = { whose: small, by: small }
const terms = { reader: small, places: small, rights, minutes, whose: small }
const shared = { ...terms, by: small, isNamed: fc.boolean(), excludes: fc.constantFrom(null, null, 0, 1) }
const powers = fc.constantFrom<readonly PowerName[]>(
  ['read'],
  ['read', 'share'],
  ['read', 'write', 'share'],
  ['write'],
  ['read', 'write', 'share', 'manage'],
  ['read', 'write', 'share', 'manage'],
  ['manage'],
)
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
  [5, of('share', { ...shared, only: mostlyBoth, answering: fc.constant(null) })],
  [2, of('share', { ...shared, only: fc.constant(null), answering: small })],
  [2, of('ask', { ...terms, isForClinic: fc.boolean() })],
  [3, of('answer', { ...terms, isForClinic: fc.boolean(), to: small, by: small })],
  [1, of('close', { which: small, who: small, isDenied: fc.boolean() })],
  [4, of('revoke', { which: small, at: mostlyBoth, who: small })],
  [12, of('derive', asked)],
  [4, of('list', asked)],
  [6, of('open', asked)],
  [12, of('store', asked)],
  [2, of('rules', { ...acting, at: half, whom: small, isOn })],
  [1, of('lay', { ...acting, at: half, what: fc.constantFrom('sensitive', 'requestsFrom'), value: fc.nat(7) })],
  [
    4,
    of('appoint', {
      ...acting,
      whom: small,
      at: mostlyBoth,
      powers,
      minutes: fc.oneof(minutes, fc.constant(null)),
      isAccepted: fc.nat(5).map((n) => n > 0),
    }),
  ],
  [2, of('dismiss', { ...acting, whom: small, at: mostlyBoth })],
  [1, of('resign', { whose: small, whom: small, at: mostlyBoth })],
  [2, of('announce', { by: small, at: mostlyBoth, isOn })],
  [1, of('wait', { hours: fc.constantFrom(1, 13, 73, 169, 340) })],
  [3, of('chainWrap', asked)],
  [3, of('again', { which: small })],
  [3, of('member', { at: mostlyBoth, whom: small, isOn, minutes: fc.constantFrom(1, 60) })],
  [2, of('clinic', { at: half, isOn })],
  [4, of('link', { at: mostlyBoth, whom: small, isOn })],
  [1.5, of('erase', { at: mostlyBoth, whom: small })],
  [
    5,
    of('recover', {
      whom: small,
      by: small,
      what: fc.constantFrom(
        'comeBack',
        'comeBack',
        'comeBack',
        'begin',
        'set',
        'kit',
        'approve',
        'veto',
        'complete',
        'complete',
      ),
      guardians: fc.constantFrom(0, 1, 2, 2, 2),
      threshold: fc.integer({ min: 1, max: 2 }),
      hasKit: fc.boolean(),
      hours: fc.constantFrom(11, 13, 71, 73),
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
/** Steps, from nothing but numbers: what shrinks stays a run. */
export const anyRun: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(...STEPS.map(([weight, arbitrary]) => ({ weight: weight * 10, arbitrary }))),
  {
    minLength: 20,
    maxLength: 80,
    size: 'max',
  },
)
