import { authorSignerOf, createClient, developmentNetwork, newAuthorKeys, type Right } from '@medguard/client'
import { COMPARTMENT_KIND, NS_PER_DAY, NS_PER_MINUTE } from '@medguard/protocol'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Clinic, freshId, kindOf, openClinic, type Person } from './clinic.ts'
import { deriveArg, placeOf, type Reach } from './sealed-record.ts'
import { trailOf } from './trail.ts'
import { grantArg } from './ward.ts'

// keys.md 2 and 12: what a bridge may write to and nobody but the patient reads, until they take it in.

let clinic: Clinic
let patient: Person
let bridge: Person
let doctor: Person
let sending: string
let reading: string
beforeAll(async () => {
  clinic = await openClinic()
  patient = clinic.person('patient')
  bridge = clinic.person('bridge')
  doctor = clinic.person('doctor')
  for (const each of [patient, bridge, doctor]) await each.client.enrol()
  sending = await share(bridge, ['write'], { categories: [], inbox: true })
  reading = await share(doctor, ['list', 'open'], { categories: ['labs'] })
})
afterAll(() => clinic.close())

async function share(with_: Person, rights: Right[], scope: Parameters<Person['client']['share']>[0]['scope']) {
  const startNs = await clinic.nowNs()
  const period = { startNs, endNs: startNs + NS_PER_DAY }
  const terms = { scope, rights, purpose: 'TREAT' as const, grantee: with_.principal.toText(), ...period }
  const shared = await patient.client.share(terms)
  if (shared.kind !== 'done') throw new Error(`share: ${JSON.stringify(shared.refusal)}`)
  return shared.value.grantId
}
const report = (title: string) => ({
  bytes: new TextEncoder().encode(title),
  title,
  fileName: null,
  mediaType: 'text/plain',
  clinicalDate: '2026-03-14',
  category: 'labs' as const,
})
async function done<T>(answer: Promise<{ kind: 'done'; value: T } | { kind: 'refused'; refusal: object }>): Promise<T> {
  const settled = await answer
  if (settled.kind !== 'done') throw new Error(JSON.stringify(settled.refusal))
  return settled.value
}
const account = async () => (await clinic.ok(patient.principal, 'consent', 'whoAmI', null)).account[0]!
async function inbox(grant: string | null): Promise<Reach> {
  const patientId = new Uint8Array((await account()).patientId)
  const grantId = grant === null ? null : Uint8Array.from(Buffer.from(grant, 'hex'))
  return { patientId, compartment: { compartmentKind: COMPARTMENT_KIND.inbox, cid: patientId }, grantId }
}
const titles = async (client: Person['client'], vault: Parameters<Person['client']['list']>[0]) =>
  (await done(client.list(vault, ['labs']))).map(({ title }) => title)
const waiting = async (client = patient.newClient()) => done(client.inbox())

describe('an inbox', () => {
  test('takes what is sent, and shows it to the patient alone, with who sent it', async () => {
    expect((await done(patient.client.sharesGiven())).map(({ scope }) => scope)).toEqual([['inbox'], ['labs']])
    await done(bridge.client.deposit(sending, report('sent')))
    expect(await waiting()).toMatchObject([
      { title: 'sent', category: 'labs', depositedBy: bridge.principal.toText(), signature: { kind: 'unsigned' } },
    ])
    expect(await titles(patient.newClient(), { of: 'me' })).toEqual([])
    expect(await titles(doctor.client, { of: 'grant', grantId: reading })).toEqual([])
    expect(await waiting(doctor.client)).toEqual([])
  })

  test('is read by nobody under a grant, whatever it says', async () => {
    for (const [who, grant] of [
      [bridge, sending],
      [doctor, reading],
      [doctor, null],
    ] as const) {
      const reach = await inbox(grant)
      const asked = { ...placeOf(reach), requestId: freshId() }
      const answers = [
        await clinic.call(who.principal, 'consent', 'deriveKey', deriveArg(reach)),
        await clinic.call(who.principal, 'records', 'beginList', asked),
        await clinic.call(who.principal, 'records', 'headers', { ...placeOf(reach), fromSeq: 0, count: 1 }),
      ]
      expect(answers.map(kindOf)).toEqual(answers.map(() => 'NotPermitted'))
    }
    const { compartment } = await inbox(null)
    const startNs = await clinic.nowNs()
    const period = { startNs, endNs: startNs + NS_PER_DAY }
    for (const rights of [1, 2, 3, 5, 7, 15])
      for (const canister of ['consent', 'records'] as const) {
        const arg = { ...grantArg({ to: doctor.principal, compartments: [compartment], ...period }), rights }
        expect(await clinic.call(patient.principal, canister, 'grant', arg)).toEqual({
          Err: { BadInput: { field: 'rights', code: 'inbox' } },
        })
      }
  })

  test('is no way into another patient’s', async () => {
    const other = await inbox(null)
    const mine = { compartmentKind: COMPARTMENT_KIND.inbox, cid: freshId() }
    for (const compartment of [other.compartment, mine]) {
      const startNs = await clinic.nowNs()
      const arg = grantArg({ to: bridge.principal, compartments: [compartment], startNs, endNs: startNs + NS_PER_DAY })
      const answer = await clinic.call(doctor.principal, 'consent', 'grant', { ...arg, rights: 4 })
      expect(answer).toEqual({ Err: { BadInput: { field: 'compartments', code: 'unknown' } } })
    }
  })

  test('holds nothing that can be shared as it is', async () => {
    const [item] = await waiting(patient.client)
    const startNs = await clinic.nowNs()
    const grantId = freshId()
    const compartment = { compartmentKind: COMPARTMENT_KIND.share, cid: grantId }
    const arg = {
      ...grantArg({ to: doctor.principal, compartments: [compartment], startNs, endNs: startNs + NS_PER_DAY }),
      grantId,
    }
    await clinic.ok(patient.principal, 'records', 'grant', arg)
    const wrap = (type: number) =>
      Uint8Array.from([77, 71, 87, 49, type, 1, 0, 0, 0, 0, 0, 1, ...new Uint8Array(60).fill(1)])
    const recordId = Uint8Array.from(Buffer.from(item?.recordId ?? '', 'hex'))
    const wraps = [{ recordId, version: 1, listWrap: wrap(1), openWrap: wrap(2) }]
    const put = { grantId, wraps, capsule: [] as [], requestId: freshId() }
    expect(await clinic.call(patient.principal, 'records', 'putShareWraps', put)).toEqual({
      Err: { BadInput: { field: 'wraps', code: 'inbox' } },
    })
  })
})

describe('what waits', () => {
  test('is read, and taken into a category with a word of who sent it and when: then its readers see it', async () => {
    const [item] = await waiting(patient.client)
    const { recordId } = item!
    const opened = await done(patient.client.openFromInbox(recordId))
    expect(new TextDecoder().decode(opened.bytes)).toBe('sent')
    const filed = await done(patient.client.fileFromInbox(recordId, 'labs'))
    expect(await waiting()).toEqual([])
    const [seen] = await done(doctor.client.list({ of: 'grant', grantId: reading }, ['labs']))
    expect(seen).toMatchObject({
      recordId: filed.recordId,
      title: 'sent',
      clinicalDate: '2026-03-14',
      origin: { recordId, version: 1, storedBy: bridge.principal.toText(), storedAt: expect.any(String) },
    })
    expect(filed.recordId).not.toBe(recordId)
    expect(new TextDecoder().decode((await done(doctor.client.open(seen!))).bytes)).toBe('sent')
    expect(await patient.client.fileFromInbox(recordId, 'labs')).toMatchObject({ refusal: { kind: 'NotPermitted' } })
  })

  test('or is rejected, and gone', async () => {
    await done(bridge.client.deposit(sending, report('unwanted')))
    const [item] = await waiting(patient.client)
    await done(patient.client.rejectFromInbox(item!.recordId))
    expect(await waiting()).toEqual([])
    expect(await titles(patient.newClient(), { of: 'me' })).toEqual(['sent'])
  })

  test('and its signature is checked, there and when it is taken in', async () => {
    const signer = await authorSignerOf(await newAuthorKeys(false))
    const authors = { read: async () => signer, make: async () => signer, remove: async () => {} }
    const signing = createClient({
      identity: bridge.identity,
      network: developmentNetwork(clinic.localnet.url),
      authors,
    })
    await done(signing.addAuthorKey())
    await done(signing.deposit(sending, report('signed')))
    const [item] = await waiting(patient.client)
    expect(item?.signature).toMatchObject({ kind: 'signed', by: bridge.principal.toText() })
    const opened = await done(patient.client.openFromInbox(item!.recordId))
    expect(opened.summary.signature).toMatchObject({ kind: 'signed', by: bridge.principal.toText() })
    await done(patient.client.fileFromInbox(item!.recordId, 'documents'))
  })

  test('leaves a line of each step in the log', async () => {
    await clinic.advance(NS_PER_MINUTE)
    const lines = await trailOf(clinic, patient.principal, new Uint8Array((await account()).patientId))
    const count = (name: string, who: Person) =>
      lines.filter(({ event, actor }) => event === name && actor === who.principal.toText()).length
    expect(['deposit', 'keyDerive'].map((name) => count(name, bridge))).toEqual([3, 0])
    // Two taken in, one rejected: each of the three deleted in the inbox.
    expect(['recordAdd', 'recordDelete'].map((name) => count(name, patient))).toEqual([2, 3])
    expect(count('open', patient)).toBeGreaterThanOrEqual(4)
  })

  test('is erased with the vault', async () => {
    await done(bridge.client.deposit(sending, report('last')))
    const owner = await done(patient.client.account())
    const receipt = await done(patient.client.erase(owner?.patientId ?? ''))
    expect(JSON.parse(receipt.text)).toMatchObject({ versions: 3 })
  })
})
