import type { DocumentReference, Extension, Provenance } from '@medplum/fhirtypes'
import { base64Of } from '../base64.ts'
import { readJson } from '../json.ts'
import { at, isResource, listAt, type Resource, textAt } from '../json-paths.ts'
import { isResourceType } from '../resource-types.ts'
import { EXTENSION, identified, SYSTEM, uuidOf, type VaultRecord } from './vault-record.ts'

// A record as entries of a bundle: what is FHIR stands in it as it came, letter for letter; what is not is told by a DocumentReference that carries it. Each
// has a Provenance, which says who stored it, when, under which title, and what became of its signature.

/** One entry, whose resource is already text. */
export interface EntryText {
  readonly fullUrl: string
  readonly text: string
}

export const FHIR_MEDIA_TYPE = 'application/fhir+json'
/** The place of resources whose ids are no UUIDs: `Patient/1` finds the one that is at `<base>/Patient/1` (R4, bundle.html, references). */
export const BASE_URL = 'http://medguard.invalid/fhir'
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/
const ID = /^[A-Za-z0-9.-]{1,64}$/

/** Under which address a resource stands in a bundle, by its id alone; null where it has none. */
export function fullUrlOf({ resourceType, id }: Resource): string | null {
  if (typeof id !== 'string' || !ID.test(id)) return null
  return UUID.test(id) ? `urn:uuid:${id}` : `${BASE_URL}/${resourceType}/${id}`
}

/** What a record is in a bundle. @param taken addresses that are in use; this one's is added. */
export function resourceEntry(record: VaultRecord, taken: Set<string>): EntryText & { readonly isDocument: boolean } {
  const own = `urn:uuid:${uuidOf(record.recordId)}`
  const found = record.bytes === null || !isJson(record.mediaType) ? null : fhirIn(record.bytes)
  const wanted = found?.fullUrl ?? own
  // Two hospitals may both have an `Observation/1`: the first keeps its address.
  const fullUrl = taken.has(wanted) ? own : wanted
  taken.add(fullUrl)
  return found === null
    ? { fullUrl, text: JSON.stringify(documentOf(record)), isDocument: true }
    : { fullUrl, text: found.text, isDocument: false }
}

const isJson = (mediaType: string) => /^application\/(?:fhir\+)?json(?:;|$)/.test(mediaType)

/** The resource of a record; null for what is none of R4's, which its receiver could not read. */
function fhirIn(bytes: Uint8Array): { readonly fullUrl: string | null; readonly text: string } | null {
  const read = readJson(bytes)
  if (read.kind === 'unreadable' || !isResource(read.value) || !isResourceType(read.value.resourceType)) return null
  const { value, text, entries } = read
  const fullUrl = wrappedUrl(value)
  const inside = entries.get(0)
  // With an address of its own, as `wrapped` stored it.
  if (fullUrl !== null && inside !== undefined) return { fullUrl, text: inside }
  return { fullUrl: fullUrlOf(value), text }
}

/** A resource beside the address that it had, for which its id does not tell. */
export const wrapped = (fullUrl: string, text: string): string =>
  `{"resourceType":"Bundle","type":"collection","entry":[{"fullUrl":${JSON.stringify(fullUrl)},"resource":${text}}]}`

function wrappedUrl(bundle: Resource): string | null {
  const [entry, ...others] = listAt(bundle, 'entry')
  const isOurs =
    Object.keys(bundle).join(' ') === 'resourceType type entry' &&
    at(bundle, 'type') === 'collection' &&
    others.length === 0 &&
    Object.keys(Object(entry)).join(' ') === 'fullUrl resource' &&
    isResourceType(textAt(entry, 'resource', 'resourceType') ?? '')
  return isOurs ? textAt(entry, 'fullUrl') : null
}

function documentOf(record: VaultRecord): DocumentReference {
  const { recordId, category, title, fileName, mediaType, clinicalDate, sizeBytes, sha256, bytes, notesTo } = record
  const { asFhir = null } = record
  return {
    resourceType: 'DocumentReference',
    id: uuidOf(recordId),
    identifier: [
      { system: SYSTEM.record, value: recordId },
      ...(sha256 === null ? [] : [{ system: SYSTEM.sha256, value: sha256 }]),
    ],
    status: 'current',
    category: [{ coding: [{ system: SYSTEM.category, code: category }] }],
    date: record.storedAt,
    author: [whoOf(record)],
    description: title,
    ...(notesTo.length === 0
      ? {}
      : {
          relatesTo: notesTo.map((note) => ({
            code: 'appends' as const,
            target: identified(SYSTEM.record, note.recordId),
            extension: [{ url: EXTENSION.relation, valueCode: note.relation }],
          })),
        }),
    content: [
      {
        attachment: {
          contentType: mediaType,
          ...(bytes === null || bytes.length === 0 ? {} : { data: base64Of(bytes) }),
          ...(fileName === null ? {} : { title: fileName }),
          size: sizeBytes,
        },
      },
      ...(asFhir === null
        ? []
        : [{ attachment: { contentType: FHIR_MEDIA_TYPE, data: base64Of(asFhir), size: asFhir.length } }]),
    ],
    ...(clinicalDate === null ? {} : { context: { period: { start: clinicalDate } } }),
  }
}

const whoOf = ({ storedBy: { principal, name } }: VaultRecord) => ({
  ...identified(SYSTEM.principal, principal),
  ...(name === null ? {} : { display: name }),
})

/** Who stored it, when, and under which title; with what the check of a signature said. */
export function provenanceOf(record: VaultRecord, target: string): Provenance {
  const { recordId, version, category, title, fileName, mediaType, clinicalDate, storedAt, signature } = record
  const extension: Extension[] = [
    { url: EXTENSION.signature, valueCode: signature },
    { url: EXTENSION.mediaType, valueString: mediaType },
    ...(fileName === null ? [] : [{ url: EXTENSION.fileName, valueString: fileName }]),
  ]
  return {
    resourceType: 'Provenance',
    meta: { tag: [{ system: SYSTEM.category, code: category }] },
    extension,
    target: [{ reference: target }],
    ...(clinicalDate === null ? {} : { occurredDateTime: clinicalDate }),
    recorded: storedAt,
    agent: [
      {
        type: {
          coding: [{ system: 'http://terminology.hl7.org/CodeSystem/provenance-participant-type', code: 'author' }],
        },
        who: whoOf(record),
      },
    ],
    entity: [
      {
        role: 'source',
        what: { ...identified(SYSTEM.record, `${recordId}/${version}`), display: title },
      },
    ],
    ...(signature === 'signed'
      ? { signature: [{ type: [AUTHOR_SIGNATURE], when: storedAt, who: whoOf(record) }] }
      : {}),
  }
}
/** Over the sealed record, by a key that is registered in the vault: evidence of it is in the log and not here. */
const AUTHOR_SIGNATURE = {
  system: 'urn:iso-astm:E1762-95:2013',
  code: '1.2.840.10065.1.12.1.1',
  display: "Author's Signature",
}
export const provenanceUrlOf = ({ recordId }: VaultRecord): string => `urn:medguard:provenance:${recordId}`
