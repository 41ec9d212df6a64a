import { BLOOD_PRESSURE, measureOfCode } from '@medguard/readings'

/** Measures of our own forms and devices for which there is a plain sentence, by their ids. */
export const GLOSSARY = [
  'bloodPressure',
  'systolic',
  'diastolic',
  'temperature',
  'pulse',
  'restingPulse',
  'pulseVariation',
  'breathing',
  'oxygen',
  'perfusion',
  'bmi',
  'bodyFat',
  'bloodGlucose',
  'sensorGlucose',
  'glucose',
  'hba1c',
  'haemoglobin',
  'haematocrit',
  'leukocytes',
  'platelets',
  'creatinine',
  'egfr',
  'potassium',
  'sodium',
  'calcium',
  'alt',
  'ast',
  'ggt',
  'bilirubin',
  'crp',
  'cholesterol',
  'hdl',
  'ldl',
  'triglycerides',
  'tsh',
  'freeT4',
  'ferritin',
  'vitaminB12',
  'inr',
] as const
export type GlossaryTerm = (typeof GLOSSARY)[number]

/** Goes by the code, not by the words that somebody wrote. @param code as a row names it, `LOINC 718-7`. */
export function termOf(code: string | null): GlossaryTerm | null {
  const loinc = /^LOINC (\S+)$/.exec(code ?? '')?.[1]
  if (loinc === undefined) return null
  const id = loinc === BLOOD_PRESSURE ? 'bloodPressure' : measureOfCode(loinc)?.id
  return GLOSSARY.find((term) => term === id) ?? null
}
