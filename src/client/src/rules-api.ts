import type { Category, Purpose, RequestsFrom, Right } from '@medguard/protocol'
import type { Outcome, Share } from './api.ts'

/** What a patient has laid down for all sharing. */
export interface MyRules {
  /** Since when all sharing is paused, or null. */
  readonly pausedNs: bigint | null
  /** What no share covers unless it names it. */
  readonly sensitive: readonly Category[]
  /** Who may ask for access: nobody, whom the patient once shared with, or also any verified practitioner. Where nobody verifies, that is anybody. */
  readonly requestsFrom: RequestsFrom
  /** Principals of people and organisations whom nothing is shared with, whatever was granted. */
  readonly blocked: readonly string[]
  /** False while the two canisters have it differently; the stricter of the two holds. Lay it down again. */
  readonly isSettled: boolean
}
export type MyRulesChange =
  | { readonly kind: 'pause' | 'resume' }
  | { readonly kind: 'block' | 'unblock'; readonly whom: string }
  | { readonly kind: 'sensitive'; readonly categories: readonly Category[] }
  | { readonly kind: 'requestsFrom'; readonly who: RequestsFrom }

export type AccessRequestState = 'pending' | 'approved' | 'narrowed' | 'denied' | 'withdrawn' | 'expired'
/** Somebody asks a patient to share. */
export interface AccessRequestInfo {
  readonly askId: string
  readonly direction: 'sent' | 'received'
  readonly requester: string
  /** Whom to share with: the requester, or the organisation they ask for. */
  readonly grantee: string
  readonly patient: string
  readonly categories: readonly Category[]
  readonly rights: readonly Right[]
  readonly purpose: Purpose
  readonly periodNs: bigint
  readonly askedNs: bigint
  readonly expiresNs: bigint
  /** For whoever asked, `pending` also where it reached nobody. */
  readonly state: AccessRequestState
  /** The share that answers it. */
  readonly grantId: string | null
}
export interface NewAccessRequest {
  /** Share code. */
  readonly patient: string
  readonly categories: readonly Category[]
  readonly rights: readonly Right[]
  readonly purpose: Purpose
  readonly periodNs: bigint
  /** Until when it can be answered, 30 days from now at most. */
  readonly expiresNs: bigint
  /** Id of an organisation of one's own to ask for. */
  readonly forOrganisation?: string
}
/** What is given of what was asked for; absent: all of it. More than was asked for is refused. */
export interface Approval {
  readonly categories?: readonly Category[]
  readonly rights?: readonly Right[]
  readonly periodNs?: bigint
  /** Only records of these days, both included; null: no bound. */
  readonly days?: { readonly from: string | null; readonly until: string | null }
  /** These and no others, in place of kinds and days: each of a kind that was asked for, and named by being picked. */
  readonly records?: readonly { readonly recordId: string; readonly version: number; readonly category: Category }[]
  readonly namesSensitive?: boolean
}

/** Somebody to whom a key that opens a record would be given at this moment. */
export interface Reader {
  readonly principal: string
  /** The share by which; null for the patient and whoever acts in their place. */
  readonly grantId: string | null
  /** Id of the organisation as whose member. */
  readonly organisation: string | null
  readonly rights: readonly Right[]
}

/** All that holds for a patient's sharing, as one document. */
export interface MyRulesDocument {
  readonly rules: MyRules
  /** Every share that was ever given, with its state. */
  readonly shares: readonly Share[]
  readonly requests: readonly AccessRequestInfo[]
}

/** What a patient lays down, and what others ask of them. `of` is the id of a patient who gave the caller powers; absent, the vault that the client is about. */
export interface RulesMethods {
  rules(of?: string): Promise<Outcome<MyRules>>
  /** In both canisters. What ends access is tried in both, whatever the first one answers. */
  changeRules(change: MyRulesChange, of?: string): Promise<Outcome<MyRules>>
  myRules(): Promise<Outcome<MyRulesDocument>>
  /** Who can open a record of one's own now: who reads its category, or a share that holds it. Decided by the rule that gives out keys. */
  whoCanOpen(record: { recordId: string; version: number; category: Category }): Promise<Outcome<readonly Reader[]>>
  /**
   * Puts into shares by record and by days what belongs there and is not there yet: newer versions, notes and corrections, also of others, and records of
   * these days. Whatever stores does it for what it stored; this does it for everything, after signing in and when `changes` moved. @returns how many
   * were put in.
   */
  fillShares(): Promise<Outcome<number>>
  /** The text that was confirmed with a share, for its patient and whoever it is to. */
  agreement(grantId: string): Promise<Outcome<string>>
  /** @returns the id of the request. That it reached somebody, nothing tells. */
  requestAccess(request: NewAccessRequest): Promise<Outcome<{ askId: string }>>
  /** Newest first. */
  requests(direction: 'sent' | 'received', of?: string): Promise<Outcome<readonly AccessRequestInfo[]>>
  denyRequest(askId: string): Promise<Outcome<null>>
  withdrawRequest(askId: string): Promise<Outcome<null>>
  /** Shares what a request asks for, or less, from now on. */
  approveRequest(askId: string, approval?: Approval): Promise<Outcome<Share>>
}
