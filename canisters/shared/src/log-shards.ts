import { LOG_SHARDS_MAX, type Principal, refuse, type RefusalArm } from '@medguard/protocol'
import { assert } from './assert.ts'
import { samePrincipal } from './decision.ts'
import { type Rows, section } from './maps.ts'

interface WithLogShards {
  readonly logShards: [] | [readonly Principal[]]
}

/** The canisters of the log besides the first, in their order. */
export const logShardsIn = (configuration: WithLogShards | null): readonly Principal[] =>
  configuration?.logShards[0] ?? []

/** Raw id of a canister of the log, 0 for the first. Null where the configuration names none of this number. */
export const logIdIn = (
  configuration: (WithLogShards & { readonly audit: Principal }) | null,
  shard: number,
): Uint8Array | null =>
  (shard === 0 ? configuration?.audit : logShardsIn(configuration)[shard - 1])?.toUint8Array() ?? null

/** As peers of a configuration, each of its own name. */
export const shardPeers = (configuration: WithLogShards): Readonly<Record<string, Principal>> =>
  Object.fromEntries(logShardsIn(configuration).map((shard, i) => [`logShards.${i}`, shard]))

/** A shard is for life, as its number is: a list only ever grows at its end. */
export function wrongLogShards(next: WithLogShards, present: WithLogShards | null): RefusalArm | null {
  const [wanted, known] = [logShardsIn(next), logShardsIn(present)]
  if (wanted.length > LOG_SHARDS_MAX) return refuse.badInput('logShards', 'range')
  return wanted.length >= known.length && sharedShards(wanted, known) === known.length
    ? null
    : refuse.badInput('logShards', 'order')
}

/** How many shards two lists have in common, from the first on. */
export function sharedShards(one: readonly Principal[], other: readonly Principal[]): number {
  const first = one.findIndex((shard, i) => {
    const there = other[i]
    return there === undefined || !samePrincipal(shard.toUint8Array(), there.toUint8Array())
  })
  return first < 0 ? one.length : first
}

const LAYOUT = 1
const PLACES = 0

/** Which shard of the log has the lines of a patient, for good: `patient id -> 1 || shard u8`, absent for the first canister. */
export function createShardBook(rows: Rows) {
  const places = section(rows, PLACES)
  return {
    of(patientId: Uint8Array): number {
      const row = places.get(patientId)
      if (row === undefined) return 0
      const [layout, shard] = row
      assert(layout === LAYOUT && shard !== undefined, 'a stored row decodes')
      return shard
    },
    place(patientId: Uint8Array, shard: number): void {
      if (shard > 0) places.set(patientId, Uint8Array.of(LAYOUT, shard))
    },
  }
}
export type ShardBook = ReturnType<typeof createShardBook>
