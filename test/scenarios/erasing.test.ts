import { createHash } from 'node:crypto'
import { developmentNetwork, type Outcome } from '@medguard/client'
import { encodeArg, ERASURE_RECEIPT_NS, NS_PER_DAY, POWER, type Principal, toHex } from '@medguard/protocol'
import { verifyEvidence } from '@medguard/verifier'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { type Clinic, freshId, kindOf, methodOf, openClinic, type Person } from './clinic.ts'
import { appointTo, BOTH, linkTo, unlinkFrom } from './people.fixture.ts'
import { deriveArg, placeOf, type Reach } from './sealed-record.ts'
import { storedRows } from './stored-rows.ts'
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

describe('the receipt of a vault that is gone', () => {
  /** Steps of an erasure: each is asked of a vault that is gone and of an id that never was. */
  const STEPS = [
    ['consent', 'eraseBegin'],
    ['records', 'erase'],
    ['consent', 'eraseFinish'],
  ] as const
  type Step = (typeof STEPS)[number]
  const asked = async ([canister, method]: Step, who: Principal, patientId: Uint8Array, receiptHash: Uint8Array) => {
    // Request ids that are remembered in one row: how long that is tells a caller of their own past only.
    const named = { patientId, requestId: freshId().fill(0, 15) }
    const arg = encodeArg(methodOf(canister, method), method === 'eraseFinish' ? { ...named, receiptHash } : named)
    const { value, parts } = await clinic.metered(() => clinic.send(who, canister, method, arg))
    if (value.kind === 'reject') throw new Error(value.reject.message)
    const own = parts.filter(({ entry }) => entry === method)
    return { bytes: toHex(value.bytes), instructions: Number(own.reduce((sum, each) => sum + each.instructions, 0n)) }
  }

  const onesIn = (number: number) => number.toString(2).replaceAll('0', '').length

  test('is given again to who had a sign-in there, to nobody else, and to nobody after 30 days', async () => {
    const patient = await joined('gone for good')
    const { principal } = patient
    const { patientId } = await enrol(clinic, principal)
    const [phone, lost, carer, reader] = ['phone', 'lost phone', 'cared', 'was shared with'].map((name) =>
      clinic.person(name),
    ) as [Person, Person, Person, Person]
    const other = await joined('has an account')
    for (const each of [carer, reader]) await enrol(clinic, each.principal)
    await linkTo(clinic, principal, phone.principal)
    await linkTo(clinic, principal, lost.principal)
    await unlinkFrom(clinic, principal, lost.principal)
    await appointTo(clinic, principal, carer.principal, { powers: POWER.read | POWER.write | POWER.share })
    done(await patient.client.add({ ...about, title: 'Gone', bytes: bytes('Gone') }))
    await shared(patient, reader, { categories: ['labs'] })
    const vault = toHex(patientId)
    const { text } = done(await patient.client.erase(vault))
    const receiptHash = new Uint8Array(createHash('sha256').update(text).digest())

    // Who asks with the same sign-in gets the same receipt; with another one of theirs the same numbers.
    expect(done(await patient.newClient().erase(vault)).text).toBe(text)
    const erase = () => ({ patientId, requestId: freshId() })
    const erased = await clinic.ok(principal, 'records', 'erase', erase())
    expect(erased).toMatchObject({ isDone: true, versions: 1, shares: 1 })
    expect(await clinic.ok(phone.principal, 'records', 'erase', erase())).toEqual(erased)
    expect(await clinic.ok(phone.principal, 'consent', 'eraseFinish', { ...erase(), receiptHash })).toEqual({
      isDone: true,
    })

    const never = freshId()
    for (const who of [clinic.person('a stranger'), other, carer, reader, lost])
      for (const step of STEPS) {
        const name = `${who.name}, ${step[1]}`
        const gone = await asked(step, who.principal, patientId, receiptHash)
        const strange = await asked(step, who.principal, never, receiptHash)
        expect(gone.bytes, name).toBe(strange.bytes)
        // What a refusal takes is the least of many. The engine collects garbage every so many messages, and what it remembers of a caller grows with
        // each: no period and no trend may meet one of the two ids more than the other (Thue and Morse's order).
        const least = [gone.instructions, strange.instructions] as [number, number]
        for (let i = 0; i < 20; i++) {
          const which = onesIn(i) % 2 === 0 ? 0 : 1
          const { instructions } = await asked(step, who.principal, [patientId, never][which] ?? never, receiptHash)
          least[which] = Math.min(least[which], instructions)
        }
        expect(Math.abs(least[0] - least[1]) / least[1], `${name}: ${least.join(', ')}`).toBeLessThan(0.02)
      }

    const marksIn = async (canister: (typeof BOTH)[number]) =>
      (await storedRows(clinic, canister)).filter(({ memory, key }) => memory === 0 && key[0] === 75 && key[1] === 0)
    // Who looks upgrades the canister, which arms the timer anew: of records it is the one that the erasure armed.
    expect(await marksIn('consent')).not.toEqual([])
    await clinic.advance(ERASURE_RECEIPT_NS + NS_PER_DAY)
    for (const canister of BOTH) expect(await marksIn(canister)).toEqual([])
    for (const who of [patient, phone])
      for (const step of STEPS)
        expect((await asked(step, who.principal, patientId, receiptHash)).bytes).toBe(
          (await asked(step, who.principal, never, receiptHash)).bytes,
        )
  })
})
