import { compareBytes } from '@medguard/protocol'
import type { HostFunctions } from 'azle'
import { atStart } from './boot.ts'
import { host } from './host.ts'
import { isSpliced, scratch } from './native.ts'
import {
  COMMAND_AT,
  KEY_AT,
  KEY_BYTES_MAX,
  MEMORY_AT,
  OPERATION,
  SIZE_AT,
  VALUE_AT,
  VALUE_BYTES_MAX,
} from './native-layout.ts'

/** Bytes to bytes, point look-ups only: walking a stable map costs as much as all of it that lies before. */
export interface Rows {
  get(key: Uint8Array): Uint8Array | undefined
  has(key: Uint8Array): boolean
  set(key: Uint8Array, value: Uint8Array): void
  /** As `set`, at a third of its cost where there is a value already; dearer where there is none. */
  overwrite(key: Uint8Array, value: Uint8Array): void
  delete(key: Uint8Array): void
}
export interface ByteMap extends Rows {
  size(): number
  /** Up to `count` rows from the one on that has `from` rows before it. Costs as much as all of these: see `walkRows`. */
  items(from: number, count: number): [key: Uint8Array, value: Uint8Array][]
}

/**
 * How often any map was written to in this life of the heap. The same number again means that all that was read meanwhile is as it was: a trap takes back both, and no
 * message outlives the upgrade that begins another life.
 */
let writes = 0
export const writesSoFar = (): number => writes

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
  const map: ByteMap = {
    get(key) {
      const sizeBytes = isSpliced ? lookUp(memoryId, NOTHING, key) : LEFT_TO_HOST
      if (sizeBytes >= 0) return scratch.slice(VALUE_AT, VALUE_AT + sizeBytes)
      return sizeBytes === NO_ROW ? undefined : stableBTreeMapGet(memoryId, key)
    },
    has(key) {
      const sizeBytes = isSpliced ? lookUp(memoryId, NOTHING, key) : LEFT_TO_HOST
      return sizeBytes === LEFT_TO_HOST ? stableBTreeMapContainsKey(memoryId, key) : sizeBytes >= 0
    },
    set(key, value) {
      writes++
      stableBTreeMapInsert(memoryId, key, value)
    },
    overwrite(key, value) {
      writes++
      if (!isSpliced || key.length > KEY_BYTES_MAX || !putOver(memoryId, key, value))
        stableBTreeMapInsert(memoryId, key, value)
    },
    delete(key) {
      writes++
      stableBTreeMapRemove(memoryId, key)
    },
    size: () => functions.stableBTreeMapLen(memoryId),
    items: (from, count) => functions.stableBTreeMapItems(memoryId, from, count),
  }
  memories.set(map, memoryId)
  return map
}
/** Which memory rows are in that are a whole map. */
const memories = new WeakMap<Rows, number>()

/** What `lookUp` answers besides a length. */
const NO_ROW = -1
const LEFT_TO_HOST = -2
const NOTHING = new Uint8Array(0)
const COMMAND_WORD = COMMAND_AT / 4
const answered = new Int32Array(scratch.buffer)
/** As `runNative`, each call of which would cost a tenth of a look-up. */
let command: HostFunctions['certifiedDataSet'] | null = null

/**
 * The native way to a row, at half of what the host takes. The value is in the scratch until the next command.
 *
 * @param front what stands in front of the key.
 * @returns its length, `NO_ROW`, or `LEFT_TO_HOST` for a key or value that is too long.
 */
function lookUp(memoryId: number, front: Uint8Array, key: Uint8Array): number {
  const frontBytes = front.length
  const keyBytes = frontBytes + key.length
  if (keyBytes > KEY_BYTES_MAX) return LEFT_TO_HOST
  if (frontBytes > 0) scratch.set(front, KEY_AT)
  scratch.set(key, KEY_AT + frontBytes)
  scratch[MEMORY_AT] = memoryId
  answered[COMMAND_WORD] = keyBytes * 16 + OPERATION.lookUp
  command ??= host().certifiedDataSet
  command(scratch)
  return answered[0] as number
}

/** @returns false where there is no value, or no room for another. */
function putOver(memoryId: number, key: Uint8Array, value: Uint8Array): boolean {
  const sizeBytes = value.length
  if (sizeBytes > VALUE_BYTES_MAX - 4) return false
  scratch.set(key, KEY_AT)
  scratch.set(value, VALUE_AT + 4)
  scratch[MEMORY_AT] = memoryId
  answered[SIZE_AT / 4] = sizeBytes
  answered[COMMAND_WORD] = key.length * 16 + OPERATION.overwrite
  command ??= host().certifiedDataSet
  command(scratch)
  return answered[0] === sizeBytes
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
    overwrite: (key, value) => void entries.set(name(key), value.slice()),
    delete: (key) => void entries.delete(name(key)),
    size: () => entries.size,
    entries: sorted,
    items: (from, count) => sorted().slice(from, from + count),
  }
}

/** The same rows, and `wrote` hears after each write to a section that matters. What does is asked here: to ask at each write costs as much as a third of one. */
export function watchWrites(rows: Rows, matters: (section: number) => boolean, wrote: () => void): Rows {
  const heard = Uint8Array.from({ length: 256 }, (_, part) => (matters(part) ? 1 : 0))
  // The section is read first: a key is a buffer in which `wrote` may make the next one.
  const watched: Rows = {
    get: (key) => rows.get(key),
    has: (key) => rows.has(key),
    set(key, value) {
      const isHeard = heard[key[0] as number]
      rows.set(key, value)
      if (isHeard === 1) wrote()
    },
    overwrite(key, value) {
      const isHeard = heard[key[0] as number]
      rows.overwrite(key, value)
      if (isHeard === 1) wrote()
    },
    delete(key) {
      const isHeard = heard[key[0] as number]
      rows.delete(key)
      if (isHeard === 1) wrote()
    },
  }
  const memoryId = memories.get(rows)
  if (memoryId !== undefined) memories.set(watched, memoryId)
  return watched
}

/**
 * The same rows, with a count of what is written to those sections that matter to somebody: where it is as it was, so is all that was read there. A trap takes back both,
 * and no flow outlives the upgrade that begins another life of the heap.
 */
export function countWrites(
  rows: Rows,
  matters: (section: number) => boolean,
): { readonly rows: Rows; readonly written: () => number } {
  let written = 0
  const counted = watchWrites(rows, matters, () => void written++)
  return { rows: counted, written: () => written }
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
  const outer = pathOf(rows)
  const { map } = outer
  const path = [...outer.path, prefix]
  const whole = createKeys(path)
  const front = Uint8Array.from(path)
  const memoryId = isSpliced ? memories.get(map) : undefined
  const own: Rows = {
    get(key) {
      // Past the buffer for whole keys, and the map's own function.
      const sizeBytes = memoryId === undefined ? LEFT_TO_HOST : lookUp(memoryId, front, key)
      if (sizeBytes >= 0) return scratch.slice(VALUE_AT, VALUE_AT + sizeBytes)
      return sizeBytes === NO_ROW ? undefined : map.get(whole(key))
    },
    has(key) {
      const sizeBytes = memoryId === undefined ? LEFT_TO_HOST : lookUp(memoryId, front, key)
      return sizeBytes === LEFT_TO_HOST ? map.has(whole(key)) : sizeBytes >= 0
    },
    set: (key, value) => map.set(whole(key), value),
    overwrite: (key, value) => map.overwrite(whole(key), value),
    delete: (key) => map.delete(whole(key)),
  }
  sections.set(own, { map, path })
  return own
}

/** The map that rows are in, and what is in front of their keys there. */
function pathOf(rows: Rows): { readonly map: Rows; readonly path: readonly number[] } {
  return sections.get(rows) ?? { map: rows, path: [] }
}

/** Longer keys are rare enough to be made anew each time. */
const KEPT_KEY_BYTES = 160
/**
 * A buffer for each length of whole keys, with a view on it. One serves all sections, since a map copies a key at once; made while the module loads,
 * since a query would forget it. To make a key costs twice as much as to fill one.
 */
const KEYS = Array.from({ length: KEPT_KEY_BYTES + 1 }, (_, sizeBytes) => createKey(sizeBytes))

interface KeyBuffer {
  readonly bytes: Uint8Array
  readonly view: DataView
}
function createKey(sizeBytes: number): KeyBuffer {
  const bytes = new Uint8Array(sizeBytes)
  return { bytes, view: new DataView(bytes.buffer) }
}

/** Puts `path` in front of keys. What it returns is good until the next key is made. */
function createKeys(path: readonly number[]): (key: Uint8Array) => Uint8Array {
  const front = Uint8Array.from(path)
  const at = front.length
  return (key) => {
    const whole = (KEYS[at + key.length] ?? createKey(at + key.length)).bytes
    whole.set(front)
    whole.set(key, at)
    return whole
  }
}

/** Rows under `name || number(4)`, big-endian. Two names of different length never make one key, since the keys' lengths differ too. */
export interface NumberedRows {
  /** @param number 0 to 2^32 - 1. */
  get(name: Uint8Array, number: number): Uint8Array | undefined
  set(name: Uint8Array, number: number, value: Uint8Array): void
  delete(name: Uint8Array, number: number): void
}
export function numberedSection(rows: Rows, prefix: number): NumberedRows {
  const { map, path } = pathOf(rows)
  const front = Uint8Array.of(...path, prefix)
  const at = front.length
  const keyOf = (name: Uint8Array, number: number): Uint8Array => {
    const nameEnd = at + name.length
    const { bytes, view } = KEYS[nameEnd + 4] ?? createKey(nameEnd + 4)
    bytes.set(front)
    bytes.set(name, at)
    view.setUint32(nameEnd, number)
    return bytes
  }
  return {
    get: (name, number) => map.get(keyOf(name, number)),
    set: (name, number, value) => map.set(keyOf(name, number), value),
    delete: (name, number) => map.delete(keyOf(name, number)),
  }
}

/** Eight bytes, big-endian, for keys whose order is that of their numbers. */
export function u64Key(value: bigint): Uint8Array {
  const key = new Uint8Array(8)
  new DataView(key.buffer).setBigUint64(0, value)
  return key
}
