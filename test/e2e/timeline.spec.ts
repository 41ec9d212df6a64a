import { readFileSync } from 'node:fs'
import { unzipSync } from 'fflate'
import { finger, keyboard } from './fixtures/hands.ts'
import { keptBy } from './fixtures/kept.ts'
import { done } from './fixtures/person.ts'
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

test('a patient picks several records, by keyboard and by touch: takes them along as one file, shares them, and sees on each how it stands', async ({
  people,
}) => {
  test.slow() // its states are scanned as well
  const clinician = await people.arrives('clinician')
  done(await clinician.sdk.enrol())
  const person = await people.isHome('patient', {
    with: [
      { title: 'Old letter', content: 'letter', more: { category: 'documents', clinicalDate: '2023-03-14' } },
      { title: 'Blood count', content: 'haemoglobin 135', more: { clinicalDate: '2024-05-02' } },
      { title: 'Kidneys', content: 'creatinine 80', more: { clinicalDate: '2024-05-20' } },
    ],
    hasTouch: true,
  })
  const { page } = person
  await page.addInitScript(() => Reflect.deleteProperty(window, 'showSaveFilePicker')) // its window is the browser's own
  await page.reload()
  await person.go('#/records')
  const several = page.getByRole('button', { name: 'Choose several' })
  const bar = page.getByRole('region', { name: 'Chosen records' })
  const row = (title: string) => page.getByRole('checkbox', { name: title })
  const { press, choose } = keyboard(page)
  await press(several)
  await choose(row('Kidneys'))
  await choose(row('Blood count'))
  await expect(bar.getByRole('status')).toHaveText('2 records chosen')
  await page.getByRole('searchbox').fill('letter')
  await expect(bar.getByRole('status')).toHaveText('2 records chosen · 2 of them not shown now')
  await page.getByRole('searchbox').fill('')
  await row('Kidneys').focus()
  await page.keyboard.press('Escape')
  await expect(bar).toHaveCount(0)
  await expect(several).toBeFocused()

  await page.setViewportSize(PHONE)
  const { press: tap, choose: pick } = finger(page)
  await tap(several)
  await tap(bar.getByRole('button', { name: 'Choose all 3 shown' }))
  await pick(row('Old letter'))
  await expect(bar.getByRole('status')).toHaveText('2 records chosen')
  await person.looksSound('records are being picked')
  await tap(bar.getByRole('button', { name: 'Save' }))
  const download = page.waitForEvent('download')
  await tap(page.getByRole('dialog').getByRole('button', { name: 'Save the file' }))
  const saved = unzipSync(new Uint8Array(readFileSync(await (await download).path())))
  expect(Object.keys(saved).toSorted()).toEqual(['2024-05-02 Blood count.txt', '2024-05-20 Kidneys.txt'])
  await expect(page.getByRole('dialog').getByText('2 records saved')).toBeVisible()
  await person.looksSound('records were taken along')
  await tap(page.getByRole('dialog').getByRole('button', { name: 'Close' }))
  const { items } = done(await person.sdk.log('patient', { event: 'exported' }))
  expect(items).toHaveLength(1)

  await tap(bar.getByRole('button', { name: 'Tag' }))
  const dialog = page.getByRole('dialog')
  await expect(dialog.getByText('not on your other devices')).toBeVisible()
  await dialog.getByLabel('New tag').fill('before surgery')
  await tap(dialog.getByRole('button', { name: 'Add the tag' }))
  await expect(dialog.getByRole('button', { name: 'before surgery', pressed: true })).toBeVisible()
  await person.looksSound('records are tagged')
  await tap(dialog.getByRole('button', { name: 'Done' }))

  await tap(bar.getByRole('button', { name: 'Share' }))
  const next = () => tap(page.getByRole('button', { name: 'Next' }))
  await page.getByLabel('Their share code').fill(clinician.sdk.principal)
  await next()
  const picked = page.getByRole('list', { name: 'Chosen records' }).getByRole('listitem')
  await expect(picked).toHaveText([/^Blood count/, /^Kidneys/])
  await next()
  await pick(page.getByRole('radio', { name: /1 day/i }))
  await pick(page.getByRole('radio', { name: 'Treatment' }))
  await next()
  await tap(page.getByRole('button', { name: 'Share', exact: true }))
  await expect(page.getByText(/^Shared at/)).toBeVisible({ timeout: 30_000 })

  // What a row says is what "who can open this" says, for those that were shared one by one too.
  const [grant] = done(await clinician.sdk.sharesReceived())
  const [theirs] = done(await clinician.sdk.list({ of: 'grant', grantId: grant?.grantId ?? '' }))
  expect(theirs?.title).toBeDefined()
  expect(Object.values(theirs ?? {}).join(' '), 'what the patient calls it is theirs alone').not.toContain('surgery')
  await page.reload()
  await person.go('#/records')
  const line = (title: string) => page.getByRole('main').getByRole('listitem').filter({ hasText: title })
  for (const [title, isShared] of [
    ['Kidneys', true],
    ['Blood count', true],
    ['Old letter', false],
  ] as const) {
    await expect(line(title).getByText('Shared', { exact: true })).toHaveCount(isShared ? 1 : 0)
    await expect(line(title)).toContainText('Added by me')
    await expect(line(title).getByText('before surgery')).toHaveCount(isShared ? 1 : 0)
  }
  await tap(page.getByRole('button', { name: /^before surgery 2/ }))
  await expect(line('Old letter')).toHaveCount(0)
  await expect(page).toHaveURL(/#\/records\?tag=[0-9a-f]{8}$/)
  await person.looksSound('tagged records')
  const { databases, ...others } = await keptBy(page)
  expect(Object.keys(databases).join(), 'it lies on this device').toMatch(/\btags\b/)
  expect(JSON.stringify([databases, others]), 'sealed').not.toContain('surgery')
  await line('Kidneys').getByRole('link').click()
  await expect(page.getByRole('list', { name: 'Who can open this' }).getByText('because you share')).toBeVisible()
})
