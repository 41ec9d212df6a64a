import { readFileSync } from 'node:fs'
import { done } from './fixtures/person.ts'
import { expect, PHONE, test } from './fixtures/test.ts'

// The first run, and the way back for somebody who lost their sign-in: by kit and by guardian, seen and stopped by who can still sign in.

test('recovery is laid down in the first run, started by a new sign-in with kit and guardian, and stopped', async ({
  people,
}) => {
  const guardian = await people.isHome('guardian')
  const patient = await people.arrives('patient', { size: PHONE })
  const { page } = patient
  await patient.signIn()
  await page.getByRole('button', { name: 'Set up my health record' }).click()
  await page.getByRole('button', { name: 'Save recovery' }).click()
  await expect(page.getByRole('alert').getByText('Choose whether there is a kit.')).toBeVisible() // nothing is chosen beforehand
  await page.getByRole('radio', { name: 'Make a new kit' }).check()
  await page.getByLabel('Guardians’ share codes').fill(guardian.sdk.principal)
  await page.getByLabel('How many of them').fill('1')
  await page.getByRole('button', { name: 'Go on', exact: true }).click()
  const groups = await page.getByTestId('kit').locator('span').allInnerTexts()
  expect(groups).toHaveLength(14)
  const typed = page.getByLabel(/^Type group/)
  await typed.fill('0000')
  await page.getByRole('button', { name: 'Save recovery' }).click()
  await expect(page.getByText(/^That is not group/)).toBeVisible()
  expect(done(await patient.sdk.people()).recovery).toBeNull() // a kit that nobody has counts for nothing
  const label = await page.locator('label', { hasText: /^Type group/ }).innerText()
  await typed.fill(groups[Number(/\d+/.exec(label)?.[0]) - 1] ?? '')
  const saved = page.waitForEvent('download')
  await page.getByRole('button', { name: 'Save as a text file' }).click()
  const sheet = readFileSync(await (await saved).path(), 'utf8')
  await page.getByRole('button', { name: 'Save recovery' }).click()
  await expect(page.getByText('Recovery is set')).toBeVisible()
  await page.getByRole('button', { name: 'Go on', exact: true }).click()

  await page.getByRole('button', { name: 'Add a contact' }).click()
  await page.getByRole('textbox', { name: 'Name', exact: true }).fill('Jan Novák')
  await page.getByLabel('Blood group').selectOption('AB-')
  await page.getByRole('button', { name: 'Save' }).click()
  await expect(page.getByRole('alert').getByText('Write the phone number of contact 1 in digits.')).toBeVisible()
  await page.getByLabel('Phone').fill('+420 601 000 000')
  await page.getByRole('button', { name: 'Save' }).click()
  await expect(page.getByText(/^Saved at/)).toBeVisible()
  expect(done(await patient.sdk.profile())).toEqual({
    bloodGroup: 'AB-',
    emergencyContacts: [{ name: 'Jan Novák', phone: '+420 601 000 000' }],
  })
  await page.getByRole('button', { name: 'Go to Home' }).click()
  await patient.isHome()
  await expect(page.getByText('Nobody can bring your health record back yet')).toHaveCount(0)

  // Another device adds a name while this one has its form open: both stay.
  await patient.go('#/profile')
  await expect(page.getByLabel('Blood group')).toHaveValue('AB-')
  done(await patient.sdk.setProfile({ name: 'Ada', bloodGroup: 'AB-' }))
  await page.getByLabel('Birth date').fill('1980-02-29')
  await page.getByRole('button', { name: 'Save' }).click()
  await expect(page.getByText('Something was changed on another device meanwhile: that is kept too.')).toBeVisible()
  expect(done(await patient.sdk.profile())).toEqual({ name: 'Ada', bloodGroup: 'AB-', birthDate: '1980-02-29' })

  // A new sign-in, from the sign-in page.
  const newcomer = await people.arrives('newcomer')
  await newcomer.page.getByRole('link', { name: 'I lost my sign-in' }).click()
  await newcomer.signIn()
  const added = await newcomer.page.getByTestId('new-code').innerText()
  await newcomer.page.getByRole('radio', { name: 'My printed recovery kit' }).check()
  const kit = newcomer.page.getByLabel('Code of the kit')
  await kit.fill(groups.join('-').replace(/.$/, (last) => (last === '0' ? '1' : '0')))
  await newcomer.page.getByRole('button', { name: 'Start recovery' }).click()
  await expect(newcomer.page.getByText(/^There is a mistake in this code/)).toBeVisible()
  await kit.fill(groups.join(' ').toLowerCase())
  await newcomer.page.getByRole('button', { name: 'Start recovery' }).click()
  await expect(newcomer.page.getByText('Recovery is under way')).toBeVisible()
  const home = await newcomer.page.getByTestId('old-code').innerText()
  expect(home).toBe(patient.sdk.principal)
  expect(sheet).toContain(home)

  await guardian.go('#/recovery')
  await guardian.page.getByLabel('Their old share code').fill(home)
  await guardian.page.getByLabel('The code of their new sign-in').fill(added)
  await guardian.page.getByRole('button', { name: 'Say that this is them' }).click()
  await expect(guardian.page.getByText('Guardians who have said so: 1 of 1 needed.')).toBeVisible()

  await newcomer.page.getByRole('radio', { name: 'I have waited: finish' }).check()
  await newcomer.page.getByLabel('Your old share code').fill(home)
  await newcomer.page.getByRole('button', { name: 'Get my health record' }).click()
  await expect(newcomer.page.getByText(/^Not finished/)).toBeVisible() // it waits, whoever says what

  await patient.go('#/')
  await expect(page.getByText('Somebody is taking over this account')).toBeVisible()
  await page.getByRole('button', { name: 'I did not ask for this: stop it' }).click()
  await expect(page.getByText('Stopped', { exact: true })).toBeVisible()
  expect(done(await patient.sdk.people()).waiting).toEqual([])
})
