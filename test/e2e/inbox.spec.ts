import { done } from './fixtures/person.ts'
import { expect, PHONE, test } from './fixtures/test.ts'

// What others send waits where nobody but the patient sees it, until it is taken in or deleted (keys.md, section 12).

test('what a laboratory sent is looked at in the inbox, taken in as a kind of record, or deleted', async ({
  people,
}) => {
  const laboratory = await people.arrives('laboratory')
  done(await laboratory.sdk.enrol())
  const patient = await people.isHome('patient', { size: PHONE })
  const { page } = patient
  const startNs = BigInt(Date.now()) * 1_000_000n
  const terms = { rights: ['write'], purpose: 'TREAT', startNs, endNs: startNs + 3_600_000_000_000n } as const
  const scope = { categories: [], inbox: true } as const
  const grantee = laboratory.sdk.principal
  const { grantId } = done(await patient.sdk.share({ grantee, scope, ...terms }))
  for (const title of ['Potassium', 'Somebody else’s']) {
    const content = { bytes: new TextEncoder().encode(`${title}: 4.1 mmol/L`), mediaType: 'text/plain' }
    const about = { title, fileName: null, clinicalDate: null, category: 'labs' } as const
    done(await laboratory.sdk.deposit(grantId, { ...content, ...about }))
  }

  await patient.go('#/records')
  await expect(page.getByText('No records yet')).toBeVisible()
  await patient.go('#/more')
  await page.getByRole('link', { name: 'Inbox' }).click()
  const waiting = page.getByRole('list', { name: 'What waits for you' }).getByRole('listitem')
  await expect(waiting).toHaveCount(2)
  const wanted = waiting.filter({ hasText: 'Potassium' })
  await expect(wanted).toContainText('No verified organisation vouches for this code')
  await wanted.getByRole('button', { name: 'Look at “Potassium”' }).click()
  await expect(page.getByText('Potassium: 4.1 mmol/L')).toBeVisible()
  await wanted.getByRole('button', { name: 'Take it in' }).click() // nothing is chosen beforehand
  await expect(wanted.getByText('Choose which kind of record it is.')).toBeVisible()
  await wanted.getByRole('radio', { name: 'Lab results' }).check()
  await wanted.getByRole('button', { name: 'Take it in' }).click()
  await expect(waiting).toHaveCount(1)
  const [taken] = done(await patient.sdk.list({ of: 'me' }))
  expect(taken).toMatchObject({ title: 'Potassium', category: 'labs', origin: { storedBy: grantee } })

  await page.getByRole('button', { name: /^Delete / }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click()
  await expect(page.getByText('Nothing waits here')).toBeVisible()
  expect(done(await patient.sdk.inbox())).toEqual([])
  await patient.go('#/records')
  await expect(page.getByRole('link', { name: /Potassium/ })).toBeVisible()
})
