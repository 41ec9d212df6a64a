import { NO_END_NS, NS_PER_DAY, type Principal, ROLE } from '@medguard/protocol'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Clinic, freshId, kindOf } from './clinic.ts'
import { linkTo, unlinkFrom } from './people.fixture.ts'
import { employed, HOLDERS, inBoth, openCouncilClinic, setMember, verified, verifyAct, vote } from './trust.fixture.ts'
import { enrol } from './ward.ts'

// Sign-ins and roles: what somebody is in an organisation they are as a person, with whichever sign-in is theirs now.

let clinic: Clinic
beforeAll(async () => {
  clinic = await openCouncilClinic()
})
afterAll(() => clinic.close())

const principalOf = (name: string): Principal => clinic.person(name).principal
const REFUSED = ['NotPermitted', 'NotPermitted']
const DONE = ['Ok', 'Ok']
/** The first sign-in is given up for the second. */
async function moved(first: Principal, second: Principal): Promise<void> {
  await linkTo(clinic, first, second)
  await clinic.advance(3n * NS_PER_DAY)
  await unlinkFrom(clinic, second, first)
}

describe('an administrator', () => {
  test('whose sign-in was unlinked administers with the one that is left, and with that alone', async () => {
    const hospital = await verified(clinic, 'Moved')
    const { orgId, admin } = hospital
    const doctor = await employed(clinic, hospital, 'doctor of Moved')
    const late = principalOf('late of Moved')
    const phone = principalOf('phone of Moved')
    await moved(admin.principal, phone)
    const nowNs = await clinic.nowNs()
    const page = { of: { organisation: orgId }, fromSeq: 0n, count: 1 }
    expect(kindOf(await clinic.call(admin.principal, 'audit', 'leaves', page))).toBe('NotPermitted')
    const each = async (as: Principal) => [
      await inBoth(clinic, as, 'members', { orgId, grantId: [], from: 0, count: 10 }),
      await inBoth(clinic, as, 'invitations', { orgId, from: 0, count: 10 }),
      await inBoth(clinic, as, 'invite', {
        orgId,
        codeHash: new Uint8Array(32).fill(7),
        endNs: nowNs + NS_PER_DAY,
        requestId: freshId(),
      }),
      await inBoth(clinic, as, 'setMember', {
        orgId,
        principal: late,
        roles: ROLE.administrator,
        validUntilNs: NO_END_NS,
        requestId: freshId(),
      }),
      await inBoth(clinic, as, 'suspendMember', { orgId, principal: doctor, requestId: freshId() }),
      await inBoth(clinic, as, 'removeMember', { orgId, principal: doctor, requestId: freshId() }),
    ]
    expect(await each(admin.principal)).toEqual([REFUSED, REFUSED, REFUSED, REFUSED, REFUSED, REFUSED])
    for (const canister of HOLDERS) {
      const { member } = await clinic.ok(admin.principal, canister, 'organisation', { orgId })
      expect(member).toEqual([])
      expect(await clinic.ok(admin.principal, canister, 'memberships', null)).toEqual([])
      const [own] = await clinic.ok(phone, canister, 'memberships', null)
      expect(own?.member.roles).toBe(ROLE.administrator)
    }
    expect(await each(phone)).toEqual([DONE, DONE, DONE, DONE, DONE, DONE])
  })

  test('gives no role to another sign-in of their own, nor to one that becomes theirs', async () => {
    const hospital = await verified(clinic, 'Selves')
    const { orgId, admin } = hospital
    const [phone, later] = [principalOf('phone of Selves'), principalOf('later phone of Selves')]
    await linkTo(clinic, admin.principal, phone)
    expect(await setMember(clinic, hospital, phone)).toEqual(['BadInput', 'BadInput'])
    expect(await setMember(clinic, hospital, later)).toEqual(DONE)
    await linkTo(clinic, admin.principal, later)
    expect(await inBoth(clinic, later, 'acceptMembership', { orgId, requestId: freshId() })).toEqual(REFUSED)
    const ofFirst = { orgId, principal: admin.principal, requestId: freshId() }
    expect(await inBoth(clinic, phone, 'suspendMember', ofFirst)).toEqual(['BadInput', 'BadInput'])
  })
})

test('a councillor’s sign-in that its owner shut out votes no more', async () => {
  const hospital = await verified(clinic, 'Voted on')
  const cleo = principalOf('cleo')
  await enrol(clinic, cleo)
  const act = verifyAct(hospital, (await clinic.nowNs()) + 30n * NS_PER_DAY)
  expect(await vote(clinic, 'cleo', freshId(), act)).toEqual(DONE)
  await moved(cleo, principalOf('cleo phone'))
  expect(await vote(clinic, 'cleo', freshId(), act)).toEqual(REFUSED)
  for (const canister of HOLDERS)
    expect(kindOf(await clinic.call(cleo, canister, 'councilActs', null))).toBe('NotPermitted')
})
