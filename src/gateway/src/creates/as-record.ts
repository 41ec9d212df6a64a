import type { Category, NewRecord } from '@medguard/client'
import { categoryOf, dayOf, fileNameOf, isResource, titleOf } from '@medguard/fhir'
import { unprocessable } from '../faults.ts'
import { isObject, type JsonObject, listAt, textAt } from '../json.ts'

// A resource as the record of its patient that it becomes.

/** Ids and versions are the vault's. */
export function asStored({ id: _id, meta, ...rest }: JsonObject): JsonObject {
  if (!isObject(meta)) return rest
  const { versionId: _versionId, lastUpdated: _lastUpdated, ...kept } = meta
  return Object.keys(kept).length === 0 ? rest : { ...rest, meta: kept }
}

const SUBJECTS = ['subject', 'patient', 'beneficiary', 'for'] as const

/** Whose it is, as it says itself. @throws Refuse 422 where it does not. */
export function patientIn(resource: JsonObject): string {
  const first = textAt(resource, 'resourceType') === 'Bundle' ? firstResource(resource) : resource
  for (const name of SUBJECTS) {
    const [, id] = /^Patient\/([0-9a-f]{32})$/.exec(textAt(first[name], 'reference') ?? '') ?? []
    if (id !== undefined) return id
  }
  throw unprocessable('it does not say whose it is: subject or patient has to be Patient/<id>, of a patient here')
}
function firstResource(bundle: JsonObject): JsonObject {
  const [entry] = listAt(bundle, 'entry')
  const resource = isObject(entry) ? entry['resource'] : undefined
  if (textAt(bundle, 'type') !== 'document' || !isObject(resource))
    throw unprocessable('of bundles only documents are stored; a batch goes to the base address')
  return resource
}

/** With what a list of records shows of it. @param text as it came, where that is known. */
export function recordOf(content: JsonObject, text = JSON.stringify(content)): NewRecord & { bytes: Uint8Array } {
  const shown = textAt(content, 'resourceType') === 'Bundle' ? firstResource(content) : content
  if (!isResource(content) || !isResource(shown)) throw unprocessable('no resource')
  return {
    bytes: new TextEncoder().encode(text),
    title: titleOf(shown),
    fileName: fileNameOf(content),
    mediaType: 'application/fhir+json',
    category: kindOf(content),
    clinicalDate: dayOf(shown),
  }
}

/** A document is filed as one, whatever it is about. */
export function kindOf(content: JsonObject): Category {
  const type = textAt(content, 'resourceType') ?? ''
  return type === 'Bundle' ? 'documents' : categoryOf(type, content)
}
