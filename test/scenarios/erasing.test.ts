import { createHash } from 'node:crypto'
import { developmentNetwork, type Outcome } from '@medguard/client'
import { NS_PER_DAY, toHex } from '@medguard/protocol'
import { verifyEvidence } from '@medguard/verifier'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { type Clinic, freshId, kindOf, openClinic, type Person } from './clinic.ts'
import { deriveArg, placeOf, type Reach } from './sealed-record.ts'
import { eventsOf, trailOf } from './trail.ts'
import { categoryOf, enrol } from './ward.ts'

// I14: what is erased is gone, in both canisters, for everybody, and the person can prove that it was.

let clinic: Clinic
beforeAll(async () => {
  clinic = await openClinic()
})
afterAll(() => clinic.close())

function done<T>(outcome: Outcome<T>): T {
  if (outcome.kind === 'refused') throw new Error(`refused: ${outcome.refusal.kind}`)
  return outcome.value
}
const about = { fileName: null, mediaType: 'text/plain', clinicalDate: null, category: 'labs' } as const
const bytes = (text: string) => new TextEncoder().encode(text)
const joined = async (name: string): Promise<Person> => {
  const person = clinic.person(name)
  await enrol(clinic, person.principal)
  return person
}
const startNs = () => BigInt(Date.now()) * 1_000_000n
const shared = async (patient: Person, to: Person, scope: Parameters<Person['client']['share']>[0]['scope']) => {
  const from = startNs()
  const terms = { rights: ['list', 'open'], purpose: 'TREAT', startNs: from, endNs: from + NS_PER_DAY } as const
  return done(await patient.client.share({ grantee: to.principal.toText(), scope, ...terms }))
}
/** Whether a canister's stable memory holds some bytes anywhere. */
async function holds(canister: 'consent' | 'records', wanted: Uint8Array): Promise<boolean> {
  const dumped = await clinic.dump(canister)
  if (dumped === null) throw new Error('the canister is there')
  const pages = dumped.stable.toSorted(([a], [b]) => a - b).map(([, page]) => page)
  return Buffer.concat(pages).includes(Buffer.from(wanted))
}

describe('a vault that is erased', () => {
  test('answers nothing to anybody, leaves a receipt that the log bears out, and its person may begin anew', async () => {
    const patient = await joined('leaves')
    const reader = await joined('read along')
    const account = await enrol(clinic, patient.principal)
    const vault = toHex(account.patientId)
    const record = done(await patient.client.add({ ...about, title: 'Gone', bytes: bytes('Gone') }))
    done(await patient.client.amend(record, { ...about, title: 'Gone again', bytes: bytes('Gone again') }))
    done(await patient.client.setProfile({ name: 'Nobody' }))
    const byKind = await shared(patient, reader, { categories: ['labs'] })
    const byRecord = await shared(patient, reader, { records: [record] })
    const vaults = [byKind, byRecord].map(({ grantId }) => ({ of: 'grant', grantId }) as const)
    for (const each of vaults) expect(done(await reader.client.list(each))).toHaveLength(1)

    expect(await patient.client.erase(toHex(freshId()))).toMatchObject({ refusal: { kind: 'NotPermitted' } })
    expect(await reader.client.erase(vault)).toMatchObject({ refusal: { kind: 'NotPermitted' } })
    const { text, evidence } = done(await patient.client.erase(vault))
    expect(JSON.parse(text)).toMatchObject({ vault, owner: patient.principal.toText(), versions: 3, shares: 2 })

    const trust = { rootKey: developmentNetwork(clinic.localnet.url).rootKey, log: clinic.ids.audit.toUint8Array() }
    expect(verifyEvidence(evidence ?? '', trust).kind).toBe('verified')
    const { patientId } = account
    const of = { patient: patientId }
    const { total } = await clinic.ok(patient.principal, 'audit', 'leaves', { of, fromSeq: 0n, count: 1 })
    const { entries } = await clinic.ok(patient.principal, 'audit', 'leaves', { of, fromSeq: total - 1n, count: 1 })
    const detail = Buffer.from(entries[0]?.detail ?? [])
    expect(detail.includes(createHash('sha256').update(text).digest())).toBe(true)
    const events = eventsOf(await trailOf(clinic, patient.principal, patientId))
    expect(events.filter((event) => event.startsWith('erase'))).toEqual(['eraseBegin', 'eraseDone'])

    for (const each of vaults) {
      expect(await reader.client.list(each)).toMatchObject({ kind: 'refused', refusal: { kind: 'NotPermitted' } })
      expect(await reader.newClient().list(each)).toMatchObject({ kind: 'refused', refusal: { kind: 'NotPermitted' } })
    }
    expect(done(await patient.newClient().account())).toBeNull()
    const owned: Reach = { patientId: account.patientId, compartment: categoryOf(account, 'labs'), grantId: null }
    for (const as of [patient, reader]) {
      expect(kindOf(await clinic.call(as.principal, 'consent', 'deriveKey', deriveArg(owned)))).toBe('NotPermitted')
      const asked = { ...placeOf(owned), requestId: freshId() }
      expect(kindOf(await clinic.call(as.principal, 'records', 'beginList', asked))).toBe('NotPermitted')
    }

    const anew = await enrol(clinic, patient.principal)
    expect(toHex(anew.patientId)).not.toBe(vault)
    expect(done(await patient.newClient().list({ of: 'me' }))).toEqual([])
    const old = { patientId: account.patientId, compartments: account.compartments, requestId: freshId() }
    expect(kindOf(await clinic.call(clinic.person('takes it').principal, 'records', 'enrol', old))).toBe('NotPermitted')
  })

  test('is shut from the first step on, and gone on with by a client that knows nothing', async () => {
    const patient = await joined('stops half-way')
    const account = await enrol(clinic, patient.principal)
    done(await patient.client.add({ ...about, title: 'Half gone', bytes: bytes('Half gone') }))
    const { patientId } = account
    await clinic.ok(patient.principal, 'consent', 'eraseBegin', { patientId, requestId: freshId() })
    expect(await patient.client.list({ of: 'me' })).toMatchObject({ refusal: { kind: 'NotPermitted' } })
    expect(kindOf(await clinic.call(patient.principal, 'consent', 'enrol', { requestId: freshId() }))).toBe(
      'NotPermitted',
    )
    const again = patient.newClient()
    expect(done(await again.account())).toBeNull()
    const { text } = done(await again.erase(toHex(patientId)))
    expect(JSON.parse(text)).toMatchObject({ versions: 1 })
  })

  test('leaves no byte of the salt without which no wrap opens, not in free memory either', async () => {
    const patient = await joined('leaves no bytes')
    const account = await enrol(clinic, patient.principal)
    done(await patient.client.add({ ...about, title: 'Gone', bytes: bytes('Gone') }))
    const owned: Reach = { patientId: account.patientId, compartment: categoryOf(account, 'labs'), grantId: null }
    const { shredSalt } = await clinic.ok(patient.principal, 'consent', 'deriveKey', deriveArg(owned))
    expect(await holds('consent', shredSalt)).toBe(true)
    done(await patient.client.erase(toHex(account.patientId)))
    expect(await holds('consent', shredSalt)).toBe(false)
  })

  test('of many records takes several calls, and counts them all', async () => {
    const patient = await joined('much to erase')
    const { patientId } = await enrol(clinic, patient.principal)
    for (let i = 0; i < 3; i++) done(await patient.client.add({ ...about, title: `Number ${i}`, bytes: bytes('x') }))
    const erase = () => clinic.ok(patient.principal, 'records', 'erase', { patientId, requestId: freshId() })
    let calls = 1
    let state = await erase()
    for (; !state.isDone; calls++) state = await erase()
    expect(state).toMatchObject({ isDone: true, versions: 3 })
    expect(await erase()).toEqual(state)
  })
})
