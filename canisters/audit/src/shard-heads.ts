import {
  equalBytes,
  EVENT,
  LEAF_FLAG,
  NS_PER_MINUTE,
  type Principal,
  SHARD_HEADS_MAX,
  type ShardHead,
  shardHeadsFields,
} from '@medguard/protocol'
import {
  assert,
  call,
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
/** Whoever asks for a checkpoint makes others be asked no oftener than this; and nobody waits for them any longer. */
const PAUSE_NS = NS_PER_MINUTE

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
  readonly shard: number
  /** What it was compared with. */
  readonly before: Recorded | null
  readonly head: ShardHead
  readonly isForked: boolean
}

/**
 * In the first canister of a log of several: what the others' trees came to. Each is asked by the hour and before a checkpoint, proves that it continues what was recorded of it, and
 * is put into a leaf here. So this canister's head, and a checkpoint of it, stand for all of them. One that does not answer is asked again, and stops nobody.
 *
 * @param shards the others, in their order.
 */
export function createShardHeads({ rows, shards, log }: { rows: Rows; shards: () => readonly Principal[]; log: Log }) {
  const asking = new Set<number>()
  let askedNs = 0n
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
  async function newsOf(shard: number, id: Uint8Array, before: Recorded | null): Promise<News | null> {
    const answer = await call(id, headCall, null)
    if (answer.kind !== 'reply' || 'Err' in answer.value) return null
    const decoded = decodeTreeHead(answer.value.Ok.treeHead)
    const logId = logIdOf(sha256, id)
    if (!decoded.ok || !equalBytes(decoded.value.logId, logId)) return null
    const { size, root } = decoded.value
    const news = { shard, before, head: { logId, size, root }, isForked: false }
    if (before === null) return size === 0 ? null : news
    if (size === before.size && equalBytes(root, before.root)) return null
    if (size <= before.size) return { ...news, isForked: true }
    const sizes = { firstSize: BigInt(before.size), secondSize: BigInt(size) }
    const proof = await call(id, consistencyProofCall, sizes)
    if (proof.kind !== 'reply' || 'Err' in proof.value) return null
    const claim = { oldSize: before.size, oldRoot: before.root, newSize: size, newRoot: root, path: proof.value.Ok }
    return { ...news, isForked: !verifyConsistency(sha256, claim) }
  }
  async function ask(shard: number, id: Uint8Array): Promise<News | null> {
    const before = recorded(shard)
    if (before?.isForked === true) return null
    asking.add(shard)
    const release = () => void asking.delete(shard)
    const forget = onTrap(release)
    const news = await newsOf(shard, id, before)
    release()
    forget()
    return news
  }
  /** @param news of one kind. */
  function append(news: readonly News[], isForked: boolean): void {
    for (let at = 0; at < news.length; at += SHARD_HEADS_MAX) {
      const part = news.slice(at, at + SHARD_HEADS_MAX)
      const fields = shardHeadsFields(part.map(({ head }) => head))
      const flags = isForked ? LEAF_FLAG.failedOrWithheld : 0
      const leafIndex = log.appendOwn({ event: EVENT.shardHeads, flags, fields }, nowNs())
      for (const { shard, before, head } of part)
        keep(shard, { ...(isForked && before !== null ? before : head), leafIndex, isForked })
    }
  }
  async function refresh(): Promise<void> {
    askedNs = nowNs()
    const answers = await Promise.allSettled(
      shards().flatMap((id, i) => (asking.has(i + 1) ? [] : [ask(i + 1, id.toUint8Array())])),
    )
    const news = answers.flatMap((answer): News[] => {
      if (answer.status === 'rejected') throw answer.reason
      const { value } = answer
      // Somebody who asked later may have been answered before.
      return value !== null && recorded(value.shard)?.leafIndex === value.before?.leafIndex ? [value] : []
    })
    const [grown, forked] = [news.filter((each) => !each.isForked), news.filter((each) => each.isForked)]
    append(grown, false)
    append(forked, true)
  }
  const tick = (): Promise<void> => {
    setTimer(EVERY_SECONDS, tick)
    return refresh()
  }

  return {
    /** In the first message of a module that knows of others. */
    begin(): void | Promise<void> {
      if (isBegun || shards().length === 0) return
      isBegun = true
      return tick()
    },
    /** Whether the others are being asked; those that did not answer in time are not waited for. */
    isAsking: (): boolean => asking.size > 0 && nowNs() < askedNs + PAUSE_NS,
    isDue: (): boolean => shards().length > 0 && nowNs() >= askedNs + PAUSE_NS,
    refresh,
    /** Index of the leaf that has what was last recorded of a canister. */
    leafOf: (shard: number): number | null => recorded(shard)?.leafIndex ?? null,
  }
}
