import type { DetailHead } from '@medguard/protocol'
import type { Leaf } from '@medguard/tlog'

/** Why evidence is not what it says. */
export type FailureCode = 'BadFile' | 'BadCertificate' | 'LogBroken' | 'BadCosignature'

/** What was checked, by name. The first four always are. */
export type EvidenceCheck =
  | 'certificate' // signed by the pinned network, by the subnet of the log's canister
  | 'witness' // the tree head is what the certificate's state holds for that canister
  | 'inclusion' // each entry is in the tree of that head
  | 'detail' // the fields of each entry are those its leaf stands for
  | 'complete' // these are all entries of the patient or the organisation, by a certified count and last hash
  | 'fresh' // the certificate is at most five minutes old
  | 'consistency' // the head continues the last one that this device saw, or is continued by it
  | 'cosigned' // as many independent witnesses as wanted have seen all of it

/** One line of the log, as it was proven. */
export interface ProvenEntry {
  readonly leaf: Leaf
  /** 32 bytes. */
  readonly leafHash: Uint8Array
  readonly detail: { readonly head: DetailHead; readonly fields: Uint8Array }
}

/** Of whom evidence shows a whole history. 16 bytes. */
export type HistoryOf =
  | { readonly kind: 'patient'; readonly id: Uint8Array }
  | { readonly kind: 'organisation'; readonly id: Uint8Array }

/** Three answers, never two. An exception while checking is `failed`. */
export type Verdict =
  | {
      readonly kind: 'verified'
      readonly entries: readonly ProvenEntry[]
      /** Null for single entries, about whose neighbours nothing is said. */
      readonly historyOf: HistoryOf | null
      /** When the network said so: of archived evidence that is the statement. For a history, when it was complete. */
      readonly certifiedNs: bigint
      readonly treeSize: number
      readonly checked: readonly EvidenceCheck[]
      /** Names of the witnesses that cosigned. */
      readonly witnesses: readonly string[]
    }
  | { readonly kind: 'failed'; readonly code: FailureCode; readonly what: string }
  | { readonly kind: 'cannotTell'; readonly why: string }

/** Something is wrong: the answer is `failed`. */
export class Unsound extends Error {
  override readonly name = 'Unsound'
  readonly code: FailureCode
  constructor(code: FailureCode, message: string) {
    super(message)
    this.code = code
  }
}

/** Something could not be shown, and nothing is shown to be wrong: the answer is `cannotTell`. */
export class CannotTell extends Error {
  override readonly name = 'CannotTell'
}
