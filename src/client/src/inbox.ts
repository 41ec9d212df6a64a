import type { RecordHeader } from '@medguard/crypto'
import { type Category, concatBytes, NS_PER_MS, Principal, refusalOf, refuse, toHex } from '@medguard/protocol'
import { sha256 } from '@noble/hashes/sha2'
import type { NewRecord, OpenedRecord, Outcome, Progress, RecordSummary } from './api.ts'
import { type ListedRecord, listCompartment, soundHead } from './listing.ts'
import { Refused } from './outcome.ts'
import { inboxReach } from './place.ts'
import { openRecord } from './reading.ts'
import { newestOf, summaryOf } from './record-summary.ts'
import type { Session } from './session.ts'

export interface InboxMethods {
  /**
   * What others sent that waits for the patient, newest version of each; `category` is what its sender thought of, `signature` who says that it is theirs.
   * Nobody else reads it, it is in no share and no search. Logged.
   */
  inbox(progress?: Progress): Promise<Outcome<readonly RecordSummary[]>>
  /** Logged before the key is released. */
  openFromInbox(recordId: string, progress?: Progress): Promise<Outcome<OpenedRecord>>
  /**
   * Takes it into a category, where its readers see it: a record of the patient's own, which says whose it was, when it came and what its manifest was. The
   * one in the inbox is deleted. Safe to repeat. Up to `FILED_BYTES_MAX`.
   */
  fileFromInbox(recordId: string, category: Category, progress?: Progress): Promise<Outcome<RecordSummary>>
  /** Deletes it. */
  rejectFromInbox(recordId: string): Promise<Outcome<null>>
}

/** What is filed is in memory meanwhile. */
export const FILED_BYTES_MAX = 256 * 1024 * 1024

/** What is filed is sealed anew, so that who sent it has no secret of what stands in the vault (docs/decisions-made.md). */
export function inboxMethods(from: {
  readonly session: Session
  readonly inCategory: (category: Category) => Promise<readonly RecordSummary[]>
  readonly store: (category: Category, record: NewRecord, header: RecordHeader) => Promise<RecordSummary>
  readonly remove: (recordId: string) => Promise<void>
}): InboxMethods {
  const { session, inCategory, store, remove } = from
  const { canisters, keyRing, unlocked, account } = session
  const summary = (listed: ListedRecord) => summaryOf({ of: 'me' }, listed, new Map())

  const listNow = async (progress?: Progress): Promise<ListedRecord[]> => {
    const reach = inboxReach(new Uint8Array((await account()).patientId), null)
    return newestOf((await listCompartment({ canisters, keyRing }, reach, progress)).records)
  }
  const find = async (recordId: string): Promise<ListedRecord> => {
    const found = (await listNow()).find(({ row }) => toHex(row.recordId) === recordId)
    if (found === undefined) throw new Refused(refusalOf(refuse.notPermitted))
    return found
  }
  const open = async (listed: ListedRecord, progress?: Progress): Promise<OpenedRecord> => {
    const pieces: Uint8Array[] = []
    const sink = { write: async (piece: Uint8Array) => void pieces.push(piece) }
    const opened = await openRecord({ canisters, keyRing, listed, summary: summary(listed), sink, progress })
    return { ...opened, bytes: concatBytes(...pieces) }
  }

  return {
    inbox: (progress) => unlocked(async () => (await listNow(progress)).map(summary)),
    openFromInbox: (recordId, progress) => unlocked(async () => open(await find(recordId), progress)),
    fileFromInbox: (recordId, category, progress) =>
      unlocked(async () => {
        const listed = await find(recordId)
        const { header } = soundHead(listed)
        if (header.bodyBytes > FILED_BYTES_MAX) throw new Refused(refusalOf(refuse.tooLarge(FILED_BYTES_MAX)))
        const origin = originOf(listed)
        // Filed before, and not taken out of the inbox: an answer was lost, or the page closed.
        const twin = (await inCategory(category)).find((each) => each.origin?.manifestHash === origin.manifestHash)
        if (twin !== undefined) {
          await remove(recordId)
          return twin
        }
        const { bytes } = await open(listed, progress)
        const { title, mediaType, fileName = null, clinicalDate = null, subject = null } = header
        // To which of the patient's records it belongs, and where it was before, its sender has no say in.
        const { links: _links, via: _via, ...kept } = header
        const record = { bytes, title, mediaType, fileName, clinicalDate, subject, category }
        const filed = await store(category, record, { ...kept, category, origin })
        await remove(recordId)
        return { ...filed, origin }
      }),
    rejectFromInbox: (recordId) =>
      unlocked(async () => {
        const found = await find(recordId)
        await remove(toHex(found.row.recordId))
        return null
      }),
  }
}

/** Who sent what is filed, and when, as its list tells. Opening it has checked both, and the signature. */
function originOf({ row: { recordId, version, manifest, deposit } }: ListedRecord) {
  return {
    recordId: toHex(recordId),
    version,
    manifestHash: toHex(sha256(manifest)),
    ...(deposit === undefined
      ? {}
      : {
          storedBy: Principal.fromUint8Array(deposit.depositor).toText(),
          storedAt: new Date(Number(deposit.depositedNs / NS_PER_MS)).toISOString(),
        }),
  }
}
