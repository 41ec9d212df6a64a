import { Principal } from '@dfinity/principal'
import type { Subnet } from '../contracts.ts'
import { idOf, memorySizes } from '../state-machine/canister.ts'
import { canistersOn, subnetById } from '../state-machine/homes.ts'
import { Refusal } from '../state-machine/rejects.ts'
import { currentTime, type World } from '../state-machine/world.ts'
import type { ManagementCall } from './call.ts'
import { encodeResult, type NodeMetricsHistoryArgs, RESULTS, type SubnetIdArgs } from './candid.ts'

const DAY_NS = 86_400_000_000_000n

/** Ranges of consecutive ids, in order. */
export function listCanisters(world: World, { subnetId }: ManagementCall): Uint8Array {
  const keys = canistersOn(world, subnetById(world, subnetId)).map(({ key }) => key)
  const ranges: { start: string; end: string }[] = []
  for (const key of keys.toSorted()) {
    const last = ranges.at(-1)
    if (last !== undefined && isNext(last.end, key)) last.end = key
    else ranges.push({ start: key, end: key })
  }
  const principal = (key: string) => Principal.fromUint8Array(idOf(key))
  return encodeResult(RESULTS.Canisters, {
    canisters: ranges.map(({ start, end }) => ({ start: principal(start), end: principal(end) })),
  })
}

/** The number of a canister is the first 8 of its 10 bytes. */
const isNext = (key: string, next: string): boolean =>
  BigInt(`0x${next.slice(0, 16)}`) === BigInt(`0x${key.slice(0, 16)}`) + 1n

function ownSubnet(world: World, { subnetId }: ManagementCall, { subnet_id: asked }: SubnetIdArgs): Subnet {
  const own = subnetById(world, subnetId)
  if (Buffer.compare(asked.toUint8Array(), own.id) === 0) return own
  throw new Refusal('IC0404', `Subnet ${asked.toText()} not found`)
}

export function subnetInfo(world: World, call: ManagementCall, args: SubnetIdArgs): Uint8Array {
  ownSubnet(world, call, args)
  return encodeResult(RESULTS.SubnetInfo, { replica_version: 'localnet', registry_version: 1n })
}

/** There are no blocks here: each message counts as one. */
export function subnetMetrics(world: World, call: ManagementCall, args: SubnetIdArgs): Uint8Array {
  const canisters = canistersOn(world, ownSubnet(world, call, args))
  const bytes = (sizes: object) => Object.values(sizes).reduce((sum: number, part: number) => sum + part, 0)
  const consumed = canisters.flatMap(({ consumed: uses }) => Object.values(uses)).reduce((sum, use) => sum + use, 0n)
  return encodeResult(RESULTS.SubnetMetrics, {
    block_height: BigInt(world.nextNumber),
    num_canisters: BigInt(canisters.length),
    canister_state_bytes: BigInt(canisters.reduce((sum, canister) => sum + bytes(memorySizes(canister)), 0)),
    consumed_cycles_total: consumed,
    update_transactions_total: BigInt(world.nextNumber),
  })
}

/** One sample, of today: earlier days are not kept. */
export function nodeMetricsHistory(world: World, call: ManagementCall, args: NodeMetricsHistoryArgs): Uint8Array {
  const nodes = ownSubnet(world, call, args).nodeIds
  const today = (currentTime(world) / DAY_NS) * DAY_NS
  if (nodes.length === 0 || today < args.start_at_timestamp_nanos) return encodeResult(RESULTS.NodeMetrics, [])
  const blocks = BigInt(Math.floor(world.nextNumber / nodes.length))
  return encodeResult(RESULTS.NodeMetrics, [
    {
      timestamp_nanos: today,
      node_metrics: nodes.map((node) => ({
        node_id: Principal.fromUint8Array(node),
        num_blocks_proposed_total: blocks,
        num_block_failures_total: 0n,
      })),
    },
  ])
}
