import type { Flag } from './reading.ts'

/** What a device without a zone says, and what the one that receives it knows. */
export interface WallClock {
  /** The device's clock, read as if it were UTC; null for one without a clock. */
  readonly clockMs: number | null
  /** When it was received. */
  readonly receivedMs: number
  /** Of the receiving device at that moment, east of UTC. */
  readonly offsetMinutes: number
}
export interface Placed {
  readonly timeMs: number
  readonly clockMs: number
  readonly offsetMinutes: number
  readonly receivedMs: number
  readonly flags: readonly Flag[]
}

/** No health device that speaks Bluetooth is older: such a clock was never set, or its battery was out. */
const FIRST_MS = Date.UTC(2010, 0, 1)
/** A clock that is so much ahead is wrong, not in another zone (the farthest are 26 hours apart). */
const AHEAD_MAX_MS = 26 * 3_600_000

/**
 * When a reading was made, by a clock on the wall. A clock that can't be right is not believed: the reading counts from when it was received, is marked, and keeps what
 * the clock said, so that the same one sent again is still the same.
 */
export function placed({ clockMs, receivedMs, offsetMinutes }: WallClock): Placed {
  if (clockMs === null) return { timeMs: receivedMs, clockMs: receivedMs, offsetMinutes, receivedMs, flags: [] }
  const timeMs = clockMs - offsetMinutes * 60_000
  const isWrong = clockMs < FIRST_MS || clockMs > receivedMs + AHEAD_MAX_MS
  return isWrong
    ? { timeMs: receivedMs, clockMs: Math.max(clockMs, 0), offsetMinutes, receivedMs, flags: ['clockWrong'] }
    : { timeMs, clockMs, offsetMinutes, receivedMs, flags: ['zoneAssumed'] }
}

const MOMENT = /^(\d{4})-(\d{2})-(\d{2})[T ](\d{2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?\s*(Z|[+-]\d{2}:?\d{2})?$/

/** A date and time as ISO 8601 and its relatives write it. `offsetMinutes` is null where no zone is written, and `ms` is then the wall's. */
export function readMoment(text: string): { readonly ms: number; readonly offsetMinutes: number | null } | null {
  const match = MOMENT.exec(text.trim())
  if (match === null) return null
  const [, year, month, day, hour, minute, second = '0', fraction = '', zone] = match
  const [y, mo, d, h, mi, s] = [year, month, day, hour, minute, second].map(Number) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ]
  if (mo < 1 || mo > 12 || h > 23 || mi > 59 || s > 59) return null
  const wall = Date.UTC(y, mo - 1, d, h, mi, s, Number(fraction.padEnd(3, '0').slice(0, 3)))
  if (new Date(wall).getUTCDate() !== d || d === 0) return null // 31 February
  if (zone === undefined) return { ms: wall, offsetMinutes: null }
  if (zone === 'Z') return { ms: wall, offsetMinutes: 0 }
  const minutes = Number(zone.slice(1, 3)) * 60 + Number(zone.slice(-2))
  if (minutes > 840) return null
  const offsetMinutes = zone.startsWith('-') ? -minutes : minutes
  return { ms: wall - offsetMinutes * 60_000, offsetMinutes: offsetMinutes === 0 ? 0 : offsetMinutes }
}

/** A moment with the offset of where it was, as FHIR and RFC 3339 write it. */
export function momentText(ms: number, offsetMinutes: number | null): string {
  const text = new Date(ms + (offsetMinutes ?? 0) * 60_000).toISOString().replace('.000', '')
  if (offsetMinutes === null || offsetMinutes === 0) return text
  const two = (value: number) => String(value).padStart(2, '0')
  const minutes = Math.abs(offsetMinutes)
  return `${text.slice(0, -1)}${offsetMinutes < 0 ? '-' : '+'}${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`
}
