import { createClient, developmentNetwork, type Outcome } from '@medguard/client'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Clinic, openClinic } from './clinic.ts'
import { device } from './device-memory.fixture.ts'

// What somebody calls others, as a device keeps it; on the real modules.

let clinic: Clinic
beforeAll(async () => {
  clinic = await openClinic()
})
afterAll(() => clinic.close())

function done<T>(outcome: Outcome<T>): T {
  if (outcome.kind === 'refused') throw new Error(outcome.refusal.kind)
  return outcome.value
}

test('a name is there in each tab and after signing in again, and only for whoever gave it', async () => {
  const { identity, client: elsewhere } = clinic.person('names people')
  const { principal } = clinic.person('is named')
  const other = clinic.person('another on the same device')
  for (const client of [elsewhere, other.client]) done(await client.enrol())
  const { pieces, memory } = device()
  const network = developmentNetwork(clinic.localnet.url)
  const signIn = (who = identity) => createClient({ identity: who, network, noticeMemory: memory })
  const [tab, otherTab] = [signIn(), signIn()]
  const code = principal.toText()
  expect(done(await tab.names())).toEqual([])
  expect(done(await tab.nameSomebody({ code, name: ' Dr Bergström ' }))).toEqual([{ code, name: 'Dr Bergström' }])
  for (const client of [tab, otherTab, signIn()])
    expect(done(await client.names())).toEqual([{ code, name: 'Dr Bergström' }])
  for (const [, sealed] of pieces) expect(new TextDecoder('latin1').decode(sealed)).not.toContain('Bergstr')
  expect(done(await signIn(other.identity).names()), 'sealed under the key of another').toEqual([])

  expect(done(await otherTab.nameSomebody({ code, name: '' }))).toEqual([])
  for (const client of [tab, signIn()]) expect(done(await client.names())).toEqual([])
  expect(done(await elsewhere.names()), 'without a memory it is the session’s alone').toEqual([])
})

test('what was not recognised in the log stays noted on the device, for whoever noted it', async () => {
  const { identity, client } = clinic.person('doubts an entry')
  const other = clinic.person('has no part in it')
  for (const each of [client, other.client]) done(await each.enrol())
  const { pieces, memory } = device()
  const network = developmentNetwork(clinic.localnet.url)
  const signIn = (who = identity) => createClient({ identity: who, network, noticeMemory: memory })
  const doubt = { entry: '5', why: 'unknownPerson', isStopped: true, isBlocked: false, atMs: 1_000 } as const
  const told = { ...doubt, why: 'other', isStopped: false, isBlocked: true, atMs: 2_000 } as const
  expect(done(await signIn().noteDoubt(doubt))).toEqual([doubt])
  expect(done(await signIn().noteDoubt(told))).toEqual([{ ...told, isStopped: true }])
  expect(done(await signIn().doubts())).toEqual([{ ...told, isStopped: true }])
  for (const [, sealed] of pieces) expect(new TextDecoder('latin1').decode(sealed)).not.toContain('isStopped')
  expect(done(await signIn(other.identity).doubts()), 'sealed under the key of another').toEqual([])
  expect(await signIn().noteDoubt({ ...doubt, entry: 'five' })).toMatchObject({ kind: 'refused' })
})

test.each(['x'.repeat(81), 'Dr \u202eaeB', 'two\nlines'])('%j names nobody', async (name) => {
  const { client, principal } = clinic.person('names wrongly')
  await client.enrol()
  const code = principal.toText()
  expect(await client.nameSomebody({ code, name })).toMatchObject({ kind: 'refused', refusal: { kind: 'BadInput' } })
  expect(await client.nameSomebody({ code: 'not a code', name: 'Bea' })).toMatchObject({ kind: 'refused' })
  expect(done(await client.nameSomebody({ code, name: 'x'.repeat(80) }))).toHaveLength(1)
})
