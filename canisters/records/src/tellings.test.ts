import {
  CLINICAL_ROLES,
  COMPARTMENT_KIND,
  type CouncilAct,
  encodeAct,
  type Grant,
  NO_END_NS,
  NS_PER_DAY,
  NS_PER_MINUTE,
  orgIdOf,
  orgPrincipal,
  PLAIN_TERMS,
  POWER,
  Principal,
  purposeCode,
  RIGHT,
  toHex,
} from '@medguard/protocol'
import {
  acceptAppointment,
  acceptLink,
  appoint,
  createBuckets,
  createTrustMethods,
  dismiss,
  encodeUtf8,
  memoryMap,
  offerLink,
  type PeopleHost,
  unlink,
} from '@medguard/shared'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { StoredAccount } from './codec.ts'
import { createFacts } from './facts.ts'
import { createHearing, FACTS_AGE_MAX_NS } from './hearing.ts'
import { createRecordsStore } from './store.ts'
import { createTellings, type Telling } from './tellings.ts'

// Two canisters of records: people act at the first, and the other decides what the first would.

const PEOPLE = 5
const SIGN_INS = 2 // of each person, one that may be linked
const ORGS = 2
const PART = 1
const personOf = (i: number, signIn = 0) => Uint8Array.of(i + 1, signIn, 7)
const idOf = (i: number) => new Uint8Array(16).fill(i + 1)
const orgOf = (i: number) => new Uint8Array(16).fill(i + 101)
const COUNCIL = [1, 2].map((i) => Uint8Array.of(i, 9, 9))
const named = (bytes: Uint8Array) => Principal.fromUint8Array(bytes)
/** The first two have their vaults in the part. */
const isPlaced = (patientId: Uint8Array) => (patientId[0] ?? 0) <= 2

function opened() {
  const clock = { nowNs: 1_000n * NS_PER_DAY }
  const nowNs = () => clock.nowNs
  const storeOf = () => createRecordsStore({ rows: memoryMap(), chunks: memoryMap(), pages: memoryMap() })
  const [first, part] = [storeOf(), storeOf()]
  const line = { isUp: true, sent: [] as Telling[], acknowledges: true, jobs: 0 }
  const ended: string[] = []
  const hearing = createHearing({
    rows: memoryMap(),
    store: part,
    ended: (patientId, giverId) => ended.push(`${patientId[0]} ${giverId[0]}`),
  })
  const tellings = createTellings({
    rows: memoryMap(),
    store: first,
    parts: () => [PART],
    partOf: (patientId) => (isPlaced(patientId) ? PART : 0),
    nowNs,
    schedule: () => line.jobs++,
    async send(_, telling) {
      if (!line.isUp) return false
      line.sent.push(telling)
      return hearing.hear(telling) && line.acknowledges
    },
  })
  const host: PeopleHost<StoredAccount> = {
    book: first.people,
    recovery: first.recovery,
    facts: createFacts(first, () => 0),
    budgets: createBuckets(memoryMap()),
    nowNs,
    log() {},
    isLogFull: () => false,
    accountIdOf: ({ patientId }) => patientId,
    changed: (patientId) => tellings.personChanged(patientId),
    endGiven: ({ patientId, giverId }) => tellings.carerEnded(patientId, giverId),
    lost() {},
  }
  const trust = createTrustMethods({
    book: first.trust,
    budgets: createBuckets(memoryMap()),
    isReady: () => true,
    refuseBeginning: () => null,
    isAccount: (principal) => first.account(principal) !== undefined,
    patientIdOf: (principal) => first.account(principal)?.patientId,
    principalsOf: (principal) => [principal],
    isShutOut: () => false,
    nowNs,
    liveGrant: () => undefined,
    log: null,
    changed(principal) {
      const orgId = orgIdOf(principal)
      if (orgId !== null) return tellings.organisationChanged(orgId)
      const home = first.people.homeOf(principal)
      const account = home === undefined ? undefined : first.heldAccount(home)
      if (account !== undefined) tellings.personChanged(account.patientId)
    },
  })
  for (let i = 0; i < PEOPLE; i++) {
    first.openAccount(personOf(i), { patientId: idOf(i), cids: new Uint8Array(128).fill(i), people: 0 })
    if (isPlaced(idOf(i))) tellings.placed(PART, idOf(i))
  }
  first.trust.council.setCouncil({ members: COUNCIL, threshold: 2 })
  tellings.councilChanged()
  let requests = 0
  const requestId = () => {
    const id = new Uint8Array(16)
    new DataView(id.buffer).setUint32(0, ++requests)
    return id
  }
  const decree = (act: CouncilAct) => {
    const actId = requestId()
    for (const each of COUNCIL)
      trust.councilVote({ actId, act: encodeAct(act, encodeUtf8), requestId: requestId() }, each)
  }
  for (let i = 0; i < ORGS; i++)
    trust.registerOrganisation(
      { orgId: orgOf(i), name: `Hospital ${i}`, kind: 0, requestId: requestId() },
      personOf(PEOPLE - 1),
    )
  return { clock, first, part, line, ended, hearing, tellings, host, trust, decree, requestId }
}
type World = ReturnType<typeof opened>

const ACTS = ['link', 'unlink', 'appoint', 'dismiss', 'join', 'leave', 'verify', 'suspend', 'introduce'] as const
interface Act {
  readonly kind: (typeof ACTS)[number]
  readonly who: number
  readonly other: number
  readonly org: number
}
function carryOut({ first, host, trust, decree, requestId, tellings, clock }: World, { kind, who, other, org }: Act) {
  const [self, them, more] = [personOf(who), personOf(other), personOf(who, 1)]
  const [patientId, orgId]: [[], Uint8Array] = [[], orgOf(org)]
  const admin = personOf(PEOPLE - 1)
  const by = () => ({ requestId: requestId() })
  switch (kind) {
    case 'link':
      offerLink(host, { patientId, newPrincipal: named(more), ...by() }, self)
      return acceptLink(host, { home: named(self), ...by() }, more)
    case 'unlink':
      return unlink(host, { patientId, principal: named(more), ...by() }, self)
    case 'appoint': {
      const endNs: [bigint] = [clock.nowNs + NS_PER_DAY]
      const terms = { powers: POWER.read | POWER.share, startNs: clock.nowNs, endNs }
      appoint(host, { patientId, representative: named(them), ...terms, ...by() }, self)
      return acceptAppointment(host, { patient: named(self), ...by() }, them)
    }
    case 'dismiss':
      return dismiss(host, { patientId, representative: named(them), ...by() }, self)
    case 'join': {
      const validUntilNs = clock.nowNs + 30n * NS_PER_DAY
      trust.setMember({ orgId, principal: named(self), roles: CLINICAL_ROLES, validUntilNs, ...by() }, admin)
      return trust.acceptMembership({ orgId, ...by() }, self)
    }
    case 'leave':
      return trust.removeMember({ orgId, principal: named(self), ...by() }, other % 2 === 0 ? admin : self)
    case 'verify': {
      const found = first.trust.organisation(orgId)
      if (found === undefined) return null
      return decree({
        kind: 'verify',
        orgId,
        name: `Hospital ${org}`,
        orgKind: 0,
        registrant: found.registrant,
        untilNs: clock.nowNs + 90n * NS_PER_DAY,
      })
    }
    case 'suspend':
      return decree({ kind: 'suspend', orgId })
    case 'introduce':
      return tellings.introduce(PART, other === 0 ? orgPrincipal(orgId) : self)
  }
}

const grantTo = (grantee: Uint8Array): Grant => ({
  grantId: idOf(60),
  patientId: idOf(0),
  grantee,
  rights: RIGHT.list | RIGHT.open,
  purpose: purposeCode('TREAT'),
  startNs: 0n,
  endNs: NO_END_NS,
  agreementHash: new Uint8Array(32),
  compartments: [{ compartmentKind: COMPARTMENT_KIND.category, cid: idOf(61) }],
  terms: orgIdOf(grantee) === null ? null : PLAIN_TERMS,
})
/** All that decisions about vaults of the part rest on, as a canister has it, of somebody who may have been introduced. */
const decides = ({ clock, first, part }: World, which: 'first' | 'part') => {
  const store = which === 'first' ? first : part
  const { people, trust } = store
  const now = clock.nowNs
  const rows: Record<string, unknown> = {}
  for (let i = 0; i < PEOPLE; i++) {
    // Of strangers the part knows nothing, and lets in nobody.
    if (part.ownerOf(idOf(i)) === undefined) continue
    for (let signIn = 0; signIn < SIGN_INS; signIn++) {
      const who = personOf(i, signIn)
      const own = store.account(who)
      const principals = own === undefined ? [] : people.principalsOf(own, who)
      const grantees = [who, ...Array.from({ length: ORGS }, (_, org) => orgPrincipal(orgOf(org)))]
      rows[`${i}/${signIn}`] = {
        account: own && [toHex(own.patientId), toHex(own.cids)],
        principals: principals.map(toHex),
        powers: own && [0, 1].map((patient) => people.powers(idOf(patient), own, now)),
        stands: grantees.map((grantee) => trust.standing(grantTo(grantee), principals, now)),
        mayBeNamed: grantees.map((grantee) => trust.refuseGrantee(grantTo(grantee), now)),
      }
    }
  }
  return rows
}

const act = fc.record({
  kind: fc.constantFrom(...ACTS),
  who: fc.nat(PEOPLE - 1),
  other: fc.nat(PEOPLE - 1),
  org: fc.nat(ORGS - 1),
})
const step = fc.oneof({ weight: 5, arbitrary: act }, fc.constantFrom('told', 'away', 'unheard', 'old'))

describe('another canister of records', () => {
  test('decides as the first one, whatever was told when, of everybody who was introduced', async () => {
    const isKnown = { carer: false, member: false, signIn: false }
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 20, maxLength: 80, size: 'max' }), async (steps) => {
        const world = opened()
        const { line, tellings, clock } = world
        for (const each of steps) {
          clock.nowNs += NS_PER_MINUTE
          if (typeof each === 'object') carryOut(world, each)
          else if (each === 'old') for (const telling of line.sent.slice(-5).toReversed()) world.hearing.hear(telling)
          else {
            line.isUp = each !== 'away'
            line.acknowledges = each !== 'unheard'
            await tellings.flush(PART)
            Object.assign(line, { isUp: true, acknowledges: true })
          }
        }
        for (let i = 0; i < ORGS; i++) tellings.introduce(PART, orgPrincipal(orgOf(i)))
        await tellings.flush(PART)
        expect(tellings.isTold(PART)).toBe(true)
        const [there, here] = [decides(world, 'part'), decides(world, 'first')]
        expect(there).toEqual(here)
        const text = JSON.stringify(there)
        isKnown.carer ||= /"powers":\[(0,)?[1-9]/.test(text)
        isKnown.member ||= text.includes('"stands":["grantee"')
        isKnown.signIn ||= Object.entries(there).some(
          ([name, row]) => name.endsWith('/1') && 'account' in (row as object),
        )
      }),
      { numRuns: 40 },
    )
    expect(isKnown).toEqual({ carer: true, member: true, signIn: true })
  })
  test('knows nobody who was not introduced, and whoever acts for a patient there without more', async () => {
    const world = opened()
    const { tellings, part } = world
    await tellings.flush(PART)
    expect([0, 1, 2, 3].map((i) => part.ownerOf(idOf(i)) !== undefined)).toEqual([true, true, false, false])
    carryOut(world, { kind: 'appoint', who: 0, other: 3, org: 0 })
    await tellings.flush(PART)
    expect([2, 3].map((i) => part.ownerOf(idOf(i)) !== undefined)).toEqual([false, true])
    expect(part.people.representatives(idOf(3))).toEqual([])
  })
  test('ends what a carer gave who is one no more, also one who became one again meanwhile', async () => {
    const world = opened()
    for (const kind of ['appoint', 'dismiss', 'appoint'] as const) carryOut(world, { kind, who: 0, other: 3, org: 0 })
    await world.tellings.flush(PART)
    expect(world.ended).toEqual(['1 4'])
    const carer = world.part.account(personOf(3))
    expect(carer && world.part.people.powers(idOf(0), carer, world.clock.nowNs)).toBe(POWER.read | POWER.share)
  })
  test('forgets whoever is erased', async () => {
    const world = opened()
    const { first, part, tellings } = world
    carryOut(world, { kind: 'link', who: 0, other: 0, org: 0 })
    await tellings.flush(PART)
    expect(part.account(personOf(0, 1))).toBeDefined()
    const account = first.account(personOf(0))
    if (account === undefined) throw new Error('the account is open')
    first.closeAccount(account)
    tellings.personChanged(idOf(0))
    await tellings.flush(PART)
    expect([personOf(0), personOf(0, 1)].map((each) => part.account(each))).toEqual([undefined, undefined])
  })
  test('decides nothing when it has not heard for five minutes, by the clock of who tells', async () => {
    const { tellings, hearing, clock, line } = opened()
    expect(hearing.isCurrent(clock.nowNs)).toBe(false)
    await tellings.flush(PART)
    const sinceNs = clock.nowNs
    expect(hearing.isCurrent(sinceNs + FACTS_AGE_MAX_NS - 1n)).toBe(true)
    expect(hearing.isCurrent(sinceNs + FACTS_AGE_MAX_NS)).toBe(false)
    clock.nowNs += FACTS_AGE_MAX_NS
    line.isUp = false
    await tellings.flush(PART)
    expect(hearing.isCurrent(clock.nowNs)).toBe(false)
    line.isUp = true
    await tellings.flush(PART)
    expect(hearing.isCurrent(clock.nowNs)).toBe(true)
    const [old] = line.sent
    if (old !== undefined) hearing.hear(old)
    expect(hearing.isCurrent(clock.nowNs)).toBe(true)
  })
  test('that lost what it was told takes nothing more', async () => {
    const { tellings, line, part, clock } = opened()
    await tellings.flush(PART)
    const fresh = createHearing({ rows: memoryMap(), store: part, ended() {} })
    await tellings.flush(PART)
    const [, later] = line.sent
    expect(later).toMatchObject({ count: 0, isAll: true })
    expect(later && fresh.hear(later)).toBe(false)
    expect(fresh.isCurrent(clock.nowNs)).toBe(false)
  })
})
