import type { FaultCode } from './api.ts'

/** `recorded`: of another part of the log than the first, that it continues what the first one recorded of it. */
export type LogCheck = 'certificate' | 'fresh' | 'inclusion' | 'chain' | 'complete' | 'consistency' | 'recorded'

/** Three answers, never two (I21): an exception while checking is `failed`. */
export type Verification =
  | {
      readonly kind: 'verified'
      readonly treeSize: bigint
      readonly certifiedNs: bigint
      readonly checked: readonly LogCheck[]
    }
  | { readonly kind: 'failed'; readonly code: FaultCode; readonly what: string }
  | { readonly kind: 'cannotTell'; readonly code: UntoldCode; readonly why: string }

/**
 * Why nothing can be told of a log: its entries were not all shown, or as it was a while ago, or without proof that it only grew; what this device
 * remembers of it changed all the time; a part of it did not answer, or is not known here.
 */
export type UntoldCode = 'NotShown' | 'Old' | 'NoProof' | 'Unsteady' | 'PartSilent' | 'PartUnknown'

/** Something could not be shown, and nothing was shown to be wrong: a third answer beside verified and failed (I21). */
export class Unproven extends Error {
  override readonly name = 'Unproven'
  readonly code: UntoldCode
  constructor(code: UntoldCode, message: string) {
    super(message)
    this.code = code
  }
}
