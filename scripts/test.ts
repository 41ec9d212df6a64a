import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'

import { ensureBrowser, ensureEngines } from './browser.ts'
import { buildApp } from './build-app.ts'
import { buildCanister } from './canister/build.ts'
import { CHECKS, runCheck } from './check.ts'
import { CANISTERS, ROOT, UsageError } from './project.ts'
import { runBin, stopToolsOnSignal } from './run-tool.ts'
import { COUNTS_FILE } from './vitest-counts.ts'

export interface Counts {
  readonly passed: number
  /** One line each: what failed, named so that the end of a long output tells it. */
  readonly failed: readonly string[]
  /** One line each: what was left out, and why. */
  readonly skipped: readonly string[]
}

interface Step {
  readonly name: string
  readonly run: () => Promise<Counts>
}

/** Parts that `npm test -- PART…` can name; those with folders are Vitest runs. */
const PARTS: Readonly<Record<string, readonly string[] | null>> = {
  lint: null,
  format: null,
  types: null,
  canisters: null,
  app: null,
  unit: ['src/', 'canisters/', 'scripts/'],
  tidy: ['test/tidy/'],
  conformance: ['test/conformance/'],
  scenarios: ['test/scenarios/'],
  simulation: ['test/simulation/'],
  mutants: ['test/mutants/'],
  e2e: null,
}
const USAGE = `usage: npm test [-- PART…]\n\n  parts: ${Object.keys(PARTS).join(' ')}`
const OUTPUT = join(ROOT, '.azle/test')

/** Everything that CI runs, or the named parts. The last line of standard output is `N passed, N failed, N skipped`. */
export async function main(parts: readonly string[]): Promise<void> {
  const unknown = parts.find((part) => !Object.hasOwn(PARTS, part))
  if (unknown !== undefined) throw new UsageError(`no part "${unknown}"\n\n${USAGE}`)
  stopToolsOnSignal()
  mkdirSync(OUTPUT, { recursive: true })
  await runSteps(stepsOf(parts))
}

/** Runs steps one after the other, whatever fails, and prints the summary. Sets the exit code. */
export async function runSteps(steps: readonly Step[]): Promise<void> {
  const rows: { name: string; seconds: number; counts: Counts }[] = []
  for (const { name, run } of steps) {
    console.log(`\n== ${name}`)
    const startMs = performance.now()
    const counts = await run().catch((error: unknown): Counts => {
      console.log(error instanceof UsageError ? error.message : error)
      return failure(name)
    })
    rows.push({ name, seconds: (performance.now() - startMs) / 1000, counts })
  }
  console.log('\n== summary')
  for (const { name, seconds, counts } of rows) {
    const { passed, failed, skipped } = counts
    const verdict = failed.length > 0 ? 'FAILED' : 'ok    '
    console.log(
      `${verdict}  ${name.padEnd(32)}${seconds.toFixed(1).padStart(6)} s   ${line(passed, failed.length, skipped.length)}`,
    )
    for (const what of failed) console.log(`          failed: ${what}`)
    for (const reason of skipped) console.log(`          skipped: ${reason}`)
  }
  const total = (count: (counts: Counts) => number) => rows.reduce((sum, { counts }) => sum + count(counts), 0)
  const failed = total((counts) => counts.failed.length)
  console.log(
    line(
      total((counts) => counts.passed),
      failed,
      total((counts) => counts.skipped.length),
    ),
  )
  process.exitCode = failed > 0 ? 1 : 0
}

const PASSED: Counts = { passed: 1, failed: [], skipped: [] }
const NOTHING: Counts = { passed: 0, failed: [], skipped: [] }
const failure = (what: string): Counts => ({ passed: 0, failed: [what], skipped: [] })
const line = (passed: number, failed: number, skipped: number) =>
  `${passed} passed, ${failed} failed, ${skipped} skipped`

function stepsOf(parts: readonly string[]): Step[] {
  const isAsked = (part: string) => parts.length === 0 || parts.includes(part)
  const steps: Step[] = CHECKS.filter(({ group }) => isAsked(group)).map((check) => ({
    name: check.name,
    async run() {
      const findings = await runCheck(check)
      if (findings !== null) console.log(findings)
      return findings === null ? PASSED : failure(check.name)
    },
  }))
  if (isAsked('canisters')) steps.push(...CANISTERS.map(canisterStep))
  if (isAsked('app')) steps.push({ name: 'build app', run: () => buildApp().then(() => PASSED) })
  const folders = Object.entries(PARTS).flatMap(([part, own]) => (own !== null && isAsked(part) ? own : []))
  // Before the others, though only the last step drives it: on Debian it brings the library that the official command line needs.
  if (isAsked('e2e')) steps.push({ name: 'find a browser', run: () => ensureBrowser().then(() => NOTHING) })
  if (folders.length > 0) steps.push({ name: 'vitest', run: () => runVitest(folders) })
  if (isAsked('e2e')) steps.push({ name: 'browser', run: runBrowserTests })
  return steps
}

const canisterStep = (name: (typeof CANISTERS)[number]): Step => ({
  name: `build ${name}`,
  run: () => buildCanister(name).then(() => PASSED),
})

/** @param folders what to run; a part without files is fine as long as another has some. */
export async function runVitest(
  folders: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<Counts> {
  const file = join(OUTPUT, 'vitest.json')
  rmSync(file, { force: true })
  const args = ['run', '--reporter=dot', `--reporter=${join(ROOT, 'scripts/vitest-counts.ts')}`, ...folders]
  const { code } = await runBin('vitest/vitest.mjs', args, { output: 'show', env: { ...env, [COUNTS_FILE]: file } })
  if (!existsSync(file)) return failure('the run ended without counts')
  const counts = JSON.parse(readFileSync(file, 'utf8')) as Counts
  return code !== 0 && counts.failed.length === 0 ? { ...counts, failed: [`exit code ${code}`] } : counts
}

async function runBrowserTests(): Promise<Counts> {
  const browser = await ensureBrowser()
  await ensureEngines()
  if ('missing' in browser) {
    console.log(browser.missing)
    // A developer may lack a browser; a build that never looked at the app must not be green.
    return process.env['CI'] === 'true'
      ? failure(browser.missing)
      : { passed: 0, failed: [], skipped: [`browser tests: ${browser.missing}`] }
  }
  const file = join(OUTPUT, 'playwright.json')
  rmSync(file, { force: true })
  const { code } = await runBin('@playwright/test/cli.js', ['test', '--config', 'test/e2e/playwright.config.ts'], {
    output: 'show',
    env: { MEDGUARD_BROWSER: browser.path, MEDGUARD_PLAYWRIGHT_JSON: file },
  })
  if (!existsSync(file)) return failure('the run ended without a report')
  const { stats, errors, suites } = JSON.parse(readFileSync(file, 'utf8')) as PlaywrightReport
  // A test that passed only when tried again is a failure here.
  const failed = [
    ...['unexpected', 'flaky'].flatMap((status) => suites.flatMap((suite) => testsOf(suite, status))),
    ...errors.map(({ message }) => message?.split('\n')[0] ?? 'an error outside any test'),
  ]
  if (code !== 0 && failed.length === 0) failed.push(`exit code ${code}`)
  return { passed: stats.expected, failed, skipped: suites.flatMap((suite) => testsOf(suite, 'skipped')) }
}

interface PlaywrightSuite {
  readonly suites?: readonly PlaywrightSuite[]
  readonly specs: readonly {
    readonly title: string
    readonly file: string
    readonly tests: readonly { readonly status: string; readonly annotations: readonly { description?: string }[] }[]
  }[]
}
interface PlaywrightReport {
  readonly stats: { readonly expected: number }
  readonly errors: readonly { readonly message?: string }[]
  readonly suites: readonly PlaywrightSuite[]
}

/** A line for each test that ended like this, with what was noted about it. */
function testsOf({ suites = [], specs }: PlaywrightSuite, status: string): string[] {
  const own = specs.flatMap(({ title, file, tests }) =>
    tests
      .filter((test) => test.status === status)
      .map(
        ({ annotations }) =>
          `${file}: ${title}${annotations.map(({ description }) => ` (${description ?? 'no reason given'})`).join('')}`,
      ),
  )
  return [...own, ...suites.flatMap((suite) => testsOf(suite, status))]
}
