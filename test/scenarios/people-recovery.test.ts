import { NS_PER_DAY, NS_PER_HOUR, type Principal, RECOVERY_WAIT_NS } from '@medguard/protocol'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Clinic, freshId, kindOf, openClinic } from './clinic.ts'
import { BOTH, labsOf, linkTo, mayRead, NOTHING, READS } from './people.fixture.ts'
import { keysFor } from './sealed-record.ts'
import { enrol } from './ward.ts'

// Who lost every sign-in gets back to their records, slowly and loudly; nobody else does (keys.md 13.3).

let clinic: Clinic
beforeAll(async () => {
  clinic = await openClinic()
})
afterAll(() => clinic.close())

type Canister = (typeof BOTH)[number]
const principalOf = (name: string): Principal => clinic.person(name).principal
const inBoth = async <T>(work: (canister: Canister) => Promise<T>): Promise<T[]> => [
  await work('consent'),
  await work('records'),
]

/** A patient with a kit and three guardians of whom two have to agree, laid down a while ago. */
async function household(name: string) {
  const [patient, kit, lostAndFound] = [principalOf(name), principalOf(`${name} kit`), principalOf(`${name} new`)]
  const guardians = [1, 2, 3].map((n) => principalOf(`${name} guardian ${n}`))
  const account = await enrol(clinic, patient)
  for (const guardian of guardians) await enrol(clinic, guardian)
  const house = {
    account,
    patient,
    kit,
    newcomer: lostAndFound,
    guardians: guardians as [Principal, Principal, Principal],
    reach: labsOf(account),
    set: (
      canister: Canister,
      change: { kit?: Principal; guardians?: Principal[]; threshold?: number } = {},
      by = patient,
    ) => {
      const settings = {
        kit: [change.kit ?? kit] as [Principal],
        guardians: change.guardians ?? guardians,
        threshold: change.threshold ?? 2,
      }
      return clinic.call(by, canister, 'setRecovery', { patientId: [], settings, requestId: freshId() })
    },
    start: (canister: Canister, newPrincipal = lostAndFound, by = kit) =>
      clinic.call(by, canister, 'startRecovery', { newPrincipal, requestId: freshId() }),
    approve: (canister: Canister, by: Principal, newPrincipal = lostAndFound) =>
      clinic.call(by, canister, 'approveRecovery', { ward: patient, newPrincipal, requestId: freshId() }),
    veto: (canister: Canister, by = patient) =>
      clinic.call(by, canister, 'vetoRecovery', { patientId: [], requestId: freshId() }),
    complete: (canister: Canister, by = lostAndFound) =>
      clinic.call(by, canister, 'completeRecovery', { home: patient, requestId: freshId() }),
    people: (canister: Canister, by = patient) => clinic.ok(by, canister, 'people', { patientId: [] }),
  }
  for (const canister of BOTH) expect(kindOf(await house.set(canister))).toBe('Ok')
  return house
}
const settle = () => clinic.advance(RECOVERY_WAIT_NS)

describe('by the kit', () => {
  test('a recovery waits three days, then takes every other sign-in’s place in both canisters', async () => {
    const { patient, newcomer, kit, reach, start, complete, people } = await household('uma')
    const phone = principalOf('uma phone')
    await linkTo(clinic, patient, phone)
    await keysFor(clinic, phone, reach)
    const before = await clinic.ok(patient, 'consent', 'changes', null)
    expect((await inBoth((canister) => start(canister))).map(kindOf)).toEqual(['Ok', 'Ok'])
    expect(await clinic.ok(patient, 'consent', 'changes', null)).not.toBe(before)
    const { waiting } = await people('records', phone)
    expect(waiting).toMatchObject([{ byKit: true, byGuardians: false }])
    expect(waiting[0]?.newPrincipal.toText()).toBe(newcomer.toText())
    await clinic.advance(71n * NS_PER_HOUR)
    for (const canister of BOTH) expect(kindOf(await complete(canister))).toBe('NotYet')
    expect(await mayRead(clinic, newcomer, reach)).toEqual(NOTHING)
    await clinic.advance(NS_PER_HOUR)
    expect(kindOf(await complete('consent'))).toBe('Ok')
    // One canister alone gives nothing: not to the new one, nor any longer to those that are out.
    expect((await mayRead(clinic, newcomer, reach)).records).toBe('NotPermitted')
    expect((await mayRead(clinic, phone, reach)).records).toBe('NotPermitted')
    expect(kindOf(await complete('records'))).toBe('Ok')
    expect((await inBoth((canister) => complete(canister))).map(kindOf)).toEqual(['Ok', 'Ok'])
    expect(await mayRead(clinic, newcomer, reach)).toEqual(READS)
    for (const gone of [patient, phone, kit]) expect(await mayRead(clinic, gone, reach)).toEqual(NOTHING)
    // Keys that a lost device may have had are of an epoch that is over, and who could bring the account back is to be said anew.
    const now = await clinic.ok(newcomer, 'consent', 'whoAmI', null)
    expect(now.account[0]?.compartments[1]?.currentEpoch).toBe(2)
    expect(await people('consent', newcomer)).toMatchObject({ recovery: [], waiting: [] })
    expect(
      kindOf(await clinic.call(kit, 'consent', 'startRecovery', { newPrincipal: kit, requestId: freshId() })),
    ).toBe('NotPermitted')
  })

  test('which can do nothing else, and only the one that is named', async () => {
    const { kit, patient, reach, start } = await household('vera')
    expect(await mayRead(clinic, kit, reach)).toEqual(NOTHING)
    for (const canister of BOTH) {
      expect(kindOf(await start(canister, principalOf('vera new'), principalOf('uma kit')))).toBe('NotPermitted')
      expect(kindOf(await start(canister, principalOf('vera new'), patient))).toBe('NotPermitted')
      expect(kindOf(await clinic.call(kit, canister, 'vetoRecovery', { patientId: [], requestId: freshId() }))).toBe(
        'NotPermitted',
      )
      expect(kindOf(await clinic.call(kit, canister, 'people', { patientId: [] }))).toBe('NotPermitted')
    }
  })

  test('that was stolen, the patient stops it; stopped in one canister it is stopped', async () => {
    const { newcomer, patient, reach, start, veto, complete } = await household('wanda')
    const thief = newcomer
    for (const canister of BOTH) await start(canister)
    expect(kindOf(await veto('records'))).toBe('Ok')
    await settle()
    // Consent did not hear of it, or says so.
    expect(kindOf(await complete('consent', thief))).toBe('Ok')
    expect(kindOf(await complete('records', thief))).toBe('NotPermitted')
    expect((await mayRead(clinic, thief, reach)).records).toBe('NotPermitted')
    expect(kindOf(await clinic.call(patient, 'records', 'people', { patientId: [] }))).toBe('Ok')
  })
})

describe('by guardians', () => {
  test('enough of them have to name the same principal', async () => {
    const { guardians, newcomer, reach, approve, complete } = await household('xena')
    const [first, second, third] = guardians
    const other = principalOf('xena other')
    for (const canister of BOTH) {
      expect(await approve(canister, first)).toMatchObject({ Ok: { approvals: 1, threshold: 2, readyNs: [] } })
      expect(await approve(canister, first)).toMatchObject({ Ok: { approvals: 1, readyNs: [] } })
      expect(await approve(canister, second, other)).toMatchObject({ Ok: { approvals: 1, readyNs: [] } })
      expect(kindOf(await complete(canister))).toBe('NotPermitted')
      expect(await approve(canister, third)).toMatchObject({ Ok: { approvals: 2, readyNs: [expect.anything()] } })
      expect(kindOf(await complete(canister, other))).toBe('NotPermitted')
    }
    await settle()
    for (const canister of BOTH) expect(kindOf(await complete(canister))).toBe('Ok')
    expect(await mayRead(clinic, newcomer, reach)).toEqual(READS)
  })

  test('a former partner among them gets nowhere: alone they are too few, and the patient stops two', async () => {
    const { patient, guardians, approve, veto, complete, people, reach, account } = await household('yara')
    const [partner, friend] = guardians
    const own = principalOf('yara partner second')
    for (const canister of BOTH) {
      expect(await approve(canister, partner, own)).toMatchObject({ Ok: { approvals: 1, readyNs: [] } })
      expect(await approve(canister, friend, own)).toMatchObject({ Ok: { approvals: 2 } })
      expect((await people(canister)).waiting).toHaveLength(1)
      expect(kindOf(await veto(canister))).toBe('Ok')
      // What they said is forgotten: they would have to agree again.
      expect(await approve(canister, partner, own)).toMatchObject({ Ok: { approvals: 1, readyNs: [] } })
      // Nobody but the patient stops or looks.
      expect(kindOf(await veto(canister, partner))).toBe('Ok') // of their own account, where nothing waits
      expect(kindOf(await clinic.call(partner, canister, 'people', { patientId: [account.patientId] }))).toBe(
        'NotPermitted',
      )
    }
    await settle()
    for (const canister of BOTH) expect(kindOf(await complete(canister, own))).toBe('NotPermitted')
    expect(await mayRead(clinic, patient, reach)).toEqual(READS)
  })

  test('strangers cannot even ask', async () => {
    const { approve, people } = await household('zoe')
    const stranger = principalOf('zoe stranger')
    const withAccount = principalOf('xena guardian 1')
    for (const canister of BOTH) {
      expect(kindOf(await approve(canister, stranger))).toBe('NotPermitted')
      expect(kindOf(await approve(canister, withAccount))).toBe('NotPermitted')
      expect((await people(canister)).waiting).toEqual([])
    }
  })
})

describe('by kit and guardians', () => {
  test('it waits twelve hours, but never less than three days after they were named', async () => {
    const { guardians, start, approve, complete } = await household('abby')
    for (const canister of BOTH) {
      await start(canister)
      await approve(canister, guardians[0])
      await approve(canister, guardians[1])
    }
    await clinic.advance(12n * NS_PER_HOUR)
    for (const canister of BOTH) expect(kindOf(await complete(canister))).toBe('NotYet')

    const settled = await household('bella')
    await settle()
    for (const canister of BOTH) {
      await settled.start(canister)
      await settled.approve(canister, settled.guardians[0])
      await settled.approve(canister, settled.guardians[1])
      expect(kindOf(await settled.complete(canister))).toBe('NotYet')
    }
    await clinic.advance(12n * NS_PER_HOUR)
    for (const canister of BOTH) expect(kindOf(await settled.complete(canister))).toBe('Ok')
  })
})

describe('a stolen session', () => {
  test('puts nobody of its own in the place of kit and guardians before three days, and stops no recovery by it', async () => {
    const { patient, newcomer, reach, set, start, complete } = await household('carla')
    const [ownKit, thief] = [principalOf('carla thief kit'), principalOf('carla thief')]
    for (const canister of BOTH) {
      expect(kindOf(await set(canister, { kit: ownKit, guardians: [thief], threshold: 1 }))).toBe('Ok')
      expect(kindOf(await start(canister, thief, ownKit))).toBe('NotPermitted')
      // The owner's kit still counts, and what waits goes on though settings change.
      expect(kindOf(await start(canister))).toBe('Ok')
      expect(kindOf(await set(canister, { kit: principalOf('carla other kit') }))).toBe('Ok')
    }
    await settle()
    for (const canister of BOTH) expect(kindOf(await complete(canister))).toBe('Ok')
    expect(await mayRead(clinic, newcomer, reach)).toEqual(READS)
    expect(await mayRead(clinic, patient, reach)).toEqual(NOTHING)
    // Nothing that the thief laid down is left.
    for (const canister of BOTH) expect(kindOf(await start(canister, thief, ownKit))).toBe('NotPermitted')
    for (const canister of BOTH) expect(kindOf(await set(canister, {}, newcomer))).toBe('Ok')
  })

  test('links a principal that cannot say who recovers the account', async () => {
    const { patient, set } = await household('dora')
    const thief = principalOf('dora thief')
    await linkTo(clinic, patient, thief)
    for (const canister of BOTH) expect(kindOf(await set(canister, { kit: thief }, thief))).toBe('NotYet')
  })
})

test('a recovery that nobody completes in a week is over', async () => {
  const { start, complete, people } = await household('ella')
  for (const canister of BOTH) await start(canister)
  await clinic.advance(RECOVERY_WAIT_NS + 7n * NS_PER_DAY)
  for (const canister of BOTH) {
    expect(kindOf(await complete(canister))).toBe('NotPermitted')
    expect((await people(canister)).waiting).toEqual([])
  }
})

test('every step is in the patient’s log', async () => {
  const { items, verification } = await clinic
    .person('yara')
    .client.log('patient')
    .then((log) => (log.kind === 'done' ? log.value : Promise.reject(new Error(log.refusal.kind))))
  expect(verification).toMatchObject({ kind: 'verified' })
  const events = items.map(({ event }) => event).filter((event) => event.startsWith('recovery'))
  expect(events).toEqual([
    'recoveryChanged',
    'recoveryApproved',
    'recoveryApproved',
    'recoveryStarted',
    'recoveryVetoed',
    'recoveryApproved',
  ])
})
