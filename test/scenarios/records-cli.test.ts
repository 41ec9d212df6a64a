import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { generatePatient } from '@medguard/synthetic'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { medguard, type Product, startProduct } from '../product/product.ts'

// Versions, notes, profile, room, archive and the end of a vault, by the command line alone; and a vault that goes out and comes in as FHIR.

let product: Product
let folder: string
beforeAll(async () => {
  product = await startProduct()
  folder = mkdtempSync(join(tmpdir(), 'medguard-records-'))
})
afterAll(async () => {
  await product.close()
  rmSync(folder, { recursive: true, force: true })
})
const path = (name: string) => join(folder, name)
const file = (name: string, content: string) => {
  writeFileSync(path(name), content)
  return path(name)
}
async function run(who: string, ...args: string[]): Promise<unknown> {
  const result = await medguard(product, who, ...args, '--json')
  expect(result.code, `${args.join(' ')}: ${result.stderr}`).toBe(0)
  return result.json()
}
const code = async (who: string, ...args: string[]) => (await medguard(product, who, ...args)).code
interface Row {
  readonly recordId: string
  readonly title: string
  readonly version: number
}

describe('a vault by the command line', () => {
  let recordId = ''

  test('takes a new version, and shows who stored which', async () => {
    recordId = ((await run('amal', 'add', file('a.txt', '5.9'), '--kind', 'labs', '--title', 'Potassium')) as Row)
      .recordId
    expect(await run('amal', 'amend', recordId, '--file', file('b.txt', '4.1'), '--date', '2026-03-14')).toMatchObject({
      version: 2,
      title: 'Potassium',
      clinicalDate: '2026-03-14',
    })
    const { principal } = (await run('amal', 'whoami')) as { principal: string }
    expect(await run('amal', 'versions', recordId)).toMatchObject([
      { summary: { version: 1 }, storedBy: principal },
      { summary: { version: 2 }, storedBy: principal },
    ])
    expect((await medguard(product, 'amal', 'show', recordId)).stdout).toBe('4.1')
    expect((await medguard(product, 'amal', 'show', recordId, '--version', '1')).stdout).toBe('5.9')
    expect((await medguard(product, 'amal', 'show', recordId, '--version', '3')).code).toBe(2)
  })

  test('takes a note, a profile, and says how much room is left', async () => {
    const noted = await run('amal', 'annotate', recordId, '--text', 'I had just run', '--correct')
    expect(noted).toMatchObject({ title: 'Correction: Potassium', links: [{ recordId, relation: 'corrects' }] })
    const profile = { name: 'Amal Haddad', bloodGroup: 'O-' }
    await run('amal', 'profile', '--set', file('profile.json', JSON.stringify(profile)))
    expect(await run('amal', 'profile')).toEqual(profile)
    expect(await code('amal', 'profile', '--set', file('wrong.json', '{"bloodGroup":"Q"}'))).toBe(3)
    expect(await run('amal', 'usage')).toMatchObject({ versions: 4, openUploads: 0 })
  })

  test('signs what is stored from here, with a key that only its owner can read', async () => {
    expect(await run('amal', 'author', 'keys')).toEqual([])
    const key = (await run('amal', 'author', 'sign')) as { keyId: string }
    const path = join(product.stateDir, 'authors', 'amal.json')
    expect(statSync(path).mode & 0o777).toBe(0o600)
    const { recordId: signed } = (await run('amal', 'add', file('s.txt', 'mine'), '--kind', 'other')) as Row
    const listed = (await run('amal', 'list', '--kind', 'other')) as (Row & { signature: { kind: string } })[]
    expect(listed.find((row) => row.recordId === signed)?.signature).toMatchObject({ kind: 'signed', keyId: key.keyId })
    const shown = await medguard(product, 'amal', 'show', signed)
    expect([shown.stdout, shown.stderr]).toEqual(['mine', expect.stringContaining('signed by amal, whose key is')])
    chmodSync(path, 0o644)
    expect((await medguard(product, 'amal', 'add', path)).stderr).toContain('others can read the signing key of amal')
    chmodSync(path, 0o600)
    await run('amal', 'author', 'end', key.keyId.slice(0, 8))
    expect(() => statSync(path)).toThrow('ENOENT')
    expect(await run('amal', 'author', 'keys')).toMatchObject([{ keyId: key.keyId, isHere: false }])
    await run('amal', 'delete', signed)
  })

  test('deletes a record for good', async () => {
    const { recordId: gone } = (await run('amal', 'add', file('c.txt', 'gone'), '--kind', 'other')) as Row
    await run('amal', 'delete', gone)
    expect(((await run('amal', 'list')) as Row[]).map((row) => row.recordId)).not.toContain(gone)
    expect(await code('amal', 'show', gone)).toBe(2)
    expect(await code('amal', 'delete', gone)).toBe(2)
  })

  test('goes into an archive and out of it, into another vault', async () => {
    const [archive, key] = [path('vault.mga'), path('vault.key')]
    expect(await run('amal', 'export', '--out', archive, '--key', key)).toMatchObject({ versions: 4, damaged: 0 })
    for (const each of [archive, key]) expect(statSync(each).mode & 0o777, each).toBe(0o600)
    expect(await code('amal', 'export', '--out', archive, '--key', path('other.key')), 'never over another').toBe(2)
    expect(await run('berta', 'import', archive, '--key', key)).toEqual({
      versions: 4,
      damaged: 0,
      skipped: 0,
      hasLog: true,
    })
    expect(await run('berta', 'import', archive, '--key', key)).toEqual({
      versions: 0,
      damaged: 0,
      skipped: 4,
      hasLog: true,
    })
    const listed = (await run('berta', 'list', '--kind', 'labs')) as Row[]
    expect(listed).toMatchObject([{ title: 'Potassium', version: 2, origin: { recordId, version: 2 } }, {}])
    const wrong = file(
      'wrong.key',
      readFileSync(key, 'utf8').replace(/[0-9a-f]/, (digit) => (digit === '0' ? '1' : '0')),
    )
    expect(await code('berta', 'import', archive, '--key', wrong)).toBe(2)
  })

  test('takes a folder as one record, and gives its files, one or all, in a new folder', async () => {
    for (const folderName of ['ct', 'ct/series', 'ct/.hidden']) mkdirSync(path(folderName))
    const content = (i: number) => `slice ${i} `.repeat(1_000)
    for (let i = 0; i < 5; i++) file(`ct/series/${i}.dcm`, content(i))
    file('ct/DICOMDIR', 'index')
    file('ct/.hidden/x', 'x')
    symlinkSync('/etc/passwd', path('ct/link'))
    const { recordId: study } = (await run('cora', 'add', path('ct'), '--kind', 'imaging')) as Row
    const files = (await run('cora', 'files', study)) as { name: string }[]
    expect(files.map(({ name }) => name)).toEqual(['DICOMDIR', ...[0, 1, 2, 3, 4].map((i) => `series/${i}.dcm`)])

    await run('cora', 'get', study, '--file', 'series/3.dcm', '--out', path('three'))
    expect(readFileSync(path('three'), 'utf8')).toBe(content(3))
    expect(await code('cora', 'get', study, '--file', 'series/9.dcm', '--out', path('nine'))).toBe(2)
    await run('cora', 'get', study, '--out', path('all'))
    expect(readdirSync(path('all')).toSorted()).toEqual(['DICOMDIR', 'series'])
    for (let i = 0; i < 5; i++) expect(readFileSync(path(`all/series/${i}.dcm`), 'utf8')).toBe(content(i))
    expect(statSync(path('all')).mode & 0o777).toBe(0o700)

    rmSync(path('all/series/2.dcm'))
    await run('cora', 'get', study, '--out', path('all'))
    expect(readFileSync(path('all/series/2.dcm'), 'utf8'), 'gone on with').toBe(content(2))
    file('all/series/2.dcm', 'mine')
    expect(await code('cora', 'get', study, '--out', path('all')), 'never over another').toBe(2)
    expect(readFileSync(path('all/series/2.dcm'), 'utf8')).toBe('mine')
    rmSync(path('all/series'), { recursive: true })
    symlinkSync(folder, path('all/series'))
    expect(await code('cora', 'get', study, '--out', path('all')), 'through no link').toBe(2)
    mkdirSync(path('open'))
    chmodSync(path('open'), 0o777)
    expect(await code('cora', 'get', study, '--out', path('open')), 'nor where others write').toBe(2)
    expect(await code('cora', 'get', recordId, '--out', path('none'))).toBe(2)
    mkdirSync(path('empty'))
    expect(await code('cora', 'add', path('empty'))).toBe(2)
  })

  test('ends, with a receipt and a proof', async () => {
    const { patientId } = (await run('amal', 'whoami')) as { patientId: string }
    expect(await code('amal', 'erase', patientId.slice(0, 8), '--out', path('receipt'))).toBe(2)
    expect(await code('berta', 'erase', patientId, '--out', path('receipt'))).toBe(3)
    const { receipt } = (await run('amal', 'erase', patientId, '--out', path('receipt'))) as { receipt: unknown }
    expect(receipt).toMatchObject({ vault: patientId, versions: 4 })
    expect(JSON.parse(readFileSync(path('receipt'), 'utf8'))).toEqual(receipt)
    expect(statSync(path('receipt.evidence')).size).toBeGreaterThan(1000)
    expect(await run('amal', 'whoami')).toMatchObject({ enrolled: false })
  })
})

interface Bundle {
  readonly entry: readonly {
    readonly fullUrl: string
    readonly resource: { readonly resourceType: string } & Record<string, unknown>
  }[]
}
const bundleAt = (name: string) => JSON.parse(readFileSync(path(name), 'utf8')) as Bundle
const clinical = ({ entry }: Bundle) =>
  entry
    .filter(({ fullUrl }, i) => i > 0 && !fullUrl.startsWith('urn:medguard:'))
    .map(({ resource }) => JSON.stringify(resource))

describe('a vault by FHIR', () => {
  const { bundle, name } = generatePatient({ seed: 'fhir', yearsOfVisits: 1 })
  const ofType = (type: string) => bundle.entry.find(({ resource }) => resource.resourceType === type)
  const alien = { resource: { resourceType: 'Ingredient', n: 1.5 } }
  const entry = [...['Patient', 'Condition', 'MedicationRequest'].map(ofType), alien]

  test('takes a bundle in, each resource as a record, once', async () => {
    await run('carla', 'whoami')
    const source = file('patient.json', JSON.stringify({ ...bundle, entry }))
    await run('dora', 'profile', '--set', file('dora.json', '{"name":"Dora Haddad"}'))
    await run('dora', 'author', 'sign')
    const first = await run('dora', 'fhir', 'import', source)
    expect(first).toMatchObject({ bundleType: 'transaction', added: 4, skipped: 0, unknown: 1 })
    expect(await run('dora', 'fhir', 'import', source)).toMatchObject({ added: 0, skipped: 4 })
    const kinds = new Set(((await run('dora', 'list')) as { category: string }[]).map(({ category }) => category))
    expect(kinds).toEqual(new Set(['summary', 'medicines', 'other']))
  })

  test('goes out whole and valid, with who stored what, shares and log, and the log says so', async () => {
    await run('dora', 'add', file('scan.pdf', '%PDF-1.7'), '--kind', 'imaging', '--title', 'Scan')
    await run('dora', 'share', '--with', 'carla', '--kind', 'labs', '--for', '1d')
    const said = await run('dora', 'fhir', 'export', path('vault.json'))
    expect(said).toMatchObject({ records: 6, damaged: 0, withoutContent: 0, shares: 1, hasLog: true })
    expect(statSync(path('vault.json')).mode & 0o777).toBe(0o600)
    expect(await run('dora', 'fhir', 'check', path('vault.json'))).toMatchObject({ valid: true, issues: [] })
    const types = bundleAt('vault.json').entry.map(({ resource }) => resource.resourceType)
    expect(new Set(types)).toEqual(
      new Set([...types, 'Provenance', 'Consent', 'AuditEvent', 'DocumentReference', 'Patient']),
    )
    const states = bundleAt('vault.json').entry.flatMap(({ resource }) =>
      resource.resourceType === 'Provenance' ? [JSON.stringify(resource['extension']).includes('"signed"')] : [],
    )
    expect(states.filter((isSigned) => isSigned)).toHaveLength(5)
    expect(await run('dora', 'log', '--event', 'exported')).toMatchObject({ items: [{ event: 'exported' }] })
    expect(await code('dora', 'fhir', 'export', path('vault.json')), 'never over another').toBe(2)
  })

  test('comes back in another vault, letter for letter, and out of it again', async () => {
    await run('erik', 'fhir', 'import', path('vault.json'))
    await run('erik', 'fhir', 'export', path('again.json'))
    const [first, second] = [clinical(bundleAt('vault.json')), clinical(bundleAt('again.json'))]
    const isFhir = (text: string) => !text.startsWith('{"resourceType":"DocumentReference"')
    expect(second.filter(isFhir).slice(0, -1)).toHaveLength(first.filter(isFhir).length)
    expect(new Set(second.filter(isFhir))).toEqual(
      new Set([...first.filter(isFhir), ...second.filter((text) => text.startsWith('{"resourceType":"Bundle"'))]),
    )
    const listed = (await run('erik', 'list')) as { title: string; category: string; recordId: string }[]
    const scan = listed.find(({ title }) => title === 'Scan')
    expect(scan?.category).toBe('imaging')
    expect((await medguard(product, 'erik', 'show', scan?.recordId ?? '')).stdout).toBe('%PDF-1.7')
    // Who she is she says herself: a file from anybody does not.
    expect(await run('erik', 'profile')).toBeNull()
  })

  test('becomes a patient summary that is one', async () => {
    await run('dora', 'fhir', 'summary', path('summary.json'))
    expect(await run('dora', 'fhir', 'check', path('summary.json'))).toMatchObject({ valid: true, issues: [] })
    expect(JSON.stringify(bundleAt('summary.json'))).toContain(name)
  })

  test('tells what is not valid, what cannot be told, and what is no FHIR, by its exit code', async () => {
    expect(await code('dora', 'fhir', 'check', file('wrong.json', '{"resourceType":"Patient","gender":"xx"}'))).toBe(5)
    expect(await code('dora', 'fhir', 'check', file('alien.json', '{"resourceType":"Ingredient"}'))).toBe(6)
    const twice = file('twice.json', '{"resourceType":"Patient","id":"1","id":"2"}')
    const said = await medguard(product, 'dora', 'fhir', 'import', twice)
    expect([said.code, said.stderr]).toEqual([2, expect.stringContaining('says the same name twice, at id')])
    expect(await code('dora', 'fhir', 'import', file('none.json', '[1]'))).toBe(2)
    expect(await code('carla', 'fhir', 'export', path('none-out.json'))).toBe(2)
  })
})
