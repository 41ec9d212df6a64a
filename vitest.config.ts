import { defineConfig } from 'vitest/config'

const isLong = process.env['MEDGUARD_LONG'] === '1'

export default defineConfig({
  test: {
    include: isLong
      ? ['test/long/**/*.test.ts', 'test/simulation/traps.test.ts', 'src/localnet/src/*/crash.test.ts']
      : [
          'src/**/*.test.ts',
          'canisters/**/*.test.ts',
          'scripts/**/*.test.ts',
          'test/{conformance,scenarios,tidy,simulation}/**/*.test.ts',
        ],
    testTimeout: isLong ? 3_600_000 : 60_000,
    hookTimeout: 120_000,
    // A condition that is awaited says when it holds; how soon is the machine's affair.
    expect: { poll: { timeout: 20_000, interval: 25 } },
  },
})
