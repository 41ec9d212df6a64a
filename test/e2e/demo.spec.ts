import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { createClient, developmentNetwork, type MedGuardClient, organisationPrincipal } from '@medguard/client'
import { type Browser, expect, test } from '@playwright/test'
import { done, identityOf, Person } from './fixtures/person.ts'
import { DESKTOP, PHONE } from './fixtures/test.ts'

// `npm start -- --demo`, the first command of the README: people who are there already, and a council that verifies who treats them.

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
let demo: ChildProcess
let state: string
let app: string

test.beforeAll(async () => {
  test.setTimeout(180_000)
  state = mkdtempSync(join(tmpdir(), 'medguard-demo-'))
  demo = spawn('node', ['scripts/boot.mjs', 'start', '--demo', '--port', '0', '--state', state], {
    cwd: ROOT,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  if (demo.stdout === null) throw new TypeError('no output to read')
  for await (const line of createInterface(demo.stdout)) {
    if (!line.startsWith('{"app"')) continue
    app = (JSON.parse(line) as { app: string }).app
    break
  }
  demo.stdout.resume()
})
test.afterAll(async () => {
  if (demo.exitCode === null) {
    const ended = once(demo, 'exit')
    demo.kill('SIGTERM')
    await ended
  }
  rmSync(state, { recursive: true, force: true })
})

const codeOf = (name: string) => identityOf(name).getPrincipal().toText()
const comes = async (browser: Browser, name: string, viewport = DESKTOP): Promise<Person> => {
  const person = await Person.arriveIn(await browser.newContext({ viewport, baseURL: app }), name)
  await person.signIn()
  return person
}

const away = (name: string): MedGuardClient =>
  createClient({ identity: identityOf(name), network: developmentNetwork(`http://127.0.0.1:${new URL(app).port}`) })
const YEAR_MS = 365 * 86_400_000
const inMs = (ms: number) => BigInt(Date.now() + ms) * 1_000_000n
/** Two of the council verify an organisation, for the first time or anew. */
async function verify(orgId: string, forMs: number): Promise<void> {
  const { actId } = done(await away('council-amara').propose({ kind: 'verify', orgId, untilNs: inMs(forMs) }))
  done(await away('council-berit').vote(actId))
}
/** Two of the council let everybody open an account, or who was invited. */
async function requireInvitations(invitationRequired: boolean): Promise<void> {
  const { actId } = done(await away('council-amara').propose({ kind: 'setPolicy', invitationRequired }))
  done(await away('council-berit').vote(actId))
}
/** A verified one, with this physician. */
async function practiceOf(name: string): Promise<string> {
  const [head, physician] = [away('head-eikelund'), away(name)]
  for (const client of [head, physician]) done(await client.enrol())
  const { orgId } = done(await head.registerOrganisation({ name: 'Eikelund Practice', kind: 'practice' }))
  await verify(orgId, YEAR_MS)
  const { principal } = physician
  done(await head.setMember(orgId, { principal, roles: ['physician'], untilNs: inMs(YEAR_MS) }))
  done(await physician.acceptMembership(orgId))
  return orgId
}

test('where an account needs an invitation, the code that an organisation made opens one', async ({ browser }) => {
  test.slow()
  const head = await comes(browser, 'admin-fjordvik')
  await head.go('#/provider/organisations')
  await head.page.getByRole('link', { name: /Fjordvik Hospital/ }).click()
  await head.page.getByRole('link', { name: 'Invitations' }).click()
  await head.page.getByRole('radio', { name: '7 days' }).check()
  await head.page.getByRole('button', { name: 'Make a code' }).click()
  const code = await head.page.getByTestId('invitation-code').innerText()

  await requireInvitations(true)
  try {
    const newcomer = await comes(browser, 'newcomer', PHONE)
    const { page } = newcomer
    const go = () => page.getByRole('button', { name: 'Set up my health record' }).click()
    const field = page.getByLabel('Invitation code')
    await go()
    await expect(page.getByRole('alert')).toContainText('You need an invitation here')
    await expect(field).toBeFocused()
    await newcomer.looksSound('a code of an invitation that is needed')
    await field.fill(code.slice(0, 60))
    await go()
    await expect(page.getByText('Check that you have all of it.')).toBeVisible()
    await field.fill(`${code.slice(0, 60)}${code.endsWith('0000') ? '1111' : '0000'}`)
    await go()
    await expect(page.getByText('This code does not work.')).toBeVisible()
    await expect(field).toBeFocused()
    await newcomer.looksSound('a code of an invitation that is refused')
    await field.fill(`${code.slice(0, 32)}\n${code.slice(32)}`)
    await newcomer.context.setOffline(true)
    await go()
    await expect(page.getByRole('button', { name: 'Try again' })).toBeVisible()
    await expect(field).toHaveValue(new RegExp(code.slice(32))) // nothing is written anew
    await newcomer.context.setOffline(false)
    await page.getByRole('button', { name: 'Try again' }).click()
    await expect(page.getByRole('button', { name: 'Not now: remind me on Home' })).toBeVisible()

    const late = await comes(browser, 'late')
    await late.page.getByRole('button', { name: 'I have an invitation code' }).click()
    await late.page.getByLabel('Invitation code').fill(code)
    await late.page.getByRole('button', { name: 'Set up my health record' }).click()
    await expect(late.page.getByText('This code does not work.')).toBeVisible() // it was used
    for (const person of [head, newcomer, late]) {
      person.expectNoProblems()
      await person.context.close()
    }
  } finally {
    await requireInvitations(false)
  }
})

test('who shares sees who vouches for the recipient, that this has an end, and what a council that votes makes of it', async ({
  browser,
}) => {
  test.slow()
  const code = codeOf('dr-solberg')
  const passing = codeOf('dr-eikelund')
  const practice = await practiceOf('dr-eikelund')
  const share = { grantee: passing, scope: { categories: ['labs'] }, rights: ['list', 'open'] } as const
  done(await away('viktor').share({ ...share, purpose: 'TREAT', startNs: inMs(0), endNs: inMs(YEAR_MS / 2) }))

  const patient = await comes(browser, 'viktor', PHONE)
  const { page } = patient
  await patient.go('#/sharing')
  const row = page.getByRole('listitem').filter({ has: page.getByTitle(passing) })
  await expect(row).toBeVisible()
  await expect(row.getByText('Opens nothing now')).toHaveCount(0)
  await sharesWithHospital(patient, code)
  await patient.go('#/share')
  await page.getByLabel('Their share code').fill(code)
  await expect(page.getByText(/^physician at Fjordvik Hospital, which the council has verified; until/)).toBeVisible()
  await page.getByLabel('Their share code').fill(passing)
  await expect(page.getByText(/^physician at Eikelund Practice, which the council has verified; until/)).toBeVisible()
  await verify(practice, 20_000)
  await page.getByLabel('Their share code').fill(codeOf('somebody'))
  await expect(page.getByText('Are you sure whose code this is?')).toBeVisible()
  await page.getByRole('button', { name: 'Next' }).click()
  await expect(page.getByRole('link', { name: 'Say that you are sure whose code this is.' })).toBeVisible()
  await page.getByRole('checkbox', { name: 'I know whose code this is, and I am sure' }).check()
  await page.getByRole('button', { name: 'Next' }).click()
  await expect(page.getByText('Step 2 of 4')).toBeVisible()

  const administrator = await comes(browser, 'admin-fjordvik')
  await administrator.go('#/provider/organisations')
  await administrator.page.getByRole('link', { name: /Fjordvik Hospital/ }).click()
  const organisation = await administrator.page.getByTestId('organisation-code').innerText()
  const first = await comes(browser, 'council-amara')
  await first.go('#/provider/council')
  await first.page.getByRole('radio', { name: 'Suspend an organisation' }).check()
  await first.page.getByLabel('Code of the organisation').fill(organisation)
  await first.page.getByRole('button', { name: 'Look it up' }).click()
  await expect(first.page.getByText(/^Fjordvik Hospital/)).toBeVisible() // its name is read before anything is voted on
  await first.page.getByRole('button', { name: 'Put it to the vote' }).click()
  await expect(first.page.getByText('Counted: 1 of 2 votes')).toBeVisible()

  // What was verified for a while is not any more, by nobody's doing (D04).
  await expect
    .poll(async () => done(await away('viktor').recipient(passing)).isVerified, { timeout: 60_000 })
    .toBe(false)
  await page.reload()
  await patient.go('#/sharing')
  await expect(row.getByText('Opens nothing now: no verified organisation vouches for them')).toBeVisible()
  await patient.go('#/share')
  await page.getByLabel('Their share code').fill(passing)
  await expect(page.getByText('No verified organisation vouches for this code. It may be anybody.')).toBeVisible()
  await expect(page.getByText('Are you sure whose code this is?')).toBeVisible()
  await expect(page.getByText('Eikelund Practice')).toHaveCount(0)

  const second = await comes(browser, 'council-berit', PHONE)
  await second.go('#/provider/council')
  await second.page.getByRole('button', { name: 'Vote for it' }).click()
  await expect(second.page.getByText('It is done, in both parts of MedGuard')).toBeVisible()

  await page.reload()
  await patient.go('#/sharing?tab=organisations')
  await expect(page.getByText('Opens nothing now: no verified organisation vouches for them')).toBeVisible()
  await patient.go('#/share')
  await page.getByLabel('Their share code').fill(code)
  await expect(page.getByText('Are you sure whose code this is?')).toBeVisible()

  await first.page.getByRole('radio', { name: 'Verify an organisation' }).check()
  await first.page.getByLabel('Code of the organisation').fill(organisationPrincipal(practice))
  await first.page.getByLabel('Last day').fill(new Date(Date.now() + YEAR_MS / 4).toISOString().slice(0, 10))
  await first.page.getByRole('button', { name: 'Look it up' }).click()
  await expect(first.page.getByText(/^Eikelund Practice/)).toBeVisible()
  await first.page.getByRole('button', { name: 'Put it to the vote' }).click()
  await expect(first.page.getByText('Counted: 1 of 2 votes')).toBeVisible()
  await second.go('#/provider')
  await second.go('#/provider/council')
  await second.page.getByRole('button', { name: 'Vote for it' }).click()
  await expect(second.page.getByText('It is done, in both parts of MedGuard')).toBeVisible()
  await page.getByLabel('Their share code').fill(passing)
  await expect(page.getByText(/^physician at Eikelund Practice, which the council has verified; until/)).toBeVisible()
  for (const person of [patient, administrator, first, second]) {
    person.expectNoProblems()
    await person.context.close()
  }
})

/** With those who have a role there, found by its name. One of them is shut out and let in again, which leaves the share as it is (B06). */
async function sharesWithHospital(patient: Person, doctor: string): Promise<void> {
  const { page } = patient
  const next = () => page.getByRole('button', { name: 'Next' }).click()
  await patient.go('#/share')
  await page.getByLabel('Or an organisation, by its name').fill('fjordvik')
  await page.getByRole('button', { name: /^Fjordvik Hospital/ }).click()
  const whom = page.getByRole('group', { name: 'Whom there' })
  for (const role of await whom.getByRole('checkbox').all()) await expect(role).not.toBeChecked()
  await whom.getByRole('checkbox', { name: 'physician' }).check()
  await next()
  await page.getByRole('checkbox', { name: 'Measurements' }).check()
  await next()
  await page.getByRole('radio', { name: /1 day/ }).check()
  await page.getByRole('radio', { name: 'Treatment' }).check()
  await next()
  await expect(page.getByText(/^At Fjordvik Hospital, whoever works there as physician can open/)).toBeVisible()
  await page.getByRole('button', { name: 'Share', exact: true }).click()
  await expect(page.getByText(/^Shared at/)).toBeVisible()

  await patient.go('#/records')
  await page.getByRole('link', { name: /^Vital signs/ }).click()
  const readers = page.getByRole('list', { name: 'Who can open this' })
  await expect(readers).toContainText('Fjordvik Hospital')
  await expect(readers.getByTitle(doctor)).toBeVisible()
  done(await away('viktor').changeRules({ kind: 'block', whom: doctor }))
  await expect(readers.getByTitle(doctor)).toHaveCount(0)
  done(await away('viktor').changeRules({ kind: 'unblock', whom: doctor }))
  await expect(readers.getByTitle(doctor)).toBeVisible()
}
