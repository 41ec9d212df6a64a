import type { Category, LinkContentType, LinkEndName } from '@medguard/protocol'
import type { Outcome, Progress, RecordSummary } from './api.ts'

// Links for people without an account (SMART Health Links): a copy of chosen records under a key that is only in the link.

export interface LinkContent {
  readonly contentType: LinkContentType
  readonly bytes: Uint8Array
}
export interface NewLink {
  /** At most 80 characters. It stands in the link for whoever opens it; here it is sealed. */
  readonly label: string
  /** Records of one's own, or an International Patient Summary of what is in some categories; each opened, which is a line in the log. Or what was made of them. */
  readonly content:
    | { readonly records: readonly RecordSummary[] }
    | { readonly summaryOf: readonly Category[] }
    | { readonly files: readonly LinkContent[] }
  readonly endNs: bigint
  /** Null for a link that opens without one. */
  readonly passcode: string | null
  /** Wrong passcodes in its whole life; 10 unless told. */
  readonly attempts?: number
}
export interface MadeLink {
  /** Hexadecimal. */
  readonly linkId: string
  /** `shlink:/…`: shown now and never again. */
  readonly link: string
  readonly endNs: bigint
  /** Records that do not open and are not in its summary. */
  readonly leftOut: number
}
export interface LinkInfo {
  readonly linkId: string
  /** Null where the key it was sealed with is no more. */
  readonly label: string | null
  readonly madeNs: bigint
  readonly endNs: bigint
  readonly ended: { readonly atNs: bigint; readonly why: LinkEndName } | null
  readonly hasPasscode: boolean
  readonly attemptsMax: number
  readonly attemptsLeft: number
  readonly sizeBytes: number
  readonly openings: number
  /** The newest, oldest first. `saysTheyAre`: their own word, which nobody checked. */
  readonly lastOpenings: readonly { readonly atNs: bigint; readonly saysTheyAre: string }[]
}

export interface LinksPart {
  /** @returns `TooLarge` for more than 512 KiB, sealed. */
  makeLink(link: NewLink, progress?: Progress): Promise<Outcome<MadeLink>>
  /** Those that are over too, newest first. */
  links(): Promise<Outcome<readonly LinkInfo[]>>
  endLink(linkId: string): Promise<Outcome<null>>
}

export interface LinkAsking {
  /** Who they say they are, for the patient's log: at most 80 characters. */
  readonly recipient: string
  readonly passcode: string | null
}
/** What became of opening somebody's link. */
export type LinkOpened =
  | { readonly kind: 'opened'; readonly label: string | null; readonly files: readonly OpenedLinkFile[] }
  | { readonly kind: 'passcode'; readonly attemptsLeft: number | null }
  /** It never was, its time is over, or it was ended. */
  | { readonly kind: 'over' }
  | { readonly kind: 'later'; readonly seconds: number }
  /** It leads to another service, which is not asked from here. */
  | { readonly kind: 'elsewhere'; readonly host: string }
  | { readonly kind: 'damaged' }
  | { readonly kind: 'unreachable' }
export interface OpenedLinkFile {
  readonly contentType: string
  readonly bytes: Uint8Array
}
