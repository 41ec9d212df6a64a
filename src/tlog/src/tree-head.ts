/** Tree head `MGT1`, 68 bytes, big-endian: `MGT1 || logId(16) || size(8) || root(32) || time in ns(8)`. */
import { type Decoded, ascii, expectLength, getCount, refused, setCount, setU64, startsWith, viewOf } from './bytes.ts'
import { type Hash, HASH_BYTES } from './tree.ts'

export const TREE_HEAD_BYTES = 68
export const LOG_ID_BYTES = 16

const TREE_HEAD_TAG = ascii('MGT1')
const LOG_ID_LABEL = ascii('medguard/log/1')

export interface TreeHead {
  /** 16 bytes, made with `logIdOf`. */
  readonly logId: Uint8Array
  readonly size: number
  readonly root: Uint8Array
  /** When the log reached this size, nanoseconds since 1970. */
  readonly timeNs: bigint
}

/** First 16 bytes of `H("medguard/log/1" || canister id)`: a head of one log is never taken for a head of another. */
export function logIdOf(hash: Hash, canisterId: Uint8Array): Uint8Array {
  const block = new Uint8Array(LOG_ID_LABEL.length + canisterId.length)
  block.set(LOG_ID_LABEL, 0)
  block.set(canisterId, LOG_ID_LABEL.length)
  return hash(block).slice(0, LOG_ID_BYTES)
}

/** @throws RangeError for a field of the wrong length or range. */
export function encodeTreeHead(head: TreeHead): Uint8Array {
  expectLength('logId', head.logId, LOG_ID_BYTES)
  expectLength('root', head.root, HASH_BYTES)
  const bytes = new Uint8Array(TREE_HEAD_BYTES)
  const view = viewOf(bytes)
  bytes.set(TREE_HEAD_TAG, 0)
  bytes.set(head.logId, 4)
  setCount(view, 20, head.size)
  bytes.set(head.root, 28)
  setU64(view, 60, head.timeNs)
  return bytes
}

/** Never throws. */
export function decodeTreeHead(bytes: Uint8Array): Decoded<TreeHead> {
  if (bytes.length !== TREE_HEAD_BYTES) return refused('WrongLength')
  if (!startsWith(bytes, TREE_HEAD_TAG)) return refused('WrongTag')
  const view = viewOf(bytes)
  const size = getCount(view, 20)
  if (size < 0) return refused('OutOfRange')
  return {
    ok: true,
    value: { logId: bytes.slice(4, 20), size, root: bytes.slice(28, 60), timeNs: view.getBigUint64(60) },
  }
}
