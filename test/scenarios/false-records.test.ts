import { NS_PER_DAY, OPEN_RECORDS_PER_CALL_MAX, type Principal, toHex } from '@medguard/protocol'
import { beforeAll, expect, test } from 'vitest'

import { type Arg, freshId, kindOf } from './clinic.ts'
import { deriveArg, placeOf, type Reach } from './sealed-record.ts'
import { openStepped, somebody, type Stepped } from './stepped.ts'
import { trailOf } from './trail.ts'
import { categoryOf, enrol, grantArg } from './ward.ts'

// The two-key rule against its first half: whoever runs the records canister may make it say anything to consent.

let net: Stepped
let patient: Principal
let reader: Principal
let owned: Reach
let shared: Reach
const falseRecords = somebody('false records')
beforeAll(async () => {
  net = await openStepped({ recordsOfConsent: falseRecords })
  patient = somebody('patient')
  reader = somebody('reader')
  const account = await enrol(net, patient)
  await enrol(net, reader)
  owned = { patientId: account.patientId, compartment: categoryOf(account, 'labs'), grantId: null }
  const nowNs = net.nowNs()
  const period = { startNs: nowNs, endNs: nowNs + NS_PER_DAY }
  const grant = grantArg({ to: reader, compartments: [owned.compartment], ...period })
  await net.ok(patient, 'consent', 'grant', grant)
  shared = { ...owned, grantId: grant.grantId }
})

const opening = (caller: Principal, reach: Reach, count = 1): Arg<'consent', 'authoriseOpen'> => ({
  ...placeOf(reach),
  caller,
  requestId: freshId(),
  records: Array.from({ length: count }, () => ({
    recordId: freshId(),
    version: 1,
    manifestHash: new Uint8Array(32).fill(3),
  })),
})

test('it gets no key in anybody’s name, its own included', async () => {
  for (const reach of [owned, shared])
    expect(kindOf(await net.call(falseRecords, 'consent', 'deriveKey', deriveArg(reach)))).toBe('NotPermitted')
})

test('it is told yes for those who may, and each yes is in the patient’s log in their name', async () => {
  const before = (await trailOf(net, patient, owned.patientId)).length
  const answer = await net.ok(falseRecords, 'consent', 'authoriseOpen', opening(reader, shared, 3))
  const lines = (await trailOf(net, patient, owned.patientId)).slice(before)
  expect(lines.map(({ event, actor }) => [event, actor])).toEqual(lines.map(() => ['open', reader.toText()]))
  expect(lines).toHaveLength(3)
  expect(lines[0]?.leafIndex).toBe(Number(answer.firstLeafIndex))
})

test('it is told no for everybody else, as they would be themselves', async () => {
  const asked: [caller: Principal, reach: Reach][] = [
    [somebody('stranger'), owned],
    [somebody('stranger'), shared],
    [reader, owned],
    [patient, shared],
    [falseRecords, owned],
    [reader, { ...shared, grantId: freshId() }],
    [reader, { ...shared, patientId: freshId() }],
    [reader, { ...shared, compartment: { compartmentKind: 2, cid: shared.grantId ?? freshId() } }],
  ]
  for (const [caller, reach] of asked)
    expect(kindOf(await net.call(falseRecords, 'consent', 'authoriseOpen', opening(caller, reach)))).toBe(
      'NotPermitted',
    )
})

test('it cannot fill the log with more than one call may', async () => {
  for (const count of [0, OPEN_RECORDS_PER_CALL_MAX + 1])
    expect(await net.call(falseRecords, 'consent', 'authoriseOpen', opening(reader, shared, count))).toEqual({
      Err: { BadInput: { field: 'records', code: 'range' } },
    })
})

test('it cannot move a compartment to another epoch while nobody lost its key', async () => {
  await net.ok(patient, 'consent', 'deriveKey', deriveArg(owned))
  await net.ok(reader, 'consent', 'deriveKey', deriveArg(shared))
  for (const epoch of [0, 1, 2, 0xffff_ffff]) {
    const arg = {
      ...placeOf(owned),
      caller: patient,
      requestId: freshId(),
      epoch,
      authorKeyId: [] as [],
      deviceId: [] as [],
    }
    expect(await net.call(falseRecords, 'consent', 'authoriseWrite', arg)).toEqual(
      epoch === 1 ? { Ok: null } : { Err: { StaleEpoch: { current: 1 } } },
    )
  }
  const { account } = await net.ok(patient, 'consent', 'whoAmI', null)
  expect(new Set(account[0]?.compartments.map(({ currentEpoch }) => currentEpoch))).toEqual(new Set([1]))
})

test('nobody else is believed, not even the real records canister', async () => {
  for (const caller of [patient, reader, net.ids.records, net.ids.audit]) {
    const answer = net.start(caller, 'consent', 'authoriseOpen', opening(reader, shared))
    net.settle()
    expect(kindOf(answer.answer()), toHex(caller.toUint8Array())).toBe('NotPermitted')
  }
})
