import { openClinic } from '../test/scenarios/clinic.ts'
import { coreTasks, type Step } from './core-tasks.ts'
import { countTrips, type Trips } from './round-trips.ts'
import { check, type Row, rowsOf } from './rows.ts'

const TRIALS = 3
const BODY_BYTES = 2 ** 20

/**
 * How long a person waits for each step with a record of 1 MiB, through the released agent over HTTP, on a network that keeps nothing on disk: median of three;
 * and how often they wait for the network, which is what counts far from it.
 */
export async function run(): Promise<Row[]> {
  const clinic = await openClinic({ clock: 'real' })
  const took = new Map<string, number[]>()
  const counted = new Map<string, Trips>()
  let isTimed = true
  const step: Step = async (name, work) => {
    const startMs = performance.now()
    const { value: outcome, trips } = await countTrips(() => work(() => {}), isTimed ? 0 : undefined)
    const ms = performance.now() - startMs
    if (isTimed) took.set(name, [...(took.get(name) ?? []), ms])
    else counted.set(name, trips)
    check(outcome.kind === 'done', name)
    return outcome.value
  }
  try {
    for (let trial = 0; trial < TRIALS; trial++) await coreTasks(clinic, `${trial}`, BODY_BYTES, step)
    isTimed = false
    await coreTasks(clinic, 'who is counted', BODY_BYTES, step)
  } finally {
    await clinic.close()
  }
  const rows = rowsOf('road')
  for (const [name, all] of took) {
    rows.add(name, median(all), 'ms')
    const trips = counted.get(name)
    check(trips !== undefined, `${name} is counted`)
    rows.add(`${name}: updates waited for`, trips.updateRounds, 'round trips')
    rows.add(`${name}: queries waited for`, trips.queryRounds, 'round trips')
    rows.add(`${name}: updates sent`, trips.updates, 'updates')
  }
  return rows.rows
}

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN
