import { concept, hl7Concept, LOINC, quantity } from './fhir.ts'
import type { CodeableConcept, Observation, Quantity, Reference } from './fhir.ts'
import { BLOOD_PRESSURE, measureOf, type Measure, type MeasureName } from './measures.ts'

interface Setting {
  readonly subject: Reference
  readonly encounter: Reference
  readonly at: string
}

const CATEGORY = {
  laboratory: hl7Concept('observation-category', 'laboratory', 'Laboratory'),
  'vital-signs': hl7Concept('observation-category', 'vital-signs', 'Vital Signs'),
}

export type Flag = 'H' | 'L' | 'N'
export function flagOf({ low, high }: Measure, value: number): Flag {
  if (low !== undefined && value < low) return 'L'
  if (high !== undefined && value > high) return 'H'
  return 'N'
}
const FLAG_TEXT = { H: 'High', L: 'Low', N: 'Normal' } as const

export function rangeText({ low, high, unit }: Measure): string {
  if (low !== undefined && high !== undefined) return `${low} - ${high} ${unit}`
  if (low !== undefined) return `>= ${low} ${unit}`
  return high === undefined ? '' : `<= ${high} ${unit}`
}

export function observation(
  category: keyof typeof CATEGORY,
  name: MeasureName,
  value: number,
  setting: Setting,
): Observation {
  const measure = measureOf(name)
  const flag = flagOf(measure, value)
  const hasRange = measure.low !== undefined || measure.high !== undefined
  return {
    ...base(category, concept(LOINC, measure.loinc, measure.name), setting),
    valueQuantity: inUnit(measure, value),
    ...(hasRange && {
      interpretation: [hl7Concept('v3-ObservationInterpretation', flag, FLAG_TEXT[flag])],
      referenceRange: [
        {
          ...(measure.low !== undefined && { low: inUnit(measure, measure.low) }),
          ...(measure.high !== undefined && { high: inUnit(measure, measure.high) }),
          text: rangeText(measure),
        },
      ],
    }),
  }
}

/** Two values that make sense only together: a panel with components, as the vital-signs profile wants it. */
export function bloodPressure(systolic: number, diastolic: number, setting: Setting): Observation {
  const component = (name: MeasureName, value: number) => {
    const measure = measureOf(name)
    return { code: concept(LOINC, measure.loinc, measure.name), valueQuantity: inUnit(measure, value) }
  }
  return {
    ...base('vital-signs', concept(LOINC, BLOOD_PRESSURE.loinc, BLOOD_PRESSURE.name), setting),
    component: [component('systolic', systolic), component('diastolic', diastolic)],
  }
}

const inUnit = ({ unit, ucum }: Measure, value: number): Quantity => quantity(value, unit, ucum)

function base(
  category: keyof typeof CATEGORY,
  code: CodeableConcept,
  { subject, encounter, at }: Setting,
): Observation {
  return {
    resourceType: 'Observation',
    status: 'final',
    category: [CATEGORY[category]],
    code,
    subject,
    encounter,
    effectiveDateTime: at,
  }
}
