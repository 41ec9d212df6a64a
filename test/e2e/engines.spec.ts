import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createClient, developmentNetwork } from '@medguard/client'
import { readingOf } from '@medguard/readings'
import { deviceWith } from './fixtures/device.ts'
import { button, ENGINES, field, link, signInWith } from './fixtures/engines.ts'
import { done, identityOf } from './fixtures/person.ts'
import { slowLink } from './fixtures/slow-link.ts'
import { expect, test } from './fixtures/test.ts'

// A22: what a patient does, and whoever treats them, works in the other engines as well, as their makers ship them. Playwright drives Chromium in all other files.

const TEXT = 'Haemoglobin 140 g/L, all well'

for (const engine of ENGINES) {
  test(`a patient adds, opens, shares and stops in ${engine.name}, is still signed in after a reload, and starts without a network`, async ({
    baseURL,
  }, { testId }) => {
    const missing = engine.missing()
    test.skip(missing !== null && process.env['CI'] !== 'true', missing ?? '') // a build that never looked must not be green
    test.setTimeout(240_000)
    const origin = baseURL ?? ''
    const [patient, clinician] = ['patient', 'clinician'].map((role) => `${engine.name} ${role} ${testId.slice(-12)}`)
    const network = developmentNetwork(`http://127.0.0.1:${new URL(origin).port}`)
    const doctor = createClient({ identity: identityOf(clinician ?? ''), network })
    done(await doctor.enrol())
    const folder = mkdtempSync(join(tmpdir(), 'medguard-engine-'))
    writeFileSync(join(folder, 'result.txt'), TEXT)
    const line = await slowLink(Number(new URL(origin).port))
    const hands = await engine.launch(line.port)
    const sees = (text: string | RegExp) =>
      expect.poll(() => hands.text(), { timeout: 40_000, message: String(text) }).toMatch(text)
    const go = (where: string) => hands.run(`location.hash = '${where}'`)
    try {
      await hands.open(origin)
      await signInWith(hands, patient ?? '')
      await hands.click(button('Set up my health record'))
      await hands.click(button('Not now: remind me on Home'))
      await hands.click(button('Later: remind me on Home'))
      await expect
        .poll(() => hands.run(`return document.querySelector('h1')?.innerText`), { timeout: 40_000 })
        .toBe('Home')

      await go('#/add')
      await hands.pickFile('//input[@type="file"]', join(folder, 'result.txt'))
      await hands.type(field('Title'), 'Blood count')
      await hands.click(field('Lab results'))
      await hands.click(button('Save record'))
      await sees(/Saved at/)
      await go('#/records')
      await hands.click(link('Blood count'))
      await sees(TEXT)

      // The session's key is the browser's own, and still cannot be taken out of it.
      await hands.reload()
      await sees(TEXT)
      expect(await hands.run(KEPT_KEY)).toBe('private key, not extractable')

      await go('#/share')
      await sees(/Share with|share code/)

      await hands.type(field('Their share code'), doctor.principal)
      for (const choice of ['Lab results', '1 day', 'Treatment']) await hands.click(field(choice))
      await hands.click(button('Share'))
      await sees(/Shared at/)
      const [share] = done(await doctor.sharesReceived())
      const vault = { of: 'grant', grantId: share?.grantId ?? '' } as const
      const [shared] = done(await doctor.list(vault))
      const { recordId = '', version = 0 } = shared ?? {}
      const look = () => doctor.open({ vault, recordId, version, category: 'labs' })
      expect(new TextDecoder().decode(done(await look()).bytes)).toBe(TEXT)

      await go('#/sharing')
      await hands.click("//button[starts-with(normalize-space(.),'Stop sharing')]")
      await hands.click(`//dialog${button('Stop sharing')}`)
      await expect.poll(async () => (await look()).kind, { timeout: 40_000 }).toBe('refused')

      await go('#/log')
      await sees(/This log is complete and unaltered/)
      await hands.click(button('Sign out'))
      await sees(/You are signed out/)
      expect(await hands.run(KEPT_KEY)).toBe('nothing')

      await expect.poll(() => hands.run(SERVICE_WORKER), { timeout: 40_000 }).toBe('activated')
      await line.close()
      await hands.open(`${origin}/?again`)
      await sees(/Your health records, in your hands/)
    } finally {
      await hands.close()
      await line.close()
      rmSync(folder, { recursive: true })
    }
  })
}

for (const engine of ENGINES) {
  test(`whoever treats opens a share, sees what a device posts within five seconds, writes a note that is signed, and is locked out in ${engine.name}`, async ({
    baseURL,
  }, { testId }) => {
    const missing = engine.missing()
    test.skip(missing !== null && process.env['CI'] !== 'true', missing ?? '')
    test.setTimeout(240_000)
    const port = Number(new URL(baseURL ?? '').port)
    const named = (role: string) => `${engine.name} ${role} ${testId.slice(-12)}`
    const clientOf = (role: string) =>
      createClient({ identity: identityOf(named(role)), network: developmentNetwork(`http://127.0.0.1:${port}`) })
    const [patient, doctor] = [clientOf('patient'), clientOf('clinician')]
    done(await patient.enrol())
    done(await doctor.enrol())
    const about = { fileName: null, mediaType: 'text/plain', category: 'documents', clinicalDate: null } as const
    done(await patient.add({ ...about, title: 'Discharge letter', bytes: new TextEncoder().encode(TEXT) }))
    const startNs = BigInt(Date.now()) * 1_000_000n
    const { grantId } = done(
      await patient.share({
        grantee: doctor.principal,
        scope: { categories: ['documents', 'vitals'] },
        rights: ['list', 'open', 'write'],
        purpose: 'TREAT',
        startNs,
        endNs: startNs + 3_600_000_000_000n,
      }),
    )
    const line = await slowLink(port)
    const hands = await engine.launch(line.port)
    const sees = (text: RegExp) =>
      expect.poll(() => hands.text(), { timeout: 40_000, message: String(text) }).toMatch(text)
    try {
      await hands.open(baseURL ?? '')
      await signInWith(hands, named('clinician'))
      await sees(/Home/)
      await hands.run(`location.hash = '#/provider'`)
      await hands.click(link('Treatment'))
      await hands.click(link('Discharge letter'))
      await sees(/Haemoglobin 140 g\/L, all well/)

      // What is posted comes onto an open page: the first value with the key that it needs, the second at once.
      const band = deviceWith(done(await patient.addDevice({ name: 'Band', category: 'vitals' })).code)
      const post = (value: number) =>
        band.post([readingOf({ timeMs: Date.now(), value, code: '8867-4', unit: '/min', device: 'Band' })])
      await hands.run(`location.hash = '#/provider/board'`)
      await sees(/No device has sent anything yet/)
      expect(await post(61)).toBe(200)
      await sees(/61 \/min/)
      expect(await post(134)).toBe(200)
      await expect.poll(() => hands.text(), { timeout: 5_000 }).toMatch(/134 \/min/)

      await hands.run(`location.hash = '#/provider/patients/${grantId}/add/visit'`)
      await hands.click(field('Note on a visit'))
      await hands.type(field('What it is about'), 'Seen on the ward')
      await hands.type("//textarea[@id=//label[starts-with(normalize-space(.),'Text')]/@for]", 'No complaints.')
      await hands.click(button('Sign and send'))
      await sees(/Sent at/)
      const written = done(await patient.list({ of: 'me' })).find(({ title }) => title === 'Seen on the ward')
      expect(written?.signature).toMatchObject({ kind: 'signed', by: doctor.principal })

      await hands.click(link('Open it'))
      await sees(/No complaints\./)
      done(await patient.revoke(grantId))
      await sees(/Access ended at/)
      expect(await hands.text()).not.toMatch(/No complaints|Seen on the ward/)
    } finally {
      await hands.close()
      await line.close()
    }
  })
}

const SERVICE_WORKER = `return (await navigator.serviceWorker.getRegistration())?.active?.state`
const KEPT_KEY = `
  const database = await new Promise((resolve, reject) => {
    const opening = indexedDB.open('medguard')
    opening.onsuccess = () => resolve(opening.result)
    opening.onerror = () => reject(opening.error)
  })
  const kept = await new Promise((resolve) => {
    const reading = database.transaction('session').objectStore('session').get('kept')
    reading.onsuccess = () => resolve(reading.result)
  })
  database.close()
  if (kept === undefined) return 'nothing'
  const { type, extractable } = kept.key.privateKey
  return type + ' key, ' + (extractable ? 'extractable' : 'not extractable')`
