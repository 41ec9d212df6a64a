import { done } from './fixtures/person.ts'
import { expect, PHONE, test } from './fixtures/test.ts'
import { cutOff } from './fixtures/wire.ts'

const result = (value: string) =>
  `{"resourceType":"Observation","id":"0f1e2d3c-4b5a-4978-8695-a4b3c2d1e0f9","status":"final","effectiveDateTime":"2024-05-12",` +
  `"category":[{"coding":[{"code":"laboratory"}]}],"code":{"text":"Haemoglobin"},"valueQuantity":{"value":${value},"unit":"g/dL"}}`
const ALLERGY = '{"resourceType":"AllergyIntolerance","code":{"text":"Penicillin"},"criticality":"high"}'
const PATIENT = '{"resourceType":"Patient","name":[{"text":"Ada Byrne"}]}'
const bundle = (...resources: string[]) =>
  `{"resourceType":"Bundle","type":"collection","entry":[${resources.map((one) => `{"resource":${one}}`).join(',')}]}`
const file = (name: string, mimeType: string, content: string) => ({ name, mimeType, buffer: Buffer.from(content) })

// Many records at once: seen before anything is stored, gone on with after the line was cut, and known again the second time.
test('files and a FHIR bundle become records, each ticked beforehand, and nothing is added twice', async ({
  people,
}) => {
  test.slow()
  const patient = await people.isHome('patient', { size: PHONE })
  const { page } = patient
  await patient.go('#/import')
  const choose = (...files: ReturnType<typeof file>[]) => page.getByLabel('Choose a file').setInputFiles(files)
  const letter = file('letter.txt', 'text/plain', 'Dear colleague')
  await choose(
    file('export.json', 'application/json', bundle(result('14.10'), ALLERGY, PATIENT)),
    letter,
    file('empty.txt', 'text/plain', ''),
  )
  await expect(page.getByText('1 was left out')).toBeVisible()
  await expect(page.getByText('About Ada Byrne. Make sure that these are yours.')).toBeVisible()
  await expect(page.getByRole('checkbox', { name: 'Haemoglobin: 14.1 g/dL' })).toBeChecked()
  await expect(page.getByRole('checkbox', { name: 'All of Person' })).not.toBeChecked()
  await page.getByRole('combobox', { name: 'Kind of letter' }).selectOption('documents')
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(PHONE.width)

  await patient.looksSound('what an import will add')
  const mend = await cutOff(page, { canister: 'records', method: 'store' }, 'call')
  await page.getByRole('button', { name: 'Add 3 records' }).click()
  await expect(page.getByText('3 records are left.')).toBeVisible({ timeout: 60_000 })
  await patient.looksSound('an import that broke off')
  await mend()
  await page.getByRole('button', { name: 'Go on' }).click()
  await expect(page.getByText(/^3 records added/)).toBeVisible({ timeout: 60_000 })
  const listed = done(await patient.sdk.list({ of: 'me' }))
  expect(new Map(listed.map(({ title, category }) => [title, category]))).toEqual(
    new Map([
      ['Haemoglobin: 14.1 g/dL', 'labs'],
      ['Penicillin', 'summary'],
      ['letter', 'documents'],
    ]),
  )
  const [observation] = listed.filter(({ category }) => category === 'labs')
  if (observation === undefined) throw new Error('it was stored')
  expect(new TextDecoder().decode(done(await patient.sdk.open(observation)).bytes)).toBe(result('14.10'))

  await patient.looksSound('an import that is done')
  await page.getByRole('button', { name: 'Choose something else' }).click()
  await choose(letter, file('newer.json', 'application/json', bundle(result('13.20'), ALLERGY)))
  await expect(page.getByText('2 are in your records already, to the last bit, and are left out.')).toBeVisible()
  await expect(page.getByText('a new version of a record you have')).toBeVisible()
  await page.getByRole('button', { name: 'Add 1 record' }).click()
  await expect(page.getByText(/^1 record added/)).toBeVisible({ timeout: 60_000 })
  await page.getByRole('link', { name: 'See my records' }).click()
  await expect(page.getByRole('link', { name: /^Haemoglobin: 13.2 g\/dL/ })).toBeVisible()
  expect(
    done(await patient.sdk.list({ of: 'me' }))
      .map(({ version }) => version)
      .toSorted((a, b) => a - b),
  ).toEqual([1, 1, 2])

  // Somebody else's word stays as it came: what is not right with it is a note that goes along.
  await page.getByRole('link', { name: /^Haemoglobin: 13.2 g\/dL/ }).click()
  await page.getByRole('link', { name: 'Correct' }).click()
  await expect(page.getByText('This record stays as it came')).toBeVisible()
  await expect(page.getByLabel('Result')).toHaveCount(0)
  await page.getByRole('textbox', { name: 'What is not right' }).fill('Not my blood.')
  await patient.looksSound('a record of somebody else’s that is not right')
  await page.getByRole('button', { name: 'Save the note' }).click()
  await expect(page.getByText(/^Saved at/)).toBeVisible({ timeout: 30_000 })
  const labs = done(await patient.sdk.list({ of: 'me' }, ['labs']))
  const haemoglobin = labs.find(({ links }) => links === undefined)
  expect(labs.flatMap(({ links = [] }) => links)).toEqual([
    { recordId: haemoglobin?.recordId, version: 2, relation: 'corrects' },
  ])
  expect(haemoglobin?.version).toBe(2)

  // A laboratory's table, as a spreadsheet copies it, is read line by line, and seen like any other import before it is stored.
  await patient.go('#/forms')
  await page.getByRole('link', { name: /^Several lab results/ }).click()
  await page.getByRole('button', { name: /^Look at the records/ }).click()
  await expect(page.getByRole('alert')).toContainText('Write or paste at least one result.')
  await page.getByLabel('Results, one a line').fill('Test\tResult\tUnit\tRange\nSodium\t131\tmmol/L\t135-145\nremark')
  await expect(page.getByRole('row', { name: /Sodium.*131 mmol\/L.*135–145/ })).toBeVisible()
  await page.getByLabel('Day of the sample').fill('2024-05-12')
  await page.getByRole('button', { name: /^Look at the records/ }).click()
  await expect(page.getByRole('alert')).toContainText(/Line 3: .*Result/)
  await patient.looksSound('a table of results, one line of which is none')
  await page.getByLabel('Results, one a line').fill('Sodium\t131\tmmol/L\t135-145\nNitrite\tnegative')
  await page.getByRole('button', { name: /^Look at the records/ }).click()
  await page.getByRole('button', { name: 'Add 2 records' }).click()
  await expect(page.getByText(/^2 records added/)).toBeVisible({ timeout: 60_000 })
  await page.getByRole('link', { name: 'See my records' }).click()
  await page.getByRole('link', { name: /^Sodium: 131 mmol\/L/ }).click()
  await expect(page.getByRole('region', { name: 'Sodium' })).toContainText(/131 mmol\/L.*Low/)
  await page.getByRole('link', { name: 'Correct' }).click() // typed here, so one's own
  await expect(page.getByLabel('Result')).toHaveValue('131')
})
