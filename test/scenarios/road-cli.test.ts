import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { findMarkers, plantedWord, textMarker } from '../product/markers.ts'
import { medguardAlone, type Product, startProduct } from '../product/product.ts'

// The whole road by the command line alone, with `kill -9` between every two steps (issue "First light", seen to hold 2 and 3).

const title = `Blood count ${plantedWord('title')}`
const fileName = `${plantedWord('file name')}.txt`
const content = `Haemoglobin 13.9 g/dL ${plantedWord('content')}\n`.repeat(40)

let product: Product
let folder: string
beforeAll(async () => {
  product = await startProduct()
  folder = mkdtempSync(join(tmpdir(), 'medguard-files-'))
  writeFileSync(join(folder, fileName), content)
})
afterAll(async () => {
  await product.close()
  rmSync(folder, { recursive: true, force: true })
})

interface Row {
  readonly recordId: string
  readonly title: string
  readonly fileName: string | null
}
interface LogJson {
  readonly items: readonly { readonly event: string; readonly actor: string }[]
  readonly verification: { readonly kind: string; readonly checked?: readonly string[] }
}

describe('a record goes the whole road, and the network dies between every two steps', () => {
  let recordId = ''
  let grantId = ''
  let clinician = ''
  const crash = () => product.crashAndRestart()

  test('patient and clinician get an identity on first use', async () => {
    const patient = await medguardAlone(product, 'patient', 'whoami', '--json')
    expect(patient).toMatchObject({ code: 0 })
    clinician = ((await medguardAlone(product, 'clinician', 'whoami', '--json')).json() as { principal: string })
      .principal
    expect(clinician).toMatch(/^[a-z0-9-]{63}$/)
    await crash()
  })

  test('where: the network tells where the canisters are and that one controller has them all', async () => {
    const where = await medguardAlone(product, 'patient', 'where')
    expect(where.code).toBe(0)
    expect(where.stdout.match(/kept on 1 node of subnet/g)).toHaveLength(3)
    expect(where.stdout).toContain('One controller has several of the canisters')
  })

  test('the patient stores a sealed record', async () => {
    const added = await medguardAlone(
      product,
      'patient',
      'add',
      join(folder, fileName),
      '--kind',
      'labs',
      '--title',
      title,
      '--json',
    )
    expect(added, added.stderr).toMatchObject({ code: 0 })
    recordId = (added.json() as Row).recordId
    await crash()
  })

  test('and finds and opens it, byte for byte', async () => {
    const listed = (await medguardAlone(product, 'patient', 'list', '--json')).json() as Row[]
    expect(listed).toMatchObject([{ recordId, title, fileName }])
    await crash()
    const shown = await medguardAlone(product, 'patient', 'show', recordId.slice(0, 8))
    expect(Buffer.from(shown.stdout, 'latin1').toString(), shown.stderr).toBe(content)
    await crash()
  })

  test('a clinician with whom nothing is shared is told no, with exit code 2 or 3', async () => {
    const refused = await medguardAlone(product, 'clinician', 'list', '--of', 'patient')
    expect([2, 3]).toContain(refused.code)
    await crash()
  })

  test('the patient shares laboratory results for a day', async () => {
    const shared = await medguardAlone(
      product,
      'patient',
      'share',
      '--with',
      clinician,
      '--kind',
      'labs',
      '--for',
      '1d',
      '--json',
    )
    expect(shared, shared.stderr).toMatchObject({ code: 0 })
    grantId = (shared.json() as { grantId: string }).grantId
    await crash()
  })

  test('the clinician lists and opens it', async () => {
    const listed = await medguardAlone(product, 'clinician', 'list', '--of', 'patient', '--json')
    expect(listed.json(), listed.stderr).toMatchObject([{ recordId, title }])
    await crash()
    const out = join(folder, 'copy.txt')
    const shown = await medguardAlone(product, 'clinician', 'show', recordId, '--of', 'patient', '--out', out)
    expect(shown, shown.stderr).toMatchObject({ code: 0 })
    expect(readFileSync(out, 'utf8')).toBe(content)
    await crash()
  })

  test('all three canisters are upgraded and nothing is lost', async () => {
    await product.crashAndRestart(['--upgrade'])
    const listed = (await medguardAlone(product, 'patient', 'list', '--json')).json() as Row[]
    expect(listed).toMatchObject([{ recordId, title }])
    const shares = (await medguardAlone(product, 'patient', 'shares', '--json')).json()
    expect(shares).toMatchObject([{ grantId, state: 'live', direction: 'given', grantee: clinician }])
    await crash()
  })

  test('the patient stops sharing and the clinician is refused from then on', async () => {
    const revoked = await medguardAlone(product, 'patient', 'revoke', grantId.slice(0, 8))
    expect(revoked, revoked.stderr).toMatchObject({ code: 0 })
    await crash()
    const refused = await medguardAlone(product, 'clinician', 'show', recordId, '--of', 'patient', '--json')
    expect(refused).toMatchObject({ code: 3, stdout: '' })
    expect(JSON.parse(refused.stderr)).toMatchObject({ error: 'ConsentEnded' })
    await crash()
  })

  test('every step is in the log, in order, and the log verifies', async () => {
    const log = await medguardAlone(product, 'patient', 'log', '--verify', '--json')
    expect(log, log.stderr).toMatchObject({ code: 0 })
    const { items, verification } = log.json() as LogJson
    expect(verification).toMatchObject({ kind: 'verified' })
    expect(verification.checked).toEqual(
      expect.arrayContaining(['certificate', 'fresh', 'inclusion', 'chain', 'complete']),
    )
    const events = items.map(({ event }) => event)
    expect(events[0]).toBe('enrol')
    for (const event of ['recordAdd', 'keyDerive', 'listSession', 'open', 'grant', 'revoke', 'epochBump'])
      expect(events, event).toContain(event)
    expect(events.indexOf('grant')).toBeLessThan(events.indexOf('revoke'))
    const byClinician = items.filter(({ actor }) => actor === clinician).map(({ event }) => event)
    expect(byClinician).toEqual(expect.arrayContaining(['keyDerive', 'listSession', 'open']))
    const again = (await medguardAlone(product, 'patient', 'log', '--verify', '--json')).json() as LogJson
    expect(again.verification.checked).toContain('consistency')
  })

  test('nothing that was said in confidence is on the network’s disk', async () => {
    await product.crash()
    const markers = [
      ...textMarker('title', plantedWord('title')),
      ...textMarker('file name', plantedWord('file name')),
      ...textMarker('content', plantedWord('content')),
    ]
    const network = join(product.stateDir, 'network')
    const files = filesUnder(network)
    expect(files.length).toBeGreaterThan(0)
    expect(files.flatMap((file) => findMarkers(file, readFileSync(file), markers))).toEqual([])
    // The search itself works: the clinician's own copy holds the marker.
    expect(findMarkers('copy', readFileSync(join(folder, 'copy.txt')), markers)).toContain('content in copy')
  })
})

describe('wrong usage', () => {
  test('has exit code 2 and says how to do it right', async () => {
    const wrong = [['nothing'], ['list', 'extra'], ['share'], ['list', '--frobnicate'], ['show', 'xyz'], ['add']]
    const results = await Promise.all(wrong.map((args) => medguardAlone(product, 'patient', ...args)))
    for (const [i, result] of results.entries()) {
      expect(result, wrong[i]?.join(' ')).toMatchObject({ code: 2, stdout: '' })
      expect(result.stderr, wrong[i]?.join(' ')).toMatch(/See: medguard (--help|help share|help show)\n/)
    }
  })
  test('a network that is not there is exit code 4, and where it was looked for is asked', async () => {
    await product.crash()
    const result = await medguardAlone(product, 'patient', 'list')
    expect(result).toMatchObject({ code: 4, stdout: '' })
    expect(result.stderr).toContain('is the network running')
  })
})

function filesUnder(path: string): string[] {
  return statSync(path).isDirectory() ? readdirSync(path).flatMap((name) => filesUnder(join(path, name))) : [path]
}
