import { APART_MS, kindOf, readingKey, tellsTheSame } from './duplicates.ts'
import { type Component, partsOf, type Reading } from './reading.ts'

// The same rule as `merged`, for lists too long to keep: a phone's export of ten years has millions of readings. What passed is kept as numbers in flat arrays, about 80 bytes each, and
// what was kept can't be given the names of those that tell the same.

export interface Sifted {
  readonly kept: readonly Reading[]
  /** Sent again by the same source. */
  readonly repeats: number
  /** Told by another source too. */
  readonly otherSources: number
}
export interface Sieve {
  /** What is new in a list, after all that passed before. */
  take(readings: readonly Reading[]): Sifted
  /** How many were kept. */
  readonly size: number
}

/** One source is taken to a reading once; so many sources can be told apart in the bits of a number. */
const SOURCES_TOLD = 31
const FIRST_ROOM = 1024

interface Shape {
  readonly code: string
  readonly unit: string
  readonly parts: readonly string[]
}

export function createSieve(): Sieve {
  const shapes = createNumbering(
    (reading: Reading): Shape => ({
      code: reading.code,
      unit: reading.unit,
      parts: twoOf(reading).map(({ code }) => code),
    }),
    (shape) => [shape.code, shape.unit, ...shape.parts].join('\n'),
  )
  const devices = createNumbering(
    (reading: Reading) => reading.source.device,
    (device) => device,
  )
  let rows = createRows(FIRST_ROOM)
  let size = 0

  const add = (reading: Reading, key: number) => {
    if (size === rows.room) rows = grown(rows, size)
    const [first, second] = twoOf(reading)
    rows.times[size] = reading.timeMs
    rows.durations[size] = reading.durationMs
    rows.keys[size] = key
    rows.first[size] = first?.value ?? Number.NaN
    rows.second[size] = second?.value ?? Number.NaN
    rows.shapes[size] = shapes.numberOf(reading)
    rows.devices[size] = devices.numberOf(reading)
    rows.kinds[size] = hashOf(kindOf(reading.code), 1)
    link(rows, size)
    size += 1
  }
  const readingAt = (row: number): Reading | null => {
    const shape = shapes.at(rows.shapes[row] ?? 0)
    if (shape === undefined) return null
    const values = [rows.first[row], rows.second[row]].map((value) =>
      value === undefined || Number.isNaN(value) ? null : value,
    )
    const isPanel = shape.parts.length !== 1 || shape.parts[0] !== shape.code
    return {
      timeMs: rows.times[row] ?? 0,
      durationMs: rows.durations[row] ?? 0,
      clockMs: 0,
      offsetMinutes: null,
      receivedMs: null,
      code: shape.code,
      unit: shape.unit,
      value: isPanel ? null : (values[0] ?? null),
      components: isPanel ? shape.parts.map((code, i) => ({ code, value: values[i] ?? null })) : [],
      source: { device: devices.at(rows.devices[row] ?? 0) ?? '', id: null, sequence: null },
      flags: [],
      meal: null,
      also: [],
    }
  }

  /** Whether this very reading was here, or one that it was taken for. */
  const isRepeat = (reading: Reading, key: number): boolean => {
    const first = twoOf(reading)[0]?.value ?? Number.NaN
    for (let row = rows.keyHeads[slotOf(key, rows.room)] ?? -1; row >= 0; row = rows.nextKeys[row] ?? -1)
      if (rows.keys[row] === key && Object.is(rows.first[row], first)) return true
    return rows.others.has(key)
  }
  const otherOf = (reading: Reading): number | null => {
    const device = devices.numberOf(reading)
    if (device >= SOURCES_TOLD) return null
    const kind = hashOf(kindOf(reading.code), 1)
    const bucket = Math.floor(reading.timeMs / APART_MS)
    let best: { row: number; apart: number } | null = null
    for (const place of [bucket - 1, bucket, bucket + 1]) {
      for (let row = rows.heads[slotOf(placeKey(kind, place), rows.room)] ?? -1; row >= 0; row = rows.next[row] ?? -1) {
        if (
          rows.kinds[row] !== kind ||
          rows.devices[row] === device ||
          Math.floor((rows.times[row] ?? 0) / APART_MS) !== place ||
          hasTaken(row, device)
        )
          continue
        const other = readingAt(row)
        if (other === null || !tellsTheSame(other, reading)) continue
        const apart = Math.abs(other.timeMs - reading.timeMs)
        if (best === null || apart < best.apart || (apart === best.apart && row < best.row)) best = { row, apart }
      }
    }
    return best?.row ?? null
  }
  const hasTaken = (row: number, device: number) => Math.floor((rows.taken[row] ?? 0) / 2 ** device) % 2 === 1

  return {
    take(readings) {
      const kept: Reading[] = []
      let [repeats, otherSources] = [0, 0]
      for (const reading of readings) {
        const key = keyOf(reading)
        if (isRepeat(reading, key)) {
          repeats += 1
          continue
        }
        const other = otherOf(reading)
        if (other === null) {
          add(reading, key)
          kept.push(reading)
          continue
        }
        rows.taken[other] = (rows.taken[other] ?? 0) + 2 ** devices.numberOf(reading)
        rows.others.add(key)
        otherSources += 1
      }
      return { kept, repeats, otherSources }
    },
    get size() {
      return size
    },
  }
}

/** Upper and lower value of a pressure, or the first two of whatever it has: enough to tell it by. */
function twoOf(reading: Reading): readonly Component[] {
  const parts = partsOf(reading)
  const pair = parts.filter(({ code }) => code === '8480-6' || code === '8462-4')
  return (pair.length === 2 ? pair : parts).slice(0, 2)
}

interface Numbering<T> {
  numberOf(reading: Reading): number
  at(number: number): T | undefined
}
function createNumbering<T>(pick: (reading: Reading) => T, name: (one: T) => string): Numbering<T> {
  const all: T[] = []
  const numbers = new Map<string, number>()
  return {
    numberOf(reading) {
      const one = pick(reading)
      const key = name(one)
      const known = numbers.get(key)
      if (known !== undefined) return known
      numbers.set(key, all.length)
      return all.push(one) - 1
    },
    at: (number) => all[number],
  }
}

function createRows(room: number) {
  return {
    room,
    times: new Float64Array(room),
    durations: new Float64Array(room),
    keys: new Float64Array(room),
    first: new Float64Array(room),
    second: new Float64Array(room),
    shapes: new Uint32Array(room),
    devices: new Uint32Array(room),
    kinds: new Uint32Array(room),
    /** Bits of the devices that told the same. */
    taken: new Uint32Array(room),
    next: new Int32Array(room).fill(-1),
    nextKeys: new Int32Array(room).fill(-1),
    heads: new Int32Array(room).fill(-1),
    keyHeads: new Int32Array(room).fill(-1),
    /** Keys of readings that were taken for another source's. */
    others: new Set<number>(),
  }
}
type Rows = ReturnType<typeof createRows>

function grown(rows: Rows, size: number): Rows {
  const larger = createRows(rows.room * 2)
  for (const column of [
    'times',
    'durations',
    'keys',
    'first',
    'second',
    'shapes',
    'devices',
    'kinds',
    'taken',
  ] as const)
    larger[column].set(rows[column])
  larger.others = rows.others
  for (let row = 0; row < size; row++) link(larger, row)
  return larger
}

function link(rows: Rows, row: number): void {
  const bucket = Math.floor((rows.times[row] ?? 0) / APART_MS)
  const slot = slotOf(placeKey(rows.kinds[row] ?? 0, bucket), rows.room)
  rows.next[row] = rows.heads[slot] ?? -1
  rows.heads[slot] = row
  const keySlot = slotOf(rows.keys[row] ?? 0, rows.room)
  rows.nextKeys[row] = rows.keyHeads[keySlot] ?? -1
  rows.keyHeads[keySlot] = row
}

const placeKey = (kind: number, bucket: number): number =>
  (Math.imul(kind, 0x9e3779b1) ^ Math.imul(bucket, 0x85ebca6b)) >>> 0
/** `room` is a power of two. */
const slotOf = (key: number, room: number): number => (key ^ Math.floor(key / 2 ** 32)) & (room - 1)

/** 53 bits of a reading's key; of those kept the value is compared as well. */
function keyOf(reading: Reading): number {
  const key = readingKey(reading)
  return hashOf(key, 0x811c9dc5) * 2 ** 21 + (hashOf(key, 0x2545f491) >>> 11)
}
/** FNV-1a over UTF-16, mixed at the end (MurmurHash3's). */
function hashOf(text: string, seed: number): number {
  let hash = seed
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193)
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return (hash ^ (hash >>> 16)) >>> 0
}
