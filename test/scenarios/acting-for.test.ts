import { type MedGuardClient, newArchiveKey, type Outcome } from '@medguard/client'
import { NS_PER_DAY } from '@medguard/protocol'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Clinic, openClinic } from './clinic.ts'

// Whoever acts for a patient changes that patient's vault, and never their own by mistake.

let clinic: Clinic
let parent: MedGuardClient
let acting: MedGuardClient
beforeAll(async () => {
  clinic = await openClinic({ clock: 'real' })
  parent = clinic.person('parent').client
  done(await parent.enrol())
  done(await clinic.person('doctor').client.enrol())
  acting = parent.actingFor(done(await parent.enrolDependant()).patientId)
})
afterAll(() => clinic.close())

function done<T>(outcome: Outcome<T>): T {
  if (outcome.kind === 'refused') throw new Error(`refused: ${JSON.stringify(outcome.refusal)}`)
  return outcome.value
}
const report = { title: 'Count', fileName: null, mediaType: 'text/plain', clinicalDate: '2026-03-14' } as const
const bytes = new TextEncoder().encode('13.9')

/** All that is laid down or has happened in a vault. */
async function stateOf(client: MedGuardClient) {
  const log = done(await client.log('patient'))
  expect(log.verification.kind).toBe('verified')
  return {
    events: log.items.map(({ event }) => event),
    rules: done(await client.rules()),
    shares: done(await client.sharesGiven()),
    people: done(await client.people()),
    usage: done(await client.usage()),
    requests: done(await client.requests('received')),
  }
}

describe('a parent who acts for a child', () => {
  test('changes, asks about, exports and deletes in the child’s vault, and nothing in their own', async () => {
    const before = await stateOf(parent)
    const doctor = clinic.person('doctor')
    const record = done(await acting.add({ ...report, category: 'labs', bytes }))
    done(await acting.changeRules({ kind: 'sensitive', categories: ['vitals'] }))
    done(await acting.changeRules({ kind: 'block', whom: clinic.person('blocked').principal.toText() }))
    expect(done(await acting.changeRules({ kind: 'requestsFrom', who: 'verified' }))).toMatchObject({ isSettled: true })

    const { askId } = done(
      await doctor.client.requestAccess({
        patient: done(await parent.people()).wards[0]?.patient ?? '',
        categories: ['labs'],
        rights: ['list', 'open'],
        purpose: 'TREAT',
        periodNs: NS_PER_DAY,
        expiresNs: BigInt(Date.now()) * 1_000_000n + NS_PER_DAY,
      }),
    )
    expect(done(await acting.requests('received'))).toMatchObject([{ askId, state: 'pending' }])
    expect(done(await acting.myRules()).requests).toMatchObject([{ askId }])
    const share = done(await acting.approveRequest(askId))
    const readers = done(await acting.whoCanOpen({ ...record, category: 'labs' }))
    expect(readers.map(({ principal }) => principal)).toEqual(
      expect.arrayContaining([parent.principal, doctor.principal.toText()]),
    )
    const startNs = BigInt(Date.now()) * 1_000_000n
    const range = { categories: ['labs'], from: '2026-01-01', until: null } as const
    const days = { grantee: doctor.principal.toText(), scope: { range }, purpose: 'TREAT' } as const
    const rights = ['list', 'open'] as const
    done(await acting.share({ ...days, rights, startNs, endNs: startNs + NS_PER_DAY }))
    const later = done(await acting.add({ ...report, category: 'labs', bytes }))
    const given = done(await doctor.client.sharesReceived()).find(({ terms }) => terms?.range !== undefined)
    const shared = done(await doctor.client.list({ of: 'grant', grantId: given?.grantId ?? '' }))
    expect(shared.map(({ recordId }) => recordId).toSorted()).toEqual([record.recordId, later.recordId].toSorted())

    done(await acting.exportVault(newArchiveKey(), async () => {}))
    expect(done(await acting.usage())).toMatchObject({ versions: 2 })
    expect(await acting.deleteRecord(later.recordId)).toEqual({ kind: 'done', value: null })
    expect(done(await acting.list({ of: 'me' }, ['labs'])).map(({ recordId }) => recordId)).toEqual([record.recordId])
    done(await acting.setRecovery({ kit: null, guardians: [doctor.principal.toText()], threshold: 1 }))
    done(await acting.vetoRecovery())
    done(await acting.announceErasure())
    done(await acting.stopErasure())
    expect(done(await acting.changeRules({ kind: 'pause' })).pausedNs).not.toBeNull()

    expect(await stateOf(parent)).toEqual(before)
    const after = await stateOf(acting)
    expect(after.rules).toMatchObject({
      pausedNs: expect.any(BigInt),
      sensitive: ['vitals', 'sensitive'],
      requestsFrom: 'verified',
    })
    expect(after.rules.blocked).toHaveLength(1)
    expect(after.shares).toHaveLength(2)
    expect(after.shares.map(({ grantId }) => grantId)).toContain(share.grantId)
    expect(after.events).toEqual(expect.arrayContaining(['exported', 'recordDelete', 'paused', 'requestApproved']))
  })

  test('hears no from everything that would be about themselves', async () => {
    const before = await stateOf(parent)
    const code = clinic.person('doctor').principal.toText()
    const asking = { patient: code, categories: ['labs'], rights: ['list'], purpose: 'TREAT' } as const
    const ownGrant = { of: 'grant', grantId: '00'.repeat(16) } as const
    const id = '11'.repeat(16)
    const member = { principal: code, roles: ['physician'], untilNs: null } as const
    const wrong: readonly Promise<Outcome<unknown>>[] = [
      acting.startRecovery(code),
      acting.approveRecovery(code, code),
      acting.completeRecovery(code),
      acting.acceptLink(code),
      acting.acceptAppointment(code),
      acting.resign(id),
      acting.enrolDependant(),
      acting.requestAccess({ ...asking, periodNs: NS_PER_DAY, expiresNs: NS_PER_DAY }),
      acting.withdrawRequest(id),
      acting.requests('sent'),
      acting.sharesReceived(),
      acting.deposit(id, { ...report, category: 'labs', bytes }),
      acting.rewrapUnder(id),
      acting.list(ownGrant),
      acting.open({ vault: ownGrant, recordId: id, version: 1, category: 'labs' }),
      acting.log('actor'),
      acting.registerOrganisation({ name: 'Clinic', kind: 'hospital' }),
      acting.setMember(id, member),
      acting.suspendMember(id, code),
      acting.removeMember(id, code),
      acting.acceptMembership(id),
      acting.memberships(),
      acting.invite(id, 0n),
      acting.invitations(id),
      acting.claimInvitation('00'.repeat(32)),
      acting.openActs(),
      acting.propose({ kind: 'suspend', orgId: id }),
      acting.vote(id),
    ]
    for (const [i, outcome] of (await Promise.all(wrong)).entries())
      expect(outcome, String(i)).toEqual({
        kind: 'refused',
        refusal: { kind: 'BadInput', field: 'actsFor', code: 'self' },
      })
    expect(await stateOf(parent)).toEqual(before)
  })
})

test('who was given the power to read alone exports and counts, and deletes nothing', async () => {
  const patient = clinic.person('patient').client
  const carer = clinic.person('carer').client
  done(await patient.enrol())
  done(await carer.enrol())
  const record = done(await patient.add({ ...report, category: 'labs', bytes }))
  const startNs = BigInt(Date.now()) * 1_000_000n
  const terms = { representative: carer.principal, startNs, endNs: startNs + NS_PER_DAY }
  done(await patient.appoint({ ...terms, powers: ['read'] }))
  const { patientId } = done(await carer.acceptAppointment(patient.principal))
  const inPlace = carer.actingFor(patientId)
  expect(done(await inPlace.usage())).toMatchObject({ versions: 1 })
  done(await inPlace.exportVault(newArchiveKey(), async () => {}))
  expect(done(await patient.log('patient', { event: 'exported' })).items).toMatchObject([{ actor: carer.principal }])
  expect(await inPlace.deleteRecord(record.recordId)).toMatchObject({ refusal: { kind: 'NotPermitted' } })
  const stranger = clinic.person('doctor').client.actingFor(patientId)
  expect(await stranger.usage()).toMatchObject({ refusal: { kind: 'NotPermitted' } })
})
