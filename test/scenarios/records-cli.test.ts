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
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { medguard, type Product, startProduct } from '../product/product.ts'

// Versions, notes, profile, room, archive and the end of a vault, by the command line alone.

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
