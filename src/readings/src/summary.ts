import { measureOfCode } from './measures.ts'
import { partsOf, type Reading } from './reading.ts'
import { converted, tidied, unitOf } from './units.ts'

/** Readings of one code in one segment, as its header tells them, so that a list can be drawn without opening any. */
export interface CodeSummary {
  readonly code: string
  readonly unit: string
  readonly count: number
  readonly min: number
  readonly max: number
  readonly first: number
  readonly last: number
  readonly mean: number
}
export interface SegmentSummary {
  /** Of the first and the last reading. */
  readonly fromMs: number
  readonly toMs: number
  /** Offset from UTC at the last one; null where it isn't known. */
  readonly offsetMinutes: number | null
  /** Of these, how many have a flag. */
  readonly flagged: number
  readonly count: number
  /** By code; at most `CODES_MAX`, those with most readings. */
  readonly codes: readonly CodeSummary[]
}
/** 16 of them are under 1,500 bytes as JSON. */
export const CODES_MAX = 16

/**
 * @param readings at least one, in any order. What is not of the patient (calibration) is counted and not summed up; values of one code in several units are summed up in
 * the unit that most of them have, or not at all where there is no conversion.
 */
export function summaryOf(readings: readonly Reading[]): SegmentSummary {
  const sorted = readings.toSorted((a, b) => a.timeMs - b.timeMs)
  const [first, last] = [sorted[0], sorted.at(-1)]
  if (first === undefined || last === undefined) throw new RangeError('a segment has readings')
  const byCode = new Map<string, { value: number; unit: string }[]>()
  for (const reading of sorted) {
    if (reading.flags.includes('calibration')) continue
    for (const { code, value } of partsOf(reading)) {
      if (value === null) continue
      const known = byCode.get(code)
      if (known === undefined) byCode.set(code, [{ value, unit: reading.unit }])
      else known.push({ value, unit: reading.unit })
    }
  }
  return {
    fromMs: first.timeMs,
    toMs: last.timeMs,
    offsetMinutes: last.offsetMinutes,
    flagged: readings.filter(({ flags }) => flags.length > 0).length,
    count: readings.length,
    codes: [...byCode]
      .flatMap(([code, values]) => codeSummary(code, values))
      .toSorted((a, b) => b.count - a.count || (a.code < b.code ? -1 : 1))
      .slice(0, CODES_MAX),
  }
}

function codeSummary(
  code: string,
  values: readonly { readonly value: number; readonly unit: string }[],
): CodeSummary[] {
  const counts = new Map<string, number>()
  for (const { unit } of values) counts.set(unit, (counts.get(unit) ?? 0) + 1)
  const [[unit] = ['']] = [...counts].toSorted(([a, x], [b, y]) => y - x || (a < b ? -1 : 1))
  const measure = measureOfCode(code)
  const to = measure === null ? null : unitOf(measure, unit)
  const numbers = values.flatMap((one) => {
    if (one.unit === unit) return [one.value]
    const from = measure === null ? null : unitOf(measure, one.unit)
    return from === null || to === null ? [] : [tidied(converted(one.value, from, to))]
  })
  const [first, last] = [numbers[0], numbers.at(-1)]
  if (first === undefined || last === undefined) return []
  let [min, max, sum] = [first, first, 0]
  for (const value of numbers) {
    if (value < min) min = value
    if (value > max) max = value
    sum += value
  }
  // Two places more than is measured say nothing more.
  const mean = Number((sum / numbers.length).toPrecision(5))
  return [{ code, unit, count: numbers.length, min, max, first, last, mean }]
}

/** The one JSON of a summary: members in the order of the types above, no spaces. */
export function summaryToJson({ fromMs, toMs, offsetMinutes, flagged, count, codes }: SegmentSummary): string {
  return JSON.stringify({
    fromMs,
    toMs,
    offsetMinutes,
    flagged,
    count,
    codes: codes.map(({ code, unit, count, min, max, first, last, mean }) => ({
      code,
      unit,
      count,
      min,
      max,
      first,
      last,
      mean,
    })),
  })
}

/** Reads the JSON of an authenticated header, whose author may still be hostile; null for what is no summary. Unknown members are dropped. */
export function summaryFromJson(json: unknown): SegmentSummary | null {
  const from = fieldsOf(json)
  if (from === null) return null
  const { fromMs, toMs, offsetMinutes, flagged, count, codes } = from
  if (!isWhole(fromMs) || !isWhole(toMs) || fromMs > toMs || !isWhole(flagged) || !isWhole(count)) return null
  if (offsetMinutes !== null && !isNumber(offsetMinutes)) return null
  if (!Array.isArray(codes) || codes.length > CODES_MAX) return null
  const read = codes.map(codeFromJson)
  return read.every((one) => one !== null) ? { fromMs, toMs, offsetMinutes, flagged, count, codes: read } : null
}

function codeFromJson(json: unknown): CodeSummary | null {
  const from = fieldsOf(json)
  if (from === null) return null
  const { code, unit, count, min, max, first, last, mean } = from
  if (typeof code !== 'string' || typeof unit !== 'string' || code.length > 16 || unit.length > 24 || !isWhole(count))
    return null
  if (!isNumber(min) || !isNumber(max) || !isNumber(first) || !isNumber(last) || !isNumber(mean)) return null
  return { code, unit, count, min, max, first, last, mean }
}

const fieldsOf = (value: unknown): Readonly<Record<string, unknown>> | null =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Readonly<Record<string, unknown>>)
    : null
const isNumber = (value: unknown): value is number => typeof value === 'number' && Number.isFinite(value)
const isWhole = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0
