import { decodeEvidence, encodeEvidence, verifyEvidence } from '@medguard/verifier'
import { type EventName, NS_PER_DAY, type Principal } from '@medguard/protocol'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createClient, type LogEvidence, type LogReport, type MedGuardClient, type Outcome } from '@medguard/client'
import { type Clinic, kindOf, openClinic } from './clinic.ts'
import { idOfByte, type LoneLog, openLoneLog, principalOf } from './lone-log.fixture.ts'

// C11: an organisation sees what its members did through it, all of it, and nothing else. Who administers it, its leaves say.

let clinic: Clinic
let log: LoneLog
let admin: MedGuardClient
let adminPrincipal: Principal
const [hospital, practice] = [idOfByte(21), idOfByte(22)]
const HOSPITAL = '15'.repeat(16)
const [nurse, doctor, council] = [3, 4, 5].map(principalOf) as [Principal, Principal, Principal]
const patients = [idOfByte(1), idOfByte(2)] as const

const member = (
  event: 'organisationRegistered' | 'memberAdded' | 'memberChanged' | 'memberRemoved',
  who: Principal,
  readsLog: number,
  orgId = hospital,
  endNs = 0n,
) =>
  log.tell({
    event,
    actor: council,
    objectId: orgId,
    fields: { orgId, principal: who.toUint8Array(), role: 1, readsLog, endNs },
  })
const opens = (actor: Principal, orgId: Uint8Array, patientId: Uint8Array) =>
  log.tell({ event: 'open', actor, patientId, fields: { orgId, grantId: idOfByte(9) } })

beforeAll(async () => {
  clinic = await openClinic()
  log = await openLoneLog(clinic)
  const { identity, principal } = clinic.person('administrator')
  adminPrincipal = principal
  admin = createClient({ identity, network: log.network })
  await admin.enrol()
  for (const [i, patientId] of patients.entries())
    await log.tell({ event: 'enrol', actor: principalOf(50 + i), patientId })
  await member('organisationRegistered', adminPrincipal, 1)
  await member('memberAdded', nurse, 0)
  await opens(nurse, hospital, patients[0])
  await opens(doctor, practice, patients[0])
  await opens(doctor, new Uint8Array(16), patients[1])
  await opens(nurse, hospital, patients[1])
})
afterAll(() => clinic.close())

const page = (orgId: Uint8Array) => ({ of: { organisation: orgId }, fromSeq: 0n, count: 50 })
const done = <T>(outcome: Outcome<T>): T => {
  if (outcome.kind === 'refused') throw new Error(outcome.refusal.kind)
  return outcome.value
}
const report = async (): Promise<LogReport> => done(await admin.log({ organisation: HOSPITAL }))
const events = ({ items }: LogReport): string[] => items.map(({ event }) => event)
const ALL: EventName[] = ['organisationRegistered', 'memberAdded', 'open', 'open']

describe('the own view of an organisation', () => {
  test('has what its members did through it and what became of them, of all patients, and is verified complete', async () => {
    const read = await report()
    expect(events(read)).toEqual(ALL)
    expect(read.items.every(({ orgId }) => orgId === HOSPITAL)).toBe(true)
    expect(read.verification).toMatchObject({
      kind: 'verified',
      checked: expect.arrayContaining(['complete', 'inclusion']),
    })
    expect(read.items[1]).toMatchObject({ subject: nurse.toText(), details: { role: 1, readsLog: 0 } })
  })
  test('is not for members, patients, other administrators or strangers, and an unknown one is refused alike', async () => {
    for (const who of [nurse, doctor, council, principalOf(50), clinic.controller])
      for (const orgId of [hospital, practice, idOfByte(99)]) {
        expect(kindOf(await log.ask(who, 'leaves', page(orgId)))).toBe('NotPermitted')
        expect(kindOf(await log.ask(who, 'organisationHead', { orgId }))).toBe('NotPermitted')
      }
    expect(kindOf(await log.ask(adminPrincipal, 'leaves', page(practice)))).toBe('NotPermitted')
  })
  test('becomes evidence that anybody checks offline', async () => {
    const { file, isComplete }: LogEvidence = done(await admin.logEvidence({ of: { organisation: HOSPITAL } }))
    const trust = { rootKey: log.network.rootKey, log: log.id.toUint8Array() }
    expect(isComplete).toBe(true)
    expect(verifyEvidence(file, trust)).toMatchObject({ kind: 'verified', historyOf: { kind: 'organisation' } })
    const evidence = decodeEvidence(file)
    const without = (at: number) => encodeEvidence({ ...evidence, entries: evidence.entries.toSpliced(at, 1) })
    for (let at = 0; at < evidence.entries.length; at++) expect(verifyEvidence(without(at), trust).kind).toBe('failed')
  })
  test('ends with the role, by its period or by a change', async () => {
    const deputy = principalOf(60)
    await member('memberAdded', deputy, 1, hospital, (await clinic.nowNs()) + NS_PER_DAY)
    expect(kindOf(await log.ask(deputy, 'leaves', page(hospital)))).toBe('Ok')
    await clinic.advance(NS_PER_DAY)
    expect(kindOf(await log.ask(deputy, 'leaves', page(hospital)))).toBe('NotPermitted')
    await member('memberChanged', deputy, 1)
    expect(kindOf(await log.ask(deputy, 'organisationHead', { orgId: hospital }))).toBe('Ok')
    await member('memberRemoved', deputy, 0)
    expect(kindOf(await log.ask(deputy, 'organisationHead', { orgId: hospital }))).toBe('NotPermitted')
  })
  test('counts on across an upgrade', async () => {
    const before = events(await report())
    await clinic.operator.stop(log.id)
    const { wasm } = await (await import('../../scripts/build-canisters.ts')).buildCanister('audit')
    await clinic.operator.install(log.id, wasm, 'upgrade')
    await clinic.operator.start(log.id)
    await opens(nurse, hospital, patients[0])
    const after = await report()
    expect(after.verification.kind).toBe('verified')
    expect(events(after)).toEqual([...before, 'open'])
  })
})
