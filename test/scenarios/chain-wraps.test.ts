import { decodeWrap, expectDecoded, openCapsule, openChainStart, sealChainStart } from '@medguard/crypto'
import { NS_PER_DAY, type Right } from '@medguard/protocol'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Clinic, freshId, kindOf, openClinic, type Person } from './clinic.ts'
import { keysFor, placeOf, type Reach } from './sealed-record.ts'
import { categoryOf } from './ward.ts'

// Quick normalisation (keys.md, section 7): the first client of the patient to open a capsule leaves its chain's start under the compartment's key. No reader
// has to believe what was left.

let clinic: Clinic
let patient: Person
let laboratory: Person
let doctor: Person
let writing: string
let reading: string
let own: Reach
beforeAll(async () => {
  clinic = await openClinic()
  patient = clinic.person('patient')
  laboratory = clinic.person('laboratory')
  doctor = clinic.person('doctor')
  for (const each of [patient, laboratory, doctor]) await each.client.enrol()
  writing = await share(laboratory, ['write'])
  reading = await share(doctor, ['list', 'open'])
  const account = (await clinic.ok(patient.principal, 'consent', 'whoAmI', null)).account[0]
  if (account === undefined) throw new Error('the patient enrolled')
  own = { patientId: new Uint8Array(account.patientId), compartment: categoryOf(account, 'labs'), grantId: null }
})
afterAll(() => clinic.close())

async function share(with_: Person, rights: Right[]) {
  const startNs = await clinic.nowNs()
  const shared = await patient.client.share({
    scope: { categories: ['labs'] },
    rights,
    purpose: 'TREAT',
    grantee: with_.principal.toText(),
    startNs,
    endNs: startNs + NS_PER_DAY,
  })
  if (shared.kind !== 'done') throw new Error(`share: ${shared.refusal.kind}`)
  return shared.value.grantId
}

/** Of a new device each, so that it is under a capsule of its own. @returns what the owner is given of that capsule. */
async function deposited(title: string) {
  const stored = await laboratory.newClient().deposit(writing, {
    bytes: new TextEncoder().encode(title),
    title,
    fileName: null,
    mediaType: 'text/plain',
    clinicalDate: null,
    category: 'labs',
  })
  if (stored.kind !== 'done') throw new Error(`deposit: ${stored.refusal.kind}`)
  const { recordId, version } = stored.value
  return keptOf({ recordId: Uint8Array.from(Buffer.from(recordId, 'hex')), version })
}

async function keptOf(record: { recordId: Uint8Array; version: number }) {
  const arg = { ...placeOf(own), records: [record], requestId: freshId() }
  const { capsules, openWraps } = await clinic.ok(patient.principal, 'records', 'open', arg)
  const [kept] = capsules[0] ?? []
  const [openWrap] = openWraps
  if (kept === undefined || openWrap === undefined) throw new Error('a deposit is under a capsule')
  const { epoch } = expectDecoded(decodeWrap(new Uint8Array(openWrap)))
  const keys = await keysFor(clinic, patient.principal, own, epoch)
  const start = await openCapsule(keys, new Uint8Array(kept.capsule))
  return { capsuleId: new Uint8Array(kept.capsuleId), keys, start, wraps: kept.chainWrap.length }
}

async function textsOf(client: Person['client'], vault: Parameters<Person['client']['list']>[0]): Promise<string[]> {
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

/** Inside the list session that whoever calls it has open. */
async function capsuleAt(capsuleId: Uint8Array, chainWraps: [] | [boolean]): Promise<Uint8Array | null> {
  const asked = { ...placeOf(own), capsuleIds: [capsuleId], chainWraps }
  const [found] = await clinic.ok(patient.principal, 'records', 'capsules', asked)
  return found?.[0] === undefined ? null : new Uint8Array(found[0])
}

const put = (capsuleId: Uint8Array, chainWrap: Uint8Array) =>
  clinic.call(patient.principal, 'records', 'putChainWrap', {
    ...placeOf(own),
    capsuleId,
    chainWrap,
    requestId: freshId(),
  })

test('the patient’s client leaves one when it opens a capsule, a grantee’s does not, and the first one stays', async () => {
  const { capsuleId, keys, start, wraps } = await deposited('first report')
  expect(wraps).toBe(0)
  expect(await textsOf(doctor.newClient(), { of: 'grant', grantId: reading })).toEqual(['first report'])
  await clinic.ok(patient.principal, 'records', 'beginList', { ...placeOf(own), requestId: freshId() })
  expect(await capsuleAt(capsuleId, [true])).toHaveLength(232)

  expect(await textsOf(patient.newClient(), { of: 'me' })).toEqual(['first report'])
  // The client does not wait for it.
  let wrap = await capsuleAt(capsuleId, [true])
  while (wrap?.length === 232) wrap = await capsuleAt(capsuleId, [true])
  if (wrap === null) throw new Error('the capsule is there')
  expect(await openChainStart(keys, capsuleId, wrap)).toEqual(start)
  // Who does not ask for it, and who asks for what it was made from, has the capsule as before.
  for (const asked of [[], [false]] as const) expect(await capsuleAt(capsuleId, [...asked])).toHaveLength(232)

  expect(await put(capsuleId, wrap)).toEqual({ Ok: null })
  expect(kindOf(await put(capsuleId, await sealChainStart(keys, capsuleId, start)))).toBe('IdConflict')
  expect(await capsuleAt(capsuleId, [true])).toEqual(wrap)
  expect(await textsOf(patient.newClient(), { of: 'me' })).toEqual(['first report'])
  expect(await textsOf(doctor.newClient(), { of: 'grant', grantId: reading })).toEqual(['first report'])
})

test('what is no such wrap, or of another epoch, or to no capsule, is not kept', async () => {
  const { capsuleId, keys, start } = await deposited('second report')
  const wrap = await sealChainStart(keys, capsuleId, start)
  const open = wrap.slice()
  open[4] = 2 // its type
  expect(await put(capsuleId, open)).toEqual({ Err: { BadInput: { field: 'chainWrap', code: 'format' } } })
  const later = wrap.slice()
  later[11] = 99 // its epoch
  expect(await put(capsuleId, later)).toEqual({ Err: { BadInput: { field: 'chainWrap', code: 'differs' } } })
  expect(await put(freshId(), wrap)).toEqual({ Err: { BadInput: { field: 'capsuleId', code: 'unknown' } } })
  expect(await capsuleAt(capsuleId, [true])).toHaveLength(232)
})

test('a false one shuts nobody out, whether it does not open or holds another start, and goes with its capsule', async () => {
  const unsound = await deposited('third report')
  const torn = await sealChainStart(unsound.keys, unsound.capsuleId, unsound.start)
  torn[30] = (torn[30] ?? 0) ^ 1
  expect(await put(unsound.capsuleId, torn)).toEqual({ Ok: null })
  const other = await deposited('fourth report')
  const wrongStart = await sealChainStart(other.keys, other.capsuleId, new Uint8Array(32).fill(7))
  expect(await put(other.capsuleId, wrongStart)).toEqual({ Ok: null })

  const all = ['first report', 'second report', 'third report', 'fourth report']
  expect(await textsOf(patient.newClient(), { of: 'me' })).toEqual(all)
  expect(await textsOf(doctor.newClient(), { of: 'grant', grantId: reading })).toEqual(all)
  for (const { capsuleId } of [unsound, other]) expect(await capsuleAt(capsuleId, [true])).toHaveLength(72)

  // Full normalisation goes by the capsule too; then neither is there.
  await patient.client.revoke(reading)
  expect(await patient.newClient().rewrap()).toMatchObject({ kind: 'done', value: { retired: 1, damaged: 0 } })
  for (const { capsuleId } of [unsound, other]) expect(await capsuleAt(capsuleId, [true])).toBeNull()
  expect(await textsOf(patient.newClient(), { of: 'me' })).toEqual(all)
})
