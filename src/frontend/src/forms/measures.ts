import type { Profile } from '@medguard/client'
import { t } from '../words/language.ts'
import type { SimpleKey } from '../words/texts.ts'

// What people measure and have measured, with the codes of LOINC (loinc.org) and the units of UCUM (ucum.org). A code of LOINC names a
// property (mass or amount of substance per volume), so a unit may come with a code of its own.

export interface MeasureUnit {
  /** UCUM. */
  readonly ucum: string
  readonly text: string
  readonly loinc: string
  /** Value in the first unit of the measure = value here × `factor` + `offset`. */
  readonly factor: number
  readonly offset?: number
}

export interface Measure {
  readonly id: string
  readonly label: SimpleKey
  /** The first is what others are converted into. */
  readonly units: readonly [MeasureUnit, ...MeasureUnit[]]
  /** Outside of this, in the first unit, a value is a slip of the finger. */
  readonly range?: readonly [number, number]
  /** Other codes of the same measure that records of others use. */
  readonly alike?: readonly string[]
}

const unit = (ucum: string, text: string, loinc: string, factor = 1, offset = 0): MeasureUnit => ({
  ucum,
  text,
  loinc,
  factor,
  offset,
})

export const SYSTOLIC: Measure = {
  id: 'systolic',
  label: 'codes.systolic',
  units: [unit('mm[Hg]', 'mmHg', '8480-6')],
  range: [40, 300],
}
export const DIASTOLIC: Measure = {
  id: 'diastolic',
  label: 'codes.diastolic',
  units: [unit('mm[Hg]', 'mmHg', '8462-4')],
  range: [20, 200],
}

/** Those of the FHIR R4 vital signs profile, and glucose. Blood pressure is two of them in one. */
export const VITALS: readonly Measure[] = [
  {
    id: 'weight',
    label: 'codes.weight',
    units: [unit('kg', 'kg', '29463-7'), unit('[lb_av]', 'lb', '29463-7', 0.45359237)],
    range: [0.2, 500],
    alike: ['3141-9'],
  },
  {
    id: 'height',
    label: 'codes.height',
    units: [unit('cm', 'cm', '8302-2'), unit('[in_i]', 'in', '8302-2', 2.54)],
    range: [20, 260],
  },
  {
    id: 'temperature',
    label: 'codes.temperature',
    units: [unit('Cel', '°C', '8310-5'), unit('[degF]', '°F', '8310-5', 5 / 9, -160 / 9)],
    range: [25, 45],
  },
  { id: 'pulse', label: 'codes.pulse', units: [unit('/min', '/min', '8867-4')], range: [15, 350] },
  { id: 'oxygen', label: 'codes.oxygen', units: [unit('%', '%', '2708-6')], range: [30, 100], alike: ['59408-5'] },
  {
    id: 'bloodGlucose',
    label: 'codes.bloodGlucose',
    units: [unit('mmol/L', 'mmol/L', '15074-8'), unit('mg/dL', 'mg/dL', '2339-0', 1 / 18.016)],
    range: [0.2, 80],
  },
]

/** Factors are those of the molar masses; HbA1c by the IFCC master equation (NGSP % = 0.09148 × mmol/mol + 2.152). */
export const LABS: readonly Measure[] = [
  lab('haemoglobin', unit('g/L', 'g/L', '718-7'), unit('g/dL', 'g/dL', '718-7', 10)),
  lab('haematocrit', unit('%', '%', '4544-3')),
  lab('leukocytes', unit('10*9/L', '10⁹/L', '6690-2'), unit('10*3/uL', '10³/µL', '6690-2')),
  lab('platelets', unit('10*9/L', '10⁹/L', '777-3'), unit('10*3/uL', '10³/µL', '777-3')),
  lab('glucose', unit('mmol/L', 'mmol/L', '14749-6'), unit('mg/dL', 'mg/dL', '2345-7', 1 / 18.016)),
  lab('hba1c', unit('mmol/mol', 'mmol/mol', '59261-8'), unit('%', '%', '4548-4', 1 / 0.09148, -2.152 / 0.09148)),
  lab('creatinine', unit('umol/L', 'µmol/L', '14682-9'), unit('mg/dL', 'mg/dL', '2160-0', 88.42)),
  lab('egfr', unit('mL/min/{1.73_m2}', 'mL/min/1.73 m²', '62238-1')),
  lab('potassium', unit('mmol/L', 'mmol/L', '2823-3')),
  lab('sodium', unit('mmol/L', 'mmol/L', '2951-2')),
  lab('calcium', unit('mmol/L', 'mmol/L', '2000-8'), unit('mg/dL', 'mg/dL', '17861-6', 0.2495)),
  lab('alt', unit('U/L', 'U/L', '1742-6')),
  lab('ast', unit('U/L', 'U/L', '1920-8')),
  lab('ggt', unit('U/L', 'U/L', '2324-2')),
  lab('bilirubin', unit('umol/L', 'µmol/L', '14631-6'), unit('mg/dL', 'mg/dL', '1975-2', 17.104)),
  lab('crp', unit('mg/L', 'mg/L', '1988-5')),
  lab('cholesterol', unit('mmol/L', 'mmol/L', '14647-2'), unit('mg/dL', 'mg/dL', '2093-3', 1 / 38.67)),
  lab('hdl', unit('mmol/L', 'mmol/L', '14646-4'), unit('mg/dL', 'mg/dL', '2085-9', 1 / 38.67)),
  lab('ldl', unit('mmol/L', 'mmol/L', '39469-2'), unit('mg/dL', 'mg/dL', '13457-7', 1 / 38.67)),
  lab('triglycerides', unit('mmol/L', 'mmol/L', '14927-8'), unit('mg/dL', 'mg/dL', '2571-8', 1 / 88.57)),
  lab('tsh', unit('m[IU]/L', 'mIU/L', '3016-3'), unit('u[IU]/mL', 'µIU/mL', '3016-3')),
  lab('freeT4', unit('pmol/L', 'pmol/L', '14920-3'), unit('ng/dL', 'ng/dL', '3024-7', 12.87)),
  lab('ferritin', unit('ug/L', 'µg/L', '2276-4'), unit('ng/mL', 'ng/mL', '2276-4')),
  lab('vitaminB12', unit('pmol/L', 'pmol/L', '14685-0'), unit('pg/mL', 'pg/mL', '2132-9', 0.738)),
  lab('inr', unit('{INR}', 'INR', '6301-6')),
]
function lab(id: LabId, ...units: readonly [MeasureUnit, ...MeasureUnit[]]): Measure {
  return { id, label: `codes.${id}`, units }
}
type LabId =
  | 'haemoglobin'
  | 'haematocrit'
  | 'leukocytes'
  | 'platelets'
  | 'glucose'
  | 'hba1c'
  | 'creatinine'
  | 'egfr'
  | 'potassium'
  | 'sodium'
  | 'calcium'
  | 'alt'
  | 'ast'
  | 'ggt'
  | 'bilirubin'
  | 'crp'
  | 'cholesterol'
  | 'hdl'
  | 'ldl'
  | 'triglycerides'
  | 'tsh'
  | 'freeT4'
  | 'ferritin'
  | 'vitaminB12'
  | 'inr'

const IMPERIAL: ReadonlySet<string> = new Set(['[lb_av]', '[in_i]', '[degF]'])
/** In which of its units somebody reads a measure who chose a system; the first where there is nothing to choose. */
export const unitIn = ({ units }: Measure, system: Profile['units']): MeasureUnit =>
  (system === 'imperial' ? units.find(({ ucum }) => IMPERIAL.has(ucum)) : undefined) ?? units[0]

const MEASURES = [SYSTOLIC, DIASTOLIC, ...VITALS, ...LABS]
const BY_CODE = new Map(
  MEASURES.flatMap((measure) =>
    [...measure.units.map(({ loinc }) => loinc), ...(measure.alike ?? [])].map((code) => [code, measure] as const),
  ),
)
export const measureOfCode = (loinc: string): Measure | null => BY_CODE.get(loinc) ?? null

/** By its name in the language of the page. */
export function measureNamed(measures: readonly Measure[], name: string): Measure | null {
  const wanted = name.trim().toLowerCase()
  return measures.find((measure) => t(measure.label).toLowerCase() === wanted) ?? null
}

/** A unit of a measure as it is written in records: by its UCUM code, or as people write it. */
export const unitOf = (measure: Measure, written: string): MeasureUnit | null =>
  measure.units.find(({ ucum, text }) => ucum === written || text === written) ?? null

export function converted(value: number, from: MeasureUnit, to: MeasureUnit): number {
  if (from.ucum === to.ucum) return value
  return (value * from.factor + (from.offset ?? 0) - (to.offset ?? 0)) / to.factor
}
