import {
  type ManifestHashes,
  manifestHashes,
  openHead,
  type OpenedHead,
  sha256Here,
  unwrapHeaderSecret,
  wipe,
  type WrapKeys,
} from '@medguard/crypto'
import {
  concatBytes,
  decodeDeletedRow,
  decodeHeaderRow,
  type DeletedRow,
  encodeDeletedRow,
  equalBytes,
  HEADER_PAGE_MAX,
  type HeaderRow,
  NOTHING_DELETED,
  RECORDS_PER_ACCOUNT_MAX,
} from '@medguard/protocol'
import { appendLeaf, EMPTY_PEAKS, leafHash, type Peaks, rootOf } from '@medguard/tlog'
import { Fault, type Progress } from './api.ts'
import type { Signature } from './author-api.ts'
import { signaturesOf } from './authors.ts'
import type { Canisters } from './canisters.ts'
import type { KeyRing } from './key-ring.ts'
import { MEASURED } from './measured.ts'
import { newId, okOf } from './outcome.ts'
import { epochOf, placeArg, type Reach } from './place.ts'
import { othersTurn } from './turns.ts'
import { withWrapKeys } from './wrap-keys.ts'

export interface ListedRecord {
  readonly reach: Reach
  readonly row: HeaderRow
  /**
   * Null for what fails its checks. Whoever may write to a compartment may store rubbish there: it is listed as such and opens as nothing, and
   * the rest stays readable.
   */
  readonly head: OpenedHead | null
  readonly signature: Signature
}

/**
 * A platform's cryptography may run beside its caller: asked for one at a time, most of the time goes into waiting. Where it does not, nothing waits within such
 * a part: between two of them others get in, and it is told how far the list is.
 */
const OPENED_AT_ONCE = 256

/** @throws Fault `Tampered` for a record that is listed and fails its checks. */
export function soundHead({ head }: ListedRecord): OpenedHead {
  if (head === null) throw new Fault('Tampered', 'this record fails its checks')
  return head
}

/** One compartment as it was certified. */
export interface ListedCompartment {
  /** All versions that are there, in the order they were added. */
  readonly records: ListedRecord[]
  readonly deleted: readonly DeletedRow[]
  /** Of both together. */
  readonly count: number
}

/**
 * Everything that one compartment lists. The pages come by query, from one replica; count, root and the digest of deletions come by
 * update, so a page that hides, adds, changes or moves a record shows, and one that passes a record off as deleted.
 *
 * @throws Fault `ListIncomplete`, `WrongKey`. @throws Refused.
 */
export async function listCompartment(
  { canisters, keyRing }: { canisters: Canisters; keyRing: KeyRing },
  reach: Reach,
  progress?: Progress,
): Promise<ListedCompartment> {
  progress?.({ step: 'asking' })
  // Beside the list: whoever waits for one waits for both. A refusal is the list's to say.
  const { likelyEpoch = null } = reach
  if (likelyEpoch !== null) keyRing.keysOf(epochOf(reach, likelyEpoch), reach.grantId).catch(() => {})
  const rows = await hashedRows(canisters, reach)
  progress?.({ step: 'verifying' })
  const deleted = rows.flatMap(({ row }) => ('deletedNs' in row ? [row] : []))
  return { records: await openRows({ canisters, keyRing }, reach, rows, progress), deleted, count: rows.length }
}

async function openRows(
  { canisters, keyRing }: { canisters: Canisters; keyRing: KeyRing },
  reach: Reach,
  rows: readonly HashedRow[],
  progress?: Progress,
): Promise<ListedRecord[]> {
  const opened: Omit<ListedRecord, 'signature'>[] = []
  const open = async (each: Hashed<HeaderRow>) => ({
    reach,
    row: each.row,
    head: await openRow({ canisters, keyRing }, reach, each, progress),
  })
  const openSome = async (from: number, to: number) => {
    const some = rows.slice(from, to).filter(isThere)
    opened.push(...(await Promise.all(some.map(open))))
    progress?.({ step: 'listing', doneRecords: Math.min(to, rows.length), totalRecords: rows.length })
  }
  if (rows.length > 0) await openSome(0, 1) // the key is asked for with the first
  const start = performance.now()
  for (let done = 1; done < rows.length; done += OPENED_AT_ONCE) {
    await openSome(done, done + OPENED_AT_ONCE)
    await othersTurn() // whoever locked meanwhile took the keys: the next part ends in that
  }
  performance.measure(MEASURED.headers, { start, end: performance.now() })
  const signatures = await signaturesOf(
    canisters,
    opened.map(({ row: { manifest, deposit = null } }) => ({ manifest, deposit })),
  )
  return opened.map((each, i): ListedRecord => {
    const signature = signatures[i] ?? WRONG
    // What passes itself off as somebody's who never signed it opens as nothing.
    return { ...each, signature, head: signature.kind === 'wrong' ? null : each.head }
  })
}

/**
 * What joined a list from a place on, by query alone, inside the window that listing opened: each record is sealed as any, and that there are no others is one
 * replica's word. The next listing has to find the same in the same places (`createWatch`). Faults as above.
 */
export async function listedSince(
  { canisters, keyRing }: { canisters: Canisters; keyRing: KeyRing },
  reach: Reach,
  { fromSeq, count }: { readonly fromSeq: number; readonly count: number },
): Promise<ListedRecord[]> {
  return openRows({ canisters, keyRing }, reach, await headerRows(canisters, reach, { from: fromSeq, to: count }))
}

const WRONG: Signature = { kind: 'wrong' }

/** Of compartments that are listed at the same time: tells how far all of them are together. */
export function togetherOf(progress: Progress | undefined): () => Progress {
  const each: { doneRecords: number; totalRecords: number }[] = []
  const sum = (of: 'doneRecords' | 'totalRecords') => each.reduce((total, one) => total + one[of], 0)
  return () => {
    const own = { doneRecords: 0, totalRecords: 0 }
    each.push(own)
    return (step) => {
      if (step.step !== 'listing') return progress?.(step)
      own.doneRecords = step.doneRecords
      own.totalRecords = step.totalRecords
      progress?.({ step: 'listing', doneRecords: sum('doneRecords'), totalRecords: sum('totalRecords') })
    }
  }
}

/** The rows of a compartment as they are sealed: enough to know what it holds. Faults as above. */
export const certifiedRows = async (canisters: Canisters, reach: Reach): Promise<Row[]> =>
  (await hashedRows(canisters, reach)).map(({ row }) => row)

type Row = HeaderRow | DeletedRow
/** With the hashes of its manifest; of a deleted one the canister keeps the hash alone. */
interface Hashed<R extends Row> {
  readonly row: R
  readonly hashes: R extends HeaderRow ? ManifestHashes : null
}
type HashedRow = Hashed<HeaderRow> | Hashed<DeletedRow>
const isThere = (each: HashedRow): each is Hashed<HeaderRow> => each.hashes !== null

async function hashedRows(canisters: Canisters, reach: Reach): Promise<HashedRow[]> {
  const session = okOf(await canisters.records.beginList({ ...placeArg(reach), requestId: newId() }))
  if (session.count > RECORDS_PER_ACCOUNT_MAX) throw new Fault('ListIncomplete', 'a list is longer than any vault')
  const hashed = await headerRows(canisters, reach, { from: 0, to: session.count })
  const deleted = hashed.flatMap(({ row }) => ('deletedNs' in row ? [row] : []))
  const isWhole =
    equalBytes(rootOver(hashed), session.root) &&
    equalBytes(digestOver(deleted), session.deletions[0] ?? NOTHING_DELETED)
  if (!isWhole) throw new Fault('ListIncomplete', 'the list is not the one that was certified')
  return hashed
}

const hashedOf = (row: Row): HashedRow =>
  'deletedNs' in row ? { row, hashes: null } : { row, hashes: manifestHashes(row.manifest) }

/** Hashed page by page: all at once, that would hold others up for longer than any part of the opening. */
async function headerRows(
  canisters: Canisters,
  reach: Reach,
  { from, to }: { readonly from: number; readonly to: number },
): Promise<HashedRow[]> {
  const rows: HashedRow[] = []
  while (from + rows.length < to) {
    const fromSeq = from + rows.length
    const wanted = Math.min(HEADER_PAGE_MAX, to - fromSeq)
    const page = okOf(await canisters.records.headers({ ...placeArg(reach), fromSeq, count: wanted }))
    if (page.length === 0 || page.length > wanted)
      throw new Fault('ListIncomplete', 'a page has too few or too many records')
    for (const bytes of page) {
      const row = decodeDeletedRow(bytes) ?? decodeHeaderRow(bytes)
      if (row === null) throw new Fault('BadReply', 'a list holds something that is no record')
      if (row.seq !== from + rows.length)
        throw new Fault('ListIncomplete', 'a record is missing or doubled in the list')
      rows.push(hashedOf(row))
    }
  }
  return rows
}

/** RFC 6962 root over the manifest hashes by `seq`, as the canister keeps it. */
function rootOver(rows: readonly HashedRow[]): Uint8Array {
  let peaks: Peaks = EMPTY_PEAKS
  for (const each of rows) {
    const { manifestHash } = isThere(each) ? each.hashes : each.row
    peaks = appendLeaf(sha256Here, peaks, leafHash(sha256Here, manifestHash)).peaks
  }
  return rootOf(sha256Here, peaks)
}

/** The chain over what was deleted, as the canister keeps it. */
function digestOver(deleted: readonly DeletedRow[]): Uint8Array {
  let digest: Uint8Array = NOTHING_DELETED
  for (const row of deleted.toSorted((a, b) => a.ordinal - b.ordinal))
    digest = sha256Here(concatBytes(digest, encodeDeletedRow(row)))
  return digest
}

async function openRow(
  asking: { readonly canisters: Canisters; readonly keyRing: KeyRing },
  reach: Reach,
  { row, hashes }: Hashed<HeaderRow>,
  progress?: Progress,
): Promise<OpenedHead | null> {
  const { patientId } = reach
  const { recordId, version } = row
  const place = { patientId, recordId, version }
  try {
    const openWith = async (keys: WrapKeys) => {
      const secret = await unwrapHeaderSecret(keys, place, row.listWrap)
      try {
        return await openHead(secret, place, row, hashes)
      } finally {
        wipe(secret)
      }
    }
    return await withWrapKeys(asking, reach, row.listWrap, openWith, progress)
  } catch (error) {
    if (error instanceof Fault && error.code === 'Tampered') return null
    throw error
  }
}
