import {
  assert,
  createCounters,
  createSequences,
  createUpgradeNotes,
  type Rows,
  section,
  type Sequence,
} from '@medguard/shared'
import { TILE_BYTES } from '@medguard/tlog'
import {
  type ChainEnd,
  decodeChainEnd,
  decodeSourceCount,
  decodeState,
  decodeStoredLeaf,
  encodeState,
  encodeStoredLeaf,
  type LogState,
  type Sources,
  type StoredLeaf,
} from './codec.ts'

/** Memory register. An id is for life. */
export const MEMORY = { log: 0 } as const

/** Prefixes in `MEMORY.log`; a prefix is for life too. Numbers in keys are big-endian. */
export const ROWS = {
  /** nothing -> `LogState`; absent until the canister is installed */
  state: 0,
  /** leaf index u64 -> `StoredLeaf` and where the sources were */
  leaf: 1,
  // 2 to 8 are retired: nodes, chains, actors and sources of layout 1, emptied by migrate.ts
  /** patient id, principal -> nothing, or until when u64: who may read the chain */
  reader: 9,
  /** nothing -> 32 secret bytes that blind the leaves of no patient */
  systemKey: 10,
  /** nothing -> the canister's configuration, see `@medguard/shared` */
  configuration: 11,
  /** height u8, number u32 -> 2 || complete tile, see `tiles.ts` of `@medguard/tlog` */
  tile: 12,
  /** patient id -> sequence of leaf indices u32, its note a `ChainEnd` */
  chain: 13,
  /** principal -> sequence of the indices u32 of leaves that name it as the actor */
  actor: 14,
  /** nothing -> upgrades that no leaf tells of yet, see `@medguard/shared` */
  upgrades: 15,
  /** nothing -> the newest checkpoint, see `checkpoint.ts` */
  checkpoint: 20,
  /** 0 -> name of the key of the network that signs checkpoints; 1 -> its public half, 32 bytes */
  checkpointKey: 21,
  /**
   * organisation id, or nothing for what is about the canisters themselves -> sequence of the indices u32 of its leaves, its note what they come to
   * (`sequenceHash`)
   */
  organisation: 22,
  /** organisation id, principal -> until when it may read the organisation's leaves, u64, 0 for without end */
  organisationReader: 23,
  /** principal -> account id of whose sign-in it is; nothing, for good, when it was shut out */
  holder: 24,
  /** patient id, account id -> until when u64, 0 for without end, from when u64: whose sign-ins may all read the chain */
  accountReader: 25,
  /** nothing -> how many notes of other shards' lines were taken, `1 || count u64` */
  notes: 26,
  /** number of a further canister of the log u8 -> what was recorded of it last, see `shard-heads.ts` */
  shardHead: 27,
} as const

const NO_KEY = new Uint8Array(0)
const TILE_LAYOUT = 2
const INDICES = { entryBytes: 4, entriesPerRun: 64 } as const

/** Everything the log keeps. Leaves, tiles and numbers are written once and never removed; who may read them comes and goes. */
export function createAuditStore(map: Rows) {
  const rows = {
    state: section(map, ROWS.state),
    leaf: section(map, ROWS.leaf),
    reader: section(map, ROWS.reader),
    systemKey: section(map, ROWS.systemKey),
    tile: section(map, ROWS.tile),
    organisationReader: section(map, ROWS.organisationReader),
    holder: section(map, ROWS.holder),
    accountReader: section(map, ROWS.accountReader),
  }
  const chains = createSequences(section(map, ROWS.chain), INDICES)
  const actors = createSequences(section(map, ROWS.actor), INDICES)
  const organisations = createSequences(section(map, ROWS.organisation), INDICES)
  const notes = createCounters(section(map, ROWS.notes))
  const leafRow = (index: number): Uint8Array => {
    const row = rows.leaf.get(countKey(index))
    assert(row !== undefined, 'a log has every leaf below its size')
    return row
  }
  const leaf = (index: number): StoredLeaf => intact(decodeStoredLeaf(leafRow(index)))
  const readsByAccount = (whose: Uint8Array, principal: Uint8Array, nowNs: bigint): boolean => {
    const accountId = rows.holder.get(principal)
    return accountId !== undefined && isInForce(rows.accountReader.get(joined(whose, accountId)), nowNs)
  }
  const isShutOut = (principal: Uint8Array): boolean => rows.holder.get(principal)?.length === 0
  let systemKey: Uint8Array | null = null
  return {
    configurationRows: section(map, ROWS.configuration),
    upgrades: createUpgradeNotes(section(map, ROWS.upgrades), NO_KEY),
    notesTaken: (): bigint => notes.of(NO_KEY),
    setNotesTaken: (count: bigint): void => notes.set(NO_KEY, count),

    /** Null before the first run of `init`. */
    state(): LogState | null {
      const row = rows.state.get(NO_KEY)
      return row === undefined ? null : intact(decodeState(row))
    },
    saveState: (state: LogState): void => rows.state.overwrite(NO_KEY, encodeState(state)),

    leaf,
    leafHash: (index: number): Uint8Array => leaf(index).leafHash,
    /** How many leaves of a source the log had with leaf `index`. */
    sourceCountAt: (index: number, source: number): number => intact(decodeSourceCount(leafRow(index), source)),
    putLeaf: (index: number, stored: StoredLeaf, sources: Sources): void =>
      rows.leaf.set(countKey(index), encodeStoredLeaf(stored, sources)),

    tile(height: number, index: number): Uint8Array {
      const row = rows.tile.get(tileKey(height, index))
      assert(row?.length === 1 + TILE_BYTES && row[0] === TILE_LAYOUT, 'a tile that was written is there, whole')
      return row.subarray(1)
    },
    putTile(height: number, index: number, bytes: Uint8Array): void {
      const row = new Uint8Array(1 + TILE_BYTES)
      row[0] = TILE_LAYOUT
      row.set(bytes, 1)
      rows.tile.set(tileKey(height, index), row)
    },

    /** Empty for an id without leaves. */
    chain: (patientId: Uint8Array): Sequence => chains.of(patientId),
    actor: (principal: Uint8Array): Sequence => actors.of(principal),

    organisation: (orgId: Uint8Array): Sequence => organisations.of(orgId),

    mayRead: (patientId: Uint8Array, principal: Uint8Array, nowNs: bigint): boolean =>
      isInForce(rows.reader.get(joined(patientId, principal)), nowNs) || readsByAccount(patientId, principal, nowNs),
    setHolder(principal: Uint8Array, accountId: Uint8Array): void {
      if (!isShutOut(principal)) rows.holder.set(principal, accountId)
    },
    /** Whatever a later line names it for. */
    shutOut: (principal: Uint8Array): void => rows.holder.set(principal, NO_KEY),
    allowAccount: (patientId: Uint8Array, accountId: Uint8Array, period: Period): void =>
      rows.accountReader.set(joined(patientId, accountId), encodePeriod(period)),
    forbidAccount: (patientId: Uint8Array, accountId: Uint8Array): void =>
      rows.accountReader.delete(joined(patientId, accountId)),
    /** @param period None for the patient's own sign-ins. */
    allowReading: (patientId: Uint8Array, principal: Uint8Array, period: Period | null = null): void =>
      rows.reader.set(joined(patientId, principal), period === null ? NO_KEY : encodePeriod(period)),
    forbidReading: (patientId: Uint8Array, principal: Uint8Array): void =>
      rows.reader.delete(joined(patientId, principal)),
    // No account reads for an organisation. It is looked up all the same, so that a refusal costs what one about a patient costs (I7).
    mayReadOrganisation: (orgId: Uint8Array, principal: Uint8Array, nowNs: bigint): boolean =>
      (isInForce(rows.organisationReader.get(joined(orgId, principal)), nowNs) && !isShutOut(principal)) ||
      readsByAccount(orgId, principal, nowNs),
    allowOrganisation: (orgId: Uint8Array, principal: Uint8Array, endNs: bigint): void =>
      rows.organisationReader.set(joined(orgId, principal), encodePeriod({ startNs: 0n, endNs })),
    forbidOrganisation: (orgId: Uint8Array, principal: Uint8Array): void =>
      rows.organisationReader.delete(joined(orgId, principal)),

    shardHeadRows: section(map, ROWS.shardHead),
    checkpointRows: section(map, ROWS.checkpoint),
    checkpointKeyRows: section(map, ROWS.checkpointKey),

    /** Null until the canister is configured. */
    systemKey: (): Uint8Array | null => (systemKey ??= rows.systemKey.get(NO_KEY) ?? null),
    setSystemKey(key: Uint8Array): void {
      assert(!rows.systemKey.has(NO_KEY), 'the system key never changes')
      rows.systemKey.set(NO_KEY, key)
    },
  }
}
export type AuditStore = ReturnType<typeof createAuditStore>

export const chainEndOf = (chain: Sequence): ChainEnd => intact(decodeChainEnd(chain.note))

/** As an entry of a chain. Logs have less than 2^32 leaves. */
export function indexEntry(index: number): Uint8Array {
  const entry = new Uint8Array(4)
  new DataView(entry.buffer).setUint32(0, index)
  return entry
}
/** The indices of a page of a chain, in order. */
export function indicesIn(entries: Uint8Array): number[] {
  const view = new DataView(entries.buffer, entries.byteOffset)
  return Array.from({ length: entries.length / 4 }, (_, i) => view.getUint32(4 * i))
}

/** Half open; an end of 0 is none. */
export interface Period {
  readonly startNs: bigint
  readonly endNs: bigint
}
function encodePeriod({ startNs, endNs }: Period): Uint8Array {
  const row = new Uint8Array(16)
  const view = new DataView(row.buffer)
  view.setBigUint64(0, endNs)
  view.setBigUint64(8, startNs)
  return row
}
/** Rows of before have no beginning. */
function isInForce(row: Uint8Array | undefined, nowNs: bigint): boolean {
  if (row === undefined) return false
  if (row.length === 0) return true
  const view = new DataView(row.buffer, row.byteOffset, row.length)
  const endNs = view.getBigUint64(0)
  return (endNs === 0n || nowNs < endNs) && (row.length < 16 || nowNs >= view.getBigUint64(8))
}

function intact<T>(row: T | null): T {
  assert(row !== null, 'a row decodes as the store wrote it')
  return row
}

/** What the two below return is good until their next call: a map copies a key at once. */
const keyOfCount = new DataView(new ArrayBuffer(8))
const countBytes = new Uint8Array(keyOfCount.buffer)
export function countKey(count: number): Uint8Array {
  keyOfCount.setUint32(0, Math.floor(count / 0x1_0000_0000))
  keyOfCount.setUint32(4, count % 0x1_0000_0000)
  return countBytes
}
const keyOfTile = new DataView(new ArrayBuffer(5))
const tileBytes = new Uint8Array(keyOfTile.buffer)
function tileKey(height: number, index: number): Uint8Array {
  tileBytes[0] = height
  keyOfTile.setUint32(1, index)
  return tileBytes
}

export function joined(first: Uint8Array, second: Uint8Array): Uint8Array {
  const key = new Uint8Array(first.length + second.length)
  key.set(first)
  key.set(second, first.length)
  return key
}
