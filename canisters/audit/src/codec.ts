import { ByteReader } from '@medguard/protocol'
import { LEAF_BYTES, TREE_HEAD_BYTES } from '@medguard/tlog'

/** How far a source's stream has come. */
export interface SourceState {
  /** How many of its leaves the log has, and so the number of its next. */
  readonly next: number
  /** Set for ever once the source sent other bytes under a number it had used. */
  readonly isFrozen: boolean
}
/** The log as a whole, in one row. */
export interface LogState {
  /** Time of the newest leaf: the next one is not before it (I20). */
  readonly lastTimeNs: bigint
  /** Hash of the `cfg` half of the certified tree. */
  readonly configNode: Uint8Array
  /** The head that certified data stands for. */
  readonly treeHead: Uint8Array
  /** Size of the log, as the head has it. */
  readonly size: number
  /** By source, without the zeroth. */
  readonly sources: Sources
}
export type Sources = readonly [consent: SourceState, records: SourceState, audit: SourceState]
export interface StoredLeaf {
  readonly leafHash: Uint8Array
  /** `MGL1`. */
  readonly leaf: Uint8Array
  /** `MGD1`. */
  readonly detail: Uint8Array
}

// A row that does not decode is a damaged store: the message traps and nothing is answered from it. Byte 0 is the layout of that row.
export const LAYOUT = 2
const SOURCES = 3
const COUNTS_AT = 1
const LEAF_HASH_AT = COUNTS_AT + 4 * SOURCES
const LEAF_AT = LEAF_HASH_AT + 32
const DETAIL_AT = LEAF_AT + LEAF_BYTES

/** Numbers become bytes here: a view of each row would cost more than the row. */
const word = new DataView(new ArrayBuffer(4 * SOURCES))
const words = new Uint8Array(word.buffer)
const CONFIG_AT = 9
const TREE_HEAD_AT = CONFIG_AT + 32
const SOURCES_AT = TREE_HEAD_AT + TREE_HEAD_BYTES
const stateRow = new Uint8Array(SOURCES_AT + 5 * SOURCES)
const stateView = new DataView(stateRow.buffer)

/** What it returns is good until its next call: a map copies a row at once. */
export function encodeState({ lastTimeNs, configNode, treeHead, sources }: LogState): Uint8Array {
  stateRow[0] = LAYOUT
  stateView.setBigUint64(1, lastTimeNs)
  stateRow.set(configNode, CONFIG_AT)
  stateRow.set(treeHead, TREE_HEAD_AT)
  for (let i = 0, at = SOURCES_AT; i < SOURCES; i++, at += 5) {
    const { next, isFrozen } = sources[i] as SourceState
    stateView.setUint32(at, next)
    stateRow[at + 4] = isFrozen ? 1 : 0
  }
  return stateRow
}
export function decodeState(row: Uint8Array): LogState | null {
  if (row.length !== stateRow.length || row[0] !== LAYOUT) return null
  const view = new DataView(row.buffer, row.byteOffset)
  const treeHead = row.slice(TREE_HEAD_AT, SOURCES_AT)
  const source = (at: number): SourceState => ({ next: view.getUint32(at), isFrozen: row[at + 4] === 1 })
  return {
    lastTimeNs: view.getBigUint64(1),
    configNode: row.slice(CONFIG_AT, TREE_HEAD_AT),
    treeHead,
    size: view.getUint32(TREE_HEAD_AT + 20) * 0x1_0000_0000 + view.getUint32(TREE_HEAD_AT + 24),
    sources: [source(SOURCES_AT), source(SOURCES_AT + 5), source(SOURCES_AT + 10)],
  }
}

/** @param sources As they are with this leaf: from that, the leaf of any source's number is found. */
export function encodeStoredLeaf({ leafHash, leaf, detail }: StoredLeaf, sources: Sources): Uint8Array {
  const row = new Uint8Array(DETAIL_AT + detail.length)
  row[0] = LAYOUT
  word.setUint32(0, sources[0].next)
  word.setUint32(4, sources[1].next)
  word.setUint32(8, sources[2].next)
  row.set(words, COUNTS_AT)
  row.set(leafHash, LEAF_HASH_AT)
  row.set(leaf, LEAF_AT)
  row.set(detail, DETAIL_AT)
  return row
}
/** Views of `bytes`. */
export function decodeStoredLeaf(bytes: Uint8Array): StoredLeaf | null {
  if (!isStoredLeaf(bytes)) return null
  return {
    leafHash: bytes.subarray(LEAF_HASH_AT, LEAF_AT),
    leaf: bytes.subarray(LEAF_AT, DETAIL_AT),
    detail: bytes.subarray(DETAIL_AT),
  }
}
/** How many leaves of a source (from 1) the log had with this leaf. */
export function decodeSourceCount(bytes: Uint8Array, source: number): number | null {
  if (!isStoredLeaf(bytes)) return null
  const at = COUNTS_AT + 4 * (source - 1)
  return new ByteReader(bytes.subarray(at, at + 4)).u32()
}
const isStoredLeaf = (bytes: Uint8Array) => bytes[0] === LAYOUT && bytes.length >= DETAIL_AT

/** What a patient's chain carries besides its leaves. */
export interface ChainEnd {
  readonly lastLeafHash: Uint8Array
  /** Blinds the patient's leaves; null where no enrol leaf was seen. */
  readonly auditKey: Uint8Array | null
}
const ZERO_HASH = new Uint8Array(32)

export function encodeChainEnd({ lastLeafHash, auditKey }: ChainEnd): Uint8Array {
  if (auditKey === null) return lastLeafHash
  const note = new Uint8Array(64)
  note.set(lastLeafHash)
  note.set(auditKey, 32)
  return note
}
/** Of a chain without leaves, too. */
export function decodeChainEnd(note: Uint8Array): ChainEnd | null {
  if (note.length === 0) return { lastLeafHash: ZERO_HASH, auditKey: null }
  if (note.length === 32) return { lastLeafHash: note, auditKey: null }
  return note.length === 64 ? { lastLeafHash: note.subarray(0, 32), auditKey: note.subarray(32) } : null
}
