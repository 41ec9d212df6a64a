import {
  type Account,
  CHANGES_PER_HOUR,
  DEVICE_POSTS_PER_HOUR,
  DEVICES_EVER_MAX,
  DEVICES_LIVE_MAX,
  NS_PER_HOUR,
  POWER,
  type Principal,
  toHex,
} from '@medguard/protocol'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Clinic, freshId, kindOf, openClinic } from './clinic.ts'
import { addArg, BOTH, changed, newKey, registered, removed, sealerOf, stateOf } from './devices.fixture.ts'
import { appointTo } from './people.fixture.ts'
import { storedRows } from './stored-rows.ts'
import { trailOf } from './trail.ts'
import { categoryOf, enrol } from './ward.ts'

// B08, B09, user request 22: a patient's devices, each with one key, for one category, and no other right.

let clinic: Clinic
let patient: Principal
let account: Account
let vitals: { patientId: Uint8Array; cid: Uint8Array }
beforeAll(async () => {
  clinic = await openClinic()
  patient = clinic.person('patient').principal
  account = await enrol(clinic, patient)
  vitals = { patientId: new Uint8Array(account.patientId), cid: new Uint8Array(categoryOf(account, 'vitals').cid) }
})
afterAll(() => clinic.close())

const listed = async (canister: (typeof BOTH)[number], by = patient, patientId: [] | [Uint8Array] = []) =>
  clinic.ok(by, canister, 'devices', { patientId })
const stateIn = async (canister: (typeof BOTH)[number], deviceId: Uint8Array) => {
  const found = (await listed(canister)).find((each) => toHex(each.deviceId) === toHex(deviceId))
  return found === undefined ? 'nowhere' : stateOf(found)
}

describe.each(BOTH)('a device in %s', (canister) => {
  test('is of one category of its patient, has one key, and is in the list for good', async () => {
    const arg = addArg(vitals.cid)
    const added = await clinic.ok(patient, canister, 'addDevice', arg)
    expect(await clinic.ok(patient, canister, 'addDevice', { ...arg, requestId: freshId() })).toEqual(added)
    const tries: readonly [string, Partial<typeof arg>][] = [
      ['IdConflict', { cid: new Uint8Array(categoryOf(account, 'labs').cid) }],
      ['IdConflict', { publicKey: newKey().publicKey }],
      ['IdConflict', { deviceId: freshId() }],
      ['NotPermitted', { ...addArg(freshId()) }],
      ['NotPermitted', { ...addArg(vitals.patientId) }],
      ['BadInput', { algorithm: 3 }],
      ['BadInput', { algorithm: 2 }],
      ['BadInput', { publicKey: new Uint8Array(31) }],
      ['BadInput', { deviceId: new Uint8Array(15) }],
    ]
    for (const [refusal, change] of tries) {
      const answer = await clinic.call(patient, canister, 'addDevice', { ...arg, ...change, requestId: freshId() })
      expect([refusal, kindOf(answer)]).toEqual([refusal, refusal])
    }
    await clinic.ok(patient, canister, 'removeDevice', { patientId: [], deviceId: arg.deviceId, requestId: freshId() })
    expect(await stateIn(canister, arg.deviceId)).toBe('removed')
    // For good: neither is it let go on, nor added again; its key is free.
    const named = { patientId: [] as [], deviceId: arg.deviceId }
    const resumed = { ...named, change: { resume: null }, requestId: freshId() }
    expect(kindOf(await clinic.call(patient, canister, 'changeDevice', resumed))).toBe('NotPermitted')
    expect(kindOf(await clinic.call(patient, canister, 'addDevice', { ...arg, requestId: freshId() }))).toBe(
      'IdConflict',
    )
    const again = { ...arg, deviceId: freshId(), requestId: freshId() }
    await clinic.ok(patient, canister, 'addDevice', again)
    await clinic.ok(patient, canister, 'removeDevice', { ...named, deviceId: again.deviceId, requestId: freshId() })
  })

  test('is added and rotated by who may let others write, ended by who may share, and seen by who may read', async () => {
    const person = (name: string) => clinic.person(`${name} of ${canister}`).principal
    const [reads, shares, writes] = [person('reads'), person('shares'), person('writes')]
    for (const each of [reads, shares, writes]) await enrol(clinic, each)
    await appointTo(clinic, patient, reads, { powers: POWER.read })
    await appointTo(clinic, patient, shares, { powers: POWER.read | POWER.share })
    await appointTo(clinic, patient, writes, { powers: POWER.read | POWER.write | POWER.share })
    const arg = { ...addArg(vitals.cid), patientId: [vitals.patientId] as [Uint8Array] }
    const call = async (
      by: Principal,
      method: 'addDevice' | 'changeDevice' | 'rotateDevice' | 'removeDevice',
      more = {},
    ) => kindOf(await clinic.call(by, canister, method, { ...arg, ...more, requestId: freshId() }))
    expect(await call(reads, 'addDevice')).toBe('NotPermitted')
    expect(await call(shares, 'addDevice')).toBe('NotPermitted')
    expect(await call(writes, 'addDevice')).toBe('Ok')
    expect(await listed(canister, reads, [vitals.patientId])).toEqual(await listed(canister))
    expect(await call(reads, 'changeDevice', { change: { pause: null } })).toBe('NotPermitted')
    expect(await call(shares, 'changeDevice', { change: { pause: null } })).toBe('Ok')
    expect(await call(shares, 'changeDevice', { change: { resume: null } })).toBe('NotPermitted')
    expect(await call(shares, 'rotateDevice', newKey())).toBe('NotPermitted')
    expect(await call(writes, 'rotateDevice', newKey())).toBe('Ok')
    expect(await call(writes, 'changeDevice', { change: { resume: null } })).toBe('Ok')
    // Who let it post may not any more: it waits for somebody who may.
    await clinic.ok(patient, canister, 'dismiss', { patientId: [], representative: writes, requestId: freshId() })
    expect(await stateIn(canister, arg.deviceId)).toBe('paused')
    expect(await call(shares, 'removeDevice')).toBe('Ok')
    expect(await stateIn(canister, arg.deviceId)).toBe('removed')
  })

  test('is one of sixteen at a time, of 128 ever, and of as many an hour as other changes; ending is always taken', async () => {
    const who = clinic.person(`hoarder of ${canister}`).principal
    const own = await enrol(clinic, who)
    const cid = new Uint8Array(categoryOf(own, 'vitals').cid)
    const add = async () => {
      const arg = addArg(cid)
      return { deviceId: arg.deviceId, kind: kindOf(await clinic.call(who, canister, 'addDevice', arg)) }
    }
    const remove = (deviceId: Uint8Array) =>
      clinic.ok(who, canister, 'removeDevice', { patientId: [], deviceId, requestId: freshId() })
    const live: Uint8Array[] = []
    for (let i = 0; i < DEVICES_LIVE_MAX; i++) live.push((await add()).deviceId)
    expect((await add()).kind).toBe('Full')
    let ever = live.length
    let isPutOff = false
    for (; ever < DEVICES_EVER_MAX; ever++) {
      await remove(live.shift() ?? freshId())
      let added = await add()
      if (added.kind === 'Busy') {
        expect(ever).toBe(CHANGES_PER_HOUR)
        isPutOff = true
        await clinic.advance(NS_PER_HOUR)
        added = await add()
      }
      expect(added.kind).toBe('Ok')
      live.push(added.deviceId)
    }
    expect(isPutOff).toBe(true)
    await remove(live.shift() ?? freshId())
    expect((await add()).kind).toBe('Full')
    expect(await listed(canister, who)).toHaveLength(DEVICES_EVER_MAX)
  })
})

test('a device posts so often an hour, and others of the same patient go on', async () => {
  const [device, other] = [await registered(clinic, patient, vitals), await registered(clinic, patient, vitals)]
  const ask = async (of: typeof device) =>
    kindOf(await clinic.call(of.principal, 'records', 'deviceInfo', { deviceId: of.deviceId }))
  // One that is paused asks nobody else, and takes from its budget all the same.
  await changed(clinic, patient, device, { pause: null })
  for (let i = 0; i < DEVICE_POSTS_PER_HOUR; i++) expect(await ask(device)).toBe('Ok')
  expect(await ask(device)).toBe('Busy')
  expect(await ask(other)).toBe('Ok')
  for (const { deviceId } of [device, other]) await removed(clinic, patient, deviceId)
})

test('what is done to a device is in the patient’s log, with the one whom it is about', async () => {
  const before = (await trailOf(clinic, patient, vitals.patientId)).length
  const { deviceId } = await registered(clinic, patient, vitals)
  const named = () => ({ patientId: [] as [], deviceId, requestId: freshId() })
  for (const canister of BOTH) {
    await clinic.ok(patient, canister, 'changeDevice', { ...named(), change: { pause: null } })
    await clinic.ok(patient, canister, 'changeDevice', { ...named(), change: { pause: null } })
    await clinic.ok(patient, canister, 'changeDevice', { ...named(), change: { resume: null } })
    await clinic.ok(patient, canister, 'rotateDevice', { ...named(), algorithm: 1, publicKey: newKey().publicKey })
  }
  await removed(clinic, patient, deviceId)
  await clinic.advance(NS_PER_HOUR)
  const lines = (await trailOf(clinic, patient, vitals.patientId)).slice(before)
  const own = lines.filter(({ objectId }) => objectId === toHex(deviceId))
  expect(own.map(({ event }) => event)).toEqual([
    'deviceAdded',
    'devicePaused',
    'deviceChanged',
    'deviceRotated',
    'deviceRemoved',
  ])
  expect(own.every(({ actor }) => actor === patient.toText())).toBe(true)
})

test('an erased vault has no devices, and what they knew of each other is gone', async () => {
  const who = clinic.person('leaves').principal
  const own = await enrol(clinic, who)
  const at = { patientId: new Uint8Array(own.patientId), cid: new Uint8Array(categoryOf(own, 'vitals').cid) }
  const device = await registered(clinic, who, at)
  const sealer = await sealerOf(clinic, device)
  const batch = await sealer.batch(0)
  await clinic.ok(device.principal, 'records', 'depositReadings', { batch })
  const { patientId } = at
  await clinic.ok(who, 'consent', 'eraseBegin', { patientId, requestId: freshId() })
  const refused = await clinic.call(device.principal, 'records', 'depositReadings', { batch: await sealer.batch(1) })
  expect(kindOf(refused)).toBe('NotPermitted')
  for (let isDone = false; !isDone;)
    isDone = (await clinic.ok(who, 'records', 'erase', { patientId, requestId: freshId() })).isDone
  const receiptHash = new Uint8Array(32).fill(1)
  for (let isDone = false; !isDone;)
    isDone = (await clinic.ok(who, 'consent', 'eraseFinish', { patientId, receiptHash, requestId: freshId() })).isDone
  const answers = [
    await clinic.call(device.principal, 'records', 'depositReadings', { batch }),
    await clinic.call(device.principal, 'records', 'deviceInfo', { deviceId: device.deviceId }),
  ]
  expect(answers.map(kindOf)).toEqual(['NotPermitted', 'NotPermitted'])
  await clinic.advance(2n * NS_PER_HOUR)
  for (const canister of BOTH) {
    const rows = (await storedRows(clinic, canister)).map(({ key, value }) => Buffer.concat([key, value]))
    const speakOf = (bytes: Uint8Array) => rows.filter((row) => row.includes(Buffer.from(bytes))).length
    expect([speakOf(device.principal.toUint8Array()), speakOf(device.deviceId)], canister).toEqual([0, 0])
  }
})
