import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { medguard, type Product, startProduct } from '../product/product.ts'

// People and what they do about each other, by the command line alone.

let product: Product
let folder: string
beforeAll(async () => {
  product = await startProduct()
  folder = mkdtempSync(join(tmpdir(), 'medguard-people-'))
  writeFileSync(join(folder, 'blood.txt'), 'Haemoglobin 13.9 g/dL\n')
})
afterAll(async () => {
  await product.close()
  rmSync(folder, { recursive: true, force: true })
})

const run = async (who: string, ...args: string[]) => {
  const result = await medguard(product, who, ...args)
  expect(result, `${args.join(' ')}: ${result.stderr}`).toMatchObject({ code: 0 })
  return result
}
const add = (who: string, title: string, ...args: string[]) =>
  run(who, 'add', join(folder, 'blood.txt'), '--kind', 'labs', '--title', title, ...args)
const titles = async (who: string, ...args: string[]) =>
  ((await run(who, 'list', '--kind', 'labs', '--json', ...args)).json() as { title: string }[]).map(
    ({ title }) => title,
  )
interface People {
  readonly principals: readonly { readonly isActive: boolean }[]
  readonly representatives: readonly { readonly powers: readonly string[]; readonly isAccepted: boolean }[]
  readonly waiting: readonly { readonly byKit: boolean; readonly isHalf: boolean }[]
  readonly isWhole: boolean
}
/** The settings that hold or will. */
const recovery = async () => {
  const shown = (await run('patient', 'recovery', '--json')).json() as Record<
    'recovery' | 'comingRecovery',
    Recovery | null
  >
  const settings = shown.comingRecovery ?? shown.recovery
  if (settings === null) throw new Error('no settings')
  return settings
}
interface Recovery {
  readonly kit: string | null
  readonly guardians: readonly string[]
}
const people = async (who: string) => (await run(who, 'people', '--json')).json() as People

test('a second sign-in of the same person, until it is ended', async () => {
  await add('patient', 'Blood count')
  await run('phone', 'whoami')
  await run('patient', 'link', 'phone')
  await run('phone', 'join', 'patient')
  expect(await titles('phone')).toEqual(['Blood count'])
  expect((await people('phone')).principals.map(({ isActive }) => isActive)).toEqual([true, true])
  const early = await medguard(product, 'phone', 'unlink', 'patient', '--json')
  expect(early).toMatchObject({ code: 3 })
  expect(JSON.parse(early.stderr)).toMatchObject({ error: 'NotYet' })
  await run('patient', 'unlink', 'phone')
  expect((await medguard(product, 'phone', 'add', join(folder, 'blood.txt'))).code).toBe(3)
  expect((await people('patient')).principals.map(({ isActive }) => isActive)).toEqual([true, false])
})

test('a carer acts for the patient, as far and as long as was said', async () => {
  await run('carer', 'whoami')
  await run('patient', 'appoint', 'carer', '--may', 'read', '--for', '1d')
  await run('carer', 'accept', 'patient')
  expect(await titles('carer', '--for-patient', 'patient')).toEqual(['Blood count'])
  const writing = await medguard(product, 'carer', 'add', join(folder, 'blood.txt'), '--for-patient', 'patient')
  expect(writing).toMatchObject({ code: 3 })
  expect(await people('patient')).toMatchObject({
    representatives: [{ powers: ['read'], isAccepted: true }],
    isWhole: true,
  })
  await run('patient', 'dismiss', 'carer')
  expect((await medguard(product, 'carer', 'list', '--for-patient', 'patient')).code).toBe(2)
})

test('a child has records of its own, which its parent keeps', async () => {
  const { patientId } = (await run('parent', 'child', '--json')).json() as { patientId: string }
  await add('parent', 'Vaccination', '--for-patient', patientId)
  expect(await titles('parent', '--for-patient', patientId.slice(0, 8))).toEqual(['Vaccination'])
  expect(await titles('parent')).toEqual([])
  expect(await people('parent')).toMatchObject({ wards: [{ patientId, isDependant: true }], isWhole: true })

  const child = ['--for-patient', patientId]
  await run('parent', 'recovery', '--guardian', 'carer', ...child)
  const own = (await run('parent', 'people', '--json', ...child)).json()
  expect(own).toMatchObject({ recovery: { threshold: 1 }, erasure: null, isWhole: true })
  const erase = () => medguard(product, 'parent', 'erase', patientId, '--out', join(folder, 'receipt'), ...child)
  expect((await erase()).code).toBe(3)
  await run('parent', 'announce-erasure', ...child)
  expect((await run('parent', 'people', ...child)).stdout).toContain('ERASURE ANNOUNCED')
  expect(await erase()).toMatchObject({ code: 3, stderr: expect.stringMatching(/not yet|until|wait/i) as unknown })
  await run('parent', 'stop-erasure', ...child)
  expect((await run('parent', 'people', '--json', ...child)).json()).toMatchObject({ erasure: null, isWhole: true })
})

test('a recovery is started by the kit, seen, refused before its time, and stopped', async () => {
  const kit = join(folder, 'kit.txt')
  await run('newcomer', 'whoami')
  await run('phone2', 'whoami')
  await run('patient', 'recovery', '--new-kit', kit, '--guardian', 'carer', '--needed', '1')
  expect(readFileSync(kit, 'utf8')).toMatch(/^([0-9A-Z]{4}-){13}[0-9A-Z]{4}\n$/)
  const first = await recovery()
  expect(first).toMatchObject({ guardians: [expect.any(String)], threshold: 1 })
  await run('patient', 'recovery', '--guardian', 'phone2')
  const kept = await recovery()
  expect(kept).toMatchObject({ kit: first.kit, guardians: [...first.guardians, expect.any(String)], threshold: 1 })
  expect((await medguard(product, 'patient', 'recovery', '--needed', '3')).code).toBe(2)
  await run('patient', 'recovery', '--no-guardian', 'carer', '--no-kit')
  expect(await recovery()).toMatchObject({ kit: null, guardians: [kept.guardians[1]], threshold: 1 })
  await run('patient', 'recover', '--kit', kit, '--to', 'newcomer')
  const loud = await run('patient', 'usage')
  expect(loud.stderr).toContain('RECOVERY UNDER WAY')
  expect(loud.stderr).toContain('medguard stop-recovery')
  expect(await people('patient')).toMatchObject({ waiting: [{ byKit: true, isHalf: false }] })
  const early = await medguard(product, 'newcomer', 'complete-recovery', 'patient', '--json')
  expect(early).toMatchObject({ code: 3 })
  expect(JSON.parse(early.stderr)).toMatchObject({ error: 'NotYet' })
  await run('carer', 'vouch', 'patient', '--to', 'newcomer')
  await run('patient', 'stop-recovery')
  expect((await run('patient', 'usage')).stderr).toBe('')
  expect((await people('patient')).waiting).toEqual([])
  expect((await medguard(product, 'newcomer', 'complete-recovery', 'patient')).code).toBe(3)
  writeFileSync(
    kit,
    readFileSync(kit, 'utf8').replace(/^./, (letter) => (letter === '0' ? '1' : '0')),
  )
  expect((await medguard(product, 'patient', 'recover', '--kit', kit, '--to', 'newcomer')).code).toBe(2)
})
