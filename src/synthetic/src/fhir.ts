/** As much of FHIR R4 as the generator writes (hl7.org/fhir/R4). */
export interface Coding {
  system: string
  code: string
  display: string
}
export interface CodeableConcept {
  coding?: Coding[]
  text: string
}
export interface Reference {
  reference: string
  display?: string
}
export interface Quantity {
  value: number
  unit: string
  system: 'http://unitsofmeasure.org'
  code: string
}
export interface ReferenceRange {
  low?: Quantity
  high?: Quantity
  text: string
}

export interface Observation {
  resourceType: 'Observation'
  status: 'final'
  category: CodeableConcept[]
  code: CodeableConcept
  subject: Reference
  encounter: Reference
  effectiveDateTime: string
  valueQuantity?: Quantity
  interpretation?: CodeableConcept[]
  referenceRange?: ReferenceRange[]
  component?: { code: CodeableConcept; valueQuantity: Quantity }[]
}

/** Every other resource: its members are written in one place and read by nobody here. */
export interface OtherResource {
  resourceType:
    | 'AllergyIntolerance'
    | 'Condition'
    | 'DiagnosticReport'
    | 'Encounter'
    | 'Immunization'
    | 'MedicationRequest'
    | 'Organization'
    | 'Patient'
    | 'Practitioner'
  [member: string]: unknown
}
export type Resource = Observation | OtherResource

export interface BundleEntry {
  fullUrl: string
  resource: Resource
  request?: { method: 'POST'; url: string }
}
export interface Bundle {
  resourceType: 'Bundle'
  type: 'transaction' | 'collection'
  timestamp: string
  entry: BundleEntry[]
}

export const LOINC = 'http://loinc.org'
export const UCUM = 'http://unitsofmeasure.org'
export const ICD_10 = 'http://hl7.org/fhir/sid/icd-10'
export const CVX = 'http://hl7.org/fhir/sid/cvx'
export const ATC = 'http://www.whocc.no/atc'
const TERMINOLOGY = 'http://terminology.hl7.org/CodeSystem'

export const concept = (system: string, code: string, display: string): CodeableConcept => ({
  coding: [{ system, code, display }],
  text: display,
})

/** A code of HL7's own small systems, for instance `hl7Concept('condition-clinical', 'active', 'Active')`. */
export const hl7Concept = (system: string, code: string, display: string) =>
  concept(`${TERMINOLOGY}/${system}`, code, display)

export const hl7Coding = (system: string, code: string, display: string): Coding => ({
  system: `${TERMINOLOGY}/${system}`,
  code,
  display,
})

export const quantity = (value: number, unit: string, code: string): Quantity => ({ value, unit, system: UCUM, code })
