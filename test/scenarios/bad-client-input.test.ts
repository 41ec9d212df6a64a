import { Fault, type NewRecord, type NewShare, TITLE_CHARS_MAX } from '@medguard/client'
import { NS_PER_DAY, NS_PER_HOUR, toHex } from '@medguard/protocol'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Clinic, freshId, openClinic, type Person } from './clinic.ts'

// What a person, or a program on their behalf, may hand to the client by mistake: an answer with words for it, and nothing stored or shared.

let clinic: Clinic
let patient: Person
let somebody: Person
beforeAll(async () => {
  clinic = await openClinic()
  patient = clinic.person('patient')
  somebody = clinic.person('somebody')
  for (const { client } of [patient, somebody]) expect(await client.enrol()).toMatchObject({ kind: 'done' })
})
afterAll(() => clinic.close())

const record: NewRecord = {
  bytes: new TextEncoder().encode('Haemoglobin 13.9 g/dL'),
  title: 'Blood count',
  fileName: 'count.txt',
  mediaType: 'text/plain',
  category: 'labs',
  clinicalDate: '2026-11-21',
}

describe('a record that cannot be stored as it is', () => {
  const wrong: readonly (readonly [what: string, change: Partial<NewRecord>])[] = [
    ['a title that is too long', { title: 'x'.repeat(TITLE_CHARS_MAX + 1) }],
    ['an empty title', { title: '' }],
    ['a title with a line break', { title: 'Blood\ncount' }],
    ['a title that reads backwards', { title: 'Blood \u202ecount' }],
    ['a file name that is a path', { fileName: '../../count.txt' }],
    ['a file name that is too long', { fileName: 'x'.repeat(5000) }],
    ['a media type that is none', { mediaType: 'text' }],
    ['a date that is none', { clinicalDate: '2026-13-41' }],
    ['a category that is none', { category: 'teeth' as NewRecord['category'] }],
  ]
  test.each(wrong)('%s is refused before anything is sent', async (_, change) => {
    const { value: outcome, parts } = await clinic.metered(() => settled(patient.client.add({ ...record, ...change })))
    expect(outcome).toMatchObject({ refused: 'BadInput' })
    expect(parts.filter(({ entry }) => ['begin', 'putChunk', 'commit', 'store'].includes(entry))).toEqual([])
  })

  test('a title of the greatest length, in any script, comes back as it was', async () => {
    const title = '血液検査🩸é'.repeat(TITLE_CHARS_MAX).slice(0, TITLE_CHARS_MAX - 1)
    expect(await settled(patient.client.add({ ...record, title }))).toMatchObject({ done: { title } })
    const listed = await patient.client.list({ of: 'me' }, ['labs'])
    expect(listed).toMatchObject({ kind: 'done', value: [{ title }] })
  })

  test('a record without any bytes is a record', async () => {
    const added = await patient.client.add({ ...record, bytes: new Uint8Array(), category: 'other' })
    if (added.kind !== 'done') throw new Error(`refused: ${added.refusal.kind}`)
    const opened = await patient.client.open(added.value)
    expect(opened).toMatchObject({ kind: 'done', value: { bytes: new Uint8Array() } })
  })
})

describe('a share that cannot be', () => {
  const share = async (change: Partial<NewShare>): Promise<unknown> => {
    const nowNs = await clinic.nowNs()
    return settled(
      patient.client.share({
        grantee: somebody.principal.toText(),
        scope: { categories: ['labs'] },
        rights: ['list', 'open'],
        purpose: 'TREAT',
        startNs: nowNs,
        endNs: nowNs + NS_PER_DAY,
        ...change,
      }),
    )
  }
  const wrong: readonly (readonly [what: string, change: () => Promise<Partial<NewShare>>])[] = [
    ['with a person who is none', async () => ({ grantee: 'nobody at all' })],
    ['with everybody', async () => ({ grantee: '2vxsx-fae' })],
    ['with oneself', async () => ({ grantee: patient.principal.toText() })],
    ['of nothing', async () => ({ scope: { categories: [] } })],
    ['without any right', async () => ({ rights: [] })],
    ['that ends before it starts', async () => ({ endNs: (await clinic.nowNs()) - NS_PER_HOUR })],
    ['that is over already', async () => ({ startNs: 1n, endNs: 2n })],
    ['for longer than a year', async () => ({ endNs: (await clinic.nowNs()) + 400n * NS_PER_DAY })],
  ]
  test.each(wrong)('%s is refused', async (_, change) => {
    expect(await share(await change())).toMatchObject({ refused: 'BadInput' })
    expect(await patient.client.sharesGiven()).toEqual({ kind: 'done', value: [] })
  })

  test('of a record that does not exist is refused, and leaves nothing half shared', async () => {
    const scope = { records: [{ recordId: toHex(freshId()), version: 1 }] }
    expect(await share({ scope })).toEqual({ refused: 'NotPermitted' })
    await patient.client.finishShares()
    const given = await patient.client.sharesGiven()
    if (given.kind !== 'done') throw new Error(`refused: ${given.refusal.kind}`)
    expect(given.value.filter(({ state }) => state === 'live' || state === 'notFinished')).toEqual([])
  })
})

describe('an id that names nothing', () => {
  const unknown = () => toHex(freshId())
  const asked: readonly (readonly [what: string, ask: () => Promise<unknown>])[] = [
    ['of a share to end', () => patient.client.revoke(unknown())],
    ['of a share to list', () => patient.client.list({ of: 'grant', grantId: unknown() })],
    [
      'of a record to open',
      () => patient.client.open({ vault: { of: 'me' }, recordId: unknown(), version: 1, category: 'labs' }),
    ],
  ]
  test.each(asked)('%s is refused', async (_, ask) => {
    expect(await settled(ask())).toEqual({ refused: 'NotPermitted' })
  })

  test('a log is read only by those who have an account', async () => {
    expect(await settled(clinic.person('stranger').client.log('patient'))).toEqual({ refused: 'NotPermitted' })
  })
})

/** What the caller got to hear. Anything but an answer or a fault is a bug and comes through. */
async function settled(work: Promise<unknown>): Promise<unknown> {
  try {
    const outcome = (await work) as { kind: 'done'; value: unknown } | { kind: 'refused'; refusal: { kind: string } }
    return outcome.kind === 'done' ? { done: outcome.value } : { refused: outcome.refusal.kind }
  } catch (error) {
    if (error instanceof Fault) return { fault: error.code }
    return { bug: String(error) }
  }
}
