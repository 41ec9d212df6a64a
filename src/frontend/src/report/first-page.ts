import type { ReportRow } from './report.ts'
import type { ReportSection } from './report-choice.ts'

// What goes on the first page, so that it is one page: on paper of any usual size two columns have so many lines, and each row takes as many as its text.

export interface OnFirstPage {
  readonly section: ReportSection
  readonly rows: readonly ReportRow[]
  /** More of this kind on the pages after. */
  readonly more: number
  /** Something long was cut; it stands whole on the pages after. */
  readonly isShortened: boolean
}

/** Of both columns together, beside what stands above and below them. */
export const LINES = 88
const COLUMN_CHARS = 40
const PAGE_CHARS = 84
/** A heading with its air, in lines. */
const HEADING_LINES = 2
export const TEXT_CHARS_MAX = 120
/** Rows that a part gets in each round: what must not be overlooked comes first. */
const SHARE: Readonly<Record<ReportSection, number>> = {
  allergies: 4,
  conditions: 3,
  medicines: 4,
  results: 3,
  vitals: 2,
  vaccines: 1,
  contacts: 2,
  documents: 1,
}

/** How much room letters take, in small Latin ones: capitals are wider, and those that fill a square as wide as two. */
function widthOf(text: string): number {
  let width = 0
  for (const letter of text)
    width += /\p{Script=Han}|\p{Script=Hiragana}|\p{Script=Katakana}|\p{Script=Hangul}|\p{Extended_Pictographic}/u.test(
      letter,
    )
      ? 2.2
      : /[\p{Lu}mw@%…—]/u.test(letter)
        ? 1.5
        : 1
  return width
}
const lines = (text: string, chars: number) => Math.max(1, Math.ceil(widthOf(text) / chars))

/** Column lines that the words of one's own take, which stand across both columns. */
export const linesOfNotes = (notes: string): number =>
  notes === '' ? 0 : notes.split('\n').reduce((sum, line) => sum + 2 * lines(line, PAGE_CHARS), 2 * HEADING_LINES)

const textOf = ({ what, value, detail, when, flag, trend }: ReportRow): string =>
  // A flag and an arrow have words of their own; so many characters are as long as they get.
  [
    what,
    value,
    detail,
    when,
    flag === null ? null : 'xxxxxxxxxxxxxxxxx',
    trend === null ? null : `xxxxx ${trend.from} ${trend.when}`,
  ]
    .filter((part) => part !== null)
    .join(' · ')
const linesOf = (row: ReportRow) => lines(textOf(row), COLUMN_CHARS)

function cut(text: string | null): string | null {
  if (text === null) return null
  const all = Array.from(text.replaceAll(/\s+/g, ' '))
  return all.length <= TEXT_CHARS_MAX ? text : `${all.slice(0, TEXT_CHARS_MAX - 1).join('')}…`
}
const shortened = (row: ReportRow): ReportRow => ({
  ...row,
  what: cut(row.what) ?? '',
  value: cut(row.value),
  detail: cut(row.detail),
})
const isCut = (rows: readonly ReportRow[]): boolean =>
  rows.some((row) => {
    const short = shortened(row)
    return short.what !== row.what || short.value !== row.value || short.detail !== row.detail
  })

/** @param parts none of them empty. @param taken lines that something else takes. */
export function firstPage(
  parts: readonly { readonly section: ReportSection; readonly rows: readonly ReportRow[] }[],
  taken = 0,
): OnFirstPage[] {
  // A part of which nothing fits still says that there is something.
  let room = LINES - taken - parts.length * (HEADING_LINES + 1)
  const shown = new Map(parts.map(({ section }) => [section, 0]))
  const open = new Set(parts.map(({ section }) => section))
  while (open.size > 0) {
    for (const { section, rows } of parts) {
      for (let turn = 0; turn < SHARE[section] && open.has(section); turn++) {
        const count = shown.get(section) ?? 0
        const next = rows[count]
        const needed = next === undefined ? 0 : linesOf(shortened(next))
        if (next === undefined || needed > room) {
          open.delete(section)
          break
        }
        room -= needed
        shown.set(section, count + 1)
      }
    }
  }
  return parts.map(({ section, rows }) => {
    const kept = rows.slice(0, shown.get(section))
    return { section, rows: kept.map(shortened), more: rows.length - kept.length, isShortened: isCut(kept) }
  })
}
