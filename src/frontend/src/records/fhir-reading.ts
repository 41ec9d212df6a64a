import {
  capitalised,
  codeText,
  codeWord,
  conceptText,
  type FhirFlag,
  flagOf,
  nameText,
  observationValue,
  quantityText,
  referenceText,
  whenOf,
} from './fhir-values.ts'
import { type FhirFact, factsOfResource, isTold, type ToldType } from './fhir-facts.ts'
import { laterFirst } from '../app/dates.ts'
import { compareTexts, t } from '../words/language.ts'
import { inlineText } from './inline-text.ts'
import { at, firstText, type Json, listAt, textAt } from './json-paths.ts'

// A FHIR R4 resource or Bundle as a list that a person can read. Nothing is interpreted and nothing dropped: what we have no words for is
// listed by its type, and the whole JSON stays one click away.

export interface FhirRow {
  readonly what: string
  /** Standard code, for instance `LOINC 4548-4`. */
  readonly code: string | null
  /** Number with unit, or words. */
  readonly value: string | null
  /** High, low…; null when nothing is remarkable or nothing is said. */
  readonly flag: FhirFlag | null
  /** Usual range, dose, reaction: one more thing worth knowing. */
  readonly detail: string | null
  /** FHIR date or dateTime as written. */
  readonly when: string | null
  readonly parts: readonly { readonly what: string; readonly value: string }[]
}
export interface FhirGroup {
  readonly type: string
  readonly label: string
  readonly rows: readonly FhirRow[]
}
export interface FhirReading {
  readonly resourceType: string
  /** Name and birth date of the one Patient in it, if there is exactly one. */
  readonly patient: { readonly name: string | null; readonly birthDate: string | null } | null
  readonly groups: readonly FhirGroup[]
  readonly resourceCount: number
  /** Where there is one resource and it is of a kind that has a view of its own. */
  readonly single: { readonly type: ToldType; readonly row: FhirRow; readonly facts: readonly FhirFact[] } | null
}

/** Order of the groups, and their headings. Types that are not named here follow under their own name. */
const TYPES = [
  'AllergyIntolerance',
  'Condition',
  'MedicationStatement',
  'MedicationRequest',
  'MedicationAdministration',
  'Immunization',
  'Observation',
  'DiagnosticReport',
  'Procedure',
  'ImagingStudy',
  'DocumentReference',
  'CarePlan',
  'Goal',
  'Encounter',
  'Composition',
  'Device',
  'Patient',
  'Practitioner',
  'Organization',
  'Claim',
  'ExplanationOfBenefit',
] as const
function labelOf(type: string): string {
  const known = TYPES.find((one) => one === type)
  return known === undefined ? spaced(type) : t(`fhir.${known}`)
}

/** @param json parsed content of a record. @returns null when it is no FHIR. */
export function readFhir(json: Json): FhirReading | null {
  const resourceType = typeOf(json)
  if (resourceType === null) return null
  const resources =
    resourceType === 'Bundle'
      ? listAt(json, 'entry')
          .map((entry) => at(entry, 'resource'))
          .filter((resource) => typeOf(resource) !== null)
      : [json]
  const byType = new Map<string, FhirRow[]>()
  for (const resource of resources) {
    const type = typeOf(resource) ?? ''
    const rows = byType.get(type)
    if (rows === undefined) byType.set(type, [rowOf(type, resource)])
    else rows.push(rowOf(type, resource))
  }
  const groups = [...byType].map(([type, rows]) => ({
    type,
    label: labelOf(type),
    rows: newestFirst(rows),
  }))
  const order: readonly string[] = TYPES
  const place = (type: string) => (order.includes(type) ? order.indexOf(type) : order.length)
  groups.sort((a, b) => place(a.type) - place(b.type) || compareTexts(a.label, b.label))
  const single = singleOf(resources)
  return { resourceType, patient: patientOf(resources), groups, resourceCount: resources.length, single }
}

function singleOf(resources: readonly Json[]): FhirReading['single'] {
  const [resource] = resources
  const type = typeOf(resource) ?? ''
  if (resources.length !== 1 || !isTold(type)) return null
  return { type, row: rowOf(type, resource), facts: factsOfResource(type, resource) }
}

/** Keeps the order of the file within a day and for rows without a date. */
function newestFirst(rows: readonly FhirRow[]): FhirRow[] {
  return rows.toSorted((a, b) => laterFirst((a.when ?? '').slice(0, 10), (b.when ?? '').slice(0, 10)))
}

function rowOf(type: string, resource: Json): FhirRow {
  const concept = conceptOf(type, resource)
  const row: FhirRow = {
    what: conceptText(concept) ?? otherName(type, resource) ?? spaced(type),
    code: codeText(concept),
    value: null,
    flag: null,
    detail: null,
    when: whenOf(resource),
    parts: [],
  }
  switch (type) {
    case 'Observation': {
      const range = referenceText(resource)
      return {
        ...row,
        value: observationValue(resource),
        flag: flagOf(resource),
        detail: range === null ? null : t('fhir.usualRange', { range }),
        parts: componentsOf(resource),
      }
    }
    case 'AllergyIntolerance': {
      const risk = codeWord(textAt(resource, 'criticality'))
      const reaction = conceptText(at(resource, 'reaction', 0, 'manifestation', 0))
      return {
        ...row,
        value: risk === null ? null : t('fhir.risk', { risk }),
        detail: reaction === null ? null : t('fhir.reaction', { reaction }),
      }
    }
    case 'Condition':
      return { ...row, value: codeWord(codeOnly(at(resource, 'clinicalStatus'))) }
    case 'MedicationRequest':
    case 'MedicationStatement': {
      const dosage = at(resource, 'dosageInstruction', 0) ?? at(resource, 'dosage', 0)
      const dose = quantityText(at(dosage, 'doseAndRate', 0, 'doseQuantity'))
      return { ...row, value: codeWord(textAt(resource, 'status')), detail: textAt(dosage, 'text') ?? dose }
    }
    case 'DocumentReference':
      return { ...row, value: textAt(resource, 'description'), detail: inlineText(resource) }
    case 'Patient':
      return { ...row, value: codeWord(textAt(resource, 'gender')) }
    case 'DiagnosticReport':
      return { ...row, value: textAt(resource, 'conclusion') ?? codeWord(textAt(resource, 'status')) }
    default:
      return { ...row, value: codeWord(textAt(resource, 'status') ?? codeOnly(at(resource, 'lifecycleStatus'))) }
  }
}

function conceptOf(type: string, resource: Json): Json {
  if (type.startsWith('Medication')) return at(resource, 'medicationCodeableConcept') ?? at(resource, 'code')
  switch (type) {
    case 'Immunization':
      return at(resource, 'vaccineCode')
    case 'Encounter':
    case 'DocumentReference':
    case 'Composition':
    case 'Claim':
    case 'Device':
      return listAt(resource, 'type')[0] ?? at(resource, 'type')
    case 'CarePlan':
      return at(resource, 'category', 1) ?? at(resource, 'category', 0)
    case 'Goal':
      return at(resource, 'description')
    case 'ImagingStudy':
      return at(resource, 'procedureCode', 0)
    default:
      return at(resource, 'code')
  }
}

function otherName(type: string, resource: Json): string | null {
  if (type === 'Patient' || type === 'Practitioner' || type === 'RelatedPerson') {
    return nameText(listAt(resource, 'name')[0])
  }
  return firstText(resource, ['title', 'name', 'description', 'display'])
}

function patientOf(resources: readonly Json[]): FhirReading['patient'] {
  const patients = resources.filter((resource) => typeOf(resource) === 'Patient')
  if (patients.length !== 1) return null
  const name = nameText(listAt(patients[0], 'name')[0])
  return { name, birthDate: textAt(patients[0], 'birthDate') }
}

function componentsOf(observation: Json): { what: string; value: string }[] {
  return listAt(observation, 'component').flatMap((component) => {
    const what = conceptText(at(component, 'code'))
    const value = observationValue(component)
    return what === null || value === null ? [] : [{ what, value }]
  })
}

const typeOf = (resource: Json) => {
  const type = textAt(resource, 'resourceType')
  return type !== null && /^[A-Z][A-Za-z]{1,63}$/.test(type) ? type : null
}
const codeOnly = (concept: Json) =>
  textAt(concept, 'coding', 0, 'code') ?? (typeof concept === 'string' ? concept : null)
/** `ExplanationOfBenefit` becomes `Explanation of benefit`. */
const spaced = (type: string) => capitalised(type.replaceAll(/(?<=[a-z])(?=[A-Z])/g, ' ').toLowerCase()) ?? type
