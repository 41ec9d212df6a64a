import {
  createClient,
  type DeviceMemory,
  developmentNetwork,
  FILES_MEDIA_TYPE,
  KEPT_RECORD_BYTES_MAX,
  type MedGuardClient,
  type Outcome,
  type RecordSummary,
} from '@medguard/client'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { type Clinic, openClinic } from './clinic.ts'

// Records that a device keeps and new ones that wait on it, through the client and the real modules.

let clinic: Clinic
beforeAll(async () => {
  clinic = await openClinic()
})
afterAll(() => clinic.close())

function done<T>(outcome: Outcome<T>): T {
  if (outcome.kind === 'refused') throw new Error(outcome.refusal.kind)
  return outcome.value
}
const text = (of: string) => new TextEncoder().encode(of)
const noteOf = (title: string) =>
  ({
    bytes: text(`${title}, in full`),
    title,
    fileName: null,
    mediaType: 'text/plain',
    category: 'labs',
    clinicalDate: null,
  }) as const

/** A device of one person, with a network that can be taken away. */
function device(name: string) {
  const pieces = new Map<string, Uint8Array>()
  const room = { isFull: false }
  const { identity } = clinic.person(name)
  const deviceMemory: DeviceMemory = {
    read: async (name) => pieces.get(name) ?? null,
    async write(name, sealed) {
      if (room.isFull) throw new DOMException('', 'QuotaExceededError')
      pieces.set(name, sealed)
    },
    remove: async (name) => void pieces.delete(name),
    clear: async () => pieces.clear(),
    alone: (work) => work(),
    names: async (prefix) => [...pieces.keys()].filter((name) => name.startsWith(prefix)),
  }
  const network = developmentNetwork(clinic.localnet.url)
  const state = { isOffline: false }
  const session = () => createClient({ identity, network, deviceMemory, isOffline: () => state.isOffline })
  return { pieces, room, state, session }
}
const titles = async (client: MedGuardClient) =>
  done(await client.list({ of: 'me' })).map(({ title }: RecordSummary) => title)
const readable = (pieces: ReadonlyMap<string, Uint8Array>) =>
  [...pieces].map(([name, bytes]) => name + Buffer.from(bytes).toString('latin1')).join('\n')

describe('records kept on a device', () => {
  test('open without a network while the session has their key, follow new versions, and go with the record', async () => {
    const { pieces, state, session } = device('keeping')
    const client = session()
    done(await client.enrol())
    const added = done(await client.add(noteOf('Blood count')))
    const [record] = done(await client.list({ of: 'me' }))
    if (record === undefined) throw new Error('not listed')
    done(await client.keep(record))
    expect(done(await client.kept())).toMatchObject([{ recordId: added.recordId, version: 1 }])
    expect(readable(pieces)).not.toContain('Blood')

    state.isOffline = true
    const opened = done(await client.open(record))
    expect(new TextDecoder().decode(opened.bytes)).toBe('Blood count, in full')
    expect(opened).toMatchObject({ summary: { title: 'Blood count' }, verified: true })
    expect(opened.keptMs).toBeGreaterThan(0)
    state.isOffline = false
    expect(done(await client.open(record)).keptMs).toBeUndefined() // with a network it is asked, and logged

    // Bytes that were changed on the device are nothing.
    const [name = ''] = pieces.keys()
    const whole = pieces.get(name) ?? new Uint8Array()
    pieces.set(name, whole.with(whole.length - 1, (whole.at(-1) ?? 0) ^ 1))
    state.isOffline = true
    expect(done(await client.open(record)).keptMs).toBeUndefined()
    pieces.set(name, whole)
    // A session without the key has nothing of it.
    expect(done(await session().kept())).toHaveLength(1)

    state.isOffline = false
    const { category: _, ...next } = noteOf('Blood count, corrected')
    done(await client.amend(record, next))
    const newer = done(await client.list({ of: 'me' }))
    expect(done(await client.renewKept(newer))).toBe(1)
    expect(done(await client.kept())).toMatchObject([{ recordId: added.recordId, version: 2 }])
    expect(done(await client.renewKept(newer))).toBe(0)

    const tooLarge = { ...newer[0], sizeBytes: KEPT_RECORD_BYTES_MAX + 1 } as RecordSummary
    expect(await client.keep(tooLarge)).toMatchObject({ refusal: { kind: 'TooLarge' } })
    done(await client.deleteRecord(added.recordId))
    expect(pieces.size).toBe(0)
  })

  test('of several files are kept as a whole, and each file opens without a network', async () => {
    const { pieces, state, session } = device('keeping a study')
    const client = session()
    done(await client.enrol())
    const files = ['one', 'two'].map((name) => ({ name: `disc/${name}.txt`, content: text(`file ${name}`) }))
    const study = { ...noteOf('A study'), category: 'imaging', mediaType: FILES_MEDIA_TYPE, bytes: { files } } as const
    done(await client.add(study))
    const [record] = done(await client.list({ of: 'me' }))
    if (record === undefined) throw new Error('not listed')
    done(await client.keep(record))
    expect(readable(pieces)).not.toMatch(/disc|file one/)

    state.isOffline = true
    const opened = done(await client.files(record))
    expect(opened.files.map(({ name }) => name)).toEqual(['disc/one.txt', 'disc/two.txt'])
    expect(opened.keptMs).toBeGreaterThan(0)
    expect(new TextDecoder().decode(done(await client.openFile(record, 1)))).toBe('file two')
    state.isOffline = false
    expect(done(await client.files(record)).keptMs).toBeUndefined() // asked, and logged
    expect(new TextDecoder().decode(done(await client.openFile(record, 0)))).toBe('file one')
  })

  test('by kind: which kinds is remembered, and ending one removes what is kept of it and nothing else', async () => {
    const { pieces, session } = device('keeping kinds')
    const client = session()
    done(await client.enrol())
    for (const category of ['labs', 'labs', 'vitals'] as const)
      done(await client.add({ ...noteOf('A note'), category }))
    for (const record of done(await client.list({ of: 'me' }))) done(await client.keep(record))
    expect(done(await client.keptKinds())).toEqual([])
    done(await client.keepKind('vitals', true))
    done(await client.keepKind('labs', true))
    done(await client.keepKind('labs', true))
    expect(done(await client.keptKinds())).toEqual(['labs', 'vitals'])
    expect(done(await session().keptKinds())).toEqual(['labs', 'vitals'])
    expect(done(await client.kept())).toHaveLength(3)
    done(await client.keepKind('labs', false))
    expect(done(await client.keptKinds())).toEqual(['vitals'])
    expect(done(await client.kept())).toHaveLength(1)
    expect(pieces.size).toBe(2)
    const { patientId } = done(await client.account()) ?? { patientId: '' }
    expect(await client.actingFor(patientId).keepKind('labs', true)).toMatchObject({ kind: 'refused' })
  })

  test('a device without room says so, and keeps what it had', async () => {
    const { pieces, room, session } = device('no room')
    const client = session()
    done(await client.enrol())
    const record = done(await client.add(noteOf('Blood count')))
    done(await client.keep(record))
    const { category: _, ...next } = noteOf('Blood count, corrected')
    const newer = done(await client.amend(record, next))
    room.isFull = true
    expect(await client.keep(newer)).toMatchObject({ kind: 'refused', refusal: { kind: 'Full' } })
    expect(await client.keepKind('labs', true)).toMatchObject({ kind: 'refused', refusal: { kind: 'Full' } })
    expect(done(await client.kept())).toMatchObject([{ recordId: record.recordId, version: 1 }])
    expect(pieces.size).toBe(1)
  })

  test('are never somebody else’s', async () => {
    const { session, pieces } = device('a clinician')
    const client = session()
    done(await client.enrol())
    const theirs = {
      ...done(await client.add(noteOf('A result'))),
      vault: { of: 'grant', grantId: '00'.repeat(16) },
    } as const
    expect(await client.keep(theirs)).toMatchObject({ kind: 'refused' })
    const { patientId } = done(await client.account()) ?? { patientId: '' }
    expect(await client.actingFor(patientId).keep(theirs)).toMatchObject({ kind: 'refused' })
    expect(pieces.size).toBe(0)
  })
})

describe('new records that wait', () => {
  test('are sealed on the device where their key is here, and stored once, whatever became of earlier tries', async () => {
    const { pieces, session } = device('waiting')
    const client = session()
    done(await client.enrol())
    done(await client.add(noteOf('First')))
    done(await client.list({ of: 'me' }))
    expect(done(await client.putOff(noteOf('Second')))).toMatchObject({ isSealed: true, title: 'Second' })
    expect(readable(pieces)).not.toContain('Second')
    const before = new Map(pieces)

    // The next session sees that something waits, not what, and can send it.
    const next = session()
    expect(done(await next.waiting())).toMatchObject([{ title: null, isSealed: true }])
    expect(done(await next.sendWaiting())).toMatchObject({ sent: [{ title: 'Second' }], refused: [] })
    expect(pieces.size).toBe(0)
    expect(await titles(next)).toEqual(['First', 'Second'])

    // A device that never heard that it was stored tries again: it is there, and stays the one.
    for (const [name, sealed] of before) pieces.set(name, sealed)
    expect(done(await next.sendWaiting())).toMatchObject({ sent: [{ title: 'Second' }], refused: [] })
    expect(await titles(next)).toEqual(['First', 'Second'])
    expect(pieces.size).toBe(0)
  })

  test('are in the session’s memory where there is no key or no device, and gone with it', async () => {
    const { pieces, session } = device('keyless')
    const client = session()
    done(await client.enrol())
    const waiting = done(await client.putOff(noteOf('Only here')))
    expect(waiting.isSealed).toBe(false)
    expect(pieces.size).toBe(0)
    done(await client.putOff(noteOf('Dropped')))
    const [, dropped] = done(await client.waiting())
    done(await client.dropWaiting(dropped?.id ?? ''))
    expect(done(await client.sendWaiting())).toMatchObject({ sent: [{ title: 'Only here' }] })
    expect(await titles(client)).toEqual(['Only here'])
    done(await client.putOff({ ...noteOf('Lost with the lock'), category: 'imaging' }))
    client.lock()
    expect(done(await session().waiting())).toEqual([])
  })
})

test('records under numbers drawn beforehand are stored once each, several at a time and however often it is asked', async () => {
  const { session } = device('many at once')
  const client = session()
  done(await client.enrol())
  const wanted = ['1', '2', '3', '4', '5', '6'].map((digit) => ({ id: digit.repeat(32), title: `Number ${digit}` }))
  const addAll = () => Promise.all(wanted.map(async ({ id, title }) => done(await client.addOnce(id, noteOf(title)))))
  await addAll()
  expect((await addAll()).map(({ recordId, version }) => [recordId, version])).toEqual(wanted.map(({ id }) => [id, 1]))
  expect((await titles(client)).toSorted()).toEqual(wanted.map(({ title }) => title))
})
