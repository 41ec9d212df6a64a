import {
  blob,
  bool,
  type Infer,
  named,
  nat32,
  nat64,
  nat8,
  none,
  nul,
  principal,
  query,
  record,
  result,
  text,
  update,
  vec,
} from '@medguard/protocol'

/** Bytes of a row's id, chosen by its owner. */
export const ROW_ID_BYTES = 16
/** A list is read in pages of at most this many rows. */
export const LIST_PAGE_MAX = 100

const Page = record({ from: nat32, count: nat32 })

/** Ten fields of the kinds that our contracts are made of. */
export const Card = record({
  cardId: blob,
  holder: principal,
  title: text,
  cardKind: nat8,
  version: nat32,
  sizeBytes: nat64,
  startNs: nat64,
  endNs: nat64,
  isSealed: bool,
  digest: blob,
})
export type Card = Infer<typeof Card>

/** Eight fields, as in a page of headers. */
export const Entry = named(
  'Entry',
  record({
    entryId: blob,
    entryKind: nat8,
    seq: nat32,
    version: nat32,
    timeNs: nat64,
    isSealed: bool,
    digest: blob,
    wrappedKey: blob,
  }),
)
export type Entry = Infer<typeof Entry>

/** A canister that does each thing of which the toolkit's price is known, and nothing else. */
export const toolkitService = {
  /** Nothing to decode, always the same reply. */
  ping: query(none, result(nul), 64),
  /** One sealed row of the caller's, kept under its id. */
  put: update(record({ rowId: blob, row: blob }), result(nul), 4_000),
  get: query(record({ rowId: blob }), result(blob), 64),
  /** A list that all callers share, in the order of its rows. */
  append: update(record({ row: blob }), result(nat32), 4_000),
  list: query(Page, result(vec(blob)), 64),
  check: update(Card, result(nul), 1_000),
  addEntry: update(Entry, result(nat32), 1_000),
  entries: query(Page, result(vec(Entry)), 64),
  /** Calls `ping` of another canister of this service. */
  ask: update(record({ canister: principal }), result(nul), 128),
  /** Rows of the list. */
  count: query(none, result(nat32), 64),
  /** SHA-256 of `sizeBytes` zeros, made `times` times. */
  hash: query(record({ sizeBytes: nat32, times: nat32 }), result(blob), 64),
} as const
export type ToolkitService = typeof toolkitService

/** The bench build: fills what a canister of `toolkitService` then finds, many rows a message. */
export const fillerService = {
  /** Rows `from` to `from + count` of the caller, with the ids of `filledRowId` and `sizeBytes` bytes each. */
  fillRows: update(record({ from: nat32, count: nat32, sizeBytes: nat32 }), result(nul), 64),
  fillList: update(record({ count: nat32, sizeBytes: nat32 }), result(nul), 64),
} as const
export type FillerService = typeof fillerService

/** Spread over all ids, as random ones are. */
export function filledRowId(index: number): Uint8Array {
  const id = new Uint8Array(ROW_ID_BYTES)
  new DataView(id.buffer).setUint32(0, Math.imul(index, 0x9e3779b1))
  return id
}
