import { readFileSync } from 'node:fs'
import { alertsSaid } from '@medguard/client'
import { alertStateOf, type Reading, readingOf } from '@medguard/readings'
import { deviceWith } from './fixtures/device.ts'
import { done } from './fixtures/person.ts'
import { DESKTOP, expect, PHONE, test } from './fixtures/test.ts'

// Things that measure and send by themselves (B08, B09; user requests 20 to 22): from the pairing code to what they sent.

const MINUTE = 60_000
const DAY = 86_400_000

/** Pulse every five minutes from a moment on, without those of an hour and a half in between. */
function pulses(startMs: number): Reading[] {
  const all = Array.from({ length: 40 }, (_, i) => ({ timeMs: startMs + i * 5 * MINUTE, value: 61 + (i % 9) }))
  return all
    .filter((_, i) => i < 10 || i >= 28)
    .map(({ timeMs, value }) => readingOf({ timeMs, value, code: '8867-4', unit: '/min', device: 'Wristband' }))
}

const TABLE = `date;weight
04/05/2024 07:00;70
05/05/2024 07:00;71
05/05/2024 07:00;71
06/05/2024 07:00;70.5
`

test('a device is added, its first reading is waited for, what it sent is shown with its gaps, and it is paused and removed', async ({
  people,
}) => {
  test.slow()
  const person = await people.isHome('patient', { size: DESKTOP })
  const { page } = person
  const startMs = Math.floor(Date.now() / DAY) * DAY - 2 * DAY + 8 * 60 * MINUTE

  await page.getByRole('link', { name: 'Devices' }).click()
  await expect(page.getByText('No device sends anything yet')).toBeVisible()
  await page.getByRole('link', { name: 'Add your first device' }).click()
  await page.getByRole('button', { name: 'Make the pairing code' }).click()
  await expect(page.getByText('Write a name of at most 80 letters.')).toBeVisible()
  await page.getByLabel('What you call it').fill('Band at night')
  await page.getByLabel('What it measures').fill('pulse')
  await page.getByRole('button', { name: 'Make the pairing code' }).click()

  await expect(page.getByText('It is shown this once')).toBeVisible({ timeout: 30_000 })
  await expect(page.getByRole('figure', { name: 'Pairing code as a picture' })).toBeVisible()
  await person.looksSound('the pairing code')
  const picture = await page.getByRole('figure', { name: 'Pairing code as a picture' }).screenshot()
  await page.getByText('The same as text').click()
  const code = await page.getByTestId('pairing-code').innerText()
  const band = deviceWith(code)
  expect(await band.post(pulses(startMs))).toBe(200)
  await expect(page.getByText('A reading has come from “Band at night”')).toBeVisible()
  await expect(page.getByTestId('pairing-code')).toHaveCount(0)

  // What it sent is sealed until the reader asks for it; an hour and a half is missing in it.
  await page.getByRole('link', { name: 'See what it sent' }).click()
  await expect(page.getByRole('heading', { level: 1, name: 'Band at night' })).toBeVisible()
  await page.getByRole('button', { name: 'Show the readings' }).click()
  await expect(page.getByText(/^Pulse: .*69 \/min/)).toBeVisible()
  await expect(page.getByRole('list', { name: 'Gaps' }).getByRole('listitem')).toHaveText(/about 18 readings missing$/)
  await expect(page.getByRole('table', { name: 'Pulse' }).getByRole('row')).toHaveCount(23)
  await person.looksSound('the readings of a device')
  const table = page.waitForEvent('download')
  await page.getByRole('button', { name: 'Save as a table (CSV)' }).click()
  expect(readFileSync(await (await table).path(), 'utf8')).toMatch(
    /^time,code,value,unit,device,flags\r\n\S+,8867-4,6\d,\/min,/,
  )

  // On Home and in the timeline that is one line of that day, drawn without opening anything, and no news in the bell.
  await person.go('#/')
  const newest = page.getByRole('list', { name: 'Newest records' }).getByRole('listitem')
  await expect(newest).toHaveText([/^Band at nightPulse 61 to 69 \/min · .* · 22 readings/])
  await person.go('#/records')
  const line = page.getByRole('link', { name: /^Band at night Pulse 61 to 69 \/min · .* · 22 readings/ })
  await expect(line).toHaveCount(1)
  // Picked as a line too, for all that it stands for, and left out as one.
  await page.getByRole('button', { name: 'Choose several' }).click()
  await page.getByRole('checkbox', { name: /^Band at night Pulse 61 to 69/ }).check()
  await expect(page.getByText('1 record chosen')).toBeVisible()
  await page.getByRole('button', { name: 'Share', exact: true }).click()
  const picked = page.getByRole('list', { name: 'Chosen records' }).getByRole('listitem')
  await expect(picked).toHaveText([/^Band at nightMeasurements · Pulse 61 to 69/])
  const told = /Band at night ·? ?Measurements · Pulse 61 to 69 .* · 22 readings$/ // days of one device are told apart by it
  await expect(page.getByRole('checkbox', { name: told })).toBeChecked()
  await page.getByRole('button', { name: told }).click()
  await expect(picked).toHaveCount(0)
  await person.go('#/records')
  await line.click()
  await expect(page.getByText(/^Only what came on/)).toBeVisible()
  await expect(page.getByRole('table', { name: 'Pulse' })).toBeVisible() // opened once since the sign-in
  await person.go('#/log')
  await expect(page.getByText(/^Band at night added Readings/)).toBeVisible()
  await person.go('#/notices')
  await expect(page.getByText('A device was added that may send readings to your record')).toHaveCount(1)
  await expect(page.getByText(/added a record/)).toHaveCount(0)
  await page.getByRole('link', { name: 'Devices', exact: true }).click()
  await page.getByRole('link', { name: /^Band at night sends Pulse 6\d \/min, / }).click() // as its last posting says without being opened

  await page.getByLabel('What you call it').fill('Band')
  await page.getByRole('button', { name: 'Save the name' }).click()
  await expect(page.getByRole('heading', { level: 1, name: 'Band', exact: true })).toBeVisible({ timeout: 30_000 })
  await page.getByRole('button', { name: 'Pause' }).click()
  await expect(page.getByText('paused', { exact: true })).toBeVisible({ timeout: 30_000 })
  expect(await band.post(pulses(startMs + DAY))).toBe(429)
  await page.getByRole('button', { name: 'Let it send again' }).click()
  await expect(page.getByText('sends', { exact: true })).toBeVisible({ timeout: 30_000 })

  // A new code ends the former one.
  await page.getByRole('button', { name: 'Make a new pairing code' }).click()
  await page.getByRole('button', { name: 'End the present code and make a new one' }).click()
  await expect(page.getByText('It is shown this once')).toBeVisible({ timeout: 30_000 })
  expect(await band.post(pulses(startMs + DAY))).toBe(401)

  await page.getByRole('button', { name: 'Remove', exact: true }).click()
  await page.getByRole('button', { name: 'Remove the device' }).click()
  await expect(page.getByText('It can never send again. What it has sent is still here.')).toBeVisible({
    timeout: 30_000,
  })
  expect(done(await person.sdk.devices())).toMatchObject([{ name: 'Band', kind: 'pulse', state: 'removed' }])
  await expect(page.getByRole('table', { name: 'Pulse' })).toBeVisible()
  await page.getByRole('link', { name: 'All devices' }).click()
  await expect(page.getByText('No device sends anything yet')).toBeVisible()
  // A list to pick from asks what devices are called, also where nothing before it did; for a link there is nothing to pick.
  await person.go('#/share')
  await page.reload()
  await page.getByRole('radio', { name: 'Single records' }).check()
  await page.getByLabel('Find a record').fill('band')
  await expect(page.getByRole('checkbox', { name: /^Band Measurements · Pulse 61 to 69/ })).toBeVisible()
  await person.go('#/links/new')
  await expect(page.getByText('All your records are readings of devices, which a link cannot show.')).toBeVisible()
  await person.go('#/devices')
  await page.getByText('Removed devices').click()
  await expect(page.getByText('1 posting among your records')).toBeVisible({ timeout: 30_000 })

  // The picture says what the text says, to a reader of such pictures: the app has one, for share codes.
  await person.go('#/share')
  const buffer = { name: 'code.png', mimeType: 'image/png', buffer: picture }
  await page.getByLabel('Read from a picture').setInputFiles(buffer)
  await expect(page.getByLabel('Their share code')).toHaveValue(code)
})

test('a table of a scale becomes readings, as its owner said what the columns are, and once', async ({ people }) => {
  const person = await people.isHome('patient', { size: PHONE, timezoneId: 'Asia/Kathmandu' })
  const { page } = person
  const table = { name: 'Scale.csv', mimeType: 'text/csv', buffer: Buffer.from(TABLE) }
  await person.go('#/add')
  await page.getByRole('link', { name: 'Readings from a file' }).click()
  const workers: string[] = []
  page.on('worker', (worker) => workers.push(new URL(worker.url()).pathname))
  await page.getByLabel('Choose the file').setInputFiles(table)
  await expect(page.getByRole('list', { name: 'Columns of the table' })).toBeVisible()
  expect(workers).toEqual([expect.stringMatching(/^\/assets\/reader-readings-/)]) // which may reach nothing
  await expect(page.getByRole('button', { name: 'Read the table like this' })).toBeDisabled()
  await page.getByRole('radio', { name: 'day, month, year' }).check()
  await page.getByLabel('Unit of “weight”').selectOption('kg')
  await person.looksSound('the columns of a table')
  await page.getByRole('button', { name: 'Read the table like this' }).click()
  const kinds = page.getByRole('table', { name: 'What is in the file' })
  await expect(kinds.getByRole('row', { name: /^Weight 3 in kg/ })).toBeVisible()
  await expect(page.getByText('1 reading is left out: it is there already, or twice in the file.')).toBeVisible()
  await person.looksSound('what is in a file')
  await page.getByRole('button', { name: 'Save 3 readings' }).click()
  await expect(page.getByText(/^3 readings saved/)).toBeVisible({ timeout: 30_000 })

  await page.getByRole('link', { name: 'Trends' }).click()
  await page.getByRole('button', { name: 'Show my values' }).click()
  await expect(page.getByText(/^Weight: .*71 kg/)).toBeVisible()
  await expect(page.getByRole('table', { name: 'All values, newest first' })).toContainText(/May 6, 2024 at 7:00/)
  await person.go('#/records')
  await page.getByRole('link', { name: /^Readings from Scale/ }).click()
  // A clock on the wall is that of the reader, wherever that is; what is stored says which.
  const rows = page.getByRole('table', { name: 'Weight' }).getByRole('row')
  await expect(rows).toHaveCount(4)
  await expect(rows.nth(1)).toHaveText(/^May 6, 2024 at 7:00\sAM70.5 kg/)
  expect(done(await person.sdk.list({ of: 'me' }))).toMatchObject([
    { category: 'vitals', readings: { count: 3, fromMs: Date.UTC(2024, 4, 4, 1, 15), offsetMinutes: 345 } },
  ])
})

test('a value beyond a limit is told once, and once its owner has seen it, also on their other devices', async ({
  people,
}) => {
  const person = await people.isHome('patient', { size: PHONE })
  const { page } = person
  const band = deviceWith(done(await person.sdk.addDevice({ name: 'Band', category: 'vitals' })).code)
  const posts = async (value: number) => {
    const reading = readingOf({ timeMs: Date.now(), value, code: '8867-4', unit: '/min', device: 'Wristband' })
    expect(await band.post([reading])).toBe(200)
  }
  await person.go('#/devices/alerts')
  await expect(page.getByText('This is not a medical alarm')).toBeVisible()
  await expect(page.getByText('No limit is set, so nothing is told of values.')).toBeVisible()
  await person.looksSound('no alerts')
  await page.getByRole('button', { name: 'Set a limit' }).click()
  await page.getByRole('button', { name: 'Set this limit' }).click()
  await expect(page.getByText('Write at least one number that is possible.')).toBeVisible()
  await page.getByRole('button', { name: 'Fill in numbers to begin with' }).click()
  await expect(page.getByLabel('Tell me of values above, in /min')).toHaveValue('120')
  await page.getByLabel('Tell me of values below, in /min').fill('')
  await person.looksSound('a limit that is being set')
  await page.getByRole('button', { name: 'Set this limit' }).click()
  await expect(page.getByRole('list', { name: 'Limits' })).toContainText('Pulse: above 120 /min', { timeout: 30_000 })
  await expect(page.getByText(/^Set by you on/)).toBeVisible()
  await expect(page.getByText('Nobody is on duty.')).toBeVisible()

  await posts(90)
  await posts(151)
  const row = page.getByRole('list', { name: 'Worth a look' }).getByRole('listitem')
  await expect(row).toContainText('Pulse above 120 /min: up to 151 /min', { timeout: 30_000 })
  await expect(row).toHaveCount(1)
  await person.looksSound('a limit is crossed')
  await person.go('#/')
  await expect(page.getByRole('list', { name: 'Worth a look: what your devices sent' })).toContainText('151')
  await page.getByRole('link', { name: /^Notifications/ }).click()
  await expect(page.getByText('A limit for your readings was crossed')).toHaveCount(1)
  await expect(page.getByText(/Your readings|You see this because of a limit/)).toHaveCount(1)
  await page.getByRole('link', { name: 'See the alerts' }).click()

  await page.getByRole('button', { name: /^I have seen it/ }).click()
  await expect(page.getByText(/^Seen by you/)).toBeVisible({ timeout: 30_000 })
  await expect(page.getByRole('button', { name: /^I have seen it/ })).toHaveCount(0)
  await page.getByRole('button', { name: 'I am on duty' }).click()
  await expect(page.getByText(/^You are on duty, since/)).toBeVisible({ timeout: 30_000 })
  await person.go('#/')
  await expect(page.getByRole('list', { name: 'Worth a look: what your devices sent' })).toHaveCount(0)
  const records = done(await person.sdk.list({ of: 'me' }))
  const { acknowledged, duty } = alertStateOf(alertsSaid(records, 'vitals'), Date.now())
  expect(acknowledged).toHaveLength(1)
  expect(duty.who).toBe(person.sdk.principal)
  // What is said is none of the records that somebody looks through.
  await person.go('#/records')
  await expect(page.getByRole('link', { name: /^Band Pulse/ })).toBeVisible()
  await expect(page.getByText('Alerts', { exact: true })).toHaveCount(0)
})
