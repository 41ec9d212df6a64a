import type { Outcome, Progress } from './api.ts'
import type { Category, GrantBar, Purpose, Right } from '@medguard/protocol'

export interface NewShare {
  /** Principal text of the recipient; they may enrol later. */
  readonly grantee: string
  readonly scope:
    | {
        readonly categories: readonly Category[]
        /** Whoever may only write may be let into the inbox, with categories or without: what they send waits there for the patient. */
        readonly inbox?: true
      }
    | {
        readonly records: readonly { recordId: string; version: number }[]
        /** Kinds that it is held to, now and later; both canisters know them, which a share that answers a request needs. Those of the records, and no others. */
        readonly heldTo?: readonly Category[]
      }
    | { readonly range: ShareRange }
  readonly rights: readonly Right[]
  readonly purpose: Purpose
  readonly startNs: bigint
  readonly endNs: bigint
  readonly terms?: ShareTerms
  /** Id of the request for access that this answers. */
  readonly answering?: string
}

/** What is to be different about a share; what is absent stays as it is, and so do recipient and purpose. */
export interface ShareChange {
  /** In place of all that it reached. */
  readonly scope?: NewShare['scope']
  readonly rights?: readonly Right[]
  readonly endNs?: bigint
  /** That what is sensitive in the new scope was named. */
  readonly namesSensitive?: boolean
}

export interface SharingMethods {
  share(share: NewShare, progress?: Progress): Promise<Outcome<Share>>
  /**
   * Gives a new share with the same recipient in place of one that runs, then ends that one: in this order, so that whatever breaks it off leaves either
   * the old one or both. Of both the next sign-in on any device, or the next try, ends the old one (`finishShares`).
   *
   * @returns the new one, whose `inPlaceOf` is the old one.
   */
  changeShare(grantId: string, change: ShareChange, progress?: Progress): Promise<Outcome<Share>>
  /** Ends a share, and what it stands in place of if that was not ended yet. */
  revoke(grantId: string): Promise<Outcome<{ readonly endNs: bigint; readonly isInConsentOnly?: boolean }>>
  /** Records that a share by record or by days holds: looked at once in a session, which is a line in the log. Empty for a share by kind. */
  recordsInShare(grantId: string): Promise<Outcome<readonly { readonly recordId: string; readonly version: number }[]>>
  sharesGiven(): Promise<Outcome<readonly Share[]>>
  sharesReceived(): Promise<Outcome<readonly Share[]>>
  /**
   * Settles shares that are `notFinished`, and ends those that others already stand in place of; called after sign-in. Completes those that this very client began, and
   * withdraws all others: what one canister says alone may be its own invention.
   *
   * @param how.sparesRecent leaves alone what began elsewhere in the last ten minutes: another device of theirs may be giving it right now.
   */
  finishShares(how?: { readonly sparesRecent?: boolean }): Promise<Outcome<readonly Share[]>>
}

/** What a share says beyond whom, what and until when. Each narrows it, but for the naming of what is sensitive. */
export interface ShareTerms {
  /** Of an organisation: which members it reaches, by their role; bits of `ROLE`, 0 or absent for any clinical role. */
  readonly roles?: number
  /** Of an organisation: members whom it does not reach, as principals; at most 6. */
  readonly excluded?: readonly string[]
  /** That the patient has named what is sensitive in it. Without that nothing sensitive is shared. */
  readonly namesSensitive?: boolean
  /** Of a share that goes on taking records in: which. Not to be set by whoever shares; the scope says it. */
  readonly range?: ShareRange
  /** Of a share by record that is held to certain kinds: which. As `range`. */
  readonly categories?: readonly Category[]
}
/** Records of these categories, by the day they are about; both days are included, null is open. One without a date only where both are open. */
export interface ShareRange {
  readonly categories: readonly Category[]
  /** `2026-03-14` */
  readonly from: string | null
  readonly until: string | null
}

/** A category, records picked one by one, or what others leave for the patient to look at. */
export type ShareScope = Category | 'shared' | 'inbox'
export type ShareState = 'live' | 'notStarted' | 'ended' | 'revoked' | 'notFinished'

export interface Share {
  readonly grantId: string
  readonly direction: 'given' | 'received'
  readonly patient: string
  /** Of the vault, hexadecimal: the same whichever of the patient's sign-ins gave it. */
  readonly patientId: string
  readonly grantee: string
  readonly scope: readonly ShareScope[]
  readonly rights: readonly Right[]
  readonly purpose: Purpose
  readonly startNs: bigint
  readonly endNs: bigint
  /** When it was revoked, if it was. */
  readonly endedNs: bigint | null
  /** Absent where it says nothing more. */
  readonly terms?: ShareTerms
  /** `notFinished`: only one of the two canisters has it, or they differ about it. It gives no access; `finishShares` settles it. */
  readonly state: ShareState
  /**
   * What keeps it from giving anything now, whatever its state: the patient paused all sharing, blocked this person or organisation, or nobody vouches for
   * them any more. `closed`: whoever received it is told no reason. Null where nothing does.
   */
  readonly bar: GrantBar | null
  /** Records did not answer: this is what consent says alone. */
  readonly isUnconfirmed?: boolean
  /** The share that it was changed from. While that one is still live the change is not finished: `finishShares` ends it. */
  readonly inPlaceOf?: string
  /** What it was changed to. */
  readonly replacedBy?: string
}
