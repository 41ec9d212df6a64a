import { NS_PER_DAY, NS_PER_HOUR, POWER, Principal, RIGHT, toHex } from '@medguard/protocol'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Arg, type Clinic, freshId, kindOf, openClinic } from './clinic.ts'
import { appointTo, BOTH, enrolChild, labsOf, linkTo, mayRead, NOTHING, READS, unlinkFrom } from './people.fixture.ts'
import { keysFor, seal, store } from './sealed-record.ts'
import { categoryOf, enrol, grantArg } from './ward.ts'

// Carers act for a patient, as themselves; parents for a child, until the child is its own.

let clinic: Clinic
beforeAll(async () => {
  clinic = await openClinic()
})
afterAll(() => clinic.close())

const principalOf = (name: string): Principal => clinic.person(name).principal
const homeOf = (accountId: Uint8Array) => Principal.fromUint8Array(new Uint8Array([...accountId, 2, 0x7f]))
const family = async (name: string) => {
  const [patient, carer] = [principalOf(name), principalOf(`${name} carer`)]
  const account = await enrol(clinic, patient)
  await enrol(clinic, carer)
  return { patient, carer, account, reach: labsOf(account) }
}
const currentOf = async (who: Principal, patientId: Uint8Array) =>
  (await clinic.ok(who, 'consent', 'accountOf', { patientId })).compartments[1]?.currentEpoch
const dismissArg = (representative: Principal, patientId?: Uint8Array): Arg<'consent', 'dismiss'> => ({
  patientId: patientId === undefined ? [] : [patientId],
  representative,
  requestId: freshId(),
})

describe('a carer', () => {
  test('does what the powers say, in both canisters, until it ends', async () => {
    const { patient, carer, account, reach } = await family('ida')
    expect(await mayRead(clinic, carer, reach)).toEqual(NOTHING)
    await appointTo(clinic, patient, carer, { powers: POWER.read | POWER.write })
    expect(await mayRead(clinic, carer, reach)).toEqual(READS)
    const record = await store(clinic, carer, await seal(await keysFor(clinic, carer, reach), reach))
    expect(record.recordId).toHaveLength(16)
    // To share is another power, and to name others nobody has for somebody who can do it themselves.
    const { patientId } = account
    const startNs = await clinic.nowNs()
    const to = principalOf('somebody')
    const terms = { to, compartments: [categoryOf(account, 'labs')], startNs, endNs: startNs + NS_PER_HOUR }
    for (const canister of BOTH) {
      expect(kindOf(await clinic.call(carer, canister, 'grant', grantArg({ ...terms, patientId: [patientId] })))).toBe(
        'NotPermitted',
      )
      const naming = { patientId: [patientId] as [Uint8Array], newPrincipal: to, requestId: freshId() }
      expect(kindOf(await clinic.call(carer, canister, 'offerLink', naming))).toBe('NotPermitted')
      expect(kindOf(await clinic.call(carer, canister, 'people', { patientId: [patientId] }))).toBe('NotPermitted')
    }
    await clinic.advance(NS_PER_DAY)
    expect(await mayRead(clinic, carer, reach)).toEqual(NOTHING)
    // What is stored from now on is under a key that the carer does not have.
    const keys = await keysFor(clinic, patient, reach)
    const late = await seal(keys, reach)
    await clinic.ok(patient, 'records', 'begin', late.begin)
    for (const chunk of late.chunks) await clinic.ok(patient, 'records', 'putChunk', chunk)
    expect(await clinic.call(patient, 'records', 'commit', late.commit)).toMatchObject({
      Err: { StaleEpoch: { current: 2 } },
    })
  })

  test('who may add and not read stores under no key that they would have to read for', async () => {
    const { patient, carer, reach } = await family('blind')
    await appointTo(clinic, patient, carer, { powers: POWER.write })
    const record = await seal(await keysFor(clinic, patient, reach), reach)
    await clinic.ok(carer, 'records', 'begin', record.begin)
    for (const chunk of record.chunks) await clinic.ok(carer, 'records', 'putChunk', chunk)
    expect(await clinic.call(carer, 'records', 'commit', record.commit)).toEqual({
      Err: { BadInput: { field: 'wraps', code: 'capsule' } },
    })
  })

  test('shares in the patient’s place no more than they may do themselves, and for no longer', async () => {
    const { patient, carer, account } = await family('jan')
    await appointTo(clinic, patient, carer, { powers: POWER.read | POWER.share })
    const startNs = await clinic.nowNs()
    const to = principalOf('jan doctor')
    await enrol(clinic, to)
    const patientId: [Uint8Array] = [account.patientId]
    const share = (rights: number, endNs: bigint) =>
      grantArg({ patientId, to, rights, compartments: [categoryOf(account, 'labs')], startNs, endNs })
    const good = share(RIGHT.list | RIGHT.open, startNs + NS_PER_HOUR)
    for (const canister of BOTH) {
      const write = share(RIGHT.write, startNs + NS_PER_HOUR)
      expect(kindOf(await clinic.call(carer, canister, 'grant', write))).toBe('NotPermitted')
      expect(await clinic.call(carer, canister, 'grant', share(RIGHT.list, startNs + 2n * NS_PER_DAY))).toEqual({
        Err: { BadInput: { field: 'endNs', code: 'range' } },
      })
      expect(await clinic.call(carer, canister, 'grant', { ...good, grantee: carer })).toEqual({
        Err: { BadInput: { field: 'grantee', code: 'self' } },
      })
    }
    await clinic.ok(carer, 'records', 'grant', good)
    await clinic.ok(carer, 'consent', 'grant', good)
    expect(await mayRead(clinic, to, { ...labsOf(account), grantId: good.grantId })).toEqual(READS)
    const { grants } = await clinic.ok(carer, 'consent', 'grantsGiven', { patientId, from: 0, count: 10 })
    expect(grants.map(({ grantId, patient: named }) => [toHex(grantId), named.toText()])).toEqual([
      [toHex(good.grantId), patient.toText()],
    ])
    await clinic.ok(carer, 'consent', 'revoke', { grantId: good.grantId, requestId: freshId() })
    expect(await mayRead(clinic, to, { ...labsOf(account), grantId: good.grantId })).toMatchObject({
      consent: 'ConsentEnded',
    })
  })

  test('is ended by the patient, or by themselves, at once; the key moves on', async () => {
    const { patient, carer, account, reach } = await family('kim')
    await appointTo(clinic, patient, carer)
    await keysFor(clinic, carer, reach)
    expect(await currentOf(patient, account.patientId)).toBe(1)
    await clinic.ok(patient, 'consent', 'dismiss', dismissArg(carer))
    // Ended in one canister is ended.
    expect((await mayRead(clinic, carer, reach)).records).toBe('NotPermitted')
    await clinic.ok(patient, 'records', 'dismiss', dismissArg(carer))
    expect(await currentOf(patient, account.patientId)).toBe(2)
    await appointTo(clinic, patient, carer)
    expect(await mayRead(clinic, carer, reach)).toEqual(READS)
    for (const canister of BOTH)
      await clinic.ok(carer, canister, 'resign', { patientId: account.patientId, requestId: freshId() })
    expect(await mayRead(clinic, carer, reach)).toEqual(NOTHING)
  })

  test('of one canister’s making reads nothing', async () => {
    const { patient, carer, reach } = await family('lea')
    const startNs = await clinic.nowNs()
    const arg = { representative: carer, powers: POWER.read, startNs, endNs: [startNs + NS_PER_DAY] as [bigint] }
    await clinic.ok(patient, 'consent', 'appoint', { patientId: [], ...arg, requestId: freshId() })
    await clinic.ok(carer, 'consent', 'acceptAppointment', { patient, requestId: freshId() })
    expect((await mayRead(clinic, carer, reach)).records).toBe('NotPermitted')
  })

  test('is named with sound terms only, and accepts for themselves only', async () => {
    const { patient, carer } = await family('mia')
    const startNs = await clinic.nowNs()
    const good = { patientId: [] as [], representative: carer, powers: POWER.read, startNs }
    const day: [bigint] = [startNs + NS_PER_DAY]
    const odd = [
      { ...good, endNs: [] as [] },
      { ...good, endNs: [startNs] as [bigint] },
      { ...good, endNs: [startNs + 367n * NS_PER_DAY] as [bigint] },
      { ...good, endNs: day, powers: 0 },
      { ...good, endNs: day, powers: POWER.read | POWER.manage },
      { ...good, endNs: day, powers: 16 },
      { ...good, endNs: day, representative: Principal.anonymous() },
      { ...good, endNs: day, representative: homeOf(freshId()) },
      { ...good, endNs: day, representative: patient },
    ]
    for (const canister of BOTH)
      for (const arg of odd)
        expect(kindOf(await clinic.call(patient, canister, 'appoint', { ...arg, requestId: freshId() }))).toBe(
          'BadInput',
        )
    await clinic.ok(patient, 'consent', 'appoint', { ...good, endNs: day, requestId: freshId() })
    const other = principalOf('jan carer')
    const accept = { patient, requestId: freshId() }
    expect(kindOf(await clinic.call(other, 'consent', 'acceptAppointment', accept))).toBe('NotPermitted')
    expect(kindOf(await clinic.call(principalOf('unknown'), 'consent', 'acceptAppointment', accept))).toBe(
      'NotPermitted',
    )
  })
})

describe('a child', () => {
  test('has an account of its own, which its parent sees to and nobody can sign as', async () => {
    const parent = principalOf('nora')
    await enrol(clinic, parent)
    const child = await enrolChild(clinic, parent)
    expect(await mayRead(clinic, parent, labsOf(child))).toEqual(READS)
    await store(clinic, parent, await seal(await keysFor(clinic, parent, labsOf(child)), labsOf(child)))
    const { wards } = await clinic.ok(parent, 'records', 'people', { patientId: [] })
    expect(wards).toMatchObject([{ powers: 15, isDependant: true, endNs: [] }])
    expect(wards[0]?.patient.toText()).toBe(homeOf(child.accountId).toText())
    const stranger = principalOf('kim')
    expect(await mayRead(clinic, stranger, labsOf(child))).toEqual(NOTHING)
    // Of two canisters, the one that says somebody enrolled a child does not decide alone.
    const stolen = { ...dependantOf(child), requestId: freshId() }
    expect(kindOf(await clinic.call(stranger, 'records', 'enrolDependant', stolen))).toBe('NotPermitted')
  })

  test('has two parents, of whom neither shuts out the one before, nor leaves it alone', async () => {
    const [olga, paul] = [principalOf('olga'), principalOf('paul')]
    await enrol(clinic, olga)
    await enrol(clinic, paul)
    const child = await enrolChild(clinic, olga)
    const { patientId } = child
    const home = homeOf(child.accountId)
    for (const canister of BOTH) {
      const resigning = await clinic.call(olga, canister, 'resign', { patientId, requestId: freshId() })
      expect(resigning).toEqual({ Err: { BadInput: { field: 'patientId', code: 'last' } } })
    }
    // Who manages for a day does not look after the child afterwards.
    const sitter = principalOf('olga sitter')
    await enrol(clinic, sitter)
    await appointTo(clinic, olga, sitter, { patientId, home, powers: 15, forNs: NS_PER_DAY })
    for (const canister of BOTH) {
      const resigning = await clinic.call(olga, canister, 'resign', { patientId, requestId: freshId() })
      expect(resigning).toEqual({ Err: { BadInput: { field: 'patientId', code: 'last' } } })
    }
    await appointTo(clinic, olga, paul, { patientId, home, powers: 15, forNs: null })
    expect(await mayRead(clinic, paul, labsOf(child))).toEqual(READS)
    for (const canister of BOTH) {
      expect(kindOf(await clinic.call(paul, canister, 'dismiss', dismissArg(olga, patientId)))).toBe('NotPermitted')
      // Nor by passing off a sign-in of his own as the child's.
      const posing = principalOf('paul posing')
      const arg = { patientId: [patientId] as [Uint8Array], newPrincipal: posing, requestId: freshId() }
      await clinic.ok(paul, canister, 'offerLink', arg)
      await clinic.ok(posing, canister, 'acceptLink', { home, requestId: freshId() })
      expect(kindOf(await clinic.call(posing, canister, 'dismiss', dismissArg(olga)))).toBe('NotYet')
      const unlink = { patientId: [patientId] as [Uint8Array], principal: posing, requestId: freshId() }
      await clinic.ok(olga, canister, 'unlink', unlink)
      await clinic.ok(olga, canister, 'dismiss', dismissArg(paul, patientId))
    }
    expect(await mayRead(clinic, paul, labsOf(child))).toEqual(NOTHING)
    expect(await mayRead(clinic, principalOf('paul posing'), labsOf(child))).toEqual(NOTHING)
  })

  test('is handed over: it signs in itself, and ends what its parent may do', async () => {
    const [rosa, grown] = [principalOf('rosa'), principalOf('rosa child')]
    await enrol(clinic, rosa)
    const child = await enrolChild(clinic, rosa)
    const { patientId } = child
    const home = homeOf(child.accountId)
    for (const canister of BOTH) {
      const arg = { patientId: [patientId] as [Uint8Array], newPrincipal: grown, requestId: freshId() }
      await clinic.ok(rosa, canister, 'offerLink', arg)
      await clinic.ok(grown, canister, 'acceptLink', { home, requestId: freshId() })
    }
    expect(await mayRead(clinic, grown, labsOf(child))).toEqual(READS)
    await clinic.advance(72n * NS_PER_HOUR)
    const unlink = { patientId: [patientId] as [Uint8Array], principal: grown, requestId: freshId() }
    expect(kindOf(await clinic.call(rosa, 'consent', 'unlink', unlink))).toBe('NotPermitted')
    for (const canister of BOTH) await clinic.ok(grown, canister, 'dismiss', dismissArg(rosa))
    expect(await mayRead(clinic, rosa, labsOf(child))).toEqual(NOTHING)
    expect(await mayRead(clinic, grown, labsOf(child))).toEqual(READS)
  })
})

test('a carer with a new sign-in goes on; the one they lost does nothing any more', async () => {
  const { patient, carer, reach } = await family('sam')
  const phone = principalOf('sam carer phone')
  await appointTo(clinic, patient, carer)
  await linkTo(clinic, carer, phone)
  await clinic.advance(NS_PER_HOUR)
  expect(await mayRead(clinic, phone, reach)).toEqual(READS)
  await unlinkFrom(clinic, carer, phone)
  expect(await mayRead(clinic, phone, reach)).toEqual(NOTHING)
  expect(await mayRead(clinic, carer, reach)).toEqual(READS)
})

test('who was named, and who ended it, is in the patient’s log', async () => {
  const log = await clinic.person('kim').client.log('patient')
  if (log.kind !== 'done') throw new Error(log.refusal.kind)
  const changes = log.value.items.filter(({ event }) => event === 'representativeChanged').map(({ actor }) => actor)
  const [kim, carer] = [principalOf('kim').toText(), principalOf('kim carer').toText()]
  expect(changes).toEqual([carer, kim, carer, carer])
  expect(log.value.verification).toMatchObject({ kind: 'verified' })
})

const dependantOf = ({ accountId, patientId, compartments }: Awaited<ReturnType<typeof enrolChild>>) => ({
  accountId,
  patientId,
  compartments: compartments.map(({ category, cid }) => ({ category, cid })),
})
