import { type Canister, idOf, keyOf, missingCycles, spend } from '../state-machine/canister.ts'
import { EMPTY_REPLY } from '../state-machine/contexts.ts'
import { uninstallCode } from '../state-machine/install.ts'
import { principalText, Refusal } from '../state-machine/rejects.ts'
import { type Snapshot, snapshotBytes, snapshotId } from '../state-machine/snapshot.ts'
import { addSnapshot, captureSnapshot, loadSnapshot as load, removeSnapshot } from '../state-machine/snapshots.ts'
import { touch, type World } from '../state-machine/world.ts'
import { snapshotCycles } from '../system-api/prices.ts'
import { canisterAt, historyOrigin, isController, type ManagementCall } from './call.ts'
import {
  type CanisterIdArgs,
  encodeResult,
  RESULTS,
  type SenderVersion,
  type SnapshotIdArgs,
  type TakeSnapshotArgs,
} from './candid.ts'

const SNAPSHOTS_MAX = 10

export function takeSnapshot(world: World, call: ManagementCall, args: TakeSnapshotArgs): Uint8Array {
  const canister = canisterAt(world, args.canister_id)
  const replaced = replacedBy(canister, args.replace_snapshot[0])
  if (canister.instance === null) {
    throw new Refusal('IC0406', `Failed to create snapshot for empty canister ${canister.text}`)
  }
  const snapshot = captureSnapshot(world, canister, canister.instance)
  const bytes = snapshotBytes(snapshot)
  requireRoom(canister, bytes, replaced)
  pay(world, canister, snapshotCycles(bytes))
  addSnapshot(world, canister, snapshot, replaced)
  if (args.uninstall_code[0] === true) uninstallCode(world, canister, historyOrigin(call))
  return encodeResult(RESULTS.Snapshot, snapshotValue(canister, snapshot))
}

export function loadSnapshot(world: World, call: ManagementCall, args: SnapshotIdArgs & SenderVersion): Uint8Array {
  const canister = canisterAt(world, args.canister_id)
  const { owner, snapshot } = anyonesSnapshot(world, canister, args.snapshot_id)
  if (owner !== canister && !isController(owner, call.caller)) {
    throw new Refusal(
      'IC0406',
      `Only a controller of the canister that snapshot ${keyOf(args.snapshot_id)} belongs to can load it on canister ${canister.text}. Sender: ${principalText(call.caller)}.`,
    )
  }
  const bytes = snapshotBytes(snapshot)
  pay(world, canister, snapshotCycles(bytes))
  load(world, canister, owner, snapshot, historyOrigin(call))
  return EMPTY_REPLY
}

export function listSnapshots(world: World, _call: ManagementCall, args: CanisterIdArgs): Uint8Array {
  const canister = canisterAt(world, args.canister_id)
  return encodeResult(
    RESULTS.Snapshots,
    [...canister.snapshots.values()].map((snapshot) => snapshotValue(canister, snapshot)),
  )
}

export function deleteSnapshot(world: World, _call: ManagementCall, args: SnapshotIdArgs): Uint8Array {
  const canister = canisterAt(world, args.canister_id)
  removeSnapshot(world, canister, snapshotOf(canister, args.snapshot_id))
  return EMPTY_REPLY
}

const snapshotValue = (canister: Canister, snapshot: Snapshot): object => ({
  id: snapshotId(canister.id, snapshot.number),
  taken_at_timestamp: snapshot.takenNs,
  total_size: BigInt(snapshotBytes(snapshot)),
})

/** @throws Refusal (IC0305, or IC0406 for a snapshot of another canister) */
export function snapshotOf(canister: Canister, id: Uint8Array): Snapshot {
  const { owner, number } = parsed(id)
  if (owner !== canister.key && number !== null) {
    throw new Refusal('IC0406', `The snapshot ${keyOf(id)} does not belong to canister ${canister.text}.`)
  }
  const snapshot = number === null ? undefined : canister.snapshots.get(number)
  if (snapshot === undefined) throw notFound(canister, id)
  return snapshot
}

function anyonesSnapshot(world: World, canister: Canister, id: Uint8Array): { owner: Canister; snapshot: Snapshot } {
  const { owner: key, number } = parsed(id)
  const owner = world.canisters.get(key)
  const snapshot = number === null ? undefined : owner?.snapshots.get(number)
  if (owner === undefined || snapshot === undefined) throw notFound(canister, id)
  return { owner, snapshot }
}

const notFound = (canister: Canister, id: Uint8Array): Refusal =>
  new Refusal('IC0305', `Could not find the snapshot ID ${keyOf(id)} for canister ${canister.text}.`)

/** Number and canister of a snapshot's id, which is anybody's bytes; the number is null for what can be none. */
function parsed(id: Uint8Array): { readonly owner: string; readonly number: number | null } {
  if (id.length < 8) return { owner: keyOf(idOf('')), number: null }
  const number = new DataView(id.buffer, id.byteOffset, 8).getBigUint64(0)
  return {
    owner: keyOf(id.subarray(8)),
    number: number <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(number) : null,
  }
}

/** The snapshot that makes room for a new one. @throws Refusal where there is no room */
export function replacedBy(canister: Canister, id: Uint8Array | undefined): Snapshot | null {
  if (id !== undefined) return snapshotOf(canister, id)
  if (canister.snapshots.size < SNAPSHOTS_MAX) return null
  throw new Refusal(
    'IC0406',
    `Canister ${canister.text} has reached the maximum number of snapshots allowed: ${SNAPSHOTS_MAX}.`,
  )
}

/** @throws Refusal (IC0532) where the canister would be frozen by what it has to store. */
export function requireRoom(canister: Canister, bytes: number, replaced: Snapshot | null): void {
  const more = bytes - (replaced === null ? 0 : snapshotBytes(replaced))
  const missing = more > 0 ? missingCycles(canister, 0n, more) : 0n
  if (missing === 0n) return
  throw new Refusal(
    'IC0532',
    `Canister cannot grow memory by ${more} bytes due to insufficient cycles. At least ${missing} additional cycles are required.`,
  )
}

/** @throws Refusal (IC0207) */
export function pay(world: World, canister: Canister, cycles: bigint): void {
  const missing = missingCycles(canister, cycles)
  if (missing > 0n) {
    throw new Refusal(
      'IC0207',
      `Canister snapshotting failed with: \`Canister ${canister.text} is out of cycles: please top up the canister with at least ${missing} additional cycles\``,
    )
  }
  spend(canister, 'instructions', cycles)
  touch(world, canister)
}
