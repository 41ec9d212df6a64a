import {
  type BodyPrint,
  type BodySource,
  newRecordSecret,
  type RecordSecret,
  resumeBody,
  resumeTagOf,
  sealBody,
  type SealedBody,
  type SealedChunk,
  unwrapRecordSecret,
  wipe,
  type WrapKeys,
  wrapRecord,
} from '@medguard/crypto'
import {
  type ArgOf,
  CHUNK_LOG2_DEFAULT,
  CHUNK_TAG_BYTES,
  concatBytes,
  equalBytes,
  type RecordsService,
  toHex,
} from '@medguard/protocol'
import type { Progress } from './api.ts'
import type { Canisters } from './canisters.ts'
import { cryptoWork } from './crypto-fault.ts'
import { newId, okOf } from './outcome.ts'
import { epochOfWrap, optionOf, placeArg, type Reach } from './place.ts'
import { retried } from './retrying.ts'

const CHUNKS_IN_FLIGHT = 4
/** Smaller contents are sent again from their beginning, and leave no wrap and no entry in the log for it. */
const RESUMABLE_FROM_CHUNKS = 4
const NOTHING: [] = []

export interface RecordVersionId {
  readonly recordId: Uint8Array
  readonly version: number
}

/** A record version on its way: opened at the canister, its chunks sealed as they are taken. */
export interface Begun {
  readonly id: RecordVersionId
  /** By which its pieces are told from those of another upload of the same version; null for one that a former canister began. */
  readonly uploadId: Uint8Array | null
  /** Wiped by whoever has it in the end. */
  readonly secret: RecordSecret
  readonly body: SealedBody
  /** Which chunks the canister has, a bit each, least significant first. */
  readonly received: Uint8Array
}

export interface Uploading {
  readonly canisters: Canisters
  readonly reach: Reach
  readonly source: BodySource
  readonly print: BodyPrint
  /** What the compartment is for, as the sender was told. */
  readonly category: number | null
  /** Of the epoch that is current. */
  readonly keys: WrapKeys
  readonly keysAt: (epoch: number) => Promise<WrapKeys>
  /** The version to store; null for any new record. */
  readonly wanted: RecordVersionId | null
  /** Hexadecimal ids of records that this client is storing right now. */
  readonly underWay: Set<string>
  readonly progress: Progress | undefined
  readonly signal: AbortSignal | undefined
}

/**
 * Goes on with an upload of the very same content that broke off, else opens a new one. What was begun is known to the canister alone: its secret waits
 * there, wrapped, and nothing of it lies on this machine. That the content is the same is checked against a keyed digest (`resumeTagOf`).
 */
export async function beginOrResume(uploading: Uploading): Promise<Begun> {
  return (await takeUp(uploading)) ?? (await beginNew(uploading))
}

/** Who deposits under a capsule cannot open what they began: they begin anew. */
const isResumable = ({ print, keys }: Uploading): boolean =>
  print.chunkCount >= RESUMABLE_FROM_CHUNKS && !('stepKey' in keys)

async function takeUp(uploading: Uploading): Promise<Begun | null> {
  const { canisters, reach, source, print, wanted, underWay, signal } = uploading
  if (!isResumable(uploading)) return null
  const shape = shapeOf(print)
  const open = okOf(await retried(() => canisters.records.uploads(null), signal))
  const candidates = open.filter(
    (each) =>
      each.isResumable &&
      each.chunkCount === shape.chunkCount &&
      each.chunkLog2 === shape.chunkLog2 &&
      each.sizeBytes === shape.sizeBytes &&
      equalBytes(each.patientId, reach.patientId) &&
      equalBytes(each.cid, reach.compartment.cid) &&
      equalBytes(each.grantId[0] ?? new Uint8Array(), reach.grantId ?? new Uint8Array()) &&
      !underWay.has(nameOf(each)) &&
      (wanted === null ? each.version === 1 : nameOf(each) === nameOf(wanted)),
  )
  for (const candidate of candidates) {
    const id = { recordId: new Uint8Array(candidate.recordId), version: candidate.version }
    const answer = await retried(() => canisters.records.resume({ ...id, requestId: newId() }), signal)
    if ('Err' in answer) continue // finished or given up meanwhile
    const { pending, received, uploadId } = answer.Ok
    const place = { patientId: reach.patientId, ...id }
    const keys = await uploading.keysAt(await epochOfWrap(pending.openWrap))
    const secret = await cryptoWork(() => unwrapRecordSecret(keys, place, pending.openWrap))
    if (equalBytes(await resumeTagOf(secret, place, print), pending.resumeTag)) {
      const body = await resumeBody({ secret, place, body: source, chunkLog2: CHUNK_LOG2_DEFAULT, print }, pending)
      return {
        id,
        uploadId: uploadId[0] === undefined ? null : new Uint8Array(uploadId[0]),
        secret,
        body,
        received: new Uint8Array(received),
      }
    }
    wipe(secret) // another content of the same size
  }
  return null
}

async function beginNew(uploading: Uploading): Promise<Begun> {
  const { begun, begin } = await sealNew(uploading)
  try {
    okOf(await retried(() => uploading.canisters.records.begin(begin), uploading.signal))
    return begun
  } catch (error) {
    wipe(begun.secret)
    throw error
  }
}

/** What is sealed and sent in one message with its manifest. */
export type WholeBody = Omit<ArgOf<RecordsService['begin']>, 'pending' | 'anew'> & { readonly bytes: Uint8Array }

/** A content of one chunk, sealed; nothing of it is sent yet. */
export async function sealWhole(uploading: Uploading): Promise<{ readonly begun: Begun; readonly whole: WholeBody }> {
  const { begun, begin } = await sealNew(uploading)
  try {
    const pieces: Uint8Array[] = []
    for await (const { bytes } of begun.body.chunks) pieces.push(bytes)
    const { pending: _pending, anew: _anew, ...shape } = begin
    return { begun, whole: { ...shape, bytes: concatBytes(...pieces) } }
  } catch (error) {
    wipe(begun.secret)
    throw error
  }
}

async function sealNew(uploading: Uploading) {
  const { reach, source, print, keys, wanted } = uploading
  const id = wanted ?? { recordId: newId(), version: 1 }
  const place = { patientId: reach.patientId, ...id }
  const secret = newRecordSecret()
  try {
    const body = await sealBody({ secret, place, body: source, chunkLog2: CHUNK_LOG2_DEFAULT, print })
    const { streamSalt } = body
    const pendingOf = async () => ({
      openWrap: (await wrapRecord(keys, place, secret)).openWrap,
      streamSalt,
      resumeTag: await resumeTagOf(secret, place, print),
    })
    const begin = {
      ...placeArg(reach),
      ...id,
      ...shapeOf(print),
      requestId: newId(),
      pending: isResumable(uploading) ? optionOf(await pendingOf()) : NOTHING,
      category: optionOf(uploading.category),
      // What an earlier try left under this very id was sealed under a secret that is gone: one piece of it among the new ones, and nobody could open the record.
      anew: optionOf(true),
    }
    return { begun: { id, uploadId: begin.requestId, secret, body, received: new Uint8Array() }, begin }
  } catch (error) {
    wipe(secret)
    throw error
  }
}

/**
 * Takes back what was begun and is not wanted any more, where nobody could go on with it: it would take one of few places for a day. What can be gone on with
 * stays. Nothing more is made of a failure here: the day gives it up as well.
 */
export async function giveUpAborted(uploading: Uploading, { id, uploadId }: Begun): Promise<void> {
  if (uploading.signal?.aborted !== true || isResumable(uploading)) return
  await Promise.allSettled([uploading.canisters.records.abandon({ ...id, uploadId: optionOf(uploadId) })])
}

/** Sends the chunks that are missing, several at a time; those that are there are sealed for their hashes alone. */
export async function sendChunks(
  { canisters, progress, signal }: Pick<Uploading, 'canisters' | 'progress' | 'signal'>,
  { id, uploadId, body, received }: Begun,
): Promise<void> {
  const totalBytes = body.paddedBytes
  let doneBytes = 0
  const isThere = (index: number) => (((received[index >>> 3] ?? 0) >>> (index & 7)) & 1) === 1
  const sent = (bytes: number): void => {
    doneBytes = Math.min(totalBytes, doneBytes + bytes)
    progress?.({ step: 'uploading', doneBytes, totalBytes })
  }
  const send = async ({ index, bytes }: SealedChunk): Promise<void> => {
    okOf(await retried(() => canisters.records.putChunk({ ...id, uploadId: optionOf(uploadId), index, bytes }), signal))
    sent(bytes.length)
  }
  const underWay = new Set<Promise<void>>()
  try {
    for await (const chunk of body.chunks) {
      signal?.throwIfAborted()
      if (isThere(chunk.index)) {
        sent(chunk.bytes.length)
        continue
      }
      const sending = send(chunk).finally(() => underWay.delete(sending))
      underWay.add(sending)
      sending.catch(() => {}) // thrown by the race or by `all` below
      if (underWay.size >= CHUNKS_IN_FLIGHT) await Promise.race(underWay)
    }
    await Promise.all(underWay)
  } finally {
    await Promise.allSettled(underWay) // nothing is sent any more once this has answered
  }
}

function shapeOf({ chunkCount, chunkLog2, paddedBytes }: BodyPrint) {
  return { chunkCount, chunkLog2, sizeBytes: BigInt(paddedBytes + chunkCount * CHUNK_TAG_BYTES) }
}

/** One record version as a key of a set. */
export const nameOf = ({ recordId, version }: RecordVersionId): string => `${toHex(recordId)} ${version}`
