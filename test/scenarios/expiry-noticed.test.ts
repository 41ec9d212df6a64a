import { NS_PER_HOUR, RIGHT } from '@medguard/protocol'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Clinic, freshId, openClinic } from './clinic.ts'
import { trailOf } from './trail.ts'
import { categoryOf, enrol, grantArg } from './ward.ts'
import { deriveArg } from './sealed-record.ts'

// A08: a share that ends by its time ends by nobody's doing; that it has ended is in the log with the next message that meets it, once.

let clinic: Clinic
let account: Awaited<ReturnType<typeof enrol>>
const patient = () => clinic.person('patient').principal
const clinician = () => clinic.person('clinician').principal
beforeAll(async () => {
  clinic = await openClinic()
  account = await enrol(clinic, patient())
  await enrol(clinic, clinician())
})
afterAll(() => clinic.close())

async function share(hours: bigint): Promise<Uint8Array> {
  const startNs = await clinic.nowNs()
  const compartments = [categoryOf(account, 'labs')]
  const arg = {
    ...grantArg({ to: clinician(), compartments, startNs, endNs: startNs + hours * NS_PER_HOUR }),
    rights: RIGHT.list | RIGHT.open,
  }
  await clinic.ok(patient(), 'records', 'grant', arg)
  await clinic.ok(patient(), 'consent', 'grant', arg)
  return arg.grantId
}
async function expired(): Promise<string[]> {
  await clinic.advance(1_000_000_000n)
  const trail = await trailOf(clinic, patient(), account.patientId)
  return trail.flatMap(({ event, objectId, actor }) =>
    event === 'expiryNoticed' ? [`${objectId} by ${actor || 'nobody'}`] : [],
  )
}
const hex = (id: Uint8Array) => Buffer.from(id).toString('hex')
const line = (grantId: Uint8Array) => `${hex(grantId)} by nobody`

describe('a share whose period is over', () => {
  test('is said to have ended with the first request that is refused for it, and once', async () => {
    const grantId = await share(1n)
    await clinic.advance(NS_PER_HOUR)
    expect(await expired()).toEqual([])
    const place = { patientId: account.patientId, compartment: categoryOf(account, 'labs'), grantId }
    for (let i = 0; i < 2; i++) {
      const answer = await clinic.call(clinician(), 'consent', 'deriveKey', deriveArg(place))
      expect(answer).toMatchObject({ Err: { ConsentEnded: {} } })
    }
    expect(await expired()).toEqual([line(grantId)])
  })
  test('is said to have ended when the patient looks at what is shared', async () => {
    const before = await expired()
    const grantId = await share(2n)
    await clinic.advance(2n * NS_PER_HOUR)
    await clinic.ok(patient(), 'consent', 'grantsGiven', { patientId: [], from: 0, count: 50 })
    expect(await expired()).toEqual([...before, line(grantId)])
    await clinic.ok(patient(), 'consent', 'grantsGiven', { patientId: [], from: 0, count: 50 })
    expect(await expired()).toEqual([...before, line(grantId)])
  })
  test('is not when it was stopped before', async () => {
    const before = await expired()
    const grantId = await share(1n)
    await clinic.ok(patient(), 'consent', 'revoke', { grantId, requestId: freshId() })
    await clinic.advance(NS_PER_HOUR)
    await clinic.ok(patient(), 'consent', 'grantsGiven', { patientId: [], from: 0, count: 50 })
    expect(await expired()).toEqual(before)
  })
  test('is noticed by the next share too, across an upgrade', async () => {
    const before = await expired()
    const grantId = await share(1n)
    await clinic.advance(NS_PER_HOUR)
    await clinic.upgrade('consent')
    await share(1n)
    expect(await expired()).toEqual([...before, line(grantId)])
  })
})
