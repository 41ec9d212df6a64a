import type { Page } from '@playwright/test'
import { countPointers, finger, type Hands, keyboard } from './fixtures/hands.ts'
import { done } from './fixtures/person.ts'
import { slowLink } from './fixtures/slow-link.ts'
import { DESKTOP, expect, type How, type People, PHONE, test } from './fixtures/test.ts'

// What people come for, one after the other, over a slow line that breaks in between: ten tasks of a patient, with a finger on a phone and with nothing but a
// keyboard on a computer. Each has tests of its own; here they have to work together, for somebody who waits.

const HOUR_NS = 3_600_000_000_000n

const DEVICES = [
  { device: 'a phone', handsOn: finger, how: { size: PHONE, isMobile: true, hasTouch: true } },
  { device: 'a computer without a mouse', handsOn: keyboard, how: { size: DESKTOP } },
] as const

for (const { device, handsOn, how } of DEVICES) {
  test(`on ${device} and a slow line a patient adds, finds, sees a trend, shares, answers, stops, checks the log, and goes on`, async ({
    people,
    baseURL,
  }) => {
    test.setTimeout(400_000) // ten tasks, for somebody who waits
    const line = await slowLink(Number(new URL(baseURL ?? '').port))
    try {
      await tenTasks(people, { ...how, proxy: line.proxy }, handsOn)
    } finally {
      await line.close()
    }
  })
}

async function tenTasks(people: People, how: How, handsOn: (page: Page) => Hands): Promise<void> {
  const isPhone = handsOn === finger
  const clinician = await people.arrives('clinician')
  done(await clinician.sdk.enrol())
  const patient = await people.arrives('patient', how)
  const { page, context } = patient
  const { press, choose, write, writeDay, select } = handsOn(page)
  const mouse = await countPointers(page)
  const menu = page.getByRole('navigation', { name: 'Main' })
  const button = (name: string | RegExp) =>
    page.getByRole('button', { name, ...(typeof name === 'string' && { exact: true }) })
  const link = (name: string | RegExp) =>
    page.getByRole('main').getByRole('link', { name, ...(typeof name === 'string' && { exact: true }) })
  const goTo = (name: string) => press(menu.getByRole('link', { name, exact: true }))
  const goToMore = async (name: string) => {
    if (!isPhone) return goTo(name)
    await goTo('More')
    await press(link(name))
  }
  /** As somebody has it in a lift: what they pressed does not go through, says so, and has lost nothing. */
  const throughALift = async (pressed: () => Promise<void>, isSaid: () => Promise<void>) => {
    await context.setOffline(true)
    await pressed()
    await isSaid()
    await context.setOffline(false)
    await expect(page.getByText('You are offline.')).toHaveCount(0)
  }

  await test.step('sign in', async () => {
    const opened = page.waitForEvent('popup')
    await press(button(/^Sign in/))
    const provider = await opened
    const there = handsOn(provider)
    await there.write(provider.getByRole('textbox', { name: /your name/i }), patient.name)
    await there.press(provider.getByRole('button', { name: 'Continue' }))
  })

  await test.step('emergency contacts, in the first run', async () => {
    await press(button('Set up my health record'))
    await press(button('Not now: remind me on Home'))
    await press(button('Add a contact'))
    await write(page.getByRole('textbox', { name: 'Name', exact: true }), 'Jan Novák')
    await write(page.getByLabel('Phone'), '+420 601 000 000')
    await press(button('Save'))
    await expect(page.getByText(/^Saved at/)).toBeVisible()
    await press(button('Go to Home'))
    await patient.isHome()
  })

  await test.step('add', async () => {
    for (const [value, day] of [
      ['138', '2024-05-12'],
      ['131', '2025-05-14'],
    ] as const) {
      await goTo('Add')
      await press(link('Fill in a form'))
      await press(link(/^Lab result/))
      await write(page.getByLabel('Test'), 'Haemoglobin')
      await write(page.getByLabel('Result'), value)
      await write(page.getByLabel('Unit'), 'g/L')
      await writeDay(page.getByLabel('Day of the sample'), day)
      await press(button('Save record'))
      await expect(page.getByText(/^Saved at/)).toBeVisible({ timeout: 30_000 })
    }
  })

  await test.step('find', async () => {
    await goTo('Records')
    await write(page.getByRole('searchbox', { name: 'Search my records' }), 'hemoglobin 131')
    await press(link(/Haemoglobin: 131/))
    await expect(page.getByRole('region', { name: 'Haemoglobin' })).toContainText('131 g/L')
    const sentence = page.getByText('The red substance of the blood, which carries oxygen.')
    await expect(sentence).toBeHidden()
    await press(button('Haemoglobin'))
    await expect(sentence).toBeVisible()
    await page.keyboard.press('Escape')
    await expect(sentence).toBeHidden()
  })

  await test.step('trend', async () => {
    await goTo('Records')
    await press(link('Trends'))
    await press(button('Show my values'))
    await expect(page.getByRole('figure', { name: /^Haemoglobin: latest 131 g\/L/ })).toBeVisible({ timeout: 30_000 })
  })

  await test.step('share', async () => {
    const next = async () => {
      if (isPhone) await press(button('Next'))
    }
    await goTo('Sharing')
    await press(button('Share records').first())
    const code = page.getByLabel('Their share code')
    await write(code, clinician.sdk.principal)
    await next()
    await choose(page.getByRole('checkbox', { name: 'Lab results' }))
    await next()
    await choose(page.getByRole('radio', { name: /1 day/i }))
    await choose(page.getByRole('radio', { name: 'Treatment' }))
    await next()
    await press(page.getByText('See what they will see'))
    await expect(page.getByRole('list', { name: 'Records the recipient will see' }).getByRole('listitem')).toHaveCount(
      2,
    )
    // What became of it nobody knows, and the page says just that; once more is not twice.
    const unanswered = page.getByRole('alert').filter({ hasText: 'No answer came back' })
    await throughALift(
      () => press(button('Share')),
      () => expect(unanswered).toBeVisible({ timeout: 60_000 }),
    )
    await press(unanswered.getByRole('button', { name: 'Try again' }))
    await expect(page.getByText(/^Shared at/)).toBeVisible({ timeout: 30_000 })
  })
  const [grant, ...others] = done(await clinician.sdk.sharesReceived())
  expect(others).toEqual([])
  const grantId = grant?.grantId ?? ''
  expect(done(await clinician.sdk.list({ of: 'grant', grantId }))).toHaveLength(2)

  await test.step('narrow a request', async () => {
    const wanted = { categories: ['labs', 'medicines'], rights: ['list', 'open'], purpose: 'TREAT' } as const
    const periods = { periodNs: 24n * HOUR_NS, expiresNs: BigInt(Date.now()) * 1_000_000n + 24n * HOUR_NS }
    done(await clinician.sdk.requestAccess({ patient: patient.sdk.principal, ...wanted, ...periods }))
    await goTo('Sharing')
    await press(link('Requests'))
    await press(button(/^Approve less/))
    const labs = page.getByRole('checkbox', { name: 'Lab results' })
    await choose(labs)
    if (await labs.isChecked()) await page.keyboard.press('Space')
    await expect(labs).not.toBeChecked()
    await press(button('Share'))
    await expect(page.getByText(/^Shared /)).toBeVisible({ timeout: 30_000 })
    const scopes = done(await clinician.sdk.sharesReceived()).map(({ scope }) => scope)
    expect(scopes).toEqual([['labs'], ['medicines']])
  })

  await test.step('revoke', async () => {
    await goTo('Sharing')
    const labs = page.getByRole('listitem').filter({ hasText: 'Lab results' })
    const stop = labs.getByRole('button', { name: /^Stop sharing with/ })
    await press(stop)
    await press(page.getByRole('dialog').getByRole('button', { name: 'Keep sharing' }))
    await expect(page.getByRole('dialog')).toHaveCount(0)
    await press(stop)
    await press(page.getByRole('dialog').getByRole('button', { name: 'Stop sharing' }))
    await expect(stop).toHaveCount(0, { timeout: 30_000 })
    expect((await clinician.sdk.list({ of: 'grant', grantId })).kind).toBe('refused')
  })

  await test.step('check who looked, and verify', async () => {
    await goToMore('Access log')
    await expect(page.getByText('This log is complete and unaltered.')).toBeVisible({ timeout: 30_000 })
    await throughALift(
      () => press(button('Verify again')),
      () => expect(page.getByRole('main').getByRole('alert')).toBeVisible({ timeout: 60_000 }),
    )
    await press(button('Verify again'))
    await expect(page.getByText('This log is complete and unaltered.')).toBeVisible({ timeout: 30_000 })
    await select(page.getByLabel('Person', { exact: true }), clinician.sdk.principal)
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
    const openVault = async (their: Page, inTheirs: Hands['press']) => {
      const itsMenu = their.getByRole('navigation', { name: 'Main' })
      if (isPhone) await inTheirs(itsMenu.getByRole('link', { name: 'More', exact: true }))
      const settings = (isPhone ? their.getByRole('main') : itsMenu).getByRole('link', { name: 'Code and settings' })
      await inTheirs(settings)
      await inTheirs(their.getByRole('main').getByRole('link', { name: /take a copy/ }))
    }
    await openVault(page, press)
    const downloads = page.waitForEvent('download')
    await press(button('Make a copy'))
    const archive = await (await downloads).path()
    const key = await page.getByTestId('archive-key').innerText()
    const other = await people.isHome('other', how)
    const theirs = handsOn(other.page)
    await openVault(other.page, theirs.press)
    await theirs.give(other.page.getByLabel('File with the copy'), archive)
    await theirs.write(other.page.getByLabel('Key of the copy'), key)
    await theirs.press(other.page.getByRole('button', { name: 'Put it back' }))
    await expect(other.page.getByText(/^Put back: /)).toBeVisible({ timeout: 30_000 })
    expect(done(await other.sdk.profile())?.emergencyContacts).toEqual([
      { name: 'Jan Novák', phone: '+420 601 000 000' },
    ])
  })

  await test.step('switch profile', async () => {
    await press(page.getByRole('link', { name: /^Whose record is open/ }))
    await press(button('Make a record for a child'))
    const child = page.getByRole('listitem').filter({ hasText: 'a child' })
    await press(child.getByRole('button', { name: /^Open the record of/ }))
    await expect(page.getByText(/^Record of/)).toBeVisible()
    await expect(page.getByText('Haemoglobin')).toHaveCount(0)
    await press(button('Back to my record'))
    await goTo('Records')
    await expect(page.getByRole('link', { name: /Haemoglobin: 131/ })).toBeVisible()
  })
  if (!isPhone) expect(mouse.pointers).toBe(0)
}
