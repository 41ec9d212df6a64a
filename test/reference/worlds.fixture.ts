import {
  concatBytes,
  orgPrincipal,
  PLAIN_TERMS,
  POWER,
  Principal,
  PURPOSES,
  RIGHT,
  type Right,
  ROLE,
} from '@medguard/protocol'
import fc from 'fast-check'
import { createConsentStore, createFacts as factsOfConsent } from '@medguard/consent/facts'
import { createFacts as factsOfRecords, createRecordsStore } from '@medguard/records/facts'
import {
  type Asked,
  decideAgain,
  type GrantBook,
  memoryMap,
  type PeopleBook,
  type RulesBook,
  type TrustBook,
} from '@medguard/shared'
import type { Grant, Question, World } from './evaluator.ts'

// Random worlds, and the same world in the stores of both canisters.

export const PEOPLE = ['ann', 'bob', 'eve', 'nurse', 'admin', 'ghost']
const ORGS = ['clinic', 'lab']
const CATEGORIES = ['c1', 'c2', 'c3']
const PATIENTS = ['P', 'Q']
const GRANTS = ['g1', 'g2', 'g3']
const FIRST_REQUESTS_FROM = 2
const END = 9
const NOTHING_WRITTEN = () => 0

const time = fc.nat(END)
const some = <T>(all: readonly T[]) => fc.subarray([...all])
const oneOf = <T>(all: readonly T[]) => fc.constantFrom(...all)

const grantNamed = (name: string): fc.Arbitrary<Grant> =>
  fc.record({
    name: fc.constant(name),
    patient: oneOf(PATIENTS),
    to: oneOf([...PEOPLE, ...ORGS]),
    compartments: fc.subarray([...CATEGORIES], { minLength: 1 }),
    namesSensitive: fc.constant(true), // whether that is needed is asked when a grant is made
    rights: fc.subarray(Object.keys(RIGHT), { minLength: 1 }),
    purpose: oneOf(PURPOSES),
    start: fc.nat(3),
    end: fc.integer({ min: 2, max: END }),
    ended: fc.option(fc.integer({ min: 1, max: END }), { freq: 3 }),
    roles: some(Object.keys(ROLE)),
    excluded: some(PEOPLE.slice(0, 3)),
  })

export const anyWorld: fc.Arbitrary<World> = fc.record({
  now: fc.integer({ min: 1, max: END }),
  hasCouncil: fc.boolean(),
  enrolled: fc.subarray(PEOPLE.slice(0, 5), { minLength: 3 }).map((some) => [...new Set(['ann', 'bob', ...some])]),
  patients: fc.tuple(
    ...['ann', 'bob'].map((owner, i) =>
      fc.record({
        name: fc.constant(PATIENTS[i] ?? ''),
        owner: fc.constant(owner),
        categories: fc.constant(i === 0 ? CATEGORIES : ['d1', 'd2', 'd3']),
        sensitive: fc.constant([]),
        paused: fc.boolean().map((is) => is && i === 1),
        blocked: fc.oneof({ weight: 3, arbitrary: fc.constant<string[]>([]) }, some([...PEOPLE.slice(2), ...ORGS])),
      }),
    ),
  ),
  carers: fc.uniqueArray(
    fc.record({
      of: fc.constant('P'),
      who: oneOf(PEOPLE.slice(1, 5)),
      powers: fc.subarray(Object.keys(POWER), { minLength: 1 }),
      start: fc.nat(3),
      end: fc.oneof(fc.constant(0), time),
    }),
    { maxLength: 2, selector: ({ who }) => who },
  ),
  organisations: fc.tuple(
    ...ORGS.map((name) =>
      fc.record({
        name: fc.constant(name),
        verifiedUntil: fc.oneof({ weight: 3, arbitrary: fc.constant(END + 1) }, time),
        suspended: fc.boolean().map((is) => is && name === 'lab'),
      }),
    ),
  ),
  members: fc.uniqueArray(
    fc.record({
      of: oneOf(ORGS),
      who: oneOf(PEOPLE),
      roles: fc.subarray(Object.keys(ROLE), { minLength: 1 }),
      until: fc.oneof({ weight: 3, arbitrary: fc.constant(END + 1) }, time),
      accepted: fc.boolean(),
    }),
    { maxLength: 8, selector: ({ of, who }) => `${of} ${who}` },
  ),
  grants: fc.tuple(...GRANTS.map(grantNamed)),
})
export const anyQuestion: fc.Arbitrary<Question> = fc.record({
  who: oneOf(PEOPLE),
  patient: oneOf([...PATIENTS, 'R']),
  compartment: oneOf([...CATEGORIES, 'd1']),
  grant: fc.option(oneOf([...GRANTS, 'g9']), { freq: 5 }),
  right: oneOf(Object.keys(RIGHT)),
})

const idOf = (name: string): Uint8Array => {
  const id = new Uint8Array(16).fill(0xaa)
  for (let i = 0; i < name.length; i++) id[i] = name.charCodeAt(i)
  return id
}
const principalOf = (name: string): Uint8Array =>
  ORGS.includes(name) ? orgPrincipal(idOf(name)) : concatBytes(idOf(name), Uint8Array.of(2))
const bitsOf = (names: readonly string[], bits: Readonly<Record<string, number>>): number =>
  names.reduce((mask, name) => mask | (bits[name] ?? 0), 0)

/** The name of somebody's own vault. */
const ownOf = ({ patients }: World, who: string): string =>
  patients.find(({ owner }) => owner === who)?.name ?? `own ${who}`

interface Books {
  readonly rules: RulesBook
  readonly trust: TrustBook
  readonly grants: GrantBook
  readonly people: Pick<PeopleBook, 'empower'>
}

function fill({ rules, trust, grants, people }: Books, world: World): void {
  if (world.hasCouncil) trust.council.setCouncil({ members: [principalOf('admin')], threshold: 1 })
  for (const { name, paused, blocked } of world.patients)
    rules.set(idOf(name), {
      pausedNs: paused ? [1n] : [],
      sensitive: 64,
      requestsFrom: FIRST_REQUESTS_FROM,
      blocked: blocked.map((each) => Principal.fromUint8Array(principalOf(each))),
    })
  for (const { of, who, powers, start, end } of world.carers)
    people.empower(idOf(of), idOf(ownOf(world, who)), {
      powers: bitsOf(powers, POWER),
      startNs: BigInt(start),
      endNs: BigInt(end),
    })
  for (const { name, verifiedUntil, suspended } of world.organisations)
    trust.setOrganisation(idOf(name), {
      isSuspended: suspended,
      verifiedUntilNs: BigInt(verifiedUntil),
      verifiedNs: 1n,
      verifiedBy: idOf('act'),
      registeredNs: 1n,
      registrant: principalOf('admin'),
      kind: 0,
      members: 0,
      lastingAdministrators: 0,
      name: new TextEncoder().encode(name),
    })
  for (const { of, who, roles, until, accepted } of world.members) {
    const row = { flags: accepted ? 1 : 0, roles: bitsOf(roles, ROLE), validUntilNs: BigInt(until), sinceNs: 1n }
    trust.setMember(idOf(of), principalOf(who), { ...row, setBy: principalOf('admin') })
    if (accepted) trust.joins(principalOf(who), idOf(of))
  }
  for (const grant of world.grants) {
    const compartments = grant.compartments.map((name) => ({ compartmentKind: 1, cid: idOf(name) }))
    const stored = {
      grantId: idOf(grant.name),
      patientId: idOf(grant.patient),
      grantee: principalOf(grant.to),
      rights: bitsOf(grant.rights, RIGHT),
      purpose: (PURPOSES as readonly string[]).indexOf(grant.purpose),
      startNs: BigInt(grant.start),
      endNs: BigInt(grant.end),
      agreementHash: new Uint8Array(32),
      compartments,
      terms: {
        ...PLAIN_TERMS,
        roles: bitsOf(grant.roles, ROLE),
        excluded: grant.excluded.map(principalOf),
      },
    }
    grants.add(stored, 0n)
    // As it is stored: a revocation at a moment, which may be later than the one the question is asked in.
    if (grant.ended !== null) grants.end({ grant: stored, endedNs: null }, BigInt(grant.ended))
  }
}

/** What each canister decides in such a world. */
export function decisionsIn(world: World): (question: Question) => { consent: boolean; records: boolean } {
  const consent = createConsentStore(memoryMap())
  const records = createRecordsStore({ rows: memoryMap(), chunks: memoryMap(), pages: memoryMap() })
  for (const name of world.enrolled) {
    const patient = world.patients.find(({ owner }) => owner === name)
    const patientId = idOf(ownOf(world, name))
    const own = patient?.categories ?? []
    const cids = concatBytes(...Array.from({ length: 8 }, (_, i) => idOf(own[i] ?? `${name} ${i}`)))
    const account = {
      accountId: idOf(`of ${name}`),
      patientId,
      enrolledNs: 1n,
      isConfirmed: true,
      leafSeq: 1n,
      cids,
      people: 0,
    }
    consent.openAccount(principalOf(name), account, new Uint8Array(32))
    records.openAccount(principalOf(name), { patientId, cids, people: 0 })
  }
  fill(consent, world)
  fill(records, world)
  const [ofConsent, ofRecords] = [factsOfConsent(consent, NOTHING_WRITTEN), factsOfRecords(records, NOTHING_WRITTEN)]
  return ({ who, patient, compartment, grant, right }) => {
    const asked: Asked = {
      caller: principalOf(who),
      patientId: idOf(patient),
      compartmentKind: 1,
      cid: idOf(compartment),
      grantId: grant === null ? null : idOf(grant),
      anyOf: RIGHT[right as Right],
    }
    const now = BigInt(world.now)
    // What was permitted earlier in the flow holds until the first moment that it rests on, and no longer.
    const [askedOfConsent, askedOfRecords] = [{ ...asked }, { ...asked }]
    for (const before of [0n, now / 2n, now - 1n]) {
      decideAgain(askedOfConsent, ofConsent, before)
      decideAgain(askedOfRecords, ofRecords, before)
    }
    return {
      consent: decideAgain(askedOfConsent, ofConsent, now).kind === 'permit',
      records: decideAgain(askedOfRecords, ofRecords, now).kind === 'permit',
    }
  }
}
