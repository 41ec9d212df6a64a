import { randomBytes } from 'node:crypto'
import { type CompartmentKeys, decodeWrap, expectDecoded, wrapRecord } from '@medguard/crypto'
import { decodeWrapRow, NS_PER_DAY, NS_PER_SECOND, POWER, type Right, toHex } from '@medguard/protocol'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { type Clinic, freshId, kindOf, openClinic, type Person } from './clinic.ts'
import { deriveArg, keysFor, placeOf, type Reach } from './sealed-record.ts'
import { trailOf } from './trail.ts'
import { categoryOf, takeBack } from './ward.ts'

// The right to wrap keys anew (keys.md, section 9; issue: list, open, write, rewrap): what it allows, that it ends at once, and that nobody destroys a record by it.

let clinic: Clinic
let patient: Person
let helper: Person
let reader: Person
let doctor: Person
let helping: string
beforeAll(async () => {
  clinic = await openClinic()
  const [one, two, three, four] = ['patient', 'helper', 'reader', 'doctor'].map((name) => clinic.person(name))
  if (one === undefined || two === undefined || three === undefined || four === undefined)
    throw new Error('four people')
  ;[patient, helper, reader, doctor] = [one, two, three, four]
  for (const each of [patient, helper, reader, doctor]) await each.client.enrol()
  for (const title of TITLES) await add(title)
  helping = await share(helper, ['list', 'open', 'rewrap'])
})
afterAll(() => clinic.close())

const TITLES = ['first', 'second', 'third']
const account = async () => (await clinic.ok(patient.principal, 'consent', 'whoAmI', null)).account[0]!
const epochs = async () => {
  const { minEpoch, currentEpoch } = (await account()).compartments.find(({ category }) => category === 2)!
  return { minEpoch, currentEpoch }
}
const reachOf = async (grantId: string | null): Promise<Reach> => {
  const own = await account()
  const compartment = categoryOf(own, 'labs')
  const grant = grantId === null ? null : Uint8Array.from(Buffer.from(grantId, 'hex'))
  return { patientId: new Uint8Array(own.patientId), compartment, grantId: grant }
}
async function add(title: string): Promise<void> {
  const fields = { fileName: null, mediaType: 'text/plain', clinicalDate: null, category: 'labs' } as const
  const added = await patient.client.add({ bytes: new TextEncoder().encode(title), title, ...fields })
  if (added.kind !== 'done') throw new Error(`add: ${added.refusal.kind}`)
}
async function share(person: Person, rights: Right[]): Promise<string> {
  const startNs = await clinic.nowNs()
  const shared = await patient.client.share({
    scope: { categories: ['labs'] },
    rights,
    purpose: 'FAMRQT',
    grantee: person.principal.toText(),
    startNs,
    endNs: startNs + NS_PER_DAY,
  })
  if (shared.kind !== 'done') throw new Error(`share: ${shared.refusal.kind}`)
  return shared.value.grantId
}
async function textsOf(client: Person['client'], vault: Parameters<Person['client']['list']>[0] = { of: 'me' }) {
  const listed = await client.list(vault, ['labs'])
  if (listed.kind !== 'done') throw new Error(`list: ${listed.refusal.kind}`)
  const texts: string[] = []
  for (const record of listed.value) {
    const opened = await client.open(record)
    if (opened.kind !== 'done') throw new Error(`open: ${opened.refusal.kind}`)
    texts.push(new TextDecoder().decode(opened.value.bytes))
  }
  return texts
}
/** Somebody read and may no more: the compartment has a new key, and wraps under the old one. */
async function loseReader(): Promise<void> {
  const grantId = await share(reader, ['list', 'open'])
  await textsOf(reader.newClient(), { of: 'grant', grantId })
  const before = await epochs()
  await patient.client.revoke(grantId)
  expect((await epochs()).currentEpoch).toBe(before.currentEpoch + 1)
}
/** What a hostile helper can do with their right: wraps that hold another secret, in the place of those that are there. */
async function spoil(person: Person, reach: Reach): Promise<Uint8Array> {
  const { currentEpoch: epoch } = await clinic.ok(person.principal, 'consent', 'depositInfo', placeOf(reach))
  const keys = await keysFor(clinic, person.principal, reach, epoch)
  const range = { ...placeOf(reach), fromSeq: 0, count: 200, epoch, requestId: freshId() }
  const { rows } = await clinic.ok(person.principal, 'records', 'readWraps', range)
  const entries = []
  for (const bytes of rows) entries.push(await spoilt(keys, new Uint8Array(bytes)))
  const put = { ...placeOf(reach), epoch, entries, requestId: freshId() }
  return new Uint8Array((await clinic.ok(person.principal, 'records', 'putWraps', put)).outcomes)
}
async function spoilt(keys: CompartmentKeys, bytes: Uint8Array) {
  const { seq, recordId, version, openWrap } = decodeWrapRow(bytes)!
  const { epoch: oldEpoch, nonce: oldNonce } = expectDecoded(decodeWrap(openWrap))
  const place = { patientId: keys.place.patientId, recordId, version }
  const secret = Uint8Array.from(randomBytes(32)) as Parameters<typeof wrapRecord>[2]
  return { seq, oldEpoch, oldNonce, ...(await wrapRecord(keys, place, secret)) }
}

describe('whoever may wrap anew', () => {
  test('does so for the patient, who then ends the old keys; both and other readers open everything all the while', async () => {
    const reading = await share(doctor, ['list', 'open'])
    await loseReader()
    const before = await epochs()
    expect(await helper.client.rewrapUnder(helping)).toEqual({
      kind: 'done',
      value: { records: 3, retired: 0, damaged: 0 },
    })
    expect(await epochs()).toEqual(before)
    expect(await textsOf(doctor.newClient(), { of: 'grant', grantId: reading })).toEqual(TITLES)
    // Nothing is left to wrap; what ends the old keys is the patient's.
    expect(await patient.newClient().rewrap()).toMatchObject({ value: { records: 0, retired: 1, damaged: 0 } })
    expect((await epochs()).minEpoch).toBe(before.currentEpoch)
    expect(await textsOf(patient.newClient())).toEqual(TITLES)

    await clinic.advance(NS_PER_SECOND)
    const lines = await trailOf(clinic, patient.principal, (await reachOf(null)).patientId)
    const of = (person: Person, name: string) =>
      lines.filter(({ event, actor }) => event === name && actor === person.principal.toText()).length
    // What they read and what they changed are lines of their own.
    expect(of(helper, 'rewrapBatch')).toBe(2)
    expect([of(helper, 'epochRetire'), of(patient, 'epochRetire')]).toEqual([0, 1])
  })

  test('ends no key, goes back to no wrap, and stores and shares nothing', async () => {
    await loseReader()
    const reach = await reachOf(helping)
    const { currentEpoch: epoch } = await epochs()
    const end = { ...placeOf(reach), epoch, byOthers: [] as [], requestId: freshId() }
    expect(kindOf(await clinic.call(helper.principal, 'records', 'retire', end))).toBe('NotPermitted')
    const back = { ...placeOf(reach), seqs: [0], requestId: freshId() }
    expect(kindOf(await clinic.call(helper.principal, 'records', 'restoreWraps', back))).toBe('NotPermitted')
    // Also not as if they were the owner.
    const asOwner = { ...placeOf({ ...reach, grantId: null }), epoch, requestId: freshId() }
    expect(kindOf(await clinic.call(helper.principal, 'records', 'retire', { ...asOwner, byOthers: [] }))).toBe(
      'NotPermitted',
    )
    const readWraps = { ...asOwner, fromSeq: 0, count: 9 }
    expect(kindOf(await clinic.call(helper.principal, 'records', 'readWraps', readWraps))).toBe('NotPermitted')
    expect(await helper.client.deposit(helping, { ...NOTE, category: 'labs' })).toMatchObject({ kind: 'refused' })
    await patient.client.rewrap()
  })

  test('can do so no more from the moment the share ends, in either canister', async () => {
    const grantId = await share(doctor, ['list', 'open', 'rewrap'])
    const reach = await reachOf(grantId)
    const range = () => ({ ...placeOf(reach), fromSeq: 0, count: 9, epoch: 99, requestId: freshId() })
    expect(kindOf(await clinic.call(doctor.principal, 'records', 'readWraps', range()))).toBe('Ok')
    await clinic.ok(patient.principal, 'consent', 'revoke', {
      grantId: reach.grantId ?? freshId(),
      requestId: freshId(),
    })
    expect(kindOf(await clinic.call(doctor.principal, 'records', 'readWraps', range()))).toBe('ConsentEnded')
    expect(kindOf(await clinic.call(doctor.principal, 'consent', 'depositInfo', placeOf(reach)))).toBe('ConsentEnded')
    await takeBack(clinic, patient.principal, reach.grantId ?? freshId())
    expect(kindOf(await clinic.call(doctor.principal, 'records', 'rewrapState', placeOf(reach)))).toBe('ConsentEnded')
    expect(kindOf(await clinic.call(doctor.principal, 'consent', 'deriveKey', deriveArg(reach)))).toBe('ConsentEnded')
  })
})

describe('a hostile helper', () => {
  test('spoils wraps, and the patient’s own rewrap brings all of them back', async () => {
    await loseReader()
    expect([...(await spoil(helper, await reachOf(helping)))]).toEqual([1, 1, 1])
    await expect(textsOf(patient.newClient())).rejects.toThrow('fails its checks')
    expect(await patient.newClient().rewrap()).toMatchObject({ value: { records: 3, retired: 1, damaged: 0 } })
    expect(await textsOf(patient.newClient())).toEqual(TITLES)
    // Once they are under the present key, there is nothing that the helper could replace.
    expect(await spoilAll()).toEqual([1, 1, 1])
    expect(await textsOf(patient.newClient())).toEqual(TITLES)
  })

  test('does not displace what is good by spoiling twice, before and after the key moved on again', async () => {
    await loseReader()
    await spoil(helper, await reachOf(helping))
    await loseReaderUnseen()
    await spoil(helper, await reachOf(helping))
    expect(await patient.newClient().rewrap()).toMatchObject({ value: { retired: 1, damaged: 0 } })
    expect(await textsOf(patient.newClient())).toEqual(TITLES)
  })

  test('does not slip in between the patient’s look and the end of the old keys', async () => {
    await loseReader()
    const own = await reachOf(null)
    const { currentEpoch: epoch } = await epochs()
    const { byOthers } = await clinic.ok(patient.principal, 'records', 'rewrapState', placeOf(own))
    await spoil(helper, await reachOf(helping))
    const end = { ...placeOf(own), epoch, byOthers: [byOthers] as [number], requestId: freshId() }
    expect(await clinic.call(patient.principal, 'records', 'retire', end)).toEqual({
      Err: { Stale: { current: epoch } },
    })
    // Nor for a client that knows nothing of others.
    const former = { ...end, byOthers: [] as [], requestId: freshId() }
    expect(kindOf(await clinic.call(patient.principal, 'records', 'retire', former))).toBe('Stale')
    expect(await patient.newClient().rewrap()).toMatchObject({ value: { retired: 1, damaged: 0 } })
    expect(await textsOf(patient.newClient())).toEqual(TITLES)
  })
})

describe('in the place of a patient', () => {
  test('a carer who may read and write wraps anew, and the patient ends old keys; one who may only write does not', async () => {
    const carer = clinic.person('carer')
    await carer.client.enrol()
    const writing = await appoint(carer, POWER.write)
    await loseReader()
    expect(await writing.rewrap()).toMatchObject({ kind: 'refused', refusal: { kind: 'NotPermitted' } })
    const caring = await appoint(carer, POWER.read | POWER.write)
    expect(await caring.rewrap()).toMatchObject({ value: { records: 3, retired: 0, damaged: 0 } })
    expect(await patient.newClient().rewrap()).toMatchObject({ value: { records: 0, retired: 1, damaged: 0 } })
    expect(await textsOf(patient.newClient())).toEqual(TITLES)
  })
})

const NOTE = { bytes: new Uint8Array(3), title: 'x', fileName: null, mediaType: 'text/plain', clinicalDate: null }
/** As `spoil`, whatever epoch the wraps are under. */
async function spoilAll(): Promise<number[]> {
  const reach = await reachOf(helping)
  const { currentEpoch: epoch } = await clinic.ok(helper.principal, 'consent', 'depositInfo', placeOf(reach))
  const keys = await keysFor(clinic, helper.principal, reach, epoch)
  const range = { ...placeOf(reach), fromSeq: 0, count: 200, epoch: epoch + 1, requestId: freshId() }
  const { rows } = await clinic.ok(helper.principal, 'records', 'readWraps', range)
  const entries = []
  for (const bytes of rows) entries.push(await spoilt(keys, new Uint8Array(bytes)))
  const put = { ...placeOf(reach), epoch, entries, requestId: freshId() }
  return [...new Uint8Array((await clinic.ok(helper.principal, 'records', 'putWraps', put)).outcomes)]
}
/** As `loseReader`, while the records do not open. */
async function loseReaderUnseen(): Promise<void> {
  const grantId = await share(reader, ['list', 'open'])
  const { currentEpoch } = await epochs()
  await clinic.ok(reader.principal, 'consent', 'deriveKey', deriveArg(await reachOf(grantId), currentEpoch))
  await patient.client.revoke(grantId)
  expect((await epochs()).currentEpoch).toBe(currentEpoch + 1)
}
async function appoint(carer: Person, powers: number): Promise<Person['client']> {
  const startNs = await clinic.nowNs()
  const named = { patientId: [] as [], representative: carer.principal, requestId: freshId() }
  const terms = { ...named, powers, startNs, endNs: [startNs + NS_PER_DAY] as [bigint] }
  for (const canister of ['consent', 'records'] as const) {
    await clinic.ok(patient.principal, canister, 'dismiss', { ...named, requestId: freshId() })
    await clinic.ok(patient.principal, canister, 'appoint', { ...terms, requestId: freshId() })
    const accepting = { patient: patient.principal, requestId: freshId() }
    await clinic.ok(carer.principal, canister, 'acceptAppointment', accepting)
  }
  return carer.client.actingFor(toHex((await reachOf(null)).patientId))
}
