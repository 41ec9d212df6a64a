import type { MedGuardClient, RecordSummary } from '@medguard/client'
import type { JsonObject } from '../json.ts'
import { notFound } from '../faults.ts'
import type { Resource, WithId } from '../medplum.ts'
import { opened, resourceIn } from '../patients/granted-records.ts'
import type { Held } from '../patients/held.ts'
import { valueOf } from '../patients/outcomes.ts'
import { served } from '../patients/assembling.ts'
import { documentOf, isFhir } from '../patients/record-resources.ts'
import { namesOf } from '../patients/references.ts'

export interface Versions {
  /** All versions of a record, newest first. Those before the present one are opened, which the patient's log has. */
  of(held: Held): Promise<readonly WithId<Resource>[]>
  /** @throws Refuse 404 for one that is not there. */
  one(held: Held, version: string): Promise<WithId<Resource>>
}

export function createVersions(client: Pick<MedGuardClient, 'versions' | 'open'>): Versions {
  const listed = async ({ record, grantId }: Held): Promise<readonly RecordSummary[]> => {
    if (record === null || record.isOnItsWay) return []
    const vault = { of: 'grant', grantId } as const
    const versions = valueOf(await client.versions({ vault, recordId: record.recordId, category: 'shared' }))
    return versions.map(({ summary }) => summary).filter(({ isDamaged }) => isDamaged !== true)
  }
  const read = async (summary: RecordSummary, patientId: string): Promise<WithId<Resource>> => {
    const content = isFhir(summary) ? resourceIn(await opened(client, summary)) : null
    const resource: JsonObject =
      content === null
        ? documentOf({ summary, content }, patientId)
        : served({ summary, content }, content, namesOf(patientId, []))
    return resource as unknown as WithId<Resource>
  }
  return {
    async of(held) {
      const now = held.resource
      const before = (await listed(held)).filter(({ version }) => version !== held.record?.version)
      const older = await Promise.all(before.toReversed().map((summary) => read(summary, held.patientId)))
      return [now, ...older]
    },
    async one(held, version) {
      if (held.resource.meta?.versionId === version) return held.resource
      const found = (await listed(held)).find((summary) => String(summary.version) === version)
      if (found === undefined) throw notFound()
      return read(found, held.patientId)
    },
  }
}
