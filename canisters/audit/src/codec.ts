import { ByteReader, ByteWriter } from '@medguard/protocol'
import { decodePeaks, encodePeaks, LEAF_BYTES, type Peaks, TREE_HEAD_BYTES } from '@medguard/tlog'

/** The log as a whole, in one row. */
export interface LogState {
  /** Time of the newest leaf: the next one is not before it (I20). */
  readonly lastTimeNs: bigint
  /** Hash of the `cfg` half of the certified tree. */
  readonly configNode: Uint8Array
  /** The head that certified data stands for. */
  readonly treeHead: Uint8Array
  readonly peaks: Peaks
}
export interface StoredLeaf {
  readonly leafHash: Uint8Array
  /** `MGL1`. */
  readonly leaf: Uint8Array
  /** `MGD1`. */
  readonly detail: Uint8Array
}
/** One patient's chain. */
export interface Chain {
  readonly count: number
  readonly lastLeafHash: Uint8Array
  /** Blinds the patient's leaves; null where no enrol leaf was seen. */
  readonly auditKey: Uint8Array | null
}
/** How far a source's stream has come. */
export interface SourceState {
  readonly next: bigint
  /** Set for ever once the source sent other bytes under a number it had used. */
  readonly isFrozen: boolean
}

// A row that does not decode is a damaged store: the message traps and nothing is answered from it. Byte 0 is the layout of that row.
const LAYOUT = 1

export function encodeState(state: LogState): Uint8Array {
  const peaks = encodePeaks(state.peaks)
  return new ByteWriter(1 + 8 + 32 + TREE_HEAD_BYTES + peaks.length)
    .u8(LAYOUT)
    .u64(state.lastTimeNs)
    .raw(state.configNode)
    .raw(state.treeHead)
    .raw(peaks)
    .done()
}
export function decodeState(bytes: Uint8Array): LogState | null {
  const reader = new ByteReader(bytes)
  const layout = reader.u8()
  const lastTimeNs = reader.u64()
  const configNode = reader.raw(32)
  const treeHead = reader.raw(TREE_HEAD_BYTES)
  const peaks = decodePeaks(bytes.subarray(reader.offset))
  return reader.ok && layout === LAYOUT && peaks.ok ? { lastTimeNs, configNode, treeHead, peaks: peaks.value } : null
}

export function encodeStoredLeaf({ leafHash, leaf, detail }: StoredLeaf): Uint8Array {
  return new ByteWriter(1 + 32 + LEAF_BYTES + detail.length).u8(LAYOUT).raw(leafHash).raw(leaf).raw(detail).done()
}
export function decodeStoredLeaf(bytes: Uint8Array): StoredLeaf | null {
  if (bytes[0] !== LAYOUT || bytes.length < 33 + LEAF_BYTES) return null
  return {
    leafHash: bytes.subarray(1, 33),
    leaf: bytes.subarray(33, 33 + LEAF_BYTES),
    detail: bytes.subarray(33 + LEAF_BYTES),
  }
}

export function encodeChain({ count, lastLeafHash, auditKey }: Chain): Uint8Array {
  const writer = new ByteWriter(auditKey === null ? 41 : 73).u8(LAYOUT).u64(BigInt(count)).raw(lastLeafHash)
  return (auditKey === null ? writer : writer.raw(auditKey)).done()
}
export function decodeChain(bytes: Uint8Array): Chain | null {
  const reader = new ByteReader(bytes)
  const layout = reader.u8()
  const count = Number(reader.u64())
  const lastLeafHash = reader.raw(32)
  const auditKey = bytes.length === 41 ? null : reader.raw(32)
  return layout === LAYOUT && reader.atEnd() ? { count, lastLeafHash, auditKey } : null
}

export function encodeSource({ next, isFrozen }: SourceState): Uint8Array {
  return new ByteWriter(10)
    .u8(LAYOUT)
    .u64(next)
    .u8(isFrozen ? 1 : 0)
    .done()
}
export function decodeSource(bytes: Uint8Array): SourceState | null {
  const reader = new ByteReader(bytes)
  const layout = reader.u8()
  const next = reader.u64()
  const frozen = reader.u8()
  return layout === LAYOUT && frozen <= 1 && reader.atEnd() ? { next, isFrozen: frozen === 1 } : null
}
