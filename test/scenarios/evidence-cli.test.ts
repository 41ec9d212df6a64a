import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { main } from '@medguard/cli'
import { NS_PER_HOUR, NS_PER_MINUTE } from '@medguard/protocol'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { type Clinic, openClinic } from './clinic.ts'

// Evidence by the command line alone: written by a patient, cosigned by two witnesses, checked by somebody who has no identity and no network.

let clinic: Clinic
let folder: string
beforeAll(async () => {
  clinic = await openClinic()
  await clinic.ok(clinic.controller, 'audit', 'configureCheckpoints', { keyName: 'dfx_test_key' })
  folder = mkdtempSync(join(tmpdir(), 'medguard-evidence-'))
  writeFileSync(join(folder, 'note.txt'), 'Haemoglobin 13.9 g/dL')
})
afterAll(async () => {
  await clinic.close()
  rmSync(folder, { recursive: true, force: true })
})

async function medguard(who: string, ...argv: string[]) {
  const written = { out: [] as Buffer[], err: [] as Buffer[] }
  const into = (pieces: Buffer[]) => (piece: unknown) => {
    pieces.push(Buffer.from(piece as string | Uint8Array))
    return true
  }
  const spies = [
    vi.spyOn(process.stdout, 'write').mockImplementation(into(written.out)),
    vi.spyOn(process.stderr, 'write').mockImplementation(into(written.err)),
  ]
  try {
    const code = await main(['--state', join(folder, who), '--network', clinic.localnet.url, ...argv])
    const out = Buffer.concat(written.out).toString()
    return {
      code,
      out,
      err: Buffer.concat(written.err).toString(),
      json: () => JSON.parse(out) as Record<string, unknown>,
    }
  } finally {
    for (const spy of spies) spy.mockRestore()
  }
}
const path = (name: string) => join(folder, name)
const keys: string[] = []

describe('evidence', () => {
  test('of a whole history is written, and verified by somebody else', async () => {
    expect(await medguard('patient', 'add', path('note.txt'), '--kind', 'labs')).toMatchObject({ code: 0 })
    const wrote = await medguard('patient', 'log', '--evidence', path('history.json'), '--json')
    expect(wrote.json()).toMatchObject({ isComplete: true })
    const checked = await medguard('court', 'verify', path('history.json'))
    expect(checked).toMatchObject({
      code: 0,
      out: expect.stringMatching(/recordAdd[\s\S]*Verified\. This is the whole history of patient [0-9a-f]{32}/),
    })
    expect(() => readFileSync(join(folder, 'court', 'identities', 'default.json'))).toThrow('ENOENT')
  })
  test('of the service itself, which everybody may have, is verified alike', async () => {
    const wrote = await medguard('patient', 'log', '--system', '--evidence', path('service.json'), '--json')
    expect(wrote.json()).toMatchObject({ isComplete: true })
    const checked = await medguard('court', 'verify', path('service.json'))
    const out = expect.stringMatching(/upgrade[\s\S]*This is the whole history of the service itself/) as unknown
    expect(checked).toMatchObject({ code: 0, out })
    expect(await medguard('patient', 'log', '--system', '--shard', '1')).toMatchObject({ code: 2 })
  })
  test('of one kind of line says nothing of others', async () => {
    await medguard('patient', 'log', '--evidence', path('adds.json'), '--event', 'recordAdd')
    const checked = await medguard('court', 'verify', path('adds.json'), '--json')
    expect(checked.json()).toMatchObject({ kind: 'verified', historyOf: null, items: [{ event: 'recordAdd' }] })
  })
  test('is never written over a file', async () => {
    expect(await medguard('patient', 'log', '--evidence', path('history.json'))).toMatchObject({ code: 2 })
  })
  test('that was changed fails with 5', async () => {
    const text = readFileSync(path('history.json'), 'utf8')
    writeFileSync(path('changed.json'), text.replace(/"leaf": "TUdMMQAAAAA/, '"leaf": "TUdMMQAAAAB'))
    const checked = await medguard('court', 'verify', path('changed.json'))
    expect(checked).toMatchObject({ code: 5, out: expect.stringContaining('NOT VERIFIED') })
    writeFileSync(path('nonsense.json'), 'nonsense')
    expect(await medguard('court', 'verify', path('nonsense.json'))).toMatchObject({ code: 5 })
  })
  test('that is old is no statement about now: 6', async () => {
    expect(await medguard('court', 'verify', path('history.json'), '--latest')).toMatchObject({ code: 0 })
    await clinic.advance(10n * NS_PER_MINUTE)
    const checked = await medguard('court', 'verify', path('history.json'), '--latest')
    expect(checked).toMatchObject({
      code: 6,
      out: expect.stringContaining('CANNOT TELL: it is more than five minutes old'),
    })
    expect(await medguard('court', 'verify', path('history.json'))).toMatchObject({ code: 0 })
  })
})

describe('witnesses', () => {
  test('cosign a checkpoint that continues the one before', async () => {
    expect(await medguard('hospital', 'witness', path('early.note'), '--name', 'hospital.example')).toMatchObject({
      code: 2,
    })
    expect(await medguard('anyone', 'checkpoint', '--make')).toMatchObject({
      code: 0,
      out: expect.stringContaining('— medguard/log/1/'),
    })
    for (const name of ['hospital.example', 'patients.example']) {
      const cosigned = await medguard(name, 'witness', path(`${name}.note`), '--name', name, '--json')
      keys.push((cosigned.json() as { key: string }).key)
      expect(readFileSync(path(`${name}.note`), 'utf8')).toMatch(new RegExp(`— medguard/log/1/.*\\n— ${name} `))
    }
  })
  test('are counted by who verifies, and their number decides', async () => {
    const notes = ['hospital.example', 'patients.example'].flatMap((name) => ['--cosigned', path(`${name}.note`)])
    expect(
      await medguard('patient', 'log', '--evidence', path('witnessed.json'), ...notes, '--event', 'recordAdd'),
    ).toMatchObject({ code: 0 })
    const wanted = keys.flatMap((key) => ['--witness', key])
    const checked = await medguard('court', 'verify', path('witnessed.json'), ...wanted)
    expect(checked).toMatchObject({
      code: 0,
      out: expect.stringContaining('Cosigned by hospital.example, patients.example'),
    })
    expect(await medguard('court', 'verify', path('history.json'), ...wanted)).toMatchObject({ code: 6 })
    expect(await medguard('court', 'verify', path('witnessed.json'), '--witness', 'nonsense')).toMatchObject({
      code: 2,
    })
    expect(await medguard('court', 'verify', path('witnessed.json'), ...wanted, '--needed', '3')).toMatchObject({
      code: 2,
    })
  })
  test('do not cosign a log that was begun anew', async () => {
    await clinic.advance(NS_PER_HOUR)
    const { wasm } = await (await import('../../scripts/build-canisters.ts')).buildCanister('audit')
    await clinic.operator.stop(clinic.ids.audit)
    await clinic.operator.install(clinic.ids.audit, wasm, 'reinstall')
    await clinic.operator.start(clinic.ids.audit)
    const { consent, records } = clinic.ids
    await clinic.ok(clinic.controller, 'audit', 'configure', { consent, records, logShards: [] })
    await clinic.ok(clinic.controller, 'audit', 'configureCheckpoints', { keyName: 'dfx_test_key' })
    expect(await medguard('anyone', 'checkpoint', '--make')).toMatchObject({ code: 0 })
    const refused = await medguard('hospital.example', 'witness', path('fork.note'), '--name', 'hospital.example')
    expect(refused).toMatchObject({ code: 5, err: expect.stringContaining('fails its own proofs') })
  })
})
