import { NS_PER_DAY, type Principal, RIGHT, toHex } from '@medguard/protocol'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { type Clinic, freshId, kindOf, openClinic, type Person } from './clinic.ts'
import { keysFor, type Reach, seal } from './sealed-record.ts'
import { eventsOf, trailOf } from './trail.ts'
import { categoryOf, enrol, give, grantArg, takeBack } from './ward.ts'

// An upload that broke off is gone on with by whoever began it, with the very content it was begun with, and by nobody and nothing else.

let clinic: Clinic
beforeAll(async () => {
  clinic = await openClinic()
})
afterAll(() => clinic.close())

const MiB = 1024 * 1024
const about = {
  title: 'MRI',
  fileName: null,
  mediaType: 'application/dicom',
  category: 'imaging',
  clinicalDate: null,
} as const
const noise = (seed: number): Uint8Array => Uint8Array.from({ length: 5 * MiB }, (_, i) => (i * seed) >>> 7)

async function patientOf(name: string): Promise<Person> {
  const person = clinic.person(name)
  await enrol(clinic, person.principal)
  return person
}
/** Stops when the first chunk has arrived. */
async function broken({ client }: { client: Person['client'] }, bytes: Uint8Array): Promise<void> {
  const stop = new AbortController()
  const adding = client.add(
    { ...about, bytes },
    ({ step, ...at }) => {
      if (step === 'uploading' && 'doneBytes' in at && at.doneBytes > 0) stop.abort(new Error('stopped'))
    },
    stop.signal,
  )
  await expect(adding).rejects.toThrow('stopped')
}
const uploadsOf = async ({ principal }: { principal: Principal }) => clinic.ok(principal, 'records', 'uploads', null)
const chunksIn = (parts: readonly { readonly entry: string }[]) =>
  parts.filter(({ entry }) => entry === 'putChunk').length
const added = async (client: Person['client'], bytes: Uint8Array) => {
  const outcome = await client.add({ ...about, bytes })
  if (outcome.kind === 'refused') throw new Error(outcome.refusal.kind)
  return outcome.value
}

describe('an upload that broke off', () => {
  test('is gone on with by a new client that knows nothing, and only what is missing is sent', async () => {
    const patient = await patientOf('resumes')
    const bytes = noise(37)
    await broken(patient, bytes)
    const [open] = await uploadsOf(patient)
    if (open === undefined) throw new Error('the upload is open')
    const { received } = await clinic.ok(patient.principal, 'records', 'resume', {
      recordId: open.recordId,
      version: 1,
      requestId: freshId(),
    })
    const there = received.reduce((sum, byte) => sum + byte.toString(2).replaceAll('0', '').length, 0)
    expect(there).toBeGreaterThan(0)

    const { value, parts } = await clinic.metered(() => added(patient.newClient(), bytes))
    expect(value.recordId).toBe(toHex(open.recordId))
    expect(chunksIn(parts)).toBe(open.chunkCount - there)
    const opened = await patient.client.open(value)
    expect(opened.kind === 'done' && Buffer.compare(opened.value.bytes, bytes)).toBe(0)
    expect(await uploadsOf(patient)).toEqual([])
  })

  test('is listed to whoever began it, until they give it up; a small one that was aborted is given up at once', async () => {
    const patient = await patientOf('gives up')
    await broken(patient, noise(31))
    const listed = await patient.newClient().uploads()
    const [open] = listed.kind === 'done' ? listed.value : []
    expect(open).toMatchObject({ version: 1, grantId: null, isResumable: true, touchedNs: expect.any(BigInt) })
    if (open === undefined) throw new Error('the upload is open')
    const other = await patientOf('gives nothing up')
    expect(await other.client.uploads()).toEqual({ kind: 'done', value: [] })
    for (const { client } of [other, patient, patient])
      expect(await client.abandon(open)).toEqual({ kind: 'done', value: null })
    expect(await uploadsOf(patient)).toEqual([])

    const stop = new AbortController()
    let isSealing = false
    const small = noise(29).subarray(0, 3 * MiB)
    const source = {
      sizeBytes: small.length,
      read: async (start: number, end: number) => {
        if (isSealing && start === 2 * MiB) stop.abort(new Error('stopped'))
        if (end === small.length) isSealing = true
        return small.subarray(start, end)
      },
    }
    const { parts } = await clinic.metered(async () => {
      await expect(patient.client.add({ ...about, bytes: source }, undefined, stop.signal)).rejects.toThrow('stopped')
    })
    expect(chunksIn(parts)).toBeGreaterThan(0)
    expect(await uploadsOf(patient)).toEqual([])
  })

  test('is in the log like any opening, each time it is taken up', async () => {
    const patient = await patientOf('logged')
    await broken(patient, noise(41))
    await added(patient.newClient(), noise(41))
    const { patientId } = await enrol(clinic, patient.principal)
    const events = eventsOf(await trailOf(clinic, patient.principal, patientId))
    expect(events.filter((event) => event === 'open')).toHaveLength(1)
  })

  test('is not gone on with for another content of its size: that becomes a record of its own', async () => {
    const patient = await patientOf('changed')
    await broken(patient, noise(43))
    const [open] = await uploadsOf(patient)
    const other = noise(43)
    other[5 * MiB - 1] = (other[5 * MiB - 1] ?? 0) ^ 1
    const stored = await added(patient.newClient(), other)
    expect(stored.recordId).not.toBe(toHex(open?.recordId ?? freshId()))
    expect((await uploadsOf(patient)).map(({ recordId }) => toHex(recordId))).toEqual([
      toHex(open?.recordId ?? freshId()),
    ])
  })

  test('a content that changes while it is read is refused, and nothing of the change is sent', async () => {
    const patient = await patientOf('changing')
    const bytes = noise(47)
    let isSealing = false
    const source = {
      sizeBytes: bytes.length,
      read: async (start: number, end: number) => {
        if (isSealing && start === 2 * MiB) bytes[start] = (bytes[start] ?? 0) ^ 1
        if (end === bytes.length) isSealing = true
        return bytes.subarray(start, end)
      },
    }
    const outcome = await patient.client.add({ ...about, bytes: source })
    expect(outcome).toEqual({ kind: 'refused', refusal: { kind: 'BadInput', field: 'content', code: 'changed' } })
  })

  test('keeps its secret from everybody else, and from its own writer when the grant has ended', async () => {
    const patient = await patientOf('owner of the vault')
    const account = await enrol(clinic, patient.principal)
    const writer = await patientOf('writer')
    const nowNs = await clinic.nowNs()
    const labs = categoryOf(account, 'labs')
    const rights = RIGHT.list | RIGHT.open | RIGHT.write
    const terms = { rights, compartments: [labs], startNs: nowNs, endNs: nowNs + NS_PER_DAY }
    const grantId = await give(clinic, patient.principal, grantArg({ to: writer.principal, ...terms }))
    const reach: Reach = { patientId: account.patientId, compartment: labs, grantId }
    const record = await seal(await keysFor(clinic, writer.principal, reach), reach)
    await clinic.ok(writer.principal, 'records', 'begin', record.begin)
    const resume = (as: Principal) =>
      clinic.call(as, 'records', 'resume', { recordId: record.recordId, version: 1, requestId: freshId() })
    expect(kindOf(await resume(patient.principal)), 'the owner opens it when it is stored').toBe('NotPermitted')
    expect(kindOf(await resume(writer.principal))).toBe('Ok')
    await takeBack(clinic, patient.principal, grantId)
    expect(kindOf(await resume(writer.principal))).toBe('ConsentEnded')
  })

  test('can be begun again only with the secret it was begun with', async () => {
    const patient = await patientOf('begins twice')
    const account = await enrol(clinic, patient.principal)
    const reach: Reach = { patientId: account.patientId, compartment: categoryOf(account, 'labs'), grantId: null }
    const keys = await keysFor(clinic, patient.principal, reach)
    const first = await seal(keys, reach)
    const second = await seal(keys, reach, { recordId: first.recordId })
    await clinic.ok(patient.principal, 'records', 'begin', first.begin)
    expect(kindOf(await clinic.call(patient.principal, 'records', 'begin', second.begin))).toBe('IdConflict')
    const [pending] = first.begin.pending
    if (pending === undefined) throw new Error('the upload is resumable')
    for (const wrong of [
      { ...pending, streamSalt: new Uint8Array(31) },
      { ...pending, resumeTag: new Uint8Array(0) },
      { ...pending, openWrap: first.commit.listWrap },
    ]) {
      const begin = { ...second.begin, recordId: freshId(), pending: [wrong] as [typeof wrong] }
      expect(kindOf(await clinic.call(patient.principal, 'records', 'begin', begin))).toBe('BadInput')
    }
  })
})
