import { ByteReader, ByteWriter } from './bytes.ts'

/** How far a canister of the log was, and its root by then. */
export interface ShardHead {
  /** 16 bytes. */
  readonly logId: Uint8Array
  readonly size: number
  /** 32 bytes. */
  readonly root: Uint8Array
}
const HEAD_BYTES = 16 + 8 + 32

/** As many as fit a detail. */
export const SHARD_HEADS_MAX = 8

/** The fields of `shardHeads`: `count u8`, then `logId(16) size u64 root(32)` of each. @throws Error for more than fit. */
export function shardHeadsFields(heads: readonly ShardHead[]): Uint8Array {
  if (heads.length > SHARD_HEADS_MAX) throw new Error(`a leaf has room for ${SHARD_HEADS_MAX} heads`)
  const writer = new ByteWriter(1 + heads.length * HEAD_BYTES).u8(heads.length)
  for (const { logId, size, root } of heads) writer.raw(logId).u64(BigInt(size)).raw(root)
  return writer.done()
}

/** @returns null for bytes that `shardHeadsFields` never writes. */
export function shardHeadsIn(fields: Uint8Array): ShardHead[] | null {
  const reader = new ByteReader(fields)
  const count = reader.u8()
  if (count > SHARD_HEADS_MAX || fields.length !== 1 + count * HEAD_BYTES) return null
  const heads = Array.from({ length: count }, () => ({
    logId: reader.raw(16),
    size: Number(reader.u64()),
    root: reader.raw(32),
  }))
  return heads.every(({ size }) => Number.isSafeInteger(size)) ? heads : null
}
