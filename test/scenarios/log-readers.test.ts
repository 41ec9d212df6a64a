import { NS_PER_DAY, POWER, type Principal } from '@medguard/protocol'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Clinic, kindOf, openClinic } from './clinic.ts'
import { idOfByte, type LoneLog, openLoneLog, principalOf } from './lone-log.fixture.ts'

// Who may read a patient's chain changes with its leaves (decision 21), and whoever may not learns nothing of it.

let clinic: Clinic
let log: LoneLog
const patientId = idOfByte(1)
const accountId = idOfByte(7)
const [owner, phone, carer, successor, guardian, stranger] = [1, 2, 3, 5, 6, 7].map(principalOf) as [
  Principal,
  Principal,
  Principal,
  Principal,
  Principal,
  Principal,
]
beforeAll(async () => {
  clinic = await openClinic()
  log = await openLoneLog(clinic)
  await log.tell({ event: 'enrol', actor: owner, patientId, fields: { accountId } })
})
afterAll(() => clinic.close())

const page = (patientId: Uint8Array) => ({ of: { patient: patientId }, fromSeq: 0n, count: 50 })
/** By both ways: contents by query, and how long the chain is by update. */
async function mayRead(who: Principal): Promise<boolean> {
  const answers = [await log.ask(who, 'leaves', page(patientId)), await log.ask(who, 'chainHead', { patientId })]
  const kinds = new Set(answers.map(kindOf))
  expect(kinds.size).toBe(1)
  return kinds.has('Ok')
}
const readers = async () => {
  const all = { owner, phone, carer, successor, guardian, stranger }
  const found: string[] = []
  for (const [name, principal] of Object.entries(all)) if (await mayRead(principal)) found.push(name)
  return found
}

test('the principal of the enrolment reads, and nobody else', async () => {
  expect(await readers()).toEqual(['owner'])
})

test('a linked principal reads, from the beginning on, until it is unlinked', async () => {
  await log.tell({
    event: 'principalLinked',
    actor: owner,
    patientId,
    fields: { accountId, principal: phone.toUint8Array() },
  })
  expect(await readers()).toEqual(['owner', 'phone'])
  const { entries } = await log.ok(phone, 'leaves', page(patientId))
  expect(entries).toHaveLength(2)
  await log.tell({
    event: 'principalUnlinked',
    actor: owner,
    patientId,
    fields: { accountId, principal: phone.toUint8Array() },
  })
  expect(await readers()).toEqual(['owner'])
})

test('a representative reads with the power to read, until the end of the period, across an upgrade', async () => {
  const principal = carer.toUint8Array()
  const endNs = (await clinic.nowNs()) + NS_PER_DAY
  await log.tell({
    event: 'representativeChanged',
    actor: owner,
    patientId,
    fields: { principal, powers: POWER.write, endNs },
  })
  expect(await readers()).toEqual(['owner'])
  await log.tell({
    event: 'representativeChanged',
    actor: owner,
    patientId,
    fields: { principal, powers: POWER.read, endNs },
  })
  expect(await readers()).toEqual(['owner', 'carer'])
  await clinic.operator.stop(log.id)
  await clinic.operator.install(
    log.id,
    (await import('../../scripts/build-canisters.ts').then((m) => m.buildCanister('audit'))).wasm,
    'upgrade',
  )
  await clinic.operator.start(log.id)
  expect(await readers()).toEqual(['owner', 'carer'])
  await clinic.advance(NS_PER_DAY)
  expect(await readers()).toEqual(['owner'])
  await log.tell({
    event: 'representativeChanged',
    actor: owner,
    patientId,
    fields: { principal, powers: POWER.read, endNs: 0n },
  })
  expect(await readers()).toEqual(['owner', 'carer'])
  await log.tell({ event: 'representativeChanged', actor: owner, patientId, fields: { principal } })
  expect(await readers()).toEqual(['owner'])
})

test('recovery lets the new principal read, and the ones that are unlinked with it no longer', async () => {
  const principal = successor.toUint8Array()
  await log.tell({ event: 'recoveryStarted', actor: successor, patientId, fields: { principal } })
  await log.tell({ event: 'recoveryApproved', actor: guardian, patientId, fields: { principal } })
  expect(await readers()).toEqual(['owner'])
  await log.tell({ event: 'recoveryDone', actor: successor, patientId, fields: { principal } })
  await log.tell({
    event: 'principalUnlinked',
    actor: successor,
    patientId,
    fields: { accountId, principal: owner.toUint8Array() },
  })
  expect(await readers()).toEqual(['successor'])
})

test('guardians of a recovery do not read', async () => {
  await log.tell({
    event: 'guardianChanged',
    actor: successor,
    patientId,
    fields: { principal: guardian.toUint8Array(), change: 1 },
  })
  expect(await readers()).toEqual(['successor'])
})

describe('a chain without enrolment', () => {
  test('is nobody’s, whatever its leaves say', async () => {
    const orphan = idOfByte(2)
    await log.tell({
      event: 'principalLinked',
      actor: stranger,
      patientId: orphan,
      fields: { principal: stranger.toUint8Array() },
    })
    await log.tell({
      event: 'representativeChanged',
      patientId: orphan,
      fields: { principal: stranger.toUint8Array(), powers: POWER.read },
    })
    expect(kindOf(await log.ask(stranger, 'leaves', page(orphan)))).toBe('NotPermitted')
  })
})

test('records cannot let anybody read: links and representatives are consent’s to write', async () => {
  for (const event of ['principalLinked', 'representativeChanged', 'recoveryDone'] as const)
    await expect(log.tell({ event, patientId, source: 'records' })).rejects.toThrow('BadInput')
})
