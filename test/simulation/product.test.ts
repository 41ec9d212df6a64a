import { expect, test } from 'vitest'
import { type RunOptions, runName, simulate } from './run.ts'

// The product under everything that can go wrong, from one seed. A seed that ever failed stays in the list; test/long goes on for minutes.

const RUNS: readonly RunOptions[] = [
  { seed: '1', doings: 15, faultChance: 0.01 },
  { seed: '4', doings: 12, faultChance: 0.05 },
]

test.each(RUNS.map((options) => [runName(options), options] as const))(
  'all is well in the end, though messages meet faults: %s',
  async (_name, options) => {
    expect((await simulate(options)).steps).toBeGreaterThan(50)
  },
  600_000,
)

test('one seed makes one run, to the last bit, clients and all', async () => {
  const options: RunOptions = { seed: 'again', doings: 2, faultChance: 0.1 }
  const [first, second] = [await simulate(options), await simulate(options)]
  expect(second).toEqual(first)
}, 600_000)
