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

  Takes a picture of every screen, as the people of the demo see it: light on a desktop, dark on a phone, and in the other languages.

  --out  where they go (default screenshots, which git ignores)`

/** A way to look: the name is part of each file's. */
const WAYS = [
  { name: 'desktop', viewport: { width: 1280, height: 860 }, colorScheme: 'light', locale: 'en-GB' },
  { name: 'phone-dark', viewport: { width: 360, height: 740 }, colorScheme: 'dark', locale: 'en-GB' },
  { name: 'phone-arabic', viewport: { width: 360, height: 740 }, colorScheme: 'light', locale: 'ar' },
] as const

const MINE = {
  home: '#/',
  records: '#/records',
  add: '#/add',
  'add-note': '#/add?as=note',
  sharing: '#/sharing',
  'sharing-past': '#/sharing?tab=past',
  share: '#/share',
  requests: '#/requests',
  rules: '#/rules',
  log: '#/log',
  vault: '#/vault',
  notifications: '#/notices',
  inbox: '#/inbox',
  'notification-choices': '#/preferences',
  settings: '#/settings',
  privacy: '#/privacy',
  help: '#/help',
  more: '#/more',
  'nothing-here': '#/nowhere',
}
/** Who looks at what. A link that is named is followed from the address, for ids that only the network knows. */
const SCREENS: readonly {
  who: string
  addresses: Readonly<Record<string, string>>
  follow?: Readonly<Record<string, RegExp>>
}[] = [
  { who: 'johanna', addresses: MINE, follow: { 'records record': /Vital signs|Laboratory results/ } },
  { who: 'a newcomer', addresses: { 'first-run': '#/' } },
  {
    who: 'dr-solberg',
    addresses: { patients: '#/provider', activity: '#/provider/activity' },
    follow: { 'patients patient': /^Open the records of/ },
  },
  {
    who: 'admin-fjordvik',
    addresses: { organisations: '#/provider/organisations' },
    follow: { 'organisations organisation': /Fjordvik Hospital/ },
  },
  { who: 'council-amara', addresses: { council: '#/provider/council' } },
]

export async function main(args: readonly string[]): Promise<void> {
  const out = resolve(readOptions(args, { out: { type: 'string', default: 'screenshots' } }, USAGE).out)
  const found = await ensureBrowser()
  if ('missing' in found) throw new UsageError(found.missing)
  mkdirSync(out, { recursive: true })
  const state = mkdtempSync(join(tmpdir(), 'medguard-screenshots-'))
  const { network, app } = await startDemo(state)
  const browser = await chromium.launch({ executablePath: found.path })
  try {
    for (const way of WAYS) for (const { who, ...what } of SCREENS) await takeAll(browser, app, who, way, what, out)
  } finally {
    await browser.close()
    const ended = once(network, 'exit')
    network.kill('SIGTERM')
    await ended
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

async function takeAll(
  browser: Browser,
  app: string,
  who: string,
  { name, ...how }: (typeof WAYS)[number],
  { addresses, follow = {} }: Pick<(typeof SCREENS)[number], 'addresses' | 'follow'>,
  out: string,
): Promise<void> {
  const context = await browser.newContext({ ...how, baseURL: app })
  const page = await context.newPage()
  const take = async (screen: string) => {
    await page.locator('.mg-skeleton').first().waitFor({ state: 'detached' })
    await page.screenshot({ path: join(out, `${screen}-${name}.png`), fullPage: true })
  }
  await page.goto('/')
  await page.locator('.mg-hero').waitFor()
  if (who === 'johanna') await take('sign-in')
  await signIn(page, who)
  for (const [screen, hash] of Object.entries(addresses)) {
    await go(page, hash)
    await take(screen)
  }
  for (const [screens, link] of Object.entries(follow)) {
    const [from = '', to = ''] = screens.split(' ')
    await go(page, addresses[from] ?? '#/')
    const found = how.locale === 'en-GB' ? page.getByRole('link', { name: link }) : page.locator('main li a')
    await found.first().click()
    await take(to)
  }
  await context.close()
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
