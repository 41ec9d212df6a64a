import {
  type CompartmentKeys,
  derivedPublicKey,
  developmentMasterKey,
  newRecordSecret,
  newTransportKey,
  printBody,
  receiveCompartmentKeys,
  type RecordSecret,
  resumeTagOf,
  sealBody,
  type SealedHead,
  sealHead,
  sha256,
  sourceOf,
  type TransportKey,
  VETKD_CONTEXT,
  wrapRecord,
} from '@medguard/crypto'
import { CHUNK_TAG_BYTES, type CompartmentRef, toHex } from '@medguard/protocol'
import { type Arg, type Calls, freshId, type Sender } from './clinic.ts'

// What the client does inside, with every message in the test's hand: so that it can be sent twice, late, changed or by somebody else.

/** One compartment as a caller names it; `grantId` is null for the owner. */
export interface Reach {
  readonly patientId: Uint8Array
  readonly compartment: CompartmentRef
  readonly grantId: Uint8Array | null
}

export const placeOf = ({ patientId, compartment, grantId }: Reach) => ({
  patientId,
  compartmentKind: compartment.compartmentKind,
  cid: compartment.cid,
  grantId: optionOf(grantId),
})
const optionOf = (id: Uint8Array | null): [] | [Uint8Array] => (id === null ? [] : [id])

export function deriveArg(
  reach: Reach,
  epoch = 1,
  transportKey: Uint8Array = newTransportKey().publicKey,
): Arg<'consent', 'deriveKey'> {
  return { ...placeOf(reach), epoch, transportKey, requestId: freshId() }
}

/** Asks for a compartment's key and checks it, as the client does. */
export async function keysFor(clinic: Calls, sender: Sender, reach: Reach, epoch = 1): Promise<CompartmentKeys> {
  const transport = newTransportKey()
  return receive(
    clinic,
    reach,
    transport,
    epoch,
    await clinic.ok(sender, 'consent', 'deriveKey', deriveArg(reach, epoch, transport.publicKey)),
  )
}

/** What capsules to any compartment are sealed with; no canister is asked. */
export const capsuleKey = (clinic: Pick<Calls, 'ids'>): Uint8Array =>
  derivedPublicKey(developmentMasterKey(), clinic.ids.consent.toUint8Array(), VETKD_CONTEXT.compartment())

export function receive(
  clinic: Calls,
  { patientId, compartment }: Reach,
  transport: TransportKey,
  epoch: number,
  released: { encryptedKey: Uint8Array; shredSalt: Uint8Array },
): Promise<CompartmentKeys> {
  const { compartmentKind, cid: compartmentId } = compartment
  return receiveCompartmentKeys({
    encrypted: new Uint8Array(released.encryptedKey),
    transport,
    publicKey: derivedPublicKey(developmentMasterKey(), clinic.ids.consent.toUint8Array(), VETKD_CONTEXT.compartment()),
    place: {
      patientId: new Uint8Array(patientId),
      compartmentKind,
      compartmentId: new Uint8Array(compartmentId),
      epoch,
    },
    shredSalt: new Uint8Array(released.shredSalt),
    recordedCheckValue: null,
  })
}

/** Every message of one upload. */
export interface SealedRecord {
  readonly recordId: Uint8Array
  readonly version: number
  readonly secret: RecordSecret
  readonly manifestHash: Uint8Array
  readonly begin: Arg<'records', 'begin'>
  readonly chunks: readonly Arg<'records', 'putChunk'>[]
  readonly commit: Arg<'records', 'commit'>
}

export interface RecordDraft {
  readonly body?: Uint8Array
  readonly title?: string
  /** Says that it is signed; who commits it brings the signature. */
  readonly isAuthorSigned?: boolean
  readonly version?: number
  readonly recordId?: Uint8Array
  /** Hash of the version before, for a second version. */
  readonly previousManifestHash?: Uint8Array
  /** 16 to 20. */
  readonly chunkLog2?: number
  /** Of a body of several files. */
  readonly directory?: { readonly start: number; readonly sha256: string }
}

export async function seal(keys: CompartmentKeys, reach: Reach, draft: RecordDraft = {}): Promise<SealedRecord> {
  const { title = 'Blood count', isAuthorSigned = false, version = 1, recordId = freshId(), chunkLog2 = 20 } = draft
  const body = draft.body ?? new TextEncoder().encode('Haemoglobin 13.9 g/dL')
  const secret = newRecordSecret()
  const place = { patientId: new Uint8Array(reach.patientId), recordId, version }
  const sealed = await sealBody({ secret, place, body, chunkLog2 })
  const chunks: Arg<'records', 'putChunk'>[] = []
  const uploadId = freshId()
  for await (const { index, bytes } of sealed.chunks)
    chunks.push({ recordId, version, index, bytes, uploadId: [uploadId] })
  const { chunkCount, paddedBytes, streamSalt } = sealed
  const head: SealedHead = await sealHead(
    secret,
    {
      ...place,
      chunkLog2,
      chunkCount,
      paddedBytes,
      streamSalt,
      isAuthorSigned,
      homeCompartmentKind: reach.compartment.compartmentKind,
      homeCompartmentId: new Uint8Array(reach.compartment.cid),
      cipherRoot: await sealed.cipherRoot(),
      previousManifestHash: draft.previousManifestHash ?? new Uint8Array(32),
    },
    {
      title,
      mediaType: 'text/plain',
      bodyBytes: body.length,
      bodySha256: toHex(await sha256(body)),
      ...(draft.directory === undefined ? {} : { directory: draft.directory }),
    },
  )
  const wraps = await wrapRecord(keys, place, secret)
  const resumeTag = await resumeTagOf(secret, place, await printBody(sourceOf(body), chunkLog2))
  const sizeBytes = BigInt(paddedBytes + chunkCount * CHUNK_TAG_BYTES)
  const { manifest, header, manifestHash } = head
  return {
    recordId,
    version,
    secret,
    manifestHash,
    begin: {
      ...placeOf(reach),
      recordId,
      version,
      chunkCount,
      chunkLog2,
      sizeBytes,
      requestId: uploadId,
      pending: [{ openWrap: wraps.openWrap, streamSalt, resumeTag }],
      category: [] as [],
      anew: [] as [],
    },
    chunks,
    commit: {
      recordId,
      version,
      manifest,
      header,
      ...wraps,
      author: [] as [],
      requestId: freshId(),
      uploadId: [uploadId],
    },
  }
}

/** The messages of a small upload as one. @throws Error for more than one chunk. */
export function wholeOf({ begin, chunks, commit }: SealedRecord): Arg<'records', 'store'> {
  const [chunk, ...more] = chunks
  if (chunk === undefined || more.length > 0) throw new Error('one message takes one chunk')
  const { pending: _pending, anew: _anew, ...shape } = begin
  const { uploadId: _uploadId, ...sealed } = commit
  return { ...shape, ...sealed, bytes: chunk.bytes, requestId: begin.requestId }
}

/** Sends the messages of an upload in order. */
export async function store(clinic: Calls, sender: Sender, record: SealedRecord): Promise<SealedRecord> {
  await clinic.ok(sender, 'records', 'begin', record.begin)
  for (const chunk of record.chunks) await clinic.ok(sender, 'records', 'putChunk', chunk)
  await clinic.ok(sender, 'records', 'commit', record.commit)
  return record
}
