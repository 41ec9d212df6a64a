import type { MeasureId } from '@medguard/readings'

/** Measures that limits are set for, in the order of the choice. */
export const LIMITED = [
  'pulse',
  'systolic',
  'diastolic',
  'oxygen',
  'sensorGlucose',
  'bloodGlucose',
  'temperature',
  'breathing',
  'weight',
  'restingPulse',
] as const satisfies readonly MeasureId[]

interface Suggestion {
  readonly below: number | null
  readonly above: number | null
}
/** Numbers that people often begin with, in the first unit of the measure. No advice, which the page says, and nothing that is ever set by itself. */
export const SUGGESTIONS: Partial<Record<MeasureId, Suggestion>> = {
  pulse: { below: 50, above: 120 },
  systolic: { below: 90, above: 180 },
  diastolic: { below: null, above: 120 },
  oxygen: { below: 90, above: null },
  sensorGlucose: { below: 3.9, above: 13.9 },
  bloodGlucose: { below: 3.9, above: 13.9 },
  temperature: { below: 35, above: 38.5 },
  breathing: { below: 10, above: 25 },
}
