import { wrapRecord } from '@medguard/crypto'
import { createFaults, type FaultRule } from '@medguard/localnet'
import { type Account, NS_PER_DAY, type Principal } from '@medguard/protocol'
import { RESERVE_PAGES } from '@medguard/shared'
import { beforeAll, describe, expect, test } from 'vitest'
import { buildCanister } from '../../scripts/build-canisters.ts'
import { freshId, kindOf } from './clinic.ts'
import { BOTH } from './people.fixture.ts'
import { deriveArg, keysFor, placeOf, type Reach, seal, type SealedRecord, store } from './sealed-record.ts'
import { openStepped, somebody, type Stepped } from './stepped.ts'
import { trailOf } from './trail.ts'
import { categoryOf, enrol, give, grantArg } from './ward.ts'

// I38, fault F18: stable memory ends. What begins is refused before anything traps, what ends access goes on out of the reserve, and so does reading.

const [patient, reader, leaver] = [somebody('patient'), somebody('reader'), somebody('leaver')]
const faults = createFaults('room')
let net: Stepped
let account: Account
let owned: Reach
let grantId: Uint8Array
let stored: SealedRecord
beforeAll(async () => {
  net = await openStepped({ faults })
  account = await enrol(net, patient)
  // A module that is not of our toolkit takes memory of its own when it first runs, which it has from then on.
  await fillConsent(0)
  for (const each of [reader, leaver]) await enrol(net, each)
  owned = { patientId: account.patientId, compartment: categoryOf(account, 'labs'), grantId: null }
  stored = await store(net, patient, await seal(await keysFor(net, patient, owned), owned))
  grantId = await give(net, patient, shareArg())
})

const shareArg = () => {
  const startNs = net.nowNs()
  return grantArg({ to: reader, compartments: [owned.compartment], startNs, endNs: startNs + NS_PER_DAY })
}
/** From now on neither grows. */
function capAll(): void {
  for (const canister of BOTH) {
    const { pages } = net.imageOf(canister)
    faults.add({ kind: 'stableCap', canister: net.ids[canister].toText(), pages } satisfies FaultRule)
  }
}
/** Chunks of random bytes, until one is refused. */
async function upload(record: SealedRecord, from = 0): Promise<{ sent: number; refused: string | null }> {
  for (let sent = from; sent < record.chunks.length; sent++) {
    const chunk = record.chunks[sent]
    if (chunk === undefined) break
    const kind = kindOf(await net.call(patient, 'records', 'putChunk', chunk))
    if (kind !== 'Ok') return { sent, refused: kind }
  }
  return { sent: record.chunks.length, refused: null }
}
/** Rows of nobody, as many bytes as that: a module that knows no reserve writes them. */
async function fillConsent(bytes: number): Promise<void> {
  const [consent, writer] = await Promise.all([
    buildCanister('consent'),
    buildCanister('row-writer', { entry: 'test/canisters/row-writer.ts' }),
  ])
  net.upgrade('consent', writer.wasm)
  const value = new Uint8Array(60_000).fill(7)
  for (let n = 0; n * value.length < bytes; n += 30) {
    const rows: Uint8Array[] = []
    for (let i = n; i < n + 30; i++) {
      const key = Uint8Array.of(250, i >>> 8, i & 0xff)
      rows.push(Uint8Array.of(key.length, ...key, value.length >>> 8, value.length & 0xff), value)
    }
    net.send(patient, 'consent', 'writeAll', Buffer.concat(rows))
  }
  net.upgrade('consent', consent.wasm)
}

test('the reserve is there from the first change on', () => {
  for (const canister of BOTH) expect(net.imageOf(canister).pages).toBeGreaterThan(RESERVE_PAGES)
})

describe('a canister that cannot grow any more', () => {
  let large: SealedRecord
  let sent = 0

  test('takes what it has room for, then says Full, and traps nowhere', async () => {
    capAll()
    const body = new Uint8Array(12_000_000).fill(1)
    large = await seal(await keysFor(net, patient, owned), owned, { title: 'Film', body })
    expect(kindOf(await net.call(patient, 'records', 'begin', large.begin))).toBe('Ok')
    const uploaded = await upload(large)
    expect(uploaded.refused).toBe('Full')
    sent = uploaded.sent
    expect(kindOf(await net.call(patient, 'records', 'grant', shareArg()))).toBe('Full')
    const small = await seal(await keysFor(net, patient, owned), owned)
    expect(kindOf(await net.call(patient, 'records', 'begin', small.begin))).toBe('Full')
    // The other canister has room.
    await fillConsent(9_000_000)
    expect(kindOf(await net.call(patient, 'consent', 'grant', shareArg()))).toBe('Full')
    expect(kindOf(await net.call(somebody('new'), 'consent', 'enrol', { requestId: freshId() }))).toBe('Full')
  })

  test('goes on reading', async () => {
    for (const [who, reach] of [
      [patient, owned],
      [reader, { ...owned, grantId }],
    ] as const) {
      const place = placeOf(reach)
      expect(kindOf(await net.call(who, 'consent', 'deriveKey', deriveArg(reach)))).toBe('Ok')
      expect(kindOf(await net.call(who, 'records', 'beginList', { ...place, requestId: freshId() }))).toBe('Ok')
      const records = [{ recordId: stored.recordId, version: 1 }]
      expect(kindOf(await net.call(who, 'records', 'open', { ...place, records, requestId: freshId() }))).toBe('Ok')
    }
  })

  test('ends shares, pauses, and erases', async () => {
    // Both by and by use up what is left: what ends things takes from pages that were there before.
    await fillConsent(30_000_000)
    for (const canister of BOTH) {
      expect(kindOf(await net.call(patient, canister, 'revoke', { grantId, requestId: freshId() }))).toBe('Ok')
      const pausing = { patientId: [] as [], change: { pause: null }, requestId: freshId() }
      expect(kindOf(await net.call(patient, canister, 'changeRules', pausing))).toBe('Ok')
    }
    const again = { ...placeOf({ ...owned, grantId }), requestId: freshId() }
    expect(kindOf(await net.call(reader, 'records', 'beginList', again))).toBe('ConsentEnded')
    expect(await eraseAll(leaver)).toBe(true)
    const events = (await trailOf(net, patient, owned.patientId)).map(({ event }) => event)
    for (const event of ['revoke', 'paused']) expect(events).toContain(event)
  })

  test('goes on where it was when there is room again, and nothing was written in half', async () => {
    faults.clear()
    expect(await upload(large, sent)).toEqual({ sent: large.chunks.length, refused: null })
    // Its keys moved on when the share ended.
    const { recordId, version, secret } = large
    const place = { patientId: new Uint8Array(owned.patientId), recordId, version }
    const wraps = await wrapRecord(await keysFor(net, patient, owned, 2), place, secret)
    expect(kindOf(await net.call(patient, 'records', 'commit', { ...large.commit, ...wraps }))).toBe('Ok')
    const asked = { ...placeOf(owned), requestId: freshId() }
    expect(await net.ok(patient, 'records', 'beginList', asked)).toMatchObject({ count: 2 })
    const goesOn = { patientId: [] as [], change: { resume: null }, requestId: freshId() }
    for (const canister of BOTH) expect(kindOf(await net.call(patient, canister, 'changeRules', goesOn))).toBe('Ok')
    const share = shareArg()
    for (const canister of BOTH) expect(kindOf(await net.call(patient, canister, 'grant', share))).toBe('Ok')
  })
})

async function eraseAll(who: Principal): Promise<boolean> {
  const { patientId } = (await net.ok(who, 'consent', 'whoAmI', null)).account[0] ?? { patientId: new Uint8Array() }
  const named = () => ({ patientId, requestId: freshId() })
  await net.ok(who, 'consent', 'eraseBegin', named())
  while (!(await net.ok(who, 'records', 'erase', named())).isDone);
  const receiptHash = new Uint8Array(32).fill(1)
  while (!(await net.ok(who, 'consent', 'eraseFinish', { ...named(), receiptHash })).isDone);
  return true
}
