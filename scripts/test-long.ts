import { mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

import { ROOT, UsageError } from './project.ts'
import { stopToolsOnSignal } from './run-tool.ts'
import { runSteps, runVitest } from './test.ts'

/** What takes longer than CI allows: the same tests as in `npm test`, over every case or for minutes, and others of their own. */
const PARTS: Readonly<Record<string, readonly string[]>> = {
  crashes: ['src/localnet/src/storage/crash.test.ts', 'src/localnet/src/simulation/crash.test.ts'],
  mutants: ['test/mutants/mutants.test.ts'],
  traps: ['test/simulation/traps.test.ts'],
  device: ['test/long/device-process.test.ts'],
  gateway: ['test/long/gateway-process.test.ts'],
  'large-file': ['test/long/large-file.test.ts'],
  load: ['test/long/load.test.ts'],
  'page-memory': ['test/long/page-memory.test.ts'],
  model: ['test/simulation/model.test.ts'],
  cost: ['test/simulation/cost-fuzz.test.ts'],
  sweep: ['test/simulation/method-sweep.test.ts'],
  simulation: ['test/long/simulation.test.ts'],
  evidence: ['src/verifier/src/evidence.test.ts'],
  properties: [],
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
  const asked = Object.entries({ ...PARTS, properties: propertyTests() }).filter(
    ([part]) => parts.length === 0 || parts.includes(part),
  )
  await runSteps(
    asked.map(([name, files]) => ({
      name: `long: ${name}`,
      run: () => runVitest(files, name === 'properties' ? { MEDGUARD_NEW_CASES: '1' } : { MEDGUARD_LONG: '1' }),
    })),
  )
}

/** Files of `npm test` that draw cases: here they draw others each time. */
const propertyTests = (): string[] =>
  ['src', 'canisters', 'scripts', 'test'].flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
      .filter((path) => path.endsWith('.test.ts') && !path.includes('node_modules'))
      .map((path) => join(folder, path))
      .filter((path) => readFileSync(join(ROOT, path), 'utf8').includes("'fast-check'")),
  )
