import { compareBytes } from '@medguard/protocol'
import { atStart } from './boot.ts'
import { host } from './host.ts'

/** Bytes to bytes, point look-ups only: walking a stable map costs as much as all of it that lies before. */
export interface Rows {
  get(key: Uint8Array): Uint8Array | undefined
  has(key: Uint8Array): boolean
  set(key: Uint8Array, value: Uint8Array): void
  delete(key: Uint8Array): void
}
export interface ByteMap extends Rows {
  size(): number
  /** Up to `count` rows from the one on that has `from` rows before it. Costs as much as all of these: see `walkRows`. */
  items(from: number, count: number): [key: Uint8Array, value: Uint8Array][]
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
  const functions = host()
  atStart(() => functions.stableBTreeMapInit(memoryId))
  // Looked up once: a look-up each time costs as much as a tenth of a read.
  const { stableBTreeMapGet, stableBTreeMapContainsKey, stableBTreeMapInsert, stableBTreeMapRemove } = functions
  return {
    get: (key) => stableBTreeMapGet(memoryId, key),
    has: (key) => stableBTreeMapContainsKey(memoryId, key),
    set: (key, value) => void stableBTreeMapInsert(memoryId, key, value),
    delete: (key) => void stableBTreeMapRemove(memoryId, key),
    size: () => functions.stableBTreeMapLen(memoryId),
    items: (from, count) => functions.stableBTreeMapItems(memoryId, from, count),
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
  const sorted = () =>
    [...entries]
      .map(([key, value]): [Uint8Array, Uint8Array] => [
        new Uint8Array(key === '' ? [] : key.split(',').map(Number)),
        value.slice(),
      ])
      .toSorted(([a], [b]) => compareBytes(a, b))
  return {
    get: (key) => entries.get(name(key))?.slice(),
    has: (key) => entries.has(name(key)),
    set: (key, value) => void entries.set(name(key), value.slice()),
    delete: (key) => void entries.delete(name(key)),
    size: () => entries.size,
    entries: sorted,
    items: (from, count) => sorted().slice(from, from + count),
  }
}

/** What each section is a part of. */
const sections = new WeakMap<Rows, { readonly map: Rows; readonly path: readonly number[] }>()

/**
 * The part of a map whose keys begin with `prefix`; keys are given without it. A prefix is for life, as a memory id is. A section of a section
 * costs what a section costs: 5 k instructions more than the map itself.
 *
 * @param prefix 0 to 255.
 */
export function section(rows: Rows, prefix: number): Rows {
  const outer = sections.get(rows)
  const map = outer?.map ?? rows
  const path = [...(outer?.path ?? []), prefix]
  const whole = createKeys(path)
  const own: Rows = {
    get: (key) => map.get(whole(key)),
    has: (key) => map.has(whole(key)),
    set: (key, value) => map.set(whole(key), value),
    delete: (key) => map.delete(whole(key)),
  }
  sections.set(own, { map, path })
  return own
}

/** Keys longer than that are rare enough to be made anew each time. */
const KEPT_KEY_BYTES = 128

/** Puts `path` in front of keys. What it returns is good until its next call: a map copies a key at once, and to make one is dear. */
function createKeys(path: readonly number[]): (key: Uint8Array) => Uint8Array {
  const at = path.length
  const create = (sizeBytes: number) => {
    const whole = new Uint8Array(at + sizeBytes)
    whole.set(path)
    return whole
  }
  const kept: (Uint8Array | null)[] = Array.from({ length: KEPT_KEY_BYTES + 1 }, () => null)
  return (key) => {
    const sizeBytes = key.length
    let whole = kept[sizeBytes]
    if (whole === null || whole === undefined) {
      whole = create(sizeBytes)
      if (sizeBytes <= KEPT_KEY_BYTES) kept[sizeBytes] = whole
    }
    whole.set(key, at)
    return whole
  }
}

/** Eight bytes, big-endian, for keys whose order is that of their numbers. */
export function u64Key(value: bigint): Uint8Array {
  const key = new Uint8Array(8)
  new DataView(key.buffer).setBigUint64(0, value)
  return key
}
