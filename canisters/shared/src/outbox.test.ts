import {
  decodeDetail,
  decodeLeafInput,
  detailFields,
  equalBytes,
  EVENT,
  LOG_SOURCE,
  NS_PER_SECOND,
  OUTBOX_WAITING_MAX,
} from '@medguard/protocol'
import fc from 'fast-check'
import { expect, test } from 'vitest'

import { beginMessage, cleanUp, currentFlow } from './flow.ts'
import { receive } from './inbox.ts'
import { memoryMap } from './maps.ts'
import { createOutbox, type LeafDraft, type Outbox } from './outbox.ts'

const draft = (n: number): LeafDraft => ({
  event: EVENT.recordAdd,
  actor: new Uint8Array([n & 255]),
  fields: new Uint8Array([n >> 8, n & 255]),
})

/** What the log does with a stream (decision 17), and a network that answers, loses the call or loses the answer. */
function createWorld() {
  const rows = memoryMap()
  const taken: Uint8Array[] = []
  const jobs: { atNs: bigint; job: () => Promise<void> }[] = []
  const world = {
    rows,
    nowNs: 1_000n,
    network: 'up' as 'up' | 'callLost' | 'answerLost' | 'silent',
    calls: 0,
    version: 0n,
    taken,
    jobs,
    outbox: open(),
    upgrade() {
      jobs.length = 0 // timers do not outlive an upgrade
      world.outbox = open()
      world.outbox.resume(++world.version)
    },
    async runDue() {
      const due = jobs.filter(({ atNs }) => atNs <= world.nowNs)
      for (const item of due) jobs.splice(jobs.indexOf(item), 1)
      for (const { job } of due) await job()
    },
  }
  function open(): Outbox {
    return createOutbox({
      rows,
      source: LOG_SOURCE.records,
      nowNs: () => world.nowNs,
      async send(firstSeq, leaves) {
        world.calls++
        await Promise.resolve()
        if (world.network === 'callLost') return null
        if (world.network === 'silent') return new Promise<never>(() => {})
        const state = { next: BigInt(taken.length), isFrozen: false }
        const received = receive(state, firstSeq, leaves, (seq, leaf) => equalBytes(leaf, taken[Number(seq)] ?? leaf))
        if (received.kind !== 'taken') throw new Error(`the log answers ${received.kind}`)
        taken.push(...received.fresh)
        return world.network === 'answerLost' ? null : leaves.map((_, i) => 1_000n + firstSeq + BigInt(i))
      },
      schedule: (delaySeconds, job) =>
        void jobs.push({ atNs: world.nowNs + BigInt(delaySeconds) * NS_PER_SECOND, job }),
    })
  }
  return world
}

test('a queued leaf reaches the log by the next timer, with its number, source and time', async () => {
  const world = createWorld()
  expect(world.outbox.queue({ ...draft(7), requestId: new Uint8Array(16).fill(5), purpose: 1 })).toBe(0n)
  expect(world.outbox.queue(draft(8))).toBe(1n)
  expect(world.jobs.length).toBe(1)
  world.nowNs = 5_000n
  await world.runDue()
  expect(world.outbox.waiting()).toBe(0n)
  const input = decodeLeafInput(world.taken[0] ?? new Uint8Array())
  expect(input).toMatchObject({ event: EVENT.recordAdd, actor: new Uint8Array([7]), auditKey: null })
  expect(decodeDetail(input?.detail ?? new Uint8Array())).toEqual({
    head: {
      event: EVENT.recordAdd,
      source: LOG_SOURCE.records,
      sourceSeq: 0n,
      eventTimeNs: 1_000n,
      requestId: new Uint8Array(16).fill(5),
      purpose: 1,
    },
    fields: new Uint8Array([0, 7]),
  })
})

test('waiting for an acknowledgement sends everything that waits and gives the own indices', async () => {
  const world = createWorld()
  world.outbox.queue(draft(1))
  expect(await world.outbox.appendAcknowledged([draft(2), draft(3)])).toEqual([1_001n, 1_002n])
  expect(world.calls).toBe(1)
  expect(world.outbox.waiting()).toBe(0n)
})

test('flows that wait at the same time each get their own indices', async () => {
  const world = createWorld()
  const flows = [draft(1), draft(2), draft(3)].map((leaf) => world.outbox.appendAcknowledged([leaf]))
  expect(await Promise.all(flows)).toEqual([[1_000n], [1_001n], [1_002n]])
  expect(world.taken.length).toBe(3)
})

test('leaves behind a long queue are acknowledged after several calls of at most a hundred', async () => {
  const world = createWorld()
  for (let i = 0; i < 250; i++) world.outbox.queue(draft(i))
  expect(await world.outbox.appendAcknowledged([draft(250)])).toEqual([1_250n])
  expect(world.calls).toBe(3)
})

test('without an acknowledgement the leaf stays and is sent again, later each time', async () => {
  const world = createWorld()
  world.network = 'callLost'
  expect(await world.outbox.appendAcknowledged([draft(1)])).toBe('unavailable')
  expect(world.outbox.waiting()).toBe(1n)
  const delays: bigint[] = []
  for (let i = 0; i < 10; i++) {
    const due = world.jobs[0]?.atNs ?? 0n
    delays.push((due - world.nowNs) / NS_PER_SECOND)
    world.nowNs = due
    await world.runDue()
  }
  expect(delays).toEqual([2n, 4n, 8n, 16n, 32n, 64n, 128n, 256n, 300n, 300n])
  world.network = 'up'
  world.nowNs = world.jobs[0]?.atNs ?? 0n
  await world.runDue()
  expect(world.taken.length).toBe(1)
  expect(world.jobs.length).toBe(0)
})

test('what waits longer than a call has a row of its own, where an earlier release finds it', async () => {
  const world = createWorld()
  const leafRow = () => world.rows.get(Uint8Array.of(1, 0, 0, 0, 0, 0, 0, 0, 0))
  world.network = 'callLost'
  const waiting = world.outbox.appendAcknowledged([draft(1)])
  expect(leafRow()).toBeUndefined()
  expect(await waiting).toBe('unavailable')
  expect(decodeLeafInput(leafRow() ?? new Uint8Array())).toMatchObject({ event: EVENT.recordAdd })
  const other = createWorld()
  other.outbox.queue(draft(2))
  expect(other.rows.get(Uint8Array.of(1, 0, 0, 0, 0, 0, 0, 0, 0))).toBeDefined()
})

test('a leaf whose call an upgrade forgot is sent after it', async () => {
  const world = createWorld()
  void world.outbox.appendAcknowledged([draft(1)])
  world.upgrade()
  await world.runDue()
  expect(eventsOf(world.taken)).toEqual([EVENT.recordAdd, EVENT.upgrade])
})

test('a lost answer leads to no second leaf', async () => {
  const world = createWorld()
  world.network = 'answerLost'
  expect(await world.outbox.appendAcknowledged([draft(1)])).toBe('unavailable')
  world.network = 'up'
  expect(await world.outbox.appendAcknowledged([draft(2)])).toEqual([1_001n])
  expect(world.taken.length).toBe(2)
})

test('what waits outlives an upgrade, and is followed by the leaf of the upgrade', async () => {
  const world = createWorld()
  world.outbox.queue(draft(1))
  world.upgrade()
  expect(world.outbox.waiting()).toBe(1n)
  await world.runDue()
  expect(eventsOf(world.taken)).toEqual([EVENT.recordAdd, EVENT.upgrade])
  expect(world.outbox.queue(draft(2))).toBe(2n)
})

test('upgrades are told of with their versions and times, each once, before whatever comes next', async () => {
  const world = createWorld()
  world.upgrade()
  world.nowNs = 2_000n
  world.upgrade()
  world.nowNs = 3_000n
  expect(world.outbox.nextSeq()).toBe(2n)
  expect(await world.outbox.appendAcknowledged([draft(1)])).toEqual([1_002n])
  await world.runDue()
  expect(eventsOf(world.taken)).toEqual([EVENT.upgrade, EVENT.upgrade, EVENT.recordAdd])
  const details = world.taken.slice(0, 2).map((leaf) => decodeDetail(decodeLeafInput(leaf)?.detail ?? NOTHING))
  expect(details.map((detail) => [detail?.head.eventTimeNs, detail?.fields])).toEqual([
    [1_000n, detailFields.upgrade({ canisterVersion: 1n })],
    [2_000n, detailFields.upgrade({ canisterVersion: 2n })],
  ])
})

test('is full from a thousand waiting leaves on', () => {
  const world = createWorld()
  for (let i = 0; i < OUTBOX_WAITING_MAX - 1; i++) world.outbox.queue(draft(i))
  expect(world.outbox.isFull()).toBe(false)
  world.outbox.queue(draft(0))
  expect(world.outbox.isFull()).toBe(true)
})

test('a timer that never came back does not stop the stream', async () => {
  const world = createWorld()
  world.outbox.queue(draft(1))
  world.jobs.length = 0 // its message trapped
  world.nowNs += 61n * NS_PER_SECOND
  world.outbox.queue(draft(2))
  await world.runDue()
  expect(world.taken.length).toBe(2)
})

test('a leaf that is under way has a row of its own once the message that waited for it traps', async () => {
  const world = createWorld()
  beginMessage()
  const appending = world.outbox.appendAcknowledged([draft(1)])
  expect(world.rows.size()).toBe(1) // beside the counters
  cleanUp(currentFlow())
  expect(world.rows.size()).toBe(2)
  await appending
  expect([world.taken.length, world.outbox.waiting(), world.rows.size()]).toEqual([1, 0n, 1])
})

test('behind a retry that trapped, the next leaf has all sent that waits, by one timer', async () => {
  const world = createWorld()
  world.network = 'callLost'
  await world.outbox.appendAcknowledged([draft(1)])
  const retry = world.jobs.pop()
  world.nowNs = retry?.atNs ?? 0n
  world.network = 'silent'
  beginMessage()
  void retry?.job()
  cleanUp(currentFlow())
  world.network = 'up'
  for (const n of [2, 3]) world.outbox.queue(draft(n))
  expect(world.jobs.map(({ atNs }) => (atNs - world.nowNs) / NS_PER_SECOND)).toEqual([2n]) // no sooner than a retry
  world.nowNs = world.jobs[0]?.atNs ?? 0n
  await world.runDue()
  expect([world.taken.length, world.outbox.waiting(), world.jobs.length]).toEqual([3, 0n, 0])
})

const NOTHING = new Uint8Array()
const eventsOf = (leaves: readonly Uint8Array[]) => leaves.map((leaf) => decodeLeafInput(leaf)?.event)

test('whatever the network does, each leaf is in the log once and in order', async () => {
  const step = fc.oneof(
    fc.constant('queue' as const),
    fc.constant('append' as const),
    fc.constant('timers' as const),
    fc.constant('upgrade' as const),
    fc.constantFrom('up' as const, 'callLost' as const, 'answerLost' as const),
  )
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
      const world = createWorld()
      const sent: number[] = []
      for (const what of steps) {
        const next = sent.length
        if (what === 'queue') {
          sent.push(next)
          world.outbox.queue(draft(next))
        } else if (what === 'append') {
          sent.push(next)
          const indices = await world.outbox.appendAcknowledged([draft(next)])
          if (indices !== 'unavailable') expect(indices).toEqual([1_000n + BigInt(next) + world.version])
        } else if (what === 'timers') {
          world.nowNs += 400n * NS_PER_SECOND
          await world.runDue()
        } else if (what === 'upgrade') world.upgrade()
        else world.network = what
      }
      world.network = 'up'
      world.upgrade()
      await world.runDue()
      const told = world.taken.map((leaf) => decodeLeafInput(leaf))
      expect(told.filter((leaf) => leaf?.event !== EVENT.upgrade).map((leaf) => leaf?.actor[0])).toEqual(sent)
      expect(BigInt(told.length - sent.length)).toBe(world.version)
      expect(world.outbox.waiting()).toBe(0n)
    }),
  )
})
