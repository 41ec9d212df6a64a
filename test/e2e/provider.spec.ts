import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { done } from './fixtures/person.ts'
import { day, pulses, TREATED } from './fixtures/treated.ts'
import { DESKTOP, expect, PHONE, test } from './fixtures/test.ts'

// The road of somebody who treats: asks, reads what a patient lets them, and adds to it, beside that patient's own browser.

const grantIdOf = (url: string) => /patients\/([0-9a-f]{32})/.exec(url)?.[1] ?? ''

for (const [name, size] of Object.entries({ desktop: DESKTOP, phone: PHONE })) {
  test(`whoever treats asks, reads, and adds, on a ${name}`, async ({ people }) => {
    test.slow()
    const clinician = await people.isHome('clinician', { size })
    const patient = await people.isHome('patient', { size: PHONE, with: [...TREATED, pulses('labs', 19, [66, 71])] })
    const { page } = clinician

    await clinician.go('#/provider?tab=asked')
    await expect(page.getByText('You have asked nobody')).toBeVisible()
    await page.getByRole('link', { name: 'Ask for access' }).first().click()
    await page.getByRole('button', { name: 'Send the request' }).click()
    await expect(page.getByRole('alert').getByRole('link')).toHaveCount(5) // nothing is filled in for anybody
    await clinician.looksSound('a request with mistakes')
    for (const choice of await page.locator('main input[type=radio], main input[type=checkbox]').all())
      await expect(choice).not.toBeChecked()
    await page.getByLabel('The patient’s share code').fill(patient.sdk.principal)
    await page.getByRole('radio', { name: 'Treatment' }).check()
    for (const wanted of ['Health summary', 'Lab results', 'Medicines', 'Open records', 'Add records'])
      await page.getByRole('checkbox', { name: wanted }).check()
    await page.getByRole('radio', { name: '7 days' }).check()
    await expect(page.getByText(/^You ask .* to let you open and add records of these kinds/)).toBeVisible()
    await page.getByRole('button', { name: 'Send the request' }).click()
    await expect(page.getByText(/^Sent at/)).toBeVisible()

    // The patient's code is read from the picture of it that the patient's own page draws.
    await patient.go('#/settings')
    await patient.page.getByRole('button', { name: 'Show as QR code' }).click()
    const picture = await patient.page.getByRole('figure', { name: 'Your share code as a QR code' }).screenshot()
    await page.getByRole('button', { name: 'Ask somebody else' }).click()
    const fromPicture = (buffer: Buffer) =>
      page.getByLabel('Read from a picture').setInputFiles({ name: 'code.png', mimeType: 'image/png', buffer })
    await fromPicture(await patient.page.getByRole('heading', { level: 1 }).screenshot())
    await expect(page.getByText('No code in this picture')).toBeVisible()
    await page.getByRole('button', { name: 'Read with the camera' }).click()
    await expect(page.getByText('The camera cannot be used')).toBeVisible() // there is none here
    await fromPicture(picture)
    await expect(page.getByLabel('The patient’s share code')).toHaveValue(patient.sdk.principal)

    // A second one is withdrawn before anybody answers it.
    await page.getByRole('radio', { name: 'Insurance' }).check()
    await page.getByRole('checkbox', { name: 'Sensitive' }).check()
    await page.getByRole('checkbox', { name: 'Open records' }).check()
    await page.getByRole('radio', { name: '1 hour' }).check()
    await page.getByRole('button', { name: 'Send the request' }).click()
    await page.getByRole('button', { name: 'See what I asked' }).click()
    const asked = page.getByRole('list', { name: 'Asked' }).getByRole('listitem')
    await expect(asked).toHaveCount(2)
    const second = asked.filter({ hasText: 'Insurance' })
    await second.getByRole('button', { name: /^Withdraw/ }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Withdraw' }).click()
    await expect(second).toContainText('Withdrawn')
    await expect(second.getByRole('button')).toHaveCount(0)

    await patient.go('#/requests')
    const waiting = patient.page.getByRole('listitem').filter({ hasText: 'Treatment' })
    await waiting.getByRole('button', { name: /^Approve less/ }).click()
    await patient.page.getByRole('checkbox', { name: 'Medicines' }).uncheck()
    await patient.page.getByRole('button', { name: 'Share', exact: true }).click()
    await expect(patient.page.getByText(/^Shared /)).toBeVisible()

    // Answered: the list says so by itself. What must be seen first stands first.
    const answered = asked.filter({ hasText: 'Treatment' })
    await expect(answered).toContainText('Approved in part')
    await answered.getByRole('link', { name: /^Open the records of/ }).click()
    const summary = page.getByRole('region', { name: 'Summary' })
    await expect(summary.getByRole('table', { name: 'Allergies' })).toContainText('Penicillin')
    await expect(summary.getByRole('table', { name: 'Last result of each test' })).toContainText(/7.8 mmol\/L.*High/s)
    await expect(summary.getByRole('table', { name: 'Last result of each test' })).toContainText(/Pulse.*71 .min/s)
    const banner = page.getByRole('region', { name: 'Access to these records' })
    await expect(banner).toContainText('Ines Vidal')
    await expect(banner).toContainText(/born .*1971/)
    await expect(banner).toContainText(/What for: Treatment.*Access until/s)
    // What the patient left out is not there, and nothing says whether there is any.
    await expect(page.getByText(/Metformin|Medicines/)).toHaveCount(0)
    await expect(page.getByRole('region', { name: 'What is shared with you' })).toContainText(
      'Health summary and Lab results',
    )

    await clinician.looksSound('a patient’s summary')
    await summary.getByRole('link', { name: 'Earlier results' }).click()
    await page.getByLabel('Which test?').fill('TSH')
    await expect(page.getByText('No result in this time among what is shared with you')).toBeVisible()
    await page.getByLabel('Which test?').fill('14749-6')
    await expect(page.getByText('Already done: 2 results')).toBeVisible()
    await expect(page.getByRole('figure')).toBeVisible()
    await page.getByRole('radio', { name: '90 days' }).check()
    await expect(page.getByText('Already done: 1 result')).toBeVisible()
    const isDesktop = name === 'desktop' // the ways out are the same on both
    if (isDesktop) {
      await page.getByRole('button', { name: 'Text to copy' }).click()
      await expect(page.getByRole('button', { name: 'Copy the text' })).toBeVisible()
      await page.getByRole('button', { name: 'Print', exact: true }).click()
      await expect(page.getByRole('button', { name: 'Print it now' })).toBeVisible()
      await page.emulateMedia({ media: 'print' })
      await expect(page.locator('.mg-sheet:visible')).toContainText(/Ines Vidal.*Glucose.*7.8 mmol\/L/s)
      await page.emulateMedia({ media: 'screen' })
    }
    await page.getByRole('table', { name: 'Glucose' }).getByRole('link', { name: 'Glucose' }).click()
    await expect(page.getByRole('heading', { name: 'Fasting glucose' })).toBeVisible()
    const files: string[] = []
    const save = async () => {
      const saved = page.waitForEvent('download')
      await page.getByRole('button', { name: 'Save the file' }).click()
      files.push(readFileSync(await (await saved).path(), 'utf8'))
    }
    if (isDesktop) {
      const paper = page.locator('.mg-sheet:visible')
      await page.emulateMedia({ media: 'print' })
      await expect(paper).toHaveText(/^To take it out of here/) // whatever the browser's own menu prints
      await page.emulateMedia({ media: 'screen' })
      await page.getByRole('button', { name: 'Save to disk' }).click()
      await save()
      await page.getByRole('button', { name: 'Print', exact: true }).click()
      await expect(page.getByRole('button', { name: 'Print it now' })).toBeVisible()
      await page.emulateMedia({ media: 'print' })
      await expect(paper).toHaveText(/Ines Vidal.*Fasting glucose.*- Glucose; 7.8 mmol\/L/s)
      await page.emulateMedia({ media: 'screen' })
      await page.getByRole('button', { name: 'Text to copy' }).click()
      await expect(page.getByRole('button', { name: 'Copy the text' })).toBeVisible()
    }

    // What is taken along is in the patient's log before it is handed out.
    await page.getByRole('link', { name: 'All shared records' }).click()
    await page.getByRole('button', { name: 'FHIR file' }).click()
    await save()
    const bundle = files.at(-1) ?? ''
    expect(JSON.parse(bundle)).toMatchObject({ resourceType: 'Bundle', type: 'collection' })
    expect(bundle).toContain('Penicillin')
    expect(bundle).toMatch(/"value": 66,[^]*"Watch 2"[^]*"value": 71,/) // what a device sent, each reading
    await page.getByRole('button', { name: 'Print', exact: true }).click()
    await expect(page.getByRole('button', { name: 'Print it now' })).toBeVisible()
    await clinician.looksSound('something to take along')
    await page.emulateMedia({ media: 'print' })
    await expect(page.locator('.mg-sheet:visible')).toContainText(/Ines Vidal.*- Penicillin; Risk: high/s)
    await page.emulateMedia({ media: 'screen' })
    const taken = done(await patient.sdk.log('patient', { event: 'exported' })).items
    expect(taken.map(({ actor, objectId, purpose, details }) => [actor, objectId, purpose, details['count']])).toEqual(
      [...(isDesktop ? [1, 1, 1, 1, 1] : []), 5, 5].map((count) => [
        clinician.sdk.principal,
        grantIdOf(page.url()),
        'TREAT',
        count,
      ]),
    )
    const hashes = taken.map(({ details }) => details['archiveHash'])
    for (const file of files) expect(hashes).toContain(createHash('sha256').update(file).digest('hex'))

    // What somebody adds is signed, and corrected as a new version.
    await page.getByRole('link', { name: 'Add a record' }).click()
    await expect(page.locator('.mg-kinds').getByRole('listitem')).toHaveText([
      'Allergy',
      'Condition',
      'Lab result',
      /^A file/,
    ])
    await page.getByRole('link', { name: 'Lab result' }).click()
    await page.getByLabel('Test', { exact: true }).fill('Haemoglobin')
    await page.getByLabel('Result').fill('14.1')
    await page.getByLabel(/^Unit/).fill('g/dL')
    await page.getByLabel('Day of the sample').fill(day(1))
    await page.goBack()
    await page.goForward() // what is typed is still there
    await expect(page.getByLabel('Result')).toHaveValue('14.1')
    await expect(page.getByText('This device has no key to sign with yet.')).toBeVisible()
    await page.getByRole('button', { name: 'Sign and send' }).click()
    await expect(page.getByText(/^Sent at/)).toBeVisible({ timeout: 30_000 })
    await page.getByRole('link', { name: 'Open it' }).click()
    await page.getByRole('link', { name: 'Correct' }).click()
    await expect(page.getByLabel('Result')).toHaveValue('14.1')
    await page.getByLabel('Result').fill('13.1')
    await expect(page.getByText(/^Signed with the key of this device/)).toBeVisible()
    await page.getByRole('button', { name: 'Sign and send' }).click()
    await expect(page.getByText('is now version 2')).toBeVisible({ timeout: 30_000 })
    const stored = done(await patient.sdk.list({ of: 'me' }, ['labs'])).find(({ version }) => version === 2)
    expect(stored).toMatchObject({
      title: 'Haemoglobin: 13.1 g/dL',
      depositedBy: clinician.sdk.principal,
      signature: { kind: 'signed', by: clinician.sdk.principal },
    })

    // Access ends while something is typed: what was read is gone at once, what was typed is its author's.
    await clinician.go(`#/provider/patients/${grantIdOf(page.url())}/add/allergy`)
    await page.getByLabel('Allergic to').fill('Latex, as she told me')
    await patient.go('#/sharing')
    await patient.page.getByRole('button', { name: /^Stop sharing/ }).click()
    await patient.page
      .getByRole('dialog')
      .getByRole('button', { name: /^Stop sharing/ })
      .click()
    await expect(page.getByText(/^Access ended at/)).toBeVisible({ timeout: 30_000 })
    await expect(page.getByText(/Penicillin|Ines Vidal|Haemoglobin/)).toHaveCount(0)
    await expect(page.getByRole('region', { name: 'What you had typed' })).toContainText('Latex, as she told me')
    await clinician.looksSound('access that ended while something was typed')
    await page.getByRole('button', { name: 'Throw it away' }).click()
    await expect(page.getByText('What you had typed')).toHaveCount(0)
    await page.keyboard.press('Alt+l')
    await expect(page.getByRole('button', { name: /sign in/i })).toBeVisible()
  })
}
