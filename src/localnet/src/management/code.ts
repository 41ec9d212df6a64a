import { createHash } from 'node:crypto'
import type { Principal } from '@dfinity/principal'
import { type Canister, keyOf, spend } from '../state-machine/canister.ts'
import { EMPTY_REPLY } from '../state-machine/contexts.ts'
import { homeOf } from '../state-machine/homes.ts'
import { installCode as install, type InstallMode, uninstallCode as uninstall } from '../state-machine/install.ts'
import { Refusal } from '../state-machine/rejects.ts'
import { touch, type World } from '../state-machine/world.ts'
import { concat, sha256 } from '../certificates/index.ts'
import { canisterAt, historyOrigin, isController, isSelf, type ManagementCall, notController } from './call.ts'
import {
  type CanisterIdArgs,
  encodeResult,
  type InstallChunkedCodeArgs,
  type InstallCodeArgs,
  type InstallModeValue,
  RESULTS,
  type UninstallCodeArgs,
  type UploadChunkArgs,
} from './candid.ts'

export const CHUNK_BYTES_MAX = 1024 * 1024
export const CHUNKS_MAX = 100
const UPLOAD_CYCLES = 200_000_000n

export function installCode(world: World, call: ManagementCall, args: InstallCodeArgs): Uint8Array {
  installModule(world, call, args.canister_id, args.mode, args.wasm_module, args.arg)
  return EMPTY_REPLY
}

export function installChunkedCode(world: World, call: ManagementCall, args: InstallChunkedCodeArgs): Uint8Array {
  const store = canisterAt(world, args.store_canister[0] ?? args.target_canister)
  if (homeOf(world, store.id) !== homeOf(world, args.target_canister.toUint8Array())) {
    throw new Refusal('IC0408', `The store canister ${store.text} is not on the subnet of the target canister.`)
  }
  if (!isController(store, call.caller) && !isSelf(store, call.caller)) throw notController(store, call.caller)
  const chunks = args.chunk_hashes_list.map(({ hash }) => {
    const chunk = store.chunks.get(keyOf(hash))
    if (chunk === undefined) throw chunkError(`Chunk ${keyOf(hash)} was not found`)
    return chunk
  })
  const module = concat(...chunks)
  const hash = sha256(module)
  if (Buffer.compare(hash, args.wasm_module_hash) !== 0) {
    throw chunkError(`Wasm module hash ${keyOf(hash)} does not match given hash ${keyOf(args.wasm_module_hash)}`)
  }
  installModule(world, call, args.target_canister, args.mode, module, args.arg)
  return EMPTY_REPLY
}

function installModule(
  world: World,
  call: ManagementCall,
  canisterId: Principal,
  mode: InstallModeValue,
  module: Uint8Array,
  arg: Uint8Array,
): void {
  const canister = canisterAt(world, canisterId)
  install(world, canister, { mode: modeOf(mode), module, arg, caller: call.caller, origin: historyOrigin(call) })
}

function modeOf(value: InstallModeValue): InstallMode {
  if ('install' in value) return { kind: 'install' }
  if ('reinstall' in value) return { kind: 'reinstall' }
  const [options] = value.upgrade
  const persistence = options?.wasm_memory_persistence[0]
  return {
    kind: 'upgrade',
    skipPreUpgrade: options?.skip_pre_upgrade[0] ?? false,
    persistence: persistence === undefined ? null : 'keep' in persistence ? 'keep' : 'replace',
  }
}

export function uninstallCode(world: World, call: ManagementCall, args: UninstallCodeArgs): Uint8Array {
  uninstall(world, canisterAt(world, args.canister_id), historyOrigin(call))
  return EMPTY_REPLY
}

export function uploadChunk(world: World, _call: ManagementCall, args: UploadChunkArgs): Uint8Array {
  const canister = canisterAt(world, args.canister_id)
  if (args.chunk.length > CHUNK_BYTES_MAX) {
    throw chunkError(`Wasm chunk size ${args.chunk.length} exceeds the maximum chunk size of ${CHUNK_BYTES_MAX}`)
  }
  const hash = createHash('sha256').update(args.chunk).digest()
  const key = hash.toString('hex')
  if (!canister.chunks.has(key)) {
    if (canister.chunks.size >= CHUNKS_MAX) throw chunkError(`the store already holds ${CHUNKS_MAX} chunks`)
    canister.chunks.set(key, args.chunk.slice())
    canister.unsaved.chunks.add(key)
  }
  spend(canister, 'instructions', UPLOAD_CYCLES < canister.cycles ? UPLOAD_CYCLES : canister.cycles)
  touch(world, canister)
  return encodeResult(RESULTS.ChunkHash, { hash: new Uint8Array(hash) })
}

export function storedChunks(world: World, _call: ManagementCall, args: CanisterIdArgs): Uint8Array {
  const { chunks } = canisterAt(world, args.canister_id)
  const hashes = [...chunks.keys()].map((key) => ({ hash: new Uint8Array(Buffer.from(key, 'hex')) }))
  return encodeResult(RESULTS.ChunkHashes, hashes)
}

export function clearChunkStore(world: World, _call: ManagementCall, args: CanisterIdArgs): Uint8Array {
  const canister: Canister = canisterAt(world, args.canister_id)
  for (const key of canister.chunks.keys()) canister.unsaved.chunks.add(key)
  canister.chunks.clear()
  touch(world, canister)
  return EMPTY_REPLY
}

export const chunkError = (why: string): Refusal => new Refusal('IC0504', `Error from Wasm chunk store: ${why}`)
