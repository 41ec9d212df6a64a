// Stands for `@medguard/fhir/in-node` in the command: megabytes of libraries that few commands need are put together, and read, when one of those runs.
import { execFileSync } from 'node:child_process'
import { compileFunction } from 'node:vm'

// The one that the command begins with (`load.mjs`), which knows where the packages are.
const here = require
const text = execFileSync(
  here.resolve('esbuild/bin/esbuild'),
  [
    here.resolve(['@medguard/fhir', 'in-node'].join('/')),
    '--bundle',
    '--platform=node',
    '--format=cjs',
    '--packages=external',
    '--target=node20',
    '--log-level=error',
  ],
  { maxBuffer: 64 * 1024 * 1024, stdio: ['ignore', 'pipe', 'inherit'], encoding: 'utf8' },
)
const made = { exports: {} }
compileFunction(text, ['require', 'module', 'exports'])(here, made, made.exports)
export const { issuersIn, readCcda, readHealthCards, validate } = made.exports
