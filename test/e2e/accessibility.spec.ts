import { done, type Person } from './fixtures/person.ts'
import { faultsOf, layoutFaultsOf } from './fixtures/look.ts'
import { DESKTOP, expect, PHONE, test } from './fixtures/test.ts'

// Every address, in light and dark, on a desktop, on the narrowest phone, with letters twice as large, and from right to left: WCAG 2.2 AA
// as far as a machine can tell (axe), nothing beside the screen, and one heading that says where one is.

const NARROWEST = { width: 320, height: 640 }
/** Five widths in all, with those that are looked at as a whole: 320, 360 and 1280 (B19). */
const BETWEEN = [
  { width: 768, height: 1024 },
  { width: 2560, height: 1440 },
]

const WAYS = [
  { name: 'on a desktop', size: DESKTOP, colorScheme: 'light', letters: '100%', language: 'en' },
  { name: 'on a phone in the dark, by touch', size: PHONE, colorScheme: 'dark', letters: '100%', language: 'en' },
  { name: 'on the narrowest phone', size: NARROWEST, colorScheme: 'light', letters: '100%', language: 'en' },
  { name: 'on the narrowest phone in Arabic', size: NARROWEST, colorScheme: 'dark', letters: '100%', language: 'ar' },
  {
    name: 'on a phone with letters twice as large',
    size: PHONE,
    colorScheme: 'light',
    letters: '200%',
    language: 'en',
  },
] as const

const PATIENT = [
  '#/',
  '#/records',
  '#/add',
  '#/add?as=note',
  '#/sharing',
  '#/sharing?tab=organisations',
  '#/sharing?tab=past',
  '#/share',
  '#/requests',
  '#/rules',
  '#/forms',
  '#/forms/medicine',
  '#/forms/vital',
  '#/forms/panel',
  '#/trends',
  '#/import',
  '#/report',
  '#/paper',
  '#/devices',
  '#/devices/new',
  '#/devices/file',
]
const EVERYBODY = ['#/log', '#/vault', '#/settings', '#/device', '#/help', '#/privacy', '#/more', '#/nowhere']
const ACCOUNT = [
  '#/recovery',
  '#/people',
  '#/profile',
  '#/notices',
  '#/inbox',
  '#/preferences',
  '#/welcome',
  '#/welcome?step=2',
  '#/lost',
]
const PROVIDER = [
  '#/provider',
  '#/provider?tab=past',
  '#/provider?tab=asked',
  '#/provider/ask',
  '#/provider/activity',
  '#/provider/organisations',
  '#/provider/council',
  '#/provider/settings',
  '#/provider/device',
  '#/provider/more',
]

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

for (const { name, size, colorScheme, letters, language } of WAYS) {
  test(`every address can be used ${name}`, async ({ people }) => {
    test.setTimeout(420_000) // some thirty pages, each scanned
    const how = { size, colorScheme, ...(name.endsWith('by touch') && { hasTouch: true, isMobile: true }) }
    const clinician = await people.isHome('clinician', how)
    const patient = await people.isHome('patient', { ...how, with: [{ title: 'Blood count', content: 'haemoglobin' }] })
    const [record] = done(await patient.sdk.list({ of: 'me' }))
    const startNs = BigInt(Date.now()) * 1_000_000n
    const { grantId } = done(
      await patient.sdk.share({
        grantee: clinician.sdk.principal,
        scope: { categories: ['labs'] },
        rights: ['list', 'open', 'write'],
        purpose: 'TREAT',
        startNs,
        endNs: startNs + 3_600_000_000_000n,
      }),
    )

    for (const person of [patient, clinician]) await person.speak(language)
    const found: string[] = []
    await lookAt(patient, [...PATIENT, `#/records/${record?.recordId ?? ''}`, ...EVERYBODY, ...ACCOUNT], letters, found)
    const theirs = `#/provider/patients/${grantId}`
    await lookAt(
      clinician,
      [
        ...PROVIDER,
        theirs,
        `${theirs}/${record?.recordId ?? ''}`,
        `${theirs}/results`,
        `${theirs}/add`,
        `${theirs}/add/file`,
      ],
      letters,
      found,
    )
    expect(found).toEqual([])
  })
}

async function lookAt(person: Person, addresses: readonly string[], letters: string, found: string[]): Promise<void> {
  const { page } = person
  for (const address of addresses) {
    await person.go(address)
    await expect(page.getByRole('heading', { level: 1 })).toHaveCount(1)
    await expect(page.locator('.mg-skeleton')).toHaveCount(0)
    await page.evaluate((size) => {
      document.documentElement.style.fontSize = size
    }, letters)
    found.push(...(await faultsOf(page)).map((fault) => `${address}: ${fault}`))
    if (page.viewportSize()?.width !== DESKTOP.width) continue
    for (const size of BETWEEN) {
      await page.setViewportSize(size)
      found.push(...(await layoutFaultsOf(page)).map((fault) => `${address} at ${size.width}: ${fault}`))
    }
    await page.setViewportSize(DESKTOP)
  }
}
