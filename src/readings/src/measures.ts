// What people measure and have measured, with the codes of LOINC (loinc.org) and the units of UCUM (ucum.org). A code of LOINC names a
// property (mass or amount of substance per volume), so a unit may come with a code of its own. This is the one table of codes and conversions of the product.
// This material contains content from LOINC, copyright Regenstrief Institute, Inc. and the LOINC Committee, at no cost under loinc.org/license.

export interface MeasureUnit {
  /** UCUM. */
  readonly ucum: string
  readonly text: string
  readonly loinc: string
  /** Value in the first unit of the measure = value here × `factor` + `offset`. */
  readonly factor: number
  readonly offset?: number
}

export interface Measure<Id extends string = string> {
  readonly id: Id
  /** Those a person may choose. The first is what others are converted into. */
  readonly units: readonly [MeasureUnit, ...MeasureUnit[]]
  /** Understood where devices and files use them. */
  readonly accepted?: readonly MeasureUnit[]
  /** Outside of this, in the first unit, a value is a slip of the finger or of the device. */
  readonly range?: readonly [number, number]
  /** Other codes of the same measure that records of others use. */
  readonly alike?: readonly string[]
  /** Measured many times a minute: two of them a minute apart are two. */
  readonly isDense?: true
}

const unit = (ucum: string, text: string, loinc: string, factor = 1, offset = 0): MeasureUnit => ({
  ucum,
  text,
  loinc,
  factor,
  offset,
})
/** Conventional millimetres of mercury in a kilopascal: 1 / 0.133322387415. */
const MMHG_PER_KPA = 1 / 0.133322387415
const pressure = <Id extends string>(id: Id, loinc: string, range: readonly [number, number]): Measure<Id> => ({
  id,
  units: [unit('mm[Hg]', 'mmHg', loinc)],
  accepted: [unit('kPa', 'kPa', loinc, MMHG_PER_KPA)],
  range,
})

/** The panel that holds upper and lower value, and the mean. */
export const BLOOD_PRESSURE = '85354-9'
export const SYSTOLIC = pressure('systolic', '8480-6', [40, 300])
export const DIASTOLIC = pressure('diastolic', '8462-4', [20, 200])

type VitalId = 'weight' | 'height' | 'temperature' | 'pulse' | 'oxygen' | 'bloodGlucose'
/** Those of the FHIR R4 vital signs profile, and glucose. Blood pressure is two of them in one. */
export const VITALS: readonly Measure<VitalId>[] = [
  {
    id: 'weight',
    units: [unit('kg', 'kg', '29463-7'), unit('[lb_av]', 'lb', '29463-7', 0.45359237)],
    accepted: [unit('g', 'g', '29463-7', 0.001), unit('[stone_av]', 'st', '29463-7', 6.35029318)],
    range: [0.2, 500],
    alike: ['3141-9'],
  },
  {
    id: 'height',
    units: [unit('cm', 'cm', '8302-2'), unit('[in_i]', 'in', '8302-2', 2.54)],
    accepted: [unit('m', 'm', '8302-2', 100), unit('[ft_i]', 'ft', '8302-2', 30.48)],
    range: [20, 260],
  },
  {
    id: 'temperature',
    units: [unit('Cel', '°C', '8310-5'), unit('[degF]', '°F', '8310-5', 5 / 9, -160 / 9)],
    accepted: [unit('K', 'K', '8310-5', 1, -273.15)],
    range: [25, 45],
  },
  {
    id: 'pulse',
    units: [unit('/min', '/min', '8867-4')],
    accepted: [unit('/s', '/s', '8867-4', 60)],
    range: [15, 350],
    alike: ['8889-8'],
    isDense: true,
  },
  {
    id: 'oxygen',
    units: [unit('%', '%', '2708-6')],
    accepted: [unit('1', '', '2708-6', 100)],
    range: [30, 100],
    alike: ['59408-5'],
    isDense: true,
  },
  {
    id: 'bloodGlucose',
    units: [unit('mmol/L', 'mmol/L', '15074-8'), unit('mg/dL', 'mg/dL', '2339-0', 1 / 18.016)],
    range: [0.2, 80],
  },
]

type DeviceId =
  | 'meanPressure'
  | 'sensorGlucose'
  | 'restingPulse'
  | 'pulseVariation'
  | 'breathing'
  | 'steps'
  | 'distance'
  | 'energy'
  | 'sleep'
  | 'sleepDeep'
  | 'sleepLight'
  | 'sleepRem'
  | 'bodyFat'
  | 'bmi'
  | 'muscle'
  | 'perfusion'
/** What devices tell beside these. */
export const DEVICE_MEASURES: readonly Measure<DeviceId>[] = [
  pressure('meanPressure', '8478-0', [30, 250]),
  {
    id: 'sensorGlucose',
    units: [unit('mmol/L', 'mmol/L', '105272-9'), unit('mg/dL', 'mg/dL', '99504-3', 1 / 18.016)],
    range: [0.2, 80],
  },
  { id: 'restingPulse', units: [unit('/min', '/min', '40443-4')], range: [15, 250] },
  {
    id: 'pulseVariation',
    units: [unit('ms', 'ms', '80404-7')],
    accepted: [unit('s', 's', '80404-7', 1000)],
    range: [0, 1000],
  },
  { id: 'breathing', units: [unit('/min', '/min', '9279-1')], range: [2, 100], isDense: true },
  { id: 'steps', units: [unit('1', '', '55423-8')], range: [0, 200_000] },
  {
    id: 'distance',
    units: [unit('m', 'm', '55430-3')],
    accepted: [unit('km', 'km', '55430-3', 1000), unit('[mi_i]', 'mi', '55430-3', 1609.344)],
    range: [0, 1_000_000],
  },
  {
    id: 'energy',
    units: [unit('kcal', 'kcal', '41981-2')],
    accepted: [unit('kJ', 'kJ', '41981-2', 1 / 4.184)],
    range: [0, 50_000],
  },
  ...sleep(),
  { id: 'bodyFat', units: [unit('%', '%', '41982-0')], accepted: [unit('1', '', '41982-0', 100)], range: [1, 90] },
  { id: 'bmi', units: [unit('kg/m2', 'kg/m²', '39156-5')], range: [5, 150] },
  { id: 'muscle', units: [unit('kg', 'kg', '73964-9'), unit('[lb_av]', 'lb', '73964-9', 0.45359237)], range: [1, 200] },
  { id: 'perfusion', units: [unit('%', '%', '61006-3')], range: [0, 100], isDense: true },
]
function sleep(): Measure<DeviceId>[] {
  const codes = { sleep: '93832-4', sleepDeep: '93831-6', sleepLight: '93830-8', sleepRem: '93829-0' } as const
  return (['sleep', 'sleepDeep', 'sleepLight', 'sleepRem'] as const).map((id) => ({
    id,
    units: [unit('min', 'min', codes[id])],
    accepted: [unit('h', 'h', codes[id], 60), unit('s', 's', codes[id], 1 / 60)],
    range: [0, 2880],
  }))
}

/** Factors are those of the molar masses; HbA1c by the IFCC master equation (NGSP % = 0.09148 × mmol/mol + 2.152). */
export const LABS: readonly Measure<LabId>[] = [
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
  lab('vitaminB12', unit('pmol/L', 'pmol/L', '14685-2'), unit('pg/mL', 'pg/mL', '2132-9', 0.738)),
  lab('inr', unit('{INR}', 'INR', '6301-6')),
]
function lab(id: LabId, ...units: readonly [MeasureUnit, ...MeasureUnit[]]): Measure<LabId> {
  return { id, units }
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

const MEASURES = [SYSTOLIC, DIASTOLIC, ...VITALS, ...DEVICE_MEASURES, ...LABS]
export type MeasureId = (typeof MEASURES)[number]['id']
export type KnownMeasure = Measure<MeasureId>
const BY_CODE = new Map<string, KnownMeasure>(
  MEASURES.flatMap((measure) =>
    [...measure.units.map(({ loinc }) => loinc), ...(measure.alike ?? [])].map((code) => [code, measure] as const),
  ),
)
const BY_ID = new Map<string, KnownMeasure>(MEASURES.map((measure) => [measure.id, measure]))
export const measureOfCode = (loinc: string): KnownMeasure | null => BY_CODE.get(loinc) ?? null
export function measureCalled(id: MeasureId): KnownMeasure {
  const measure = BY_ID.get(id)
  if (measure === undefined) throw new Error('every id is of a measure')
  return measure
}
