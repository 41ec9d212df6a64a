import { generatePatient } from '@medguard/synthetic'
import type { Page } from '@playwright/test'
import { done } from './fixtures/person.ts'
import { expect, PHONE, test } from './fixtures/test.ts'

const LINES = [
  'Example Hospital - Clinical Laboratory',
  'Patient: Ines Dvorak   DOB: 1971-04-09',
  'Collected: 2024-03-14',
  'Haemoglobin    11.2 g/dL    12.0 - 16.0',
  'Ferritin    92 ug/L    15 - 150',
]

test('a photographed paper is read on the device; what was compared with it is saved, and nothing else', async ({
  people,
}) => {
  test.setTimeout(150_000) // letters are recognised by a neural network, on whatever machine this is
  const person = await people.isHome('patient', { size: PHONE })
  const { page } = person
  const list = async () => done(await person.sdk.list({ of: 'me' }))
  const picture = await drawnPaper(page, LINES)

  await person.go('#/add')
  const camera = page.getByLabel('Take a photo')
  await expect(camera).toHaveAttribute('capture', 'environment')
  await camera.setInputFiles({ name: 'IMG_0412.png', mimeType: 'image/png', buffer: picture })
  await page.getByRole('button', { name: 'Read what it says' }).click()
  await expect(page.getByRole('region', { name: 'The paper' })).toBeVisible()
  await expect(page.getByText('4.5 MB, once')).toBeVisible()

  // Nothing is fetched before it is asked for, and who stops the reading has stopped it.
  const fetched: string[] = []
  let letGo = () => {}
  const held = new Promise<void>((resolve) => (letGo = resolve))
  await page.context().route(/traineddata/, async (route) => {
    fetched.push(new URL(route.request().url()).pathname)
    await held
    await route.continue().catch(() => {}) // its reader is gone
  })
  await page.getByRole('button', { name: 'Read the text of this picture' }).click()
  await expect.poll(() => fetched).toEqual([expect.stringContaining('/assets/eng.traineddata-')])
  await page.getByRole('button', { name: 'Cancel' }).click()
  letGo()
  await page.getByRole('button', { name: 'Read the text of this picture' }).click()

  await expect(page.getByText('Reading may be wrong')).toBeVisible({ timeout: 90_000 })
  await expect(page.getByLabel('Title')).toHaveValue(/^Laboratory results, Example Hospital/)
  await expect(page.getByText('Read: “Collected: 2024-03-14”')).toBeVisible()
  await expect(page.getByText('Proposed, not saved')).toHaveCount(3)
  await expect(page.locator('.mg-paper-strip')).toHaveCount(4) // the line on the paper above what it was read as
  await expect(page.getByRole('checkbox', { checked: true })).toHaveCount(0)
  expect(await list()).toEqual([])
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(PHONE.width)

  // The day of a result is the paper's, so the paper is compared first. A field that was misread is mended by hand.
  await page.getByRole('checkbox', { name: /it is right: Haemoglobin/ }).check()
  await page.getByRole('button', { name: 'Save the paper and 1 entry' }).click()
  await expect(page.getByText(/compare and tick “About the paper” first/)).toBeVisible()
  expect(await list()).toEqual([])
  await page.getByRole('textbox', { name: 'Result' }).first().fill('11.3')
  await page.getByRole('checkbox', { name: /it is right: About the paper/ }).check()
  await expect(page.getByText('1 proposal is not ticked and will be dropped.')).toBeVisible()
  await page.getByRole('button', { name: 'Save the paper and 1 entry' }).click()
  await expect(page.getByText(/^Saved at/)).toBeVisible({ timeout: 30_000 })

  const records = await list()
  const [paper, entry] = records.toSorted((a, b) => a.mediaType.localeCompare(b.mediaType)).toReversed()
  expect(records).toHaveLength(2)
  expect(paper).toMatchObject({
    mediaType: 'image/png',
    fileName: 'IMG_0412.png',
    category: 'labs',
    clinicalDate: '2024-03-14',
  })
  expect(entry).toMatchObject({
    title: expect.stringContaining('11.3 g/dL'),
    category: 'labs',
    clinicalDate: '2024-03-14',
  })
  if (paper === undefined || entry === undefined) throw new Error('two of them')
  expect(Buffer.from(done(await person.sdk.open(paper)).bytes).equals(picture)).toBe(true)
  expect(JSON.parse(new TextDecoder().decode(done(await person.sdk.open(entry)).bytes))).toMatchObject({
    resourceType: 'Observation',
    meta: { source: `urn:medguard:record:${paper.recordId}` },
    valueQuantity: { value: 11.3, unit: 'g/dL' },
    referenceRange: [{ low: { value: 12 }, high: { value: 16 } }],
    effectiveDateTime: '2024-03-14',
  })
  await person.go(`#/records/${entry.recordId}`)
  await page
    .getByText('Read from a paper:')
    .getByRole('link', { name: /^Laboratory results/ })
    .click()
  await expect(page.getByRole('heading', { level: 1, name: /^Laboratory results/ })).toBeVisible()

  // A PDF brings its text along: nothing is recognised, nothing is fetched.
  await person.go('#/paper')
  const pdf = generatePatient({ seed: 'e2e/paper', yearsOfVisits: 2 }).labReportPdf
  await page
    .getByLabel('Choose a file')
    .setInputFiles({ name: 'report.pdf', mimeType: 'application/pdf', buffer: Buffer.from(pdf) })
  await page.getByRole('button', { name: 'Read the text of this file' }).click()
  await expect(page.getByText('Reading may be wrong')).toBeVisible()
  await expect(page.getByRole('checkbox', { name: /it is right: / })).not.toHaveCount(1) // the paper, and what it says
  await page.getByRole('button', { name: 'Drop everything' }).click()
  await expect(page.getByLabel('Choose a file')).toBeAttached()
  expect(await list()).toHaveLength(2)
  expect(fetched).toHaveLength(2)
})

/** A picture of a paper, as a camera that is held well takes one. */
async function drawnPaper(page: Page, lines: readonly string[]): Promise<Buffer> {
  const url = await page.evaluate((texts) => {
    const canvas = document.createElement('canvas')
    canvas.width = 1500
    canvas.height = 700
    const context = canvas.getContext('2d')
    if (context === null) throw new Error('no canvas')
    context.fillStyle = '#f7f5ef'
    context.fillRect(0, 0, canvas.width, canvas.height)
    context.fillStyle = '#1a1a1a'
    context.font = '40px "Liberation Sans", Arial, sans-serif'
    for (const [i, text] of texts.entries()) context.fillText(text, 80, 110 + i * 110)
    return canvas.toDataURL('image/png')
  }, lines)
  return Buffer.from(url.slice(url.indexOf(',') + 1), 'base64')
}
