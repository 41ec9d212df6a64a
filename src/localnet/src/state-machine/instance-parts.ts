import type { PreparedModule } from '../contracts.ts'
import type { NativeCanister } from '../native/index.ts'
import type { StableChanges } from '../system-api/stable-memory.ts'

export type GlobalValue = number | bigint

/** A prepared module and what V8 made of it. */
export interface Code {
  readonly prepared: PreparedModule
  readonly module: WebAssembly.Module
  /** Of the module as it was uploaded. */
  readonly uploadedBytes: number
  /** Runs in place of the module's own functions; null for every module that is not a placeholder. */
  readonly native: NativeCanister | null
}

/** Uncommitted state taken off an instance, to be put back later: how the callbacks of a composite query see their own writes. */
export interface Changes {
  readonly heapBytes: number
  readonly pages: ReadonlyMap<number, Uint8Array>
  readonly globals: readonly GlobalValue[]
  readonly stable: StableChanges
}
