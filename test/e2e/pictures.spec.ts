import { readFileSync, writeFileSync } from 'node:fs'
import { differenceOf, mirrored, thumbnailOf } from './fixtures/thumbnail.ts'
import { expect, test } from './fixtures/test.ts'

// B19: main pages at five widths look as they did. `MEDGUARD_PICTURES=write npx playwright test -c test/e2e/playwright.config.ts pictures` takes them anew, to be looked at like code.

const KEPT = new URL('pictures.json', import.meta.url)
const WIDTHS = [320, 360, 768, 1280, 2560]
const HEIGHT = 800
/** In the dark, and from right to left: one width shows both the way around the pages and their style. */
const ONE_WIDTH = 1280
/** Nothing on them depends on the day, on who somebody is, or on chance. */
const ADDRESSES = [
  '#/add',
  '#/forms/vital',
  '#/share',
  '#/records',
  '#/vault',
  '#/preferences',
  '#/help',
  '#/links/new',
  '#/link',
  '#/devices',
  '#/devices/alerts',
  '#/provider/board',
]
/** Share of cells. Another typeface for everything makes 0.16, no style at all 0.32. */
const MAY_DIFFER = 0.2

test('main pages look as they did at five widths, in the dark, and from right to left', async ({ people, browser }) => {
  test.slow()
  const patient = await people.isHome('patient', {
    colorScheme: 'light',
    with: [{ title: 'Blood count', content: 'haemoglobin', more: { clinicalDate: '2024-05-12' } }],
  })
  const { page } = patient
  const painter = await browser.newPage()
  const now: Record<string, string> = {}
  const goes = async (address: string) => {
    await patient.go(address)
    await expect(page.getByRole('heading', { level: 1 })).toHaveCount(1)
    await expect(page.locator('.mg-skeleton')).toHaveCount(0)
  }
  for (const address of ADDRESSES) {
    await goes(address)
    for (const width of WIDTHS) {
      await page.setViewportSize({ width, height: HEIGHT })
      now[`${address} ${width}`] = await thumbnailOf(page, painter)
    }
    await page.setViewportSize({ width: ONE_WIDTH, height: HEIGHT })
    await page.emulateMedia({ colorScheme: 'dark' })
    now[`${address} dark`] = await thumbnailOf(page, painter)
    await page.emulateMedia({ colorScheme: 'light' })
  }
  await patient.speak('ar')
  for (const address of ADDRESSES) {
    await goes(address)
    now[`${address} right to left`] = await thumbnailOf(page, painter)
  }
  if (process.env['MEDGUARD_PICTURES'] === 'write') writeFileSync(KEPT, `${JSON.stringify(now, null, 2)}\n`)
  const kept = JSON.parse(readFileSync(KEPT, 'utf8')) as Record<string, string>
  expect(Object.keys(now)).toEqual(Object.keys(kept))
  const differences = Object.entries(now).map(
    ([name, picture]) => [name, differenceOf(picture, kept[name] ?? '')] as const,
  )
  expect(differences.filter(([, share]) => share > MAY_DIFFER)).toEqual([])

  // What it is there for: a page that stays light in the dark does not pass, none that is no mirror of itself from right to left, and none without its style.
  for (const address of ADDRESSES) {
    const [plain = '', dark = ''] = [kept[`${address} ${ONE_WIDTH}`], kept[`${address} dark`]]
    expect(differenceOf(dark, plain), `${address} in the dark`).toBeGreaterThan(MAY_DIFFER)
    const turned = now[`${address} right to left`] ?? ''
    const toMirror = differenceOf(turned, mirrored(plain, ONE_WIDTH))
    expect(toMirror, `${address} from right to left`).toBeLessThan(differenceOf(turned, plain))
  }
  await page.setViewportSize({ width: 360, height: HEIGHT })
  await page.evaluate(() => {
    for (const sheet of document.styleSheets) sheet.disabled = true
  })
  const bare = differenceOf(await thumbnailOf(page, painter), kept['#/help 360'] ?? '')
  expect(bare).toBeGreaterThan(MAY_DIFFER)
})
