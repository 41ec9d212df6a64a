import { done } from './fixtures/person.ts'
import { expect, PHONE, test } from './fixtures/test.ts'

// B14: the five tasks of docs/usability-script.md, by what stands on the screen where somebody is and by nothing else: no help, no address, no menu inside a menu. The tree
// that a screen reader reads at the steps that count is that of docs/screen-reader-script.md.

const HOUR_NS = 3_600_000_000_000n

test('Home says what waits, what changed and who sees, and from there somebody answers, stops a person and adds a note', async ({
  people,
}) => {
  test.slow()
  const doctor = await people.arrives('doctor')
  done(await doctor.sdk.enrol())
  const patient = await people.arrives('patient', { size: PHONE })
  done(await patient.sdk.enrol())
  await patient.store('Blood count', 'haemoglobin')
  const startNs = BigInt(Date.now()) * 1_000_000n
  const { grantId } = done(
    await patient.sdk.share({
      grantee: doctor.sdk.principal,
      scope: { categories: ['labs'] },
      rights: ['list', 'open'],
      purpose: 'TREAT',
      startNs,
      endNs: startNs + 24n * HOUR_NS,
    }),
  )
  const [record] = done(await doctor.sdk.list({ of: 'grant', grantId }))
  if (record === undefined) throw new Error('it is shared')
  done(await doctor.sdk.open(record))
  done(
    await doctor.sdk.requestAccess({
      patient: patient.sdk.principal,
      categories: ['medicines'],
      rights: ['list', 'open'],
      purpose: 'TREAT',
      periodNs: HOUR_NS,
      expiresNs: startNs + HOUR_NS,
    }),
  )
  await patient.signIn()
  await patient.isHome()
  const { page } = patient
  const main = page.getByRole('main')
  const menu = page.getByRole('navigation', { name: 'Main' })
  const home = () => menu.getByRole('link', { name: 'Home' }).click()

  // 1: anything waiting? 2: what changed? 3: who can see my data, and until when? All of it without a press.
  await expect(main.getByText('Somebody asks to see your records')).toBeVisible()
  await expect(main.getByRole('list', { name: 'What is new' })).toContainText(
    'used a share of yours for the first time',
  )
  const seers = main.getByRole('list', { name: 'People who can see your records' }).getByRole('listitem')
  await expect(seers).toHaveCount(1)
  await expect(seers).toContainText(/Lab results.*until/s)
  await expect(main).toMatchAriaSnapshot(`
    - main:
      - heading "Home" [level=1]
      - region "What is new":
        - heading "What is new" [level=2]
        - list "What is new":
          - listitem
      - region "Who can see your records":
        - heading "Who can see your records" [level=2]
        - link "All shares"
        - list "People who can see your records":
          - listitem: /Lab results/
      - region "Newest records":
        - heading "Newest records" [level=2]
  `)

  // 4: "You do not want this person to see anything any more."
  await main.getByRole('link', { name: 'All shares' }).click()
  await main.getByRole('button', { name: /^Stop sharing with/ }).click()
  const dialog = page.getByRole('dialog', { name: /^Stop sharing with .+\?$/ })
  await expect(dialog.getByRole('button', { name: 'Keep sharing' })).toBeVisible()
  await dialog.getByRole('button', { name: 'Stop sharing' }).click()
  await expect(main.getByRole('button', { name: /^Stop sharing with/ })).toHaveCount(0, { timeout: 30_000 })
  await home()
  await expect(main.getByText('Nobody but you.')).toBeVisible()

  // 5: "You want to ask something at the next visit: write it down here." What was sent is read out by itself.
  await menu.getByRole('link', { name: 'Add' }).click()
  await main.getByRole('link', { name: /note/i }).click()
  await main.getByRole('textbox', { name: 'Note' }).fill('May I drive?')
  await main.getByRole('textbox', { name: 'Title' }).fill('For the next visit')
  await main.getByRole('radio', { name: 'Letters and documents' }).check()
  await main.getByRole('button', { name: 'Save record' }).click()
  await expect(main.getByText(/^Saved at/)).toBeVisible({ timeout: 30_000 })
  await expect(page.getByRole('status').filter({ hasText: 'Saved: For the next visit' })).toHaveCount(1)
  await home()
  await expect(main.getByRole('link', { name: /For the next visit/ })).toBeVisible()
})
