import {
  asIs,
  assert,
  type Blobs,
  createBlobs,
  createCounters,
  createDeviceBook,
  createErasures,
  createGrantBook,
  createPeopleBook,
  createRecoveryBook,
  createQueue,
  createRulesBook,
  createTrustBook,
  createRows,
  createShardBook,
  PEOPLE_SECTION,
  type Rows,
  section,
} from '@medguard/shared'
import {
  ACCOUNT,
  blobOf,
  type Deletion,
  DELETION,
  NO_PENDING,
  type Pending,
  PENDING,
  RECORD,
  type RecordRow,
  type StoredAccount,
  type Upload,
  UPLOAD,
  type Usage,
  type Version,
  VERSION,
} from './codec.ts'
import { createCapsules } from './capsules.ts'
import { createDevicePosts } from './device-posts.ts'
import { createKeyStates } from './key-states.ts'
import { createIdLists, isSameId } from './id-lists.ts'
import { createLinkBook } from './link-book.ts'
import { createLists, type Place, type VersionId } from './lists.ts'
import { idKey, readUploadKey, uploadKey, windowKey } from './store-keys.ts'
import { createUsageBook } from './usage-book.ts'

/** Memory register. An id is for life: a reused one would read old bytes as a new type. */
export const MEMORY = {
  rows: 0, // all small rows, by the sections below
  chunks: 1, // pieces of ciphertext
  lists: 2, // pages of what compartments list
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
  // 9 is retired: which chunks of uploads are there, of layout 1
  records: 10, // recordId -> RecordRow
  versions: 11, // recordId || version -> Version
  lists: 12, // 2: positions in lists; 0 and 1 are retired: lists of layout 1
  counters: 13, // 0 -> next body number
  windows: 14, // who || place || grant -> counter, untilNs
  usages: 15, // patient id -> Usage
  // 16 is retired: bodies whose chunks were being removed, of layout 1
  unfinished: 17, // keys of uploads, each looked at in its turn
  blobs: 18, // which chunks of bodies are there
  trust: 40, // organisations, their members, and the council that verifies them
  ...PEOPLE_SECTION, // 30 to 39
  patientRules: 50, // patient id -> what they laid down for all sharing; absent: nothing
  pendings: 70, // principal || recordId || version -> Pending
  deleted: 71, // recordId -> Deletion
  deletions: 72, // place -> Deletions
  erasures: 73, // patient id -> Erasure
  erasureMarks: 75, // 0: SHA-256(label || patient id || principal) -> Receipt; 1: the same in the order of their end
  underGrants: 74, // grant id -> Usage
  keyStates: 60, // 0: place -> KeyState; 1: place || seq(4) -> wraps before the last rewrap
  devices: 66, // what may post where; see the shared package
  devicePosts: 67, // 0: device id -> DeviceUse; 1: device id || run -> which numbers were used
  healthLinks: 77, // of people without an account; see link-book.ts
  capsules: 61, // 0: place || capsule id -> StoredCapsule; 1: place || depositor -> their last one; 3: wraps of chain starts
  repeats: 80, // changes of the last day
  logShards: 90, // 0: patient id -> which canister of the log has the lines
  shardOutboxes: 91, // shard u8 -> the stream to that canister of the log
  layout: 255, // nothing -> layout number; absent: 1
} as const

/** In `lists`. */
export const POSITIONS = 2
const NEXT_BODY = new Uint8Array(1)
/** The row of a section that is about no one in particular. */
const ALL = new Uint8Array(0)
export interface Maps {
  readonly rows: Rows
  readonly chunks: Rows
  readonly pages: Rows
}

/** Decoded where there is none. */
const NO_RECORD = RECORD.encode({ patientId: new Uint8Array(16), cid: new Uint8Array(16), newest: 0 })

export function createRecordsStore({ rows, chunks, pages }: Maps) {
  const accounts = createRows(section(rows, SECTION.accounts), { key: asIs, row: ACCOUNT })
  const owners = section(rows, SECTION.owners)
  const uploads = createRows(section(rows, SECTION.uploads), { key: asIs, row: UPLOAD })
  const pendings = createRows(section(rows, SECTION.pendings), { key: asIs, row: PENDING })
  const erasures = createErasures(section(rows, SECTION.erasures), section(rows, SECTION.erasureMarks))
  const deleted = createRows(section(rows, SECTION.deleted), { key: asIs, row: DELETION })
  const openUploads = createIdLists(section(rows, SECTION.openUploads))
  const recordRows = section(rows, SECTION.records)
  const records = createRows(recordRows, { key: asIs, row: RECORD })
  const versions = createRows(section(rows, SECTION.versions), { key: idKey, row: VERSION })
  const counters = createCounters(section(rows, SECTION.counters))
  const windows = createCounters(section(rows, SECTION.windows))
  const usages = createUsageBook(
    { ofPatients: section(rows, SECTION.usages), underGrants: section(rows, SECTION.underGrants) },
    (patientId) => erasures.get(patientId)?.isDone === true,
  )
  const unfinished = createQueue(section(rows, SECTION.unfinished))
  const blobs: Blobs = createBlobs({ chunks, state: section(rows, SECTION.blobs) })
  const capsules = createCapsules(section(rows, SECTION.capsules))
  const layoutRow = section(rows, SECTION.layout)
  const people = createPeopleBook({ rows, accounts, owners })
  const recovery = createRecoveryBook(rows)

  const store = {
    configurationRows: section(rows, SECTION.configuration),
    outboxRows: section(rows, SECTION.outbox),
    shardOutboxRows: section(rows, SECTION.shardOutboxes),
    logShards: createShardBook(section(rows, SECTION.logShards)),
    requestRows: section(rows, SECTION.requests),
    budgetRows: section(rows, SECTION.budgets),
    repeatRows: section(rows, SECTION.repeats),
    grants: createGrantBook(section(rows, SECTION.grants)),
    rules: createRulesBook(section(rows, SECTION.patientRules)),
    trust: createTrustBook(section(rows, SECTION.trust)),
    lists: createLists({
      pages,
      positions: section(section(rows, SECTION.lists), POSITIONS),
      deletions: section(rows, SECTION.deletions),
    }),
    keyStates: createKeyStates(section(rows, SECTION.keyStates), capsules.release),
    capsules,
    devices: createDeviceBook(section(rows, SECTION.devices)),
    devicePosts: createDevicePosts(section(rows, SECTION.devicePosts)),
    blobs,
    links: createLinkBook({
      rows: section(rows, SECTION.healthLinks),
      blobs,
      nextBodyNo: () => counters.add(NEXT_BODY, 1n),
      count: (patientId, sizeBytes) => usages.count(patientId, { versions: 0, sizeBytes }),
    }),
    /** Layout of the rows as a whole; a step in `migrate.ts` raises it. */
    layout: (): number => layoutRow.get(ALL)?.[0] ?? 1,
    setLayout: (layout: number): void => layoutRow.set(ALL, Uint8Array.of(layout)),

    people,
    /** Whoever's vault is being erased, or was, is nobody here. */
    account(principal: Uint8Array): StoredAccount | undefined {
      const account = people.account(principal)
      return account !== undefined && !erasures.has(account.patientId) ? account : undefined
    },
    recovery,
    vaultOf(patientId: Uint8Array): StoredAccount | undefined {
      const owner = owners.get(patientId)
      const account = owner === undefined ? undefined : accounts.get(owner)
      return account !== undefined && !erasures.has(patientId) ? account : undefined
    },
    /** The account of somebody as long as it is there, also while it is erased. */
    heldAccount: (principal: Uint8Array): StoredAccount | undefined => people.account(principal),
    erasures,
    /** The last of a vault that is erased: what it took up and who it was. */
    closeAccount(account: StoredAccount): void {
      const home = people.homeOfPatient(account.patientId)
      store.grants.forget(account.patientId)
      store.rules.forget(account.patientId)
      usages.forget(account.patientId)
      recovery.forget(account.patientId, home)
      people.forget(account.patientId)
      accounts.set(home, { ...account, cids: new Uint8Array(account.cids.length) })
      accounts.delete(home)
      owners.delete(account.patientId)
    },
    ownerOf: (patientId: Uint8Array): Uint8Array | undefined => owners.get(patientId),
    openAccount(principal: Uint8Array, account: StoredAccount): void {
      assert(!accounts.has(principal) && !owners.has(account.patientId), 'the first writer owns the id')
      accounts.set(principal, account)
      owners.set(account.patientId, principal)
    },
    usages,
    usage: (patientId: Uint8Array): Usage => usages.of(patientId),

    /** Costs the same whether the record is there or not, so that a refusal does not tell (I7). */
    record(recordId: Uint8Array): RecordRow | undefined {
      const row = recordRows.get(recordId)
      const record = RECORD.decode(row ?? NO_RECORD)
      assert(record !== null, 'a stored row decodes')
      return row === undefined ? undefined : record
    },
    /** Undefined from the message on that deletes the record. */
    version(id: VersionId): Version | undefined {
      const version = versions.get(id)
      return deleted.has(id.recordId) ? undefined : version
    },
    deletion: (recordId: Uint8Array): Deletion | undefined => deleted.get(recordId),
    setDeletion: (recordId: Uint8Array, deletion: Deletion): void => deleted.set(recordId, deletion),
    /** A version as it is while it is being deleted. */
    deletedVersion: (id: VersionId): Version | undefined => versions.get(id),
    /** A record as a whole, when its versions are gone. */
    forgetRecord(recordId: Uint8Array): void {
      records.delete(recordId)
      deleted.delete(recordId)
    },
    /** Gives back what a deleted version took. Its chunks are removed by `blobs.collect`; its place in the list counts on. */
    dropVersion(id: VersionId, version: Version): void {
      versions.delete(id)
      usages.count(version.patientId, { versions: 0, sizeBytes: -version.sizeBytes })
      blobs.discardSealed(blobOf(version))
    },
    addVersion(id: VersionId, version: Version): void {
      assert(!versions.has(id), 'a visible version never changes')
      const { patientId, homeCid } = version
      versions.set(id, version)
      records.set(id.recordId, { patientId, cid: homeCid, newest: id.version })
      usages.count(patientId, { versions: 1, sizeBytes: 0n })
    },

    /**
     * A first version that came whole, in one message, which found nothing there: no upload of it was ever begun.
     * @param before what the vault had.
     */
    addWholeVersion(id: VersionId, version: Omit<Version, 'bodyNo'>, body: Uint8Array, before: Usage): void {
      const { patientId, homeCid, sizeBytes } = version
      const whole = { ...version, bodyNo: counters.add(NEXT_BODY, 1n) }
      blobs.putWhole(blobOf(whole), body)
      versions.set(id, whole)
      records.set(id.recordId, { patientId, cid: homeCid, newest: id.version })
      usages.addWhole(patientId, before, sizeBytes)
    },

    upload: (principal: Uint8Array, id: VersionId): Upload | undefined => uploads.get(uploadKey(principal, id)),
    /** Makes room for a new upload. Its body number is one that nobody had before. */
    openUpload(
      principal: Uint8Array,
      id: VersionId,
      wanted: Omit<Upload, 'bodyNo'>,
      pending: Pending | null = null,
    ): Upload {
      const key = uploadKey(principal, id)
      assert(!uploads.has(key), 'an upload is opened once')
      const upload = { ...wanted, bodyNo: counters.add(NEXT_BODY, 1n) }
      blobs.makeRoom(blobOf(upload))
      uploads.set(key, upload)
      if (pending !== null) pendings.set(key, pending)
      openUploads.set(principal, [...openUploads.of(principal), id])
      unfinished.push(key)
      usages.begin(upload)
      return upload
    },
    pending: (principal: Uint8Array, id: VersionId): Pending | undefined => pendings.get(uploadKey(principal, id)),
    touchUpload(principal: Uint8Array, id: VersionId, upload: Upload, touchedNs: bigint): void {
      uploads.set(uploadKey(principal, id), { ...upload, touchedNs })
    },
    openUploads: (principal: Uint8Array): VersionId[] => openUploads.of(principal),
    /** Of somebody whose account is gone: what they began, in whosever vault. */
    forgetUploads(principal: Uint8Array): void {
      for (const id of openUploads.of(principal)) {
        const upload = store.upload(principal, id)
        if (upload !== undefined) store.abandonUpload(principal, id, upload)
      }
      openUploads.forget(principal)
    },
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
    /** Takes out of the queue what was finished or given up, of as many as one message may look at. */
    tidyUnfinished(most: number): void {
      for (let left = Math.min(unfinished.length(), most); left > 0; left--) store.nextUnfinished()
    },
    /** The upload has become a version: its chunks stay. */
    finishUpload(principal: Uint8Array, id: VersionId, upload: Upload): void {
      removeUpload(principal, id)
      blobs.seal(blobOf(upload))
    },
    /** Gives back what an upload took. The chunks themselves are removed by `blobs.collect`. */
    abandonUpload(principal: Uint8Array, id: VersionId, upload: Upload): void {
      removeUpload(principal, id)
      usages.giveUp(upload)
      blobs.discard(blobOf(upload))
    },

    /** Until when somebody may page through a compartment; 0 when never. */
    listWindow: (principal: Uint8Array, place: Place, grantId: Uint8Array | null): bigint =>
      windows.of(windowKey(principal, place, grantId)),
    openListWindow(principal: Uint8Array, place: Place, grantId: Uint8Array | null, untilNs: bigint): void {
      windows.set(windowKey(principal, place, grantId), untilNs)
    },
    /** Of a place that is erased. */
    forgetListWindow(principal: Uint8Array, place: Place, grantId: Uint8Array | null): void {
      windows.forget(windowKey(principal, place, grantId))
    },
  }
  function removeUpload(principal: Uint8Array, id: VersionId): void {
    const key = uploadKey(principal, id)
    uploads.delete(key)
    if (pendings.has(key)) {
      pendings.set(key, NO_PENDING) // it holds a wrap, and freed memory keeps its bytes (keys.md, section 17)
      pendings.delete(key)
    }
    openUploads.set(
      principal,
      openUploads.of(principal).filter((each) => !isSameId(each, id)),
    )
  }
  return store
}
export type RecordsStore = ReturnType<typeof createRecordsStore>
