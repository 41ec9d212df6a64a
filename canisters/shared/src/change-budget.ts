import { CHANGES_PER_HOUR, refuse, type RefusalArm } from '@medguard/protocol'
import type { Buckets } from './buckets.ts'
import { BUDGET_TAG, budgetKey } from './budgets.ts'
import type { FactSource, VaultFacts } from './decision.ts'

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
export function changesOf(budgets: Buckets, patientId: Uint8Array, nowNs: bigint): ChangeBudget {
  const key = budgetKey(BUDGET_TAG.change, patientId)
  return {
    take() {
      const waitMs = budgets.take(key, CHANGES_PER_HOUR, nowNs)
      return waitMs === 0 ? null : refuse.busy(waitMs)
    },
    giveBack: () => budgets.giveBack(key, CHANGES_PER_HOUR),
  }
}

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
