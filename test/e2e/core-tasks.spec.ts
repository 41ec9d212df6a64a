import { done, type Person } from './fixtures/person.ts'
import { slowLink } from './fixtures/slow-link.ts'
import { DESKTOP, expect, type How, type People, PHONE, test } from './fixtures/test.ts'

// What people come for, one after the other, over a slow line: ten tasks of a patient. Each has tests of its own; here they have to work together, for somebody
// who waits.

const HOUR_NS = 3_600_000_000_000n

for (const [device, size] of [
  ['a phone', PHONE],
  ['a computer', DESKTOP],
] as const) {
  test(`on ${device} and a slow line a patient adds, finds, sees a trend, shares, answers, stops, checks the log, and goes on`, async ({
    people,
    baseURL,
  }) => {
    test.setTimeout(170_000)
    const line = await slowLink(Number(new URL(baseURL ?? '').port))
    try {
      await tenTasks(people, { size, proxy: line.proxy })
    } finally {
      await line.close()
    }
  })
}

async function tenTasks(people: People, how: How & { readonly size: typeof PHONE }): Promise<void> {
  const clinician = await people.arrives('clinician')
  done(await clinician.sdk.enrol())
  const patient = await people.arrives('patient', how)
  const { page } = patient
  await patient.signIn()

  await test.step('emergency contacts, in the first run', async () => {
    await page.getByRole('button', { name: 'Set up my health record' }).click()
    await page.getByRole('button', { name: 'Not now: remind me on Home' }).click()
    await page.getByRole('button', { name: 'Add a contact' }).click()
    await page.getByRole('textbox', { name: 'Name', exact: true }).fill('Jan Novák')
    await page.getByLabel('Phone').fill('+420 601 000 000')
    await page.getByRole('button', { name: 'Save' }).click()
    await expect(page.getByText(/^Saved at/)).toBeVisible()
    await page.getByRole('button', { name: 'Go to Home' }).click()
    await patient.isHome()
  })

  await test.step('add', async () => {
    for (const [value, day] of [
      ['138', '2024-05-12'],
      ['131', '2025-05-14'],
    ] as const) {
      await patient.go('#/forms')
      await page.getByRole('link', { name: /^Lab result/ }).click()
      await page.getByLabel('Test').fill('Haemoglobin')
      await page.getByLabel('Result').fill(value)
      await page.getByLabel('Unit').fill('g/L')
      await page.getByLabel('Day of the sample').fill(day)
      await page.getByRole('button', { name: 'Save record' }).click()
      await expect(page.getByText(/^Saved at/)).toBeVisible({ timeout: 30_000 })
    }
  })

  await test.step('find', async () => {
    await patient.go('#/records')
    await page.getByRole('searchbox', { name: 'Search my records' }).fill('hemoglobin 131')
    await page.getByRole('link', { name: /Haemoglobin: 131/ }).click()
    await expect(page.getByRole('region', { name: 'Haemoglobin' })).toContainText('131 g/L')
  })

  await test.step('trend', async () => {
    await patient.go('#/trends')
    await page.getByRole('button', { name: 'Show my values' }).click()
    await expect(page.getByRole('figure', { name: /^Haemoglobin: latest 131 g\/L/ })).toBeVisible({ timeout: 30_000 })
  })

  await test.step('share', () => share(patient, clinician.sdk.principal, how.size === PHONE))
  const [grant] = done(await clinician.sdk.sharesReceived())
  const grantId = grant?.grantId ?? ''
  expect(done(await clinician.sdk.list({ of: 'grant', grantId }))).toHaveLength(2)

  await test.step('narrow a request', async () => {
    const wanted = { categories: ['labs', 'medicines'], rights: ['list', 'open'], purpose: 'TREAT' } as const
    const periods = { periodNs: 24n * HOUR_NS, expiresNs: BigInt(Date.now()) * 1_000_000n + 24n * HOUR_NS }
    done(await clinician.sdk.requestAccess({ patient: patient.sdk.principal, ...wanted, ...periods }))
    await patient.go('#/requests')
    await page.getByRole('button', { name: /^Approve less/ }).click()
    await page.getByRole('checkbox', { name: 'Lab results' }).uncheck()
    await page.getByRole('button', { name: 'Share', exact: true }).click()
    await expect(page.getByText(/^Shared /)).toBeVisible({ timeout: 30_000 })
    const scopes = done(await clinician.sdk.sharesReceived()).map(({ scope }) => scope)
    expect(scopes).toEqual([['labs'], ['medicines']])
  })

  await test.step('revoke', async () => {
    await patient.go('#/sharing')
    const labs = page.getByRole('listitem').filter({ hasText: 'Lab results' })
    await labs.getByRole('button', { name: /^Stop sharing with/ }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Stop sharing' }).click()
    await expect(labs.getByRole('button', { name: /^Stop sharing with/ })).toHaveCount(0, { timeout: 30_000 })
    expect((await clinician.sdk.list({ of: 'grant', grantId })).kind).toBe('refused')
  })

  await test.step('check who looked, and verify', async () => {
    await patient.go('#/log')
    await expect(page.getByText('This log is complete and unaltered.')).toBeVisible({ timeout: 30_000 })
    await page.getByLabel('Person', { exact: true }).selectOption(clinician.sdk.principal)
    await expect(
      page
        .getByRole('main')
        .getByText(/looked (through|at the list of) .*Lab results/)
        .first(),
    ).toBeVisible()
  })

  await test.step('export and import again', async () => {
    await page.addInitScript(() => Reflect.deleteProperty(window, 'showSaveFilePicker')) // its window is the browser's own
    await page.reload()
    await patient.go('#/vault')
    const downloads = page.waitForEvent('download')
    await page.getByRole('button', { name: 'Make a copy' }).click()
    const archive = await (await downloads).path()
    const key = await page.getByTestId('archive-key').innerText()
    const other = await people.isHome('other', how)
    await other.go('#/vault')
    await other.page.getByLabel('File with the copy').setInputFiles(archive)
    await other.page.getByLabel('Key of the copy').fill(key)
    await other.page.getByRole('button', { name: 'Put it back' }).click()
    await expect(other.page.getByText(/^Put back: /)).toBeVisible({ timeout: 30_000 })
    expect(done(await other.sdk.profile())?.emergencyContacts).toEqual([
      { name: 'Jan Novák', phone: '+420 601 000 000' },
    ])
  })

  await test.step('switch profile', async () => {
    await patient.go('#/people')
    await page.getByRole('button', { name: 'Make a record for a child' }).click()
    const child = page.getByRole('listitem').filter({ hasText: 'a child' })
    await child.getByRole('button', { name: /^Open the record of/ }).click({ timeout: 30_000 })
    await expect(page.getByText(/^Record of/)).toBeVisible()
    await expect(page.getByText('Haemoglobin')).toHaveCount(0)
    await page.getByRole('button', { name: 'Back to my record' }).click()
    await patient.go('#/records')
    await expect(page.getByRole('link', { name: /Haemoglobin: 131/ })).toBeVisible()
  })
}

async function share(patient: Person, code: string, inSteps: boolean): Promise<void> {
  const { page } = patient
  const next = async () => {
    if (inSteps) await page.getByRole('button', { name: 'Next' }).click()
  }
  await patient.go('#/share')
  await page.getByLabel('Their share code').fill(code)
  await next()
  await page.getByRole('checkbox', { name: 'Lab results' }).check()
  await next()
  await page.getByRole('radio', { name: /1 day/i }).check()
  await page.getByRole('radio', { name: 'Treatment' }).check()
  await next()
  await page.getByRole('button', { name: 'Share', exact: true }).click()
  await expect(page.getByText(/^Shared at/)).toBeVisible({ timeout: 30_000 })
}
