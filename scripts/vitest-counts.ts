import { writeFileSync } from 'node:fs'

import type { Reporter, SerializedError, TestModule } from 'vitest/node'

import type { Counts } from './test.ts'

/** Where the counts go: a path in this environment variable. */
export const COUNTS_FILE = 'MEDGUARD_VITEST_COUNTS'

/** Counts for the summary, and where the time went. A file that does not load, a failing hook and an error outside any test have no failed test of their own. */
export default class CountsReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], errors: readonly SerializedError[]): void {
    const counts = { passed: 0, failed: errors.map(reasonOf), skipped: [] as string[] }
    for (const module of modules) {
      const failedHere: string[] = []
      for (const test of module.children.allTests()) {
        const result = test.result()
        if (result.state === 'passed') counts.passed++
        else if (result.state === 'failed')
          failedHere.push(`${module.relativeModuleId}: ${test.fullName} (${reasonOf(result.errors[0])})`)
        else {
          const reason = result.state === 'skipped' ? result.note : undefined
          counts.skipped.push(
            `${module.relativeModuleId}: ${test.fullName}${reason === undefined ? '' : ` (${reason})`}`,
          )
        }
      }
      if (!module.ok() && failedHere.length === 0)
        failedHere.push(`${module.relativeModuleId}: outside its tests (${reasonOf(module.errors()[0])})`)
      counts.failed.push(...failedHere)
    }
    console.log(slowest(modules))
    const file = process.env[COUNTS_FILE]
    if (file !== undefined) writeFileSync(file, JSON.stringify(counts satisfies Counts))
  }
}

const SLOWEST_SHOWN = 20
/** Where the time of a long run went: seconds of a file with all that it imports, of all files and of the slowest. */
function slowest(modules: readonly TestModule[]): string {
  const rows = modules.map((module) => {
    const { duration, collectDuration, setupDuration } = module.diagnostic()
    return { name: module.relativeModuleId, seconds: (duration + collectDuration + setupDuration) / 1000 }
  })
  const lines = rows
    .toSorted((a, b) => b.seconds - a.seconds)
    .slice(0, SLOWEST_SHOWN)
    .map(({ name, seconds }) => `  ${seconds.toFixed(1).padStart(6)} s  ${name}`)
  const all = rows.reduce((sum, { seconds }) => sum + seconds, 0)
  return [`\n${rows.length} files took ${all.toFixed(0)} s, the slowest:`, ...lines].join('\n')
}

/** The first line of what was thrown. */
const reasonOf = (error: SerializedError | undefined) => error?.message.split('\n')[0] ?? 'no reason given'
