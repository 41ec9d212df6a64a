import { NS_PER_DAY, NS_PER_HOUR, POWER, Principal } from '@medguard/protocol'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Clinic, freshId, kindOf, openClinic } from './clinic.ts'
import {
  ALL_POWERS,
  appointTo,
  BOTH,
  enrolChild,
  labsOf,
  linkTo,
  mayRead,
  NOTHING,
  READS,
  unlinkFrom,
} from './people.fixture.ts'
import { eventsOf, trailOf } from './trail.ts'
import { categoryOf, enrol, give, grantArg } from './ward.ts'

// What somebody does who was trusted a little, and wants all of it, for good.

let clinic: Clinic
beforeAll(async () => {
  clinic = await openClinic()
})
afterAll(() => clinic.close())

const principalOf = (name: string): Principal => clinic.person(name).principal
const homeOf = (accountId: Uint8Array) => Principal.fromUint8Array(new Uint8Array([...accountId, 2, 0x7f]))

describe('who manages for a child', () => {
  test('for a while, or without every power, names no sign-in of the child’s', async () => {
    const [mum, aunt, posing] = [principalOf('ada'), principalOf('ada aunt'), principalOf('ada posing')]
    for (const each of [mum, aunt]) await enrol(clinic, each)
    const child = await enrolChild(clinic, mum)
    const { patientId } = child
    const home = homeOf(child.accountId)
    const terms = [
      { powers: POWER.manage, forNs: NS_PER_HOUR },
      { powers: ALL_POWERS, forNs: NS_PER_HOUR },
      { powers: ALL_POWERS & ~POWER.read, forNs: null },
    ]
    for (const given of terms) {
      await appointTo(clinic, mum, aunt, { patientId, home, ...given })
      for (const canister of BOTH) {
        const naming = { patientId: [patientId] as [Uint8Array], newPrincipal: posing, requestId: freshId() }
        expect(kindOf(await clinic.call(aunt, canister, 'offerLink', naming))).toBe('NotPermitted')
        const accepting = { home, requestId: freshId() }
        expect(kindOf(await clinic.call(posing, canister, 'acceptLink', accepting))).toBe('NotPermitted')
        const ending = { patientId: [patientId] as [Uint8Array], representative: aunt, requestId: freshId() }
        await clinic.ok(mum, canister, 'dismiss', ending)
      }
    }
    expect(await mayRead(clinic, posing, labsOf(child))).toEqual(NOTHING)
  })

  test('with every power erases nothing through a sign-in that was just named', async () => {
    const [mum, dad, posing] = [principalOf('bea'), principalOf('bea dad'), principalOf('bea posing')]
    for (const each of [mum, dad]) await enrol(clinic, each)
    const child = await enrolChild(clinic, mum)
    const { patientId } = child
    const home = homeOf(child.accountId)
    await appointTo(clinic, mum, dad, { patientId, home, powers: ALL_POWERS, forNs: null })
    for (const canister of BOTH) {
      const naming = { patientId: [patientId] as [Uint8Array], newPrincipal: posing, requestId: freshId() }
      await clinic.ok(dad, canister, 'offerLink', naming)
      await clinic.ok(posing, canister, 'acceptLink', { home, requestId: freshId() })
    }
    await clinic.advance(NS_PER_DAY)
    expect(await eraseBy(posing, patientId)).toEqual(['NotYet', 'NotYet'])
    for (const canister of BOTH) {
      const ending = { patientId: [patientId] as [Uint8Array], principal: posing, requestId: freshId() }
      await clinic.ok(mum, canister, 'unlink', ending)
    }
    expect(await eraseBy(posing, patientId)).toEqual(['NotPermitted', 'NotPermitted'])
    expect(await mayRead(clinic, mum, labsOf(child))).toEqual(READS)
  })
})

describe('a carer who may share', () => {
  const given = async (name: string, to: Principal) => {
    const [patient, carer] = [principalOf(name), principalOf(`${name} carer`)]
    const account = await enrol(clinic, patient)
    await enrol(clinic, carer)
    await appointTo(clinic, patient, carer, { powers: POWER.read | POWER.share })
    const startNs = await clinic.nowNs()
    const terms = { compartments: [categoryOf(account, 'labs')], startNs, endNs: startNs + NS_PER_HOUR }
    const arg = grantArg({ to, patientId: [account.patientId], ...terms })
    return { patient, carer, account, terms, arg, reach: { ...labsOf(account), grantId: arg.grantId } }
  }
  const dismissed = (representative: Principal) => ({ patientId: [] as [], representative, requestId: freshId() })

  test('shares with no sign-in of their own', async () => {
    const phone = principalOf('dora carer phone')
    const { patient, carer, arg, reach } = await given('dora', phone)
    await linkTo(clinic, carer, phone)
    for (const canister of BOTH)
      for (const [from, to] of [
        [carer, phone],
        [phone, carer],
      ] as const)
        expect(await clinic.call(from, canister, 'grant', { ...arg, grantee: to })).toEqual({
          Err: { BadInput: { field: 'grantee', code: 'self' } },
        })
    for (const canister of BOTH) await clinic.ok(patient, canister, 'dismiss', dismissed(carer))
    for (const who of [carer, phone]) expect(await mayRead(clinic, who, reach)).toEqual(NOTHING)
  })

  test('takes along whomever they let in, when they are dismissed; what the patient gave stays', async () => {
    const friend = principalOf('erin friend')
    await enrol(clinic, friend)
    const { patient, carer, account, terms, arg, reach } = await given('erin', friend)
    for (const canister of BOTH) await clinic.ok(carer, canister, 'grant', arg)
    const doctor = principalOf('erin doctor')
    await enrol(clinic, doctor)
    const own = await give(clinic, patient, grantArg({ to: doctor, ...terms }))
    expect(await mayRead(clinic, friend, reach)).toEqual(READS)
    // Each canister ends its own copy: one is enough, and none waits for the other.
    await clinic.ok(patient, 'records', 'dismiss', dismissed(carer))
    expect((await mayRead(clinic, friend, reach)).records).toBe('ConsentEnded')
    await clinic.ok(patient, 'consent', 'dismiss', dismissed(carer))
    expect(await mayRead(clinic, friend, reach)).toEqual({ consent: 'ConsentEnded', records: 'ConsentEnded' })
    const { grants } = await clinic.ok(patient, 'consent', 'grantsGiven', { patientId: [], from: 0, count: 10 })
    expect(grants.map(({ status }) => Object.keys(status)[0])).toEqual(['inactive', 'active'])
    // The key that the friend has opens nothing that is stored from now on.
    const { compartments } = await clinic.ok(patient, 'consent', 'accountOf', { patientId: account.patientId })
    expect(compartments.find(({ category }) => category === 2)?.currentEpoch).toBe(2)
    expect((await mayRead(clinic, doctor, { ...labsOf(account), grantId: own })).records).toBe('Ok')
    expect(eventsOf(await trailOf(clinic, patient, account.patientId))).toContain('revoke')
  })

  test('takes them along as well when they hand back what they may do', async () => {
    const friend = principalOf('faye friend')
    await enrol(clinic, friend)
    const { carer, account, arg, reach } = await given('faye', friend)
    for (const canister of BOTH) await clinic.ok(carer, canister, 'grant', arg)
    for (const canister of BOTH)
      await clinic.ok(carer, canister, 'resign', { patientId: account.patientId, requestId: freshId() })
    expect(await mayRead(clinic, friend, reach)).toEqual({ consent: 'ConsentEnded', records: 'ConsentEnded' })
  })
})

describe('the log of who is cared for', () => {
  const readsLog = async (who: Principal, patientId: Uint8Array) =>
    kindOf(await clinic.call(who, 'audit', 'leaves', { of: { patient: patientId }, fromSeq: 0n, count: 1 }))

  test('is shut to a carer whose time has not begun', async () => {
    const [patient, carer] = [principalOf('gina'), principalOf('gina carer')]
    const { patientId } = await enrol(clinic, patient)
    await enrol(clinic, carer)
    const startNs = (await clinic.nowNs()) + NS_PER_DAY
    const terms = { powers: POWER.read, startNs, endNs: [startNs + NS_PER_DAY] as [bigint] }
    for (const canister of BOTH) {
      const appointing = { patientId: [] as [], representative: carer, ...terms, requestId: freshId() }
      await clinic.ok(patient, canister, 'appoint', appointing)
      await clinic.ok(carer, canister, 'acceptAppointment', { patient, requestId: freshId() })
    }
    expect(eventsOf(await trailOf(clinic, patient, patientId))).toContain('representativeChanged')
    expect(await readsLog(carer, patientId)).toBe('NotPermitted')
    await clinic.advance(NS_PER_DAY)
    expect(await readsLog(carer, patientId)).toBe('Ok')
    await clinic.advance(NS_PER_DAY)
    expect(await readsLog(carer, patientId)).toBe('NotPermitted')
  })

  test('is shut to a sign-in that the carer shut out, though the patient names it; open to the one that is left', async () => {
    const [patient, carer, phone] = [principalOf('hedy'), principalOf('hedy carer'), principalOf('hedy carer phone')]
    const { patientId } = await enrol(clinic, patient)
    await enrol(clinic, carer)
    await appointTo(clinic, patient, carer, { forNs: 9n * NS_PER_DAY })
    expect(await readsLog(carer, patientId)).toBe('Ok')
    await linkTo(clinic, carer, phone)
    await clinic.advance(3n * NS_PER_DAY)
    await unlinkFrom(clinic, phone, carer)
    const reads = async () => [await readsLog(phone, patientId), await readsLog(carer, patientId)]
    expect(await reads()).toEqual(['Ok', 'NotPermitted'])
    const ending = { patientId: [] as [], representative: carer, requestId: freshId() }
    for (const canister of BOTH) await clinic.ok(patient, canister, 'dismiss', ending)
    expect(await reads()).toEqual(['NotPermitted', 'NotPermitted'])
    // Named anew as the patient knows them: nobody is there to accept, until the patient names the sign-in that is left.
    const startNs = await clinic.nowNs()
    const terms = { powers: POWER.read, startNs, endNs: [startNs + NS_PER_DAY] as [bigint] }
    for (const canister of BOTH) {
      const appointing = { patientId: [] as [], representative: carer, ...terms, requestId: freshId() }
      await clinic.ok(patient, canister, 'appoint', appointing)
      for (const who of [phone, carer]) {
        const accepted = await clinic.call(who, canister, 'acceptAppointment', { patient, requestId: freshId() })
        expect(kindOf(accepted)).toBe('NotPermitted')
      }
    }
    await appointTo(clinic, patient, phone)
    expect(await reads()).toEqual(['Ok', 'NotPermitted'])
  })
})

test('a sign-in that a thief added erases nothing for three days', async () => {
  const [cleo, thief] = [principalOf('cleo'), principalOf('cleo thief')]
  const { patientId } = await enrol(clinic, cleo)
  await linkTo(clinic, cleo, thief)
  expect(await eraseBy(thief, patientId)).toEqual(['NotYet', 'NotYet'])
  await clinic.advance(3n * NS_PER_DAY)
  expect(await eraseBy(thief, patientId)).toEqual(['Ok', 'Ok'])
})

describe('who is refused', () => {
  const ownActs = async (who: Principal) =>
    (await clinic.ok(who, 'audit', 'leaves', { of: { actor: null }, fromSeq: 0n, count: 50 })).total

  test('does not learn from their own lines whether the patient is there; the patient does learn of them', async () => {
    const [patient, curious] = [principalOf('ines'), principalOf('ines curious')]
    const account = await enrol(clinic, patient)
    await enrol(clinic, curious)
    const before = await ownActs(curious)
    for (const patientId of [account.patientId, freshId()])
      expect(await mayRead(clinic, curious, { ...labsOf(account), patientId })).toEqual(NOTHING)
    await clinic.advance(NS_PER_HOUR)
    expect(eventsOf(await trailOf(clinic, patient, account.patientId))).toContain('refused')
    expect(await ownActs(curious)).toBe(before)
  })

  test('does not learn from the steps of an erasure that there is one, or was', async () => {
    const [patient, curious] = [principalOf('jana'), principalOf('jana curious')]
    const { patientId } = await enrol(clinic, patient)
    await enrol(clinic, curious)
    const asked = async () => [
      kindOf(await clinic.call(curious, 'consent', 'eraseBegin', { patientId, requestId: freshId() })),
      kindOf(
        await clinic.call(curious, 'consent', 'eraseFinish', {
          patientId,
          receiptHash: new Uint8Array(32),
          requestId: freshId(),
        }),
      ),
    ]
    expect(await eraseBy(patient, patientId)).toEqual(['Ok', 'Ok'])
    expect(await asked()).toEqual(['NotPermitted', 'NotPermitted'])
    const finishing = { patientId, receiptHash: new Uint8Array(32).fill(1), requestId: freshId() }
    while (!(await clinic.ok(patient, 'consent', 'eraseFinish', finishing)).isDone);
    expect(await asked()).toEqual(['NotPermitted', 'NotPermitted'])
    // Whoever has the receipt was told already.
    expect(await clinic.ok(patient, 'consent', 'eraseFinish', finishing)).toEqual({ isDone: true })
  })
})

async function eraseBy(who: Principal, patientId: Uint8Array): Promise<string[]> {
  const named = { patientId, requestId: freshId() }
  return [
    kindOf(await clinic.call(who, 'consent', 'eraseBegin', named)),
    kindOf(await clinic.call(who, 'records', 'erase', named)),
  ]
}
