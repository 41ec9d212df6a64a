import {
  type Member,
  type MembershipInfo,
  type NewAct,
  ORG_KINDS,
  organisationIdOf,
  type Organisation,
  type OrgKind,
  type Role,
  ROLES,
  type VoteInfo,
  type Recipient,
} from '@medguard/client'
import type { Command, CommandGroup, Context } from '../command.ts'
import { UsageError, valueOf } from '../exit-code.ts'
import { durationNs, table, toTime } from '../format.ts'
import { standingText } from '../organisation-words.ts'
import { byPrefix, expectPrefix, short } from './lookup.ts'

/** Organisations, who works for them, and the council that verifies them. */
export const trustCommands: CommandGroup = {
  usage: `\
  org register NAME --kind KIND     register an organisation; --kind ${ORG_KINDS.join(', ')}
  org show ORG | org list           one organisation, and what you are there; all that are verified
  org mine                          where you work, and who invited you and waits for you
  org member WHO --org ORG --role ROLE… (--for 365d | --forever)
                                    invite somebody or change their roles: ${ROLES.join(', ')}
  org accept ORG                    become a member of it, as it invited you; ORG as org mine shows it
  org suspend WHO --org ORG         take a member's access away until further notice
  org remove WHO --org ORG          for good; yourself to leave
  org members ORG                   who works there
  invite --org ORG --for 30d        a code with which somebody opens an account
  invitations --org ORG             those that were made, and whether they were claimed
  claim CODE                        claim an invitation, before anything else where one is needed
  who WHO                           whether somebody is a verified practitioner
  council show                      who verifies organisations
  council acts                      what it votes on
  council propose (--verify-org ORG --for 365d | --suspend-org ORG | --reinstate-org ORG |
                   --member WHO… --threshold K | --invitations required|free)
  council vote ACT                  vote for it`,
  commands: {
    'org register': {
      args: 1,
      options: ['kind'],
      async run({ client, args: { subject, options } }) {
        const [kind] = options.kind ?? []
        if (!isKind(kind)) throw new UsageError(`--kind is one of ${ORG_KINDS.join(', ')}`)
        valueOf(await client.enrol())
        const made = valueOf(await client.registerOrganisation({ name: subject, kind }))
        return { value: made, words: `registered ${made.orgId}; the council can verify it now` }
      },
    },
    'org show': {
      args: 1,
      options: [],
      onlyAsks: true,
      async run(context) {
        const found = valueOf(await context.client.organisation(await orgId(context, context.args.subject)))
        const own = found.member === null ? '' : `\nYou: ${rolesText(found.member)} (${found.member.status})`
        return { value: found, words: `${organisationText(found.organisation)}${own}` }
      },
    },
    'org list': {
      args: 0,
      options: [],
      onlyAsks: true,
      async run({ client }) {
        const all = valueOf(await client.organisations())
        const rows = all.map((each) => [short(each.orgId), each.kind, each.name, each.principal])
        return { value: all, words: all.length === 0 ? 'No organisation is verified.' : table(rows) }
      },
    },
    'org mine': {
      args: 0,
      options: [],
      onlyAsks: true,
      async run({ client }) {
        const all = valueOf(await client.memberships())
        const rows = all.map(({ organisation, member }) => [
          short(organisation.orgId),
          member.status,
          rolesText(member),
          organisation.name,
          standingText(organisation),
        ])
        const invited = all.filter(({ member }) => member.status === 'invited').map(({ organisation }) => organisation)
        const warnings = invited.flatMap((each) =>
          each.looksLike.length === 0 ? [] : [`${each.name}: ${looksText(each)}`],
        )
        const then = invited.length === 0 ? [] : ['To become a member where you are invited: medguard org accept ORG']
        const words = all.length === 0 ? 'You are a member of none, and none invited you.' : table(rows)
        return { value: all, words: [words, ...warnings, ...then].join('\n') }
      },
    },
    'org member': {
      args: 1,
      options: ['org', 'role', 'for', 'forever'],
      async run(context) {
        const { client, identities, args } = context
        const { role = [], forever } = args.options
        const wrong = role.find((each) => !isRole(each))
        if (role.length === 0 || wrong !== undefined) throw new UsageError(`--role is one of ${ROLES.join(', ')}`)
        const untilNs = forever === true ? null : fromNow(args.options.for)
        const principal = identities.resolve(args.subject)
        const of = await orgId(context, args.options.org)
        valueOf(await client.setMember(of, { principal, roles: role.filter(isRole), untilNs }))
        return {
          value: { orgId: of, principal },
          words: `done; if they are new, they accept with: medguard org accept ${of}`,
        }
      },
    },
    'org accept': {
      args: 1,
      options: [],
      async run(context) {
        const of = await orgId(context, context.args.subject)
        valueOf(await context.client.enrol())
        valueOf(await context.client.acceptMembership(of))
        return { value: { orgId: of }, words: 'you are a member now' }
      },
    },
    'org suspend': memberCommand('suspendMember', 'suspended: nothing opens for them any more'),
    'org remove': memberCommand('removeMember', 'removed'),
    'org members': {
      args: 1,
      options: [],
      onlyAsks: true,
      async run(context) {
        const all = valueOf(await context.client.members(await orgId(context, context.args.subject)))
        const rows = all.map((member) => [
          context.identities.nameOf(member.principal) ?? member.principal,
          member.status,
          rolesText(member),
          member.untilNs === null ? 'no end' : `until ${toTime(member.untilNs)}`,
        ])
        return { value: all, words: table(rows) }
      },
    },
    invite: {
      args: 0,
      options: ['org', 'for'],
      async run(context) {
        const of = await orgId(context, context.args.options.org)
        const made = valueOf(await context.client.invite(of, fromNow(context.args.options.for)))
        return { value: made, words: `until ${toTime(made.endNs)}, once: medguard claim ${made.code}` }
      },
    },
    invitations: {
      args: 0,
      options: ['org'],
      onlyAsks: true,
      async run(context) {
        const all = valueOf(await context.client.invitations(await orgId(context, context.args.options.org)))
        const rows = all.map((each) => [
          toTime(each.madeNs),
          `until ${toTime(each.endNs)}`,
          each.isClaimed ? 'claimed' : 'open',
        ])
        return { value: all, words: all.length === 0 ? 'None was made.' : table(rows) }
      },
    },
    claim: {
      args: 1,
      options: [],
      async run({ client, args: { subject } }) {
        if (!/^[0-9a-f]{64}$/i.test(subject))
          throw new UsageError('the code of an invitation has 64 hexadecimal digits')
        valueOf(await client.claimInvitation(subject))
        return { value: { isClaimed: true }, words: 'claimed: now open your account with any command' }
      },
    },
    who: {
      args: 1,
      options: [],
      onlyAsks: true,
      async run({ client, identities, args: { subject } }) {
        const found = valueOf(await client.practitioner(identities.resolve(subject)))
        const rows = found.memberships.map((each) => membershipText(each))
        const words = found.isVerified
          ? `Verified:\n${rows.join('\n')}`
          : ['NOT VERIFIED as a practitioner: make sure that you know this person.', ...rows].join('\n')
        return { value: found, words }
      },
    },
    'council show': {
      args: 0,
      options: [],
      onlyAsks: true,
      async run({ client, identities }) {
        const found = valueOf(await client.council())
        const members = found.council?.members.map((each) => identities.nameOf(each) ?? each).join(', ')
        const words =
          found.council === null
            ? 'There is no council: nobody is verified, and nobody has to be.'
            : `${found.council.threshold} of: ${members}\nInvitations: ${found.invitationRequired ? 'required' : 'free'}`
        return { value: found, words: found.isSettled ? words : `${words}\nThe two canisters differ.` }
      },
    },
    'council acts': {
      args: 0,
      options: [],
      onlyAsks: true,
      async run({ client }) {
        const all = valueOf(await client.openActs())
        const rows = all.map((each) => [
          short(each.actId),
          `${each.votes.length} for it`,
          `until ${toTime(each.expiresNs)}`,
          each.act,
        ])
        return { value: all, words: all.length === 0 ? 'Nothing is open.' : table(rows) }
      },
    },
    'council propose': {
      args: 0,
      options: ['verify-org', 'suspend-org', 'reinstate-org', 'for', 'member', 'threshold', 'invitations'],
      async run(context) {
        return voteAnswer(valueOf(await context.client.propose(await actOf(context))))
      },
    },
    'council vote': {
      args: 1,
      options: [],
      async run({ client, args: { subject } }) {
        expectPrefix(subject, 'act')
        const act = byPrefix(valueOf(await client.openActs()), subject, (each) => each.actId, 'act')
        return voteAnswer(valueOf(await client.vote(act.actId)))
      },
    },
  },
}

function memberCommand(method: 'suspendMember' | 'removeMember', words: string): Command {
  return {
    args: 1,
    options: ['org'],
    async run(context) {
      const { client, identities, args } = context
      const principal = identities.resolve(args.subject)
      const of = await orgId(context, args.options.org)
      valueOf(await client[method](of, principal))
      return { value: { orgId: of, principal }, words }
    },
  }
}

async function actOf({ identities, args: { options } }: Context): Promise<NewAct> {
  const { member, threshold, invitations } = options
  const acts: NewAct[] = []
  const whole = (id: string): string => {
    expectOrg(id)
    return id.toLowerCase()
  }
  if (options['verify-org'] !== undefined)
    acts.push({ kind: 'verify', orgId: whole(options['verify-org']), untilNs: fromNow(options.for) })
  if (options['suspend-org'] !== undefined) acts.push({ kind: 'suspend', orgId: whole(options['suspend-org']) })
  if (options['reinstate-org'] !== undefined) acts.push({ kind: 'reinstate', orgId: whole(options['reinstate-org']) })
  if (member !== undefined) {
    if (!/^[1-9]\d?$/.test(threshold ?? ''))
      throw new UsageError(
        '--member WHO…, everybody who shall be in it, goes with --threshold K, how many of them decide',
      )
    const members = member.map((each) => identities.resolve(each))
    acts.push({ kind: 'changeCouncil', members, threshold: Number(threshold) })
  }
  if (invitations === 'required' || invitations === 'free')
    acts.push({ kind: 'setPolicy', invitationRequired: invitations === 'required' })
  const [act, ...more] = acts
  if (act === undefined || more.length > 0)
    throw new UsageError(
      'one of --verify-org, --suspend-org, --reinstate-org, --member and --invitations required|free',
    )
  return act
}

const voteAnswer = (vote: VoteInfo) => ({
  value: vote,
  words: vote.isDone
    ? 'done'
    : `${vote.approvals} of the ${vote.threshold} that are needed; others vote with: medguard council vote ${vote.actId}`,
})

/** The whole id or share code, or the beginning of the id of an organisation that one is a member of, or is invited to. */
async function orgId({ client }: Context, given: string | undefined): Promise<string> {
  if (given === undefined) throw new UsageError('--org ORG says which organisation: see medguard org mine')
  if (/^[0-9a-f]{32}$/i.test(given)) return given.toLowerCase()
  const coded = organisationIdOf(given)
  if (coded !== null) return coded
  expectPrefix(given, 'organisation')
  const own = valueOf(await client.memberships()).map(({ organisation }) => organisation)
  return byPrefix(own, given, (each) => each.orgId, 'organisation of yours').orgId
}
function expectOrg(id: string): void {
  if (!/^[0-9a-f]{32}$/i.test(id))
    throw new UsageError(`the whole id of an organisation has 32 hexadecimal digits: ${id}`)
}

function fromNow(time: string | undefined): bigint {
  const forNs = time === undefined ? null : durationNs(time)
  if (forNs === null) throw new UsageError('--for a time such as 12h or 365d is needed')
  return BigInt(Date.now()) * 1_000_000n + forNs
}
const isKind = (kind: string | undefined): kind is OrgKind =>
  (ORG_KINDS as readonly (string | undefined)[]).includes(kind)
const isRole = (role: string): role is Role => (ROLES as readonly string[]).includes(role)
const rolesText = ({ roles }: Member): string => (roles.length === 0 ? 'nothing' : roles.join(', '))

function organisationText(organisation: Organisation): string {
  const { name, kind, looksLike, principal } = organisation
  const warning = looksLike.length === 0 ? '' : `\n${looksText(organisation)}`
  return `${name} (${kind}): ${standingText(organisation)}\nShare with: ${principal}${warning}`
}
/** Whom something is shared with: who verified them and until when, and warnings first. */
export function recipientText({ isVerified, organisation, memberships, looksLike }: Recipient): string {
  const warnings = [
    ...(isVerified
      ? []
      : ['WARNING: nobody has verified who this is. Make sure that the code really comes from them.']),
    ...(looksLike.length === 0 ? [] : [`WARNING: the name looks like ${looksLike.join(', ')}, and is another one.`]),
  ]
  const named =
    organisation === null ? [] : [`${organisation.name} (${organisation.kind}): ${standingText(organisation)}`]
  return [...warnings, ...named, ...memberships.map((each) => membershipText(each).trim())].join('\n')
}
const looksText = ({ looksLike }: Organisation): string => `WARNING: looks like ${looksLike.join(', ')}, and is not.`
const membershipText = ({ organisation, member }: MembershipInfo): string => {
  const until = member.untilNs === null ? '' : ` until ${toTime(member.untilNs)}`
  const what = `${rolesText(member)} of ${organisation.name} (${organisation.kind})`
  return `  ${what}, since ${toTime(member.sinceNs)}${until}; ${standingText(organisation)}`
}
