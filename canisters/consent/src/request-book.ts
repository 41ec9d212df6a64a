import { ByteReader, ByteWriter, concatBytes, equalBytes, ID_BYTES, REQUESTS_LISTED_MAX } from '@medguard/protocol'
import { asIs, bytes, createRows, principal, type Rows, rowOf, section, u64, u8, type ValueOf } from '@medguard/shared'

/** What became of a request; that its time ran out is a comparison. */
export const REQUEST_STATE = { pending: 0, approved: 1, narrowed: 2, denied: 3, withdrawn: 4 } as const

const FIELDS = {
  state: u8,
  requester: principal,
  /** Patient id of the requester's own account, whichever of its principals they came with. */
  requesterId: bytes(ID_BYTES),
  grantee: principal,
  /** Share code as it was given. */
  patient: principal,
  /** Zeros where it reached nobody. */
  patientId: bytes(ID_BYTES),
  categories: u8,
  rights: u8,
  purpose: u8,
  periodNs: u64,
  askedNs: u64,
  expiresNs: u64,
  /** Zeros without one. */
  grantId: bytes(ID_BYTES),
  /** Zero while pending. */
  decidedNs: u64,
}
export type StoredRequest = ValueOf<typeof FIELDS>
const REQUEST = rowOf(1, FIELDS)
const NO_REQUEST = REQUEST.encode({
  state: 0,
  requester: new Uint8Array(29),
  requesterId: new Uint8Array(ID_BYTES),
  grantee: new Uint8Array(29),
  patient: new Uint8Array(29),
  patientId: new Uint8Array(ID_BYTES),
  categories: 0,
  rights: 0,
  purpose: 0,
  periodNs: 0n,
  askedNs: 0n,
  expiresNs: 0n,
  grantId: new Uint8Array(ID_BYTES),
  decidedNs: 0n,
})

/** An entry of a list: which request, and until when it is open, zero once it was answered or withdrawn. */
interface Entry {
  readonly askId: Uint8Array
  readonly openUntilNs: bigint
}
const ENTRY_BYTES = ID_BYTES + 8

/** Requests for access by id, listed with whoever asked and with the patient whom they reached. Bounded for each: what is over gives way. */
export function createRequestBook(rows: Rows) {
  const requests = createRows(section(rows, 0), { key: asIs, row: REQUEST })
  const requestRows = section(rows, 0)
  const sent = createEntryLists(section(rows, 1)) // requester's own patient id -> entries
  const received = createEntryLists(section(rows, 2)) // patient id -> entries
  const toOne = createEntryLists(section(rows, 4)) // requester's patient id || whom they asked -> entries that were not answered
  const known = section(rows, 3) // patient id || grantee -> 1: somebody the patient once shared with

  const book = {
    /** Costs the same whether it is there or not (I7). */
    get(askId: Uint8Array): StoredRequest | undefined {
      const row = requestRows.get(askId)
      const request = REQUEST.decode(row ?? NO_REQUEST)
      return row === undefined || request === null ? undefined : request
    },
    /** @param whom a share code as it was given, or the id of a patient whom requests reached. */
    openFrom: (requesterId: Uint8Array, whom: Uint8Array, nowNs: bigint): number =>
      toOne.open(concatBytes(requesterId, whom), nowNs),
    openSentBy: (requesterId: Uint8Array, nowNs: bigint): number => sent.open(requesterId, nowNs),
    openReceivedBy: (patientId: Uint8Array, nowNs: bigint): number => received.open(patientId, nowNs),
    /** Stores a new request. Of lists that are full the oldest entry that is over goes; there is one, since fewer may be open than listed. */
    add(askId: Uint8Array, request: StoredRequest, reachesPatient: boolean): void {
      const entry = { askId, openUntilNs: request.expiresNs }
      const gone = sent.add(request.requesterId, entry, request.askedNs)
      if (gone !== null) drop(gone)
      if (reachesPatient) received.add(request.patientId, entry, request.askedNs)
      for (const pair of pairsOf(request)) toOne.put(pair, entry)
      requests.set(askId, request)
    },
    /** Answers or withdraws one that is pending. */
    close(
      askId: Uint8Array,
      request: StoredRequest,
      change: Pick<StoredRequest, 'state' | 'grantId' | 'decidedNs'>,
    ): void {
      requests.set(askId, { ...request, ...change })
      sent.close(request.requesterId, askId)
      received.close(request.patientId, askId)
      for (const pair of pairsOf(request)) toOne.remove(pair, askId)
    },
    sentBy: (requesterId: Uint8Array, from: number, count: number) => pageOf(sent.of(requesterId), from, count),
    /** Some may be gone that the requester had to let go: these are not counted. */
    receivedBy: (patientId: Uint8Array, from: number, count: number) => pageOf(received.of(patientId), from, count),
    isKnown: (patientId: Uint8Array, grantee: Uint8Array): boolean => known.has(knownKey(patientId, grantee)),
    forgetKnown: (patientId: Uint8Array, grantee: Uint8Array): void => known.delete(knownKey(patientId, grantee)),
    /**
     * Of somebody whose vault is erased: what they asked and what they were asked. In the lists of others stays the id of something that is gone.
     * @returns what they asked others that still waited for an answer.
     */
    forget(patientId: Uint8Array, nowNs: bigint): { askId: Uint8Array; request: StoredRequest }[] {
      const waiting: { askId: Uint8Array; request: StoredRequest }[] = []
      for (const { askId, openUntilNs } of sent.of(patientId)) {
        const request = book.get(askId)
        if (request === undefined) continue
        if (nowNs < openUntilNs) waiting.push({ askId, request })
        received.close(request.patientId, askId)
        drop(askId)
      }
      for (const { askId } of received.of(patientId)) {
        const request = book.get(askId)
        if (request === undefined) continue
        sent.close(request.requesterId, askId)
        drop(askId)
      }
      for (const lists of [sent, received]) lists.forget(patientId)
      return waiting
    },
    noteKnown: (patientId: Uint8Array, grantee: Uint8Array): void =>
      known.set(knownKey(patientId, grantee), Uint8Array.of(1)),
  }
  /** A request, and its place among those to one. */
  function drop(askId: Uint8Array): void {
    const request = book.get(askId)
    if (request !== undefined) for (const pair of pairsOf(request)) toOne.remove(pair, askId)
    requests.delete(askId)
  }
  function pageOf(entries: readonly Entry[], from: number, count: number) {
    const page: { askId: Uint8Array; request: StoredRequest }[] = []
    const newestFirst = entries.toReversed()
    for (const { askId } of newestFirst.slice(from, from + count)) {
      const request = requests.get(askId)
      if (request !== undefined) page.push({ askId, request })
    }
    return { total: entries.length, page }
  }
  return book
}
export type RequestBook = ReturnType<typeof createRequestBook>

/** Under which a request counts as one of somebody's to one patient: by the code they used and, where it reached somebody, by who that is. */
const pairsOf = ({ requesterId, patient, patientId }: StoredRequest): readonly Uint8Array[] =>
  [patient, patientId].filter((whom) => whom.some((byte) => byte !== 0)).map((whom) => concatBytes(requesterId, whom))
const knownKey = (patientId: Uint8Array, grantee: Uint8Array): Uint8Array =>
  new ByteWriter(ID_BYTES + grantee.length).raw(patientId).raw(grantee).done()

/** Rows: whose -> n × (ask id(16) || openUntilNs u64), oldest first. */
function createEntryLists(rows: Rows) {
  const of = (whose: Uint8Array): Entry[] => {
    const reader = new ByteReader(rows.get(whose) ?? new Uint8Array(0))
    const entries: Entry[] = []
    while (reader.offset + ENTRY_BYTES <= reader.bytes.length)
      entries.push({ askId: reader.raw(ID_BYTES), openUntilNs: reader.u64() })
    return entries
  }
  const set = (whose: Uint8Array, entries: readonly Entry[]): void => {
    const writer = new ByteWriter(ENTRY_BYTES * entries.length)
    for (const { askId, openUntilNs } of entries) writer.raw(askId).u64(openUntilNs)
    rows.set(whose, writer.done())
  }
  return {
    of,
    open: (whose: Uint8Array, nowNs: bigint): number =>
      of(whose).filter(({ openUntilNs }) => nowNs < openUntilNs).length,
    /** @returns the id of the entry that gave way. */
    add(whose: Uint8Array, entry: Entry, nowNs: bigint): Uint8Array | null {
      const entries = of(whose)
      const over =
        entries.length < REQUESTS_LISTED_MAX ? -1 : entries.findIndex(({ openUntilNs }) => nowNs >= openUntilNs)
      const [gone = null] = over < 0 ? [] : entries.splice(over, 1)
      set(whose, [...entries, entry])
      return gone?.askId ?? null
    },
    put: (whose: Uint8Array, entry: Entry): void => set(whose, [...of(whose), entry]),
    remove(whose: Uint8Array, askId: Uint8Array): void {
      const entries = of(whose).filter((entry) => !equalBytes(entry.askId, askId))
      if (entries.length === 0) rows.delete(whose)
      else set(whose, entries)
    },
    forget: (whose: Uint8Array): void => rows.delete(whose),
    close(whose: Uint8Array, askId: Uint8Array): void {
      const entries = of(whose)
      if (entries.length === 0) return
      set(
        whose,
        entries.map((entry) => (equalBytes(entry.askId, askId) ? { askId, openUntilNs: 0n } : entry)),
      )
    },
  }
}
