import { computeCyclesPerDay, idleCyclesPerDay } from '../system-api/prices.ts'
import { WASM_PAGE_BYTES } from '../system-api/stable-memory.ts'
import type { Canister, Consumption } from './canister.ts'
import { snapshotBytes } from './snapshot.ts'

// What a canister takes up, and what it has to pay and to keep for that.

/** Bytes of heap, stable memory, code, chunks and snapshots, as the network would charge for them. */
export function memorySizes(canister: Canister): {
  heap: number
  stable: number
  code: number
  customSections: number
  chunks: number
  snapshots: number
} {
  const { instance } = canister
  const prepared = instance?.code.prepared
  return {
    heap: instance?.committedBytes ?? 0,
    stable: (instance?.stable.committedPages ?? 0) * WASM_PAGE_BYTES,
    code: instance?.code.uploadedBytes ?? 0,
    customSections: prepared?.customSections.reduce((sum, { content }) => sum + content.length, 0) ?? 0,
    chunks: [...canister.chunks.values()].reduce((sum, chunk) => sum + chunk.length, 0),
    snapshots: [...canister.snapshots.values()].reduce((sum, snapshot) => sum + snapshotBytes(snapshot), 0),
  }
}

/** Cycles the canister must keep so that it can lie idle for its freezing threshold, were it larger by `moreBytes`. */
export function freezingLimit(canister: Canister, moreBytes = 0): bigint {
  const { memory, compute } = idleBurn(canister, moreBytes)
  return ((memory + compute) * canister.settings.freezingThreshold) / 86_400n
}

/** Cycles a day for memory, used or allocated, and for compute allocation. */
export function idleBurn(canister: Canister, moreBytes = 0): { readonly memory: bigint; readonly compute: bigint } {
  const { heap, stable, code, chunks, snapshots } = memorySizes(canister)
  const used = heap + stable + code + chunks + snapshots + moreBytes
  const memory = Math.max(used, Number(canister.settings.memoryAllocation))
  return { memory: idleCyclesPerDay(memory), compute: computeCyclesPerDay(canister.settings.computeAllocation) }
}

/** Takes cycles the canister is known to have. */
export function spend(canister: Canister, use: keyof Consumption, cycles: bigint): void {
  canister.cycles -= cycles
  canister.consumed[use] += cycles
}

/** Missing cycles for a payment that must leave the freezing limit alone; 0 when there are enough. */
export function missingCycles(canister: Canister, payment: bigint, moreBytes = 0): bigint {
  if (canister.isFrozenOnPurpose) return payment > 0n ? payment : 1n
  const needed = payment + freezingLimit(canister, moreBytes)
  return needed > canister.cycles ? needed - canister.cycles : 0n
}
