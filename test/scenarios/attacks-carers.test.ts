import { Fault } from '@medguard/client'
import { NS_PER_DAY, POWER, type Principal } from '@medguard/protocol'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Clinic, freshId, kindOf, openClinic } from './clinic.ts'
import { appointTo, labsOf } from './people.fixture.ts'
import { deriveArg, keysFor, placeOf, seal, store } from './sealed-record.ts'
import { categoryOf, enrol, give, grantArg, takeBack } from './ward.ts'

// Who helps for a while does nothing that outlasts the help, and one canister alone leads nobody's records astray.

let clinic: Clinic
beforeAll(async () => {
  clinic = await openClinic()
})
afterAll(() => clinic.close())
const principalOf = (name: string): Principal => clinic.person(name).principal

/** A patient with one record, whose key went on to epoch 2 because somebody lost it. */
async function afterRevoke(name: string, powers: number) {
  const [patient, carer, reader] = [name, `${name} carer`, `${name} reader`].map(principalOf) as [
    Principal,
    Principal,
    Principal,
  ]
  const account = await enrol(clinic, patient)
  for (const each of [carer, reader]) await enrol(clinic, each)
  const reach = labsOf(account)
  const record = await store(clinic, patient, await seal(await keysFor(clinic, patient, reach), reach))
  const startNs = await clinic.nowNs()
  const compartments = [categoryOf(account, 'labs')]
  const grantId = await give(
    clinic,
    patient,
    grantArg({ to: reader, compartments, startNs, endNs: startNs + NS_PER_DAY }),
  )
  await keysFor(clinic, reader, { ...reach, grantId })
  await takeBack(clinic, patient, grantId)
  await appointTo(clinic, patient, carer, { powers })
  await clinic.ok(patient, 'consent', 'depositInfo', placeOf(reach))
  return { patient, carer, reach, record }
}

describe('wrapping anew', () => {
  test('is not for a carer who may only add', async () => {
    const { carer, reach } = await afterRevoke('nora', POWER.write)
    const reading = { ...placeOf(reach), fromSeq: 0, count: 1, epoch: 2, requestId: freshId() }
    expect(kindOf(await clinic.call(carer, 'records', 'readWraps', reading))).toBe('NotPermitted')
    const oldNonce = new Uint8Array(12)
    const wraps = { listWrap: new Uint8Array(72), openWrap: new Uint8Array(72) }
    const entries = [{ seq: 0, oldEpoch: 1, oldNonce, ...wraps }]
    const putting = { ...placeOf(reach), epoch: 2, entries, requestId: freshId() }
    expect(kindOf(await clinic.call(carer, 'records', 'putWraps', putting))).toBe('NotPermitted')
  })

  test('may be done by a carer who reads and adds, but the former wraps stay till the patient lets them go', async () => {
    const { patient, carer, reach } = await afterRevoke('olga', POWER.read | POWER.write)
    const reading = { ...placeOf(reach), fromSeq: 0, count: 1, epoch: 2, requestId: freshId() }
    const { rows } = await clinic.ok(carer, 'records', 'readWraps', reading)
    expect(rows).toHaveLength(1)
    const retiring = () => ({ ...placeOf(reach), epoch: 1, byOthers: [] as [], requestId: freshId() })
    expect(kindOf(await clinic.call(carer, 'records', 'retire', retiring()))).toBe('NotPermitted')
    expect(kindOf(await clinic.call(patient, 'records', 'retire', retiring()))).not.toBe('NotPermitted')
  })
})

test('a carer’s word on what a key has to be is not taken, so that a false one shuts nobody out', async () => {
  const [patient, carer] = [principalOf('pia'), principalOf('pia carer')]
  const account = await enrol(clinic, patient)
  await enrol(clinic, carer)
  const reach = labsOf(account)
  await appointTo(clinic, patient, carer, { powers: POWER.read | POWER.write | POWER.share })
  const check = { patientId: [reach.patientId] as [Uint8Array], ...reach.compartment, epoch: 1, requestId: freshId() }
  const posted = await clinic.call(carer, 'consent', 'postKeyCheck', { ...check, keyCheckValue: freshId() })
  expect(kindOf(posted)).toBe('NotPermitted')
  const { keyCheckValue } = await clinic.ok(patient, 'consent', 'deriveKey', deriveArg(reach))
  expect(keyCheckValue).toEqual([])
  // The carer's own client does its work all the same, and so does the patient's after it.
  const text = { bytes: new TextEncoder().encode('x'), title: 'x', mediaType: 'text/plain' }
  const record = { ...text, category: 'labs', clinicalDate: null, fileName: null } as const
  const acting = clinic.person('pia carer').client.actingFor(Buffer.from(reach.patientId).toString('hex'))
  expect((await acting.add(record)).kind).toBe('done')
  expect((await clinic.person('pia').client.add(record)).kind).toBe('done')
  const after = await clinic.ok(patient, 'consent', 'deriveKey', deriveArg(reach))
  expect(after.keyCheckValue).toHaveLength(1)
})

describe('canisters that do not agree which category is which', () => {
  test('lead nobody’s records, keys or shares astray: the client stops before it asks for anything', async () => {
    const quinn = clinic.person('quinn')
    const { principal, client } = quinn
    const opened = await clinic.ok(principal, 'consent', 'enrol', { requestId: freshId() })
    // Whichever of the two lies: what one calls labs is something else for the other.
    const cids = opened.compartments.map(({ cid }) => cid)
    const turned = [...cids.slice(1), ...cids.slice(0, 1)].map((cid, i) => ({ category: i + 1, cid }))
    const { patientId } = opened
    await clinic.ok(principal, 'records', 'enrol', { patientId, compartments: turned, requestId: freshId() })
    const record = { bytes: new Uint8Array(1), title: 'x', mediaType: 'text/plain', clinicalDate: null, fileName: null }
    const startNs = await clinic.nowNs()
    const wanted = {
      grantee: principalOf('quinn reader').toText(),
      rights: ['list', 'open'],
      purpose: 'TREAT',
      scope: { categories: ['labs'] },
      startNs,
      endNs: startNs + NS_PER_DAY,
    } as const
    const stopped = { name: 'Fault', code: 'BadReply' }
    expect(new Fault('BadReply', '')).toMatchObject(stopped)
    await expect(client.add({ ...record, category: 'labs' })).rejects.toMatchObject(stopped)
    await expect(client.share(wanted)).rejects.toMatchObject(stopped)
    await expect(quinn.newClient().list({ of: 'me' })).rejects.toMatchObject(stopped)
    const { grants } = await clinic.ok(principal, 'records', 'grantsGiven', { patientId: [], from: 0, count: 10 })
    expect(grants).toEqual([])
  })

  test('take nothing into a compartment that its sender believes to be another', async () => {
    const patient = principalOf('rosa')
    const reach = labsOf(await enrol(clinic, patient))
    const { begin } = await seal(await keysFor(clinic, patient, reach), reach)
    const asked = (category: number) =>
      clinic.call(patient, 'records', 'begin', { ...begin, category: [category], requestId: freshId() })
    expect(kindOf(await asked(3))).toBe('IdConflict')
    expect(kindOf(await asked(2))).toBe('Ok')
  })
})
