import { beforeAll, describe, expect, test } from 'vitest'
import { ALL_METHODS, type CanisterName, methodOf } from '../scenarios/clinic.ts'
import { openSweepWorld, type SweepWorld, type SweptCase } from './method-sweep.fixture.ts'

// Reliability design, section 8.3, for every method that changes something: each message traps, each call is rejected, canisters are upgraded
// after each message. `npm test` lets a message trap at its first and last system call and at one between, `npm run test:long -- sweep` at fifty between
// and upgrades every canister at every place. What a trap undoes does not depend on where in a message it is: `faults.test.ts` of localnet shows that at
// every system call there is.

const IS_LONG = process.env['MEDGUARD_LONG'] === '1'
const BETWEEN = IS_LONG ? 50 : 1

const UPDATES = ALL_METHODS.filter(([canister, method]) => methodOf(canister, method).mode === 'update')

let world: SweepWorld
beforeAll(async () => {
  world = await openSweepWorld()
}, 600_000)

const isInner = (canister: CanisterName, method: string) => world.inner.includes(`${canister}.${method}`)
const expectServed = async (wanted: string, cases: readonly SweptCase[]) => {
  const odd = cases.filter(({ repeats }) => repeats.at(-1) !== wanted)
  expect(odd).toEqual([])
}

describe.each(UPDATES)('%s.%s', (canister, method) => {
  test('traps in any of its messages: it is undone, and whoever asks again is served', async () => {
    if (isInner(canister, method)) return
    const cases = await world.traps(canister, method, BETWEEN)
    expect(cases.length).toBeGreaterThan(0)
    await expectServed(await world.undisturbed(canister, method), cases)
  }, 3_600_000)

  test('hears a reject from whomever it calls: whoever asks again is served', async () => {
    if (isInner(canister, method)) return
    await expectServed(await world.undisturbed(canister, method), await world.rejects(canister, method))
  }, 3_600_000)

  test('meets an upgrade after any of its messages: whoever asks again is served', async () => {
    if (isInner(canister, method)) return
    await expectServed(await world.undisturbed(canister, method), await world.upgrades(canister, method, IS_LONG))
  }, 3_600_000)
})

test('what nobody may call ran on the way of others: no method is left out', () => {
  expect(world.inner.filter((name) => !world.seen.has(name))).toEqual([])
})

test('and no line of the log was written twice', () => {
  expect(world.doubles()).toEqual([])
})
