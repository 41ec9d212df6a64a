import { NS_PER_DAY, NS_PER_MINUTE, toHex } from '@medguard/protocol'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { buildCanister } from '../../scripts/build-canisters.ts'
import { CANISTER_NAMES, type Clinic, freshId, openClinic } from './clinic.ts'
import { placeOf } from './sealed-record.ts'
import { trailOf } from './trail.ts'
import { give, grantArg, openWard, type Ward } from './ward.ts'

// A plain module evaluates its sources when it is installed, a pre-initialised one was evaluated by the build: to people they are the same.

let clinic: Clinic
let ward: Ward
beforeAll(async () => {
  clinic = await openClinic({ plain: true })
  ward = await openWard(clinic)
})
afterAll(() => clinic.close())

/** What everybody had before and has to have after. */
async function facts() {
  const [owner, live] = [ward.senderOf('owner'), ward.senderOf('live')]
  const place = placeOf(ward.reachOf('owner'))
  const { count } = await clinic.ok(owner, 'records', 'beginList', { ...place, requestId: freshId() })
  return {
    account: await clinic.ok(owner, 'consent', 'enrol', { requestId: freshId() }),
    given: await clinic.ok(owner, 'consent', 'grantsGiven', { patientId: [], from: 0, count: 50 }),
    mirrored: await clinic.ok(owner, 'records', 'grantsGiven', { patientId: [], from: 0, count: 50 }),
    received: await clinic.ok(live, 'consent', 'grantsReceived', { from: 0, count: 50 }),
    rows: await clinic.ok(owner, 'records', 'headers', { ...place, fromSeq: 0, count }),
  }
}
async function verifiedEvents() {
  const log = await clinic.person('patient').client.log('patient')
  if (log.kind !== 'done') throw new Error(`refused: ${log.refusal.kind}`)
  expect(log.value.verification).toMatchObject({ kind: 'verified' })
  return log.value.items.length
}

describe('a network of plain modules', () => {
  test.each([
    ['is upgraded to pre-initialised ones', false],
    ['goes back to plain ones', true],
    ['and forth again', false],
  ] as const)('%s: rows, grants and the log stay, what waited for the log arrives', async (_name, plain) => {
    const before = await facts()
    const seen = await verifiedEvents()
    await clinic.stop('audit')
    const startNs = await clinic.nowNs()
    const to = clinic.person('otherUser').principal
    const grant = grantArg({ to, compartments: [ward.labs], startNs, endNs: startNs + NS_PER_DAY })
    const grantId = await give(clinic, ward.senderOf('owner'), grant)
    for (const name of CANISTER_NAMES) {
      const { wasm, kind } = await buildCanister(name, { plain })
      expect(kind).toBe(plain ? 'plain' : 'pre-initialised')
      await clinic.upgrade(name, wasm) // the log last, which starts it
    }
    await clinic.advance(10n * NS_PER_MINUTE)

    const lines = await trailOf(clinic, ward.senderOf('owner'), ward.account.patientId)
    expect(lines.filter((line) => line.event === 'grant' && line.objectId === toHex(grantId))).toHaveLength(1)
    expect(await verifiedEvents()).toBeGreaterThan(seen)
    const after = await facts()
    expect(after).toMatchObject({ account: before.account, received: before.received, rows: before.rows })
    for (const list of ['given', 'mirrored'] as const) {
      expect(after[list].grants).toHaveLength(before[list].grants.length + 1)
      expect(after[list].grants).toEqual(expect.arrayContaining(before[list].grants))
    }
  })
})
