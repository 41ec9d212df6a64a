import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { COMMANDS } from '@medguard/cli'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { medguard, type Product, startProduct } from '../product/product.ts'

// Commands with --for-patient, by the command line alone: each is about the child, or it is refused. The parent's own vault stays as it was.

let product: Product
let folder: string
beforeAll(async () => {
  product = await startProduct()
  folder = mkdtempSync(join(tmpdir(), 'medguard-wards-'))
  writeFileSync(file('count.txt'), 'Haemoglobin 13.9 g/dL')
  writeFileSync(file('allergy.json'), JSON.stringify(ALLERGY))
})
afterAll(async () => {
  await product.close()
  rmSync(folder, { recursive: true, force: true })
})

const ALLERGY = {
  resourceType: 'AllergyIntolerance',
  id: 'nuts',
  code: { text: 'Nuts' },
  patient: { reference: 'Patient/child' },
}
const file = (name: string) => join(folder, name)
async function run(as: string, ...args: string[]): Promise<unknown> {
  const result = await medguard(product, as, ...args, '--json')
  expect(result, `${args.join(' ')}: ${result.stderr}`).toMatchObject({ code: 0 })
  return result.json()
}

/** All that is laid down or has happened in the parent's own vault; asking leaves no line there. */
async function parentsOwn() {
  const { items, verification } = (await run('parent', 'log')) as { items: object[]; verification: { kind: string } }
  expect(verification.kind).toBe('verified')
  return { items, people: await run('parent', 'people') }
}

/** In this order; each gets what earlier ones answered. */
const steps: readonly (readonly [command: string, args: (got: Map<string, string>) => readonly string[]])[] = [
  ['whoami', () => []],
  ['add', () => [file('count.txt'), '--kind', 'labs', '--title', 'Count']],
  ['list', () => ['--kind', 'labs']],
  ['usage', () => []],
  ['uploads', () => []],
  ['device add', () => ['Cuff', '--kind', 'vitals']],
  ['device list', () => []],
  ['device rename', (got) => [got.get('device') ?? '', '--name', 'Cuff at home']],
  ['device pause', (got) => [got.get('device') ?? '']],
  ['device resume', (got) => [got.get('device') ?? '']],
  ['device rotate', (got) => [got.get('device') ?? '']],
  ['device remove', (got) => [got.get('device') ?? '']],
  ['export', () => ['--out', file('archive'), '--key', file('archive.key')]],
  ['fhir export', () => [file('child.json')]],
  ['fhir summary', () => [file('summary.json')]],
  ['fhir import', () => [file('allergy.json')]],
  ['link make', (got) => ['--record', got.get('record') ?? '', '--for', '1d', '--no-passcode']],
  ['link list', () => []],
  ['link open', (got) => [got.get('link') ?? '', '--kind', 'labs', '--title', 'Count again']],
  ['link end', (got) => [got.get('linkId') ?? '']],
  ['rules', () => ['--mark', 'vitals', '--requests-from', 'verified']],
  ['requests', () => []],
  ['approve', (got) => [got.get('ask') ?? '']],
  ['deny', (got) => [got.get('second ask') ?? '']],
  ['share', () => ['--with', 'other', '--kind', 'labs', '--for', '1d']],
  ['shares', () => []],
  ['consent', (got) => [got.get('share') ?? '', '--fhir']],
  ['agreement', (got) => [got.get('share') ?? '']],
  ['change', (got) => [got.get('share') ?? '', '--for', '2d']],
  ['block', () => ['other']],
  ['unblock', () => ['other']],
  ['revoke', (got) => [got.get('share') ?? '']],
  ['appoint', () => ['other', '--may', 'read', '--for', '1d']],
  ['dismiss', () => ['other']],
  ['link', () => ['phone']],
  ['recovery', () => ['--guardian', 'other', '--needed', '1']],
  ['stop-recovery', () => []],
  ['announce-erasure', () => []],
  ['stop-erasure', () => []],
  ['people', () => []],
  ['delete', (got) => [got.get('record') ?? '']],
  ['log', () => []],
  ['resume', () => []],
  ['pause', () => []],
]
/** These derive the keys of all categories, and call nothing that acting-for.test.ts does not call; erasing is in dependants.test.ts. */
const IN_THE_CLIENT = [
  'erase',
  'abandon',
  'show',
  'files',
  'get',
  'inbox',
  'inbox open',
  'inbox file',
  'inbox reject',
  'amend',
  'versions',
  'annotate',
  'who-can-open',
  'profile',
  'import',
  'rewrap',
  'keep-up',
  'watch',
]
interface Answer {
  readonly recordId?: string
  readonly grantId?: string
  readonly link?: string
  readonly linkId?: string
  readonly device?: { readonly deviceId: string }
}
const NOBODY_THERE = ['unlink', 'phone'] as const

test('each command is about the child alone', { timeout: 600_000 }, async () => {
  await run('parent', 'add', file('count.txt'), '--kind', 'labs', '--title', 'Mine')
  for (const name of ['phone', 'other']) await run(name, 'whoami')
  const child = (await run('parent', 'child')) as { patientId: string; patient: string }
  const forChild = (...args: string[]) => run('parent', ...args, '--for-patient', child.patientId)
  const before = await parentsOwn()
  const got = new Map<string, string>()
  const asked = async () =>
    ((await run('doctor', 'request', child.patient, '--for', '1d', '--kind', 'labs')) as { askId: string }).askId
  for (const [command, args] of steps) {
    if (command === 'requests') got.set('ask', await asked()).set('second ask', await asked())
    const answer = (await forChild(...command.split(' '), ...args(got))) as Answer
    if (command === 'whoami') expect(answer).toMatchObject({ principal: child.patient, patientId: child.patientId })
    if (command === 'link make') got.set('link', answer.link ?? '').set('linkId', answer.linkId ?? '')
    if (command === 'link list') expect(answer).toMatchObject([{ linkId: got.get('linkId') }])
    if (command === 'add') got.set('record', answer.recordId ?? '')
    if (command === 'share' || command === 'change') got.set('share', answer.grantId ?? '')
    if (command === 'device add') got.set('device', answer.device?.deviceId ?? '')
    if (command === 'device list') expect(answer).toMatchObject([{ name: 'Cuff', state: 'active' }])
    if (command === 'shares') expect(answer).toHaveLength(2)
    if (command === 'list') expect(answer).toMatchObject([{ title: 'Count', subject: null }])
  }
  for (const words of [
    ['vouch', 'doctor', '--to', 'doctor'],
    ['rewrap', '--with', 'doctor'],
  ])
    expect((await medguard(product, 'parent', ...words, '--for-patient', child.patientId)).code, words[0]).toBe(2)
  const ended = await medguard(product, 'parent', ...NOBODY_THERE, '--for-patient', child.patientId)
  expect(ended.code, 'phone never joined').toBe(3)
  const tried = new Set([...steps.map(([command]) => command), ...IN_THE_CLIENT, NOBODY_THERE[0]])
  const takeIt = [...COMMANDS].filter(([, { options }]) => options.includes('for-patient')).map(([name]) => name)
  expect(takeIt.filter((name) => !tried.has(name))).toEqual([])

  expect(await parentsOwn()).toEqual(before)
  expect(await run('parent', 'device', 'list')).toEqual([])
  const { rules } = (await forChild('rules')) as { rules: { paused: string | null } }
  expect(rules.paused).not.toBeNull()
  const { items } = (await forChild('log')) as { items: { event: string }[] }
  const events = items.map(({ event }) => event)
  expect(events).toEqual(
    expect.arrayContaining([
      'exported',
      'paused',
      'blocked',
      'unblocked',
      'rulesChanged',
      'recordDelete',
      'linkMade',
      'linkEnded',
    ]),
  )
})
