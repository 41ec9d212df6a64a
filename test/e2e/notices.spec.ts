import { AxeBuilder } from '@axe-core/playwright'
import { done } from './fixtures/person.ts'
import { expect, PHONE, test } from './fixtures/test.ts'

// What a patient is told: each event once, in every tab, and what was read stays read. On a phone.

const NS_PER_HOUR = 3_600_000_000_000n

test('a bell counts what happened once, in two tabs and after a reload; kinds and hours are the patient’s choice', async ({
  people,
}) => {
  test.slow()
  const doctor = await people.arrives('doctor')
  done(await doctor.sdk.enrol())
  const patient = await people.isHome('patient', { size: PHONE, with: [{ title: 'Blood count', content: 'low' }] })
  const { page } = patient
  const bell = page.getByRole('banner').getByRole('link', { name: /^Notifications/ })
  const list = page.getByRole('list', { name: 'Notifications, newest first' }).getByRole('listitem')
  await expect(bell).toHaveAccessibleName('Notifications')
  await bell.click()
  await expect(page.getByText('Nothing to tell you')).toBeVisible()

  const { askId } = done(
    await doctor.sdk.requestAccess({
      patient: patient.sdk.principal,
      categories: ['labs'],
      rights: ['list', 'open'],
      purpose: 'TREAT',
      periodNs: NS_PER_HOUR,
      expiresNs: BigInt(Date.now()) * 1_000_000n + NS_PER_HOUR,
    }),
  )
  await expect(bell).toHaveAccessibleName('Notifications, 1 unread')
  await expect(list).toHaveCount(1)
  await expect(list).toContainText(/New.* asks for access to your records/)
  await expect(list).toContainText('because somebody waits for your answer')

  // Looking at the list has read nothing; the other tab knows the same, and hears what is read here.
  const other = await patient.context.newPage()
  patient.watch(other)
  await other.goto(page.url())
  const otherBell = other.getByRole('banner').getByRole('link', { name: /^Notifications/ })
  await expect(otherBell).toHaveAccessibleName('Notifications, 1 unread')
  await page.getByRole('link', { name: 'Look at the request' }).click()
  await expect(page.getByRole('button', { name: /^Approve the request/ })).toBeVisible()
  await expect(bell).toHaveAccessibleName('Notifications')
  await expect(otherBell).toHaveAccessibleName('Notifications')

  // The share is used twice, and told once.
  const { grantId } = done(await patient.sdk.approveRequest(askId))
  const [record] = done(await doctor.sdk.list({ of: 'grant', grantId }))
  if (record === undefined) throw new Error('not shared')
  done(await doctor.sdk.open(record))
  await page.reload() // what another canister wrote, the page looks for when it begins, and every half minute
  await expect(bell).toHaveAccessibleName('Notifications, 1 unread')
  await patient.go('#/')
  const fresh = page.getByRole('list', { name: 'What is new' }).getByRole('listitem')
  await expect(fresh).toHaveText(/used a share of yours for the first time/)
  await patient.go('#/notices')
  await expect(list).toHaveCount(2)
  const { violations } = await new AxeBuilder({ page }).analyze()
  expect(violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`)).toEqual([])
  await expect(list.first()).toContainText('used a share of yours for the first time')
  await page.getByRole('button', { name: /^Mark as read: .* first time$/ }).click()
  await expect(bell).toHaveAccessibleName('Notifications')
  await other.close()

  // At night only security asks for attention, and of requests nothing is said any more.
  await page.getByRole('link', { name: 'Choose what you are told, and when' }).click()
  await page.getByRole('checkbox', { name: 'somebody asks for access' }).uncheck()
  await page.getByRole('checkbox', { name: 'Leave me alone at night' }).check()
  // Whenever this runs: from an hour ago until in an hour.
  const [from = '', until = ''] = await page.evaluate(() =>
    [-1, 1].map((hours) => new Date(Date.now() + hours * 3_600_000).toTimeString().slice(0, 5)),
  )
  await page.getByLabel('From').fill(from)
  await page.getByLabel('Until').fill(from)
  await page.getByRole('button', { name: 'Save' }).click()
  await expect(page.getByText('Write two times that differ.')).toBeVisible()
  await page.getByLabel('Until').fill(until)
  await page.getByRole('radio', { name: /^imperial/ }).check()
  await page.getByRole('button', { name: 'Save' }).click()
  await expect(page.getByText(/^Saved at/)).toBeVisible()
  expect(done(await patient.sdk.profile())).toEqual({
    notifications: ['recordAdded', 'recordOpened', 'shareEnding'],
    quietHours: { from, until },
    units: 'imperial',
  })
  await patient.go('#/notices')
  await expect(page.getByText(`Quiet hours until ${until}`)).toBeVisible()
  await expect(list).toHaveCount(1)
  done(await patient.sdk.setRecovery({ kit: null, guardians: [doctor.sdk.principal], threshold: 1 }))
  await expect(list.first()).toContainText(/It was changed how your account can be recovered.*You/)
  await expect(bell).toHaveAccessibleName('Notifications, 1 unread')

  // Light or dark is this browser's, and stays.
  const colours = page.locator('html')
  await expect(colours).toHaveAttribute('data-mantine-color-scheme', 'light')
  await patient.go('#/settings')
  await page.getByRole('radio', { name: 'Dark' }).check()
  await expect(colours).toHaveAttribute('data-mantine-color-scheme', 'dark')
  await page.reload()
  await expect(colours).toHaveAttribute('data-mantine-color-scheme', 'dark')
})
