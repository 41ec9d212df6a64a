import { mkdirSync } from 'node:fs'
import { type Browser, chromium, type Page } from '@playwright/test'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ensureBrowser } from '../../scripts/browser.ts'
import { choosesFileInside, sizeInside } from '../e2e/fixtures/file-inside.ts'
import { done, Person } from '../e2e/fixtures/person.ts'
import { type Files, openFolder, writeLarge } from '../product/large-file.fixture.ts'
import { type Product, startProduct } from '../product/product.ts'

// A23, D12: a study goes in through the page and out of it, and page and workers hold on to little of it at any time.

const MB = 1_000_000
const PARTS = 4
const PART_BYTES = 60 * MB
/** Above what they held before, whatever the size of the study: four chunks on their way in, and of one on its way out what the agent makes of it (`reading.ts`). */
const ADDING_BYTES_MAX = 90 * MB
const SAVING_BYTES_MAX = 190 * MB
const WAIT_MS = 600_000
const LOOK_EVERY_MS = 500

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

interface Held {
  readonly usedSize: number
  /** Of buffers. */
  readonly backingStorageSize: number
}
const TIDY = 1
const ASK = 2

/**
 * What page and workers hold on to: objects and buffers that are still there once the engine has tidied up. Not what their process has in memory, since for whoever
 * looks at a page from outside the browser keeps a copy of all that it sends.
 */
async function heldBy(page: Page): Promise<() => Promise<number>> {
  const session = await page.context().newCDPSession(page)
  const workers = new Map<string, (held: Held) => void>()
  session.on('Target.attachedToTarget', ({ sessionId }) => workers.set(sessionId, () => {}))
  session.on('Target.detachedFromTarget', ({ sessionId }) => workers.delete(sessionId))
  session.on('Target.receivedMessageFromTarget', ({ sessionId, message }) => {
    const { id, result } = JSON.parse(message) as { id: number; result: Held }
    if (id === ASK) workers.get(sessionId)?.(result)
  })
  await session.send('Target.setAutoAttach', { autoAttach: true, waitForDebuggerOnStart: false, flatten: false })
  const tell = (sessionId: string, id: number, method: string) =>
    session.send('Target.sendMessageToTarget', { sessionId, message: JSON.stringify({ id, method }) })
  const ofWorker = async (sessionId: string): Promise<Held> => {
    const answer = new Promise<Held>((resolve) => workers.set(sessionId, resolve))
    await tell(sessionId, TIDY, 'HeapProfiler.collectGarbage')
    await tell(sessionId, ASK, 'Runtime.getHeapUsage')
    return answer
  }
  return async () => {
    await session.send('HeapProfiler.collectGarbage')
    const all = [await session.send('Runtime.getHeapUsage'), ...(await Promise.all([...workers.keys()].map(ofWorker)))]
    return all.reduce((sum, { usedSize, backingStorageSize }) => sum + usedSize + backingStorageSize, 0)
  }
}

test(
  `a study of ${(PARTS * PART_BYTES) / MB} MB is added as a folder and saved to the disk, a little at a time`,
  async () => {
    const context = await browser.newContext({ baseURL: product.ready.app })
    const person = await Person.arriveIn(context, 'Large')
    const { page } = person
    done(await person.sdk.enrol())
    await person.signIn()
    await person.isHome()
    await person.go('#/add')
    const held = await heldBy(page)
    /** Until then. */
    const most = async (isOver: () => Promise<boolean>): Promise<number> => {
      let bytes = 0
      const look = async () => {
        bytes = Math.max(bytes, await held())
        return isOver()
      }
      await expect.poll(look, { timeout: WAIT_MS, interval: LOOK_EVERY_MS }).toBe(true)
      return bytes
    }
    const before = await held()

    await page.locator('input[webkitdirectory]').setInputFiles(files.path('study'))
    await page.getByLabel('Title').fill('Study')
    await page.getByRole('radio', { name: 'Scans and images' }).check()
    await page.getByRole('button', { name: 'Save record' }).click()
    const adding = await most(() => page.getByText(/^Saved at/).isVisible())

    await page.getByRole('link', { name: 'Open it' }).click()
    await choosesFileInside(page)
    await page.getByRole('button', { name: 'Save all files (ZIP)' }).click()
    const saving = await most(async () => (await sizeInside(page)) > PARTS * PART_BYTES)
    console.log(`held: ${[before, adding, saving].map((bytes) => `${Math.round(bytes / MB)} MB`).join(', ')}`)
    expect(adding - before).toBeLessThan(ADDING_BYTES_MAX)
    expect(saving - before).toBeLessThan(SAVING_BYTES_MAX)
    person.expectNoProblems()
  },
  2 * WAIT_MS,
)
