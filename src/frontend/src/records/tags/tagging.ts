import type { MedGuardClient, Tag } from '@medguard/client'
import type { LoadableStore } from '../../app/loadable.ts'
import { createTask } from '../../app/task.ts'

/** @param tags is told what is kept. */
export const createTagging = (
  client: Pick<MedGuardClient, 'tagRecords'>,
  tags: LoadableStore<readonly Tag[]>,
  onDone: (change: Parameters<MedGuardClient['tagRecords']>[0]) => void,
) =>
  createTask<Parameters<MedGuardClient['tagRecords']>[0], readonly Tag[]>(async (change) => {
    const outcome = await client.tagRecords(change)
    if (outcome.kind === 'refused') return outcome
    tags.getState().put(outcome.value)
    onDone(change)
    return outcome
  })

/** What each record is called, by its id. */
export function tagsByRecord(tags: readonly Tag[] | null): ReadonlyMap<string, readonly string[]> {
  const byRecord = new Map<string, string[]>()
  for (const { name, records } of tags ?? [])
    for (const id of records) byRecord.set(id, [...(byRecord.get(id) ?? []), name])
  return byRecord
}
