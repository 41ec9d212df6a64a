import type { RecordSummary } from '@medguard/client'
import type { JsonObject } from '../json.ts'
import { textAt } from '../json.ts'
import type { Resource, WithId } from '../medplum.ts'
import { partResource, partsOf } from './bundle-parts.ts'
import type { GrantedRecords } from './granted-records.ts'
import type { Held } from './held.ts'
import { documentOf, type KnownRecord, metaOf, ownResource, patientOf, provenanceOf } from './record-resources.ts'
import { type Names, namesOf, namesWithin, resolved } from './references.ts'

/**
 * The resources of one patient, by what all their grants give together. A record that several of them reach is there once.
 *
 * @param sinceMs when the gateway first saw one of the grants: what the Patient here is from, where no record says it.
 */
export function assembled(patientId: string, granted: readonly GrantedRecords[], sinceMs: number): Held[] {
  const known = new Map<string, { readonly record: KnownRecord; readonly grantId: string }>()
  for (const { share, records } of granted)
    for (const [recordId, record] of records) {
      const before = known.get(recordId)?.record.summary.version ?? 0
      if (record.summary.version > before) known.set(recordId, { record, grantId: share.grantId })
    }
  const all = [...known.values()]
  const contents = all.flatMap(({ record: { summary, content } }) => {
    if (content === null) return []
    const type = textAt(content, 'resourceType') ?? ''
    // A bundle's parts are known to each other alone.
    return [{ key: type === 'Patient' ? `Patient/${patientId}` : `${type}/${summary.recordId}`, content }]
  })
  const names = namesOf(patientId, contents)
  const held = (resource: JsonObject, grantId: string, record: Held['record']): Held => ({
    key: `${textAt(resource, 'resourceType') ?? ''}/${textAt(resource, 'id') ?? ''}`,
    // Checked when it was taken in: a resource of a type that is served, with the id of its record.
    resource: resource as unknown as WithId<Resource>,
    patientId,
    grantId,
    record,
    index: new Map(),
  })
  const resources = all.flatMap(({ record, grantId }): Held[] => {
    const { summary, content } = record
    if (content !== null && textAt(content, 'resourceType') === 'Patient') return []
    const resource = content === null ? documentOf(record, patientId) : served(record, content, names)
    const { recordId, version, depositedBy = null } = summary
    const isOnItsWay = record.isOnItsWay === true
    const one = held(resource, grantId, { recordId, version, depositedBy, isOnItsWay })
    const parts = partsOf(record, patientId)
    const own = parts.length === 0 ? names : namesWithin(names, namesOf(patientId, parts))
    const taken = parts
      .filter(({ key }) => !key.startsWith('Patient/'))
      .map((part) => held(resolved(partResource(record, part), own), grantId, null))
    // The network's word is there once the network has it.
    const provenance = isOnItsWay
      ? null
      : provenanceOf(
          record,
          [one, ...taken].map(({ key }) => key),
        )
    return [one, ...taken, ...(provenance === null ? [] : [held(provenance, grantId, null)])]
  })
  const [first] = granted
  if (first === undefined) return resources
  return [held(person(patientId, granted, all, sinceMs), first.share.grantId, null), ...resources]
}

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
