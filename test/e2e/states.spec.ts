import { createClient, developmentNetwork, identityOfKit, newKit } from '@medguard/client'
import { generatePatient } from '@medguard/synthetic'
import type { Page } from '@playwright/test'
import { readFileSync } from 'node:fs'
import { done } from './fixtures/person.ts'
import { expect, test } from './fixtures/test.ts'
import { type Change, changeOnTheWay, cutOff, flipBit, fragile, hold, lieInQuery, placeAfter } from './fixtures/wire.ts'

// What the page says and shows when there is nothing, when there is much, when the line is down, and when somebody lies.

const SECRET = 'Potassium 4.1 mmol per litre'
const WITH_SECRET = [{ title: 'Kidney values', content: SECRET }]

test.describe('content that fails its check', () => {
  const chunk = { canister: 'records', method: 'chunk' } as const
  const openRecord = async (page: Page) => page.getByRole('link', { name: /Kidney values/ }).click()

  test('because a replica changed it is not shown; a red panel and a report without content are', async ({
    people,
  }) => {
    test.slow() // its states are scanned as well
    const permissions = ['clipboard-read', 'clipboard-write']
    const person = await people.isHome('patient', { with: WITH_SECRET, permissions })
    const { page } = person
    const lies = await lieInQuery(page, chunk, (reply) => flipBit(reply, -1))
    await person.go('#/records')
    await openRecord(page)
    const panel = page.getByRole('alert')
    await expect(panel).toContainText('This is not what was stored')
    await expect(panel).toContainText('Tampered')
    await expect(panel).toHaveClass(/mg-bad/)
    await expect(page.getByText(SECRET)).toHaveCount(0)
    await expect(page.getByText('Matches what was stored')).toHaveCount(0)
    await expect(page.getByRole('button', { name: 'Save to disk' })).toHaveCount(0)
    expect(lies()).toBeGreaterThan(0)
    await person.looksSound('a record that failed its check')
    await panel.getByRole('button', { name: 'Copy a report' }).click()
    const report = () => page.evaluate(() => navigator.clipboard.readText())
    await expect
      .poll(report)
      .toMatch(/^\{"from":"MedGuard","failed":"Tampered","recordId":"[0-9a-f]{32}","version":1\}$/)

    await page.unrouteAll({ behavior: 'wait' })
    await panel.getByRole('button', { name: 'Fetch and check again' }).click()
    await expect(page.getByText(SECRET)).toBeVisible()
    await expect(page.getByText('Matches what was stored')).toBeVisible()
  })

  test('because somebody changed it on the way is not shown', async ({ people }) => {
    const person = await people.isHome('patient', { with: WITH_SECRET })
    const changes = await changeOnTheWay(person.page, chunk, 'query', (answer) =>
      flipBit(answer, placeAfter(answer, 'reply') + 100),
    )
    await person.go('#/records')
    await openRecord(person.page)
    await expect(person.page.getByRole('alert')).toContainText('The answer was not genuine')
    await expect(person.page.getByRole('alert')).toHaveClass(/mg-bad/)
    await expect(person.page.getByText(SECRET)).toHaveCount(0)
    expect(changes()).toBeGreaterThan(0)
  })

  test('because the answer of an update was changed on the way is not shown', async ({ people }) => {
    const person = await people.isHome('patient', { with: WITH_SECRET })
    const opening = { canister: 'records', method: 'open' } as const
    const changes = await changeOnTheWay(person.page, opening, 'call', (answer) =>
      flipBit(answer, placeAfter(answer, 'certificate') + 200),
    )
    await person.go('#/records')
    await openRecord(person.page)
    await expect(person.page.getByRole('alert')).toContainText('The answer was not genuine')
    await expect(person.page.getByText(SECRET)).toHaveCount(0)
    expect(changes()).toBeGreaterThan(0)
  })

  test('in the list is not listed, be it changed or left out', async ({ people }) => {
    const two = [...WITH_SECRET, { title: 'Liver values', content: 'fine' }]
    const person = await people.isHome('patient', { with: two })
    const { page } = person
    const headers = { canister: 'records', method: 'headers' } as const
    const lies = await lieInQuery(page, headers, (reply) =>
      reply.length > 500 ? flipBit(reply, placeAfter(reply, 'MGM1') + 100) : null,
    )
    await page.reload()
    await person.go('#/records')
    const panel = page.getByRole('alert').first()
    await expect(panel).toContainText('Your records are not shown')
    await expect(panel).toHaveClass(/mg-bad/)
    await expect(page.getByText('Kidney values')).toHaveCount(0)
    await expect(page.getByText('Liver values')).toHaveCount(0)
    expect(lies()).toBeGreaterThan(0)

    await page.unrouteAll({ behavior: 'wait' })
    // The answer to the same question before the second record was there: a replica that is behind, or pretends to be.
    const other = await people.isHome('behind', { with: WITH_SECRET })
    let old: Uint8Array | null = null
    const replay: Change = (reply) => {
      if (reply.length < 500) return null
      old ??= reply
      return old
    }
    await lieInQuery(other.page, headers, replay)
    await other.go('#/records')
    await other.page.reload()
    await expect(other.page.getByText('Kidney values')).toBeVisible()
    await other.store('Liver values', 'bad')
    await other.page.getByRole('button', { name: 'Refresh' }).click()
    await expect(other.page.getByRole('alert').first()).toContainText(/list is not complete/i)
  })

  test('of one record leaves the others readable, and says which it is', async ({ people }) => {
    const person = await people.isHome('patient', {
      with: [...WITH_SECRET, { title: 'Liver values', content: 'fine' }],
    })
    const { page } = person
    // The last bytes of the page are the second record's wrapped key.
    await lieInQuery(page, { canister: 'records', method: 'headers' }, (reply) =>
      reply.length > 500 ? flipBit(reply, -1) : null,
    )
    await page.reload()
    await person.go('#/records')
    const damaged = page.getByRole('listitem').filter({ hasText: 'Unreadable record' })
    await expect(damaged).toContainText('Failed its check')
    await expect(page.getByText('Liver values')).toHaveCount(0)
    await openRecord(page)
    await expect(page.getByText(SECRET)).toBeVisible()
  })

  const logLies: readonly (readonly [what: string, change: Change])[] = [
    ['certificate', (reply) => flipBit(reply, placeAfter(reply, 'signature') + 20)],
    ['tree head', (reply) => flipBit(reply, placeAfter(reply, 'MGT1') + 40)],
    ['entries', (reply) => flipBit(reply, placeAfter(reply, 'MGD1') + 20)],
  ]
  for (const [what, change] of logLies) {
    test(`in the log’s ${what} makes a red panel, and no entry is shown`, async ({ people }) => {
      const person = await people.isHome('patient')
      const { page } = person
      const lies = await lieInQuery(page, { canister: 'audit', method: 'leaves' }, change)
      await person.go('#/log')
      await expect(page.getByRole('alert')).toContainText('This log failed its check. Do not rely on it.')
      await expect(page.getByRole('alert')).toHaveClass(/mg-bad/)
      await expect(page.getByText('This log is complete and unaltered.')).toHaveCount(0)
      await expect(page.getByText('set up this health record')).toHaveCount(0)
      expect(lies()).toBeGreaterThan(0)
      await page.unrouteAll({ behavior: 'wait' })
      await page.getByRole('button', { name: 'Verify again' }).click()
      await expect(page.getByText('This log is complete and unaltered.')).toBeVisible()
      await expect(page.getByText('set up this health record')).toBeVisible()
    })
  }
})

test.describe('the line', () => {
  test('that is cut shows a bar; what is saved meanwhile waits, in memory where it has no key, and is sent by itself after', async ({
    people,
  }) => {
    test.slow() // its states are scanned as well
    const person = await people.isHome('patient', { with: [{ title: 'Kidney values', content: 'fine' }] })
    const { page, context } = person
    await person.go('#/records')
    await expect(page.getByText('Kidney values')).toBeVisible()
    await context.setOffline(true)
    const bar = page.getByText('You are offline.')
    await expect(bar).toContainText(/What you see is from \d/)
    await expect(page.getByText('Kidney values')).toBeVisible()
    await person.go('#/add?as=note')
    await page.getByRole('textbox', { name: 'Note' }).fill('Headache since Monday')
    await page.getByRole('textbox', { name: 'Title' }).fill('Headache')
    await page.getByRole('radio', { name: 'Other' }).check()
    await page.getByRole('button', { name: 'Save record' }).click()
    await expect(page.getByText('is only in the memory of this page until the connection is back')).toBeVisible()
    await expect(page.getByText(/^Saved at/)).toHaveCount(0)
    await expect(bar).toContainText('1 new record waits.')
    await person.looksSound('without a network')
    await context.setOffline(false)
    await expect(bar).toHaveCount(0)
    await person.go('#/records')
    await expect(page.getByRole('link', { name: /^Headache/ })).toBeVisible({ timeout: 30_000 })
    expect(done(await person.sdk.list({ of: 'me' })).map(({ title }) => title)).toEqual(['Kidney values', 'Headache'])
  })

  test('that only seems to be there hides other people’s records until access is confirmed', async ({ people }) => {
    const patient = await people.isHome('patient', { with: WITH_SECRET })
    const clinician = await people.isHome('clinician')
    const { page } = clinician
    await page.clock.install()
    await page.reload()
    const startNs = BigInt(Date.now()) * 1_000_000n
    const share = done(
      await patient.sdk.share({
        grantee: clinician.sdk.principal,
        scope: { categories: ['labs'] },
        rights: ['list', 'open'],
        purpose: 'TREAT',
        startNs,
        endNs: startNs + 3_600_000_000_000n,
      }),
    )
    await clinician.go(`#/provider/patients/${share.grantId}`)
    await page.getByRole('link', { name: /Kidney values/ }).click()
    await expect(page.getByText(SECRET)).toBeVisible()
    const mend = await cutOff(page, { canister: 'consent', method: 'changes' }, 'query')
    // Three polls and the tries within each take their time, which the test moves on.
    await expect(async () => {
      await page.clock.fastForward(2000)
      await expect(page.getByRole('status').filter({ hasText: 'No connection to MedGuard.' })).toBeVisible({
        timeout: 250,
      })
    }).toPass()
    await expect(page.getByText('Hidden: we cannot confirm that you still have access')).toBeVisible()
    await expect(page.getByText(SECRET)).toHaveCount(0)
    await expect(page.getByText('Kidney values')).toHaveCount(0)
    await mend()
    await expect(page.getByText(SECRET)).toBeVisible()
    await expect(page.getByText('No connection to MedGuard')).toHaveCount(0)
  })
})

test('a new health record says that nothing is there and nothing is shared', async ({ people }) => {
  test.slow() // its states are scanned as well
  const person = await people.isHome('patient')
  const { page } = person
  await expect(page.getByText('Nobody but you. Nothing is shared with anyone.')).toBeVisible()
  for (const card of [
    'Add your first record',
    'Write a note',
    'Bring in what a clinic gave you',
    'Connect a device',
    'Get your share code',
  ])
    await expect(page.getByRole('link', { name: card })).toBeVisible()
  const empty = [
    ['#/records', 'No records yet'],
    ['#/sharing', 'You are not sharing anything'],
    ['#/sharing?tab=past', 'Nothing has ended yet'],
    ['#/log?who=others', 'No entries of this kind'],
    ['#/provider', 'Nobody shares with you right now'],
    ['#/provider?tab=past', 'Nothing has ended yet'],
    [`#/records/${'0'.repeat(32)}`, 'There is no such record among yours'],
    [`#/provider/patients/${'0'.repeat(32)}`, 'Nothing is shared with you here'],
    ['#/nowhere', 'There is no page at this address'],
  ] as const
  for (const [where, says] of empty) {
    await person.go(where)
    await expect(page.getByText(says), where).toBeVisible()
    await person.looksSound(`${where}, where there is nothing`)
  }
})

test('a browser without a database is told so, and is offered no sign-in', async ({ browser, baseURL }) => {
  const context = await browser.newContext({ ...(baseURL !== undefined && { baseURL }) })
  await context.addInitScript(() => {
    IDBFactory.prototype.open = () => {
      throw new DOMException('switched off', 'SecurityError')
    }
  })
  const page = await context.newPage()
  await page.goto('/')
  await expect(page.getByRole('alert')).toContainText('This browser cannot keep you safe')
  await expect(page.getByRole('button')).toHaveCount(0)
  await context.close()
})

test.describe('a record', () => {
  test('of FHIR with scripts in its narrative and its values is text and nothing else', async ({ people }) => {
    const script = '<script>document.title = "run"</script><img src=x onerror="document.title = \'run\'">'
    const bundle = {
      resourceType: 'Bundle',
      type: 'collection',
      entry: [
        {
          resource: {
            resourceType: 'Observation',
            status: 'final',
            text: { status: 'generated', div: `<div xmlns="http://www.w3.org/1999/xhtml">${script}</div>` },
            code: { text: `Sodium ${script}` },
            valueString: `normal <b>bold</b>${script}`,
            effectiveDateTime: '2025-03-01',
          },
        },
      ],
    }
    const more = { mediaType: 'application/fhir+json', fileName: 'bundle.json' }
    const title = `Sodium ${script}`
    const person = await people.isHome('patient', { with: [{ title, content: JSON.stringify(bundle), more }] })
    const { page } = person
    await person.go('#/records')
    await page.getByRole('link', { name: /Sodium/ }).click()
    await expect(page.getByRole('heading', { level: 1 })).toHaveText(title)
    await expect(page.getByText(/^normal <b>bold<\/b><script>/)).toBeVisible()
    await page.getByRole('button', { name: 'Show the original (JSON)' }).click()
    await expect(page.getByRole('region', { name: 'Original JSON' })).toContainText('www.w3.org/1999/xhtml')
    await expect(page.getByRole('region', { name: 'Original JSON' })).toContainText('<script>')
    await expect(page.locator('main').locator('script, img, iframe, object, embed, b')).toHaveCount(0)
    await expect(page).toHaveTitle('Record · MedGuard')
  })

  // A23: a line that breaks costs what was on its way, and not what had arrived.
  test('of 8 MiB shows how far it is, both ways, goes on where the line broke, and comes back byte for byte', async ({
    people,
  }) => {
    test.slow()
    const person = await people.isHome('patient')
    const { page } = person
    const bytes = Buffer.alloc(8 << 20, 'MedGuard. ')
    bytes[bytes.length - 1] = 0
    await person.go('#/add')
    await page.getByLabel('Choose a file').setInputFiles({ name: 'volume.nii', mimeType: '', buffer: bytes })
    await expect(page.getByText('8.4 MB')).toBeVisible()
    await page.getByRole('radio', { name: 'Scans and images' }).check()
    const upload = await fragile(page, { canister: 'records', method: 'putChunk' }, 'call')
    await page.getByRole('button', { name: 'Save record' }).click()
    await expect.poll(upload.waiting).toBeGreaterThan(1)
    const progress = page.getByRole('progressbar', { name: 'Saving your record' })
    await expect(progress).toBeVisible()
    await expect(page.getByText(/^Saved at/)).toHaveCount(0)
    for (let chunk = 0; chunk < 3; chunk++) {
      await expect.poll(upload.waiting).toBeGreaterThan(0)
      upload.letOne()
      await expect.poll(upload.arrived).toBe(chunk + 1)
    }
    // The third has come when the one that waited for its place asks for the line.
    await expect.poll(() => upload.arrived() + upload.waiting()).toBeGreaterThan(3)
    upload.breaks()
    const broken = page.getByRole('alert').filter({ hasText: 'No answer came back' })
    await expect(broken).toBeVisible({ timeout: 60_000 })
    await expect(page.getByText('8.4 MB')).toBeVisible()
    upload.mends()
    await broken.getByRole('button', { name: 'Try again' }).click()
    await expect(page.getByText(/^Saved at/)).toBeVisible({ timeout: 30_000 })
    expect(upload.arrived()).toBe(8) // a mebibyte each, and none of them twice

    const download = await hold(page, { canister: 'records', method: 'chunk' }, 'query')
    await page.getByRole('link', { name: 'Open it' }).click()
    await expect.poll(download.waiting).toBeGreaterThan(1)
    await expect(page.getByText(/^Opening\./)).toBeVisible()
    download.release()
    await expect(page.getByText('It opens in another program')).toBeVisible({ timeout: 30_000 })
    expect(await savedToDisk(page)).toEqual({ name: 'volume.nii', isSame: true, sizeBytes: bytes.length })

    // A13: whether a file is what was stored can be asked of the file itself.
    const check = page.getByLabel('Check a file that you saved')
    await check.setInputFiles({ name: 'volume.nii', mimeType: '', buffer: bytes })
    await expect(page.getByText('This file is exactly what was stored.')).toBeVisible()
    const other = Buffer.from(bytes)
    other[1_000_000] = (other[1_000_000] ?? 0) ^ 1
    await check.setInputFiles({ name: 'volume.nii', mimeType: '', buffer: other })
    await expect(page.getByText('This file is not what was stored')).toBeVisible()

    async function savedToDisk(page: Page) {
      const saved = await saveToDisk(page)
      return { name: saved.name, isSame: saved.bytes.equals(bytes), sizeBytes: saved.bytes.length }
    }
  })

  test('of a PDF is shown on a canvas, never in a frame, and saved byte for byte as it was added', async ({
    people,
  }) => {
    const person = await people.isHome('patient')
    const { page } = person
    const pdf = Buffer.from(generatePatient({ seed: 'e2e/pdf', yearsOfVisits: 1 }).labReportPdf)
    const file = { name: 'Befund Mai.pdf', mimeType: 'application/pdf', buffer: pdf }
    await person.addFile(file, { title: 'Blood count', kind: 'Lab results' })
    await person.go('#/records')
    await page.getByRole('link', { name: /Blood count/ }).click()
    await expect(page.getByRole('img', { name: /^Page 1 of/ })).toHaveAttribute('data-drawn', 'true')
    await expect(page.locator('iframe, object, embed')).toHaveCount(0)
    const saved = await saveToDisk(page)
    expect(saved.name).toBe('Befund Mai.pdf')
    expect(saved.bytes.equals(pdf)).toBe(true)
  })

  test('of a picture is drawn; one that could hold scripts is only offered to be saved', async ({ people }) => {
    const svg = '<svg xmlns="http://www.w3.org/2000/svg"><script>document.title = "run"</script></svg>'
    const png = readFileSync(new URL('fixtures/one-pixel.png', import.meta.url))
    const person = await people.isHome('patient', {
      with: [
        { title: 'Photo of a mole', content: png, more: { mediaType: 'image/png', fileName: 'mole.png' } },
        { title: 'Drawing', content: svg, more: { mediaType: 'image/svg+xml', fileName: 'drawing.svg' } },
      ],
    })
    const { page } = person
    await person.go('#/records')
    await page.getByRole('link', { name: /Photo of a mole/ }).click()
    const picture = page.getByRole('img', { name: 'Photo of a mole' })
    await expect.poll(() => picture.evaluate((image: HTMLImageElement) => image.naturalWidth)).toBe(1)
    await page.goBack()
    await page.getByRole('link', { name: /Drawing/ }).click()
    await expect(page.getByText('It opens in another program')).toBeVisible()
    await expect(page.getByRole('main').getByRole('img')).toHaveCount(0)
    await expect(page).toHaveTitle('Record · MedGuard')
  })

  test('of a note is kept as it was written, line breaks and signs included', async ({ people }) => {
    const person = await people.isHome('patient')
    const { page } = person
    const note = 'Since Monday:\n  – dizzy\n  – 37,8 °C <fever>\n\n❤'
    await page.getByRole('link', { name: 'Write a note' }).click()
    await page.getByRole('button', { name: 'Save record' }).click()
    await expect(page.getByRole('alert')).toContainText('Write something first.')
    await page.getByRole('textbox', { name: 'Note' }).fill(note)
    await page.getByRole('textbox', { name: 'Title' }).fill('How I feel')
    await page.getByRole('radio', { name: 'Measurements' }).check()
    await page.getByRole('button', { name: 'Save record' }).click()
    await page.getByRole('link', { name: 'Open it' }).click()
    await expect(page.getByText('Matches what was stored')).toBeVisible()
    expect(await page.locator('pre').innerText()).toBe(note)
  })
})

test('a recovery that somebody started is on top of the first page, and is stopped there', async ({ people }) => {
  const person = await people.isHome('patient')
  const { page, sdk } = person
  await expect(page.getByText('Somebody is taking over')).toHaveCount(0)
  const kit = newKit()
  done(await sdk.setRecovery({ kit: kit.principal, guardians: [], threshold: 0 }))
  const identity = identityOfKit(kit.text)
  if (identity === null) throw new Error('a new kit is one')
  const { port } = new URL(page.url())
  const thief = createClient({ identity, network: developmentNetwork(`http://127.0.0.1:${port}`) })
  const other = await people.isHome('other')
  done(await thief.startRecovery(other.sdk.principal))
  await expect(page.getByRole('alert')).toContainText('Somebody is taking over this account')
  await page.getByRole('button', { name: /stop it/ }).click()
  await expect(page.getByText('Somebody is taking over')).toHaveCount(0)
  expect(done(await sdk.people()).waiting).toEqual([])
})

async function saveToDisk(page: Page): Promise<{ name: string; bytes: Buffer }> {
  const started = page.waitForEvent('download')
  await page.getByRole('button', { name: 'Save to disk' }).click()
  const download = await started
  return { name: download.suggestedFilename(), bytes: readFileSync(await download.path()) }
}
