import { keyboard } from './fixtures/hands.ts'
import { done } from './fixtures/person.ts'
import { expect, PHONE, test } from './fixtures/test.ts'

// Records that are filled in rather than attached: by keyboard alone, on a phone, kept while one looks elsewhere, and corrected.

test('a result is filled in, corrected as a new version, looked at in both, noted upon and removed', async ({
  people,
}) => {
  test.slow()
  const patient = await people.isHome('patient', { size: PHONE })
  const { page } = patient
  await patient.go('#/forms')
  await page.getByRole('link', { name: /^Lab result/ }).click()
  await page.getByRole('button', { name: 'Save record' }).click()
  await patient.looksSound('a form with mistakes')
  await page.getByRole('link', { name: 'Fill in: Test' }).press('Enter')
  await expect(page.getByLabel('Test')).toBeFocused()
  await page.keyboard.type('Haemoglobin')
  await page.keyboard.press('Tab')
  await page.keyboard.type('14,1')
  await page.keyboard.press('Tab')
  await page.keyboard.type('g/dL')
  await patient.go('#/sharing')
  await page.goBack() // what is typed is still there
  await expect(page.getByLabel('Result')).toHaveValue('14,1')
  await page.getByLabel('Usual range up to').fill('14')
  await page.getByLabel('Day of the sample').fill('2024-05-12')
  await page.getByRole('button', { name: 'Save record' }).click()
  await expect(page.getByText(/^Saved at/)).toBeVisible({ timeout: 30_000 })
  await page.getByRole('link', { name: 'Open it' }).click()
  await expect(page.getByText('High')).toBeVisible()

  await page.getByRole('link', { name: 'Correct' }).click()
  await expect(page.getByLabel('Result')).toHaveValue('14.1')
  await page.getByLabel('Result').fill('13.1')
  await page.getByRole('button', { name: 'Save as a new version' }).click()
  await expect(page.getByText('is now version 2')).toBeVisible({ timeout: 30_000 })

  const [record] = done(await patient.sdk.list({ of: 'me' }))
  if (record === undefined) throw new Error('it was stored')
  expect(record).toMatchObject({
    version: 2,
    category: 'labs',
    title: 'Haemoglobin: 13.1 g/dL',
    clinicalDate: '2024-05-12',
  })
  const { bytes } = done(await patient.sdk.open(record))
  expect(JSON.parse(new TextDecoder().decode(bytes))).toMatchObject({
    resourceType: 'Observation',
    status: 'corrected',
    code: { coding: [{ system: 'http://loinc.org', code: '718-7' }] },
    valueQuantity: { value: 13.1, code: 'g/dL' },
    interpretation: [{ coding: [{ code: 'N' }] }],
  })

  await patient.go('#/trends')
  await page.getByRole('button', { name: 'Show my values' }).click()
  await expect(page.getByRole('figure', { name: /^Haemoglobin: latest 131 g\/L/ })).toBeVisible({ timeout: 30_000 })
  await page.getByRole('button', { name: 'g/dL' }).click()
  await expect(page.getByRole('row', { name: /13.1 g\/dL/ })).toBeVisible()
  await page.getByRole('button', { name: 'Closer' }).click()
  await patient.looksSound('a trend')
  await page.getByRole('checkbox', { name: 'Show Haemoglobin on Home' }).click()
  await expect(page.getByRole('checkbox', { name: 'Show Haemoglobin on Home' })).toBeChecked({ timeout: 30_000 })
  await patient.go('#/')
  await expect(page.getByRole('figure', { name: /^Haemoglobin: latest 131 g\/L/ })).toBeVisible()
  await page.reload() // what was read is forgotten; what was chosen is not
  await page.getByRole('button', { name: 'Show the values I chose' }).click()
  await expect(page.getByRole('figure', { name: /^Haemoglobin: latest 131 g\/L/ })).toBeVisible({ timeout: 30_000 })

  // The record's own page: what it says, what was checked, what changed, what is said about it, and its end.
  await patient.go(`#/records/${record.recordId}`)
  await expect(page.getByRole('region', { name: 'Haemoglobin' })).toContainText('13.1 g/dL')
  await expect(page.getByRole('list', { name: 'Who opened this' })).toContainText('You opened')
  await expect(page.getByText(/^This opening is entry \d+ of the access log\.$/)).toBeVisible()
  await page.getByRole('button', { name: 'Show all versions' }).click()
  await page.getByRole('button', { name: 'What changed in version 2' }).click()
  const changes = page.getByRole('list', { name: 'Changes in version 2' })
  await expect(changes).toContainText('Before: Value: 14.1 g/dL')
  await expect(changes).toContainText('New: Value: 13.1 g/dL')
  await patient.looksSound('a record with all its panels, versions and what changed')
  await page.getByRole('button', { name: 'Open version 1' }).click()
  await expect(page.getByText('14.1 g/dL', { exact: true })).toBeVisible()

  await page.getByRole('button', { name: 'Add a note' }).click()
  const note = page.getByRole('form', { name: 'Add a note' })
  await note.getByRole('radio', { name: 'A correction' }).check()
  await note.getByLabel('Note', { exact: true }).fill('Measured twice.')
  await patient.looksSound('a note being written')
  await note.getByRole('button', { name: 'Save the note' }).click()
  await expect(page.getByText(/^Saved at/)).toBeVisible({ timeout: 30_000 })
  await page.getByRole('link', { name: /^Correction: Haemoglobin/ }).click()
  await expect(page.getByText('Measured twice.')).toBeVisible()
  await page
    .getByText('This is a note to')
    .getByRole('link', { name: /^Haemoglobin/ })
    .click()

  await page.getByRole('button', { name: 'Remove this record' }).click()
  const dialog = page.getByRole('dialog', { name: 'Remove “Haemoglobin: 13.1 g/dL” for good?' })
  await expect(dialog).toContainText('with all its 2 versions, also in every share')
  await patient.looksSound('the question before a record is removed')
  await dialog.getByRole('button', { name: 'Remove for good' }).click()
  await expect(page.getByRole('heading', { level: 1, name: 'Records' })).toBeVisible({ timeout: 30_000 })
  await expect(page.getByRole('link', { name: /^Haemoglobin: 13.1/ })).toHaveCount(0)
  expect(done(await patient.sdk.list({ of: 'me' })).map(({ title }) => title)).toEqual([
    'Profile',
    'Correction: Haemoglobin: 13.1 g/dL',
  ])
  // Neither version has a key any more, and the log says that they are gone.
  for (const version of [1, 2]) expect((await patient.sdk.open({ ...record, version })).kind).toBe('refused')
  await patient.go('#/log')
  const deletion = page.getByRole('main').getByText(/^You deleted/)
  await deletion.getByRole('link').click()
  await expect(page.getByText('This record was removed', { exact: true })).toBeVisible()
  await expect(page.getByText(/^You removed it at/)).toBeVisible()
  const trace = page.getByRole('list', { name: 'What happened to it' })
  await expect(trace).toContainText('You added')
  await expect(trace).toContainText('You deleted')
  await patient.looksSound('what is left of a record that was removed')
})

/** Presses a second of somebody who looks for each key: half of what people who write at work press. */
const PRESSES_A_SECOND = 2.5
const VACCINATION_SECONDS = 60

test('a vaccination is filled in from the first page within a minute of pressing keys', async ({ people }) => {
  const patient = await people.isHome('patient')
  const { page } = patient
  await page.evaluate(() => {
    const { dataset } = document.documentElement
    dataset['pressed'] = '0'
    addEventListener('keydown', () => void (dataset['pressed'] = String(Number(dataset['pressed']) + 1)), true)
  })
  const { press, write } = keyboard(page)
  await press(page.getByRole('navigation').getByRole('link', { name: 'Add', exact: true }))
  await press(page.getByRole('link', { name: /^Fill in a form/ }))
  await press(page.getByRole('link', { name: /^Vaccination/ }))
  await write(page.getByLabel('Vaccine'), 'Tetanus')
  await write(page.getByLabel('When'), '2024-05-12')
  await press(page.getByRole('button', { name: 'Save record' }))
  await expect(page.getByText(/^Saved at/)).toBeVisible({ timeout: 30_000 })
  const pressed = Number(await page.evaluate(() => document.documentElement.dataset['pressed']))
  test.info().annotations.push({ type: 'keys', description: String(pressed) })
  expect(pressed / PRESSES_A_SECOND).toBeLessThan(VACCINATION_SECONDS)
  const stored = done(await patient.sdk.list({ of: 'me' }, ['medicines']))
  expect(stored).toMatchObject([{ title: expect.stringContaining('Tetanus'), clinicalDate: '2024-05-12' }])
})
