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

/** How many shards two lists have in common, from the first on; null where one is not the beginning of the other. */
export function sharedShards(one: readonly Principal[], other: readonly Principal[]): number | null {
  const count = Math.min(one.length, other.length)
  for (let i = 0; i < count; i++) if (!sameAt(one, other, i)) return null
  return count
}
const sameAt = (one: readonly Principal[], other: readonly Principal[], i: number): boolean =>
  samePrincipal((one[i] as Principal).toUint8Array(), (other[i] as Principal).toUint8Array())

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
