import { refuse, refusalOf, toBase64 } from '@medguard/protocol'
import type { OpenedRecord } from './api.ts'
import { Refused } from './outcome.ts'

/** Whether a record of this kind can be in a link: as FHIR, or as a document or picture that anybody's viewer may show. */
export const fitsLink = (mediaType: string): boolean => FHIR_JSON.test(mediaType) || SHOWN.test(mediaType)

type Json = Readonly<Record<string, unknown>>
const FHIR_JSON = /^application\/(fhir\+json|json)(;|$)/
/** What anybody's viewer may show as it is. */
const SHOWN = /^(application\/pdf|image\/(png|jpeg|gif|webp)|text\/plain)(;|$)/

/**
 * Opened records as one FHIR Bundle of type `collection`: FHIR as it is, documents and pictures inside of a DocumentReference.
 * @throws Refused `BadInput` for a record of another kind, by its title's place in what was chosen.
 */
export function collectionOf(records: readonly OpenedRecord[], nowMs: number): Uint8Array {
  const entry = records.flatMap(entriesOf).map((resource) => ({ resource }))
  const bundle = { resourceType: 'Bundle', type: 'collection', timestamp: new Date(nowMs).toISOString(), entry }
  return new TextEncoder().encode(JSON.stringify(bundle))
}

function entriesOf({ summary, bytes }: OpenedRecord): readonly Json[] {
  const { mediaType, title, clinicalDate } = summary
  const resource = FHIR_JSON.test(mediaType) ? resourceIn(bytes) : null
  if (resource !== null) return resource['resourceType'] === 'Bundle' ? resourcesIn(resource) : [resource]
  if (!SHOWN.test(mediaType)) throw new Refused(refusalOf(refuse.badInput('records', 'format')))
  const attachment = { contentType: mediaType, title, data: toBase64(bytes) }
  return [
    {
      resourceType: 'DocumentReference',
      status: 'current',
      description: title,
      ...(clinicalDate !== null && clinicalDate.length > 10 ? { date: clinicalDate } : {}),
      content: [{ attachment }],
    },
  ]
}

function resourceIn(bytes: Uint8Array): Json | null {
  try {
    const value: unknown = JSON.parse(new TextDecoder().decode(bytes))
    return isJson(value) && typeof value['resourceType'] === 'string' ? value : null
  } catch {
    return null
  }
}
function resourcesIn(bundle: Json): readonly Json[] {
  const entries: unknown = bundle['entry']
  return Array.isArray(entries)
    ? entries.flatMap((entry: unknown) => {
        const resource = isJson(entry) ? entry['resource'] : null
        return isJson(resource) ? [resource] : []
      })
    : []
}
const isJson = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value)
