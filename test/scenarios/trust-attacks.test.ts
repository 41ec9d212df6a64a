import {
  encodeAct,
  encodeValue,
  type Infer,
  NO_END_NS,
  NS_PER_DAY,
  opt,
  ORGS_REGISTERED_MAX,
  Principal,
  RecordsConfiguration,
  ROLE,
  toHex,
} from '@medguard/protocol'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Clinic, freshId, kindOf } from './clinic.ts'
import {
  all,
  ALL_OK,
  COUNCIL,
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
  vote,
} from './trust.fixture.ts'
import { utf8 } from './trust-table.ts'
import { enrol } from './ward.ts'

// D08, E15: what those try who are not content with what they are.

let clinic: Clinic
beforeAll(async () => {
  clinic = await openCouncilClinic()
})
afterAll(() => clinic.close())

const BOTH_REFUSE = ['NotPermitted', 'NotPermitted']
const until = async (days = 30n) => (await clinic.nowNs()) + days * NS_PER_DAY
const organisationIn = async (canister: 'consent' | 'records', orgId: Uint8Array) =>
  (await clinic.ok(clinic.person('anybody').principal, canister, 'organisation', { orgId })).organisation

const recordsArgument = (configuration: Infer<typeof RecordsConfiguration>) =>
  encodeValue(opt(RecordsConfiguration), [configuration])

describe('an administrator', () => {
  test('of one organisation is nobody in another', async () => {
    const [own, other] = [await verified(clinic, 'Own'), await verified(clinic, 'Other')]
    const doctor = await employed(clinic, other, 'doctor of Other')
    const as = own.admin.principal
    const about = { orgId: other.orgId, principal: doctor, requestId: freshId() }
    const terms = { roles: ROLE.administrator, validUntilNs: NO_END_NS }
    expect(await inBoth(clinic, as, 'setMember', { ...about, ...terms })).toEqual(BOTH_REFUSE)
    expect(await inBoth(clinic, as, 'setMember', { ...about, ...terms, principal: as })).toEqual(BOTH_REFUSE)
    expect(await inBoth(clinic, as, 'suspendMember', about)).toEqual(BOTH_REFUSE)
    expect(await inBoth(clinic, as, 'removeMember', about)).toEqual(BOTH_REFUSE)
    expect(await inBoth(clinic, as, 'acceptMembership', { orgId: other.orgId, requestId: freshId() })).toEqual(
      BOTH_REFUSE,
    )
    const page = { orgId: other.orgId, grantId: [] as [], from: 0, count: 50 }
    expect(await inBoth(clinic, as, 'members', page)).toEqual(BOTH_REFUSE)
  })

  test('changes nothing about themselves but to leave, also where there are others, and never as the last one', async () => {
    const hospital = await verified(clinic, 'Selves')
    const first = hospital.admin.principal
    const second = await employed(clinic, hospital, 'second of Selves', {
      roles: ROLE.administrator | ROLE.nurse,
      forNs: 30n * NS_PER_DAY,
    })
    for (const as of [first, second]) {
      const own = { orgId: hospital.orgId, principal: as, requestId: freshId() }
      const promoted = { ...own, roles: ROLE.administrator | ROLE.physician, validUntilNs: await until(60n) }
      expect(await inBoth(clinic, as, 'setMember', promoted)).toEqual(['BadInput', 'BadInput'])
      expect(await inBoth(clinic, as, 'suspendMember', own)).toEqual(['BadInput', 'BadInput'])
    }
    // The second one's time ends: the first cannot leave, be demoted or suspended while they are the only one to count on.
    const ofFirst = { orgId: hospital.orgId, principal: first, requestId: freshId() }
    const demoted = { ...ofFirst, roles: ROLE.clerk, validUntilNs: await until() }
    expect(await inBoth(clinic, first, 'removeMember', ofFirst)).toEqual(['BadInput', 'BadInput'])
    expect(await inBoth(clinic, second, 'setMember', demoted)).toEqual(['BadInput', 'BadInput'])
    expect(await inBoth(clinic, second, 'suspendMember', ofFirst)).toEqual(['BadInput', 'BadInput'])
    const ofSecond = { orgId: hospital.orgId, principal: second, requestId: freshId() }
    expect(await inBoth(clinic, second, 'removeMember', ofSecond)).toEqual(['Ok', 'Ok'])
    expect(await inBoth(clinic, second, 'setMember', demoted)).toEqual(BOTH_REFUSE)
  })

  test('sees no record for being one, makes no grant, and brings nobody in who did not accept', async () => {
    const hospital = await verified(clinic, 'Powers')
    const patient = await patientWith(clinic, 'patient of Powers')
    const reach = await shared(clinic, patient, hospital.principal)
    const dragged = clinic.person('dragged in').principal
    await enrol(clinic, dragged)
    await setMember(clinic, hospital, dragged)
    expect(await tries(clinic, hospital.admin.principal, reach, patient.recordId)).toEqual(all('NotPermitted'))
    expect(await tries(clinic, dragged, reach, patient.recordId)).toEqual(all('NotPermitted'))
    for (const canister of HOLDERS) {
      const arg = {
        ...(await termsFor(clinic, patient, dragged)),
        patientId: [patient.account.patientId] as [Uint8Array],
      }
      expect(kindOf(await clinic.call(hospital.admin.principal, canister, 'grant', arg))).toBe('NotPermitted')
      expect(await clinic.ok(dragged, canister, 'memberships', null)).toMatchObject([
        { member: { status: { invited: null } } },
      ])
    }
  })

  test('of an organisation that is suspended takes away and gives nothing', async () => {
    const hospital = await verified(clinic, 'Halted')
    const doctor = await employed(clinic, hospital, 'doctor of Halted')
    await decree(clinic, { kind: 'suspend', orgId: hospital.orgId })
    expect(await setMember(clinic, hospital, clinic.person('late of Halted').principal)).toEqual([
      'Unverified',
      'Unverified',
    ])
    const about = { orgId: hospital.orgId, principal: doctor, requestId: freshId() }
    expect(await inBoth(clinic, hospital.admin.principal, 'suspendMember', about)).toEqual(['Ok', 'Ok'])
  })

  test('does not bring an organisation back, rename it, or take the id of another', async () => {
    const hospital = await verified(clinic, 'Renamed')
    const again = { orgId: hospital.orgId, kind: 0, requestId: freshId() }
    const as = hospital.admin.principal
    expect(await inBoth(clinic, as, 'registerOrganisation', { ...again, name: 'Other name' })).toEqual([
      'IdConflict',
      'IdConflict',
    ])
    const thief = clinic.person('thief').principal
    await enrol(clinic, thief)
    expect(await inBoth(clinic, thief, 'registerOrganisation', { ...again, name: 'Renamed' })).toEqual([
      'IdConflict',
      'IdConflict',
    ])
    const act = encodeAct({ kind: 'reinstate', orgId: hospital.orgId }, utf8)
    expect(await inBoth(clinic, as, 'councilVote', { actId: freshId(), act, requestId: freshId() })).toEqual(
      BOTH_REFUSE,
    )
  })
})

describe('an organisation that nobody verified', () => {
  test('is nobody: no share reaches it or its members', async () => {
    const quacks = await registered(clinic, 'Quacks')
    const quack = await employed(clinic, quacks, 'quack')
    const patient = await patientWith(clinic, 'patient of quacks')
    for (const canister of HOLDERS)
      for (const to of [quacks.principal, quack])
        expect(
          kindOf(await clinic.call(patient.principal, canister, 'grant', await termsFor(clinic, patient, to))),
        ).toBe('Unverified')
    expect(await clinic.ok(patient.principal, 'consent', 'practitioner', { principal: quack })).toEqual([])
    const { organisations } = await clinic.ok(patient.principal, 'consent', 'organisations', { from: 0, count: 50 })
    expect(organisations.map(({ name }) => name)).not.toContain('Quacks')
  })

  test('is verified in neither where the canisters were told different things of it', async () => {
    const [honest, forger] = [await registered(clinic, 'Twofold', ['consent']), clinic.person('forger').principal]
    await enrol(clinic, forger)
    const arg = { orgId: honest.orgId, name: 'Twofold', kind: 0, requestId: freshId() }
    await clinic.ok(forger, 'records', 'registerOrganisation', arg)
    const actId = freshId()
    const act = verifyAct(honest, await until())
    expect(await vote(clinic, 'cora', actId, act)).toEqual(['Ok', 'BadInput'])
    expect(await vote(clinic, 'carl', actId, act)).toEqual(['Ok', 'BadInput'])
    const patient = await patientWith(clinic, 'patient of Twofold')
    const grant = await termsFor(clinic, patient, honest.principal)
    expect(kindOf(await clinic.call(patient.principal, 'consent', 'grant', grant))).toBe('Ok')
    expect(kindOf(await clinic.call(patient.principal, 'records', 'grant', grant))).toBe('Unverified')
  })

  test.each(['consent', 'records'] as const)('lets nobody in when %s alone was told that it is', async (canister) => {
    const hospital = await registered(clinic, `Half ${canister}`)
    await decree(clinic, verifyAct(hospital, await until()), [canister])
    const patient = await patientWith(clinic, `patient of half ${canister}`)
    const doctor = await employed(clinic, hospital, `doctor of half ${canister}`)
    for (const to of [hospital.principal, doctor]) {
      const grant = await termsFor(clinic, patient, to)
      const answers = []
      for (const each of HOLDERS) answers.push(kindOf(await clinic.call(patient.principal, each, 'grant', grant)))
      expect(answers).toEqual(canister === 'consent' ? ['Ok', 'Unverified'] : ['Unverified', 'Ok'])
      const reach = { ...patient.owned, grantId: grant.grantId }
      const got = await tries(clinic, doctor, reach, patient.recordId)
      expect(got.slice(1, 3)).not.toContain('Ok')
      if (canister === 'records') expect(got[0]).not.toBe('Ok')
    }
  })

  test('is registered at most eight times by one person', async () => {
    const { principal } = clinic.person('hoarder of names')
    await enrol(clinic, principal)
    const answers = []
    for (let i = 0; i <= ORGS_REGISTERED_MAX; i++) {
      const arg = { orgId: freshId(), name: `Name ${i}`, kind: 7, requestId: freshId() }
      answers.push(kindOf(await clinic.call(principal, 'consent', 'registerOrganisation', arg)))
    }
    expect(answers.slice(-2)).toEqual(['Ok', 'Full'])
  })

  test.each(['', ' Clinic', 'Cli\u202enic', 'Cli\u0000nic', 'Clinic\u200b', 'Cli  nic', 'x'.repeat(101), '\u{e0041}'])(
    'is not called %j',
    async (name) => {
      const arg = { orgId: freshId(), name, kind: 0, requestId: freshId() }
      const { principal } = (await registered(clinic, 'Namer')).admin
      expect(await inBoth(clinic, principal, 'registerOrganisation', arg)).toEqual(['BadInput', 'BadInput'])
    },
  )
})

describe('a council', () => {
  test('below its number does nothing, however often one of them votes, and the rest of the world counts for nothing', async () => {
    const hospital = await registered(clinic, 'Votes')
    const act = verifyAct(hospital, await until())
    const actId = freshId()
    for (let i = 0; i < 3; i++) expect(await vote(clinic, 'cora', actId, act)).toEqual(['Ok', 'Ok'])
    for (const who of [hospital.admin.principal, clinic.controller]) {
      const arg = { actId, act: encodeAct(act, utf8), requestId: freshId() }
      expect(await inBoth(clinic, who, 'councilVote', arg)).toEqual(BOTH_REFUSE)
    }
    for (const canister of HOLDERS) {
      expect((await organisationIn(canister, hospital.orgId)).isInForce).toBe(false)
      const [open] = (await clinic.ok(clinic.person('carl').principal, canister, 'councilActs', null)).filter(
        (each) => toHex(each.actId) === toHex(actId),
      )
      expect(open?.votes.map(String)).toEqual([clinic.person('cora').principal.toText()])
    }
    expect(await vote(clinic, 'carl', actId, act)).toEqual(['Ok', 'Ok'])
    for (const canister of HOLDERS) expect((await organisationIn(canister, hospital.orgId)).isInForce).toBe(true)
  })

  test('does under one id one thing, once: what was done does not come again with the same votes', async () => {
    const hospital = await verified(clinic, 'Once')
    const reinstate = { kind: 'reinstate', orgId: hospital.orgId } as const
    const actId = await decree(clinic, reinstate)
    await decree(clinic, { kind: 'suspend', orgId: hospital.orgId })
    for (const name of COUNCIL) expect(await vote(clinic, name, actId, reinstate)).toEqual(['Ok', 'Ok'])
    for (const canister of HOLDERS) expect((await organisationIn(canister, hospital.orgId)).isSuspended).toBe(true)
    const other = { kind: 'suspend', orgId: hospital.orgId } as const
    expect(await vote(clinic, 'cora', actId, other)).toEqual(['IdConflict', 'IdConflict'])
    const open = freshId()
    await vote(clinic, 'cora', open, reinstate)
    expect(await vote(clinic, 'carl', open, other)).toEqual(['IdConflict', 'IdConflict'])
  })

  test('does not decide what it began a week ago', async () => {
    const hospital = await verified(clinic, 'Late')
    const act = { kind: 'suspend', orgId: hospital.orgId } as const
    const actId = freshId()
    await vote(clinic, 'cora', actId, act)
    await clinic.advance(7n * NS_PER_DAY)
    expect(await vote(clinic, 'carl', actId, act)).toEqual(['Ok', 'Ok'])
    for (const canister of HOLDERS) expect((await organisationIn(canister, hospital.orgId)).isSuspended).toBe(false)
    await vote(clinic, 'cora', actId, act)
    for (const canister of HOLDERS) expect((await organisationIn(canister, hospital.orgId)).isSuspended).toBe(true)
  })

  test('has eight open acts of each member, and room again when they expire', async () => {
    const hospital = await verified(clinic, 'Flood')
    const act = { kind: 'suspend', orgId: hospital.orgId } as const
    const answers = []
    for (let i = 0; i < 9; i++) answers.push((await vote(clinic, 'cleo', freshId(), act)).join())
    expect(answers.slice(-2)).toEqual(['Ok,Ok', 'Full,Full'])
    expect(await vote(clinic, 'carl', freshId(), act)).toEqual(['Ok', 'Ok'])
    await clinic.advance(7n * NS_PER_DAY)
    expect(await vote(clinic, 'cleo', freshId(), act)).toEqual(['Ok', 'Ok'])
  })

  test('is changed by itself alone; who left it counts no more, and a controller cannot bring another one', async () => {
    const own = await openCouncilClinic()
    try {
      const hospital = await registered(own, 'Changed')
      const act = verifyAct(hospital, (await own.nowNs()) + NS_PER_DAY)
      const actId = freshId()
      await vote(own, 'cora', actId, act)
      const raw = (name: string) => own.person(name).principal.toUint8Array()
      const council = { members: ['carl', 'cleo', 'dora'].map(raw), threshold: 2 }
      await decree(own, { kind: 'changeCouncil', council })
      expect(await vote(own, 'cora', freshId(), act)).toEqual(BOTH_REFUSE)
      expect(await vote(own, 'dora', actId, act)).toEqual(['Ok', 'Ok'])
      const { organisation } = await own.ok(own.person('anybody').principal, 'consent', 'organisation', {
        orgId: hospital.orgId,
      })
      expect(organisation.isInForce).toBe(false)
      const { consent, audit } = own.ids
      const mine = [{ members: [own.controller], threshold: 1 }] as [{ members: Principal[]; threshold: number }]
      const configured = await own.call(own.controller, 'records', 'configure', {
        consent,
        audit,
        council: mine,
        logShards: [],
      })
      expect(kindOf(configured)).toBe('IdConflict')
      await own.upgrade('records', undefined, recordsArgument({ consent, audit, council: mine, logShards: [] }))
      const seen = await own.ok(own.controller, 'records', 'council', null)
      expect(seen.council[0]?.members.map(String)).toEqual(
        ['carl', 'cleo', 'dora'].map((name) => own.person(name).principal.toText()),
      )
    } finally {
      await own.close()
    }
  })

  test.each([
    ['of nobody', [], 0],
    ['that half of it can decide for', ['cora', 'carl'], 1],
    ['that can never agree', ['cora', 'carl'], 3],
    ['with somebody twice', ['cora', 'cora', 'carl'], 2],
  ] as const)('%s is none', async (_, names, threshold) => {
    const members = names.map((name) => clinic.person(name).principal.toUint8Array())
    const act = { kind: 'changeCouncil', council: { members, threshold } } as const
    expect(await vote(clinic, 'cora', freshId(), act)).toEqual(['BadInput', 'BadInput'])
  })

  test('leaves a line for each vote, and one for what came of it', async () => {
    const hospital = await registered(clinic, 'Lines')
    await decree(clinic, verifyAct(hospital, await until()))
    await clinic.advance(NS_PER_DAY)
    const own = await clinic.ok(clinic.person('carl').principal, 'audit', 'leaves', {
      of: { actor: null },
      fromSeq: 0n,
      count: 50,
    })
    const events = own.entries.map(({ leaf }) => new Uint8Array(leaf)[20])
    expect(events).toContain(0x68)
    expect(events).toContain(0x63)
  })
})

test('who is refused for not being a member spends what who asks for nothing spends, within a tenth', async () => {
  const hospital = await verified(clinic, 'Even')
  const patient = await patientWith(clinic, 'patient of Even')
  const outsider = await employed(clinic, await verified(clinic, 'Uneven'), 'outsider of Even')
  const reach = await shared(clinic, patient, hospital.principal)
  const cost = async (grantId: Uint8Array | null) => {
    const { parts } = await clinic.metered(() => tries(clinic, outsider, { ...reach, grantId }, patient.recordId))
    const at = (entry: string) =>
      parts.filter((part) => part.entry === entry).map(({ instructions }) => Number(instructions))
    return ['deriveKey', 'beginList', 'open', 'headers'].map((entry) => at(entry)[0] ?? 0)
  }
  await cost(reach.grantId)
  const [there, nowhere] = [await cost(reach.grantId), await cost(freshId())]
  for (const [i, one] of there.entries())
    expect(Math.abs(one - (nowhere[i] ?? 0)), String([there, nowhere])).toBeLessThanOrEqual(
      Math.min(one, nowhere[i] ?? 0) / 10,
    )
})

test('a decision under a grant to an organisation costs little more than under one to a person', async () => {
  const hospital = await verified(clinic, 'Costs')
  const patient = await patientWith(clinic, 'patient of Costs')
  const doctor = await employed(clinic, hospital, 'doctor of Costs')
  const costs = []
  for (const to of [doctor, hospital.principal]) {
    const reach = await shared(clinic, patient, to)
    expect(await tries(clinic, doctor, reach, patient.recordId)).toEqual(ALL_OK)
    const { parts } = await clinic.metered(() => tries(clinic, doctor, reach, patient.recordId))
    costs.push(Number(parts.find(({ entry }) => entry === 'headers')?.instructions ?? 0n))
  }
  const [inPerson = 0, ofOrg = 0] = costs
  expect(ofOrg, String(costs)).toBeLessThan(inPerson * 1.1)
  expect(inPerson, String(costs)).toBeLessThan(1_600_000)
})
