import type { Page } from '@playwright/test'
import { appHeaders, headersOf } from '../../scripts/app-headers.ts'
import { DEVELOPMENT_CANISTERS } from '@medguard/client'
import { keptBy } from './fixtures/kept.ts'
import { twoVersions } from './fixtures/next-version.ts'
import { done } from './fixtures/person.ts'
import { DESKTOP, expect, PHONE, test } from './fixtures/test.ts'

// The app on a device: it starts without a network from files that are exactly those of the build, and takes what other apps share.

const ALLOW = { serviceWorkers: 'allow' } as const

test('the app starts without a network, from nothing but the files that were built', async ({ people }) => {
  const person = await people.isHome('traveller', { ...ALLOW, size: PHONE })
  const { page, context } = person
  await isKept(page)
  const rules = appHeaders(new URL(page.url()).origin, DEVELOPMENT_CANISTERS, 'http')

  await context.setOffline(true)
  await expect(page.getByText('You are offline.')).toBeVisible()
  const started = await page.goto('/')
  await expect(page.getByRole('heading', { level: 1, name: 'Your health record' })).toBeVisible()
  await expect(page.getByText('the keys to them are never stored here')).toBeVisible()
  expect(started?.fromServiceWorker()).toBe(true)
  expect(started?.headers()).toMatchObject(headersOf(rules, '/index.html'))
  await context.setOffline(false)
  await person.isHome()

  // Whatever a script puts into the browser's cache is not what was built, and so is not given out.
  const poisoned = await page.evaluate(async () => {
    const [name = ''] = await caches.keys()
    const cache = await caches.open(name)
    const script = document.querySelector<HTMLScriptElement>('script[type=module]')?.src ?? ''
    const html = { headers: { 'content-type': 'text/html' } }
    const code = { headers: { 'content-type': 'text/javascript' } }
    await cache.put(script, new Response('document.title = "poisoned"', code))
    await cache.put(`${location.origin}/index.html`, new Response('<title>poisoned</title>', html))
    return (await caches.keys()).length
  })
  expect(poisoned).toBe(1)
  await page.reload()
  await person.isHome()
  expect(await page.title()).not.toContain('poisoned')
  await context.setOffline(true)
  await page.reload().catch(() => {}) // the browser's own page: there is no sound one
  expect(await page.title()).not.toContain('poisoned')
  await context.setOffline(false)
  await page.goto('/')
  await person.isHome()

  const kept = await keptBy(page)
  expect(kept.caches).toEqual([expect.stringMatching(/^medguard-shell-[0-9a-f]{16}$/)])
  expect(kept.serviceWorkers).toBe(1)
})

test('a browser that knows how can install it, and is told so after the second thing that was done', async ({
  people,
}) => {
  test.slow() // its states are scanned as well
  const person = await people.isHome('installer', { ...ALLOW, size: DESKTOP })
  const { page, context } = person
  const devtools = await context.newCDPSession(page)
  const { errors, data } = await devtools.send('Page.getAppManifest')
  expect(errors).toEqual([])
  const manifest = JSON.parse(data ?? '{}') as { icons: { src: string; sizes: string }[] }
  expect(manifest).toMatchObject({ name: 'MedGuard', display: 'standalone', start_url: '/', scope: '/' })
  // All that Chromium asks for before it offers to install (A10) is there, but for a window that forgets nothing.
  const { installabilityErrors } = await devtools.send('Page.getInstallabilityErrors')
  expect(installabilityErrors.map(({ errorId }) => errorId)).toEqual(['in-incognito'])

  const offer = page.getByRole('complementary', { name: 'Install MedGuard' })
  const canInstall = () =>
    page.evaluate(() => {
      const event = Object.assign(new Event('beforeinstallprompt', { cancelable: true }), { prompt: async () => {} })
      window.dispatchEvent(event)
      return event.defaultPrevented
    })
  expect(await canInstall()).toBe(true)
  for (const title of ['One', 'Two']) {
    await expect(offer).toHaveCount(0)
    await person.addFile(
      { name: 'a.txt', mimeType: 'text/plain', buffer: Buffer.from(title) },
      { title, kind: 'Other' },
    )
  }
  await expect(offer).toBeVisible()
  await person.looksSound('an offer to install')
  await offer.getByRole('button', { name: 'No, thank you' }).click()
  await expect(offer).toHaveCount(0)
  await page.reload()
  await expect(page.getByRole('heading', { level: 1, name: 'Add a record' })).toBeVisible()
  expect(await canInstall()).toBe(true)
  await expect(offer).toHaveCount(0)
})

test('what another app shares arrives in the form, once, and is written nowhere', async ({ people }) => {
  const person = await people.isHome('receiver', { ...ALLOW, size: PHONE })
  const { page, context } = person
  await isKept(page)
  // As the system sends it: a form posted from outside.
  const sender = await context.newPage()
  const action = new URL('/share', page.url()).href
  const form = `<form method="post" enctype="multipart/form-data" action="${action}"><input type="file" name="files"></form>`
  await sender.setContent(form)
  const letter = { name: 'letter.txt', mimeType: 'text/plain', buffer: Buffer.from('Dear colleague') }
  await sender.locator('input').setInputFiles(letter)
  await sender.evaluate(() => document.querySelector('form')?.submit())
  await expect(sender.getByRole('alert').getByText('A file from another app')).toBeVisible()
  await expect(sender.getByLabel('Title')).toHaveValue('letter')
  expect(new URL(sender.url()).search).toBe('')
  const kept = await keptBy(sender)
  expect(kept.caches).toEqual([expect.stringMatching(/^medguard-shell-/)])
  expect(JSON.stringify(kept)).not.toContain('colleague')
  await sender.getByRole('radio', { name: 'Letters and documents' }).check()
  await sender.getByRole('button', { name: 'Save record' }).click()
  await expect(sender.getByText(/^Saved at/)).toBeVisible()
  await sender.goto('/?shared#/add')
  await expect(sender.getByRole('alert').getByText('The file did not arrive')).toBeVisible()
  await sender.close()
})

test('a newer version waits until it is asked for and nothing would be lost, and other tabs are told', async ({
  browser,
  baseURL,
}) => {
  const versions = await twoVersions(new URL(baseURL ?? ''))
  const context = await browser.newContext({ ...ALLOW, viewport: PHONE, baseURL: versions.origin })
  try {
    const page = await context.newPage()
    await page.goto('/')
    await isKept(page)
    const other = await context.newPage()
    await other.goto('/')
    await expect(other.getByRole('button', { name: /^Sign in/ })).toBeVisible()
    versions.upload()
    await page.evaluate(async () => (await navigator.serviceWorker.ready).update())
    const toast = page.getByRole('complementary', { name: 'Update' })
    await expect(toast.getByText('A newer version of MedGuard is ready.')).toBeVisible()
    await page.evaluate(() => document.querySelector('main')?.append(document.createElement('textarea')))
    await page.locator('textarea').fill('something unsaved')
    await toast.getByRole('button', { name: 'Reload' }).click()
    await expect(toast.getByText('a reload would lose it')).toBeVisible()
    await expect(page.locator('textarea')).toHaveValue('something unsaved')

    const asked = other.getByRole('complementary', { name: 'Update' })
    await other.evaluate(async () => (await navigator.serviceWorker.ready).update())
    await other.reload()
    await asked.getByRole('button', { name: 'Reload' }).click()
    await expect(toast.getByText('MedGuard was updated in another tab.')).toBeVisible({ timeout: 30_000 })
    await expect(page.locator('textarea')).toHaveValue('something unsaved')
    await expect.poll(async () => (await keptBy(page)).caches).toEqual(['medguard-shell-0123456789abcdef'])
  } finally {
    await context.close()
    await versions.close()
  }
})

const isKept = (page: Page) =>
  expect
    .poll(() => page.evaluate(async () => (await navigator.serviceWorker.getRegistration())?.active?.state))
    .toBe('activated')

test('a kept record opens and a new one waits without a network, sealed; back again it is sent once', async ({
  people,
}) => {
  test.slow() // much is stored, kept and sent, and its states are scanned
  const [word, waits] = ['haemoglobin', 'question']
  const labs = { title: 'Blood count', content: `The ${word} is 140` }
  const person = await people.isHome('traveller', {
    ...ALLOW,
    size: PHONE,
    with: [labs, { title: 'Weight', content: 'The scales say 71 kg', more: { category: 'vitals' } }],
  })
  const { page, context } = person
  await isKept(page)
  await person.go('#/records')
  await page.getByRole('link', { name: /^Blood count/ }).click()
  await expect(page.getByText(labs.content)).toBeVisible()
  await page.getByRole('button', { name: 'Keep on this device' }).click()
  await expect(page.getByText(/^Kept on this device since/)).toBeVisible()
  await page.getByRole('link', { name: 'What this device keeps' }).click()
  const kinds = page.getByRole('list', { name: 'Whole kinds of records' }).getByRole('listitem')
  await kinds.getByRole('button', { name: 'Keep all of Measurements on this device' }).click()
  await expect(kinds.filter({ hasText: 'Measurements' })).toContainText('1 of 1 are here')
  // One more of the kind joins them as soon as this device sees it.
  await person.go('#/add?as=note')
  await page.getByRole('textbox', { name: 'Note' }).fill('The scales say 70 kg')
  await page.getByRole('textbox', { name: 'Title' }).fill('Weight, later')
  await page.getByRole('radio', { name: 'Measurements' }).check()
  await page.getByRole('button', { name: 'Save record' }).click()
  await expect(page.getByText(/^Saved at/)).toBeVisible()
  await page.getByRole('button', { name: 'Add another' }).click()
  await person.go('#/device')
  await expect(kinds.filter({ hasText: 'Measurements' })).toContainText('2 of 2 are here')

  await context.setOffline(true)
  await expect(page.getByText(/You are offline.*What you see is from/)).toBeVisible()
  await person.go('#/records')
  await page.getByRole('link', { name: /^Blood count/ }).click()
  await expect(page.getByText('Read from this device')).toBeVisible()
  await expect(page.getByText(labs.content)).toBeVisible()
  await person.go('#/records')
  await page.getByRole('link', { name: /^Weight, later/ }).click()
  await expect(page.getByText('The scales say 70 kg')).toBeVisible()

  await person.go('#/add?as=note')
  await page.getByRole('textbox', { name: 'Note' }).fill(`A ${waits} for the next visit`)
  await page.getByRole('textbox', { name: 'Title' }).fill(`My ${waits}`)
  await page.getByRole('radio', { name: 'Lab results' }).check()
  await page.getByRole('button', { name: 'Save record' }).click()
  await expect(page.getByRole('main').getByText('It waits on this device', { exact: true })).toBeVisible()
  await person.go('#/forms/lab')
  await page.getByLabel('Test', { exact: true }).fill(`Own ${word}`)
  await page.getByLabel('Result').fill('138')
  await page.getByLabel(/^Unit/).fill('g/L')
  await page.getByLabel('Day of the sample').fill('2025-05-12')
  await page.getByRole('button', { name: 'Save record' }).click()
  await expect(page.getByRole('main').getByText('It waits on this device', { exact: true })).toBeVisible()
  await page.getByRole('link', { name: '2 new records wait.' }).click()
  for (const title of [`My ${waits}`, `Own ${word}: 138 g/L`])
    await expect(page.getByRole('listitem').filter({ hasText: title })).toContainText('Encrypted on this device')
  await expect(page.getByRole('link', { name: 'Blood count' })).toBeVisible()
  await person.looksSound('what is on this device')
  expect(JSON.stringify(await keptBy(page))).not.toMatch(new RegExp(`${word}|${waits}|Blood`))

  await context.setOffline(false)
  await expect(page.getByRole('heading', { name: /new records? waits? to be sent/ })).toHaveCount(0, {
    timeout: 30_000,
  })
  const titles = done(await person.sdk.list({ of: 'me' })).map(({ title }) => title)
  expect(titles.toSorted()).toEqual(['Blood count', `My ${waits}`, `Own ${word}: 138 g/L`, 'Weight', 'Weight, later'])
  await page.getByRole('button', { name: 'Remove all of them' }).click()
  await expect(page.getByText('None. You can keep a record on its own page.')).toBeVisible()
  const { databases } = await keptBy(page)
  expect(Object.keys(databases).filter((name) => /saved\/(kept|waiting)/.test(name))).toEqual([])
})
