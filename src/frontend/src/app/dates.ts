// Times in words, in the reader's own zone. The interface is written in English, so dates inside its sentences are too; which kind of
// English (day or month first, 12 or 24 hours) follows the browser.
import { NS_PER_MS } from '@medguard/client'

export interface Reader {
  readonly locale: string
  /** IANA name; undefined means the zone of this device. */
  readonly timeZone?: string
}

export const READER: Reader = {
  locale: (globalThis.navigator?.languages ?? []).find((language) => language.startsWith('en')) ?? 'en-GB',
}

const DAY_MS = 86_400_000
const HOUR_MS = 3_600_000
const MINUTE_MS = 60_000

export const msOf = (ns: bigint): number => Number(ns / NS_PER_MS)
export const nsOf = (ms: number): bigint => BigInt(Math.trunc(ms)) * NS_PER_MS

const formats = new Map<string, Intl.DateTimeFormat>()
function format(ms: number, options: Intl.DateTimeFormatOptions, reader: Reader): string {
  const key = JSON.stringify([options, reader])
  let found = formats.get(key)
  if (found === undefined) {
    found = new Intl.DateTimeFormat(reader.locale, {
      ...options,
      ...(reader.timeZone && { timeZone: reader.timeZone }),
    })
    formats.set(key, found)
  }
  return found.format(ms)
}

/** `14:02` or `2:02 pm`. */
export const timeText = (ms: number, reader = READER): string =>
  format(ms, { hour: '2-digit', minute: '2-digit' }, reader)

/** `12 May 2025`. */
export const dayText = (ms: number, reader = READER): string =>
  format(ms, { day: 'numeric', month: 'long', year: 'numeric' }, reader)

/** `May 2025`. */
export const monthText = (ms: number, reader = READER): string => format(ms, { month: 'long', year: 'numeric' }, reader)

/** `2025-05-12` in the reader's zone: a key to group and sort by, never shown. */
export function dayKey(ms: number, reader = READER): string {
  const parts = new Intl.DateTimeFormat('en-CA', {
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    ...(reader.timeZone && { timeZone: reader.timeZone }),
  })
  return parts.format(ms)
}

/** `Today`, `Yesterday` or the day. */
export function relativeDayText(ms: number, nowMs: number, reader = READER): string {
  const key = dayKey(ms, reader)
  if (key === dayKey(nowMs, reader)) return 'Today'
  if (key === dayKey(nowMs - DAY_MS, reader)) return 'Yesterday'
  return dayText(ms, reader)
}

/** A moment for the middle of a sentence: `14:02`, `tomorrow at 14:02`, `12 May at 14:02`, `12 May 2024 at 14:02`. */
export function momentText(ms: number, nowMs: number, reader = READER): string {
  const key = dayKey(ms, reader)
  const time = timeText(ms, reader)
  if (key === dayKey(nowMs, reader)) return time
  if (key === dayKey(nowMs + DAY_MS, reader)) return `tomorrow at ${time}`
  if (key === dayKey(nowMs - DAY_MS, reader)) return `yesterday at ${time}`
  const sameYear = key.slice(0, 4) === dayKey(nowMs, reader).slice(0, 4)
  const day = sameYear ? format(ms, { day: 'numeric', month: 'long' }, reader) : dayText(ms, reader)
  return `${day} at ${time}`
}

/** How long is left, rounded down to what matters: `3 days`, `2 hours`, `5 minutes`, `less than a minute`. */
export function leftText(endMs: number, nowMs: number): string {
  const left = endMs - nowMs
  if (left < MINUTE_MS) return 'less than a minute'
  if (left < HOUR_MS) return countText(Math.floor(left / MINUTE_MS), 'minute')
  if (left < 2 * DAY_MS) return countText(Math.floor(left / HOUR_MS), 'hour')
  return countText(Math.floor(left / DAY_MS), 'day')
}

/** `1 record`, `3 records`. */
export function countText(count: number, noun: string, plural = `${noun}s`): string {
  return `${new Intl.NumberFormat(READER.locale).format(count)} ${count === 1 ? noun : plural}`
}

/** `820 bytes`, `4.2 MB`. Powers of 1000, as shops and phones count. */
export function sizeText(bytes: number): string {
  if (bytes < 1000) return countText(bytes, 'byte')
  const units = ['kB', 'MB', 'GB']
  let value = bytes
  let unit = ''
  for (const next of units) {
    if (value < 999.5) break
    value /= 1000
    unit = next
  }
  return `${new Intl.NumberFormat(READER.locale, { maximumFractionDigits: value < 9.95 ? 1 : 0 }).format(value)} ${unit}`
}

const CALENDAR_DATE = /^(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?$/

/**
 * Milliseconds of a FHIR date, dateTime or RFC 3339 text; null for anything else. A date without a time is a day on the wall calendar, so it is
 * read at noon of the reader's zone: midnight of another zone would move it to the day before.
 */
export function clinicalMs(text: string | null | undefined): number | null {
  if (text === null || text === undefined) return null
  const date = CALENDAR_DATE.exec(text)
  if (date !== null) {
    const [, year, month = '01', day = '01'] = date
    const ms = new Date(Number(year), Number(month) - 1, Number(day), 12).getTime()
    return new Date(ms).getMonth() === Number(month) - 1 ? ms : null
  }
  if (!/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}/.test(text)) return null
  const ms = Date.parse(text)
  return Number.isNaN(ms) ? null : ms
}

/** A FHIR date as precise as it was written: `2012`, `May 2012`, `12 May 2012`; null when it is none. */
export function clinicalDayText(text: string | null | undefined, reader = READER): string | null {
  const ms = clinicalMs(text)
  if (ms === null || text === null || text === undefined) return null
  if (/^\d{4}$/.test(text)) return text
  return /^\d{4}-\d{2}$/.test(text) ? monthText(ms, reader) : dayText(ms, reader)
}

/** The first millisecond after a calendar day of this device (`2025-06-30`), or null for text that is no day. */
export function endOfDayMs(day: string): number | null {
  const ms = /^\d{4}-\d{2}-\d{2}$/.test(day) ? clinicalMs(day) : null
  if (ms === null) return null
  const noon = new Date(ms)
  return new Date(noon.getFullYear(), noon.getMonth(), noon.getDate() + 1).getTime()
}
