/** Log leaf `MGL1`, 180 bytes, big-endian. Table: docs/crypto.md, "Log leaf". */
import {
  type Decoded,
  ascii,
  expectLength,
  expectUint,
  getCount,
  isZero,
  refused,
  setCount,
  setU64,
  startsWith,
  viewOf,
} from './bytes.ts'
import { type Hash, HASH_BYTES } from './tree.ts'

export const LEAF_BYTES = 180
export const BLINDING_BYTES = 16
export const AUDIT_KEY_BYTES = 32
/** Longest principal the Internet Computer has. */
export const ACTOR_BYTES_MAX = 29

const LEAF_TAG = ascii('MGL1')
const BLINDING_TAG = ascii('MGS1')
const ID_BYTES = 16

/** Bits of `flags`; the other bits are kept as they are. */
export const LEAF_FLAG = { viaOrganisation: 1, breakGlass: 2, failedOrWithheld: 4 } as const

export interface Leaf {
  /** Position in the log, from zero. */
  readonly index: number
  /** Time of the append, nanoseconds since 1970. */
  readonly timeNs: bigint
  /** Event code, one byte. */
  readonly event: number
  readonly flags: number
  /** 16 bytes, zeros for an event of the system. */
  readonly patientId: Uint8Array
  /** Position among this patient's events. */
  readonly patientSeq: number
  /** Leaf hash of the same patient's previous event, or 32 zeros. */
  readonly previousLeafHash: Uint8Array
  /** 16 bytes, made with `leafBlinding`. */
  readonly blinding: Uint8Array
  /** Bytes of the actor's principal, at most 29. */
  readonly actor: Uint8Array
  /** Record, grant, compartment or capsule: 16 bytes. */
  readonly objectId: Uint8Array
  /** Record version or epoch, 32 bits. */
  readonly versionOrEpoch: number
  readonly compartmentKind: number
  /** Hash of the event's detail, 32 bytes. */
  readonly detailHash: Uint8Array
}

/** @throws RangeError for a field of the wrong length or range. */
export function encodeLeaf(leaf: Leaf): Uint8Array {
  expectUint('event', leaf.event, 8)
  expectUint('flags', leaf.flags, 8)
  expectUint('versionOrEpoch', leaf.versionOrEpoch, 32)
  expectUint('compartmentKind', leaf.compartmentKind, 8)
  expectLength('patientId', leaf.patientId, ID_BYTES)
  expectLength('previousLeafHash', leaf.previousLeafHash, HASH_BYTES)
  expectLength('blinding', leaf.blinding, BLINDING_BYTES)
  expectLength('objectId', leaf.objectId, ID_BYTES)
  expectLength('detailHash', leaf.detailHash, HASH_BYTES)
  if (leaf.actor.length > ACTOR_BYTES_MAX) throw new RangeError('an actor has at most 29 bytes')
  const bytes = new Uint8Array(LEAF_BYTES)
  const view = viewOf(bytes)
  bytes.set(LEAF_TAG, 0)
  setCount(view, 4, leaf.index)
  setU64(view, 12, leaf.timeNs)
  bytes[20] = leaf.event
  bytes[21] = leaf.flags
  bytes.set(leaf.patientId, 24)
  setCount(view, 40, leaf.patientSeq)
  bytes.set(leaf.previousLeafHash, 48)
  bytes.set(leaf.blinding, 80)
  bytes[96] = leaf.actor.length
  bytes.set(leaf.actor, 97)
  bytes.set(leaf.objectId, 126)
  view.setUint32(142, leaf.versionOrEpoch)
  bytes[146] = leaf.compartmentKind
  bytes.set(leaf.detailHash, 148)
  return bytes
}

/** Accepts exactly what `encodeLeaf` makes. Never throws. */
export function decodeLeaf(bytes: Uint8Array): Decoded<Leaf> {
  if (bytes.length !== LEAF_BYTES) return refused('WrongLength')
  if (!startsWith(bytes, LEAF_TAG)) return refused('WrongTag')
  const view = viewOf(bytes)
  const index = getCount(view, 4)
  const patientSeq = getCount(view, 40)
  const actorBytes = view.getUint8(96)
  if (index < 0 || patientSeq < 0 || actorBytes > ACTOR_BYTES_MAX) return refused('OutOfRange')
  if (!isZero(bytes, 22, 24) || !isZero(bytes, 147, 148) || !isZero(bytes, 97 + actorBytes, 126)) {
    return refused('ReservedNotZero')
  }
  return {
    ok: true,
    value: {
      index,
      timeNs: view.getBigUint64(12),
      event: view.getUint8(20),
      flags: view.getUint8(21),
      patientId: bytes.slice(24, 40),
      patientSeq,
      previousLeafHash: bytes.slice(48, 80),
      blinding: bytes.slice(80, 96),
      actor: bytes.slice(97, 97 + actorBytes),
      objectId: bytes.slice(126, 142),
      versionOrEpoch: view.getUint32(142),
      compartmentKind: view.getUint8(146),
      detailHash: bytes.slice(148, 180),
    },
  }
}

/**
 * First 16 bytes of `H("MGS1" || auditKey || index(8))`. Without the key, nobody who sees a leaf hash can test a guess
 * of what the leaf says.
 *
 * @param auditKey 32 bytes, the patient's, secret.
 * @throws RangeError for a key of another length or an index out of range.
 */
export function leafBlinding(hash: Hash, auditKey: Uint8Array, index: number): Uint8Array {
  expectLength('auditKey', auditKey, AUDIT_KEY_BYTES)
  const block = new Uint8Array(4 + AUDIT_KEY_BYTES + 8)
  block.set(BLINDING_TAG, 0)
  block.set(auditKey, 4)
  setCount(viewOf(block), 4 + AUDIT_KEY_BYTES, index)
  return hash(block).slice(0, BLINDING_BYTES)
}
