import { expect, PHONE, test } from './fixtures/test.ts'

// An organisation from its registration to the day somebody leaves: through the page, in two browsers, on the real canisters.

const inDays = (days: number) => new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10)

test('an organisation is registered, invites somebody who accepts, and takes the access away again', async ({
  people,
}) => {
  test.slow() // its states are scanned as well
  const head = await people.isHome('head')
  const nurse = await people.isHome('nurse', { size: PHONE })
  const name = `Riverside ${head.name}`
  const { page } = head

  await head.go('#/provider/organisations')
  await expect(page.getByText('You are in no organisation')).toBeVisible()
  await page.getByRole('button', { name: 'Register an organisation' }).click()
  await expect(page.getByText('Write the name of the organisation.')).toBeVisible()
  await head.looksSound('an organisation being registered, with mistakes')
  await expect(page.getByText('Choose what kind of organisation it is.')).toBeVisible() // nothing is chosen beforehand
  await page.getByLabel('Name').fill(name)
  await page.getByRole('radio', { name: 'Hospital' }).check()
  await page.getByRole('button', { name: 'Register an organisation' }).click()
  await expect(page.getByText(`${name} is registered`)).toBeVisible()
  const standing = (of: typeof head) => of.page.getByRole('region', { name: 'Provider view' })
  await expect(standing(head)).toContainText(`${name}(not verified) · administrator`)
  await page.getByRole('link', { name: new RegExp(name) }).click()
  await expect(page.getByRole('heading', { level: 1, name })).toBeVisible()
  await expect(page.getByText('Nobody has verified it yet').first()).toBeVisible()

  await page.getByRole('link', { name: 'People', exact: true }).click()
  await page.getByRole('button', { name: 'Invite somebody' }).click()
  const form = page.getByRole('form', { name: 'Invite somebody' })
  await form.getByLabel('Their share code').fill(nurse.sdk.principal)
  await form.getByRole('checkbox', { name: 'nurse' }).check()
  await form.getByRole('checkbox', { name: 'administrator' }).check()
  await form.getByRole('button', { name: 'Invite' }).click()
  await expect(form.getByText('To administrate is a role of its own: leave the others out.')).toBeVisible()
  await form.getByRole('checkbox', { name: 'administrator' }).uncheck()
  await form.getByRole('button', { name: 'Invite' }).click()
  await expect(form.getByText('Choose a day in the next two years.')).toBeVisible()
  await form.getByLabel('Last day').fill(inDays(30))
  await form.getByRole('button', { name: 'Invite' }).click()
  await expect(page.getByText('Invited', { exact: true })).toBeVisible()
  await page.getByRole('button', { name: 'Close' }).click()
  const row = page.getByRole('listitem').filter({ hasText: 'nurse' })
  await expect(row).toContainText('Invited, not accepted yet')

  await nurse.go('#/provider/organisations')
  await expect(nurse.page.getByText(`${name} invites you`)).toBeVisible()
  await nurse.page.getByRole('button', { name: 'Become a member' }).click()
  await nurse.page.getByRole('link', { name: new RegExp(name) }).click()
  await expect(standing(nurse)).toContainText(/not verified.*nurse/)
  await expect(nurse.page.getByRole('link', { name: 'People', exact: true })).toHaveCount(0) // for administrators

  await page.getByRole('link', { name: 'About', exact: true }).click()
  await page.getByRole('link', { name: 'People', exact: true }).click()
  await expect(row).toContainText('Active')
  await head.looksSound('the people of an organisation')
  await row.getByRole('button', { name: /^Suspend/ }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Suspend' }).click()
  await expect(row).toContainText('Suspended')
  await expect(standing(nurse)).toContainText('In no organisation') // by itself
  await row.getByRole('button', { name: /^Remove/ }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click()
  await expect(row).toHaveCount(0)

  await page.getByRole('link', { name: 'What was opened' }).click()
  await expect(page.getByText(/complete and unaltered/)).toBeVisible()
  await nurse.go('#/provider')
  await nurse.go('#/provider/organisations')
  await expect(nurse.page.getByText('You are in no organisation')).toBeVisible()
})
