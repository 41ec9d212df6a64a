import { type Account, NS_PER_DAY, NS_PER_MINUTE, PLAIN_TERMS, type Principal } from '@medguard/protocol'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { type Clinic, freshId, kindOf, openClinic } from './clinic.ts'
import { categoryOf, enrol, give, grantArg, takeBack } from './ward.ts'

// What a grant says beyond whom, what and until when; and the text that was confirmed.

let clinic: Clinic
let patient: Principal
let account: Account
let clinician: Principal
beforeAll(async () => {
  clinic = await openClinic()
  patient = clinic.person('patient').principal
  clinician = clinic.person('clinician').principal
  account = await enrol(clinic, patient)
  await enrol(clinic, clinician)
})
afterAll(() => clinic.close())

const newGrant = async (change: Partial<Parameters<typeof grantArg>[0]> = {}) => {
  const nowNs = await clinic.nowNs()
  const compartments = [categoryOf(account, 'labs')]
  return grantArg({ to: clinician, compartments, startNs: nowNs, endNs: nowNs + NS_PER_DAY, ...change })
}
const both = ['consent', 'records'] as const

describe('what is sensitive', () => {
  test('is covered by no grant that does not name it, in either canister', async () => {
    const compartments = [categoryOf(account, 'sensitive')]
    for (const canister of both) {
      const answer = await clinic.call(patient, canister, 'grant', await newGrant({ compartments }))
      expect(answer).toEqual({ Err: { BadInput: { field: 'compartments', code: 'sensitive' } } })
    }
    const named = await newGrant({ compartments, terms: [{ ...PLAIN_TERMS, namesSensitive: true, excluded: [] }] })
    await give(clinic, patient, named)
    const { grants } = await clinic.ok(clinician, 'consent', 'grantsReceived', { from: 0, count: 10 })
    expect(grants.at(-1)?.terms).toEqual([{ ...PLAIN_TERMS, namesSensitive: true, excluded: [] }])
    const [given] = (await clinic.ok(patient, 'records', 'grantsGiven', { patientId: [], from: 0, count: 10 })).grants
    expect(given?.terms).toEqual(grants.at(-1)?.terms)
  })

  test('is whatever the patient says, from then on', async () => {
    const before = await newGrant()
    await give(clinic, patient, before)
    for (const canister of both) {
      const change = { patientId: [] as [], change: { sensitive: 0b100_0010 }, requestId: freshId() }
      await clinic.ok(patient, canister, 'changeRules', change)
      expect(kindOf(await clinic.call(patient, canister, 'grant', await newGrant()))).toBe('BadInput')
      expect(kindOf(await clinic.call(patient, canister, 'grant', before)), 'a repeat is what it was').toBe('Ok')
      const medicines = await newGrant({ compartments: [categoryOf(account, 'medicines')] })
      expect(kindOf(await clinic.call(patient, canister, 'grant', medicines))).toBe('Ok')
    }
  })
})

describe('the text that was confirmed', () => {
  const medicines = () => ({ compartments: [categoryOf(account, 'medicines')] })

  test('is kept with the grant and given to its parties alone, also when it is over', async () => {
    const nosy = clinic.person('nosy').principal
    await enrol(clinic, nosy)
    const grant = await newGrant({ ...medicines(), endNs: (await clinic.nowNs()) + NS_PER_MINUTE })
    const grantId = await give(clinic, patient, grant)
    const ask = (as: Principal, id = grantId) => clinic.call(as, 'consent', 'agreement', { grantId: id })
    expect(await ask(patient)).toEqual({ Ok: grant.agreement[0] })
    expect(await ask(clinician)).toEqual({ Ok: grant.agreement[0] })
    expect(
      [await ask(nosy), await ask(patient, freshId()), await ask(clinic.person('none').principal)].map(kindOf),
    ).toEqual(['NotPermitted', 'NotPermitted', 'NotPermitted'])
    await clinic.advance(NS_PER_MINUTE)
    expect(await ask(clinician)).toEqual({ Ok: grant.agreement[0] })
    await takeBack(clinic, patient, grantId)
    expect(await ask(patient)).toEqual({ Ok: grant.agreement[0] })
  })

  test('has to be the one whose hash stands in both canisters', async () => {
    const differs = { Err: { BadInput: { field: 'agreement', code: 'differs' } } }
    for (const agreement of [new TextEncoder().encode('Another.'), new Uint8Array(0), new Uint8Array(2049)])
      expect(
        await clinic.call(patient, 'consent', 'grant', await newGrant({ ...medicines(), agreement: [agreement] })),
      ).toEqual(differs)
  })
})
