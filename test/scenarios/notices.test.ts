import { epochOfSearchWords } from '@medguard/crypto'
import { createClient, developmentNetwork, type Outcome } from '@medguard/client'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Clinic, openClinic } from './clinic.ts'
import { device } from './device-memory.fixture.ts'

// What somebody is told of their own log, through the client and the real modules.

let clinic: Clinic
beforeAll(async () => {
  clinic = await openClinic()
})
afterAll(() => clinic.close())

function done<T>(outcome: Outcome<T>): T {
  if (outcome.kind === 'refused') throw new Error(outcome.refusal.kind)
  return outcome.value
}

test('each event is told once: by two tabs, after signing in again, and with what was read', async () => {
  const { identity, principal, client: elsewhere } = clinic.person('told')
  const { client: doctor, principal: doctorIs } = clinic.person('doctor of the told')
  const account = done(await elsewhere.enrol())
  done(await doctor.enrol())
  const plain = { fileName: null, mediaType: 'text/plain', clinicalDate: null } as const
  const bytes = new TextEncoder().encode('secret words')
  done(await elsewhere.add({ ...plain, bytes, title: 'Blood count', category: 'labs' }))

  const { pieces, memory } = device()
  const network = developmentNetwork(clinic.localnet.url)
  const signIn = () => createClient({ identity, network, noticeMemory: memory })
  const [tab, otherTab] = [signIn(), signIn()]
  const told = async (client: typeof tab, look = true) =>
    done(await client.notices(look)).notices.map(({ kind, who, isRead }) => ({ kind, who, isRead }))
  expect(done(await tab.hasNotices())).toBe(true)
  expect(await told(tab)).toEqual([]) // one's own doings are no news
  expect(await told(tab)).toEqual([]) // the key to keep it under was asked for, and that is in the log as well
  expect(done(await tab.hasNotices())).toBe(false)

  const now = BigInt(Date.now()) * 1_000_000n
  const hour = 3_600_000_000_000n
  const { askId } = done(
    await doctor.requestAccess({
      patient: principal.toText(),
      categories: ['labs'],
      rights: ['list', 'open'],
      purpose: 'TREAT',
      periodNs: hour,
      expiresNs: now + hour,
    }),
  )
  expect(done(await tab.hasNotices())).toBe(true)
  const who = doctorIs.toText()
  const asked = { kind: 'requestMade', who, isRead: false }
  expect(await Promise.all([told(tab), told(otherTab)])).toEqual([[asked], [asked]])

  const { grantId } = done(await elsewhere.approveRequest(askId))
  const vault = { of: 'grant', grantId } as const
  const [record] = done(await doctor.list(vault))
  if (record === undefined) throw new Error('not shared')
  done(await doctor.open(record))
  done(await doctor.list(vault))
  const used = { kind: 'recordOpened', who, isRead: false }
  expect(await told(otherTab)).toEqual([used, asked])
  const [first] = done(await otherTab.notices(false)).notices
  done(
    await otherTab.keepNotices({ read: [first?.id ?? ''], choices: { version: 1, profile: {}, hasContacts: false } }),
  )
  expect(await told(tab, false)).toEqual([{ ...used, isRead: true }, asked])

  // What is on the device says nothing to whoever finds it.
  const kept = [...pieces].map(([name, sealed]) => name + Buffer.from(sealed).toString('latin1')).join()
  for (const secret of [who, grantId, 'recordOpened']) expect(kept).not.toContain(secret)

  tab.lock()
  otherTab.lock()
  const back = signIn()
  expect(await told(back, false)).toEqual([{ ...used, isRead: true }, asked])
  expect(await told(back)).toEqual([{ ...used, isRead: true }, asked])
  expect(done(await back.notices(false))).toMatchObject({ verification: 'verified', choices: { version: 1 } })

  // Whoever could read under the key it lies under may do so no more: it is sealed anew under the next.
  done(await elsewhere.setProfile({ name: 'Ada' }))
  const epochNow = () => epochOfSearchWords(pieces.get('notices') ?? new Uint8Array())
  const epochBefore = epochNow() ?? 0
  const startNs = await clinic.nowNs()
  const summary = { categories: ['summary' as const] }
  const terms = { rights: ['list', 'open'] as const, purpose: 'TREAT' as const, startNs, endNs: startNs + hour }
  const next = done(await back.share({ ...terms, scope: summary, grantee: who }))
  done(await doctor.list({ of: 'grant', grantId: next.grantId }))
  done(await back.revoke(next.grantId))
  done(await back.keepUp())
  done(await back.account())
  const later = await told(back)
  expect(later.map(({ kind, isRead }) => [kind, isRead])).toEqual([
    ['recordOpened', false],
    ['recordOpened', true],
    ['requestMade', false],
  ])
  expect(epochNow()).toBeGreaterThan(epochBefore)
  back.lock()
  const again = signIn()
  expect(await told(again, false)).toEqual(later)

  // Another device begins with the whole log, and tells the same.
  const second = createClient({ identity, network, noticeMemory: device().memory })
  expect(await told(second)).toEqual([used, used, asked])

  done(await again.erase(account.patientId))
  expect(pieces.size).toBe(0)
})

test('whoever acts for a child is told of the child’s record, apart from their own', async () => {
  const { identity, client: elsewhere } = clinic.person('parent of the told')
  const { principal: carer, client: carerClient } = clinic.person('carer of the told')
  for (const client of [elsewhere, carerClient]) done(await client.enrol())
  const { patientId, patient } = done(await elsewhere.enrolDependant())
  const { pieces, memory } = device()
  const parent = createClient({ identity, network: developmentNetwork(clinic.localnet.url), noticeMemory: memory })
  const forChild = parent.actingFor(patientId)
  expect(done(await forChild.notices(true)).notices).toEqual([])
  const nowNs = BigInt(Date.now()) * 1_000_000n
  done(
    await forChild.appoint({
      representative: carer.toText(),
      powers: ['read'],
      startNs: nowNs,
      endNs: nowNs + 3_600_000_000_000n,
    }),
  )
  done(await carerClient.acceptAppointment(patient))
  const told = done(await forChild.notices(true)).notices
  expect(told).toMatchObject([{ kind: 'security', event: 'representativeChanged', isRead: false }])
  expect(told.map(({ who, subject }) => subject ?? who)).toEqual([carer.toText()])
  expect(done(await parent.notices(true)).notices).toEqual([])
  expect([...pieces.keys()].toSorted()).toEqual(['notices', `notices ${patientId}`])
})
