// One number for the whole state: equal for two networks exactly when they would go on alike.
import { createHash, type Hash } from 'node:crypto'
import type { Canister } from './canister.ts'
import { SparseBytes } from './sparse-bytes.ts'
import { currentTime, type World } from './world.ts'

/** SHA-256 in hex over everything that is kept, whatever order it came to be in. */
export function digestOf(world: World): string {
  const hash = createHash('sha256')
  const { lastMessageNs, nextCanisterNumber, nextNumber, turn, deletedIds, requests, management, outcalls } = world
  const { nextCanisterNumbers, streams, roundMessages } = world
  add(hash, {
    timeNs: currentTime(world),
    lastMessageNs,
    nextCanisterNumber,
    nextNumber,
    turn,
    deletedIds,
    requests,
    management,
    outcalls,
    nextCanisterNumbers,
    streams,
    roundMessages,
  })
  for (const [, canister] of sorted(world.canisters)) addCanister(hash, canister)
  return hash.digest('hex')
}

function addCanister(hash: Hash, canister: Canister): void {
  // What a restart makes anew is left out, and the instance follows as its memories.
  const {
    instance,
    unsaved: _unsaved,
    certificate: _certificate,
    taskRanLast: _turn,
    queryStats: _stats,
    snapshots,
    isFrozenOnPurpose: _frozen,
    ...kept
  } = canister
  add(hash, kept)
  for (const [number, { module, heap, stable, ...record }] of sorted(snapshots)) {
    add(hash, [number, record, module.pages, heap.pages, stable.pages])
  }
  if (instance === null) return
  const { stable, code } = instance
  add(hash, {
    module: code.prepared.moduleHash,
    globals: instance.committedGlobals,
    heap: instance.committedHeap,
    stablePages: stable.committedPages,
  })
  // A block of zeros that was written is the same as one that never was.
  for (const [number, block] of sorted(stable.blocks)) if (block.some((byte) => byte !== 0)) add(hash, [number, block])
}

/** Every value begins with its kind and length, so that no two different states look alike. */
function add(hash: Hash, value: unknown): void {
  if (value instanceof Uint8Array) {
    hash.update(`bytes ${value.length} `)
    hash.update(value)
  } else if (Array.isArray(value)) {
    hash.update(`list ${value.length} `)
    for (const part of value) add(hash, part)
  } else if (value instanceof SparseBytes) add(hash, [value.length, value.pages])
  else if (value instanceof Set) add(hash, [...(value as Set<string>)].toSorted())
  else if (value instanceof Map) add(hash, sorted(value as Map<string | number, unknown>))
  else if (typeof value === 'object' && value !== null) {
    add(
      hash,
      Object.entries(value)
        .filter(([, part]) => part !== undefined)
        .toSorted(([a], [b]) => (a < b ? -1 : 1)),
    )
  } else hash.update(`${typeof value} ${String(value).length} ${String(value)} `)
}

const sorted = <K extends string | number, V>(map: ReadonlyMap<K, V>): [K, V][] =>
  [...map].toSorted(([a], [b]) => (a < b ? -1 : 1))
