import { IDENTITY_PROVIDER_ID } from '@medguard/localnet'
import { DEVELOPMENT_CANISTERS } from '@medguard/client'
import type { Page } from '@playwright/test'
import { keptBy, keptSession, type KeptSession } from './fixtures/kept.ts'
import { keyboard } from './fixtures/hands.ts'
import { done, Person } from './fixtures/person.ts'
import { expect, test } from './fixtures/test.ts'

// Coming in and going out, through the development identity provider, which speaks Internet Identity's messages.

test.describe('the sign-in window', () => {
  test('says for whom it signs in, remembers names here and forgets them when told', async ({ people }) => {
    const person = await people.arrives('somebody')
    const first = await person.openSignIn()
    await expect(first.getByText(`Application: ${new URL(person.page.url()).origin}`)).toBeVisible()
    await expect(first.getByText('anyone can be anyone here')).toBeVisible()
    await first.getByRole('button', { name: 'Continue' }).click()
    await expect(first.getByRole('alert')).toHaveText('Please enter a name.')
    await expect(first.getByRole('textbox', { name: 'Your name' })).toBeFocused()
    await first.getByRole('textbox', { name: 'Your name' }).fill(person.name)
    await first.getByRole('button', { name: 'Continue' }).click()
    await isWelcome(person)

    await person.page.getByRole('button', { name: 'Sign out' }).click()
    const second = await person.openSignIn()
    await second.getByRole('button', { name: person.name }).click()
    await isWelcome(person)

    await person.page.getByRole('button', { name: 'Sign out' }).click()
    const third = await person.openSignIn()
    await third.getByRole('button', { name: 'Forget these names' }).click()
    await expect(third.getByRole('button', { name: person.name })).toBeHidden()
    await third.reload()
    await expect(third.getByRole('button', { name: 'Continue' })).toBeVisible()
    await expect(third.getByRole('button', { name: person.name })).toBeHidden()
  })

  test('that is cancelled or closed leaves words of what happened and a way to try again', async ({ people }) => {
    const person = await people.arrives('undecided')
    const { page } = person
    const closed = await person.openSignIn()
    await expect(page.getByRole('button', { name: 'Open the window again' })).toBeVisible()
    await closed.close()
    await expect(page.getByRole('alert')).toContainText('The sign-in window was closed')
    await expect(page.getByRole('alert')).toContainText('Nothing happened')

    const cancelled = await person.openSignIn()
    await expect(page.getByRole('alert')).toHaveCount(0)
    await cancelled.getByRole('button', { name: 'Cancel' }).click()
    await expect(page.getByRole('alert')).toContainText('Signing in did not work')
    await expect(page.getByRole('button', { name: /^Sign in/ })).toBeEnabled()
    await person.signIn()
    await isWelcome(person)
  })

  test('does not sign a page in under the origin of another', async ({ people }) => {
    const { page } = await people.arrives('impostor')
    const provider = new URL(page.url())
    provider.hostname = `${IDENTITY_PROVIDER_ID}.localhost`
    provider.hash = '#authorize'
    const opened = page.waitForEvent('popup')
    await page.evaluate((address) => {
      const popup = window.open(address)
      const heard: unknown[] = []
      Object.assign(window, { heard })
      window.addEventListener('message', (event: MessageEvent<{ kind: string }>) => {
        heard.push(event.data.kind)
        if (event.data.kind !== 'authorize-ready') return
        const asked = { kind: 'authorize-client', sessionPublicKey: new Uint8Array(44), maxTimeToLive: 1_000_000_000n }
        popup?.postMessage({ ...asked, derivationOrigin: 'http://bank.localhost' }, new URL(address).origin)
      })
    }, provider.href)
    const popup = await opened
    await popup.getByRole('textbox', { name: 'Your name' }).fill('Anna')
    await popup.getByRole('button', { name: 'Continue' }).click()
    await expect(popup.getByRole('alert')).toContainText('may not sign in as http://bank.localhost')
    const heard = await page.evaluate(() => (window as unknown as { heard: string[] }).heard)
    expect(new Set(heard)).toEqual(new Set(['authorize-ready']))
  })
})

test.describe('a session', () => {
  test('survives a reload on the page it was on, and ends with Sign out', async ({ people }) => {
    const person = await people.isHome('patient')
    const { page } = person
    await person.go('#/records')
    expect(await keptKeys(person)).toEqual(['medguard/session/kept'])
    await page.reload()
    await expect(page.getByRole('heading', { level: 1, name: 'Records' })).toBeVisible()
    await expect(page.getByText('No records yet')).toBeVisible()

    await page.getByRole('button', { name: 'Sign out' }).click()
    await expect(page.getByRole('heading', { level: 1, name: 'You are signed out' })).toBeFocused()
    await page.reload()
    await expect(page.getByRole('heading', { level: 1, name: 'Your health records, in your hands' })).toBeVisible()
    expect(await keptKeys(person)).toEqual([])
  })

  test('that is locked by hand shows nothing and goes on where it was', async ({ people }) => {
    const person = await people.isHome('patient', { with: [{ title: 'Ultrasound of the knee', content: 'swollen' }] })
    const { page } = person
    await person.go('#/records')
    await expect(page.getByText('Ultrasound of the knee')).toBeVisible()
    await page.getByRole('button', { name: 'Lock' }).click()
    await expect(page.getByRole('heading', { level: 1, name: 'Locked' })).toBeFocused()
    await expect(page.getByText('Ultrasound of the knee')).toHaveCount(0)
    expect(await keptKeys(person)).toEqual([])
    await person.signIn()
    await expect(page.getByText('Ultrasound of the knee')).toBeVisible()
  })

  test('that has run out asks to sign in anew, and the same person goes on at the same address with what they were writing', async ({
    people,
  }) => {
    test.slow() // two sign-ins
    const person = await people.arrives('writer')
    done(await person.sdk.enrol())
    const { page } = person
    await page.clock.install()
    await page.reload() // with the clock in place from the start
    await person.signIn(person.name, /people who share/i) // for an hour
    await person.go('#/add?as=note')
    await page.getByRole('textbox', { name: 'Note' }).fill('Ask about the knee')
    await page.clock.fastForward('01:00:10')
    await expect(page.getByRole('heading', { level: 1, name: 'Your session has ended' })).toBeFocused()
    await expect(page.getByRole('textbox')).toHaveCount(0)
    await expect(page.getByText('What you were writing is kept')).toBeVisible()
    expect(await keptKeys(person)).toEqual([])
    expect(JSON.stringify(await keptBy(page))).not.toContain('knee')
    expect(new URL(page.url()).hash).toBe('#/add?as=note')
    await person.signIn(person.name, /my own/i) // for longer: the page's clock is ahead of the network's
    await expect(page.getByRole('textbox', { name: 'Note' })).toHaveValue('Ask about the knee')
    expect(new URL(page.url()).hash).toBe('#/add?as=note')
  })

  test('is extended by the keyboard under what is open and half written; somebody else’s sign-in closes it', async ({
    people,
  }) => {
    test.slow() // four sign-ins
    const person = await people.arrives('reader')
    done(await person.sdk.enrol())
    const recordId = await person.store('Ultrasound of the knee', 'swollen behind the kneecap')
    const { page } = person
    await page.clock.install()
    await page.reload() // with the clock in place from the start
    await person.signIn(person.name, /my own/i)
    await person.go('#/provider') // an hour from now on
    await expect(page.getByRole('heading', { level: 1, name: 'Patients' })).toBeVisible()
    await person.go('#/add?as=note')
    await page.getByRole('textbox', { name: 'Note' }).fill('Ask about the knee')
    await person.go(`#/records/${recordId}`)
    await expect(page.getByText('swollen behind')).toBeVisible()
    const heading = page.getByRole('heading', { level: 1 })
    await expect(heading).toBeFocused()
    const before = await keptSession(page)
    const warning = page.getByRole('complementary', { name: 'Your session ends soon' })

    await stays(page, 57)
    await expect(warning).toHaveCount(0)
    await stays(page, 1.5)
    await expect(warning).toContainText('In 2 minutes')
    await expect(page.getByRole('status').filter({ hasText: 'Your session ends soon In 2 minutes' })).toHaveCount(1)
    await expect(heading).toBeFocused() // nobody is interrupted
    await person.looksSound('a session that ends soon')
    const extend = async () => {
      const opened = page.waitForEvent('popup')
      await keyboard(page).press(warning.getByRole('button', { name: /Extend|Open the window again/ }))
      return opened
    }
    await (await extend()).close()
    await expect(warning).toContainText('The sign-in window was closed')
    const window = await extend()
    await window.getByRole('textbox', { name: /your name/i }).fill(person.name)
    await window.getByRole('button', { name: 'Continue' }).click()
    await expect(warning).toHaveCount(0)
    await expect(page.locator('main :focus')).toHaveCount(1) // back at what was being done
    await expect(page.getByRole('status').filter({ hasText: 'Your session goes on until' })).toHaveCount(1)
    await expect(page.getByText('swollen behind')).toBeVisible()
    const after = await keptSession(page)
    expect(after?.publicKey).not.toBe(before?.publicKey)
    const endOf = (kept: KeptSession | null) => Math.min(...(kept?.delegations ?? []).map(({ expiresMs }) => expiresMs))
    expect(endOf(after)).toBeGreaterThan(endOf(before))
    await person.go('#/add?as=note')
    await expect(page.getByRole('textbox', { name: 'Note' })).toHaveValue('Ask about the knee')
    await page.goBack()
    await expect(page.getByText('swollen behind')).toBeVisible()

    await person.go('#/provider') // an hour again, of which the page's clock leaves a minute
    const others = await extend()
    await others.getByRole('textbox', { name: /your name/i }).fill(`${person.name} too`)
    await others.getByRole('button', { name: 'Continue' }).click()
    await expect(page.getByRole('heading', { level: 1, name: 'You signed in as somebody else' })).toBeFocused()
    await expect(page.getByText(/swollen|Ultrasound/)).toHaveCount(0)
    await expect(page.getByText('What you were writing is kept')).toBeVisible()
    expect(await keptKeys(person)).toEqual([])
    await person.signIn(person.name, /my own/i)
    await person.go('#/add?as=note')
    await expect(page.getByRole('textbox', { name: 'Note' })).toHaveValue('Ask about the knee')
  })

  test('ends in every tab when it ends in one, within a second', async ({ people }) => {
    const person = await people.isHome('patient')
    const other = await person.context.newPage()
    person.watch(other)
    await other.goto('/#/records')
    await expect(other.getByText('No records yet')).toBeVisible()
    await person.page.getByRole('button', { name: 'Sign out' }).click()
    await expect(other.getByRole('heading', { level: 1, name: 'You are signed out' })).toBeVisible({ timeout: 1000 })
    await expect(other.getByText('No records yet')).toHaveCount(0)

    // Whichever tab signs in next, the session it leaves behind is whole: the other tab takes it up.
    await person.signIn()
    await other.reload()
    await expect(other.getByText('No records yet')).toBeVisible()
    await person.page.reload()
    await person.isHome()
    await other.getByRole('button', { name: 'Lock' }).click()
    await expect(person.page.getByRole('heading', { level: 1, name: 'Locked' })).toBeVisible({ timeout: 1000 })
  })

  test('begun in a tab that saw another one sign out before survives a reload', async ({ people }) => {
    const person = await people.arrives('somebody')
    const other = await Person.arriveIn(person.context, person.name)
    await other.signIn()
    await isWelcome(other)
    await other.page.getByRole('button', { name: 'Sign out' }).click()
    await person.signIn()
    await isWelcome(person)
    await person.page.reload()
    await isWelcome(person)
    // One person at a time: whoever signs in takes the place of whoever was, in every tab.
    await other.signIn(`${person.name} too`)
    await isWelcome(other)
    await expect(person.page.getByRole('heading', { level: 1, name: 'Somebody else has signed in' })).toBeVisible()
    await other.page.reload()
    await isWelcome(other)
    other.expectNoProblems()
  })

  const areas = [
    { area: 'patient', where: '#/records', minutes: 10 },
    { area: 'provider', where: '#/provider', minutes: 5 },
  ] as const
  for (const { area, where, minutes } of areas) {
    test(`locks after ${minutes} minutes without a touch in ${area} view, and asks a minute before`, async ({
      people,
    }) => {
      test.slow() // its states are scanned as well
      const person = await people.isHome('absent')
      const { page } = person
      await page.clock.install()
      await person.go(where)
      await page.reload() // with the clock in place from the start
      await expect(page.getByRole('heading', { level: 1, name: /^(Records|Patients)$/ })).toBeVisible()
      const nearly = (minutes - 1) * 60_000 + 1000
      const question = page.getByRole('dialog', { name: 'Are you still there?' })
      await page.clock.fastForward(nearly)
      await question.getByRole('button', { name: 'Stay signed in' }).click()
      await expect(question).toHaveCount(0)
      await page.clock.fastForward(nearly)
      await expect(question).toBeVisible()
      await person.looksSound('the question whether somebody is there')
      await page.clock.fastForward('01:00')
      await expect(page.getByRole('heading', { level: 1, name: 'Locked' })).toBeVisible()
      await expect(question).toHaveCount(0)
      expect(await keptKeys(person)).toEqual([])
    })
  }
})

test('a session is good for MedGuard alone, an hour long once other people are read, and not kept on a shared computer', async ({
  people,
}) => {
  test.slow() // three sign-ins and four loads
  const hourMs = 3_600_000
  const person = await people.isHome('clinician')
  const { page } = person
  const { consent, records, audit } = DEVELOPMENT_CANISTERS
  const lasts = (kept: KeptSession | null) => {
    const ends = kept?.delegations.map(({ expiresMs }) => expiresMs) ?? []
    return Math.min(...ends) - Date.now()
  }
  const first = await keptSession(page)
  expect(first).toMatchObject({ isExtractable: false, delegations: [{}, { targets: [consent, records, audit] }] })
  expect(lasts(first)).toBeLessThanOrEqual(8 * hourMs)
  expect(lasts(first)).toBeGreaterThan(hourMs)

  // Another tab of the same person goes along.
  const other = await person.context.newPage()
  person.watch(other)
  await other.goto('/#/settings')
  const until = (where: Page) => where.getByText('Signed in until').locator('xpath=following-sibling::dd').innerText()
  const untilBefore = await until(other)

  await person.go('#/provider')
  await expect(page.getByRole('heading', { level: 1, name: 'Patients' })).toBeVisible()
  const cut = await keptSession(page)
  expect(cut).toMatchObject({ isExtractable: false, delegations: [{}, {}, { targets: [consent, records, audit] }] })
  expect(cut?.publicKey).not.toBe(first?.publicKey)
  expect(lasts(cut)).toBeLessThanOrEqual(hourMs)
  await expect.poll(() => until(other)).not.toBe(untilBefore)

  // It holds after a reload, in both views, and going back and forth makes no other.
  await page.reload()
  await expect(page.getByText('Nobody shares with you right now')).toBeVisible()
  await person.go('#/records')
  await expect(page.getByText('No records yet')).toBeVisible()
  await person.go('#/provider')
  await expect(page.getByRole('heading', { level: 1, name: 'Patients' })).toBeVisible()
  expect((await keptSession(page))?.publicKey).toBe(cut?.publicKey)

  await page.getByRole('button', { name: 'Sign out' }).click()
  await page.clock.install()
  await page.reload() // with the clock in place from the start
  await person.signIn(person.name, /others use too/)
  await expect(page.getByRole('heading', { level: 1, name: 'Patients' })).toBeVisible()
  expect(await keptKeys(person)).toEqual([])
  await page.clock.fastForward(61_000)
  await page
    .getByRole('dialog', { name: 'Are you still there?' })
    .getByRole('button', { name: 'Stay signed in' })
    .click()
  await page.clock.fastForward(119_000)
  await page.clock.fastForward('01:00')
  await expect(page.getByRole('heading', { level: 1, name: 'Locked' })).toBeVisible()
  await person.signIn()
  await expect(page.getByRole('heading', { level: 1, name: 'Patients' })).toBeVisible()
  await page.reload()
  await expect(page.getByRole('radio', { name: /others use too/ })).toBeChecked()
})

test('the next person on the same browser finds nothing of the one before', async ({ people }) => {
  test.slow() // its states are scanned as well
  const title = 'Result that is private'
  const first = await people.isHome('first', { with: [{ title, content: 'nobody else' }] })
  const { page } = first
  await first.go('#/add?as=note')
  await page.getByRole('textbox', { name: 'Note' }).fill('Something half written')
  await page.getByRole('textbox', { name: 'Title' }).fill('A draft')
  await first.go('#/share')
  await page.getByLabel('Their share code').fill('w7x7r-half')
  await first.go('#/records')
  await page.getByRole('searchbox', { name: 'Search my records' }).fill('RIVATE')
  await expect(page.getByText('1 record of 1')).toBeVisible()
  await page.getByRole('link', { name: title }).click()
  await expect(page.getByText('nobody else')).toBeVisible()
  await page.goBack()
  await expect(page.getByRole('searchbox', { name: 'Search my records' })).toHaveValue('RIVATE')
  await page.goForward()
  await page.getByRole('button', { name: 'Sign out' }).click()

  const next = await people.isHome('next', { with: [{ title: 'Another result', content: 'of another' }] })
  await first.signIn(next.name)
  // Words of the record that was opened are kept here, sealed. A full stop, with the two ways out of it.
  await expect(page.getByRole('heading', { level: 1, name: /another person’s saved data/ })).toBeFocused()
  expect(await keptOf(first, 'saved')).toHaveLength(1)
  await first.looksSound('another person’s saved data')
  await page.getByRole('button', { name: 'Remove it and go on' }).click()
  await first.isHome()
  expect(await keptOf(first, 'saved')).toEqual([])
  expect((await keptOf(first, 'told')).filter((name) => name.includes(first.sdk.principal))).toEqual([])
  expect(new URL(page.url()).hash).toBe('#/')
  await first.go('#/add?as=note')
  await expect(page.getByRole('textbox', { name: 'Note' })).toHaveValue('')
  await expect(page.getByRole('textbox', { name: 'Title' })).toHaveValue('')
  await first.go('#/share')
  await expect(page.getByLabel('Their share code')).toHaveValue('')

  // Back through everything the first person visited.
  const seen: string[] = []
  const remember = async () => {
    seen.push(await page.evaluate(() => `${location.hash} ${document.title} ${JSON.stringify(history.state)}`))
    seen.push(await page.locator('body').innerText())
    for (const field of await page.getByRole('searchbox').all()) seen.push(await field.inputValue())
  }
  while (new URL(page.url()).hash !== '#/records') {
    await page.goBack()
    await remember()
    expect(seen.length, 'the list of records is in the history').toBeLessThan(30)
  }
  await expect(page.getByText('Another result')).toBeVisible()
  await remember()
  expect(seen.join(' ')).not.toMatch(/private|RIVATE|half|A draft|nobody else/)
})

const isWelcome = (person: Person) =>
  expect(person.page.getByRole('button', { name: 'Set up my health record' })).toBeVisible()

/** The reader is there for so long, and touches the page now and then. */
async function stays(page: Page, minutes: number): Promise<void> {
  for (let left = minutes * 60_000; left > 0; left -= 480_000) {
    await page.keyboard.press('Shift')
    await page.clock.fastForward(Math.min(left, 480_000))
  }
}

/** What is left of a session in the browser's database: the key and what was signed for it, if anything. */
const keptKeys = (person: Person): Promise<string[]> => keptOf(person, 'session')

async function keptOf({ page }: Person, store: 'session' | 'saved' | 'told'): Promise<string[]> {
  const { databases } = await keptBy(page)
  return Object.keys(databases).filter((name) => name.startsWith(`medguard/${store}/`))
}
