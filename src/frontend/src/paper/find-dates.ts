import { plainText } from './folding.ts'

// Days as papers write them, in numbers and with names of months.

export interface FoundDay {
  /** `2024-03-14`. */
  readonly day: string
  /** As it is written. */
  readonly written: string
  /** Day and month could be the other way round. */
  readonly isUnsure: boolean
  /** Where it begins in the line. */
  readonly at: number
}

const MONTHS = new Map<string, number>()
for (const locale of ['en-GB', 'cs-CZ', 'ar-EG']) {
  for (let month = 0; month < 12; month++) {
    const date = new Date(Date.UTC(2024, month, 15))
    for (const options of [{ month: 'long' }, { day: 'numeric', month: 'long' }, { month: 'short' }] as const) {
      const parts = new Intl.DateTimeFormat(locale, { ...options, timeZone: 'UTC' }).formatToParts(date)
      const name =
        parts
          .find(({ type }) => type === 'month')
          ?.value.replace(/\.$/, '')
          .toLowerCase() ?? ''
      if (/^\p{L}{3,}$/u.test(name)) MONTHS.set(name, month + 1)
    }
  }
}

const ISO = /(?<!\d)((?:19|20)\d{2})-(\d{2})-(\d{2})(?!\d)/g
const NUMBERS = /(?<![\d.,/-])(\d{1,2})\s?([./-])\s?(\d{1,2})\s?\2\s?((?:19|20)\d{2})(?!\d)/g
const DAY_FIRST = /(?<!\d)(\d{1,2})(?:\.|st|nd|rd|th)?\s+(\p{L}{3,})\.?,?\s+((?:19|20)\d{2})(?!\d)/giu
const MONTH_FIRST = /(?<!\p{L})(\p{L}{3,})\.?\s+(\d{1,2})(?:st|nd|rd|th)?,?\s+((?:19|20)\d{2})(?!\d)/giu

/** All days in a line, from the left. @param text may hold digits of other scripts. */
export function daysIn(text: string): FoundDay[] {
  const line = plainText(text)
  const found: FoundDay[] = []
  const add = (
    match: RegExpMatchArray,
    parts: readonly [year: number, month: number, day: number],
    isUnsure = false,
  ) => {
    const day = dayOf(...parts)
    if (day !== null) found.push({ day, written: match[0], isUnsure, at: match.index ?? 0 })
  }
  for (const match of line.matchAll(ISO)) add(match, [Number(match[1]), Number(match[2]), Number(match[3])])
  for (const match of line.matchAll(NUMBERS)) {
    const [first, second, year] = [Number(match[1]), Number(match[3]), Number(match[4])]
    // Day first, as nearly everywhere; with slashes some write the month first.
    const isMonthFirst = second > 12 && first <= 12
    const isUnsure = match[2] === '/' && first <= 12 && second <= 12 && first !== second
    add(match, isMonthFirst ? [year, first, second] : [year, second, first], isUnsure)
  }
  for (const match of line.matchAll(DAY_FIRST)) add(match, [Number(match[3]), monthNamed(match[2]), Number(match[1])])
  for (const match of line.matchAll(MONTH_FIRST)) add(match, [Number(match[3]), monthNamed(match[1]), Number(match[2])])
  return found.toSorted((a, b) => a.at - b.at)
}

const monthNamed = (name = ''): number => MONTHS.get(name.toLowerCase()) ?? 0

function dayOf(year: number, month: number, day: number): string | null {
  const date = new Date(Date.UTC(year, month - 1, day))
  if (date.getUTCMonth() !== month - 1 || date.getUTCDate() !== day) return null
  return date.toISOString().slice(0, 10)
}

const BIRTH = /\b(dob|born|birth|nar|naroz|rodn)|المولد|الميلاد|ولد/iu
const SAMPLE = /collect|sampl|drawn|taken|odb[eě]r|odebr|سحب|جمع/iu
const GIVEN = /report|issued|date|vyd[aá]n|datum|dne|administ|given|visit|التاريخ|تاريخ/iu

/** The day that a paper is about: of the sample, else of the paper itself; never a birthday, never a day to come. */
export function dayOfPaper(lines: readonly string[], nowMs: number): (FoundDay & { readonly line: string }) | null {
  const today = new Date(nowMs + 86_400_000).toISOString().slice(0, 10)
  let best: { rank: number; found: FoundDay; line: string } | null = null
  for (const line of lines) {
    const plain = plainText(line)
    for (const found of daysIn(line)) {
      if (found.day > today || found.day < '1950') continue
      // The words before it, up to the day before that.
      const before = plain
        .slice(0, found.at)
        .replace(/.*\d{4}/, '')
        .slice(-30)
      if (BIRTH.test(before)) continue
      const rank = SAMPLE.test(before) ? 3 : GIVEN.test(before) ? 2 : 1
      if (best === null || rank > best.rank) best = { rank, found, line }
    }
  }
  return best === null ? null : { ...best.found, line: best.line }
}
