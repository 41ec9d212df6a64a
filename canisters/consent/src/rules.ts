import { COMPARTMENT_KIND, equalBytes, ID_BYTES, refuse, type RefusalArm, RIGHT } from '@medguard/protocol'
import { decideGrantee, type Decision, type GrantState, isLive, positionOfId } from '@medguard/shared'
import type { Deriver, Epochs, StoredAccount } from './codec.ts'

/** Every decision of this canister, as functions of facts. Whoever calls gathers the facts again after each `await` (R5). */

export interface Asked {
  /** Raw principal of the person, whoever passed the question on. */
  readonly caller: Uint8Array
  readonly patientId: Uint8Array
  readonly compartmentKind: number
  readonly cid: Uint8Array
  /** Null for the owner. */
  readonly grantId: Uint8Array | null
  /** Rights of which at least one is needed. */
  readonly anyOf: number
}
export interface Facts {
  /** The caller's account, if they have one. */
  readonly account: StoredAccount | undefined
  /** The grant they name. */
  readonly state: GrantState | undefined
  readonly nowNs: bigint
}

/** Either right lets somebody hold a compartment's key; what they may do with it is asked again for each list and each opening. */
export const RIGHTS_TO_DERIVE = RIGHT.list | RIGHT.open

const NOT_PERMITTED: Decision = { kind: 'refuse', refusal: refuse.notPermitted }

/** Whether somebody may do something in a compartment now (keys.md, section 8.1). */
export function decide(asked: Asked, facts: Facts): Decision {
  if (facts.account === undefined) return NOT_PERMITTED
  if (asked.grantId !== null) return decideGrantee(asked, facts.state, facts.nowNs)
  const isOwner = equalBytes(facts.account.patientId, asked.patientId)
  return isOwner && ownsCompartment(facts.account, asked) ? { kind: 'permit' } : NOT_PERMITTED
}

/** The eight categories, and any share: a patient fills a share before its grant reaches this canister. */
export function ownsCompartment(
  account: StoredAccount,
  { compartmentKind, cid }: Pick<Asked, 'compartmentKind' | 'cid'>,
): boolean {
  if (compartmentKind === COMPARTMENT_KIND.share) return true
  return compartmentKind === COMPARTMENT_KIND.category && positionOfId(account.cids, cid) >= 0
}

export function wrongIds(ids: Readonly<Record<string, Uint8Array | null>>): RefusalArm | null {
  for (const [field, id] of Object.entries(ids))
    if (id !== null && id.length !== ID_BYTES) return refuse.badInput(field, 'length')
  return null
}

/** Keys of `minEpoch` to `currentEpoch` can be derived. A share compartment has epoch 1 and no other. */
export function refuseEpoch(epoch: number, { minEpoch, currentEpoch }: Epochs): RefusalArm | null {
  return epoch >= minEpoch && epoch <= currentEpoch ? null : refuse.staleEpoch(currentEpoch)
}

/**
 * Whether somebody who derived the current key has lost the right to: then the compartment moves to its next epoch before anything more is
 * stored in it (keys.md, section 8.2; I10).
 */
export function isStale(
  derivers: readonly Deriver[],
  facts: {
    readonly owner: Uint8Array | undefined
    readonly grant: (grantId: Uint8Array) => GrantState | undefined
    readonly nowNs: bigint
  },
): boolean {
  return derivers.some(({ principal, grantId }) => {
    if (isZero(grantId)) return facts.owner === undefined || !equalBytes(facts.owner, principal)
    const state = facts.grant(grantId)
    return state === undefined || !isLive(state, facts.nowNs)
  })
}

/** Whether somebody derived the current key under this very grant. */
export function derivedUnder(derivers: readonly Deriver[], grantId: Uint8Array): boolean {
  return derivers.some((deriver) => equalBytes(deriver.grantId, grantId))
}

export function derivedAsOwner(derivers: readonly Deriver[], principal: Uint8Array): boolean {
  return derivers.some((deriver) => isZero(deriver.grantId) && equalBytes(deriver.principal, principal))
}

const isZero = (bytes: Uint8Array) => bytes.every((byte) => byte === 0)
