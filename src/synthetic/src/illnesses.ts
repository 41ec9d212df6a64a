import type { MeasureName, PanelName } from './measures.ts'

/** A chronic illness: what it does to measurements, what is prescribed, and which panels its visits add. */
export interface Illness {
  readonly icd10: string
  readonly name: string
  /** Not before this age in years. */
  readonly fromAge: number
  readonly probability: number
  /** Added to a measure's mean when the illness starts, and by how much of it treatment takes away again. */
  readonly effects: Partial<Record<MeasureName, { readonly shift: number; readonly treated: number }>>
  readonly medicine: { readonly atc: string; readonly name: string; readonly dose: string; readonly timing: string }
  readonly panels: readonly PanelName[]
}

export const ILLNESSES = [
  {
    icd10: 'I10',
    name: 'Essential (primary) hypertension',
    fromAge: 35,
    probability: 0.4,
    effects: { systolic: { shift: 28, treated: 0.75 }, diastolic: { shift: 15, treated: 0.75 } },
    medicine: { atc: 'C09AA05', name: 'Ramipril', dose: '5 mg', timing: 'one tablet in the morning' },
    panels: ['metabolic'],
  },
  {
    icd10: 'E11.9',
    name: 'Type 2 diabetes mellitus without complications',
    fromAge: 38,
    probability: 0.25,
    effects: {
      hba1c: { shift: 2.4, treated: 0.6 },
      glucose: { shift: 62, treated: 0.6 },
      weight: { shift: 9, treated: 0.3 },
    },
    medicine: { atc: 'A10BA02', name: 'Metformin', dose: '1000 mg', timing: 'one tablet twice a day with meals' },
    panels: ['diabetes', 'metabolic'],
  },
  {
    icd10: 'E78.0',
    name: 'Pure hypercholesterolaemia',
    fromAge: 30,
    probability: 0.35,
    effects: { cholesterol: { shift: 68, treated: 0.7 } },
    medicine: { atc: 'C10AA05', name: 'Atorvastatin', dose: '20 mg', timing: 'one tablet in the evening' },
    panels: ['lipids', 'liver'],
  },
  {
    icd10: 'E03.9',
    name: 'Hypothyroidism, unspecified',
    fromAge: 22,
    probability: 0.15,
    effects: { tsh: { shift: 6.2, treated: 0.95 }, heartRate: { shift: -6, treated: 0.9 } },
    medicine: { atc: 'H03AA01', name: 'Levothyroxine', dose: '75 µg', timing: 'one tablet on an empty stomach' },
    panels: ['thyroid'],
  },
  {
    icd10: 'D50.9',
    name: 'Iron deficiency anaemia, unspecified',
    fromAge: 18,
    probability: 0.15,
    effects: {
      hemoglobin: { shift: -3.6, treated: 0.9 },
      ferritin: { shift: -80, treated: 0.7 },
      mcv: { shift: -13, treated: 0.9 },
    },
    medicine: { atc: 'B03AA07', name: 'Ferrous sulfate', dose: '100 mg', timing: 'one tablet a day' },
    panels: ['bloodCount', 'iron'],
  },
  {
    icd10: 'J45.9',
    name: 'Asthma, unspecified',
    fromAge: 5,
    probability: 0.2,
    effects: { saturation: { shift: -2, treated: 0.8 } },
    medicine: { atc: 'R03BA02', name: 'Budesonide', dose: '200 µg', timing: 'one inhalation twice a day' },
    panels: ['bloodCount'],
  },
] as const satisfies readonly Illness[]

/** Illnesses that pass: one visit, one code. */
export const ACUTE = [
  { icd10: 'J06.9', name: 'Acute upper respiratory infection, unspecified', fever: true },
  { icd10: 'M54.5', name: 'Low back pain', fever: false },
  { icd10: 'N39.0', name: 'Urinary tract infection, site not specified', fever: true },
  { icd10: 'L23.9', name: 'Allergic contact dermatitis, unspecified cause', fever: false },
  { icd10: 'S93.4', name: 'Sprain and strain of ankle', fever: false },
] as const

export const ALLERGIES = [
  { name: 'Penicillin', atc: 'J01C', category: 'medication', criticality: 'high', reaction: 'Hives' },
  { name: 'Peanut', category: 'food', criticality: 'high', reaction: 'Swelling of the lips' },
  { name: 'Birch pollen', category: 'environment', criticality: 'low', reaction: 'Sneezing and itching eyes' },
  { name: 'Ibuprofen', atc: 'M01AE01', category: 'medication', criticality: 'low', reaction: 'Rash' },
] as const

/** `everyYears` 0: once. */
export const VACCINES = [
  { cvx: '140', name: 'Influenza, seasonal, injectable, preservative free', everyYears: 1, fromAge: 18 },
  { cvx: '115', name: 'Tdap', everyYears: 10, fromAge: 18 },
  { cvx: '33', name: 'Pneumococcal polysaccharide PPV23', everyYears: 0, fromAge: 60 },
  { cvx: '187', name: 'Zoster recombinant', everyYears: 0, fromAge: 55 },
] as const
