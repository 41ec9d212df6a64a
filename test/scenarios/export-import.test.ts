import { createHash } from 'node:crypto'
import { archiveKeyToText, newArchiveKey, type Outcome } from '@medguard/client'
import { COMPARTMENT_KIND, decodeHeaderRow, toHex } from '@medguard/protocol'
import { unzipSync } from 'fflate' // of other people: what packs here is not what unpacks
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { type Clinic, freshId, openClinic, type Person } from './clinic.ts'
import { eventsOf, trailOf } from './trail.ts'
import { enrol } from './ward.ts'

// A28, B12: everything goes into one sealed file and comes out of it in another deployment, under another identity, without loss.

let there: Clinic
let here: Clinic
beforeAll(async () => {
  ;[there, here] = await Promise.all([openClinic({ clock: 'real' }), openClinic({ clock: 'real' })])
})
afterAll(() => Promise.all([there.close(), here.close()]))

function done<T>(outcome: Outcome<T>): T {
  if (outcome.kind === 'refused') throw new Error(`refused: ${outcome.refusal.kind}`)
  return outcome.value
}
const about = { fileName: 'a.txt', mediaType: 'text/plain', clinicalDate: '2026-03-14', subject: 'Amal' } as const
const bytes = (text: string) => new TextEncoder().encode(text)
const joined = async (clinic: Clinic, name: string): Promise<Person> => {
  const person = clinic.person(name)
  await enrol(clinic, person.principal)
  return person
}
async function exported({ client }: Person) {
  const key = newArchiveKey()
  const parts: Uint8Array[] = []
  const report = done(await client.exportVault(key, async (part) => void parts.push(part)))
  const file = Uint8Array.from(Buffer.concat(parts))
  return {
    key,
    report,
    file,
    source: { sizeBytes: file.length, read: async (a: number, b: number) => file.slice(a, b) },
  }
}
const RESULT = JSON.stringify({
  resourceType: 'Observation',
  status: 'final',
  code: { coding: [{ system: 'http://loinc.org', code: '2823-3', display: 'Potassium' }], text: 'Potassium' },
  valueQuantity: { value: 4.1, unit: 'mmol/L', system: 'http://unitsofmeasure.org', code: 'mmol/L' },
  note: [{ text: 'repeated '.repeat(40) }],
})
/** SHA-256 of the manifests that a canister holds, by record and version. */
async function manifestsOf(clinic: Clinic, person: Person): Promise<Map<string, string>> {
  const hashed = [...(await storedManifests(clinic, person))].map(
    ([name, manifest]) => [name, createHash('sha256').update(manifest).digest('hex')] as const,
  )
  return new Map(hashed)
}
/** What a canister holds of each body, before the tags of its chunks. */
const paddedBytes = async (clinic: Clinic, person: Person) =>
  [...(await storedManifests(clinic, person))].map(
    ([name, manifest]) => [name, Number(Buffer.from(manifest).readBigUInt64BE(68))] as const,
  )
async function storedManifests(clinic: Clinic, { principal }: Person): Promise<Map<string, Uint8Array>> {
  const { patientId, compartments } = await enrol(clinic, principal)
  const found = new Map<string, Uint8Array>()
  for (const { cid } of compartments) {
    const place = { patientId, compartmentKind: COMPARTMENT_KIND.category, cid, grantId: [] as [] }
    await clinic.ok(principal, 'records', 'beginList', { ...place, requestId: freshId() })
    for (const bytes of await clinic.ok(principal, 'records', 'headers', { ...place, fromSeq: 0, count: 20 })) {
      const row = decodeHeaderRow(new Uint8Array(bytes))
      if (row !== null) found.set(`${toHex(row.recordId)} ${row.version}`, row.manifest)
    }
  }
  return found
}
/** Everything of a vault: each version with its content. */
async function contentsOf({ client }: Person) {
  const all = []
  for (const record of done(await client.list({ of: 'me' })))
    for (const { summary } of done(await client.versions(record))) {
      const { bytes: content } = done(await client.open(summary))
      const { recordId: _, links = [], addedNs, origin, ...rest } = summary
      all.push({ ...rest, addedNs, origin, links: links.length, content: Buffer.from(content).toString('base64') })
    }
  return all.toSorted((a, b) => `${a.title} ${a.version}`.localeCompare(`${b.title} ${b.version}`))
}

describe('an archive', () => {
  test('brings versions, notes, profile, authors and original hashes into another deployment, once', async () => {
    const patient = await joined(there, 'moves')
    const first = done(
      await patient.client.add({ ...about, title: 'Potassium', category: 'labs', bytes: bytes('5.9') }),
    )
    const repeated = { ...about, title: 'Potassium', mediaType: 'application/fhir+json' }
    done(await patient.client.amend(first, { ...repeated, bytes: bytes(RESULT) }))
    expect(await paddedBytes(there, patient), 'a text is made shorter before it is sealed').toContainEqual([
      `${first.recordId} 2`,
      256,
    ])
    done(await patient.client.annotate(first, { text: 'I had just run', relation: 'annotates' }))
    const large = Uint8Array.from({ length: 2_500_000 }, (_, i) => (i * 31) >>> 5)
    done(await patient.client.add({ ...about, title: 'MRI', category: 'imaging', bytes: large }))
    done(await patient.client.setProfile({ name: 'Amal Haddad', bloodGroup: 'O-' }))
    const gone = done(await patient.client.add({ ...about, title: 'Gone', category: 'other', bytes: bytes('Gone') }))
    done(await patient.client.deleteRecord(gone.recordId))
    done(await patient.client.tagRecords({ name: 'Heart', recordIds: [first.recordId, gone.recordId], isOn: true }))
    const doctor = (await joined(there, 'doctor')).principal.toText()
    done(await patient.client.nameSomebody({ code: doctor, name: 'Dr Hana' }))
    const before = await contentsOf(patient)

    const { key, report, file, source } = await exported(patient)
    expect(report).toEqual({ versions: 5, damaged: 0, skipped: 0, hasLog: true })
    for (const word of ['Potassium', 'MGM1', 'recordId', patient.principal.toText(), 'Heart', 'Dr Hana'])
      expect(Buffer.from(file).includes(word), word).toBe(false)
    const { patientId } = await enrol(there, patient.principal)
    expect(eventsOf(await trailOf(there, patient.principal, patientId))).toContain('exported')

    const anew = await joined(here, 'moved')
    expect(done(await anew.client.importVault(key, source))).toEqual({
      versions: 5,
      damaged: 0,
      skipped: 0,
      hasLog: true,
    })
    const after = await contentsOf(anew)
    const known = (version: (typeof after)[number]) => ({ ...version, origin: null })
    expect(after.map(known)).toEqual(before.map(known))
    expect(done(await anew.client.profile())).toEqual({ name: 'Amal Haddad', bloodGroup: 'O-' })
    const by = patient.principal.toText()
    expect((await paddedBytes(here, anew)).map(([, size]) => size)).toContain(256)
    const manifests = await manifestsOf(there, patient)
    expect(manifests.size).toBe(5)
    for (const { origin } of after)
      expect(origin).toMatchObject({
        storedBy: by,
        isOwn: true,
        manifestHash: manifests.get(`${origin?.recordId} ${origin?.version}`) ?? 'not there',
      })
    const [newest] = done(await anew.client.list({ of: 'me' }, ['labs']))
    expect(newest).toMatchObject({ title: 'Potassium', version: 2, origin: { recordId: first.recordId, version: 2 } })
    expect(done(await anew.client.tags())).toMatchObject([{ name: 'Heart', records: [newest?.recordId] }])
    expect(done(await anew.client.names())).toEqual([{ code: doctor, name: 'Dr Hana' }])
    const notes = done(await anew.client.list({ of: 'me' }, ['labs'])).filter(({ links }) => links !== undefined)
    expect(
      notes.map(({ links }) => links?.[0]?.recordId),
      'notes are about the records as they are here',
    ).toEqual([newest?.recordId])

    expect(done(await anew.newClient().importVault(key, source)), 'again').toEqual({
      versions: 0,
      damaged: 0,
      skipped: 5,
      hasLog: true,
    })
    expect(await contentsOf(anew)).toHaveLength(5)
  })

  test('of an archive of an archive, again, broken off or into its own vault, stores each version once', async () => {
    const first = await joined(there, 'first')
    const record = done(await first.client.add({ ...about, title: 'Potassium', category: 'labs', bytes: bytes('5.9') }))
    done(await first.client.amend(record, { ...about, title: 'Potassium', bytes: bytes('4.1') }))
    const fromFirst = await exported(first)
    expect(done(await first.client.importVault(fromFirst.key, fromFirst.source)), 'into itself').toMatchObject({
      versions: 0,
      skipped: 2,
    })

    const second = await joined(here, 'second')
    done(await second.client.importVault(fromFirst.key, fromFirst.source))
    done(await second.client.add({ ...about, title: 'Sodium', category: 'labs', bytes: bytes('140') }))
    const fromSecond = await exported(second)
    const third = await joined(there, 'third')
    const stop = new AbortController()
    const broken = third.client.importVault(
      fromSecond.key,
      fromSecond.source,
      ({ step }) => step === 'confirming' && stop.abort(),
      stop.signal,
    )
    await expect(broken).rejects.toThrow('aborted')
    expect(await contentsOf(third), 'broken off after one').toHaveLength(1)
    const again = () => third.newClient().importVault(fromSecond.key, fromSecond.source)
    expect(done(await again())).toMatchObject({ versions: 2, skipped: 1 })
    expect(done(await again())).toMatchObject({ versions: 0, skipped: 3 })
    const [potassium, sodium] = done(await third.client.list({ of: 'me' }, ['labs']))
    expect(potassium).toMatchObject({
      title: 'Potassium',
      version: 2,
      origin: { recordId: record.recordId, version: 2, storedBy: first.principal.toText() },
    })
    expect(potassium?.via).toMatchObject([{ version: 2, storedBy: second.principal.toText() }])
    expect([sodium?.title, sodium?.version, sodium?.via]).toEqual(['Sodium', 1, undefined])
    expect(done(await third.newClient().importVault(fromFirst.key, fromFirst.source)), 'the first one').toMatchObject({
      versions: 0,
      skipped: 2,
    })
    expect(done(await second.newClient().importVault(fromSecond.key, fromSecond.source)), 'its own').toMatchObject({
      versions: 0,
      skipped: 3,
    })
  })

  test('says so when the log does not vouch for authors and times, and nobody is kept from leaving', async () => {
    const patient = await joined(here, 'leaves anyway')
    done(await patient.client.add({ ...about, title: 'Potassium', category: 'labs', bytes: bytes('5.9') }))
    const heads = new Map<string, string>()
    const memory = {
      read: async (logId: string) => heads.get(logId) ?? null,
      write: async (logId: string, head: string) => void heads.set(logId, head),
    }
    // Another log under the same id, as of an operator who begins it anew.
    const elsewhere = await joined(there, 'leaves anyway')
    done(await elsewhere.newClient(memory).log('patient'))
    expect(heads.size).toBe(1)
    const { key, report, source } = await exported({ ...patient, client: patient.newClient(memory) })
    expect(report).toEqual({ versions: 1, damaged: 0, skipped: 0, hasLog: false })
    const anew = await joined(there, 'arrives')
    expect(done(await anew.client.importVault(key, source))).toEqual(report)
    const [found] = done(await anew.client.list({ of: 'me' }, ['labs']))
    expect(found?.origin).not.toHaveProperty('storedBy')
  })

  test('with another key, cut off or changed imports nothing', async () => {
    const patient = await joined(there, 'guards')
    done(await patient.client.add({ ...about, title: 'Potassium', category: 'labs', bytes: bytes('5.9') }))
    const { key, file } = await exported(patient)
    const anew = await joined(here, 'gets nothing')
    const importing = async (with_: Uint8Array, content: Uint8Array) =>
      anew.client.importVault(with_, { sizeBytes: content.length, read: async (a, b) => content.slice(a, b) })
    const changed = file.slice()
    changed[file.length - 30] = (changed[file.length - 30] ?? 0) ^ 1
    for (const [with_, content] of [
      [newArchiveKey(), file],
      [key, file.slice(0, -1)],
      [key, changed],
      [key, new Uint8Array(10)],
    ] as const)
      await expect(importing(with_, content)).rejects.toMatchObject({ code: 'Tampered' })
    expect(done(await anew.client.list({ of: 'me' }))).toEqual([])
    expect(toHex(key)).toBe(archiveKeyToText(key).replaceAll(' ', '').slice(0, 64))
  })

  test('of chosen records is a ZIP that other programs read, with each as it was stored, and in the log', async () => {
    const patient = await joined(there, 'takes along')
    const add = async (title: string, content: Uint8Array, more: object = {}) =>
      done(await patient.client.add({ ...about, title, category: 'labs', bytes: content, ...more }))
    const large = Uint8Array.from({ length: 2_500_000 }, (_, i) => (i * 31) >>> 5)
    const chosen = [
      await add('Potassium', bytes('5.9')),
      await add('../Potassium', bytes('4.1')),
      await add('Potassium', bytes('3.9')),
      await add('MRI', large, { fileName: 'scan.dcm', mediaType: 'application/dicom', clinicalDate: null }),
    ]
    await add('not chosen', bytes('not chosen'))
    const taken = async (records: typeof chosen, client = patient.client) => {
      const parts: Uint8Array[] = []
      const outcome = await client.exportRecords(records, async (part) => void parts.push(part))
      return { outcome, file: new Uint8Array(Buffer.concat(parts)) }
    }
    const { outcome, file } = await taken(chosen)
    expect(outcome).toEqual({ kind: 'done', value: { records: 4, damaged: 0 } })
    const found = Object.entries(unzipSync(file)).map(([name, content]) => [name, Buffer.from(content)])
    expect(found).toEqual([
      ['2026-03-14 Potassium.txt', Buffer.from('5.9')],
      ['2026-03-14 ..-Potassium.txt', Buffer.from('4.1')],
      ['2026-03-14 Potassium (2).txt', Buffer.from('3.9')],
      ['MRI.dcm', Buffer.from(large)],
    ])
    const { patientId } = await enrol(there, patient.principal)
    const events = eventsOf(await trailOf(there, patient.principal, patientId))
    expect(events.filter((event) => event === 'open')).toHaveLength(4)
    expect(events.at(-1)).toBe('exported')

    expect((await taken([])).outcome).toMatchObject({ kind: 'refused', refusal: { kind: 'BadInput' } })
    const huge = chosen.map((record) => ({ ...record, sizeBytes: 2 ** 31 }))
    expect((await taken(huge)).outcome).toMatchObject({ kind: 'refused', refusal: { kind: 'TooLarge' } })
    const locked = patient.newClient()
    locked.lock()
    await expect(taken(chosen, locked)).rejects.toMatchObject({ code: 'SessionEnded' })
    const stranger = await joined(there, 'takes nothing')
    expect((await taken(chosen, stranger.client)).outcome.kind).toBe('refused')
  })
})
