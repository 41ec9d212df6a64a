import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { medguard, type Product, startProduct } from '../product/product.ts'

// Depositing and changing keys by the command line alone.

let product: Product
let folder: string
beforeAll(async () => {
  product = await startProduct()
  folder = mkdtempSync(join(tmpdir(), 'medguard-files-'))
})
afterAll(async () => {
  await product.close()
  rmSync(folder, { recursive: true, force: true })
})

async function run(who: string, ...words: string[]): Promise<unknown> {
  const answer = await medguard(product, who, ...words, '--json')
  expect(answer, answer.stderr).toMatchObject({ code: 0 })
  return answer.json()
}
function fileWith(name: string, text: string): string {
  const path = join(folder, name)
  writeFileSync(path, text)
  return path
}

test('a laboratory deposits what it cannot read, and the patient reads it', async () => {
  const { principal } = (await run('laboratory', 'whoami')) as { principal: string }
  await run('patient', 'share', '--with', principal, '--kind', 'labs', '--right', 'write', '--for', '1d')
  const start = new Date(Date.now() + 30 * 86_400_000).toISOString()
  const later = ['--with', principal, '--kind', 'vitals', '--for', '1d', '--start', start]
  expect(await run('patient', 'share', ...later)).toMatchObject({ state: 'notStarted', start })
  const path = fileWith('report.txt', 'Haemoglobin 13.9 g/dL')
  const { recordId } = (await run(
    'laboratory',
    'deposit',
    path,
    '--with',
    'patient',
    '--kind',
    'labs',
    '--date',
    '2026-03-14',
  )) as {
    recordId: string
  }
  expect(await run('patient', 'list')).toMatchObject([
    { recordId, title: 'report.txt', clinicalDate: '2026-03-14', depositedBy: principal },
  ])
  expect((await medguard(product, 'patient', 'show', recordId.slice(0, 8))).stdout).toBe('Haemoglobin 13.9 g/dL')
  const refused = await medguard(product, 'laboratory', 'list', '--of', 'patient')
  expect([2, 3]).toContain(refused.code)
  const elsewhere = await medguard(product, 'laboratory', 'deposit', path, '--with', 'patient', '--kind', 'vitals')
  expect(elsewhere.code).toBe(2)
})

test('what comes into the inbox is taken in or rejected', async () => {
  const { principal } = (await run('bridge', 'whoami')) as { principal: string }
  const toInbox = ['share', '--with', principal, '--kind', 'inbox', '--for', '1d']
  expect((await medguard(product, 'patient', ...toInbox)).code).toBe(2)
  expect(await run('patient', ...toInbox, '--right', 'write')).toMatchObject({ scope: ['inbox'], rights: ['write'] })
  const send = async (name: string) => {
    const path = fileWith(name, `sent as ${name}`)
    return ((await run('bridge', 'deposit', path, '--with', 'patient', '--kind', 'vitals')) as { recordId: string })
      .recordId
  }
  const wanted = await send('wanted.txt')
  expect(await run('patient', 'list', '--kind', 'vitals')).toEqual([])
  expect(await run('patient', 'inbox')).toMatchObject([
    { recordId: wanted, category: 'vitals', depositedBy: principal },
  ])
  expect((await medguard(product, 'patient', 'inbox', 'open', wanted)).stdout).toBe('sent as wanted.txt')
  await run('patient', 'inbox', 'file', wanted, '--kind', 'vitals')
  const origin = { recordId: wanted, storedBy: principal }
  expect(await run('patient', 'list', '--kind', 'vitals')).toMatchObject([{ title: 'wanted.txt', origin }])
  await run('patient', 'inbox', 'reject', await send('unwanted.txt'))
  expect(await run('patient', 'inbox')).toEqual([])
})

test('a relative changes the keys for the patient, who ends the old ones', async () => {
  const of = async (who: string) => ((await run(who, 'whoami')) as { principal: string }).principal
  const rights = ['list', 'open', 'rewrap'].flatMap((right) => ['--right', right])
  await run('patient', 'share', '--with', await of('relative'), '--kind', 'labs', '--for', '1d', ...rights)
  const refused = await medguard(product, 'doctor', 'rewrap', '--with', 'patient')
  expect(refused.code).toBe(2)
  const shared = await run('patient', 'share', '--with', await of('doctor'), '--kind', 'labs', '--for', '1d')
  expect(await run('doctor', 'list', '--of', 'patient')).toHaveLength(1)
  const { grantId } = shared as { grantId: string }
  expect(await run('patient', 'revoke', grantId, '--no-rewrap')).toMatchObject({ grantId, needsRewrap: true })
  expect(await run('relative', 'rewrap', '--with', 'patient')).toEqual({ records: 1, retired: 0, damaged: 0 })
  expect(await run('patient', 'rewrap')).toEqual({ records: 0, retired: 1, damaged: 0 })
})

test('after a share that was read ends, the keys are changed, once', async () => {
  const { principal } = (await run('doctor', 'whoami')) as { principal: string }
  const shared = await run('patient', 'share', '--with', principal, '--kind', 'labs', '--for', '1d')
  const { grantId } = shared as { grantId: string }
  expect(await run('doctor', 'list', '--of', 'patient')).toHaveLength(1)
  const rewrapped = { records: 1, retired: 1, damaged: 0 }
  expect(await run('patient', 'revoke', grantId)).toMatchObject({ grantId, needsRewrap: false, rewrapped })
  expect((await medguard(product, 'patient', 'rewrap')).stdout).toContain('No keys are to be changed.')
  const nothing = { rewrapped: { records: 0, retired: 0, damaged: 0 }, records: 0 }
  expect(await run('patient', 'keep-up')).toEqual(nothing)
  expect(await run('patient', 'list', '--kind', 'labs')).toHaveLength(1)
})
