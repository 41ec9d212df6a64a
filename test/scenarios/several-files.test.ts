import { createHash } from 'node:crypto'
import { FILES_MEDIA_TYPE, type NamedFile } from '@medguard/client'
import { unzipSync } from 'fflate'
import { CHUNK_LOG2_MIN, NS_PER_DAY } from '@medguard/protocol'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Clinic, openClinic, type Person } from './clinic.ts'
import { keysFor, type Reach, seal, store } from './sealed-record.ts'
import { eventsOf, trailOf } from './trail.ts'
import { categoryOf, enrol } from './ward.ts'

// A study of many files is one record, of which one file is opened without the others (D12).

let clinic: Clinic
beforeAll(async () => {
  clinic = await openClinic()
})
afterAll(() => clinic.close())

const about = {
  title: 'CT of the chest',
  fileName: null,
  mediaType: FILES_MEDIA_TYPE,
  category: 'imaging',
  clinicalDate: '2026-03-14',
} as const
const noise = (seed: number, sizeBytes: number): Uint8Array =>
  Uint8Array.from({ length: sizeBytes }, (_, i) => ((i + 1) * (2 * seed + 3)) >>> 5)
const slice = (i: number): NamedFile => ({
  name: `series/IM${String(i).padStart(4, '0')}.dcm`,
  content: noise(i, i === 7 ? 1_500_000 : 40_000 + 1_000 * i),
})
const STUDY = Array.from({ length: 40 }, (_, i) => slice(i))

async function patientOf(name: string): Promise<Person> {
  const person = clinic.person(name)
  await enrol(clinic, person.principal)
  return person
}
async function valueOf<T>(
  outcome: Promise<{ kind: 'done'; value: T } | { kind: 'refused'; refusal: { kind: string } }>,
) {
  const answer = await outcome
  if (answer.kind === 'refused') throw new Error(answer.refusal.kind)
  return answer.value
}
const chunksAsked = (parts: readonly { readonly entry: string }[]) =>
  parts.filter(({ entry }) => entry === 'chunk').length

describe('a study of forty files', () => {
  test('goes in as one record and comes out byte for byte, whole or one file for the chunks that hold it', async () => {
    const patient = await patientOf('study')
    const stored = await valueOf(patient.client.add({ ...about, bytes: { files: STUDY } }))
    expect(stored.hasFiles).toBe(true)

    const reader = patient.newClient()
    const [listed] = await valueOf(reader.list({ of: 'me' }, ['imaging']))
    if (listed === undefined) throw new Error('the study is listed')
    expect(listed).toMatchObject({ title: about.title, mediaType: FILES_MEDIA_TYPE, hasFiles: true })
    const { files } = await valueOf(reader.files(listed))
    expect(files.map(({ name, sizeBytes }) => ({ name, sizeBytes }))).toEqual(
      STUDY.map(({ name, content }) => ({ name, sizeBytes: (content as Uint8Array).length })),
    )
    const reading = await clinic.metered(async () => {
      for (const { index } of files) {
        const bytes = await valueOf(reader.openFile(listed, index))
        expect(Buffer.compare(bytes, STUDY[index]?.content as Uint8Array), `file ${index}`).toBe(0)
      }
    })
    expect(chunksAsked(reading.parts), 'each chunk once, since neighbours share them').toBe(4)
    const whole = unzipSync((await valueOf(reader.open(listed))).bytes)
    expect(Object.keys(whole)).toEqual(STUDY.map(({ name }) => name))
    for (const { name, content } of STUDY)
      expect(Buffer.compare(whole[name] ?? new Uint8Array(), content as Uint8Array), name).toBe(0)

    const sparing = patient.newClient()
    const listing = await clinic.metered(async () => valueOf(sparing.files(stored)))
    expect(chunksAsked(listing.parts), 'the directory').toBe(1)
    const one = await clinic.metered(async () => valueOf(sparing.openFile(stored, 0)))
    expect(chunksAsked(one.parts), 'the chunk that holds it, and no other').toBe(1)
    const next = await clinic.metered(async () => valueOf(sparing.openFile(stored, 1)))
    expect(chunksAsked(next.parts), 'its chunk is at hand').toBe(0)
    const long = await clinic.metered(async () => valueOf(sparing.openFile(stored, 7)))
    expect(chunksAsked(long.parts)).toBe(1)
    expect(await sparing.openFile(stored, 40)).toMatchObject({ kind: 'refused', refusal: { kind: 'BadInput' } })

    const { patientId } = await enrol(clinic, patient.principal)
    const events = eventsOf(await trailOf(clinic, patient.principal, patientId))
    expect(
      events.filter((event) => event === 'open'),
      'once for the files by each client, once for the whole',
    ).toHaveLength(3)
  })

  test('is gone on with where it broke off, its files in another order', async () => {
    const patient = await patientOf('broken study')
    const stop = new AbortController()
    const adding = patient.client.add(
      { ...about, bytes: { files: STUDY } },
      ({ step, ...at }) => {
        if (step === 'uploading' && 'doneBytes' in at && at.doneBytes > 0) stop.abort(new Error('stopped'))
      },
      stop.signal,
    )
    await expect(adding).rejects.toThrow('stopped')
    const [open] = await clinic.ok(patient.principal, 'records', 'uploads', null)
    const { value } = await clinic.metered(() =>
      valueOf(patient.newClient().add({ ...about, bytes: { files: STUDY.toReversed() } })),
    )
    expect(Buffer.from(open?.recordId ?? [])).toEqual(Buffer.from(value.recordId, 'hex'))
  })

  test('is closed to a reader whose share ends while they read', async () => {
    const [patient, doctor] = [await patientOf('shares a study'), await patientOf('reads a study')]
    const stored = await valueOf(patient.client.add({ ...about, bytes: { files: STUDY } }))
    const share = await valueOf(
      patient.client.share({
        grantee: doctor.principal.toText(),
        scope: { records: [stored] },
        rights: ['list', 'open'],
        purpose: 'TREAT',
        startNs: await clinic.nowNs(),
        endNs: (await clinic.nowNs()) + NS_PER_DAY,
      }),
    )
    const [seen] = await valueOf(doctor.client.list({ of: 'grant', grantId: share.grantId }))
    if (seen === undefined) throw new Error('it is shared')
    expect(Buffer.compare(await valueOf(doctor.client.openFile(seen, 3)), STUDY[3]?.content as Uint8Array)).toBe(0)
    await valueOf(patient.client.revoke(share.grantId))
    expect(await doctor.client.openFile(seen, 20)).toMatchObject({ refusal: { kind: 'ConsentEnded' } })
    expect(await doctor.client.openFile(seen, 3), 'nor what was at hand').toMatchObject({ kind: 'refused' })
  })

  test('is refused with no file, too many, another type', async () => {
    const { client } = await patientOf('wrong studies')
    const many = Array.from({ length: 10_001 }, (_, i) => ({ name: `${i}`, content: new Uint8Array() }))
    for (const files of [[], many])
      expect(await client.add({ ...about, bytes: { files } })).toMatchObject({ refusal: { kind: 'BadInput' } })
    const odd = { ...about, mediaType: 'application/pdf', bytes: { files: STUDY } }
    expect(await client.add(odd)).toMatchObject({ refusal: { kind: 'BadInput', field: 'mediaType' } })
    const huge = { name: 'huge', content: { sizeBytes: 2 ** 31, read: () => Promise.reject(new Error('unread')) } }
    expect(await client.add({ ...about, bytes: { files: [huge] } })).toMatchObject({ refusal: { kind: 'TooLarge' } })
    const single = await valueOf(client.add({ ...about, mediaType: 'application/dicom', bytes: noise(1, 100) }))
    expect(await client.files(single)).toMatchObject({ refusal: { kind: 'BadInput', field: 'record' } })
  })
})

describe('a study by a hostile author or keeper', () => {
  async function hostile(name: string) {
    const patient = await patientOf(name)
    const account = await enrol(clinic, patient.principal)
    const reach: Reach = { patientId: account.patientId, compartment: categoryOf(account, 'imaging'), grantId: null }
    const keys = await keysFor(clinic, patient.principal, reach)
    const listed = async () => {
      const [record] = await valueOf(patient.client.list({ of: 'me' }, ['imaging']))
      if (record === undefined) throw new Error('it is listed')
      return record
    }
    return { patient, reach, keys, listed }
  }
  const FILES: readonly NamedFile[] = ['a', 'b', 'c'].map((name, i) => ({ name, content: noise(i, 70_000) }))

  test('with one bit of a chunk changed tells so for the files in that chunk, and opens the others', async () => {
    const { patient, reach, keys, listed } = await hostile('flipped bit')
    const { body, directory } = await archiveOf(FILES)
    const sealed = await seal(keys, reach, { body, directory, chunkLog2: CHUNK_LOG2_MIN })
    const chunks = sealed.chunks.map((chunk, i) => (i === 0 ? { ...chunk, bytes: flipped(chunk.bytes) } : chunk))
    await store(clinic, patient.principal, { ...sealed, chunks })
    const record = await listed()
    await expect(patient.client.openFile(record, 0)).rejects.toMatchObject({ code: 'Tampered' })
    expect(Buffer.compare(await valueOf(patient.client.openFile(record, 2)), FILES[2]?.content as Uint8Array)).toBe(0)
    await expect(patient.client.open(record)).rejects.toMatchObject({ code: 'Tampered' })
  })

  test('with files other than the directory names, or another directory than the header, shows none of them', async () => {
    const { patient, reach, keys, listed } = await hostile('other files')
    const { body, directory } = await archiveOf(FILES)
    body[100] = (body[100] ?? 0) ^ 1
    await store(clinic, patient.principal, await seal(keys, reach, { body, directory }))
    await expect(patient.client.openFile(await listed(), 0)).rejects.toMatchObject({ code: 'Tampered' })

    const other = await hostile('other directory')
    const wrong = [
      { ...directory, sha256: '00'.repeat(32) },
      { ...directory, start: directory.start + 1 },
      { ...directory, start: 2 ** 40 },
    ]
    for (const each of wrong) {
      const sealed = await seal(other.keys, other.reach, { body, directory: each })
      await store(clinic, other.patient.principal, sealed)
    }
    const records = await valueOf(other.patient.client.list({ of: 'me' }, ['imaging']))
    expect(records).toHaveLength(wrong.length)
    for (const record of records)
      await expect(other.patient.client.files(record)).rejects.toMatchObject({ code: 'Tampered' })
  })

  test('with names that lead elsewhere gives them as harmless paths', async () => {
    const { patient, reach, keys, listed } = await hostile('names')
    const names = ['../../.ssh/authorized_keys', '/etc/passwd', 'a\u0000b', 'same12', 'SAME12']
    const harmless = names.map((name, i) => String(i).repeat(name.length))
    const { body } = await archiveOf(harmless.map((name) => ({ name, content: new Uint8Array() })))
    for (const [i, name] of names.entries()) {
      const [from, to] = [harmless[i] ?? '', Buffer.from(name)]
      for (let at = Buffer.from(body).indexOf(from); at >= 0; at = Buffer.from(body).indexOf(from)) body.set(to, at)
    }
    const directory = directoryOf(body)
    await store(clinic, patient.principal, await seal(keys, reach, { body, directory }))
    const { files } = await valueOf(patient.client.files(await listed()))
    expect(files.map(({ name }) => name)).toEqual([
      '__/__/_ssh/authorized_keys',
      'etc/passwd',
      'a_b',
      'same12',
      'SAME12 (2)',
    ])
  })
})

/** What an honest client stores for these files, and where its end record says that the directory begins. */
async function archiveOf(files: readonly NamedFile[]) {
  const { client } = await patientOf('archives')
  const stored = await valueOf(client.add({ ...about, bytes: { files } }))
  const body = new Uint8Array((await valueOf(client.open(stored))).bytes)
  return { body, directory: directoryOf(body) }
}
function directoryOf(body: Uint8Array) {
  const start = Buffer.from(body).readUInt32LE(body.length - 6)
  return { start, sha256: createHash('sha256').update(body.subarray(start)).digest('hex') }
}
const flipped = (bytes: Uint8Array) => Uint8Array.from(bytes, (byte, i) => (i === 10 ? byte ^ 1 : byte))
