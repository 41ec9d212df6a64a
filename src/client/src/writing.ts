import {
  type CompartmentKeys,
  newRecordSecret,
  type RecordHeader,
  type RecordSecret,
  sealBody,
  type SealedChunk,
  sealHead,
  type SealedHead,
  sha256,
  wipe,
  wrapRecord,
} from '@medguard/crypto'
import { CHUNK_LOG2_DEFAULT, CHUNK_TAG_BYTES, RECORD_BYTES_MAX, refusalOf, refuse, toHex } from '@medguard/protocol'
import { Fault, type NewRecord, type Progress } from './api.ts'
import type { Canisters } from './canisters.ts'
import { newId, okOf, Refused } from './outcome.ts'
import { placeArg, type Reach } from './place.ts'

const CHUNKS_IN_FLIGHT = 4
const TRIES = 4

/** What a stored record needs to be shown at once, without asking for it again. */
export interface StoredRecord {
  readonly recordId: Uint8Array
  readonly version: number
  readonly header: RecordHeader
}

interface Writing {
  readonly canisters: Canisters
  readonly reach: Reach
  readonly record: NewRecord
  /** Keys of the epoch that is current; asked again with the newer epoch when it has moved on meanwhile. */
  readonly keysAt: (epoch: number) => Promise<CompartmentKeys>
  readonly currentEpoch: number
  readonly progress: Progress | undefined
}

/**
 * Seals a new record and stores it, whole or not at all. A lost answer is asked for again with the same bytes, which the canister takes once.
 *
 * @throws Fault `Uncertain` when no answer comes at all. @throws Refused.
 */
export async function addRecord(writing: Writing): Promise<StoredRecord> {
  const { canisters, reach, record, progress } = writing
  if (record.bytes.length > RECORD_BYTES_MAX) throw new Refused(refusalOf(refuse.tooLarge(RECORD_BYTES_MAX)))
  const keys = await writing.keysAt(writing.currentEpoch)
  const version = { recordId: newId(), version: 1 }
  const secret = newRecordSecret()
  try {
    const place = { patientId: reach.patientId, ...version }
    const header = await headerOf(record)
    progress?.({ step: 'sealing', doneBytes: 0, totalBytes: record.bytes.length })
    const body = await sealBody({ secret, place, body: record.bytes, chunkLog2: CHUNK_LOG2_DEFAULT })
    const { chunkCount, chunkLog2, paddedBytes, streamSalt } = body
    const sizeBytes = BigInt(paddedBytes + chunkCount * CHUNK_TAG_BYTES)
    const begin = { ...placeArg(reach), ...version, chunkCount, chunkLog2, sizeBytes, requestId: newId() }
    okOf(await settled(() => canisters.records.begin(begin)))
    await upload(canisters, version, body.chunks, { progress, totalBytes: paddedBytes })
    const head = await sealHead(
      secret,
      {
        ...place,
        chunkLog2,
        chunkCount,
        paddedBytes,
        streamSalt,
        isAuthorSigned: false,
        homeCompartmentKind: reach.compartment.compartmentKind,
        homeCompartmentId: reach.compartment.cid,
        cipherRoot: await body.cipherRoot(),
        previousManifestHash: new Uint8Array(32),
      },
      header,
    )
    progress?.({ step: 'confirming' })
    await commit(writing, { place, secret, head, keys })
    return { ...version, header }
  } finally {
    wipe(secret)
  }
}

async function commit(
  { canisters, keysAt }: Writing,
  sealed: {
    place: { patientId: Uint8Array; recordId: Uint8Array; version: number }
    secret: RecordSecret
    head: SealedHead
    keys: CompartmentKeys
  },
): Promise<void> {
  const { place, secret, head } = sealed
  const { recordId, version } = place
  let { keys } = sealed
  let { epoch } = keys.place
  for (let turn = 0; turn < TRIES; turn++) {
    const wraps = await wrapRecord(keys, place, secret)
    const { manifest, header } = head
    const arg = { recordId, version, manifest, header, ...wraps, requestId: newId() }
    const answer = await settled(() => canisters.records.commit(arg))
    if (!('Err' in answer && 'StaleEpoch' in answer.Err)) {
      const { manifestHash } = okOf(answer)
      if (toHex(manifestHash) !== toHex(head.manifestHash)) throw new Fault('Tampered', 'another record was stored')
      return
    }
    // Somebody who knew this key was shut out meanwhile: the body stays as it is, only the wraps are made anew. Epochs only rise: an older one
    // would be a key that this somebody still holds, asked for by a records canister that wants to read along.
    const { current } = answer.Err.StaleEpoch
    if (current <= epoch) throw new Fault('WrongKey', `asked to go back from epoch ${epoch} to ${current}`)
    epoch = current
    keys = await keysAt(epoch)
  }
  throw new Fault('Uncertain', 'the compartment key keeps changing')
}

async function upload(
  canisters: Canisters,
  version: { recordId: Uint8Array; version: number },
  chunks: AsyncIterable<SealedChunk>,
  { progress, totalBytes }: { progress: Progress | undefined; totalBytes: number },
): Promise<void> {
  let doneBytes = 0
  const send = async ({ index, bytes }: SealedChunk): Promise<void> => {
    okOf(await settled(() => canisters.records.putChunk({ ...version, index, bytes })))
    doneBytes = Math.min(totalBytes, doneBytes + bytes.length)
    progress?.({ step: 'uploading', doneBytes, totalBytes })
  }
  const underWay = new Set<Promise<void>>()
  for await (const chunk of chunks) {
    const sent = send(chunk).finally(() => underWay.delete(sent))
    underWay.add(sent)
    sent.catch(() => {}) // thrown by the race or by `all` below
    if (underWay.size >= CHUNKS_IN_FLIGHT) await Promise.race(underWay)
  }
  await Promise.all(underWay)
}

/** Asks again, with the same bytes, while the answer is uncertain: the canister takes a repeat for what it is. */
async function settled<T>(ask: () => Promise<T>): Promise<T> {
  for (let turn = 1; ; turn++) {
    try {
      return await ask()
    } catch (error) {
      if (turn === TRIES || !(error instanceof Fault) || error.code !== 'Uncertain') throw error
    }
  }
}

async function headerOf(record: NewRecord): Promise<RecordHeader> {
  const { title, mediaType, category, bytes, fileName, clinicalDate, subject = null } = record
  return {
    title,
    mediaType,
    category,
    bodyBytes: bytes.length,
    bodySha256: toHex(await sha256(bytes)),
    createdAt: new Date().toISOString(),
    ...(fileName === null ? {} : { fileName }),
    ...(clinicalDate === null ? {} : { clinicalDate }),
    ...(subject === null ? {} : { subject }),
  }
}
