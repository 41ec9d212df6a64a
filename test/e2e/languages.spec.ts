import { expect, test } from './fixtures/test.ts'

// The page in other languages than English. What the texts say is checked where they are (src/frontend/src/words); every address is looked at
// from right to left in accessibility.spec.ts.

test('speaks the browser’s language, and another one from the moment it is chosen', async ({ people }) => {
  const person = await people.arrives('reader', { locale: 'cs-CZ' })
  const { page } = person
  const html = page.locator('html')
  await expect(html).toHaveAttribute('lang', 'cs')
  await expect(html).toHaveAttribute('dir', 'ltr')
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Vaše zdravotní záznamy ve vašich rukou')
  await page.getByRole('combobox', { name: 'Jazyk' }).focus()
  await page.getByRole('combobox', { name: 'Jazyk' }).selectOption('العربية')
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('سجلاتك الصحية بين يديك')
  await expect(page.getByRole('combobox', { name: 'اللغة' })).toBeFocused()
  await expect(html).toHaveAttribute('dir', 'rtl')
  await expect(page).toHaveTitle('تسجيل الدخول · MedGuard')
  await page.reload()
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('سجلاتك الصحية بين يديك')
  await page.getByRole('combobox', { name: 'اللغة' }).selectOption('English')
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Your health records, in your hands')
})

test('from right to left dates, kinds and counts are the reader’s, and titles and codes keep their direction', async ({
  people,
}) => {
  const person = await people.isHome('reader', {
    with: [
      { title: 'Blood count (May)', content: 'haemoglobin', more: { clinicalDate: '2025-05-12' } },
      { title: 'Second one', content: 'x', more: { clinicalDate: '2025-05-11' } },
    ],
  })
  const { page } = person
  await person.speak('ar')
  const code = page.getByTestId('share-code')
  await expect(code).toHaveCSS('direction', 'ltr')
  await person.go('#/records')
  await expect(page.getByRole('heading', { level: 2, name: 'مايو 2025' })).toBeVisible()
  await page.getByRole('searchbox').fill('blood')
  await expect(page.getByText(/سجل واحد من أصل 2/)).toBeVisible()
  await page.getByRole('link', { name: /Blood count/ }).click()
  await expect(page.getByText('haemoglobin')).toBeVisible()
  await expect(page.getByText('12 مايو 2025', { exact: true })).toBeVisible()
  // The bracket at the end of an English title stays at its right end.
  const heading = page.getByRole('heading', { level: 1 }).locator('bdi')
  await expect(heading).toHaveText('Blood count (May)')
  await expect(heading).toHaveCSS('direction', 'ltr')
  const menu = await page.getByRole('navigation').first().boundingBox()
  expect(menu?.x).toBeGreaterThan(800) // the rail stands where reading begins
})
