import { type EventName, fromHex, NS_PER_SECOND, RIGHT, ROLE, toHex } from '@medguard/protocol'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { LogReport } from '@medguard/client'
import { type Clinic, freshId, kindOf } from './clinic.ts'
import { deriveArg, keysFor, placeOf, type Reach, seal, store } from './sealed-record.ts'
import {
  employed,
  type Hospital,
  openCouncilClinic,
  type Patient,
  patientWith,
  setMember,
  shared,
  verified,
} from './trust.fixture.ts'
import { enrol, takeBack } from './ward.ts'

// C11, with consent and records themselves as the sources: what the members of an organisation did, tried and got, through it, and nothing besides.

let clinic: Clinic
let hospital: Hospital
let patient: Patient
let reach: Reach
beforeAll(async () => {
  clinic = await openCouncilClinic()
  hospital = await verified(clinic, 'Logged')
  patient = await patientWith(clinic, 'seen')
  reach = await shared(clinic, patient, hospital.principal, { rights: RIGHT.list | RIGHT.open | RIGHT.write })
}, 300_000)
afterAll(() => clinic.close())

/** Passes for a point as far as a canister looks; the network finds that it is none. */
const NO_POINT = fromHex(`97${'00'.repeat(46)}05`) ?? new Uint8Array()
const view = async (): Promise<LogReport> => {
  await clinic.advance(1_000_000_000n)
  const read = await hospital.admin.client.log({ organisation: toHex(hospital.orgId) })
  if (read.kind === 'refused') throw new Error(read.refusal.kind)
  expect(read.value.verification).toMatchObject({ kind: 'verified', checked: expect.arrayContaining(['complete']) })
  return read.value
}
const of = ({ items }: LogReport, actor: string) => items.filter((item) => item.actor === actor)

test('has what a member read and stored, what failed, and what was refused after it ended', async () => {
  const doctor = await employed(clinic, hospital, 'doctor')
  const before = (await view()).items.map(({ event }) => event)
  expect(before).toEqual<EventName[]>([
    'organisationRegistered',
    'councilAct',
    'councilAct',
    'organisationVerified',
    'memberAdded',
    'memberChanged',
  ])
  await clinic.ok(doctor, 'records', 'beginList', { ...placeOf(reach), requestId: freshId() })
  const record = await store(clinic, doctor, await seal(await keysFor(clinic, doctor, reach), reach))
  const opened = [{ recordId: record.recordId, version: record.version }]
  const openedNs = await clinic.nowNs()
  await clinic.ok(doctor, 'records', 'open', { ...placeOf(reach), records: opened, requestId: freshId() })
  const vain = await clinic.call(doctor, 'consent', 'deriveKey', deriveArg(reach, 1, NO_POINT))
  expect(kindOf(vain)).toBe('KeysUnavailable')
  if (reach.grantId !== null) await takeBack(clinic, patient.principal, reach.grantId)
  for (const canister of ['consent', 'records'] as const) {
    const asked = { ...placeOf(reach), requestId: freshId() }
    const answer =
      canister === 'consent'
        ? await clinic.call(doctor, 'consent', 'deriveKey', deriveArg(reach))
        : await clinic.call(doctor, 'records', 'beginList', asked)
    expect(kindOf(answer)).toBe('ConsentEnded')
  }
  // By themselves they tried too: that is theirs and the patient's, and none of the hospital's.
  const own = { ...reach, grantId: null }
  expect(kindOf(await clinic.call(doctor, 'consent', 'deriveKey', deriveArg(own)))).toBe('NotPermitted')
  const seen = of(await view(), doctor.toText())
  const events = seen.map(({ event }) => event)
  // Records sends its line by itself: when it comes among those of consent is chance.
  expect(events.filter((event) => event === 'recordAdd')).toHaveLength(1)
  expect(events.filter((event) => event !== 'recordAdd')).toEqual<EventName[]>([
    'memberChanged',
    'listSession',
    'keyDerive',
    'open',
    'keyDerive',
    'keyFailed',
    'refused',
    'refused',
  ])
  expect(seen.slice(1).every(({ orgId }) => orgId === toHex(hospital.orgId))).toBe(true)

  // The patient sees the same opening: who, through whom, when, which record, by what right and what for (A07), once.
  const read = await clinic.person('seen').client.log('patient')
  if (read.kind === 'refused') throw new Error(read.refusal.kind)
  expect(read.value.verification).toMatchObject({ kind: 'verified', checked: expect.arrayContaining(['complete']) })
  const openings = of(read.value, doctor.toText()).filter(({ event }) => event === 'open')
  expect(openings).toMatchObject([
    {
      orgId: toHex(hospital.orgId),
      objectId: toHex(record.recordId),
      versionOrEpoch: record.version,
      grantId: toHex(reach.grantId ?? freshId()),
      purpose: 'TREAT',
      category: 'labs',
      failedOrWithheld: false,
    },
  ])
  const timeNs = openings[0]?.timeNs ?? 0n
  expect(timeNs >= openedNs && timeNs < openedNs + NS_PER_SECOND).toBe(true)
})

test('has what a member tried whose role had ended, and nothing of who never worked there', async () => {
  const grant = await shared(clinic, patient, hospital.principal)
  const nurse = await employed(clinic, hospital, 'nurse')
  await setMember(clinic, hospital, nurse, { roles: ROLE.clerk })
  const stranger = clinic.person('never worked there').principal
  await enrol(clinic, stranger)
  for (const who of [nurse, stranger])
    expect(kindOf(await clinic.call(who, 'consent', 'deriveKey', deriveArg(grant)))).toBe('NotPermitted')
  const now = await view()
  expect(of(now, nurse.toText()).map(({ event }) => event)).toEqual(['memberChanged', 'refused'])
  expect(of(now, stranger.toText())).toEqual([])
})

test('about the service itself is evidence for everybody', async () => {
  const { client } = clinic.person('never worked there')
  const made = await client.logEvidence({ of: 'system' })
  if (made.kind === 'refused') throw new Error(made.refusal.kind)
  expect(made.value.isComplete).toBe(true)
  expect(new Set(made.value.items.map(({ event }) => event))).toEqual(new Set(['configuration', 'upgrade']))
})
