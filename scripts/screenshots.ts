import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'

import { type Browser, chromium, type Page } from '@playwright/test'

import { ensureBrowser } from './browser.ts'
import { furnish } from './furnish.ts'
import { readOptions } from './options.ts'
import { ROOT, UsageError } from './project.ts'
import { type Followed, MINE, named, NEWCOMER, PROVIDERS, screensOf } from './screens.ts'
import type { Started } from './start.ts'

const USAGE = `usage: npm run screenshots [-- --out FOLDER]

  Takes a picture of every screen, as the people of the demo see it: on a desktop and a phone, light and dark, and in Arabic; those of somebody
  who has nothing yet (empty-…), whose network is gone since (failing-…) or was never there (away-…), and who cannot reach the access log (logless-…).

  --out  where they go (default screenshots, which git ignores)
  --way  one way to look alone: desktop, desktop-dark, desktop-arabic, phone, phone-dark or phone-arabic`

/** What changes something takes its time on a machine that does other things too. */
const ANSWERED_MS = 120_000

/** Of a file that stops on its way: calls as large as this carry pieces of it, and so many arrive. */
const PIECE_BYTES = 500_000
const PIECES_SENT = 2

/** A way to look: the name is part of each file's. */
const WAYS = [
  { name: 'desktop', viewport: { width: 1280, height: 860 }, colorScheme: 'light', locale: 'en-GB' },
  { name: 'desktop-dark', viewport: { width: 1280, height: 860 }, colorScheme: 'dark', locale: 'en-GB' },
  { name: 'desktop-arabic', viewport: { width: 1280, height: 860 }, colorScheme: 'light', locale: 'ar' },
  { name: 'phone', viewport: { width: 360, height: 740 }, colorScheme: 'light', locale: 'en-GB' },
  { name: 'phone-dark', viewport: { width: 360, height: 740 }, colorScheme: 'dark', locale: 'en-GB' },
  { name: 'phone-arabic', viewport: { width: 360, height: 740 }, colorScheme: 'light', locale: 'ar' },
] as const

export async function main(args: readonly string[]): Promise<void> {
  const options = readOptions(args, { out: { type: 'string', default: 'screenshots' }, way: { type: 'string' } }, USAGE)
  const out = resolve(options.out)
  const ways = WAYS.filter(({ name }) => options.way === undefined || options.way === name)
  if (ways.length === 0) throw new UsageError(`there is no way to look that is called ${options.way}\n\n${USAGE}`)
  const found = await ensureBrowser()
  if ('missing' in found) throw new UsageError(found.missing)
  mkdirSync(out, { recursive: true })
  const state = mkdtempSync(join(tmpdir(), 'medguard-screenshots-'))
  const { network, started } = await startDemo(state)
  const { app } = started
  const browser = await chromium.launch({ executablePath: found.path })
  try {
    const screens = screensOf(await furnish(started))
    const { consent, records, audit } = started.canisters
    const away = { network: [consent, records, audit], log: [audit] } as const
    const left: (() => Promise<void>)[] = []
    for (const way of ways)
      for (const { who, without, addresses, follow = [], failing = {} } of screens) {
        const cut = without === undefined ? [] : away[without]
        const looking = await openFor(browser, app, who, way, { out, cut })
        for (const [screen, hash] of Object.entries(addresses)) await looking.take(screen, hash)
        for (const each of follow) await looking.follow(each)
        if (who === NEWCOMER) {
          await looking.enrol()
          const steps = { 'first-run-recovery': '#/welcome', 'first-run-contacts': '#/welcome?step=2' }
          const empty = named('empty', { ...MINE, ...PROVIDERS })
          for (const [screen, hash] of Object.entries({ ...steps, ...empty })) await looking.take(screen, hash)
        }
        if (Object.keys(failing).length === 0) await looking.close()
        else
          left.push(async () => {
            for (const [screen, hash] of Object.entries(named('failing', failing))) await looking.take(screen, hash)
            await looking.close()
          })
      }
    await stop(network)
    for (const takeFailing of left) await takeFailing()
  } finally {
    await browser.close()
    await stop(network)
    rmSync(state, { recursive: true, force: true })
  }
  console.log(`screenshots are in ${out}`)
}

async function startDemo(state: string): Promise<{ network: ChildProcess; started: Started }> {
  const args = ['scripts/boot.mjs', 'start', '--demo', '--port', '0', '--state', state]
  const network = spawn(process.execPath, args, { cwd: ROOT, stdio: ['ignore', 'pipe', 'inherit'] })
  for await (const line of createInterface(network.stdout)) {
    if (!line.startsWith('{"app"')) continue
    network.stdout.resume()
    return { network, started: JSON.parse(line) as Started }
  }
  throw new UsageError('the demo did not start: see above')
}

async function stop(network: ChildProcess): Promise<void> {
  if (network.exitCode !== null || network.signalCode !== null) return
  const ended = once(network, 'exit')
  network.kill('SIGTERM')
  await ended
}

async function openFor(
  browser: Browser,
  app: string,
  who: string,
  { name, ...how }: (typeof WAYS)[number],
  { out, cut }: { out: string; cut: readonly string[] },
) {
  const context = await browser.newContext({ ...how, baseURL: app })
  const page = await context.newPage()
  const keep = async (screen: string) => {
    await page.locator('.mg-skeleton').first().waitFor({ state: 'detached' })
    // As tall as the page once it grows no more: in a picture that is put together of several screens, what sticks to the bottom stands in the middle.
    const height = await page.evaluate(async () => {
      for (let same = 0, last = 0; same < 20;) {
        const now = document.documentElement.scrollHeight
        same = now === last ? same + 1 : 0
        last = now
        await new Promise(requestAnimationFrame)
      }
      return document.documentElement.scrollHeight
    })
    await page.setViewportSize({ ...how.viewport, height: Math.max(height, how.viewport.height) })
    await page.screenshot({ path: join(out, `${screen}-${name}.png`), fullPage: true })
    await page.setViewportSize(how.viewport)
  }
  await page.goto('/')
  await page.locator('.mg-hero').waitFor()
  if (who === 'johanna') await keep('sign-in')
  // A page that lists nothing: what is cut off then was never there, but the account.
  if (cut.length > 0) await page.evaluate(() => (location.hash = '#/help'))
  await signIn(page, who === NEWCOMER ? `${who} ${name}` : who)
  if (cut.length > 0) await page.locator('h1').waitFor()
  for (const canister of cut) await context.route(`**/canister/${canister}/**`, (route) => route.abort())
  return {
    take: async (screen: string, hash: string) => {
      await go(page, hash)
      await keep(screen)
    },
    follow: async ({ from, stuckFile, fill = [], press, until, screen }: Followed) => {
      if (from !== undefined) await go(page, from)
      if (stuckFile !== undefined) {
        const bytes = Buffer.alloc(stuckFile, 'scan')
        const file = { name: 'Ultrasound.zip', mimeType: 'application/octet-stream', buffer: bytes }
        await page.locator('main input[type=file]').first().setInputFiles(file)
        let sent = 0
        await context.route('**/canister/*/call', (route) => {
          const isPiece = (route.request().postDataBuffer()?.length ?? 0) > PIECE_BYTES
          return !isPiece || ++sent <= PIECES_SENT ? route.continue() : undefined
        })
      }
      for (const [field, text] of fill) await page.locator(field).fill(text)
      for (const each of press) await page.locator(each).first().click()
      if (until !== undefined) await page.locator(until).first().waitFor({ timeout: ANSWERED_MS })
      await page.locator('h1').waitFor()
      await page.waitForLoadState('networkidle')
      await keep(screen)
    },
    enrol: async () => {
      await page.locator('main .mantine-Button-root').first().click()
      await page.waitForFunction(
        () => location.hash.startsWith('#/welcome') && document.querySelector('[data-loading]') === null,
      )
    },
    close: () => context.close(),
  }
}

/** Through the development identity provider's window, as a person would. */
async function signIn(page: Page, who: string): Promise<void> {
  const opened = page.waitForEvent('popup')
  await page.locator('.mg-hero ~ .mg-card .mantine-Button-root').click()
  const provider = await opened
  await provider.getByRole('textbox').fill(who)
  await provider.getByRole('button', { name: 'Continue' }).click()
  await page.locator('.mg-hero').waitFor({ state: 'detached' })
}

async function go(page: Page, hash: string): Promise<void> {
  await page.evaluate((address) => {
    location.hash = address
  }, hash)
  await page.locator('h1').waitFor()
  await page.waitForLoadState('networkidle')
}
