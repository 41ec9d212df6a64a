import { createPrng } from '@medguard/localnet'
import type { ReadingsHeader } from '@medguard/device'
import { encodeSegment, type Reading, readingOf, SEGMENT_MEDIA_TYPE, summaryOf } from '@medguard/readings'
import { NS_PER_MINUTE } from '@medguard/protocol'
import { CANISTER_NAMES, freshId } from '../test/scenarios/clinic.ts'
import { registered, sealerOf } from '../test/scenarios/devices.fixture.ts'
import { keysFor, placeOf, type Reach, seal, store } from '../test/scenarios/sealed-record.ts'
import { openStepped, somebody, type Stepped } from '../test/scenarios/stepped.ts'
import { categoryOf, enrol } from '../test/scenarios/ward.ts'
import { withoutChance } from '../test/simulation/without-chance.fixture.ts'
import { check } from './rows.ts'

// What acts leave behind in stable memory for good, in all canisters: rows, what maps keep around them, and lines of the log.

export const KEPT = ['a record, beside its content', 'a post of 60 readings', 'a line of the log'] as const
export type KeptBytes = Readonly<Record<(typeof KEPT)[number], number>>

const BLOCK_BYTES = 4_096
const HOUR_NS = 60n * NS_PER_MINUTE
/** Of each first, so that what is remembered for a day has come to its level, and then those that are counted. */
const TIMES = { before: 30, counted: 120 }
const CONTENT_BYTES = 2_000

/** One act an hour of the network's clock, many times; of that the mean. */
export async function keptBytes(): Promise<KeptBytes> {
  const chance = withoutChance()
  try {
    chance.begin('kept')
    return await measured()
  } finally {
    chance.restore()
  }
}

async function measured(): Promise<KeptBytes> {
  const net = await openStepped()
  const patient = somebody('patient')
  const account = await enrol(net, patient)
  const owned: Reach = { patientId: account.patientId, compartment: categoryOf(account, 'labs'), grantId: null }
  const vitals = new Uint8Array(categoryOf(account, 'vitals').cid)
  const device = await registered(net, patient, { patientId: new Uint8Array(account.patientId), cid: vitals })
  const sealer = await sealerOf(net, device)
  const post60 = watchPost(60)
  const mean = async (act: (i: number) => Promise<unknown>): Promise<number> => {
    let before = 0
    for (let i = 0; i < TIMES.before + TIMES.counted; i++) {
      if (i === TIMES.before) before = usedBytes(net)
      net.setTime(net.nowNs() + HOUR_NS)
      await act(i)
      net.settle()
    }
    return Math.round((usedBytes(net) - before) / TIMES.counted)
  }
  const list = { ...placeOf(owned) }
  const line = await mean(() => net.ok(patient, 'records', 'beginList', { ...list, requestId: freshId() }))
  const post = await mean(async (i) => {
    const batch = await sealer.batch(i, { ...post60, withCapsule: i === 0 })
    check('Ok' in (await net.call(device.principal, 'records', 'depositReadings', { batch })), 'a batch is taken')
  })
  const keys = await keysFor(net, patient, owned)
  const body = new Uint8Array(CONTENT_BYTES)
  const record = await mean(async () => store(net, patient, await seal(keys, owned, { body, chunkLog2: 16 })))
  return {
    'a record, beside its content': record - CONTENT_BYTES,
    'a post of 60 readings': post,
    'a line of the log': line,
  }
}

/** Of stable memory, what is not zero, by blocks: half-full nodes of maps count as the network charges for them. */
const usedBytes = (net: Stepped): number =>
  CANISTER_NAMES.reduce((sum, name) => {
    const used = [...net.imageOf(name).blocks.values()].filter((block) => block.some((byte) => byte !== 0))
    return sum + used.length * BLOCK_BYTES
  }, 0)

/** What a watch posts that measured once a minute. */
export function watchPost(count: number): { readonly content: Uint8Array; readonly header: ReadingsHeader } {
  const readings = heartRates(count)
  const header = {
    title: 'Readings',
    mediaType: SEGMENT_MEDIA_TYPE,
    clinicalDate: '2026-05-12T02:00:00+02:00',
    codes: [{ system: 'http://loinc.org', code: '8867-4' }],
    summary: { ...summaryOf(readings) },
    createdAt: '2026-05-12T01:00:00.000Z',
  }
  return { content: encodeSegment(readings), header }
}

function heartRates(count: number): Reading[] {
  const random = createPrng('heart rates')
  return Array.from({ length: count }, (_, i) => {
    const [beat = 0] = random.bytes(1)
    const timeMs = Date.UTC(2026, 4, 12) + i * 60_000
    return readingOf({
      timeMs,
      receivedMs: timeMs,
      offsetMinutes: 120,
      code: '8867-4',
      unit: '/min',
      value: 70 + (beat % 9),
      device: 'Watch',
    })
  })
}
