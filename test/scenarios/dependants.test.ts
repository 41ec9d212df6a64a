import type { Outcome } from '@medguard/client'
import {
  dependantPrincipal,
  NS_PER_DAY,
  NS_PER_HOUR,
  POWER,
  Principal,
  RECOVERY_WAIT_NS,
  toHex,
} from '@medguard/protocol'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { type Clinic, freshId, kindOf, openClinic, type Person } from './clinic.ts'
import { appointTo, BOTH, enrolChild, labsOf, linkTo, mayRead, NOTHING, READS, unlinkFrom } from './people.fixture.ts'
import { keysFor, seal, store } from './sealed-record.ts'
import { eventsOf, trailOf } from './trail.ts'
import { enrol } from './ward.ts'

// What parents do in the place of a child beyond reading: lay down how it is brought back, and erase it, which the other parent can stop.

let clinic: Clinic
beforeAll(async () => {
  clinic = await openClinic()
})
afterAll(() => clinic.close())

const named = (name: string): Principal => clinic.person(name).principal

/** A child with one record and two parents, of whom the second came later. */
async function family(name: string) {
  const [parent, other]: [Person, Person] = [clinic.person(`${name} parent`), clinic.person(`${name} other`)]
  for (const each of [parent, other]) await enrol(clinic, each.principal)
  const child = await enrolChild(clinic, parent.principal)
  const { patientId } = child
  const home = Principal.fromUint8Array(dependantPrincipal(child.accountId))
  await appointTo(clinic, parent.principal, other.principal, { patientId, home, powers: 15, forNs: null })
  const reach = labsOf(child)
  await store(clinic, parent.principal, await seal(await keysFor(clinic, parent.principal, reach), reach))
  return { parent, other, child, patientId, home, reach }
}

describe('recovery of a child', () => {
  const settings = (guardian: Principal) => ({ kit: [] as [], guardians: [guardian], threshold: 1 })

  test('is laid down by who manages, brings it back when both parents lost their sign-ins, and is stopped by either', async () => {
    const { parent, other, patientId, home, reach } = await family('lost')
    const [aunt, grown, second] = [named('aunt'), named('new sign-in'), named('second try')]
    await enrol(clinic, aunt)
    const ofChild = { patientId: [patientId] as [Uint8Array] }
    for (const canister of BOTH) {
      const arg = { ...ofChild, settings: settings(aunt), requestId: freshId() }
      expect(kindOf(await clinic.call(aunt, canister, 'setRecovery', arg))).toBe('NotPermitted')
      await clinic.ok(parent.principal, canister, 'setRecovery', arg)
      const vouch = (newPrincipal: Principal) =>
        clinic.ok(aunt, canister, 'approveRecovery', { ward: home, newPrincipal, requestId: freshId() })
      await vouch(grown)
      const veto = { ...ofChild, requestId: freshId() }
      expect(kindOf(await clinic.call(aunt, canister, 'vetoRecovery', veto))).toBe('NotPermitted')
      await clinic.ok(other.principal, canister, 'vetoRecovery', veto)
      await vouch(second)
    }
    await clinic.advance(RECOVERY_WAIT_NS)
    for (const canister of BOTH) {
      const complete = { home, requestId: freshId() }
      expect(kindOf(await clinic.call(grown, canister, 'completeRecovery', complete))).toBe('NotPermitted')
      await clinic.ok(second, canister, 'completeRecovery', complete)
    }
    expect(await mayRead(clinic, second, reach)).toEqual(READS)
    // From now on it has a sign-in of its own, and says such things itself.
    for (const canister of BOTH) {
      const late = { ...ofChild, settings: settings(named('carer of nobody')), requestId: freshId() }
      expect(kindOf(await clinic.call(parent.principal, canister, 'setRecovery', late))).toBe('NotPermitted')
      const erasing = { patientId, requestId: freshId() }
      expect(kindOf(await clinic.call(parent.principal, canister, 'announceErasure', erasing))).toBe('NotPermitted')
    }
  })
})

describe('the vault of a child', () => {
  test('is erased a week after it was announced, by who manages, and everybody else hears of it and may stop it', async () => {
    const { parent, other, patientId, reach } = await family('erased')
    const acting = parent.client.actingFor(toHex(patientId))
    const early = { kind: 'refused', refusal: { kind: 'NotPermitted' } }
    expect(await acting.erase(toHex(patientId)), 'unannounced').toMatchObject(early)
    for (const canister of BOTH) {
      const arg = { patientId, requestId: freshId() }
      const { readyNs } = await clinic.ok(parent.principal, canister, 'announceErasure', arg)
      expect(readyNs - (await clinic.nowNs())).toBeGreaterThan(6n * NS_PER_DAY)
      const again = { patientId, requestId: freshId() }
      expect(await clinic.ok(other.principal, canister, 'announceErasure', again)).toEqual({ readyNs })
      const seen = await clinic.ok(other.principal, canister, 'people', { patientId: [patientId] })
      expect(seen.erasure).toEqual([{ readyNs }])
      expect(kindOf(await clinic.call(named('stranger'), canister, 'stopErasure', again))).toBe('NotPermitted')
    }
    expect(await acting.erase(toHex(patientId))).toMatchObject({ refusal: { kind: 'NotYet' } })
    expect(await mayRead(clinic, parent.principal, reach)).toEqual(READS)
    for (const canister of BOTH)
      await clinic.ok(other.principal, canister, 'stopErasure', { patientId, requestId: freshId() })
    await clinic.advance(8n * NS_PER_DAY)
    expect(await acting.erase(toHex(patientId)), 'stopped').toMatchObject(early)

    expect(await acting.announceErasure()).toMatchObject({ kind: 'done' })
    await clinic.advance(15n * NS_PER_DAY)
    expect(await acting.erase(toHex(patientId)), 'nobody means it any more').toMatchObject(early)
    expect(await acting.announceErasure()).toMatchObject({ kind: 'done' })
    await clinic.advance(8n * NS_PER_DAY)
    // One canister alone does not do it: stopped in records it is not erased there.
    await clinic.ok(other.principal, 'records', 'stopErasure', { patientId, requestId: freshId() })
    const inRecords = { patientId, requestId: freshId() }
    expect(kindOf(await clinic.call(parent.principal, 'records', 'erase', inRecords))).toBe('NotPermitted')
    expect(await acting.stopErasure()).toMatchObject({ kind: 'done' })
    expect(await acting.announceErasure()).toMatchObject({ kind: 'done' })
    await clinic.advance(8n * NS_PER_DAY)
    const erased = await acting.erase(toHex(patientId))
    if (erased.kind === 'refused') throw new Error(erased.refusal.kind)
    expect(JSON.parse(erased.value.text)).toMatchObject({ vault: toHex(patientId), versions: 1 })
    expect(await mayRead(clinic, other.principal, reach)).toEqual(NOTHING)
    for (const canister of BOTH)
      expect((await clinic.ok(parent.principal, canister, 'people', { patientId: [] })).wards).toEqual([])
    await clinic.advance(NS_PER_HOUR)
    const events = eventsOf(await trailOf(clinic, parent.principal, patientId))
    expect(events.filter((event) => event.startsWith('erase'))).toEqual([
      'eraseAnnounced',
      'eraseStopped',
      'eraseAnnounced',
      'eraseAnnounced',
      'eraseStopped',
      'eraseAnnounced',
      'eraseBegin',
      'eraseDone',
    ])
  })

  test('is not erased by who manages for somebody who signs in, nor by who manages for a while or not at all', async () => {
    const { parent, patientId, home } = await family('grown')
    const [grown, nanny, locum] = [named('grown child'), named('nanny'), named('locum')]
    for (const each of [nanny, locum]) await enrol(clinic, each)
    await appointTo(clinic, parent.principal, locum, { patientId, home, powers: 15, forNs: 30n * NS_PER_DAY })
    await appointTo(clinic, parent.principal, nanny, {
      patientId,
      home,
      powers: POWER.read | POWER.write | POWER.share,
    })
    for (const canister of BOTH) {
      const arg = () => ({ patientId, requestId: freshId() })
      for (const who of [nanny, locum]) {
        expect(kindOf(await clinic.call(who, canister, 'announceErasure', arg()))).toBe('NotPermitted')
        const settings = { kit: [] as [], guardians: [named('their friend')], threshold: 1 }
        const recovery = { patientId: [patientId] as [Uint8Array], settings, requestId: freshId() }
        expect(kindOf(await clinic.call(who, canister, 'setRecovery', recovery))).toBe('NotPermitted')
      }
      await clinic.ok(parent.principal, canister, 'announceErasure', arg())
      expect(kindOf(await clinic.call(nanny, canister, 'stopErasure', arg()))).toBe('NotPermitted')
      const offer = { patientId: [patientId] as [Uint8Array], newPrincipal: grown, requestId: freshId() }
      await clinic.ok(parent.principal, canister, 'offerLink', offer)
      await clinic.ok(grown, canister, 'acceptLink', { home, requestId: freshId() })
    }
    await clinic.advance(8n * NS_PER_DAY)
    const begin = { patientId, requestId: freshId() }
    expect(kindOf(await clinic.call(locum, 'records', 'erase', begin))).toBe('NotPermitted')
    expect(kindOf(await clinic.call(parent.principal, 'consent', 'eraseBegin', begin))).toBe('NotPermitted')
    expect(kindOf(await clinic.call(parent.principal, 'records', 'erase', begin))).toBe('NotPermitted')
  })
})

test('a carer reads the log of their ward with every sign-in they have, and with none that ended', async () => {
  const { parent, patientId } = await family('log')
  const [phone, tablet] = [named('parent phone'), named('parent tablet')]
  const reads = async (who: Principal) => {
    const page = { of: { patient: patientId }, fromSeq: 0n, count: 1 }
    return [
      kindOf(await clinic.call(who, 'audit', 'leaves', page)),
      kindOf(await clinic.call(who, 'audit', 'chainHead', { patientId })),
    ]
  }
  const [yes, no] = [
    ['Ok', 'Ok'],
    ['NotPermitted', 'NotPermitted'],
  ]
  expect(await reads(phone)).toEqual(no)
  await linkTo(clinic, parent.principal, phone)
  await linkTo(clinic, parent.principal, tablet)
  await clinic.advance(4n * NS_PER_DAY)
  for (const who of [parent.principal, phone, tablet]) expect(await reads(who)).toEqual(yes)
  await unlinkFrom(clinic, parent.principal, phone)
  // The one that enrolled the child, too, once it is shut out.
  await unlinkFrom(clinic, tablet, parent.principal)
  await clinic.advance(NS_PER_HOUR)
  expect(await reads(phone)).toEqual(no)
  expect(await reads(parent.principal)).toEqual(no)
  expect(await reads(tablet)).toEqual(yes)
})

test('a child’s records can be opened by their parents, and by nobody of whom none can sign in', async () => {
  const { parent, other, patientId, reach } = await family('audience')
  const { compartmentKind, cid } = reach.compartment
  const place = { patientId: [patientId] as [Uint8Array], compartmentKind, cid }
  const page = { ...place, grantId: [] as [], from: 0, count: 50 }
  const { members } = await clinic.ok(parent.principal, 'consent', 'audience', page)
  const parents = [parent, other].map(({ principal }) => principal.toText())
  expect(members.map(({ principal }) => principal.toText()).toSorted()).toEqual(parents.toSorted())
})

test('an enrolment that broke off between the canisters is finished by the next one, and no child is lost', async () => {
  const { client, principal } = clinic.person('tries again')
  await enrol(clinic, principal)
  const first = done(await client.enrolDependant())
  const half = await clinic.ok(principal, 'consent', 'enrolDependant', { requestId: freshId() })
  expect(done(await client.people()).isWhole).toBe(false)
  const second = done(await client.enrolDependant())
  expect(second.patientId).toBe(toHex(half.patientId))
  const people = done(await client.people())
  expect(people.wards.map(({ patientId }) => patientId).toSorted()).toEqual(
    [first.patientId, second.patientId].toSorted(),
  )
  expect(people.isWhole).toBe(true)
  expect(done(await client.actingFor(second.patientId).list({ of: 'me' }, ['labs']))).toEqual([])
  const third = done(await client.enrolDependant())
  expect([first.patientId, second.patientId]).not.toContain(third.patientId)
})

function done<T>(outcome: Outcome<T>): T {
  if (outcome.kind === 'refused') throw new Error(`refused: ${outcome.refusal.kind}`)
  return outcome.value
}
