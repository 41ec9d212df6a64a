import { createHash } from 'node:crypto'
import { keyOf, type TypedGlobal } from '../state-machine/canister.ts'
import { EMPTY_REPLY } from '../state-machine/contexts.ts'
import { Refusal } from '../state-machine/rejects.ts'
import { newSnapshot, type Snapshot, snapshotBytes, snapshotId } from '../state-machine/snapshot.ts'
import { addSnapshot, snapshotModule } from '../state-machine/snapshots.ts'
import type { SparseBytes } from '../state-machine/sparse-bytes.ts'
import { nextTime, touch, type World } from '../state-machine/world.ts'
import { snapshotDataCycles } from '../system-api/prices.ts'
import { WASM_PAGE_BYTES } from '../system-api/stable-memory.ts'
import { canisterAt, type ManagementCall } from './call.ts'
import {
  encodeResult,
  type GlobalVariant,
  type LowMemoryHookValue,
  type ReadSnapshotDataArgs,
  RESULTS,
  type SliceValue,
  type SnapshotIdArgs,
  type UploadSnapshotDataArgs,
  type UploadSnapshotMetadataArgs,
} from './candid.ts'
import { CHUNK_BYTES_MAX, CHUNKS_MAX, chunkError } from './code.ts'
import { sourceValue } from './inspection.ts'
import { pay, replacedBy, requireRoom, snapshotOf } from './snapshots.ts'

const SLICE_BYTES_MAX = 2_000_000
const MODULE_BYTES_MAX = 100 * 1024 * 1024
const HEAP_BYTES_MAX = 4 * 1024 ** 3
const STABLE_BYTES_MAX = 500 * 1024 ** 3
const CERTIFIED_DATA_BYTES_MAX = 32
const GLOBALS_MAX = 1000

const LOW_MEMORY = { no: 'condition_not_satisfied', due: 'ready', told: 'executed' } as const

export function readSnapshotMetadata(world: World, _call: ManagementCall, args: SnapshotIdArgs): Uint8Array {
  const canister = canisterAt(world, args.canister_id)
  const snapshot = snapshotOf(canister, args.snapshot_id)
  pay(world, canister, snapshotDataCycles(0))
  const { globalTimerNs, lowMemory } = snapshot
  return encodeResult(RESULTS.SnapshotMetadata, {
    source: sourceValue(snapshot.source),
    taken_at_timestamp: snapshot.takenNs,
    wasm_module_size: BigInt(snapshot.moduleBytes),
    globals: snapshot.globals.map(({ type, value }) => ({ [type]: value })),
    wasm_memory_size: BigInt(snapshot.heapBytes),
    stable_memory_size: BigInt(snapshot.stable.length),
    wasm_chunk_store: [...snapshot.chunks.keys()].map((hash) => ({ hash: new Uint8Array(Buffer.from(hash, 'hex')) })),
    canister_version: snapshot.version,
    certified_data: snapshot.certifiedData,
    global_timer: globalTimerNs === null ? [] : [globalTimerNs === 0n ? { inactive: null } : { active: globalTimerNs }],
    on_low_wasm_memory_hook_status: lowMemory === null ? [] : [{ [LOW_MEMORY[lowMemory]]: null }],
  })
}

export function readSnapshotData(world: World, _call: ManagementCall, args: ReadSnapshotDataArgs): Uint8Array {
  const canister = canisterAt(world, args.canister_id)
  const snapshot = snapshotOf(canister, args.snapshot_id)
  const chunk = dataOf(world, snapshot, args.kind)
  pay(world, canister, snapshotDataCycles(chunk.length))
  return encodeResult(RESULTS.SnapshotData, { chunk })
}

function dataOf(world: World, snapshot: Snapshot, kind: ReadSnapshotDataArgs['kind']): Uint8Array {
  if ('wasm_chunk' in kind) {
    const chunk = snapshot.chunks.get(keyOf(kind.wasm_chunk.hash))
    if (chunk === undefined) throw chunkError(`Chunk ${keyOf(kind.wasm_chunk.hash)} was not found`)
    return chunk
  }
  if ('wasm_module' in kind) {
    const [from, size] = slice(kind.wasm_module, snapshot.moduleBytes)
    return snapshotModule(world, snapshot).slice(from, from + size)
  }
  const [memory, asked] =
    'wasm_memory' in kind ? [snapshot.heap, kind.wasm_memory] : [snapshot.stable, kind.stable_memory]
  return memory.read(...slice(asked, memory.length))
}

/** @throws Refusal (IC0408) beyond `length` or for more than one answer holds. */
function slice({ offset, size }: SliceValue, length: number): [from: number, size: number] {
  if (size > BigInt(SLICE_BYTES_MAX)) {
    throw new Refusal('IC0408', `Requested slice too large: ${size} > ${SLICE_BYTES_MAX}`)
  }
  if (offset + size > BigInt(length)) throw invalidSlice(offset, size)
  return [Number(offset), Number(size)]
}

const invalidSlice = (offset: bigint, size: bigint): Refusal =>
  new Refusal(
    'IC0408',
    `Invalid subslice into wasm module / main memory / stable memory: offset: ${offset}, size: ${size}`,
  )

export function uploadSnapshotMetadata(
  world: World,
  _call: ManagementCall,
  args: UploadSnapshotMetadataArgs,
): Uint8Array {
  const canister = canisterAt(world, args.canister_id)
  const replaced = replacedBy(canister, args.replace_snapshot[0])
  checkMetadata(args)
  const [timer] = args.global_timer
  const [hook] = args.on_low_wasm_memory_hook_status
  const snapshot = newSnapshot({
    number: canister.snapshotsMade,
    takenNs: nextTime(world),
    version: canister.version,
    source: 'uploaded',
    moduleHash: null,
    moduleBytes: Number(args.wasm_module_size),
    globals: args.globals.map(typedGlobal),
    heapBytes: Number(args.wasm_memory_size),
    stablePages: Number(args.stable_memory_size) / WASM_PAGE_BYTES,
    certifiedData: args.certified_data,
    globalTimerNs: timer === undefined ? null : 'active' in timer ? timer.active : 0n,
    lowMemory: hook === undefined ? null : lowMemoryOf(hook),
  })
  const bytes = snapshotBytes(snapshot)
  requireRoom(canister, bytes, replaced)
  pay(world, canister, snapshotDataCycles(0))
  addSnapshot(world, canister, snapshot, replaced)
  return encodeResult(RESULTS.NewSnapshotId, { snapshot_id: snapshotId(canister.id, snapshot.number) })
}

function checkMetadata(args: UploadSnapshotMetadataArgs): void {
  const refuse = (why: string) => new Refusal('IC0504', `Could not validate the settings: ${why}`)
  const pageBytes = BigInt(WASM_PAGE_BYTES)
  if (args.wasm_module_size > BigInt(MODULE_BYTES_MAX)) throw refuse(`wasm_module_size is over ${MODULE_BYTES_MAX}`)
  if (args.wasm_memory_size > BigInt(HEAP_BYTES_MAX)) throw refuse(`wasm_memory_size is over ${HEAP_BYTES_MAX}`)
  if (args.stable_memory_size > BigInt(STABLE_BYTES_MAX)) {
    throw refuse(`stable_memory_size is over ${STABLE_BYTES_MAX}`)
  }
  if (args.wasm_memory_size % pageBytes !== 0n || args.stable_memory_size % pageBytes !== 0n) {
    throw refuse(`memory sizes are multiples of ${WASM_PAGE_BYTES}`)
  }
  if (args.certified_data.length > CERTIFIED_DATA_BYTES_MAX) {
    throw refuse(`certified_data has more than ${CERTIFIED_DATA_BYTES_MAX} bytes`)
  }
  if (args.globals.length > GLOBALS_MAX) throw refuse(`there are more than ${GLOBALS_MAX} globals`)
}

function typedGlobal(value: GlobalVariant): TypedGlobal {
  if ('i32' in value) return { type: 'i32', value: value.i32 }
  if ('i64' in value) return { type: 'i64', value: value.i64 }
  if ('f32' in value) return { type: 'f32', value: value.f32 }
  if ('f64' in value) return { type: 'f64', value: value.f64 }
  throw new Refusal('IC0504', 'Could not validate the settings: a global is a v128, which is not kept between messages')
}

function lowMemoryOf(hook: LowMemoryHookValue): 'no' | 'due' | 'told' {
  if ('ready' in hook) return 'due'
  return 'executed' in hook ? 'told' : 'no'
}

export function uploadSnapshotData(world: World, _call: ManagementCall, args: UploadSnapshotDataArgs): Uint8Array {
  const canister = canisterAt(world, args.canister_id)
  const snapshot = snapshotOf(canister, args.snapshot_id)
  if (snapshot.source !== 'uploaded') {
    throw new Refusal('IC0409', 'Only canister snapshots created by metadata upload can be mutated.')
  }
  const { kind, chunk } = args
  const stored = (part: string, bytes: Uint8Array) =>
    canister.unsaved.snapshots.set(`${snapshot.number}/${part}`, bytes)
  if ('wasm_chunk' in kind) {
    const key = createHash('sha256').update(chunk).digest('hex')
    if (chunk.length > CHUNK_BYTES_MAX)
      throw chunkError(`Wasm chunk size ${chunk.length} exceeds the maximum chunk size of ${CHUNK_BYTES_MAX}`)
    const isNew = !snapshot.chunks.has(key)
    if (isNew && snapshot.chunks.size >= CHUNKS_MAX) throw chunkError(`the store already holds ${CHUNKS_MAX} chunks`)
    if (isNew) requireRoom(canister, chunk.length, null)
    pay(world, canister, snapshotDataCycles(chunk.length))
    if (isNew) {
      snapshot.chunks.set(key, chunk.slice())
      snapshot.chunkBytes += chunk.length
      stored(`chunk/${key}`, chunk.slice())
    }
    return EMPTY_REPLY
  }
  const [name, memory, offset] = place(snapshot, kind)
  if (offset + BigInt(chunk.length) > BigInt(memory.length)) throw invalidSlice(offset, BigInt(chunk.length))
  pay(world, canister, snapshotDataCycles(chunk.length))
  for (const page of memory.write(Number(offset), chunk)) {
    const bytes = memory.pages.get(page)
    if (bytes !== undefined) stored(`${name}/${page}`, bytes)
  }
  touch(world, canister)
  return EMPTY_REPLY
}

function place(
  snapshot: Snapshot,
  kind: Exclude<UploadSnapshotDataArgs['kind'], { wasm_chunk: null }>,
): readonly [name: string, memory: SparseBytes, offset: bigint] {
  if ('wasm_module' in kind) return ['module', snapshot.module, kind.wasm_module.offset]
  if ('wasm_memory' in kind) return ['heap', snapshot.heap, kind.wasm_memory.offset]
  return ['stable', snapshot.stable, kind.stable_memory.offset]
}
