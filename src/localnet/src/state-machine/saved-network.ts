import type { Key } from './canister.ts'
import type { World } from './world.ts'

// What is stored of the network itself, beside its canisters and messages: see the note on stored keys.

const FORMAT = 1

export interface SavedNetwork {
  readonly format: number
  readonly clockNs: bigint
  readonly lastMessageNs: bigint
  readonly nextCanisterNumber: bigint
  /** By subnet id; absent in networks of one subnet. */
  readonly nextCanisterNumbers?: Readonly<Record<Key, bigint>>
  /** As absent. */
  readonly roundMessages?: number
  readonly nextNumber: number
  readonly turn: number
  readonly deletedIds: ReadonlySet<Key>
}

export function savedNetwork(world: World): SavedNetwork {
  world.savedClockNs = world.clockNs
  const { clockNs, lastMessageNs, nextCanisterNumber, nextNumber, turn, deletedIds } = world
  const { nextCanisterNumbers, roundMessages } = world
  const others =
    world.options.topology.length === 1
      ? {}
      : { nextCanisterNumbers: Object.fromEntries(nextCanisterNumbers), roundMessages }
  return { format: FORMAT, clockNs, lastMessageNs, nextCanisterNumber, ...others, nextNumber, turn, deletedIds }
}

/** @throws Error for a state this version can't read. */
export function restoreNetwork(world: World, saved: SavedNetwork): void {
  if (saved.format !== FORMAT) {
    throw new Error(`the saved state has format ${saved.format}, this version reads ${FORMAT}`)
  }
  if (saved.clockNs > world.clockNs) world.clockNs = saved.clockNs
  world.lastMessageNs = saved.lastMessageNs
  world.nextCanisterNumber = saved.nextCanisterNumber
  for (const [id, number] of Object.entries(saved.nextCanisterNumbers ?? {})) world.nextCanisterNumbers.set(id, number)
  world.roundMessages = saved.roundMessages ?? 0
  world.nextNumber = saved.nextNumber
  world.turn = saved.turn
  for (const id of saved.deletedIds) world.deletedIds.add(id)
}
