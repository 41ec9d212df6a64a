import {
  CHANGES_PER_HOUR,
  NS_PER_DAY,
  NS_PER_HOUR,
  NS_PER_MINUTE,
  OUTBOX_WAITING_MAX,
  type Principal,
  toHex,
} from '@medguard/protocol'
import { beforeAll, describe, expect, test } from 'vitest'

import { freshId, kindOf } from './clinic.ts'
import { deriveArg, keysFor, placeOf, type Reach, seal, type SealedRecord, store } from './sealed-record.ts'
import { openStepped, somebody, type Stepped } from './stepped.ts'
import { trailOf } from './trail.ts'
import { categoryOf, enrol, give, grantArg } from './ward.ts'

// Decision 17: what waits for the log has an end, and ending access is taken beyond it.

let net: Stepped
let patient: Principal
let reader: Principal
let owned: Reach
let record: SealedRecord
let half: SealedRecord
let lasting: Uint8Array
/** Ids of the grants that each canister ended while the log was away, in order. */
const ended = { consent: [] as string[], records: [] as string[] }

beforeAll(async () => {
  net = await openStepped()
  patient = somebody('patient')
  reader = somebody('reader')
  const account = await enrol(net, patient)
  await enrol(net, reader)
  owned = { patientId: account.patientId, compartment: categoryOf(account, 'labs'), grantId: null }
  const keys = await keysFor(net, patient, owned)
  record = await store(net, patient, await seal(keys, owned))
  half = await seal(keys, owned)
  await net.ok(patient, 'records', 'begin', half.begin)
  for (const chunk of half.chunks) await net.ok(patient, 'records', 'putChunk', chunk)
  lasting = await give(net, patient, newGrant())
  net.control('audit', 'stop_canister')
  net.settle()
  for (const canister of ['consent', 'records'] as const) {
    for (let i = 0; i <= OUTBOX_WAITING_MAX; i++) {
      // Changes are so many an hour.
      if (i % CHANGES_PER_HOUR === 0) net.setTime(net.nowNs() + NS_PER_HOUR)
      const arg = newGrant()
      const answer = await net.call(patient, canister, 'grant', arg)
      if (kindOf(answer) !== 'Ok') break
      await net.ok(patient, canister, 'revoke', { grantId: arg.grantId, requestId: freshId() })
      ended[canister].push(toHex(arg.grantId))
    }
  }
}, 300_000)

function newGrant() {
  const nowNs = net.nowNs()
  return grantArg({ to: reader, compartments: [owned.compartment], startNs: nowNs, endNs: nowNs + NS_PER_DAY })
}

test('a thousand lines can wait: a grant and its end are two in consent and one in records', () => {
  expect(ended.consent).toHaveLength(OUTBOX_WAITING_MAX / 2)
  expect(ended.records).toHaveLength(OUTBOX_WAITING_MAX)
})

describe('when no more lines can wait', () => {
  test('nothing that needs one is begun', async () => {
    const asked = { ...placeOf(owned), requestId: freshId() }
    const records = [{ recordId: record.recordId, version: 1 }]
    const answers = {
      enrol: await net.call(somebody('newcomer'), 'consent', 'enrol', { requestId: freshId() }),
      consentGrant: await net.call(patient, 'consent', 'grant', newGrant()),
      deriveKey: await net.call(patient, 'consent', 'deriveKey', deriveArg(owned)),
      recordsGrant: await net.call(patient, 'records', 'grant', newGrant()),
      beginList: await net.call(patient, 'records', 'beginList', asked),
      open: await net.call(patient, 'records', 'open', { ...asked, records, requestId: freshId() }),
      begin: await net.call(patient, 'records', 'begin', {
        ...half.begin,
        recordId: freshId(),
        requestId: freshId(),
      }),
      commit: await net.call(patient, 'records', 'commit', half.commit),
    }
    expect(new Set(Object.values(answers).map(kindOf)), JSON.stringify(Object.keys(answers))).toEqual(
      new Set(['LogUnavailable']),
    )
  })

  test('a share is ended all the same, in both canisters and at once', async () => {
    for (const canister of ['consent', 'records'] as const) {
      const arg = { grantId: lasting, requestId: freshId() }
      expect(kindOf(await net.call(patient, canister, 'revoke', arg))).toBe('Ok')
    }
    const reach = { ...owned, grantId: lasting }
    const asked = { ...placeOf(reach), requestId: freshId() }
    expect(kindOf(await net.call(reader, 'consent', 'deriveKey', deriveArg(reach)))).toBe('ConsentEnded')
    expect(kindOf(await net.call(reader, 'records', 'beginList', asked))).toBe('ConsentEnded')
  })

  test('chunks of an upload are taken: they write no line', async () => {
    const [chunk] = half.chunks
    if (chunk === undefined) throw new Error('a body has a chunk')
    expect(kindOf(await net.call(patient, 'records', 'putChunk', chunk))).toBe('Ok')
  })
})

describe('when the log is back', () => {
  beforeAll(() => {
    net.control('audit', 'start_canister')
    net.settle()
    net.setTime(net.nowNs() + 10n * NS_PER_MINUTE)
    net.settle()
  })

  test('every line arrives once, in the order in which it happened', async () => {
    const lines = await trailOf(net, patient, owned.patientId)
    const grantsOf = (event: string) => lines.filter((line) => line.event === event).map(({ grantId }) => grantId ?? '')
    const last = toHex(lasting)
    expect(grantsOf('grant')).toEqual([last, ...ended.consent])
    expect(grantsOf('revoke')).toEqual([...ended.consent, last])
    expect(grantsOf('copyWithdrawn')).toEqual([...ended.records, last])
  })

  test('everything is taken again', async () => {
    expect(kindOf(await net.call(patient, 'records', 'commit', half.commit))).toBe('Ok')
    const grantId = await give(net, patient, newGrant())
    expect(kindOf(await net.call(reader, 'consent', 'deriveKey', deriveArg({ ...owned, grantId })))).toBe('Ok')
    const asked = { ...placeOf({ ...owned, grantId }), requestId: freshId() }
    expect(kindOf(await net.call(reader, 'records', 'beginList', asked))).toBe('Ok')
  })
})
