import {
  decodeWrap,
  expectDecoded,
  newCapsule,
  nextStep,
  openCapsule,
  walkFrom,
  unwrapRecordKey,
  wrapRecord,
} from '@medguard/crypto'
import { NS_PER_DAY, NS_PER_SECOND, type Right } from '@medguard/protocol'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Clinic, freshId, kindOf, openClinic, type Person } from './clinic.ts'
import { capsuleKey, deriveArg, keysFor, placeOf, type Reach, seal } from './sealed-record.ts'
import { trailOf } from './trail.ts'
import { categoryOf } from './ward.ts'

// D05, keys.md 7 and 11: who may write and not read deposits under a capsule; a share is filled without anybody deriving its key.

let clinic: Clinic
let patient: Person
let laboratory: Person
let doctor: Person
let writing: string
beforeAll(async () => {
  clinic = await openClinic()
  patient = clinic.person('patient')
  laboratory = clinic.person('laboratory')
  doctor = clinic.person('doctor')
  for (const each of [patient, laboratory, doctor]) await each.client.enrol()
  writing = await share(laboratory, ['write'])
})
afterAll(() => clinic.close())

async function share(with_: Person, rights: Right[], records?: { recordId: string; version: number }[]) {
  const startNs = await clinic.nowNs()
  const shared = await patient.client.share({
    scope: records === undefined ? { categories: ['labs'] } : { records },
    rights,
    purpose: 'TREAT',
    grantee: with_.principal.toText(),
    startNs,
    endNs: startNs + NS_PER_DAY,
  })
  if (shared.kind !== 'done') throw new Error(`share: ${shared.refusal.kind}`)
  return shared.value.grantId
}
const report = (title: string) => ({
  bytes: new TextEncoder().encode(title),
  title,
  fileName: null,
  mediaType: 'text/plain',
  clinicalDate: null,
  category: 'labs' as const,
})
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
const account = async () => (await clinic.ok(patient.principal, 'consent', 'whoAmI', null)).account[0]!
async function writer(): Promise<Reach> {
  const own = await account()
  const grantId = Uint8Array.from(Buffer.from(writing, 'hex'))
  return { patientId: new Uint8Array(own.patientId), compartment: categoryOf(own, 'labs'), grantId }
}

describe('who may write and not read', () => {
  test('deposits, and the patient opens it and sees from whom it came', async () => {
    const asked: string[][] = []
    for (const title of ['first report', 'second report']) {
      const { value, parts } = await clinic.metered(() => laboratory.client.deposit(writing, report(title)))
      expect(value).toMatchObject({ kind: 'done' })
      asked.push(parts.map(({ entry }) => entry))
    }
    // Whoever sends for many patients has many grants: they are looked through once.
    expect(asked.map((entries) => entries.filter((entry) => entry.includes('grantsReceived')).length)).toEqual([1, 0])
    expect(await textsOf(patient.newClient(), { of: 'me' })).toEqual(['first report', 'second report'])
    const listed = await patient.client.list({ of: 'me' }, ['labs'])
    expect(listed).toMatchObject({ value: [{ depositedBy: laboratory.principal.toText() }, {}] })
    await clinic.advance(NS_PER_SECOND)
    const lines = await trailOf(clinic, patient.principal, new Uint8Array((await account()).patientId))
    const of = (name: string) =>
      lines.filter(({ event, actor }) => event === name && actor === laboratory.principal.toText())
    // One capsule for both; and nothing that would have given them a key.
    expect([of('capsule'), of('deposit'), of('keyDerive')].map(({ length }) => length)).toEqual([1, 2, 0])
  })

  test('derives, lists and opens nothing', async () => {
    const reach = await writer()
    const derive = await clinic.call(laboratory.principal, 'consent', 'deriveKey', deriveArg(reach))
    expect(kindOf(derive)).toBe('NotPermitted')
    const list = { ...placeOf(reach), requestId: freshId() }
    expect(kindOf(await clinic.call(laboratory.principal, 'records', 'beginList', list))).toBe('NotPermitted')
    const capsules = { ...placeOf(reach), capsuleIds: [], chainWraps: [] as [] }
    expect(kindOf(await clinic.call(laboratory.principal, 'records', 'capsules', capsules))).toBe('NotPermitted')
    expect(await laboratory.client.list({ of: 'grant', grantId: writing })).toMatchObject({ kind: 'refused' })
  })

  test('stores under no key but a step of their own capsule that nobody used', async () => {
    const reach = await writer()
    const { currentEpoch: epoch } = await clinic.ok(laboratory.principal, 'consent', 'depositInfo', placeOf(reach))
    const at = {
      patientId: reach.patientId,
      compartmentKind: reach.compartment.compartmentKind,
      compartmentId: new Uint8Array(reach.compartment.cid),
      epoch,
    }
    const made = await newCapsule(capsuleKey(clinic), at, 3)
    const post = (capsule: Uint8Array) =>
      clinic.call(laboratory.principal, 'records', 'postCapsule', { ...placeOf(reach), capsule, requestId: freshId() })
    expect(await post(made.capsule)).toEqual({ Ok: null })
    const elsewhere = await newCapsule(capsuleKey(clinic), { ...at, compartmentId: freshId() })
    expect(kindOf(await post(elsewhere.capsule))).toBe('BadInput')
    const older = await newCapsule(capsuleKey(clinic), { ...at, epoch: epoch + 1 })
    expect(kindOf(await post(older.capsule))).toBe('StaleEpoch')

    const zero = await nextStep(made.chain)
    const one = await nextStep(zero.chain)
    const foreign = await nextStep((await newCapsule(capsuleKey(clinic), at)).chain)
    const patients = await patientKeys(epoch)
    const draft = await seal(patients, reach)
    await clinic.ok(laboratory.principal, 'records', 'begin', draft.begin)
    for (const chunk of draft.chunks) await clinic.ok(laboratory.principal, 'records', 'putChunk', chunk)
    const place = { patientId: reach.patientId, recordId: draft.recordId, version: 1 }
    const commit = async (wraps: { listWrap: Uint8Array; openWrap: Uint8Array }) =>
      clinic.call(laboratory.principal, 'records', 'commit', { ...draft.commit, ...wraps, requestId: freshId() })
    const under = (key: Parameters<typeof wrapRecord>[0]) => wrapRecord(key, place, draft.secret)
    const refused = { Err: { BadInput: { field: 'wraps', code: 'capsule' } } }
    expect(await commit(await under(patients))).toEqual(refused)
    expect(kindOf(await commit(await under(foreign.key)))).toBe('BadInput')
    const [first, second] = [await under(zero.key), await under(one.key)]
    expect(kindOf(await commit({ listWrap: first.listWrap, openWrap: second.openWrap }))).toBe('BadInput')
    expect(kindOf(await commit(second))).toBe('Ok')
    // Step 0 was skipped, and is used no more.
    const next = await seal(patients, reach)
    await clinic.ok(laboratory.principal, 'records', 'begin', next.begin)
    for (const chunk of next.chunks) await clinic.ok(laboratory.principal, 'records', 'putChunk', chunk)
    const late = await wrapRecord(zero.key, { ...place, recordId: next.recordId }, next.secret)
    const answer = await clinic.call(laboratory.principal, 'records', 'commit', { ...next.commit, ...late })
    expect(answer).toEqual({ Err: { BadInput: { field: 'capsule', code: 'range' } } })
  })

  test('who may open and not list is given the capsule with the wrap, and lists nothing', async () => {
    const listed = await patient.client.list({ of: 'me' }, ['labs'])
    if (listed.kind !== 'done') throw new Error('the patient lists')
    const [{ recordId, version } = { recordId: '', version: 0 }] = listed.value
    const grantId = Uint8Array.from(Buffer.from(await share(doctor, ['open']), 'hex'))
    const reach = { ...(await writer()), grantId }
    const list = { ...placeOf(reach), requestId: freshId() }
    expect(kindOf(await clinic.call(doctor.principal, 'records', 'beginList', list))).toBe('NotPermitted')
    const records = [{ recordId: Uint8Array.from(Buffer.from(recordId, 'hex')), version }]
    const { openWraps, capsules } = await clinic.ok(doctor.principal, 'records', 'open', {
      ...placeOf(reach),
      records,
      requestId: freshId(),
    })
    const openWrap = new Uint8Array(openWraps[0]!)
    const { epoch, capsule } = expectDecoded(decodeWrap(openWrap))
    const keys = await keysFor(clinic, doctor.principal, reach, epoch)
    const [given] = capsules[0]!
    expect(capsules[0]).toHaveLength(1)
    expect(new Uint8Array(given!.capsuleId)).toEqual(capsule!.capsuleId)
    const secret = await openCapsule(keys, new Uint8Array(given!.capsule))
    const step = await (await walkFrom({ ...capsule!, place: keys.place, secret })).keyOf(capsule!.step)
    const place = { patientId: reach.patientId, ...records[0]! }
    await expect(unwrapRecordKey(step, place, openWrap)).resolves.toBeDefined()
  })

  test('who may read but not write is refused, and who may do both writes under the key itself', async () => {
    const reading = await share(doctor, ['list', 'open'])
    expect(await doctor.client.deposit(reading, report('not theirs'))).toMatchObject({
      kind: 'refused',
      refusal: { kind: 'NotPermitted' },
    })
    const both = await share(doctor, ['list', 'open', 'write'])
    expect(await doctor.client.deposit(both, report('letter'))).toMatchObject({ kind: 'done' })
    const seen = await textsOf(doctor.newClient(), { of: 'grant', grantId: both })
    expect(seen).toContain('letter')
    expect(seen).toContain('first report')
  })

  test('after a rewrap no record is under a capsule, and the capsules are gone', async () => {
    const lost = await share(doctor, ['list', 'open'])
    await textsOf(doctor.newClient(), { of: 'grant', grantId: lost })
    const before = await textsOf(patient.newClient(), { of: 'me' })
    await patient.client.revoke(lost)
    expect(await patient.client.rewrap()).toMatchObject({ kind: 'done', value: { retired: 1, damaged: 0 } })
    const own = { ...(await writer()), grantId: null }
    const state = await clinic.ok(patient.principal, 'records', 'rewrapState', placeOf(own))
    expect(state).toMatchObject({ underCapsules: 0, cleaned: state.count })
    expect(await textsOf(patient.newClient(), { of: 'me' })).toEqual(before)
    // The chain of the old epoch is of no use to its holder; the client makes a new capsule by itself.
    expect(await laboratory.client.deposit(writing, report('third report'))).toMatchObject({ kind: 'done' })
    expect(await textsOf(patient.newClient(), { of: 'me' })).toEqual([...before, 'third report'])
  })
})

test('a share by record is filled without deriving its key, opens for its recipient, and its wraps and capsule go with it', async () => {
  const listed = await patient.client.list({ of: 'me' }, ['labs'])
  if (listed.kind !== 'done') throw new Error('the patient lists')
  const chosen = listed.value.slice(0, 2)
  const grantId = await share(doctor, ['list', 'open'], [...chosen])
  const shared = {
    patientId: new Uint8Array((await account()).patientId),
    grantId: Uint8Array.from(Buffer.from(grantId, 'hex')),
  }
  const compartment = { compartmentKind: 2, cid: shared.grantId }
  expect(await textsOf(doctor.newClient(), { of: 'grant', grantId })).toEqual(['first report', 'second report'])
  await clinic.advance(NS_PER_SECOND)
  const lines = await trailOf(clinic, patient.principal, shared.patientId)
  const derived = lines.filter(({ event, objectId }) => event === 'keyDerive' && objectId === grantId)
  expect(derived.map(({ actor }) => actor)).toEqual([doctor.principal.toText()])

  // An expired one is given up when the patient next looks at their shares.
  const reach = { ...shared, compartment }
  const open = () => clinic.call(doctor.principal, 'records', 'beginList', { ...placeOf(reach), requestId: freshId() })
  expect(await open()).toMatchObject({ Ok: { count: 2 } })
  await clinic.advance(NS_PER_DAY)
  expect(kindOf(await open())).toBe('ConsentEnded')
  await clinic.ok(patient.principal, 'records', 'grantsGiven', { patientId: [], from: 0, count: 50 })
  const own = { ...placeOf({ ...reach, grantId: null }), requestId: freshId() }
  expect(await clinic.ok(patient.principal, 'records', 'beginList', own)).toMatchObject({ count: 0 })
})

async function patientKeys(epoch: number) {
  return keysFor(clinic, patient.principal, { ...(await writer()), grantId: null }, epoch)
}
