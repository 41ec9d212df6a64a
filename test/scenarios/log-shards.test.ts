import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { main } from '@medguard/cli'
import { DEVELOPMENT_CANISTERS, type LogReport, type Network, type Outcome } from '@medguard/client'
import { NS_PER_HOUR, NS_PER_SECOND, Principal, ROLE, toHex } from '@medguard/protocol'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { type Clinic, freshId, kindOf } from './clinic.ts'
import { moduleOf } from './golden.fixture.ts'
import { appointTo, linkTo, unlinkFrom } from './people.fixture.ts'
import { deriveArg } from './sealed-record.ts'
import { askLog, clientOf, installShard, networkWith, tellShards } from './shards.fixture.ts'
import {
  ALL_OK,
  employed,
  type Hospital,
  openCouncilClinic,
  type Patient,
  patientWith,
  shared,
  tries,
  verified,
} from './trust.fixture.ts'
import { enrol } from './ward.ts'

// The log in two canisters, each on a subnet of its own: patients in both, readers of both, and one of them away.

const SHARD = Principal.fromText(DEVELOPMENT_CANISTERS.frontend)
const SECOND = 1
let clinic: Clinic
let network: Network
let hospital: Hospital
let doctor: Principal
let [early, later]: Patient[] = []
beforeAll(async () => {
  const alone = (id: string) => ({ kind: 'application', canisterRanges: [[id, id]] }) as const
  clinic = await openCouncilClinic({ subnets: [alone(DEVELOPMENT_CANISTERS.audit), alone(SHARD.toText())] })
  hospital = await verified(clinic, 'Of both')
  doctor = await employed(clinic, hospital, 'doctor')
  early = await patientWith(clinic, 'early')
  await installShard(clinic, SHARD)
  await tellShards(clinic, [SHARD])
  // Whoever enrols first lets consent know that records writes there as well.
  await enrol(clinic, clinic.person('first').principal)
  later = await patientWith(clinic, 'later')
  network = networkWith(clinic, [SHARD])
}, 300_000)
afterAll(() => clinic.close())

const done = <T>(outcome: Outcome<T>): T => {
  if (outcome.kind === 'refused') throw new Error(outcome.refusal.kind)
  return outcome.value
}
const inOrder = (patient: Patient | undefined): Patient => {
  if (patient === undefined) throw new Error('the clinic is open')
  return patient
}
const clientFor = (name: string) => clientOf(clinic.person(name), network)
const logOf = async (name: string): Promise<LogReport> => {
  await clinic.advance(NS_PER_SECOND)
  return done(await clientFor(name).log('patient'))
}
const events = ({ items }: LogReport) => items.map(({ event }) => event)
const VERIFIED = { kind: 'verified', checked: expect.arrayContaining(['chain', 'complete']) }

describe('another canister of the log', () => {
  test('gets the lines of who comes after it, all of them, and none of who was there', async () => {
    const [before, after] = [await logOf('early'), await logOf('later')]
    expect(before.verification).toMatchObject(VERIFIED)
    expect(after.verification).toMatchObject(VERIFIED)
    expect(events(after)).toEqual(events(before))
    expect(events(after)).toEqual(['enrol', 'keyDerive', 'recordAdd'])
    expect(new Set(before.items.map(({ shard }) => shard))).toEqual(new Set([0]))
    expect(new Set(after.items.map(({ shard }) => shard))).toEqual(new Set([SECOND]))
    const { patientId } = inOrder(later).account
    expect(await askLog(clinic, clinic.ids.audit, inOrder(later).principal, 'chainHead', { patientId })).toBe('refused')
  })
  test('is asked by no client that was not told of it, which says so', async () => {
    const read = clinic.person('later').client.log('patient')
    await expect(read).rejects.toMatchObject({ name: 'Fault', code: 'UnknownLog' })
  })
  test('leaves whoever was not told of it without a claim about what is in all parts', async () => {
    const { orgId, admin } = hospital
    for (const of of ['system', 'actor', { organisation: toHex(orgId) }] as const) {
      const told = done(await clientFor(admin.name).log(of))
      expect(told.verification.kind).toBe('verified')
      const { items, verification } = done(await clinic.person(admin.name).client.log(of))
      expect(items.length).toBeGreaterThan(0)
      expect(verification).toMatchObject({ kind: 'cannotTell', code: 'PartUnknown' })
    }
  })
  test('is not forgotten by going back to a release that knows of one: its modules refuse what is stored', async () => {
    for (const name of ['consent', 'records'] as const) {
      await expect(clinic.upgrade(name, await moduleOf('toolkit', name))).rejects.toThrow('IC0503')
      await clinic.start(name)
    }
    expect(await tries(clinic, inOrder(later).principal, inOrder(later).owned, inOrder(later).recordId)).toEqual(ALL_OK)
  })
  test('shows what is new', async () => {
    const client = clientFor('later')
    expect(done(await client.hasNotices())).toBe(true)
    expect(done(await client.notices(true))).toMatchObject({ verification: 'verified' })
    expect(done(await client.hasNotices())).toBe(false)
  })
  test('is where the network says it is', async () => {
    const { parts: hosting, unreached } = done(await clientFor('later').hosting())
    expect(unreached).toEqual([])
    expect(hosting.map(({ name }) => name)).toEqual(['consent', 'records', 'audit', 'audit 1'])
    expect(new Set(hosting.map(({ subnetId }) => subnetId)).size).toBe(3)
    const nowhere = Principal.fromUint8Array(new Uint8Array([0, 0, 0, 0, 0, 0, 9, 9, 1, 1]))
    const client = clientOf(clinic.person('later'), networkWith(clinic, [SHARD, nowhere]))
    expect(done(await client.hosting())).toEqual({
      parts: hosting,
      unreached: [{ name: 'audit 2', canisterId: nowhere.toText() }],
    })
  })
  test('cannot be taken away, moved, named twice or be one of the others', async () => {
    const { audit } = clinic.ids
    const other = Principal.fromUint8Array(new Uint8Array([0, 0, 0, 0, 0, 9, 9, 9, 1, 1]))
    for (const shards of [[], [other], [other, SHARD], [SHARD, SHARD], [SHARD, audit]])
      for (const name of ['records', 'consent'] as const)
        await expect(tellShards(clinic, shards, [name])).rejects.toThrow('IC0503')
    expect(await tries(clinic, inOrder(later).principal, inOrder(later).owned, inOrder(later).recordId)).toEqual(ALL_OK)
  })
  test('is told by nobody but consent who reads', async () => {
    for (const who of [clinic.controller, doctor, clinic.ids.records])
      expect(await askLog(clinic, SHARD, who, 'noteReaders', { firstSeq: 0n, notes: [new Uint8Array(72)] })).toBe(
        'refused',
      )
  })
})

describe('a provider who reads patients of both', () => {
  test('is in the log of each, and finds what they did in one list', async () => {
    const [one, two] = [inOrder(early), inOrder(later)]
    for (const patient of [one, two]) {
      const reach = await shared(clinic, patient, hospital.principal)
      expect(await tries(clinic, doctor, reach, patient.recordId)).toEqual(ALL_OK)
      await clinic.advance(NS_PER_SECOND)
    }
    for (const name of ['early', 'later']) {
      const read = await logOf(name)
      expect(read.verification).toMatchObject(VERIFIED)
      expect(read.items.filter(({ event, actor }) => event === 'open' && actor === doctor.toText())).toHaveLength(1)
    }
    const own = done(await clientFor('doctor').log('actor'))
    expect(own.verification).toMatchObject({ kind: 'verified' })
    expect(own.items.filter(({ event }) => event === 'open').map(({ shard }) => shard)).toEqual([0, SECOND])
    const times = own.items.map(({ timeNs }) => timeNs)
    expect(times).toEqual(times.toSorted((a, b) => (a < b ? -1 : 1)))
  })
  test('is seen by who administrates their organisation, from both, complete', async () => {
    await clinic.advance(NS_PER_SECOND)
    const view = done(await clientFor(hospital.admin.name).log({ organisation: toHex(hospital.orgId) }))
    expect(view.verification).toMatchObject({ kind: 'verified', checked: expect.arrayContaining(['complete']) })
    expect(view.items.filter(({ event }) => event === 'open').map(({ shard }) => shard)).toEqual([0, SECOND])
  })
  test('is seen by an administrator who came since, until their role ends, in both', async () => {
    const reads = async (who: Principal) => {
      await clinic.advance(NS_PER_SECOND)
      const { orgId } = hospital
      const answers = [
        await askLog(clinic, clinic.ids.audit, who, 'organisationHead', { orgId }),
        await askLog(clinic, SHARD, who, 'organisationHead', { orgId }),
      ]
      return answers.map((answer) => answer !== 'refused')
    }
    const deputy = await employed(clinic, hospital, 'deputy', { roles: ROLE.administrator })
    expect(await reads(deputy)).toEqual([true, true])
    expect(await reads(doctor)).toEqual([false, false])
    for (const canister of ['consent', 'records'] as const)
      await clinic.ok(hospital.admin.principal, canister, 'removeMember', {
        orgId: hospital.orgId,
        principal: deputy,
        requestId: freshId(),
      })
    expect(await reads(deputy)).toEqual([false, false])
  })
  test('of an organisation with nobody there, an administrator reads the first part, and nothing is said to be complete', async () => {
    const small = await verified(clinic, 'Of one')
    const view = done(await clientFor(small.admin.name).log({ organisation: toHex(small.orgId) }))
    expect(view.items.length).toBeGreaterThan(0)
    expect(view.verification).toMatchObject({ kind: 'verified', checked: expect.not.arrayContaining(['complete']) })
  })
})

describe('a carer whose own lines are in the first', () => {
  test('reads a patient of the second with every sign-in they have, before and since, and with none that was shut out', async () => {
    const [carer, phone, tablet] = [clinic.person('doctor'), clinic.person('phone'), clinic.person('tablet')]
    const { principal, account } = inOrder(later)
    await linkTo(clinic, carer.principal, phone.principal)
    await appointTo(clinic, principal, carer.principal)
    await linkTo(clinic, carer.principal, tablet.principal)
    const reads = async () => {
      await clinic.advance(NS_PER_SECOND)
      const { patientId } = account
      const found: string[] = []
      for (const { name, principal: who } of [carer, phone, tablet])
        if ((await askLog(clinic, SHARD, who, 'chainHead', { patientId })) !== 'refused') found.push(name)
      return found
    }
    expect(await reads()).toEqual(['doctor', 'phone', 'tablet'])
    const read = done(await clientFor('tablet').log({ patient: toHex(account.patientId) }))
    expect(read.verification).toMatchObject(VERIFIED)
    await unlinkFrom(clinic, carer.principal, tablet.principal)
    expect(await reads()).toEqual(['doctor', 'phone'])
  })
  test('reads a patient of the first whose representative somebody of the second is', async () => {
    const { principal, account } = inOrder(early)
    const [of, phone] = [inOrder(later), clinic.person('phone of later')]
    await appointTo(clinic, principal, of.principal)
    await linkTo(clinic, of.principal, phone.principal)
    await clinic.advance(NS_PER_SECOND)
    const asked = { patientId: account.patientId }
    expect(await askLog(clinic, clinic.ids.audit, phone.principal, 'chainHead', asked)).not.toBe('refused')
    const read = done(await clientFor('phone of later').log({ patient: toHex(account.patientId) }))
    expect(read.verification).toMatchObject(VERIFIED)
    await unlinkFrom(clinic, of.principal, phone.principal)
    await clinic.advance(NS_PER_SECOND)
    expect(await askLog(clinic, clinic.ids.audit, phone.principal, 'chainHead', asked)).toBe('refused')
  })
})

describe('with the second away', () => {
  const derives = async (patient: Patient) =>
    kindOf(await clinic.call(patient.principal, 'consent', 'deriveKey', deriveArg(patient.owned)))

  test('its patients open nothing, all others go on, and nothing is lost, across an upgrade of everything', async () => {
    const [one, two] = [inOrder(early), inOrder(later)]
    await clinic.operator.stop(SHARD)
    expect([await derives(one), await derives(two)]).toEqual(['Ok', 'LogUnavailable'])
    expect(
      kindOf(await clinic.call(clinic.person('new').principal, 'consent', 'enrol', { requestId: freshId() })),
    ).toBe('LogUnavailable')
    // Ending access never waits for the log.
    const reach = await shared(clinic, two, hospital.principal)
    if (reach.grantId === null) throw new Error('a share has an id')
    await clinic.ok(two.principal, 'consent', 'revoke', { grantId: reach.grantId, requestId: freshId() })
    const own = done(await clientFor('doctor').log('actor'))
    expect(own.verification.kind).toBe('cannotTell')
    expect(own.items.every(({ shard }) => shard === 0)).toBe(true)
    for (const name of ['audit', 'consent', 'records'] as const) await clinic.upgrade(name)
    expect([await derives(one), await derives(two)]).toEqual(['Ok', 'LogUnavailable'])
    await clinic.operator.start(SHARD)
    await clinic.advance(NS_PER_HOUR)
    expect([await derives(one), await derives(two)]).toEqual(['Ok', 'Ok'])
    const read = await logOf('later')
    expect(read.verification).toMatchObject(VERIFIED)
    expect(events(read).filter((event) => event === 'keyFailed')).toHaveLength(2)
    expect(events(read).filter((event) => event === 'revoke')).toHaveLength(1)
    expect(
      kindOf(await clinic.call(clinic.person('new').principal, 'consent', 'enrol', { requestId: freshId() })),
    ).toBe('Ok')
  })
})

describe('evidence of the second', () => {
  let folder: string
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'medguard-shards-'))
  })
  afterAll(() => rmSync(folder, { recursive: true, force: true }))
  const verify = async (file: string, networkFile: string): Promise<{ code: number; out: string }> => {
    const spy = vi.spyOn(process.stdout, 'write').mockReturnValue(true)
    try {
      const args = ['--state', join(folder, 'court'), '--network', join(folder, networkFile), 'verify', file]
      return { code: await main(args), out: spy.mock.calls.map(([text]) => String(text)).join('') }
    } finally {
      spy.mockRestore()
    }
  }
  const save = (name: string, logShards: readonly string[]) => {
    const { url, rootKey, canisters } = network
    const file = { url, rootKey: toHex(rootKey), canisters: { ...canisters, logShards }, keyName: 'key_1' }
    writeFileSync(join(folder, name), JSON.stringify(file))
  }

  test('is believed by who has its canister pinned, of a patient and of an organisation, and by nobody else', async () => {
    save('both.json', [SHARD.toText()])
    save('first.json', [])
    const made = {
      patient: done(await clientFor('later').logEvidence()),
      first: done(await clientFor('early').logEvidence()),
      organisation: done(
        await clientFor(hospital.admin.name).logEvidence({
          of: { organisation: toHex(hospital.orgId) },
          shard: SECOND,
        }),
      ),
    }
    const whole = { patient: /whole history of patient \w+,/, first: /whole history of patient \w+,/ }
    const part = /whole history of organisation \w+ in this part of the log,.* nothing of the other parts/
    for (const [name, { file, isComplete, isOfPart, items }] of Object.entries(made)) {
      writeFileSync(join(folder, name), file)
      expect([isComplete, isOfPart]).toEqual([true, name === 'organisation'])
      expect(items.every(({ shard }) => shard === (name === 'first' ? 0 : SECOND))).toBe(true)
      const out: unknown = expect.stringMatching({ ...whole, organisation: part }[name] ?? /^$/)
      expect(await verify(join(folder, name), 'both.json')).toMatchObject({ code: 0, out })
    }
    expect(readFileSync(join(folder, 'patient'), 'utf8')).not.toBe('')
    expect(await verify(join(folder, 'first'), 'first.json')).toMatchObject({ code: 0 })
    expect(await verify(join(folder, 'patient'), 'first.json')).not.toMatchObject({ code: 0 })
  })
})
