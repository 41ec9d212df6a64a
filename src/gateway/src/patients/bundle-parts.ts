import { isObject, type JsonObject, listAt, textAt } from '../json.ts'
import { isType } from '../search/definitions.ts'
import { keptMeta, type KnownRecord, metaOf } from './record-resources.ts'

/** One resource of a record that holds several: a message of HL7 v2, for instance. */
export interface Part {
  /** `Observation/<record id>-3` */
  readonly key: string
  readonly content: JsonObject
  /** Its address beside the others, if it has one. */
  readonly fullUrl: string | null
}

/** Of a document nothing is taken out: it was signed, or read, as a whole. */
export function partsOf({ summary, content }: KnownRecord, patientId: string): Part[] {
  if (content === null || textAt(content, 'resourceType') !== 'Bundle' || textAt(content, 'type') === 'document')
    return []
  return listAt(content, 'entry').flatMap((entry, i): Part[] => {
    const resource = isObject(entry) ? entry['resource'] : undefined
    const type = textAt(resource, 'resourceType') ?? ''
    if (!isObject(resource) || !isType(type) || type === 'Bundle' || type === 'Binary') return []
    const id = type === 'Patient' ? patientId : `${summary.recordId}-${i}`
    return [{ key: `${type}/${id}`, content: resource, fullUrl: textAt(entry, 'fullUrl') }]
  })
}

/** As a resource of its own, under the version of its record. */
export function partResource(record: KnownRecord, { key, content }: Part): JsonObject {
  return { ...content, id: key.split('/')[1] ?? '', meta: { ...keptMeta(content), ...metaOf(record.summary) } }
}
