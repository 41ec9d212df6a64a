import { dicomPictures, drawnSlice, generatePatient } from '@medguard/synthetic'
import type { NewShare } from '@medguard/client'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { done, type Person } from './fixtures/person.ts'
import { expect, PHONE, test } from './fixtures/test.ts'
import { counted, turnstile } from './fixtures/wire.ts'

// What somebody who treats sends along: files of every kind, to whom the share lets them, and clear words where it does not.

const CHUNK_BYTES = (1 << 20) + 16
const PNG = readFileSync(new URL('fixtures/one-pixel.png', import.meta.url))

test('files are sent, signed, and gone on with after a broken line; who may not add is told why', async ({
  people,
}, info) => {
  test.setTimeout(240_000)
  const clinician = await people.isHome('clinician', { size: PHONE })
  const patient = await people.arrives('patient')
  done(await patient.sdk.enrol())
  const recordId = await patient.store('Blood count', 'haemoglobin')
  const given = (scope: NewShare['scope'], rights: NewShare['rights']) => share(patient, clinician, scope, rights)
  const both = await given({ categories: ['documents', 'imaging'] }, ['list', 'open', 'write'])
  const addOnly = await given({ categories: ['summary'], inbox: true }, ['write'])
  const readOnly = await given({ categories: ['labs'] }, ['list', 'open'])
  const picked = await given({ records: [{ recordId, version: 1 }] }, ['list', 'open', 'write'])
  const { page } = clinician
  const addTo = (grantId: string, what = '') => clinician.go(`#/provider/patients/${grantId}/add${what}`)
  const send = page.getByRole('button', { name: 'Sign and send' })
  const sent = page.getByText(/^Sent at/)

  await test.step('a PDF', async () => {
    await addTo(both)
    await expect(page.locator('.mg-kinds').getByRole('listitem')).toHaveText([/^Visit/, /^A file/])
    await page.getByRole('link', { name: 'A file' }).click()
    await send.click()
    await expect(page.getByRole('alert').getByRole('link')).toHaveCount(3)
    await expect(page.getByRole('radio')).toHaveCount(2) // kinds that are shared, and no others
    await expect(page.getByRole('radio', { checked: true })).toHaveCount(0)
    const pdf = Buffer.from(generatePatient({ seed: 'e2e/write-back', yearsOfVisits: 1 }).labReportPdf)
    await page
      .getByLabel('Choose a file')
      .setInputFiles({ name: 'Discharge letter.pdf', mimeType: 'application/pdf', buffer: pdf })
    await expect(page.getByLabel('Title')).toHaveValue('Discharge letter')
    await page.getByRole('radio', { name: 'Documents' }).check()
    await page.screenshot({ path: info.outputPath('file.png'), fullPage: true })
    await send.click()
    await expect(sent).toBeVisible({ timeout: 30_000 })
    await page.getByRole('link', { name: 'Open it' }).click()
    await expect(page.getByRole('img', { name: /^Page 1 of/ })).toHaveAttribute('data-drawn', 'true')
    const [letter] = done(await patient.sdk.list({ of: 'me' }, ['documents']))
    expect(letter).toMatchObject({
      fileName: 'Discharge letter.pdf',
      mediaType: 'application/pdf',
      depositedBy: clinician.sdk.principal,
      signature: { kind: 'signed', by: clinician.sdk.principal },
    })
  })

  await test.step('a folder of images, whose sending breaks off', async () => {
    const folder = study()
    try {
      const chunks = { canister: 'records', method: 'putChunk' } as const
      const line = await turnstile(page, chunks, 'call')
      const choose = async () => {
        await addTo(both, '/file')
        await page.locator('input[webkitdirectory]').setInputFiles(folder)
        await expect(page.getByRole('radio', { name: 'Scans and images' })).toBeChecked()
        await expect(page.getByText('10 files as one record')).toBeVisible()
        await page.getByLabel('Title').fill('CT of the chest')
        await send.click()
      }
      await choose()
      await expect.poll(line.waiting).toBe(4)
      await expect(page.getByRole('progressbar', { name: 'Sending' })).toBeVisible()
      line.letOne()
      await expect.poll(line.waiting).toBe(4)
      await expect(sent).toHaveCount(0)
      await page.reload()
      const [begun] = done(await clinician.sdk.uploads())
      const all = Math.ceil(Number(begun?.sizeBytes ?? 0) / CHUNK_BYTES)
      expect(all).toBeGreaterThan(4)
      line.open()
      const again = await counted(page, chunks, 'call')
      await choose()
      await expect(sent).toBeVisible({ timeout: 30_000 })
      expect(again()).toBe(all - 1)
      await page.getByRole('link', { name: 'Open it' }).click()
      await expect(page.getByRole('img', { name: 'Picture 1 of 10' })).toHaveAttribute('data-drawn', 'true')
    } finally {
      rmSync(folder, { recursive: true })
    }
  })

  await test.step('a photo where nothing may be opened, into the record and into the inbox', async () => {
    for (const [kind, words] of [
      ['Health summary', /is in the patient’s record. You cannot open it/],
      ['Scans and images', /is in the patient’s inbox. It becomes a record of theirs/],
    ] as const) {
      await addTo(addOnly, '/file')
      await expect(page.getByText(/You are not one of them: you cannot open it afterwards/)).toBeVisible()
      await page.getByLabel('Choose a file').setInputFiles({ name: 'Rash.png', mimeType: 'image/png', buffer: PNG })
      await page.getByRole('radio', { name: kind }).check()
      await send.click()
      await expect(page.getByText(words)).toBeVisible({ timeout: 30_000 })
      await expect(page.getByRole('link', { name: 'Open it' })).toHaveCount(0)
      await page.getByRole('button', { name: 'Add another' }).click()
    }
    expect((await clinician.sdk.list({ of: 'grant', grantId: addOnly })).kind).toBe('refused')
    const [photo] = done(await patient.sdk.list({ of: 'me' }, ['summary']))
    if (photo === undefined) throw new Error('no photo arrived')
    expect(photo.signature).toMatchObject({ kind: 'signed', by: clinician.sdk.principal })
    expect(Buffer.from(done(await patient.sdk.open(photo)).bytes).equals(PNG)).toBe(true)
    expect(done(await patient.sdk.inbox()).map(({ fileName }) => fileName)).toEqual(['Rash.png'])
  })

  await test.step('nowhere else, and why', async () => {
    await addTo(readOnly, '/file')
    await expect(page.getByText('You may not add records here')).toBeVisible()
    await expect(page.getByText(/lets you open records and add none/)).toBeVisible()
    await addTo(picked)
    await expect(page.getByText('Nothing can be added under a share of picked records')).toBeVisible()
    await page.screenshot({ path: info.outputPath('picked.png'), fullPage: true })
    await page.getByRole('link', { name: 'Ask for the right to add' }).click()
    await expect(page.getByLabel('The patient’s share code')).toHaveValue(patient.sdk.principal)
    await expect(page.getByRole('checkbox', { checked: true })).toHaveCount(1)
    await expect(page.getByRole('checkbox', { name: 'Add records' })).toBeChecked()
  })

  await test.step('what was chosen is its author’s when the access ends', async () => {
    await addTo(both, '/file')
    await page.getByLabel('Choose a file').setInputFiles({ name: 'Sketch.png', mimeType: 'image/png', buffer: PNG })
    await page.getByLabel('Title').fill('As I saw it')
    done(await patient.sdk.revoke(both))
    await expect(page.getByText(/^Access ended at/)).toBeVisible({ timeout: 30_000 })
    await expect(page.getByText('CT of the chest')).toHaveCount(0)
    await expect(page.getByRole('region', { name: 'What you had typed' })).toContainText(/As I saw it\s+Sketch\.png/)
    await page.getByRole('button', { name: 'Throw it away' }).click()
    await expect(page.getByText('What you had typed')).toHaveCount(0)
  })
})

/** Ten pictures, together larger than what is sent in one go. @returns the folder. */
function study(): string {
  const folder = join(mkdtempSync(join(tmpdir(), 'medguard-study-')), 'CT chest')
  mkdirSync(folder)
  const size = 512
  for (let instance = 1; instance <= 10; instance++) {
    const pixels = new Uint8Array(Uint16Array.from(drawnSlice(size, instance), (value) => value + 1024).buffer)
    const patient = { name: 'Bergstrom^Tressa', id: 'MG-1' }
    const file = dicomPictures({ patient, rows: size, columns: size, instance, intercept: -1024, pixels })
    writeFileSync(join(folder, `IM${String(instance).padStart(4, '0')}`), file)
  }
  return folder
}

async function share(
  patient: Person,
  clinician: Person,
  scope: NewShare['scope'],
  rights: NewShare['rights'],
): Promise<string> {
  const startNs = BigInt(Date.now()) * 1_000_000n
  const endNs = startNs + 3_600_000_000_000n
  const wanted = { grantee: clinician.sdk.principal, scope, rights, purpose: 'TREAT', startNs, endNs } as const
  return done(await patient.sdk.share(wanted)).grantId
}
