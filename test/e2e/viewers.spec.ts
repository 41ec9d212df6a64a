import { dicomEcg, dicomPictures, drawnSlice, generatePatient } from '@medguard/synthetic'
import { AxeBuilder } from '@axe-core/playwright'
import type { Locator, TestInfo } from '@playwright/test'
import { unzipSync, zipSync } from 'fflate'
import { readFileSync } from 'node:fs'
import { encode } from './fixtures/encoders.ts'
import { choosesFileInside, fileInside, sizeInside } from './fixtures/file-inside.ts'
import { done, type Person } from './fixtures/person.ts'
import { expect, PHONE, test } from './fixtures/test.ts'
import { hold } from './fixtures/wire.ts'

// Documents and examinations shown in the page, under its policy: a violation of that fails any test (fixtures/test.ts).

const patient = { name: 'Bergstrom^Tressa', id: 'MG-1' }
const SLICES = 6

/** A slice of a series, compressed without loss. */
async function slice(instance: number): Promise<Uint8Array> {
  const size = 128
  const raw = new Int16Array(drawnSlice(size, instance).buffer)
  const stored = Uint16Array.from(raw, (value) => value + 1024)
  const frame = { width: size, height: size, bitsPerSample: 16, componentCount: 1, isSigned: false }
  const encoded = await encode('jpeg2000', { ...frame, bytes: new Uint8Array(stored.buffer) })
  return dicomPictures({
    patient,
    rows: size,
    columns: size,
    instance,
    intercept: -1024,
    transferSyntax: '1.2.840.10008.1.2.4.90',
    pixels: [encoded],
    windows: [{ center: 40, width: 400, name: 'Tissue' }],
  })
}

/** How many different colours a canvas shows, and a sum that changes with its picture. */
const seen = (canvas: Locator): Promise<{ colours: number; sum: number }> =>
  canvas.evaluate((element: HTMLCanvasElement) => {
    const data = element.getContext('2d')?.getImageData(0, 0, element.width, element.height).data ?? []
    const pixels = new Set<number>()
    let sum = 0
    for (let i = 0; i < data.length; i += 4) {
      const pixel = ((data[i] ?? 0) << 16) | ((data[i + 1] ?? 0) << 8) | (data[i + 2] ?? 0)
      pixels.add(pixel)
      sum = (sum * 31 + pixel) % 1_000_003
    }
    return { colours: pixels.size, sum }
  })

async function look(person: Person, what: string, info: TestInfo): Promise<void> {
  const { violations } = await new AxeBuilder({ page: person.page }).analyze()
  const serious = violations.filter(({ impact }) => impact === 'serious' || impact === 'critical')
  expect(
    serious.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`),
    what,
  ).toEqual([])
  await person.page.screenshot({ path: info.outputPath(`${what}.png`), fullPage: true })
}

test('a PDF, a compressed series and a heartbeat are shown; what cannot be shown says so', async ({ people }, info) => {
  test.slow()
  const person = await people.isHome('patient')
  const { page, sdk } = person
  const about = { fileName: null, clinicalDate: null } as const
  const add = async (title: string, mediaType: string, bytes: Parameters<typeof sdk.add>[0]['bytes']) =>
    done(await sdk.add({ ...about, title, mediaType, bytes, category: 'imaging' })).recordId
  const pdf = generatePatient({ seed: 'e2e/viewers', yearsOfVisits: 2 }).labReportPdf
  // Named so that their order by name is not their order in the body.
  const slices = await Promise.all(
    Array.from({ length: SLICES }, async (_, i) => ({ name: `IM000${9 - i}`, content: await slice(i + 1) })),
  )
  const ids = {
    pdf: await add('Laboratory report', 'application/pdf', pdf),
    ecg: await add('Heartbeat', 'application/dicom', dicomEcg(patient)),
    broken: await add('Broken report', 'application/pdf', new TextEncoder().encode('%PDF-1.7 and nothing more')),
    unknown: await add(
      'Old scan',
      'application/octet-stream',
      dicomPictures({
        patient,
        rows: 8,
        columns: 8,
        instance: 1,
        transferSyntax: '1.2.840.10008.1.2.4.70',
        pixels: [new Uint8Array(20)],
      }),
    ),
  }
  let study = ''
  const canvas = page.locator('canvas[data-drawn="true"]')
  await page.reload() // its list is of before

  await test.step('PDF', async () => {
    await person.go(`#/records/${ids.pdf}`)
    await expect(canvas).toBeVisible()
    expect((await seen(canvas)).colours).toBeGreaterThan(20)
    const before = await canvas.evaluate((element) => element.getBoundingClientRect().width)
    await page.getByRole('button', { name: 'Larger' }).click()
    await expect.poll(() => canvas.evaluate((element) => element.getBoundingClientRect().width)).toBeGreaterThan(before)
    await page.getByText('Text of this page').click()
    await expect(page.locator('.mg-page-text')).toContainText(/\w{4}/)
    await look(person, 'pdf', info)
  })

  await test.step('a series, added as a packed disc with a program on it', async () => {
    await person.go('#/add')
    const letter = { name: 'letter.txt', content: Buffer.from('Dear colleague') }
    const onDisc = [...slices, letter].map(({ name, content }) => [name, new Uint8Array(content)] as const)
    const disc = zipSync({ ...Object.fromEntries(onDisc), 'VIEWER/viewer.exe': new Uint8Array(9) })
    const packed = { name: 'disc.zip', mimeType: 'application/zip', buffer: Buffer.from(disc) }
    await page.getByLabel('Choose a file').setInputFiles([packed])
    await expect(page.getByText('Left out: disc/VIEWER/viewer.exe.')).toBeVisible()
    await expect(page.getByText('7 files as one record')).toBeVisible()
    await expect(page.getByRole('radio', { name: 'Scans and images' })).toBeChecked()
    await page.getByLabel('Title').fill('CT of the chest')
    await page.getByRole('button', { name: 'Save record' }).click()
    await page.getByRole('link', { name: 'Open it' }).click()
    await expect(canvas).toBeVisible()
    const stage = page.getByRole('group', { name: /Chest, drawn/ })
    await expect(stage).toBeVisible()
    const first = await seen(canvas)
    expect(first.colours).toBeGreaterThan(3)
    await stage.press('End')
    await expect(page.getByRole('img', { name: 'Picture 6 of 6' })).toHaveAttribute('data-drawn', 'true')
    expect((await seen(canvas)).sum).not.toBe(first.sum)
    await stage.press('Home')
    await expect.poll(async () => (await seen(canvas)).sum).toBe(first.sum)
    await page.getByLabel('Shows').selectOption('Lung')
    await expect.poll(async () => (await seen(canvas)).sum).not.toBe(first.sum)
    await page.getByRole('button', { name: 'Swap dark and bright' }).click()
    await page.getByRole('button', { name: 'Larger' }).click()
    await page.getByRole('button', { name: 'Look further left' }).click()
    await page.getByRole('button', { name: 'Back to how it was' }).click()
    await expect.poll(async () => (await seen(canvas)).sum).toBe(first.sum)
    await expect(page.getByText('Tressa Bergstrom')).toBeVisible()
    await expect(page.getByText('not for diagnosis')).toBeVisible()
    await page.getByRole('button', { name: 'Play' }).click()
    await expect(page.getByRole('img', { name: 'Picture 3 of 6' })).toHaveAttribute('data-drawn', 'true')
    await page.getByRole('button', { name: 'Pause' }).click()
    await page.getByText('7 files').click()
    const saved = page.waitForEvent('download')
    await page.getByRole('button', { name: 'Save letter.txt to disk' }).click()
    expect((await saved).suggestedFilename()).toBe('letter.txt')
    const saveAll = page.getByRole('button', { name: 'Save all files (ZIP)' })
    const isStudy = (bytes: Uint8Array) => {
      const { 'letter.txt': saidInside, ...others } = unzipSync(bytes)
      expect(new TextDecoder().decode(saidInside)).toBe('Dear colleague')
      expect(Object.keys(others)).toHaveLength(SLICES)
    }
    // As a download, where the browser writes no files for pages; and piece by piece into the file that was chosen, here one of the browser's own.
    await page.evaluate(() => Reflect.deleteProperty(window, 'showSaveFilePicker'))
    const line = await hold(page, { canister: 'records', method: 'chunk' }, 'query')
    await saveAll.click()
    await expect.poll(line.waiting).toBeGreaterThan(0)
    const saving = page.getByRole('region', { name: 'Save all files (ZIP)' })
    await saving.getByRole('button', { name: 'Cancel' }).click()
    await expect(saveAll).toBeVisible()
    await expect(page.getByRole('alert')).toHaveCount(0) // what the reader stopped is no failure
    line.release()
    const all = page.waitForEvent('download')
    await saveAll.click()
    isStudy(new Uint8Array(readFileSync(await (await all).path())))
    await choosesFileInside(page)
    await saveAll.click()
    await expect.poll(() => sizeInside(page)).toBeGreaterThan(0)
    isStudy(Uint8Array.from(await fileInside(page)))
    study = page.url().split('#')[1] ?? ''
    await look(person, 'series', info)
  })

  await test.step('an ECG', async () => {
    await person.go(`#/records/${ids.ecg}`)
    await expect(canvas).toBeVisible()
    expect((await seen(canvas)).colours).toBeGreaterThan(3)
    await page.getByText('In words and numbers').click()
    await expect(page.getByRole('row', { name: /Heart rate 70/ })).toBeVisible()
    await expect(page.getByRole('row', { name: /aVR/ })).toBeVisible()
    await look(person, 'ecg', info)
  })

  await test.step('what cannot be shown', async () => {
    await person.go(`#/records/${ids.broken}`)
    await expect(page.getByText('The file contradicts itself and is not shown.')).toBeVisible()
    await person.go(`#/records/${ids.unknown}`)
    await expect(page.getByText(/stored in a way that cannot be shown here.*JPEG .lossless./)).toBeVisible()
    await expect(page.getByRole('button', { name: 'Save to disk' })).toBeVisible()
    await look(person, 'unknown', info)
  })

  await test.step('on a phone', async () => {
    await page.setViewportSize(PHONE)
    const places = { pdf: `/records/${ids.pdf}`, study, ecg: `/records/${ids.ecg}` }
    for (const [name, place] of Object.entries(places)) {
      await person.go(`#${place}`)
      await expect(canvas).toBeVisible()
      const isBeside = await page.evaluate(
        () => document.documentElement.scrollWidth > document.documentElement.clientWidth,
      )
      expect(isBeside, name).toBe(false)
      await page.screenshot({ path: info.outputPath(`phone ${name}.png`), fullPage: true })
    }
  })
})
