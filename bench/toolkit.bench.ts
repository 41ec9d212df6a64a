import { openToolkit, type Toolkit } from '../test/canisters/toolkit.fixture.ts'
import { addCost, type Cost, costOf, THOUSANDS } from './costs.ts'
import { type Row, rowsOf, type Rows } from './rows.ts'
import { auditCosts } from './toolkit-audit.ts'
import { installs } from './toolkit-installs.ts'
import { BY_SIZE, FIXED, hashCosts, type Measure, mixedCalls } from './toolkit-costs.ts'

const SIZES = [10, 1_000, 100_000] as const
/** A page of the list is as long as its smallest state. */
const LIST_ROWS_MIN = 100
const MiB = 2 ** 20

/** What canisters pay for the toolkit they are written on, and how that grows with what they hold. */
export async function run(): Promise<Row[]> {
  const rows = rowsOf('toolkit')
  const toolkit = await openToolkit()
  try {
    for (const measure of FIXED) addMeasure(rows, '', measure.ceiling.few, await measure.costs(toolkit), measure)
    const { perCall, perByte } = await hashCosts(toolkit)
    rows.add('SHA-256, each call', perCall / 1_000, THOUSANDS, 45)
    rows.add('SHA-256, each byte', perByte, 'instructions', 90)
    let heapBytes = 0
    for (const size of SIZES) {
      heapBytes = await toolkit.fill(size, Math.max(size, LIST_ROWS_MIN))
      for (const measure of BY_SIZE) {
        const ceiling = size === SIZES[0] ? measure.ceiling.few : measure.ceiling.many
        addMeasure(rows, `, ${size.toLocaleString('en')} entries`, ceiling, await measure.costs(toolkit), measure)
      }
    }
    rows.add('heap after 100,000 rows of 1 kB and as many of 100 B were written', heapBytes / MiB, 'MiB', 40)
    await longRun(toolkit, rows)
    await installs(rows)
    await auditCosts(rows)
    return rows.rows
  } finally {
    await toolkit.close()
  }
}

function addMeasure(rows: Rows, state: string, ceiling: number, costs: readonly Cost[], { name }: Measure): void {
  const sum = (part: keyof Cost) => costs.reduce((total, cost) => total + cost[part], 0)
  const total = { instructions: sum('instructions'), transmission: sum('transmission'), dirtyPages: sum('dirtyPages') }
  addCost(rows, name + state, total, ceiling, costs.length, THOUSANDS)
}

/** In the largest state: the dearest message of a mixture, and whether the heap grows. */
async function longRun(toolkit: Toolkit, rows: Rows): Promise<void> {
  const next = mixedCalls(toolkit)
  const worst = { instructions: 0, entry: '' }
  for (let i = 0; i < 3_000; i++) {
    for (const part of await next()) {
      const { instructions } = costOf([part])
      if (instructions > worst.instructions) Object.assign(worst, { instructions, entry: part.entry })
    }
  }
  rows.add(`dearest message of 3,000 mixed calls (${worst.entry})`, worst.instructions / 1_000, THOUSANDS, 20_000)
  const before = await toolkit.heapBytes()
  for (let i = 0; i < 20_000; i++) await next()
  rows.add('growth of the heap over 20,000 mixed calls', ((await toolkit.heapBytes()) - before) / MiB, 'MiB', 0)
}
