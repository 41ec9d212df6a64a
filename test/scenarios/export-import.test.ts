import { archiveKeyToText, newArchiveKey, type Outcome } from '@medguard/client'
import { toHex } from '@medguard/protocol'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { type Clinic, openClinic, type Person } from './clinic.ts'
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
    done(await patient.client.amend(first, { ...about, title: 'Potassium', bytes: bytes('4.1, repeated') }))
    done(await patient.client.annotate(first, { text: 'I had just run', relation: 'annotates' }))
    const large = Uint8Array.from({ length: 2_500_000 }, (_, i) => (i * 31) >>> 5)
    done(await patient.client.add({ ...about, title: 'MRI', category: 'imaging', bytes: large }))
    done(await patient.client.setProfile({ name: 'Amal Haddad', bloodGroup: 'O-' }))
    const gone = done(await patient.client.add({ ...about, title: 'Gone', category: 'other', bytes: bytes('Gone') }))
    done(await patient.client.deleteRecord(gone.recordId))
    const before = await contentsOf(patient)

    const { key, report, file, source } = await exported(patient)
    expect(report).toEqual({ versions: 5, damaged: 0, skipped: 0 })
    for (const word of ['Potassium', 'MGM1', 'recordId', patient.principal.toText()])
      expect(Buffer.from(file).includes(word), word).toBe(false)
    const { patientId } = await enrol(there, patient.principal)
    expect(eventsOf(await trailOf(there, patient.principal, patientId))).toContain('exported')

    const anew = await joined(here, 'moved')
    expect(done(await anew.client.importVault(key, source))).toEqual({ versions: 5, damaged: 0, skipped: 0 })
    const after = await contentsOf(anew)
    const known = (version: (typeof after)[number]) => ({ ...version, origin: null })
    expect(after.map(known)).toEqual(before.map(known))
    expect(done(await anew.client.profile())).toEqual({ name: 'Amal Haddad', bloodGroup: 'O-' })
    const by = patient.principal.toText()
    for (const { origin } of after)
      expect(origin).toMatchObject({ storedBy: by, manifestHash: expect.stringMatching(/^[0-9a-f]{64}$/) })
    const [newest] = done(await anew.client.list({ of: 'me' }, ['labs']))
    expect(newest).toMatchObject({ title: 'Potassium', version: 2, origin: { recordId: first.recordId, version: 2 } })
    const notes = done(await anew.client.list({ of: 'me' }, ['labs'])).filter(({ links }) => links !== undefined)
    expect(
      notes.map(({ links }) => links?.[0]?.recordId),
      'notes are about the records as they are here',
    ).toEqual([newest?.recordId])

    expect(done(await anew.newClient().importVault(key, source)), 'again').toEqual({
      versions: 0,
      damaged: 0,
      skipped: 5,
    })
    expect(await contentsOf(anew)).toHaveLength(5)
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
})
