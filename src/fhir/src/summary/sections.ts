import type { CodeableConcept } from '@medplum/fhirtypes'
import { at, listAt, type Resource, textAt } from '../json-paths.ts'

// The sections of the International Patient Summary (HL7 IPS 1.1, Composition-uv-ips), and what of a vault belongs into each.

export const LOINC = 'http://loinc.org'

export interface Section {
  readonly loinc: string
  readonly display: string
  readonly title: string
  /** Stands in every summary, and says that nothing is known where nothing is. */
  readonly required: boolean
  readonly holds: (resource: Resource) => boolean
  /** Of these, the newest alone: of measurements by their code. */
  readonly newestOnly?: true
}

const isOneOf = (text: string | null, ...values: string[]) => text !== null && values.includes(text)
const code = (concept: unknown) => textAt(concept, 'coding', 0, 'code')
const status = ({ status }: Resource) => (typeof status === 'string' ? status : null)
/** Nothing that was taken back, or never was so. */
const stands = (resource: Resource) =>
  !isOneOf(code(resource['verificationStatus']), 'entered-in-error', 'refuted') &&
  !isOneOf(status(resource), 'entered-in-error', 'not-done', 'cancelled', 'draft')
const isOver = (resource: Resource) =>
  isOneOf(code(resource['clinicalStatus']), 'inactive', 'remission', 'resolved') ||
  at(resource, 'abatementDateTime') !== undefined
const inCategory = (resource: Resource, ...wanted: string[]) =>
  listAt(resource, 'category').some((concept) =>
    listAt(concept, 'coding').some((coding) => isOneOf(textAt(coding, 'code'), ...wanted)),
  )
const isTaken = (resource: Resource) =>
  isOneOf(status(resource), 'active', 'intended', 'on-hold', 'unknown') || status(resource) === null

export const SECTIONS: readonly Section[] = [
  {
    loinc: '11450-4',
    display: 'Problem list - Reported',
    title: 'Problem List',
    required: true,
    holds: (resource) => resource.resourceType === 'Condition' && stands(resource) && !isOver(resource),
  },
  {
    loinc: '48765-2',
    display: 'Allergies and adverse reactions Document',
    title: 'Allergies and Intolerances',
    required: true,
    holds: (resource) =>
      resource.resourceType === 'AllergyIntolerance' &&
      stands(resource) &&
      !isOneOf(code(resource['clinicalStatus']), 'inactive', 'resolved'),
  },
  {
    loinc: '10160-0',
    display: 'History of Medication use Narrative',
    title: 'Medication Summary',
    required: true,
    holds: (resource) =>
      ['MedicationStatement', 'MedicationRequest'].includes(resource.resourceType) && isTaken(resource),
  },
  {
    loinc: '11369-6',
    display: 'History of Immunization Narrative',
    title: 'Immunizations',
    required: false,
    holds: (resource) => resource.resourceType === 'Immunization' && status(resource) === 'completed',
  },
  {
    loinc: '47519-4',
    display: 'History of Procedures Document',
    title: 'History of Procedures',
    required: false,
    holds: (resource) => resource.resourceType === 'Procedure' && stands(resource),
  },
  {
    loinc: '46264-8',
    display: 'History of medical device use',
    title: 'Medical Devices',
    required: false,
    holds: (resource) => resource.resourceType === 'DeviceUseStatement' && stands(resource),
  },
  {
    loinc: '30954-2',
    display: 'Relevant diagnostic tests/laboratory data Narrative',
    title: 'Results',
    required: false,
    newestOnly: true,
    holds: (resource) =>
      resource.resourceType === 'Observation' && stands(resource) && inCategory(resource, 'laboratory'),
  },
  {
    loinc: '8716-3',
    display: 'Vital signs',
    title: 'Vital Signs',
    required: false,
    newestOnly: true,
    holds: (resource) =>
      resource.resourceType === 'Observation' && stands(resource) && inCategory(resource, 'vital-signs'),
  },
  {
    loinc: '29762-2',
    display: 'Social history Narrative',
    title: 'Social History',
    required: false,
    newestOnly: true,
    holds: (resource) =>
      resource.resourceType === 'Observation' && stands(resource) && inCategory(resource, 'social-history'),
  },
  {
    loinc: '11348-0',
    display: 'History of Past illness Narrative',
    title: 'History of Past Illness',
    required: false,
    holds: (resource) => resource.resourceType === 'Condition' && stands(resource) && isOver(resource),
  },
  {
    loinc: '18776-5',
    display: 'Plan of care note',
    title: 'Plan of Care',
    required: false,
    holds: (resource) => resource.resourceType === 'CarePlan' && status(resource) === 'active',
  },
]

const ABSENT = 'http://hl7.org/fhir/uv/ips/CodeSystem/absent-unknown-uv-ips'
const absent = (code: string, display: string): CodeableConcept => ({
  coding: [{ system: ABSENT, code, display }],
  text: display,
})

/** What stands in a required section about which the vault holds nothing: that nothing is known, which is less than that there is nothing. */
export function nothingKnown(loinc: string, patient: { readonly reference: string }): Resource | null {
  switch (loinc) {
    case '48765-2':
      return {
        resourceType: 'AllergyIntolerance',
        clinicalStatus: {
          coding: [{ system: 'http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical', code: 'active' }],
        },
        code: absent('no-allergy-info', 'No information about allergies'),
        patient,
      }
    case '11450-4':
      return {
        resourceType: 'Condition',
        clinicalStatus: {
          coding: [{ system: 'http://terminology.hl7.org/CodeSystem/condition-clinical', code: 'active' }],
        },
        code: absent('no-problem-info', 'No information about problems'),
        subject: patient,
      }
    case '10160-0':
      return {
        resourceType: 'MedicationStatement',
        status: 'unknown',
        medicationCodeableConcept: absent('no-medication-info', 'No information about medications'),
        subject: patient,
        _effectiveDateTime: DATA_ABSENT,
      }
    default:
      return null
  }
}
/** Said in the place of a time that has to stand there. */
export const DATA_ABSENT = {
  extension: [{ url: 'http://hl7.org/fhir/StructureDefinition/data-absent-reason', valueCode: 'unknown' }],
} as const
