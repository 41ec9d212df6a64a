import { DESKTOP, expect, PHONE, test } from './fixtures/test.ts'

// The road of somebody who treats: asks, and reads what a patient lets them, beside that patient's own browser.

for (const [name, size] of Object.entries({ DESKTOP, PHONE })) {
  test(`whoever treats asks for access and gets less than that, at the size of ${name}`, async ({ people }) => {
    test.slow()
    const clinician = await people.isHome('clinician', { size })
    const patient = await people.isHome('patient', { size: PHONE })
    const { page } = clinician

    await clinician.go('#/provider?tab=asked')
    await expect(page.getByText('You have asked nobody')).toBeVisible()
    await page.getByRole('link', { name: 'Ask for access' }).first().click()
    await page.getByRole('button', { name: 'Send the request' }).click()
    await expect(page.getByRole('alert').getByRole('link')).toHaveCount(5) // nothing is filled in for anybody
    for (const choice of await page.locator('main input[type=radio], main input[type=checkbox]').all())
      await expect(choice).not.toBeChecked()
    await page.getByLabel('The patient’s share code').fill(patient.sdk.principal)
    await page.getByRole('radio', { name: 'Treatment' }).check()
    await page.getByRole('checkbox', { name: 'Lab results' }).check()
    await page.getByRole('checkbox', { name: 'Medicines' }).check()
    await page.getByRole('checkbox', { name: 'Open records' }).check()
    await page.getByRole('checkbox', { name: 'Add records' }).check()
    await page.getByRole('radio', { name: '7 days' }).check()
    await expect(page.getByText(/^You ask .* to let you open and add records of these kinds/)).toBeVisible()
    await page.getByRole('button', { name: 'Send the request' }).click()
    await expect(page.getByText(/^Sent at/)).toBeVisible()

    // A second one is withdrawn before anybody answers it.
    await page.getByRole('button', { name: 'Ask somebody else' }).click()
    await page.getByLabel('The patient’s share code').fill(patient.sdk.principal)
    await page.getByRole('radio', { name: 'Insurance' }).check()
    await page.getByRole('checkbox', { name: 'Sensitive' }).check()
    await page.getByRole('checkbox', { name: 'Open records' }).check()
    await page.getByRole('radio', { name: '1 hour' }).check()
    await page.getByRole('button', { name: 'Send the request' }).click()
    await page.getByRole('button', { name: 'See what I asked' }).click()
    const asked = page.getByRole('list', { name: 'Asked' }).getByRole('listitem')
    await expect(asked).toHaveCount(2)
    await asked
      .filter({ hasText: 'Insurance' })
      .getByRole('button', { name: /^Withdraw/ })
      .click()
    await page.getByRole('dialog').getByRole('button', { name: 'Withdraw' }).click()
    await expect(asked.filter({ hasText: 'Insurance' })).toContainText('Withdrawn')
    await expect(asked.filter({ hasText: 'Insurance' }).getByRole('button')).toHaveCount(0)

    await patient.go('#/requests')
    const waiting = patient.page.getByRole('listitem').filter({ hasText: 'Treatment' })
    await waiting.getByRole('button', { name: /^Approve less/ }).click()
    await patient.page.getByRole('checkbox', { name: 'Medicines' }).uncheck()
    await patient.page.getByRole('button', { name: 'Share', exact: true }).click()
    await expect(patient.page.getByText(/^Shared /)).toBeVisible()

    // Answered: the list says so by itself.
    const answered = asked.filter({ hasText: 'Treatment' })
    await expect(answered).toContainText('Approved in part')
    await answered.getByRole('link', { name: /^Open the records of/ }).click()
    await expect(page.getByText('Nothing to see here yet')).toBeVisible()
  })
}
