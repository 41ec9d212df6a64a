/**
 * Until when what is decided stays decided, if no row changes: the earliest of all moments that were compared with the present and have not come. Whatever a decision
 * compares with the time, it compares here. A comparison that is made elsewhere would let a permit outlive its end.
 */
const NEVER_NS = 0xffff_ffff_ffff_ffffn
let earliestNs = NEVER_NS

/** Whether a moment has come. */
export function hasCome(momentNs: bigint, nowNs: bigint): boolean {
  if (nowNs >= momentNs) return true
  if (momentNs < earliestNs) earliestNs = momentNs
  return false
}

/** @returns what `work` does, and before which moment it would do the same. */
export function untilWhen<T>(work: () => T): { readonly value: T; readonly untilNs: bigint } {
  earliestNs = NEVER_NS
  const value = work()
  return { value, untilNs: earliestNs }
}
