import { equalBytes, EVENT, LEAF_FLAG, type Principal, type ShardHead, shardHeadsFields } from '@medguard/protocol'
import {
  assert,
  callWithin,
  consistencyProofCall,
  headCall,
  nowNs,
  onTrap,
  type Rows,
  setTimer,
  sha256,
} from '@medguard/shared'
import { decodeTreeHead, logIdOf, verifyConsistency } from '@medguard/tlog'
import type { Log } from './append.ts'

const EVERY_SECONDS = 3600
/** More than a head or a proof in a tree of any size takes. */
const REPLY_BYTES_MAX = 8192

const LAYOUT = 1
const ROW_BYTES = 1 + 8 + 32 + 4 + 1
const ROOT_AT = 9
const LEAF_AT = 41
const FORKED_AT = 45

/** What was last recorded of another canister of the log. */
interface Recorded {
  readonly size: number
  readonly root: Uint8Array
  /** The leaf that says so. */
  readonly leafIndex: number
  /** It did not continue that: nothing is recorded of it any more. */
  readonly isForked: boolean
}
interface News {
  readonly head: ShardHead
  readonly isForked: boolean
}

/**
 * In the first canister of a log of several: what the others' trees came to. Each is asked by the hour, proves that it continues what was recorded of it, and is put into a
 * leaf here. So this canister's head, and a checkpoint of it, stand for all of them as they were recorded. One that does not answer stops nobody.
 *
 * @param shards the others, in their order.
 */
export function createShardHeads({ rows, shards, log }: { rows: Rows; shards: () => readonly Principal[]; log: Log }) {
  const asking = new Set<number>()
  let isBegun = false

  const recorded = (shard: number): Recorded | null => {
    const row = rows.get(Uint8Array.of(shard))
    if (row === undefined) return null
    assert(row[0] === LAYOUT && row.length === ROW_BYTES, 'a recorded head decodes')
    const view = new DataView(row.buffer, row.byteOffset, row.length)
    return {
      size: Number(view.getBigUint64(1)),
      root: row.slice(ROOT_AT, LEAF_AT),
      leafIndex: view.getUint32(LEAF_AT),
      isForked: row[FORKED_AT] === 1,
    }
  }
  const keep = (shard: number, { size, root, leafIndex, isForked }: Recorded): void => {
    const row = new Uint8Array(ROW_BYTES)
    const view = new DataView(row.buffer)
    row[0] = LAYOUT
    view.setBigUint64(1, BigInt(size))
    row.set(root, ROOT_AT)
    view.setUint32(LEAF_AT, leafIndex)
    row[FORKED_AT] = isForked ? 1 : 0
    rows.set(Uint8Array.of(shard), row)
  }

  /** @returns null for no answer, for one that makes no sense, and where there is nothing new. */
  async function newsOf(id: Uint8Array, before: Recorded | null): Promise<News | null> {
    const answer = await callWithin(id, headCall, null, REPLY_BYTES_MAX)
    if (answer.kind !== 'reply' || 'Err' in answer.value) return null
    const decoded = decodeTreeHead(answer.value.Ok.treeHead)
    const logId = logIdOf(sha256, id)
    if (!decoded.ok || !equalBytes(decoded.value.logId, logId)) return null
    const { size, root } = decoded.value
    const news = { head: { logId, size, root }, isForked: false }
    if (before === null) return size === 0 ? null : news
    if (size === before.size && equalBytes(root, before.root)) return null
    if (size <= before.size) return { ...news, isForked: true }
    const sizes = { firstSize: BigInt(before.size), secondSize: BigInt(size) }
    const proof = await callWithin(id, consistencyProofCall, sizes, REPLY_BYTES_MAX)
    if (proof.kind !== 'reply' || 'Err' in proof.value) return null
    const claim = { oldSize: before.size, oldRoot: before.root, newSize: size, newRoot: root, path: proof.value.Ok }
    return { ...news, isForked: !verifyConsistency(sha256, claim) }
  }
  async function refresh(shard: number, id: Uint8Array): Promise<void> {
    const before = recorded(shard)
    if (asking.has(shard) || before?.isForked === true) return
    asking.add(shard)
    const release = () => void asking.delete(shard)
    const forget = onTrap(release)
    const news = await newsOf(id, before)
    release()
    forget()
    if (news === null) return
    const { head, isForked } = news
    const flags = isForked ? LEAF_FLAG.failedOrWithheld : 0
    const leafIndex = log.appendOwn({ event: EVENT.shardHeads, flags, fields: shardHeadsFields([head]) }, nowNs())
    keep(shard, { ...(isForked && before !== null ? before : head), leafIndex, isForked })
  }
  /** Each in a message of its own: one that is silent, or makes its own trap, takes nothing from the others or from the next hour. */
  const tick = (): void => {
    setTimer(EVERY_SECONDS, tick)
    for (const [i, id] of shards().entries()) setTimer(0, () => refresh(i + 1, id.toUint8Array()))
  }

  return {
    /** In the first message of a module that knows of others. */
    begin(): void {
      if (isBegun || shards().length === 0) return
      isBegun = true
      tick()
    },
    /** Index of the leaf that has what was last recorded of a canister. */
    leafOf: (shard: number): number | null => recorded(shard)?.leafIndex ?? null,
  }
}
