import { mkdirSync } from 'node:fs'
import { join } from 'node:path'

import { ROOT, UsageError } from './project.ts'
import { stopToolsOnSignal } from './run-tool.ts'
import { runSteps, runVitest } from './test.ts'

/** What takes longer than CI allows: the same tests as in `npm test`, over every case or for minutes, and others of their own. */
const PARTS: Readonly<Record<string, readonly string[]>> = {
  crashes: ['src/localnet/src/storage/crash.test.ts', 'src/localnet/src/simulation/crash.test.ts'],
  mutants: ['test/mutants/mutants.test.ts'],
  traps: ['test/simulation/traps.test.ts'],
  'large-file': ['test/long/large-file.test.ts'],
  model: ['test/simulation/model.test.ts'],
  cost: ['test/simulation/cost-fuzz.test.ts'],
  sweep: ['test/simulation/method-sweep.test.ts'],
  simulation: ['test/long/simulation.test.ts'],
  evidence: ['src/verifier/src/evidence.test.ts'],
}

/** `npm run test:long`, or the named parts of it. */
export async function main(parts: readonly string[]): Promise<void> {
  const unknown = parts.find((part) => !Object.hasOwn(PARTS, part))
  if (unknown !== undefined) {
    throw new UsageError(
      `no part "${unknown}"\n\nusage: npm run test:long [-- PART…]\n\n  parts: ${Object.keys(PARTS).join(' ')}`,
    )
  }
  stopToolsOnSignal()
  mkdirSync(join(ROOT, '.azle/test'), { recursive: true })
  const asked = Object.entries(PARTS).filter(([part]) => parts.length === 0 || parts.includes(part))
  await runSteps(
    asked.map(([name, files]) => ({ name: `long: ${name}`, run: () => runVitest(files, { MEDGUARD_LONG: '1' }) })),
  )
}
