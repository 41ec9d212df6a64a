import { ByteWriter, type Service } from '@medguard/protocol'
import { createBuckets, WORK_PART, workKey } from './buckets.ts'
import { isAnonymous, nowNs } from './host.ts'
import { idsIn } from './id-list.ts'
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
  depositUnder: 0x46, // grant id
  devicePost: 0x47, // of a device by its id
  deviceCheckFree: 0x48, // of a device by its id
  deviceCheck: 0x49, // and of all
  deviceRepeat: 0x4a,
  linkOpening: 0x4b, // of a link by its id, and of all
  registerOrganisation: 0x28,
  organisation: 0x29, // organisation id
  accessRequest: 0x50,
  people: 0x30, // patient id of who changes
  change: 0x51, // patient id of who changes
  lines: 0x52, // patient id of whose acts are logged
  refusalLeaf: 0x72,
} as const

/** Of one reader in one compartment. */
export const deriveOneKey = (reader: Uint8Array, cid: Uint8Array): Uint8Array =>
  new ByteWriter(2 + reader.length + cid.length).u8(BUDGET_TAG.deriveOne).u8(reader.length).raw(reader).raw(cid).done()
export const deriveOfReaderKey = (reader: Uint8Array): Uint8Array =>
  new ByteWriter(2 + reader.length).u8(BUDGET_TAG.deriveOfReader).u8(reader.length).raw(reader).done()
/** A tag, and whose budget it is. */
export const budgetKey = (tag: number, whose: Uint8Array): Uint8Array =>
  new ByteWriter(1 + whose.length).u8(tag).raw(whose).done()

/** Removes what is kept of somebody's budgets when their account is gone. Whoever opens one anew takes from what all have together. */
export function dropBudgetsOf(
  rows: Rows,
  of: { readonly principals: readonly Uint8Array[]; readonly patientId: Uint8Array; readonly cids: Uint8Array },
): void {
  const { principals, patientId, cids } = of
  const { deriveOfPatient, people, change, lines, enrol, accessRequest, refusalLeaf, rewrap, deposit, devicePost } =
    BUDGET_TAG
  for (const tag of [deriveOfPatient, people, change, lines, accessRequest]) rows.delete(budgetKey(tag, patientId))
  for (const tag of [rewrap, deposit, devicePost]) dropWork(rows, tag, patientId)
  for (const principal of principals) {
    for (const tag of [enrol, refusalLeaf]) rows.delete(budgetKey(tag, principal))
    for (const tag of [rewrap, deposit]) dropWork(rows, tag, principal)
    rows.delete(deriveOfReaderKey(principal))
    for (const cid of idsIn(cids)) rows.delete(deriveOneKey(principal, cid))
  }
}
function dropWork(rows: Rows, tag: number, whose: Uint8Array): void {
  for (const part of [WORK_PART.caller, WORK_PART.patient]) rows.delete(workKey(tag, part, whose))
}

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
