// Times in words, in the reader's language and zone. Day or month first, 12 or 24 hours: as in the reader's region.
import { NS_PER_MS } from '@medguard/client'
import { languageStore, numberText, t } from '../words/language.ts'

export interface Reader {
  readonly locale: string
  /** IANA name; undefined means the zone of this device. */
  readonly timeZone?: string
}

const theReader = (): Reader => ({ locale: languageStore.getState().locale })

const DAY_MS = 86_400_000
const HOUR_MS = 3_600_000
const MINUTE_MS = 60_000

export const msOf = (ns: bigint): number => Number(ns / NS_PER_MS)
export const nsOf = (ms: number): bigint => BigInt(Math.trunc(ms)) * NS_PER_MS

const TIME: Intl.DateTimeFormatOptions = { hour: '2-digit', minute: '2-digit' }
const DAY: Intl.DateTimeFormatOptions = { day: 'numeric', month: 'long', year: 'numeric' }
const DAY_OF_THIS_YEAR: Intl.DateTimeFormatOptions = { day: 'numeric', month: 'long' }
const DAY_TIME: Intl.DateTimeFormatOptions = { dateStyle: 'long', timeStyle: 'short' }
const MONTH: Intl.DateTimeFormatOptions = { month: 'long', year: 'numeric' }
const MARK: Intl.DateTimeFormatOptions = { day: 'numeric', month: 'short', year: '2-digit' }
const KEY: Intl.DateTimeFormatOptions = { year: 'numeric', month: '2-digit', day: '2-digit' }

/** Of each kind, by reader: making one takes as long as a hundred dates. */
const formats = new Map<Intl.DateTimeFormatOptions, Map<string, Intl.DateTimeFormat>>()
function formatter(options: Intl.DateTimeFormatOptions, { locale, timeZone }: Reader): Intl.DateTimeFormat {
  const ofKind = formats.get(options) ?? new Map<string, Intl.DateTimeFormat>()
  formats.set(options, ofKind)
  const reader = `${locale} ${timeZone ?? ''}`
  let found = ofKind.get(reader)
  if (found === undefined) {
    found = new Intl.DateTimeFormat(locale, { ...options, ...(timeZone && { timeZone }) })
    ofKind.set(reader, found)
  }
  return found
}
const format = (ms: number, options: Intl.DateTimeFormatOptions, reader: Reader): string =>
  formatter(options, reader).format(ms)

/** `14:02` or `2:02 pm`. */
export const timeText = (ms: number, reader = theReader()): string => format(ms, TIME, reader)

/** `12 May 2025`. */
export const dayText = (ms: number, reader = theReader()): string => format(ms, DAY, reader)

/** `12 May 2025 at 14:02`. */
export const dayTimeText = (ms: number, reader = theReader()): string => format(ms, DAY_TIME, reader)

/** `May 2025`. */
export const monthText = (ms: number, reader = theReader()): string => format(ms, MONTH, reader)

/** `12 May 25`: below a chart, where there is no room. */
export const markText = (ms: number, reader = theReader()): string => format(ms, MARK, reader)

/** `2025-05-12` in the reader's zone: a key to group and sort by, never shown. */
export function dayKey(ms: number, { timeZone }: Reader = theReader()): string {
  const locale = 'en-u-ca-gregory-nu-latn'
  // By its parts: in which order a language puts them is each browser's own idea.
  const found = formatter(KEY, { locale, ...(timeZone !== undefined && { timeZone }) }).formatToParts(ms)
  const parts = new Map(found.map(({ type, value }) => [type, value]))
  return [parts.get('year'), parts.get('month'), parts.get('day')].join('-')
}

/** `Today`, `Yesterday` or the day. */
export function relativeDayText(ms: number, nowMs: number, reader = theReader()): string {
  const which = whichDay(ms, nowMs, reader)
  return which === 'today' || which === 'yesterday' ? t(`dates.${which}`) : dayText(ms, reader)
}

/** A moment after "until" or "from": `14:02`, `tomorrow at 14:02`, `12 May at 14:02`, `12 May 2024 at 14:02`. */
export function momentText(ms: number, nowMs: number, reader = theReader()): string {
  const time = timeText(ms, reader)
  const which = whichDay(ms, nowMs, reader)
  if (which === 'today') return time
  return which === 'other'
    ? t('dates.dayMoment', { day: shortDayText(ms, nowMs, reader), time })
    : t(`dates.${which}Moment`, { time })
}

/** When something happens or did: `at 14:02`, `tomorrow at 14:02`, `on 12 May at 14:02`. */
export function atText(ms: number, nowMs: number, reader = theReader()): string {
  const time = timeText(ms, reader)
  switch (whichDay(ms, nowMs, reader)) {
    case 'today':
      return t('dates.atTime', { time })
    case 'tomorrow':
      return t('dates.atTomorrow', { time })
    case 'yesterday':
      return t('dates.atYesterday', { time })
    default:
      return t('dates.atDay', { day: shortDayText(ms, nowMs, reader), time })
  }
}

function whichDay(ms: number, nowMs: number, reader: Reader): 'today' | 'tomorrow' | 'yesterday' | 'other' {
  const key = dayKey(ms, reader)
  if (key === dayKey(nowMs, reader)) return 'today'
  if (key === dayKey(nowMs + DAY_MS, reader)) return 'tomorrow'
  return key === dayKey(nowMs - DAY_MS, reader) ? 'yesterday' : 'other'
}

/** Without the year where it is this one. */
function shortDayText(ms: number, nowMs: number, reader: Reader): string {
  const sameYear = dayKey(ms, reader).slice(0, 4) === dayKey(nowMs, reader).slice(0, 4)
  return sameYear ? format(ms, DAY_OF_THIS_YEAR, reader) : dayText(ms, reader)
}

/** How long is left, rounded to what matters: `3 days`, `2 hours`, `5 minutes`, `less than a minute`. Who has just chosen seven days reads seven and not six. */
export function leftText(endMs: number, nowMs: number): string {
  const left = endMs - nowMs
  if (left < MINUTE_MS) return t('dates.underMinute')
  const [minutes, hours] = [Math.round(left / MINUTE_MS), Math.round(left / HOUR_MS)]
  if (minutes < 60) return unitText(minutes, 'minute')
  if (hours < 48) return unitText(hours, 'hour')
  return unitText(Math.round(left / DAY_MS), 'day')
}

/** `1 minute`, `5 minutes`. */
export const unitText = (count: number, unit: 'second' | 'minute' | 'hour' | 'day' | 'byte'): string =>
  numberText(count, { style: 'unit', unit, unitDisplay: 'long' })

/** `820 bytes`, `4.2 MB`. Powers of 1000, as shops and phones count. */
export function sizeText(bytes: number): string {
  if (bytes < 1000) return unitText(bytes, 'byte')
  let value = bytes
  let unit = ''
  for (const next of ['kilobyte', 'megabyte', 'gigabyte']) {
    if (value < 999.5) break
    value /= 1000
    unit = next
  }
  return numberText(value, { style: 'unit', unit, maximumFractionDigits: value < 9.95 ? 1 : 0 })
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
export function clinicalDayText(text: string | null | undefined, reader = theReader()): string | null {
  const ms = clinicalMs(text)
  if (ms === null || text === null || text === undefined) return null
  if (/^\d{4}$/.test(text)) return text
  return /^\d{4}-\d{2}$/.test(text) ? monthText(ms, reader) : dayText(ms, reader)
}

/** Dates as FHIR writes them, by their text: the later one first. */
export const laterFirst = (a: string, b: string): number => (a === b ? 0 : a < b ? 1 : -1)

/** The first millisecond after a calendar day of this device (`2025-06-30`), or null for text that is no day. */
export function endOfDayMs(day: string): number | null {
  const ms = /^\d{4}-\d{2}-\d{2}$/.test(day) ? clinicalMs(day) : null
  if (ms === null) return null
  const noon = new Date(ms)
  return new Date(noon.getFullYear(), noon.getMonth(), noon.getDate() + 1).getTime()
}
