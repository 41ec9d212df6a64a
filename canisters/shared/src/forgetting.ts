import { isDependantPrincipal, POWER } from '@medguard/protocol'
import { dropBudgetsOf } from './budgets.ts'
import { samePrincipal } from './decision.ts'
import type { Rows } from './maps.ts'
import type { PeopleHost } from './people.ts'
import type { HeldAccount } from './people-book.ts'
import { endRepresentative, hasOtherManager, isAccepted } from './people-representatives.ts'
import { forgetAnswersWith, forgetRepeats } from './repeats.ts'
import type { TrustBook } from './trust-book.ts'
import { memberLeaf } from './trust-leaves.ts'

/** Where both canisters keep something of a person beside their vault. */
export interface PersonRows {
  readonly trust: TrustBook
  readonly requestRows: Rows
  readonly repeatRows: Rows
  readonly budgetRows: Rows
}

/** Whether somebody is the only one who manages for a dependant: their vault is not erased before another does, or the dependant's is. */
export function leavesDependantAlone<A extends HeldAccount>(host: PeopleHost<A>, { patientId }: HeldAccount): boolean {
  const { book, nowNs } = host
  return book.wards(patientId).some((ward) => {
    const held = book.power(ward.patientId, patientId)
    const own = book.representatives(ward.patientId).find((each) => samePrincipal(each.representativeId, patientId))
    if (held === undefined || own === undefined || (held.powers & POWER.manage) === 0) return false
    return (held.endNs === 0n || nowNs() < held.endNs) && !hasOtherManager(host, ward.patientId, own)
  })
}

/**
 * The last of an erasure but for the account itself: who stood behind it, for whom they acted, where they were a member, and what this canister
 * remembers of their calls. Each thing that ends for others is in their log.
 */
export function forgetPerson<A extends HeldAccount>(
  host: PeopleHost<A>,
  rows: PersonRows,
  erased: { readonly account: A; readonly actor: Uint8Array; readonly requestId: Uint8Array },
): void {
  const { book, recovery, nowNs } = host
  const { account, actor, requestId } = erased
  const { patientId } = account
  const by = { actor, requestId }
  const principals = book.circle(patientId).map(({ principal }) => principal)

  for (const ward of book.wards(patientId)) {
    for (const target of book.representatives(ward.patientId))
      if (samePrincipal(target.representativeId, patientId))
        endRepresentative(host, { patientId: ward.patientId, target, ...by })
    // Also where their time was over already, and only a row is left.
    host.endGiven({ patientId: ward.patientId, giverId: patientId, ...by })
  }
  // Nothing is derived here any more: no key moves on.
  const silent = { ...host, lost() {} }
  for (const target of book.representatives(patientId)) {
    if (isAccepted(target) && book.isAccount(target.representativeId))
      for (const { principal } of book.circle(target.representativeId))
        forgetAnswersWith(rows.repeatRows, principal, patientId)
    // Of a dependant's log somebody has to be able to read what became of the vault.
    const keepsLog = book.isDependant(patientId) && (target.powers & POWER.manage) !== 0
    endRepresentative(keepsLog ? { ...silent, log() {} } : silent, { patientId, target, ...by })
  }
  const { current, coming } = recovery.settings(patientId)
  for (const kit of [current?.kit, coming?.kit])
    if (kit !== undefined && kit !== null) forgetRepeats(rows.repeatRows, kit)

  for (const principal of principals) {
    rows.requestRows.delete(principal)
    forgetRepeats(rows.repeatRows, principal)
    if (isDependantPrincipal(principal)) continue
    rows.trust.forget(principal, nowNs(), (orgId, member) =>
      host.log(() => memberLeaf('memberRemoved', { orgId, principal, ...by }, member)),
    )
  }
  dropBudgetsOf(rows.budgetRows, { principals, patientId, cids: account.cids })
}
