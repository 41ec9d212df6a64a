import { NS_PER_HOUR, NS_PER_MS } from '@medguard/protocol'
import type { Rows } from './maps.ts'

/** Where rows become numbers and numbers rows, which a map copies at once: to make a view of each costs more than all the rest. */
const word = new DataView(new ArrayBuffer(8))
const wordBytes = new Uint8Array(word.buffer)
const timeIn = (row: Uint8Array): bigint => {
  wordBytes.set(row)
  return word.getBigUint64(0)
}
const rowOfTime = (timeNs: bigint): Uint8Array => {
  word.setBigUint64(0, timeNs)
  return wordBytes
}

/**
 * Hourly budgets in stable memory, one row of 8 bytes a key. A full budget may be spent at once; it refills evenly over an hour. The row is the
 * time at which it is full again (the "generic cell rate algorithm").
 */
export function createBuckets(rows: Rows) {
  return {
    /**
     * Takes one unit, or several at once.
     * @param perHour At least 1, and no less than is taken at once.
     * @returns 0 when it was there; otherwise nothing is taken, and this is how many milliseconds to wait.
     */
    take(key: Uint8Array, perHour: number, nowNs: bigint, units = 1): number {
      const takenNs = (NS_PER_HOUR / BigInt(perHour)) * BigInt(units)
      const stored = rows.get(key)
      const fullAtNs = stored === undefined ? nowNs : timeIn(stored)
      const afterNs = (fullAtNs > nowNs ? fullAtNs : nowNs) + takenNs
      const overNs = afterNs - nowNs - NS_PER_HOUR
      if (overNs > 0n) return Number(overNs / NS_PER_MS) + 1
      rows.overwrite(key, rowOfTime(afterNs))
      return 0
    },
    /** Returns a unit that was taken in vain. A full budget stays as it is. */
    giveBack(key: Uint8Array, perHour: number): void {
      const stored = rows.get(key)
      if (stored === undefined) return
      const fullAtNs = timeIn(stored)
      const unitNs = NS_PER_HOUR / BigInt(perHour)
      rows.overwrite(key, rowOfTime(fullAtNs > unitNs ? fullAtNs - unitNs : 0n))
    },
  }
}
/** One budget that something paid takes from. */
export interface Budget {
  readonly key: Uint8Array
  readonly perHour: number
}

/** Takes one unit from each, or none. @returns milliseconds to wait, or 0. */
export function takeFromAll(buckets: Buckets, of: readonly Budget[], nowNs: bigint): number {
  for (let i = 0; i < of.length; i++) {
    const budget = of[i] as Budget
    const waitMs = buckets.take(budget.key, budget.perHour, nowNs)
    if (waitMs === 0) continue
    giveBackToAll(buckets, of.slice(0, i))
    return waitMs
  }
  return 0
}
export function giveBackToAll(buckets: Buckets, of: readonly Budget[]): void {
  for (const { key, perHour } of of) buckets.giveBack(key, perHour)
}

/** Three budgets of one kind of work: of whoever does it, of the patient it is about, of everybody (I36). */
export function budgetsOfWork(
  tag: number,
  { caller, patientId }: { readonly caller: Uint8Array; readonly patientId: Uint8Array },
  perHour: { readonly ofCaller: number; readonly ofPatient: number; readonly inAll: number },
): readonly Budget[] {
  return [
    { key: workKey(tag, WORK_PART.caller, caller), perHour: perHour.ofCaller },
    { key: workKey(tag, WORK_PART.patient, patientId), perHour: perHour.ofPatient },
    { key: workKey(tag, WORK_PART.all, NOBODY), perHour: perHour.inAll },
  ]
}
export const WORK_PART = { caller: 1, patient: 2, all: 3 } as const
export function workKey(tag: number, part: number, whose: Uint8Array): Uint8Array {
  const key = new Uint8Array(2 + whose.length)
  key[0] = tag
  key[1] = part
  key.set(whose, 2)
  return key
}
const NOBODY = new Uint8Array(0)

export type Buckets = ReturnType<typeof createBuckets>
