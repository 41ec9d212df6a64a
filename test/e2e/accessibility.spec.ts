import { AxeBuilder } from '@axe-core/playwright'
import type { Page } from '@playwright/test'
import { done, type Person } from './fixtures/person.ts'
import { DESKTOP, expect, PHONE, test } from './fixtures/test.ts'

// Every address, in light and dark, on a desktop, on the narrowest phone, with letters twice as large, and from right to left: WCAG 2.2 AA
// as far as a machine can tell (axe), nothing beside the screen, and one heading that says where one is.

const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']
const NARROWEST = { width: 320, height: 640 }

const WAYS = [
  { name: 'on a desktop', size: DESKTOP, colorScheme: 'light', letters: '100%', language: 'en' },
  { name: 'on a phone in the dark', size: PHONE, colorScheme: 'dark', letters: '100%', language: 'en' },
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
  '#/trends',
  '#/import',
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

for (const { name, size, colorScheme, letters, language } of WAYS) {
  test(`every address can be used ${name}`, async ({ people }) => {
    test.setTimeout(420_000) // some thirty pages, each scanned
    const how = { size, colorScheme }
    const clinician = await people.isHome('clinician', how)
    const patient = await people.isHome('patient', { ...how, with: [{ title: 'Blood count', content: 'haemoglobin' }] })
    const [record] = done(await patient.sdk.list({ of: 'me' }))
    const startNs = BigInt(Date.now()) * 1_000_000n
    const { grantId } = done(
      await patient.sdk.share({
        grantee: clinician.sdk.principal,
        scope: { categories: ['labs'] },
        rights: ['list', 'open'],
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
      [...PROVIDER, theirs, `${theirs}/${record?.recordId ?? ''}`, `${theirs}/results`, `${theirs}/add`],
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
    const { violations } = await new AxeBuilder({ page }).withTags(RULES).analyze()
    found.push(...violations.map(({ id, nodes }) => `${address}: ${id}: ${nodes[0]?.html} ${nodes[0]?.failureSummary}`))
    found.push(...(await besideTheScreen(page)).map((what) => `${address}: beside the screen: ${what}`))
  }
}

/** What a reader would have to scroll sideways for. Tables may scroll inside a box of their own. */
const besideTheScreen = (page: Page): Promise<string[]> =>
  page.evaluate(() => {
    const { clientWidth, scrollWidth } = document.documentElement
    if (scrollWidth <= clientWidth) return []
    const wide = [...document.querySelectorAll('body *')].filter((element) => {
      const { left, right } = element.getBoundingClientRect()
      return right > clientWidth + 1 || left < -1
    })
    return wide.slice(-1).map((element) => element.outerHTML.slice(0, 200))
  })
