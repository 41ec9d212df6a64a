import {
  type AuthorSigner,
  type BodySource,
  CryptoFault,
  printBody,
  type RecordDirectory,
  type RecordHeader,
  type RecordSecret,
  sealHead,
  type SealedHead,
  signManifest,
  sourceOf,
  wipe,
  type WrapKeys,
  wrapRecord,
} from '@medguard/crypto'
import {
  categoryNumber,
  CHUNK_LOG2_DEFAULT,
  CHUNK_TAG_BYTES,
  COMPARTMENT_KIND,
  RECORD_BYTES_MAX,
  refusalOf,
  refuse,
  toHex,
  WHOLE_BYTES_MAX,
} from '@medguard/protocol'
import { Fault, type NewRecord, type Progress } from './api.ts'
import type { Canisters } from './canisters.ts'
import { newId, okOf, Refused } from './outcome.ts'
import { asIs, type ContentFields, shortened } from './shortening.ts'
import { zipOf } from './zip-source.ts'
import { optionOf, type Reach } from './place.ts'
import { retried } from './retrying.ts'
import {
  beginOrResume,
  giveUpAborted,
  nameOf,
  type RecordVersionId,
  sealWhole,
  sendChunks,
  type WholeBody,
} from './uploading.ts'

const TRIES = 4
const NO_HASH = new Uint8Array(32)

/** What a stored record needs to be shown at once, without asking for it again. */
export interface StoredRecord extends RecordVersionId {
  readonly header: RecordHeader
  readonly manifestHash: Uint8Array
}

interface Writing {
  readonly canisters: Canisters
  /** Signs it; null for nobody. */
  readonly author: AuthorSigner | null
  readonly reach: Reach
  readonly record: NewRecord
  /** Of a record that comes from elsewhere: its header as it was. */
  readonly original?: RecordHeader
  /** Of a new record that may have been begun, or even stored, in an earlier try; absent for one that was not. */
  readonly recordId?: Uint8Array | undefined
  /** The version that the new one follows; absent for a new record. */
  readonly previous?: RecordVersionId & { readonly manifestHash: Uint8Array }
  /** Keys of the epoch that is current; asked again with the newer epoch when it has moved on meanwhile. */
  readonly keysAt: (epoch: number) => Promise<WrapKeys>
  readonly currentEpoch: number
  /** Names (`nameOf`) of what this client is storing right now. */
  readonly underWay?: Set<string>
  readonly progress?: Progress | undefined
  /** Aborted: nothing more is sent. What was sent of a large content stays for a day, and is gone on with when the same comes again; of a small one it is given up. */
  readonly signal?: AbortSignal | undefined
}

/**
 * Seals a record version and stores it, whole or not at all. A lost answer is asked for again with the same bytes, which the canister takes once; a
 * large content whose storing broke off is gone on with.
 *
 * The content is read twice: first for its hashes, then chunk by chunk to seal it. What changed in between is not sealed, since a nonce would repeat.
 *
 * @throws Fault `Uncertain` when no answer comes at all. @throws Refused.
 */
export async function addRecord(writing: Writing): Promise<StoredRecord> {
  const { canisters, author, reach, record, previous, keysAt, progress, signal, underWay = new Set() } = writing
  const { source, fields, directory, readBytes } = await contentOf(record, progress, signal)
  const { sizeBytes } = source
  if (sizeBytes > RECORD_BYTES_MAX) throw new Refused(refusalOf(refuse.tooLarge(RECORD_BYTES_MAX)))
  const keys = await keysAt(writing.currentEpoch)
  const print = await unchanged(() =>
    printBody(source, CHUNK_LOG2_DEFAULT, (doneBytes) => {
      signal?.throwIfAborted()
      progress?.({ step: 'sealing', doneBytes: readBytes + doneBytes, totalBytes: readBytes + sizeBytes })
    }),
  )
  const next = previous === undefined ? null : { recordId: previous.recordId, version: previous.version + 1 }
  const wanted = next ?? (writing.recordId === undefined ? null : { recordId: writing.recordId, version: 1 })
  // What waits in the inbox is of the category that its sender thought of, and stored in none.
  const isFiled = reach.compartment.compartmentKind === COMPARTMENT_KIND.category
  const category = isFiled ? categoryNumber(record.category) : null
  const uploading = { canisters, reach, source, print, category, keys, keysAt, wanted, underWay, progress, signal }
  // A small content goes in the message that commits it.
  const { begun, whole } =
    print.chunkCount === 1 && print.paddedBytes + CHUNK_TAG_BYTES <= WHOLE_BYTES_MAX
      ? await unchanged(() => sealWhole(uploading))
      : { begun: await beginOrResume(uploading), whole: null }
  const { id, secret, body } = begun
  underWay.add(nameOf(id))
  try {
    if (whole === null) await unchanged(() => sendChunks(uploading, begun))
    else progress?.({ step: 'uploading', doneBytes: 0, totalBytes: body.paddedBytes })
    signal?.throwIfAborted()
    const { chunkCount, chunkLog2, paddedBytes, streamSalt } = body
    const place = { patientId: reach.patientId, ...id }
    const bodyFields = fields ?? { bodyBytes: sizeBytes, bodySha256: print.bodySha256 }
    const files = directory === null ? {} : { directory }
    const described = writing.original === undefined ? headerOf(record) : asIs(writing.original)
    const header = { ...described, ...files, ...bodyFields }
    const head = await sealHead(
      secret,
      {
        ...place,
        chunkLog2,
        chunkCount,
        paddedBytes,
        streamSalt,
        isAuthorSigned: author !== null,
        homeCompartmentKind: reach.compartment.compartmentKind,
        homeCompartmentId: reach.compartment.cid,
        cipherRoot: await body.cipherRoot(),
        previousManifestHash: previous?.manifestHash ?? NO_HASH,
      },
      header,
    )
    progress?.({ step: 'confirming' })
    await commit(writing, { place, uploadId: begun.uploadId, whole, secret, head, keys })
    return { ...id, header, manifestHash: head.manifestHash }
  } catch (error) {
    await giveUpAborted(uploading, begun)
    throw error
  } finally {
    underWay.delete(nameOf(id))
    wipe(secret)
  }
}

/** What is sealed: the content as it is, a text made shorter, or several files as one archive, which are read once for it beforehand. */
async function contentOf(
  { bytes, mediaType }: NewRecord,
  progress: Progress | undefined,
  signal: AbortSignal | undefined,
): Promise<{
  source: BodySource
  /** Of what is not sealed as it is. */
  fields: ContentFields | null
  directory: RecordDirectory | null
  readBytes: number
}> {
  if (!('files' in bytes)) {
    const source = sourceOf(bytes)
    const short = await shortened(source, mediaType)
    return { ...(short ?? { source, fields: null }), directory: null, readBytes: 0 }
  }
  const { files } = bytes
  const filesBytes = files.reduce((sum, { content }) => sum + sourceOf(content).sizeBytes, 0)
  let readBytes = 0
  const zipped = await unchanged(() =>
    zipOf(files, (more) => {
      signal?.throwIfAborted()
      readBytes += more
      progress?.({ step: 'sealing', doneBytes: readBytes, totalBytes: 2 * filesBytes })
    }),
  )
  return { ...zipped, fields: null, readBytes }
}

/** A content that changes while it is read is the caller's to look at. @throws Refused */
async function unchanged<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (!(error instanceof CryptoFault) || error.code !== 'SourceChanged') throw error
    throw new Refused(refusalOf(refuse.badInput('content', 'changed')))
  }
}

async function commit(
  { canisters, author, keysAt }: Writing,
  sealed: {
    place: { patientId: Uint8Array; recordId: Uint8Array; version: number }
    uploadId: Uint8Array | null
    /** Null for what was sent before. */
    whole: WholeBody | null
    secret: RecordSecret
    head: SealedHead
    keys: WrapKeys
  },
): Promise<void> {
  const { place, uploadId, whole, secret, head } = sealed
  const { recordId, version } = place
  let { keys } = sealed
  let { epoch } = keys.place
  const signed =
    author === null ? null : { keyId: author.keyId, signature: await signManifest(author, head.manifestHash) }
  for (let turn = 0; turn < TRIES; turn++) {
    const wraps = await wrapRecord(keys, place, secret)
    const { manifest, header } = head
    const sealedHead = { recordId, version, manifest, header, author: optionOf(signed), ...wraps }
    // What the first message began is there for the next, whatever was wrong with the wraps.
    const answer =
      whole !== null && turn === 0
        ? await retried(() => canisters.records.store({ ...whole, ...sealedHead }))
        : await settled(() =>
            canisters.records.commit({ ...sealedHead, uploadId: optionOf(uploadId), requestId: newId() }),
          )
    if (isCapsuleGone(answer)) {
      keys = await keysAt(epoch)
      continue
    }
    if (!('Err' in answer && 'StaleEpoch' in answer.Err)) {
      // Another device of this person stored this version meanwhile.
      if ('Err' in answer && 'IdConflict' in answer.Err && version > 1)
        throw new Refused(refusalOf(refuse.stale(version)))
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

/** Whether the capsule that the wraps are under was given up: the patient deleted or took in all that was under it. */
const isCapsuleGone = (answer: Awaited<ReturnType<Canisters['records']['commit']>>): boolean =>
  'Err' in answer &&
  'BadInput' in answer.Err &&
  answer.Err.BadInput.field === 'capsule' &&
  answer.Err.BadInput.code === 'unknown'

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

function headerOf(record: NewRecord): Omit<RecordHeader, 'bodyBytes' | 'bodySha256'> {
  const { title, mediaType, category, fileName, clinicalDate, subject = null, links = [], readings } = record
  return {
    title,
    mediaType,
    category,
    createdAt: new Date().toISOString(),
    ...(fileName === null ? {} : { fileName }),
    ...(clinicalDate === null ? {} : { clinicalDate }),
    ...(subject === null ? {} : { subject }),
    ...(links.length === 0 ? {} : { links }),
    ...(readings === undefined ? {} : { summary: readings }),
  }
}
