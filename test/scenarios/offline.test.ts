import {
  createClient,
  type DeviceMemory,
  developmentNetwork,
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
  const { identity } = clinic.person(name)
  const deviceMemory: DeviceMemory = {
    read: async (name) => pieces.get(name) ?? null,
    write: async (name, sealed) => void pieces.set(name, sealed),
    remove: async (name) => void pieces.delete(name),
    clear: async () => pieces.clear(),
    alone: (work) => work(),
    names: async (prefix) => [...pieces.keys()].filter((name) => name.startsWith(prefix)),
  }
  const network = developmentNetwork(clinic.localnet.url)
  const state = { isOffline: false }
  const session = () => createClient({ identity, network, deviceMemory, isOffline: () => state.isOffline })
  return { pieces, state, session }
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
