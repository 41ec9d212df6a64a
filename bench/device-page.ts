import { MEASURED } from '@medguard/client'
import { callRoad, openDevice, sendAll } from '@medguard/device'
import { type Reading, readingOf } from '@medguard/readings'
import { asPaired, memoryDisk } from '../test/scenarios/device-sdk.fixture.ts'
import { Person } from '../test/e2e/fixtures/person.ts'
import { measuredOn, onAPage, slow, SLOWDOWN, timed } from './on-a-page.ts'
import { check, type Rows } from './rows.ts'

const READINGS = 1_000_000 / Number(process.env['MEDGUARD_BENCH_SHRINK'] ?? 1)
const OF_A_BATCH = 500
/** Each may post 1,200 batches an hour, and all of a patient's 2,400. */
const DEVICES = 2
const EVERY_MS = 5_000
const END_MS = Date.UTC(2026, 4, 12)
const NAME = 'Bench'

/** A patient's page over a million readings that two watches posted: real Chromium, its main thread four times slowed. */
export async function devicePage(rows: Rows): Promise<void> {
  await onAPage(async (_, newContext) => {
    const person = await Person.arriveIn(await newContext(), NAME)
    await person.signIn()
    await person.openVault()
    console.error(`posting: ${READINGS} readings`)
    for (let i = 1; i <= DEVICES; i++) await post(person, `Watch ${i}`, READINGS / DEVICES)
    console.error('measuring')
    const { page } = person
    await slow(await page.context().newCDPSession(page), SLOWDOWN)
    await person.go('#/devices')
    await page.reload({ waitUntil: 'commit' })
    const watch = page.getByRole('link', { name: /Watch 1/ })
    await watch.getByText(/postings among your records/).waitFor() // as the list of records has them, once it was read
    const of = `of ${READINGS.toLocaleString('en')} readings`
    rows.add(`devices ${of} listed, from the reload on`, await page.evaluate(() => performance.now()), 'ms')
    const open = page.getByRole('button', { name: 'Show the readings' })
    const shown = await timed(page, async () => {
      await watch.click()
      await open.waitFor()
    })
    rows.add(`a device ${of}: its page`, shown, 'ms', 1_000)
    const drawn = await timed(page, async () => {
      await open.click()
      await page.getByRole('figure').first().waitFor()
    })
    rows.add(`a device ${of}: its newest 100,000 opened and drawn`, drawn, 'ms')
    const [chart, ...others] = await measuredOn(page, MEASURED.chart)
    check(chart !== undefined && others.length === 0, 'one chart is drawn, once')
    rows.add(`a device ${of}: the chart alone`, chart ?? 0, 'ms', 100)
    person.expectNoProblems()
  })
}

async function post({ sdk }: Person, name: string, count: number): Promise<void> {
  const added = await sdk.addDevice({ name, category: 'vitals' })
  check(added.kind === 'done', 'the device is added')
  if (added.kind !== 'done') return
  const { pairing, identity } = asPaired(added.value)
  const device = await openDevice({ pairing, store: memoryDisk().store, road: callRoad(pairing, identity) })
  for (let first = 0; first < count; first += OF_A_BATCH) {
    await device.keep(heartRates(first - count, OF_A_BATCH))
    await sendAll(device)
  }
}

/** @param first how many steps before the end, as a negative number. */
const heartRates = (first: number, count: number): Reading[] =>
  Array.from({ length: count }, (_, i) => {
    const timeMs = END_MS + (first + i) * EVERY_MS
    const value = 72 + Math.round(9 * Math.sin((first + i) / 13)) + (((first + i) * 7919) % 7)
    return readingOf({
      timeMs,
      receivedMs: timeMs + 350,
      offsetMinutes: 120,
      code: '8867-4',
      unit: '/min',
      value,
      device: 'Watch',
    })
  })
