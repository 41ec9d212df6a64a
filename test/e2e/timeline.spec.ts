import { expect, PHONE, test } from './fixtures/test.ts'

test('a patient finds records again: by words in any spelling, by what is inside, by filters that Back takes back', async ({
  people,
}) => {
  test.slow() // its states are scanned as well
  const person = await people.isHome('patient', {
    with: [
      { title: 'Žaludeční vřed', content: 'Gastroskopie bez krvácení', more: { clinicalDate: '2023-03-14' } },
      { title: 'التهاب الرئة', content: 'x', more: { category: 'documents', clinicalDate: '2024-05-02' } },
      { title: 'Blood count', content: 'haemoglobin 135', more: { clinicalDate: '2024-05-20' } },
    ],
  })
  const { page } = person
  await person.go('#/records')
  const lines = page.getByRole('main').getByRole('listitem')
  const titles = () => lines.getByRole('link').locator('.mg-record-title').allInnerTexts()
  await expect.poll(titles).toEqual(['Blood count', 'التهاب الرئة', 'Žaludeční vřed'])
  await expect(page.getByRole('heading', { level: 2 })).toHaveText(['May 2024', 'March 2023'])

  const search = page.getByRole('searchbox', { name: 'Search my records' })
  await expect(search).toHaveAccessibleDescription(/on this device only/)
  for (const [words, found] of [
    ['zaludecny', ['Žaludeční vřed']],
    ['الإلتهاب', ['التهاب الرئة']],
    ['blo', ['Blood count']],
  ] as const) {
    await search.fill(words)
    await expect.poll(titles, words).toEqual(found)
  }
  await search.fill('haemoglobin')
  await expect(page.getByText('No record fits')).toBeVisible()
  await expect(page.getByText('the search for “haemoglobin”')).toBeVisible()
  await person.looksSound('a search without a hit')
  await page.getByRole('button', { name: 'Show all records' }).click()
  await page.getByRole('link', { name: /Blood count/ }).click()
  await expect(page.getByText('haemoglobin 135')).toBeVisible()

  // Opened once, its words are found from then on, after a reload too.
  await page.reload()
  await person.go('#/records')
  await search.fill('hemoglobin')
  await expect.poll(titles).toEqual(['Blood count'])
  await expect(page.getByText('Found inside')).toBeVisible()
  await expect(page.getByText('1 record was searched inside as well.')).toBeVisible()
  await search.fill('')

  await page.getByText('More filters').click()
  await page.getByLabel('From', { exact: true }).fill('2024-01-01')
  await expect.poll(titles).toEqual(['Blood count', 'التهاب الرئة'])
  await page.getByRole('button', { name: /Lab results/ }).click()
  await expect.poll(titles).toEqual(['Blood count'])
  expect(new URL(page.url()).hash).toBe('#/records?show=labs&from=2024-01-01')
  await page.getByRole('link', { name: /Blood count/ }).click()
  await expect(page.getByText('haemoglobin 135')).toBeVisible()
  await page.goBack()
  await expect.poll(titles).toEqual(['Blood count'])
  await page.getByLabel('Where from').selectOption('Imported')
  await expect(page.getByText(/only Lab results, from .*2024 on,? and imported/)).toBeVisible()
  await page.getByRole('button', { name: 'Show all records' }).click()
  await expect.poll(titles).toHaveLength(3)
  await page.getByLabel('Go to year').selectOption('2023')
  await expect(page.getByText('Žaludeční vřed')).toBeInViewport()

  await page.setViewportSize(PHONE)
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(PHONE.width)
})
