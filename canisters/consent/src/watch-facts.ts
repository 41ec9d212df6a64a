import type { Rows } from '@medguard/shared'
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
  const look = (section: number): void => {
    const isFact =
      (section >= FIRST_FACT && section <= LAST_FACT && !TOLD.includes(section)) ||
      section === SECTION.accounts ||
      section === SECTION.erasures // whose own vault is being erased has an account no more
    if (isFact) changed()
  }
  // The section is read first: a key is a buffer in which `changed` makes the next one.
  return {
    get: (key) => rows.get(key),
    has: (key) => rows.has(key),
    set(key, value) {
      const section = key[0] ?? 0
      rows.set(key, value)
      look(section)
    },
    delete(key) {
      const section = key[0] ?? 0
      rows.delete(key)
      look(section)
    },
  }
}
