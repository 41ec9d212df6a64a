import type { Profile, RecordSummary } from '@medguard/client'
import { type CodeSummary, DIASTOLIC, type SegmentSummary, summaryFromJson, tidied } from '@medguard/readings'
import { converted, measureOfCode, unitIn, unitOf } from '../forms/measures.ts'
import { quantityNumber } from '../records/fhir-values.ts'
import { dayOf } from '../records/timeline-filter.ts'
import { t } from '../words/language.ts'
import { holdsReadings } from './readings-reader.ts'

// A device posts many times a day: in the timeline that is one line a day.

export interface DeviceDay {
  readonly deviceId: string
  readonly day: string
  /** As they stood in the list. */
  readonly records: readonly RecordSummary[]
}

export interface Collapsed {
  /** Each record, or of what one device posted on one day the first in the list. */
  readonly lines: readonly RecordSummary[]
  /** By the id of the record that stands for it. */
  readonly days: ReadonlyMap<string, DeviceDay>
}

export const NO_DAYS: ReadonlyMap<string, DeviceDay> = new Map()

export function collapsed(records: readonly RecordSummary[]): Collapsed {
  const days = new Map<string, DeviceDay & { readonly records: RecordSummary[] }>()
  const byName = new Map<string, RecordSummary[]>()
  const lines = records.filter((record) => {
    const { deviceId, recordId } = record
    const day = deviceId !== undefined && holdsReadings(record) ? dayOf(record) : null
    if (deviceId === undefined || day === null) return true
    const same = byName.get(`${deviceId} ${day}`)
    if (same !== undefined) return void same.push(record)
    const own = [record]
    byName.set(`${deviceId} ${day}`, own)
    days.set(recordId, { deviceId, day, records: own })
    return true
  })
  return { lines, days: days.size === 0 ? NO_DAYS : days }
}

/** The records of a line. */
export const standsFor = (record: RecordSummary, days: Collapsed['days']): readonly RecordSummary[] =>
  days.get(record.recordId)?.records ?? [record]

/** The measure that most was said of, in the order of time: what each posting says without being opened. */
export interface DayShape {
  readonly code: string
  readonly unit: string
  readonly min: number
  readonly max: number
  readonly count: number
  readonly spans: readonly {
    readonly fromMs: number
    readonly toMs: number
    readonly min: number
    readonly max: number
  }[]
}

/** The two values of a blood pressure as they are spoken: the upper first. */
export const lowerLast = (a: CodeSummary, b: CodeSummary): number => Number(isLower(a)) - Number(isLower(b))
const isLower = ({ code }: CodeSummary): boolean => measureOfCode(code)?.id === DIASTOLIC.id

/** Null where no posting says anything that can be read. */
export function shapeOf({ records }: Pick<DeviceDay, 'records'>): DayShape | null {
  const summaries = records.flatMap(({ readings }) => summaryFromJson(readings) ?? [])
  const counts = new Map<string, number>()
  for (const { code, unit, count } of summaries.flatMap(({ codes }) => codes.toSorted(lowerLast)))
    counts.set(`${code} ${unit}`, (counts.get(`${code} ${unit}`) ?? 0) + count)
  const [[name, count] = ['', 0]] = [...counts].toSorted(([, x], [, y]) => y - x)
  const found = summaries
    .flatMap((summary) =>
      summary.codes.flatMap((one) => (`${one.code} ${one.unit}` === name ? [{ summary, one }] : [])),
    )
    .toSorted((a, b) => a.summary.fromMs - b.summary.fromMs)
  const [first] = found
  if (first === undefined) return null
  const spanOf = ({ summary, one }: { summary: SegmentSummary; one: CodeSummary }) => ({
    fromMs: summary.fromMs,
    toMs: summary.toMs,
    min: one.min,
    max: one.max,
  })
  const spans = found.map(spanOf)
  return {
    code: first.one.code,
    unit: first.one.unit,
    min: Math.min(...spans.map(({ min }) => min)),
    max: Math.max(...spans.map(({ max }) => max)),
    count,
    spans,
  }
}

/** In the unit in which the reader reads the measure, where it can be converted. */
export function shapeText({ code, unit, min, max }: DayShape, units: Profile['units']): string {
  const measure = measureOfCode(code)
  const from = measure === null ? null : unitOf(measure, unit)
  const to = measure === null || from === null ? null : unitIn(measure, units)
  const inUnit = (value: number) =>
    quantityNumber(from === null || to === null ? value : tidied(converted(value, from, to)))
  const shown = to?.text ?? unit
  const what = measure === null ? code : t(measure.label)
  const [low, high] = [inUnit(min), inUnit(max)]
  return low === high
    ? t('devices.dayValue', { what, value: low, unit: shown })
    : t('devices.dayRange', { what, low, high, unit: shown })
}
