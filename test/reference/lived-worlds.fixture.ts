import { POWER, PURPOSES, RIGHT, ROLE } from '@medguard/protocol'
import fc from 'fast-check'
import { type Grant, mayDo, type Question, type World } from './evaluator.ts'

// Random worlds that people can bring about with the methods there are. What no canister takes (a grant to oneself, a share that only lets wrap anew) is
// not in them; what one of the two was told and the other was not, is.

/** The chief registered both organisations and administers them. */
export const PEOPLE = ['ann', 'bob', 'eve', 'nurse', 'clerk', 'ghost', 'chief'] as const
export const ORGS = ['clinic', 'lab'] as const
export const CANISTERS = ['consent', 'records'] as const
export type Canister = (typeof CANISTERS)[number]
const CATEGORIES = { P: ['c1', 'c2'], Q: ['d1', 'd2'], D: ['e1', 'e2'] } as const
const OWNERS = { P: 'ann', Q: 'bob' } as const
/** `D` is a dependant: nobody signs in as them, and who enrolled them does everything in their place. */
export const DEPENDANT = 'D'
export const PARENT = 'ann'
const GRANTS = Array.from({ length: 12 }, (_, i) => `g${i + 1}`)
/** The last tick; what ends after it does not end. */
export const LAST = 9

/** `now` of the world is where it begins, 0. */
export interface LivedWorld {
  readonly world: World
  /** What only the other canister was told. */
  readonly gap: { readonly canister: Canister; readonly what: keyof typeof GAPS }
  /** When everybody is asked. */
  readonly ticks: readonly number[]
}

const GAPS = {
  nothing: (world: World) => world,
  'a grant': (world: World) => ({ ...world, grants: world.grants.filter(({ name }) => name !== 'g1') }),
  'the end of any grant': (world: World) => ({
    ...world,
    grants: world.grants.map((grant) => ({ ...grant, ended: null })),
  }),
  'pauses and blocks': (world: World) => ({
    ...world,
    patients: world.patients.map((patient) => ({ ...patient, paused: false, blocked: [] })),
  }),
  'a suspension': (world: World) => ({
    ...world,
    organisations: world.organisations.map((organisation) => ({ ...organisation, suspended: false })),
  }),
  'a member': (world: World) => ({ ...world, members: world.members.slice(1) }),
  'a carer': (world: World) => ({ ...world, carers: world.carers.filter((each, i) => i > 0 || isParent(each)) }),
} as const

const isParent = ({ of, who }: World['carers'][number]): boolean => of === DEPENDANT && who === PARENT

/** The world that a canister was told of. */
export const toldTo = (canister: Canister, { world, gap }: LivedWorld): World =>
  gap.canister === canister ? GAPS[gap.what](world) : world

const oneOf = <T>(all: readonly T[]) => fc.constantFrom(...all)
const seldom = (often: number) => fc.nat(often).map((drawn) => drawn === 0)
const later = (from: number) => fc.oneof(fc.constant(LAST + 1), fc.integer({ min: from, max: LAST }))

const grantNamed = (name: string, patients: readonly (keyof typeof CATEGORIES)[]): fc.Arbitrary<Grant> =>
  fc
    .record({
      patient: oneOf(patients),
      to: oneOf([...PEOPLE, ...ORGS, ...ORGS]),
      isShare: seldom(2),
      categories: fc.subarray([0, 1], { minLength: 1 }),
      rights: fc.subarray(Object.keys(RIGHT), { minLength: 1 }),
      namesSensitive: fc.boolean(),
      purpose: oneOf(PURPOSES),
      start: fc.nat(3),
      lasts: fc.integer({ min: 2, max: LAST }),
      ended: fc.oneof({ weight: 3, arbitrary: fc.constant(null) }, fc.integer({ min: 1, max: LAST })),
      roles: fc.oneof(fc.constant<string[]>([]), fc.subarray(Object.keys(ROLE))),
      excluded: fc.oneof(fc.constant<string[]>([]), fc.subarray(PEOPLE.slice(0, 5), { maxLength: 2 })),
    })
    .map(({ patient, to, isShare, categories, rights, start, lasts, roles, excluded, ...rest }) => {
      const isOrganisation = (ORGS as readonly string[]).includes(to)
      return {
        ...rest,
        name,
        patient,
        to: to === (patient === DEPENDANT ? PARENT : OWNERS[patient]) ? 'eve' : to,
        compartments: isShare ? [`share ${name}`] : categories.map((i) => CATEGORIES[patient][i] ?? ''),
        rights: rightsFor(rights, !isShare && !isOrganisation),
        start,
        end: start + lasts,
        roles: isOrganisation ? roles : [],
        excluded: isOrganisation ? excluded : [],
      }
    })

/** To wrap anew goes with reading, to a person, and for whole categories only. */
function rightsFor(rights: readonly string[], mayRewrap: boolean): string[] {
  if (!rights.includes('rewrap')) return [...rights]
  if (mayRewrap) return [...new Set([...rights, 'list', 'open'])]
  return rights.length === 1 ? ['open'] : rights.filter((right) => right !== 'rewrap')
}

const anyMember = fc.record({
  of: oneOf(ORGS),
  who: oneOf(PEOPLE.slice(0, 6)),
  roles: fc.oneof(
    oneOf(Object.keys(ROLE)).map((role) => [role]),
    fc.subarray(Object.keys(ROLE), { minLength: 1 }),
  ),
  until: later(1),
  accepted: seldom(3).map((isSeldom) => !isSeldom),
})

const anyPeople = (hasCouncil: boolean): fc.Arbitrary<World> =>
  fc
    .record({
      now: fc.constant(0),
      hasCouncil: fc.constant(hasCouncil),
      enrolled: fc.subarray(PEOPLE.slice(2, 5), { minLength: 2 }).map((some) => ['ann', 'bob', 'chief', ...some]),
      patients: fc.tuple(
        ...(['P', 'Q'] as const).map((name) =>
          fc.record({
            name: fc.constant(name),
            owner: fc.constant(OWNERS[name]),
            categories: fc.constant(CATEGORIES[name]),
            sensitive: fc.constant([CATEGORIES[name][1]]),
            paused: seldom(5),
            blocked: fc.oneof(
              { weight: 2, arbitrary: fc.constant<string[]>([]) },
              oneOf([...PEOPLE.slice(2), ...ORGS]).map((one) => [one]),
            ),
          }),
        ),
      ),
      carers: fc.uniqueArray(
        fc.record({
          of: fc.constant('P'),
          who: oneOf(PEOPLE.slice(1, 5)),
          powers: fc.subarray(['read', 'write', 'share'], { minLength: 1 }),
          start: fc.nat(3),
          end: later(4),
        }),
        { maxLength: 2, selector: ({ who }) => who },
      ),
      organisations: fc.tuple(
        ...ORGS.map((name) =>
          fc.record({
            name: fc.constant(name),
            verifiedUntil: hasCouncil ? later(2) : fc.constant(0),
            suspended: hasCouncil ? seldom(4) : fc.constant(false),
          }),
        ),
      ),
      members: fc.uniqueArray(anyMember, {
        minLength: 6,
        maxLength: 9,
        selector: ({ of, who }) => `${of} ${who}`,
      }),
      grants: fc.tuple(...GRANTS.map((name) => grantNamed(name, ['P', 'Q']))),
    })
    .map((world) => ({
      ...world,
      members: [...world.members, ...ORGS.map(administered)],
      grants: world.grants.map((grant) => given(world, grant)),
    }))
const administered = (of: string) => ({ of, who: 'chief', roles: ['administrator'], until: LAST + 1, accepted: true })

/** Whom one may share with when the world begins: without a council no organisation can be verified, and with one people in care have to be. */
function given({ hasCouncil, enrolled }: Pick<World, 'hasCouncil' | 'enrolled'>, grant: Grant): Grant {
  const isOrganisation = (ORGS as readonly string[]).includes(grant.to)
  if (!hasCouncil) return isOrganisation ? { ...grant, to: 'eve', roles: [], excluded: [] } : grant
  return isOrganisation || (enrolled.includes(grant.to) && grant.to !== 'chief')
    ? grant
    : { ...grant, purpose: 'FAMRQT' }
}

/** Somebody else who acts for the dependant, perhaps for good, and what is shared in the dependant's place. */
const anyDependant = fc.record({
  carers: fc.uniqueArray(
    fc.record({
      of: fc.constant(DEPENDANT),
      who: oneOf(PEOPLE.slice(1, 5)),
      powers: fc.subarray(Object.keys(POWER), { minLength: 1 }),
      start: fc.nat(3),
      end: fc.oneof(fc.constant(0), later(4)),
    }),
    { maxLength: 2, selector: ({ who }) => who },
  ),
  grants: fc.tuple(grantNamed('g13', [DEPENDANT]), grantNamed('g14', [DEPENDANT])),
})

function withDependant(world: World, { carers, grants }: { carers: World['carers']; grants: readonly Grant[] }): World {
  const categories = CATEGORIES[DEPENDANT]
  const rules = { sensitive: [categories[1]], paused: false, blocked: [] }
  const parent = { of: DEPENDANT, who: PARENT, powers: Object.keys(POWER), start: 0, end: 0 }
  return {
    ...world,
    patients: [...world.patients, { name: DEPENDANT, owner: 'nobody', categories, ...rules }],
    carers: [...world.carers, parent, ...carers],
    grants: [...world.grants, ...grants.map((grant) => given(world, grant))],
  }
}

export const livedWorlds = (hasCouncil: boolean): fc.Arbitrary<LivedWorld> =>
  fc
    .tuple(
      fc.record({
        world: anyPeople(hasCouncil),
        gap: fc.record({ canister: oneOf(CANISTERS), what: oneOf(Object.keys(GAPS) as (keyof typeof GAPS)[]) }),
        ticks: fc.uniqueArray(fc.integer({ min: 1, max: LAST }), { minLength: 3, maxLength: 3 }),
      }),
      anyDependant,
    )
    .map(([lived, dependant]) => ({ ...lived, world: withDependant(lived.world, dependant) }))

/** Everybody's ways in: without a grant at every place; under each grant where it reaches, and at one place where it does not. */
export function waysIn({ patients, grants }: World): Omit<Question, 'right'>[] {
  const places = patients.flatMap(({ name, categories }) => categories.map((compartment) => ({ name, compartment })))
  for (const { name, patient, compartments } of grants)
    if (compartments.includes(`share ${name}`)) places.push({ name: patient, compartment: `share ${name}` })
  const ways = places.map((place) => ({ ...place, grant: null as string | null }))
  for (const { name: grant, compartments } of grants) {
    const isReached = ({ compartment }: { compartment: string }) => compartments.includes(compartment)
    const other = places.find((place) => !isReached(place))
    ways.push(...[...places.filter(isReached), ...(other === undefined ? [] : [other])].map((p) => ({ ...p, grant })))
  }
  return PEOPLE.flatMap((who) =>
    ways.map(({ name, compartment, grant }) => ({ who, patient: name, compartment, grant })),
  )
}

/** Whether the reference lets them do any of it. */
export const mayDoAny = (world: World, way: Omit<Question, 'right'>, rights: readonly string[]): boolean =>
  rights.some((right) => mayDo(world, { ...way, right }))
