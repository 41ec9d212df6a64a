import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { medguard, type Product, startProduct } from '../product/product.ts'

// Asking, answering, pausing and blocking by the command line alone.

const GATEWAY = join(import.meta.dirname, '../../src/gateway')
const exampleClient = async (...args: string[]): Promise<string> =>
  (await promisify(execFile)(process.execPath, [join(GATEWAY, 'example/client.mjs'), ...args])).stdout

let product: Product
let folder: string
let recordId: string
beforeAll(async () => {
  product = await startProduct()
  folder = mkdtempSync(join(tmpdir(), 'medguard-consent-'))
  writeFileSync(join(folder, 'count.txt'), 'Haemoglobin 13.9 g/dL')
  const added = await run('patient', 'add', join(folder, 'count.txt'), '--kind', 'labs')
  recordId = (added as { recordId: string }).recordId
  await run('doctor', 'requests')
})
afterAll(async () => {
  await product.close()
  rmSync(folder, { recursive: true, force: true })
})

async function run(as: string, ...args: string[]): Promise<unknown> {
  const result = await medguard(product, as, ...args, '--json')
  expect(result, `${args.join(' ')}: ${result.stderr}`).toMatchObject({ code: 0 })
  return result.json()
}
const show = () => medguard(product, 'doctor', 'show', recordId, '--of', 'patient', '--json')
const errorOf = ({ stderr }: { stderr: string }) => (JSON.parse(stderr) as { error: string }).error

test('a doctor asks, the patient gives less than that, and the doctor reads what was given', async () => {
  const { askId } = (await run('doctor', 'request', 'patient', '--for', '30d')) as { askId: string }
  expect(await run('patient', 'requests')).toMatchObject([
    { askId, direction: 'received', state: 'pending', rights: ['list', 'open'], purpose: 'TREAT' },
  ])
  const words = await medguard(product, 'patient', 'requests')
  expect(words.stdout).toContain('from doctor')
  expect(words.stdout).not.toContain('sensitive')
  const share = await run('patient', 'approve', askId.slice(0, 8), '--kind', 'labs', '--for', '7d')
  expect(share).toMatchObject({ scope: ['labs'], state: 'live' })
  expect(await run('doctor', 'requests')).toMatchObject([{ askId, direction: 'sent', state: 'narrowed' }])
  expect(await show()).toMatchObject({ code: 0 })
  const { grantId } = share as { grantId: string }
  const readers = await medguard(product, 'patient', 'who-can-open', recordId.slice(0, 8))
  expect(readers.stdout).toMatch(/^patient +you, or who acts for you.*\ndoctor +by share/)
  expect(await run('patient', 'consent', grantId, '--fhir')).toMatchObject({
    resourceType: 'Consent',
    status: 'active',
  })
  expect(await run('doctor', 'agreement', grantId)).toMatchObject({
    agreement: expect.stringContaining('shared: labs'),
  })
  const again = (await run('doctor', 'request', 'patient', '--for', '7d')) as { askId: string }
  const days = ['--kind', 'medicines', '--from', '2026-01-01', '--for', '1d']
  expect(await run('patient', 'approve', again.askId, ...days)).toMatchObject({ state: 'live' })
  const sent = (await run('doctor', 'requests')) as { askId: string; state: string }[]
  expect(sent.find((each) => each.askId === again.askId)).toMatchObject({ state: 'narrowed' })
})

test('pausing ends it at once and resuming brings it back', async () => {
  expect(await run('patient', 'pause')).toMatchObject({ isSettled: true })
  const paused = await show()
  expect([paused.code, errorOf(paused)]).toEqual([3, 'Paused'])
  await run('patient', 'resume')
  expect(await show()).toMatchObject({ code: 0 })
})

test('blocking ends it and says nothing; the rules are one document', async () => {
  await run('patient', 'block', 'doctor')
  const blocked = await show()
  expect([blocked.code, errorOf(blocked)]).toEqual([3, 'NotPermitted'])
  const { askId } = (await run('doctor', 'request', 'patient', '--for', '1d')) as { askId: string }
  const sent = (await run('doctor', 'requests')) as { askId: string; state: string }[]
  expect(sent.find((each) => each.askId === askId)).toMatchObject({ state: 'pending' })
  const document = await run('patient', 'rules', '--mark', 'vitals', '--requests-from', 'known')
  expect(document).toMatchObject({
    rules: { pausedNs: null, sensitive: ['vitals', 'sensitive'], requestsFrom: 'known', isSettled: true },
    shares: [{ state: 'live' }, { state: 'live' }],
    requests: [{ state: 'narrowed' }, { state: 'narrowed' }],
  })
  expect(await run('patient', 'rules', '--mark', 'labs', '--unmark', 'vitals')).toMatchObject({
    rules: { sensitive: ['labs', 'sensitive'], requestsFrom: 'known' },
  })
  expect(await run('patient', 'rules', '--mark', 'imaging')).toMatchObject({
    rules: { sensitive: ['labs', 'imaging', 'sensitive'] },
  })
  await run('patient', 'rules', '--unmark', 'labs', '--unmark', 'imaging')
  await run('doctor', 'withdraw', askId.slice(0, 8))
  await run('patient', 'unblock', 'doctor')
  expect(await show()).toMatchObject({ code: 0 })
})

test('what is sensitive is shared only where it is named', async () => {
  const share = ['share', '--with', 'doctor', '--kind', 'sensitive', '--for', '1d']
  const unnamed = await medguard(product, 'patient', ...share, '--json')
  expect([unnamed.code, errorOf(unnamed)]).toEqual([3, 'BadInput'])
  expect(await run('patient', ...share, '--sensitive')).toMatchObject({ terms: { namesSensitive: true } })
})

test('a share is changed by the command line: another one stands in its place, and what it was before is over', async () => {
  await run('surgeon', 'requests')
  const old = (await run('anna', 'share', '--with', 'surgeon', '--kind', 'labs', '--for', '1d')) as { grantId: string }
  const kinds = ['--kind', 'labs', '--kind', 'vitals', '--for', '2d']
  const wider = (await run('anna', 'change', old.grantId.slice(0, 8), ...kinds)) as { grantId: string }
  expect(wider).toMatchObject({
    scope: expect.arrayContaining(['labs', 'vitals']),
    state: 'live',
    inPlaceOf: old.grantId,
  })
  const shares = (await run('anna', 'shares')) as { grantId: string }[]
  expect(shares.find(({ grantId }) => grantId === old.grantId)).toMatchObject({
    state: 'revoked',
    replacedBy: wider.grantId,
  })
  expect(await run('anna', 'agreement', wider.grantId)).toMatchObject({
    agreement: expect.stringContaining(`in place of: ${old.grantId}`),
  })
  const narrower = (await run('anna', 'change', wider.grantId, '--kind', 'vitals')) as { grantId: string }
  expect(narrower).toMatchObject({ scope: ['vitals'], inPlaceOf: wider.grantId })
  expect(await medguard(product, 'anna', 'change', old.grantId, '--kind', 'imaging')).toMatchObject({ code: 3 })
  expect(await medguard(product, 'anna', 'change', narrower.grantId)).toMatchObject({ code: 2 })
})

test('a link is made, opened without an account, taken in by somebody, and ended', async () => {
  const file = join(folder, 'observation.json')
  writeFileSync(file, JSON.stringify({ resourceType: 'Observation', status: 'final', code: { text: 'Potassium' } }))
  const kind = ['--kind', 'labs', '--type', 'application/fhir+json']
  const { recordId: id } = (await run('lina', 'add', file, ...kind)) as { recordId: string }
  expect(await medguard(product, 'lina', 'link', 'make', '--record', id)).toMatchObject({ code: 2 })
  const made = ['link', 'make', '--record', id.slice(0, 8), '--for', '7d', '--label', 'Trip', '--attempts', '3']
  const { link, linkId, passcode } = (await run('lina', ...made)) as Readonly<Record<string, string>>
  expect(passcode).toMatch(/^\d{6}$/)
  const open = (...more: string[]) =>
    medguard(product, 'nobody', 'link', 'open', link ?? '', '--name', 'Clinic', ...more)
  expect(await open()).toMatchObject({ code: 2 })
  const wrong = await open('--passcode', 'wrong')
  expect(wrong).toMatchObject({ code: 2 })
  expect(wrong.stderr).toContain('2 wrong tries are left')
  const right = ['--passcode', passcode ?? '']
  expect((await open(...right)).stdout).toContain('Potassium')
  const taken = (await run('clinic', 'link', 'open', link ?? '', ...right, '--kind', 'labs')) as { title: string }[]
  expect(taken).toMatchObject([{ title: 'Trip', category: 'labs', mediaType: 'application/fhir+json' }])
  expect(await run('lina', 'link', 'list')).toMatchObject([
    { linkId, label: 'Trip', openings: 2, attemptsLeft: 2, lastOpenings: [{ saysTheyAre: 'Clinic' }, {}] },
  ])
  await run('lina', 'link', 'end', (linkId ?? '').slice(0, 8))
  expect(await open(...right)).toMatchObject({ code: 3 })
  const words = await medguard(product, 'lina', 'link', 'list')
  expect(words.stdout).toContain('stopped')
  const held = join(folder, 'condition.json')
  writeFileSync(held, JSON.stringify({ resourceType: 'Condition', code: { text: 'Old sorrow' } }))
  await run('lina', 'add', held, '--kind', 'sensitive', '--type', 'application/fhir+json')
  const summaryWith = async (...more: string[]) => {
    const making = ['link', 'make', '--summary', '--for', '1d', '--no-passcode', ...more]
    const summary = (await run('lina', ...making)) as { link: string }
    const shown = (await run('nobody', 'link', 'open', summary.link)) as { files: { content: string }[] }
    return shown.files[0]?.content ?? ''
  }
  expect(await summaryWith('--sensitive')).toContain('Old sorrow')
  const usual = await summaryWith()
  expect(usual).not.toContain('Old sorrow')
  expect(JSON.parse(usual)).toMatchObject({
    resourceType: 'Bundle',
    type: 'document',
    entry: expect.arrayContaining([
      { fullUrl: expect.any(String), resource: expect.objectContaining({ resourceType: 'Composition' }) },
    ]),
  })
})

test('a hospital’s program goes from its request to a write-back, with nothing but a configuration and Node', async () => {
  const patient = (await run('jana', 'whoami')) as { principal: string }
  await run('jana', 'add', join(folder, 'count.txt'), '--kind', 'labs')
  await run('hospital', 'whoami')
  const printed = await exampleClient('keys', join(folder, 'hospital'))
  const config = {
    network: product.ready.network,
    identity: join(product.stateDir, 'identities/hospital.json'),
    dataFolder: join(folder, 'hospital/data'),
    http: { port: 0, clients: [JSON.parse(printed)] },
  }
  writeFileSync(join(folder, 'gateway.json'), JSON.stringify(config))
  const command = [join(GATEWAY, 'bin/medguard-gateway.mjs'), '--config', join(folder, 'gateway.json')]
  const checked = await promisify(execFile)(process.execPath, [...command, '--check'])
  expect(JSON.parse(checked.stdout)).toMatchObject({ isEnrolled: false, patients: 0 })
  const gateway = spawn(process.execPath, command, { stdio: ['ignore', 'pipe', 'pipe'] })
  const lines = createInterface({ input: gateway.stdout })[Symbol.asyncIterator]()
  const { url } = JSON.parse(String((await lines.next()).value)) as { url: string }
  const visit = exampleClient('visit', url, join(folder, 'hospital'), patient.principal)
  await expect.poll(async () => ((await run('jana', 'requests')) as { state: string }[])[0]?.state).toBe('pending')
  const [request] = (await run('jana', 'requests')) as { askId: string }[]
  await run('jana', 'approve', request!.askId)
  const steps = (await visit)
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { step: string; id?: string })
  expect(steps.map(({ step }) => step)).toEqual(['asked', 'answered', 'read', 'written'])
  await expect
    .poll(() => run('jana', 'list', '--kind', 'documents'), { timeout: 60_000 })
    .toMatchObject([{ recordId: steps.at(-1)?.id, title: 'Discharge summary' }])
  gateway.kill('SIGTERM')
  expect((await once(gateway, 'exit'))[0]).toBe(0)
})
