// Which canister is on which subnet: each subnet has ranges of canister ids, and no id is in two. Interface specification, "The
// system state tree", `/subnet/<subnet_id>/canister_ranges`.
import { Principal } from '@dfinity/principal'
import type { CanisterRange, Subnet, Topology } from '../contracts.ts'

/** A subnet beside the root subnet. */
export interface SubnetOptions {
  /** What certificates and tools are told. Prices and limits are those of an application subnet on either. */
  readonly kind: 'application' | 'system'
  /**
   * First and last canister id of each range, text, both inclusive. A range of a million ids of its own unless told. Canister ids have ten
   * bytes and end in 01 01; what no subnet names is the root subnet's.
   */
  readonly canisterRanges?: readonly (readonly [first: string, last: string])[]
}

/** A setting that no network can have. The message says which part of it. */
export class SubnetsProblem extends Error {
  override readonly name = 'SubnetsProblem'
}

/** A subnet before it has keys. */
export type PlannedSubnet = Pick<Subnet, 'kind' | 'canisterRanges'>

export const SUBNETS_MAX = 32
const RANGES_MAX = 100
const LAST_NUMBER = 2n ** 64n - 1n
/** The ids below belong to the network's own canisters; what is created without a wish gets the next one from here on. */
export const FIRST_CANISTER_NUMBER = 0x8000_0000_0010_0000n
/** As many ids as a range has on the Internet Computer. */
const RANGE_SIZE = 0x10_0000n

/** Ends of a range as numbers, both inclusive. */
type Numbers = readonly [first: bigint, last: bigint]

/**
 * @param subnets those beside the root subnet.
 * @returns all of them, the root subnet first: it has every id that the others have not.
 * @throws SubnetsProblem
 */
export function planSubnets(subnets: readonly SubnetOptions[]): readonly [PlannedSubnet, ...PlannedSubnet[]] {
  if (subnets.length >= SUBNETS_MAX) throw new SubnetsProblem(`a network has at most ${SUBNETS_MAX} subnets`)
  const others = subnets.map(({ kind, canisterRanges }, index) => {
    if (kind !== 'application' && kind !== 'system') {
      throw new SubnetsProblem(`a subnet is of kind application or system, not ${JSON.stringify(kind)}`)
    }
    const ranges = canisterRanges?.map(readRange) ?? [ownRange(index)]
    if (ranges.length === 0 || ranges.length > RANGES_MAX) {
      throw new SubnetsProblem(`a subnet has 1 to ${RANGES_MAX} canister ranges, not ${ranges.length}`)
    }
    return { kind, ranges: ascending(ranges) }
  })
  const rest = complement(ascending(others.flatMap(({ ranges }) => ranges)))
  if (rest.length === 0) throw new SubnetsProblem('the canister ranges leave none to the root subnet')
  const planned = (kind: Subnet['kind'], ranges: readonly Numbers[]): PlannedSubnet => ({
    kind,
    canisterRanges: ranges.map(([first, last]): CanisterRange => [canisterIdOf(first), canisterIdOf(last)]),
  })
  return [planned('application', rest), ...others.map(({ kind, ranges }) => planned(kind, ranges))]
}

function ownRange(index: number): Numbers {
  const first = FIRST_CANISTER_NUMBER + RANGE_SIZE * BigInt(index + 1)
  return [first, first + RANGE_SIZE - 1n]
}

function readRange([first, last]: readonly [string, string]): Numbers {
  const range: Numbers = [readCanisterId(first), readCanisterId(last)]
  if (range[0] > range[1]) throw new SubnetsProblem(`the canister range ${first} to ${last} goes backwards`)
  return range
}

function readCanisterId(text: string): bigint {
  let number: bigint | null = null
  try {
    number = canisterNumberOf(Principal.fromText(text).toUint8Array())
  } catch {
    // Not even a principal: the same problem.
  }
  if (number === null) throw new SubnetsProblem(`${JSON.stringify(text.slice(0, 100))} is no canister id`)
  return number
}

/** @throws SubnetsProblem when two ranges share an id. */
function ascending(ranges: readonly Numbers[]): Numbers[] {
  const sorted = ranges.toSorted(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
  for (const [index, [first]] of sorted.entries()) {
    const before = sorted[index - 1]
    if (before !== undefined && before[1] >= first) {
      throw new SubnetsProblem(`two canister ranges hold ${Principal.fromUint8Array(canisterIdOf(first)).toText()}`)
    }
  }
  return sorted
}

function complement(taken: readonly Numbers[]): Numbers[] {
  const free: Numbers[] = []
  let next = 0n
  for (const [first, last] of taken) {
    if (first > next) free.push([next, first - 1n])
    next = last + 1n
  }
  if (next <= LAST_NUMBER) free.push([next, LAST_NUMBER])
  return free
}

/** @returns null for an id that is no opaque canister id. */
export function canisterNumberOf(canisterId: Uint8Array): bigint | null {
  if (canisterId.length !== 10 || canisterId[8] !== 1 || canisterId[9] !== 1) return null
  return new DataView(canisterId.buffer, canisterId.byteOffset).getBigUint64(0)
}

/** @returns 10 bytes. */
export function canisterIdOf(number: bigint): Uint8Array<ArrayBuffer> {
  const id = new Uint8Array(10)
  new DataView(id.buffer).setBigUint64(0, number)
  id[8] = 1
  id[9] = 1
  return id
}

export const holds = ({ canisterRanges }: PlannedSubnet, canisterId: Uint8Array): boolean =>
  canisterId.length === 10 &&
  canisterRanges.some(
    ([first, last]) => Buffer.compare(first, canisterId) <= 0 && Buffer.compare(canisterId, last) <= 0,
  )

/** @returns undefined for ids that no subnet has, such as the management canister's and those of users. */
export const subnetOf = (topology: Topology, canisterId: Uint8Array): Subnet | undefined =>
  topology.find((subnet) => holds(subnet, canisterId))

/** By its own id. */
export const subnetNamed = (topology: Topology, subnetId: Uint8Array): Subnet | undefined =>
  topology.find(({ id }) => Buffer.compare(id, subnetId) === 0)
