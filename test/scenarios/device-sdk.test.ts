import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { DEVICES_MEDIA_TYPE } from '@medguard/client'
import { callRoad, httpsRoad, openDevice, type Road, sendAll } from '@medguard/device'
import { type Reading, readingKey } from '@medguard/readings'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Clinic, openClinic, type Person } from './clinic.ts'
import {
  asPaired,
  endsAccess,
  memoryDisk,
  openWithAll,
  pairedDevice,
  PowerCut,
  pulse,
  readingsOf,
  type TestPaired,
  wireOf,
} from './device-sdk.fixture.ts'

// B08, B09, I23: a device that seals, keeps what it sealed until it was taken, and posts it.

let clinic: Clinic
let patients = 0
beforeAll(async () => {
  clinic = await openClinic()
})
afterAll(() => clinic.close())

async function patientWithDevice(): Promise<{ patient: Person; paired: TestPaired }> {
  const patient = clinic.person(`patient ${patients++}`)
  await patient.client.enrol()
  return { patient, paired: await pairedDevice(patient.client) }
}
const keys = (readings: readonly Reading[]) => readings.map(readingKey).toSorted()
const opened = (paired: TestPaired, store = memoryDisk().store, road: Road = wireOf(clinic, paired)) =>
  openDevice({ pairing: paired.pairing, store, road })
const overHttps = (
  pairing: TestPaired['pairing'],
  identity: TestPaired['identity'],
  options: { readonly gateway?: string } = {},
): Road => httpsRoad(pairing, identity, { certified: callRoad(pairing, identity), ...options })
test.each([
  ['canister call', callRoad],
  ['HTTPS', overHttps],
] as const)('readings go by %s, sealed, and the patient reads them with both clocks', async (_, road) => {
  const { patient, paired } = await patientWithDevice()
  const { store, files } = memoryDisk()
  const device = await opened(paired, store, road(paired.pairing, paired.identity))
  const readings = pulse(700)
  expect(await device.keep([...readings, ...readings.slice(0, 10)])).toBe(1)
  expect(await device.backlog()).toMatchObject({ batches: 1 })
  await sendAll(device)
  expect([...files.keys()]).toEqual(['state'])
  const read = await readingsOf(patient.newClient())
  expect(read.records).toBe(1)
  const nowMs = Date.now()
  expect(read.readings).toEqual(readings.map((each) => ({ ...each, receivedMs: nowMs })))
  expect(await device.ask()).toMatchObject({ standing: { state: 'active', nextSeq: 1 } })
})

test('wherever the power goes, and whatever answers are lost: each batch is there once, and none is missing', async () => {
  const { patient, paired } = await patientWithDevice()
  const wire = wireOf(clinic, paired)
  let posts = 0
  const losing: Road = {
    ...wire,
    async post(batch, seq) {
      const answer = await wire.post(batch, seq)
      return posts++ % 3 === 1 ? { kind: 'later', why: 'Uncertain', afterMs: null } : answer
    },
  }
  const disk = memoryDisk()
  const truth: Reading[] = []
  let batches = 0
  let cuts = 0
  for (let operations = 0; operations < 14; operations++) {
    disk.cutAfter(operations)
    try {
      const device = await opened(paired, disk.store, losing)
      for (let i = 0; i < 2; i++) {
        const readings = pulse(3, batches * 3)
        batches += await device.keep(readings)
        truth.push(...readings)
        await device.send()
        await device.send()
      }
    } catch (error) {
      expect(error).toBeInstanceOf(PowerCut)
      cuts++
    }
    disk.cutAfter(Number.POSITIVE_INFINITY)
  }
  expect(cuts).toBeGreaterThan(5)
  await sendAll(await opened(paired, disk.store))
  const read = await readingsOf(patient.newClient())
  expect(keys(read.readings)).toEqual(keys(truth))
  expect(read.records).toBe(batches)
})

test('what waits is wrapped anew when a reader lost their right, also by a device that died in the midst of it', async () => {
  const { patient, paired } = await patientWithDevice()
  const disk = memoryDisk()
  const device = await opened(paired, disk.store)
  await device.keep(pulse(3))
  await sendAll(device)
  for (const first of [3, 6, 9]) await device.keep(pulse(3, first))
  await endsAccess(clinic, clinic.person('reader'), patient)
  // The epoch and its chain are on the disk, and the first of three batches.
  disk.cutAfter(3)
  await expect(device.send()).rejects.toThrow(PowerCut)
  disk.cutAfter(Number.POSITIVE_INFINITY)
  const again = await opened(paired, disk.store)
  await again.keep(pulse(3, 12))
  await sendAll(again)
  const read = await readingsOf(patient.newClient())
  expect(keys(read.readings)).toEqual(keys(pulse(15)))
  expect(read.records).toBe(5)
})

test('an older key is refused, whoever names it, and one too far ahead', async () => {
  const { paired } = await patientWithDevice()
  const wire = wireOf(clinic, paired)
  for (const current of [0, 1, 1_002, 1.5, Number.NaN]) {
    const device = await opened(paired, memoryDisk().store, {
      ...wire,
      post: async () => ({ kind: 'staleEpoch', current }),
    })
    await device.keep(pulse(1))
    expect(await device.send()).toEqual({ kind: 'later', why: 'StaleEpoch', afterMs: null })
    expect(await device.backlog()).toMatchObject({ batches: 1 })
  }
})

test('over HTTPS the epoch is the network’s word, whatever a gateway says', async () => {
  const { patient, paired } = await patientWithDevice()
  const { store } = memoryDisk()
  const liar = createServer((_, response) => {
    response.writeHead(409, { 'content-type': 'application/problem+json' })
    response.end(JSON.stringify({ code: 'StaleEpoch', current: 900 }))
  }).listen(0, '127.0.0.1')
  await once(liar, 'listening')
  const gateway = `http://127.0.0.1:${(liar.address() as AddressInfo).port}`
  const led = await opened(paired, store, overHttps(paired.pairing, paired.identity, { gateway }))
  await led.keep(pulse(2))
  expect(await led.send()).toEqual({ kind: 'later', why: 'StaleEpoch', afterMs: null })
  liar.close()
  const device = await opened(paired, store, overHttps(paired.pairing, paired.identity))
  await sendAll(device)
  await endsAccess(clinic, clinic.person('reader over HTTPS'), patient)
  await device.keep(pulse(2, 2))
  await sendAll(device)
  expect(keys((await readingsOf(patient.newClient())).readings)).toEqual(keys(pulse(4)))
  expect(await callRoad(paired.pairing, paired.identity).ask()).toMatchObject({ standing: { epoch: 2 } })
})

test('everything on its disk opens what waits, and nothing of what was taken', async () => {
  const { paired } = await patientWithDevice()
  const disk = memoryDisk()
  const posted: Uint8Array[] = []
  const wire = wireOf(clinic, paired)
  const device = await opened(paired, disk.store, {
    ...wire,
    post(batch, seq) {
      posted.push(batch)
      return wire.post(batch, seq)
    },
  })
  for (const first of [0, 3, 6]) await device.keep(pulse(3, first))
  const before = [...disk.files.entries()].filter(([name]) => name.startsWith('batch-'))
  for (const [, batch] of before) expect(await openWithAll(disk.files, paired.pairing, batch)).not.toBeNull()
  await device.send()
  await device.send()
  const [first, second, waiting] = before.map(([, batch]) => batch) as [Uint8Array, Uint8Array, Uint8Array]
  for (const batch of [first, second, ...posted])
    expect(await openWithAll(disk.files, paired.pairing, batch)).toBeNull()
  expect(await openWithAll(disk.files, paired.pairing, waiting)).not.toBeNull()
  await device.send()
  expect(await openWithAll(disk.files, paired.pairing, waiting)).toBeNull()
})

test('a device that lost its memory counts on from where the canister stands', async () => {
  const { patient, paired } = await patientWithDevice()
  for (const first of [0, 2]) {
    const device = await opened(paired)
    await device.keep(pulse(2, first))
    await sendAll(device)
  }
  expect(keys((await readingsOf(patient.newClient())).readings)).toEqual(keys(pulse(4)))
})

test('a device with another key goes on with what waits, though its capsule went with the former', async () => {
  const { patient, paired } = await patientWithDevice()
  const { store } = memoryDisk()
  const before = await opened(paired, store)
  for (const first of [0, 2, 4]) await before.keep(pulse(2, first))
  expect(await before.send()).toEqual({ kind: 'kept' })
  const rotated = await patient.client.rotateDevice(paired.device.deviceId)
  if (rotated.kind !== 'done') throw new Error(rotated.refusal.kind)
  expect(await before.send()).toEqual({ kind: 'later', why: 'NotPermitted', afterMs: null })
  const after = await opened(asPaired(rotated.value), store)
  expect([await after.send(), await after.send(), await after.send()].map(({ kind }) => kind)).toEqual([
    'kept',
    'kept',
    'nothing',
  ])
  const read = await readingsOf(patient.newClient())
  expect([read.records, keys(read.readings)]).toEqual([3, keys(pulse(6))])
})

test('a paused device keeps what it has, says what it waits for, and goes on', async () => {
  const { patient, paired } = await patientWithDevice()
  const device = await opened(paired)
  await device.keep(pulse(2))
  await patient.client.pauseDevice(paired.device.deviceId)
  expect(await device.send()).toEqual({ kind: 'later', why: 'Paused', afterMs: null })
  await patient.client.resumeDevice(paired.device.deviceId)
  const waits: string[] = []
  await sendAll(device, { onWait: (why) => waits.push(why) })
  expect([waits, await device.backlog()]).toEqual([[], { batches: 0, sizeBytes: 0 }])
  expect((await readingsOf(patient.newClient())).records).toBe(1)
})

test('has an end of what may wait, and keeps what is there when that is reached', async () => {
  const { paired } = await patientWithDevice()
  const device = await openDevice({
    pairing: paired.pairing,
    store: memoryDisk().store,
    road: wireOf(clinic, paired),
    waitingBytesMax: 4_600,
  })
  await device.keep(pulse(3))
  await expect(device.keep(pulse(300))).rejects.toMatchObject({ name: 'DeviceFault', code: 'Full' })
  expect(await device.backlog()).toMatchObject({ batches: 1 })
  await sendAll(device)
  await device.keep(pulse(3))
})

test('what devices are called lies with their readings; the list of a former release is read, and moves there with the next change', async () => {
  const { patient, paired } = await patientWithDevice()
  const { client } = patient
  await client.addDevice({ name: 'Pump', category: 'sensitive' })
  const lists = async () => {
    const listed = await client.list({ of: 'me' }, ['summary', 'vitals', 'sensitive'])
    if (listed.kind !== 'done') throw new Error(listed.refusal.kind)
    return listed.value.filter(({ mediaType }) => mediaType === DEVICES_MEDIA_TYPE)
  }
  const names = async () => {
    const devices = await client.devices()
    if (devices.kind !== 'done') throw new Error(devices.refusal.kind)
    return Object.fromEntries(devices.value.map(({ deviceId, name }) => [deviceId, name]))
  }
  expect((await lists()).map(({ category }) => category).toSorted()).toEqual(['sensitive', 'vitals'])
  const before = await names()
  expect(new Set(Object.values(before))).toEqual(new Set(['Cuff', 'Pump']))

  for (const { recordId } of await lists()) await client.deleteRecord(recordId)
  const devices = Object.fromEntries(Object.entries(before).map(([deviceId, name]) => [deviceId, { name }]))
  const bytes = new TextEncoder().encode(JSON.stringify({ devices }))
  const former = { bytes, title: 'Devices', fileName: null, mediaType: DEVICES_MEDIA_TYPE, clinicalDate: null }
  await client.add({ ...former, category: 'summary' })
  expect(await names()).toEqual(before)
  await client.renameDevice(paired.device.deviceId, 'Cuff at home')
  expect(await names()).toEqual({ ...before, [paired.device.deviceId]: 'Cuff at home' })
  expect((await lists()).map(({ category }) => category).toSorted()).toEqual(['sensitive', 'vitals'])
})
