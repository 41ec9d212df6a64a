import type { LogItem, Outcome } from './api.ts'
import type { Verification } from './verification.ts'
import type { Profile } from './profile.ts'

/** What somebody is told of: the kinds that a profile chooses among, but for `shareEnding`, which no event brings, and `security`, which is always told. */
export type NoticeKind = 'requestMade' | 'recordOpened' | 'recordAdded' | 'security'

/** Something in one's own log that its owner wants to hear of. */
export interface NoticeInfo {
  /** The same on every device, and of one event only. */
  readonly id: string
  readonly kind: NoticeKind
  /** Name of the event in the log. */
  readonly event: string
  /** Position in the patient's own history. */
  readonly seq: bigint
  readonly atNs: bigint
  /** Principal who did it; who asked, of a request. */
  readonly who: string
  /** Principal whom it is about and who did not do it, or null. */
  readonly subject: string | null
  readonly objectId: string
  readonly grantId: string | null
  /** Kind of record; null where it has none, as in the inbox. */
  readonly category: LogItem['category']
  readonly isRead: boolean
}

/** What a device remembers of the profile, as of one of its versions, so that it need not open it each time. */
export interface NoticeChoices {
  /** Of the record that the profile is; 0 before there is one. */
  readonly version: number
  readonly profile: Pick<Profile, 'notifications' | 'quietHours' | 'units'>
  /** Whether it names anybody to call. */
  readonly hasContacts: boolean
}

export interface Notices {
  /** Newest first. */
  readonly notices: readonly NoticeInfo[]
  /** Ids that were read, also of what the edge tells by itself. */
  readonly read: readonly string[]
  /** What this device knows of the choices; null before it was told. */
  readonly choices: NoticeChoices | null
  /** Whether what is told comes from a log that holds; if not, nothing new was taken from it. */
  readonly verification: Verification['kind']
}

/** What is remembered of them stays on this device, sealed under the vault's own key; of a client without memory, in memory only. */
export interface NoticeMethods {
  /**
   * Reads what came to one's own log since the last look, proven as `log` proves it, and tells what of it is to be told. Not logged.
   *
   * @param look False: only what this device has kept, also what another tab has.
   */
  notices(look: boolean): Promise<Outcome<Notices>>
  /** Whether the log has more than the last look saw: one question, a hint. True before the first look. */
  hasNotices(): Promise<Outcome<boolean>>
  /** Remembers what was read, and what was chosen. */
  keepNotices(change: {
    readonly read?: readonly string[]
    readonly choices?: NoticeChoices
  }): Promise<Outcome<Notices>>
}
