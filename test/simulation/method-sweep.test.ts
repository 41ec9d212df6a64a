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
})

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

/**
 * What succeeds only in the middle of a story that the table of access does not tell (a link that was offered, a vote of a council that sits, an erasure
 * under way): their own scenarios ask for them, and nothing goes wrong there yet.
 */
const IN_STORIES = [
  'acceptLink',
  'unlink',
  'acceptAppointment',
  'resign',
  'announceErasure',
  'eraseBegin',
  'eraseFinish',
  'erase',
  'councilActs',
  'councilVote',
  'organisationHead',
  'startRecovery',
  'approveRecovery',
  'completeRecovery',
  'invite',
  'claimInvitation',
]

test('methods that nobody may call at once ran on the way of others, or are in a story of their own', () => {
  const missing = world.inner.filter((name) => !world.seen.has(name) && !IN_STORIES.includes(name.split('.')[1] ?? ''))
  expect(missing).toEqual([])
})

test('and no line of the log was written twice', async () => {
  expect(await world.doubles()).toEqual([])
})
