import { msgArgData, msgReply, performanceCounter, update } from 'azle'
import {
  asIs,
  type ByteMap,
  bytes,
  createBlobs,
  createCounters,
  createPages,
  createQueue,
  createRows,
  createSequences,
  createSet,
  openMap,
  rowOf,
  section,
  u64,
} from '@medguard/shared'

const small = openMap(0)
const pages = createPages(openMap(1))
const rows = createRows(section(small, 0), { key: asIs, row: rowOf(1, { timeNs: u64, sealed: bytes(91) }) })
const sequences = createSequences(section(small, 1), { entryBytes: 8, entriesPerRun: 32 })
const counters = createCounters(section(small, 2))
const members = createSet(section(small, 3))
const queue = createQueue(section(small, 4))
const blobs = createBlobs({ chunks: openMap(2), state: section(small, 5) })

const ROW = { timeNs: 7n, sealed: new Uint8Array(91) }
const ENTRY = new Uint8Array(8)
const LISTED = new Uint8Array(1000)
const CHUNK = new Uint8Array(1000)
const blobOf = (n: number) => ({ blobNo: BigInt(n), chunkCount: 2, chunkBytes: 1000, sizeBytes: 2000n })

/** Spread over all keys, as random ones are. */
function keyOf(n: number): Uint8Array {
  const key = new Uint8Array(16)
  const view = new DataView(key.buffer)
  view.setUint32(0, Math.imul(n, 0x9e3779b1))
  view.setUint32(4, n)
  return key
}
/** Whose list everybody's is: it is as long as there are entries. */
const ALL = new Uint8Array(16)

const add = {
  rows: (n: number) => rows.set(keyOf(n), ROW),
  sequences(n: number) {
    for (const owner of [ALL, keyOf(n % 1000)]) {
      const sequence = sequences.of(owner)
      sequence.push(ENTRY)
      sequence.save()
    }
  },
  pages(n: number) {
    for (const owner of [ALL, keyOf(n % 1000)]) {
      const list = pages.of(owner)
      list.push(LISTED)
      list.save()
    }
  },
  counters: (n: number) => void counters.add(keyOf(n), 1n),
  sets: (n: number) => members.add(keyOf(n)),
  queues: (n: number) => queue.push(keyOf(n)),
  blobs: (n: number) => blobs.put(blobOf(n), 0, CHUNK),
}
type Kind = keyof typeof add

/** What is measured, of the collection named and with the number given. */
const operations: Readonly<Record<string, (n: number) => unknown>> = {
  ...add,
  'rows.get': (n) => rows.get(keyOf(n)),
  'sequences.at': (n) => sequences.of(ALL).at(n),
  'sequences.entries': (n) => sequences.of(ALL).entries(n, 50),
  'pages.at': (n) => pages.of(ALL).at(n),
  'pages.runs': (n) => pages.runs(ALL, n, 20, 1_000_000),
  'pages.replace': (n) => pages.of(ALL).replace(n, LISTED),
  'counters.of': (n) => counters.of(keyOf(n)),
  'sets.has': (n) => members.has(keyOf(n)),
  'queues.shift': () => queue.shift(),
  'blobs.read': (n) => blobs.read(blobOf(n), 0),
}

/** What the collections take for granted of a map of Azle's, by name. */
const assumptions: Readonly<Record<string, (map: ByteMap) => boolean>> = {
  'a map copies a key and a value at once, so that their buffers may be used again'(map) {
    const [key, value] = [Uint8Array.of(1, 2), Uint8Array.of(3)]
    map.set(key, value)
    key[0] = 9
    value[0] = 9
    return map.get(Uint8Array.of(1, 2))?.[0] === 3 && !map.has(key)
  },
  'what a map gives is a copy that is nobody else’s'(map) {
    const given = map.get(Uint8Array.of(1, 2)) ?? new Uint8Array(1)
    given[0] = 9
    return given.byteOffset === 0 && given.buffer.byteLength === 1 && map.get(Uint8Array.of(1, 2))?.[0] === 3
  },
  'a key and a value may be empty, and an empty value is there'(map) {
    map.set(new Uint8Array(0), new Uint8Array(0))
    return map.has(new Uint8Array(0)) && map.get(new Uint8Array(0))?.length === 0
  },
  'rows come in the order of their bytes, from any of them on'(map) {
    for (const key of [[2], [1], [1, 1], [200], [1, 2, 0]]) map.set(Uint8Array.from(key), new Uint8Array(0))
    const keys = (from: number, count: number) =>
      map
        .items(from, count)
        .map(([key]) => key.join())
        .join(' ')
    return keys(0, 99) === ' 1 1,1 1,2 1,2,0 2 200' && keys(2, 3) === '1,1 1,2 1,2,0' && keys(7, 5) === ''
  },
}

/** The collections by themselves: how many instructions each operation takes. Arguments are text: a name and numbers. */
export default class Collections {
  /** Names of the assumptions that do not hold. */
  @update([], undefined, { manual: true })
  assume(): void {
    const map = openMap(3)
    const broken = Object.keys(assumptions).filter((name) => assumptions[name]?.(map) !== true)
    msgReply(Uint8Array.from(broken.join('; '), (letter) => letter.charCodeAt(0)))
  }

  /** `kind from count`: adds as many, each under a number of its own. */
  @update([], undefined, { manual: true })
  fill(): void {
    const [kind = '', from, count] = words()
    for (let n = Number(from); n < Number(from) + Number(count); n++) add[kind as Kind](n)
    msgReply(new Uint8Array(0))
  }

  /** `operation number`: its instructions, as text. */
  @update([], undefined, { manual: true })
  cost(): void {
    const [name = '', number] = words()
    const run = operations[name]
    if (run === undefined) throw new Error('there is no such operation')
    const n = Number(number)
    const before = performanceCounter(0)
    const between = performanceCounter(0)
    run(n)
    const after = performanceCounter(0)
    msgReply(Uint8Array.from(String(after - between - (between - before)), (digit) => digit.charCodeAt(0)))
  }
}

const words = () => String.fromCharCode(...msgArgData()).split(' ')
