import { compareBytes } from '@medguard/protocol'
import { host, isProbe } from './host.ts'

/** Bytes to bytes, point look-ups only: walking a stable map costs as much as all of it that lies before. */
export interface Rows {
  get(key: Uint8Array): Uint8Array | undefined
  has(key: Uint8Array): boolean
  set(key: Uint8Array, value: Uint8Array): void
  delete(key: Uint8Array): void
}
export interface ByteMap extends Rows {
  size(): number
}

const opened = new Set<number>()

/**
 * Opens the stable map in memory `memoryId`. Ids are for life, and each map takes 8 MiB of stable memory at least: a canister has few maps
 * and divides them with `section`.
 *
 * @param memoryId 0 to 253.
 * @throws Error for an id out of range or opened before.
 */
export function openMap(memoryId: number): ByteMap {
  if (!Number.isInteger(memoryId) || memoryId < 0 || memoryId > 253) throw new Error('a memory id is 0 to 253')
  if (opened.has(memoryId)) throw new Error(`memory ${memoryId} is open already`)
  opened.add(memoryId)
  if (!isProbe()) host().stableBTreeMapInit(memoryId)
  return {
    get: (key) => host().stableBTreeMapGet(memoryId, key),
    has: (key) => host().stableBTreeMapContainsKey(memoryId, key),
    set: (key, value) => void host().stableBTreeMapInsert(memoryId, key, value),
    delete: (key) => void host().stableBTreeMapRemove(memoryId, key),
    size: () => host().stableBTreeMapLen(memoryId),
  }
}

/** The same map in the memory of a test, which may also look at all of it. */
export interface MemoryMap extends ByteMap {
  /** In the order of their keys. */
  entries(): [key: Uint8Array, value: Uint8Array][]
}

export function memoryMap(): MemoryMap {
  const entries = new Map<string, Uint8Array>()
  const name = (key: Uint8Array) => key.join()
  return {
    get: (key) => entries.get(name(key))?.slice(),
    has: (key) => entries.has(name(key)),
    set: (key, value) => void entries.set(name(key), value.slice()),
    delete: (key) => void entries.delete(name(key)),
    size: () => entries.size,
    entries: () =>
      [...entries]
        .map(([key, value]): [Uint8Array, Uint8Array] => [new Uint8Array(key.split(',').map(Number)), value.slice()])
        .toSorted(([a], [b]) => compareBytes(a, b)),
  }
}

/** The part of a map whose keys begin with `prefix`; keys are given without it. A prefix is for life, as a memory id is. */
export function section(rows: Rows, prefix: number): Rows {
  const prefixed = (key: Uint8Array) => {
    const whole = new Uint8Array(key.length + 1)
    whole[0] = prefix
    whole.set(key, 1)
    return whole
  }
  return {
    get: (key) => rows.get(prefixed(key)),
    has: (key) => rows.has(prefixed(key)),
    set: (key, value) => rows.set(prefixed(key), value),
    delete: (key) => rows.delete(prefixed(key)),
  }
}

/** Eight bytes, big-endian, for keys whose order is that of their numbers. */
export function u64Key(value: bigint): Uint8Array {
  const key = new Uint8Array(8)
  new DataView(key.buffer).setBigUint64(0, value)
  return key
}
