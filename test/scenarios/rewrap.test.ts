import { NS_PER_MINUTE, NS_PER_SECOND, toHex } from '@medguard/protocol'
import { afterAll, beforeAll, expect, test } from 'vitest'

import { type Clinic, openClinic, type Person } from './clinic.ts'
import { trailOf } from './trail.ts'

// I10, as the patient's app meets it: a reader's time runs out, and the next record is under a key that the reader never had.

let clinic: Clinic
let patient: Person
let reader: Person
beforeAll(async () => {
  clinic = await openClinic()
  patient = clinic.person('patient')
  reader = clinic.person('reader')
  await patient.client.enrol()
  await reader.client.enrol()
})
afterAll(() => clinic.close())

async function add(title: string): Promise<void> {
  const fields = { fileName: null, mediaType: 'text/plain', clinicalDate: null, category: 'labs' } as const
  const added = await patient.client.add({ bytes: new TextEncoder().encode(title), title, ...fields })
  if (added.kind !== 'done') throw new Error(`add: ${added.refusal.kind}`)
}
async function openAll(person: Person, vault: Parameters<Person['client']['list']>[0]): Promise<string[]> {
  const listed = await person.client.list(vault)
  if (listed.kind !== 'done') throw new Error(`list: ${listed.refusal.kind}`)
  const texts: string[] = []
  for (const record of listed.value) {
    const opened = await person.client.open(record)
    if (opened.kind !== 'done') throw new Error(`open: ${opened.refusal.kind}`)
    texts.push(new TextDecoder().decode(opened.value.bytes))
  }
  return texts
}
async function shareForAMinute(): Promise<string> {
  const startNs = await clinic.nowNs()
  const terms = { scope: { categories: ['labs'] }, rights: ['list', 'open'], purpose: 'TREAT' } as const
  const shared = await patient.client.share({
    ...terms,
    grantee: reader.principal.toText(),
    startNs,
    endNs: startNs + NS_PER_MINUTE,
  })
  if (shared.kind !== 'done') throw new Error(`share: ${shared.refusal.kind}`)
  return shared.value.grantId
}

test('a record added after a reader’s time ran out is wrapped anew by itself, and the owner reads both', async () => {
  await add('before')
  const grantId = await shareForAMinute()
  expect(await openAll(reader, { of: 'grant', grantId })).toEqual(['before'])
  await clinic.advance(NS_PER_MINUTE)
  await add('after')
  expect(await openAll(patient, { of: 'me' })).toEqual(['before', 'after'])
  // Also on a device that has no keys yet.
  expect(await openAll({ ...patient, client: patient.newClient() }, { of: 'me' })).toEqual(['before', 'after'])

  const account = await clinic.ok(patient.principal, 'consent', 'whoAmI', null)
  const patientId = account.account[0]?.patientId ?? new Uint8Array()
  await clinic.advance(NS_PER_SECOND)
  const lines = await trailOf(clinic, patient.principal, patientId)
  const bumps = lines.filter(({ event }) => event === 'epochBump')
  expect(bumps.map(({ versionOrEpoch }) => versionOrEpoch)).toEqual([2])
  // The reader's key is of the first epoch; the owner has derived both.
  const derived = lines.filter(({ event }) => event === 'keyDerive')
  const epochsOf = (person: Person) =>
    new Set(derived.filter(({ actor }) => actor === person.principal.toText()).map((line) => line.versionOrEpoch))
  expect(epochsOf(reader)).toEqual(new Set([1]))
  expect(epochsOf(patient)).toEqual(new Set([1, 2]))
})

test('a new share of the same category opens what is under either key', async () => {
  const grantId = await shareForAMinute()
  expect(await openAll(reader, { of: 'grant', grantId })).toEqual(['before', 'after'])
  expect(grantId).not.toBe(toHex(new Uint8Array(16)))
})
