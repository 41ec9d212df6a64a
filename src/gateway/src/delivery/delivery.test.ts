import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Fault, type MedGuardClient, type NewRecord, type Refusal } from '@medguard/client'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { openQuarantine } from '../quarantine/index.ts'
import { modelDisk, type ModelDisk } from '../spool/model-disk.fixture.ts'
import { openSpool } from '../spool/index.ts'
import { type Delivery, hl7v2Reader, openOrderBook, openPatientTable, startDelivery } from './index.ts'

// F28: what waits is delivered in the order of each patient, once, whatever breaks off; what is nobody's waits for somebody. The vault's side is in test/scenarios/hl7-gateway.test.ts.

const VECTORS = new URL('../../../../test/vectors/hl7v2/', import.meta.url)
const vitals = readFileSync(new URL('own-oru-r01-vitals.hl7', VECTORS), 'utf8')
const KEY = new Uint8Array(32).fill(3)
const grantOf = (patient: string) => Buffer.from(patient.padEnd(16, '.')).toString('hex')

let folder: string
let ends: (() => Promise<void>)[] = []
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'medguard-delivery-'))
})
afterEach(async () => {
  for (const end of ends.splice(0)) await end()
  rmSync(folder, { recursive: true, force: true })
})

/** The vaults at the other end of the line: stores each record id once, and fails as told. */
function vaults() {
  const stored: { readonly grantId: string; readonly title: string; readonly id: string }[] = []
  const how = { answer: (_grantId: string, _title: string): Refusal | Fault | null => null, calls: 0 }
  const depositOnce: MedGuardClient['depositOnce'] = async (grantId, id, record) => {
    how.calls++
    await new Promise((resolve) => setImmediate(resolve))
    const wrong = how.answer(grantId, record.title)
    if (wrong instanceof Fault) throw wrong
    if (wrong !== null) return { kind: 'refused', refusal: wrong }
    if (stored.some((each) => each.id === id)) return { kind: 'done', value: 'wasStored' }
    stored.push({ grantId, title: record.title, id })
    return { kind: 'done', value: 'stored' }
  }
  return { stored, how, client: { depositOnce } }
}

async function open({ client }: Pick<ReturnType<typeof vaults>, 'client'>, disk: ModelDisk = modelDisk()) {
  const spool = await openSpool(folder, KEY, { disk })
  const opening = (async () => ({
    quarantine: await openQuarantine(folder, KEY, disk),
    matcher: await openPatientTable(folder, KEY, disk),
    orders: await openOrderBook(folder, KEY, disk),
  }))()
  // The end of a process takes the lock of its folder with it.
  const { quarantine, matcher, orders } = await opening.catch(async (error: unknown) => {
    await spool.close()
    throw error
  })
  let delivery: Delivery | null = null
  const parts = { spool, quarantine, matcher, orders, client, waitsMs: [1], retryMs: 20 }
  const readers = { hl7v2: hl7v2Reader() }
  const close = async () => {
    await delivery?.close()
    for (const store of [quarantine, matcher, orders, spool]) await store.close()
  }
  ends.push(close)
  let count = 0
  return {
    ...parts,
    disk,
    start: () => (delivery = startDelivery({ ...parts, readers, onBug: (error) => expect.unreachable(String(error)) })),
    know: (patient: string, birthDate: string | null = null) =>
      matcher.set({ authority: 'LAB', value: patient, grantId: grantOf(patient), birthDate }),
    send(patient: string, title: string) {
      const text = vitals
        .replace(/PID\|1\|\|[^|]*\|/, `PID|1||${patient}^^^LAB^MR|`)
        .replace('85353-1^Vital signs panel', `85353-1^${title}`)
      const id = (++count).toString(16).padStart(32, '0')
      return spool.append({ id, kind: 'hl7v2', receivedMs: count, source: 'test', payload: Buffer.from(text) })
    },
    end: async () => {
      ends = ends.filter((each) => each !== close)
      await close()
    },
  }
}
const titlesOf = (stored: ReturnType<typeof vaults>['stored'], patient: string) =>
  stored.filter(({ grantId }) => grantId === grantOf(patient)).map(({ title }) => title)

/** Ten thousand with `npm run test:long`, twelve hundred else. */
const ROUNDS = process.env['MEDGUARD_LONG'] === '1' ? 250 : 30
test('an hour without a network: what waits is delivered once each, in the order of each patient', async () => {
  const line = vaults()
  const gateway = await open(line)
  const patients = Array.from({ length: 40 }, (_, number) => `P${number}`)
  for (const patient of patients) await gateway.know(patient)
  let isUp = false
  line.how.answer = () => (isUp ? null : new Fault('Unreachable', 'no network'))
  const delivery = gateway.start()
  const rounds = Array.from({ length: ROUNDS }, (_, number) => `R${number}`)
  await Promise.all(rounds.flatMap((round) => patients.map((patient) => gateway.send(patient, round))))
  await expect.poll(() => delivery.state.waitsFor).toBe('Unreachable')
  expect([line.stored.length, gateway.spool.waiting.count]).toEqual([0, 40 * ROUNDS])
  isUp = true
  await expect.poll(() => gateway.spool.waiting.count, { timeout: 120_000 }).toBe(0)
  for (const patient of patients) expect(titlesOf(line.stored, patient)).toEqual(rounds)
  expect(delivery.state).toEqual({ delivered: 40 * ROUNDS, quarantined: 0, waitsFor: null })
})

describe('quarantine', () => {
  test('has what is nobody’s, until somebody says whose it is; what came first is delivered first', async () => {
    const line = vaults()
    const gateway = await open(line)
    gateway.start()
    for (const title of ['first', 'second']) await gateway.send('NEW', title)
    await expect.poll(() => gateway.quarantine.count).toBe(2)
    expect(gateway.quarantine.list()).toMatchObject([
      { reason: 'unmatched', identifiers: [{ authority: 'LAB', value: 'NEW', type: 'MR' }], source: 'test' },
      { reason: 'unmatched' },
    ])
    await Promise.all([gateway.know('NEW'), gateway.send('NEW', 'third')])
    await expect.poll(() => line.stored.length).toBe(3)
    expect(titlesOf(line.stored, 'NEW')).toEqual(['first', 'second', 'third'])
    expect([gateway.quarantine.count, gateway.spool.waiting.count]).toEqual([0, 0])
  })

  test('lets go of one that is assigned, drops one that is refused, and keeps both decisions', async () => {
    const line = vaults()
    const gateway = await open(line)
    line.how.answer = () => new Fault('Unreachable', 'no network')
    for (const title of ['mine', 'nobody’s', 'left']) await gateway.send('NEW', title)
    gateway.start()
    await expect.poll(() => gateway.quarantine.count).toBe(3)
    const [mine, nobodys] = gateway.quarantine.list().map(({ id }) => id)
    const shown = await gateway.quarantine.show(mine!)
    expect(Buffer.from(shown!.payload).toString()).toContain('85353-1^mine')
    expect(await gateway.quarantine.assign(mine!, grantOf('MINE'))).toBe(true)
    expect(await gateway.quarantine.refuse(nobodys!)).toBe(true)
    expect(await gateway.quarantine.refuse(nobodys!)).toBe(false)
    await gateway.end()
    line.how.answer = () => null
    const again = await open(line, gateway.disk.after('nothing'))
    again.start()
    await expect.poll(() => again.quarantine.list().map(({ reason }) => reason)).toEqual(['unmatched'])
    expect(titlesOf(line.stored, 'MINE')).toEqual(['mine'])
  })

  test('is where numbers of two people, another birth date and merges go', async () => {
    const gateway = await open(vaults())
    await gateway.know('A', '1964-04-24')
    await gateway.know('B')
    await gateway.know('C', '1999-01-01')
    const match = (values: readonly string[], born: string | null) =>
      gateway.matcher.match(
        values.map((value) => ({ authority: 'LAB', value, type: 'MR' })),
        born,
      ).kind
    expect([
      match(['A', 'X'], '1964-04-24'),
      match(['A', 'B'], null),
      match(['C'], '1964-04-24'),
      match([], null),
    ]).toEqual(['matched', 'ambiguous', 'mismatch', 'unmatched'])
    const merge = readFileSync(new URL('own-adt-a40-merge.hl7', VECTORS))
    await gateway.spool.append({ id: 'f'.repeat(32), kind: 'hl7v2', receivedMs: 1, source: 'test', payload: merge })
    await gateway.send('C', 'not theirs')
    gateway.start()
    await expect.poll(() => gateway.quarantine.list().map(({ reason }) => reason)).toEqual(['merge', 'mismatch'])
  })

  test('holds what a share does not take, later ones behind it, and tries again in order', async () => {
    const line = vaults()
    const gateway = await open(line)
    for (const patient of ['OVER', 'FINE', 'PART']) await gateway.know(patient)
    let isOver = true
    line.how.answer = (grantId, title) => {
      if (grantId === grantOf('OVER') && isOver) return { kind: 'Paused' }
      return title === 'odd' ? { kind: 'NotPermitted' } : null
    }
    const delivery = gateway.start()
    for (const title of ['one', 'two', 'three']) await gateway.send('OVER', title)
    for (const title of ['odd', 'even']) await gateway.send('PART', title)
    await gateway.send('FINE', 'fine')
    await expect.poll(() => gateway.spool.waiting.count).toBe(0)
    expect(line.stored.map(({ title }) => title).toSorted()).toEqual(['even', 'fine'])
    expect(gateway.quarantine.list().map(({ reason, detail }) => `${reason} ${detail}`.trim())).toEqual([
      'shareOver Paused',
      'behind',
      'behind',
      'notShared NotPermitted',
    ])
    isOver = false
    await expect.poll(() => titlesOf(line.stored, 'OVER')).toEqual(['one', 'two', 'three'])
    expect(gateway.quarantine.count).toBe(1)
    expect(delivery.state.delivered).toBe(5)
  })
})

test('what came later does not overtake what a change to the table lets go of', async () => {
  const line = vaults()
  let letGo = (): void => {}
  const isOpen = new Promise<void>((resolve) => (letGo = resolve))
  const gateway = await open({
    client: {
      async depositOnce(grantId, id, record) {
        if (grantId !== grantOf('NEW')) await isOpen
        return line.client.depositOnce(grantId, id, record)
      },
    },
  })
  const slow = Array.from({ length: 8 }, (_, number) => `SLOW${number}`)
  for (const patient of slow) await gateway.know(patient)
  gateway.start()
  await gateway.send('NEW', 'first')
  await expect.poll(() => gateway.quarantine.count).toBe(1)
  // As many as are under way at a time, and one behind them.
  await Promise.all([...slow.map((patient) => gateway.send(patient, 'slow')), gateway.send('NEW', 'second')])
  await gateway.know('NEW')
  letGo()
  await expect.poll(() => titlesOf(line.stored, 'NEW')).toEqual(['first', 'second'])
})

test('what passes puts off one patient, and what concerns the gateway puts off all; neither loses anything', async () => {
  const line = vaults()
  const gateway = await open(line)
  for (const patient of ['BUSY', 'FINE']) await gateway.know(patient)
  let [isBusy, hasKey] = [true, true]
  line.how.answer = (grantId) => {
    if (!hasKey) return { kind: 'BadInput', field: 'author', code: 'missing' }
    return isBusy && grantId === grantOf('BUSY') ? { kind: 'Busy', retryAfterMs: 1 } : null
  }
  const delivery = gateway.start()
  for (const title of ['one', 'two']) for (const patient of ['BUSY', 'FINE']) await gateway.send(patient, title)
  await expect.poll(() => titlesOf(line.stored, 'FINE')).toEqual(['one', 'two'])
  expect([titlesOf(line.stored, 'BUSY'), gateway.quarantine.count]).toEqual([[], 0])
  ;[isBusy, hasKey] = [false, false]
  await expect.poll(() => delivery.state.waitsFor).toBe('AuthorKey')
  hasKey = true
  await expect.poll(() => titlesOf(line.stored, 'BUSY')).toEqual(['one', 'two'])
})

test('ended anywhere and begun again, each is stored once', async () => {
  const line = vaults()
  let disk = modelDisk()
  const first = await open(line, disk)
  await first.know('A')
  for (const title of ['one', 'two', 'three']) await first.send('A', title)
  await first.end()
  let worked = 0
  for (let change = 1; worked < 4; change++) {
    disk = disk.after('nothing')
    disk.crashAt(change)
    const gateway = await open(line, disk).catch(() => null)
    if (gateway === null) continue
    const delivery = startDelivery({ ...gateway, readers: { hl7v2: hl7v2Reader() } })
    await expect.poll(() => delivery.state.waitsFor ?? gateway.spool.waiting.count).toBeOneOf(['Bug', 0])
    await delivery.close()
    await gateway.end()
    if (delivery.state.waitsFor === null) worked++
  }
  expect(titlesOf(line.stored, 'A')).toEqual(['one', 'two', 'three'])
})

test('a correction says which record it corrects', async () => {
  const links: NewRecord['links'][] = []
  const line = vaults()
  const gateway = await open({
    client: {
      depositOnce: (grantId, id, record) => {
        links.push(record.links)
        return line.client.depositOnce(grantId, id, record)
      },
    },
  })
  await gateway.matcher.set({
    authority: 'MEDGUARD',
    value: 'mgpid:tressa-synth',
    grantId: grantOf('T'),
    birthDate: null,
  })
  for (const [i, name] of ['own-oru-r01-lab-panel', 'own-oru-r01-correction'].entries())
    await gateway.spool.append({
      id: String(i).repeat(32),
      kind: 'hl7v2',
      receivedMs: i,
      source: 'test',
      payload: readFileSync(new URL(`${name}.hl7`, VECTORS)),
    })
  gateway.start()
  await expect
    .poll(() => links)
    .toEqual([[], [{ recordId: gateway.spool.recordIdOf('0'.repeat(32)), version: 1, relation: 'corrects' }]])
})
