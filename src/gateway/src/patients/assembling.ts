import type { RecordSummary } from '@medguard/client'
import type { JsonObject } from '../json.ts'
import { textAt } from '../json.ts'
import type { Resource, WithId } from '../medplum.ts'
import { partResource, partsOf } from './bundle-parts.ts'
import type { GrantedRecords } from './granted-records.ts'
import type { Held } from './held.ts'
import { documentOf, type KnownRecord, metaOf, ownResource, patientOf, provenanceOf } from './record-resources.ts'
import { type Names, namesOf, namesWithin, resolved, sameNames } from './references.ts'

/** What was made of a patient's records before: kept for those that did not change, with what they were found by. */
export interface Assembly {
  names: Names | null
  made: WeakMap<KnownRecord, { readonly grantId: string; readonly resources: readonly Held[] }>
}
export const newAssembly = (): Assembly => ({ names: null, made: new WeakMap() })

/**
 * The resources of one patient, by what all their grants give together. A record that several of them reach is there once.
 *
 * @param sinceMs when the gateway first saw one of the grants: what the Patient here is from, where no record says it.
 * @param before of the same patient.
 */
export function assembled(
  patientId: string,
  granted: readonly GrantedRecords[],
  { sinceMs, before }: { readonly sinceMs: number; readonly before: Assembly },
): Held[] {
  const known = new Map<string, { readonly record: KnownRecord; readonly grantId: string }>()
  for (const { share, records } of granted)
    for (const [recordId, record] of records) {
      const version = known.get(recordId)?.record.summary.version ?? 0
      if (record.summary.version > version) known.set(recordId, { record, grantId: share.grantId })
    }
  const all = [...known.values()]
  const contents = all.flatMap(({ record: { summary, content } }) => {
    if (content === null) return []
    const type = textAt(content, 'resourceType') ?? ''
    // A bundle's parts are known to each other alone.
    return [{ key: type === 'Patient' ? `Patient/${patientId}` : `${type}/${summary.recordId}`, content }]
  })
  const names = namesOf(patientId, contents)
  // A name that joined or went may be what something else refers to.
  const isSame = before.names !== null && sameNames(before.names, names)
  before.names = names
  if (!isSame) before.made = new WeakMap()
  const resources = all.flatMap(({ record, grantId }): readonly Held[] => {
    const made = before.made.get(record)
    if (made?.grantId === grantId) return made.resources
    const resources = resourcesIn(record, { patientId, grantId, names })
    before.made.set(record, { grantId, resources })
    return resources
  })
  const [first] = granted
  if (first === undefined) return resources
  const at = { patientId, grantId: first.share.grantId, record: null }
  return [heldOf(person(patientId, granted, all, sinceMs), at), ...resources]
}

function resourcesIn(
  record: KnownRecord,
  { patientId, grantId, names }: { readonly patientId: string; readonly grantId: string; readonly names: Names },
): Held[] {
  const { summary, content } = record
  if (content !== null && textAt(content, 'resourceType') === 'Patient') return []
  const resource = content === null ? documentOf(record, patientId) : served(record, content, names)
  const { recordId, version, depositedBy = null } = summary
  const isOnItsWay = record.isOnItsWay === true
  const one = heldOf(resource, { patientId, grantId, record: { recordId, version, depositedBy, isOnItsWay } })
  const parts = partsOf(record, patientId)
  const own = parts.length === 0 ? names : namesWithin(names, namesOf(patientId, parts))
  const part = { patientId, grantId, record: null }
  const taken = parts
    .filter(({ key }) => !key.startsWith('Patient/'))
    .map((each) => heldOf(resolved(partResource(record, each), own), part))
  const targets = [one, ...taken].map(({ key }) => key)
  // The network's word is there once the network has it.
  const provenance = isOnItsWay ? null : provenanceOf(record, targets)
  return [one, ...taken, ...(provenance === null ? [] : [heldOf(provenance, part)])]
}

const heldOf = (resource: JsonObject, at: Pick<Held, 'patientId' | 'grantId' | 'record'>): Held => ({
  key: `${textAt(resource, 'resourceType') ?? ''}/${textAt(resource, 'id') ?? ''}`,
  // Checked when it was taken in: a resource of a type that is served, with the id of its record.
  resource: resource as unknown as WithId<Resource>,
  ...at,
  index: new Map(),
})

/** A bundle stays as it came: what is in it refers to what is in it. */
export const served = (record: KnownRecord, content: JsonObject, names: Names): JsonObject =>
  textAt(content, 'resourceType') === 'Bundle'
    ? ownResource(record, content)
    : resolved(ownResource(record, content), names)

/** Who it is: by the patient's own word, in a resource or the profile, before anybody else's. Whoever may write to a vault could call them otherwise. */
function person(
  patientId: string,
  granted: readonly GrantedRecords[],
  all: readonly { readonly record: KnownRecord }[],
  sinceMs: number,
): JsonObject {
  const stated = all
    .map(({ record }) => record)
    .filter(({ content }) => textAt(content, 'resourceType') === 'Patient')
    .toSorted((a, b) => Number((b.summary.addedNs ?? 0n) - (a.summary.addedNs ?? 0n)))
  const own = stated.find(({ summary }) => isOwn(summary))
  const [profile] = granted
    .flatMap(({ profile }) => (profile !== null && isOwn(profile.summary) ? profile : []))
    .toSorted((a, b) => b.summary.version - a.summary.version)
  const record = own ?? (profile === undefined ? stated[0] : undefined)
  const summary = record?.summary ?? profile?.summary
  const meta =
    summary === undefined ? { versionId: '1', lastUpdated: new Date(sinceMs).toISOString() } : metaOf(summary)
  return patientOf(patientId, record?.content ?? null, profile?.profile ?? null, meta)
}
const isOwn = ({ depositedBy, origin }: RecordSummary): boolean =>
  depositedBy === undefined && (origin?.storedBy === undefined || origin.isOwn === true)
