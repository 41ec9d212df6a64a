import type { PutOff } from './lanes.ts'

/** After how many failures in a row. */
export const waitOf = (waitsMs: readonly number[], failures: number): number =>
  (waitsMs[Math.min(failures, waitsMs.length) - 1] ?? 0) * (0.75 + Math.random() / 2)

/** Grants that are left alone for a while: those that took as much as they may in an hour, for instance. */
export interface PuttingOff {
  /** Each goes over all that waits, once. */
  begin(): void
  /** What became of something under a grant; null for what was not put off. */
  note(grantId: string, putOff: PutOff | null): void
  /** What is left alone is so until the pass ends: nothing overtakes what was before it. */
  has(grantId: string): boolean
  /** For what was left alone in this pass: when it is tried again, and why it waits. Null for nothing. */
  next(): { readonly why: string; readonly inMs: number } | null
}

export function createPuttingOff(waitsMs: readonly number[]): PuttingOff {
  const until = new Map<string, { readonly atMs: number; readonly why: string; readonly failures: number }>()
  const present = new Set<string>()
  return {
    begin: () => present.clear(),
    note(grantId, putOff) {
      if (putOff === null || putOff.isForAll) return void until.delete(grantId)
      const failures = (until.get(grantId)?.failures ?? 0) + 1
      const waitMs = Math.max(waitOf(waitsMs, failures), putOff.afterMs ?? 0)
      until.set(grantId, { atMs: performance.now() + waitMs, why: putOff.why, failures })
      present.add(grantId)
    },
    has(grantId) {
      if ((until.get(grantId)?.atMs ?? 0) > performance.now()) present.add(grantId)
      return present.has(grantId)
    },
    next() {
      const [first] = [...present].flatMap((grantId) => until.get(grantId) ?? []).toSorted((a, b) => a.atMs - b.atMs)
      return first === undefined ? null : { why: first.why, inMs: Math.max(0, first.atMs - performance.now()) }
    },
  }
}
