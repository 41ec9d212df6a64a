import { availableParallelism } from 'node:os'
import { fileURLToPath } from 'node:url'

import type { Plugin } from 'vite'
import { defineConfig } from 'vitest/config'

import { wasmInside } from './scripts/wasm-inside.ts'

const isLong = process.env['MEDGUARD_LONG'] === '1'

/** Tests of plain functions and of networks and programs they start themselves: nothing they do outlives a file, so they share what they import. */
const TOGETHER = [
  'test/scenarios/**/*.test.ts',
  'src/{crypto,fhir,protocol,readings,tlog}/**/*.test.ts',
  'src/localnet/src/{certificates,curve,faults,http,identity-provider,management,native}/**/*.test.ts',
  'src/localnet/src/{state-machine,subnets,system-api,threshold-signatures,vetkd,wasm}/**/*.test.ts',
]
const LONG = [
  'test/long/**/*.test.ts',
  'test/simulation/{traps,model,method-sweep,cost-fuzz}.test.ts',
  'test/mutants/**/*.test.ts',
  'test/reference/on-wasm.test.ts',
  'src/localnet/src/*/crash.test.ts',
  'src/verifier/src/evidence.test.ts',
  'src/readings/src/imports/large-export.test.ts',
]
const ALL = [
  'src/**/*.test.ts',
  'canisters/**/*.test.ts',
  'scripts/**/*.test.ts',
  'test/{conformance,mutants,reference,scenarios,second-implementation,simulation,tidy}/**/*.test.ts',
]

const SEEDED = fileURLToPath(new URL('test/seeded-fast-check.ts', import.meta.url))
const seeded: Plugin = {
  name: 'the same cases each time',
  enforce: 'pre',
  resolveId: (id, importer) => (id === 'fast-check' && importer !== SEEDED ? SEEDED : null),
}

export default defineConfig({
  plugins: [seeded, wasmInside],
  test: {
    testTimeout: isLong ? 3_600_000 : 180_000,
    hookTimeout: 120_000,
    server: { deps: { inline: [/\?base64$/] } }, // bytes inside a script (scripts/wasm-inside.ts): no module that Node knows
    // Vitest leaves one processor to itself. It needs little of it, and many tests wait for a network or a process.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    // A condition that is awaited says when it holds; how soon is the machine's affair.
    expect: { poll: { timeout: 20_000, interval: 25 } },
    projects: isLong
      ? [{ extends: true, test: { name: 'long', include: LONG } }]
      : [
          { extends: true, test: { name: 'alone', include: ALL, exclude: ['**/node_modules/**', ...TOGETHER] } },
          // Importing curves, agents and Candid takes longer than many of these files.
          { extends: true, test: { name: 'together', include: TOGETHER, isolate: false } },
        ],
  },
})
