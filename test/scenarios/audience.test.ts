import {
  type AudienceMember,
  COMPARTMENT_KIND,
  NS_PER_DAY,
  PLAIN_TERMS,
  POWER,
  Principal,
  RIGHT,
  ROLE,
  type RulesChange,
  toHex,
} from '@medguard/protocol'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { type Clinic, freshId, kindOf } from './clinic.ts'
import { deriveArg, placeOf, type Reach } from './sealed-record.ts'
import {
  employed,
  type Hospital,
  openCouncilClinic,
  type Patient,
  patientWith,
  shared,
  tries,
  verified,
} from './trust.fixture.ts'
import { appointTo, linkTo } from './people.fixture.ts'
import { enrol, takeBack } from './ward.ts'

// A06: who can open this, as the patient is told, and who can, as found by trying.

let clinic: Clinic
let patient: Patient
let hospital: Hospital
const people = new Map<string, Principal>()
const reaches: Reach[] = []
beforeAll(async () => {
  clinic = await openCouncilClinic()
  patient = await patientWith(clinic, 'patient')
  hospital = await verified(clinic, 'St Anna')
  for (const name of ['doctor', 'nurse', 'excluded', 'blocked'])
    people.set(name, await employed(clinic, hospital, name, { roles: name === 'nurse' ? ROLE.nurse : ROLE.physician }))
  people.set('clerk', await employed(clinic, hospital, 'clerk', { roles: ROLE.clerk }))
  people.set('brother', clinic.person('brother').principal)
  await enrol(clinic, personOf('brother'))
  const excluded = [personOf('excluded')]
  const terms = { terms: [{ ...PLAIN_TERMS, excluded }] as [typeof PLAIN_TERMS & { excluded: Principal[] }] }
  const family = { purpose: 4, rights: RIGHT.list }
  reaches.push(
    await shared(clinic, patient, hospital.principal, terms),
    await shared(clinic, patient, personOf('brother'), family),
    await shared(clinic, patient, personOf('blocked')),
    await shared(clinic, patient, personOf('doctor'), { startNs: (await clinic.nowNs()) + NS_PER_DAY }),
  )
  await change({ block: personOf('blocked') })
  for (const name of ['carer', 'idle carer']) {
    people.set(name, clinic.person(name).principal)
    await enrol(clinic, personOf(name))
    const powers = name === 'carer' ? POWER.read : POWER.share
    await appointTo(clinic, patient.principal, personOf(name), { powers, forNs: 30n * NS_PER_DAY })
  }
  people.set('second sign-in', clinic.person('second sign-in').principal)
  await linkTo(clinic, patient.principal, personOf('second sign-in'))
})
afterAll(() => clinic.close())

function personOf(name: string): Principal {
  const principal = people.get(name)
  if (principal === undefined) throw new Error(`nobody is ${name}`)
  return principal
}
const change = async (change: RulesChange) => {
  for (const canister of ['consent', 'records'] as const)
    await clinic.ok(patient.principal, canister, 'changeRules', { patientId: [], change, requestId: freshId() })
}

/** As the client asks it: grants page by page, then the members of each organisation. */
async function audienceOf(cid = patient.owned.compartment.cid): Promise<AudienceMember[]> {
  const place = { patientId: [] as [], compartmentKind: COMPARTMENT_KIND.category, cid, from: 0, count: 50 }
  const first = await clinic.ok(patient.principal, 'consent', 'audience', { ...place, grantId: [] })
  const members = [...first.members]
  for (const { grantId } of first.organisations)
    members.push(
      ...(await clinic.ok(patient.principal, 'consent', 'audience', { ...place, grantId: [grantId] })).members,
    )
  return members
}
const textOf = ({ principal, grantId }: { principal: Principal; grantId: [] | [Uint8Array] }) =>
  `${principal.toText()} ${grantId[0] === undefined ? 'own' : toHex(grantId[0])}`

/** Everybody there is, by every way in: who gets the key. */
async function byTrying(): Promise<string[]> {
  const got: string[] = []
  const ways: Reach[] = [{ ...patient.owned, grantId: null }, ...reaches]
  for (const who of [patient.principal, ...people.values()])
    for (const reach of ways) {
      const answer = await clinic.call(who, 'consent', 'deriveKey', deriveArg(reach))
      const { grantId } = placeOf(reach)
      if (kindOf(answer) === 'Ok') got.push(textOf({ principal: who, grantId }))
    }
  return got.toSorted()
}
const told = async () => (await audienceOf()).map(textOf).toSorted()

describe('who can open this', () => {
  test('is who gets a key by trying, in every state of the rules and of the organisation', async () => {
    const before = await told()
    expect(before).toEqual(await byTrying())
    expect(new Set(before.map((each) => each.split(' ')[0]))).toEqual(
      new Set(
        [patient.principal, ...['second sign-in', 'carer', 'doctor', 'nurse', 'brother'].map(personOf)].map(String),
      ),
    )
    await change({ block: hospital.principal })
    expect(await told()).toEqual(await byTrying())
    expect(await told()).toHaveLength(4)
    await change({ unblock: hospital.principal })
    await change({ pause: null })
    expect(await told()).toEqual(await byTrying())
    expect(await told()).toHaveLength(3)
    await change({ resume: null })
    await clinic.advance(2n * NS_PER_DAY)
    expect(await told()).toEqual(await byTrying())
    expect(await told(), 'the share that began meanwhile').toHaveLength(before.length + 1)
  })

  test('tells what each may do', async () => {
    const members = await audienceOf()
    const rightsOf = (who: Principal) => members.find(({ principal }) => principal.toText() === who.toText())?.rights
    expect([rightsOf(patient.principal), rightsOf(personOf('brother')), rightsOf(personOf('nurse'))]).toEqual([
      15,
      RIGHT.list,
      RIGHT.list | RIGHT.open,
    ])
  })

  test('leaves out whoever lost it, in that very message', async () => {
    const [, toBrother] = reaches
    await takeBack(clinic, patient.principal, toBrother?.grantId ?? freshId())
    expect(await told()).toEqual(await byTrying())
    expect((await audienceOf()).map(({ principal }) => principal.toText())).not.toContain(personOf('brother').toText())
  })

  test('of another compartment is its patient and whoever reads in their place', async () => {
    const imaging = patient.account.compartments[2]?.cid ?? freshId()
    expect((await audienceOf(imaging)).map(({ principal }) => principal.toText())).toEqual(
      [patient.principal, personOf('second sign-in'), personOf('carer')].map(String),
    )
  })
})

test('a member of a verified organisation asks for it, and whoever has a role there reads what is given', async () => {
  const asking = { askId: freshId(), patient: patient.principal, categories: 4, rights: 3, purpose: 1 }
  const times = { periodNs: NS_PER_DAY, expiresNs: (await clinic.nowNs()) + NS_PER_DAY, requestId: freshId() }
  const ask = (as: string, forOrg: [] | [Uint8Array]) =>
    clinic.call(personOf(as), 'consent', 'requestAccess', { ...asking, ...times, askId: freshId(), forOrg })
  expect(kindOf(await ask('clerk', [hospital.orgId]))).toBe('NotPermitted')
  expect(kindOf(await ask('brother', []))).toBe('Unverified')
  expect(kindOf(await ask('doctor', [freshId()]))).toBe('NotPermitted')
  expect(kindOf(await ask('doctor', [hospital.orgId]))).toBe('Ok')
  const { requests } = await clinic.ok(patient.principal, 'consent', 'requestsReceived', {
    patientId: [],
    from: 0,
    count: 10,
  })
  expect(requests.map(({ grantee }) => grantee.toText())).toEqual([hospital.principal.toText()])
  const imaging = { compartmentKind: COMPARTMENT_KIND.category, cid: patient.account.compartments[2]?.cid ?? freshId() }
  const [request] = requests
  const startNs = await clinic.nowNs()
  const reach = await shared(clinic, patient, hospital.principal, {
    compartments: [imaging],
    startNs,
    endNs: startNs + NS_PER_DAY,
    answering: [request?.askId ?? freshId()],
  })
  const [derived] = await tries(clinic, personOf('nurse'), { ...reach, compartment: imaging }, patient.recordId)
  expect(derived).toBe('Ok')
  const sent = await clinic.ok(personOf('doctor'), 'consent', 'requestsSent', { from: 0, count: 10 })
  expect(sent.requests[0]?.state).toEqual({ approved: null })
})
