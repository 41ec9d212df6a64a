import { type Json, type JsonProblem, readJson } from '../json.ts'
import { at, isResource, listAt, type Resource, textAt } from '../json-paths.ts'
import { isResourceType } from '../resource-types.ts'
import { FHIR_MEDIA_TYPE, fullUrlOf, wrapped } from '../vault/record-entries.ts'
import { type Category, SYSTEM } from '../vault/vault-record.ts'
import { categoryOf, dayOf, fileNameOf, titleOf } from './describe.ts'
import { vaultItems } from './vault-items.ts'

// A file of FHIR taken apart: each resource of a bundle becomes a record, with its very text, its id, and an address under which the others find it.

/** One record, as it would be stored. */
export interface ImportItem {
  readonly bytes: Uint8Array
  readonly title: string
  readonly fileName: string | null
  readonly mediaType: string
  readonly category: Category
  readonly clinicalDate: string | null
  /** Null for what is no FHIR: a file out of a DocumentReference. */
  readonly resourceType: string | null
  /** Of R4; others are kept as they are. */
  readonly isKnown: boolean
  /** Its id in the vault that it comes from, and those of the records there that it is a note to. */
  readonly wasRecord?: string
  readonly notesTo?: readonly { readonly recordId: string; readonly relation: string }[]
}
export type FhirFile =
  | {
      readonly kind: 'items'
      readonly bundleType: string | null
      readonly items: readonly ImportItem[]
      /** Entries without a resource: what was deleted, or is elsewhere. */
      readonly leftOut: number
    }
  | { readonly kind: 'unreadable'; readonly problem: JsonProblem }
  /** JSON, and no resource. */
  | { readonly kind: 'notFhir' }

/** One entry, with what it was in its file. */
export interface Entry {
  readonly resource: Resource
  readonly text: string
  readonly fullUrl: string | null
}

/** @param input a resource, or a bundle of any type. */
export function importItems(input: string | Uint8Array): FhirFile {
  const read = readJson(input)
  if (read.kind === 'unreadable') return read
  const { value, text, entries: texts } = read
  if (!isResource(value)) return { kind: 'notFhir' }
  if (value.resourceType !== 'Bundle') {
    const items = [itemOf({ resource: value, text, fullUrl: null }, false)]
    return { kind: 'items', bundleType: null, items, leftOut: 0 }
  }
  const listed = listAt(value, 'entry')
  const entries = listed.flatMap((entry, place): Entry[] => {
    const resource = at(entry, 'resource')
    const own = texts.get(place)
    return own === undefined || !isResource(resource)
      ? []
      : [{ resource, text: own, fullUrl: textAt(entry, 'fullUrl') }]
  })
  const isVault = listAt(value, 'meta', 'tag').some((tag) => at(tag, 'system') === SYSTEM.bundle)
  const items = isVault ? vaultItems(value, entries) : itemsOf(entries)
  // Who signed it signed the whole: that stays together, beside its parts.
  if (at(value, 'signature') !== undefined) items.push(itemOf({ resource: value, text, fullUrl: null }, false))
  return { kind: 'items', bundleType: textAt(value, 'type'), items, leftOut: listed.length - entries.length }
}

const itemsOf = (entries: readonly Entry[]): ImportItem[] => {
  const isNamed = namedBy(entries)
  return entries.map((entry) => itemOf(entry, isNamed(entry)))
}

const RELATIVE = /^[A-Z][A-Za-z]+\/[A-Za-z0-9.-]{1,64}$/
const isUuid = (id: unknown) => typeof id === 'string' && URN_UUID.test(`urn:uuid:${id}`)

/** Whether others find a resource by the address that it has, so that it must not get another. */
export function namedBy(entries: readonly Entry[]): (entry: Entry) => boolean {
  const named = new Set<string>()
  for (const { resource } of entries) referencesIn(resource, named)
  const isServers = ({ fullUrl, resource: { resourceType, id } }: Entry) =>
    fullUrl !== null && /^https?:/.test(fullUrl) && fullUrl.endsWith(`/${resourceType}/${String(id)}`)
  // `Patient/7` is beside who says it: a server's resources move together or not at all.
  const isBeside = [...named].some((reference) => RELATIVE.test(reference))
  const staysThere = entries.some(
    (entry) => isServers(entry) && (named.has(entry.fullUrl ?? '') || (isBeside && isUuid(entry.resource.id))),
  )
  return (entry) => (isServers(entry) ? staysThere : entry.fullUrl !== null && named.has(entry.fullUrl))
}

/** @param isNamed whether another resource refers to it by its address. */
export function itemOf({ resource, text, fullUrl }: Entry, isNamed: boolean): ImportItem {
  const { resourceType } = resource
  const withId = identifiedText(resource, text, isNamed ? fullUrl : null)
  const fileName = fileNameOf({ resourceType, ...(withId.id === null ? {} : { id: withId.id }) })
  const found = withId.id === null ? null : fullUrlOf({ resourceType, id: withId.id })
  // Under an address that its id does not tell, and that others know it by: kept beside it.
  const isLost = isNamed && fullUrl !== null && fullUrl !== found
  const own = isLost && isResourceType(resourceType) ? wrapped(fullUrl, withId.text) : withId.text
  return {
    bytes: new TextEncoder().encode(own),
    title: titleOf(resource),
    fileName,
    mediaType: FHIR_MEDIA_TYPE,
    category: categoryOf(resourceType, resource),
    clinicalDate: dayOf(resource),
    resourceType,
    isKnown: isResourceType(resourceType),
  }
}

const URN_UUID = /^urn:uuid:([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/
/** A resource without an id that others refer to gets that of its address, as a server gives it one when it takes a transaction in. */
function identifiedText(
  resource: Resource,
  text: string,
  fullUrl: string | null,
): { readonly id: string | null; readonly text: string } {
  if (resource.id !== undefined) return { id: typeof resource.id === 'string' ? resource.id : null, text }
  const id = URN_UUID.exec(fullUrl ?? '')?.[1]
  // An object begins with a brace, and this one holds its type at least.
  return id === undefined ? { id: null, text } : { id, text: `{"id":"${id}",${text.slice(1)}` }
}

function referencesIn(json: Json, found: Set<string>): void {
  if (typeof json !== 'object' || json === null) return
  for (const [name, value] of Object.entries(json)) {
    if (name === 'reference' && typeof value === 'string') found.add(value)
    else referencesIn(value, found)
  }
}
