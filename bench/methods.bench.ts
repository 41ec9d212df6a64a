import { writeFileSync } from 'node:fs'
import { actCycles } from './acts.ts'
import { allowed, readBaseline, updated, writeBaseline } from './baseline.ts'
import { COST_FILE, costDocument } from './cost-document.ts'
import { MILLIONS } from './costs.ts'
import { keptBytes } from './kept.ts'
import { methodCosts } from './method-costs.ts'
import { type Row, rowsOf } from './rows.ts'
import { sealedTexts } from './shortening.ts'

export interface Update {
  /** What made calls dearer, if any became so. */
  readonly why: string | null
}

/** Each public method in its own canister, in a fixed story, beside what was agreed to. */
export async function run(update: Update | null = null): Promise<Row[]> {
  const before = readBaseline()
  const measured = await methodCosts(Object.keys(before.instructions))
  let baseline = before
  if (update !== null) {
    const figures = { cycles: await actCycles(), kept: await keptBytes(), texts: await sealedTexts() }
    baseline = { ...updated(measured, before, update.why), ...figures }
    writeBaseline(baseline)
    writeFileSync(COST_FILE, costDocument(baseline))
  }
  const rows = rowsOf('methods')
  for (const [name, instructions] of measured) {
    const limit = allowed(baseline, name)
    rows.add(name, instructions / 1e6, MILLIONS, limit === null ? null : limit / 1e6)
  }
  return rows.rows
}
