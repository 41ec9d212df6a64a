import { writeFileSync } from 'node:fs'

import type { Reporter, SerializedError, TestModule } from 'vitest/node'

import type { Counts } from './test.ts'

/** Where the counts go: a path in this environment variable. */
export const COUNTS_FILE = 'MEDGUARD_VITEST_COUNTS'

/** Counts for the summary. A file that does not load, a failing hook and an error outside any test have no failed test of their own. */
export default class CountsReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], errors: readonly SerializedError[]): void {
    const counts = { passed: 0, failed: errors.length, skipped: [] as string[] }
    for (const module of modules) {
      let failedHere = 0
      for (const test of module.children.allTests()) {
        const result = test.result()
        if (result.state === 'passed') counts.passed++
        else if (result.state === 'failed') failedHere++
        else {
          const reason = result.state === 'skipped' ? result.note : undefined
          counts.skipped.push(
            `${module.relativeModuleId}: ${test.fullName}${reason === undefined ? '' : ` (${reason})`}`,
          )
        }
      }
      if (!module.ok() && failedHere === 0) failedHere = 1
      counts.failed += failedHere
    }
    const file = process.env[COUNTS_FILE]
    if (file !== undefined) writeFileSync(file, JSON.stringify(counts satisfies Counts))
  }
}
