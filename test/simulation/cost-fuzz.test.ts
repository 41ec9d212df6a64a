import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ALL_METHODS } from '../scenarios/clinic.ts'
import { ceilingOf, strangersCeilingOf } from '../scenarios/method-ceilings.ts'
import { type Found, type FuzzWorld, openFuzzWorld, writeCorpus } from './cost-fuzz.fixture.ts'

// Reliability design, section 8.6, with cost as the goal, and I34: every method has a ceiling, and no argument that was found reaches it. The dearest
// arguments of earlier runs are in `test/vectors/costly-arguments.json`; `npm run test:long -- cost` looks for dearer ones, prints what each method may be made to
// spend, and writes them there.

const IS_LONG = process.env['MEDGUARD_LONG'] === '1'
const TRIES = IS_LONG ? Number(process.env['MEDGUARD_TRIES'] ?? 5_000) : 90

let world: FuzzWorld
beforeAll(async () => {
  world = await openFuzzWorld(IS_LONG ? String(Date.now()) : 'cost')
})
const all = new Map<string, Found>()

describe.each(ALL_METHODS)('%s.%s', (canister, method) => {
  test('stays below its ceiling, whatever it is sent, and has no bug', async () => {
    const found = await world.fuzz(canister, method, TRIES)
    all.set(`${canister}.${method}`, found)
    const { ofStranger, ofHolder, bugs } = found
    expect(bugs).toEqual([])
    expect(ofStranger.instructions / 1e6, 'of somebody without an account').toBeLessThanOrEqual(
      strangersCeilingOf(canister, method),
    )
    expect(ofHolder.instructions / 1e6).toBeLessThanOrEqual(ceilingOf(canister, method))
    expect(ofHolder.instructions).toBeGreaterThan(0)
  }, 7_200_000)
})

afterAll(() => {
  if (!IS_LONG) return
  writeCorpus(all)
  for (const [name, { ofStranger, ofHolder }] of all)
    console.log(
      `${name.padEnd(28)} ${(ofStranger.instructions / 1e6).toFixed(2).padStart(8)} ${(ofHolder.instructions / 1e6).toFixed(2).padStart(8)}`,
    )
})
