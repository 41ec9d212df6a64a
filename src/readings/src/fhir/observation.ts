import { momentText } from '../clocks.ts'
import { BLOOD_PRESSURE, type KnownMeasure, type MeasureId, measureOfCode, type MeasureUnit } from '../measures.ts'
import type { Component, Flag, Meal, Reading } from '../reading.ts'
import { converted, tidied, unitOf } from '../units.ts'

// FHIR R4 Observation, as the vital signs profile wants it where it has a word to say (hl7.org/fhir/R4/observation-vitalsigns.html): its codes and its units.

export interface Coding {
  readonly system: string
  readonly code: string
}
export interface CodeableConcept {
  readonly coding?: readonly Coding[]
  readonly text?: string
}
export interface Quantity {
  readonly value: number
  readonly unit: string
  readonly system: string
  readonly code: string
}
interface Valued {
  readonly valueQuantity?: Quantity
  readonly valueCodeableConcept?: CodeableConcept
  /** Instead of a value. */
  readonly dataAbsentReason?: CodeableConcept
}
export interface Observation extends Valued {
  readonly resourceType: 'Observation'
  readonly identifier?: readonly { readonly value: string }[]
  readonly status: 'final'
  readonly category: readonly CodeableConcept[]
  readonly code: CodeableConcept
  readonly subject?: { readonly display?: string; readonly reference?: string }
  readonly effectiveDateTime?: string
  readonly effectivePeriod?: { readonly start: string; readonly end: string }
  readonly issued?: string
  readonly device: { readonly display: string }
  readonly note?: readonly { readonly text: string }[]
  readonly component?: readonly (Valued & { readonly code: CodeableConcept })[]
}

export const LOINC = 'http://loinc.org'
export const UCUM = 'http://unitsofmeasure.org'
const HL7 = 'http://terminology.hl7.org/CodeSystem'

const ACTIVITY: ReadonlySet<MeasureId> = new Set([
  'steps',
  'distance',
  'energy',
  'sleep',
  'sleepDeep',
  'sleepLight',
  'sleepRem',
])
const LABORATORY: ReadonlySet<MeasureId> = new Set(['bloodGlucose', 'sensorGlucose'])

const TEXTS: Partial<Record<MeasureId, string>> = {
  systolic: 'Systolic blood pressure',
  diastolic: 'Diastolic blood pressure',
  meanPressure: 'Mean blood pressure',
  weight: 'Body weight',
  height: 'Body height',
  temperature: 'Body temperature',
  pulse: 'Heart rate',
  restingPulse: 'Resting heart rate',
  pulseVariation: 'Heart rate variability (SDNN)',
  oxygen: 'Oxygen saturation',
  perfusion: 'Perfusion index',
  bloodGlucose: 'Glucose in blood',
  sensorGlucose: 'Glucose in interstitial fluid',
  breathing: 'Respiratory rate',
  steps: 'Steps',
  distance: 'Walking distance',
  energy: 'Calories burned',
  sleep: 'Sleep',
  sleepDeep: 'Deep sleep',
  sleepLight: 'Light sleep',
  sleepRem: 'REM sleep',
  bodyFat: 'Body fat',
  bmi: 'Body mass index',
  muscle: 'Muscle mass',
}
const FLAG_TEXTS: Readonly<Record<Flag, string>> = {
  implausible: 'outside of what is plausible',
  clockWrong: 'the clock of the device was wrong; this is when the value was received',
  zoneAssumed: 'time zone assumed',
  typed: 'entered by hand',
  calibration: 'calibration or control solution, not of the patient',
  moved: 'moved while measuring',
  looseFit: 'sensor or cuff was loose',
  irregularPulse: 'irregular pulse',
  deviceError: 'the device reports an error',
  aboveRange: 'above what the device can measure',
  belowRange: 'below what the device can measure',
  averaged: 'average over the period',
}
const MEAL_CONCEPTS: Readonly<Record<Meal, CodeableConcept>> = {
  beforeMeal: { coding: [{ system: `${HL7}/v3-TimingEvent`, code: 'AC' }], text: 'Before a meal' },
  afterMeal: { coding: [{ system: `${HL7}/v3-TimingEvent`, code: 'PC' }], text: 'After a meal' },
  bedtime: { coding: [{ system: `${HL7}/v3-TimingEvent`, code: 'HS' }], text: 'Bedtime' },
  fasting: { text: 'Fasting' },
  casual: { text: 'Casual' },
}

export interface ObservationOptions {
  /** Whose it is, as FHIR refers to a patient. */
  readonly subject?: { readonly display?: string; readonly reference?: string }
}

export function observationOf(reading: Reading, { subject }: ObservationOptions = {}): Observation {
  const { timeMs, durationMs, offsetMinutes, receivedMs, code, components, source, flags, meal } = reading
  const measure = measureOfCode(code)
  const start = momentText(timeMs, offsetMinutes)
  const parts = components.map((part) => ({
    ...valued(part, reading),
    code: conceptOf(part.code, unitToWrite(part.code, reading.unit)),
  }))
  const component =
    meal === null ? parts : [...parts, { code: { text: 'Meal' }, valueCodeableConcept: MEAL_CONCEPTS[meal] }]
  return {
    resourceType: 'Observation',
    ...(source.id !== null && { identifier: [{ value: source.id }] }),
    status: 'final',
    category: [{ coding: [{ system: `${HL7}/observation-category`, code: categoryOf(measure) }] }],
    code:
      code === BLOOD_PRESSURE
        ? { coding: [{ system: LOINC, code }], text: 'Blood pressure' }
        : conceptOf(code, unitToWrite(code, reading.unit)),
    ...(subject !== undefined && { subject }),
    ...(durationMs === 0
      ? { effectiveDateTime: start }
      : { effectivePeriod: { start, end: momentText(timeMs + durationMs, offsetMinutes) } }),
    ...(receivedMs !== null && { issued: new Date(receivedMs).toISOString() }),
    ...(components.length === 0 && valued(reading, reading)),
    device: { display: source.device },
    ...(flags.length > 0 && { note: [{ text: `Quality: ${flags.map((flag) => FLAG_TEXTS[flag]).join('; ')}.` }] }),
    ...(component.length > 0 && { component }),
  }
}

function categoryOf(measure: KnownMeasure | null): string {
  if (measure === null) return 'vital-signs'
  return ACTIVITY.has(measure.id) ? 'activity' : LABORATORY.has(measure.id) ? 'laboratory' : 'vital-signs'
}

interface Written {
  readonly from: MeasureUnit
  readonly to: MeasureUnit
  readonly measure: KnownMeasure
}
/** The profile has no kilopascals and no stones: what is understood but not offered is converted. */
function unitToWrite(code: string, unit: string): Written | null {
  const measure = measureOfCode(code)
  const from = measure === null ? null : unitOf(measure, unit)
  if (measure === null || from === null) return null
  return { measure, from, to: measure.units.find(({ ucum }) => ucum === from.ucum) ?? measure.units[0] }
}

function conceptOf(code: string, written: Written | null): CodeableConcept {
  if (written === null) return { coding: [{ system: LOINC, code }] }
  const { measure, to } = written
  // The profile's own code first, and beside it the closer one that the source used.
  const codes = [...new Set([to.loinc, ...(measure.alike?.includes(code) === true ? [code] : [])])]
  return { coding: codes.map((one) => ({ system: LOINC, code: one })), text: TEXTS[measure.id] ?? measure.id }
}

function valued({ code, value }: Component, { unit, flags }: Reading): Valued {
  if (value === null) {
    const reason = flags.includes('aboveRange')
      ? 'positive-infinity'
      : flags.includes('belowRange')
        ? 'negative-infinity'
        : flags.includes('deviceError')
          ? 'error'
          : 'unknown'
    return { dataAbsentReason: { coding: [{ system: `${HL7}/data-absent-reason`, code: reason }] } }
  }
  const written = unitToWrite(code, unit)
  if (written === null) return { valueQuantity: { value, unit, system: UCUM, code: unit } }
  const { from, to } = written
  const shown = from.ucum === to.ucum ? value : Number(tidied(converted(value, from, to)).toPrecision(6))
  return { valueQuantity: { value: shown, unit: to.text === '' ? to.ucum : to.text, system: UCUM, code: to.ucum } }
}
