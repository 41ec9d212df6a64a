import { equalBytes, ID_BYTES, refuse, type RefusalArm, RIGHT } from '@medguard/protocol'
import type { Deriver, Epochs } from './codec.ts'

/** Every decision of this canister, as functions of facts. Whoever calls gathers the facts again after each `await` (R5). */

/** Either right lets somebody hold a compartment's key; what they may do with it is asked again for each list and each opening. */
export const RIGHTS_TO_DERIVE = RIGHT.list | RIGHT.open

export function wrongIds(ids: Readonly<Record<string, Uint8Array | null>>): RefusalArm | null {
  for (const field in ids) {
    const id = ids[field]
    if (id !== null && id?.length !== ID_BYTES) return refuse.badInput(field, 'length')
  }
  return null
}

/** Keys of `minEpoch` to `currentEpoch` can be derived. A share compartment has epoch 1 and no other. */
export function refuseEpoch(epoch: number, { minEpoch, currentEpoch }: Epochs): RefusalArm | null {
  return epoch >= minEpoch && epoch <= currentEpoch ? null : refuse.staleEpoch(currentEpoch)
}

/** Whether somebody derived the current key under this very grant. */
export function derivedUnder(derivers: readonly Deriver[], grantId: Uint8Array): boolean {
  return derivers.some((deriver) => equalBytes(deriver.grantId, grantId))
}

export function derivedAsOwner(derivers: readonly Deriver[], principal: Uint8Array): boolean {
  return derivers.some((deriver) => isZero(deriver.grantId) && equalBytes(deriver.principal, principal))
}

const isZero = (bytes: Uint8Array) => bytes.every((byte) => byte === 0)
