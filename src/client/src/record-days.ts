import { type Category, DAYS_NONE, DAYS_OPEN, type GrantTermsArg } from '@medguard/protocol'
import type { RecordSummary, ShareRange } from './api.ts'
import { categoriesIn, maskOf } from './rules.ts'

/** 0001-01-01 as days before 1970-01-01: days of records are counted from there, so that none is negative. */
const DAYS_BEFORE_1970 = 719_162
const MS_PER_DAY = 86_400_000

/** @param date `2026-03-14`, or a time that begins so: the day as it was written down, wherever that was. */
export const dayOf = (date: string): number => Math.floor(Date.parse(date.slice(0, 10)) / MS_PER_DAY) + DAYS_BEFORE_1970
const dateOf = (day: number): string => new Date((day - DAYS_BEFORE_1970) * MS_PER_DAY).toISOString().slice(0, 10)

/** As a grant says it. */
export const rangeTerms = ({ categories, from, until }: ShareRange) => ({
  categories: maskOf(categories),
  fromDay: from === null ? DAYS_OPEN.fromDay : dayOf(from),
  untilDay: until === null ? DAYS_OPEN.untilDay : dayOf(until),
})
/** The same of records picked one by one, of those kinds. */
export const pickedTerms = (categories: readonly Category[]) => ({ categories: maskOf(categories), ...DAYS_NONE })
const isPicked = ({ fromDay, untilDay }: GrantTermsArg): boolean =>
  fromDay === DAYS_NONE.fromDay && untilDay === DAYS_NONE.untilDay

/** Null for a grant that takes no records in by itself. */
export function rangeOf(terms: GrantTermsArg): ShareRange | null {
  const { categories, fromDay, untilDay } = terms
  if (categories === 0 || isPicked(terms)) return null
  return {
    categories: categoriesIn(categories),
    from: fromDay === DAYS_OPEN.fromDay ? null : dateOf(fromDay),
    until: untilDay === DAYS_OPEN.untilDay ? null : dateOf(untilDay),
  }
}

/** Kinds that records picked one by one are held to; null for a grant of another kind. */
export const pickedOf = (terms: GrantTermsArg): readonly Category[] | null =>
  terms.categories !== 0 && isPicked(terms) ? categoriesIn(terms.categories) : null

/** Whether a record falls into a range. One without a date does so only where the range has none. */
export function isWithin(
  { category, clinicalDate }: Pick<RecordSummary, 'category' | 'clinicalDate'>,
  { categories, from, until }: ShareRange,
): boolean {
  if (!(categories as readonly (Category | 'shared')[]).includes(category)) return false
  if (from === null && until === null) return true
  if (clinicalDate === null) return false
  const day = clinicalDate.slice(0, 10)
  return (from === null || day >= from) && (until === null || day <= until)
}
