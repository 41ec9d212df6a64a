import { NS_PER_HOUR, NS_PER_MS } from '@medguard/protocol'
import { type Rows, u64Key } from './maps.ts'

/**
 * Hourly budgets in stable memory, one row of 8 bytes a key. A full budget may be spent at once; it refills evenly over an hour. The row is the
 * time at which it is full again (the "generic cell rate algorithm").
 */
export function createBuckets(rows: Rows) {
  return {
    /**
     * Takes one unit.
     * @param perHour At least 1.
     * @returns 0 when it was there; otherwise nothing is taken, and this is how many milliseconds to wait.
     */
    take(key: Uint8Array, perHour: number, nowNs: bigint): number {
      const unitNs = NS_PER_HOUR / BigInt(perHour)
      const stored = rows.get(key)
      const fullAtNs = stored === undefined ? nowNs : new DataView(stored.buffer, stored.byteOffset).getBigUint64(0)
      const afterNs = (fullAtNs > nowNs ? fullAtNs : nowNs) + unitNs
      const overNs = afterNs - nowNs - NS_PER_HOUR
      if (overNs > 0n) return Number(overNs / NS_PER_MS) + 1
      rows.set(key, u64Key(afterNs))
      return 0
    },
    /** Returns a unit that was taken in vain. A full budget stays as it is. */
    giveBack(key: Uint8Array, perHour: number): void {
      const stored = rows.get(key)
      if (stored === undefined) return
      const fullAtNs = new DataView(stored.buffer, stored.byteOffset).getBigUint64(0)
      const unitNs = NS_PER_HOUR / BigInt(perHour)
      rows.set(key, u64Key(fullAtNs > unitNs ? fullAtNs - unitNs : 0n))
    },
  }
}
export type Buckets = ReturnType<typeof createBuckets>
