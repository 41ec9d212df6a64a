import type { KeptOnDevice, MedGuardClient, RecordSummary, SentWaiting, WaitingRecord } from '@medguard/client'
import { createLoadable, type LoadableStore } from '../app/loadable.ts'
import { createTask } from '../app/task.ts'
import { createKindKeeping } from './keeping-kinds.ts'

/** What this device keeps of one's own records, and what waits on it to be sent. */
export function createDeviceStores(
  client: Pick<
    MedGuardClient,
    'keep' | 'kept' | 'keptKinds' | 'keepKind' | 'unkeep' | 'renewKept' | 'waiting' | 'sendWaiting' | 'dropWaiting'
  >,
  onSent: (records: readonly RecordSummary[]) => void,
) {
  const kept: LoadableStore<readonly KeptOnDevice[]> = createLoadable(() => client.kept())
  const waiting: LoadableStore<readonly WaitingRecord[]> = createLoadable(() => client.waiting())
  /** Why the last try was refused, by the id of what waits. */
  const sending = createTask<void, SentWaiting>(async () => {
    const outcome = await client.sendWaiting()
    if (outcome.kind === 'done' && outcome.value.sent.length > 0) onSent(outcome.value.sent)
    return outcome
  })
  const kinds = createKindKeeping(client, kept)
  let hasFollowed = false
  const send = async () => {
    await sending.getState().run()
    await waiting.getState().load()
  }
  return {
    kept,
    waiting,
    kinds,
    sending,
    /** Sends what waits; shows nothing where nothing does. */
    send,
    async keep(record: RecordSummary) {
      const outcome = await client.keep(record)
      await kept.getState().load()
      return outcome
    },
    async unkeep(recordId: string) {
      const outcome = await client.unkeep(recordId)
      await kept.getState().load()
      return outcome
    },
    async drop(id: string) {
      const outcome = await client.dropWaiting(id)
      await waiting.getState().load()
      return outcome
    },
    /** The whole list is here, and so are the keys: what is kept follows it, and what waits goes; of a later one, what is new of the kinds that are kept. */
    async follow(records: readonly RecordSummary[]) {
      if (hasFollowed) return kinds.listed(records)
      hasFollowed = true
      await send()
      const outcome = await client.renewKept(records).catch(() => null) // the next list brings it along
      if (outcome?.kind === 'done' && outcome.value > 0) await kept.getState().load()
      await kinds.listed(records)
    },
  }
}
export type DeviceStores = ReturnType<typeof createDeviceStores>
