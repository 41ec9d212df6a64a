import { readMoment } from '../clocks.ts'
import { BLOOD_PRESSURE, measureOfCode } from '../measures.ts'
import { at, listAt, numberAt, textAt } from '../json.ts'
import { type Component, isLoinc, type Reading, ReadingFault, readingOf, TEXT_CHARS_MAX } from '../reading.ts'
import { ucumOf, unitOf } from '../units.ts'
import { LOINC, UCUM } from './observation.ts'

/** Why an Observation is no reading: for the list of what was skipped. */
export type NoReading =
  | 'notAnObservation'
  | 'enteredInError'
  | 'noTime'
  | 'unknownKind'
  | 'unknownUnit'
  | 'noValue'
  | 'notPlain'

export type FromObservation = { readonly readings: readonly Reading[] } | { readonly skipped: NoReading }

const WRONG = new Set(['entered-in-error', 'cancelled'])
/** Panels of blood pressure: the profile's own, and older ones that records of others use. */
const PRESSURES = new Set([BLOOD_PRESSURE, '55284-4', '35094-2'])
const DAY = /^\d{4}-\d{2}-\d{2}$/

/**
 * What a stored FHIR Observation measured: one reading, one with components for a blood pressure, one for each component of any other panel. "Below 5" is none, since it is no number.
 *
 * @param device its source where the resource names none.
 */
export function readingsOfObservation(resource: unknown, device: string): FromObservation {
  if (textAt(resource, 'resourceType') !== 'Observation') return { skipped: 'notAnObservation' }
  if (WRONG.has(textAt(resource, 'status') ?? '')) return { skipped: 'enteredInError' }
  const when = whenOf(resource)
  if (when === null) return { skipped: 'noTime' }
  const named = textAt(resource, 'device', 'display') ?? device
  const id = textAt(resource, 'identifier', 0, 'value') ?? textAt(resource, 'id')
  const common = { ...when, device: named.slice(0, TEXT_CHARS_MAX), id: id?.slice(0, TEXT_CHARS_MAX) ?? null }
  const parts = listAt(resource, 'component')
  const code = codeOf(resource)
  try {
    if (code !== null && PRESSURES.has(code)) {
      const found = parts.map(partOf).filter((part) => part !== null)
      const [first] = found
      if (first === undefined) return { skipped: 'noValue' }
      if (found.some(({ unit }) => unit !== first.unit)) return { skipped: 'unknownUnit' }
      const components = found.map(({ code: of, value }): Component => ({ code: of, value }))
      return { readings: [readingOf({ ...common, code: BLOOD_PRESSURE, unit: first.unit, components })] }
    }
    const single = partOf(resource)
    if (single !== null) return { readings: [readingOf({ ...common, ...single })] }
    const several = parts.map(partOf).filter((part) => part !== null)
    if (several.length > 0) return { readings: several.map((part) => readingOf({ ...common, ...part })) }
  } catch (fault) {
    if (fault instanceof ReadingFault) return { skipped: 'notPlain' }
    throw fault
  }
  return { skipped: whyNone(resource, code) }
}

function whyNone(resource: unknown, code: string | null): NoReading {
  if (numberAt(resource, 'valueQuantity', 'value') === null) return 'noValue'
  if (at(resource, 'valueQuantity', 'comparator') !== undefined) return 'notPlain'
  return code === null ? 'unknownKind' : 'unknownUnit'
}

const codeOf = (holder: unknown): string | null =>
  listAt(holder, 'code', 'coding')
    .filter((coding) => textAt(coding, 'system') === LOINC)
    .map((coding) => textAt(coding, 'code'))
    .find((code) => code !== null && isLoinc(code)) ?? null

function partOf(holder: unknown): { code: string; unit: string; value: number } | null {
  const code = codeOf(holder)
  const value = numberAt(holder, 'valueQuantity', 'value')
  if (code === null || value === null || at(holder, 'valueQuantity', 'comparator') !== undefined) return null
  const coded = textAt(holder, 'valueQuantity', 'system') === UCUM ? textAt(holder, 'valueQuantity', 'code') : null
  const written = coded ?? textAt(holder, 'valueQuantity', 'code') ?? textAt(holder, 'valueQuantity', 'unit')
  if (written === null) return null
  const measure = measureOfCode(code)
  const unit = (measure === null ? null : unitOf(measure, written)?.ucum) ?? coded ?? ucumOf(written)
  return unit === null ? null : { code, unit, value }
}

/** A day without a time is its midnight in UTC, of no zone. */
function whenOf(resource: unknown): Pick<Reading, 'timeMs' | 'durationMs' | 'offsetMinutes'> | null {
  const read = (text: string | null) => (text === null ? null : readMoment(DAY.test(text) ? `${text}T00:00:00` : text))
  const start = read(
    textAt(resource, 'effectiveDateTime') ??
      textAt(resource, 'effectiveInstant') ??
      textAt(resource, 'effectivePeriod', 'start'),
  )
  if (start === null) return null
  const end = read(textAt(resource, 'effectivePeriod', 'end'))
  const durationMs = end === null ? 0 : Math.max(end.ms - start.ms, 0)
  return { timeMs: start.ms, durationMs, offsetMinutes: start.offsetMinutes }
}
