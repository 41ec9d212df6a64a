import { loadDefinitions as loadBaseDefinitions } from '@medguard/fhir/in-node'
import {
  type Bundle,
  getSearchParameters,
  indexSearchParameterBundle,
  readJson,
  type SearchParameter,
} from '../medplum.ts'

/** What is served: what a patient's record holds. Neither what describes FHIR itself, nor what an institution keeps of its own business. */
export const TYPES = [
  'AllergyIntolerance',
  'Appointment',
  'Basic',
  'Binary',
  'BodyStructure',
  'Bundle',
  'CarePlan',
  'CareTeam',
  'ClinicalImpression',
  'Communication',
  'Composition',
  'Condition',
  'Consent',
  'Coverage',
  'Device',
  'DeviceUseStatement',
  'DiagnosticReport',
  'DocumentReference',
  'Encounter',
  'EpisodeOfCare',
  'FamilyMemberHistory',
  'Flag',
  'Goal',
  'ImagingStudy',
  'Immunization',
  'ImmunizationRecommendation',
  'List',
  'Location',
  'Media',
  'Medication',
  'MedicationAdministration',
  'MedicationDispense',
  'MedicationRequest',
  'MedicationStatement',
  'NutritionOrder',
  'Observation',
  'Organization',
  'Patient',
  'Practitioner',
  'PractitionerRole',
  'Procedure',
  'Provenance',
  'QuestionnaireResponse',
  'RelatedPerson',
  'RiskAssessment',
  'ServiceRequest',
  'Specimen',
  'Task',
  'VisionPrescription',
] as const
export type Type = (typeof TYPES)[number]
export const isType = (name: string): name is Type => (TYPES as readonly string[]).includes(name)

/** Of kinds that have a meaning here: others are refused, never answered with nothing. */
const SEARCHABLE = ['token', 'date', 'string', 'reference', 'quantity', 'number', 'uri'] as const
export type ParameterType = (typeof SEARCHABLE)[number]
export interface Parameter extends SearchParameter {
  readonly type: ParameterType
}

let isLoaded = false
/** FHIR's own definitions, and by what its types are searched: once in a process, half a second. */
export function loadDefinitions(): void {
  if (isLoaded) return
  loadBaseDefinitions()
  indexSearchParameterBundle(readJson('fhir/r4/search-parameters.json') as Bundle<SearchParameter>)
  isLoaded = true
}

/** By which a type can be searched, by code. */
export function parametersOf(type: string): ReadonlyMap<string, Parameter> {
  const known = cached.get(type)
  if (known !== undefined) return known
  loadDefinitions()
  const found = Object.values(getSearchParameters(type) ?? {}).filter(
    (parameter): parameter is Parameter =>
      (SEARCHABLE as readonly string[]).includes(parameter.type) &&
      parameter.expression !== undefined &&
      parameter.code !== '_compartment' &&
      !parameter.code.includes(':'),
  )
  const byCode = new Map(found.map((parameter) => [parameter.code, parameter]))
  cached.set(type, byCode)
  return byCode
}
const cached = new Map<string, ReadonlyMap<string, Parameter>>()
