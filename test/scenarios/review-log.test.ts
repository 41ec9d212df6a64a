import type { HeadMemory } from '@medguard/client'
import { NS_PER_DAY, NS_PER_HOUR, toHex } from '@medguard/protocol'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { buildCanister } from '../../scripts/build-canisters.ts'
import { type Clinic, freshId, kindOf, openClinic } from './clinic.ts'
import { deriveArg, placeOf } from './sealed-record.ts'
import { give, grantArg, openWard, type Ward } from './ward.ts'

// Whoever controls the log canister cannot undo it, but can begin it anew: everything they threw away shows, and nothing opens any more.

let clinic: Clinic
let ward: Ward
let doomed: Uint8Array
const heads = new Map<string, string>()
const headMemory: HeadMemory = {
  read: async (logId) => heads.get(logId) ?? null,
  write: async (logId, head) => void heads.set(logId, head),
}

beforeAll(async () => {
  clinic = await openClinic()
  ward = await openWard(clinic)
  const nowNs = await clinic.nowNs()
  const to = clinic.person('otherUser').principal
  doomed = await give(
    clinic,
    ward.senderOf('owner'),
    grantArg({ to, compartments: [ward.labs], startNs: nowNs, endNs: nowNs + NS_PER_DAY }),
  )
  const before = await clinic.person('patient').newClient(headMemory).log('patient')
  expect(before).toMatchObject({ kind: 'done', value: { verification: { kind: 'verified' } } })
  await clinic.operator.stop(clinic.ids.audit)
  await clinic.operator.install(clinic.ids.audit, (await buildCanister('audit')).wasm, 'reinstall')
  await clinic.operator.start(clinic.ids.audit)
  const { consent, records } = clinic.ids
  await clinic.ok(clinic.controller, 'audit', 'configure', { consent, records, logShards: [] })
})
afterAll(() => clinic.close())

describe('a log that was begun anew', () => {
  test('takes nothing from canisters that had written to the old one, and is never written to by mistake', async () => {
    await clinic.advance(NS_PER_HOUR) // every timer has tried
    const { account } = await clinic.ok(clinic.person('patient').principal, 'consent', 'whoAmI', null)
    const patientId = account[0]?.patientId ?? new Uint8Array()
    expect(kindOf(await clinic.call(clinic.person('patient').principal, 'audit', 'chainHead', { patientId }))).toBe(
      'NotPermitted',
    )
    const own = await clinic.ok(clinic.controller, 'audit', 'leaves', { of: { actor: null }, fromSeq: 0n, count: 50 })
    expect(own.total).toBe(1n) // its own configuration
  })

  test.each(['owner', 'live'] as const)('opens nothing for the %s', async (caller) => {
    const { recordId, version } = ward.record
    const place = placeOf(ward.reachOf(caller))
    const as = ward.senderOf(caller)
    const answers = [
      await clinic.call(as, 'consent', 'deriveKey', deriveArg(ward.reachOf(caller))),
      await clinic.call(as, 'records', 'beginList', { ...place, requestId: freshId() }),
      await clinic.call(as, 'records', 'open', { ...place, records: [{ recordId, version }], requestId: freshId() }),
    ]
    expect(answers.map(kindOf)).toEqual(['LogUnavailable', 'LogUnavailable', 'LogUnavailable'])
  })

  test('still lets a share be stopped', async () => {
    expect(await clinic.person('patient').client.revoke(toHex(doomed))).toMatchObject({ kind: 'done' })
  })

  test.each([
    ['that knew the old one', headMemory],
    ['that never saw a log', undefined],
  ])('is told to the patient, on a device %s', async (_, memory) => {
    const report = await clinic.person('patient').newClient(memory).log('patient')
    expect(report).toMatchObject({ kind: 'done', value: { verification: { kind: 'failed', code: 'LogBroken' } } })
  })

  test('is told to whoever reads their own acts, on a device that knew the old one', async () => {
    const report = await clinic.person('patient').newClient(headMemory).log('actor')
    expect(report).toMatchObject({ kind: 'done', value: { verification: { kind: 'failed', code: 'LogBroken' } } })
  })
})
