import { CHANGES_PER_HOUR, LINES_PER_HOUR, ORG_CHANGES_PER_HOUR, refuse, type RefusalArm } from '@medguard/protocol'
import type { Budget, Buckets } from './buckets.ts'
import { BUDGET_TAG, budgetKey } from './budgets.ts'
import type { FactSource, VaultFacts } from './decision.ts'
import type { TrustContext } from './trust-methods.ts'

/**
 * What an account may begin in an hour: shares, and whatever else leaves lines in the log for nothing. Ending is never counted, so that it never waits;
 * and since each end needs a beginning, there are no more ends than beginnings. Both canisters count their own.
 */
export interface ChangeBudget {
  /** Takes one. Null when it was there; otherwise when to ask again. */
  take(): RefusalArm | null
  /** Of a change that was refused after all. */
  giveBack(): void
}

/** @param patientId of the account that pays (`payerOf`). */
export const changesOf = (budgets: Buckets, patientId: Uint8Array, nowNs: bigint): ChangeBudget =>
  budgetOf(budgets, { key: budgetKey(BUDGET_TAG.change, patientId), perHour: CHANGES_PER_HOUR }, nowNs)

/**
 * Takes lines that somebody is about to write into a log. Null when they were there; otherwise when to ask again. What reads and what fills is counted apart, since
 * each canister counts its own.
 *
 * @param patientId of the account that acts.
 */
export function takeLines(budgets: Buckets, patientId: Uint8Array, lines: number, nowNs: bigint): RefusalArm | null {
  const waitMs = budgets.take(budgetKey(BUDGET_TAG.lines, patientId), LINES_PER_HOUR, nowNs, lines)
  return waitMs > 0 ? refuse.busy(waitMs) : null
}

/**
 * What pays for a change in an organisation: one that a council verified has a budget of its own, since it takes on many people and answers for what it does. Any
 * other is as good as its administrator's account, who may have made it up.
 */
export function changesBy(
  { book, budgets, patientIdOf, nowNs }: Pick<TrustContext, 'book' | 'budgets' | 'patientIdOf' | 'nowNs'>,
  orgId: Uint8Array,
  caller: Uint8Array,
): ChangeBudget {
  const now = nowNs()
  if (!book.isInForce(orgId, now)) return changesOf(budgets, patientIdOf(caller) ?? caller, now)
  return budgetOf(budgets, { key: budgetKey(BUDGET_TAG.organisation, orgId), perHour: ORG_CHANGES_PER_HOUR }, now)
}

const budgetOf = (budgets: Buckets, { key, perHour }: Budget, nowNs: bigint): ChangeBudget => ({
  take() {
    const waitMs = budgets.take(key, perHour, nowNs)
    return waitMs === 0 ? null : refuse.busy(waitMs)
  },
  giveBack: () => budgets.giveBack(key, perHour),
})

/**
 * Patient id of whose budget pays for a change in a vault that `vaultNamed` gave: the account of whoever makes it, since in somebody's place they
 * would spend what is theirs.
 */
export function payerOf<A extends VaultFacts>(
  named: Uint8Array | undefined,
  vault: VaultFacts,
  caller: Uint8Array,
  facts: Pick<FactSource<A>, 'account'>,
): Uint8Array {
  return named === undefined ? vault.patientId : (facts.account(caller) ?? vault).patientId
}
