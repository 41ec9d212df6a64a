import { type GrantView, NS_PER_DAY, POWER, type Principal, ROLE, type RulesChange } from '@medguard/protocol'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Arg, type Clinic, freshId } from './clinic.ts'
import { appointTo, BOTH } from './people.fixture.ts'
import {
  decree,
  employed,
  type Hospital,
  inBoth,
  openCouncilClinic,
  type Patient,
  patientWith,
  shared,
  verified,
} from './trust.fixture.ts'
import { deriveArg } from './sealed-record.ts'
import { categoryOf, enrol, takeBack } from './ward.ts'

// Whoever an act opens something to, or takes it from, has a counter that moves, and reads of the grant what they would be told (decision 36).

let clinic: Clinic
let patient: Patient
let hospital: Hospital
const people = new Map<string, Principal>()
const who = (name: string): Principal => {
  const found = people.get(name)
  if (found === undefined) throw new Error(`nobody is ${name}`)
  return found
}
beforeAll(async () => {
  clinic = await openCouncilClinic()
  patient = await patientWith(clinic, 'patient')
  hospital = await verified(clinic, 'St Anna')
  people.set('patient', patient.principal)
  people.set('doctor', await employed(clinic, hospital, 'doctor'))
  people.set('nurse', await employed(clinic, hospital, 'nurse', { roles: ROLE.nurse }))
  for (const name of ['brother', 'stranger', 'carer']) {
    people.set(name, clinic.person(name).principal)
    await enrol(clinic, who(name))
  }
  await shared(clinic, patient, who('doctor'))
  await shared(clinic, patient, who('brother'), { purpose: 4 })
  await appointTo(clinic, patient.principal, who('carer'), { powers: POWER.read, forNs: NS_PER_DAY })
})
afterAll(() => clinic.close())

/** Those whose counter is another one after the act. */
async function toldBy(act: () => Promise<unknown>): Promise<string[]> {
  const counters = () => Promise.all([...people.values()].map((each) => clinic.ok(each, 'consent', 'changes', null)))
  const before = await counters()
  await act()
  const after = await counters()
  return [...people.keys()].filter((_, i) => before[i] !== after[i])
}
const lay = (change: RulesChange) => async () => {
  for (const canister of BOTH)
    await clinic.ok(patient.principal, canister, 'changeRules', { patientId: [], change, requestId: freshId() })
}
const ofMember = (name: string) => ({ orgId: hospital.orgId, principal: who(name), requestId: freshId() })
type Page = Arg<'consent', 'grantsReceived'>
const PAGE: Page = { from: 0, count: 50 }
const barsOf = (grants: readonly { bar: [] | [object] }[]) =>
  grants.map(({ bar: [bar] }) => (bar === undefined ? null : Object.keys(bar)[0]))
const received = async (name: string) => barsOf((await clinic.ok(who(name), 'consent', 'grantsReceived', PAGE)).grants)
const reached = async (name: string) => {
  const arg = { orgId: hospital.orgId, ...PAGE }
  return barsOf((await clinic.ok(who(name), 'consent', 'organisationGrants', arg)).grants)
}
const given = async () =>
  barsOf((await clinic.ok(patient.principal, 'consent', 'grantsGiven', { patientId: [], ...PAGE })).grants)

test('a share with an organisation, and its end, are told to whoever works there', async () => {
  let grantId: Uint8Array = new Uint8Array()
  expect(
    await toldBy(async () => (grantId = (await shared(clinic, patient, hospital.principal)).grantId ?? grantId)),
  ).toEqual(['patient', 'doctor', 'nurse'])
  expect(await toldBy(() => takeBack(clinic, patient.principal, grantId))).toEqual(['patient', 'doctor', 'nurse'])
  await shared(clinic, patient, hospital.principal)
})

test('a pause and its end are told to everybody who reads, and stand in their lists', async () => {
  expect(await toldBy(lay({ pause: null }))).toEqual(['patient', 'doctor', 'nurse', 'brother'])
  expect([await received('doctor'), await received('brother'), await reached('nurse')]).toEqual([
    ['paused'],
    ['paused'],
    [null, 'paused'], // what is over says nothing
  ])
  expect(await given()).toEqual(['paused', 'paused', null, 'paused'])
  expect(await toldBy(lay({ pause: null }))).toEqual([])
  expect(await toldBy(lay({ resume: null }))).toEqual(['patient', 'doctor', 'nurse', 'brother'])
  expect([await received('doctor'), await reached('nurse'), await given()]).toEqual([
    [null],
    [null, null],
    Array(4).fill(null),
  ])
})

test('a block is told to whom it meets, without its reason, and to no stranger', async () => {
  expect(await toldBy(lay({ block: who('brother') }))).toEqual(['patient', 'brother'])
  expect(await received('brother')).toEqual(['closed'])
  expect(await given()).toEqual([null, 'blocked', null, null])
  expect(await toldBy(lay({ unblock: who('brother') }))).toEqual(['patient', 'brother'])
  expect(await received('brother')).toEqual([null])
  expect(await toldBy(lay({ block: who('nurse') }))).toEqual(['patient', 'nurse'])
  expect(await reached('nurse')).toEqual([])
  expect(await toldBy(lay({ unblock: who('nurse') }))).toEqual(['patient', 'nurse'])
  expect(await toldBy(lay({ block: who('stranger') }))).toEqual(['patient'])
})

test('a representative who is dismissed is told', async () => {
  const dismiss = async () => {
    for (const canister of BOTH) {
      const arg = { patientId: [] as [], representative: who('carer'), requestId: freshId() }
      await clinic.ok(patient.principal, canister, 'dismiss', arg)
    }
  }
  expect(await toldBy(dismiss)).toEqual(['patient', 'carer'])
})

test('what becomes of a member and of an organisation is told to those it is about', async () => {
  const admin = hospital.admin.principal
  expect(await toldBy(() => inBoth(clinic, admin, 'suspendMember', ofMember('nurse')))).toEqual(['nurse'])
  const { orgId } = hospital
  expect(await toldBy(() => decree(clinic, { kind: 'suspend', orgId }))).toEqual(['doctor'])
  expect([await received('doctor'), await received('brother')]).toEqual([['unverified'], [null]])
  expect(await given()).toEqual(['unverified', null, null, 'unverified'])
  expect(await toldBy(() => inBoth(clinic, admin, 'removeMember', ofMember('doctor')))).toEqual(['doctor'])
})

test('which kinds are in use is said to a recipient of a grant that is in force, and to nobody else', async () => {
  /** Of each grant, whether its compartment is in use. */
  const inUse = (grants: readonly GrantView[]) => grants.map(({ compartments: [first] }) => first?.isDerived[0] ?? null)
  const told = async (name: string) => inUse((await clinic.ok(who(name), 'consent', 'grantsReceived', PAGE)).grants)
  const vitals = { ...patient.owned, compartment: categoryOf(patient.account, 'vitals') }
  await shared(clinic, { ...patient, owned: vitals }, who('carer'), { purpose: 4 })
  expect([await told('brother'), await told('carer')]).toEqual([[true], [false]])
  await clinic.ok(patient.principal, 'consent', 'deriveKey', deriveArg(vitals))
  expect(await told('carer')).toEqual([true])
  await lay({ pause: null })()
  expect(await told('carer')).toEqual([null])
  await lay({ resume: null })()
  await lay({ block: who('brother') })()
  expect([await told('brother'), await told('carer')]).toEqual([[null], [true]])
  const given = await clinic.ok(patient.principal, 'consent', 'grantsGiven', { patientId: [], ...PAGE })
  expect(new Set(inUse(given.grants))).toEqual(new Set([null]))
})
