import { mkdirSync, readFileSync } from 'node:fs'
import { type Browser, chromium } from '@playwright/test'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ensureBrowser } from '../../scripts/browser.ts'
import { choosesFileInside, sizeInside } from '../e2e/fixtures/file-inside.ts'
import { done, Person } from '../e2e/fixtures/person.ts'
import { type Files, openFolder, writeLarge } from '../product/large-file.fixture.ts'
import { type Product, startProduct } from '../product/product.ts'

// A23, D12: a study goes in through the page and out of it, and the processes of its page and workers stay small.

const MB = 1_000_000
const PARTS = 4
const PART_BYTES = 50 * MB
/** Above what they had before: less than half of what goes through. */
const GROWTH_BYTES_MAX = 90 * MB
const WAIT_MS = 600_000

let product: Product
let files: Files
let browser: Browser
beforeAll(async () => {
  const found = await ensureBrowser()
  if ('missing' in found) throw new Error(found.missing)
  product = await startProduct()
  files = openFolder()
  mkdirSync(files.path('study'))
  for (let part = 0; part < PARTS; part++) await writeLarge(files.path(`study/part-${part}.bin`), PART_BYTES)
  browser = await chromium.launch({ executablePath: found.path })
}, 300_000)
afterAll(async () => {
  await browser.close()
  await product.close()
  files.remove()
})

/** `VmHWM`: what the largest of the processes that run pages and their workers had in memory at most. */
async function peakBytes(): Promise<number> {
  const session = await browser.newBrowserCDPSession()
  const { processInfo } = await session.send('SystemInfo.getProcessInfo')
  await session.detach()
  const peaks = processInfo
    .filter(({ type }) => type === 'renderer')
    .map(({ id }) => Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${id}/status`, 'utf8'))?.[1]) * 1024)
  return Math.max(...peaks)
}

test(
  `a study of ${(PARTS * PART_BYTES) / MB} MB is added as a folder and saved to the disk, in bounded memory`,
  async () => {
    const context = await browser.newContext({ baseURL: product.ready.app })
    const person = await Person.arriveIn(context, 'Large')
    const { page } = person
    done(await person.sdk.enrol())
    await person.signIn()
    await person.isHome()
    await person.go('#/add')
    const before = await peakBytes()
    await page.locator('input[webkitdirectory]').setInputFiles(files.path('study'))
    await page.getByLabel('Title').fill('Study')
    await page.getByRole('radio', { name: 'Scans and images' }).check()
    await page.getByRole('button', { name: 'Save record' }).click()
    await page.getByText(/^Saved at/).waitFor({ timeout: WAIT_MS })
    const added = await peakBytes()

    await page.getByRole('link', { name: 'Open it' }).click()
    await choosesFileInside(page)
    const saveAll = page.getByRole('button', { name: 'Save all files (ZIP)' })
    await saveAll.click()
    await expect.poll(() => sizeInside(page), { timeout: WAIT_MS, interval: 1_000 }).toBeGreaterThan(PARTS * PART_BYTES)
    const saved = await peakBytes()
    console.log(`peak memory: ${[before, added, saved].map((bytes) => `${Math.round(bytes / MB)} MB`).join(', ')}`)
    expect(added - before).toBeLessThan(GROWTH_BYTES_MAX)
    expect(saved - added).toBeLessThan(GROWTH_BYTES_MAX)
    person.expectNoProblems()
  },
  2 * WAIT_MS,
)
