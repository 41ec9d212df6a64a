import { readMoment } from '../clocks.ts'

// Cells of tables as people, meters and spreadsheets write them.

export type DateOrder = 'ymd' | 'dmy' | 'mdy'

const DAY = /^(\d{1,4})\s*[./-]\s*(\d{1,2})\s*[./-]\s*(\d{1,4})\.?$/
const CLOCK = /^(\d{1,2})[:.](\d{2})(?:[:.](\d{2})(?:[.,]\d+)?)?\s*([ap])?\.?(?:m\.?)?$/i
const DAY_MS = 86_400_000

/** Midnight of a day as if in UTC; null where it is none in that order. A year of two digits is of this century. */
export function readDay(text: string, order: DateOrder): number | null {
  const match = DAY.exec(text.trim())
  if (match === null) return null
  const [a = '', b = '', c = ''] = match.slice(1)
  // Four digits in front say it themselves.
  const [year, month, day] =
    a.length === 4 ? [a, b, c] : order === 'ymd' ? [a, b, c] : order === 'dmy' ? [c, b, a] : [c, a, b]
  if (year.length !== 2 && year.length !== 4) return null
  const full = year.length === 2 ? 2000 + Number(year) : Number(year)
  const ms = Date.UTC(full, Number(month) - 1, Number(day))
  const date = new Date(ms)
  return date.getUTCMonth() === Number(month) - 1 && date.getUTCDate() === Number(day) ? ms : null
}

/** Milliseconds since midnight: `7:05`, `07:05:09`, `7:05 PM`. */
export function readClock(text: string): number | null {
  const match = CLOCK.exec(text.trim())
  if (match === null) return null
  const [, hour = '', minute = '', second = '0', half] = match
  const isAfternoon = half?.toLowerCase() === 'p'
  const h = half === undefined ? Number(hour) : (Number(hour) % 12) + (isAfternoon ? 12 : 0)
  if (h > 23 || (half !== undefined && Number(hour) > 12) || Number(minute) > 59 || Number(second) > 59) return null
  return (h * 3600 + Number(minute) * 60 + Number(second)) * 1000
}

/** A moment: its milliseconds, of a wall clock where no offset is written. */
export interface Moment {
  readonly ms: number
  readonly offsetMinutes: number | null
  /** Whether it is of a wall clock. */
  readonly isWall: boolean
}

/** Day and clock in one cell, ISO 8601, or seconds or milliseconds since 1970. */
export function readTime(text: string, order: DateOrder): Moment | null {
  const trimmed = text.trim()
  if (/^\d{10}$/.test(trimmed)) return { ms: Number(trimmed) * 1000, offsetMinutes: null, isWall: false }
  if (/^\d{13}$/.test(trimmed)) return { ms: Number(trimmed), offsetMinutes: null, isWall: false }
  const iso = readMoment(trimmed)
  if (iso !== null) return { ...iso, isWall: iso.offsetMinutes === null }
  const match = /^(.*?\d{2,4}\.?)(?:,?\s+|T)(\d{1,2}[:.]\d{2}.*)$/.exec(trimmed)
  const day = readDay(match?.[1] ?? trimmed, order)
  const clock = match === null ? 0 : readClock(match[2] ?? '')
  return day === null || clock === null ? null : { ms: day + clock, offsetMinutes: null, isWall: true }
}

/** The orders that most of some cells can be read in; the first is the one to take. More than one means: ask. */
export function ordersOf(cells: readonly string[]): DateOrder[] {
  const read = (['dmy', 'mdy', 'ymd'] as const).map((order) => {
    const moments = cells.map((cell) => readTime(cell, order)?.ms ?? null)
    return { order, moments, count: moments.filter((ms) => ms !== null).length }
  })
  const most = Math.max(...read.map(({ count }) => count))
  const found = most === 0 ? [] : read.filter(({ count }) => count === most)
  // Where all orders read the same, there is nothing to ask.
  const isSame = found.every(({ moments }) => moments.every((ms, i) => ms === found[0]?.moments[i]))
  return (isSame ? found.slice(0, 1) : found).map(({ order }) => order)
}

export interface Cell {
  /** Null for what a device could not tell. */
  readonly value: number | null
  readonly isAbove: boolean
  readonly isBelow: boolean
  /** As written behind the number, or empty. */
  readonly unit: string
}

/** A number with its decimal sign, spaces and marks between thousands, a unit behind it; `HI` and `LO` of meters. Null for what is none. */
export function readNumber(text: string, hasDecimalComma: boolean): Cell | null {
  const trimmed = text.trim()
  const isAbove = /^(hi|high)$/i.test(trimmed)
  if (isAbove || /^(lo|low)$/i.test(trimmed)) return { value: null, isAbove, isBelow: !isAbove, unit: '' }
  const [, sign = '', digits = '', unit = ''] = /^([-−]?)(\d[\d.,'’\s\u00a0\u202f]*)\s*(\D.*)?$/.exec(trimmed) ?? []
  if (digits === '') return null
  const bare = digits.replaceAll(/['’\s\u00a0\u202f]/g, '')
  // A mark between thousands stands before three digits; anywhere else it is the other decimal sign, and guessing would be wrong by a factor of ten.
  const [point, mark] = hasDecimalComma ? [',', '.'] : ['.', ',']
  const [whole = '', fraction = '', ...more] = bare.split(point)
  const groups = whole.split(mark)
  const isNumber =
    more.length === 0 &&
    /^\d*$/.test(fraction) &&
    groups.every(
      (group, i) => /^\d+$/.test(group) && (i === 0 ? groups.length === 1 || group.length <= 3 : group.length === 3),
    )
  const value = isNumber ? Number(`${groups.join('')}.${fraction}`) : Number.NaN
  return Number.isNaN(value)
    ? null
    : { value: sign === '' ? value : -value, isAbove: false, isBelow: false, unit: unit.trim() }
}

export const isDayMs = (ms: number): boolean => ms % DAY_MS === 0
