import {
  type ArgOf,
  type ConsentConfiguration,
  type ConsentService,
  LOG_SHARD_PATIENTS_MAX,
  LOG_SHARDS_MAX,
  refuse,
  type RetOf,
} from '@medguard/protocol'
import {
  type Configuration,
  createCounters,
  createShardBook,
  logShardsIn,
  type Rows,
  section,
  sharedShards,
} from '@medguard/shared'
import type { Context } from './context.ts'
import { wrongIds } from './rules.ts'

// 0 is the book's own: which shard has a patient.
const PATIENTS = 1 // shard u8 -> how many were put there
const KNOWN = 2 // nothing -> how many shards records has said that it knows
const ALL = new Uint8Array(0)

/**
 * Where to put whoever comes next: into the newest shard that has room, and where none has, into the one with the fewest.
 *
 * @param patients how many each of the further shards has.
 * @returns its number; 0 where the log is one canister.
 */
export function shardWithRoom(patients: readonly number[]): number {
  const roomy = patients.findLastIndex((count) => count < LOG_SHARD_PATIENTS_MAX)
  return 1 + (roomy >= 0 ? roomy : patients.indexOf(Math.min(...patients)))
}

/**
 * The directory of the log: who has lines in which of its canisters. A patient is put into one when the account is opened and stays there. The first canister, which
 * also has all that is about no patient, gets nobody any more once there are others.
 */
export function createDirectory(rows: Rows, configuration: Pick<Configuration<ConsentConfiguration>, 'get'>) {
  const book = createShardBook(rows)
  const patients = createCounters(section(rows, PATIENTS))
  const known = createCounters(section(rows, KNOWN))
  const count = (): number => logShardsIn(configuration.get()).length
  return {
    count,
    of: (patientId: Uint8Array): number => (count() === 0 ? 0 : book.of(patientId)),
    /** Where whoever enrols next is put: only where records writes as well. */
    next(): number {
      if (count() === 0) return 0
      const usable = Number(known.of(ALL))
      return shardWithRoom(Array.from({ length: usable }, (_, i) => Number(patients.of(Uint8Array.of(i + 1)))))
    },
    place(patientId: Uint8Array, shard: number): void {
      book.place(patientId, shard)
      if (shard > 0) patients.add(Uint8Array.of(shard), 1n)
    },
    noteKnown(shards: number): void {
      if (BigInt(shards) > known.of(ALL)) known.set(ALL, BigInt(shards))
    },
  }
}
export type Directory = ReturnType<typeof createDirectory>

/**
 * Tells records where a patient's lines are; the client is not asked, since a lie would hide what records did from the patient's log. What records says of itself
 * decides where patients are put from now on: both are upgraded one after the other, and nobody gets into a shard that only one of the two writes to.
 */
export function logShardOf(
  { store, directory, configuration }: Context,
  { patientId, logShards }: ArgOf<ConsentService['logShardOf']>,
): RetOf<ConsentService['logShardOf']> {
  const wrong = wrongIds({ patientId })
  if (wrong !== null) return { Err: wrong }
  if (logShards.length < 1 || logShards.length > LOG_SHARDS_MAX) return { Err: refuse.badInput('logShards', 'range') }
  // Where the two were told different lists, what they have in common is all that either uses: a list never loses one, so refusing would be for ever.
  directory.noteKnown(sharedShards(logShardsIn(configuration.get()), logShards))
  if (store.ownerOf(patientId) === undefined || store.erasures.has(patientId)) return { Err: refuse.notPermitted }
  return { Ok: directory.of(patientId) }
}
