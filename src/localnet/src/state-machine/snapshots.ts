import { InvalidModule } from '../contracts.ts'
import { trapOf } from '../system-api/execution-trap.ts'
import { StableMemory } from '../system-api/stable-memory.ts'
import { addHistory, type Canister, type HistoryEntry } from './canister.ts'
import { dropUnusedModules, forgetMemory } from './install.ts'
import { type Code, Instance } from './instance.ts'
import { Refusal } from './rejects.ts'
import { newSnapshot, type Snapshot, snapshotId } from './snapshot.ts'
import { codeOf, nextTime, touchFacts, type World } from './world.ts'

/** Notes the state of a canister that has code; nothing is added to it yet. Stable memory is shared page by page, the heap copied. */
export function captureSnapshot(world: World, canister: Canister, instance: Instance): Snapshot {
  const { prepared } = instance.code
  const moduleHash = Buffer.from(prepared.moduleHash).toString('hex')
  const globals = prepared.persistentGlobals.map(({ type }, index) => ({
    type,
    value: instance.committedGlobals[index] ?? 0,
  }))
  const heap = instance.storedPages().flatMap((page) => {
    const bytes = instance.storedPage(page)
    return bytes === null ? [] : [[page, bytes] as const]
  })
  return newSnapshot(
    {
      number: canister.snapshotsMade,
      takenNs: nextTime(world),
      version: canister.version,
      source: 'taken',
      moduleHash,
      moduleBytes: world.modules.get(moduleHash)?.uploaded.length ?? 0,
      globals,
      heapBytes: instance.committedBytes,
      stablePages: instance.stable.committedPages,
      certifiedData: canister.certifiedData,
      globalTimerNs: canister.globalTimerNs,
      lowMemory: canister.lowMemory,
    },
    { heap, stable: instance.stable.blocks },
    canister.chunks,
  )
}

/** Adds a snapshot, in place of another if one is named. */
export function addSnapshot(world: World, canister: Canister, snapshot: Snapshot, replaced: Snapshot | null): void {
  if (replaced !== null) removeSnapshot(world, canister, replaced)
  canister.snapshotsMade = snapshot.number + 1
  canister.snapshots.set(snapshot.number, snapshot)
  canister.unsaved.snapshots.set(`${snapshot.number}/record`, null)
  for (const [key, bytes] of storedParts(snapshot)) canister.unsaved.snapshots.set(key, bytes)
  touchFacts(world, canister)
}

export function removeSnapshot(world: World, canister: Canister, snapshot: Snapshot): void {
  canister.snapshots.delete(snapshot.number)
  for (const [key] of storedParts(snapshot)) canister.unsaved.snapshots.set(key, null)
  canister.unsaved.snapshots.set(`${snapshot.number}/record`, null)
  touchFacts(world, canister)
  dropUnusedModules(world)
}

/** The names under which the large parts of a snapshot are stored, and those parts. */
function* storedParts(snapshot: Snapshot): Generator<readonly [key: string, bytes: Uint8Array]> {
  for (const name of ['module', 'heap', 'stable'] as const) {
    for (const [page, bytes] of snapshot[name].pages) yield [`${snapshot.number}/${name}/${page}`, bytes]
  }
  for (const [hash, chunk] of snapshot.chunks) yield [`${snapshot.number}/chunk/${hash}`, chunk]
}

/** The module as it was uploaded. */
export const snapshotModule = (world: World, snapshot: Snapshot): Uint8Array =>
  snapshot.moduleHash === null
    ? snapshot.module.read(0, snapshot.moduleBytes)
    : (world.modules.get(snapshot.moduleHash)?.uploaded ?? new Uint8Array(0))

/**
 * Puts a snapshot in place of a canister's state; open calls stay as they are.
 *
 * @param owner whose snapshot it is.
 * @throws Refusal for an uploaded snapshot that is no state of its module; nothing has changed then.
 */
export function loadSnapshot(
  world: World,
  canister: Canister,
  owner: Canister,
  snapshot: Snapshot,
  origin: HistoryEntry['origin'],
): void {
  const instance = instanceFrom(world, canister, snapshot)
  forgetMemory(canister)
  for (const page of snapshot.heap.pages.keys()) canister.unsaved.heap.add(page)
  for (const block of snapshot.stable.pages.keys()) canister.unsaved.stable.add(block)
  for (const hash of [...canister.chunks.keys(), ...snapshot.chunks.keys()]) canister.unsaved.chunks.add(hash)
  canister.instance = instance
  canister.chunks.clear()
  for (const [hash, chunk] of snapshot.chunks) canister.chunks.set(hash, chunk)
  canister.certifiedData = snapshot.certifiedData
  if (snapshot.globalTimerNs !== null) canister.globalTimerNs = snapshot.globalTimerNs
  if (snapshot.lowMemory !== null) canister.lowMemory = snapshot.lowMemory
  canister.version += 1n
  canister.lastInstalledNs = nextTime(world)
  addHistory(canister, {
    timestampNs: canister.lastInstalledNs,
    version: canister.version,
    origin,
    details: {
      kind: 'loadSnapshot',
      fromCanister: owner === canister ? null : owner.id,
      snapshotId: snapshotId(owner.id, snapshot.number),
      version: snapshot.version,
      takenNs: snapshot.takenNs,
      source: snapshot.source,
    },
  })
  touchFacts(world, canister)
  dropUnusedModules(world)
}

function instanceFrom(world: World, canister: Canister, snapshot: Snapshot): Instance {
  let code: Code
  try {
    code = codeOf(world, snapshotModule(world, snapshot)).code
  } catch (error) {
    if (!(error instanceof InvalidModule)) throw error
    throw new Refusal(
      'IC0505',
      `Error from Canister ${canister.text}: Canister's Wasm module is not valid: ${error.message}`,
    )
  }
  try {
    return restored(code, snapshot)
  } catch (error) {
    dropUnusedModules(world)
    throw error
  }
}

const inconsistent = (why: string): Refusal => new Refusal('IC0408', `The snapshot is inconsistent: ${why}`)

function restored(code: Code, snapshot: Snapshot): Instance {
  const wanted = code.prepared.persistentGlobals
  const fit =
    wanted.length === snapshot.globals.length &&
    wanted.every(({ type }, index) => snapshot.globals[index]?.type === type)
  if (!fit) throw inconsistent('its globals are not those of its module')
  const stable = new StableMemory()
  stable.restore(snapshot.stablePages, snapshot.stable.pages)
  let instance: Instance
  try {
    instance = new Instance(code, stable)
  } catch (error) {
    throw inconsistent(trapOf(error, false).message)
  }
  if (instance.heapBytes > snapshot.heapBytes) throw inconsistent('its heap is smaller than its module declares')
  try {
    instance.restore(
      snapshot.heapBytes,
      snapshot.heap.pages,
      snapshot.globals.map(({ value }) => value),
    )
  } catch (error) {
    if (error instanceof RangeError) throw inconsistent('its heap is larger than its module allows')
    throw error
  }
  if (instance.heapBytes !== snapshot.heapBytes) throw inconsistent('its heap is larger than its module allows')
  return instance
}
