import { type Category, NS_PER_DAY, RIGHT } from '@medguard/protocol'
import type { NewRecord, Outcome, RecordSummary } from '@medguard/client'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { type Clinic, freshId, openClinic, type Person } from './clinic.ts'

// A14: a share by days of the record, on the real modules, by what the recipient can really open.

let clinic: Clinic
let patient: Person
let doctor: Person
const stored = new Map<string, RecordSummary>()
beforeAll(async () => {
  clinic = await openClinic()
  patient = clinic.person('patient')
  doctor = clinic.person('doctor')
  done(await patient.client.enrol())
  done(await doctor.client.enrol())
  for (const [title, category, date] of [
    ['labs of 2024', 'labs', '2024-12-31'],
    ['labs of January', 'labs', '2025-01-01'],
    ['labs of March', 'labs', '2025-03-31T23:59:00+02:00'],
    ['labs of April', 'labs', '2025-04-01'],
    ['undated labs', 'labs', null],
    ['scan of February', 'imaging', '2025-02-01'],
  ] as const)
    stored.set(title, await add(title, category, date))
})
afterAll(() => clinic.close())

function done<T>(outcome: Outcome<T>): T {
  if (outcome.kind === 'refused') throw new Error(`refused: ${JSON.stringify(outcome.refusal)}`)
  return outcome.value
}
async function add(title: string, category: Category, clinicalDate: string | null): Promise<RecordSummary> {
  const bytes = new TextEncoder().encode(title)
  const record: NewRecord = { bytes, title, fileName: null, mediaType: 'text/plain', category, clinicalDate }
  return done(await patient.client.add(record))
}
async function shareDays(from: string | null, until: string | null, categories: readonly Category[] = ['labs']) {
  const startNs = await clinic.nowNs()
  const scope = { range: { categories, from, until } }
  const grantee = doctor.principal.toText()
  const rights = ['list', 'open'] as const
  return done(
    await patient.client.share({ grantee, scope, rights, purpose: 'TREAT', startNs, endNs: startNs + NS_PER_DAY }),
  )
}
/** Sound in form, of the first epoch (keys.md, section 6). */
const wrapOf = (type: number) =>
  new Uint8Array([0x4d, 0x47, 0x57, 0x31, type, 1, 0, 0, 0, 0, 0, 1, ...new Uint8Array(60)])
/** What really opens under the share, by title. */
async function opened(grantId: string): Promise<string[]> {
  const client = doctor.newClient()
  const titles: string[] = []
  for (const record of done(await client.list({ of: 'grant', grantId }))) {
    const { bytes } = done(await client.open(record))
    titles.push(new TextDecoder().decode(bytes))
  }
  return titles
}

describe('a share of days', () => {
  let grantId = ''
  test('opens the records of these days and no others, both ends included', async () => {
    const share = await shareDays('2025-01-01', '2025-03-31')
    grantId = share.grantId
    expect(share.terms?.range).toEqual({ categories: ['labs'], from: '2025-01-01', until: '2025-03-31' })
    expect(await opened(grantId)).toEqual(['labs of January', 'labs of March'])
  })

  test('takes in what is added later and falls into it', async () => {
    await add('labs of Valentine', 'labs', '2025-02-14')
    await add('labs of May', 'labs', '2025-05-01')
    await add('another scan of February', 'imaging', '2025-02-20')
    expect(await opened(grantId)).toEqual(['labs of January', 'labs of March', 'labs of Valentine'])
  })

  test('is made good by a client that comes later, and filling twice changes nothing', async () => {
    // Another device of the patient, which knew nothing of the share when it added.
    const old = patient.newClient()
    done(
      await old.add({
        bytes: new Uint8Array(3),
        title: 'x',
        fileName: null,
        mediaType: 'a/b',
        category: 'vitals',
        clinicalDate: null,
      }),
    )
    const share = await shareDays(null, '2024-12-31')
    const bytes = new TextEncoder().encode('labs of 2023')
    done(
      await old.add({
        bytes,
        title: 'labs of 2023',
        fileName: null,
        mediaType: 'text/plain',
        category: 'labs',
        clinicalDate: '2023-05-05',
      }),
    )
    expect(await opened(share.grantId)).toEqual(['labs of 2024'])
    expect(done(await patient.newClient().fillShares())).toBe(1)
    expect(await opened(share.grantId)).toEqual(['labs of 2024', 'labs of 2023'])
    expect(done(await patient.newClient().fillShares())).toBe(0)
  })

  test('is held to its categories by the canister, whatever a client puts into it', async () => {
    const scan = stored.get('scan of February')
    if (scan === undefined) throw new Error('the scan was stored')
    const wrap = { listWrap: wrapOf(1), openWrap: wrapOf(2) }
    const { grants } = await clinic.ok(patient.principal, 'records', 'grantsGiven', {
      patientId: [],
      from: 0,
      count: 9,
    })
    const id = grants[0]?.grantId ?? freshId()
    const wraps = [{ recordId: Buffer.from(scan.recordId, 'hex'), version: 1, ...wrap }]
    const arg = { grantId: id, wraps, capsule: [] as [], requestId: freshId() }
    expect(await clinic.call(patient.principal, 'records', 'putShareWraps', arg)).toEqual({
      Err: { BadInput: { field: 'wraps', code: 'category' } },
    })
  })

  test('names what is sensitive, or does not take it in', async () => {
    const startNs = await clinic.nowNs()
    const scope = { range: { categories: ['labs', 'sensitive'] as const, from: null, until: null } }
    const wanted = {
      grantee: doctor.principal.toText(),
      scope,
      rights: ['list', 'open'] as const,
      purpose: 'TREAT' as const,
    }
    const answer = await patient.client.share({ ...wanted, startNs, endNs: startNs + NS_PER_DAY })
    expect(answer).toMatchObject({ kind: 'refused', refusal: { kind: 'BadInput', code: 'sensitive' } })
  })
})

test('who can open a record is the patient, and whoever reads a share that holds it', async () => {
  const { client } = patient
  const readersOf = async (title: string) => {
    const { recordId, version, category } = stored.get(title) as RecordSummary & { category: Category }
    const readers = done(await client.whoCanOpen({ recordId, version, category }))
    return readers.map(({ principal, rights }) => [principal, rights.length])
  }
  const own = [patient.principal.toText(), Object.keys(RIGHT).length]
  expect(await readersOf('labs of January')).toEqual([own, [doctor.principal.toText(), 2]])
  expect(await readersOf('labs of April')).toEqual([own])
  expect(await readersOf('scan of February')).toEqual([own])
})
