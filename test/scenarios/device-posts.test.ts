import {
  decodeDeviceBatch,
  DEVICE_SEQ_WINDOW,
  encodeDeviceBatch,
  NS_PER_MINUTE,
  type RefusalArm,
  toHex,
} from '@medguard/protocol'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type Clinic, freshId, kindOf, openClinic, type Person } from './clinic.ts'
import { addArg, BOTH, changed, newKey, registered, removed, sealerOf, type TestDevice } from './devices.fixture.ts'
import { keysFor, type Reach } from './sealed-record.ts'
import { trailOf } from './trail.ts'
import { categoryOf, enrol } from './ward.ts'

// I23, B09: what a device posts is kept once for ever, whatever happens on the way.

let clinic: Clinic
let patient: Person
let reach: Reach
beforeAll(async () => {
  clinic = await openClinic()
  patient = clinic.person('patient')
  const account = await enrol(clinic, patient.principal)
  reach = { patientId: new Uint8Array(account.patientId), compartment: categoryOf(account, 'vitals'), grantId: null }
})
afterAll(() => clinic.close())

let device: TestDevice
beforeEach(async () => {
  device = await registered(clinic, patient.principal, {
    patientId: reach.patientId,
    cid: new Uint8Array(reach.compartment.cid),
  })
  return () => removed(clinic, patient.principal, device.deviceId)
})

const post = (batch: Uint8Array, sender = device.principal) =>
  clinic.call(sender, 'records', 'depositReadings', { batch })
const posted = async (batch: Uint8Array) => clinic.ok(device.principal, 'records', 'depositReadings', { batch })
const info = (of = device) => clinic.ok(of.principal, 'records', 'deviceInfo', { deviceId: of.deviceId })
const sealer = async (of = device) => sealerOf(clinic, of, (await info(of)).epoch[0])
const count = async () => {
  const { patientId, compartment } = reach
  const place = { patientId, ...compartment, grantId: [] as [] }
  return (await clinic.ok(patient.principal, 'records', 'beginList', { ...place, requestId: freshId() })).count
}

describe('a batch', () => {
  test('is a record that the patient opens, from that device, with its lines in the log', async () => {
    const own = await sealer()
    const before = await count()
    const readings = await own.seal(new TextEncoder().encode('72 bpm'))
    const { position } = await posted(own.of(0, readings))
    expect(position).toBe(before)
    const client = patient.newClient()
    const listed = await client.list({ of: 'me' }, ['vitals'])
    if (listed.kind !== 'done') throw new Error(listed.refusal.kind)
    const [summary] = listed.value.filter(({ recordId }) => recordId === toHex(readings.recordId))
    if (summary === undefined) throw new Error('what was posted is listed')
    expect(summary).toMatchObject({ title: 'Readings', depositedBy: device.principal.toText() })
    expect(summary).toMatchObject({ deviceId: toHex(device.deviceId) })
    const opened = await client.open(summary)
    if (opened.kind !== 'done') throw new Error(opened.refusal.kind)
    expect(new TextDecoder().decode(opened.value.bytes)).toBe('72 bpm')
    expect(opened.value.summary).toMatchObject({ deviceId: toHex(device.deviceId) })
    await clinic.advance(NS_PER_MINUTE)
    const lines = await trailOf(clinic, patient.principal, reach.patientId)
    const itsLines = lines.filter(({ actor }) => actor === device.principal.toText())
    expect(itsLines.map(({ event }) => event)).toEqual(['capsule', 'deposit'])
  })

  test('that comes again gets the first answer, also wrapped anew and under another number; nothing is stored twice', async () => {
    const own = await sealer()
    const readings = await own.seal()
    const first = await posted(own.of(0, readings))
    const before = await count()
    expect(await posted(own.of(0, readings))).toEqual(first)
    expect(await posted(own.of(0, readings, false))).toEqual(first)
    const again = await own.rewrap(readings)
    expect(await posted(own.of(0, again))).toEqual(first)
    expect(await posted(own.of(5, again))).toEqual(first)
    const other = await sealer()
    expect(await posted(other.of(9, await other.rewrap(readings)))).toEqual(first)
    expect(await count()).toBe(before)
    expect((await info()).nextSeq).toBe(1)
  })

  test('under a number that another one has is refused, as is another content under the same record', async () => {
    const own = await sealer()
    const readings = await own.seal()
    await posted(own.of(3, readings))
    expect(kindOf(await post(await own.batch(3)))).toBe('IdConflict')
    const other = await own.seal()
    const manifest = Uint8Array.from(other.manifest)
    manifest.set(readings.recordId, 8)
    expect(kindOf(await post(own.of(4, { ...other, manifest })))).toBe('IdConflict')
  })

  test('may come in any order, and one that came too late is over', async () => {
    const own = await sealer()
    const [a, b, c] = [await own.batch(0), await own.batch(1), await own.batch(2)]
    // The capsule came with the last of them.
    for (const batch of [c, a, b]) await posted(batch)
    const skipped = await own.seal()
    const edge = DEVICE_SEQ_WINDOW + 1
    expect(kindOf(await post(await own.batch(edge + 2)))).toBe('BadInput')
    await posted(await own.batch(edge))
    expect((await info()).nextSeq).toBe(edge + 1)
    // One below the window, its lowest number, and what is there already: that is known by its record.
    expect(kindOf(await post(await own.batch(1)))).toBe('Expired')
    expect(await post(b)).toMatchObject({ Ok: {} })
    expect(kindOf(await post(await own.batch(2)))).toBe('IdConflict')
    await posted(own.of(3, skipped))
  })

  test('is refused as soon as one bit of it is not what its manifest says', async () => {
    const own = await sealer()
    const readings = await own.seal()
    const flip = (bytes: Uint8Array) => Uint8Array.from(bytes, (byte, i) => (i === bytes.length - 1 ? byte ^ 1 : byte))
    const bad = (answer: unknown) => (answer as { Err: RefusalArm }).Err
    const field = (name: string, code: string) => ({ BadInput: { field: name, code } })
    expect(bad(await post(own.of(0, { ...readings, body: flip(readings.body) })))).toEqual(field('body', 'differs'))
    expect(bad(await post(own.of(0, { ...readings, header: flip(readings.header) })))).toEqual(
      field('header', 'differs'),
    )
    expect(bad(await post(own.of(0, { ...readings, body: new Uint8Array(40) })))).toEqual(field('body', 'length'))
    expect(bad(await post(own.of(0, readings).subarray(0, 479)))).toEqual(field('batch', 'length'))
    const decoded = decodeDeviceBatch(own.of(0, readings))
    if (!decoded.ok) throw new Error(decoded.code)
    const foreign = (await sealer()).capsule
    expect(bad(await post(encodeDeviceBatch({ ...decoded.value, capsule: foreign })))).toEqual(
      field('capsule', 'differs'),
    )
    expect(bad(await post(own.of(0, readings, false)))).toEqual(field('capsule', 'unknown'))
    await posted(own.of(0, readings))
  })

  test('that was deleted since is not stored again', async () => {
    const own = await sealer()
    const readings = await own.seal()
    const first = await posted(own.of(0, readings))
    const deletion = { recordId: readings.recordId, requestId: freshId() }
    await clinic.ok(patient.principal, 'records', 'deleteRecord', deletion)
    expect(await posted(own.of(0, readings))).toEqual(first)
  })
})

describe('a device', () => {
  test('posts no more once it is removed at either canister, and is told nothing', async () => {
    for (const canister of BOTH) {
      const one = await registered(clinic, patient.principal, device)
      const own = await sealer(one)
      const batch = await own.batch(0)
      const arg = { patientId: [] as [], deviceId: one.deviceId, requestId: freshId() }
      await clinic.ok(patient.principal, canister, 'removeDevice', arg)
      expect(kindOf(await post(batch, one.principal)), canister).toBe('NotPermitted')
      await removed(clinic, patient.principal, one.deviceId)
    }
  })

  test('waits while it, or all sharing, is paused, and goes on where it was', async () => {
    const own = await sealer()
    await posted(await own.batch(0))
    const next = await own.batch(1)
    for (const canister of BOTH) {
      const change = (change: { pause: null } | { resume: null }) =>
        clinic.ok(patient.principal, canister, 'changeDevice', {
          patientId: [],
          deviceId: device.deviceId,
          change,
          requestId: freshId(),
        })
      await change({ pause: null })
      expect(kindOf(await post(next)), canister).toBe('Paused')
      expect(await info()).toMatchObject({ state: { paused: null }, epoch: [] })
      await change({ resume: null })
      const rules = (change: { pause: null } | { resume: null }) =>
        clinic.ok(patient.principal, canister, 'changeRules', { patientId: [], change, requestId: freshId() })
      await rules({ pause: null })
      expect(kindOf(await post(next)), canister).toBe('Paused')
      await rules({ resume: null })
    }
    await posted(next)
    expect(await info()).toMatchObject({ state: { active: null }, nextSeq: 2 })
  })

  test('has another key after it was rotated, goes on counting, and its former key is a stranger’s', async () => {
    const own = await sealer()
    const first = await own.seal()
    await posted(own.of(0, first))
    const key = newKey()
    for (const canister of BOTH)
      await clinic.ok(patient.principal, canister, 'rotateDevice', {
        patientId: [],
        deviceId: device.deviceId,
        algorithm: 1,
        publicKey: key.publicKey,
        requestId: freshId(),
      })
    expect(kindOf(await post(await own.batch(1)))).toBe('NotPermitted')
    // The capsule was the former key's: who has that key, and what it sealed, posts nothing.
    expect(kindOf(await post(await own.batch(1), key.principal))).toBe('BadInput')
    const rotated = { ...device, identity: key.identity, principal: key.principal }
    const anew = await sealer(rotated)
    expect(await info(rotated)).toMatchObject({ nextSeq: 1 })
    expect(await post(await anew.batch(1), key.principal)).toMatchObject({ Ok: {} })
    expect(await post(anew.of(0, await anew.rewrap(first)), key.principal)).toMatchObject({ Ok: {} })
  })

  test('that is a stranger’s, or nobody’s, is refused alike', async () => {
    const stranger = newKey()
    const own = await sealer()
    const answers = [
      await post(await own.batch(0), stranger.principal),
      await post(await (await sealerOf(clinic, { ...device, deviceId: freshId() })).batch(0)),
      await post(await (await sealerOf(clinic, { ...device, cid: freshId() })).batch(0)),
      await clinic.call(stranger.principal, 'records', 'deviceInfo', { deviceId: device.deviceId }),
      await clinic.call(stranger.principal, 'records', 'deviceInfo', { deviceId: freshId() }),
    ]
    expect(answers).toEqual(answers.map(() => ({ Err: { NotPermitted: null } })))
    // Who owns the vault is no device of it either.
    expect(kindOf(await post(await own.batch(0), patient.principal))).toBe('NotPermitted')
  })

  test('is its owner’s whoever named its key first, and whatever becomes of theirs', async () => {
    const occupier = clinic.person('occupier').principal
    const cid = new Uint8Array(categoryOf(await enrol(clinic, occupier), 'vitals').cid)
    const { publicKey, principal } = newKey()
    const occupied = addArg(cid, publicKey)
    const arg = addArg(new Uint8Array(reach.compartment.cid), publicKey)
    for (const canister of BOTH) await clinic.ok(occupier, canister, 'addDevice', occupied)
    for (const canister of BOTH) await clinic.ok(patient.principal, canister, 'addDevice', arg)
    const own = { ...device, deviceId: arg.deviceId, principal }
    await clinic.ok(principal, 'records', 'depositReadings', { batch: await (await sealer(own)).batch(0) })
    await removed(clinic, occupier, occupied.deviceId)
    await clinic.ok(principal, 'records', 'depositReadings', { batch: await (await sealer(own)).batch(1) })
    // Nor does anybody keep a person from an account by naming their key.
    await enrol(clinic, principal)
    expect(kindOf(await post(await (await sealer(own)).batch(2), patient.principal))).toBe('NotPermitted')
    await removed(clinic, patient.principal, own.deviceId)
  })
})

describe('what happens on the way', () => {
  test('to the key: what was sealed under a former epoch is wrapped anew and kept once', async () => {
    const own = await sealer()
    const kept = await own.seal()
    await posted(own.of(0, kept))
    const late = await own.seal()
    const { currentEpoch } = await clinic.ok(patient.principal, 'consent', 'depositInfo', {
      patientId: reach.patientId,
      ...reach.compartment,
      grantId: [],
    })
    await keysFor(clinic, patient.principal, reach, currentEpoch)
    // Two clients that find different keys end the epoch.
    for (const value of [freshId(), freshId()])
      await clinic.call(patient.principal, 'consent', 'postKeyCheck', {
        patientId: [],
        ...reach.compartment,
        epoch: currentEpoch,
        keyCheckValue: value,
        requestId: freshId(),
      })
    const current = currentEpoch + 1
    expect(await post(own.of(1, late))).toEqual({ Err: { StaleEpoch: { current } } })
    expect(await info()).toMatchObject({ epoch: [current], nextSeq: 1 })
    // Kept already, before the key moved on: whatever it is wrapped under now.
    expect(await post(own.of(0, kept))).toMatchObject({ Ok: {} })
    const anew = await sealer()
    const before = await count()
    expect(await post(anew.of(0, await anew.rewrap(kept)))).toMatchObject({ Ok: {} })
    await posted(anew.of(1, await anew.rewrap(late)))
    await posted(anew.of(1, await anew.rewrap(late)))
    expect(await count()).toBe(before + 1)
  })

  test('to the canisters: they are upgraded, and know what came', async () => {
    const own = await sealer()
    const readings = await own.seal()
    const first = await posted(own.of(0, readings))
    for (const canister of BOTH) await clinic.upgrade(canister)
    await clinic.advance(NS_PER_MINUTE)
    expect(await posted(own.of(0, readings))).toEqual(first)
    expect(kindOf(await post(await own.batch(0)))).toBe('IdConflict')
    await posted(await own.batch(1))
    expect(await info()).toMatchObject({ nextSeq: 2 })
  })

  test('to consent: it is away, and the batch is taken when it is back', async () => {
    const own = await sealer()
    const batch = await own.batch(0)
    await clinic.stop('consent')
    expect(kindOf(await post(batch))).toBe('Busy')
    expect(kindOf(await clinic.call(device.principal, 'records', 'deviceInfo', { deviceId: device.deviceId }))).toBe(
      'Busy',
    )
    await clinic.start('consent')
    await posted(batch)
  })

  test('to the log: it is away, the batch is taken, and its line comes later', async () => {
    const own = await sealer()
    const readings = await own.seal()
    await clinic.stop('audit')
    await posted(own.of(0, readings))
    await clinic.start('audit')
    await clinic.advance(10n * NS_PER_MINUTE)
    const lines = await trailOf(clinic, patient.principal, reach.patientId)
    expect(
      lines.filter(({ event, objectId }) => event === 'deposit' && objectId === toHex(readings.recordId)),
    ).toHaveLength(1)
  })
})

test('pausing twice is once, and one resume ends it', async () => {
  await changed(clinic, patient.principal, device, { pause: null })
  await changed(clinic, patient.principal, device, { pause: null })
  await changed(clinic, patient.principal, device, { resume: null })
  expect(await info()).toMatchObject({ state: { active: null } })
})
