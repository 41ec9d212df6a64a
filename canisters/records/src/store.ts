import { ByteReader, ByteWriter, equalBytes } from '@medguard/protocol'
import { assert, type ByteMap, createGrantBook, type Rows, section, u64Key } from '@medguard/shared'
import { type Bodies, createBodies } from './bodies.ts'
import {
  decodeAccount,
  decodeRecord,
  decodeUpload,
  decodeUsage,
  decodeVersion,
  encodeAccount,
  encodeRecord,
  encodeUpload,
  encodeUsage,
  encodeVersion,
  type RecordRow,
  type StoredAccount,
  type Upload,
  type Usage,
  type Version,
} from './codec.ts'
import { createLists, type Place, placeKey, type VersionId } from './lists.ts'
import { createQueue } from './queue.ts'

/** Memory register. An id is for life: a reused one would read old bytes as a new type. */
export const MEMORY = {
  rows: 0, // everything but bodies, by the sections below
  chunks: 1, // pieces of ciphertext
} as const

/** Sections of `rows`; a number is for life too. */
export const SECTION = {
  configuration: 0,
  outbox: 1,
  requests: 2, // account holders only
  budgets: 3,
  accounts: 4, // principal -> StoredAccount
  owners: 5, // patient id -> principal
  grants: 6,
  uploads: 7, // principal || recordId || version -> Upload
  openUploads: 8, // principal -> n × (recordId || version)
  bitmaps: 9, // body number -> received chunks; nothing -> bytes of all chunks(8)
  records: 10, // recordId -> RecordRow
  versions: 11, // recordId || version -> Version
  lists: 12,
  counters: 13, // 0 -> next body number
  windows: 14, // who || place || grant -> untilNs
  usages: 15, // patient id -> Usage
  garbage: 16, // bodies whose chunks are being removed
  unfinished: 17, // keys of uploads, each looked at in its turn
  layout: 255, // nothing -> layout number; absent: 1
} as const

const NEXT_BODY = new Uint8Array(1)
/** The row of a section that is about no one in particular. */
const ALL = new Uint8Array(0)
const ZERO_ID = new Uint8Array(16)

export function createRecordsStore(rows: ByteMap, chunks: ByteMap) {
  const accounts = section(rows, SECTION.accounts)
  const owners = section(rows, SECTION.owners)
  const uploads = section(rows, SECTION.uploads)
  const openUploads = createIdLists(section(rows, SECTION.openUploads))
  const records = section(rows, SECTION.records)
  const versions = section(rows, SECTION.versions)
  const counters = section(rows, SECTION.counters)
  const windows = section(rows, SECTION.windows)
  const usages = section(rows, SECTION.usages)
  const unfinished = createQueue(section(rows, SECTION.unfinished))
  const bodies: Bodies = createBodies(chunks, section(rows, SECTION.bitmaps), section(rows, SECTION.garbage))

  const usageAt = (patientId: Uint8Array): Usage => {
    const row = usages.get(patientId)
    if (row === undefined) return { versions: 0, sizeBytes: 0n }
    const usage = decodeUsage(row)
    assert(usage !== null, 'a stored usage decodes')
    return usage
  }
  const count = (patientId: Uint8Array, more: Usage) => {
    const { versions, sizeBytes } = usageAt(patientId)
    usages.set(patientId, encodeUsage({ versions: versions + more.versions, sizeBytes: sizeBytes + more.sizeBytes }))
  }

  const store = {
    configurationRows: section(rows, SECTION.configuration),
    outboxRows: section(rows, SECTION.outbox),
    requestRows: section(rows, SECTION.requests),
    budgetRows: section(rows, SECTION.budgets),
    grants: createGrantBook(section(rows, SECTION.grants)),
    lists: createLists(section(rows, SECTION.lists)),
    /** Layout of the rows as a whole; a step in `migrate.ts` raises it. */
    layout: (): number => section(rows, SECTION.layout).get(ALL)?.[0] ?? 1,
    bodies,

    account(principal: Uint8Array): StoredAccount | undefined {
      const row = accounts.get(principal)
      if (row === undefined) return undefined
      const account = decodeAccount(row)
      assert(account !== null, 'a stored account decodes')
      return account
    },
    ownerOf: (patientId: Uint8Array): Uint8Array | undefined => owners.get(patientId),
    openAccount(principal: Uint8Array, account: StoredAccount): void {
      assert(!accounts.has(principal) && !owners.has(account.patientId), 'the first writer owns the id')
      accounts.set(principal, encodeAccount(account))
      owners.set(account.patientId, principal)
    },
    usage: (patientId: Uint8Array): Usage => usageAt(patientId),

    record(recordId: Uint8Array): RecordRow | undefined {
      const row = records.get(recordId)
      if (row === undefined) return undefined
      const record = decodeRecord(row)
      assert(record !== null, 'a stored record decodes')
      return record
    },
    version(id: VersionId): Version | undefined {
      const row = versions.get(idKey(id))
      if (row === undefined) return undefined
      const version = decodeVersion(row)
      assert(version !== null, 'a stored version decodes')
      return version
    },
    addVersion(id: VersionId, version: Version): void {
      assert(!versions.has(idKey(id)), 'a visible version never changes')
      const { patientId, homeCid } = version
      versions.set(idKey(id), encodeVersion(version))
      records.set(id.recordId, encodeRecord({ patientId, cid: homeCid, newest: id.version }))
      count(patientId, { versions: 1, sizeBytes: 0n })
    },

    upload(principal: Uint8Array, id: VersionId): Upload | undefined {
      const row = uploads.get(uploadKey(principal, id))
      if (row === undefined) return undefined
      const upload = decodeUpload(row)
      assert(upload !== null, 'a stored upload decodes')
      return upload
    },
    /** Makes room for a new upload. Its body number is one that nobody had before. */
    openUpload(principal: Uint8Array, id: VersionId, wanted: Omit<Upload, 'bodyNo'>): Upload {
      assert(!uploads.has(uploadKey(principal, id)), 'an upload is opened once')
      const bodyNo = new ByteReader(counters.get(NEXT_BODY) ?? new Uint8Array(8)).u64()
      counters.set(NEXT_BODY, new ByteWriter(8).u64(bodyNo + 1n).done())
      const upload = { ...wanted, bodyNo }
      bodies.makeRoom(upload)
      uploads.set(uploadKey(principal, id), encodeUpload(upload))
      openUploads.set(principal, [...openUploads.of(principal), id])
      unfinished.push(uploadKey(principal, id))
      count(upload.patientId, { versions: 0, sizeBytes: upload.sizeBytes })
      return upload
    },
    touchUpload(principal: Uint8Array, id: VersionId, upload: Upload, touchedNs: bigint): void {
      uploads.set(uploadKey(principal, id), encodeUpload({ ...upload, touchedNs }))
    },
    openUploads: (principal: Uint8Array): VersionId[] => openUploads.of(principal),
    /**
     * Of all uploads there are, whosever, the one whose turn it is to be looked at; then it goes to the end of the queue. Undefined when it has
     * been finished or given up since, or when there is none.
     */
    nextUnfinished(): { readonly principal: Uint8Array; readonly id: VersionId; readonly upload: Upload } | undefined {
      const key = unfinished.first()
      if (key === undefined) return undefined
      unfinished.shift()
      const { principal, id } = readUploadKey(key)
      const upload = store.upload(principal, id)
      if (upload === undefined) return undefined
      unfinished.push(key)
      return { principal, id, upload }
    },
    /** The upload has become a version: its chunks stay. */
    finishUpload(principal: Uint8Array, id: VersionId, upload: Upload): void {
      removeUpload(principal, id)
      bodies.seal(upload)
    },
    /** Gives back what an upload took. The chunks themselves are removed by `bodies.collect`. */
    abandonUpload(principal: Uint8Array, id: VersionId, upload: Upload): void {
      removeUpload(principal, id)
      count(upload.patientId, { versions: 0, sizeBytes: -upload.sizeBytes })
      bodies.discard(upload)
    },

    /** Until when somebody may page through a compartment; 0 when never. */
    listWindow: (principal: Uint8Array, place: Place, grantId: Uint8Array | null): bigint =>
      new ByteReader(windows.get(windowKey(principal, place, grantId)) ?? new Uint8Array(8)).u64(),
    openListWindow(principal: Uint8Array, place: Place, grantId: Uint8Array | null, untilNs: bigint): void {
      windows.set(windowKey(principal, place, grantId), u64Key(untilNs))
    },
  }
  function removeUpload(principal: Uint8Array, id: VersionId): void {
    uploads.delete(uploadKey(principal, id))
    openUploads.set(
      principal,
      openUploads.of(principal).filter((each) => !isSameId(each, id)),
    )
  }
  return store
}
export type RecordsStore = ReturnType<typeof createRecordsStore>

/** Short lists of versions, one row for each person: `n × (recordId || version(4))`. */
function createIdLists(rows: Rows) {
  return {
    of(principal: Uint8Array): VersionId[] {
      const reader = new ByteReader(rows.get(principal) ?? new Uint8Array())
      const ids: VersionId[] = []
      while (reader.offset < reader.bytes.length) ids.push({ recordId: reader.raw(16), version: reader.u32() })
      assert(reader.ok, 'a stored list of ids decodes')
      return ids
    },
    set(principal: Uint8Array, ids: readonly VersionId[]): void {
      const writer = new ByteWriter(20 * ids.length)
      for (const { recordId, version } of ids) writer.raw(recordId).u32(version)
      rows.set(principal, writer.done())
    },
  }
}

const isSameId = (a: VersionId, b: VersionId) => a.version === b.version && equalBytes(a.recordId, b.recordId)
const idKey = ({ recordId, version }: VersionId) => new ByteWriter(20).raw(recordId).u32(version).done()
const uploadKey = (principal: Uint8Array, id: VersionId) =>
  new ByteWriter(21 + principal.length).u8(principal.length).raw(principal).raw(idKey(id)).done()
function readUploadKey(key: Uint8Array): { principal: Uint8Array; id: VersionId } {
  const reader = new ByteReader(key)
  const principal = reader.raw(reader.u8())
  return { principal, id: { recordId: reader.raw(16), version: reader.u32() } }
}
const windowKey = (principal: Uint8Array, place: Place, grantId: Uint8Array | null) =>
  new ByteWriter(50 + principal.length)
    .u8(principal.length)
    .raw(principal)
    .raw(placeKey(place))
    .raw(grantId ?? ZERO_ID)
    .done()
