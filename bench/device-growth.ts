import { createPrng } from '@medguard/localnet'
import { decodeSegment, encodeSegment, type Reading, readingOf } from '@medguard/readings'
import { CATEGORIES, equalBytes, HEADER_PAGE_MAX } from '@medguard/protocol'
import { freshId } from '../test/scenarios/clinic.ts'
import { registered, sealerOf } from '../test/scenarios/devices.fixture.ts'
import { openStepped, somebody } from '../test/scenarios/stepped.ts'
import { placeOf } from '../test/scenarios/sealed-record.ts'
import { categoryOf, enrol } from '../test/scenarios/ward.ts'
import { costOf, MILLIONS, spentIn } from './costs.ts'
import { check, type Rows } from './rows.ts'

/** Heart rate every few seconds, both clocks kept, as a watch would send it. */
const OF_A_BATCH = 500
const SIZES = [1_000, 1_000_000 / Number(process.env['MEDGUARD_BENCH_SHRINK'] ?? 1)] as const
const PROBES = [60, OF_A_BATCH] as const
const REPEATS = 16
/** As many as stand in one row of a list. */
const OF_A_PAGE = 16
const POSTS_OF_AN_HOUR = 1_000
const HOUR_NS = 3_600_000_000_000n
/** How much dearer anything may be with a million readings than with a thousand. */
const GROWTH = 1.3

/** One patient's readings grow from a thousand to a million: what the same post, and the same page of a list, cost then. */
export async function deviceGrowth(rows: Rows): Promise<void> {
  const net = await openStepped()
  const patient = somebody('patient')
  const account = await enrol(net, patient)
  const [patientId, compartment] = [new Uint8Array(account.patientId), categoryOf(account, 'vitals')]
  const place = placeOf({ patientId, compartment, grantId: null })
  const own = CATEGORIES.map((category) =>
    placeOf({ patientId, compartment: categoryOf(account, category), grantId: null }),
  ).toSorted((a, b) => Number(equalBytes(b.cid, place.cid)) - Number(equalBytes(a.cid, place.cid)))
  const device = await registered(net, patient, { patientId, cid: new Uint8Array(compartment.cid) })
  const readings = heartRates(OF_A_BATCH)
  const segments = new Map(PROBES.map((count) => [count as number, encodeSegment(readings.slice(0, count))]))
  let sealer = await sealerOf(net, device)
  let [posted, seq, kept] = [0, 0, 0]
  const post = async (count: number): Promise<number> => {
    if (seq % POSTS_OF_AN_HOUR === 0) {
      net.setTime(net.nowNs() + HOUR_NS)
      sealer = await sealerOf(net, device)
    }
    const withCapsule = seq % POSTS_OF_AN_HOUR === 0
    const batch = await sealer.batch(seq++, { content: segments.get(count) ?? new Uint8Array(), withCapsule })
    const parts = await spentIn(net, async () => {
      const answer = await net.call(device.principal, 'records', 'depositReadings', { batch })
      check('Ok' in answer, `a batch is taken: ${JSON.stringify(answer)}`)
    })
    posted += count
    kept += batch.length
    return costOf(parts).instructions
  }
  const before = new Map<string, number>()
  const add = (name: string, at: string, instructions: number) => {
    rows.add(`${name}${at}`, instructions / 1e6, MILLIONS)
    const first = before.get(name)
    if (first === undefined) before.set(name, instructions)
    else rows.add(`${name}: times as much as with ${SIZES[0].toLocaleString('en')}`, instructions / first, 'x', GROWTH)
  }
  for (const size of SIZES) {
    for (let left = size - posted; left > 0; left -= OF_A_BATCH) await post(OF_A_BATCH)
    const at = `, with ${size.toLocaleString('en')} readings`
    for (const count of PROBES) {
      const costs: number[] = []
      for (let i = 0; i < REPEATS; i++) costs.push(await post(count))
      add(`a batch of ${count}`, at, costs.reduce((sum, cost) => sum + cost, 0) / REPEATS)
    }
    const begin = await spentIn(net, async () => {
      await net.ok(patient, 'records', 'beginList', { ...place, requestId: freshId() })
    })
    add('a list session', at, costOf(begin).instructions)
    // What a page that is looked at asks every 1.5 seconds (docs/decisions-made.md, "The care team's board opens nothing").
    for (const [name, lists] of [
      ['of one list whether there is more', own.slice(0, 1)],
      ['of eight lists whether there is more', own],
    ] as const) {
      const look = await spentIn(net, async () => {
        const counts = net.query(patient, 'records', 'listCounts', { lists: [...lists] })
        check('Ok' in counts && counts.Ok.includes(seq), 'the list is as long as it is')
      })
      add(name, at, costOf(look).instructions)
    }
    // The last page of a list is read from its start: the mean is over all places of one.
    const newest: number[] = []
    for (let i = 0; i < OF_A_PAGE; i++) {
      await post(OF_A_BATCH)
      const found = await spentIn(net, async () => {
        const page = net.query(patient, 'records', 'headers', { ...place, fromSeq: seq - 1, count: 1 })
        check('Ok' in page && page.Ok.length === 1, 'the newest header')
      })
      newest.push(costOf(found).instructions)
    }
    add('the header that joined it', at, newest.reduce((sum, cost) => sum + cost, 0) / OF_A_PAGE)
    const count = Math.min(seq, HEADER_PAGE_MAX)
    const page = await spentIn(net, async () => {
      const listed = await net.ok(patient, 'records', 'headers', { ...place, fromSeq: seq - count, count })
      check(listed.length === count, 'the page is full')
    })
    rows.add(`${count} headers of segments${at}`, costOf(page).instructions / 1e6, MILLIONS)
    const usage = net.query(patient, 'records', 'usage', { patientId: [] })
    check('Ok' in usage, 'what is used is told')
    rows.add(`sent for each reading${at}`, kept / posted, 'bytes')
    rows.add(`stored for each reading${at}`, Number(usage.Ok.sizeBytes) / posted, 'bytes')
  }
  readPath(rows, segments.get(OF_A_BATCH) ?? new Uint8Array())
}

/** What a page does first with what it opened. It draws 100,000 at most (`readings-chosen.ts`), and of those as many points as a chart has pixels. */
function readPath(rows: Rows, segment: Uint8Array): void {
  const each: number[] = []
  for (const size of [SIZES[1] / 10, SIZES[1]]) {
    const startMs = performance.now()
    for (let i = 0; i < size / OF_A_BATCH; i++) decodeSegment(segment)
    const tookMs = performance.now() - startMs
    rows.add(`${size.toLocaleString('en')} readings decoded, in Node`, tookMs, 'ms')
    each.push(tookMs / size)
  }
  rows.add('a reading decoded: times as long of ten times as many', (each[1] ?? 0) / (each[0] ?? 1), 'x')
}

function heartRates(count: number): Reading[] {
  const random = createPrng('heart rates')
  return Array.from({ length: count }, (_, i) => {
    const [second = 0, delay = 0, beat = 0] = random.bytes(3)
    const timeMs = Date.UTC(2026, 4, 12) + i * 5_000 + (second % 5) * 1_000
    const value = 72 + Math.round(9 * Math.sin(i / 13)) + (beat % 7) - 3
    const receivedMs = timeMs + 300 + (delay % 100)
    return readingOf({ timeMs, receivedMs, offsetMinutes: 120, code: '8867-4', unit: '/min', value, device: 'Watch' })
  })
}
