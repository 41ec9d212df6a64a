import { readFileSync } from 'node:fs'
import { newKit } from '@medguard/client'
import { done } from './fixtures/person.ts'
import { expect, PHONE, test } from './fixtures/test.ts'

// The first run, and the way back for somebody who lost their sign-in: by kit and by guardian, seen and stopped by who can still sign in.

test('recovery is laid down in the first run, started by a new sign-in with kit and guardian, and stopped', async ({
  people,
}) => {
  test.slow()
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
  await patient.looksSound('a new kit')
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

  // The kit is tried, from what was put away: nothing is sent, and nothing is started.
  await patient.go('#/recovery')
  const trial = page.getByRole('region', { name: 'Try your recovery now' })
  const tried = trial.getByLabel('Code of the kit')
  await tried.fill(groups.slice(1).join('-'))
  await trial.getByRole('button', { name: 'Try the kit' }).click()
  await expect(trial.getByText(/^There is a mistake in this code/)).toBeVisible()
  await tried.fill(newKit().text)
  await trial.getByRole('button', { name: 'Try the kit' }).click()
  await expect(trial.getByText('This kit does not open this record')).toBeVisible()
  await expect(trial.getByText('One guardian is named.')).toBeVisible()
  await tried.fill(groups.join(' '))
  await trial.getByRole('button', { name: 'Try the kit' }).click()
  await expect(trial.getByText(/^This kit works/)).toBeVisible()
  await patient.looksSound('recovery, tried')
  await expect(tried).toHaveValue('')
  expect(done(await patient.sdk.people()).waiting).toEqual([])

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
  await patient.looksSound('an account that somebody is taking over')
  await page.getByRole('button', { name: 'I did not ask for this: stop it' }).click()
  await expect(page.getByText('Stopped', { exact: true })).toBeVisible()
  expect(done(await patient.sdk.people()).waiting).toEqual([])
})

test('a record for a child is opened, named, kept apart and handed to a carer, and a second sign-in joins', async ({
  people,
}) => {
  test.slow()
  const parent = await people.isHome('parent', { with: [{ title: 'Of the parent', content: 'parent' }] })
  const carer = await people.isHome('carer', { size: PHONE })
  const { page } = parent
  await parent.go('#/people')
  await page.getByRole('button', { name: 'Make a record for a child' }).click()
  await expect(page.getByText('The record is there')).toBeVisible()
  const records = page.getByRole('list', { name: 'Records you can open' })
  const row = records.getByRole('listitem').filter({ hasText: 'a child' })
  await row.getByRole('button', { name: /^Open the record of/ }).click()
  await parent.isHome()
  await expect(page.getByText(/^Record of/)).toBeVisible()
  await expect(page.getByText('Of the parent')).toHaveCount(0)
  await expect(page.getByText('Nobody but those who act for this person.')).toBeVisible()
  await expect(page.getByText('Nobody but you.')).toHaveCount(0)
  const childAddress = new URL(page.url()).hash
  expect(childAddress).toMatch(/^#\/for\/[0-9a-f]{32}\/$/)

  await page.getByRole('link', { name: 'Code and settings' }).click()
  await page.getByRole('link', { name: /^Name, blood group/ }).click()
  await page.getByLabel('Full name').fill('Ela')
  await page.getByRole('button', { name: 'Save' }).click()
  await expect(page.getByText(/^Saved at/)).toBeVisible()
  await expect(page.getByText('Record of Ela')).toBeVisible()
  expect(done(await parent.sdk.profile())).toBeNull() // the parent's own profile is another
  await parent.go(`${childAddress}records`)
  await expect(page.getByText('No records yet')).toBeVisible() // the profile has a page of its own
  await parent.go(`${childAddress}log`)
  await expect(page.getByText('Nobody but you opened these records in the last 30 days.')).toBeVisible()

  await page.getByRole('link', { name: /^Whose record is open: Ela/ }).click()
  const form = page.getByRole('form', { name: 'Name a carer' })
  await form.getByRole('button', { name: 'Name a carer' }).click()
  await expect(form.getByText('Choose what they may do.')).toBeVisible() // nothing is chosen beforehand
  await form.getByLabel('Share code').fill(carer.sdk.principal)
  await form.getByRole('checkbox', { name: 'read', exact: true }).check()
  await form.getByLabel('Last day').fill(new Date(Date.now() + 30 * 86_400_000).toISOString().slice(0, 10))
  await form.getByRole('button', { name: 'Name a carer' }).click()
  const named = await page.getByText(/^Named\. They agree/).innerText()
  const childCode = /\S+-\S+-\S+/.exec(named.replaceAll(/[\u2066-\u2069]/g, ''))?.[0].replace(/\.$/, '') ?? ''

  await carer.go('#/people')
  const accept = carer.page.getByRole('form', { name: 'Act for somebody who named you' })
  await accept.getByLabel('Share code').fill(childCode)
  await accept.getByRole('button', { name: 'Agree' }).click()
  await expect(carer.page.getByText('You act for this person now')).toBeVisible()
  await carer.go(childAddress)
  await expect(carer.page.getByText('Record of Ela')).toBeVisible()
  await carer.page.reload() // the address is enough
  await expect(carer.page.getByText('Record of Ela')).toBeVisible()
  await carer.looksSound('a record of somebody else')
  await carer.page.getByRole('button', { name: 'Back to my record' }).click()
  await expect(carer.page.getByText(/^Record of/)).toHaveCount(0)

  const carers = page.getByRole('list', { name: 'Who acts in this record’s place' })
  const carerRow = carers.getByRole('listitem').filter({ hasNotText: 'You' })
  await carerRow.getByRole('button', { name: /^End what/ }).click()
  await page
    .getByRole('dialog')
    .getByRole('button', { name: /^End what/ })
    .click()
  await expect(carerRow).toHaveCount(0)
  await carer.page.reload()
  await carer.go(childAddress)
  await expect(carer.page.getByRole('heading', { name: 'This record cannot be opened' })).toBeVisible()

  await page.getByRole('button', { name: 'Back to my record' }).click()
  await expect(page.getByText('Of the parent')).toBeVisible()

  // A second sign-in of the parent's.
  const second = await people.arrives('second', { size: PHONE })
  await second.page.getByRole('link', { name: 'I lost my sign-in' }).click()
  await second.signIn()
  const added = await second.page.getByTestId('new-code').innerText()
  await parent.go('#/people')
  const offer = page.getByRole('form', { name: 'Add a sign-in' })
  await offer.getByLabel('Code of the new sign-in').fill(added)
  await offer.getByRole('button', { name: 'Offer it for ten minutes' }).click()
  await expect(page.getByText(/^Offered\./)).toBeVisible()
  await second.page.getByRole('radio', { name: 'A device where I am still signed in' }).check()
  await second.page.getByLabel('Your old share code').fill(parent.sdk.principal)
  await second.page.getByRole('button', { name: 'Get my health record' }).click()
  await second.isHome()
  await expect(second.page.getByText('Of the parent')).toBeVisible()
})
