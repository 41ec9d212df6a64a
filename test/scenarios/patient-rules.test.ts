import { type Account, NS_PER_DAY, type Principal, type RulesChange, toHex } from '@medguard/protocol'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { type Clinic, freshId, kindOf, openClinic } from './clinic.ts'
import { deriveArg, keysFor, placeOf, type Reach, seal, store } from './sealed-record.ts'
import { eventsOf, trailOf } from './trail.ts'
import { categoryOf, enrol, give, grantArg } from './ward.ts'

// What a patient lays down for all sharing holds in each canister by itself, from that message on.

let clinic: Clinic
beforeAll(async () => {
  clinic = await openClinic()
})
afterAll(() => clinic.close())

interface Story {
  readonly patient: Principal
  readonly account: Account
  readonly clinician: Principal
  readonly reach: Reach
  readonly recordId: Uint8Array
}
/** A patient with a record, and a clinician who reads it. */
async function storyOf(name: string): Promise<Story> {
  const [patient, clinician] = [clinic.person(name).principal, clinic.person(`${name} clinician`).principal]
  const account = await enrol(clinic, patient)
  await enrol(clinic, clinician)
  const labs = categoryOf(account, 'labs')
  const owned: Reach = { patientId: account.patientId, compartment: labs, grantId: null }
  const { recordId } = await store(clinic, patient, await seal(await keysFor(clinic, patient, owned), owned))
  const nowNs = await clinic.nowNs()
  const terms = { to: clinician, compartments: [labs], startNs: nowNs, endNs: nowNs + NS_PER_DAY }
  const reach = { ...owned, grantId: await give(clinic, patient, grantArg(terms)) }
  await keysFor(clinic, clinician, reach)
  return { patient, account, clinician, reach, recordId }
}
const change = (as: Principal, canister: 'consent' | 'records', change: RulesChange) =>
  clinic.ok(as, canister, 'changeRules', { patientId: [], change, requestId: freshId() })

/** What happens to whoever tries each way to read. */
async function tries({ clinician, reach, recordId }: Story): Promise<string[]> {
  const asked = { ...placeOf(reach), requestId: freshId() }
  const records = [{ recordId, version: 1 }]
  return [
    await clinic.call(clinician, 'consent', 'deriveKey', deriveArg(reach)),
    await clinic.call(clinician, 'records', 'beginList', asked),
    await clinic.call(clinician, 'records', 'open', { ...asked, records, requestId: freshId() }),
    await clinic.call(clinician, 'records', 'headers', { ...placeOf(reach), fromSeq: 0, count: 1 }),
  ].map(kindOf)
}
const epochOf = async ({ patient }: Story) =>
  (await clinic.ok(patient, 'consent', 'whoAmI', null)).account[0]?.compartments[1]?.currentEpoch

describe('pausing', () => {
  test('in consent alone stops every key, list and opening, and in records alone every list and opening', async () => {
    const story = await storyOf('pause')
    expect(await tries(story)).toEqual(['Ok', 'Ok', 'Ok', 'Ok'])
    await change(story.patient, 'consent', { pause: null })
    expect(await tries(story)).toEqual(['Paused', 'Paused', 'Paused', 'Ok'])
    await change(story.patient, 'consent', { resume: null })
    await change(story.patient, 'records', { pause: null })
    expect(await tries(story)).toEqual(['Ok', 'Paused', 'Paused', 'Paused'])
    await change(story.patient, 'records', { resume: null })
    expect(await tries(story)).toEqual(['Ok', 'Ok', 'Ok', 'Ok'])
  })

  test('moves on what others had the key of, leaves the patient their own, and is in the log', async () => {
    const story = await storyOf('pause epochs')
    expect(await epochOf(story)).toBe(1)
    await change(story.patient, 'consent', { pause: null })
    expect(await epochOf(story)).toBe(2)
    await change(story.patient, 'consent', { pause: null })
    expect(await epochOf(story)).toBe(2)
    const owned = { ...story.reach, grantId: null }
    expect(kindOf(await clinic.call(story.patient, 'consent', 'deriveKey', deriveArg(owned, 2)))).toBe('Ok')
    await change(story.patient, 'consent', { resume: null })
    await clinic.advance(1_000_000_000n)
    const events = eventsOf(await trailOf(clinic, story.patient, story.account.patientId))
    expect(events.slice(-4)).toEqual(['paused', 'epochBump', 'keyDerive', 'resumed'])
  })

  test('is not told to who was never a grantee', async () => {
    const story = await storyOf('pause quietly')
    await change(story.patient, 'consent', { pause: null })
    const stranger = (await storyOf('somebody else')).clinician
    expect(await tries({ ...story, clinician: stranger })).toEqual(Array(4).fill('NotPermitted'))
  })
})

describe('blocking', () => {
  test('a person ends what every grant gives them, in either canister, as if nothing had been shared', async () => {
    const story = await storyOf('block')
    expect(await tries(story)).toEqual(Array(4).fill('Ok'))
    await change(story.patient, 'consent', { block: story.clinician })
    expect(await tries(story)).toEqual(['NotPermitted', 'NotPermitted', 'NotPermitted', 'Ok'])
    await change(story.patient, 'consent', { unblock: story.clinician })
    expect(await tries(story)).toEqual(Array(4).fill('Ok'))
    await change(story.patient, 'records', { block: story.clinician })
    expect(await tries(story)).toEqual(['Ok', 'NotPermitted', 'NotPermitted', 'NotPermitted'])
  })

  test('moves on what they had the key of, and only that', async () => {
    const story = await storyOf('block epochs')
    const other = await storyOf('block bystander')
    await change(story.patient, 'consent', { block: other.clinician })
    expect(await epochOf(story)).toBe(1)
    await change(story.patient, 'consent', { block: story.clinician })
    expect(await epochOf(story)).toBe(2)
    const { blocked } = await clinic.ok(story.patient, 'consent', 'rules', { patientId: [] })
    expect(blocked.map(String)).toEqual([other.clinician, story.clinician].map(String))
    expect((await clinic.ok(story.patient, 'records', 'rules', { patientId: [] })).blocked).toEqual([])
  })
})

describe('no call of one patient', () => {
  test('reads or changes the rules of another (A15)', async () => {
    const [one, other] = [await storyOf('rules of one'), await storyOf('rules of another')]
    const before = await clinic.ok(other.patient, 'consent', 'rules', { patientId: [] })
    for (const canister of ['consent', 'records'] as const) {
      const theirs: [Uint8Array] = [other.account.patientId]
      const arg = { patientId: theirs, change: { pause: null }, requestId: freshId() }
      expect(kindOf(await clinic.call(one.patient, canister, 'changeRules', arg))).toBe('NotPermitted')
      expect(kindOf(await clinic.call(one.patient, canister, 'rules', { patientId: theirs }))).toBe('NotPermitted')
      await change(one.patient, canister, { pause: null })
    }
    expect(await clinic.ok(other.patient, 'consent', 'rules', { patientId: [] })).toEqual(before)
    expect(toHex(one.account.patientId)).not.toBe(toHex(other.account.patientId))
  })
})

test('whom a patient blocks and lets back, and every other rule, is in the log', async () => {
  const story = await storyOf('logged')
  const before = eventsOf(await trailOf(clinic, story.patient, story.account.patientId)).length
  await change(story.patient, 'consent', { block: story.clinician })
  await change(story.patient, 'consent', { unblock: story.clinician })
  await change(story.patient, 'consent', { requestsFrom: 1 })
  await clinic.advance(1_000_000_000n)
  const events = eventsOf(await trailOf(clinic, story.patient, story.account.patientId), before)
  expect(events.filter((event) => event !== 'epochBump')).toEqual(['blocked', 'unblocked', 'rulesChanged'])
})
