import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'

import { type Browser, chromium, type Page } from '@playwright/test'

import { ensureBrowser } from './browser.ts'
import { readOptions } from './options.ts'
import { ROOT, UsageError } from './project.ts'
import type { Started } from './start.ts'

const USAGE = `usage: npm run screenshots [-- --out FOLDER]

  Takes a picture of every screen, as the people of the demo see it: on a desktop and a phone, light and dark, and on a phone in Arabic; those of somebody
  who has nothing yet (empty-…), and those of somebody whose network is gone (failing-…).

  --out  where they go (default screenshots, which git ignores)`

/** A way to look: the name is part of each file's. */
const WAYS = [
  { name: 'desktop', viewport: { width: 1280, height: 860 }, colorScheme: 'light', locale: 'en-GB' },
  { name: 'desktop-dark', viewport: { width: 1280, height: 860 }, colorScheme: 'dark', locale: 'en-GB' },
  { name: 'phone', viewport: { width: 360, height: 740 }, colorScheme: 'light', locale: 'en-GB' },
  { name: 'phone-dark', viewport: { width: 360, height: 740 }, colorScheme: 'dark', locale: 'en-GB' },
  { name: 'phone-arabic', viewport: { width: 360, height: 740 }, colorScheme: 'light', locale: 'ar' },
] as const

/** What somebody who has nothing yet, or whose network is gone, sees of it is taken too. */
const MINE = {
  home: '#/',
  records: '#/records',
  trends: '#/trends',
  report: '#/report',
  sharing: '#/sharing',
  'sharing-past': '#/sharing?tab=past',
  share: '#/share',
  requests: '#/requests',
  rules: '#/rules',
  log: '#/log',
  inbox: '#/inbox',
  notifications: '#/notices',
  vault: '#/vault',
  people: '#/people',
  profile: '#/profile',
  recovery: '#/recovery',
  device: '#/device',
  devices: '#/devices',
  privacy: '#/privacy',
}
const FORMS = ['allergy', 'condition', 'medicine', 'vaccine', 'lab', 'vital', 'visit']
const ANYBODYS = {
  add: '#/add',
  'add-note': '#/add?as=note',
  forms: '#/forms',
  ...Object.fromEntries(FORMS.map((kind) => [`form-${kind}`, `#/forms/${kind}`])),
  import: '#/import',
  paper: '#/paper',
  'device-new': '#/devices/new',
  'readings-file': '#/devices/file',
  'notification-choices': '#/preferences',
  settings: '#/settings',
  help: '#/help',
  more: '#/more',
  lost: '#/lost',
  'nothing-here': '#/nowhere',
}
/** Somebody else in each way to look: nobody is new twice. */
const NEWCOMER = 'newcomer'

/** Who looks at what. */
const SCREENS: readonly {
  who: string
  addresses: Readonly<Record<string, string>>
  /** For ids that only the network knows: from an address, or from where the one before led, the first link whose address matches. */
  follow?: readonly { readonly from?: string; readonly link: string; readonly screen: string }[]
}[] = [
  {
    who: 'johanna',
    addresses: { ...MINE, ...ANYBODYS },
    follow: [
      { from: '#/records?show=labs', link: '[href^="#/records/"]', screen: 'record' },
      { from: '#/records?show=medicines', link: '[href^="#/records/"]', screen: 'record-medicines' },
      { link: '[href$="/correct"]', screen: 'correct' },
    ],
  },
  {
    who: NEWCOMER,
    addresses: { 'first-run': '#/' },
  },
  {
    who: 'dr-solberg',
    addresses: {
      patients: '#/provider',
      'patients-past': '#/provider?tab=past',
      'patients-asked': '#/provider?tab=asked',
      ask: '#/provider/ask',
      activity: '#/provider/activity',
    },
    follow: [
      { from: '#/provider', link: '[href^="#/provider/patients/"]', screen: 'patient' },
      { link: '[href$="/results"]', screen: 'patient-results' },
    ],
  },
  {
    who: 'admin-fjordvik',
    addresses: { organisations: '#/provider/organisations' },
    follow: [
      { from: '#/provider/organisations', link: '[href^="#/provider/organisations/"]', screen: 'organisation' },
      { link: '[href$="tab=members"]', screen: 'organisation-members' },
    ],
  },
  { who: 'council-amara', addresses: { council: '#/provider/council' } },
]

function named(prefix: string, addresses: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(addresses).map(([name, address]) => [`${prefix}-${name}`, address]))
}

export async function main(args: readonly string[]): Promise<void> {
  const out = resolve(readOptions(args, { out: { type: 'string', default: 'screenshots' } }, USAGE).out)
  const found = await ensureBrowser()
  if ('missing' in found) throw new UsageError(found.missing)
  mkdirSync(out, { recursive: true })
  const state = mkdtempSync(join(tmpdir(), 'medguard-screenshots-'))
  const { network, app } = await startDemo(state)
  const browser = await chromium.launch({ executablePath: found.path })
  try {
    const left: (() => Promise<void>)[] = []
    for (const way of WAYS)
      for (const { who, addresses, follow = [] } of SCREENS) {
        const looking = await openFor(browser, app, who, way, out)
        for (const [screen, hash] of Object.entries(addresses)) await looking.take(screen, hash)
        for (const { from, link, screen } of follow) await looking.follow(screen, link, from)
        if (who === NEWCOMER) {
          await looking.enrol()
          const steps = { 'first-run-recovery': '#/welcome', 'first-run-contacts': '#/welcome?step=2' }
          for (const [screen, hash] of Object.entries({ ...steps, ...named('empty', MINE) }))
            await looking.take(screen, hash)
        }
        if (who !== 'johanna') await looking.close()
        else
          left.push(async () => {
            for (const [screen, hash] of Object.entries(named('failing', MINE))) await looking.take(screen, hash)
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

async function startDemo(state: string): Promise<{ network: ChildProcess; app: string }> {
  const args = ['scripts/boot.mjs', 'start', '--demo', '--port', '0', '--state', state]
  const network = spawn(process.execPath, args, { cwd: ROOT, stdio: ['ignore', 'pipe', 'inherit'] })
  for await (const line of createInterface(network.stdout)) {
    if (!line.startsWith('{"app"')) continue
    network.stdout.resume()
    return { network, app: (JSON.parse(line) as Started).app }
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
  out: string,
) {
  const context = await browser.newContext({ ...how, baseURL: app })
  const page = await context.newPage()
  const keep = async (screen: string) => {
    await page.locator('.mg-skeleton').first().waitFor({ state: 'detached' })
    // As tall as the page: in a picture that is put together of several screens, what sticks to the bottom stands in the middle.
    const height = await page.evaluate(() => document.documentElement.scrollHeight)
    await page.setViewportSize({ ...how.viewport, height: Math.max(height, how.viewport.height) })
    await page.screenshot({ path: join(out, `${screen}-${name}.png`), fullPage: true })
    await page.setViewportSize(how.viewport)
  }
  await page.goto('/')
  await page.locator('.mg-hero').waitFor()
  if (who === 'johanna') await keep('sign-in')
  await signIn(page, who === NEWCOMER ? `${who} ${name}` : who)
  return {
    take: async (screen: string, hash: string) => {
      await go(page, hash)
      await keep(screen)
    },
    follow: async (screen: string, link: string, from?: string) => {
      if (from !== undefined) await go(page, from)
      await page.locator(`main a${link}`).first().click()
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
