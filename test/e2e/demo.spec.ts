import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { type Browser, expect, test } from '@playwright/test'
import { identityOf, Person } from './fixtures/person.ts'
import { DESKTOP, PHONE } from './fixtures/test.ts'

// `npm start -- --demo`, the first command of the README: people who are there already, and a council that verifies who treats them.

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
let demo: ChildProcess
let state: string
let app: string

test.beforeAll(async ({ baseURL }) => {
  test.setTimeout(180_000)
  state = mkdtempSync(join(tmpdir(), 'medguard-demo-'))
  const port = Number(new URL(baseURL ?? '').port) + 1
  demo = spawn('node', ['scripts/boot.mjs', 'start', '--demo', '--port', `${port}`, '--state', state], {
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

test('who shares sees who vouches for the recipient, and what a council that votes makes of it', async ({
  browser,
}) => {
  test.slow()
  const patient = await comes(browser, 'viktor', PHONE)
  const { page } = patient
  const code = codeOf('dr-solberg')

  await patient.go('#/share')
  await page.getByLabel('Their share code').fill(code)
  await expect(page.getByText(/^physician at Fjordvik Hospital, which the council has verified; until/)).toBeVisible()
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
  const second = await comes(browser, 'council-berit', PHONE)
  await second.go('#/provider/council')
  await second.page.getByRole('button', { name: 'Vote for it' }).click()
  await expect(second.page.getByText('It is done, in both parts of MedGuard')).toBeVisible()

  await page.reload()
  await patient.go('#/share')
  await page.getByLabel('Their share code').fill(code)
  await expect(page.getByText('Are you sure whose code this is?')).toBeVisible()
  for (const person of [patient, administrator, first, second]) {
    person.expectNoProblems()
    await person.context.close()
  }
})
