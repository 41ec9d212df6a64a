import {
  CLINICAL_ROLES,
  type CouncilAct,
  decodeAct,
  encodeAct,
  NO_END_NS,
  ORG_KINDS,
  ORG_MEMBERS_EVER_MAX,
  ORG_PAGE_MAX,
  orgIdOf,
  type OrganisationView,
  Principal,
  refuse,
  refusalOf,
  type Result,
  ROLE,
  type Role,
  toHex,
} from '@medguard/protocol'
import { Fault } from './api.ts'
import { aboutOf, wordsOf } from './council-acts.ts'
import { invitationMethods } from './invitations.ts'
import { idOf, newId, okOf, Refused } from './outcome.ts'
import { lesserOf, memberOf, organisationOf } from './organisation-view.ts'
import type { Session } from './session.ts'
import type {
  CouncilInfo,
  Member,
  MembershipInfo,
  NewAct,
  OpenActInfo,
  Practitioner,
  Recipient,
  TrustMethods,
  VoteInfo,
} from './trust-api.ts'

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text)
const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes)
const ORGANISATIONS_LISTED_MAX = 100_000

/**
 * Organisations, their members and the council. Whoever is entitled to a change writes it to both canisters, and what they say is believed where they say
 * the same: neither can let anybody in by itself.
 */
export function trustMethods(session: Session): TrustMethods {
  const { canisters, unlocked } = session
  const { consent, records } = canisters

  /** Both are asked whatever the other says: what takes something away holds in either. A repeat of what is there already is fine. */
  const inBoth = async <T>(ask: (canister: typeof consent | typeof records) => Promise<Result<T>>): Promise<[T, T]> => {
    const answers = await Promise.allSettled([ask(consent), ask(records)])
    const [one, other] = answers.map((answer) => {
      if (answer.status === 'rejected') throw answer.reason
      return okOf(answer.value)
    }) as [T, T]
    return [one, other]
  }
  const about = (orgId: string, principal: string) => ({
    orgId: idOf(orgId),
    principal: principalOf(principal),
    requestId: newId(),
  })

  /** Every organisation that was ever verified, by what consent says: for names to compare with. */
  const everVerified = async (): Promise<OrganisationView[]> => {
    const all: OrganisationView[] = []
    for (let total = 1; all.length < total;) {
      const page = okOf(await consent.organisations({ from: all.length, count: ORG_PAGE_MAX }))
      total = page.total
      all.push(...page.organisations)
      const isOdd = total > ORGANISATIONS_LISTED_MAX || (page.organisations.length === 0 && all.length < total)
      if (isOdd) throw new Fault('ListIncomplete', 'a list of organisations does not add up')
    }
    return all
  }
  const find = async (orgId: string) => {
    const arg = { orgId: idOf(orgId) }
    const [one, other, verified] = await Promise.all([
      consent.organisation(arg),
      records.organisation(arg),
      everVerified(),
    ])
    const inConsent = okOf(one)
    const inRecords = 'Ok' in other ? other.Ok : undefined
    const organisation = organisationOf(inConsent.organisation, inRecords?.organisation, verified)
    const [mine] = inConsent.member
    const [theirs] = inRecords?.member ?? []
    const member = mine === undefined ? null : lesserOf(memberOf(mine), theirs && memberOf(theirs))
    return { organisation, member }
  }
  type Memberships = Extract<Awaited<ReturnType<typeof consent.memberships>>, { Ok: unknown }>['Ok']
  const joined = async (one: Memberships, other: Memberships): Promise<MembershipInfo[]> => {
    const verified = one.length === 0 ? [] : await everVerified()
    return one.map(({ organisation, member }) => {
      const same = other.find((each) => toHex(each.organisation.orgId) === toHex(organisation.orgId))
      return {
        organisation: organisationOf(organisation, same?.organisation, verified),
        member: lesserOf(memberOf(member), same && memberOf(same.member)),
      }
    })
  }

  const practitioner = async (code: string): Promise<Practitioner> => {
    const arg = { principal: principalOf(code) }
    const [one, other] = await Promise.all([consent.practitioner(arg), records.practitioner(arg)])
    const memberships = (await joined(okOf(one), okOf(other))).filter(
      ({ organisation, member }) => organisation.isInForce && member.status === 'active',
    )
    const isVerified = memberships.some(({ member }) => (bitsOf(member.roles) & CLINICAL_ROLES) !== 0)
    return { principal: arg.principal.toText(), isVerified, memberships }
  }

  const actOf = async (act: NewAct): Promise<CouncilAct> => {
    if (act.kind === 'setPolicy') return act
    if (act.kind === 'changeCouncil') {
      const members = act.members.map((each) => principalOf(each).toUint8Array())
      return { kind: act.kind, council: { members, threshold: act.threshold } }
    }
    if (act.kind !== 'verify') return { kind: act.kind, orgId: idOf(act.orgId) }
    const { organisation } = await find(act.orgId)
    return {
      kind: act.kind,
      orgId: idOf(act.orgId),
      untilNs: act.untilNs,
      orgKind: ORG_KINDS.indexOf(organisation.kind),
      registrant: principalOf(organisation.registrant).toUint8Array(),
      name: organisation.name,
    }
  }
  const cast = async (actId: Uint8Array, act: Uint8Array): Promise<VoteInfo> => {
    const [one, other] = await inBoth((canister) => canister.councilVote({ actId, act, requestId: newId() }))
    return {
      actId: toHex(actId),
      approvals: Math.min(one.approvals, other.approvals),
      threshold: Math.max(one.threshold, other.threshold),
      isDone: one.isDone && other.isDone,
    }
  }
  /** What is open in both, by id. */
  const open = async () => {
    const [one, other] = (await Promise.all([consent.councilActs(null), records.councilActs(null)])).map(okOf)
    return [...(one ?? []), ...(other ?? [])].map((each) => {
      const id = toHex(each.actId)
      const votes = (list: typeof one) => list?.find(({ actId }) => toHex(actId) === id)?.votes.map(String) ?? []
      return { ...each, id, inBoth: votes(one).filter((who) => votes(other).includes(who)) }
    })
  }

  return {
    ...invitationMethods(session, inBoth),
    registerOrganisation: ({ name, kind }) =>
      unlocked(async () => {
        await session.account()
        const orgId = newId()
        const arg = { orgId, name, kind: ORG_KINDS.indexOf(kind), requestId: newId() }
        await inBoth((canister) => canister.registerOrganisation(arg))
        return (await find(toHex(orgId))).organisation
      }),
    setMember: (orgId, { principal, roles, untilNs }) =>
      unlocked(async () => {
        const arg = { ...about(orgId, principal), roles: bitsOf(roles), validUntilNs: untilNs ?? NO_END_NS }
        await inBoth((canister) => canister.setMember(arg))
      }),
    suspendMember: (orgId, principal) =>
      unlocked(async () => {
        const arg = about(orgId, principal)
        await inBoth((canister) => canister.suspendMember(arg))
      }),
    removeMember: (orgId, principal) =>
      unlocked(async () => {
        const arg = about(orgId, principal)
        await inBoth((canister) => canister.removeMember(arg))
      }),
    acceptMembership: (orgId) =>
      unlocked(async () => {
        const arg = { orgId: idOf(orgId), requestId: newId() }
        await inBoth((canister) => canister.acceptMembership(arg))
      }),
    organisation: (orgId) => unlocked(() => find(orgId)),
    organisations: () =>
      unlocked(async () => {
        const verified = await everVerified()
        const all = []
        for (const each of verified) {
          if (!each.isInForce) continue
          const other = await records.organisation({ orgId: new Uint8Array(each.orgId) })
          const found = organisationOf(each, 'Ok' in other ? other.Ok.organisation : undefined, verified)
          if (found.isInForce) all.push(found)
        }
        return all
      }),
    members: (orgId, grantId) =>
      unlocked(async () => {
        const under: [] | [Uint8Array] = grantId === undefined ? [] : [idOf(grantId)]
        const of = { orgId: idOf(orgId), grantId: under }
        const list = async (canister: typeof consent | typeof records): Promise<Map<string, Member>> => {
          const all = new Map<string, Member>()
          for (let from = 0, total = 1; from < total; from += ORG_PAGE_MAX) {
            const page = okOf(await canister.members({ ...of, from, count: ORG_PAGE_MAX }))
            if (page.total > ORG_MEMBERS_EVER_MAX)
              throw new Fault('ListIncomplete', 'a list of members does not add up')
            total = page.total
            for (const member of page.members) all.set(member.principal.toText(), memberOf(member))
          }
          return all
        }
        const [one, other] = await Promise.all([list(consent), list(records)])
        return [...one.values()].map((member) => lesserOf(member, other.get(member.principal)))
      }),
    memberships: () =>
      unlocked(async () => {
        const [one, other] = await Promise.all([consent.memberships(null), records.memberships(null)])
        return joined(okOf(one), okOf(other))
      }),
    practitioner: (principal) => unlocked(() => practitioner(principal)),
    recipient: (principal) =>
      unlocked(async (): Promise<Recipient> => {
        const orgId = orgIdOf(principalOf(principal).toUint8Array())
        if (orgId === null) {
          const { isVerified, memberships } = await practitioner(principal)
          const looksLike = memberships.flatMap(({ organisation }) => organisation.looksLike)
          return { principal, isVerified, organisation: null, memberships, looksLike }
        }
        const { organisation } = await find(toHex(orgId))
        const { isInForce, looksLike } = organisation
        return { principal, isVerified: isInForce, organisation, memberships: [], looksLike }
      }),
    council: () =>
      unlocked(async (): Promise<CouncilInfo> => {
        const [one, other] = (await Promise.all([consent.council(null), records.council(null)])).map(okOf)
        const seen = [one, other].map((each) => {
          const [council] = each?.council ?? []
          return council === undefined ? null : { members: council.members.map(String), threshold: council.threshold }
        })
        return {
          council: seen[0] ?? null,
          invitationRequired: one?.invitationRequired === true || other?.invitationRequired === true,
          isSettled:
            JSON.stringify(seen[0]) === JSON.stringify(seen[1]) &&
            one?.invitationRequired === other?.invitationRequired,
        }
      }),
    openActs: () =>
      unlocked(async () => {
        const seen = new Map<string, OpenActInfo>()
        for (const { id, act, proposer, expiresNs, inBoth: votes } of await open()) {
          const decoded = decodeAct(new Uint8Array(act), text)
          if (seen.has(id) || decoded === null) continue
          const about = aboutOf(decoded)
          seen.set(id, { actId: id, act: wordsOf(about), about, proposer: proposer.toText(), expiresNs, votes })
        }
        return [...seen.values()]
      }),
    propose: (act) => unlocked(async () => cast(newId(), encodeAct(await actOf(act), utf8))),
    vote: (actId) =>
      unlocked(async () => {
        const [found, again] = (await open()).filter(({ id }) => id === actId)
        if (found === undefined) throw new Refused(refusalOf(refuse.notPermitted))
        // One id stands for one act: a canister that shows another one gets no vote for it in its fellow.
        if (again !== undefined && toHex(again.act) !== toHex(found.act))
          throw new Refused(refusalOf(refuse.idConflict))
        return cast(new Uint8Array(found.actId), new Uint8Array(found.act))
      }),
  }
}

const bitsOf = (roles: readonly Role[]): number => roles.reduce((bits, role) => bits | ROLE[role], 0)

function principalOf(code: string): Principal {
  try {
    return Principal.fromText(code)
  } catch {
    throw new Refused(refusalOf(refuse.badInput('principal', 'format')))
  }
}
