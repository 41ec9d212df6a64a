import type { Page } from '@playwright/test'
import { getDocument } from 'pdfjs-dist/legacy/build/pdf.mjs'
import { done, type Person } from './fixtures/person.ts'
import { pulses } from './fixtures/treated.ts'
import { expect, PHONE, test } from './fixtures/test.ts'

const FHIR = { mediaType: 'application/fhir+json' }
const many = (count: number, make: (number: number) => object) => Array.from({ length: count }, (_, i) => make(i + 1))

/** More than any page holds, and some of it long. */
const HISTORY = {
  resourceType: 'Bundle',
  type: 'collection',
  entry: [
    ...many(12, (number) => ({
      resourceType: 'AllergyIntolerance',
      code: { text: `ALLERGEN WWWW ${number}` },
      criticality: 'high',
    })),
    ...many(40, (number) => ({
      resourceType: 'Condition',
      code: { text: `Condition ${number} with a name that is longer than the column it stands in` },
      clinicalStatus: { coding: [{ code: 'active' }] },
    })),
    ...many(40, (number) => ({
      resourceType: 'MedicationStatement',
      status: 'active',
      medicationCodeableConcept: { text: `Medicine ${number}` },
      dosage: [{ text: 'one tablet in the morning and one in the evening, with food, '.repeat(4) }],
    })),
  ].map((resource) => ({ resource })),
}
const glucose = (value: number, day: string) =>
  JSON.stringify({
    resourceType: 'Observation',
    status: 'final',
    code: { coding: [{ system: 'http://loinc.org', code: '14749-6' }], text: 'Glucose' },
    effectiveDateTime: day,
    valueQuantity: { value, unit: 'mmol/L', code: 'mmol/L' },
    referenceRange: [{ low: { value: 3.9 }, high: { value: 5.6 } }],
  })
const daysAgo = (days: number) => new Date(Date.now() - days * 86_400_000).toISOString().slice(0, 10)

test('a patient makes a report for a doctor: one page first, what was chosen and nothing else, in the log before it is printed', async ({
  people,
}) => {
  test.setTimeout(120_000) // six records, and a page that is printed four times
  const [before, last] = [daysAgo(100), daysAgo(10)]
  const person = await people.isHome('patient', {
    size: PHONE,
    colorScheme: 'dark',
    with: [
      { title: 'History', content: JSON.stringify(HISTORY), more: { ...FHIR, category: 'summary' } },
      { title: 'Glucose 5', content: glucose(5, before), more: { ...FHIR, category: 'labs', clinicalDate: before } },
      { title: 'Glucose 6.4', content: glucose(6.4, last), more: { ...FHIR, category: 'labs', clinicalDate: last } },
      { title: 'Clinic letter', content: 'x', more: { category: 'documents', clinicalDate: last } },
      pulses('vitals', 9, [66, 71]),
      { title: 'Nobody’s business', content: 'x', more: { category: 'sensitive', clinicalDate: last } },
    ],
  })
  const { page } = person
  done(await person.sdk.setProfile({ name: 'Ines Dvořák', birthDate: '1971-04-09', bloodGroup: 'A+' }))
  await person.go('#/records')
  await page.getByRole('link', { name: 'Report for a doctor' }).click()

  await expect(page.getByRole('checkbox', { name: /Sensitive/ })).not.toBeChecked()
  await page.getByRole('checkbox', { name: 'Vaccinations' }).uncheck()
  await page.getByLabel(/What you want to tell the doctor/).fill('I cough at night.')
  await expect(page.getByText('The profile and 4 records are opened for it')).toBeVisible()
  await page.getByRole('button', { name: 'Make the report' }).click()

  const sheet = page.getByRole('article', { name: 'Health report' })
  await expect(sheet.getByRole('heading', { name: 'Ines Dvořák' })).toBeVisible()
  await expect(sheet.getByText(/^born .*1971 · Blood group A\+$/)).toBeVisible()
  await expect(sheet.getByText('I cough at night.')).toBeVisible()
  await expect(sheet.getByRole('region', { name: 'Latest results' }).first()).toContainText(
    '6.4 mmol/L ↑ before: 5 mmol/L',
  )
  await expect(sheet.getByRole('region', { name: 'Measurements' }).first()).toContainText(
    /Pulse 71 .min ↑ before: 66 .min/,
  )
  await expect(sheet.getByText('Left out by choice: Vaccinations.')).toBeVisible()
  await expect(sheet.getByText('Clinic letter')).toBeVisible()
  await expect(sheet.getByText('Nobody’s business')).toHaveCount(0)
  await expect(page.getByText('1 record under “Sensitive” is left out')).toBeVisible()
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(PHONE.width)

  // Nobody gets it onto paper behind the log's back.
  expect(await pagesOf(page)).toEqual([expect.stringMatching(/^To print the report, press/)])
  expect(await exportsIn(person)).toBe(0)
  await page.evaluate(() => {
    window.print = () => document.body.setAttribute('data-asked', 'print')
  })
  await page.getByRole('button', { name: 'Print or save as PDF' }).click()
  await page.getByRole('button', { name: 'Open the print window' }).click({ timeout: 30_000 })
  await expect(page.locator('body')).toHaveAttribute('data-asked', 'print')
  expect(await exportsIn(person)).toBe(1)

  for (const format of ['A4', 'Letter'] as const) {
    const [first = '', second = '', ...more] = await pagesOf(page, format)
    for (const said of [
      'Ines Dvořák',
      'I cough at night.',
      'ALLERGEN WWWW 1',
      'Condition 1 ',
      'Medicine 1',
      '6.4 mmol/L',
    ])
      expect(first, format).toContain(said)
    for (const said of ['It is not complete', 'on the next pages', 'Clinic letter'])
      expect(first, format).toContain(said)
    expect(second, format).toMatch(/^Details/)
    expect([second, ...more].join(' '), format).toContain('Medicine 40')
    expect([first, second, ...more].join(' '), format).not.toMatch(/Nobody|Vaccinations (?!\.)|Change what/)
  }
  await page.emulateMedia({ media: 'print', colorScheme: 'dark' })
  expect(await sheet.evaluate((element) => getComputedStyle(element).color)).toBe('rgb(0, 0, 0)')
  expect(await page.evaluate(() => getComputedStyle(document.body).backgroundColor)).toBe('rgb(255, 255, 255)')
  await page.emulateMedia({ media: null, colorScheme: 'dark' })

  // Another choice is another report, of which the log has not heard.
  await page.getByRole('button', { name: 'Change what is on it' }).click()
  await page.getByRole('checkbox', { name: 'Medicines' }).uncheck()
  await page.locator('.mg-language select').selectOption('cs')
  await page.getByRole('button', { name: 'Sestavit zprávu' }).click()
  await expect(page.getByRole('article', { name: 'Zdravotní zpráva' })).toContainText(
    'Záměrně vynecháno: Léky a Očkování.',
  )
  await expect(page.getByText('Medicine 1', { exact: true })).toHaveCount(0)
  expect(await pagesOf(page)).toHaveLength(1)
})

/** Lines of the patient's log that say that something was taken out. */
async function exportsIn(person: Person): Promise<number> {
  const report = done(await person.sdk.log('patient'))
  return report.items.filter(({ event }) => event === 'exported').length
}

/** The text of each page that the browser would print. */
async function pagesOf(page: Page, format: 'A4' | 'Letter' = 'A4'): Promise<string[]> {
  const pdf = await page.pdf({ format, preferCSSPageSize: false })
  const document = await getDocument({ data: new Uint8Array(pdf), verbosity: 0 }).promise
  const texts = []
  for (let number = 1; number <= document.numPages; number++) {
    const { items } = await (await document.getPage(number)).getTextContent()
    texts.push(
      items
        .map((item) => ('str' in item ? item.str : ''))
        .join(' ')
        .replaceAll(/\s+/g, ' ')
        .trim(),
    )
  }
  await document.destroy()
  return texts
}
