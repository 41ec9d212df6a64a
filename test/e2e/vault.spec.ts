import { readFileSync } from 'node:fs'
import { done } from './fixtures/person.ts'
import { expect, test } from './fixtures/test.ts'

// A whole health record: taken along as a sealed file, put back by somebody else's sign-in, erased with a receipt.

const ALLERGY = {
  resourceType: 'AllergyIntolerance',
  code: { text: 'Nuts' },
  patient: { reference: 'Patient/anna' },
}

test('a copy of everything is made, put back elsewhere without loss, and the record is erased', async ({ people }) => {
  test.slow() // its states are scanned as well
  const patient = await people.isHome('patient', {
    with: [
      { title: 'Blood count of May', content: 'haemoglobin 141' },
      { title: 'Letter', content: 'dear colleague', more: { category: 'documents' } },
      { title: 'Nuts', content: JSON.stringify(ALLERGY), more: { mediaType: 'application/fhir+json' } },
    ],
  })
  const { page } = patient
  await page.addInitScript(() => Reflect.deleteProperty(window, 'showSaveFilePicker')) // its window is the browser's own
  await page.reload()
  await patient.go('#/records')
  await page.getByRole('button', { name: 'Choose several' }).click()
  await page.getByRole('checkbox', { name: /Blood count of May/ }).check()
  await page.getByRole('button', { name: 'Tag', exact: true }).click()
  await page.getByLabel('New tag').fill('Heart')
  await page.keyboard.press('Enter')
  await expect(page.getByRole('dialog').getByRole('button', { name: 'Heart' })).toHaveAttribute('aria-pressed', 'true')
  await page.getByRole('dialog').getByRole('button', { name: 'Done' }).click()
  await patient.go('#/vault')
  await expect(page.getByText(/^3 versions of records/)).toBeVisible()
  const saved = async (button: string): Promise<unknown> => {
    const file = page.waitForEvent('download')
    await page.getByRole('button', { name: button }).click()
    return JSON.parse(readFileSync(await (await file).path(), 'utf8'))
  }
  const downloads = page.waitForEvent('download')
  await page.getByRole('button', { name: 'Make a copy' }).click()
  const archive = await (await downloads).path()
  await expect(page.getByText('Copied: 3 versions')).toBeVisible()
  const key = await page.getByTestId('archive-key').innerText()
  await patient.looksSound('a copy and its key')
  expect(readFileSync(archive).includes('haemoglobin')).toBe(false)

  const bundle = await saved('Save everything')
  await expect(page.getByText('Saved: 3 records')).toBeVisible()
  await patient.looksSound('a vault as a file for other programs')
  expect(bundle).toMatchObject({ resourceType: 'Bundle', type: 'collection' })
  expect(JSON.stringify(bundle)).toContain('"AuditEvent"')
  await page.getByRole('region', { name: 'For other programs' }).getByRole('button', { name: 'Close' }).click()
  const summary = await saved('Save a summary')
  expect(summary).toMatchObject({
    type: 'document',
    entry: [{ resource: { resourceType: 'Composition' } }, {}, {}, {}, {}],
  })
  expect(JSON.stringify(summary)).toContain('Nuts')
  // Pressed at once, before the page knows what is held for sensitive: it waits.
  done(await patient.sdk.changeRules({ kind: 'sensitive', categories: ['labs'] }))
  await page.reload()
  expect(JSON.stringify(await saved('Save a summary'))).not.toContain('Nuts')
  const takenOut = done(await patient.sdk.log('patient')).items.filter(({ event }) => event === 'exported')
  expect(takenOut).toHaveLength(4)

  const other = await people.isHome('other')
  await other.go('#/vault')
  await other.page.getByLabel('File with the copy').setInputFiles(archive)
  await other.page.getByRole('button', { name: 'Put it back' }).click()
  await expect(other.page.getByText('This is not the key of a copy. Paste the whole of it.')).toBeVisible()
  await other.page.getByLabel('Key of the copy').fill(key)
  await other.page.getByRole('button', { name: 'Put it back' }).click()
  await expect(other.page.getByText('Put back: 3 versions')).toBeVisible({ timeout: 30_000 })
  await other.go('#/records')
  await expect(other.page.getByRole('link', { name: /Blood count of May.*Heart/s })).toBeVisible()
  const titles = done(await other.sdk.list({ of: 'me' })).map(({ title }) => title)
  expect(titles.toSorted()).toEqual(['Blood count of May', 'Letter', 'Nuts'])

  await page.getByRole('button', { name: 'Erase my health record' }).click()
  await expect(page.getByText('Type “erase” if you mean it.')).toBeVisible()
  await page.getByLabel(/^To go on, type/).fill('erase')
  await page.getByRole('button', { name: 'Erase my health record' }).click()
  await expect(page.getByText('Your health record is erased')).toBeVisible()
  const receipt = await saved('Save the receipt')
  expect(receipt).toMatchObject({ format: 'medguard-erasure/1', versions: 3 })
  expect(done(await patient.sdk.account())).toBeNull()
})
