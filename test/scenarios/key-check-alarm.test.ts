import { NS_PER_DAY, NS_PER_SECOND } from '@medguard/protocol'
import { afterAll, beforeAll, expect, test } from 'vitest'

import { type Clinic, freshId, kindOf, openClinic, type Person } from './clinic.ts'
import { trailOf } from './trail.ts'
import { categoryOf } from './ward.ts'

// keys.md, section 4: a key check value that differs stops all writing under that key, and others are told before they use it.

let clinic: Clinic
let patient: Person
let doctor: Person
beforeAll(async () => {
  clinic = await openClinic()
  ;[patient, doctor] = [clinic.person('patient'), clinic.person('doctor')]
  for (const each of [patient, doctor]) await each.client.enrol()
})
afterAll(() => clinic.close())

const account = async () => (await clinic.ok(patient.principal, 'consent', 'whoAmI', null)).account[0]!
const labs = async () => categoryOf(await account(), 'labs')
const currentEpoch = async () =>
  (await account()).compartments.find(({ category }) => category === 2)?.currentEpoch ?? 0
const post = async (person: Person, epoch: number, keyCheckValue = freshId()) => {
  const { patientId } = await account()
  const check = { patientId: [patientId] as [Uint8Array], ...(await labs()), epoch, keyCheckValue }
  return kindOf(await clinic.call(person.principal, 'consent', 'postKeyCheck', { ...check, requestId: freshId() }))
}
const record = {
  bytes: new TextEncoder().encode('Potassium 5.9'),
  title: 'Potassium',
  fileName: null,
  mediaType: 'text/plain',
  category: 'labs' as const,
  clinicalDate: null,
}
const linesOf = async (event: string) => {
  await clinic.advance(NS_PER_SECOND)
  const lines = await trailOf(clinic, patient.principal, new Uint8Array((await account()).patientId))
  return lines.filter((line) => line.event === event).map(({ versionOrEpoch }) => versionOrEpoch)
}

test('two keys for one epoch end it, and the log says so; the next device writes under another', async () => {
  // A device with a wrong key was there first.
  expect(await post(patient, 1)).toBe('Ok')
  await expect(patient.newClient().add(record)).rejects.toThrow('not the one others use')
  expect(await currentEpoch()).toBe(2)
  expect(await linesOf('keyCheckDiffers')).toEqual([1])
  expect(await linesOf('epochBump')).toEqual([2])
  expect(await patient.newClient().add(record)).toMatchObject({ kind: 'done' })
  expect(await patient.newClient().list({ of: 'me' })).toMatchObject({ value: [{ title: 'Potassium' }] })
})

test('said once, of the present key, and by whose vault it is', async () => {
  expect(await post(patient, 1), 'an old epoch').toBe('IdConflict')
  const startNs = await clinic.nowNs()
  const shared = await patient.client.share({
    scope: { categories: ['labs'] },
    rights: ['list', 'open'],
    purpose: 'TREAT',
    grantee: doctor.principal.toText(),
    startNs,
    endNs: startNs + NS_PER_DAY,
  })
  expect(shared.kind).toBe('done')
  expect(await post(doctor, 2), 'a recipient could keep a vault from being written to').toBe('NotPermitted')
  expect([await currentEpoch(), await linesOf('keyCheckDiffers')]).toEqual([2, [1]])
})
