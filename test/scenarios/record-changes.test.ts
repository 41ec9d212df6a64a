import { CHUNK_LOG2_MIN, decodeDeletedRow, fromHex, NS_PER_DAY, NS_PER_SECOND, RIGHT, toHex } from '@medguard/protocol'
import { isProfile, type Outcome, PROFILE_MEDIA_TYPE, type RecordSummary } from '@medguard/client'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { type Clinic, freshId, kindOf, openClinic, type Person } from './clinic.ts'
import { keysFor, placeOf, type Reach, seal, store } from './sealed-record.ts'
import { eventsOf, trailOf } from './trail.ts'
import { categoryOf, enrol, give, grantArg } from './ward.ts'

// Versions, deletions, notes and the profile, as the client has them; on the real modules.

let clinic: Clinic
beforeAll(async () => {
  clinic = await openClinic()
})
afterAll(() => clinic.close())

async function patientOf(name: string): Promise<Person> {
  const person = clinic.person(name)
  await enrol(clinic, person.principal)
  return person
}
function done<T>(outcome: Outcome<T>): T {
  if (outcome.kind === 'refused') throw new Error(`refused: ${outcome.refusal.kind}`)
  return outcome.value
}
const about = { fileName: null, mediaType: 'text/plain', clinicalDate: null } as const
const bytes = (text: string) => new TextEncoder().encode(text)
const add = async ({ client }: Pick<Person, 'client'>, title: string) =>
  done(await client.add({ ...about, title, bytes: bytes(title), category: 'labs' }))
const textOf = async ({ client }: Pick<Person, 'client'>, record: RecordSummary) =>
  new TextDecoder().decode(done(await client.open(record)).bytes)
const shareRecords = async (patient: Person, to: Person, records: readonly RecordSummary[]) => {
  const startNs = await clinic.nowNs()
  const terms = { rights: ['list', 'open'], purpose: 'TREAT', startNs, endNs: startNs + NS_PER_DAY } as const
  return done(await patient.client.share({ grantee: to.principal.toText(), scope: { records }, ...terms }))
}

describe('a new version', () => {
  test('is what a list shows, and the older ones stay readable, with who stored them and when', async () => {
    const patient = await patientOf('amends')
    const first = await add(patient, 'Draft')
    await clinic.advance(NS_PER_DAY)
    const second = done(await patient.client.amend(first, { ...about, title: 'Final', bytes: bytes('Final') }))
    expect(second).toMatchObject({ recordId: first.recordId, version: 2, title: 'Final' })
    expect(done(await patient.newClient().list({ of: 'me' }, ['labs']))).toMatchObject([{ version: 2, title: 'Final' }])
    const versions = done(await patient.newClient().versions(second))
    const by = patient.principal.toText()
    expect(versions).toMatchObject([
      { summary: { version: 1, title: 'Draft' }, storedBy: by },
      { summary: { version: 2, title: 'Final' }, storedBy: by },
    ])
    expect((versions[1]?.storedNs ?? 0n) - (versions[0]?.storedNs ?? 0n)).toBeGreaterThanOrEqual(NS_PER_DAY)
    for (const { summary } of versions) expect(await textOf(patient, summary)).toBe(summary.title)
    // Each is in the log by its number, whoever reads that and whenever (B07).
    const { patientId } = await enrol(clinic, patient.principal)
    await clinic.advance(NS_PER_SECOND)
    const lines = (await trailOf(clinic, patient.principal, patientId)).filter(
      ({ objectId }) => objectId === first.recordId,
    )
    expect(lines.map(({ event, versionOrEpoch, actor }) => [event, versionOrEpoch, actor])).toEqual([
      ['recordAdd', 1, by],
      ['recordAdd', 2, by],
      ['open', 1, by],
      ['open', 2, by],
    ])
  })

  // Content of the same length, so that the pieces would fit together; and a longer one, which the canister would not take for the same.
  test.each(['Fine', 'F'.repeat(3_000_000)])('has nothing in it of a try that broke off', async (text) => {
    const patient = await patientOf(`tries again ${text.length}`)
    const first = await add(patient, 'Draft')
    const account = await enrol(clinic, patient.principal)
    const reach: Reach = { patientId: account.patientId, compartment: categoryOf(account, 'labs'), grantId: null }
    const recordId = fromHex(first.recordId) ?? new Uint8Array()
    const left = await seal(await keysFor(clinic, patient.principal, reach), reach, {
      recordId,
      version: 2,
      body: bytes('Lost'),
    })
    await clinic.ok(patient.principal, 'records', 'begin', { ...left.begin, pending: [] })
    for (const chunk of left.chunks) await clinic.ok(patient.principal, 'records', 'putChunk', chunk)

    const second = done(await patient.client.amend(first, { ...about, title: 'Fine', bytes: bytes(text) }))
    expect(await textOf({ client: patient.newClient() }, second)).toBe(text)
  })

  test('has nothing in it of what another device began, whichever piece came when', async () => {
    const patient = await patientOf('two devices')
    const account = await enrol(clinic, patient.principal)
    const reach: Reach = { patientId: account.patientId, compartment: categoryOf(account, 'labs'), grantId: null }
    const keys = await keysFor(clinic, patient.principal, reach)
    const { recordId, manifestHash } = await store(clinic, patient.principal, await seal(keys, reach))
    const draftOf = async (text: string) =>
      seal(keys, reach, {
        recordId,
        previousManifestHash: manifestHash,
        version: 2,
        chunkLog2: CHUNK_LOG2_MIN,
        body: bytes(text.repeat(100_000)),
      })
    const [early, late] = [await draftOf('1'), await draftOf('2')]
    const [first1, first2] = early.chunks
    const [late1, late2] = late.chunks
    if (first1 === undefined || first2 === undefined || late1 === undefined || late2 === undefined)
      throw new Error('each has two pieces')
    const put = async (chunk: typeof first1) =>
      kindOf(await clinic.call(patient.principal, 'records', 'putChunk', chunk))
    await clinic.ok(patient.principal, 'records', 'begin', early.begin)
    expect(await put(first1)).toBe('Ok')
    expect(kindOf(await clinic.call(patient.principal, 'records', 'begin', late.begin))).toBe('IdConflict')
    await clinic.ok(patient.principal, 'records', 'begin', { ...late.begin, anew: [true] })
    expect(await put(late1)).toBe('Ok')
    expect(await put(first2)).toBe('Stale')
    await clinic.ok(patient.principal, 'records', 'abandon', {
      recordId,
      version: 2,
      uploadId: [early.begin.requestId],
    })
    expect(await put(late2)).toBe('Ok')
    expect(kindOf(await clinic.call(patient.principal, 'records', 'commit', early.commit))).toBe('Stale')
    await clinic.ok(patient.principal, 'records', 'commit', late.commit)
    expect(await put(first2)).toBe('Stale')
    expect(kindOf(await clinic.call(patient.principal, 'records', 'commit', early.commit))).toBe('IdConflict')
    expect(await put({ ...late2, recordId: freshId() }), 'who has nothing there is told nothing').toBe('NotPermitted')
    const [summary] = done(await patient.newClient().list({ of: 'me' }, ['labs']))
    if (summary === undefined) throw new Error('it is there')
    expect(await textOf({ client: patient.newClient() }, summary)).toBe('2'.repeat(100_000))
  })

  test('is one of two that are stored from two devices at the same moment', async () => {
    const patient = await patientOf('two devices at once')
    const record = await add(patient, 'Draft')
    const clients = [patient.newClient(), patient.newClient()]
    for (const client of clients) await client.list({ of: 'me' }, ['labs'])
    const texts = ['1', '2'].map((letter) => letter.repeat(3_000_000))
    const outcomes = await Promise.all(
      clients.map((client, at) => client.amend(record, { ...about, title: 'Final', bytes: bytes(texts[at] ?? '') })),
    )
    const kinds = outcomes.map((outcome) => (outcome.kind === 'refused' ? outcome.refusal.kind : outcome.kind))
    expect(kinds.toSorted()).toEqual(['Stale', 'done'])
    const stored = outcomes.flatMap((outcome) => (outcome.kind === 'refused' ? [] : [outcome.value]))[0] ?? record
    expect(texts).toContain(await textOf({ client: patient.newClient() }, stored))
  })

  test('of two that race the later one is told, and nothing is written over what it has not seen', async () => {
    const patient = await patientOf('races')
    const record = await add(patient, 'Draft')
    const other = patient.newClient()
    await other.list({ of: 'me' }, ['labs'])
    done(
      await patient.client
        .list({ of: 'me' }, ['labs'])
        .then(async () => patient.client.amend(record, { ...about, title: 'Mine', bytes: bytes('Mine') })),
    )
    const late = await other.amend(record, { ...about, title: 'Theirs', bytes: bytes('Theirs') })
    expect(late).toEqual({ kind: 'refused', refusal: { kind: 'Stale', current: 2 } })
  })
})

describe('a deleted record', () => {
  test('is nowhere any more: not in the list, not in a share, not by its id; the rest of the list still verifies', async () => {
    const patient = await patientOf('deletes')
    const reader = await patientOf('reads what is deleted')
    const [kept, gone] = [await add(patient, 'Kept'), await add(patient, 'Gone')]
    const newest = done(await patient.client.amend(gone, { ...about, title: 'Gone too', bytes: bytes('Gone too') }))
    const { grantId } = await shareRecords(patient, reader, [kept, newest])
    const vault = { of: 'grant', grantId } as const
    const shared = done(await reader.client.list(vault))
    expect(shared.map(({ title }) => title)).toEqual(['Kept', 'Gone too'])

    const before = done(await patient.client.usage())
    expect(done(await patient.client.deleteRecord(gone.recordId))).toBeNull()
    expect(done(await patient.client.deleteRecord(gone.recordId)), 'twice is once').toBeNull()
    const after = done(await patient.client.usage())
    expect(after.versions, 'its place in the list stays taken').toBe(before.versions)
    expect(after.sizeBytes).toBeLessThan(before.sizeBytes)

    for (const client of [patient.client, patient.newClient()])
      expect(done(await client.list({ of: 'me' }, ['labs'])).map(({ title }) => title)).toEqual(['Kept'])
    expect(done(await reader.newClient().list(vault)).map(({ title }) => title)).toEqual(['Kept'])
    for (const [client, record] of [
      [patient.client, newest],
      [patient.client, gone],
      [reader.client, shared[1]],
    ] as const) {
      if (record === undefined) throw new Error('it was shared')
      expect(await client.open(record)).toEqual({ kind: 'refused', refusal: { kind: 'NotPermitted' } })
    }
    const { patientId } = await enrol(clinic, patient.principal)
    const events = eventsOf(await trailOf(clinic, patient.principal, patientId))
    expect(events.filter((event) => event === 'recordDelete')).toHaveLength(1)
  })

  test('leaves its hash and the time in the list, and no other byte; it is not stored again', async () => {
    const patient = await patientOf('leaves a hash')
    const account = await enrol(clinic, patient.principal)
    const record = await add(patient, 'Gone')
    const reach: Reach = { patientId: account.patientId, compartment: categoryOf(account, 'labs'), grantId: null }
    done(await patient.client.deleteRecord(record.recordId))
    const session = await clinic.ok(patient.principal, 'records', 'beginList', {
      ...placeOf(reach),
      requestId: freshId(),
    })
    expect(session).toMatchObject({ count: 1, deletions: [expect.anything()] })
    const [row] = await clinic.ok(patient.principal, 'records', 'headers', { ...placeOf(reach), fromSeq: 0, count: 5 })
    const deleted = decodeDeletedRow(new Uint8Array(row ?? []))
    expect(toHex(deleted?.recordId ?? freshId())).toBe(record.recordId)
    expect(deleted).toMatchObject({ seq: 0, version: 1, ordinal: 0 })
    expect((await clinic.nowNs()) - (deleted?.deletedNs ?? 0n)).toBeLessThan(NS_PER_DAY)
    const begin = {
      ...placeOf(reach),
      recordId: deleted?.recordId ?? freshId(),
      chunkCount: 1,
      chunkLog2: 20,
      sizeBytes: 100n,
      pending: [] as [],
      category: [] as [],
      anew: [] as [],
    }
    for (const version of [1, 2]) {
      const answer = await clinic.call(patient.principal, 'records', 'begin', {
        ...begin,
        version,
        requestId: freshId(),
      })
      expect(kindOf(answer)).toBe('NotPermitted')
    }
  })

  test('is the patient’s to delete, not a writer’s', async () => {
    const patient = await patientOf('owns')
    const writer = await patientOf('writes')
    const account = await enrol(clinic, patient.principal)
    const nowNs = await clinic.nowNs()
    const rights = RIGHT.list | RIGHT.open | RIGHT.write
    const terms = { rights, compartments: [categoryOf(account, 'labs')], startNs: nowNs, endNs: nowNs + NS_PER_DAY }
    await give(clinic, patient.principal, grantArg({ to: writer.principal, ...terms }))
    const record = await add(patient, 'Stays')
    expect(await writer.client.deleteRecord(record.recordId)).toMatchObject({ refusal: { kind: 'NotPermitted' } })
    expect(await textOf(patient, record)).toBe('Stays')
  })
})

describe('what a vault takes up', () => {
  test('equals a recount after whatever was stored, deleted, begun and given up', async () => {
    const patient = await patientOf('counts')
    const account = await enrol(clinic, patient.principal)
    const reach: Reach = { patientId: account.patientId, compartment: categoryOf(account, 'labs'), grantId: null }
    const keys = await keysFor(clinic, patient.principal, reach)
    const sizes = [1, 70_000, 200_000]
    const stored = []
    for (const size of sizes)
      stored.push(
        await store(clinic, patient.principal, await seal(keys, reach, { body: new Uint8Array(size), chunkLog2: 16 })),
      )
    const [first, second, third] = stored
    if (first === undefined || second === undefined || third === undefined) throw new Error('three were stored')
    const next = {
      recordId: first.recordId,
      version: 2,
      previousManifestHash: first.manifestHash,
      body: new Uint8Array(50_000),
    }
    const amended = await store(clinic, patient.principal, await seal(keys, reach, next))
    done(await patient.client.deleteRecord(toHex(second.recordId)))
    const [open, abandoned] = [await seal(keys, reach, { body: new Uint8Array(9_000) }), await seal(keys, reach)]
    for (const each of [open, abandoned]) await clinic.ok(patient.principal, 'records', 'begin', each.begin)
    const { recordId, version } = abandoned
    await clinic.ok(patient.principal, 'records', 'abandon', { recordId, version, uploadId: [] })
    const left = [first, third, amended, open].reduce((sum, { begin }) => sum + begin.sizeBytes, 0n)
    expect(done(await patient.client.usage())).toMatchObject({ versions: 4, sizeBytes: left, openUploads: 1 })
  })
})

describe('a note to a record', () => {
  test('goes along where the record is shared, also one that comes later, by either side', async () => {
    const patient = await patientOf('notes')
    const reader = await patientOf('reads notes')
    const writer = await patientOf('writes notes')
    const account = await enrol(clinic, patient.principal)
    const nowNs = await clinic.nowNs()
    const rights = RIGHT.list | RIGHT.open | RIGHT.write
    const terms = { rights, compartments: [categoryOf(account, 'labs')], startNs: nowNs, endNs: nowNs + NS_PER_DAY }
    const writing = {
      of: 'grant',
      grantId: toHex(await give(clinic, patient.principal, grantArg({ to: writer.principal, ...terms }))),
    } as const

    const record = await add(patient, 'Potassium 5.9')
    const other = await add(patient, 'Not shared')
    done(await patient.client.annotate(record, { text: 'I had just run', relation: 'annotates' }))
    done(await patient.client.annotate(other, { text: 'Nobody sees this', relation: 'annotates' }))
    done(await patient.client.list({ of: 'me' }))
    const { grantId } = await shareRecords(patient, reader, [record])
    const seen = async () => {
      const listed = done(await reader.newClient().list({ of: 'grant', grantId }))
      return listed.map(({ title, links = [] }) => [title, links.map(({ relation }) => relation).join()])
    }
    expect(await seen()).toEqual([
      ['Potassium 5.9', ''],
      ['Note: Potassium 5.9', 'annotates'],
    ])

    const [listed] = done(await writer.client.list(writing)).filter(({ recordId }) => recordId === record.recordId)
    if (listed === undefined) throw new Error('the writer lists it')
    const correction = done(
      await writer.client.annotate(listed, { text: 'The sample was haemolysed', relation: 'corrects' }),
    )
    expect(correction.links).toEqual([{ recordId: record.recordId, version: 1, relation: 'corrects' }])
    expect(await seen(), 'a writer cannot share').toHaveLength(2)
    expect(done(await patient.newClient().fillShares())).toBe(1)
    expect(done(await patient.newClient().fillShares()), 'twice is once').toBe(0)
    expect(await seen()).toContainEqual(['Correction: Potassium 5.9', 'corrects'])

    done(await patient.client.annotate(record, { text: 'Repeated on Monday', relation: 'annotates' }))
    expect(await seen()).toHaveLength(4)
  })

  test('needs the right to write', async () => {
    const patient = await patientOf('noted by nobody')
    const reader = await patientOf('only reads')
    const record = await add(patient, 'Potassium 5.9')
    const { grantId } = await shareRecords(patient, reader, [record])
    const [listed] = done(await reader.client.list({ of: 'grant', grantId }))
    if (listed === undefined) throw new Error('it is shared')
    const noted = await reader.client.annotate(listed, { text: 'No', relation: 'annotates' })
    expect(noted).toMatchObject({ kind: 'refused', refusal: { kind: 'NotPermitted' } })
  })
})

describe('a profile', () => {
  test('is kept as a record, changes as a version, and is the same on another device', async () => {
    const patient = await patientOf('has a profile')
    expect(done(await patient.client.profile())).toBeNull()
    const profile = {
      name: 'Amal Haddad',
      birthDate: '1984-02-29',
      sex: 'female',
      bloodGroup: 'O-',
      language: 'ar-LB',
      units: 'metric',
      emergencyContacts: [{ name: 'Sami', phone: '+961 3 123456', relation: 'brother' }],
      notifications: ['recordOpened', 'requestMade'],
    } as const
    done(await patient.client.setProfile(profile))
    expect(done(await patient.newClient().profile())).toEqual(profile)
    done(await patient.newClient().setProfile({ ...profile, language: 'fr' }))
    expect(done(await patient.client.profile())).toEqual({ ...profile, language: 'fr' })
    expect(done(await patient.client.list({ of: 'me' }))).toMatchObject([
      { title: 'Profile', version: 2, category: 'summary' },
    ])
  })

  test('is never what somebody else deposited under its type: that is a record like any other', async () => {
    const [patient, doctor] = [await patientOf('told who she is'), await patientOf('tells who she is')]
    const startNs = await clinic.nowNs()
    const given = await patient.client.share({
      scope: { categories: ['summary'] },
      rights: ['list', 'open', 'write'],
      purpose: 'TREAT',
      grantee: doctor.principal.toText(),
      startNs,
      endNs: startNs + NS_PER_DAY,
    })
    const { grantId } = done(given)
    const forged = { title: 'Profile', fileName: null, mediaType: PROFILE_MEDIA_TYPE, clinicalDate: null } as const
    const content = bytes(JSON.stringify({ name: 'Somebody else', bloodGroup: 'AB+' }))
    done(await doctor.client.deposit(grantId, { ...forged, bytes: content, category: 'summary' }))
    expect(done(await patient.newClient().profile())).toBeNull()
    const profile = { name: 'Amal Haddad', bloodGroup: 'O-' } as const
    done(await patient.client.setProfile(profile))
    expect(done(await patient.newClient().profile())).toEqual(profile)
    const listed = done(await patient.newClient().list({ of: 'me' }, ['summary']))
    expect(listed.map((record) => [record.version, isProfile(record)])).toEqual([
      [1, false],
      [1, true],
    ])
    const seen = done(await doctor.newClient().list({ of: 'grant', grantId }, ['summary']))
    expect(seen.filter(isProfile)).toMatchObject([{ recordId: listed[1]?.recordId }])
  })
})
