import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Category, NewShare } from '@medguard/client'
import { medguardDevice, startDevice } from '../product/product.ts'
import { done, type Person } from './fixtures/person.ts'
import type { Locator, Page, TestInfo } from '@playwright/test'
import { expect, type People, PHONE, test } from './fixtures/test.ts'
import { hold, turnstile } from './fixtures/wire.ts'

// What one person does shows on another's open page by itself, and takes off it what may be shown no more.

test('A05: a pause takes the records off the reader’s page, its end brings them back, and stopping from the record locks it', async ({
  people,
}) => {
  test.slow() // two people, and five changes that each have to show
  const patient = await people.isHome('patient', { with: [{ title: 'Blood count', content: 'haemoglobin' }] })
  const clinician = await people.isHome('clinician')
  const share = await shareBySdk(patient, clinician)
  const { page } = clinician
  await clinician.go(`#/provider/patients/${share.grantId}`)
  await page.getByRole('link', { name: /Blood count/ }).click()
  await expect(page.getByText('haemoglobin')).toBeVisible()

  done(await patient.sdk.changeRules({ kind: 'pause' }))
  await expect(page.getByText('Access is paused', { exact: true })).toBeVisible()
  await clinician.looksSound('access that is paused')
  await expect(page.getByText('haemoglobin')).toHaveCount(0)
  await expect(page.getByText('Blood count')).toHaveCount(0)
  await clinician.go('#/provider')
  await expect(page.getByText('Paused', { exact: true })).toBeVisible()
  await expect(patient.page.getByText('What you share is on hold.')).toBeVisible()
  await patient.go('#/sharing')
  await expect(patient.page.getByText('Opens nothing now: you paused all sharing')).toBeVisible()

  await clinician.go(`#/provider/patients/${share.grantId}`)
  await expect(page.getByText('Access is paused', { exact: true })).toBeVisible()
  done(await patient.sdk.changeRules({ kind: 'resume' }))
  await page.getByRole('link', { name: /Blood count/ }).click()
  await expect(page.getByText('haemoglobin')).toBeVisible()

  await patient.go('#/records')
  await patient.page.getByRole('link', { name: /Blood count/ }).click()
  const openers = patient.page.getByRole('list', { name: 'Who can open this' })
  const reader = openers.getByRole('listitem').filter({ hasText: shortly(clinician) })
  const second = await hold(patient.page, { canister: 'records', method: 'revoke' }, 'call')
  await reader.getByRole('button', { name: `Stop sharing with ${shortly(clinician)}` }).click()
  const dialog = patient.page.getByRole('dialog', { name: `Stop sharing with ${shortly(clinician)}?` })
  await expect(dialog).toContainText('This share covers more than this record: everything in Lab results.')
  await patient.looksSound('the question before sharing stops')
  await dialog.getByRole('button', { name: 'Stop sharing' }).click()
  await expect.poll(second.waiting).toBe(1)
  // Either canister ends the access; the patient is told once both have said so.
  await expect(page.getByText(/^Access ended at/)).toBeVisible()
  await expect(page.getByText('haemoglobin')).toHaveCount(0)
  await expect(reader).toContainText('Nothing opens any more.')
  second.release()
  await expect(reader).toHaveCount(0)
  await expect(openers.getByRole('listitem')).toHaveCount(1)
  expect(done(await clinician.sdk.sharesReceived()).map(({ state }) => state)).toEqual(['revoked'])
})

test('a block takes them off without its reason', async ({ people }) => {
  const patient = await people.isHome('patient', { with: [{ title: 'Blood count', content: 'haemoglobin' }] })
  const clinician = await people.isHome('clinician')
  const share = await shareBySdk(patient, clinician)
  const { page } = clinician
  await clinician.go(`#/provider/patients/${share.grantId}`)
  await expect(page.getByText('Blood count')).toBeVisible()
  done(await patient.sdk.changeRules({ kind: 'block', whom: clinician.sdk.principal }))
  await expect(page.getByText('You cannot open this now', { exact: true })).toBeVisible()
  await expect(page.getByText('Blood count')).toHaveCount(0)
})

test('who can open a record is who would be let in, carers too, and follows a pause', async ({ people }) => {
  test.slow() // four people, and from the record to the list of shares and back
  const patient = await people.isHome('patient', { with: [{ title: 'Blood count', content: 'haemoglobin' }] })
  const [reader, writer, carer] = await Promise.all(['reader', 'writer', 'carer'].map((role) => people.arrives(role)))
  if (reader === undefined || writer === undefined || carer === undefined) throw new Error('three people arrive')
  for (const { sdk } of [reader, writer, carer]) done(await sdk.enrol())
  await shareBySdk(patient, reader)
  await shareBySdk(patient, writer, ['write'])
  const startNs = BigInt(Date.now()) * 1_000_000n
  const terms = { powers: ['read'], startNs, endNs: startNs + 86_400_000_000_000n } satisfies Partial<Terms>
  done(await patient.sdk.appoint({ ...terms, representative: carer.sdk.principal }))
  done(await carer.sdk.acceptAppointment(patient.sdk.principal))

  const { page } = patient
  await patient.go('#/records')
  await page.getByRole('link', { name: /Blood count/ }).click()
  const list = page.getByRole('list', { name: 'Who can open this' })
  await expect(list.getByRole('listitem')).toHaveCount(3)
  await expect(list).toContainText('it is your record')
  await expect(list.getByRole('listitem').filter({ hasText: shortly(reader) })).toContainText(
    /because you share Lab results/,
  )
  await expect(list.getByRole('listitem').filter({ hasText: shortly(carer) })).toContainText('acts for you')
  await expect(list).not.toContainText(shortly(writer))

  done(await patient.sdk.changeRules({ kind: 'pause' }))
  await expect(list.getByRole('listitem')).toHaveCount(2)
  await expect(list).toContainText(shortly(carer))

  // From the record to everything that is shared, and from there to the records.
  await page.getByRole('link', { name: 'Change who can see what' }).click()
  const shared = page.getByRole('listitem').filter({ hasText: shortly(reader) })
  await shared.getByRole('link', { name: 'See the records of these kinds' }).click()
  await expect(page.getByRole('link', { name: /Blood count/ })).toBeVisible()
  expect(new URL(page.url()).hash).toBe('#/records?show=labs')

  // Home says who sees, until when, and how to hold it all.
  done(await patient.sdk.changeRules({ kind: 'resume' }))
  await patient.go('#/')
  await expect(page.getByRole('list', { name: 'People who can see your records' })).toContainText(shortly(reader))
  await page.getByRole('link', { name: 'Pause all sharing' }).click()
  await expect(page.getByRole('button', { name: 'Pause all sharing' })).toBeVisible()
})

// The pages poll once a second (changes-poller.test.ts), so that one poll after the act has to be enough. How long a machine takes for it is its own affair:
// the wall clock is asked only where the network answers at once all along.
test.describe('within two seconds another browser', () => {
  interface Scene {
    readonly patient: Person
    readonly clinician: Person
  }
  interface Act {
    /** Where the other one looks, and what is there before; the patient's records where nothing is said. */
    readonly from?: { readonly where: string; readonly sees: (page: Page) => Locator }
    readonly act: (scene: Scene) => Promise<unknown>
    readonly shows: (page: Page) => Locator
  }
  const acts: Readonly<Record<string, Act>> = {
    'sees a record that was added': {
      act: ({ patient }) => patient.store('Thyroid', 'TSH'),
      shows: (page) => page.getByText('Records were added'),
    },
    'closes on a pause': {
      act: async ({ patient }) => done(await patient.sdk.changeRules({ kind: 'pause' })),
      shows: (page) => page.getByText('Access is paused', { exact: true }),
    },
    'opens after the pause': {
      act: async ({ patient }) => done(await patient.sdk.changeRules({ kind: 'resume' })),
      shows: (page) => page.getByText('Blood count'),
    },
    'closes when sharing stops': {
      act: async ({ patient }) => {
        for (const { grantId, state } of done(await patient.sdk.sharesGiven()))
          if (state === 'live') done(await patient.sdk.revoke(grantId))
      },
      shows: (page) => page.getByText(/^Access ended at/),
    },
    'sees a new share': {
      from: { where: '#/provider', sees: (page) => page.getByText('Nobody shares with you right now') },
      act: ({ patient, clinician }) => shareBySdk(patient, clinician),
      shows: (page) => page.getByRole('link', { name: /^Open the records of/ }),
    },
  }
  const scene = async (people: People, again = ''): Promise<Scene> => {
    const patient = await people.arrives(`patient${again}`)
    done(await patient.sdk.enrol())
    await patient.store('Blood count', 'haemoglobin')
    const clinician = await people.isHome(`clinician${again}`)
    const { grantId } = await shareBySdk(patient, clinician)
    await clinician.go(`#/provider/patients/${grantId}`)
    await expect(clinician.page.getByText('Blood count')).toBeVisible()
    return { patient, clinician }
  }

  async function look({ clinician }: Scene, { from }: Act): Promise<void> {
    if (from === undefined) return
    await clinician.go(from.where)
    await expect(from.sees(clinician.page)).toBeVisible()
  }

  test('needs one poll', async ({ people }) => {
    const there = await scene(people)
    const { page } = there.clinician
    const polls = await turnstile(page, { canister: 'consent', method: 'changes' }, 'query')
    for (const [name, one] of Object.entries(acts)) {
      const { act, shows } = one
      await expect.poll(polls.waiting).toBe(1) // the next is sent once this one is answered
      await look(there, one)
      await expect(shows(page), name).toHaveCount(0)
      await act(there)
      polls.letOne()
      await expect(shows(page), name).toBeVisible()
    }
    polls.open()
  })

  /** Which acts took longer than two seconds to be seen, where the network is quick. */
  const slowIn = async (there: Scene, annotations: TestInfo['annotations']): Promise<Set<string>> => {
    const { page } = there.clinician
    const slow = new Set<string>()
    for (const [name, one] of Object.entries(acts)) {
      const { act, shows } = one
      await look(there, one)
      const slowBeforeMs = await slowestOf(there.patient)
      await act(there)
      const answeredMs = performance.now()
      await shows(page).waitFor()
      const tookMs = Math.round(performance.now() - answeredMs)
      annotations.push({ type: 'measured', description: `${name}: ${tookMs} ms after the answer` })
      const slowestMs = Math.max(slowBeforeMs, await slowestOf(there.patient))
      if (slowestMs < QUICK_MS && tookMs >= 2_000) slow.add(name)
    }
    return slow
  }

  test('takes less than two seconds', async ({ people }, { annotations }) => {
    const first = await slowIn(await scene(people), annotations)
    // The machine does other things too, for a moment. What is slow the second time as well is ours.
    const second = first.size === 0 ? first : await slowIn(await scene(people, ' again'), annotations)
    expect([...second].filter((name) => first.has(name))).toEqual([])
  })

  /** How long the network lets somebody wait who asks next to nothing, a few times over. */
  async function slowestOf({ sdk }: Person): Promise<number> {
    let slowest = 0
    for (let n = 0; n < 5; n++) {
      const askedMs = performance.now()
      await sdk.changes()
      slowest = Math.max(slowest, performance.now() - askedMs)
    }
    return slowest
  }
  const QUICK_MS = 25
})

// "Seen to hold" 3: the patient's page in one browser, the care team's in another, and the real process of a device beside them.
test('what a device posts is on the open pages of patient and care team within five seconds, and goes with the share', async ({
  people,
}) => {
  test.slow() // two people, a device of its own process, and a share that ends
  const folder = mkdtempSync(join(tmpdir(), 'medguard-board-'))
  const patient = await people.isHome('patient')
  const clinician = await people.isHome('clinician', { size: PHONE })
  const { code, device } = done(await patient.sdk.addDevice({ name: 'Band', category: 'vitals' }))
  await clinician.go('#/provider')
  await clinician.page.getByRole('link', { name: 'Readings now' }).click()
  await expect(clinician.page.getByText('Nobody shares readings with you right now')).toBeVisible()
  await expect(clinician.page.getByText('This is not a medical alarm')).toBeVisible()
  await shareBySdk(patient, clinician, ['list', 'open', 'write'], ['vitals'])
  const card = clinician.page
    .getByRole('list', { name: 'Patients, those who need looking at first' })
    .getByRole('listitem')
    .first()
  await expect(card).toContainText('No device has sent anything yet.')
  const limit = {
    kind: 'threshold',
    code: '8867-4',
    unit: '/min',
    below: null,
    above: 120,
    holdMinutes: 0,
    replaces: null,
  }
  done(await patient.sdk.sayAlert({ of: 'me' }, 'vitals', limit))
  await patient.go(`#/devices/${device.deviceId}`)
  await expect(patient.page.getByText('Nothing has come from it yet')).toBeVisible()

  expect(await medguardDevice(folder, code, 'pair', '-')).toMatchObject({ code: 0 })
  const process = startDevice(folder, ['stream', '--every', '0.2'])
  try {
    // For the first one the process starts, and the care team's browser gets the key.
    for (const [value, withinMs] of [
      [61, 30_000],
      [134, 5_000],
      [72, 5_000],
    ] as const) {
      process.stdin.write(`${JSON.stringify({ code: '8867-4', unit: '/min', value })}\n`)
      const within = { timeout: withinMs }
      await Promise.all([
        expect(card.getByRole('list', { name: 'Newest values' })).toContainText(`${value} /min`, within),
        expect(patient.page.getByRole('list', { name: 'Newest values' })).toContainText(`${value} /min`, within),
      ])
    }
    // One of them was beyond the patient's limit: it is answered with a signature, for all to see.
    const crossed = card.getByRole('list', { name: 'Beyond a limit' })
    await expect(crossed).toContainText('Pulse above 120 /min: up to 134 /min')
    await clinician.looksSound('the board of a care team')
    await patient.looksSound('the newest values of a device')

    // It is put off there, and called back by its owner.
    await crossed.getByRole('button', { name: 'Not now: in an hour' }).click()
    await expect(crossed).toContainText('Put off until')
    await expect(crossed.getByRole('button', { name: 'I have seen it' })).toHaveCount(0)
    await patient.go('#/devices/alerts')
    const row = patient.page.getByRole('list', { name: 'Worth a look' }).getByRole('listitem')
    await expect(row).toContainText(`Put off by ${shortly(clinician)}`)
    await row.getByRole('button', { name: /^Show it again now/ }).click()
    await crossed.getByRole('button', { name: 'I have seen it' }).click()
    await expect(crossed).toContainText('Seen: you')

    // Duty goes from hand to hand, and whoever had it has it until it is taken.
    await card.getByRole('button', { name: 'Take over duty' }).click()
    await expect(card).toContainText('On duty: you')
    await card.getByLabel('Hand duty over to').fill('somebody')
    await card.getByRole('button', { name: 'Offer duty' }).click()
    await expect(card.getByText('That is no share code of somebody else.')).toBeVisible()
    await card.getByLabel('Hand duty over to').fill(patient.sdk.principal)
    await card.getByRole('button', { name: 'Offer duty' }).click()
    await expect(card).toContainText(`Offered to ${shortly(patient)} by you, and not taken yet`)
    await expect(patient.page.getByText(/^You were asked to take over/)).toBeVisible()
    await patient.looksSound('duty that is offered')
    await patient.page.getByRole('button', { name: 'I am on duty' }).click()
    await expect(patient.page.getByText(/^You are on duty, since/)).toBeVisible()
    await expect(card).toContainText(`On duty: ${shortly(patient)}`)
    await expect(card.getByRole('button', { name: 'Take over duty' })).toHaveCount(0)
    await patient.page.getByLabel('Hand over to').selectOption(clinician.sdk.principal)
    await patient.page.getByRole('button', { name: 'Ask them to take over' }).click()
    await card.getByRole('button', { name: 'Take over duty' }).click()
    await expect(card).toContainText('On duty: you')
    await card.getByText('1 limit').click()
    await card.getByRole('button', { name: 'Set a limit' }).click()
    await expect(card.getByRole('button', { name: 'Fill in numbers to begin with' })).toHaveCount(0) // nothing is proposed
    await card.getByLabel('Tell me of values above, in /min').fill('90')
    await clinician.page.evaluate(() => window.scrollTo(0, 0))
    await clinician.looksSound('duty and a limit on the board')
    await card.getByRole('button', { name: 'Set this limit' }).click()
    await expect(card.getByText('Pulse: above 90 /min (you')).toBeVisible()
    await clinician.looksSound('limits on the board')
    const [share] = done(await patient.sdk.sharesGiven())
    done(await patient.sdk.revoke(share?.grantId ?? ''))
    await expect(clinician.page.getByText('Nobody shares readings with you right now')).toBeVisible()
    await expect(clinician.page.getByText('/min')).toHaveCount(0)
  } finally {
    process.stdin.end()
    await once(process, 'close')
    rmSync(folder, { recursive: true, force: true })
  }
})

type Terms = Parameters<Person['sdk']['appoint']>[0]
const shortly = ({ sdk: { principal } }: Person) => `${principal.slice(0, 5)}…${principal.slice(-3)}`

async function shareBySdk(
  patient: Person,
  grantee: Person,
  rights: NewShare['rights'] = ['list', 'open'],
  categories: readonly Category[] = ['labs'],
) {
  const startNs = BigInt(Date.now()) * 1_000_000n
  const terms = {
    scope: { categories },
    purpose: 'TREAT',
  } satisfies Partial<NewShare>
  const endNs = startNs + 3_600_000_000_000n
  return done(await patient.sdk.share({ ...terms, rights, grantee: grantee.sdk.principal, startNs, endNs }))
}
