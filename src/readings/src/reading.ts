import { measureOfCode } from './measures.ts'
import { unitOf } from './units.ts'

// One measurement, wherever it comes from. Every importer and decoder makes these, a segment stores them, one function turns them into FHIR.

/** What is known about how good a reading is. The place in the list is a bit of the stored form: it grows at the end and never changes. */
export const FLAGS = [
  /** Outside of what a living person has: shown and marked, never dropped. */
  'implausible',
  /** The clock of the device was wrong; `timeMs` is when it was received. */
  'clockWrong',
  /** The device tells no zone; that of the receiving device was taken. */
  'zoneAssumed',
  /** Typed in by a person. */
  'typed',
  /** Made for calibration, or with control solution: not of the patient. */
  'calibration',
  'moved',
  'looseFit',
  'irregularPulse',
  /** The device says that the value is doubtful, or that something in it failed. */
  'deviceError',
  /** More, or less, than the device can tell. */
  'aboveRange',
  'belowRange',
  /** An average over the time that the reading covers. */
  'averaged',
] as const
export type Flag = (typeof FLAGS)[number]

/** When in respect of a meal. The place is the stored form, and that of Bluetooth's Glucose Measurement Context. */
export const MEALS = ['beforeMeal', 'afterMeal', 'fasting', 'casual', 'bedtime'] as const
export type Meal = (typeof MEALS)[number]

export interface Component {
  /** LOINC. */
  readonly code: string
  /** In the reading's unit; null where the device gave none. */
  readonly value: number | null
}
export interface Source {
  /** Name of the device or app, as it or its owner calls it; part of what makes a reading the same. */
  readonly device: string
  /** As the source names this reading; for display and for finding it there again. */
  readonly id: string | null
  /** Where the device itself counts its readings: part of what makes a reading the same. */
  readonly sequence: number | null
}

export interface Reading {
  /** When it was measured, or began: milliseconds since 1970, UTC. The best that is known. */
  readonly timeMs: number
  /** How long it covers; zero for a moment. */
  readonly durationMs: number
  /**
   * What the source's own clock said: the same for the same reading, however and from wherever it is sent again. Of a device without a zone that is the
   * clock on its wall, read as if it were UTC.
   */
  readonly clockMs: number
  /** Minutes east of UTC where it was measured, for showing it by that clock; null where nobody says. */
  readonly offsetMinutes: number | null
  /** When this or another client of ours got it, by that client's clock. */
  readonly receivedMs: number | null
  /** LOINC; of the panel where there are components. */
  readonly code: string
  /** UCUM, of the value or of all components. */
  readonly unit: string
  /** Null where the device gave none, or where there are components. */
  readonly value: number | null
  readonly components: readonly Component[]
  readonly source: Source
  /** In the order of `FLAGS`, each once. */
  readonly flags: readonly Flag[]
  readonly meal: Meal | null
  /** Other sources that told the same. */
  readonly also: readonly string[]
}

export const TEXT_CHARS_MAX = 120
export const COMPONENTS_MAX = 8
export const ALSO_MAX = 8
/** 1970 to 2200: beyond it something is no time. */
export const TIME_MAX_MS = 7_258_118_400_000
export const DURATION_MAX_MS = 31 * 86_400_000
/** The largest value there can be; smaller ones than its inverse are zero to us. */
export const VALUE_MAX = 1e9

export type ReadingProblem = {
  readonly kind: 'BadCode' | 'BadUnit' | 'BadTime' | 'BadValue' | 'BadSource' | 'BadFlags' | 'BadComponents'
}

export class ReadingFault extends Error {
  readonly problem: ReadingProblem
  constructor(problem: ReadingProblem) {
    super(problem.kind)
    this.name = 'ReadingFault'
    this.problem = problem
  }
}

const LOINC = /^\d{1,7}-\d$/
const UCUM = /^[!-~]{1,24}$/
/** Control characters, and those that make text read in another order than it is written. */
// oxlint-disable-next-line no-control-regex
const MISLEADING = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]/u

const isWhole = (value: number, min: number, max: number) => Number.isSafeInteger(value) && value >= min && value <= max
const isValue = (value: number | null) => value === null || (Number.isFinite(value) && Math.abs(value) <= VALUE_MAX)
export const isText = (text: string): boolean => text !== '' && text.length <= TEXT_CHARS_MAX && !MISLEADING.test(text)

/** LOINC's check digit (the Luhn formula, as in its users' guide) catches a code that was mistyped. */
export function isLoinc(code: string): boolean {
  if (!LOINC.test(code)) return false
  const digits = code.slice(0, -2)
  let sum = 0
  for (let i = 0; i < digits.length; i++) {
    const digit = Number(digits[digits.length - 1 - i]) * (i % 2 === 0 ? 2 : 1)
    sum += digit > 9 ? digit - 9 : digit
  }
  return (10 - (sum % 10)) % 10 === Number(code.at(-1))
}

/** What makes a reading none; null for a good one. Implausible values are good ones with a flag. */
export function problemOf(reading: Reading): ReadingProblem | null {
  const { timeMs, durationMs, clockMs, offsetMinutes, receivedMs, code, unit, value, components, source, flags, also } =
    reading
  if (!isLoinc(code)) return { kind: 'BadCode' }
  if (!UCUM.test(unit)) return { kind: 'BadUnit' }
  const isTime =
    [timeMs, clockMs, receivedMs ?? 0].every((ms) => isWhole(ms, 0, TIME_MAX_MS)) &&
    isWhole(durationMs, 0, DURATION_MAX_MS)
  if (!isTime || !(offsetMinutes === null || isWhole(offsetMinutes, -840, 840))) return { kind: 'BadTime' }
  if (!isValue(value) || !components.every((part) => isValue(part.value))) return { kind: 'BadValue' }
  const codes = new Set(components.map((part) => part.code))
  const isPanel = components.length > 0
  if (
    components.length > COMPONENTS_MAX ||
    codes.size !== components.length ||
    (isPanel && value !== null) ||
    ![...codes].every(isLoinc)
  )
    return { kind: 'BadComponents' }
  const isSource =
    isText(source.device) &&
    (source.id === null || isText(source.id)) &&
    (source.sequence === null || isWhole(source.sequence, 0, Number.MAX_SAFE_INTEGER))
  if (!isSource || also.length > ALSO_MAX || new Set(also).size !== also.length || !also.every(isText))
    return { kind: 'BadSource' }
  const places = flags.map((flag) => FLAGS.indexOf(flag))
  if (!places.every((place, i) => place > (places[i - 1] ?? -1))) return { kind: 'BadFlags' }
  return null
}

/** What a source has to say; the rest is what nobody said. */
export type ReadingInput = Pick<Reading, 'timeMs' | 'code' | 'unit'> & { readonly device: string } & Partial<
    Omit<Reading, 'source' | 'timeMs' | 'code' | 'unit'>
  > &
  Partial<Omit<Source, 'device'>>

/**
 * A reading, with `implausible` set where a value is. Zero has no sign, text no hidden characters.
 *
 * @throws ReadingFault where it is none.
 */
export function readingOf(input: ReadingInput): Reading {
  const { timeMs, code, unit, device } = input
  const value = input.value ?? null
  const reading: Reading = {
    timeMs,
    durationMs: input.durationMs ?? 0,
    clockMs: input.clockMs ?? timeMs,
    offsetMinutes: input.offsetMinutes ?? null,
    receivedMs: input.receivedMs ?? null,
    code,
    unit,
    value: unsigned(value),
    components: (input.components ?? []).map((part) => ({ code: part.code, value: unsigned(part.value) })),
    source: { device, id: input.id ?? null, sequence: input.sequence ?? null },
    flags: input.flags ?? [],
    meal: input.meal ?? null,
    also: input.also ?? [],
  }
  const judged = withFlags(reading, isImplausible(reading) ? ['implausible'] : [])
  const problem = problemOf(judged)
  if (problem !== null) throw new ReadingFault(problem)
  return judged
}
/** JSON and integers know no minus zero. */
const unsigned = (value: number | null): number | null => (value === 0 ? 0 : value)

export function withFlags(reading: Reading, flags: readonly Flag[]): Reading {
  const all = new Set([...reading.flags, ...flags])
  return { ...reading, flags: FLAGS.filter((flag) => all.has(flag)) }
}

/** Every number of a reading with what it is of. */
export const partsOf = ({ code, value, components }: Reading): readonly Component[] =>
  components.length === 0 ? [{ code, value }] : components

function isImplausible(reading: Reading): boolean {
  return partsOf(reading).some(({ code, value }) => {
    const measure = measureOfCode(code)
    const unit = measure === null ? null : unitOf(measure, reading.unit)
    if (measure?.range === undefined || unit === null || value === null) return false
    const plain = value * unit.factor + (unit.offset ?? 0)
    return plain < measure.range[0] || plain > measure.range[1]
  })
}
