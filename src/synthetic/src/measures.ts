/**
 * What is measured: LOINC code, UCUM unit, adult reference range and how a healthy adult's values are distributed.
 * LOINC (loinc.org) is free to use with attribution: this material contains content from LOINC, copyright Regenstrief
 * Institute, Inc. and the LOINC Committee. Ranges are common textbook ones; they guide no decision.
 */
export interface Measure {
  readonly loinc: string
  /** LOINC's long common name. */
  readonly name: string
  /** As printed on a report. */
  readonly label: string
  readonly unit: string
  readonly ucum: string
  readonly decimals: number
  readonly low?: number
  readonly high?: number
  readonly mean: number
  /** Between people. From visit to visit one person moves by a third of it. */
  readonly deviation: number
}

// prettier-ignore
export const MEASURES = {
  glucose: { loinc: '1558-6', name: 'Fasting glucose [Mass/volume] in Serum or Plasma', label: 'Glucose, fasting', unit: 'mg/dL', ucum: 'mg/dL', decimals: 0, low: 70, high: 99, mean: 88, deviation: 6 },
  creatinine: { loinc: '2160-0', name: 'Creatinine [Mass/volume] in Serum or Plasma', label: 'Creatinine', unit: 'mg/dL', ucum: 'mg/dL', decimals: 2, low: 0.6, high: 1.2, mean: 0.88, deviation: 0.1 },
  gfr: { loinc: '98979-8', name: 'Glomerular filtration rate/1.73 sq M.predicted [Volume Rate/Area] in Serum, Plasma or Blood by Creatinine-based formula (CKD-EPI 2021)', label: 'eGFR (CKD-EPI 2021)', unit: 'mL/min/1.73 m²', ucum: 'mL/min/{1.73_m2}', decimals: 0, low: 60, mean: 95, deviation: 0 },
  urea: { loinc: '3094-0', name: 'Urea nitrogen [Mass/volume] in Serum or Plasma', label: 'Urea nitrogen', unit: 'mg/dL', ucum: 'mg/dL', decimals: 0, low: 7, high: 20, mean: 13, deviation: 2.4 },
  sodium: { loinc: '2951-2', name: 'Sodium [Moles/volume] in Serum or Plasma', label: 'Sodium', unit: 'mmol/L', ucum: 'mmol/L', decimals: 0, low: 136, high: 145, mean: 140, deviation: 1.6 },
  potassium: { loinc: '2823-3', name: 'Potassium [Moles/volume] in Serum or Plasma', label: 'Potassium', unit: 'mmol/L', ucum: 'mmol/L', decimals: 1, low: 3.5, high: 5.1, mean: 4.2, deviation: 0.25 },
  cholesterol: { loinc: '2093-3', name: 'Cholesterol [Mass/volume] in Serum or Plasma', label: 'Cholesterol, total', unit: 'mg/dL', ucum: 'mg/dL', decimals: 0, high: 200, mean: 178, deviation: 14 },
  hdl: { loinc: '2085-9', name: 'Cholesterol in HDL [Mass/volume] in Serum or Plasma', label: 'HDL cholesterol', unit: 'mg/dL', ucum: 'mg/dL', decimals: 0, low: 40, mean: 55, deviation: 7 },
  triglycerides: { loinc: '2571-8', name: 'Triglyceride [Mass/volume] in Serum or Plasma', label: 'Triglycerides', unit: 'mg/dL', ucum: 'mg/dL', decimals: 0, high: 150, mean: 105, deviation: 22 },
  ldl: { loinc: '13457-7', name: 'Cholesterol in LDL [Mass/volume] in Serum or Plasma by calculation', label: 'LDL cholesterol, calculated', unit: 'mg/dL', ucum: 'mg/dL', decimals: 0, high: 130, mean: 102, deviation: 0 },
  hba1c: { loinc: '4548-4', name: 'Hemoglobin A1c/Hemoglobin.total in Blood', label: 'HbA1c', unit: '%', ucum: '%', decimals: 1, low: 4, high: 5.6, mean: 5.3, deviation: 0.15 },
  leukocytes: { loinc: '6690-2', name: 'Leukocytes [#/volume] in Blood by Automated count', label: 'Leukocytes', unit: '10³/µL', ucum: '10*3/uL', decimals: 1, low: 4, high: 11, mean: 6.6, deviation: 1.1 },
  hemoglobin: { loinc: '718-7', name: 'Hemoglobin [Mass/volume] in Blood', label: 'Haemoglobin', unit: 'g/dL', ucum: 'g/dL', decimals: 1, low: 12, high: 17, mean: 14.2, deviation: 0.7 },
  hematocrit: { loinc: '4544-3', name: 'Hematocrit [Volume Fraction] of Blood by Automated count', label: 'Haematocrit', unit: '%', ucum: '%', decimals: 1, low: 36, high: 51, mean: 42.6, deviation: 0 },
  mcv: { loinc: '787-2', name: 'MCV [Entitic mean volume] in Red Blood Cells by Automated count', label: 'MCV', unit: 'fL', ucum: 'fL', decimals: 0, low: 80, high: 100, mean: 90, deviation: 3 },
  platelets: { loinc: '777-3', name: 'Platelets [#/volume] in Blood by Automated count', label: 'Platelets', unit: '10³/µL', ucum: '10*3/uL', decimals: 0, low: 150, high: 400, mean: 252, deviation: 38 },
  ferritin: { loinc: '2276-4', name: 'Ferritin [Mass/volume] in Serum or Plasma', label: 'Ferritin', unit: 'ng/mL', ucum: 'ng/mL', decimals: 0, low: 15, high: 300, mean: 90, deviation: 22 },
  tsh: { loinc: '3016-3', name: 'Thyrotropin [Units/volume] in Serum or Plasma', label: 'TSH', unit: 'mIU/L', ucum: 'm[IU]/L', decimals: 2, low: 0.4, high: 4, mean: 1.8, deviation: 0.5 },
  alt: { loinc: '1742-6', name: 'Alanine aminotransferase [Enzymatic activity/volume] in Serum or Plasma', label: 'ALT', unit: 'U/L', ucum: 'U/L', decimals: 0, low: 7, high: 56, mean: 24, deviation: 6 },
  ast: { loinc: '1920-8', name: 'Aspartate aminotransferase [Enzymatic activity/volume] in Serum or Plasma', label: 'AST', unit: 'U/L', ucum: 'U/L', decimals: 0, low: 10, high: 40, mean: 22, deviation: 4 },
  weight: { loinc: '29463-7', name: 'Body weight', label: 'Weight', unit: 'kg', ucum: 'kg', decimals: 1, mean: 74, deviation: 9 },
  height: { loinc: '8302-2', name: 'Body height', label: 'Height', unit: 'cm', ucum: 'cm', decimals: 0, mean: 170, deviation: 8 },
  bmi: { loinc: '39156-5', name: 'Body mass index (BMI) [Ratio]', label: 'BMI', unit: 'kg/m²', ucum: 'kg/m2', decimals: 1, low: 18.5, high: 25, mean: 25, deviation: 0 },
  heartRate: { loinc: '8867-4', name: 'Heart rate', label: 'Heart rate', unit: '/min', ucum: '/min', decimals: 0, low: 60, high: 100, mean: 72, deviation: 6 },
  temperature: { loinc: '8310-5', name: 'Body temperature', label: 'Temperature', unit: '°C', ucum: 'Cel', decimals: 1, low: 36.1, high: 37.8, mean: 36.7, deviation: 0.2 },
  saturation: { loinc: '59408-5', name: 'Oxygen saturation in Arterial blood by Pulse oximetry', label: 'Oxygen saturation', unit: '%', ucum: '%', decimals: 0, low: 95, high: 100, mean: 98, deviation: 0.7 },
  systolic: { loinc: '8480-6', name: 'Systolic blood pressure', label: 'Systolic', unit: 'mmHg', ucum: 'mm[Hg]', decimals: 0, low: 90, high: 139, mean: 119, deviation: 7 },
  diastolic: { loinc: '8462-4', name: 'Diastolic blood pressure', label: 'Diastolic', unit: 'mmHg', ucum: 'mm[Hg]', decimals: 0, low: 60, high: 89, mean: 76, deviation: 5 },
} as const satisfies Record<string, Measure>
export type MeasureName = keyof typeof MEASURES
export const measureOf = (name: MeasureName): Measure => MEASURES[name]

export const BLOOD_PRESSURE = { loinc: '85354-9', name: 'Blood pressure panel with all children optional' } as const

export interface Panel {
  readonly loinc: string
  readonly name: string
  readonly label: string
  readonly measures: readonly MeasureName[]
}

export const PANELS = {
  metabolic: {
    loinc: '24321-2',
    name: 'Basic metabolic 2000 panel - Serum or Plasma',
    label: 'Basic metabolic panel',
    measures: ['glucose', 'creatinine', 'gfr', 'urea', 'sodium', 'potassium'],
  },
  lipids: {
    loinc: '24331-1',
    name: 'Lipid 1996 panel - Serum or Plasma',
    label: 'Lipid panel',
    measures: ['cholesterol', 'hdl', 'triglycerides', 'ldl'],
  },
  bloodCount: {
    loinc: '58410-2',
    name: 'CBC panel - Blood by Automated count',
    label: 'Blood count',
    measures: ['leukocytes', 'hemoglobin', 'hematocrit', 'mcv', 'platelets'],
  },
  diabetes: {
    loinc: '4548-4',
    name: 'Hemoglobin A1c/Hemoglobin.total in Blood',
    label: 'Long-term glucose',
    measures: ['hba1c'],
  },
  iron: {
    loinc: '2276-4',
    name: 'Ferritin [Mass/volume] in Serum or Plasma',
    label: 'Iron stores',
    measures: ['ferritin'],
  },
  thyroid: {
    loinc: '3016-3',
    name: 'Thyrotropin [Units/volume] in Serum or Plasma',
    label: 'Thyroid',
    measures: ['tsh'],
  },
  liver: {
    loinc: '24325-3',
    name: 'Hepatic function 2000 panel - Serum or Plasma',
    label: 'Liver enzymes',
    measures: ['alt', 'ast'],
  },
} as const satisfies Record<string, Panel>
export type PanelName = keyof typeof PANELS
