import { Fault, type Refusal } from '@medguard/client'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createCreatesDesk } from './creates-desk.ts'
import { codesOf, type CreatesFolder, createsFolder } from './creates.fixture.ts'
import { network, share } from './network.fixture.ts'

// F26: what was acknowledged and is not taken waits for its patient, for staff, and for nobody else.

const OVER: Refusal = { kind: 'ConsentEnded', endNs: 1n }

let folder: CreatesFolder
beforeEach(() => {
  folder = createsFolder()
})
afterEach(() => folder.remove())

test('staff send it on under a share that has a place for it, and so it goes on by itself', async () => {
  const line = network()
  line.how.deposit = async (grantId) => {
    const found = line.how.shares.find((each) => each.grantId === grantId)
    return found?.scope.includes('labs') === true && found.grantId !== share('A').grantId
      ? null
      : { kind: 'NotPermitted' }
  }
  const gateway = await folder.open(line)
  const desk = createCreatesDesk(gateway, gateway.vaults)
  const reasons = () => gateway.quarantine.list().map(({ reason, target }) => [reason, target])
  await gateway.create('A', 'one')
  await expect.poll(reasons, { interval: 1 }).toEqual([['notShared', share('A').grantId]])
  const [{ id } = { id: '' }] = gateway.quarantine.list()
  const inbox = share('A', 2, { scope: ['inbox'], rights: ['write'], startNs: 2n })
  line.how.shares = [inbox]
  await expect(desk.retry(id)).rejects.toMatchObject({ status: 403 })
  // As another version of this program would have said.
  await gateway.quarantine.assign(id, inbox.grantId)
  await expect.poll(reasons, { interval: 1 }).toEqual([['notShared', inbox.grantId]])
  const labs = share('A', 3, { startNs: 1n })
  const { deposit } = line.how
  line.how.deposit = async () => ({ kind: 'NotPermitted' })
  line.how.shares = [inbox, labs]
  expect(await desk.retry(id)).toEqual({ id, grantId: labs.grantId })
  await gateway.quarantine.assign(id, inbox.grantId)
  await expect.poll(() => gateway.quarantine.released(), { interval: 1 }).toEqual([])
  line.how.deposit = deposit
  gateway.quarantine.retryPassing()
  await expect.poll(() => line.stored.map(({ grantId }) => grantId), { interval: 1 }).toEqual([labs.grantId])
})

test('what staff say while it is tried once more stays said: gone is gone, and it goes where they sent it', async () => {
  const line = network()
  line.how.deposit = async () => OVER
  line.how.shares = [share('A'), share('B'), share('B', 2)]
  const gateway = await folder.open(line)
  const desk = createCreatesDesk(gateway, gateway.vaults)
  for (const patient of ['A', 'B']) await gateway.create(patient, patient)
  await expect.poll(() => gateway.quarantine.count, { interval: 1 }).toBe(2)
  await gateway.quiet()
  let answer = (): void => {}
  const isAsked = new Promise<void>((resolve) => (answer = resolve))
  const before = line.how.asked.length
  line.how.deposit = async (grantId) => (grantId === share('B', 2).grantId ? null : (await isAsked, OVER))
  gateway.quarantine.retryPassing()
  await expect.poll(() => line.how.asked.length, { interval: 1 }).toBe(before + 2)
  const [gone, sent] = gateway.quarantine.list().map(({ id }) => id)
  expect(await desk.refuse(gone ?? '')).toEqual({ id: gone })
  expect(await gateway.quarantine.assign(sent ?? '', share('B', 2).grantId)).toBe(true)
  answer()
  await expect.poll(() => codesOf(line.stored, 'B'), { interval: 1 }).toEqual(['B'])
  await gateway.end()
  expect([gateway.quarantine.list(), gateway.onItsWay.count]).toEqual([[], 0])
  const again = await folder.open(line, gateway.disk.after('nothing'))
  expect([again.quarantine.list(), again.onItsWay.count]).toEqual([[], 0])
})

test('of what waits for its patient a share that is busy keeps nobody else', async () => {
  const line = network()
  const isOfA = (grantId: string) => grantId === share('A').grantId
  line.how.deposit = async (grantId) => (isOfA(grantId) ? OVER : null)
  const gateway = await folder.open(line)
  await gateway.create('A', 'one')
  await expect.poll(() => gateway.quarantine.count, { interval: 1 }).toBe(1)
  line.how.deposit = async () => new Fault('Unreachable', 'no network')
  gateway.quarantine.retryPassing()
  await expect.poll(() => gateway.delivery.state.waitsFor, { interval: 1 }).toBe('Unreachable')
  await gateway.create('B', 'two')
  line.how.deposit = async (grantId) => (isOfA(grantId) ? { kind: 'Busy', retryAfterMs: 3_600_000 } : null)
  await expect.poll(() => codesOf(line.stored, 'B'), { interval: 1 }).toEqual(['two'])
  await expect.poll(() => gateway.delivery.state.waitsFor, { interval: 1 }).toBe('Busy')
  expect(gateway.quarantine.count).toBe(1)
})

test('a share that comes lets go of what is its patient’s, also of what was refused that very moment', async () => {
  const line = network()
  line.how.deposit = async (grantId) => (line.how.shares.some((each) => each.grantId === grantId) ? null : OVER)
  const gateway = await folder.open(line)
  const settled = async (times: number) => {
    await expect.poll(() => line.how.asked.length, { interval: 1 }).toBe(times)
    await expect.poll(() => gateway.quarantine.released(), { interval: 1 }).toEqual([])
  }
  await gateway.read('A')
  line.how.shares = []
  for (const patient of ['A', 'B']) await gateway.create(patient, patient)
  await settled(2)
  await gateway.read('A')
  await settled(4)
  line.how.shares = [share('B', 2)]
  await gateway.read('B')
  await expect.poll(() => codesOf(line.stored, 'B'), { interval: 1 }).toEqual(['B'])
  expect(line.how.asked.slice(4)).toEqual([share('B', 2).grantId])

  let answer = (): void => {}
  const isAsked = new Promise<void>((resolve) => (answer = resolve))
  line.how.deposit = async (grantId) => (grantId === share('B', 2).grantId ? (await isAsked, OVER) : null)
  await gateway.create('B', 'C')
  await expect.poll(() => line.how.asked.length, { interval: 1 }).toBe(6)
  line.how.shares = [share('B', 3)]
  await gateway.read('B')
  answer()
  await expect.poll(() => codesOf(line.stored, 'B'), { interval: 1 }).toEqual(['B', 'C'])
})
