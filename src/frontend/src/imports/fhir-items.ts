import { type Category, TITLE_CHARS_MAX } from '@medguard/client'
import { categoryOf, fileNameOf, isResource, readJson, type Resource } from '@medguard/fhir'
import { clinicalMs } from '../app/dates.ts'
import { readFhir } from '../records/fhir-reading.ts'
import { at, listAt } from '../records/json-paths.ts'
import { t } from '../words/language.ts'

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
  const read = readJson(text)
  if (read.kind === 'unreadable' || !isResource(read.value)) return null
  const { value, entries } = read
  if (value.resourceType !== 'Bundle') return [itemOf(value, read.text, null)]
  const resources = listAt(value, 'entry').map((entry) => at(entry, 'resource'))
  const subject = readFhir(value)?.patient?.name ?? null
  return resources.flatMap((resource, place) => {
    const own = entries.get(place)
    return own === undefined || !isResource(resource) ? [] : [itemOf(resource, own, subject)]
  })
}

function itemOf(resource: Resource, text: string, subject: string | null): FhirItem {
  const type = resource.resourceType
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
    fileName: fileNameOf(resource),
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

/** Whether a file name is one resource's alone. */
export const isOneResources = (fileName: string): boolean => /^[A-Za-z]+-[0-9a-f-]{36}\.json$/.test(fileName)
