import { adapterWith, WITH_BLUETOOTH } from './fixtures/bluetooth.ts'
import { done } from './fixtures/person.ts'
import { DESKTOP, expect, PHONE, test } from './fixtures/test.ts'
import config from './playwright.config.ts'

// Bluetooth from the page (B08), with devices of Chromium's own emulation; test/e2e/fixtures/bluetooth.ts says which one step of it is the test's.

const launch = config.use?.launchOptions
test.use({ launchOptions: { ...launch, args: [...(launch?.args ?? []), WITH_BLUETOOTH] } })
test.describe.configure({ mode: 'serial' }) // one adapter in one browser

/** 138/86 mmHg with pulse 71, of person 1 on the cuff, irregular pulse, 14 March 2024 at 7:30:05 by its clock. */
const PRESSURE = '1e8a0056006700e807030e071e054700010400'

test('a cuff is chosen and says a pressure, which is looked at and saved once; what it says that nobody understands is told', async ({
  browser,
  people,
}) => {
  const cuff = await adapterWith(browser, {
    name: 'Cuff in the kitchen',
    services: { 0x1810: { 0x2a35: {} }, 0x180f: { 0x2a19: { hex: '4b' } } },
  })
  const person = await people.arrives('patient', { size: PHONE })
  const { page } = person
  done(await person.sdk.enrol())
  await cuff.isChosenIn(page)
  await page.reload()
  await person.signIn()
  await person.isHome()

  await person.go('#/devices')
  await page.getByRole('link', { name: 'Connect a Bluetooth device' }).click()
  await expect(page.getByRole('list', { name: 'What MedGuard understands' }).getByRole('listitem')).toHaveCount(8)
  await person.looksSound('before a device is chosen')
  await page.getByRole('button', { name: 'Choose a device' }).click()
  await expect(page.getByRole('heading', { name: 'Cuff in the kitchen' })).toBeVisible()
  await expect(page.getByText('connected', { exact: true })).toBeVisible()
  await expect(page.getByText('Battery: 75 %')).toBeVisible()

  await cuff.says(page, 0x2a35, PRESSURE)
  await cuff.says(page, 0x2a35, PRESSURE)
  await cuff.says(page, 0x2a35, '1e8a00')
  const now = page.getByRole('list', { name: 'What the device says' }).getByRole('listitem')
  await expect(now.filter({ hasText: 'Blood pressure' })).toContainText('138/86 mmHg')
  await expect(now.filter({ hasText: 'Blood pressure' })).toContainText('2024')
  await expect(now.filter({ hasText: /^Pulse/ })).toContainText('71 /min')
  await expect(page.getByText('Once the device said something that MedGuard does not understand')).toBeVisible()
  await expect(page.getByText('2 readings are left out: they are there already, or came twice.')).toBeVisible()
  await person.looksSound('what a cuff said')
  await page.getByRole('button', { name: 'Save 2 readings' }).click()
  await expect(page.getByText('2 readings are saved.')).toBeVisible({ timeout: 30_000 })
  await expect(page.getByText('Nothing is left to save.')).toBeVisible()

  // What comes after that is saved by itself when the cuff ends the line, as cuffs do.
  await cuff.says(page, 0x2a35, PRESSURE.replace('8a0056', '850053').replace('1e05', '2805'))
  await expect(page.getByText('2 readings are not saved yet: they are on this page alone.')).toBeVisible()
  await cuff.hangsUp()
  await expect(page.getByText('The connection has ended.')).toBeVisible()
  await expect(page.getByText('4 readings are saved.')).toBeVisible({ timeout: 30_000 })
  await page.getByRole('button', { name: 'Connect again' }).click()
  await expect(page.getByText('connected', { exact: true })).toBeVisible()
  await page.getByRole('link', { name: 'Trends' }).click()
  await page.getByRole('button', { name: 'Show my values' }).click()
  await expect(page.getByText(/^Lower value: latest 83 mmHg/)).toBeVisible()
  expect(done(await person.sdk.list({ of: 'me' }))).toMatchObject([
    { category: 'vitals', mediaType: 'application/vnd.medguard.readings', readings: { count: 2 } },
    { category: 'vitals', readings: { count: 2 } },
  ])
  await cuff.end()
})

/** 6.2 mmol/L of 14 March 2024, the first that the meter stored; before a meal. */
const GLUCOSE = '070100e807030e071e0500003ec0110000'
const BEFORE_MEAL = '02010001'
const ALL_SENT = '06000101'

test('a meter is asked for what it has stored, and what was saved another day is there once', async ({
  browser,
  people,
}) => {
  const meter = await adapterWith(browser, {
    name: 'Meter',
    services: { 0x1808: { 0x2a18: {}, 0x2a34: {}, 0x2a52: {} } },
  })
  const person = await people.arrives('patient', { size: DESKTOP })
  const { page } = person
  done(await person.sdk.enrol())
  await meter.isChosenIn(page)
  for (const [day, values] of [
    [GLUCOSE],
    [GLUCOSE, GLUCOSE.replace('0701', '0702').replace('3ec0', '48c0')],
  ].entries()) {
    await page.reload()
    await meter.isThereAgain()
    if (day === 0) await person.signIn()
    await person.go('#/devices/bluetooth')
    await page.getByRole('button', { name: 'Choose a device' }).click()
    await expect(page.getByText('Asking the device for what it has stored…')).toBeVisible()
    expect(meter.written).toEqual(Array.from({ length: day + 1 }, () => '0101')) // report all
    for (const value of values) await meter.says(page, 0x2a18, value)
    await meter.says(page, 0x2a34, BEFORE_MEAL)
    await meter.says(page, 0x2a52, ALL_SENT)
    await expect(page.getByText('The device has sent all that it had stored.')).toBeVisible()
    await page.getByRole('button', { name: `Save ${values.length} reading` }).click()
    await expect(page.getByText('1 reading is saved.')).toBeVisible({ timeout: 30_000 })
    await expect(page.getByText(/^1 reading is left out/)).toHaveCount(day)
  }
  expect(done(await person.sdk.list({ of: 'me' }))).toMatchObject([
    { readings: { count: 1, codes: [{ code: '15074-8', last: 6.2 }] } },
    { readings: { count: 1, codes: [{ code: '15074-8', last: 7.2 }] } },
  ])

  // Without an adapter the page says so before anything is pressed, and what can be done instead.
  await meter.adapterGoes()
  await person.go('#/devices')
  await person.go('#/devices/bluetooth')
  await page.getByRole('button', { name: 'Choose another device' }).click()
  await expect(page.getByText('Bluetooth is off, or this computer has none')).toBeVisible()
  await expect(page.getByRole('link', { name: 'Write it down by hand' })).toBeVisible()
  await person.looksSound('Bluetooth is off')
  await page.getByRole('button', { name: 'Choose a device' }).click()
  await expect(page.getByRole('alert').getByText('Bluetooth is off, or this computer has none')).toBeVisible()
  await meter.end()
})
