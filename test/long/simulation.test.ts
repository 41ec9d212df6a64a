import { expect, test } from 'vitest'
import { readRun, type RunOptions, runName, simulate } from '../simulation/run.ts'

// Simulations of the product for as long as MEDGUARD_MINUTES says, ten unless told; or the one run that MEDGUARD_SEED names.

const asked = process.env['MEDGUARD_SEED']
const MINUTES = Number(process.env['MEDGUARD_MINUTES'] ?? 10)

/** Seeds nobody has seen yet: they go on from the time of day. */
function* runs(): Generator<RunOptions> {
  if (asked !== undefined) return yield readRun(asked)
  const endMs = performance.now() + MINUTES * 60_000
  const first = Math.floor(Date.now() / 1000) % 1_000_000
  for (let run = 0; performance.now() < endMs; run++) {
    yield { seed: String(first + run), doings: 60, faultChance: run % 4 === 3 ? 0.05 : 0.01 }
  }
}

test('all is well in the end, seed after seed', async () => {
  const fired: Record<string, number> = {}
  let steps = 0
  for (const options of runs()) {
    console.log(`simulating ${runName(options)}`)
    const report = await simulate(options)
    steps += report.steps
    for (const [kind, count] of Object.entries(report.fired)) fired[kind] = (fired[kind] ?? 0) + count
  }
  console.log(`${steps} messages; went wrong on purpose: ${JSON.stringify(fired)}`)
  expect(steps).toBeGreaterThan(0)
})
