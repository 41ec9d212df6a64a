import { ByteWriter } from '@medguard/protocol'
import { assert, type Rows, section } from '@medguard/shared'
import {
  type Chain,
  decodeChain,
  decodeSource,
  decodeState,
  decodeStoredLeaf,
  encodeChain,
  encodeSource,
  encodeState,
  encodeStoredLeaf,
  type LogState,
  type SourceState,
  type StoredLeaf,
} from './codec.ts'

/** Memory register. An id is for life. */
export const MEMORY = { log: 0 } as const

/** Prefixes in `MEMORY.log`; a prefix is for life too. Numbers in keys are big-endian, 64 bits unless said. */
const ROWS = {
  /** nothing -> `LogState`; absent until the canister is installed */
  state: 0,
  /** leaf index -> `StoredLeaf` */
  leaf: 1,
  /** level u8, index -> hash of a complete subtree; level 0 is in `leaf` */
  node: 2,
  /** patient id -> `Chain` */
  chain: 3,
  /** patient id, sequence number -> leaf index */
  chainLeaf: 4,
  /** principal -> how many leaves name it as the actor */
  actor: 5,
  /** principal length u8, principal, sequence number -> leaf index */
  actorLeaf: 6,
  /** source u8 -> `SourceState` */
  source: 7,
  /** source u8, sequence number -> leaf index */
  sourceLeaf: 8,
  /** patient id, principal -> nothing: who may read the chain */
  reader: 9,
  /** nothing -> 32 secret bytes that blind the leaves of no patient */
  systemKey: 10,
  /** nothing -> the canister's configuration, see `@medguard/shared` */
  configuration: 11,
} as const

const NO_KEY = new Uint8Array(0)

/** Everything the log keeps. Leaves, nodes and numbers are written once; nothing here is ever removed. */
export function createAuditStore(map: Rows) {
  const rows = {
    state: section(map, ROWS.state),
    leaf: section(map, ROWS.leaf),
    node: section(map, ROWS.node),
    chain: section(map, ROWS.chain),
    chainLeaf: section(map, ROWS.chainLeaf),
    actor: section(map, ROWS.actor),
    actorLeaf: section(map, ROWS.actorLeaf),
    source: section(map, ROWS.source),
    sourceLeaf: section(map, ROWS.sourceLeaf),
    reader: section(map, ROWS.reader),
    systemKey: section(map, ROWS.systemKey),
  }
  const indexAt = (part: Rows, key: Uint8Array): number => {
    const row = part.get(key)
    assert(row !== undefined, 'a sequence has every number below its count')
    return countOf(row)
  }
  return {
    configurationRows: section(map, ROWS.configuration),

    /** Null before the first run of `init`. */
    state(): LogState | null {
      const row = rows.state.get(NO_KEY)
      if (row === undefined) return null
      return intact(decodeState(row))
    },
    saveState: (state: LogState): void => rows.state.set(NO_KEY, encodeState(state)),

    leaf(index: number): StoredLeaf {
      const row = rows.leaf.get(countKey(index))
      assert(row !== undefined, 'a log has every leaf below its size')
      return intact(decodeStoredLeaf(row))
    },
    putLeaf(index: number, leaf: StoredLeaf): void {
      assert(!rows.leaf.has(countKey(index)), 'a leaf is written once')
      rows.leaf.set(countKey(index), encodeStoredLeaf(leaf))
    },
    node(level: number, index: number): Uint8Array | undefined {
      if (level > 0) return rows.node.get(joined(Uint8Array.of(level), countKey(index)))
      const row = rows.leaf.get(countKey(index))
      return row === undefined ? undefined : intact(decodeStoredLeaf(row)).leafHash
    },
    putNode: (level: number, index: number, hash: Uint8Array): void =>
      rows.node.set(joined(Uint8Array.of(level), countKey(index)), hash),

    chain(patientId: Uint8Array): Chain | null {
      const row = rows.chain.get(patientId)
      return row === undefined ? null : intact(decodeChain(row))
    },
    /** Adds `index` as the chain's newest leaf. */
    extendChain(patientId: Uint8Array, before: Chain, index: number, leafHash: Uint8Array): void {
      rows.chainLeaf.set(joined(patientId, countKey(before.count)), countKey(index))
      rows.chain.set(patientId, encodeChain({ ...before, count: before.count + 1, lastLeafHash: leafHash }))
    },
    chainLeaf: (patientId: Uint8Array, seq: number): number =>
      indexAt(rows.chainLeaf, joined(patientId, countKey(seq))),

    actorCount(actor: Uint8Array): number {
      const row = rows.actor.get(actor)
      return row === undefined ? 0 : countOf(row)
    },
    extendActor(actor: Uint8Array, before: number, index: number): void {
      rows.actorLeaf.set(actorKey(actor, before), countKey(index))
      rows.actor.set(actor, countKey(before + 1))
    },
    actorLeaf: (actor: Uint8Array, seq: number): number => indexAt(rows.actorLeaf, actorKey(actor, seq)),

    source(source: number): SourceState {
      const row = rows.source.get(Uint8Array.of(source))
      return row === undefined ? { next: 0n, isFrozen: false } : intact(decodeSource(row))
    },
    saveSource: (source: number, state: SourceState): void =>
      rows.source.set(Uint8Array.of(source), encodeSource(state)),
    sourceLeaf: (source: number, seq: bigint): number => indexAt(rows.sourceLeaf, sourceKey(source, seq)),
    putSourceLeaf: (source: number, seq: bigint, index: number): void =>
      rows.sourceLeaf.set(sourceKey(source, seq), countKey(index)),

    mayRead: (patientId: Uint8Array, principal: Uint8Array): boolean => rows.reader.has(joined(patientId, principal)),
    allowReading: (patientId: Uint8Array, principal: Uint8Array): void =>
      rows.reader.set(joined(patientId, principal), NO_KEY),

    /** Null until the canister is configured. */
    systemKey: (): Uint8Array | null => rows.systemKey.get(NO_KEY) ?? null,
    setSystemKey(key: Uint8Array): void {
      assert(!rows.systemKey.has(NO_KEY), 'the system key never changes')
      rows.systemKey.set(NO_KEY, key)
    },
  }
}
export type AuditStore = ReturnType<typeof createAuditStore>

function intact<T>(row: T | null): T {
  assert(row !== null, 'a row decodes as the store wrote it')
  return row
}

/** Counts are numbers: nothing here reaches 2^53. */
function countKey(count: number): Uint8Array {
  return new ByteWriter(8).u32(Math.floor(count / 0x1_0000_0000)).u32(count % 0x1_0000_0000).bytes
}
const countOf = (key: Uint8Array): number => Number(new DataView(key.buffer, key.byteOffset).getBigUint64(0))
const sourceKey = (source: number, seq: bigint): Uint8Array => joined(Uint8Array.of(source), countKey(Number(seq)))
const actorKey = (actor: Uint8Array, seq: number): Uint8Array =>
  joined(joined(Uint8Array.of(actor.length), actor), countKey(seq))

function joined(first: Uint8Array, second: Uint8Array): Uint8Array {
  const key = new Uint8Array(first.length + second.length)
  key.set(first)
  key.set(second, first.length)
  return key
}
