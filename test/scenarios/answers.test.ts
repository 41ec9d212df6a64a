import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { main } from '@medguard/cli'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { type Clinic, openClinic } from './clinic.ts'

// A16: a request is answered with records that the patient picks; both canisters hold the share to the kinds that were asked for.

let clinic: Clinic
let state: string
beforeAll(async () => {
  clinic = await openClinic({ clock: 'real' })
  state = mkdtempSync(join(tmpdir(), 'medguard-answers-'))
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
    const code = await main(['--as', as, '--state', state, '--network', clinic.localnet.url, ...argv, '--json'])
    return { code, stdout: Buffer.concat(written.out).toString(), stderr: Buffer.concat(written.err).toString() }
  } finally {
    for (const spy of spies) spy.mockRestore()
  }
}
async function run<T>(as: string, ...args: string[]): Promise<T> {
  const result = await medguard(as, ...args)
  expect(result, `${args.join(' ')}: ${result.stderr}`).toMatchObject({ code: 0 })
  return JSON.parse(result.stdout) as T
}

test('records that the patient picks answer a request, and none of a kind that was not asked for', async () => {
  const add = async (text: string) => {
    const file = join(state, `${text}.txt`)
    writeFileSync(file, text)
    return (await run<{ recordId: string }>('pat', 'add', file, '--kind', 'labs')).recordId
  }
  const [picked, other] = [await add('Haemoglobin 13.9'), await add('Potassium 4.2')]
  await run('nurse', 'requests')
  const ask = async (kind: string) =>
    (await run<{ askId: string }>('nurse', 'request', 'pat', '--kind', kind, '--for', '7d')).askId
  const wrong = await medguard('pat', 'approve', await ask('medicines'), '--record', picked)
  expect([wrong.code, (JSON.parse(wrong.stderr) as { error: string }).error]).toEqual([3, 'BadInput'])

  const askId = await ask('labs')
  const share = await run('pat', 'approve', askId, '--record', picked)
  expect(share).toMatchObject({ scope: ['shared'], state: 'live', terms: { categories: ['labs'] } })
  const sent = await run<{ askId: string; state: string }[]>('nurse', 'requests')
  expect(sent.find((each) => each.askId === askId)).toMatchObject({ state: 'narrowed' })
  // It takes in nothing by itself, however often the patient's client looks.
  await run('pat', 'keep-up')
  const listed = await run<{ recordId: string }[]>('nurse', 'list', '--of', 'pat')
  expect(listed.map(({ recordId }) => recordId)).toEqual([picked])
  expect(await medguard('nurse', 'show', picked, '--of', 'pat')).toMatchObject({ code: 0 })
  expect((await medguard('nurse', 'show', other, '--of', 'pat')).code).not.toBe(0)
})
