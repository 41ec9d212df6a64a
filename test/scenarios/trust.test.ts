import { CHANGES_PER_HOUR, NS_PER_MINUTE, PLAIN_TERMS, purposeCode, RIGHT, ROLE, toHex } from '@medguard/protocol'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Clinic, freshId, kindOf } from './clinic.ts'
import { placeOf } from './sealed-record.ts'
import {
  accept,
  all,
  ALL_OK,
  decree,
  employed,
  HOLDERS,
  inBoth,
  openCouncilClinic,
  patientWith,
  registered,
  setMember,
  shared,
  termsFor,
  tries,
  verified,
  verifyAct,
} from './trust.fixture.ts'
import { enrol } from './ward.ts'

// A12, D04, B06, I1, I4: whom records can be shared with for care, and who stands behind them.

let clinic: Clinic
beforeAll(async () => {
  clinic = await openCouncilClinic()
})
afterAll(() => clinic.close())

const remove = (by: string, orgId: Uint8Array, who: { toText(): string }) =>
  inBoth(clinic, clinic.person(by).principal, 'removeMember', {
    orgId,
    principal: who as never,
    requestId: freshId(),
  })

describe('a share with an organisation', () => {
  test('reaches the members who treat people, by their own names, and nobody else', async () => {
    const hospital = await verified(clinic, 'Reach')
    const patient = await patientWith(clinic, 'patient of Reach')
    const doctor = await employed(clinic, hospital, 'doctor of Reach')
    const clerk = await employed(clinic, hospital, 'clerk of Reach', { roles: ROLE.clerk })
    const invited = clinic.person('invited to Reach').principal
    await enrol(clinic, invited)
    await setMember(clinic, hospital, invited)
    const elsewhere = await employed(clinic, await verified(clinic, 'Elsewhere'), 'doctor elsewhere')
    const reach = await shared(clinic, patient, hospital.principal)

    expect(await tries(clinic, doctor, reach, patient.recordId)).toEqual(ALL_OK)
    for (const who of [clerk, invited, elsewhere, hospital.admin.principal, clinic.controller])
      expect(await tries(clinic, who, reach, patient.recordId), who.toText()).toEqual(all('NotPermitted'))
    await accept(clinic, hospital, invited)
    expect(await tries(clinic, invited, reach, patient.recordId)).toEqual(ALL_OK)
  })

  test('reaches the roles it names, and none of those it excludes, whatever their roles', async () => {
    const hospital = await verified(clinic, 'Roles')
    const patient = await patientWith(clinic, 'patient of Roles')
    const doctor = await employed(clinic, hospital, 'doctor of Roles')
    const nurse = await employed(clinic, hospital, 'nurse of Roles', { roles: ROLE.nurse })
    const excluded = await employed(clinic, hospital, 'excluded of Roles', { roles: ROLE.nurse | ROLE.physician })
    const terms = { ...PLAIN_TERMS, roles: ROLE.nurse | ROLE.clerk, excluded: [excluded] }
    const reach = await shared(clinic, patient, hospital.principal, { terms: [terms] })
    expect(await tries(clinic, nurse, reach, patient.recordId)).toEqual(ALL_OK)
    for (const who of [doctor, excluded])
      expect(await tries(clinic, who, reach, patient.recordId)).toEqual(all('NotPermitted'))
  })

  test.each(['consent', 'records'] as const)(
    'ends in that very message when the organisation is suspended in %s alone',
    async (canister) => {
      const hospital = await verified(clinic, `Suspended in ${canister}`)
      const patient = await patientWith(clinic, `patient of suspended ${canister}`)
      const doctor = await employed(clinic, hospital, `doctor of suspended ${canister}`)
      const ofOrg = await shared(clinic, patient, hospital.principal)
      const inPerson = await shared(clinic, patient, doctor)
      for (const reach of [ofOrg, inPerson])
        expect(await tries(clinic, doctor, reach, patient.recordId)).toEqual(ALL_OK)

      await decree(clinic, { kind: 'suspend', orgId: hospital.orgId }, [canister])
      const answers =
        canister === 'consent'
          ? ['Unverified', 'Unverified', 'Unverified', 'Ok']
          : ['Ok', 'Unverified', 'Unverified', 'Unverified']
      for (const reach of [ofOrg, inPerson])
        expect(await tries(clinic, doctor, reach, patient.recordId)).toEqual(answers)

      await decree(clinic, { kind: 'reinstate', orgId: hospital.orgId }, [canister])
      for (const reach of [ofOrg, inPerson])
        expect((await tries(clinic, doctor, reach, patient.recordId)).slice(1)).toEqual(['Ok', 'Ok', 'Ok'])
    },
  )

  test('shuts a member out who is suspended, removed or over, in either canister, and their key with them', async () => {
    const hospital = await verified(clinic, 'Leavers')
    const patient = await patientWith(clinic, 'patient of Leavers')
    const suspended = await employed(clinic, hospital, 'suspended of Leavers')
    const removed = await employed(clinic, hospital, 'removed of Leavers')
    const over = await employed(clinic, hospital, 'over of Leavers', { forNs: NS_PER_MINUTE })
    const reach = await shared(clinic, patient, hospital.principal)
    for (const who of [suspended, removed, over])
      expect(await tries(clinic, who, reach, patient.recordId)).toEqual(ALL_OK)
    const epochs = async () => {
      const { account } = await clinic.ok(patient.principal, 'consent', 'whoAmI', null)
      return account[0]?.compartments.find(({ cid }) => toHex(cid) === toHex(patient.owned.compartment.cid))
    }
    const writes = {
      ...placeOf(patient.owned),
      caller: patient.principal,
      requestId: freshId(),
      authorKeyId: [] as [],
      deviceId: [] as [],
    }
    const sweep = () => clinic.call(clinic.ids.records, 'consent', 'authoriseWrite', { ...writes, epoch: 1 })

    const gone = { orgId: hospital.orgId, requestId: freshId() }
    await clinic.ok(hospital.admin.principal, 'consent', 'suspendMember', { ...gone, principal: suspended })
    await clinic.ok(hospital.admin.principal, 'records', 'removeMember', { ...gone, principal: removed })
    await clinic.advance(2n * NS_PER_MINUTE)
    expect((await tries(clinic, suspended, reach, patient.recordId)).slice(0, 3)).toEqual(all('NotPermitted').slice(1))
    expect((await tries(clinic, removed, reach, patient.recordId)).slice(1)).toEqual(all('NotPermitted').slice(1))
    expect(await tries(clinic, over, reach, patient.recordId)).toEqual(all('NotPermitted'))
    expect((await epochs())?.currentEpoch).toBe(1)
    expect(kindOf(await sweep())).toBe('StaleEpoch')
    expect((await epochs())?.currentEpoch).toBe(2)
  })

  test('is in the log by the name of who came, with the organisation they came through', async () => {
    const hospital = await verified(clinic, 'Logged')
    const patient = await patientWith(clinic, 'patient of Logged')
    const doctor = await employed(clinic, hospital, 'doctor of Logged')
    const reach = await shared(clinic, patient, hospital.principal)
    expect(await tries(clinic, doctor, reach, patient.recordId)).toEqual(ALL_OK)
    const { entries } = await clinic.ok(patient.principal, 'audit', 'leaves', {
      of: { patient: patient.account.patientId },
      fromSeq: 0n,
      count: 50,
    })
    const text = doctor.toUint8Array().join()
    const through = entries.filter(({ leaf }) => {
      const bytes = new Uint8Array(leaf)
      return bytes
        .slice(97, 97 + 29)
        .join()
        .startsWith(text)
    })
    expect(through.length).toBeGreaterThanOrEqual(3)
    for (const { leaf, detail } of through) {
      expect(new Uint8Array(leaf)[21]).toBe(1)
      expect(toHex(new Uint8Array(detail))).toContain(toHex(hospital.orgId))
    }
  })

  test('lists whom it reaches, for the patient while it lasts', async () => {
    const hospital = await verified(clinic, 'Listed')
    const patient = await patientWith(clinic, 'patient of Listed')
    const doctor = await employed(clinic, hospital, 'doctor of Listed')
    const { grantId } = await shared(clinic, patient, hospital.principal)
    const page = {
      orgId: hospital.orgId,
      grantId: grantId === null ? ([] as []) : ([grantId] as [Uint8Array]),
      from: 0,
      count: 50,
    }
    for (const canister of HOLDERS) {
      const { members } = await clinic.ok(patient.principal, canister, 'members', page)
      expect(members.map(({ principal }) => principal.toText())).toEqual([hospital.admin.principal, doctor].map(String))
      expect(kindOf(await clinic.call(patient.principal, canister, 'members', { ...page, grantId: [] }))).toBe(
        'NotPermitted',
      )
      expect(kindOf(await clinic.call(doctor, canister, 'members', page))).toBe('NotPermitted')
    }
    for (const canister of HOLDERS)
      await clinic.ok(patient.principal, canister, 'revoke', {
        grantId: grantId ?? freshId(),
        patientId: [],
        requestId: freshId(),
      } as never)
    expect(kindOf(await clinic.call(patient.principal, 'consent', 'members', page))).toBe('NotPermitted')
  })
})

describe('a share with a person', () => {
  test('for care needs an organisation that vouches for them; the patient’s own purposes and family do not', async () => {
    const patient = await patientWith(clinic, 'patient of persons')
    const stranger = clinic.person('unverified person').principal
    await enrol(clinic, stranger)
    const clerk = await employed(clinic, await verified(clinic, 'Clerks'), 'clerk', {
      roles: ROLE.clerk | ROLE.administrator,
    })
    for (const canister of HOLDERS)
      for (const who of [stranger, clerk])
        for (const [purpose, answer] of [
          ['TREAT', 'Unverified'],
          ['ETREAT', 'Unverified'],
          ['HRESCH', 'Unverified'],
          ['HPAYMT', 'Unverified'],
          ['COVERAGE', 'Unverified'],
          ['PATRQT', 'Ok'],
          ['FAMRQT', 'Ok'],
        ] as const) {
          const arg = await termsFor(clinic, patient, who, { purpose: purposeCode(purpose) })
          expect(kindOf(await clinic.call(patient.principal, canister, 'grant', arg)), purpose).toBe(answer)
        }
  })

  test('lets an interface engine write and never read', async () => {
    const hospital = await verified(clinic, 'Engines')
    const patient = await patientWith(clinic, 'patient of engines')
    const engine = await employed(clinic, hospital, 'engine', { roles: ROLE.system })
    const write = await termsFor(clinic, patient, engine, { rights: RIGHT.write })
    const read = await termsFor(clinic, patient, engine, { rights: RIGHT.write | RIGHT.list })
    expect(kindOf(await clinic.call(patient.principal, 'consent', 'grant', write))).toBe('Ok')
    expect(kindOf(await clinic.call(patient.principal, 'consent', 'grant', read))).toBe('Unverified')
  })

  test('rests while nobody vouches for them, and goes on when somebody does again', async () => {
    const hospital = await verified(clinic, 'Rest')
    const patient = await patientWith(clinic, 'patient of Rest')
    const doctor = await employed(clinic, hospital, 'doctor of Rest')
    const reach = await shared(clinic, patient, doctor)
    expect(await tries(clinic, doctor, reach, patient.recordId)).toEqual(ALL_OK)
    expect(await remove('admin of Rest', hospital.orgId, doctor)).toEqual(['Ok', 'Ok'])
    expect(await tries(clinic, doctor, reach, patient.recordId)).toEqual(all('Unverified'))
    await setMember(clinic, hospital, doctor)
    expect(await tries(clinic, doctor, reach, patient.recordId)).toEqual(all('Unverified'))
    await accept(clinic, hospital, doctor)
    expect((await tries(clinic, doctor, reach, patient.recordId)).slice(1)).toEqual(['Ok', 'Ok', 'Ok'])
  })
})

describe('whom a patient hears of who lets in verified people alone', () => {
  test('is them and whom the patient shared with before, whatever for', async () => {
    const hospital = await verified(clinic, 'Heard')
    const doctor = await employed(clinic, hospital, 'doctor of Heard')
    const patient = await patientWith(clinic, 'patient of Heard')
    const [stranger, relative] = [clinic.person('stranger of Heard'), clinic.person('relative of Heard')]
    for (const { principal } of [stranger, relative]) await enrol(clinic, principal)
    const received = async () => {
      const page = { patientId: [] as [], from: 0, count: 50 }
      return (await clinic.ok(patient.principal, 'consent', 'requestsReceived', page)).total
    }
    const ask = async (as: typeof doctor) => {
      const nowNs = await clinic.nowNs()
      const wanted = { categories: 2, rights: RIGHT.list, purpose: purposeCode('FAMRQT'), periodNs: NS_PER_MINUTE }
      const times = { expiresNs: nowNs + NS_PER_MINUTE }
      const arg = { askId: freshId(), patient: patient.principal, forOrg: [] as [], requestId: freshId() }
      await clinic.ok(as, 'consent', 'requestAccess', { ...arg, ...wanted, ...times })
      return received()
    }
    expect([await ask(stranger.principal), await ask(relative.principal)]).toEqual([0, 0])
    expect(await ask(doctor)).toBe(1)
    await shared(clinic, patient, relative.principal, { purpose: purposeCode('FAMRQT') })
    expect([await ask(relative.principal), await ask(stranger.principal)]).toEqual([2, 2])
  })
})

describe('an invitation to work somewhere', () => {
  const namesOf = async (who: { toText(): string }, canister: 'consent' | 'records') =>
    (await clinic.ok(who as never, canister, 'memberships', null)).map(({ organisation, member }) => [
      organisation.name,
      Object.keys(member.status)[0],
    ])

  test('is seen by who is invited, and by nobody else, until it is accepted or taken back', async () => {
    const [kept, taken] = [await verified(clinic, 'Waits'), await registered(clinic, 'Waits unverified')]
    const invited = clinic.person('invited to Waits').principal
    for (const hospital of [kept, taken]) await setMember(clinic, hospital, invited)
    for (const canister of HOLDERS) {
      expect(await namesOf(invited, canister), 'before they have an account').toEqual([
        ['Waits', 'invited'],
        ['Waits unverified', 'invited'],
      ])
      expect(await namesOf(clinic.person('stranger to Waits').principal, canister)).toEqual([])
      expect(await clinic.ok(kept.admin.principal, canister, 'practitioner', { principal: invited })).toEqual([])
    }
    await enrol(clinic, invited)
    await accept(clinic, kept, invited)
    await remove('admin of Waits unverified', taken.orgId, invited)
    for (const canister of HOLDERS) expect(await namesOf(invited, canister)).toEqual([['Waits', 'active']])
    await remove('admin of Waits', kept.orgId, invited)
    await setMember(clinic, kept, invited)
    for (const canister of HOLDERS) expect(await namesOf(invited, canister)).toEqual([['Waits', 'invited']])
  })
})

describe('being verified', () => {
  test('gives an organisation changes of its own, so that it can take on many people in one hour', async () => {
    const hospital = await verified(clinic, 'Many')
    const { principal } = clinic.person('one of many')
    const set = async (roles: number) => setMember(clinic, hospital, principal, { roles, holders: ['consent'] })
    for (let i = 0; i <= CHANGES_PER_HOUR; i++) expect(await set(i % 2 === 0 ? ROLE.nurse : ROLE.clerk)).toEqual(['Ok'])
  })

  test('ends by itself, at that very time', async () => {
    const hospital = await registered(clinic, 'Short')
    const untilNs = (await clinic.nowNs()) + 10n * NS_PER_MINUTE
    await decree(clinic, verifyAct(hospital, untilNs))
    const patient = await patientWith(clinic, 'patient of Short')
    const doctor = await employed(clinic, hospital, 'doctor of Short')
    const reach = await shared(clinic, patient, hospital.principal)
    await clinic.advance(untilNs - (await clinic.nowNs()) - NS_PER_MINUTE)
    expect(await tries(clinic, doctor, reach, patient.recordId)).toEqual(ALL_OK)
    await clinic.advance(2n * NS_PER_MINUTE)
    expect(await tries(clinic, doctor, reach, patient.recordId)).toEqual(all('Unverified'))
    const arg = await termsFor(clinic, patient, hospital.principal)
    for (const canister of HOLDERS)
      expect(kindOf(await clinic.call(patient.principal, canister, 'grant', arg))).toBe('Unverified')
  })

  test('is told of one person to whoever has their code: by whom, as what and until when', async () => {
    const hospital = await verified(clinic, 'Known')
    const doctor = await employed(clinic, hospital, 'doctor of Known', { roles: ROLE.physician | ROLE.nurse })
    const asking = clinic.person('somebody who asks').principal
    for (const canister of HOLDERS) {
      const [found, ...others] = await clinic.ok(asking, canister, 'practitioner', { principal: doctor })
      expect(others).toEqual([])
      expect(found).toMatchObject({
        organisation: { name: 'Known', isInForce: true, isSuspended: false },
        member: { roles: 3, status: { active: null } },
      })
      expect(found?.member.setBy.toText()).toBe(hospital.admin.principal.toText())
      const admin = hospital.admin.principal
      expect((await clinic.ok(asking, canister, 'practitioner', { principal: admin }))[0]?.member.roles).toBe(128)
    }
    await decree(clinic, { kind: 'suspend', orgId: hospital.orgId })
    for (const canister of HOLDERS)
      expect(await clinic.ok(asking, canister, 'practitioner', { principal: doctor })).toEqual([])
  })
})
