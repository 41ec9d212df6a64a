import { encodeHeaderRow, toHex } from '@medguard/protocol'
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import { type Clinic, openClinic, type Person } from '../../../test/scenarios/clinic.ts'
import type { MedGuardClient, ProgressStep } from './api.ts'
import type { Canisters } from './canisters.ts'
import { developmentNetwork } from './development.ts'
import { listCompartment, listedSince } from './listing.ts'
import { memoryOnly } from './memory-only.ts'
import { ownReaches } from './place.ts'
import { createSession } from './session.ts'

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
afterEach(() => vi.restoreAllMocks())

const lockedAt =
  (client: MedGuardClient, at: ProgressStep['step']) =>
  ({ step }: ProgressStep): void => {
    if (step === at) client.lock()
  }

describe('a client that is locked', () => {
  test.each(['asking', 'verifying', 'askingForKey', 'listing'] as const)(
    'while it lists (%s) gives no list',
    async (at) => {
      const client = patient.newClient()
      const listing = client.list({ of: 'me' }, ['labs'], lockedAt(client, at))
      await expect(listing).rejects.toMatchObject({ code: 'SessionEnded' })
    },
  )

  test('in the middle of a long list answers before its end, and opens no more of it', async () => {
    const session = createSession(patient.identity, developmentNetwork(clinic.localnet.url), memoryOnly())
    const { canisters, keyRing } = session
    const [reach] = ownReaches(await session.account(), ['labs'])
    if (reach === undefined) throw new Error('a vault has this category')
    const [record] = (await listCompartment(session, reach)).records
    if (record === undefined) throw new Error('the record is listed')
    // The record many times over: a list of that length would take a minute to store.
    const headers: Canisters['records']['headers'] = async ({ fromSeq, count }) => ({
      Ok: Array.from({ length: count }, (_, i) => encodeHeaderRow({ ...record.row, seq: fromSeq + i })),
    })
    const asking = { canisters: { ...canisters, records: { ...canisters.records, headers } }, keyRing }
    const records = 1_500
    const decrypted = answersAtOnce()
    const whole = await listedSince(asking, reach, { fromSeq: 0, count: records })
    expect(whole.filter(({ head }) => head === null)).toEqual([])
    const each = decrypted.count / records
    decrypted.count = 0

    const listing = listedSince(asking, reach, { fromSeq: 0, count: records })
    decrypted.onFirst = () => void setImmediate(session.lock)
    await expect(listing).rejects.toMatchObject({ code: 'SessionEnded' })
    expect(decrypted.count).toBeGreaterThan(0)
    expect(decrypted.count).toBeLessThan((each * records) / 2)
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

/** The platform's cryptography as Chromium's is in a worker: what it did once already is there at once, and lets nobody in. */
function answersAtOnce(): { count: number; onFirst: () => void } {
  const asked = { count: 0, onFirst: () => {} }
  const { subtle } = crypto
  const [decrypt, importKey] = [subtle.decrypt.bind(subtle), subtle.importKey.bind(subtle)]
  const plain = new Map<string, ArrayBuffer>()
  const keys = new Map<string, CryptoKey>()
  vi.spyOn(subtle, 'decrypt').mockImplementation(async (how, key, sealed) => {
    if (asked.count++ === 0) asked.onFirst()
    const name = toHex(new Uint8Array(sealed as Uint8Array))
    const found = plain.get(name) ?? (await decrypt(how, key, sealed))
    plain.set(name, found)
    return found.slice(0)
  })
  vi.spyOn(subtle, 'importKey').mockImplementation(async (...args: unknown[]) => {
    const name = toHex(new Uint8Array(args[1] as Uint8Array))
    const found = keys.get(name) ?? (await importKey(...(args as Parameters<typeof importKey>)))
    keys.set(name, found)
    return found
  })
  return asked
}
