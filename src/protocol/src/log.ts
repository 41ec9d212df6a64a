import { ByteReader, ByteWriter, concatBytes } from './bytes.ts'
import { DETAIL_BYTES_MAX } from './limits.ts'

/** Event codes of the log (keys.md 19.1, decisions 18 and 20). Reserved: 40-42 emergency, 50-51 studies. */
export const EVENT = {
  enrol: 0x01,
  principalLinked: 0x02,
  recoveryStarted: 0x03,
  recoveryVetoed: 0x04,
  recoveryDone: 0x05,
  guardianChanged: 0x06,
  representativeChanged: 0x07,
  principalUnlinked: 0x08,
  recoveryChanged: 0x09,
  recoveryApproved: 0x0a,
  eraseAnnounced: 0x0b,
  eraseStopped: 0x0c,
  authorKeyAdded: 0x0d,
  authorKeyEnded: 0x0e,
  grant: 0x10,
  revoke: 0x11,
  expiryNoticed: 0x12,
  epochBump: 0x13,
  epochRetire: 0x14,
  copyWithdrawn: 0x15,
  paused: 0x16,
  resumed: 0x17,
  requestMade: 0x18,
  requestApproved: 0x19,
  requestNarrowed: 0x1a,
  requestDenied: 0x1b,
  requestEnded: 0x1c,
  blocked: 0x1d,
  unblocked: 0x1e,
  rulesChanged: 0x1f,
  keyDerive: 0x20,
  keyWithheld: 0x21,
  keyFailed: 0x22,
  refused: 0x24,
  keyCheckDiffers: 0x25,
  listSession: 0x30,
  open: 0x31,
  rewrapBatch: 0x32,
  recordAdd: 0x33,
  recordDelete: 0x34,
  capsule: 0x35,
  deposit: 0x36,
  exported: 0x37,
  shareWraps: 0x38,
  deviceAdded: 0x3a,
  deviceChanged: 0x3b,
  devicePaused: 0x3c,
  deviceRemoved: 0x3d,
  deviceRotated: 0x3e,
  linkMade: 0x46,
  linkOpened: 0x47,
  linkPasscodeWrong: 0x48,
  linkEnded: 0x49,
  eraseBegin: 0x60,
  eraseDone: 0x61,
  organisationRegistered: 0x62,
  organisationVerified: 0x63,
  organisationSuspended: 0x64,
  memberAdded: 0x65,
  memberChanged: 0x66,
  memberRemoved: 0x67,
  councilAct: 0x68,
  invitationMade: 0x69,
  invitationClaimed: 0x6a,
  configuration: 0x70,
  upgrade: 0x71,
  shardHeads: 0x72,
} as const
export type EventName = keyof typeof EVENT
const NAMES: ReadonlyMap<number, EventName> = new Map(
  (Object.entries(EVENT) as [EventName, number][]).map(([name, code]) => [code, name]),
)
/** @returns null for a code this version does not know. */
export const eventName = (code: number): EventName | null => NAMES.get(code) ?? null

export const LEAF_FLAG = { viaOrganisation: 1, breakGlass: 2, failedOrWithheld: 4 } as const
/** Stands where the index of a leaf is not known: the log has not acknowledged it, or another canister put it there. */
export const LEAF_INDEX_UNKNOWN = (1n << 64n) - 1n
export const LOG_SOURCE = { consent: 1, records: 2, audit: 3 } as const

/** What a source hands to audit for one leaf; audit adds index, time, chain and blinding. */
export interface LeafInput {
  readonly event: number
  readonly flags: number
  readonly compartmentKind: number
  /** Raw principal, 0 to 29 bytes. */
  readonly actor: Uint8Array
  /** 16 bytes; zeros for system events and for refusals that found nothing. */
  readonly patientId: Uint8Array
  /** 16 bytes: record, grant, compartment or account. */
  readonly objectId: Uint8Array
  readonly versionOrEpoch: number
  /** At most 512 bytes, starting `MGD1`; only its hash is in the leaf. */
  readonly detail: Uint8Array
  /** 32 bytes with the enrol leaf and nowhere else: audit keeps it and blinds the patient's leaves with it (decision 21). */
  readonly auditKey: Uint8Array | null
}

const DETAIL_AT = 72
const AUDIT_KEY_BYTES = 32

/**
 * `event flags kind hasKey actorLength actor(29) patientId object versionOrEpoch detailLength(u16) detail [auditKey]`. By place and not field by field:
 * every change on chain makes one of these.
 *
 * @throws Error for an id or a key of another length.
 */
export function encodeLeafInput(leaf: LeafInput): Uint8Array {
  const { actor, patientId, objectId, versionOrEpoch, detail, auditKey } = leaf
  const detailBytes = detail.length
  const isRight = actor.length <= 29 && patientId.length === 16 && objectId.length === 16
  if (!isRight || (auditKey !== null && auditKey.length !== AUDIT_KEY_BYTES))
    throw new Error('a leaf has ids of 16 bytes')
  const bytes = new Uint8Array(DETAIL_AT + detailBytes + (auditKey === null ? 0 : AUDIT_KEY_BYTES))
  bytes[0] = leaf.event
  bytes[1] = leaf.flags
  bytes[2] = leaf.compartmentKind
  bytes[4] = actor.length
  bytes.set(actor, 5)
  bytes.set(patientId, 34)
  bytes.set(objectId, 50)
  bytes[66] = versionOrEpoch >>> 24
  bytes[67] = versionOrEpoch >>> 16
  bytes[68] = versionOrEpoch >>> 8
  bytes[69] = versionOrEpoch
  bytes[70] = detailBytes >>> 8
  bytes[71] = detailBytes
  bytes.set(detail, DETAIL_AT)
  if (auditKey !== null) {
    bytes[3] = 1
    bytes.set(auditKey, DETAIL_AT + detailBytes)
  }
  return bytes
}

/** Without a reader: the log decodes each leaf once. @returns views of `bytes`, or null for bytes that `encodeLeafInput` never writes. */
export function decodeLeafInput(bytes: Uint8Array): LeafInput | null {
  const event = bytes[0]
  const flags = bytes[1]
  const compartmentKind = bytes[2]
  const hasKey = bytes[3] ?? 2
  const actorLength = bytes[4] ?? 0
  const detailEnd = DETAIL_AT + (bytes[70] ?? 0) * 256 + (bytes[71] ?? 0)
  if (event === undefined || flags === undefined || compartmentKind === undefined) return null
  if (hasKey > 1 || actorLength > 29 || detailEnd - DETAIL_AT > DETAIL_BYTES_MAX) return null
  if (bytes.length !== detailEnd + hasKey * AUDIT_KEY_BYTES) return null
  return {
    event,
    flags,
    compartmentKind,
    actor: bytes.subarray(5, 5 + actorLength),
    patientId: bytes.subarray(34, 50),
    objectId: bytes.subarray(50, 66),
    versionOrEpoch: u32At(bytes, 66),
    detail: bytes.subarray(DETAIL_AT, detailEnd),
    auditKey: hasKey === 1 ? bytes.subarray(detailEnd) : null,
  }
}
function u32At(bytes: Uint8Array, at: number): number {
  const low = ((bytes[at + 1] ?? 0) << 16) | ((bytes[at + 2] ?? 0) << 8) | (bytes[at + 3] ?? 0)
  return (bytes[at] ?? 0) * 0x100_0000 + low
}

/** The head of every detail; the event's own fields follow it (decision 18). 39 bytes. */
export interface DetailHead {
  readonly event: number
  readonly source: number
  readonly sourceSeq: bigint
  readonly eventTimeNs: bigint
  /** 16 bytes; zeros where no request stands behind the event. */
  readonly requestId: Uint8Array
  readonly purpose: number
}
const DETAIL_TAG = new Uint8Array([0x4d, 0x47, 0x44, 0x31]) // MGD1
const DETAIL_TAG_U32 = 0x4d474431
export const DETAIL_HEAD_BYTES = 39

/** @throws Error for a request id of another length. */
export function encodeDetail(head: DetailHead, fields: Uint8Array): Uint8Array {
  const { requestId } = head
  if (requestId.length !== 16) throw new Error('a request id has 16 bytes')
  const bytes = new Uint8Array(DETAIL_HEAD_BYTES + fields.length)
  const view = new DataView(bytes.buffer)
  bytes.set(DETAIL_TAG)
  bytes[4] = head.event
  bytes[5] = head.source
  view.setBigUint64(6, head.sourceSeq)
  view.setBigUint64(14, head.eventTimeNs)
  bytes.set(requestId, 22)
  bytes[38] = head.purpose
  bytes.set(fields, DETAIL_HEAD_BYTES)
  return bytes
}
/** @returns null for bytes that are no detail. */
export function decodeDetail(bytes: Uint8Array): { head: DetailHead; fields: Uint8Array } | null {
  const reader = new ByteReader(bytes)
  const tag = reader.raw(4)
  const head = {
    event: reader.u8(),
    source: reader.u8(),
    sourceSeq: reader.u64(),
    eventTimeNs: reader.u64(),
    requestId: reader.raw(16),
    purpose: reader.u8(),
  }
  if (!reader.ok || tag.some((byte, i) => byte !== DETAIL_TAG[i])) return null
  return { head, fields: bytes.slice(DETAIL_HEAD_BYTES) }
}

/** Whose leaf a detail says it is, without the rest of it. @returns null for bytes that are no detail. */
export function detailOrigin(bytes: Uint8Array): { event: number; source: number; sourceSeq: number } | null {
  if (bytes.length < DETAIL_HEAD_BYTES || u32At(bytes, 0) !== DETAIL_TAG_U32) return null
  const sourceSeq = u32At(bytes, 6) * 0x1_0000_0000 + u32At(bytes, 10)
  return { event: bytes[4] ?? 0, source: bytes[5] ?? 0, sourceSeq }
}

/** The fields behind the head of those events that every message may write, straight down; all others are written by `encodeFields`. */
export const detailFields = {
  enrol: (f: { accountId: Uint8Array }) => f.accountId,
  /** The canonical grant of decision 19. */
  grant: (f: { grant: Uint8Array }) => f.grant,
  revoke: (f: { grantId: Uint8Array; endNs: bigint }) => new ByteWriter(24).raw(f.grantId).u64(f.endNs).done(),
  copyWithdrawn: (f: { grantId: Uint8Array; endNs: bigint }) => new ByteWriter(24).raw(f.grantId).u64(f.endNs).done(),
  epochBump: (f: { cid: Uint8Array; grantId: Uint8Array }) => concatBytes(f.cid, f.grantId),
  keyDerive: (f: { grantId: Uint8Array; orgId: Uint8Array; transportKeyHash: Uint8Array; cid: Uint8Array }) =>
    concatBytes(f.grantId, f.orgId, f.transportKeyHash, f.cid),
  /** Outcome of the leaf at `leafIndex`; `reason` is a reject code or 0. */
  outcome: (f: { leafIndex: bigint; grantId: Uint8Array; reason: number; orgId: Uint8Array }) =>
    new ByteWriter(41).u64(f.leafIndex).raw(f.grantId).u8(f.reason).raw(f.orgId).done(),
  /** `method`: 1 derive, 2 list, 3 open. `refusal`: 1 NotPermitted, 2 ConsentEnded, 3 other. */
  refused: (f: { method: number; refusal: number; grantId: Uint8Array; orgId: Uint8Array }) =>
    new ByteWriter(34).u8(f.method).u8(f.refusal).raw(f.grantId).raw(f.orgId).done(),
  listOrOpen: (f: { manifestHash: Uint8Array; grantId: Uint8Array; orgId: Uint8Array; cid: Uint8Array }) =>
    concatBytes(f.manifestHash, f.grantId, f.orgId, f.cid),
  recordAdd: (f: { manifestHash: Uint8Array; cid: Uint8Array; seq: number }) =>
    new ByteWriter(52).raw(f.manifestHash).raw(f.cid).u32(f.seq).done(),
  shareWraps: (f: { grantId: Uint8Array; firstSeq: number; count: number }) =>
    new ByteWriter(24).raw(f.grantId).u32(f.firstSeq).u32(f.count).done(),
  configuration: (f: { configHash: Uint8Array }) => f.configHash,
  upgrade: (f: { canisterVersion: bigint }) => new ByteWriter(8).u64(f.canisterVersion).done(),
} as const
