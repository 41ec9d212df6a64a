import { alertsSaid, type Category, type Profile, type RecordSummary } from '@medguard/client'
import {
  type Alert,
  alertsOf,
  type AlertState,
  alertStateOf,
  type CodeSummary,
  type Gap,
  gapsOf,
  type Piece,
  type SegmentSummary,
  summaryFromJson,
  tidied,
} from '@medguard/readings'
import { msOf } from '../app/dates.ts'
import { lowerLast } from './device-days.ts'
import { holdsReadings } from './readings-reader.ts'
import { converted, type Measure, measureOfCode, unitIn, unitOf } from '../forms/measures.ts'
import { valueText } from '../trends/series.ts'

// What can be told of a patient's readings by their sealed headers alone: nothing is opened for it, so that a page that is looked at all day is no flood of openings in
// the patient's log. A header speaks of a posting as a whole: times are those of its first and last reading.

/** What one posting says of a measure. */
export interface Span {
  readonly fromMs: number
  readonly toMs: number
  readonly min: number
  readonly max: number
}
export interface MeasureLine {
  readonly key: string
  /** Null for a code of which nothing is known but itself. */
  readonly measure: Measure | null
  readonly code: string
  readonly unit: string
  readonly last: number
  readonly atMs: number
  /** Of the last hours, oldest first. */
  readonly spans: readonly Span[]
}
export interface Latest {
  /** Those measured last come first. */
  readonly measures: readonly MeasureLine[]
  readonly lastMs: number | null
  /** Of the last hours, the longest first. */
  readonly gaps: readonly Gap[]
  readonly state: AlertState
  /** What crossed a limit, who is silent, whose clock is wrong (docs/alerts.md). */
  readonly alerts: readonly Alert[]
  /** Readings of the last hours with a remark: a clock that was wrong, an error of the device. */
  readonly remarked: number
  /** Records that call themselves readings and say nothing that can be read. */
  readonly unreadable: number
}

export const HOURS_MS = 24 * 3_600_000
/** A header may claim any number of readings: so many places of it are looked at. */
const PLACES_MAX = 200
const MEASURES_MAX = 8

interface Posting {
  readonly device: string | null
  readonly summary: SegmentSummary
}

/**
 * @param records of one kind, as they were listed: readings, and what was said about them.
 * @param sending devices that are to send; null where that is not known.
 */
export function latestOf(
  records: readonly RecordSummary[],
  now: { readonly nowMs: number; readonly category: Category; readonly sending: ReadonlySet<string> | null },
): Latest {
  const { nowMs, category } = now
  const held = records.filter(holdsReadings)
  const postings = held
    .flatMap(({ readings, deviceId = null }): Posting[] => {
      const summary = summaryFromJson(readings)
      return summary === null ? [] : [{ device: deviceId, summary }]
    })
    .toSorted((a, b) => a.summary.toMs - b.summary.toMs)
  const recent = postings.filter(({ summary }) => summary.toMs > nowMs - HOURS_MS)
  const lastMs = postings.at(-1)?.summary.toMs ?? null
  const devices = new Set(postings.flatMap(({ device }) => device ?? []))
  const byDevice = [...devices].map((one) =>
    postings.filter(({ device }) => device === one).map(({ summary }) => summary),
  )
  const state = alertStateOf(alertsSaid(records, category), nowMs)
  return {
    measures: measuresOf(postings, nowMs),
    lastMs,
    gaps: byDevice.flatMap((own) => gapsWithin(own, nowMs)).toSorted((a, b) => b.toMs - b.fromMs - (a.toMs - a.fromMs)),
    state,
    alerts: alertsOf(state, held.map(pieceOf), now).alerts,
    remarked: recent.reduce((sum, { summary }) => sum + summary.flagged, 0),
    unreadable: held.length - postings.length,
  }
}

function measuresOf(postings: readonly Posting[], nowMs: number): MeasureLine[] {
  const lines = new Map<string, MeasureLine & { readonly spans: Span[] }>()
  for (const { summary } of postings.toReversed())
    for (const one of summary.codes.toSorted(lowerLast)) {
      const { key, measure, unit, inUnit } = placed(one)
      const known = lines.get(key)
      const [min, max] = [inUnit(one.min), inUnit(one.max)]
      const span = { fromMs: summary.fromMs, toMs: summary.toMs, min, max }
      const spans = summary.toMs > nowMs - HOURS_MS ? [span] : []
      if (known === undefined)
        lines.set(key, { key, measure, code: one.code, unit, last: inUnit(one.last), atMs: summary.toMs, spans })
      else known.spans.unshift(...spans)
    }
  return [...lines.values()].slice(0, MEASURES_MAX)
}

/** In the first unit of its measure, where there is a conversion: as trends are. */
function placed({ code, unit }: CodeSummary) {
  const measure = measureOfCode(code)
  const from = measure === null ? null : unitOf(measure, unit)
  if (measure === null || from === null)
    return { key: `${code} ${unit}`, measure: null, unit, inUnit: (value: number) => value }
  const [to] = measure.units
  return { key: measure.id, measure, unit: to.text, inUnit: (value: number) => tidied(converted(value, from, to)) }
}

/** Its newest value, in the unit in which the reader reads the measure. */
export function lastText({ measure, last, unit }: MeasureLine, units: Profile['units']): string {
  if (measure === null) return valueText(last, unit)
  const to = unitIn(measure, units)
  return valueText(tidied(converted(last, measure.units[0], to)), to.text)
}

/** Nothing is opened for it. */
function pieceOf({ recordId, deviceId, postedNs, addedNs, readings }: RecordSummary): Piece {
  const heardNs = postedNs ?? addedNs
  const heardMs = heardNs === null ? null : msOf(heardNs)
  return { recordId, deviceId: deviceId ?? null, heardMs, summary: summaryFromJson(readings), readings: null }
}

function gapsWithin(own: readonly SegmentSummary[], nowMs: number): Gap[] {
  const recent = own.filter(({ toMs }) => toMs > nowMs - HOURS_MS)
  const first = own[own.length - recent.length - 1]
  const times = [...(first === undefined ? [] : [first]), ...recent].flatMap(timesOf).toSorted((a, b) => a - b)
  return gapsOf(times)
}

/** As if the readings of a posting came evenly. */
function timesOf({ fromMs, toMs, count }: SegmentSummary): number[] {
  const places = Math.min(count, PLACES_MAX)
  if (places < 2 || fromMs === toMs) return [toMs]
  return Array.from({ length: places }, (_, i) => fromMs + ((toMs - fromMs) * i) / (places - 1))
}
