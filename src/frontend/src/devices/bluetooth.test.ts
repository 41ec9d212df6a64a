import { readFileSync } from 'node:fs'
import type { NewRecord, Outcome, RecordSummary, WaitingRecord } from '@medguard/client'
import { decodeSegment } from '@medguard/readings'
import { expect, test } from 'vitest'
import { createLoadable } from '../app/loadable.ts'
import type { GattCharacteristic, GattDevice } from './bluetooth-gatt.ts'
import { createBluetoothStore, type OpenDevice } from './bluetooth-store.ts'
import { createReadingsReader } from './readings-reader.ts'

// What becomes of values that come over the air, with recorded ones; the browser's own Bluetooth is in test/e2e/bluetooth.spec.ts.

const TRACES = JSON.parse(
  readFileSync(new URL('../../../../test/vectors/ble-gatt-packets.json', import.meta.url), 'utf8'),
) as { packets: { characteristic: string; name: string; hex: string }[] }
const traced = (name: string): string => {
  const packet = TRACES.packets.find((each) => each.name.startsWith(name))
  if (packet === undefined) throw new Error(`no trace ${name}`)
  return packet.hex
}
const viewOf = (hex: string) => new DataView(Uint8Array.from(Buffer.from(hex, 'hex')).buffer)
const notFound = () => Object.assign(new Error('none'), { name: 'NotFoundError' })

/** The other side of the air: a device with some services, that says what a test lets it say. */
function deviceOf(name: string, services: Readonly<Record<number, readonly number[]>>) {
  const heard = new Map<number, GattCharacteristic & { value: DataView | null }>()
  const characteristicOf = (number: number) => {
    const made = Object.assign(new EventTarget(), {
      value: null,
      startNotifications: async () => void heard.set(number, made),
      readValue: async () => viewOf('32'),
      writeValueWithResponse: async () => {},
    })
    return made as GattCharacteristic & { value: DataView | null }
  }
  const device = new EventTarget()
  const gatt = {
    connect: async () => gatt,
    disconnect: () => void device.dispatchEvent(new Event('gattserverdisconnected')),
    getPrimaryService: async (service: number) => {
      const there = services[service]
      if (there === undefined) throw notFound()
      return {
        getCharacteristic: async (number: number) => {
          if (!there.includes(number)) throw notFound()
          return characteristicOf(number)
        },
      }
    },
  }
  return {
    device: Object.assign(device, { name, gatt }) satisfies GattDevice,
    says(number: number, hex: string) {
      const characteristic = heard.get(number)
      if (characteristic === undefined) throw new Error('nobody listens')
      characteristic.value = viewOf(hex)
      characteristic.dispatchEvent(new Event('characteristicvaluechanged'))
    },
  }
}

function vault() {
  const sent: NewRecord[] = []
  const waiting: NewRecord[] = []
  const records = createLoadable<readonly RecordSummary[]>(async () => ({ kind: 'done', value: [] }))
  records.getState().put([])
  const line = { isAway: false, isOffline: false }
  return {
    sent,
    waiting,
    records,
    line,
    async addOnce(recordId: string, record: NewRecord): Promise<Outcome<RecordSummary>> {
      if (line.isAway) return { kind: 'refused', refusal: { kind: 'Busy', retryAfterMs: 1 } as never }
      sent.push(record)
      const { title, fileName, mediaType, category, clinicalDate, readings } = record
      const about = {
        title,
        fileName,
        mediaType,
        category,
        clinicalDate,
        readings: { ...readings },
        contentSha256: recordId,
      }
      const rest = { author: null, subject: null, addedNs: null, sizeBytes: 1 } as const
      return { kind: 'done', value: { vault: { of: 'me' }, recordId, version: 1, ...about, ...rest } }
    },
    async putOff(record: NewRecord): Promise<Outcome<WaitingRecord>> {
      waiting.push(record)
      const { title, category } = record
      return { kind: 'done', value: { id: '', putOffMs: 0, sizeBytes: 1, isSealed: true, title, category } }
    },
  }
}
const valuesIn = (records: readonly NewRecord[]) =>
  records.map(({ bytes }) =>
    decodeSegment(bytes as Uint8Array).map(({ value, components }) => value ?? components[0]?.value),
  )

async function connected(name: string, services: Readonly<Record<number, readonly number[]>>) {
  const own = vault()
  const far = deviceOf(name, services)
  const clock = { nowMs: Date.UTC(2024, 2, 14, 12) }
  const store = createBluetoothStore({
    bluetooth: { getAvailability: async () => true, requestDevice: async () => far.device },
    client: own,
    records: own.records,
    reader: createReadingsReader({ open: async () => ({ kind: 'refused', refusal: { kind: 'Busy' } as never }) }),
    mayWait: () => own.line.isOffline,
    onPutOff: () => {},
    now: () => clock.nowMs,
  })
  await store.getState().choose()
  const look = (): OpenDevice => {
    const { view } = store.getState()
    if (view.status !== 'open') throw new Error(view.status)
    return view
  }
  return { own, far, clock, store, look }
}

const HEART = { 0x180d: [0x2a37] }
const beat = (bpm: number) => `00${bpm.toString(16).padStart(2, '0')}`

test('a stream is saved in batches once its owner has saved for the first time, and the rest when the line ends', async () => {
  const { own, far, clock, store, look } = await connected('Strap', HEART)
  far.says(0x2a37, traced('Heart Rate Measurement, uint8'))
  expect(look()).toMatchObject({ line: 'on', unsaved: 1, saved: 0, latest: [{ value: 72 }] })
  clock.nowMs += 3_600_000
  far.says(0x2a37, beat(60)) // an hour later nothing is saved yet: nobody has asked for it
  expect(own.sent).toEqual([])
  await store.getState().save('vitals')
  expect(look()).toMatchObject({ unsaved: 0, saved: 2, goesOn: true })
  for (const bpm of [61, 62]) {
    clock.nowMs += 1000
    far.says(0x2a37, beat(bpm))
  }
  expect(look()).toMatchObject({ unsaved: 2, saved: 2 })
  clock.nowMs += 600_000
  far.says(0x2a37, beat(63))
  await expect.poll(() => look().saved).toBe(5)
  clock.nowMs += 1000
  far.says(0x2a37, beat(64))
  far.device.gatt.disconnect()
  await expect.poll(() => look()).toMatchObject({ line: 'ended', saved: 6, unsaved: 0 })
  expect(valuesIn(own.sent)).toEqual([[72, 60], [61, 62, 63], [64]])
})

test('nothing that is told as saved is lost, and nothing is saved twice, where no answer comes', async () => {
  const { own, far, store, look } = await connected('Strap', HEART)
  far.says(0x2a37, beat(60))
  own.line.isAway = true
  await store.getState().save('vitals')
  expect(look()).toMatchObject({ saved: 0, unsaved: 1, problem: { kind: 'refused' } })
  far.says(0x2a37, beat(61))
  expect(look()).toMatchObject({ saved: 0, unsaved: 2 })
  own.line.isAway = false
  await store.getState().save('vitals')
  expect(look()).toMatchObject({ saved: 2, unsaved: 0, problem: null })
  expect(valuesIn(own.sent)).toEqual([[60], [61]])
})

test('without a network they wait on this device, and that is not called saved', async () => {
  const { own, far, store, look } = await connected('Strap', HEART)
  own.line.isOffline = true
  far.says(0x2a37, beat(60))
  await store.getState().save('vitals')
  expect(look()).toMatchObject({ saved: 0, waits: 1, unsaved: 0 })
  expect(valuesIn(own.waiting)).toEqual([[60]])
})

test('of a scale for two nothing is saved before its owner said whose readings', async () => {
  const { own, far, store, look } = await connected('Scale', { 0x181d: [0x2a9d] })
  const mine = traced('Weight, SI')
  const theirs = mine.replace('0ef839', '0e803e').replace('1e05010301', '2805020301')
  far.says(0x2a9d, mine)
  far.says(0x2a9d, theirs)
  expect(look()).toMatchObject({ users: [1, 2], whose: null })
  await store.getState().save('vitals')
  expect(own.sent).toEqual([])
  store.getState().chooseWhose(1)
  await store.getState().save('vitals')
  expect(valuesIn(own.sent)).toEqual([expect.arrayContaining([74.2])])
  expect(valuesIn(own.sent)[0]).not.toContain(80)
})

test('what nobody understands is counted and kept as it came', async () => {
  const { far, look } = await connected('Cuff', { 0x1810: [0x2a35] })
  for (const hex of ['1e8a00', '']) far.says(0x2a35, hex)
  expect(look()).toMatchObject({
    unsaved: 0,
    strangeCount: 2,
    strange: [{ characteristic: 0x2a35, bytes: [0x1e, 0x8a, 0] }, { bytes: [] }],
  })
})

test('a device without a health service is told as such', async () => {
  const { look } = await connected('Lamp', { 0xfff0: [] })
  expect(look()).toMatchObject({ line: 'ended', trouble: 'noReadings' })
})
