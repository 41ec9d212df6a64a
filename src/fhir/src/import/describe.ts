import type { Json } from '../json.ts'
import { listAt, type Resource, textAt } from '../json-paths.ts'
import type { Category } from '../vault/vault-record.ts'

// What a list may say of a resource without opening it: kind, title, day. In the resource's own words: nothing here is in anybody's language.

/** Under which kind of records a resource is filed. */
export function categoryOf(type: string, resource: Json): Category {
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

/** Ids like `1` are everybody's; a UUID is one resource's alone. */
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i
/** `Observation-<id>.json`, by which it is known again; `Observation.json` where it has no id that is nobody else's. */
export function fileNameOf({ resourceType, id }: Pick<Resource, 'resourceType' | 'id'>): string {
  return typeof id === 'string' && UUID.test(id) ? `${resourceType}-${id.toLowerCase()}.json` : `${resourceType}.json`
}

/** In the order in which they say when it was, rather than when it was written down. */
const WHEN = (
  'effectiveDateTime effectiveInstant effectivePeriod.start performedDateTime performedPeriod.start occurrenceDateTime occurrencePeriod.start onsetDateTime ' +
  'onsetPeriod.start period.start context.period.start started authoredOn dateAsserted recordedDate billablePeriod.start date issued created recorded'
)
  .split(' ')
  .map((path) => path.split('.'))
/** Full date, or null. */
export function dayOf(resource: Json): string | null {
  for (const path of WHEN) {
    const day = /^\d{4}-\d{2}-\d{2}/.exec(textAt(resource, ...path) ?? '')?.[0]
    if (day !== undefined && isDay(day)) return day
  }
  return null
}
function isDay(day: string): boolean {
  const ms = Date.parse(`${day}T00:00:00Z`)
  return !Number.isNaN(ms) && new Date(ms).toISOString().startsWith(day)
}

const NAMED = ['code', 'medicationCodeableConcept', 'vaccineCode', 'type', 'description', 'category']
const TITLE_CHARS_MAX = 200
/** What a resource is about, else its type. */
export function titleOf(resource: Resource): string {
  const name = listAt(resource, 'name')[0]
  const concepts = NAMED.flatMap((field) => [resource[field], listAt(resource, field)[0]])
  const found =
    textAt(resource, 'title') ??
    textAt(resource, 'description') ??
    textAt(name, 'text') ??
    personName(name) ??
    textAt(resource, 'name') ??
    concepts.map(conceptText).find((text) => text !== null) ??
    resource.resourceType.replaceAll(/(?<=[a-z])(?=[A-Z])/g, ' ')
  return plainTitle(found)
}
const conceptText = (concept: Json): string | null =>
  textAt(concept, 'text') ?? textAt(concept, 'coding', 0, 'display') ?? null
function personName(name: Json): string | null {
  const given = listAt(name, 'given').filter((each) => typeof each === 'string')
  const family = textAt(name, 'family')
  return family === null ? null : [...given, family].join(' ')
}

/** Only what may stand in a title: others will read it. */
export function plainTitle(text: string): string {
  const plain = text.replaceAll(/[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]+/gu, ' ').trim()
  return Array.from(plain === '' ? '?' : plain)
    .slice(0, TITLE_CHARS_MAX)
    .join('')
}

/** RFC 3339, day or time; null for what is neither, or no day of the calendar. */
export const momentIn = (text: string | null): string | null =>
  text !== null &&
  /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}:\d{2}(\.\d{1,9})?(Z|[+-]\d{2}:\d{2}))?$/.test(text) &&
  isDay(text.slice(0, 10)) &&
  !Number.isNaN(Date.parse(text))
    ? text
    : null

/** As a file system takes it; null where nothing is left. */
export function plainFileName(text: string | null): string | null {
  if (text === null) return null
  const plain = plainTitle(text.replaceAll(/[/\\]/g, '_'))
  return /^\.*$/.test(plain) || plain === '?' ? null : plain
}

const MEDIA_TYPE = /^[A-Za-z0-9][\w!#$&^.+-]{0,126}\/[A-Za-z0-9][\w!#$&^.+-]{0,126}(;[ -~]{1,200})?$/
/** RFC 6838, section 4.2. */
export const mediaTypeIn = (text: string | null): string | null =>
  text !== null && MEDIA_TYPE.test(text) ? text : null
