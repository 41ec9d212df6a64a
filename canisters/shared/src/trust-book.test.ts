import {
  CLINICAL_ROLES,
  type CouncilAct,
  encodeAct,
  type Grant,
  INVITED_BY_MAX,
  NO_END_NS,
  NS_PER_DAY,
  orgPrincipal,
  PLAIN_TERMS,
  Principal,
  purposeCode,
  RIGHT,
  ROLE,
} from '@medguard/protocol'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createBuckets } from './buckets.ts'
import { memoryMap } from './maps.ts'
import { NOBODYS } from './grant-rules.ts'
import { createTrustBook } from './trust-book.ts'
import { createTrustMethods } from './trust-methods.ts'
import { encodeUtf8 } from './utf8.ts'

// The book against a reference that is as slow and as plain as can be: it keeps everything that was said, and reads all of it for every question.

const ORGS = 2
const PEOPLE = 4
const person = (i: number) => new Uint8Array([i + 1, 7, 7])
const orgOf = (i: number) => new Uint8Array(16).fill(i + 1)
const COUNCIL = [0, 1, 2].map((i) => new Uint8Array([i + 1, 9, 9]))
const asPrincipal = (bytes: Uint8Array) => Principal.fromUint8Array(bytes)
const requestId = new Uint8Array(16)
const kindOf = (answer: object) => ('Ok' in answer ? 'Ok' : (Object.keys((answer as { Err: object }).Err)[0] ?? ''))

function openBook() {
  const clock = { nowNs: 1_000n * NS_PER_DAY }
  const book = createTrustBook(memoryMap())
  book.council.setCouncil({ members: COUNCIL, threshold: 2 })
  const methods = createTrustMethods({
    book,
    budgets: createBuckets(memoryMap()),
    isReady: () => true,
    refuseBeginning: () => null,
    isAccount: () => true,
    patientIdOf: (principal) => principal,
    principalsOf: (principal) => [principal],
    isShutOut: () => false,
    nowNs: () => clock.nowNs,
    liveGrant: () => undefined,
    log: null,
    changed() {},
  })
  let acts = 0
  const decree = (act: CouncilAct) => {
    const actId = new Uint8Array(16)
    actId[0] = ++acts
    actId[1] = acts >>> 8
    for (const member of COUNCIL.slice(0, 2))
      methods.councilVote({ actId, act: encodeAct(act, encodeUtf8), requestId }, member)
  }
  return { clock, book, methods, decree }
}

/** What was said of one person in one organisation, the newest last. */
interface Said {
  readonly what: 'set' | 'accept' | 'suspend' | 'remove'
  readonly roles?: number
  readonly untilNs?: bigint
}
/** The reference. Organisation `i` is registered by person `i`. */
class Reference {
  readonly said = new Map<string, Said[]>()
  readonly council = new Map<number, { verifiedUntilNs: bigint; isSuspended: boolean }>()

  of(org: number, who: number): { isAccepted: boolean; isSuspended: boolean; roles: number; untilNs: bigint } | null {
    let now: ReturnType<Reference['of']> =
      org === who ? { isAccepted: true, isSuspended: false, roles: ROLE.administrator, untilNs: NO_END_NS } : null
    for (const { what, roles = 0, untilNs = 0n } of this.said.get(`${org} ${who}`) ?? []) {
      if (what === 'set') now = { isAccepted: now?.isAccepted ?? false, isSuspended: false, roles, untilNs }
      else if (what === 'remove' || now === null) now = null
      else now = what === 'accept' ? { ...now, isAccepted: true } : { ...now, isSuspended: true }
    }
    return now
  }
  roles(org: number, who: number, nowNs: bigint): number {
    const found = this.of(org, who)
    return found !== null && found.isAccepted && !found.isSuspended && nowNs < found.untilNs ? found.roles : 0
  }
  isInForce(org: number, nowNs: bigint): boolean {
    const { verifiedUntilNs, isSuspended } = this.standing(org)
    return !isSuspended && nowNs < verifiedUntilNs
  }
  standing = (org: number) => this.council.get(org) ?? { verifiedUntilNs: 0n, isSuspended: false }
  isLasting = (org: number, who: number): boolean => {
    const found = this.of(org, who)
    const isAdministrator = found !== null && (found.roles & ROLE.administrator) !== 0 && found.untilNs === NO_END_NS
    return isAdministrator && found.isAccepted && !found.isSuspended
  }
  /** Whether the organisation still has somebody to count on, were this said. */
  keepsOne(org: number, who: number, more: Said): boolean {
    if (!this.isLasting(org, who)) return true
    const then = new Reference()
    for (const [key, all] of this.said) then.said.set(key, [...all])
    then.say(org, who, more)
    return then.isLasting(org, who) || people.some((other) => other !== who && this.isLasting(org, other))
  }
  say(org: number, who: number, more: Said): void {
    const key = `${org} ${who}`
    this.said.set(key, [...(this.said.get(key) ?? []), more])
  }
}
const people = Array.from({ length: PEOPLE }, (_, i) => i)
const orgs = Array.from({ length: ORGS }, (_, i) => i)

const anyPerson = fc.nat(PEOPLE - 1)
const anyOrg = fc.nat(ORGS - 1)
const anyRoles = fc.constantFrom(
  ROLE.physician,
  ROLE.nurse | ROLE.administrator,
  ROLE.clerk,
  ROLE.administrator,
  ROLE.system,
  0,
)
const anyDays = fc.constantFrom(1, 30, 400, -1, 1_000, Number.POSITIVE_INFINITY)
const anyStep = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant('set'),
      org: anyOrg,
      by: anyPerson,
      who: anyPerson,
      roles: anyRoles,
      days: anyDays,
    }),
  },
  { weight: 5, arbitrary: fc.record({ kind: fc.constant('accept'), org: anyOrg, by: anyPerson }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('suspend'), org: anyOrg, by: anyPerson, who: anyPerson }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('remove'), org: anyOrg, by: anyPerson, who: anyPerson }) },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constant('verify'), org: anyOrg, days: fc.integer({ min: 1, max: 700 }) }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constantFrom('suspendOrg', 'reinstate'), org: anyOrg }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('wait'), days: fc.integer({ min: 1, max: 300 }) }) },
)
type Step = { kind: string; org?: number; by?: number; who?: number; roles?: number; days?: number }

const grantTo = (grantee: Uint8Array, change: Partial<Grant> = {}): Grant => ({
  ...NOBODYS.grant,
  grantee,
  rights: RIGHT.list | RIGHT.open,
  purpose: purposeCode('TREAT'),
  ...change,
})

describe('the trust book', () => {
  test('whatever is done in whatever order, stands as a plain reading of all that was said', () => {
    fc.assert(
      fc.property(fc.array(anyStep, { minLength: 5, maxLength: 40 }), (steps: Step[]) => {
        const { clock, book, methods, decree } = openBook()
        const reference = new Reference()
        for (const org of orgs)
          methods.registerOrganisation({ orgId: orgOf(org), name: `Org ${org}`, kind: 0, requestId }, person(org))
        for (const step of steps) {
          const answer = take(step, { clock, methods, decree, reference })
          if (answer !== null) expect(answer.got, JSON.stringify(step)).toBe(answer.wanted)
          for (const org of orgs) {
            const { nowNs } = clock
            expect(book.isInForce(orgOf(org), nowNs)).toBe(reference.isInForce(org, nowNs))
            const members = people.filter((who) => reference.of(org, who) !== null)
            const lasting = people.filter((who) => reference.isLasting(org, who))
            expect(lasting.length).toBeGreaterThanOrEqual(1)
            expect(book.organisation(orgOf(org))).toMatchObject({
              members: members.length,
              lastingAdministrators: lasting.length,
            })
            for (const who of people) expectSame(book, reference, { org, who, nowNs })
          }
        }
      }),
      { numRuns: 80 },
    )
  })
})

function expectSame(
  book: ReturnType<typeof createTrustBook>,
  reference: Reference,
  { org, who, nowNs }: { org: number; who: number; nowNs: bigint },
): void {
  const has = reference.roles(org, who, nowNs)
  expect(book.rolesOf(orgOf(org), person(who), nowNs)).toBe(has)
  const inForce = reference.isInForce(org, nowNs)
  for (const roles of [0, ROLE.clerk, ROLE.administrator | ROLE.nurse]) {
    const wanted = roles === 0 ? CLINICAL_ROLES : roles
    const standing = (has & wanted) === 0 ? 'nobody' : inForce ? 'grantee' : 'unverified'
    const grant = grantTo(orgPrincipal(orgOf(org)), { terms: { ...PLAIN_TERMS, roles } })
    expect(book.standing(grant, [person(who)], nowNs)).toBe(standing)
    const without = { ...grant, terms: { ...PLAIN_TERMS, roles, excluded: [person(who)] } }
    expect(book.standing(without, [person(who)], nowNs)).toBe('nobody')
  }
  const vouched = (wanted: number) =>
    orgs.some((each) => (reference.roles(each, who, nowNs) & wanted) !== 0 && reference.isInForce(each, nowNs))
  const inPerson = (change: Partial<Grant>) => book.standing(grantTo(person(who), change), [person(who)], nowNs)
  expect(inPerson({})).toBe(vouched(CLINICAL_ROLES) ? 'grantee' : 'unverified')
  expect(inPerson({ rights: RIGHT.write })).toBe(vouched(CLINICAL_ROLES | ROLE.system) ? 'grantee' : 'unverified')
  expect(inPerson({ purpose: purposeCode('FAMRQT') })).toBe('grantee')
}

type Setting = Pick<ReturnType<typeof openBook>, 'clock' | 'methods' | 'decree'> & { readonly reference: Reference }

/** Does a step in the book, and says what the reference thinks of it. */
function take(step: Step, { clock, methods, decree, reference }: Setting): { got: string; wanted: string } | null {
  const { kind, org = 0, by = 0, who = by, roles = 0, days = 0 } = step
  const { nowNs } = clock
  const orgId = orgOf(org)
  const before = reference.of(org, who)
  const isAdministrator = (reference.roles(org, by, nowNs) & ROLE.administrator) !== 0
  const { isSuspended, verifiedUntilNs } = reference.standing(org)
  const say = (isFine: boolean, otherwise: string, said: Said): string => {
    if (!isFine) return otherwise
    if (!reference.keepsOne(org, who, said)) return 'BadInput'
    reference.say(org, who, said)
    return 'Ok'
  }
  if (kind === 'set') {
    const untilNs = days === Number.POSITIVE_INFINITY ? NO_END_NS : nowNs + BigInt(days) * NS_PER_DAY
    const isSame = before !== null && !before.isSuspended && before.roles === roles && before.untilNs === untilNs
    const isPeriod = days === Number.POSITIVE_INFINITY ? roles === ROLE.administrator : days > 0 && days <= 731
    const otherwise = !isAdministrator ? 'NotPermitted' : isSuspended ? 'Unverified' : 'BadInput'
    const isFine = isAdministrator && !isSuspended && who !== by && (isSame || (roles !== 0 && isPeriod))
    const arg = { orgId, principal: asPrincipal(person(who)), roles, validUntilNs: untilNs, requestId }
    return {
      got: kindOf(methods.setMember(arg, person(by))),
      wanted: say(isFine, otherwise, { what: 'set', roles, untilNs }),
    }
  }
  if (kind === 'accept') {
    const isFine = before !== null && !before.isSuspended
    const got = kindOf(methods.acceptMembership({ orgId, requestId }, person(by)))
    return { got, wanted: say(isFine, 'NotPermitted', { what: 'accept' }) }
  }
  if (kind === 'suspend') {
    const isFine = isAdministrator && who !== by && before !== null
    const otherwise = isAdministrator && who === by ? 'BadInput' : 'NotPermitted'
    const got = kindOf(methods.suspendMember({ orgId, principal: asPrincipal(person(who)), requestId }, person(by)))
    return { got, wanted: say(isFine, otherwise, { what: 'suspend' }) }
  }
  if (kind === 'remove') {
    const wasThere =
      before !== null || org === who || (reference.said.get(`${org} ${who}`) ?? []).some(({ what }) => what === 'set')
    const isFine = wasThere && (isAdministrator || who === by)
    const got = kindOf(methods.removeMember({ orgId, principal: asPrincipal(person(who)), requestId }, person(by)))
    return { got, wanted: say(isFine, 'NotPermitted', { what: 'remove' }) }
  }
  if (kind === 'verify') {
    const untilNs = nowNs + BigInt(days) * NS_PER_DAY
    decree({ kind, orgId, untilNs, orgKind: 0, registrant: person(org), name: `Org ${org}` })
    reference.council.set(org, { isSuspended, verifiedUntilNs: untilNs })
  } else if (kind === 'suspendOrg' || kind === 'reinstate') {
    decree({ kind: kind === 'reinstate' ? 'reinstate' : 'suspend', orgId })
    reference.council.set(org, { isSuspended: kind === 'suspendOrg', verifiedUntilNs })
  } else clock.nowNs += BigInt(days) * NS_PER_DAY
  return null
}

test('who floods somebody with invitations does not hide those of verified organisations, nor grow their list', () => {
  const { clock, book, methods, decree } = openBook()
  const [invited, flooder, genuine] = [person(0), person(1), person(2)]
  const waiting = () => book.waitingFor(invited).map(([first]) => first)
  for (let i = 0; i < INVITED_BY_MAX + 2; i++) book.invites(invited, orgOf(i), clock.nowNs)
  const flood = Array.from({ length: INVITED_BY_MAX }, (_, i) => i + 1)
  expect(waiting()).toEqual(flood)

  const orgId = orgOf(99)
  expect(methods.registerOrganisation({ orgId, name: 'Genuine', kind: 0, requestId }, genuine)).toEqual({ Ok: null })
  const untilNs = clock.nowNs + NS_PER_DAY
  decree({ kind: 'verify', orgId, untilNs, orgKind: 0, registrant: genuine, name: 'Genuine' })
  const terms = { orgId, principal: asPrincipal(invited), roles: ROLE.physician, validUntilNs: untilNs, requestId }
  expect(methods.setMember(terms, genuine)).toEqual({ Ok: null })
  expect(waiting()).toEqual([...flood.slice(1), 100])
  book.invites(invited, orgOf(50), clock.nowNs)
  expect(waiting()).toEqual([...flood.slice(1), 100])

  book.answered(invited, orgOf(3))
  expect(waiting()).not.toContain(4)
  expect(methods.acceptMembership({ orgId, requestId }, invited)).toEqual({ Ok: null })
  expect(waiting()).toEqual(flood.slice(1).filter((each) => each !== 4))
  book.forget(invited, clock.nowNs, () => {})
  expect(waiting()).toEqual([])
  expect(book.waitingFor(flooder)).toEqual([])
})
