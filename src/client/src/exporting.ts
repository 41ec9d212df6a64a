import {
  createArchiveWriter,
  headerFromJson,
  openArchive,
  ORIGINS_VIA_MAX,
  type RecordHeader,
  type RecordOrigin,
  isKnownEncoding,
} from '@medguard/crypto'
import { sha256 } from '@noble/hashes/sha2'
import { CATEGORIES, type Category, NS_PER_MS, toHex } from '@medguard/protocol'
import type { ArchiveReport, RecordsPart } from './api-records.ts'
import { type ContentSource, type LogItem, type NewRecord, type Progress } from './api.ts'
import { decodeArchivedBook, encodeArchivedBook } from './archive-book.ts'
import { indexOfArchive } from './archive-index.ts'
import { type ArchivedVersion, type ArchiveItem, encodeItem } from './archive-items.ts'
import { cryptoWork } from './crypto-fault.ts'
import { readEvidence } from './evidence.ts'
import { listCompartment, type ListedRecord } from './listing.ts'
import { readPatientLog } from './log.ts'
import { idOf, isUnreadable, newId, okOf } from './outcome.ts'
import type { OwnBooks } from './own-books.ts'
import { openRecord } from './reading.ts'
import { optionOf, type Reach } from './place.ts'
import { retried } from './retrying.ts'
import { summaryOf } from './record-summary.ts'
import { categoriesOf } from './share-list.ts'
import type { Session } from './session.ts'
import { asIs } from './shortening.ts'
import type { StoredRecord } from './writing.ts'

/** Stands in the place of what did not verify. */
const ZEROS = new Uint8Array(65_536)

export interface ArchivingOptions {
  readonly session: Session
  /** One's own compartments. */
  readonly reaches: () => Promise<readonly Reach[]>
  /** What lies beside the records on this device. */
  readonly books: Pick<OwnBooks, 'archived' | 'putBack'>
  /** After everything is stored: shares take in what they were made for. */
  readonly imported: () => Promise<void>
  /** Stores a version in a category of one's own vault, with a header that is kept but for what describes the new copy. */
  readonly store: (args: {
    category: Category
    record: NewRecord
    header: RecordHeader
    previous?: { recordId: Uint8Array; version: number; manifestHash: Uint8Array }
    progress?: Progress | undefined
    signal?: AbortSignal | undefined
  }) => Promise<StoredRecord & { readonly manifestHash: Uint8Array }>
}

export function archiveMethods(
  options: ArchivingOptions,
): Pick<RecordsPart, 'exportVault' | 'importVault' | 'noteExport'> {
  const { unlocked } = options.session
  return {
    exportVault: (key, sink, progress, signal) => unlocked(() => exportVault(options, { key, sink, progress, signal })),
    noteExport: (grantId, { sha256: archiveHash, count }) =>
      unlocked(async () => {
        const { canisters, actsFor } = options.session
        const of =
          grantId === null
            ? { patientId: optionOf(actsFor), grantId: [] as [] }
            : { patientId: [] as [], grantId: optionOf(idOf(grantId)) }
        const arg = { ...of, archiveHash, count, requestId: newId() }
        return okOf(await retried(() => canisters.records.noteExport(arg)))
      }),
    importVault: (key, file, progress, signal) =>
      unlocked(async () => {
        const report = await importVault(options, { key, file, progress, signal })
        await options.imported()
        return report
      }),
  }
}

async function exportVault(
  { session, reaches, books }: ArchivingOptions,
  args: {
    key: Uint8Array
    sink: (bytes: Uint8Array) => Promise<void>
    progress: Progress | undefined
    signal: AbortSignal | undefined
  },
): Promise<ArchiveReport> {
  const { canisters, keyRing, network, headMemory, identity } = session
  const { key, sink, progress, signal } = args
  const account = await session.account()
  const own = categoriesOf(account)
  const reading = { canisters, network, headMemory, account, reader: identity.getPrincipal() }
  const report = await readPatientLog(reading)
  // Nobody is kept from leaving by a log that fails: what it would have vouched for is left out, and said to be.
  const hasLog = report.verification.kind === 'verified'
  const stored = storedByVersion(hasLog ? report.items : [])
  const lists = []
  for (const reach of await reaches()) lists.push(await listCompartment({ canisters, keyRing }, reach, progress))
  const writer = await createArchiveWriter(key, sink)
  const put = (item: ArchiveItem) => writer.write(encodeItem(item))
  await put({
    item: 'archive',
    format: 1,
    owner: identity.getPrincipal().toText(),
    vault: toHex(account.patientId),
    madeAt: new Date().toISOString(),
  })
  for (const { recordId, version, manifestHash } of lists.flatMap(({ deleted }) => deleted))
    await put({ item: 'deleted', recordId: toHex(recordId), version, manifestHash: toHex(manifestHash) })
  let versions = 0
  let damaged = 0
  const versionOf = (listed: ListedRecord): ArchivedVersion => {
    const { recordId, version } = listed.row
    const known = stored.get(`${toHex(recordId)} ${version}`)
    return {
      recordId: toHex(recordId),
      version,
      category: own.get(toHex(listed.reach.compartment.cid)) ?? 'other',
      manifestHash: toHex(sha256(listed.row.manifest)),
      storedBy: known?.by ?? null,
      storedAt: known === undefined ? null : new Date(Number(known.atNs / NS_PER_MS)).toISOString(),
      header: listed.head === null ? null : asIs(listed.head.header),
    }
  }
  // What the log does not have yet came last; versions of one record stay in their order.
  const order = (listed: ListedRecord) =>
    stored.get(`${toHex(listed.row.recordId)} ${listed.row.version}`)?.atNs ?? NOT_LOGGED_YET
  const all = lists.flatMap(({ records }) => records).toSorted((a, b) => compare(order(a), order(b)))
  for (const listed of all) {
    signal?.throwIfAborted()
    const { recordId, version, manifestHash, ...rest } = versionOf(listed)
    // Of what a newer version stored not even the length is known to be true.
    if (listed.head === null || !isKnownEncoding(listed.head.header)) {
      await put({ item: 'unreadable', recordId, version, manifestHash })
      damaged++
      continue
    }
    const { bodyBytes } = listed.head.header
    await put({ item: 'version', bytes: bodyBytes, recordId, version, manifestHash, ...rest })
    let written = 0
    let isSound = true
    const into = {
      async write(piece: Uint8Array) {
        await writer.write(piece)
        written += piece.length
      },
    }
    try {
      const summary = summaryOf({ of: 'me' }, listed, own)
      await openRecord({ canisters, keyRing, listed, summary, sink: into, progress, signal })
    } catch (error) {
      // Somebody with the right to write may have stored rubbish: the rest of the vault goes along all the same.
      if (!isUnreadable(error)) throw error
      isSound = false
      for (let left = bodyBytes - written; left > 0; left -= ZEROS.length)
        await writer.write(ZEROS.subarray(0, Math.min(left, ZEROS.length)))
    }
    await put({ item: 'checked', isSound })
    if (isSound) versions++
    else damaged++
  }
  if (hasLog) {
    const { file } = await readEvidence(reading, { kind: 'patient', id: account.patientId }, {})
    const log = new TextEncoder().encode(file)
    await put({ item: 'log', bytes: log.length })
    await writer.write(log)
  }
  const book = encodeArchivedBook(await books.archived())
  if (book !== null) {
    await put({ item: 'book', bytes: book.length })
    await writer.write(book)
  }
  await put({ item: 'end', versions, damaged })
  const archiveHash = await writer.finish()
  okOf(
    await canisters.records.noteExport({
      patientId: optionOf(session.actsFor),
      grantId: [],
      archiveHash,
      count: versions,
      requestId: newId(),
    }),
  )
  return { versions, damaged, skipped: 0, hasLog }
}

async function importVault(
  { session, reaches, books, store }: ArchivingOptions,
  args: { key: Uint8Array; file: ContentSource; progress: Progress | undefined; signal: AbortSignal | undefined },
): Promise<ArchiveReport> {
  const { key, file, progress, signal } = args
  const archive = await cryptoWork(() => openArchive(key, file))
  const found = await cryptoWork(() => indexOfArchive(archive))
  const { known, newest } = await presentIn(session, await reaches(), progress)
  /** Where a record of the archive is now: by its id there, its newest version here. */
  const here = new Map<string, Present>()
  let skipped = 0
  for (const { version, start, bytes } of found.versions) {
    signal?.throwIfAborted()
    const { recordId, manifestHash, storedBy, storedAt } = version
    const original = await cryptoWork(async () => headerFromJson(JSON.stringify(version.header)))
    const category = CATEGORIES.find((each) => each === version.category) ?? 'other'
    const place: RecordOrigin = {
      recordId,
      version: version.version,
      manifestHash,
      ...(storedBy === null ? {} : { storedBy }),
      ...(storedBy === found.owner ? { isOwn: true } : {}),
      ...(storedAt === null ? {} : { storedAt }),
    }
    const twin = namesOf(category, place, original).flatMap((name) => known.get(name) ?? [])[0]
    if (twin !== undefined) {
      const now = newest.get(toHex(twin))
      if (now !== undefined) here.set(recordId, now)
      skipped++
      continue
    }
    const header: RecordHeader = {
      ...original,
      ...(original.links === undefined
        ? {}
        : {
            links: original.links.map((link) => {
              const now = here.get(link.recordId)
              return now === undefined ? link : { ...link, recordId: toHex(now.recordId) }
            }),
          }),
      // Where it was first stays first; the place it comes from now is the newest of those after it.
      ...(original.origin === undefined
        ? { origin: place }
        : { via: [...(original.via ?? []), place].slice(-ORIGINS_VIA_MAX) }),
    }
    const content = {
      sizeBytes: bytes,
      read: (from: number, to: number) => cryptoWork(() => archive.read(start + from, start + to)),
    }
    const { title, mediaType, fileName = null, clinicalDate = null, subject = null } = original
    const record = { bytes: content, title, mediaType, fileName, clinicalDate, subject, category }
    const previous = here.get(recordId)
    const now = await store({
      category,
      record,
      header,
      ...(previous === undefined ? {} : { previous }),
      progress,
      signal,
    })
    here.set(recordId, { recordId: now.recordId, version: now.version, manifestHash: now.manifestHash })
  }
  if (found.book !== null) {
    const { start, bytes } = found.book
    const book = decodeArchivedBook(await cryptoWork(() => archive.read(start, start + bytes)))
    await books.putBack(book, (recordId) => {
      const now = here.get(recordId)
      return now === undefined ? null : toHex(now.recordId)
    })
  }
  return { versions: found.versions.length - skipped, damaged: found.damaged, skipped, hasLog: found.hasLog }
}

interface Present {
  readonly recordId: Uint8Array
  readonly version: number
  readonly manifestHash: Uint8Array
}

/** What a vault has: under each of its names the record that a version belongs to, and of each record the newest version. */
async function presentIn(session: Session, reaches: readonly Reach[], progress: Progress | undefined) {
  const { canisters, keyRing } = session
  const known = new Map<string, Uint8Array>()
  const newest = new Map<string, Present>()
  const own = categoriesOf(await session.account())
  for (const reach of reaches) {
    const category = own.get(toHex(reach.compartment.cid)) ?? 'other'
    const { records } = await listCompartment({ canisters, keyRing }, reach, progress)
    for (const { row, head } of records) {
      if (head === null) continue
      const { recordId, version } = row
      const { manifestHash, header } = head
      const id = toHex(recordId)
      for (const name of namesOf(category, { recordId: id, version, manifestHash: toHex(manifestHash) }, header))
        known.set(name, recordId)
      if ((newest.get(id)?.version ?? 0) < version) newest.set(id, { recordId, version, manifestHash })
    }
  }
  return { known, newest }
}

/**
 * A version by each place it was at. Who may write may claim any place for what they store, so the body is part of each name: with another body it passes for
 * nothing that is in an archive.
 */
function namesOf(category: Category, place: RecordOrigin, { origin, via = [], bodySha256 }: RecordHeader): string[] {
  return [place, ...(origin === undefined ? [] : [origin]), ...via].map(
    ({ recordId, version, manifestHash }) => `${category} ${recordId} ${version} ${manifestHash} ${bodySha256}`,
  )
}

/** By whom and when, of each version of the vault, by a log that verified. */
const storedByVersion = (items: readonly LogItem[]) =>
  new Map(
    items
      .filter(({ event }) => event === 'recordAdd' || event === 'deposit')
      .map((item) => [`${item.objectId} ${item.versionOrEpoch}`, { by: item.actor, atNs: item.timeNs }] as const),
  )
const NOT_LOGGED_YET = 1n << 64n

const compare = (a: bigint, b: bigint): number => (a < b ? -1 : a > b ? 1 : 0)
