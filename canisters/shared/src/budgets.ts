import type { Service } from '@medguard/protocol'
import { createBuckets } from './buckets.ts'
import { isAnonymous, nowNs } from './host.ts'
import type { Rows } from './maps.ts'

/** First bytes of the keys among a canister's budget rows: for life, and alike in all canisters. */
export const BUDGET_TAG = {
  deriveOne: 1, // reader, compartment
  deriveOfReader: 2,
  deriveOfPatient: 3,
  deriveInAll: 4,
  enrol: 5,
  rewrap: 6,
  deposit: 7,
  registerOrganisation: 0x28,
  accessRequest: 0x50,
  people: 6, // patient id of who changes
  refusalLeaf: 0x72,
} as const

/** How often one method may be called. Whatever the call comes to, it counts. */
export interface MethodBudget {
  /** Of `BUDGET_TAG`. */
  readonly tag: number
  readonly ofCallerPerHour: number
  readonly inAllPerHour: number
}
export interface BudgetOptions<S extends Service> {
  readonly rows: Rows
  readonly methods: { readonly [K in keyof S & string]?: MethodBudget }
}

/**
 * Takes one call from the budget of all, and from the caller's. In that order: only who is let in gets a row, so strangers with ever new
 * principals cannot make more rows than the budget of all allows, and who is over their own takes nothing from the others.
 * Anonymous callers share the budget of all, since they are nobody in particular.
 *
 * @returns 0, or the milliseconds to wait.
 */
export function createSpender(
  rows: Rows,
  { tag, ofCallerPerHour, inAllPerHour }: MethodBudget,
  clock: () => bigint = nowNs,
): (caller: Uint8Array) => number {
  const buckets = createBuckets(rows)
  const ofAll = Uint8Array.of(tag)
  return (caller) => {
    const now = clock()
    const waitMs = buckets.take(ofAll, inAllPerHour, now)
    if (waitMs > 0 || isAnonymous(caller)) return waitMs
    const key = new Uint8Array(1 + caller.length)
    key[0] = tag
    key.set(caller, 1)
    const ownWaitMs = buckets.take(key, ofCallerPerHour, now)
    if (ownWaitMs > 0) buckets.giveBack(ofAll, inAllPerHour)
    return ownWaitMs
  }
}
