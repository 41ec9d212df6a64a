import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Clinic, openClinic, type Person } from '../../../test/scenarios/clinic.ts'
import type { MedGuardClient, ProgressStep } from './api.ts'

// Locking is for good: nothing that was under way comes out afterwards, and no key is asked for or put back.

let clinic: Clinic
let patient: Person
beforeAll(async () => {
  clinic = await openClinic()
  patient = clinic.person('patient')
  await patient.client.enrol()
  const text = { fileName: null, mediaType: 'text/plain', category: 'labs', clinicalDate: null } as const
  await patient.client.add({ ...text, bytes: new Uint8Array(100), title: 'Blood count' })
})
afterAll(() => clinic.close())

const lockedAt =
  (client: MedGuardClient, at: ProgressStep['step']) =>
  ({ step }: ProgressStep): void => {
    if (step === at) client.lock()
  }

describe('a client that is locked', () => {
  test.each(['asking', 'verifying', 'askingForKey'] as const)('while it lists (%s) gives no list', async (at) => {
    const client = patient.newClient()
    const listing = client.list({ of: 'me' }, ['labs'], lockedAt(client, at))
    await expect(listing).rejects.toMatchObject({ code: 'SessionEnded' })
  })

  test('while it waits for a key asks for no other, and has none afterwards', async () => {
    const client = patient.newClient()
    const { parts } = await clinic.metered(async () => {
      await expect(client.list({ of: 'me' }, ['labs'], lockedAt(client, 'verifying'))).rejects.toThrow('locked')
      await expect(client.list({ of: 'me' }, ['labs'])).rejects.toThrow('locked')
    })
    expect(parts.filter(({ entry }) => entry === 'deriveKey')).toEqual([])
  })

  test.each(['asking', 'downloading'] as const)('while it opens a record (%s) gives no content', async (at) => {
    const client = patient.newClient()
    const listed = await client.list({ of: 'me' }, ['labs'])
    const [record] = listed.kind === 'done' ? listed.value : []
    if (record === undefined) throw new Error('the record is listed')
    const opening = client.open(record, lockedAt(client, at))
    await expect(opening).rejects.toMatchObject({ code: 'SessionEnded' })
  })

  test('while it stores a record commits nothing', async () => {
    const client = patient.newClient()
    const record = { bytes: new Uint8Array(9), title: 'X', fileName: null, mediaType: 'text/plain', clinicalDate: null }
    const { parts } = await clinic.metered(async () => {
      const adding = client.add({ ...record, category: 'labs' }, lockedAt(client, 'uploading'))
      await expect(adding).rejects.toMatchObject({ code: 'SessionEnded' })
    })
    expect(parts.filter(({ entry }) => entry === 'commit' || entry === 'store')).toEqual([])
  })

  test('answers nothing any more', async () => {
    const client = patient.newClient()
    await client.account()
    client.lock()
    const asked = [
      () => client.account(),
      () => client.list({ of: 'me' }),
      () => client.sharesGiven(),
      () => client.sharesReceived(),
      () => client.log('patient'),
      () => client.changes(),
    ]
    const { parts } = await clinic.metered(async () => {
      for (const ask of asked) await expect(ask()).rejects.toMatchObject({ code: 'SessionEnded' })
    })
    expect(parts).toEqual([])
  })
})
