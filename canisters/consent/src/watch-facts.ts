import { type Rows, watchWrites } from '@medguard/shared'
import { SECTION } from './store.ts'

/** Sections 30 to 59: people, trust, consent. */
const FIRST_FACT = 30
const LAST_FACT = 59
/** What is told and decides nothing. */
const TOLD: readonly number[] = [SECTION.agreements, SECTION.accessRequests]

/**
 * The rows, with a word at each change of what decisions rest on beside grants. By section and not by method: a sweep that is skipped because
 * somebody forgot to say what they changed would leave a key with who lost the right to it. A word too many costs one sweep of each compartment that
 * is written to afterwards.
 */
export function watchFacts(rows: Rows, changed: () => void): Rows {
  const isFact = (section: number): boolean =>
    (section >= FIRST_FACT && section <= LAST_FACT && !TOLD.includes(section)) ||
    section === SECTION.accounts ||
    section === SECTION.erasures // whose own vault is being erased has an account no more
  return watchWrites(rows, isFact, changed)
}

/** What no decision looks at: the bookkeeping of flows, keys and the log. Any other section counts as a fact. */
const BOOKKEEPING: readonly number[] = [
  SECTION.outbox,
  SECTION.requests,
  SECTION.budgets,
  SECTION.derivers,
  SECTION.keyChecks,
  SECTION.changes,
  SECTION.factsChanged,
  SECTION.swept,
  SECTION.repeats,
  SECTION.shardOutboxes,
  SECTION.readerNotes,
]
/** Whether a permit may rest on what a section says. */
export const decides = (section: number): boolean => !BOOKKEEPING.includes(section)
