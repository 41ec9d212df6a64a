import { NS_PER_DAY, NS_PER_HOUR, NS_PER_MINUTE, type Principal, PRINCIPALS_MAX, toHex } from '@medguard/protocol'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Clinic, freshId, kindOf, openClinic } from './clinic.ts'
import { BOTH, labsOf, linkTo, mayRead, NOTHING, READS, unlinkFrom } from './people.fixture.ts'
import { keysFor, seal, store } from './sealed-record.ts'
import { categoryOf, enrol, give, grantArg } from './ward.ts'

// Several sign-ins for one account: each canister has its own copy of who they are (keys.md, sections 10 and 13.3).

let clinic: Clinic
beforeAll(async () => {
  clinic = await openClinic()
})
afterAll(() => clinic.close())

const principalOf = (name: string): Principal => clinic.person(name).principal
const offerArg = (newPrincipal: Principal) => ({ patientId: [] as [], newPrincipal, requestId: freshId() })
const acceptArg = (home: Principal) => ({ home, requestId: freshId() })
const unlinkArg = (principal: Principal) => ({ patientId: [] as [], principal, requestId: freshId() })

describe('a principal that was linked', () => {
  test('reads and writes as the patient, and sees what was granted to any of them', async () => {
    const [ana, phone, doctor] = [principalOf('ana'), principalOf('ana phone'), principalOf('ana doctor')]
    const account = await enrol(clinic, ana)
    const other = await enrol(clinic, doctor)
    await linkTo(clinic, ana, phone)
    expect(await mayRead(clinic, phone, labsOf(account))).toEqual(READS)
    const keys = await keysFor(clinic, phone, labsOf(account))
    await store(clinic, phone, await seal(keys, labsOf(account)))
    const whoAmI = await clinic.ok(phone, 'consent', 'whoAmI', null)
    expect(whoAmI.account.map(({ patientId }) => toHex(patientId))).toEqual([toHex(account.patientId)])

    const startNs = await clinic.nowNs()
    const endNs = startNs + NS_PER_DAY
    for (const [i, to] of [ana, phone].entries())
      await give(
        clinic,
        doctor,
        grantArg({ to, compartments: [categoryOf(other, 'labs')], startNs, endNs: endNs + BigInt(i) }),
      )
    for (const who of [ana, phone]) {
      const { total, grants } = await clinic.ok(who, 'consent', 'grantsReceived', { from: 0, count: 50 })
      expect([total, grants.length]).toEqual([2, 2])
      for (const { grantId } of grants)
        expect(await mayRead(clinic, who, { ...labsOf(other), grantId })).toMatchObject({ records: 'Ok' })
      const second = await clinic.ok(who, 'consent', 'grantsReceived', { from: 1, count: 1 })
      expect(second.grants.map(({ grantId }) => toHex(grantId))).toEqual([toHex(grants[1]?.grantId ?? freshId())])
    }
    // One page for all of them: what concerns one moves the counter of each.
    expect(await clinic.ok(phone, 'consent', 'changes', null)).toBe(await clinic.ok(ana, 'consent', 'changes', null))
  })

  test('has no account of its own, and gets none by enrolling', async () => {
    const [ada, phone, eve] = [principalOf('ada'), principalOf('ada phone'), principalOf('ada other')]
    const account = await enrol(clinic, ada)
    await enrol(clinic, eve)
    await clinic.ok(ada, 'consent', 'offerLink', offerArg(eve))
    expect(kindOf(await clinic.call(eve, 'consent', 'acceptLink', acceptArg(ada)))).toBe('NotPermitted')
    await linkTo(clinic, ada, phone)
    const again = await clinic.ok(phone, 'consent', 'enrol', { requestId: freshId() })
    expect(toHex(again.patientId)).toBe(toHex(account.patientId))
    await unlinkFrom(clinic, ada, phone)
    // With an account of their own they would have whatever was granted to that principal.
    expect(kindOf(await clinic.call(phone, 'consent', 'enrol', { requestId: freshId() }))).toBe('NotPermitted')
    const compartments = account.compartments.map(({ category, cid }) => ({ category, cid }))
    const own = { patientId: freshId(), compartments, requestId: freshId() }
    expect(kindOf(await clinic.call(phone, 'records', 'enrol', own))).toBe('NotPermitted')
  })

  test('in one canister only, reads nothing: that canister may have made it up', async () => {
    const [ben, phone] = [principalOf('ben'), principalOf('ben phone')]
    const account = await enrol(clinic, ben)
    for (const canister of BOTH) {
      const [made] = [principalOf(`made up by ${canister}`)]
      await clinic.ok(ben, canister, 'offerLink', offerArg(made))
      await clinic.ok(made, canister, 'acceptLink', acceptArg(ben))
      const { consent, records } = await mayRead(clinic, made, labsOf(account))
      expect(canister === 'consent' ? records : consent).toBe('NotPermitted')
      expect(records).toBe('NotPermitted')
    }
    expect(await mayRead(clinic, phone, labsOf(account))).toEqual(NOTHING)
  })
})

describe('an offer', () => {
  test('is for that principal, for ten minutes, and gives way to the next', async () => {
    const [cora, first, second] = [principalOf('cora'), principalOf('cora 1'), principalOf('cora 2')]
    await enrol(clinic, cora)
    const accept = (who: Principal) => clinic.call(who, 'consent', 'acceptLink', acceptArg(cora))
    await clinic.ok(cora, 'consent', 'offerLink', offerArg(first))
    expect(kindOf(await accept(second))).toBe('NotPermitted')
    await clinic.ok(cora, 'consent', 'offerLink', offerArg(second))
    expect(kindOf(await accept(first))).toBe('NotPermitted')
    await clinic.advance(10n * NS_PER_MINUTE)
    expect(kindOf(await accept(second))).toBe('NotPermitted')
    await clinic.ok(cora, 'consent', 'offerLink', offerArg(second))
    expect(kindOf(await accept(second))).toBe('Ok')
  })
  test('is made for no more principals than an account may have', async () => {
    const dan = principalOf('dan')
    await enrol(clinic, dan)
    for (let i = 1; i < PRINCIPALS_MAX; i++) await linkTo(clinic, dan, principalOf(`dan ${i}`))
    const answer = await clinic.call(dan, 'consent', 'offerLink', offerArg(principalOf('dan last')))
    expect(kindOf(answer)).toBe('Full')
  })
})

describe('unlinking', () => {
  test('shuts out at once, and what is stored afterwards is under a key that the lost device never had', async () => {
    const [eli, lost] = [principalOf('eli'), principalOf('eli lost')]
    const account = await enrol(clinic, eli)
    await linkTo(clinic, eli, lost)
    await keysFor(clinic, lost, labsOf(account))
    await unlinkFrom(clinic, eli, lost)
    expect(await mayRead(clinic, lost, labsOf(account))).toEqual(NOTHING)
    const { account: now } = await clinic.ok(eli, 'consent', 'whoAmI', null)
    const epochs = now[0]?.compartments.map(({ category, currentEpoch }) => [category, currentEpoch])
    expect(epochs?.find(([category]) => category === 2)).toEqual([2, 2])
    expect(epochs?.find(([category]) => category === 4)).toEqual([4, 1])
  })

  test('by a new principal spares the older ones for three days: a stolen session takes nobody’s place', async () => {
    const [fay, thief] = [principalOf('fay'), principalOf('fay thief')]
    const account = await enrol(clinic, fay)
    await linkTo(clinic, fay, thief)
    for (const canister of BOTH) {
      expect(kindOf(await clinic.call(thief, canister, 'unlink', unlinkArg(fay)))).toBe('NotYet')
      expect(kindOf(await clinic.call(fay, canister, 'unlink', unlinkArg(fay)))).toBe('BadInput')
    }
    await clinic.advance(71n * NS_PER_HOUR)
    expect(kindOf(await clinic.call(thief, 'consent', 'unlink', unlinkArg(fay)))).toBe('NotYet')
    // Whoever was there before throws the new one out at any time.
    await unlinkFrom(clinic, fay, thief)
    expect(await mayRead(clinic, thief, labsOf(account))).toEqual(NOTHING)
    expect(kindOf(await clinic.call(thief, 'consent', 'unlink', unlinkArg(fay)))).toBe('NotPermitted')
  })

  test('also takes the place of the principal that enrolled, and grants to it stay the account’s', async () => {
    const [gil, phone, doctor] = [principalOf('gil'), principalOf('gil phone'), principalOf('gil doctor')]
    const account = await enrol(clinic, gil)
    const other = await enrol(clinic, doctor)
    await linkTo(clinic, gil, phone)
    await clinic.advance(72n * NS_PER_HOUR)
    const startNs = await clinic.nowNs()
    const compartments = [categoryOf(other, 'labs')]
    const grantId = await give(
      clinic,
      doctor,
      grantArg({ to: gil, compartments, startNs, endNs: startNs + NS_PER_DAY }),
    )
    await unlinkFrom(clinic, phone, gil)
    expect(await mayRead(clinic, gil, labsOf(account))).toEqual(NOTHING)
    expect(await mayRead(clinic, gil, { ...labsOf(other), grantId })).toEqual(NOTHING)
    expect(await mayRead(clinic, phone, { ...labsOf(other), grantId })).toEqual(READS)
    expect(await mayRead(clinic, phone, labsOf(account))).toMatchObject({ records: 'Ok' })
    expect(kindOf(await clinic.call(gil, 'consent', 'enrol', { requestId: freshId() }))).toBe('NotPermitted')
    const { principals } = await clinic.ok(phone, 'consent', 'people', { patientId: [] })
    expect(principals.map(({ isActive }) => isActive)).toEqual([false, true])
  })
})

test('linking and unlinking are in the patient’s log, which verifies', async () => {
  const log = await clinic.person('eli').client.log('patient')
  if (log.kind !== 'done') throw new Error(log.refusal.kind)
  expect(log.value.verification).toMatchObject({ kind: 'verified' })
  const events = log.value.items.map(({ event, actor }) => [event, actor])
  expect(events).toContainEqual(['principalLinked', principalOf('eli lost').toText()])
  expect(events).toContainEqual(['principalUnlinked', principalOf('eli').toText()])
})
