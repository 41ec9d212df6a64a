import type { MedGuardClient, RecoveryInfo } from '@medguard/client'
import { createTask } from '../app/task.ts'

export interface Vouched {
  readonly ward: string
  readonly newPrincipal: string
}

/** What is said about recovery, each confirmed by both canisters before the page says so. */
export function createRecoveryStores(client: MedGuardClient, onChanged: () => void) {
  return {
    setting: createTask<RecoveryInfo, { readonly fromNs: bigint }>(async (settings) => {
      const outcome = await client.setRecovery(settings)
      onChanged()
      return outcome
    }),
    vouching: createTask<Vouched, { approvals: number; threshold: number; readyNs: bigint | null }>(
      ({ ward, newPrincipal }) => client.approveRecovery(ward, newPrincipal),
    ),
  }
}
export type RecoveryStores = ReturnType<typeof createRecoveryStores>
