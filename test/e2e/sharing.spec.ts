import type { Category, NewShare, Share } from '@medguard/client'
import type { Page } from '@playwright/test'
import { shareHalf } from './fixtures/half-share.ts'
import { done, type Person } from './fixtures/person.ts'
import { expect, type People, PHONE, test } from './fixtures/test.ts'
import { cutOff } from './fixtures/wire.ts'

// Shares from both ends: what is shared, with whom, until when, and what happens in between.

const NS_PER_MS = 1_000_000n
const shortly = (code: string) => `${code.slice(0, 5)}…${code.slice(-3)}`

test('sharing single records shows the recipient exactly these, and nothing that comes later', async ({ people }) => {
  test.slow()
  const patient = await people.isHome('patient', {
    with: [
      { title: 'Blood count of May', content: 'haemoglobin' },
      { title: 'Blood count of June', content: 'not for everybody' },
      { title: 'Note about sleep', content: 'badly', more: { category: 'sensitive' } },
    ],
  })
  const clinician = await people.isHome('clinician')
  const { page } = patient
  await patient.go('#/share')
  await page.getByLabel('Their share code').fill(clinician.sdk.principal)
  await page.getByRole('radio', { name: 'Single records' }).check()
  await page.getByRole('checkbox', { name: 'Blood count of May' }).check()
  await page.getByRole('checkbox', { name: 'Note about sleep' }).check()
  await page.getByRole('button', { name: 'Share', exact: true }).click()
  await expect(page.getByRole('alert')).toContainText('Choose how long.')
  await expect(page.getByRole('alert')).toContainText('Choose what it is for.')
  await patient.looksSound('a share with mistakes')
  await page.getByRole('radio', { name: '1 hour' }).check()
  await page.getByRole('radio', { name: 'Treatment' }).check()
  await expect(page.getByText(/can open “Blood count of May” and “Note about sleep” until/)).toBeVisible()
  await page.getByText('See what they will see').click()
  const preview = page.getByRole('list', { name: 'Records the recipient will see' }).locator('.mg-record-title')
  expect(new Set(await preview.allInnerTexts())).toEqual(new Set(['Blood count of May', 'Note about sleep']))
  await patient.looksSound('what a recipient will see')
  // Another choice is another view: by kind it is what there is of the kind.
  await page.getByRole('radio', { name: /^Kind of record/ }).check()
  await page.getByRole('checkbox', { name: 'Lab results' }).check()
  await page.getByText('See what they will see').click()
  await expect(preview).toHaveText([/Blood count of (May|June)/, /Blood count of (May|June)/])
  await expect(page.getByText('What you add to these kinds while the share lasts is seen too.')).toBeVisible()
  await page.getByRole('radio', { name: 'Single records' }).check()
  await page.getByRole('button', { name: 'Share', exact: true }).click()
  await expect(page.getByText(/^Shared at/)).toBeVisible({ timeout: 30_000 })
  const calendar = page.waitForEvent('download')
  await page.getByRole('button', { name: 'Put its end into my calendar' }).click()
  expect((await calendar).suggestedFilename()).toBe('medguard-share-ends.ics')
  // A name for the code, which only this person sees: here, wherever the code stands, and after a reload.
  await page.getByRole('button', { name: /^Give a name:/ }).click()
  const name = page.getByLabel('What do you call them?')
  await expect(name).toBeFocused()
  await name.fill('Dr Bergström')
  await name.press('Enter')
  await expect(page.getByRole('button', { name: /^Change the name:/ })).toBeFocused()
  await patient.go('#/log')
  await expect(page.getByText(/You shared chosen records with Dr Bergström/i).first()).toBeVisible()
  await page.reload()
  await patient.go('#/sharing')
  await expect(
    page.getByRole('list', { name: 'People who can see your records' }).getByText('Dr Bergström'),
  ).toBeVisible()
  await page.getByText('What was agreed').click()
  await expect(page.getByRole('region', { name: 'What it says' })).toContainText(
    'The recipient may read what is shared.',
  )
  const stored = page.getByRole('region', { name: 'The stored text' })
  await expect(stored).toContainText(`recipient: ${clinician.sdk.principal}`)
  await expect(stored).toContainText('The recipient may read what is shared.')

  await clinician.go('#/provider')
  await clinician.page.getByRole('link', { name: /^Open the records of .*Chosen records/ }).click()
  const titles = clinician.page.locator('.mg-record-title')
  await expect(titles).toHaveCount(2)
  expect(new Set(await titles.allInnerTexts())).toEqual(new Set(['Blood count of May', 'Note about sleep']))
  await clinician.page.getByRole('link', { name: /Note about sleep/ }).click()
  await expect(clinician.page.getByText('badly')).toBeVisible()

  await patient.store('Blood count of July', 'later')
  await clinician.page.reload()
  await clinician.page.getByRole('link', { name: 'All shared records' }).click()
  await expect(titles).toHaveCount(2)
  await expect(clinician.page.getByText(/July|June/)).toHaveCount(0)
})

test('four taps from Home share chosen records with somebody known, who then lists and opens these and no others', async ({
  people,
}) => {
  test.slow() // two people, from nothing to what the other reads
  const clinician = await people.isHome('clinician')
  const patient = await people.arrives('patient', { size: PHONE })
  done(await patient.sdk.enrol())
  await patient.store('Blood count of May', 'haemoglobin')
  await patient.store('Blood count of June', 'leucocytes')
  const note = await patient.store('Note about sleep', 'badly', { category: 'sensitive' })
  const before = await shareBySdk(patient, clinician, 3_600_000)
  done(await patient.sdk.revoke(before.grantId))
  await patient.signIn()
  const { page } = patient
  const who = page.getByRole('button', { name: `Share with ${shortly(clinician.sdk.principal)}` })
  await expect(who).toBeVisible()
  await page.evaluate(() => {
    const taps: string[] = []
    Object.assign(window, { taps })
    const note = (event: Event) => void taps.push(event.type)
    for (const kind of ['pointerdown', 'keydown']) window.addEventListener(kind, note, { capture: true })
  })

  await who.click()
  for (const choice of await page.locator('input[type=radio], input[type=checkbox]').all()) {
    if ((await choice.getAttribute('name')) !== 'what') await expect(choice).not.toBeChecked() // C07
  }
  await page.getByRole('checkbox', { name: 'Lab results' }).click()
  await page.getByRole('radio', { name: 'To treat me, for 1 day' }).click()
  await expect(page.getByText(/can open your 2 records in Lab results, .+ to treat you\.$/)).toBeVisible()
  await patient.looksSound('the short way to share')
  await page.getByRole('button', { name: 'Share', exact: true }).click()
  await expect(page.getByText(/^Shared at/)).toBeVisible()
  const taps = await page.evaluate(() => (window as unknown as { taps: string[] }).taps)
  expect(taps).toEqual(['pointerdown', 'pointerdown', 'pointerdown', 'pointerdown'])

  await clinician.go('#/provider')
  await clinician.page.getByRole('link', { name: /^Open the records of .*Lab results/ }).click()
  const titles = clinician.page.locator('.mg-record-title')
  await expect(titles).toHaveCount(2)
  expect(new Set(await titles.allInnerTexts())).toEqual(new Set(['Blood count of May', 'Blood count of June']))
  for (const [title, content] of [
    ['Blood count of May', 'haemoglobin'],
    ['Blood count of June', 'leucocytes'],
  ] as const) {
    await clinician.page.getByRole('link', { name: new RegExp(title) }).click()
    await expect(clinician.page.getByText(content)).toBeVisible()
    await clinician.page.goBack()
  }
  const [grant] = done(await clinician.sdk.sharesReceived()).filter(({ state }) => state === 'live')
  const grantId = grant?.grantId ?? ''
  const listed = done(await clinician.sdk.list({ of: 'grant', grantId }))
  expect(listed).toHaveLength(2)
  for (const one of listed) expect((await clinician.sdk.open({ ...one, recordId: note })).kind).toBe('refused')
  await clinician.go(`#/provider/patients/${grantId}/${note}`)
  await expect(clinician.page.getByText('This record is not among those shared with you')).toBeVisible()

  // B10: of what is not shared there is no trace. The pages are the same to the letter, whether there is more of it or not.
  const pages = async () => {
    await clinician.page.reload()
    const seen: string[] = []
    for (const [address, isThere] of [
      [`#/provider/patients/${grantId}`, titles],
      ['#/provider', clinician.page.getByRole('link', { name: /^Open the records of/ })],
    ] as const) {
      await clinician.go(address)
      await expect(isThere).not.toHaveCount(0)
      await expect(clinician.page.getByRole('progressbar')).toHaveCount(0)
      seen.push(await everyWordOf(clinician.page))
    }
    return seen
  }
  const withOneNote = await pages()
  expect(withOneNote.join()).toContain('Blood count of May')
  await patient.store('Note about drinking', 'much', { category: 'sensitive' })
  await patient.store('Tablets', 'twice a day', { category: 'medicines' })
  expect(await pages()).toEqual(withOneNote)

  // Stopped where it was given.
  await page.getByRole('button', { name: /^Stop sharing with/ }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Stop sharing' }).click()
  await expect(page.getByText(/^You stopped it at/)).toBeVisible()
  expect(done(await patient.sdk.sharesGiven()).map(({ state }) => state)).toEqual(['revoked', 'revoked'])
})

/** What a page says to anybody and anything: each text, and each attribute but what is drawn anew every time. How much time is left goes on. */
const everyWordOf = (page: Page): Promise<string> =>
  page.evaluate(() => {
    const changing = new Set(['id', 'for', 'aria-labelledby', 'aria-describedby', 'aria-controls'])
    const said = (node: Node): string[] => {
      if (!(node instanceof Element)) return [node.textContent ?? '']
      const attributes = [...node.attributes].filter(({ name }) => !changing.has(name))
      return [
        node.tagName,
        ...attributes.map(({ name, value }) => `${name}=${value}`),
        ...[...node.childNodes].flatMap(said),
      ]
    }
    return said(document.body)
      .join('\n')
      .replaceAll(/\d+ (minute|hour)s?/g, 'some time')
  })

test('a page that is open sees a new share, new records and the end of the share, without being loaded anew', async ({
  people,
}) => {
  const patient = await people.isHome('patient', { with: [{ title: 'Blood count', content: 'haemoglobin' }] })
  const clinician = await people.isHome('clinician')
  const { page } = clinician
  await clinician.go('#/provider')
  await expect(page.getByText('Nobody shares with you right now')).toBeVisible()

  const share = await shareBySdk(patient, clinician, 3_600_000)
  await page.getByRole('link', { name: /^Open the records of/ }).click()
  await expect(page.locator('.mg-record-title')).toHaveText(['Blood count'])
  const listings = async () => {
    const log = done(await patient.sdk.log('patient'))
    return log.items.filter(({ event, actor }) => event === 'listSession' && actor === clinician.sdk.principal).length
  }
  const before = await listings()
  await patient.store('Thyroid', 'TSH')
  await expect(page.getByText('Records were added')).toBeVisible()
  await expect(page.locator('.mg-record-title')).toHaveCount(1)
  expect(await listings()).toBe(before) // looked at without listing: no entry that nobody asked for
  await page.getByRole('button', { name: 'Show them' }).click()
  await expect(page.locator('.mg-record-title')).toHaveCount(2)
  await expect(page.getByText('Records were added')).toHaveCount(0)

  done(await patient.sdk.revoke(share.grantId))
  await expect(page.getByText(/^Access ended at/)).toBeVisible()
  await expect(page.getByText('Thyroid')).toHaveCount(0)
})

test('a share is changed in place: said in words first, one row for the patient, and the reader goes over to what may still be seen', async ({
  people,
}) => {
  test.slow() // two people at two pages
  const patient = await people.isHome('patient', {
    with: [
      { title: 'Blood count', content: 'haemoglobin' },
      { title: 'Tablets', content: 'twice a day', more: { category: 'medicines' } },
    ],
  })
  const clinician = await people.isHome('clinician')
  const old = await shareBySdk(patient, clinician, 3_600_000, ['labs', 'medicines'])
  const { page } = clinician
  await clinician.go(`#/provider/patients/${old.grantId}`)
  await page.getByRole('link', { name: /Blood count/ }).click()
  await expect(page.getByText('haemoglobin')).toBeVisible()

  const own = patient.page
  const who = shortly(clinician.sdk.principal)
  await patient.go('#/log')
  await expect(own.getByText(/opened/i).first()).toBeVisible()
  await patient.go('#/sharing')
  const list = own.getByRole('list', { name: 'People who can see your records' })
  await expect(list).toContainText(/Last opened at/)
  await list.getByRole('link', { name: `Change the share with ${who}` }).click()
  await own.getByRole('button', { name: 'Change the share', exact: true }).click()
  await expect(own.getByRole('alert')).toContainText('Choose what is to be different.')
  await own.getByRole('checkbox', { name: 'Medicines' }).uncheck()
  await own.getByRole('radio', { name: '7 days from now' }).check()
  const differences = own.getByRole('list', { name: 'What changes' })
  await expect(differences).toContainText(`${who} can no longer open: Medicines.`)
  await expect(differences).toContainText(/Ends on .+ instead of (at|tomorrow)/)
  await patient.looksSound('a share that is being changed')
  await own.getByRole('button', { name: 'Change the share', exact: true }).click()
  await expect(own.getByText(/^Changed at/)).toBeVisible({ timeout: 30_000 })

  const given = done(await patient.sdk.sharesGiven())
  const next = given.find(({ inPlaceOf }) => inPlaceOf === old.grantId)?.grantId ?? ''
  await expect(page).toHaveURL(new RegExp(next)) // gone over by itself, to the very record that was open
  await expect(page.getByText('haemoglobin')).toBeVisible()
  await clinician.go(`#/provider/patients/${old.grantId}`)
  await expect(page.locator('.mg-record-title')).toHaveText(['Blood count'])
  await expect(page.getByText('Tablets')).toHaveCount(0)

  // What it covers, from the share to the records and back.
  await own.getByRole('link', { name: 'See it as it is now' }).click()
  await expect(own.getByRole('heading', { level: 1 })).toContainText(who)
  await patient.looksSound('one share')
  await own.getByRole('main').getByRole('link', { name: 'Lab results', exact: true }).click()
  await own.getByRole('link', { name: /Blood count/ }).click()
  await own.getByRole('link', { name: `About this share with ${who}` }).click()
  await expect(own).toHaveURL(new RegExp(next))
  await patient.go('#/sharing')
  await expect(list.getByRole('listitem').filter({ hasText: 'Lab results' })).toHaveCount(1)
  await patient.go('#/sharing?tab=past')
  await expect(own.getByRole('list', { name: 'Past shares' })).toContainText(/Medicines.*Changed at/s)
})

test('a code that is nobody’s, mistyped or one’s own is refused, with everything filled in kept; then what is ticked at once, of certain days, or one record is shared', async ({
  people,
}) => {
  test.slow() // four shares
  const patient = await people.isHome('patient', {
    with: [
      { title: 'Count of May', content: 'haemoglobin', more: { clinicalDate: '2024-05-02' } },
      { title: 'Count of March', content: 'haemoglobin', more: { clinicalDate: '2024-03-02' } },
      { title: 'Sleep', content: 'badly', more: { category: 'sensitive' } },
    ],
  })
  const clinician = await people.arrives('clinician')
  const code = clinician.sdk.principal
  const { page } = patient
  await patient.go('#/settings')
  await page.getByRole('button', { name: 'Show as QR code' }).click()
  const own = await page.getByRole('figure', { name: 'Your share code as a QR code' }).screenshot()
  await patient.go('#/share')
  await page.getByLabel('Read from a picture').setInputFiles({ name: 'code.png', mimeType: 'image/png', buffer: own })
  await expect(page.getByLabel('Their share code')).toHaveValue(patient.sdk.principal)
  await page.getByRole('checkbox', { name: 'Medicines' }).check()
  await page.getByRole('radio', { name: '30 days' }).check()
  await page.getByRole('radio', { name: 'Treatment' }).check()
  const field = page.getByLabel('Their share code')
  const wrong = [
    { code: '', says: 'Paste the other person’s share code.' },
    { code: 'Dr Meyer', says: 'This is not a share code.' },
    { code: '2vxsx-fae', says: 'This is not a share code.' },
    { code: code.replace(/.$/, code.endsWith('a') ? 'b' : 'a'), says: 'There is a mistake in this code.' },
    { code: patient.sdk.principal, says: 'This is your own code.' },
  ]
  for (const { code, says } of wrong) {
    await field.fill(code)
    await page.getByRole('button', { name: 'Share', exact: true }).click()
    await expect(page.getByRole('alert')).toBeFocused()
    await expect(page.getByRole('alert')).toContainText(says)
    await expect(field).toHaveValue(code)
    await expect(field).toHaveAttribute('aria-invalid', 'true')
    await page.getByRole('alert').getByRole('link').click()
    await expect(field).toBeFocused()
    await expect(page.getByRole('checkbox', { name: 'Medicines' })).toBeChecked()
    await expect(page.getByRole('radio', { name: '30 days' })).toBeChecked()
  }
  expect(done(await patient.sdk.sharesGiven())).toEqual([])
  await field.fill(` ${code.toUpperCase()}\n`) // as it comes out of a message
  const share = async () => {
    await page.getByRole('button', { name: 'Share', exact: true }).click()
    await expect(page.getByText(/^Shared at/)).toBeVisible()
    await patient.go('#/')
  }
  await share()

  // The other ways to say what: ticked at once, with the right to add; of certain days; one record, from its own page.
  const begin = async () => {
    await field.fill(code)
    await page.getByRole('radio', { name: '1 hour' }).check()
    await page.getByRole('radio', { name: 'Treatment' }).check()
  }
  const ticked = page.getByRole('group', { name: 'Kinds of record' }).getByRole('checkbox', { checked: true })
  await patient.go('#/share')
  await begin()
  await page.getByRole('button', { name: 'The summary only' }).click()
  await expect(ticked).toHaveCount(1)
  await page.getByRole('button', { name: 'Everything but what is sensitive' }).click()
  await expect(ticked).toHaveCount(7)
  await page.getByRole('checkbox', { name: 'They may also add records' }).check()
  await expect(page.getByText('They can also add records to these kinds.')).toBeVisible()
  await share()
  await patient.go('#/share')
  await begin()
  await page.getByRole('checkbox', { name: 'Lab results' }).check()
  await page.getByText('Only records of certain days').click()
  await page.getByLabel('Dated from').fill('2024-05-01')
  await page.getByLabel('Dated until').fill('2024-04-30')
  await page.getByRole('button', { name: 'Share', exact: true }).click()
  await expect(page.getByRole('alert')).toContainText('The last day is before the first one.')
  await page.getByLabel('Dated until').fill('2024-05-31')
  await expect(page.getByText(/can open what is dated from .+ to .+ in Lab results/)).toBeVisible()
  await share()
  await patient.go('#/records')
  await page.getByRole('link', { name: /Count of March/ }).click()
  await page.getByRole('button', { name: 'Share this record' }).click()
  await begin()
  await expect(page.getByText(/can open “Count of March” until/)).toBeVisible()
  await share()

  done(await clinician.sdk.enrol())
  const seen = []
  for (const { grantId, rights } of done(await clinician.sdk.sharesReceived())) {
    const titles = done(await clinician.sdk.list({ of: 'grant', grantId })).map(({ title }) => title)
    seen.push([...titles.toSorted(), ...(rights.includes('write') ? ['may add'] : [])])
  }
  expect(seen.map(String).toSorted()).toEqual([
    '',
    'Count of March',
    'Count of March,Count of May,may add',
    'Count of May',
  ])
})

test.describe('a share that ends by itself', () => {
  test('takes what is open off the page at that moment, by the reader’s own clock', async ({ people }) => {
    const patient = await people.isHome('patient', { with: [{ title: 'Blood count', content: 'thrombocytes' }] })
    const clinician = await people.isHome('clinician')
    const { page } = clinician
    await page.clock.install()
    const share = await shareBySdk(patient, clinician, 210_000)
    await clinician.go(`#/provider/patients/${share.grantId}`)
    await page.reload()
    await page.getByRole('link', { name: /Blood count/ }).click()
    await expect(page.getByText('thrombocytes')).toBeVisible()
    await page.clock.fastForward(210_000)
    await expect(page.getByText(/^Access ended at/)).toBeVisible({ timeout: 1000 })
    await expect(page.getByText('thrombocytes')).toHaveCount(0)
    await expect(page.getByText('Blood count')).toHaveCount(0)
  })

  test('moves to the past on both sides, and nothing opens any more', async ({ people }) => {
    const patient = await people.isHome('patient', { with: [{ title: 'Blood count', content: 'thrombocytes' }] })
    const clinician = await people.isHome('clinician')
    await clinician.go('#/provider')
    await patient.go('#/sharing')
    const share = await shareThatEnds(patient, clinician, 2_000)
    await clinician.go('#/provider?tab=past')
    await expect(clinician.page.getByRole('list', { name: 'Past shares' })).toContainText(/Lab results.*Ended/s)
    await expect(patient.page.getByText('You are not sharing anything')).toBeVisible()
    await patient.go('#/sharing?tab=past')
    await expect(patient.page.getByRole('list', { name: 'Past shares' })).toContainText(/Lab results.*Ended at/s)
    await clinician.go(`#/provider/patients/${share.grantId}`)
    await expect(clinician.page.getByText(/^Access ended at/)).toBeVisible()
    const listed = await clinician.sdk.list({ of: 'grant', grantId: share.grantId })
    expect(listed).toMatchObject({ kind: 'refused', refusal: { kind: 'ConsentEnded', endNs: share.endNs } })
  })
})

test.describe('a share that broke off half-way', () => {
  test('is shown as not finished, opens nothing, and can be finished by the page that began it', async ({ people }) => {
    const patient = await people.isHome('patient')
    const clinician = await people.arrives('clinician')
    done(await clinician.sdk.enrol())
    const { page } = patient
    const mend = await cutOff(page, { canister: 'consent', method: 'grant' }, 'call')
    await patient.go('#/share')
    await page.getByLabel('Their share code').fill(clinician.sdk.principal)
    await page.getByRole('checkbox', { name: 'Medicines' }).check()
    await page.getByRole('radio', { name: '7 days' }).check()
    await page.getByRole('radio', { name: 'Treatment' }).check()
    await page.getByRole('button', { name: 'Share', exact: true }).click()
    await expect(page.getByRole('alert')).toContainText('No answer came back')
    await expect(page.getByLabel('Their share code')).toHaveValue(clinician.sdk.principal)

    await patient.go('#/')
    await shareBySdk(patient, clinician, 3_600_000) // tells the page that something changed
    await expect(page.getByText('A share was not finished')).toBeVisible()
    await page.getByRole('button', { name: 'Finish or withdraw' }).click()
    await expect(page.getByRole('heading', { name: 'Not finished' })).toBeVisible()
    expect(await scopesSeenBy(clinician)).toEqual([['labs']])
    await mend()
    await page.getByRole('button', { name: 'Finish it' }).click()
    await expect(page.getByRole('heading', { name: 'Not finished' })).toHaveCount(0)
    await expect(page.getByRole('list', { name: 'People who can see your records' })).toContainText('Medicines')
    expect(await scopesSeenBy(clinician)).toContainEqual(['medicines'])
  })

  test('somewhere else is shown as not finished, and can be withdrawn', async ({ people }) => {
    const { patient, clinician } = await brokenElsewhere(people)
    const { page } = patient
    await page.getByRole('button', { name: /^Withdraw the share with/ }).click()
    await expect(page.getByRole('heading', { name: 'Not finished' })).toHaveCount(0)
    await expect(page.getByText('Medicines')).toHaveCount(0)
    expect(await scopesSeenBy(clinician)).toEqual([['labs']])
    await page.reload()
    await expect(page.getByRole('list', { name: 'People who can see your records' })).toContainText('Lab results')
    await expect(page.getByRole('heading', { name: 'Not finished' })).toHaveCount(0)
  })

  // What one canister alone says was shared may be its own invention: it is never written to the other.
  test('somewhere else is withdrawn, not finished, at the next sign-in', async ({ people }) => {
    const { patient, clinician } = await brokenElsewhere(people)
    const { page } = patient
    await page.getByRole('button', { name: 'Sign out' }).click()
    await patient.signIn()
    await patient.go('#/sharing')
    await expect(page.getByRole('list', { name: 'People who can see your records' })).toContainText('Lab results')
    await expect(page.getByText('Medicines')).toHaveCount(0)
    await patient.go('#/sharing?tab=past')
    await expect(page.getByRole('list', { name: 'Past shares' })).toContainText('Medicines')
    expect(await scopesSeenBy(clinician)).toEqual([['labs']])
  })

  /** One share that is whole, and half of another beside it; the patient's page knows of both. */
  async function brokenElsewhere(people: People) {
    const patient = await people.isHome('patient')
    const clinician = await people.arrives('clinician')
    done(await clinician.sdk.enrol())
    await patient.go('#/sharing')
    await expect(patient.page.getByText('You are not sharing anything')).toBeVisible()
    await shareHalf(patient, clinician.sdk.principal, 'medicines')
    await shareBySdk(patient, clinician, 3_600_000) // tells the page that something changed
    await expect(patient.page.getByRole('heading', { name: 'Not finished' })).toBeVisible()
    return { patient, clinician }
  }

  const scopesSeenBy = async ({ sdk }: Person) => done(await sdk.sharesReceived()).map(({ scope }) => scope)
})

test('stopping while offline says that access is still on, until it is confirmed', async ({ people }) => {
  const patient = await people.isHome('patient')
  const clinician = await people.isHome('clinician')
  await shareBySdk(patient, clinician, 3_600_000)
  const { page } = patient
  await patient.go('#/sharing')
  await page.getByRole('button', { name: `Stop sharing with ${shortly(clinician.sdk.principal)}` }).click()
  await patient.context.setOffline(true)
  await page.getByRole('dialog').getByRole('button', { name: 'Stop sharing' }).click()
  await expect(page.getByText('Stopping… Access is still on until the network confirms it.')).toBeVisible()
  await expect(page.getByText(/No answer yet, try 2/)).toBeVisible()
  expect(done(await clinician.sdk.sharesReceived()).map(({ state }) => state)).toEqual(['live'])
  await patient.go('#/') // going elsewhere does not stop the stopping
  await expect(page.getByRole('heading', { level: 1, name: 'Home' })).toBeVisible()
  await patient.context.setOffline(false)
  await patient.go('#/sharing')
  await expect(page.getByText('You are not sharing anything')).toBeVisible()
  await expect(page.getByText('Stopping…')).toHaveCount(0)
  await patient.go('#/sharing?tab=past')
  await expect(page.getByText(/You stopped it at/)).toBeVisible()
  expect(done(await clinician.sdk.sharesReceived()).map(({ state }) => state)).toEqual(['revoked'])
})

const shareBySdk = async (...args: Parameters<typeof tryToShare>) => done(await tryToShare(...args))

/** One that ends soon. What takes longer to give than it lasts is refused: a busy machine gets twice the time. */
async function shareThatEnds(patient: Person, grantee: Person, forMs: number): Promise<Share> {
  const outcome = await tryToShare(patient, grantee, forMs)
  const isOver = outcome.kind === 'refused' && outcome.refusal.kind === 'BadInput' && outcome.refusal.code === 'past'
  return isOver ? shareThatEnds(patient, grantee, 2 * forMs) : done(outcome)
}

function tryToShare(patient: Person, grantee: Person, forMs: number, categories: readonly Category[] = ['labs']) {
  const startNs = BigInt(Date.now()) * NS_PER_MS
  const terms = {
    scope: { categories },
    rights: ['list', 'open'],
    purpose: 'TREAT',
  } satisfies Partial<NewShare>
  const endNs = startNs + BigInt(forMs) * NS_PER_MS
  return patient.sdk.share({ ...terms, grantee: grantee.sdk.principal, startNs, endNs })
}

test('a link opens what was chosen, or a summary, for somebody without an account, and says who they say they are, until it is stopped', async ({
  people,
}) => {
  test.slow()
  const observation = {
    resourceType: 'Observation',
    status: 'final',
    category: [{ coding: [{ code: 'laboratory' }] }],
    code: { text: 'Haemoglobin' },
    valueQuantity: { value: 14.1, unit: 'g/dL' },
  }
  const patient = await people.isHome('patient', {
    with: [
      { title: 'Blood count', content: JSON.stringify(observation), more: { mediaType: 'application/fhir+json' } },
      { title: 'Not for everybody', content: 'secret' },
      {
        title: 'Therapy',
        content: JSON.stringify({ ...observation, code: { text: 'Mood' } }),
        more: { mediaType: 'application/fhir+json', category: 'sensitive' },
      },
    ],
  })
  const { page } = patient
  await patient.go('#/share')
  await page.getByRole('link', { name: 'Make a link' }).click()
  await page.getByRole('button', { name: 'Make a link' }).click()
  await expect(page.getByText('Choose what the link shows.')).toBeVisible()
  await page.getByRole('checkbox', { name: 'Blood count' }).check()
  await page.getByRole('checkbox', { name: 'Therapy' }).check()
  await expect(page.getByText('Sensitive: Therapy')).toBeVisible() // named before it is made
  await page.getByRole('checkbox', { name: 'Therapy' }).uncheck()
  await expect(page.getByText('Some of this is sensitive')).toHaveCount(0)
  await page.getByLabel('What is it for?').fill('For the trip')
  await page.getByRole('button', { name: 'Make a link' }).click()
  await expect(page.getByTestId('link-passcode')).toBeVisible({ timeout: 30_000 })
  const passcode = await page.getByTestId('link-passcode').innerText()
  expect(passcode).toMatch(/^\d{6}$/)
  const address = await page.getByTestId('link-address').innerText()
  await expect(page.getByRole('figure', { name: 'The link as a picture' })).toBeVisible()
  await expect(page.getByRole('region', { name: 'The link' })).toContainText('For the trip') // on the sheet too
  await patient.looksSound('a link that was made')

  const doctor = await people.arrives('doctor', { size: PHONE })
  await doctor.page.goto('about:blank')
  await doctor.page.goto(address)
  await expect(doctor.page.getByText('For the trip')).toBeVisible()
  expect(doctor.page.url()).not.toContain('shlink')
  expect(await doctor.page.evaluate(() => history.length)).toBeLessThan(5)
  await doctor.page.getByLabel('Who are you?').fill('Dr Abroad')
  await doctor.page.getByLabel('Passcode').fill(passcode === '000000' ? '000001' : '000000')
  await doctor.page.getByRole('button', { name: 'Open', exact: true }).click()
  await expect(doctor.page.getByRole('alert')).toContainText('After 9 more wrong tries')
  await doctor.looksSound('a wrong passcode')
  await doctor.page.getByLabel('Passcode').fill(passcode)
  await doctor.page.getByRole('button', { name: 'Open', exact: true }).click()
  await expect(doctor.page.getByText('Haemoglobin')).toBeVisible({ timeout: 30_000 })
  await expect(doctor.page.getByText('secret')).toHaveCount(0)
  await doctor.looksSound('what a link shows')

  await patient.go('#/sharing?tab=links')
  const link = page.getByRole('list', { name: 'Your links' }).getByRole('listitem').first()
  await expect(link).toContainText('For the trip')
  await expect(link).toContainText('Opened 1 time')
  await expect(link).toContainText('Says they are Dr Abroad')
  await expect(link).toContainText('9 wrong passcodes are still allowed')

  await patient.go('#/links/new')
  await page.getByRole('radio', { name: 'A summary of your health, made now' }).check()
  await expect(page.getByRole('checkbox', { name: 'Sensitive' })).not.toBeChecked()
  await patient.looksSound('a summary by link')
  await page.getByRole('checkbox', { name: 'Opens with a passcode only' }).uncheck()
  await page.getByRole('button', { name: 'Make a link' }).click()
  await expect(page.getByTestId('link-address')).toBeVisible({ timeout: 30_000 })
  const summaryAddress = await page.getByTestId('link-address').innerText()
  await page.getByRole('link', { name: 'To your links' }).click()

  const summary = page.getByRole('listitem').filter({ hasText: 'Link without a name' })
  await expect(summary).toBeVisible()
  await patient.looksSound('links')
  await patient.context.setOffline(true)
  const trip = page.getByRole('listitem').filter({ hasText: 'For the trip' })
  await trip.getByRole('button', { name: 'Stop: For the trip' }).click()
  await page.getByRole('dialog', { name: 'Stop “For the trip”?' }).getByRole('button', { name: 'Stop' }).click()
  await expect(trip.getByText('No answer came back')).toBeVisible({ timeout: 30_000 })
  await expect(summary.getByRole('button')).toHaveCount(1) // its own "Stop", and no "Try again" that would stop it unasked
  await expect(summary.getByRole('button', { name: 'Stop: Link without a name' })).toBeEnabled()
  await patient.context.setOffline(false)
  await trip.getByRole('button', { name: 'Try again' }).click()
  await expect(trip).toContainText(/Stopped/, { timeout: 30_000 })
  await expect(summary).toContainText('Opens for another')
  await patient.go('#/log')
  await expect(page.getByText(/Somebody with a link opened what a link shows/i).first()).toBeVisible()

  await doctor.page.getByRole('button', { name: 'Close' }).click()
  await doctor.page.getByRole('textbox', { name: 'The link' }).fill(address)
  await doctor.page.getByRole('button', { name: 'Go on' }).click()
  await doctor.page.getByLabel('Who are you?').fill('Dr Abroad')
  await doctor.page.getByLabel('Passcode').fill(passcode)
  await doctor.page.getByRole('button', { name: 'Open', exact: true }).click()
  await expect(doctor.page.getByRole('alert')).toContainText('This link opens nothing')

  // The viewer speaks the language of whoever opens it.
  const abroad = await people.arrives('abroad', { size: PHONE, locale: 'cs-CZ' })
  await abroad.page.goto('about:blank')
  await abroad.page.goto(summaryAddress)
  await expect(abroad.page.getByRole('heading', { level: 1 })).toHaveText('Otevřít odkaz')
  await expect(abroad.page.getByRole('combobox', { name: 'Jazyk' }).getByRole('option')).toHaveCount(3)
  await abroad.page.getByLabel('Kdo jste?').fill('MUDr. Nováková')
  await abroad.page.getByRole('button', { name: 'Otevřít', exact: true }).click()
  await expect(abroad.page.getByText('Haemoglobin').first()).toBeVisible({ timeout: 30_000 })
  await expect(abroad.page.getByText('No information about allergies')).toBeVisible()
  await expect(abroad.page.getByText('Mood')).toHaveCount(0) // held for sensitive, and not ticked
})
