import {
  blob,
  bool,
  none,
  type Infer,
  named,
  nat32,
  nat64,
  nat8,
  nul,
  opt,
  principal,
  record,
  text,
  update,
  variant,
  vec,
} from './candid.ts'
import { result } from './refusal-schema.ts'
import { PageArg } from './shared-types.ts'

// Who is who: a council (k of n) verifies organisations, and these say who works for them. consent and records have the same methods, each with a copy
// of its own, written by whoever is entitled to; what they disagree about holds in neither (keys.md, section 10).

/** 1 to 13 members; more than half of them have to agree. */
export const Council = named('Council', record({ members: vec(principal), threshold: nat8 }))
export type Council = Infer<typeof Council>

export const OrganisationView = named(
  'Organisation',
  record({
    orgId: blob,
    name: text,
    /** Index into `ORG_KINDS`. */
    kind: nat8,
    registrant: principal,
    registeredNs: nat64,
    /** Zero before the first time; `verifiedBy` is the council's act. */
    verifiedNs: nat64,
    verifiedUntilNs: nat64,
    verifiedBy: blob,
    isSuspended: bool,
    /** Verified, not suspended, and its time not over: all the rest depends on it. */
    isInForce: bool,
    /** How many it has made members, whatever their roles. */
    members: nat32,
  }),
)
export type OrganisationView = Infer<typeof OrganisationView>

export const MemberView = named(
  'Member',
  record({
    principal,
    /** Bits of `ROLE`. */
    roles: nat8,
    validUntilNs: nat64,
    /** Since when it is so, and who said it. */
    sinceNs: nat64,
    setBy: principal,
    status: named('MemberStatus', variant({ invited: nul, active: nul, suspended: nul, removed: nul })),
  }),
)
export type MemberView = Infer<typeof MemberView>

export const Membership = named('Membership', record({ organisation: OrganisationView, member: MemberView }))
export type Membership = Infer<typeof Membership>

const MemberArg = { orgId: blob, principal, requestId: blob }

export const trustMethods = {
  /** `orgId` is client-random. Whoever registers it becomes its first administrator; it is nobody yet until the council verifies it. */
  registerOrganisation: update(record({ orgId: blob, name: text, kind: nat8, requestId: blob }), result(nul), 768),
  /** Administrators only, never about themselves. Somebody new is invited, and a member once they accept; a suspended one is back. */
  setMember: update(record({ ...MemberArg, roles: nat8, validUntilNs: nat64 }), result(nul), 256),
  suspendMember: update(record(MemberArg), result(nul), 256),
  /** Administrators about others, and everybody about themselves: to leave. */
  removeMember: update(record(MemberArg), result(nul), 256),
  acceptMembership: update(record({ orgId: blob, requestId: blob }), result(nul), 128),

  /**
   * Administrators of an organisation in force. `codeHash` is the SHA-256 of 32 random bytes that the invited person gets on paper or screen. Nothing is made
   * for them: they open their own account, under their own identity, and the organisation has no access by it.
   */
  invite: update(record({ orgId: blob, codeHash: blob, endNs: nat64, requestId: blob }), result(nul), 256),
  /** Administrators: in the order they were made, at most 50. Not by whom they were claimed. */
  invitations: update(
    record({ orgId: blob, from: nat32, count: nat32 }),
    result(
      named(
        'InvitationPage',
        record({
          total: nat32,
          invitations: vec(
            named('Invitation', record({ codeHash: blob, madeNs: nat64, endNs: nat64, isClaimed: bool })),
          ),
        }),
      ),
    ),
    128,
  ),
  /** Whoever has the code, once. Anybody signed in: they have no account yet. */
  claimInvitation: update(record({ code: blob, requestId: blob }), result(nul), 256),
  /** `member`: what the caller is there, be it only invited. */
  organisation: update(
    record({ orgId: blob }),
    result(named('OrganisationAnswer', record({ organisation: OrganisationView, member: opt(MemberView) }))),
    128,
  ),
  /** Those that have ever been verified, in that order; at most 50. */
  organisations: update(
    PageArg,
    result(named('OrganisationPage', record({ total: nat32, organisations: vec(OrganisationView) }))),
    128,
  ),
  /** For its administrators, and for a patient whose live grant (`grantId`) reaches its members. At most 50; `total` counts removed ones too. */
  members: update(
    record({ orgId: blob, grantId: opt(blob), from: nat32, count: nat32 }),
    result(named('MemberPage', record({ total: nat32, members: vec(MemberView) }))),
    128,
  ),
  /** The caller's own, and with `invited` those that wait for them: of these 16 at most, and no verified one is missing for one that is not. */
  memberships: update(none, result(vec(Membership)), 64),
  /** Of one person whose principal the caller has: what they are now, in organisations that are in force. Nobody can list people. */
  practitioner: update(record({ principal }), result(vec(Membership)), 128),

  council: update(none, result(named('CouncilView', record({ council: opt(Council), invitationRequired: bool }))), 64),
  /** Council only: what is open. `act` is in the bytes of `encodeAct`. */
  councilActs: update(
    none,
    result(
      vec(
        named(
          'OpenAct',
          record({ actId: blob, act: blob, proposer: principal, expiresNs: nat64, votes: vec(principal) }),
        ),
      ),
    ),
    64,
  ),
  /**
   * The first vote brings the act (bytes of `encodeAct`), further ones the same under the same id; with enough of them it is done in that very message.
   * To verify, an act names the organisation as the council found it: a canister that has it otherwise refuses the vote.
   */
  councilVote: update(
    record({ actId: blob, act: blob, requestId: blob }),
    result(named('Vote', record({ approvals: nat8, threshold: nat8, isDone: bool }))),
    1024,
  ),
} as const
export type TrustMethods = typeof trustMethods
