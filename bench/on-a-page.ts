import { type BrowserContext, type CDPSession, chromium, type Page } from '@playwright/test'
import { APP_FOLDER, buildApp } from '../scripts/build-app.ts'
import { ensureBrowser } from '../scripts/browser.ts'
import { DEVELOPMENT_CANISTERS, developmentCanisterId } from '../scripts/deploy/development.ts'
import { deployPage } from '../scripts/deploy/page.ts'
import { type Clinic, openClinic } from '../test/scenarios/clinic.ts'

/** How much slower than this machine a page's main thread is made, as a phone would be. */
export const SLOWDOWN = 4
export const PATIENCE_MS = 180_000

/** The built app, served by its canister on a network of its own, to real Chromium. */
export async function onAPage(work: (clinic: Clinic, context: () => Promise<BrowserContext>) => Promise<void>) {
  const browser = await ensureBrowser()
  if ('missing' in browser) throw new Error(browser.missing)
  await buildApp()
  const clinic = await openClinic({ clock: 'real' })
  const chrome = await chromium.launch({ executablePath: browser.path })
  try {
    await clinic.operator.create(developmentCanisterId('frontend'))
    await deployPage(clinic.localnet, APP_FOLDER, clinic.controller)
    const baseURL = clinic.localnet.siteUrl(DEVELOPMENT_CANISTERS.frontend)
    await work(clinic, async () => {
      const context = await chrome.newContext({ baseURL, viewport: { width: 1280, height: 860 } })
      context.setDefaultTimeout(PATIENCE_MS)
      return context
    })
  } finally {
    await chrome.close()
    await clinic.close()
  }
}

export const slow = (session: CDPSession, rate: number) => session.send('Emulation.setCPUThrottlingRate', { rate })

/** By the page's own clock, in milliseconds. */
export async function timed(page: Page, work: () => Promise<void>): Promise<number> {
  const startMs = await page.evaluate(() => performance.now())
  await work()
  return (await page.evaluate(() => performance.now())) - startMs
}

/** How long each of something took that the app measured itself (`MEASURED`). */
export const measuredOn = (page: Page, name: string): Promise<number[]> =>
  page.evaluate((of) => performance.getEntriesByName(of).map(({ duration }) => duration), name)
