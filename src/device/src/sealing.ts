import {
  type CompartmentEpoch,
  type RecordHeader,
  newRecordSecret,
  type RecordSecret,
  sealBody,
  sealHead,
  sha256,
  type StepKey,
  wrapRecord,
} from '@medguard/crypto'
import { CHUNK_LOG2_MIN, encodeDeviceBatch, ID_BYTES, toHex } from '@medguard/protocol'

/** What a device does to post: nothing here needs an account, a key of the patient's or an answer of a canister. */

/** Readings, sealed: what is posted but for number and capsule. Keep it whole until it was taken: after `StaleEpoch` it is wrapped anew. */
export interface SealedReadings {
  /** 16 bytes. */
  readonly recordId: Uint8Array
  readonly manifest: Uint8Array
  readonly header: Uint8Array
  /** The one chunk. */
  readonly body: Uint8Array
  readonly listWrap: Uint8Array
  readonly openWrap: Uint8Array
  /** Opens it. Wipe it once the batch was taken. */
  readonly secret: RecordSecret
}
/** What a header says but for what follows from the content. */
export type ReadingsHeader = Omit<RecordHeader, 'bodyBytes' | 'bodySha256'>

/**
 * Seals readings under a step of a capsule, as a record of their own. Keep the chain after the step before this is sent anywhere (docs/crypto.md, "Capsule").
 *
 * @param content what `@medguard/readings` made, or anything else.
 */
export async function sealReadings(key: StepKey, content: Uint8Array, header: ReadingsHeader): Promise<SealedReadings> {
  const recordId = crypto.getRandomValues(new Uint8Array(ID_BYTES))
  const secret = newRecordSecret()
  const { patientId, compartmentKind, compartmentId } = key.place
  const place = { patientId, recordId, version: 1 }
  const sealed = await sealBody({ secret, place, body: content, chunkLog2: CHUNK_LOG2_MIN })
  const chunks: Uint8Array[] = []
  for await (const { bytes } of sealed.chunks) chunks.push(bytes)
  const [body] = chunks
  if (body === undefined || chunks.length > 1) throw new RangeError('readings are one chunk')
  const { chunkCount, paddedBytes, streamSalt } = sealed
  const head = await sealHead(
    secret,
    {
      ...place,
      chunkLog2: CHUNK_LOG2_MIN,
      chunkCount,
      paddedBytes,
      streamSalt,
      isAuthorSigned: false,
      homeCompartmentKind: compartmentKind,
      homeCompartmentId: compartmentId,
      cipherRoot: await sealed.cipherRoot(),
      previousManifestHash: new Uint8Array(32),
    },
    { ...header, bodyBytes: content.length, bodySha256: toHex(await sha256(content)) },
  )
  const wraps = await wrapRecord(key, place, secret)
  return { recordId, manifest: head.manifest, header: head.header, body, ...wraps, secret }
}

/** The same readings under another step, after the compartment's key moved on: the record stays what it is, so that it is not stored twice. */
export async function rewrapReadings(key: StepKey, readings: SealedReadings): Promise<SealedReadings> {
  const place = { patientId: key.place.patientId, recordId: readings.recordId, version: 1 }
  return { ...readings, ...(await wrapRecord(key, place, readings.secret)) }
}

/**
 * The bytes to post.
 *
 * @param seq counted by the device; one number stays with one record, however often it is sent.
 * @param capsule of the step that it was sealed under, until an answer told that it is there.
 */
export function batchOf(
  { deviceId, seq }: { readonly deviceId: Uint8Array; readonly seq: number },
  { manifest, header, body, listWrap, openWrap }: SealedReadings,
  capsule: Uint8Array | null,
): Uint8Array {
  return encodeDeviceBatch({ deviceId, seq, manifest, listWrap, openWrap, capsule, header, body })
}

/** Where a device seals to, once it knows the epoch. */
export const devicePlace = (
  { patientId, cid }: { readonly patientId: Uint8Array; readonly cid: Uint8Array },
  epoch: number,
): CompartmentEpoch => ({ patientId, compartmentKind: 1, compartmentId: cid, epoch })
