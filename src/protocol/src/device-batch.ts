import { equalBytes } from './bytes.ts'
import {
  CAPSULE_BYTES,
  CAPSULE_WRAP_BYTES,
  CHUNK_TAG_BYTES,
  DEVICE_BATCH_BYTES_MAX,
  ID_BYTES,
  MANIFEST_BYTES,
} from './limits.ts'

/**
 * What a device posts, `MGR1` (docs/crypto.md, "Batch of a device"): one sealed record, its first version, whole. The same bytes go by canister call and over
 * HTTPS. Nothing in it is in clear but ids, sizes and the number that the device counts its batches with.
 */
export interface DeviceBatch {
  /** 16 bytes. */
  readonly deviceId: Uint8Array
  /** Counted by the device from 0; one number is one batch, for ever (I23). */
  readonly seq: number
  /** Of version 1 of a record with a body of one chunk; names patient, compartment and record. */
  readonly manifest: Uint8Array
  /** Both under the same step of a capsule: 92 bytes. */
  readonly listWrap: Uint8Array
  readonly openWrap: Uint8Array
  /** The capsule of that step, with the first batch under it and as long as no answer came; null where it is known to be there. */
  readonly capsule: Uint8Array | null
  /** `MGH1`. */
  readonly header: Uint8Array
  /** The one chunk of the body: ciphertext and tag. */
  readonly body: Uint8Array
}

/** `length`: too short for what it says, or over `DEVICE_BATCH_BYTES_MAX`; `tag`: no batch; `flags`: unknown flags, or a reserved byte that is not zero. */
export type DeviceBatchFault = 'length' | 'tag' | 'flags'
export type DeviceBatchDecoded =
  | { readonly ok: true; readonly value: DeviceBatch }
  | { readonly ok: false; readonly code: DeviceBatchFault }

const BATCH_TAG = Uint8Array.of(0x4d, 0x47, 0x52, 0x31) // MGR1
const FLAG_CAPSULE = 1
const DEVICE_AT = 8
const SEQ_AT = 24
const MANIFEST_AT = 28
const LIST_WRAP_AT = MANIFEST_AT + MANIFEST_BYTES
const OPEN_WRAP_AT = LIST_WRAP_AT + CAPSULE_WRAP_BYTES
const REST_AT = OPEN_WRAP_AT + CAPSULE_WRAP_BYTES

/**
 * `MGR1 || flags(1): 1 with a capsule || zero(1) || header length(2) || deviceId(16) || seq(4) || manifest(268) || list wrap(92) || open wrap(92)
 * [|| capsule(232)] || header || body`.
 *
 * @throws RangeError for parts of other lengths, a number that is none, and more than `DEVICE_BATCH_BYTES_MAX`.
 */
export function encodeDeviceBatch(batch: DeviceBatch): Uint8Array {
  const { deviceId, seq, manifest, listWrap, openWrap, capsule, header, body } = batch
  const isRight =
    deviceId.length === ID_BYTES &&
    manifest.length === MANIFEST_BYTES &&
    listWrap.length === CAPSULE_WRAP_BYTES &&
    openWrap.length === CAPSULE_WRAP_BYTES &&
    (capsule === null || capsule.length === CAPSULE_BYTES) &&
    body.length >= CHUNK_TAG_BYTES
  if (!isRight || !Number.isInteger(seq) || seq < 0 || seq > 0xffff_ffff) throw new RangeError('no batch of a device')
  const headerAt = REST_AT + (capsule === null ? 0 : CAPSULE_BYTES)
  const sizeBytes = headerAt + header.length + body.length
  if (sizeBytes > DEVICE_BATCH_BYTES_MAX) throw new RangeError(`a batch has at most ${DEVICE_BATCH_BYTES_MAX} bytes`)
  const bytes = new Uint8Array(sizeBytes)
  const view = new DataView(bytes.buffer)
  bytes.set(BATCH_TAG)
  bytes[4] = capsule === null ? 0 : FLAG_CAPSULE
  view.setUint16(6, header.length)
  bytes.set(deviceId, DEVICE_AT)
  view.setUint32(SEQ_AT, seq)
  bytes.set(manifest, MANIFEST_AT)
  bytes.set(listWrap, LIST_WRAP_AT)
  bytes.set(openWrap, OPEN_WRAP_AT)
  if (capsule !== null) bytes.set(capsule, REST_AT)
  bytes.set(header, headerAt)
  bytes.set(body, headerAt + header.length)
  return bytes
}

/** Takes a batch apart, which costs the same whatever its size. Never throws. What the parts say is not looked at. @returns views of `bytes`. */
export function decodeDeviceBatch(bytes: Uint8Array): DeviceBatchDecoded {
  const sizeBytes = bytes.length
  if (sizeBytes < REST_AT || sizeBytes > DEVICE_BATCH_BYTES_MAX) return { ok: false, code: 'length' }
  if (!equalBytes(bytes.subarray(0, 4), BATCH_TAG)) return { ok: false, code: 'tag' }
  const flags = bytes[4] ?? 0
  if (flags > FLAG_CAPSULE || bytes[5] !== 0) return { ok: false, code: 'flags' }
  const headerAt = REST_AT + (flags === FLAG_CAPSULE ? CAPSULE_BYTES : 0)
  const bodyAt = headerAt + (bytes[6] ?? 0) * 0x100 + (bytes[7] ?? 0)
  if (bodyAt + CHUNK_TAG_BYTES > sizeBytes) return { ok: false, code: 'length' }
  const value = {
    deviceId: bytes.subarray(DEVICE_AT, SEQ_AT),
    seq: new DataView(bytes.buffer, bytes.byteOffset).getUint32(SEQ_AT),
    manifest: bytes.subarray(MANIFEST_AT, LIST_WRAP_AT),
    listWrap: bytes.subarray(LIST_WRAP_AT, OPEN_WRAP_AT),
    openWrap: bytes.subarray(OPEN_WRAP_AT, REST_AT),
    capsule: flags === FLAG_CAPSULE ? bytes.subarray(REST_AT, headerAt) : null,
    header: bytes.subarray(headerAt, bodyAt),
    body: bytes.subarray(bodyAt),
  }
  return { ok: true, value }
}
