import type { RecordHeader } from '@medguard/crypto'
import {
  CATEGORIES,
  type Category,
  categoryNumber,
  COMPARTMENT_KIND,
  equalBytes,
  refusalOf,
  refuse,
  TITLE_CHARS_MAX,
  toHex,
} from '@medguard/protocol'
import { expectOneself } from './acting.ts'
import type { RecordAddress, RecordsPart } from './api-records.ts'
import type { MedGuardClient, NewRecord, OpenedRecord, Progress, RecordSummary, Vault } from './api.ts'
import { expectAuthor } from './author-keys.ts'
import { archiveMethods } from './exporting.ts'
import { eraseMethod } from './erasing.ts'
import { exportRecordsMethod } from './exporting-records.ts'
import type { Following } from './following.ts'
import { type ListedRecord, soundHead } from './listing.ts'
import { inboxMethods } from './inbox.ts'
import { readPatientLog } from './log.ts'
import { uploadMethods } from './open-uploads.ts'
import type { OwnBooks } from './own-books.ts'
import { idOf, newId, okOf, Refused } from './outcome.ts'
import { epochOf, optionOf, ownReaches, type Reach } from './place.ts'
import { decodeProfile, encodeProfile, isProfile, PROFILE_MEDIA_TYPE, wrongProfile } from './profile.ts'
import { wrongRecord } from './record-input.ts'
import { addressOf, summaryOf } from './record-summary.ts'
import { retried } from './retrying.ts'
import type { Searching } from './searching.ts'
import type { Session } from './session.ts'
import { grantReceived } from './received-grants.ts'
import { categoriesOf } from './share-list.ts'
import type { createWatch } from './watching.ts'
import { addRecord, type StoredRecord } from './writing.ts'

/** What this part shares with the rest of one client. */
export interface RecordsPartOptions {
  readonly session: Session
  /** What lists showed, by `addressOf`. */
  readonly seen: ReadonlyMap<string, ListedRecord>
  readonly watch: ReturnType<typeof createWatch>
  readonly underWay: Set<string>
  readonly list: (vault: Vault, categories: readonly Category[], progress?: Progress) => Promise<RecordSummary[]>
  readonly find: (
    address: Pick<RecordSummary, 'vault' | 'recordId' | 'version'>,
    category: RecordSummary['category'],
  ) => Promise<ListedRecord>
  readonly openInto: (...args: Parameters<MedGuardClient['openInto']>) => Promise<Omit<OpenedRecord, 'bytes'>>
  readonly following: Following
  readonly searching: Searching
  readonly books: OwnBooks
}

/** Content of a profile: far below what anybody has to tell. */
const PROFILE_BYTES_MAX = 64 * 1024

export function createRecordsPart(options: RecordsPartOptions): RecordsPart {
  const { session, seen, watch, underWay, list, find, openInto, following, searching, books } = options
  const { canisters, keyRing, unlocked, account, freshAccount, actsFor, authors } = session

  /** Where a record is at home, and the epoch that is current there. @throws Refused for a share by record: that holds no records of its own. */
  const homeOf = async (vault: Vault, cid: Uint8Array): Promise<{ reach: Reach; currentEpoch: number }> => {
    if (vault.of === 'grant') expectOneself(session)
    const source =
      vault.of === 'me'
        ? { ...((await freshAccount()) ?? (await account())), grantId: null }
        : await grantReceived(canisters, vault.grantId)
    const home = source.compartments.find((each) => equalBytes(each.cid, cid))
    if (home === undefined || !('category' in home) || home.category === 0)
      throw new Refused(refusalOf(refuse.notPermitted))
    if ('grantee' in source) await expectAuthor(session, source)
    const compartment = { compartmentKind: COMPARTMENT_KIND.category, cid: new Uint8Array(cid) }
    const grantId = source.grantId === null ? null : new Uint8Array(source.grantId)
    return {
      reach: { patientId: new Uint8Array(source.patientId), compartment, grantId },
      currentEpoch: home.currentEpoch,
    }
  }

  const store = async (
    vault: Vault,
    cid: Uint8Array,
    args: {
      record: NewRecord
      /** Of one that was stored elsewhere: its header as it was. */
      original?: RecordHeader
      previous?: { recordId: Uint8Array; version: number; manifestHash: Uint8Array }
      progress?: Progress | undefined
      signal?: AbortSignal | undefined
    },
  ): Promise<RecordSummary> => {
    const wrong = wrongRecord(args.record)
    if (wrong !== null) throw new Refused(wrong)
    const { reach, currentEpoch } = await homeOf(vault, cid)
    const keysAt = (epoch: number) => keyRing.keysOf(epochOf(reach, epoch), reach.grantId, args.progress)
    const stored = await addRecord({
      canisters,
      author: await authors.read(),
      reach,
      keysAt,
      currentEpoch,
      underWay,
      ...args,
    })
    watch.added(vault, reach)
    const summary = storedSummary(vault, args.record, stored)
    const before = args.previous === undefined ? null : { ...args.previous, recordId: toHex(args.previous.recordId) }
    if (vault.of === 'me') {
      await following.stored(summary, before)
      searching.stored(summary, cid)
    }
    return summary
  }

  const amend = async (
    address: RecordAddress,
    record: Omit<NewRecord, 'category'>,
    progress?: Progress,
    signal?: AbortSignal,
  ): Promise<RecordSummary> => {
    const listed = await find(address, address.category)
    const { manifestHash, header } = soundHead(listed)
    const { recordId, version } = listed.row
    const sealed = CATEGORIES.find((category) => category === header.category)
    const category = address.category === 'shared' ? sealed : address.category
    if (category === undefined) throw new Refused(refusalOf(refuse.badInput('category', 'unknown')))
    const links = header.links ?? []
    return store(address.vault, listed.reach.compartment.cid, {
      record: { ...record, category, links: record.links ?? links },
      previous: { recordId, version, manifestHash },
      progress,
      signal,
    })
  }

  const remove = async (recordId: string): Promise<void> => {
    const arg = { recordId: idOf(recordId), requestId: newId() }
    while (okOf(await retried(() => canisters.records.deleteRecord(arg))).left > 0);
    following.deleted(recordId)
    await searching.deleted(recordId)
  }

  const ownProfile = async (): Promise<RecordSummary | null> => {
    const records = await list({ of: 'me' }, ['summary'])
    return records.find((record) => isProfile(record) && record.isDamaged !== true) ?? null
  }

  return {
    amend: (address, record, progress, signal) => unlocked(() => amend(address, record, progress, signal)),

    versions: ({ vault, recordId, category }) =>
      unlocked(async () => {
        await list(vault, category === 'shared' ? CATEGORIES : [category])
        const own = vault.of === 'me' ? categoriesOf(await account()) : new Map<string, Category>()
        const found = [...seen.values()].filter(
          (listed) =>
            toHex(listed.row.recordId) === recordId &&
            seen.get(addressOf({ vault, recordId, version: listed.row.version })) === listed,
        )
        if (found.length === 0) throw new Refused(refusalOf(refuse.notPermitted))
        const stored = vault.of === 'me' ? await storedBy(session, recordId) : new Map<number, Stored>()
        return found
          .toSorted((a, b) => a.row.version - b.row.version)
          .map((listed) => ({
            summary: summaryOf(vault, listed, own),
            storedBy: stored.get(listed.row.version)?.by ?? null,
            storedNs: stored.get(listed.row.version)?.atNs ?? null,
          }))
      }),

    deleteRecord: (recordId) =>
      unlocked(async () => {
        await remove(recordId)
        return null
      }),

    annotate: (address, { text, relation }) =>
      unlocked(async () => {
        const listed = await find(address, address.category)
        const { header } = soundHead(listed)
        const { recordId, version, category } = address
        const sealed = CATEGORIES.find((each) => each === (category === 'shared' ? header.category : category))
        const title = `${relation === 'corrects' ? 'Correction' : 'Note'}: ${header.title}`
        const note = await store(address.vault, listed.reach.compartment.cid, {
          record: {
            bytes: new TextEncoder().encode(text),
            title: Array.from(title).slice(0, TITLE_CHARS_MAX).join(''),
            fileName: null,
            mediaType: 'text/plain',
            category: sealed ?? 'other',
            clinicalDate: null,
            subject: header.subject ?? null,
            links: [{ recordId, version, relation }],
          },
        })
        return note
      }),

    profile: () =>
      unlocked(async () => {
        const found = await ownProfile()
        if (found === null) return null
        if (found.sizeBytes > PROFILE_BYTES_MAX) throw new Refused(refusalOf(refuse.tooLarge(PROFILE_BYTES_MAX)))
        const bytes = new Uint8Array(found.sizeBytes)
        await openInto(found, { write: async (piece, start) => bytes.set(piece, start) })
        return decodeProfile(bytes)
      }),

    setProfile: (profile) =>
      unlocked(async () => {
        const wrong = wrongProfile(profile)
        if (wrong !== null) throw new Refused(wrong)
        const found = await ownProfile()
        const record = {
          bytes: encodeProfile(profile),
          title: 'Profile',
          fileName: null,
          mediaType: PROFILE_MEDIA_TYPE,
          clinicalDate: null,
        }
        if (found !== null) await amend(found, record)
        else {
          const summary = (await account()).compartments.find(({ category }) => category === categoryNumber('summary'))
          if (summary === undefined) throw new Error('every account has the eight compartments')
          await store({ of: 'me' }, new Uint8Array(summary.cid), { record: { ...record, category: 'summary' } })
        }
        return profile
      }),

    ...inboxMethods({
      session,
      inCategory: (category) => list({ of: 'me' }, [category]),
      async store(category, record, original) {
        const home = (await account()).compartments.find((each) => each.category === categoryNumber(category))
        if (home === undefined) throw new Error('every account has the eight compartments')
        return store({ of: 'me' }, new Uint8Array(home.cid), { record, original })
      },
      remove,
    }),
    ...eraseMethod(session, searching),
    ...uploadMethods(session),
    ...exportRecordsMethod(session, openInto),
    recordsInShares: () => unlocked(async () => following.held()),
    ...archiveMethods({
      books,
      imported: async () => void (await Promise.allSettled([following.catchUp()])),
      session,
      reaches: async () => ownReaches((await freshAccount()) ?? (await account()), CATEGORIES),
      async store({ category, record, header, previous, progress, signal }) {
        const { compartments } = await account()
        const home = compartments.find((each) => each.category === categoryNumber(category))
        if (home === undefined) throw new Error('every account has the eight compartments')
        const { reach, currentEpoch } = await homeOf({ of: 'me' }, new Uint8Array(home.cid))
        const keysAt = (epoch: number) => keyRing.keysOf(epochOf(reach, epoch), null, progress)
        const before = previous === undefined ? {} : { previous }
        const writing = {
          canisters,
          author: await authors.read(),
          reach,
          record,
          original: header,
          keysAt,
          currentEpoch,
          underWay,
          ...before,
        }
        const stored = await addRecord({ ...writing, progress, signal })
        watch.added({ of: 'me' }, reach)
        return stored
      },
    }),

    usage: () => unlocked(async () => okOf(await canisters.records.usage({ patientId: optionOf(actsFor) }))),
  }
}

interface Stored {
  readonly by: string
  readonly atNs: bigint
}

/** Who stored which version of a record and when, as the patient's log has it; nothing where that log does not verify. */
async function storedBy(session: Session, recordId: string): Promise<Map<number, Stored>> {
  const { canisters, network, headMemory, identity } = session
  const reading = { canisters, network, headMemory, account: await session.holder(), reader: identity.getPrincipal() }
  const { items, verification } = await readPatientLog(reading)
  const adds = verification.kind === 'verified' ? items : []
  return new Map(
    adds
      .filter(({ event, objectId }) => (event === 'recordAdd' || event === 'deposit') && objectId === recordId)
      .map(({ versionOrEpoch, actor, timeNs }) => [versionOrEpoch, { by: actor, atNs: timeNs }]),
  )
}

/** What was just stored, as a list would show it. */
export function storedSummary(vault: Vault, record: NewRecord, stored: StoredRecord): RecordSummary {
  const { title, fileName, mediaType, category, clinicalDate, subject = null, links = [], readings } = record
  return {
    vault,
    recordId: toHex(stored.recordId),
    version: stored.version,
    category,
    title,
    fileName,
    mediaType,
    clinicalDate,
    author: null,
    subject,
    sizeBytes: stored.header.bodyBytes,
    contentSha256: stored.header.bodySha256,
    addedNs: BigInt(Date.now()) * 1_000_000n,
    ...(stored.header.directory === undefined ? {} : { hasFiles: true }),
    ...(links.length === 0 ? {} : { links }),
    ...(readings === undefined ? {} : { readings }),
  }
}
