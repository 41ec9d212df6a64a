import { defineConfig } from '@playwright/test'

import { findBrowser } from '../../scripts/browser.ts'
import { DEVELOPMENT_CANISTERS } from '../../scripts/deploy/development.ts'

const PORT = Number(process.env['MEDGUARD_E2E_PORT'] ?? 4953)
const executablePath = findBrowser()
const json = process.env['MEDGUARD_PLAYWRIGHT_JSON']

export default defineConfig({
  testDir: '.',
  testMatch: '**/*.spec.ts',
  outputDir: '../../test-results',
  // One network serves all tests: they take people of their own, never a clean slate.
  fullyParallel: true,
  workers: 2,
  retries: 0,
  forbidOnly: process.env['CI'] === 'true',
  timeout: 60_000,
  expect: { timeout: 15_000 },
  reporter: json === undefined ? 'list' : [['list'], ['json', { outputFile: json }]],
  webServer: {
    command: `exec node scripts/boot.mjs start --port ${PORT} --state .medguard/e2e/${PORT} --clean`,
    cwd: '../..',
    // Node does not resolve names under localhost; the query names the app just as well. 404 until it is served.
    url: `http://127.0.0.1:${PORT}/?canisterId=${DEVELOPMENT_CANISTERS.frontend}`,
    timeout: 120_000,
    gracefulShutdown: { signal: 'SIGTERM', timeout: 10_000 },
    stdout: 'ignore',
    stderr: 'pipe',
  },
  use: {
    baseURL: `http://${DEVELOPMENT_CANISTERS.frontend}.localhost:${PORT}`,
    // Every step with the page at it. No film: it would cost a quarter of the time of all tests, of which none is looked at.
    trace: { mode: 'retain-on-failure', screenshots: false },
    screenshot: 'only-on-failure',
    // Each person has a profile of their own, and would fetch the whole page a second time. Tests of what stays on a device let it: `serviceWorkers: 'allow'`.
    serviceWorkers: 'block',
    launchOptions: {
      ...(executablePath !== null && { executablePath }),
      args: ['--disable-quic', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
    },
  },
})
