import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Device, openDevice, type Road, sendAll, simulate, type Truth } from '@medguard/device'
import { NS_PER_MINUTE } from '@medguard/protocol'
import { encodeSegment, type Reading, readingOf } from '@medguard/readings'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { findMarkers, type Marker, plantedWord, secretMarker, textMarker } from '../product/markers.ts'
import { type Clinic, openClinic, type Person } from './clinic.ts'
import {
  asPaired,
  endsAccess,
  memoryDisk,
  openWithAll,
  pairedDevice,
  PowerCut,
  readingsOf,
  type TestPaired,
  wireOf,
} from './device-sdk.fixture.ts'

// B09, user request 20: a sensor with everything that goes wrong, over a network where everything goes wrong, and the patient who reads what was measured.

let clinic: Clinic
let stateDir: string
let patient: Person
beforeAll(async () => {
  stateDir = mkdtempSync(join(tmpdir(), 'medguard-simulator-'))
  clinic = await openClinic({ stateDir })
  patient = clinic.person('patient')
  await patient.client.enrol()
})
afterAll(async () => {
  await clinic.close()
  rmSync(stateDir, { recursive: true, force: true })
})

const WORD = plantedWord('sensor')
/** Digits that stand nowhere by chance. */
const VALUE = 61.234567891
const unmistakable = readingOf({
  device: WORD,
  id: plantedWord('reading'),
  code: '8867-4',
  unit: '/min',
  value: VALUE,
  timeMs: 1_780_000_000_000,
})

function simulated(seed: number, count: number) {
  const all = [...simulate({ seed, count, device: WORD })]
  const truth = all.flatMap((each) => (each.kind === 'measured' ? [each.truth] : []))
  const delivered = all.flatMap((each) => (each.kind === 'delivered' ? [each.reading] : []))
  return { truth, delivered }
}
const ofTruth = (truth: readonly Truth[]) =>
  truth.map(({ sequence, clockMs, code, value }) => ({ sequence, clockMs, code, value }))
const ofReadings = (readings: readonly Reading[]) =>
  readings
    .filter(({ source }) => source.sequence !== null)
    .map(({ source, clockMs, code, value }) => ({ sequence: source.sequence, clockMs, code, value }))
    .toSorted((a, b) => Number(a.sequence) - Number(b.sequence))

/** Every third answer is lost on its way. */
function losing(road: Road): Road & { readonly posted: Uint8Array[] } {
  const posted: Uint8Array[] = []
  return {
    posted,
    ask: () => road.ask(),
    async post(batch, seq) {
      posted.push(batch)
      const answer = await road.post(batch, seq)
      return posted.length % 3 === 0 ? { kind: 'later', why: 'Uncertain', afterMs: null } : answer
    },
  }
}

test('the same seed makes the same faults, and every kind of them', () => {
  const { truth, delivered } = simulated(7, 600)
  expect(simulated(7, 600)).toEqual({ truth, delivered })
  expect(simulated(8, 600).truth).not.toEqual(truth)
  const sequences = delivered.map(({ source }) => Number(source.sequence))
  expect(new Set(sequences)).toEqual(new Set(truth.map(({ sequence }) => sequence)))
  expect(delivered.length).toBeGreaterThan(truth.length) // replays
  expect(sequences.some((each, i) => each < (sequences[i - 1] ?? 0) - 1)).toBe(true) // another order
  expect(new Set(delivered.map(({ offsetMinutes }) => offsetMinutes)).size).toBeGreaterThan(2) // a journey
  expect(delivered.some(({ flags }) => flags.includes('clockWrong'))).toBe(true) // a reset clock
  expect(new Set(truth.map(({ clockMs, trueMs }) => clockMs - trueMs)).size).toBeGreaterThan(3) // jumps
})

/** Waits for nothing, and not for ever. */
async function sendHastily(device: Device): Promise<void> {
  const over = new AbortController()
  const waits: string[] = []
  await sendAll(device, {
    signal: over.signal,
    pause: async () => {},
    onWait: (why) => {
      if (waits.push(why) > 30) over.abort()
    },
  })
  expect(await device.backlog(), waits.join()).toMatchObject({ batches: 0 })
}

let paired: TestPaired
const disk = memoryDisk()
const posted: Uint8Array[] = []
const opened = async (): Promise<Device> => {
  const road = losing(wireOf(clinic, paired))
  const device = await openDevice({
    pairing: paired.pairing,
    store: disk.store,
    road: {
      ...road,
      post: async (batch, seq) => {
        posted.push(batch)
        return road.post(batch, seq)
      },
    },
  })
  return device
}
const { truth, delivered } = simulated(20_251_122, 100)

test('whatever happens to sensor, phone, key, right and canisters, the patient reads what was measured, each once', async () => {
  paired = await pairedDevice(patient.client, 'Sensor')
  const { deviceId } = paired.device
  const happens: readonly (() => Promise<unknown>)[] = [
    async () => disk.cutAfter(2),
    () => clinic.upgrade('records'),
    () => endsAccess(clinic, clinic.person('reader'), patient),
    async () => disk.cutAfter(4),
    () => patient.client.pauseDevice(deviceId),
    () => patient.client.resumeDevice(deviceId),
    async () => {
      const rotated = await patient.client.rotateDevice(deviceId)
      if (rotated.kind !== 'done') throw new Error(rotated.refusal.kind)
      paired = asPaired(rotated.value)
    },
    () => clinic.upgrade('consent'),
    () => endsAccess(clinic, clinic.person('another reader'), patient, 'isRevoked'),
  ]
  const perPart = Math.ceil((delivered.length + 1) / 10)
  const all = [...delivered, unmistakable]
  let device = await opened()
  for (let at = 0, part = 0; at < all.length; part++) {
    await happens[part]?.()
    try {
      const readings = all.slice(at, at + perPart)
      await device.keep(readings)
      at += readings.length
      await device.send()
      await device.send()
    } catch (error) {
      expect(error).toBeInstanceOf(PowerCut)
    }
    if (disk.isCut() || part === 6) {
      disk.cutAfter(Number.POSITIVE_INFINITY)
      device = await opened()
    }
    await clinic.advance(NS_PER_MINUTE)
  }
  await sendHastily(device)
  const read = await readingsOf(patient.newClient())
  expect(ofReadings(read.readings)).toEqual(ofTruth(truth))
  expect(read.readings.filter(({ source }) => source.id === unmistakable.source.id)).toHaveLength(1)
})

test('all of it once more adds nothing: not the batches as they were posted, and not the readings', async () => {
  const before = await readingsOf(patient.newClient())
  const caller = paired.identity.getPrincipal()
  for (const batch of posted) await clinic.call(caller, 'records', 'depositReadings', { batch })
  expect(await readingsOf(patient.newClient())).toEqual(before)
  const device = await opened()
  await device.keep(delivered)
  await sendHastily(device)
  const after = await readingsOf(patient.newClient())
  expect(ofReadings(after.readings)).toEqual(ofTruth(truth))
})

const filesUnder = (folder: string): string[] =>
  readdirSync(folder)
    .map((name) => join(folder, name))
    .flatMap((path) => (statSync(path).isDirectory() ? filesUnder(path) : [path]))

function numberMarkers(value: number): Marker[] {
  const floats = [false, true].map((isLittle) => {
    const bytes = new Uint8Array(8)
    new DataView(bytes.buffer).setFloat64(0, value, isLittle)
    return { name: `the value as a float, ${isLittle ? 'little' : 'big'}-endian`, bytes }
  })
  return [...textMarker('the value', String(value)), ...floats.flatMap(({ name, bytes }) => secretMarker(name, bytes))]
}

test('no reading is in clear on the network’s disk or the device’s, and the device opens nothing of what was taken', async () => {
  const segment = encodeSegment([unmistakable])
  /** As it is stored in a segment: the value without its point, seven bits a byte. */
  const scaled = Uint8Array.from(
    { length: 6 },
    (_, i) => (Number((BigInt(Math.round(VALUE * 1e9)) * 2n) >> BigInt(7 * i)) % 128) | (i < 5 ? 128 : 0),
  )
  const markers = [
    ...textMarker('the device', WORD),
    ...textMarker('the id', unmistakable.source.id ?? ''),
    ...numberMarkers(VALUE),
    ...secretMarker('the value in a segment', scaled),
  ]
  // What the search has to see where it is in clear.
  expect(findMarkers('segment', segment, markers)).toEqual(
    expect.arrayContaining(['the device in segment', 'the id in segment', 'the value in a segment in segment']),
  )
  const places = [
    ...filesUnder(stateDir).map((path) => [path, readFileSync(path)] as const),
    ...[...disk.files].map(([name, bytes]) => [`device: ${name}`, bytes] as const),
  ]
  const own = [{ name: 'device id', bytes: paired.pairing.deviceId }]
  expect(places.flatMap(([where, bytes]) => findMarkers(where, bytes, own)).length).toBeGreaterThan(0)
  expect(places.flatMap(([where, bytes]) => findMarkers(where, bytes, markers))).toEqual([])
  for (const batch of posted.slice(-4)) expect(await openWithAll(disk.files, paired.pairing, batch)).toBeNull()
})

test('removed, it is told so and keeps what it has; what its sensor still has is there once when it was added anew', async () => {
  const later = simulated(20_251_123, 12).delivered.map((each) => ({
    ...each,
    source: { ...each.source, sequence: Number(each.source.sequence) + truth.length },
  }))
  const device = await opened()
  await patient.client.removeDevice(paired.device.deviceId)
  await device.keep(later)
  expect(await device.send()).toMatchObject({ kind: 'later', why: 'NotPermitted' })
  expect(await device.backlog()).toMatchObject({ batches: 1 })
  expect(ofReadings((await readingsOf(patient.newClient())).readings)).toEqual(ofTruth(truth))

  const anew = await pairedDevice(patient.client, 'Sensor')
  const again = await openDevice({
    pairing: anew.pairing,
    store: memoryDisk().store,
    road: losing(wireOf(clinic, anew)),
  })
  await again.keep([...delivered, ...later])
  await sendHastily(again)
  const all = ofReadings((await readingsOf(patient.newClient())).readings)
  expect(all.slice(0, truth.length)).toEqual(ofTruth(truth))
  expect(new Set(all.slice(truth.length).map(({ sequence }) => sequence)).size).toBe(12)
  expect(all).toHaveLength(truth.length + 12)
})
