import fc from 'fast-check'
import { expect, test } from 'vitest'

// The protocol of keys.md, section 9, by itself: two canisters, writers and rewrapping devices whose every step may come in any order, or never, and who begin as often as they like. What
// must hold: nothing that was stored is ever under an epoch below the least that can be derived, in the slot that is read or in both.

interface World {
  current: number
  minEpoch: number
  floor: number
  /** Epochs of the two slots of each record; `former` null once it was removed. */
  readonly records: { epoch: number; former: number | null }[]
}
type Task = () => boolean

/** A world and what is on its way in it. With `hasFloor` false a writer does not look at the floor after its wait. */
function play(seed: readonly number[], hasFloor: boolean): string | null {
  const world: World = { current: 1, minEpoch: 1, floor: 1, records: [] }
  /** Each is what is left of a flow: it runs one message and says whether it has more. */
  const flows: Task[] = []
  const write = () => {
    const epoch = world.current
    let step = 0
    flows.push(() => {
      if (step++ === 0) return epoch === world.current // consent confirms, or refuses
      if (hasFloor && epoch < world.floor) return false
      world.records.push({ epoch, former: null })
      return false
    })
  }
  const rewrap = () => {
    const epoch = world.current
    const read = world.records.map((record) => record.epoch)
    let step = 0
    flows.push(() => {
      if (step++ === 0) return epoch === world.current
      if (epoch < world.floor) return false
      for (const [seq, old] of read.entries()) {
        const record = world.records[seq]
        if (record === undefined || record.epoch >= epoch || record.epoch !== old) continue
        record.former = record.epoch
        record.epoch = epoch
      }
      return false
    })
  }
  const isDone = (epoch: number) => world.records.every((record) => record.epoch >= epoch)
  const retire = () => {
    const epoch = world.current
    let step = 0
    flows.push(() => {
      switch (step++) {
        case 0: // consent confirms that the epoch is current
          return epoch === world.current
        case 1:
          if (!isDone(epoch) || epoch < world.floor) return false
          world.floor = epoch
          return true
        case 2:
          if (epoch !== world.current) return false
          world.minEpoch = epoch
          return true
        default:
          for (const record of world.records) if (record.former !== null && record.former < epoch) record.former = null
          return false
      }
    })
  }
  const starts = [write, write, rewrap, rewrap, retire, retire, () => void world.current++]
  for (const choice of seed) {
    const running = flows.length
    const pick = choice % (starts.length + 3 * running + 1)
    const at = (pick - starts.length) % running
    if (pick < starts.length) starts[pick]?.()
    else if (pick >= starts.length + 2 * running) flows.splice(at, 1) // whoever did it is gone, or an answer was lost
    else if (flows[at]?.() === false) flows.splice(at, 1)
    const lost = world.records.findIndex(({ epoch }) => epoch < world.minEpoch || epoch > world.current)
    if (lost >= 0)
      return `record ${lost} is under ${world.records[lost]?.epoch}, of ${world.minEpoch} to ${world.current}`
    if (world.floor > world.current) return 'nothing can be stored any more'
    for (const { former, epoch } of world.records) if (former !== null && former > epoch) return 'a slot went back'
  }
  return null
}

const seeds = fc.array(fc.nat(0xffff), { minLength: 10, maxLength: 80 })

test('in twenty thousand random orders no record becomes unreadable', () => {
  fc.assert(
    fc.property(seeds, (seed) => {
      expect(play(seed, true)).toBeNull()
    }),
    { numRuns: 20_000 },
  )
})

test('without the floor some order loses a record: the model can see it', () => {
  const found = fc.check(
    fc.property(seeds, (seed) => play(seed, false) === null),
    { numRuns: 20_000 },
  )
  expect(found.failed).toBe(true)
})
