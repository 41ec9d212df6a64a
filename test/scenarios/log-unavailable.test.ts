import { NS_PER_DAY, NS_PER_MINUTE, toHex } from '@medguard/protocol'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Clinic, freshId, kindOf, openClinic } from './clinic.ts'
import { deriveArg, placeOf } from './sealed-record.ts'
import { give, grantArg, openWard, type Ward } from './ward.ts'

// I9, faults F7 to F9: without its log MedGuard opens nothing, keeps taking what is stored or withdrawn, and forgets none of it.

let clinic: Clinic
let ward: Ward
let doomed: Uint8Array
let storedMeanwhile = ''
beforeAll(async () => {
  clinic = await openClinic()
  ward = await openWard(clinic)
  const nowNs = await clinic.nowNs()
  const to = clinic.person('otherUser').principal
  const grant = grantArg({ to, compartments: [ward.labs], startNs: nowNs, endNs: nowNs + NS_PER_DAY })
  doomed = await give(clinic, ward.senderOf('owner'), grant)
  // The patient's device has its keys in memory, as after any earlier look at the list.
  await clinic.person('patient').client.list({ of: 'me' }, ['labs'])
  await clinic.stop('audit')
})
afterAll(() => clinic.close())

const patient = () => clinic.person('patient').client

describe('while the log is away', () => {
  test.each(['owner', 'live'] as const)('the %s gets no key, no list and no record', async (caller) => {
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

  test('the patient’s app says so', async () => {
    expect(await patient().list({ of: 'me' }, ['labs'])).toEqual({
      kind: 'refused',
      refusal: { kind: 'LogUnavailable' },
    })
  })

  test('records are taken in', async () => {
    const bytes = new TextEncoder().encode('stored without a log')
    const fields = { fileName: null, mediaType: 'text/plain', clinicalDate: null } as const
    const added = await patient().add({ bytes, title: 'In the dark', category: 'labs', ...fields })
    if (added.kind !== 'done') throw new Error(`refused: ${added.refusal.kind}`)
    storedMeanwhile = added.value.recordId
  })

  test('a share can be stopped, at once', async () => {
    expect(await patient().revoke(toHex(doomed))).toMatchObject({ kind: 'done' })
    const arg = deriveArg({ ...ward.reachOf('owner'), grantId: doomed })
    expect(kindOf(await clinic.call(ward.senderOf('otherUser'), 'consent', 'deriveKey', arg))).toBe('ConsentEnded')
  })

  test('nobody new is enrolled without a trace', async () => {
    const late = clinic.person('late').principal
    expect(kindOf(await clinic.call(late, 'consent', 'enrol', { requestId: freshId() }))).toBe('LogUnavailable')
  })

  test('what waits for the log outlives an upgrade of the canisters it waits in', async () => {
    await clinic.upgrade('consent')
    await clinic.upgrade('records')
  })
})

describe('when the log is back', () => {
  beforeAll(async () => {
    await clinic.start('audit')
    await clinic.advance(10n * NS_PER_MINUTE)
  })

  test('everything opens again without anybody’s help', async () => {
    const listed = await patient().list({ of: 'me' }, ['labs'])
    if (listed.kind !== 'done') throw new Error(`refused: ${listed.refusal.kind}`)
    const stored = listed.value.find(({ title }) => title === 'In the dark')
    if (stored === undefined) throw new Error('the record stored meanwhile is listed')
    const opened = await patient().open(stored)
    if (opened.kind !== 'done') throw new Error(`refused: ${opened.refusal.kind}`)
    expect(new TextDecoder().decode(opened.value.bytes)).toBe('stored without a log')
  })

  test('who asked to enrol is enrolled by asking again', async () => {
    const late = clinic.person('late')
    expect(await late.client.enrol()).toMatchObject({ kind: 'done' })
    const log = await late.client.log('patient')
    if (log.kind !== 'done') throw new Error(`refused: ${log.refusal.kind}`)
    expect(log.value.items.filter(({ event }) => event === 'enrol')).toHaveLength(1)
  })

  test('what happened meanwhile is in the log once, and what was asked for in vain is marked so', async () => {
    const log = await patient().log('patient')
    if (log.kind !== 'done') throw new Error(`refused: ${log.refusal.kind}`)
    expect(log.value.verification).toMatchObject({ kind: 'verified' })
    const { items } = log.value
    const revokes = items.filter(({ event, grantId }) => event === 'revoke' && grantId === toHex(doomed))
    expect(revokes).toHaveLength(1)
    const stored = items.filter(({ event, objectId }) => event === 'recordAdd' && objectId === storedMeanwhile)
    expect(stored).toHaveLength(1)
    // Three by the owner, three by the reader, and the owner's app once.
    const vain = items.filter(({ failedOrWithheld }) => failedOrWithheld)
    expect(vain.length).toBeGreaterThanOrEqual(6)
    expect(new Set(vain.map(({ event }) => event))).toEqual(new Set(['keyFailed']))
  })
})
