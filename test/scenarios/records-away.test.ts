import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { main } from '@medguard/cli'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { type Clinic, openClinic } from './clinic.ts'

// The records are away: who has something to end, or wants to see what happened, needs the other two canisters only.

let clinic: Clinic
let state: string
beforeAll(async () => {
  clinic = await openClinic({ clock: 'real' })
  state = mkdtempSync(join(tmpdir(), 'medguard-away-'))
})
afterAll(async () => {
  await clinic.close()
  rmSync(state, { recursive: true, force: true })
})

/** Runs one command in this process. */
async function medguard(as: string, ...argv: string[]) {
  const written = { out: [] as Buffer[], err: [] as Buffer[] }
  const take = (to: Buffer[]) => (part: string | Uint8Array) => to.push(Buffer.from(part)) > 0
  const spies = [
    vi.spyOn(process.stdout, 'write').mockImplementation(take(written.out)),
    vi.spyOn(process.stderr, 'write').mockImplementation(take(written.err)),
  ]
  try {
    const code = await main(['--as', as, '--state', state, '--network', clinic.localnet.url, ...argv])
    return { code, stdout: Buffer.concat(written.out).toString(), stderr: Buffer.concat(written.err).toString() }
  } finally {
    for (const spy of spies) spy.mockRestore()
  }
}
async function run<T>(as: string, ...args: string[]): Promise<T> {
  const result = await medguard(as, ...args, '--json')
  expect(result, `${args.join(' ')}: ${result.stderr}`).toMatchObject({ code: 0 })
  return JSON.parse(result.stdout) as T
}

test('shares are listed and ended and the log is read without them, and nothing is shared or stored; later all is as it was meant', async () => {
  const file = join(state, 'count.txt')
  writeFileSync(file, 'Haemoglobin 13.9 g/dL')
  await run('doctor', 'shares')
  const { recordId } = await run<{ recordId: string }>('pat', 'add', file, '--kind', 'labs')
  const { grantId } = await run<{ grantId: string }>(
    'pat',
    'share',
    '--with',
    'doctor',
    '--kind',
    'labs',
    '--for',
    '1d',
  )
  expect(await medguard('doctor', 'show', recordId, '--of', 'pat')).toMatchObject({ code: 0 })

  await clinic.stop('records')
  expect(await run('pat', 'shares')).toMatchObject([{ grantId, state: 'live', isUnconfirmed: true }])
  expect((await medguard('pat', 'shares')).stdout).toContain('The records do not answer')
  expect(await run('pat', 'log', '--verify')).toMatchObject({ verification: { kind: 'verified' } })
  expect((await medguard('pat', 'share', '--with', 'doctor', '--kind', 'medicines', '--for', '1d')).code).toBe(4)
  expect((await medguard('pat', 'add', file, '--kind', 'labs')).code).toBe(4)
  const ended = await medguard('pat', 'revoke', grantId)
  expect(ended).toMatchObject({ code: 0 })
  expect(ended.stdout).toMatch(/^sharing ended at .*\nNothing opens any more\. The records do not answer/)
  const { items } = await run<{ items: { event: string }[] }>('pat', 'log', '--verify')
  expect(items.map(({ event }) => event)).toContain('revoke')

  await clinic.start('records')
  expect((await medguard('doctor', 'show', recordId, '--of', 'pat')).code).toBe(3)
  expect(await run('pat', 'shares')).toMatchObject([{ grantId, state: 'notFinished' }])
  // The same again tells the records as well, and changes the keys.
  expect(await run('pat', 'revoke', grantId)).toMatchObject({ grantId, needsRewrap: false })
  expect(await run('pat', 'shares')).toMatchObject([{ grantId, state: 'revoked' }])
})
