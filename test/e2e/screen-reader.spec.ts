import type { Page } from '@playwright/test'
import { ENGINES, type Hands, signInWith } from './fixtures/engines.ts'
import { done, type Person } from './fixtures/person.ts'
import { slowLink } from './fixtures/slow-link.ts'
import { expect, type People, test } from './fixtures/test.ts'
import { TREATED } from './fixtures/treated.ts'

// docs/screen-reader-script.md as far as a machine can go through it: what each thing on the screens of its ten tasks is called, in which order it is read, and what is
// said by itself. Chromium's tree is compared with what stands here, and Firefox's own with Chromium's.

interface Screen {
  readonly where: string
  /** Pressed first. */
  readonly press?: string
  /** What is read there, in this order; anything else may stand in between. */
  readonly read: string
}

const SCREENS: Readonly<Record<string, Screen>> = {
  'hear what waits, what is new, who sees': {
    where: '#/',
    read: `
      - navigation "Main":
        - list:
          - listitem:
            - link "Home"
          - listitem:
            - link "Records"
          - listitem:
            - link "Add"
          - listitem:
            - link "Sharing"
          - listitem:
            - link "Access log"
      - main:
        - heading "Home" [level=1]
        - button "Set up recovery"
        - region "Who can see your records":
          - heading "Who can see your records" [level=2]
          - list "People who can see your records":
            - listitem
        - region "Newest records":
          - heading "Newest records" [level=2]
          - list "Newest records":
            - listitem
            - listitem
            - listitem
            - listitem
            - listitem`,
  },
  'add a note': {
    where: '#/add?as=note',
    read: `
      - main:
        - heading "Add a record" [level=1]
        - navigation "What to add"
        - textbox "Note"
        - textbox "Title"
        - group "What kind of record is it?":
          - radio "Health summary"
          - radio "Other"
        - textbox "Date"
        - textbox "Your name"
        - button "Save record"`,
  },
  'leave a field empty': {
    where: '#/forms/lab',
    press: 'Save record',
    read: `
      - main:
        - heading "Lab result" [level=1]
        - alert:
          - paragraph: 3 things are missing
          - list:
            - listitem:
              - 'link "Fill in: Test"'
            - listitem:
              - 'link "Fill in: Result"'
            - listitem:
              - 'link "Fill in: Day of the sample"'
        - combobox "Test" [invalid]
        - paragraph: "Fill in: Test"
        - textbox "Result" [invalid]
        - textbox "Day of the sample" [invalid]
        - button "Save record"`,
  },
  'find a record': {
    where: '#/records',
    read: `
      - main:
        - heading "Records" [level=1]
        - link "Trends"
        - searchbox "Search my records"
        - group "Kinds of record":
          - button "All" [pressed]
          - button "Lab results 2"
        - status
        - button "Choose several"
        - list:
          - listitem:
            - heading [level=2]
          - listitem:
            - link /^Metformin Medicines/`,
  },
  'hear a trend': {
    where: '#/trends',
    press: 'Show my values',
    read: `
      - main:
        - heading "Trends" [level=1]
        - combobox "Which value?"
        - region "Glucose":
          - paragraph: /^Glucose. latest 7.8 mmol.+lowest 5.1 mmol/
          - figure /^Glucose. latest 7.8 mmol/
          - button "Closer"
        - region "All values, newest first":
          - heading "All values, newest first" [level=2]
          - table "All values, newest first":
            - rowgroup`,
  },
  share: {
    where: '#/share',
    read: `
      - main:
        - heading "Share records" [level=1]
        - region "With whom":
          - heading "With whom" [level=2]
          - textbox "Their share code"
        - region "What":
          - heading "What" [level=2]
          - group "Kinds of record":
            - checkbox "Health summary"
            - checkbox "Sensitive"
        - region "How long and what for":
          - group "How long":
            - radio "1 hour"
          - group "What for":
            - radio "Treatment"
        - region "Check":
          - heading "Check" [level=2]
        - button "Share"`,
  },
  'check who looked': {
    where: '#/log',
    read: `
      - main:
        - heading "Access log" [level=1]
        - paragraph: This log is complete and unaltered.
        - button "Verify again"
        - group "Whose acts":
          - button "Everyone" [pressed]
        - region "Today":
          - heading "Today" [level=2]
          - list:
            - listitem
        - region "Evidence for others":
          - button "Make evidence"`,
  },
}

test('the screens of ten tasks are read the same by two engines, in order, and say by themselves what happened', async ({
  people,
  baseURL,
}) => {
  const firefox = ENGINES.find(({ name }) => name === 'Firefox')
  const missing = firefox?.missing() ?? null
  test.skip(missing !== null && process.env['CI'] !== 'true', missing ?? '') // a build that never looked must not be green
  test.setTimeout(240_000) // two engines, one after the other
  const { patient, clinician } = await beforehand(people)
  const { page } = patient
  const heard = await listen(page)

  const named: Record<string, readonly Named[]> = {}
  for (const [task, { where, press, read }] of Object.entries(SCREENS)) {
    await patient.go(where)
    if (press !== undefined) await page.getByRole('button', { name: press }).click()
    await expect(page.locator('body'), task).toMatchAriaSnapshot(read)
    // What is around a page is the same on all of them.
    named[task] = namedIn(await page.locator(where === '#/' ? 'body' : 'main').ariaSnapshot())
  }
  await page.getByRole('button', { name: 'Verify again' }).click()
  await expect.poll(heard).toContain('Checked again. The log is complete and unaltered.')

  const line = await slowLink(Number(new URL(baseURL ?? '').port))
  const hands = await firefox?.launch(line.port)
  if (hands === undefined) throw new Error('Firefox is one of them')
  try {
    await hands.open(baseURL ?? '')
    await signInWith(hands, patient.name)
    for (const [task, { where, press }] of Object.entries(SCREENS)) {
      await expect
        .poll(() => hands.run(`location.hash = '${where}'; return document.querySelector('nav') !== null`), LONG)
        .toBe(true)
      if (press !== undefined) await hands.click(`//button[normalize-space(.)='${press}']`)
      const left = [...(named[task] ?? [])]
      await expect.poll(() => firstUnknownTo(hands, left), { timeout: 120_000, message: task }).toBeNull()
    }
  } finally {
    await hands.close()
    await line.close()
  }

  await test.step('what is said by itself', async () => {
    await patient.go('#/add?as=note')
    await page.getByRole('textbox', { name: 'Note' }).fill('Slept badly')
    await page.getByRole('textbox', { name: 'Title' }).fill('Sleep')
    await page.getByRole('radio', { name: 'Other' }).check()
    await page.getByRole('button', { name: 'Save record' }).click()
    await expect(page.getByText(/^Saved at/)).toBeVisible({ timeout: 30_000 })
    await expect.poll(heard).toContainEqual(expect.stringMatching(/^Saved: .*Sleep/))

    await patient.go('#/records')
    await page.getByRole('searchbox').fill('glucose')
    await expect.poll(heard).toContainEqual(expect.stringMatching(/^2 records of 6/))

    await patient.go('#/share')
    await page.getByLabel('Their share code').fill(clinician.sdk.principal)
    for (const choice of ['Medicines', '1 hour', 'Treatment'])
      await page.getByRole(choice === 'Medicines' ? 'checkbox' : 'radio', { name: choice }).check()
    await page.getByRole('button', { name: 'Share', exact: true }).click()
    await expect(page.getByText(/^Shared at/)).toBeVisible({ timeout: 30_000 })
    await expect.poll(heard).toContainEqual(expect.stringMatching(/^Shared/))

    await patient.go('#/sharing')
    // This very button: the list may be in another order a moment later.
    const stop = await page
      .getByRole('button', { name: /^Stop sharing with/ })
      .first()
      .elementHandle()
    await stop?.focus()
    await page.keyboard.press('Enter')
    const dialog = page.getByRole('dialog', { name: /^Stop sharing with .+\?$/ })
    await expect(dialog).toMatchAriaSnapshot(`
      - dialog /^Stop sharing with/:
        - heading /^Stop sharing with/ [level=2]
        - button "Keep sharing"
        - button "Stop sharing"`)
    await page.keyboard.press('Escape')
    await expect.poll(() => stop?.evaluate((button) => button === document.activeElement)).toBe(true)

    await page.context().setOffline(true)
    await expect.poll(heard).toContainEqual(expect.stringMatching(/^You are offline\./))
    await page.context().setOffline(false)
  })
})

const LONG = { timeout: 40_000 }

/** Somebody with five records, one share and a log. */
async function beforehand(people: People): Promise<{ patient: Person; clinician: Person }> {
  const clinician = await people.arrives('clinician')
  done(await clinician.sdk.enrol())
  const patient = await people.isHome('reader', { with: TREATED })
  const startNs = BigInt(Date.now()) * 1_000_000n
  const terms = { scope: { categories: ['labs'] }, rights: ['list', 'open'], purpose: 'TREAT' } as const
  const period = { startNs, endNs: startNs + 86_400_000_000_000n }
  done(await patient.sdk.share({ ...terms, ...period, grantee: clinician.sdk.principal }))
  await patient.page.reload() // with the share from the start
  await patient.isHome()
  return { patient, clinician }
}

interface Named {
  readonly role: string
  readonly name: string
}
/** Of what an engine does not draw by itself, as it does a field for a date or a file. */
const NAMED = /^\s*- '?(heading|button|link|checkbox|radio|searchbox|region|navigation) "((?:[^"\\]|\\.)*)"/gm
const DRAWN_BY_ENGINE = 'Read from a picture'

/** What is in an aria snapshot, each once, but for what has a time in it, and rows of records, whose names are their whole text. */
function namedIn(snapshot: string): Named[] {
  const found = [...snapshot.matchAll(NAMED)].map(([, role = '', name = '']) => ({ role, name }))
  const fit = found.filter(({ name }) => name !== DRAWN_BY_ENGINE && !/\d:\d\d|·/.test(name))
  return [...new Map(fit.map((each) => [`${each.role} ${each.name}`, each])).values()]
}

/** What the other engine's own tree does not have. @param left what it has is taken off: each question takes that engine a while. */
async function firstUnknownTo(hands: Hands, left: Named[]): Promise<Named | null> {
  for (let next = left[0]; next !== undefined; next = left[0]) {
    if ((await hands.knows?.(next.role, next.name)) !== true) return next
    left.shift()
  }
  return null
}

/** What is said by itself, each time that it changes: statuses and alerts. */
async function listen(page: Page): Promise<() => string[]> {
  const heard: string[] = []
  await page.exposeFunction('hear', (text: string) => void heard.push(text))
  await page.evaluate(() => {
    const { hear } = window as unknown as { hear: (text: string) => void }
    const live = '[role=status], [role=alert], output, [aria-live]'
    const last = new WeakMap<Element, string>()
    const tell = (region: Element | null | undefined) => {
      const text = region?.textContent?.trim() ?? ''
      if (region === null || region === undefined || text === last.get(region)) return
      last.set(region, text)
      if (text !== '') hear(text)
    }
    new MutationObserver((changes) => {
      for (const { target, addedNodes } of changes) {
        tell((target instanceof Element ? target : target.parentElement)?.closest(live))
        for (const added of addedNodes)
          if (added instanceof Element)
            for (const region of [added, ...added.querySelectorAll(live)]) if (region.matches(live)) tell(region)
      }
    }).observe(document.body, { childList: true, characterData: true, subtree: true })
  })
  return () => [...heard]
}
