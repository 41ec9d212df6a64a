import { Fault, type MedGuardClient } from '@medguard/client'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { Refuse } from '../faults.ts'
import { createWriter } from '../repository/writing.ts'
import { Crashed, CRASHES, modelDisk, type ModelDisk } from '../spool/model-disk.fixture.ts'
import { SpoolFault } from '../spool/index.ts'
import { codesOf, type CreatesFolder, createsFolder, observation } from './creates.fixture.ts'
import { idOf, listed, network, patientOf, share } from './network.fixture.ts'

// I25, F26: 201 if and only if it is on the disk; read from then on, and in the vault once, whatever breaks off. The vault's side is in test/scenarios/institutions.test.ts.

let folder: CreatesFolder
beforeEach(() => {
  folder = createsFolder()
})
afterEach(() => folder.remove())

test('ended at any change to the disk, what was acknowledged is read at once and stored once', async () => {
  const life = async (line: ReturnType<typeof network>, disk: ModelDisk): Promise<string[]> => {
    const told: string[] = []
    try {
      const gateway = await folder.open(line, disk)
      try {
        told.push(await gateway.create('A', 'one'))
        const both = await Promise.allSettled(['two', 'three'].map((code) => gateway.create('A', code)))
        told.push(...both.flatMap((each) => (each.status === 'fulfilled' ? each.value : [])))
        await gateway.quiet()
      } finally {
        await gateway.end()
      }
    } catch (error) {
      if (!(error instanceof SpoolFault || error instanceof Crashed || error instanceof Refuse)) throw error
    }
    return told
  }
  const whole = modelDisk()
  expect(await life(network(), whole)).toHaveLength(3)
  expect(whole.changes).toBeGreaterThan(15)
  for (let change = 1; change <= whole.changes; change++)
    for (const crash of CRASHES) {
      const line = network()
      const disk = modelDisk()
      disk.crashAt(change)
      const told = await life(line, disk)
      const again = await folder.open(line, disk.after(crash))
      expect(await again.read('A')).toEqual(expect.arrayContaining(told))
      await again.quiet()
      const ids = line.stored.map(({ id }) => id)
      expect([change, crash, told.filter((id) => !ids.includes(id)), ids.length - new Set(ids).size]).toEqual([
        change,
        crash,
        [],
        0,
      ])
      expect(await again.read('A')).toEqual(ids.toSorted((a, b) => a.localeCompare(b)))
      expect(again.bugs).toEqual([])
      await again.end()
    }
})

test('is found once and never gone in between, whoever looks while it is delivered', async () => {
  const line = network()
  let let1: () => void = () => {}
  const gate = new Promise<void>((resolve) => (let1 = resolve))
  line.how.deposit = async () => (await gate, null)
  const gateway = await folder.open(line)
  expect(await gateway.read('A')).toEqual([])
  const id = await gateway.create('A', 'one')
  expect(await gateway.read('A')).toEqual([id])
  let goOn: () => void = () => {}
  const isListed = new Promise<void>((resolve) => (goOn = resolve))
  let hasAsked = false
  line.how.isLate = true
  line.how.beforeListed = async () => {
    hasAsked = true
    await isListed
  }
  const looking = gateway.read('A')
  await expect.poll(() => hasAsked, { interval: 1 }).toBe(true)
  let1()
  await gateway.quiet()
  goOn()
  // The list that was asked for before does not have it.
  expect(await looking).toEqual([id])
  expect([await gateway.read('A'), gateway.onItsWay.count]).toEqual([[id], 0])
})

test('what joins leaves the rest as it was, but for what refers to it', async () => {
  const line = network()
  const gateway = await folder.open(line)
  const add = (id: string, more: object) => {
    const bytes = new TextEncoder().encode(JSON.stringify({ ...observation('A', id), id, ...more }))
    const record = { bytes, title: id, fileName: null, mediaType: 'application/fhir+json', category: 'labs' } as const
    line.stored.push({ grantId: `${idOf('A')}1`, id: idOf(id), record: { ...record, clinicalDate: null } })
  }
  add('first', { hasMember: [{ reference: 'Observation/second' }] })
  const first = async () => {
    const found = (await gateway.view('A')).find(({ key }) => key === `Observation/${idOf('first')}`)
    return { found, member: JSON.stringify(found?.resource).match(/Observation\/\w+/)?.[0] }
  }
  const before = await first()
  await gateway.create('A', 'other')
  expect((await first()).found).toBe(before.found)
  await gateway.quiet()
  add('second', {})
  expect([before.member, (await first()).member]).toEqual([`Observation/second`, `Observation/${idOf('second')}`])
})

describe('nothing is acknowledged', () => {
  test('without room on the disk; with some again, it goes on', async () => {
    const line = network()
    const gateway = await folder.open(line)
    gateway.disk.failAt(gateway.disk.changes + 1, 'ENOSPC', true)
    await expect(gateway.create('A', 'one')).rejects.toMatchObject({ status: 503, retryAfterSeconds: 60 })
    expect([await gateway.read('A'), gateway.onItsWay.count]).toEqual([[], 0])
    const id = await gateway.create('A', 'two')
    await gateway.quiet()
    expect(line.stored.map((each) => each.id)).toEqual([id])
  })

  test('after the disk failed, nor for whom no share lets it write', async () => {
    const line = network()
    line.how.shares = [share('A'), share('B', 1, { rights: ['list', 'open'] })]
    const gateway = await folder.open(line)
    await expect(gateway.create('B', 'one')).rejects.toMatchObject({ status: 403 })
    await expect(gateway.create('C', 'one')).rejects.toMatchObject({ status: 403 })
    gateway.disk.failAt(gateway.disk.changes + 2, 'EIO', true)
    for (const code of ['one', 'two'])
      await expect(gateway.create('A', code)).rejects.toMatchObject({
        status: 503,
        retryAfterSeconds: 60,
        // It may be on the disk: a new start would find it there, and store it.
        outcome: { issue: [{ details: { text: expect.stringMatching(/may have been taken.*If-None-Exist/) } }] },
      })
    expect(await gateway.read('A')).toEqual([])
  })
})

test('what a patient has to take in is not read before, also after another start', async () => {
  const line = network()
  line.how.shares = [
    share('A', 1, { scope: ['inbox'], rights: ['write'] }),
    share('A', 2, { rights: ['list', 'open'] }),
  ]
  line.how.deposit = async () => new Fault('Unreachable', 'no network')
  const gateway = await folder.open(line)
  const taken = await gateway.take(observation('A', 'one'), 'ehr')
  expect([taken.isWaiting, await gateway.read('A')]).toEqual([true, []])
  await gateway.end()
  const again = await folder.open(line, gateway.disk.after('nothing'))
  expect([again.onItsWay.count, await again.read('A')]).toEqual([1, []])
  line.how.deposit = async () => null
  await again.quiet()
  expect([line.stored.map(({ grantId }) => grantId), again.onItsWay.count]).toEqual([[`${idOf('A')}1`], 0])
})

test('a new version is written once the vault has the first one', async () => {
  const line = network()
  let letGo = (): void => {}
  const isOpen = new Promise<void>((resolve) => (letGo = resolve))
  line.how.deposit = async () => (await isOpen, null)
  const gateway = await folder.open(line)
  const id = await gateway.create('A', 'one')
  const held = (await gateway.view('A')).find(({ key }) => key === `Observation/${id}`)
  const before: number[] = []
  const amend: MedGuardClient['amend'] = async ({ recordId }, record) => {
    before.push(line.stored.length)
    const [first] = line.stored
    return {
      kind: 'done',
      value: { ...listed({ id: recordId, record: { ...first!.record, ...record } }, ''), version: 2 },
    }
  }
  const writer = createWriter({ principal: 'gateway', amend }, gateway.vaults, gateway, gateway.onItsWay)
  const written = writer.update(held!, observation('A', 'two'), '1')
  await expect.poll(() => line.how.asked.length, { interval: 1 }).toBe(1)
  expect(before).toEqual([])
  letGo()
  expect([(await written)['meta'], before]).toMatchObject([{ versionId: '2' }, [1]])
})

test('a share that took as much as it may in an hour keeps its order and nobody else, and is not asked meanwhile', async () => {
  const line = network()
  line.how.deposit = async (grantId) =>
    patientOf(grantId) === idOf('A') ? { kind: 'Busy', retryAfterMs: 3_600_000 } : null
  const gateway = await folder.open(line)
  const codes = Array.from({ length: 20 }, (_, number) => `${number}`)
  const ids = await Promise.all(codes.map((code) => gateway.create('A', code)))
  await expect.poll(() => gateway.delivery.state.waitsFor, { interval: 1 }).toBe('Busy')
  const known = vi.spyOn(gateway.vaults.lately, 'known')
  for (const code of ['one', 'two', 'three']) {
    await gateway.create('B', code)
    await expect
      .poll(() => codesOf(line.stored, 'B').length, { interval: 1 })
      .toBe(['one', 'two', 'three'].indexOf(code) + 1)
  }
  expect(line.how.asked.filter((grantId) => patientOf(grantId) === idOf('A'))).toHaveLength(1)
  // Not for each that waits, each time.
  expect(known.mock.calls.length).toBeLessThan(20)
  expect(await gateway.read('A')).toEqual(ids.toSorted((a, b) => a.localeCompare(b)))
})

test('goes on under the share that another was changed to; where none is left it waits for staff, and for the next share', async () => {
  const line = network()
  line.how.deposit = async (grantId) =>
    line.how.shares.some((each) => each.grantId === grantId) ? null : { kind: 'ConsentEnded', endNs: 1n }
  const gateway = await folder.open(line)
  // Asked for half a minute ago: the gateway does not know yet.
  await gateway.read('A')
  line.how.shares = [share('A', 2)]
  const changed = await gateway.create('A', 'one')
  await expect.poll(() => gateway.quarantine.list().map(({ reason }) => reason), { interval: 1 }).toEqual(['shareOver'])
  expect(await gateway.read('A')).toEqual([changed])
  await expect.poll(() => line.stored.map(({ grantId }) => grantId), { interval: 1 }).toEqual([`${idOf('A')}2`])
  line.how.shares = []
  const [over] = [await gateway.create('A', 'two'), await gateway.create('A', 'three')]
  await expect
    .poll(() => gateway.quarantine.list().map(({ reason }) => reason), { interval: 1 })
    .toEqual(['shareOver', 'behind'])
  expect(await gateway.read('A')).toEqual([])
  const [first] = gateway.quarantine.list()
  expect(gateway.onItsWay.find(over ?? '')).not.toBe(null)
  expect([await gateway.refuse(first!.id), await gateway.refuse(first!.id)]).toEqual([true, false])
  expect(gateway.onItsWay.find(over ?? '')).toBe(null)
  line.how.shares = [share('A', 3)]
  await gateway.read('A')
  await expect.poll(() => codesOf(line.stored, 'A'), { interval: 1 }).toEqual(['one', 'three'])
})
