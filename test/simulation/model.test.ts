import fc from 'fast-check'
import { beforeAll, expect, test } from 'vitest'
import { anyRun } from './model-drawing.fixture.ts'
import { type ModelWorld, openModelWorld } from './model-run.fixture.ts'

// Reliability design, section 8.2: what people do, and in which order messages are delivered, drawn together; the real modules; and a model that
// says what must be true of every answer. A run that fails shrinks to the few steps that matter. The short runs are always the same; the long
// ones are new each time, or those that MEDGUARD_SEED names, for as many minutes as MEDGUARD_MINUTES says.

const IS_LONG = process.env['MEDGUARD_LONG'] === '1'
const MINUTES = IS_LONG ? Number(process.env['MEDGUARD_MINUTES'] ?? 60) : 1
const seedOfLong = Number(process.env['MEDGUARD_SEED'] ?? Math.floor(Date.now() / 1000))
const SEED = IS_LONG ? seedOfLong : 5

let world: ModelWorld
beforeAll(async () => {
  world = await openModelWorld()
}, 600_000)

test('whatever people do, and in whatever order messages arrive, every answer is one that the model allows', async () => {
  let [runs, count] = [0, 0]
  if (IS_LONG) console.info(`MEDGUARD_SEED=${SEED}, for ${MINUTES} minutes`)
  await fc.assert(
    fc.asyncProperty(anyRun, async (steps) => {
      runs++
      count += steps.length
      expect(await world.run(steps)).toEqual([])
    }),
    {
      seed: SEED,
      numRuns: IS_LONG ? 1_000_000 : 150,
      interruptAfterTimeLimit: MINUTES * 60_000,
      markInterruptAsFailure: false,
    },
  )
  if (IS_LONG) console.info(`${runs} runs of ${count} steps`)
}, 7_200_000)
