import { addressesOf } from './fixtures/addresses.ts'
import { forcedColourFaultsOf } from './fixtures/forced-colours.ts'
import { languageFaultsOf } from './fixtures/language-look.ts'
import { done, type Person } from './fixtures/person.ts'
import { faultsOf, layoutFaultsOf } from './fixtures/look.ts'
import { DESKTOP, expect, type People, PHONE, test } from './fixtures/test.ts'
import type { CDPSession, Locator, Page } from '@playwright/test'

// Every address, in light and dark, on a desktop, on the narrowest phone, with letters twice as large, in colours that the system forces, and in each language: WCAG 2.2 AA
// as far as a machine can tell (axe), nothing beside the screen, one heading that says where one is, and every word, date and number as its reader writes it. One walk for
// each language: what is looked at changes around the page, as it does when somebody turns their phone.

const NARROWEST = { width: 320, height: 640 }

interface Way {
  readonly name: string
  readonly size: { readonly width: number; readonly height: number }
  readonly colorScheme: 'light' | 'dark'
  readonly letters?: '200%' | ''
  readonly forcedColors?: 'active' | 'none'
  /** A finger in place of a mouse. */
  readonly isTouched?: boolean
  readonly look: (page: Page) => Promise<string[]>
}
const LIGHT_DESKTOP: Way = { name: 'on a desktop', size: DESKTOP, colorScheme: 'light', look: faultsOf }
const WAYS: readonly Way[] = [
  LIGHT_DESKTOP,
  // Five widths in all, with those that are looked at as a whole: 320, 360 and 1280 (B19).
  { ...LIGHT_DESKTOP, name: 'on a wide screen', size: { width: 2560, height: 1440 }, look: layoutFaultsOf },
  { ...LIGHT_DESKTOP, name: 'on a tablet', size: { width: 768, height: 1024 }, look: layoutFaultsOf },
  { name: 'on a phone in the dark, by touch', size: PHONE, colorScheme: 'dark', isTouched: true, look: faultsOf },
  { name: 'on the narrowest phone', size: NARROWEST, colorScheme: 'light', look: faultsOf },
  { name: 'with letters twice as large', size: PHONE, colorScheme: 'light', letters: '200%', look: faultsOf },
  { ...LIGHT_DESKTOP, name: 'in forced colours', forcedColors: 'active', look: forcedColourFaultsOf },
]

const WALKS = [
  { language: 'en', units: 'imperial', ways: WAYS },
  { language: 'cs', units: 'metric', ways: [{ ...LIGHT_DESKTOP, size: NARROWEST, look: layoutFaultsOf }] },
  { language: 'ar', units: 'imperial', ways: [{ ...LIGHT_DESKTOP, size: NARROWEST, colorScheme: 'dark' }] },
] as const

test('what is wrong with a page is found: too small, over one another, cut off, beside the screen, pale, without a name', async ({
  page,
}) => {
  await page.setViewportSize(PHONE)
  await page.setContent(
    `<html lang="en"><title>Faults</title><main><h1>Faults</h1>
      <button style="inline-size: 20px; block-size: 40px; padding: 0">x</button>
      <div style="position: relative; block-size: 60px">
        <button style="position: absolute; inset-inline-start: 0; inline-size: 80px; block-size: 40px">One</button>
        <button style="position: absolute; inset-inline-start: 40px; inline-size: 80px; block-size: 40px">Other</button>
      </div>
      <p style="overflow: hidden; white-space: nowrap; inline-size: 60px">A line of text that is cut</p>
      <p style="inline-size: 900px">Wide</p>
      <p style="color: #ccc; background: #fff">Pale</p>
      <input style="block-size: 40px">
    </main></html>`,
  )
  const found = (await faultsOf(page)).join('\n')
  for (const fault of [
    'smaller than 24',
    'over one another',
    'cut off',
    'beside the screen',
    'color-contrast',
    'label',
  ])
    expect(found).toContain(fault)
})

test('what is not in the reader’s language, and what forced colours take away, is found', async ({ page }) => {
  await page.setContent(
    `<html lang="cs"><title>Domů</title><main>
      <p>Go to Home</p><p>Uloženo 2024-05-12</p><p>14.1 g/L</p><p>ve 2:05 PM</p><bdi>The letter of May</bdi>
      <nav><a href="#a" aria-current="page">Jedna</a> <a href="#b">Dvě</a></nav>
      <svg width="20" height="20" viewBox="0 0 20 20"><path d="M0 0h20v20z" style="fill: #fff" /></svg>
      <input style="appearance: none; border: none; outline: none">
    </main></html>`,
  )
  const czech = await languageFaultsOf(page, 'cs', [])
  expect(czech.map((fault) => fault.replace(/ in <.*/, ''))).toEqual([
    'in English: “Go to Home”',
    'written as others write it: “Uloženo 2024-05-12”',
    'written as others write it: “14.1 g/L”',
    'written as others write it: “ve 2:05 PM”',
  ])
  expect((await languageFaultsOf(page, 'ar', [])).join('\n')).toContain('Latin letters, Jedna')
  await page.emulateMedia({ forcedColors: 'active' })
  const forced = (await forcedColourFaultsOf(page)).join('\n')
  for (const fault of ['a drawing is gone', 'looks like what is not chosen', 'a field without an edge'])
    expect(forced).toContain(fault)
})

for (const { language, units, ways } of WALKS) {
  test(`every address can be used ${ways.length > 1 ? 'whatever the screen and its colours' : 'on the narrowest phone'}, and speaks ${language}`, async ({
    people,
  }) => {
    test.setTimeout(420_000) // some seventy pages, each looked at several times
    const { patient, clinician, known } = await treated(people, units)
    for (const person of [patient, clinician]) await person.speak(language)
    const found: string[] = []
    const walk = { language, ways, units, found }
    const addresses = addressesOf(known)
    await lookAt(patient, addresses.patient, walk)
    await lookAt(clinician, addresses.provider, walk)
    expect(found).toEqual([])
  })
}

/** Somebody with a text, a result and a weight, who chose units and shares with somebody who treats them. */
async function treated(people: People, units: 'metric' | 'imperial') {
  const clinician = await people.isHome('clinician')
  const patient = await people.arrives('patient')
  const { sdk } = patient
  done(await sdk.enrol())
  done(await sdk.setProfile({ units, trends: ['weight'] }))
  const fhir = { mediaType: 'application/fhir+json' }
  const weight = { ...fhir, category: 'vitals' } as const
  await patient.store('72', observation('29463-7', 72.4, 'kg'), weight)
  await patient.store('73', observation('29463-7', 160.9, '[lb_av]'), weight)
  await patient.store(OWN_WORDS[1], observation('718-7', 14.1, 'g/dL'), fhir)
  await patient.store(OWN_WORDS[0], 'Hb 140')
  await patient.signIn()
  await patient.isHome()
  const recordIds = done(await sdk.list({ of: 'me' })).map(({ recordId }) => recordId)
  const startNs = BigInt(Date.now()) * 1_000_000n
  const { grantId } = done(
    await sdk.share({
      grantee: clinician.sdk.principal,
      scope: { categories: ['labs'] },
      rights: ['list', 'open', 'write'],
      purpose: 'TREAT',
      startNs,
      endNs: startNs + 3_600_000_000_000n,
    }),
  )
  const { askId } = done(
    await clinician.sdk.requestAccess({
      patient: sdk.principal,
      categories: ['vitals'],
      rights: ['list', 'open'],
      purpose: 'TREAT',
      periodNs: 3_600_000_000_000n,
      expiresNs: startNs + 3_600_000_000_000n,
    }),
  )
  const { deviceId } = done(await sdk.addDevice({ name: OWN_WORDS[2], category: 'vitals' })).device
  const { orgId } = done(await clinician.sdk.registerOrganisation({ name: OWN_WORDS[3], kind: 'practice' }))
  return { patient, clinician, known: { recordIds, grantId, askId, deviceId, orgId } }
}

const OWN_WORDS = ['Krevní obraz', 'Hemoglobin', 'Náramek', 'Ordinace'] as const
const observation = (loinc: string, value: number, unit: string) =>
  JSON.stringify({
    resourceType: 'Observation',
    status: 'final',
    code: { coding: [{ system: 'http://loinc.org', code: loinc }], text: 'Hb' },
    effectiveDateTime: '2024-05-12',
    valueQuantity: { value, unit, system: 'http://unitsofmeasure.org', code: unit },
  })

interface Walk {
  readonly language: 'en' | 'cs' | 'ar'
  readonly ways: readonly Way[]
  readonly units: 'metric' | 'imperial'
  readonly found: string[]
}

async function lookAt(
  person: Person,
  addresses: readonly string[],
  { language, ways, units, found }: Walk,
): Promise<void> {
  const { page } = person
  const session = await page.context().newCDPSession(page)
  for (const address of addresses) {
    await person.go(address)
    await expect(page.getByRole('heading', { level: 1 })).toHaveCount(1)
    await expect(page.locator('.mg-skeleton')).toHaveCount(0)
    const main = page.getByRole('main')
    const onHome = main.locator('section', { has: page.locator('a[href="#/trends"]') })
    if (address === '#/') await onHome.locator('.mg-card').getByRole('button').click() // opened once, for both
    if (address === '#/') found.push(...(await inOtherUnits(onHome, units)))
    if (address === '#/trends') found.push(...(await inOtherUnits(main, units)))
    const said = (faults: readonly string[], how: string) =>
      found.push(...faults.map((fault) => `${address} ${how}: ${fault}`))
    for (const way of ways) {
      await turn(page, session, way)
      said(await way.look(page), way.name)
    }
    said(await languageFaultsOf(page, language, OWN_WORDS), `in ${language}`)
    await turn(page, session, ways[0] ?? LIGHT_DESKTOP)
  }
}

/** A weight was written in either unit: what is worked out of both is in the one that somebody chose. */
async function inOtherUnits(shown: Locator, units: Walk['units']): Promise<string[]> {
  const chart = shown.getByRole('figure')
  await expect(chart).toBeVisible()
  const other = units === 'metric' ? /\d\s?lb/ : /\d\s?kg/
  const said = [await chart.getAttribute('aria-label'), ...(await shown.locator('tbody td, dd').allInnerTexts())]
  return said.flatMap((text) => (text !== null && other.test(text) ? [`not in ${units} units: ${text}`] : []))
}

async function turn(page: Page, session: CDPSession, way: Way): Promise<void> {
  const { size, colorScheme, letters = '', forcedColors = 'none', isTouched = false } = way
  await page.setViewportSize(size)
  await session.send('Emulation.setTouchEmulationEnabled', { enabled: isTouched })
  await page.emulateMedia({ colorScheme, forcedColors })
  await page.evaluate(async (fontSize) => {
    document.documentElement.style.fontSize = fontSize
    for (const _ of [1, 2]) await new Promise(requestAnimationFrame) // whoever listens for the size has drawn by then
  }, letters)
}
