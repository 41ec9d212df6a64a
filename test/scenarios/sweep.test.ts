import { NS_PER_HOUR, NS_PER_MINUTE, type Principal } from '@medguard/protocol'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { anyKeys } from '../simulation/any-keys.fixture.ts'
import { type Clinic, freshId, kindOf, openClinic } from './clinic.ts'
import { deriveArg, type Reach, seal } from './sealed-record.ts'
import { enrol, give, grantArg, openWard, type Ward } from './ward.ts'

// I10, keys.md 8.2: before each write everybody who holds the current key is looked at, and not again while nothing has changed.

let clinic: Clinic
let ward: Ward
beforeAll(async () => {
  clinic = await openClinic()
  ward = await openWard(clinic)
})
afterAll(() => clinic.close())

const READERS = 24
const owner = (): Principal => ward.senderOf('owner') as Principal

async function readerFor(name: string, forNs: bigint): Promise<Reach> {
  const { principal } = clinic.person(name)
  await enrol(clinic, principal)
  const startNs = await clinic.nowNs()
  const terms = { to: principal, compartments: [ward.labs], startNs, endNs: startNs + forNs }
  const grantId = await give(clinic, owner(), grantArg(terms))
  const reach = { ...ward.reachOf('owner'), grantId }
  const epoch = await currentEpoch()
  await clinic.ok(principal, 'consent', 'deriveKey', { ...deriveArg(reach), epoch })
  return reach
}
async function currentEpoch(): Promise<number> {
  const { account } = await clinic.ok(owner(), 'consent', 'whoAmI', null)
  return account[0]?.compartments.find(({ category }) => category === 2)?.currentEpoch ?? 0
}
/** A write of the owner's: what consent spent on it, and what came of it. */
async function write() {
  const reach = ward.reachOf('owner')
  const record = await seal(await anyKeys(reach, await currentEpoch()), reach)
  await clinic.ok(owner(), 'records', 'begin', record.begin)
  for (const chunk of record.chunks) await clinic.ok(owner(), 'records', 'putChunk', chunk)
  const { value, parts } = await clinic.metered(() => clinic.call(owner(), 'records', 'commit', record.commit))
  const asked = parts.find(({ entry }) => entry === 'authoriseWrite')
  return { kind: kindOf(value), instructions: Number(asked?.instructions ?? 0n) }
}

test('a write costs the same few look-ups however many hold the key, once they were looked at', async () => {
  expect(await write()).toMatchObject({ kind: 'Ok' })
  const alone = await write()
  for (let n = 0; n < READERS; n++) await readerFor(`reader ${n}`, NS_PER_HOUR)
  await clinic.advance(NS_PER_MINUTE)
  const whole = await write()
  const next = await write()
  expect([whole.kind, next.kind]).toEqual(['Ok', 'Ok'])
  expect(whole.instructions).toBeGreaterThan(2 * alone.instructions)
  expect(next.instructions).toBeLessThan(1.3 * alone.instructions)
})

test('the end of any of their times is noticed by the first write after it', async () => {
  const epoch = await currentEpoch()
  await readerFor('short', 10n * NS_PER_MINUTE)
  expect((await write()).kind).toBe('Ok')
  await clinic.advance(10n * NS_PER_MINUTE)
  expect((await write()).kind).toBe('StaleEpoch')
  expect(await currentEpoch()).toBe(epoch + 1)
})

test('who begins to erase their own vault has lost what they had of others, too', async () => {
  const epoch = await currentEpoch()
  await readerFor('leaves', NS_PER_HOUR)
  await clinic.advance(NS_PER_MINUTE)
  expect((await write()).kind).toBe('Ok')
  await clinic.advance(NS_PER_MINUTE)
  const { principal } = clinic.person('leaves')
  const { account } = await clinic.ok(principal, 'consent', 'whoAmI', null)
  const patientId = account[0]?.patientId ?? new Uint8Array()
  await clinic.ok(principal, 'consent', 'eraseBegin', { patientId, requestId: freshId() })
  expect((await write()).kind).toBe('StaleEpoch')
  expect(await currentEpoch()).toBe(epoch + 1)
})
