import { type Category, TITLE_CHARS_MAX } from '@medguard/client'
import { clinicalMs } from '../app/dates.ts'
import { readFhir } from '../records/fhir-reading.ts'
import { at, type Json, listAt, textAt } from '../records/json-paths.ts'
import { t } from '../words/language.ts'
import { resourceTexts } from './json-pieces.ts'

// FHIR files taken apart: a bundle becomes a record for each of its resources.

/** One resource, as it would be stored. */
export interface FhirItem {
  readonly type: string
  /** What its type is called, in the reader's language. */
  readonly typeLabel: string
  readonly title: string
  readonly category: Category
  /** Full date, or null. */
  readonly day: string | null
  readonly subject: string | null
  /** The text as it stood in the file. */
  readonly text: string
  /** `Observation-<id>.json`, by which it is known again; `Observation.json` where it has no id that is nobody else's. */
  readonly fileName: string
  /** Who sent it and what it cost, rather than what it says of a person's health. */
  readonly isAdministrative: boolean
}

const ADMINISTRATIVE: readonly string[] = [
  'Patient',
  'Practitioner',
  'PractitionerRole',
  'Organization',
  'Location',
  'RelatedPerson',
  'Claim',
  'ClaimResponse',
  'ExplanationOfBenefit',
  'Coverage',
  'Account',
  'Provenance',
  'AuditEvent',
  'OperationOutcome',
  'Device',
]

/** @param text a file. @returns its resources, empty where it holds none; null for what is no FHIR at all. */
export function fhirItems(text: string): readonly FhirItem[] | null {
  let json: Json
  try {
    json = JSON.parse(text)
  } catch {
    return null
  }
  const type = textAt(json, 'resourceType')
  if (type === null || !/^[A-Z][A-Za-z]{1,63}$/.test(type)) return null
  if (type !== 'Bundle') return [itemOf(json, text.trim(), null)]
  const texts = resourceTexts(text)
  const resources = listAt(json, 'entry').map((entry) => at(entry, 'resource'))
  const subject = readFhir(json)?.patient?.name ?? null
  return resources.flatMap((resource, place) => {
    const own = texts[place] ?? null
    return own === null || textAt(resource, 'resourceType') === null ? [] : [itemOf(resource, own, subject)]
  })
}

function itemOf(resource: Json, text: string, subject: string | null): FhirItem {
  const type = textAt(resource, 'resourceType') ?? ''
  const [group] = readFhir(resource)?.groups ?? []
  const row = group?.rows[0]
  const value =
    type === 'Observation' && row !== undefined && row.value !== null && row.value.length < 60 ? row.value : null
  const what = row?.what ?? type
  return {
    type,
    typeLabel: group?.label ?? type,
    title: titleOf(value === null ? what : t('forms.titleValue', { what, value })),
    category: categoryOf(type, resource),
    day: dayOf(row?.when ?? null),
    subject: subject === null ? null : titleOf(subject),
    text,
    fileName: fileNameOf(type, resource),
    isAdministrative: ADMINISTRATIVE.includes(type),
  }
}

/** Only what may stand in a title: others will read it. */
function titleOf(text: string): string {
  // oxlint-disable-next-line no-control-regex
  const plain = text.replaceAll(/[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]+/g, ' ').trim()
  return Array.from(plain === '' ? '?' : plain)
    .slice(0, TITLE_CHARS_MAX)
    .join('')
}

function dayOf(when: string | null): string | null {
  const day = /^\d{4}-\d{2}-\d{2}/.exec(when ?? '')?.[0]
  return day === undefined || clinicalMs(day) === null ? null : day
}

/** Ids like `1` are everybody's; a UUID is one resource's alone. */
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i
function fileNameOf(type: string, resource: Json): string {
  const id = textAt(resource, 'id')
  return id !== null && UUID.test(id) ? `${type}-${id.toLowerCase()}.json` : `${type}.json`
}
/** Whether a file name is one resource's alone. */
export const isOneResources = (fileName: string): boolean => /^[A-Za-z]+-[0-9a-f-]{36}\.json$/.test(fileName)

function categoryOf(type: string, resource: Json): Category {
  if (/^(Medication|Immunization)/.test(type)) return 'medicines'
  const codes = listAt(resource, 'category').flatMap((concept) =>
    listAt(concept, 'coding').flatMap((coding) => textAt(coding, 'code')?.toLowerCase() ?? []),
  )
  switch (type) {
    case 'Observation':
      if (codes.includes('vital-signs') || codes.includes('activity')) return 'vitals'
      return codes.some((code) => ['social-history', 'survey', 'exam'].includes(code)) ? 'summary' : 'labs'
    case 'DiagnosticReport':
      return codes.some((code) => ['rad', 'imaging', 'us', 'ct', 'nmr'].includes(code)) ? 'imaging' : 'labs'
    case 'ImagingStudy':
      return 'imaging'
    case 'DocumentReference':
    case 'Composition':
    case 'Encounter':
      return 'documents'
    case 'AllergyIntolerance':
    case 'Condition':
    case 'Procedure':
    case 'FamilyMemberHistory':
    case 'CarePlan':
    case 'CareTeam':
    case 'Goal':
      return 'summary'
    default:
      return 'other'
  }
}
