import type { CanisterRange, Subnet } from '../contracts.ts'
import { canisterIdOf, canisterNumberOf, subnetNamed, subnetOf } from '../subnets/index.ts'
import { type Canister, keyOf } from './canister.ts'
import type { World } from './world.ts'

// Where canisters live. Most networks have one subnet, and then nothing here looks at an id.

/** The subnet of a canister, be it there or not; the root subnet for ids that are on none. */
export function homeOf(world: World, canisterId: Uint8Array): Subnet {
  const { topology } = world.options
  const [root] = topology
  return topology.length === 1 ? root : (subnetOf(topology, canisterId) ?? root)
}

/** The subnet of that id; the root subnet unless told. */
export function subnetById(world: World, subnetId: Uint8Array | undefined): Subnet {
  const { topology } = world.options
  return (subnetId === undefined ? undefined : subnetNamed(topology, subnetId)) ?? topology[0]
}

export function canistersOn(world: World, subnet: Subnet): Canister[] {
  const all = [...world.canisters.values()]
  return world.options.topology.length === 1 ? all : all.filter(({ id }) => homeOf(world, id).id === subnet.id)
}

/** How a subnet stands in saved values: the root subnet does not, so that a network without others is saved as before there were any. */
export const subnetNote = (world: World, { id }: Subnet): { readonly subnetId?: Uint8Array } =>
  id === world.options.topology[0].id ? {} : { subnetId: id }

/**
 * Ids count up, so that whoever creates canisters in a fixed order knows their ids before.
 *
 * @returns 10 bytes, an id that no canister has or had; null when the subnet's ranges are used up.
 */
export function nextCanisterId(world: World, { id: subnetId, canisterRanges }: Subnet): Uint8Array | null {
  const isRoot = subnetId === world.options.topology[0].id
  const subnetKey = keyOf(subnetId)
  let number = isRoot ? world.nextCanisterNumber : (world.nextCanisterNumbers.get(subnetKey) ?? 0n)
  for (;;) {
    const range = canisterRanges.map(numbersOf).find(([, last]) => number <= last)
    if (range === undefined) return null
    if (number < range[0]) [number] = range
    const id = canisterIdOf(number)
    number += 1n
    if (isRoot) world.nextCanisterNumber = number
    else world.nextCanisterNumbers.set(subnetKey, number)
    world.unsaved.network = true
    const key = keyOf(id)
    if (!world.canisters.has(key) && !world.deletedIds.has(key)) return id
  }
}

const numbersOf = ([first, last]: CanisterRange): readonly [bigint, bigint] => [
  canisterNumberOf(first) ?? 0n,
  canisterNumberOf(last) ?? 0n,
]
