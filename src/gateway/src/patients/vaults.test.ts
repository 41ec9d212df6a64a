import { Fault } from '@medguard/client'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type CreatesFolder, createsFolder, observation } from '../creates/creates.fixture.ts'
import { idOf, listed, network, share } from '../creates/network.fixture.ts'
import { Refuse } from '../faults.ts'
import type { JsonObject } from '../json.ts'
import { assembled, newAssembly } from './assembling.ts'
import { nothingOf, shareToWrite } from './granted-records.ts'
import { createGrants } from './grants.ts'
import type { KnownRecord } from './record-resources.ts'

// I25, F26: what is open of a patient, while it joins, is delivered and is written over. The vault's side is in test/scenarios/institutions.test.ts.

let folder: CreatesFolder
beforeEach(() => {
  folder = createsFolder()
})
afterEach(() => folder.remove())

/** A patient who lets write under one share and read under another. */
const inTwo = [share('A', 1, { rights: ['write'] }), share('A', 2, { rights: ['list', 'open'] })]

describe('what is delivered is found by whoever looks', () => {
  test('for the first time, while others look after everybody', async () => {
    const line = network()
    line.how.shares = inTwo
    let deliver = (): void => {}
    const isLet = new Promise<void>((resolve) => (deliver = resolve))
    line.how.deposit = async () => (await isLet, null)
    const gateway = await folder.open(line)
    const id = await gateway.create('A', 'one')
    let goOn = (): void => {}
    const isListed = new Promise<void>((resolve) => (goOn = resolve))
    let hasAsked = false
    line.how.beforeListed = async () => {
      hasAsked = true
      await isListed
    }
    const looking = gateway.read('A')
    await expect.poll(() => hasAsked, { interval: 1 }).toBe(true)
    deliver()
    await gateway.quiet()
    await gateway.vaults.sweep()
    await gateway.read('B')
    goOn()
    expect(await looking).toEqual([id])
    expect([await gateway.read('A'), gateway.onItsWay.count]).toEqual([[id], 0])
  })

  test('by a node that has not heard of it, and no longer than such a node may be behind', async () => {
    const line = network()
    line.how.shares = inTwo
    let aheadMs = 0
    const gateway = await folder.open(line, undefined, () => Date.now() + aheadMs)
    expect(await gateway.read('A')).toEqual([])
    line.how.isBehind = true
    const ids = [await gateway.create('A', 'one')]
    await gateway.quiet()
    expect([await gateway.read('A'), await gateway.read('A')]).toEqual([ids, ids])
    line.how.isBehind = false
    expect([await gateway.read('A'), gateway.onItsWay.count]).toEqual([ids, 0])
    line.how.isBehind = true
    await gateway.create('A', 'deleted by the patient before anybody looked')
    await gateway.quiet()
    aheadMs = 31_000
    expect([await gateway.read('A'), gateway.onItsWay.count]).toEqual([ids, 0])
  })
})

test('what is told late to have been stored does not stand in for a newer version', async () => {
  const line = network()
  line.how.isSilent = true
  const gateway = await folder.open(line)
  const id = await gateway.create('A', 'one')
  await expect.poll(() => line.stored.length, { interval: 1 }).toBe(1)
  const version = async () => (await gateway.view('A')).find(({ key }) => key === `Observation/${id}`)?.record?.version
  expect(await version()).toBe(1)
  const [{ grantId }, first] = [share('A'), listed(line.stored[0]!, '')]
  gateway.vaults.stored(grantId, { summary: { ...first, version: 2 }, content: observation('A', 'two') })
  expect(await version()).toBe(2)
  line.how.isSilent = false
  await gateway.quiet()
  expect([await version(), await version()]).toEqual([2, 2])
})

test('what joined is read once it can be opened again', async () => {
  const line = network()
  const gateway = await folder.open(line)
  const add = (name: string) => {
    const bytes = new TextEncoder().encode(JSON.stringify(observation('A', name)))
    const record = { bytes, title: name, fileName: null, mediaType: 'application/fhir+json', category: 'labs' } as const
    line.stored.push({ grantId: share('A').grantId, id: idOf(name), record: { ...record, clinicalDate: null } })
  }
  add('first')
  expect(await gateway.read('A')).toEqual([idOf('first')])
  add('second')
  line.how.beforeOpened = async () => {
    throw new Fault('Unreachable', 'no network')
  }
  await expect(gateway.read('A')).rejects.toThrow(Fault)
  line.how.beforeOpened = async () => {}
  expect(await gateway.read('A')).toEqual([idOf('first'), idOf('second')])
})

test('what joined one patient’s list and cannot be opened keeps nobody else’s records back', async () => {
  const line = network()
  const gateway = await folder.open(line)
  const add = (patient: string, name: string) => {
    const bytes = new TextEncoder().encode(JSON.stringify(observation(patient, name)))
    const record = { bytes, title: name, fileName: null, mediaType: 'application/fhir+json', category: 'labs' } as const
    line.stored.push({ grantId: share(patient).grantId, id: idOf(name), record: { ...record, clinicalDate: null } })
  }
  add('A', 'first')
  add('B', 'other')
  expect([await gateway.read('A'), await gateway.read('B')]).toEqual([[idOf('first')], [idOf('other')]])
  add('A', 'second')
  line.how.beforeOpened = async () => {
    throw new Refuse(503, 'transient', 'the vault cannot act at the moment: LogUnavailable')
  }
  expect(await gateway.read('B')).toEqual([idOf('other')])
  await expect(gateway.read('A')).rejects.toThrow(Refuse)
  line.how.beforeOpened = async () => {}
  expect(await gateway.read('A')).toEqual([idOf('first'), idOf('second')])
})

const RECORD = {
  bytes: new Uint8Array(),
  title: '',
  fileName: null,
  mediaType: 'application/fhir+json',
  category: 'labs',
  clinicalDate: null,
} as const

test('a version that comes back says by what names the others go now', () => {
  const known = (name: string, version: number, more: JsonObject = {}): KnownRecord => ({
    summary: { ...listed({ id: idOf(name), record: RECORD }, ''), version },
    content: { ...observation('A', name), id: name, ...more },
  })
  const before = newAssembly()
  const nameIn = (...records: readonly KnownRecord[]): string | undefined => {
    const all = new Map(records.map((record) => [record.summary.recordId, record]))
    const found = assembled(idOf('A'), [{ ...nothingOf(share('A')), records: all }], { sinceMs: 0, before })
    return /"hasMember":\[\{"reference":"([^"]+)"/.exec(JSON.stringify(found))?.[1]
  }
  const first = known('first', 1, { hasMember: [{ reference: 'Observation/second' }] })
  expect(nameIn(first)).toBe('Observation/second')
  nameIn(known('first', 2), known('second', 1))
  expect(nameIn(first, known('second', 1))).toBe(`Observation/${idOf('second')}`)
})

test('who can do with what was known waits for a silent network once in half a minute', async () => {
  const { client, how } = network()
  let [isUp, asked, ms] = [true, 0, 0]
  const changes = async () => {
    asked++
    if (!isUp) throw new Fault('Unreachable', 'no network')
    return client.changes()
  }
  const grants = createGrants({ ...client, changes }, () => ms)
  await grants.now()
  isUp = false
  for (const [afterMs, times] of [
    [31_000, 2],
    [1_000, 2],
    [31_000, 3],
  ] as const) {
    ms += afterMs
    expect([await grants.lately(), asked]).toEqual([how.shares, times])
  }
  await expect(grants.now()).rejects.toThrow(Fault)
})

test('what comes for a patient goes under the share that takes most of it, of several the newest', () => {
  const asked = { rights: ['write'] } as const
  const labs = share('A', 1, { ...asked, scope: ['labs'], startNs: 3n })
  const both = share('A', 2, { ...asked, scope: ['labs', 'vitals'], startNs: 1n })
  const later = share('A', 3, { ...asked, scope: ['labs', 'vitals'], startNs: 2n })
  const unread = share('A', 4, { rights: ['list', 'open'], scope: ['labs', 'vitals'], startNs: 9n })
  const foreign = share('B', 5, { ...asked, scope: ['labs', 'vitals'], startNs: 9n })
  const all = [labs, both, later, unread, foreign]
  expect(shareToWrite(all, idOf('A'), ['labs', 'vitals'])).toBe(later)
  expect(shareToWrite(all, idOf('A'), ['labs'])).toBe(labs)
  expect(shareToWrite(all, idOf('A'), ['documents'])).toBeUndefined()
  expect(shareToWrite(all, null, ['labs'])).toBeUndefined()
})
