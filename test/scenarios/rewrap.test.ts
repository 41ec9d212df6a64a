import { decodeWrap, expectDecoded } from '@medguard/crypto'
import { decodeWrapRow, NS_PER_MINUTE, NS_PER_SECOND, toHex } from '@medguard/protocol'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { type Clinic, freshId, kindOf, openClinic, type Person } from './clinic.ts'
import { deriveArg, placeOf } from './sealed-record.ts'
import { trailOf } from './trail.ts'
import { categoryOf } from './ward.ts'

// I10, as the patient's app meets it: a reader's time runs out, and the next record is under a key that the reader never had.

let clinic: Clinic
let patient: Person
let reader: Person
beforeAll(async () => {
  clinic = await openClinic()
  patient = clinic.person('patient')
  reader = clinic.person('reader')
  await patient.client.enrol()
  await reader.client.enrol()
})
afterAll(() => clinic.close())

const TITLES = ['before', 'after', 'third', 'fourth']
const account = async () => (await clinic.ok(patient.principal, 'consent', 'whoAmI', null)).account[0]!
const patientId = async () => new Uint8Array((await account()).patientId)
const labsRef = async () => categoryOf(await account(), 'labs')
async function labs() {
  const { minEpoch, currentEpoch } = (await account()).compartments.find(({ category }) => category === 2)!
  return { minEpoch, currentEpoch }
}
async function add(title: string, to = patient): Promise<void> {
  const fields = { fileName: null, mediaType: 'text/plain', clinicalDate: null, category: 'labs' } as const
  const added = await to.client.add({ bytes: new TextEncoder().encode(title), title, ...fields })
  if (added.kind !== 'done') throw new Error(`add: ${added.refusal.kind}`)
}
async function openAll(
  person: Pick<Person, 'client'>,
  vault: Parameters<Person['client']['list']>[0],
): Promise<string[]> {
  const listed = await person.client.list(vault)
  if (listed.kind !== 'done') throw new Error(`list: ${listed.refusal.kind}`)
  const texts: string[] = []
  for (const record of listed.value) {
    const opened = await person.client.open(record)
    if (opened.kind !== 'done') throw new Error(`open: ${opened.refusal.kind}`)
    texts.push(new TextDecoder().decode(opened.value.bytes))
  }
  return texts
}
const shareForAMinute = () => shareFor(reader, NS_PER_MINUTE)
async function shareFor(person: Person, forNs: bigint, from = patient): Promise<string> {
  const startNs = await clinic.nowNs()
  const terms = { scope: { categories: ['labs'] }, rights: ['list', 'open'], purpose: 'TREAT' } as const
  const shared = await from.client.share({
    ...terms,
    grantee: person.principal.toText(),
    startNs,
    endNs: startNs + forNs,
  })
  if (shared.kind !== 'done') throw new Error(`share: ${shared.refusal.kind}`)
  return shared.value.grantId
}

test('a record added after a reader’s time ran out is wrapped anew by itself, and the owner reads both', async () => {
  await add('before')
  const grantId = await shareForAMinute()
  expect(await openAll(reader, { of: 'grant', grantId })).toEqual(['before'])
  await clinic.advance(NS_PER_MINUTE)
  await add('after')
  expect(await openAll(patient, { of: 'me' })).toEqual(['before', 'after'])
  // Also on a device that has no keys yet.
  expect(await openAll({ ...patient, client: patient.newClient() }, { of: 'me' })).toEqual(['before', 'after'])

  const account = await clinic.ok(patient.principal, 'consent', 'whoAmI', null)
  const patientId = account.account[0]?.patientId ?? new Uint8Array()
  await clinic.advance(NS_PER_SECOND)
  const lines = await trailOf(clinic, patient.principal, patientId)
  const bumps = lines.filter(({ event }) => event === 'epochBump')
  expect(bumps.map(({ versionOrEpoch }) => versionOrEpoch)).toEqual([2])
  // The reader's key is of the first epoch; the owner has derived both.
  const derived = lines.filter(({ event }) => event === 'keyDerive')
  const epochsOf = (person: Person) =>
    new Set(derived.filter(({ actor }) => actor === person.principal.toText()).map((line) => line.versionOrEpoch))
  expect(epochsOf(reader)).toEqual(new Set([1]))
  expect(epochsOf(patient)).toEqual(new Set([1, 2]))
})

test('a new share of the same category opens what is under either key', async () => {
  const grantId = await shareForAMinute()
  expect(await openAll(reader, { of: 'grant', grantId })).toEqual(['before', 'after'])
  expect(grantId).not.toBe(toHex(new Uint8Array(16)))
})

describe('after somebody lost access, and the keys are wrapped anew', () => {
  test('the old keys end, nothing is under them, and everybody who may read still does', async () => {
    const other = clinic.person('other')
    await other.client.enrol()
    const grantId = await shareForAMinute()
    const kept = await shareFor(other, 60n * NS_PER_MINUTE)
    expect(await openAll(reader, { of: 'grant', grantId })).toHaveLength(2)
    expect(await patient.client.needsRewrap()).toEqual({ kind: 'done', value: true })
    await patient.client.revoke(grantId)
    const before = await labs()
    const steps: string[] = []
    expect(await patient.client.rewrap(({ step }) => steps.push(step))).toMatchObject({
      kind: 'done',
      value: { records: 2, retired: 1, damaged: 0 },
    })
    expect(steps).toContain('rewrapping')
    expect(await labs()).toEqual({ minEpoch: before.currentEpoch, currentEpoch: before.currentEpoch })
    expect(await patient.client.needsRewrap()).toEqual({ kind: 'done', value: false })
    expect(await patient.client.rewrap()).toMatchObject({ value: { records: 0, retired: 0 } })
    // Old keys are derived no more, not by the owner either; new devices and other readers have the present one.
    const own = { patientId: await patientId(), compartment: await labsRef(), grantId: null }
    const old = await clinic.call(patient.principal, 'consent', 'deriveKey', deriveArg(own, 1))
    expect(kindOf(old)).toBe('StaleEpoch')
    expect(await openAll({ client: patient.newClient() }, { of: 'me' })).toEqual(['before', 'after'])
    expect(await openAll(other, { of: 'grant', grantId: kept })).toEqual(['before', 'after'])

    await clinic.advance(NS_PER_SECOND)
    const lines = await trailOf(clinic, patient.principal, await patientId())
    const events = lines.map(({ event }) => event)
    // Read, changed, and read back: each a line; then the end of the old epochs.
    expect(events.filter((event) => event === 'rewrapBatch').length).toBeGreaterThanOrEqual(3)
    expect(events.filter((event) => event === 'epochRetire')).toHaveLength(1)
    expect((await patient.client.log('patient')).kind).toBe('done')
  })

  test('a device that dies in the middle loses nothing, and another one brings it to its end', async () => {
    for (const title of ['third', 'fourth']) await add(title)
    const grantId = await shareForAMinute()
    await openAll(reader, { of: 'grant', grantId })
    await patient.client.revoke(grantId)
    // It goes away between the change and the end of the old keys.
    const dying = patient.newClient()
    const cut = dying.rewrap(({ step }) => {
      if (step === 'verifying') dying.lock()
    })
    await expect(cut).rejects.toThrow('locked')
    expect((await labs()).minEpoch).toBeLessThan((await labs()).currentEpoch)
    expect(await openAll({ client: patient.newClient() }, { of: 'me' })).toEqual(TITLES)
    expect(await patient.newClient().rewrap()).toMatchObject({ value: { records: 0, retired: 1 } })
    expect(await openAll({ client: patient.newClient() }, { of: 'me' })).toEqual(TITLES)
  })

  test('whoever was shut out goes on in a vault of their own, and wraps its keys anew', async () => {
    const grantId = await shareForAMinute()
    await openAll(reader, { of: 'grant', grantId })
    await patient.client.revoke(grantId)
    await add('their own', reader)
    const back = await shareFor(patient, NS_PER_MINUTE, reader)
    expect(await openAll(patient, { of: 'grant', grantId: back })).toEqual(['their own'])
    expect((await reader.client.revoke(back)).kind).toBe('done')
    expect(await reader.client.rewrap()).toMatchObject({ kind: 'done', value: { records: 1, retired: 1, damaged: 0 } })
    await add('since then', reader)
    expect(await openAll({ client: reader.newClient() }, { of: 'me' })).toEqual(['their own', 'since then'])
  })

  test('two devices do it together, while a record is added', async () => {
    const grantId = await shareForAMinute()
    await openAll(reader, { of: 'grant', grantId })
    await patient.client.revoke(grantId)
    const devices = [patient.newClient(), patient.newClient()]
    const both = await Promise.all([...devices.map((device) => device.rewrap()), add('fifth')])
    expect(both.map((each) => (each === undefined ? 'done' : each.kind))).toEqual(['done', 'done', 'done'])
    const { minEpoch, currentEpoch } = await labs()
    expect(minEpoch).toBe(currentEpoch)
    expect(await openAll({ client: patient.newClient() }, { of: 'me' })).toEqual([...TITLES, 'fifth'])
  })

  test('a wrap that was replaced meanwhile is not replaced by an older one, and nothing goes under an ended key', async () => {
    const reach = { patientId: await patientId(), compartment: await labsRef(), grantId: null }
    const place = placeOf(reach)
    const { currentEpoch: epoch } = await labs()
    const read = { ...place, fromSeq: 0, count: 200, epoch: epoch + 1, requestId: freshId() }
    const { rows } = await clinic.ok(patient.principal, 'records', 'readWraps', read)
    const row = decodeWrapRow(new Uint8Array(rows[0] ?? []))!
    const { nonce } = expectDecoded(decodeWrap(row.openWrap))
    const entry = { seq: 0, oldEpoch: epoch - 1, oldNonce: nonce, listWrap: row.listWrap, openWrap: row.openWrap }
    const put = (entries: (typeof entry)[], at = epoch) =>
      clinic.call(patient.principal, 'records', 'putWraps', { ...place, epoch: at, entries, requestId: freshId() })
    expect(await put([entry, { ...entry, seq: 99 }])).toEqual({ Ok: { outcomes: new Uint8Array([1, 2]) } })
    expect(await put([entry], epoch - 1)).toEqual({ Err: { BadInput: { field: 'wraps', code: 'differs' } } })
    const retire = (at: number) =>
      clinic.call(patient.principal, 'records', 'retire', { ...place, epoch: at, byOthers: [], requestId: freshId() })
    expect(await retire(epoch - 1)).toEqual({ Err: { StaleEpoch: { current: epoch } } })
    expect(await retire(epoch + 1)).toEqual({ Err: { Stale: { current: epoch } } })
    expect(await retire(epoch)).toEqual({ Ok: { remaining: 0 } })
  })
})
