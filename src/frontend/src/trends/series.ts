import type { Profile } from '@medguard/client'
import { inOrder, merged, partsOf, type Reading } from '@medguard/readings'
import { clinicalMs, dayText } from '../app/dates.ts'
import { LOINC } from '../forms/code-lists.ts'
import { converted, type Measure, measureOfCode, type MeasureUnit, unitIn, unitOf } from '../forms/measures.ts'
import { conceptText, quantityNumber, whenOf } from '../records/fhir-values.ts'
import { at, type Json, listAt, numberAt, textAt } from '../records/json-paths.ts'
import { compareTexts, t } from '../words/language.ts'

// Values of the same thing over time, out of FHIR R4 resources and bundles and out of what devices sent. Values of one measure in several units are one series; what we
// have no conversion for is a series of its own per unit: nothing is guessed.

export interface Point {
  readonly ms: number
  /** In the series' own unit. */
  readonly value: number
  /** Usual range as that result gave it, in the same unit. */
  readonly low: number | null
  readonly high: number | null
  /** What a device sent; absent for what stood in a record. */
  readonly reading?: Reading
}
export interface Series {
  readonly key: string
  readonly label: string
  readonly unit: string
  /** Null for what cannot be converted. */
  readonly measure: Measure | null
  /** Oldest first. */
  readonly points: readonly Point[]
}
interface Found {
  readonly key: string
  readonly label: string
  readonly unit: string
  readonly measure: Measure | null
  readonly point: Point
}

function found(holder: Json, whole: Json): Found[] {
  const value = numberAt(holder, 'valueQuantity', 'value')
  const ms = clinicalMs(whenOf(whole))
  const words = conceptText(at(holder, 'code'))
  // "Below 5" is no point of a line.
  if (value === null || ms === null || words === null || at(holder, 'valueQuantity', 'comparator') !== undefined)
    return []
  const codes = listAt(holder, 'code', 'coding')
  const loinc = codes.find((coding) => textAt(coding, 'system') === LOINC)
  const code = textAt(loinc, 'code')
  const written = textAt(holder, 'valueQuantity', 'code') ?? textAt(holder, 'valueQuantity', 'unit') ?? ''
  const measure = measureOfCode(code ?? '')
  const unit = measure === null ? null : unitOf(measure, written)
  const bound = (end: 'low' | 'high') => numberAt(holder, 'referenceRange', 0, end, 'value')
  const point = { ms, value, low: bound('low'), high: bound('high') }
  if (measure !== null && unit !== null) return [ofMeasure(measure, unit, point)]
  const shown = textAt(holder, 'valueQuantity', 'unit') ?? written
  return [{ key: `${code ?? words.toLowerCase()} ${written}`, label: words, unit: shown, measure: null, point }]
}

const ofMeasure = (measure: Measure, unit: MeasureUnit, point: Point): Found => {
  const { units, id, label } = measure
  return { key: id, label: t(label), unit: units[0].text, measure, point: inUnit(point, unit, units[0]) }
}

/** The values of one reading; none for what is not of the patient, or where the device gave none. */
function foundInReading(reading: Reading): Found[] {
  if (reading.flags.includes('calibration')) return []
  return partsOf(reading).flatMap(({ code, value }) => {
    if (value === null) return []
    const measure = measureOfCode(code)
    const unit = measure === null ? null : unitOf(measure, reading.unit)
    const point = { ms: reading.timeMs, value, low: null, high: null, reading }
    if (measure !== null && unit !== null) return [ofMeasure(measure, unit, point)]
    return [{ key: `${code} ${reading.unit}`, label: code, unit: reading.unit, measure: null, point }]
  })
}

const inUnit = (point: Point, from: MeasureUnit, to: MeasureUnit): Point => ({
  ...point,
  value: converted(point.value, from, to),
  low: point.low === null ? null : converted(point.low, from, to),
  high: point.high === null ? null : converted(point.high, from, to),
})

const WRONG = new Set(['entered-in-error', 'cancelled'])

/** Every series in some contents and readings, the longest first. What several devices told, or one told twice, is there once. */
export function seriesOf(contents: readonly Json[], readings: readonly Reading[] = []): Series[] {
  const series = new Map<string, { about: Found; points: Point[] }>()
  const take = (about: Found) => {
    const known = series.get(about.key)
    if (known === undefined) series.set(about.key, { about, points: [about.point] })
    else known.points.push(about.point)
  }
  for (const json of contents) {
    const resources =
      textAt(json, 'resourceType') === 'Bundle' ? listAt(json, 'entry').map((entry) => at(entry, 'resource')) : [json]
    for (const resource of resources) {
      if (textAt(resource, 'resourceType') !== 'Observation' || WRONG.has(textAt(resource, 'status') ?? '')) continue
      for (const holder of [resource, ...listAt(resource, 'component')]) found(holder, resource).forEach(take)
    }
  }
  for (const reading of merged(inOrder(readings)).kept) foundInReading(reading).forEach(take)
  return [...series.values()]
    .map(({ about: { key, label, unit, measure }, points }) => ({
      key,
      label,
      unit,
      measure,
      points: points.toSorted((a, b) => a.ms - b.ms),
    }))
    .toSorted((a, b) => b.points.length - a.points.length || compareTexts(a.label, b.label))
}

/** The same series in another unit of its measure. */
export function seriesIn(series: Series, ucum: string): Series {
  const { measure } = series
  const unit = measure?.units.find((one) => one.ucum === ucum)
  if (measure === null || unit === undefined || unit.text === series.unit) return series
  return { ...series, unit: unit.text, points: series.points.map((point) => inUnit(point, measure.units[0], unit)) }
}

/** In the unit in which somebody reads it who chose a system of units. */
export const seriesFor = (series: Series, units: Profile['units']): Series =>
  series.measure === null ? series : seriesIn(series, unitIn(series.measure, units).ucum)

export interface Facts {
  readonly last: Point
  readonly lowest: number
  readonly highest: number
  /** The newest value that came with a usual range. */
  readonly usual: Point | null
}
/** Null for a series without points. */
export function factsOf({ points }: Series): Facts | null {
  const last = points.at(-1)
  if (last === undefined) return null
  let [lowest, highest] = [last.value, last.value]
  let usual: Point | null = null
  for (const point of points) {
    if (point.value < lowest) lowest = point.value
    if (point.value > highest) highest = point.value
    if (point.low !== null || point.high !== null) usual = point
  }
  return { last, lowest, highest, usual }
}

export const valueText = (value: number, unit: string): string => `${quantityNumber(value)} ${unit}`.trim()

/** The newest value and the extremes, in a sentence. */
export function summaryOf({ label, unit }: Series, { last, lowest, highest }: Facts): string {
  return t('trends.summary', {
    what: label,
    last: valueText(last.value, unit),
    day: dayText(last.ms),
    low: valueText(lowest, unit),
    high: valueText(highest, unit),
  })
}

/** Seconds, as the chart counts. */
export interface Span {
  readonly min: number
  readonly max: number
}
/** All of it, with some room at both ends. */
export function wholeOf({ points }: Series): Span {
  const [first = 0, last = 0] = [points[0]?.ms, points.at(-1)?.ms]
  const room = last === first ? 43_200_000 : Math.max((last - first) * 0.02, 60_000)
  return { min: (first - room) / 1000, max: (last + room) / 1000 }
}

/**
 * No more points than can be told apart: of each of so many equal parts of the span the first, the lowest, the highest and the last one. All of them
 * where they are few.
 *
 * @param points oldest first.
 */
export function thinned(points: readonly Point[], { min, max }: Span, parts: number): readonly Point[] {
  const from = Math.max(0, firstAt(points, min * 1000) - 1) // the line comes from beyond the edge
  const to = Math.min(points.length, firstAt(points, max * 1000) + 1)
  if (to - from <= parts * 4) return points.slice(from, to)
  const partMs = ((max - min) * 1000) / parts
  const kept: Point[] = []
  for (let i = from; i < to;) {
    const first = points[i]
    if (first === undefined) break
    const endMs = min * 1000 + partMs * (Math.floor((first.ms - min * 1000) / partMs) + 1)
    const end = Math.min(to, Math.max(firstAt(points, endMs), i + 1))
    // Where the extremes are, and nothing else: this sees every point, of which there may be a hundred thousand.
    let [lowAt, highAt] = [i, i]
    let [low, high] = [first.value, first.value]
    for (let at = i + 1; at < end; at++) {
      const value = points[at]?.value ?? low
      if (value < low) {
        low = value
        lowAt = at
      } else if (value > high) {
        high = value
        highAt = at
      }
    }
    for (const at of new Set([i, Math.min(lowAt, highAt), Math.max(lowAt, highAt), end - 1])) {
      const point = points[at]
      if (point !== undefined) kept.push(point)
    }
    i = end
  }
  return kept
}

/** Place of the first point that is not before a moment. */
function firstAt(points: readonly Point[], ms: number): number {
  let [from, to] = [0, points.length]
  while (from < to) {
    const middle = (from + to) >>> 1
    if ((points[middle]?.ms ?? ms) < ms) from = middle + 1
    else to = middle
  }
  return from
}
