import type { Grant } from '@medguard/protocol'
import { samePrincipal, type Standing } from './decision.ts'
import type { RulesBook } from './patient-rules.ts'

export interface StandingFacts {
  readonly rules: RulesBook
}

/**
 * How somebody stands to the grantee a grant names, and whether the patient's rules let them: the same in both canisters, each on its own copies.
 * @param principals of the person who asks: the one they came with, and the others of their account.
 */
export function standingOf({ rules }: StandingFacts, grant: Grant, principals: readonly Uint8Array[]): Standing {
  // Both are looked up whoever asks, so that a refusal costs the same (I7).
  const bar = rules.bar(grant.patientId, principals)
  const isGrantee = principals.some((principal) => samePrincipal(principal, grant.grantee))
  if (!isGrantee) return 'nobody'
  return bar ?? 'grantee'
}
