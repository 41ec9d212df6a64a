import { ByteReader, ByteWriter, equalBytes } from './bytes.ts'
import type { EventName } from './log.ts'

/** `id` 16 bytes, `hash` 32, `principal` its length and 29 bytes filled up with zeros; numbers big-endian. An absent id, hash or principal is zeros. */
type FieldType = 'id' | 'hash' | 'principal' | 'u8' | 'u32' | 'u64'

const BYTES: Record<FieldType, number> = { id: 16, hash: 32, principal: 30, u8: 1, u32: 4, u64: 8 }

/** What all acts about an organisation and its members say. Of one and the same shape, so that the log finds the organisation without knowing the act. */
const ORGANISATION = {
  orgId: 'id',
  /** The member, or who registered it; absent in acts about the organisation alone. */
  principal: 'principal',
  /** What the member is from now on, 0 for nothing. */
  role: 'u8',
  /** 1 when the member may read the organisation's own log: an administrator. */
  readsLog: 'u8',
  endNs: 'u64',
} as const
/** What all acts about a request for access say. The leaf's object is the request. */
const REQUEST = {
  orgId: 'id',
  /** Who asked. */
  principal: 'principal',
  /** What came of it; absent before and without approval. */
  grantId: 'id',
  rights: 'u8',
  endNs: 'u64',
  /** Of `requestEnded`: 1 withdrawn, 2 expired. */
  reason: 'u8',
} as const
const OUTCOME = { leafIndex: 'u64', grantId: 'id', reason: 'u8', orgId: 'id' } as const
/** The leaf's object is the device. `keyHash`: of algorithm and public key; the key it has from now on, or had at its end. */
const DEVICE = { principal: 'principal', cid: 'id', keyHash: 'hash', algorithm: 'u8' } as const
const READING = { manifestHash: 'hash', grantId: 'id', orgId: 'id', cid: 'id' } as const
const ENDED = { grantId: 'id', endNs: 'u64' } as const
const RECOVERY = {
  /** Who is to become the holder. */ principal: 'principal',
  readyNs: 'u64',
  approvals: 'u8',
  threshold: 'u8',
  /** Of `recoveryDone`: the account that they now are the holder of. */
  accountId: 'id',
} as const
/** Of whom it is about, and which of the account's principals. */
const LINK = { accountId: 'id', principal: 'principal' } as const

/**
 * The fields behind the head of a detail, event by event, in their order (keys.md 19.1). Layouts are for life: fields are only ever added at the end, and a
 * detail may end before any of those that came later.
 */
export const FIELDS = {
  enrol: { accountId: 'id' },
  principalLinked: LINK,
  principalUnlinked: LINK,
  recoveryStarted: RECOVERY,
  recoveryVetoed: RECOVERY,
  recoveryApproved: RECOVERY,
  recoveryDone: RECOVERY,
  recoveryChanged: { threshold: 'u8', guardians: 'u8', waitNs: 'u64', hasKit: 'u8' },
  /** `change`: 1 named, 0 no longer. */
  guardianChanged: { principal: 'principal', change: 'u8' },
  /** `powers`: bits of `POWER`, 0 when it ended. `accountId`: the representative's own, so that whichever sign-in they have reads. */
  representativeChanged: { principal: 'principal', powers: 'u8', endNs: 'u64', accountId: 'id', startNs: 'u64' },
  /** Of a dependant: when it may be done. */
  eraseAnnounced: { readyNs: 'u64' },
  eraseStopped: {},
  /** `keyHash`: of algorithm and public key; the leaf's object is its first 16 bytes. */
  authorKeyAdded: { keyHash: 'hash', algorithm: 'u8' },
  authorKeyEnded: { keyHash: 'hash', algorithm: 'u8' },
  /** The beginning of the canonical grant (decision 19); the compartments follow. */
  grant: {
    grantId: 'id',
    patientId: 'id',
    grantee: 'principal',
    rights: 'u8',
    purpose: 'u8',
    startNs: 'u64',
    endNs: 'u64',
    agreementHash: 'hash',
  },
  revoke: ENDED,
  expiryNoticed: ENDED,
  copyWithdrawn: ENDED,
  epochBump: { cid: 'id', grantId: 'id' },
  /** `versionOrEpoch` of the leaf is the least epoch that is left. */
  epochRetire: { cid: 'id' },
  /** `endNs`: when it ends by itself, 0 for not. */
  paused: { endNs: 'u64' },
  resumed: { endNs: 'u64' },
  requestMade: REQUEST,
  requestApproved: REQUEST,
  requestNarrowed: REQUEST,
  requestDenied: REQUEST,
  requestEnded: REQUEST,
  blocked: { principal: 'principal', orgId: 'id' },
  unblocked: { principal: 'principal', orgId: 'id' },
  rulesChanged: { rulesHash: 'hash' },
  keyDerive: { grantId: 'id', orgId: 'id', transportKeyHash: 'hash', cid: 'id' },
  keyWithheld: OUTCOME,
  keyFailed: OUTCOME,
  /** Two devices of the holder found different keys: nothing more is stored under that of the leaf's epoch. */
  keyCheckDiffers: { cid: 'id' },
  /** `method`: 1 derive, 2 list, 3 open, 4 rewrap. `refusal`: 1 NotPermitted, 2 ConsentEnded, 3 other. */
  refused: { method: 'u8', refusal: 'u8', grantId: 'id', orgId: 'id' },
  listSession: READING,
  open: READING,
  /** From consent: wraps that were read, from position `fromSeq` on. From records: wraps that were made anew. */
  rewrapBatch: { cid: 'id', fromEpoch: 'u32', count: 'u32', fromSeq: 'u32', grantId: 'id' },
  recordAdd: { manifestHash: 'hash', cid: 'id', seq: 'u32', grantId: 'id', orgId: 'id' },
  recordDelete: { manifestHash: 'hash', cid: 'id', seq: 'u32', grantId: 'id', orgId: 'id' },
  /** `deviceId` of these two: the device that posted it; absent where it was a person. */
  capsule: { cid: 'id', grantId: 'id', orgId: 'id', deviceId: 'id' },
  deposit: { manifestHash: 'hash', cid: 'id', seq: 'u32', grantId: 'id', orgId: 'id', deviceId: 'id' },
  exported: { archiveHash: 'hash', count: 'u32' },
  shareWraps: { grantId: 'id', firstSeq: 'u32', count: 'u32' },
  deviceAdded: DEVICE,
  /** It may post again. */
  deviceChanged: DEVICE,
  devicePaused: DEVICE,
  deviceRemoved: DEVICE,
  deviceRotated: DEVICE,
  /** Of links for people without an account the leaf's object is the link's id, and whoever opens one is nobody in particular. */
  linkMade: { endNs: 'u64', attempts: 'u8', sizeBytes: 'u32' },
  /** `recipientHash`: SHA-256 of what they said of themselves, which itself is not in the log. */
  linkOpened: { recipientHash: 'hash' },
  /** `attempts`: how many are left. */
  linkPasscodeWrong: { attempts: 'u8', recipientHash: 'hash' },
  /** `why`: of `LINK_END`. */
  linkEnded: { why: 'u8' },
  eraseBegin: {},
  eraseDone: { receiptHash: 'hash' },
  organisationRegistered: ORGANISATION,
  organisationVerified: ORGANISATION,
  organisationSuspended: ORGANISATION,
  memberAdded: ORGANISATION,
  memberChanged: ORGANISATION,
  memberRemoved: ORGANISATION,
  /** `act`: the council's own numbering. `orgId` where it is about one. */
  /** `codeHash`: SHA-256 of the code. The leaf of who claims it names no organisation: that one learns that it was claimed, and not by whom. */
  invitationMade: { orgId: 'id', codeHash: 'hash', endNs: 'u64' },
  invitationClaimed: { codeHash: 'hash' },
  councilAct: { orgId: 'id', principal: 'principal', act: 'u8', approvals: 'u8', threshold: 'u8', actHash: 'hash' },
  configuration: { configHash: 'hash' },
  /**
   * Once as soon as it happened, with the version alone; once more, after an installation too, when the network has told what the module is and who controls the
   * canister. Controllers follow one another as principals.
   */
  upgrade: { canisterVersion: 'u64', moduleHash: 'hash', controllers: 'u8' },
  /**
   * Heads of further canisters of the log, as the first one was told them; they follow. With the flag `failedOrWithheld`: heads of canisters that do not
   * continue what the first one had recorded of them.
   */
  shardHeads: { count: 'u8' },
} as const satisfies Record<EventName, Readonly<Record<string, FieldType>>>

type ValueOf<T extends FieldType> = T extends 'u64' ? bigint : T extends 'u8' | 'u32' ? number : Uint8Array
/** What the fields of an event say, by name. Bytes of a principal without their filling. */
export type FieldsOf<E extends EventName> = {
  readonly [K in keyof (typeof FIELDS)[E]]: ValueOf<(typeof FIELDS)[E][K] & FieldType>
}
type Values = Readonly<Record<string, Uint8Array | number | bigint | undefined>>

/**
 * The fields of an event as bytes. Those that are left out are zeros.
 *
 * @throws Error for an id, hash or principal of another length.
 */
export function encodeFields<E extends EventName>(event: E, values: Partial<FieldsOf<E>>): Uint8Array {
  const layout: Readonly<Record<string, FieldType>> = FIELDS[event]
  const bytes = new Uint8Array(SIZES.get(event) ?? 0)
  const view = new DataView(bytes.buffer)
  let at = 0
  for (const name in layout) {
    const type = layout[name] as FieldType
    const value = (values as Values)[name]
    // Zeros are there already.
    if (value instanceof Uint8Array) writeBytes(bytes, at, type, value)
    else if (typeof value === 'bigint') view.setBigUint64(at, value)
    else if (type === 'u32') view.setUint32(at, value ?? 0)
    else if (type === 'u8') bytes[at] = value ?? 0
    at += BYTES[type]
  }
  return bytes
}
const SIZES: ReadonlyMap<string, number> = new Map(
  Object.entries<Readonly<Record<string, FieldType>>>(FIELDS).map(([event, layout]) => [
    event,
    Object.values(layout).reduce((sum, type) => sum + BYTES[type], 0),
  ]),
)

function writeBytes(bytes: Uint8Array, at: number, type: FieldType, value: Uint8Array): void {
  const isPrincipal = type === 'principal'
  const room = BYTES[type] - (isPrincipal ? 1 : 0)
  if (isPrincipal ? value.length > room : value.length !== room)
    throw new Error(`a field of ${room} bytes has ${value.length}`)
  if (isPrincipal) bytes[at] = value.length
  bytes.set(value, isPrincipal ? at + 1 : at)
}

/** What the fields of an event say, as far as they go: those behind the end of the bytes are not there. Of absent principals the bytes are empty. */
export function decodeFields<E extends EventName>(event: E, fields: Uint8Array): Partial<FieldsOf<E>> {
  const layout: Readonly<Record<string, FieldType>> = FIELDS[event]
  const reader = new ByteReader(fields)
  const values: Record<string, Uint8Array | number | bigint> = {}
  for (const [name, type] of Object.entries(layout)) {
    if (reader.offset + BYTES[type] > fields.length) break
    if (type === 'u64') values[name] = reader.u64()
    else if (type === 'u32') values[name] = reader.u32()
    else if (type === 'u8') values[name] = reader.u8()
    else if (type !== 'principal') values[name] = reader.raw(BYTES[type])
    else {
      const length = reader.u8()
      values[name] = reader.raw(BYTES.principal - 1).slice(0, length)
    }
  }
  return values as Partial<FieldsOf<E>>
}

/** Where in the fields of an event an id of that name stands, or -1. */
const idAt = (event: EventName, wanted: 'grantId' | 'cid' | 'orgId'): number => {
  let at = 0
  for (const [name, type] of Object.entries(FIELDS[event])) {
    if (name === wanted) return at
    at += BYTES[type]
  }
  return -1
}
const eventsWith = (wanted: 'grantId' | 'cid' | 'orgId'): ReadonlyMap<EventName, number> =>
  new Map(
    (Object.keys(FIELDS) as EventName[]).flatMap((event) => {
      const at = idAt(event, wanted)
      return at < 0 ? [] : [[event, at] as const]
    }),
  )
const GRANT_AT = eventsWith('grantId')
const CID_AT = eventsWith('cid')
const ORG_AT = eventsWith('orgId')

const idIn = (places: ReadonlyMap<EventName, number>, event: EventName, fields: Uint8Array): Uint8Array | null => {
  const at = places.get(event)
  if (at === undefined || at + 16 > fields.length) return null
  for (let i = at; i < at + 16; i++) if (fields[i] !== 0) return fields.slice(at, at + 16)
  return null
}

/** The grant and the compartment an event speaks of; null where it names none, and for fields that are too short. */
export function idsInDetail(
  event: EventName,
  fields: Uint8Array,
): { grantId: Uint8Array | null; cid: Uint8Array | null } {
  return { grantId: idIn(GRANT_AT, event, fields), cid: idIn(CID_AT, event, fields) }
}

/** The organisation an event is about or happened through, or null. */
export const orgIdInDetail = (event: EventName, fields: Uint8Array): Uint8Array | null => idIn(ORG_AT, event, fields)

/**
 * Whether a line is in an organisation's view: it names it.
 * @param orgId zeros for the view that everybody reads: what is about the canisters themselves.
 */
export function isInView(orgId: Uint8Array, event: EventName | null, fields: Uint8Array): boolean {
  if (event === null) return false
  if (orgId.every((byte) => byte === 0)) return event === 'configuration' || event === 'upgrade'
  const named = orgIdInDetail(event, fields)
  return named !== null && equalBytes(named, orgId)
}

const MODULE_AT = 8 + 32 + 1
/** What fits a detail; the network allows no more than ten controllers. */
const CONTROLLERS_MAX = 10

/** What runs in a canister, and who controls it. */
export interface ModuleFacts {
  readonly canisterVersion: bigint
  /** SHA-256 of the module, 32 bytes. */
  readonly moduleHash: Uint8Array
  readonly controllers: readonly Uint8Array[]
}

/** The fields of an upgrade's leaf with the module in them. */
export function moduleFields({ canisterVersion, moduleHash, controllers }: ModuleFacts): Uint8Array {
  const named = controllers.slice(0, CONTROLLERS_MAX)
  const writer = new ByteWriter(MODULE_AT + named.length * BYTES.principal)
  writer.u64(canisterVersion).raw(moduleHash).u8(controllers.length)
  for (const controller of named) {
    writeBytes(writer.bytes, writer.offset, 'principal', controller)
    writer.offset += BYTES.principal
  }
  return writer.done()
}
/** @returns null for an upgrade's leaf without the module. */
export function moduleIn(fields: Uint8Array): ModuleFacts | null {
  const reader = new ByteReader(fields)
  const canisterVersion = reader.u64()
  const moduleHash = reader.raw(32)
  const count = reader.u8()
  const controllers: Uint8Array[] = []
  for (let i = 0; i < count && i < CONTROLLERS_MAX && reader.ok; i++) {
    const length = reader.u8()
    controllers.push(reader.raw(BYTES.principal - 1).slice(0, length))
  }
  return reader.ok ? { canisterVersion, moduleHash, controllers } : null
}
