import { readFileSync } from 'node:fs'
import type { NewAccessRequest } from '@medguard/client'
import { decodeEvidence } from '@medguard/verifier'
import { done } from './fixtures/person.ts'
import { expect, PHONE, test } from './fixtures/test.ts'

// What others ask of a patient, and what the patient lays down for all sharing, on a phone.

const NS_PER_HOUR = 3_600_000_000_000n

test('a request is narrowed, one is approved as asked, one is declined, one blocked; then all is paused, and nobody may ask', async ({
  people,
}) => {
  test.slow()
  const clinician = await people.arrives('clinician')
  done(await clinician.sdk.enrol())
  const patient = await people.isHome('patient', {
    size: PHONE,
    with: [
      { title: 'Blood count', content: 'haemoglobin' },
      { title: 'Note about sleep', content: 'badly', more: { category: 'sensitive' } },
      { title: 'Letter', content: 'not asked for', more: { category: 'documents' } },
    ],
  })
  const { page } = patient
  const ask = async (more: Partial<NewAccessRequest> = {}) =>
    done(
      await clinician.sdk.requestAccess({
        patient: patient.sdk.principal,
        categories: ['labs', 'medicines', 'sensitive'],
        rights: ['list', 'open', 'write'],
        purpose: 'TREAT',
        periodNs: 30n * 24n * NS_PER_HOUR,
        expiresNs: BigInt(Date.now()) * 1_000_000n + 24n * NS_PER_HOUR,
        ...more,
      }),
    ).askId
  const waiting = page.getByRole('list', { name: 'Requests that wait for your answer' }).getByRole('listitem')
  const past = page.getByRole('list', { name: 'Past requests' })

  await ask()
  await page.getByRole('button', { name: 'Look at it' }).click()
  await expect(waiting).toContainText('No verified organisation vouches for this code')
  await expect(waiting).toContainText(/Your answer.*left/s)
  await page.getByRole('button', { name: /^Approve the request/ }).click()
  const dialog = page.getByRole('dialog')
  await expect(dialog.getByRole('checkbox', { name: 'Sensitive' })).not.toBeChecked()
  await expect(dialog).toContainText(/everything in Lab results and Medicines, and anything new there, and add/)
  await patient.looksSound('a request about to be approved')
  await dialog.getByRole('button', { name: 'Back' }).click()
  await page.getByRole('button', { name: /^Approve less/ }).click()
  await expect(page.getByRole('checkbox', { name: 'Sensitive' })).not.toBeChecked()
  await page.getByRole('checkbox', { name: 'Lab results' }).uncheck()
  await page.getByRole('checkbox', { name: 'Medicines' }).uncheck()
  await page.getByRole('button', { name: 'Share', exact: true }).click()
  await expect(page.getByRole('alert')).toContainText('Tick at least one kind of record.')
  await patient.looksSound('a request being narrowed, with a mistake')
  await page.getByRole('checkbox', { name: 'Lab results' }).check()
  await page.getByRole('checkbox', { name: 'Add records' }).uncheck()
  await page.getByRole('radio', { name: '24 hours' }).check()
  await expect(page.getByText('24 hours instead of 30 days')).toBeVisible()
  await expect(page.getByText('Without Medicines and Sensitive')).toBeVisible()
  await page.getByRole('button', { name: 'Share', exact: true }).click()
  await expect(page.getByText(/^Shared /)).toBeVisible()
  const [share] = done(await clinician.sdk.sharesReceived())
  expect(share).toMatchObject({ scope: ['labs'], rights: ['list', 'open'], state: 'live' })
  expect((share?.endNs ?? 0n) - (share?.startNs ?? 0n)).toBe(24n * NS_PER_HOUR)
  const grantId = share?.grantId ?? ''

  // All that is asked for, with what is sensitive ticked by itself: that, and nothing beside it.
  await ask()
  await patient.go('#/requests')
  await page.getByRole('button', { name: /^Approve the request/ }).click()
  await dialog.getByRole('checkbox', { name: 'Sensitive' }).check()
  await dialog.getByRole('button', { name: 'Approve' }).click()
  await expect(past.getByText('Approved', { exact: true })).toBeVisible()
  const whole = done(await clinician.sdk.sharesReceived()).find((each) => each.grantId !== grantId)
  expect(whole).toMatchObject({ rights: ['list', 'open', 'write'], purpose: 'TREAT', state: 'live' })
  expect(whole?.scope.toSorted()).toEqual(['labs', 'medicines', 'sensitive'])
  expect((whole?.endNs ?? 0n) - (whole?.startNs ?? 0n)).toBe(30n * 24n * NS_PER_HOUR)
  const wholeId = whole?.grantId ?? ''
  const titles = done(await clinician.sdk.list({ of: 'grant', grantId: wholeId })).map(({ title }) => title)
  expect(titles.toSorted()).toEqual(['Blood count', 'Note about sleep'])
  done(await patient.sdk.revoke(wholeId))

  const second = await ask()
  await patient.go('#/requests')
  await expect(past).toContainText('Approved in part')
  await page.getByRole('button', { name: /^Decline the request/ }).click()
  await dialog.getByRole('button', { name: 'Decline' }).click()
  await expect(past).toContainText('Declined')
  await expect(page.getByText('No one is asking.')).toBeVisible()
  const answer = done(await clinician.sdk.requests('sent')).find(({ askId }) => askId === second)
  expect(answer?.state).toBe('denied')

  const third = await ask()
  await page.getByRole('button', { name: /^Approve less/ }).click()
  done(await clinician.sdk.withdrawRequest(third))
  await expect(page.getByText('This request has ended')).toBeVisible()

  await ask()
  await patient.go('#/requests')
  await page.getByRole('button', { name: /^Block / }).click()
  await dialog.getByRole('button', { name: 'Block' }).click()
  await expect(page.getByText('No one is asking.')).toBeVisible()
  expect(await clinician.sdk.list({ of: 'grant', grantId })).toMatchObject({ kind: 'refused' })
  await page.getByRole('link', { name: 'Who may ask me' }).click()
  await page.getByRole('button', { name: /^Unblock/ }).click()
  await dialog.getByRole('button', { name: 'Unblock' }).click()
  await expect(page.getByText('You have blocked nobody.')).toBeVisible()
  expect(done(await clinician.sdk.list({ of: 'grant', grantId }))).toHaveLength(1)

  await page.getByRole('button', { name: 'Pause all sharing' }).click()
  await patient.looksSound('the question before a pause')
  await dialog.getByRole('button', { name: 'Pause all sharing' }).click()
  await expect(page.getByText(/^All sharing was paused/)).toBeVisible()
  expect(await clinician.sdk.list({ of: 'grant', grantId })).toMatchObject({ kind: 'refused' })
  await patient.looksSound('rules while all is paused')
  await page.getByRole('button', { name: 'Resume sharing' }).click()
  await dialog.getByRole('button', { name: 'Resume sharing' }).click()
  await expect(page.getByText(/^Sharing was resumed/)).toBeVisible()
  expect(done(await clinician.sdk.list({ of: 'grant', grantId }))).toHaveLength(1)

  await page.getByRole('checkbox', { name: 'Letters and documents' }).check()
  await page.getByRole('button', { name: 'Save what is sensitive' }).click()
  await expect(page.getByText(/^Saved /)).toHaveCount(1)
  await page.getByRole('radio', { name: 'Nobody' }).check()
  await page.getByRole('button', { name: 'Save who may ask' }).click()
  await expect(page.getByText(/^Saved /)).toHaveCount(2)
  const laid = done(await patient.sdk.rules())
  expect(laid).toMatchObject({ requestsFrom: 'nobody', sensitive: ['documents', 'sensitive'], blocked: [] })
  await ask()
  expect(done(await patient.sdk.requests('received')).filter(({ state }) => state === 'pending')).toEqual([])

  await page.getByRole('button', { name: 'Make the document' }).click()
  const saved = page.waitForEvent('download')
  await page.getByRole('button', { name: 'Save the document' }).click()
  const document: unknown = JSON.parse(readFileSync(await (await saved).path(), 'utf8'))
  const shares: unknown = expect.arrayContaining([expect.objectContaining({ grantId })])
  expect(document).toMatchObject({ rules: { requestsFrom: 'nobody' }, shares })

  // What the clinician did is in the log, where the patient does not recognise it.
  await patient.go('#/log')
  await expect(page.getByText('This log is complete and unaltered.')).toBeVisible()
  // Of one record there is what was done with it, by whomever.
  const about = page.getByLabel('Record', { exact: true })
  await about.selectOption({ label: 'Letter' })
  const list = page.getByRole('main').getByRole('listitem')
  await expect(list).toHaveText([/^You added .*Letter/])
  await about.selectOption('')
  await expect(list).not.toHaveCount(1)
  await page.getByLabel('Person', { exact: true }).selectOption(clinician.sdk.principal)
  // Of tomorrow there is nothing yet; of today there is what was done today.
  const entries = page
    .getByRole('main')
    .getByRole('listitem')
    .filter({ hasText: /looked/ })
  const day = (inDays: number) =>
    page.evaluate((days) => new Intl.DateTimeFormat('en-CA').format(Date.now() + days * 86_400_000), inDays)
  await page.getByLabel('From day').fill(await day(1))
  await expect(page.getByText('No entries of this kind')).toBeVisible()
  await page.getByLabel('From day').fill(await day(-1))
  await page.getByLabel('Until day').fill(await day(-1))
  await expect(page.getByText('No entries of this kind')).toBeVisible()
  await page.getByLabel('Until day').fill(await day(1))
  await expect(entries).not.toHaveCount(0)
  await page
    .getByRole('listitem')
    .filter({ hasText: /looked/ })
    .getByRole('button', { name: /^I don’t recognise this/ })
    .first()
    .click()
  await expect(dialog.getByRole('checkbox')).toHaveCount(2)
  for (const choice of await dialog.locator('input').all()) await expect(choice).not.toBeChecked()
  await dialog.getByRole('button', { name: 'Go on' }).click()
  await expect(dialog.getByText('Choose what it is about.')).toBeVisible()
  await patient.looksSound('an entry that is not recognised')
  await dialog.getByRole('radio', { name: 'I do not know this person' }).check()
  await dialog.getByRole('checkbox', { name: 'Stop the share that allowed it' }).check()
  await dialog.getByRole('checkbox', { name: 'Block this person' }).check()
  await dialog.getByRole('button', { name: 'Go on' }).click()
  await expect(dialog).toContainText(/The share was stopped .*The person was blocked .*number of this entry is/s)
  await dialog.getByRole('button', { name: 'Close' }).click()
  // Beside the entry, also after the page was loaded anew; and the entry leads to the share that allowed it.
  const said = page.getByText(/“I do not know this person”\. You stopped the share\. You blocked the person\./)
  await expect(said).toBeVisible()
  await patient.looksSound('a log with an entry that was not recognised')
  await page.reload()
  await expect(said).toBeVisible()
  await page
    .getByRole('listitem')
    .filter({ has: said })
    .getByRole('link', { name: /^You shared/ })
    .click()
  await expect(page.getByRole('list', { name: 'One share' })).toContainText('You stopped it')
  await patient.go('#/log')
  const stopped = done(await patient.sdk.sharesGiven()).find((each) => each.grantId === grantId)
  expect(stopped?.state).toBe('revoked')
  expect(done(await patient.sdk.rules()).blocked).toEqual([clinician.sdk.principal])
  await page.getByLabel('Person', { exact: true }).selectOption('Everybody')
  await page.getByRole('button', { name: 'Make evidence' }).click()
  const proof = page.waitForEvent('download')
  await page.getByRole('button', { name: 'Save the evidence' }).click()
  const evidence = decodeEvidence(readFileSync(await (await proof).path(), 'utf8'))
  expect(evidence.entries.length).toBeGreaterThan(10)
})
