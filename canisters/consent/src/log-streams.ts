import { type ConsentConfiguration, LOG_SOURCE } from '@medguard/protocol'
import {
  type Configuration,
  createOutboxes,
  logIdIn,
  nowNs,
  type Outboxes,
  sendNotesToAudit,
  sendToAudit,
  setTimer,
} from '@medguard/shared'
import type { Directory } from './directory.ts'
import { createReaderNotes } from './reader-notes.ts'
import type { ConsentStore } from './store.ts'

/** All that consent sends to the canisters of the log: lines, and with them notes of who reads there. */
export function createLogStreams({
  store,
  configuration,
  directory,
  onUpgradeTold,
}: {
  readonly store: ConsentStore
  readonly configuration: Pick<Configuration<ConsentConfiguration>, 'get'>
  readonly directory: Directory
  readonly onUpgradeTold: () => void
}): Outboxes {
  const idOf = (shard: number) => () => logIdIn(configuration.get(), shard)
  const sending = { source: LOG_SOURCE.consent, nowNs, schedule: setTimer, shardCount: directory.count }
  const notes = createReaderNotes({
    ...sending,
    rows: store.readerNoteRows,
    store,
    sendTo: (shard) => sendNotesToAudit(idOf(shard)),
  })
  const outboxes = createOutboxes({
    ...sending,
    rows: store.outboxRows,
    shardRows: store.shardOutboxRows,
    shardOf: directory.of,
    sendTo: (shard) => sendToAudit(idOf(shard)),
    onQueued: (draft, shard) => notes.note(draft, shard),
    onUpgradeTold,
  })
  return {
    ...outboxes,
    resume(canisterVersion) {
      outboxes.resume(canisterVersion)
      notes.resume()
    },
  }
}
