import { mkdirSync } from 'node:fs'
import { join } from 'node:path'

import { ROOT } from './project.ts'
import { stopToolsOnSignal } from './run-tool.ts'
import { runSteps, runVitest } from './test.ts'

/** `npm run test:long`: simulations and searches that take longer than CI allows, `test/long` in this project. */
export async function main(): Promise<void> {
  stopToolsOnSignal()
  mkdirSync(join(ROOT, '.azle/test'), { recursive: true })
  await runSteps([{ name: 'vitest, long', run: () => runVitest(['test/long/'], { MEDGUARD_LONG: '1' }) }])
}
