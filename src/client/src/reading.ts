import { openBody, type OpenedHead, unwrapRecordKey } from '@medguard/crypto'
import { CHUNKS_MAX, RECORD_BYTES_MAX, refusalOf, refuse } from '@medguard/protocol'
import type { OpenedRecord, Progress, RecordSummary } from './api.ts'
import { Fault } from './api.ts'
import type { Canisters } from './canisters.ts'
import { cryptoWork } from './crypto-fault.ts'
import type { KeyRing } from './key-ring.ts'
import { type ListedRecord, soundHead } from './listing.ts'
import { newId, okOf, Refused } from './outcome.ts'
import { epochOf, epochOfWrap, placeArg } from './place.ts'

const CHUNKS_IN_FLIGHT = 4

/**
 * Opens one record: the log has the opening before the wrapped key comes, the chunks come by query and are checked against the manifest.
 *
 * @throws Fault `Tampered`, `WrongKey`: nothing of the content is given out then. @throws Refused.
 */
export async function openRecord(args: {
  readonly canisters: Canisters
  readonly keyRing: KeyRing
  readonly listed: ListedRecord
  readonly summary: RecordSummary
  readonly progress: Progress | undefined
}): Promise<OpenedRecord> {
  const { canisters, keyRing, listed, summary, progress } = args
  const { reach, row } = listed
  const head = soundHead(listed)
  // A manifest may promise 64 TiB; whoever wrote it gets no more of this device than a record may have.
  if (head.manifest.chunkCount > CHUNKS_MAX) throw new Refused(refusalOf(refuse.tooLarge(RECORD_BYTES_MAX)))
  progress?.({ step: 'asking' })
  const { openWrap, leafIndex } = await releaseWrap(canisters, listed)
  const epoch = await epochOfWrap(openWrap)
  const keys = await keyRing.keysOf(epochOf(reach, epoch), reach.grantId, progress)
  const place = { patientId: reach.patientId, recordId: row.recordId, version: row.version }
  const recordKey = await cryptoWork(() => unwrapRecordKey(keys, place, openWrap))
  const bytes = await cryptoWork(() => openBody(recordKey, head, chunksOf(canisters, listed, head, progress)))
  return { summary, bytes, verified: true, leafIndex }
}

/** The open wrap of one record, released once the log has it. */
export async function releaseWrap(
  canisters: Canisters,
  { reach, row }: ListedRecord,
): Promise<{ openWrap: Uint8Array; leafIndex: bigint }> {
  const records = [{ recordId: row.recordId, version: row.version }]
  const opened = okOf(await canisters.records.open({ ...placeArg(reach), records, requestId: newId() }))
  const openWrap = opened.openWraps[0]
  if (openWrap === undefined || opened.openWraps.length !== 1) throw new Fault('BadReply', 'not one key for one record')
  return { openWrap, leafIndex: opened.firstLeafIndex }
}

/** Chunks in order, with the next ones already on their way. */
async function* chunksOf(
  canisters: Canisters,
  { reach, row }: ListedRecord,
  head: OpenedHead,
  progress: Progress | undefined,
): AsyncGenerator<Uint8Array, void, undefined> {
  const { chunkCount, paddedBytes } = head.manifest
  const ask = (index: number): Promise<Uint8Array> => {
    const chunk = canisters.records
      .chunk({ ...placeArg(reach), recordId: row.recordId, version: row.version, index })
      .then(okOf)
    chunk.catch(() => {}) // looked at in its turn; a failure before that must not be an unhandled one
    return chunk
  }
  const asked = Array.from({ length: Math.min(CHUNKS_IN_FLIGHT, chunkCount) }, (_, index) => ask(index))
  let doneBytes = 0
  for (let next = asked.length; asked.length > 0; next++) {
    const first = asked.shift()
    if (first === undefined) return
    const chunk = await first
    doneBytes += chunk.length
    progress?.({ step: 'downloading', doneBytes: Math.min(doneBytes, paddedBytes), totalBytes: paddedBytes })
    if (next < chunkCount) asked.push(ask(next))
    yield chunk
  }
}
