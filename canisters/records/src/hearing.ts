import { NS_PER_MINUTE } from '@medguard/protocol'
import { asIs, createRows, rowOf, type Rows, u64 } from '@medguard/shared'
import { takeFact } from './person-facts.ts'
import type { RecordsStore } from './store.ts'
import type { Telling } from './tellings.ts'

const STATE = rowOf(1, { next: u64, heardNs: u64 })
const ALL = new Uint8Array(0)
const NOTHING_YET = { next: 0n, heardNs: 0n }
/** What is older than that decides nothing: a sign-in or a role may have ended since. */
export const FACTS_AGE_MAX_NS = 5n * NS_PER_MINUTE

/** The receiving half of `createTellings`: each change is taken once and in order, and when everything was known last is remembered. */
export function createHearing(options: {
  readonly rows: Rows
  readonly store: RecordsStore
  readonly ended: (patientId: Uint8Array, giverId: Uint8Array) => void
}) {
  const { store, ended } = options
  const rows = createRows(options.rows, { key: asIs, row: STATE })
  return {
    /** @returns false where changes before these are missing: nothing is taken. */
    hear({ firstSeq, count, facts, atNs, isAll }: Telling): boolean {
      const { next, heardNs } = rows.get(ALL) ?? NOTHING_YET
      if (firstSeq > next) return false
      const end = firstSeq + BigInt(count)
      // One that came before brings nothing new, and what it says may not be so any more.
      if (end > next) for (const fact of facts) takeFact(store, fact, ended)
      const isNewest = end >= next
      rows.set(ALL, {
        next: isNewest ? end : next,
        heardNs: isNewest && isAll && atNs > heardNs ? atNs : heardNs,
      })
      return true
    },
    /** Whether what is known here of people may decide. */
    isCurrent: (nowNs: bigint): boolean => nowNs < (rows.get(ALL) ?? NOTHING_YET).heardNs + FACTS_AGE_MAX_NS,
  }
}
export type Hearing = ReturnType<typeof createHearing>
