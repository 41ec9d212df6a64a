import { createHash, randomBytes } from 'node:crypto'
import { NS_PER_DAY } from '@medguard/protocol'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Clinic, freshId, kindOf } from './clinic.ts'
import {
  all,
  decree,
  type Hospital,
  HOLDERS,
  inBoth,
  openCouncilClinic,
  patientWith,
  tries,
  verified,
} from './trust.fixture.ts'
import { enrol } from './ward.ts'

// D08: a verified hospital invites, the patient claims with an identity of their own; a deployment may require it.

let clinic: Clinic
let hospital: Hospital
beforeAll(async () => {
  clinic = await openCouncilClinic()
  hospital = await verified(clinic, 'Inviting')
})
afterAll(() => clinic.close())

const BOTH_OK = ['Ok', 'Ok']
const BOTH_REFUSE = ['NotPermitted', 'NotPermitted']
const newCode = () => new Uint8Array(randomBytes(32))
const hashOf = (code: Uint8Array) => new Uint8Array(createHash('sha256').update(code).digest())
const endNs = async (days = 30n) => (await clinic.nowNs()) + days * NS_PER_DAY
const invite = async (code: Uint8Array, of = hospital, by = of.admin.principal, days = 30n) =>
  inBoth(clinic, by, 'invite', {
    orgId: of.orgId,
    codeHash: hashOf(code),
    endNs: await endNs(days),
    requestId: freshId(),
  })
const claim = (name: string, code: Uint8Array) =>
  inBoth(clinic, clinic.person(name).principal, 'claimInvitation', { code, requestId: freshId() })

describe('an invitation', () => {
  test('is claimed once, by whoever has the code; the organisation learns that it was, and not by whom', async () => {
    const code = newCode()
    expect(await invite(code)).toEqual(BOTH_OK)
    expect(await claim('guesser', newCode())).toEqual(BOTH_REFUSE)
    expect(await claim('invited', code)).toEqual(BOTH_OK)
    expect(await claim('invited', code), 'a repeat').toEqual(BOTH_OK)
    expect(await claim('late', code)).toEqual(BOTH_REFUSE)
    for (const canister of HOLDERS) {
      const page = { orgId: hospital.orgId, from: 0, count: 50 }
      const seen = await clinic.ok(hospital.admin.principal, canister, 'invitations', page)
      expect(seen.invitations.map(({ isClaimed }) => isClaimed)).toEqual([true])
      expect(Object.keys(seen.invitations[0] ?? {}).toSorted()).toEqual(['codeHash', 'endNs', 'isClaimed', 'madeNs'])
    }
    await clinic.advance(NS_PER_DAY)
    const own = await clinic.ok(hospital.admin.principal, 'audit', 'leaves', {
      of: { organisation: hospital.orgId },
      fromSeq: 0n,
      count: 50,
    })
    const events = own.entries.map(({ leaf }) => new Uint8Array(leaf)[20])
    expect(events).toContain(0x69)
    expect(events).not.toContain(0x6a)
  })

  test('gives the organisation no access to who claimed it', async () => {
    const code = newCode()
    await invite(code)
    expect(await claim('patient who was invited', code)).toEqual(BOTH_OK)
    const patient = await patientWith(clinic, 'patient who was invited')
    const got = await tries(clinic, hospital.admin.principal, patient.owned, patient.recordId)
    expect(got).toEqual(all('NotPermitted'))
  })

  test('is made by administrators of an organisation in force, and over at its end or with the organisation', async () => {
    const other = await verified(clinic, 'Other inviting')
    const [ended, orphaned] = [newCode(), newCode()]
    expect(await invite(newCode(), hospital, other.admin.principal)).toEqual(BOTH_REFUSE)
    expect(await invite(newCode(), hospital, clinic.controller)).toEqual(BOTH_REFUSE)
    expect(await invite(newCode(), other, other.admin.principal, 91n)).toEqual(['BadInput', 'BadInput'])
    expect(await invite(ended, hospital, hospital.admin.principal, 1n)).toEqual(BOTH_OK)
    expect(await invite(orphaned, other)).toEqual(BOTH_OK)
    await clinic.advance(NS_PER_DAY)
    expect(await claim('too late', ended)).toEqual(BOTH_REFUSE)
    await decree(clinic, { kind: 'suspend', orgId: other.orgId })
    expect(await claim('orphan', orphaned)).toEqual(BOTH_REFUSE)
    expect(await invite(newCode(), other)).toEqual(['Unverified', 'Unverified'])
  })
})

test('where the council requires one, nobody opens an account without; whoever has one keeps it', async () => {
  const before = clinic.person('here before').principal
  await enrol(clinic, before)
  await decree(clinic, { kind: 'setPolicy', invitationRequired: true })
  const uninvited = clinic.person('uninvited').principal
  expect(kindOf(await clinic.call(uninvited, 'consent', 'enrol', { requestId: freshId() }))).toBe('Unverified')
  expect(kindOf(await clinic.call(before, 'consent', 'enrol', { requestId: freshId() }))).toBe('Ok')
  const compartments = Array.from({ length: 8 }, (_, i) => ({ category: i + 1, cid: freshId() }))
  const made = { patientId: freshId(), compartments, requestId: freshId() }
  expect(kindOf(await clinic.call(uninvited, 'records', 'enrol', made))).toBe('Unverified')

  const code = newCode()
  await invite(code)
  expect(await claim('welcome', code)).toEqual(BOTH_OK)
  await enrol(clinic, clinic.person('welcome').principal)
  await decree(clinic, { kind: 'setPolicy', invitationRequired: false })
  await enrol(clinic, uninvited)
})
