import { done } from './fixtures/person.ts'
import { DESKTOP, expect, PHONE, test } from './fixtures/test.ts'

// Somebody is let send, and sees nothing. What they send waits where nobody but the patient sees it, until it is taken in or deleted (keys.md, section 12).

test('a laboratory is let send to the inbox and sees nothing; what it sent is looked at, taken in or deleted', async ({
  people,
}) => {
  test.slow()
  const laboratory = await people.isHome('laboratory', { size: DESKTOP })
  const patient = await people.isHome('patient', { size: PHONE })
  const { page } = patient
  const grantee = laboratory.sdk.principal

  await patient.go('#/more')
  await page.getByRole('link', { name: 'Inbox' }).click()
  await expect(page.getByText('Nothing waits here')).toBeVisible()
  await page.getByRole('button', { name: 'Let somebody send you records' }).click()
  await page.getByLabel('Their share code').fill(grantee)
  const next = page.getByRole('button', { name: 'Next' })
  await next.click()
  await expect(page.getByRole('radio', { name: 'Nothing: they may send me records' })).toBeChecked()
  await next.click()
  await page.getByRole('radio', { name: '7 days' }).check()
  await page.getByRole('radio', { name: 'Treatment' }).check()
  await next.click()
  await expect(page.getByText(/can send records to your inbox until .*, to treat you. They see nothing/)).toBeVisible()
  await page.getByRole('button', { name: 'Let them send' }).click()
  await expect(page.getByText(/^Allowed at/)).toBeVisible()
  const [given] = done(await patient.sdk.sharesGiven())
  expect(given).toMatchObject({ grantee, scope: ['inbox'], rights: ['write'], state: 'live' })

  // In its worklist the laboratory finds whom it may send to, and nothing to read.
  await laboratory.go('#/provider')
  const worklist = laboratory.page.getByRole('list', { name: 'Shared with me' })
  await worklist.getByRole('link', { name: /^Send records to/ }).click()
  await expect(laboratory.page.getByText('You may send records here, and see none')).toBeVisible()
  await laboratory.page.getByRole('link', { name: 'Send a record' }).click()
  await laboratory.page.getByRole('link', { name: 'Lab result' }).click()
  await laboratory.page.getByLabel('Test', { exact: true }).fill('Potassium')
  await laboratory.page.getByLabel('Result').fill('4.1')
  await laboratory.page.getByLabel(/^Unit/).fill('mmol/L')
  await laboratory.page.getByLabel('Day of the sample').fill('2025-05-12')
  await laboratory.page.getByRole('button', { name: 'Sign and send' }).click()
  await expect(laboratory.page.getByText('is in the patient’s inbox')).toBeVisible({ timeout: 30_000 })
  const content = { bytes: new TextEncoder().encode('Somebody else’s'), mediaType: 'text/plain' }
  const about = { title: 'Somebody else’s', fileName: null, clinicalDate: null, category: 'labs' } as const
  done(await laboratory.sdk.deposit(given?.grantId ?? '', { ...content, ...about }))

  await patient.go('#/records')
  await expect(page.getByText('No records yet')).toBeVisible()
  await patient.go('#/inbox')
  const waiting = page.getByRole('list', { name: 'What waits for you' }).getByRole('listitem')
  await expect(waiting).toHaveCount(2)
  const wanted = waiting.filter({ hasText: 'Potassium' })
  await expect(wanted).toContainText('No verified organisation vouches for this code')
  await wanted.getByRole('button', { name: /^Look at “Potassium/ }).click()
  await expect(wanted.getByText('4.1 mmol/L').last()).toBeVisible()
  await wanted.getByRole('button', { name: 'Take it in' }).click() // nothing is chosen beforehand
  await expect(wanted.getByText('Choose which kind of record it is.')).toBeVisible()
  await patient.looksSound('an inbox with something looked at')
  await wanted.getByRole('radio', { name: 'Lab results' }).check()
  await wanted.getByRole('button', { name: 'Take it in' }).click()
  await expect(waiting).toHaveCount(1, { timeout: 30_000 }) // opened, sealed anew and stored
  const [taken] = done(await patient.sdk.list({ of: 'me' }))
  expect(taken).toMatchObject({ title: 'Potassium: 4.1 mmol/L', category: 'labs', origin: { storedBy: grantee } })

  await page.getByRole('button', { name: /^Delete / }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click()
  await expect(page.getByText('Nothing waits here')).toBeVisible()
  expect(done(await patient.sdk.inbox())).toEqual([])

  // It sees nobody's records, so it is among those who may send; and it is stopped like any share, here or in the inbox.
  await patient.go('#/sharing')
  await expect(page.getByText('You are not sharing anything')).toBeVisible()
  const senders = page.getByRole('list', { name: 'Who may send you records' }).getByRole('listitem')
  await expect(senders).toContainText('May send you records, sees nothing')
  await patient.go('#/inbox')
  await senders.getByRole('button', { name: /^Stop sharing/ }).click()
  await expect(page.getByRole('dialog')).toContainText('What they sent before stays in your inbox')
  await page
    .getByRole('dialog')
    .getByRole('button', { name: /^Stop sharing/ })
    .click()
  await expect(senders).toHaveCount(0)
  expect(await laboratory.sdk.deposit(given?.grantId ?? '', { ...content, ...about })).toMatchObject({
    kind: 'refused',
    refusal: { kind: 'ConsentEnded' },
  })
  await expect(laboratory.page.getByText(/^Access ended at/)).toBeVisible({ timeout: 30_000 })
  await patient.go('#/records')
  await expect(page.getByRole('link', { name: /Potassium/ })).toBeVisible()
})
