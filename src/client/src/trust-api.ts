import type { OrgKind, Role } from '@medguard/protocol'
import type { Outcome } from './api.ts'

/** An organisation, as both canisters have it; where they differ, what each of them says is worth nothing. */
export interface Organisation {
  readonly orgId: string
  /** Share code: what to share with, and nobody can sign as. */
  readonly principal: string
  readonly name: string
  readonly kind: OrgKind
  readonly registrant: string
  readonly registeredNs: bigint
  /** When the council verified it last, until when, and by which of its acts; null before the first time. */
  readonly verified: { readonly sinceNs: bigint; readonly untilNs: bigint; readonly act: string } | null
  readonly isSuspended: boolean
  /** Verified, not suspended, in time, and so in both canisters. Only then anything can be shared with it. */
  readonly isInForce: boolean
  readonly members: number
  /** Names of other, verified organisations that this one's looks like: somebody may want to be taken for them. */
  readonly looksLike: readonly string[]
}
export type MemberStatus = 'invited' | 'active' | 'suspended' | 'removed'
export interface Member {
  readonly principal: string
  readonly roles: readonly Role[]
  /** Null: until it is changed. */
  readonly untilNs: bigint | null
  readonly sinceNs: bigint
  /** Who said so. */
  readonly setBy: string
  readonly status: MemberStatus
}
export interface MembershipInfo {
  readonly organisation: Organisation
  readonly member: Member
}
/** Who somebody is, to whoever has their share code. */
export interface Practitioner {
  readonly principal: string
  /** Whether records can be shared with them for care: a verified organisation vouches for them, by what both canisters say. Otherwise warn. */
  readonly isVerified: boolean
  readonly memberships: readonly MembershipInfo[]
}

/** Who stands behind a share code, to be shown before anything is shared with it. */
export interface Recipient {
  readonly principal: string
  /** Whether a verified organisation it is, or one that vouches for a person, is in force now. Otherwise warn. */
  readonly isVerified: boolean
  /** Null for a person, and for an organisation that nobody registered. */
  readonly organisation: Organisation | null
  /** Of a person: by whom, as what, since and until when. */
  readonly memberships: readonly MembershipInfo[]
  /** Verified organisations that the named ones could be taken for, and are not. Warn. */
  readonly looksLike: readonly string[]
}

/** Without the code, which only the invited person has, and without who that was. */
export interface InvitationInfo {
  readonly codeHash: string
  readonly madeNs: bigint
  readonly endNs: bigint
  readonly isClaimed: boolean
}

export interface CouncilInfo {
  /** Null where nobody verifies anybody. */
  readonly council: { readonly members: readonly string[]; readonly threshold: number } | null
  readonly invitationRequired: boolean
  /** False while the two canisters differ. */
  readonly isSettled: boolean
}
export type NewAct =
  | { readonly kind: 'verify'; readonly orgId: string; readonly untilNs: bigint }
  | { readonly kind: 'suspend' | 'reinstate'; readonly orgId: string }
  | { readonly kind: 'changeCouncil'; readonly members: readonly string[]; readonly threshold: number }
  | { readonly kind: 'setPolicy'; readonly invitationRequired: boolean }
/** What an act does, and all that there is to tell before one votes for it. */
export type ActAbout =
  | {
      readonly kind: 'verify'
      readonly orgId: string
      readonly name: string
      readonly orgKind: OrgKind
      readonly registrant: string
      readonly untilNs: bigint
    }
  | Exclude<NewAct, { readonly kind: 'verify' }>
export interface OpenActInfo {
  readonly actId: string
  /** In English words, for a terminal. */
  readonly act: string
  readonly about: ActAbout
  readonly proposer: string
  readonly expiresNs: bigint
  /** Who voted in both canisters. */
  readonly votes: readonly string[]
}
export interface VoteInfo {
  readonly actId: string
  readonly approvals: number
  readonly threshold: number
  /** Done in both canisters. */
  readonly isDone: boolean
}

export interface TrustMethods {
  /** Registers an organisation, of which the caller is the first administrator. Nobody trusts it before the council verified it. */
  registerOrganisation(wanted: { name: string; kind: OrgKind }): Promise<Outcome<Organisation>>
  /** Administrators: invites somebody, or changes what they are; null: without an end, for administrators alone. Never about oneself. */
  setMember(
    orgId: string,
    member: { principal: string; roles: readonly Role[]; untilNs: bigint | null },
  ): Promise<Outcome<void>>
  suspendMember(orgId: string, principal: string): Promise<Outcome<void>>
  /** Also to leave oneself. */
  removeMember(orgId: string, principal: string): Promise<Outcome<void>>
  acceptMembership(orgId: string): Promise<Outcome<void>>
  /** One organisation, and what the caller is there. */
  organisation(orgId: string): Promise<Outcome<{ organisation: Organisation; member: Member | null }>>
  /** All that are in force. */
  organisations(): Promise<Outcome<readonly Organisation[]>>
  /** For administrators; with a live grant to it also for the patient who gave it: those it can reach. */
  members(orgId: string, grantId?: string): Promise<Outcome<readonly Member[]>>
  memberships(): Promise<Outcome<readonly MembershipInfo[]>>
  practitioner(principal: string): Promise<Outcome<Practitioner>>
  /** Of a person or an organisation, whichever the code stands for. */
  recipient(principal: string): Promise<Outcome<Recipient>>
  /** Administrators: the code for somebody to open an account with, shown once. The organisation has no access by it. */
  invite(orgId: string, endNs: bigint): Promise<Outcome<{ readonly code: string; readonly endNs: bigint }>>
  invitations(orgId: string): Promise<Outcome<readonly InvitationInfo[]>>
  /** Before enrolling, where an invitation is needed. */
  claimInvitation(code: string): Promise<Outcome<void>>
  council(): Promise<Outcome<CouncilInfo>>
  /** Council only. */
  openActs(): Promise<Outcome<readonly OpenActInfo[]>>
  /** Brings an act, with the first vote for it. */
  propose(act: NewAct): Promise<Outcome<VoteInfo>>
  /** Votes for one that is open. */
  vote(actId: string): Promise<Outcome<VoteInfo>>
}
