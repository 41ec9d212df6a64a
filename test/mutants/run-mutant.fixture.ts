import { spawn } from 'node:child_process'
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'

// Runs one test on a copy of the project in which one thing was made wrong. The project itself is never touched.

const ROOT = join(import.meta.dirname, '../..')

/** Something that must not be, as one replacement, and the test that has to notice. */
export interface Mutant {
  /** What is wrong then. */
  readonly name: string
  readonly file: string
  /** Occurs once in the file. */
  readonly find: string
  readonly replace: string
  /** A test file, and part of the full name of a test in it that fails. */
  readonly killedBy: readonly [file: string, title: string]
}

/** Why a patch cannot be applied; null when it can. */
export function misfit({ file, find, replace }: Mutant): string | null {
  const path = join(ROOT, file)
  if (!existsSync(path)) return `${file} is not there`
  const count = readFileSync(path, 'utf8').split(find).length - 1
  if (count !== 1) return `what it replaces occurs ${count} times in ${file}: write it as the code is now`
  return find === replace ? 'it changes nothing' : null
}

export interface Workshop {
  /** @returns the tests that failed and those that passed, by their full names. */
  run(mutant: Mutant | null, killedBy: Mutant['killedBy']): Promise<Verdict>
  close(): void
}
export interface Verdict {
  readonly failed: readonly string[]
  readonly passed: readonly string[]
  /** For a run that came to no test at all. */
  readonly output: string
}

const NOT_COPIED = new Set(['node_modules', '.git', '.azle', '.medguard', 'dist', 'test-results', 'playwright-report'])
/** Modules that scenarios install; unchanged ones are not built again. */
const BUILT = ['consent', 'records', 'audit', 'forwarder', 'row-writer', 'stumbler', 'toolkit']

/** A copy of everything that is ours, with the packages of this one. */
export function openWorkshop(): Workshop {
  const folder = mkdtempSync(join(tmpdir(), 'medguard-mutants-'))
  const isOurs = (path: string) => !NOT_COPIED.has(relative(ROOT, path))
  cpSync(ROOT, folder, { recursive: true, filter: isOurs, verbatimSymlinks: true })
  for (const name of BUILT)
    if (existsSync(join(ROOT, '.azle', name)))
      cpSync(join(ROOT, '.azle', name), join(folder, '.azle', name), { recursive: true })
  const packages = join(folder, 'node_modules')
  mkdirSync(packages)
  for (const name of readdirSync(join(ROOT, 'node_modules'))) {
    if (name === '@medguard')
      cpSync(join(ROOT, 'node_modules', name), join(packages, name), { recursive: true, verbatimSymlinks: true })
    else if (!name.startsWith('.vite')) symlinkSync(join(ROOT, 'node_modules', name), join(packages, name))
  }
  return {
    run: (mutant, killedBy) => runIn(folder, mutant, killedBy),
    close: () => rmSync(folder, { recursive: true, force: true }),
  }
}

async function runIn(folder: string, mutant: Mutant | null, [file, title]: Mutant['killedBy']): Promise<Verdict> {
  const report = join(folder, 'report.json')
  rmSync(report, { force: true })
  const path = mutant === null ? null : join(folder, mutant.file)
  const before = path === null ? '' : readFileSync(path, 'utf8')
  if (mutant !== null && path !== null)
    writeFileSync(
      path,
      before.replace(mutant.find, () => mutant.replace),
    )
  try {
    const pattern = title.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`)
    const args = [
      'node_modules/vitest/vitest.mjs',
      'run',
      file,
      '-t',
      pattern,
      '--hookTimeout=900000', // a hook that is late on a busy machine is no test that noticed anything
      '--reporter=json',
      `--outputFile=${report}`,
    ]
    const output = await outputOf(args, folder)
    if (!existsSync(report)) return { failed: [], passed: [], output }
    const { testResults } = JSON.parse(readFileSync(report, 'utf8')) as Report
    const tests = testResults.flatMap(({ assertionResults }) => assertionResults)
    const named = (status: string) =>
      tests.filter((one) => one.status === status && one.fullName.includes(title)).map(({ fullName }) => fullName)
    return {
      failed: named('failed'),
      passed: named('passed'),
      output: `${testResults.map(({ message }) => message).join()}\n${output}`,
    }
  } finally {
    if (path !== null) writeFileSync(path, before)
  }
}

interface Report {
  readonly testResults: readonly {
    readonly message: string
    readonly assertionResults: readonly { readonly fullName: string; readonly status: string }[]
  }[]
}

/** Its own variables of the environment would tell the inner run that it is part of this one. */
function outputOf(args: readonly string[], cwd: string): Promise<string> {
  const env = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^(VITEST|TEST|NODE_ENV|MEDGUARD_)/.test(name)),
  )
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] })
    let output = ''
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (data: Buffer) => (output += data.toString()))
    child.on('error', reject)
    child.on('close', () => resolve(output))
  })
}
