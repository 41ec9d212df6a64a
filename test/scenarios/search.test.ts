import { createClient, developmentNetwork, type Outcome, type SealedMemory } from '@medguard/client'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { type Clinic, openClinic } from './clinic.ts'

// Search on the device, through the client and the real modules.

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

function device() {
  const pieces = new Map<string, Uint8Array>()
  const memory: SealedMemory = {
    read: async (name) => pieces.get(name) ?? null,
    write: async (name, sealed) => void pieces.set(name, sealed),
    remove: async (name) => void pieces.delete(name),
    clear: async () => pieces.clear(),
    alone: (work) => work(),
  }
  return { pieces, memory }
}

describe('search on the device', () => {
  test('finds words of titles in any spelling, and of contents that were opened; they outlive the session, sealed', async () => {
    const { identity, client: elsewhere } = clinic.person('searching')
    done(await elsewhere.enrol())
    const plain = { fileName: null, mediaType: 'text/plain', clinicalDate: null } as const
    const add = async (title: string, content: string, category: 'labs' | 'documents') =>
      done(await elsewhere.add({ ...plain, bytes: text(content), title, category })).recordId
    const ulcer = await add('Žaludeční vřed', 'Gastroskopie bez krvácení', 'documents')
    const lungs = await add('التهاب الرئة', 'صورة الصدر', 'documents')
    const blood = await add('Blood count', 'haemoglobin 135', 'labs')

    const { pieces, memory } = device()
    const network = developmentNetwork(clinic.localnet.url)
    const session = () => createClient({ identity, network, searchMemory: memory })
    const first = session()
    const found = async (client: typeof first, words: string) =>
      done(await client.search(words)).hits.map(({ recordId }) => recordId)

    expect(await found(first, 'zaludecni')).toEqual([ulcer])
    expect(await found(first, 'VŘED žalud')).toEqual([ulcer]) // begun
    expect(await found(first, 'zaludecny')).toEqual([ulcer]) // misspelt
    expect(await found(first, 'الإلتهاب')).toEqual([lungs])
    expect(await found(first, 'blood')).toEqual([blood])
    expect(await found(first, 'haemoglobin')).toEqual([])
    expect(done(await first.search('labs'))).toMatchObject({ records: 3, withContent: 0 })
    expect(pieces.size).toBe(0)

    const labs = done(await first.list({ of: 'me' })).find(({ recordId }) => recordId === blood)
    if (labs === undefined) throw new Error('not listed')
    done(await first.open(labs))
    expect(done(await first.search('haemoglobin'))).toMatchObject({
      hits: [{ recordId: blood, isInside: true }],
      withContent: 1,
    })
    // One piece, of the one compartment, without a word of it in clear.
    expect(pieces.size).toBe(1)
    expect([...pieces.values()].map((piece) => Buffer.from(piece).toString('latin1')).join()).not.toContain('haemo')

    const own = done(await first.add({ ...plain, bytes: text('Ferritin nízký'), title: 'Letter', category: 'labs' }))
    first.lock()
    await expect(first.search('blood')).rejects.toMatchObject({ code: 'SessionEnded' })

    const second = session()
    expect(await found(second, 'haemoglobin')).toEqual([blood])
    expect(await found(second, 'nizky')).toEqual([own.recordId])
    done(await second.deleteRecord(blood))
    expect(await found(second, 'haemoglobin')).toEqual([])
    expect(await found(second, 'nizky')).toEqual([own.recordId])

    // Rubbish in the place of what was kept is as nothing.
    for (const name of pieces.keys()) pieces.set(name, new Uint8Array(100))
    const third = session()
    expect(await found(third, 'nizky')).toEqual([])
    expect(await found(third, 'letter')).toEqual([own.recordId])

    // Somebody else on the same device has none of the keys.
    const { identity: stranger } = clinic.person('somebody else')
    const other = createClient({ identity: stranger, network, searchMemory: memory })
    done(await other.enrol())
    expect(done(await other.search('letter'))).toEqual({ hits: [], records: 0, withContent: 0 })

    const { patientId } = done(await third.account()) ?? { patientId: '' }
    done(await third.erase(patientId))
    expect(pieces.size).toBe(0)
    expect(await found(third, 'letter').catch(() => [])).toEqual([])
  })
})
