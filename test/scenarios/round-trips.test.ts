import { afterAll, beforeAll, expect, test } from 'vitest'

import { coreTasks } from '../../bench/core-tasks.ts'
import { check } from '../../bench/rows.ts'
import { countTrips } from '../../bench/round-trips.ts'
import { type Clinic, openClinic } from './clinic.ts'

// How often a person waits for the network in what they do most. An update takes a second or two on the main network, a query a fraction of one, and everything
// else together less: so what is counted here is what they wait for. `npm run bench -- road` has the time on this machine.

let clinic: Clinic
beforeAll(async () => {
  clinic = await openClinic()
})
afterAll(() => clinic.close())

/** Updates one after the other, and queries; what is sent together is waited for once. */
const WAITS = {
  enrol: [2, 0],
  'add, with the first key': [5, 0],
  'add again': [2, 0],
  'find: list one category, with the key': [3, 1],
  'list all categories': [1, 1],
  open: [1, 1],
  'share a category': [3, 0],
  'share one record': [5, 0],
  'provider: what is shared': [2, 0],
  // Keys and list are asked for together, then the record: no more than two and two.
  'provider: cold open': [2, 2],
  'provider: cold open of several kinds': [2, 2],
  'provider: warm open': [1, 1],
  'provider: write back': [3, 0],
  'check who looked': [2, 1],
  revoke: [3, 0],
} as const satisfies Readonly<Record<string, readonly [updates: number, queries: number]>>

test('nothing that is done often takes more round trips than are said here', async () => {
  const waits: Record<string, readonly [updates: number, queries: number]> = {}
  await coreTasks(clinic, 'who is counted', 2_000, async (name, work) => {
    const { value: outcome, trips } = await countTrips(() => work(() => {}))
    check(outcome.kind === 'done', name)
    waits[name] = [trips.updateRounds, trips.queryRounds]
    return outcome.value
  })
  expect(waits).toEqual(WAITS)
})
