import { PROBLEM, wrongContent } from './problem.ts'

// HL7 v2: YYYY[MM[DD[HH[MM[SS[.S[S[S[S]]]]]]]]][+/-ZZZZ]. FHIR has a time with seconds and an offset, or no time: where the sender names no offset and none is known
// of them, a day is all that is said.

const WRITTEN = /^(\d{4})(?:(\d{2})(?:(\d{2})(?:(\d{2})(?:(\d{2})(?:(\d{2})(\.\d{1,4})?)?)?)?)?)?([+-]\d{4})?$/
export const OFFSET = /^(?:Z|[+-](?:0\d|1[0-4]):[0-5]\d)$/

export interface Moment {
  /** As precise as it was written: `2024`, `2024-03`, `2024-03-14` or with time and offset. */
  readonly dateTime: string
  /** Null where it names no day. */
  readonly day: string | null
  /** With time and offset; else null. */
  readonly instant: string | null
}

/**
 * @param offset of the sender's clock, `+01:00`, where a time is written without one; null where nobody knows.
 * @throws Hl7Problem for what is no date.
 */
export function momentOf(text: string | undefined, at: string, offset: string | null): Moment | undefined {
  if (text === undefined) return undefined
  const found = WRITTEN.exec(text)
  if (found === null) throw wrongContent(PROBLEM.dataType, at, 'not a date')
  const [, year = '', month, day, hour, minute, second, fraction = '', zone] = found
  if (!isReal(year, month, day)) throw wrongContent(PROBLEM.dataType, at, 'not a date')
  const date = [year, month, day].filter((part) => part !== undefined).join('-')
  const dayOnly = { dateTime: date, day: day === undefined ? null : date, instant: null }
  const shift = zone === undefined ? offset : `${zone.slice(0, 3)}:${zone.slice(3)}`
  // HL7 takes 24:00 for the end of a day in no version; FHIR neither. Hours alone say less than a time does.
  if (hour === undefined || minute === undefined || shift === null) return dayOnly
  const time = `${hour}:${minute}:${second ?? '00'}`
  if (!/^([01]\d|2[0-3]):[0-5]\d:([0-5]\d|60)$/.test(time) || !OFFSET.test(shift))
    throw wrongContent(PROBLEM.dataType, at, 'not a time')
  const instant = `${date}T${time}${fraction}${shift}`
  return { dateTime: instant, day: date, instant }
}

function isReal(year: string, month: string | undefined, day: string | undefined): boolean {
  if (year === '0000') return false
  if (month === undefined) return true
  const date = `${year}-${month}-${day ?? '01'}`
  const ms = Date.parse(`${date}T00:00:00Z`)
  return !Number.isNaN(ms) && new Date(ms).toISOString().startsWith(date)
}

/** `HHMM[SS[.S…]]` as FHIR's time. @throws Hl7Problem */
export function timeOf(text: string | undefined, at: string): string | undefined {
  if (text === undefined) return undefined
  const [, hour = '', minute = '', second = '00'] = /^(\d{2})(\d{2})(\d{2})?(?:\.\d+)?(?:[+-]\d{4})?$/.exec(text) ?? []
  const time = `${hour}:${minute}:${second}`
  if (!/^([01]\d|2[0-3]):[0-5]\d:[0-5]\d$/.test(time)) throw wrongContent(PROBLEM.dataType, at, 'not a time')
  return time
}
