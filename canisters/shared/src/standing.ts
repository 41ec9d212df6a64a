import type { Grant } from '@medguard/protocol'
import type { Standing } from './decision.ts'
import type { RulesBook } from './patient-rules.ts'
import type { TrustBook } from './trust-book.ts'

export interface StandingFacts {
  readonly rules: RulesBook
  readonly trust: TrustBook
}

/**
 * How somebody stands to the grantee a grant names, and whether the patient's rules let them: the same in both canisters, each on its own copies.
 * @param principals of the person who asks: the one they came with, and the others of their account.
 */
export function standingOf(
  { rules, trust }: StandingFacts,
  grant: Grant,
  principals: readonly Uint8Array[],
  nowNs: bigint,
): Standing {
  // Both are looked up whoever asks, so that a refusal costs the same (I7). Who blocks an organisation blocks what they shared with it.
  const bar = rules.bar(grant.patientId, [...principals, grant.grantee])
  const standing = trust.standing(grant, principals, nowNs)
  return standing === 'nobody' ? 'nobody' : (bar ?? standing)
}
