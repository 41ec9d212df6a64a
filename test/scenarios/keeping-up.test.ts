import { NS_PER_DAY, type Right, RIGHT, toHex } from '@medguard/protocol'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { NewShare, Outcome } from '@medguard/client'

import { type Clinic, openClinic, type Person } from './clinic.ts'
import { categoryOf, give, grantArg } from './ward.ts'

// What a patient's device does by itself after signing in and after a share ended: keys, notes, later records; quietly, and from where another one stopped.

let clinic: Clinic
let patient: Person
let reader: Person
let laboratory: Person
beforeAll(async () => {
  clinic = await openClinic()
  ;[patient, reader, laboratory] = [clinic.person('patient'), clinic.person('reader'), clinic.person('laboratory')]
  for (const each of [patient, reader, laboratory]) await each.client.enrol()
})
afterAll(() => clinic.close())

function done<T>(outcome: Outcome<T>): T {
  if (outcome.kind !== 'done') throw new Error(`refused: ${outcome.refusal.kind}`)
  return outcome.value
}
const record = (title: string, clinicalDate: string | null) => ({
  bytes: new TextEncoder().encode(title),
  title,
  fileName: null,
  mediaType: 'text/plain',
  category: 'labs' as const,
  clinicalDate,
})
async function share(scope: NewShare['scope'], rights: Right[] = ['list', 'open']): Promise<string> {
  const startNs = await clinic.nowNs()
  const terms = { rights, purpose: 'TREAT', startNs, endNs: startNs + NS_PER_DAY } as const
  return done(await patient.client.share({ ...terms, scope, grantee: reader.principal.toText() })).grantId
}
const titles = async (client: Person['client'], vault: Parameters<Person['client']['list']>[0] = { of: 'me' }) =>
  done(await client.list(vault)).map(({ title }) => title)
const account = async () => (await clinic.ok(patient.principal, 'consent', 'whoAmI', null)).account[0]!
const epochs = async () => {
  const { minEpoch, currentEpoch } = (await account()).compartments.find(({ category }) => category === 2)!
  return { minEpoch, currentEpoch }
}
const NOTHING = { rewrapped: { records: 0, retired: 0, damaged: 0 }, records: 0 }

test('a device that signs in wraps keys anew and brings notes and later records where they belong', async () => {
  const own = patient.newClient()
  const potassium = done(await patient.client.add(record('Potassium 5.9', '2024-03-01')))
  expect(done(await own.keepUp())).toEqual(NOTHING)

  const range = await share({ range: { categories: ['labs'], from: '2024-01-01', until: null } })
  const picked = await share({ records: [potassium] })
  const startNs = await clinic.nowNs()
  const writing = toHex(
    await give(
      clinic,
      patient.principal,
      grantArg({
        to: laboratory.principal,
        compartments: [categoryOf(await account(), 'labs')],
        rights: RIGHT.list | RIGHT.open | RIGHT.write,
        startNs,
        endNs: startNs + NS_PER_DAY,
      }),
    ),
  )
  const [listed] = done(await laboratory.client.list({ of: 'grant', grantId: writing }))
  if (listed === undefined) throw new Error('the laboratory lists it')
  done(await laboratory.client.annotate(listed, { text: 'The sample was haemolysed', relation: 'corrects' }))
  done(await laboratory.client.deposit(writing, record('Potassium 4.1', '2024-03-02')))
  done(await patient.client.revoke(writing))
  expect((await epochs()).minEpoch).toBeLessThan((await epochs()).currentEpoch)

  expect(await titles(reader.newClient(), { of: 'grant', grantId: picked })).toEqual(['Potassium 5.9'])
  const kept = done(await patient.newClient().keepUp())
  expect(kept).toEqual({ rewrapped: { records: 3, retired: 1, damaged: 0 }, records: 3 })
  expect((await epochs()).minEpoch).toBe((await epochs()).currentEpoch)
  const correction = 'Correction: Potassium 5.9'
  expect(await titles(reader.newClient(), { of: 'grant', grantId: picked })).toEqual(['Potassium 5.9', correction])
  const inRange = await titles(reader.newClient(), { of: 'grant', grantId: range })
  expect(inRange.toSorted()).toEqual([correction, 'Potassium 4.1', 'Potassium 5.9'])
  expect(done(await patient.newClient().keepUp())).toEqual(NOTHING)
})

test('locking breaks it off, and the next device takes it up; two calls at once are one after the other', async () => {
  const lost = await share({ categories: ['labs'] })
  await titles(reader.newClient(), { of: 'grant', grantId: lost })
  done(await patient.client.revoke(lost))
  const dying = patient.newClient()
  const first = dying.keepUp()
  dying.lock()
  await expect(first).rejects.toThrow('locked')
  await expect(dying.keepUp()).rejects.toThrow('locked')
  expect((await epochs()).minEpoch).toBeLessThan((await epochs()).currentEpoch)

  const device = patient.newClient()
  const both = await Promise.all([device.keepUp(), device.keepUp()])
  expect(both.map((each) => done(each).rewrapped)).toEqual([
    { records: 3, retired: 1, damaged: 0 },
    { records: 0, retired: 0, damaged: 0 },
  ])
})

test('a part that is refused holds up no other, and who has no vault has nothing to do', async () => {
  const nobody = clinic.person('nobody')
  expect(done(await nobody.client.keepUp())).toEqual({ rewrapped: null, records: null })
  const carer = clinic.person('carer')
  await carer.client.enrol()
  const startNs = await clinic.nowNs()
  const terms = { powers: ['read', 'write'], startNs, endNs: startNs + NS_PER_DAY } as const
  done(await patient.client.appoint({ representative: carer.principal.toText(), ...terms }))
  done(await carer.client.acceptAppointment(patient.principal.toText()))
  const lost = await share({ categories: ['labs'] })
  await titles(reader.newClient(), { of: 'grant', grantId: lost })
  done(await patient.client.revoke(lost))
  // A carer who may not share wraps anew, and leaves the shares and the end of old keys to others.
  const caring = carer.client.actingFor(toHex((await account()).patientId))
  expect(done(await caring.keepUp())).toEqual({
    rewrapped: { records: 3, retired: 0, damaged: 0 },

    records: null,
  })
})

test('what it looks through is not what was shown: the page still says that records were added', async () => {
  const page = patient.newClient()
  done(await page.list({ of: 'me' }))
  done(await patient.client.add(record('Sodium 139', null)))
  await page.keepUp()
  expect(done(await page.hasGrown({ of: 'me' }))).toBe(true)
})

test('what joins a list is told to who listed it, kind by kind and without a line in the log, until the share ends', async () => {
  const vault = { of: 'grant', grantId: await share({ categories: ['labs', 'vitals'] }) } as const
  const doctor = reader.newClient()
  const news = async () => done(await doctor.news([vault], ['vitals']))[0]?.map(({ title }) => title) ?? null
  expect(await news()).toBeNull() // nobody looked
  expect(done(await doctor.list(vault, ['vitals']))).toEqual([])
  expect(await news()).toEqual([])
  const pulse = { ...record('Pulse 61', null), category: 'vitals' as const }
  done(await patient.client.add(pulse))
  done(await patient.client.add(record('Chloride 101', null)))
  expect(await news()).toEqual(['Pulse 61']) // the first brings the key, which is a line
  const lines = async () => done(await doctor.log('actor')).items.length
  const before = await lines()
  expect(await news()).toEqual([])
  done(await patient.client.add({ ...pulse, title: 'Pulse 62' }))
  const [second] = done(await doctor.news([vault], ['vitals']))[0] ?? []
  expect(await lines()).toBe(before)
  if (second === undefined) throw new Error('it is told')
  // It opens as anything that was listed does, and the next list has it where it was told.
  expect(done(await doctor.open(second)).bytes).toEqual(pulse.bytes)
  expect(done(await doctor.list(vault, ['vitals'])).map(({ title }) => title)).toEqual(['Pulse 61', 'Pulse 62'])

  done(await patient.client.add({ ...pulse, title: 'Pulse 63' }))
  done(await patient.client.revoke(vault.grantId))
  expect(await news()).toBeNull()
})
