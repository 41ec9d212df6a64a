import {
  blob,
  type Infer,
  named,
  nat32,
  nat64,
  nat8,
  nul,
  opt,
  principal,
  record,
  update,
  variant,
  vec,
} from './candid.ts'
import { DEVICE_BATCH_BYTES_MAX } from './limits.ts'
import { result } from './refusal-schema.ts'
import { ofPatient } from './shared-types.ts'

/**
 * Devices that post readings: each has a key of its own and may write into one category of one patient, and nothing else. Consent and records keep the same row, both
 * written by the patient's client; a device posts where both have it, and ends with either.
 */

/** `removed` is for good: its key is nobody's any more. What it posted stays. */
export const DeviceState = named('DeviceState', variant({ active: nul, paused: nul, removed: nul }))
export type DeviceState = Infer<typeof DeviceState>

/** A device as the patient sees it. What it is called and what it is stands in a sealed record beside its readings. */
export const DeviceView = named(
  'Device',
  record({
    /** 16 bytes, drawn by the client. */
    deviceId: blob,
    /** Of the category that it writes into. */
    cid: blob,
    /** 1 Ed25519, 2 P-256, as of authors' keys. */
    algorithm: nat8,
    publicKey: blob,
    /** The self-authenticating one of that key: who calls. */
    principal,
    state: DeviceState,
    addedNs: nat64,
    /** When it was last paused, resumed, rotated or removed. */
    changedNs: nat64,
    /** In records: when it last posted or asked, and the number it has to count on from. Empty before, and always in consent. */
    use: opt(named('DeviceUse', record({ lastSeenNs: nat64, nextSeq: nat32 }))),
  }),
)
export type DeviceView = Infer<typeof DeviceView>

const Named = { patientId: ofPatient, deviceId: blob, requestId: blob }
const Key = { algorithm: nat8, publicKey: blob }

/** In both canisters. */
export const deviceMethods = {
  /** For who may give others the right to write. At most 16 at a time and 128 ever; a key is one device's of a patient. A repeat with the same bytes gets the first answer. */
  addDevice: update(record({ ...Named, cid: blob, ...Key }), result(DeviceView), 512),
  /** Pausing needs no more than the power to share, and is taken when the log is full. Twice is once. */
  changeDevice: update(
    record({ ...Named, change: named('DeviceChange', variant({ pause: nul, resume: nul })) }),
    result(DeviceView),
    256,
  ),
  /** Another key for the same device: what is signed with the former one is a stranger's from now on. It goes on counting its batches. */
  rotateDevice: update(record({ ...Named, ...Key }), result(DeviceView), 512),
  /** For good. As pausing, for who may share, whatever else. */
  removeDevice: update(record(Named), result(DeviceView), 256),
  /** All there ever were, for the patient and who may read in their place. */
  devices: update(record({ patientId: ofPatient }), result(vec(DeviceView)), 128),
} as const

/** Where a batch went: its position in the category, and what the log attests. */
export const PostedBatch = named('PostedBatch', record({ position: nat32, manifestHash: blob }))
export type PostedBatch = Infer<typeof PostedBatch>

export const DeviceInfo = named(
  'DeviceInfo',
  record({
    /** `paused` also while the patient has paused all sharing. */
    state: DeviceState,
    patientId: blob,
    cid: blob,
    /** Under which the next capsule has to be; empty while it is paused. */
    epoch: opt(nat32),
    /** The number of the next batch. */
    nextSeq: nat32,
    /** The network's clock. */
    nowNs: nat64,
  }),
)
export type DeviceInfo = Infer<typeof DeviceInfo>

/** What a device may call, in records, and nobody else. */
export const deviceCalls = {
  /** A batch `MGR1` (docs/crypto.md). Kept once for ever: the same record again gets the first answer, as long as its device may post at all. */
  depositReadings: update(record({ batch: blob }), result(PostedBatch), DEVICE_BATCH_BYTES_MAX + 64),
  deviceInfo: update(record({ deviceId: blob }), result(DeviceInfo), 128),
} as const
