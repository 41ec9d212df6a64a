import { expect, test } from 'vitest'
import { createChangesPoller, POLL_EVERY_MS } from './changes-poller.ts'

function bench() {
  const due: (() => void)[] = []
  const waits: number[] = []
  const world = { counter: 0n, works: true, visible: true }
  const poller = createChangesPoller({
    changes: () => (world.works ? Promise.resolve(world.counter) : Promise.reject(new Error('down'))),
    isVisible: () => world.visible,
    now: () => 5,
    setTimer: (work, ms) => {
      waits.push(ms)
      due.push(work)
      return () => void due.splice(due.indexOf(work), 1)
    },
  })
  const settled = () => new Promise<void>((resolve) => setImmediate(resolve))
  const tick = async () => {
    due.shift()?.()
    await settled()
  }
  return { poller, world, tick, settled, due, waits }
}

test('a counter that moved is told once', async () => {
  const { poller, world, tick, settled } = bench()
  poller.start()
  await settled()
  expect(poller.live.getState()).toEqual({ failures: 0, changes: 0, answeredMs: 5 })
  world.counter = 4n
  await tick()
  await tick()
  expect(poller.live.getState().changes).toBe(1)
})

test('failures in a row are counted, and one answer clears them', async () => {
  const { poller, world, tick, settled } = bench()
  poller.start()
  await settled()
  world.works = false
  await tick()
  await tick()
  await tick()
  expect(poller.live.getState().failures).toBe(3)
  world.works = true
  await tick()
  expect(poller.live.getState().failures).toBe(0)
})

test('a first answer after failed ones counts as a change: nobody knows what happened meanwhile', async () => {
  const { poller, world, tick, settled } = bench()
  world.works = false
  poller.start()
  await settled()
  world.works = true
  await tick()
  expect(poller.live.getState()).toEqual({ failures: 0, changes: 1, answeredMs: 5 })
  await tick()
  expect(poller.live.getState().changes).toBe(1)
})

test('a page that nobody sees asks nothing, and a stopped one never again', async () => {
  const { poller, world, tick, settled, due } = bench()
  world.visible = false
  poller.start()
  await settled()
  await tick()
  expect(poller.live.getState().answeredMs).toBeNull()
  poller.stop()
  expect(due).toHaveLength(0)
})

test('asks again a second after each answer, whether it came or not: half of the two seconds that a change may take', async () => {
  const { poller, world, tick, settled, waits } = bench()
  poller.start()
  await settled()
  await tick()
  world.works = false
  await tick()
  expect(waits).toEqual([POLL_EVERY_MS, POLL_EVERY_MS, POLL_EVERY_MS])
  expect(2 * POLL_EVERY_MS).toBeLessThanOrEqual(2_000)
})
