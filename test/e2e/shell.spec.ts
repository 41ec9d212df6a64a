import { faultsOf } from './fixtures/look.ts'
import { CanisterStatus, HttpAgent } from '@dfinity/agent'
import { IDENTITY_PROVIDER_ID } from '@medguard/localnet'
import { DEVELOPMENT_CANISTERS, developmentNetwork, Principal } from '@medguard/client'
import { chromium } from '@playwright/test'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { findMarkers, plantedWord, textMarker } from '../product/markers.ts'
import { filesBelow, type Kept, keptBy } from './fixtures/kept.ts'
import { identityOf, Person } from './fixtures/person.ts'
import { DESKTOP, expect, test } from './fixtures/test.ts'

// What surrounds the records: headers, the first load, the policy, and what stays on the device.

const FIRST_LOAD_BYTES_MAX = 300_000
const WORKER_BYTES_MAX = 200_000
const { consent, records, audit, frontend } = DEVELOPMENT_CANISTERS

test('every file of the app comes with the policy and the headers it was designed with', async ({ page }) => {
  const served: { path: string; headers: Record<string, string> }[] = []
  page.on('response', (response) => {
    const { pathname, hostname } = new URL(response.url())
    if (hostname === `${frontend}.localhost`) served.push({ path: pathname, headers: response.headers() })
  })
  await page.goto('/')
  await expect(page.getByRole('button', { name: /^Sign in/ })).toBeVisible()
  const { origin } = new URL(page.url())
  const paths = ['v2', 'v3', 'v4'].flatMap((version) =>
    [consent, records, audit].map((id) => `${origin}/api/${version}/canister/${id}/`),
  )
  const forAll =
    "object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'"
  const ofPage =
    "default-src 'none'; script-src 'self'; script-src-attr 'none'; style-src 'self'; style-src-attr 'none'; img-src 'self' blob:; font-src 'self'; " +
    "media-src blob:; worker-src 'self'; manifest-src 'self'; connect-src 'none'; frame-src 'none'; trusted-types medguard-url"
  const ofKeyWorker = `default-src 'none'; script-src 'self'; connect-src ${paths.join(' ')}; trusted-types 'none'`
  const expected = {
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
    'cross-origin-opener-policy': 'same-origin-allow-popups',
    'cross-origin-resource-policy': 'same-origin',
    'origin-agent-cluster': '?1',
    'x-frame-options': 'DENY',
    'permissions-policy':
      'camera=(self), bluetooth=(self), accelerometer=(), autoplay=(), display-capture=(), geolocation=(), gyroscope=(), hid=(), magnetometer=(), ' +
      'microphone=(), midi=(), payment=(), publickey-credentials-get=(), screen-wake-lock=(), serial=(), usb=(), xr-spatial-tracking=()',
  }
  const isKeyWorker = (path: string) => /^\/assets\/key-worker-[\w-]+\.js$/.test(path)
  expect(served.map(({ path }) => path)).toEqual(
    expect.arrayContaining(['/', expect.stringMatching(/\.js$/), expect.stringMatching(/\.css$/)]),
  )
  expect(served.some(({ path }) => isKeyWorker(path))).toBe(true)
  for (const { path, headers } of served) {
    const policy = `${isKeyWorker(path) ? ofKeyWorker : ofPage}; ${forAll}`
    expect(headers, path).toMatchObject({ ...expected, 'content-security-policy': policy })
    expect(headers['ic-certificate'], path).toContain('version=2') // the gateway has checked it
  }
})

test('the start page holds no inline code, no inline style and no address of somebody else', async ({ page }) => {
  const html = (await (await page.goto('/'))?.text()) ?? ''
  const scripts = [...html.matchAll(/<script\b([^>]*)>([^]*?)<\/script>/gi)]
  expect(scripts.length).toBeGreaterThan(0)
  for (const [tag, attributes, code] of scripts) {
    expect(attributes, tag).toMatch(/\bsrc="\.\/assets\/[\w-]+\.js"/)
    expect(code, tag).toBe('')
  }
  expect(html).not.toMatch(/<style|\sstyle\s*=|\son\w+\s*=|javascript:|<base|<iframe/i)
  const addresses = [...html.matchAll(/(?:href|src)="([^"]*)"/g)].map(([, address]) => address)
  for (const address of addresses) expect(address).toMatch(/^\.\/[\w./-]+$/)
})

test('a page that is older than the one before stops, signs nobody in and says why', async ({ page }) => {
  await page.goto('/')
  await expect(page.getByRole('button', { name: /^Sign in/ })).toBeVisible()
  await page.evaluate(() => localStorage.setItem('medguard.version', '99.0.0'))
  await page.reload()
  await expect(page.getByRole('alert')).toContainText('This page is older than the one you used before')
  await expect(page.getByRole('button', { name: /sign in/i })).toHaveCount(0)
  expect(await faultsOf(page)).toEqual([])
})

test('the first load is at most 300 KB of packed code, and the worker that comes behind it at most 200', async ({
  page,
}) => {
  const scripts: Promise<{ isWorker: boolean; bytes: number }>[] = []
  page.on('response', (response) => {
    if (!/javascript/.test(response.headers()['content-type'] ?? '')) return
    const isWorker = /key-worker/.test(response.url())
    scripts.push(response.body().then((body) => ({ isWorker, bytes: gzipSync(body).length })))
  })
  const opensWindow = page.waitForResponse(/internet-identity/) // what a click on Sign in needs comes right after what it stands on
  await page.goto('/')
  await expect(page.getByRole('button', { name: /^Sign in/ })).toBeVisible()
  await opensWindow
  const sizes = await Promise.all(scripts)
  const sum = (ofWorker: boolean) =>
    sizes.reduce((total, { isWorker, bytes }) => total + (isWorker === ofWorker ? bytes : 0), 0)
  const measured = `${sum(false)} bytes of packed code at the first load, ${sum(true)} of the worker`
  test.info().annotations.push({ type: 'measured', description: measured })
  for (const ofWorker of [false, true]) {
    expect(sum(ofWorker)).toBeGreaterThan(0)
    expect(sum(ofWorker)).toBeLessThanOrEqual(ofWorker ? WORKER_BYTES_MAX : FIRST_LOAD_BYTES_MAX)
  }
})

test('code that somebody smuggles in does not run, nothing leaves the page through it, and any such test fails', async ({
  people,
}) => {
  const person = await people.arrives('visitor')
  const { page } = person
  await expect(page.getByRole('button', { name: /^Sign in/ })).toBeVisible()
  const { origin } = new URL(page.url())
  const tried = await page.evaluate(
    async ([origin, consent]) => {
      const violated: string[] = []
      Object.assign(window, { violated })
      document.addEventListener('securitypolicyviolation', (event) => violated.push(event.effectiveDirective))
      const outcome = async (work: () => unknown) => {
        try {
          await work()
          return 'went through'
        } catch (error) {
          return (error as Error).name
        }
      }
      // What a debugger evaluates may evaluate more; a timer of the page may not.
      const later = (work: () => unknown) =>
        new Promise<string>((resolve) => setTimeout(() => void outcome(work).then(resolve)))
      const element = (name: string, attributes: Record<string, string>, text = '') => {
        const made = document.createElement(name)
        for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value)
        if (text !== '') made.append(text)
        document.body.append(made)
        return made
      }
      const outcomes = {
        foreignHost: await outcome(() => fetch('http://127.0.0.1:9/')),
        ownOrigin: await outcome(() => fetch('/index.html')),
        ourCanister: await outcome(() =>
          fetch(`${origin}/api/v2/canister/${consent}/query`, { method: 'POST', body: 'stolen' }),
        ),
        otherCanister: await outcome(() =>
          fetch(`${origin}/api/v2/canister/aaaaa-aa/query`, { method: 'POST', body: 'stolen' }),
        ),
        beacon: await outcome(() => new WebSocket(origin.replace('http', 'ws'))),
        code: await later(() => (Reflect.construct(Function, ['return 1']) as () => unknown)()),
        html: await outcome(() => (element('div', {}).innerHTML = '<b>x</b>')),
        object: await outcome(() => element('object', { data: '/icon.svg' })),
        worker: await outcome(() => new Worker(URL.createObjectURL(new Blob(['1'])))),
      }
      element('style', {}, 'body { display: none }')
      element('p', { style: 'color: red' })
      element('img', { src: 'http://127.0.0.1:9/pixel.png' })
      element('iframe', { src: '/' })
      return outcomes
    },
    [origin, consent] as const,
  )
  expect(tried).toMatchObject({
    foreignHost: 'TypeError',
    ownOrigin: 'TypeError',
    ourCanister: 'TypeError',
    otherCanister: 'TypeError',
    code: 'EvalError',
    html: 'TypeError',
    object: 'TypeError',
    worker: 'TypeError',
  })
  for (const directive of ['connect-src', 'style-src-elem', 'style-src-attr', 'img-src', 'frame-src']) {
    const violated = () => page.evaluate(() => (window as unknown as { violated: string[] }).violated)
    await expect.poll(violated, directive).toContain(directive)
  }
  // The worker is bound by a policy of its own, and what breaks that is noticed as well.
  const asked = await page.workers()[0]?.evaluate(() => fetch('http://127.0.0.1:9/').catch(({ name }: Error) => name))
  expect(asked).toBe('TypeError')
  // Each of these would have failed the test that it happened in.
  const told = () => person.problems.join(' ')
  for (const directive of [
    'connect-src',
    'style-src',
    'img-src',
    'frame-src',
    'TrustedHTML',
    'in a worker: connect-src',
  ])
    await expect.poll(told, directive).toContain(directive)
  person.problems.length = 0
})

test('the page says where the data is as the network certifies it, what is only said, and what a leak would show', async ({
  people,
}) => {
  const person = await people.isHome('curious')
  const { page } = person
  await page.getByRole('main').getByRole('link', { name: 'Your data and who holds it' }).click()
  await expect(page.getByRole('heading', { level: 2, name: 'If our database leaked' })).toBeVisible()
  await expect(page.getByText('this computer, for made-up data only')).toBeVisible()
  await page.getByText('The full names, to compare').click()
  // What was installed is in the log, which has it from the network a moment after.
  for (const part of ['Who may read what, and the keys', 'Records, encrypted'])
    await expect(page.getByText(`As the log says: ${part}`)).toBeVisible()
  await expect(page.getByText('The log does not say: The access log')).toBeVisible()
  const installed = page.getByRole('list', { name: 'What was installed, newest first' }).getByRole('listitem')
  await expect(installed.filter({ hasText: 'The network told what runs: Records, encrypted' })).not.toHaveCount(0)
  const shown = new Set(await page.locator('.mg-hash').allInnerTexts())

  // The same read apart from the page and its client, with the agent of the network's makers.
  const { url, rootKey } = developmentNetwork(`http://127.0.0.1:${new URL(page.url()).port}`)
  const agent = HttpAgent.createSync({ host: url, rootKey })
  const { consent, records, audit } = DEVELOPMENT_CANISTERS
  const said = new Set<string>()
  for (const id of [consent, records, audit]) {
    const canisterId = Principal.fromText(id)
    const paths: CanisterStatus.Path[] = ['subnet', 'controllers', 'module_hash']
    const facts = await CanisterStatus.request({ agent, canisterId, paths })
    const { subnetId, nodeKeys } = facts.get('subnet') as CanisterStatus.SubnetStatus
    for (const node of nodeKeys.keys()) said.add(node)
    for (const controller of facts.get('controllers') as Principal[]) said.add(controller.toText())
    said.add(subnetId).add(facts.get('module_hash') as string)
    await expect(page.getByText(`3 parts of MedGuard are kept by ${nodeKeys.size} computer`)).toBeVisible()
  }
  expect(shown).toEqual(said)
})

test('after use nothing readable was sent or is on the device: no request, not the page’s storage, not the browser’s files', async ({
  baseURL,
}, testInfo) => {
  test.slow() // the whole road in one profile
  const profile = mkdtempSync(join(tmpdir(), 'medguard-profile-'))
  const { launchOptions } = testInfo.project.use
  const real = { viewport: DESKTOP, serviceWorkers: 'allow' } as const
  const inProfile = { ...launchOptions, ...real, ...(baseURL !== undefined && { baseURL }) }
  const words = Object.fromEntries(
    ['title', 'content', 'file', 'subject', 'search', 'note', 'draft'].map((name) => [
      name,
      plantedWord(`e2e ${name}`),
    ]),
  ) as Record<'title' | 'content' | 'file' | 'subject' | 'search' | 'note' | 'draft', string>
  const markers = Object.entries(words).flatMap(([name, word]) => textMarker(name, word))
  const found: string[] = []
  const search = async (person: Person, when: string) => {
    const kept = await keptBy(person.page)
    found.push(...findMarkers(when, Buffer.from(JSON.stringify(kept)), markers))
    found.push(...findMarkers(`${when}, title and address`, Buffer.from(await titleAndAddress(person)), markers))
    expect(kept.sessionStorage, when).toEqual({})
    // The page itself and nothing else: what these files are is held by offline.spec.ts.
    expect(kept.caches, when).toEqual([expect.stringMatching(/^medguard-shell-[0-9a-f]{16}$/)])
    // Asset canisters say with every page which network it is on: its public key and nothing about anybody.
    expect(kept.cookies, when).toMatch(/^ic_env=ic%5Froot%5Fkey%3D[0-9a-f]{266}$/)
    expect(kept.serviceWorkers, when).toBe(1)
    for (const [name, value] of Object.entries(kept.localStorage)) {
      expect(`${name} = ${value}`, when).toMatch(
        /^medguard\.(language = [a-z]{2}|theme = (light|dark|auto)|seat = (patient|provider|shared)|install = [12]|version = \d+\.\d+\.\d+|touched = \d+)$/,
      )
    }
    const heads = Object.entries(kept.databases).filter(([name]) => name.startsWith('medguard/heads/'))
    expect(heads.length, when).toBeGreaterThan(0)
    for (const [name, value] of heads) {
      expect(`${name} = ${value}`, when).toMatch(/^medguard\/heads\/[0-9a-f]{32} = \d+:[0-9a-f]{64}:\d+$/)
    }
    return kept
  }

  const context = await chromium.launchPersistentContext(profile, inProfile)
  // Everything that leaves, from the page and from its worker: addresses, headers and bodies.
  const sent: Buffer[] = []
  context.on('request', (request) => {
    sent.push(Buffer.from(`${request.url()} ${JSON.stringify(request.headers())} `))
    sent.push(request.postDataBuffer() ?? Buffer.of())
  })
  // Every host that was asked anything, by any page of this profile: there is no list of exceptions.
  const hosts = new Set<string>()
  context.on('request', (request) => {
    const { protocol, hostname } = new URL(request.url())
    if (protocol !== 'blob:') hosts.add(hostname)
  })
  const asked = (method: string) => sent.filter((body) => body.includes(method)).length
  try {
    await test.step('a patient adds, searches, opens, drafts and shares', async () => {
      const person = await Person.arriveIn(context, `keeper ${testInfo.testId.slice(-12)}`)
      const { page } = person
      await person.signIn()
      await person.openVault()
      await person.go('#/add?as=note')
      await page.getByRole('textbox', { name: 'Note' }).fill(`${words.note} and more`)
      await page.getByRole('textbox', { name: 'Title' }).fill(`About ${words.title}`)
      await page.getByRole('radio', { name: 'Lab results' }).check()
      await page.getByRole('textbox', { name: 'Your name' }).fill(words.subject)
      await page.getByRole('button', { name: 'Save record' }).click()
      await page.getByRole('button', { name: 'Add another' }).click()
      const file = { name: `${words.file}.txt`, mimeType: 'text/plain', buffer: Buffer.from(words.content) }
      await person.addFile(file, { title: `Also ${words.title}`, kind: 'Lab results' })
      await person.go('#/add?as=note')
      await page.getByRole('textbox', { name: 'Note' }).fill(words.draft)
      await person.go('#/records')
      await page.getByRole('searchbox', { name: 'Search my records' }).fill(words.search)
      await page.getByRole('button', { name: 'Show all records' }).click()
      await page.getByRole('searchbox', { name: 'Search my records' }).fill(words.title)
      await page.getByRole('link', { name: /^Also/ }).click()
      await expect(page.getByText(words.content)).toBeVisible()
      await person.go('#/log')
      await expect(page.getByText('This log is complete and unaltered.')).toBeVisible()
      await expect(page.getByRole('listitem').getByText(words.title).first()).toBeVisible()
      await page.goBack()
      await expect(page.getByText(words.content)).toBeVisible()

      // What was told of the log comes after the first screen.
      const told = `medguard/told/${person.sdk.principal} notices`
      await expect.poll(async () => notHeads(await keptBy(page))).toContain(told)
      await expect.poll(async () => (await keptBy(page)).caches).toHaveLength(1)
      const kept = await search(person, 'in use')
      expect(notHeads(kept)).toEqual([
        'medguard/owner/saved',
        expect.stringMatching(/^medguard\/saved\/[0-9a-f]{32}$/),
        'medguard/session/kept',
        told,
      ])
      expect(kept.databases['medguard/session/kept']).toMatch(/private key, extractable false/)

      // Keys of records are in memory only: after a reload they are asked for anew.
      const keysAsked = asked('deriveKey')
      await page.reload()
      await expect(page.getByText(words.content)).toBeVisible()
      expect(asked('deriveKey')).toBeGreaterThan(keysAsked)

      await person.go('#/share')
      await page.getByLabel('Their share code').fill(identityOf('nobody in particular').getPrincipal().toText())
      await page.getByRole('radio', { name: 'Single records' }).check()
      await page.getByRole('checkbox', { name: /^Also/ }).check()
      await page.getByRole('radio', { name: '1 hour' }).check()
      await page.getByRole('radio', { name: 'Treatment' }).check()
      await page.getByRole('button', { name: 'Share', exact: true }).click()
      await expect(page.getByText(/^Shared at/)).toBeVisible()

      await page.getByRole('button', { name: 'Lock' }).click()
      await expect(page.getByRole('heading', { level: 1, name: 'Locked' })).toBeVisible()
      const locked = notHeads(await search(person, 'locked'))
      expect(locked.some((name) => name.startsWith('medguard/session/'))).toBe(false)
      found.push(...findMarkers('the page that is locked', Buffer.from(await page.content()), markers))
      await person.signIn()
      await page.getByRole('button', { name: 'Sign out' }).click()
      await expect(page.getByRole('heading', { level: 1, name: 'You are signed out' })).toBeVisible()
      const left = notHeads(await search(person, 'signed out'))
      expect(left.some((name) => name.startsWith('medguard/session/'))).toBe(false)
      found.push(...findMarkers('the page that is signed out', Buffer.from(await page.content()), markers))
      person.expectNoProblems()
    })
  } finally {
    await context.close()
  }
  expect(hosts).toEqual(new Set([`${frontend}.localhost`, `${IDENTITY_PROVIDER_ID}.localhost`]))
  // The right requests: each step of the road is among them, with its body.
  for (const method of ['enrol', 'deriveKey', 'store', 'beginList', 'open', 'grant', 'putShareWraps'])
    expect(asked(method), method).toBeGreaterThan(0)
  const labels = ['Lab results', 'text/plain'].flatMap((label) => textMarker(label, label))
  found.push(...findMarkers('what was sent', Buffer.concat(sent), [...markers, ...labels]))
  try {
    const files = filesBelow(profile)
    // The right folder, read after the browser wrote to it: it holds what the page is known to keep.
    expect(files.some(({ bytes }) => bytes.includes('medguard.touched'))).toBe(true)
    for (const { path, bytes } of files) found.push(...findMarkers(path.slice(profile.length), bytes, markers))
  } finally {
    rmSync(profile, { recursive: true, force: true })
  }
  expect(found).toEqual([])
})

const notHeads = ({ databases }: Kept) =>
  Object.keys(databases)
    .filter((name) => !name.startsWith('medguard/heads/'))
    .toSorted()
const titleAndAddress = ({ page }: Person) =>
  page.evaluate(() => `${document.title} ${location.href} ${JSON.stringify(history.state)}`)
