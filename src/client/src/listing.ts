import { sha256 } from '@noble/hashes/sha2'
import { openHead, type OpenedHead, unwrapHeaderKey } from '@medguard/crypto'
import {
  decodeHeaderRow,
  equalBytes,
  HEADER_PAGE_MAX,
  type HeaderRow,
  RECORDS_PER_ACCOUNT_MAX,
} from '@medguard/protocol'
import { appendLeaf, EMPTY_PEAKS, leafHash, type Peaks, rootOf } from '@medguard/tlog'
import { Fault, type Progress } from './api.ts'
import type { Canisters } from './canisters.ts'
import { cryptoWork } from './crypto-fault.ts'
import type { KeyRing } from './key-ring.ts'
import { newId, okOf } from './outcome.ts'
import { epochOf, epochOfWrap, placeArg, type Reach } from './place.ts'

export interface ListedRecord {
  readonly reach: Reach
  readonly row: HeaderRow
  /**
   * Null for what fails its checks. Whoever may write to a compartment may store rubbish there: it is listed as such and opens as nothing, and
   * the rest stays readable.
   */
  readonly head: OpenedHead | null
}

/** @throws Fault `Tampered` for a record that is listed and fails its checks. */
export function soundHead({ head }: ListedRecord): OpenedHead {
  if (head === null) throw new Fault('Tampered', 'this record fails its checks')
  return head
}

/**
 * All record versions of one compartment, in the order they were added. The pages come by query, from one replica; count and root come by
 * update, so a page that hides, adds, changes or moves a record shows.
 *
 * @throws Fault `ListIncomplete`, `WrongKey`. @throws Refused.
 */
export async function listCompartment(
  { canisters, keyRing }: { canisters: Canisters; keyRing: KeyRing },
  reach: Reach,
  progress?: Progress,
): Promise<ListedRecord[]> {
  progress?.({ step: 'asking' })
  const session = okOf(await canisters.records.beginList({ ...placeArg(reach), requestId: newId() }))
  if (session.count > RECORDS_PER_ACCOUNT_MAX) throw new Fault('ListIncomplete', 'a list is longer than any vault')
  const rows = await headerRows(canisters, reach, session.count)
  if (!equalBytes(rootOver(rows), session.root))
    throw new Fault('ListIncomplete', 'the list is not the one that was certified')
  progress?.({ step: 'verifying' })
  const listed: ListedRecord[] = []
  for (const row of rows) listed.push({ reach, row, head: await openRow(keyRing, reach, row, progress) })
  return listed
}

async function headerRows(canisters: Canisters, reach: Reach, count: number): Promise<HeaderRow[]> {
  const rows: HeaderRow[] = []
  while (rows.length < count) {
    const wanted = Math.min(HEADER_PAGE_MAX, count - rows.length)
    const page = okOf(await canisters.records.headers({ ...placeArg(reach), fromSeq: rows.length, count: wanted }))
    if (page.length === 0 || page.length > wanted)
      throw new Fault('ListIncomplete', 'a page has too few or too many records')
    for (const bytes of page) {
      const row = decodeHeaderRow(bytes)
      if (row === null) throw new Fault('BadReply', 'a list holds something that is no record')
      if (row.seq !== rows.length) throw new Fault('ListIncomplete', 'a record is missing or doubled in the list')
      rows.push(row)
    }
  }
  return rows
}

/** RFC 6962 root over the manifest hashes by `seq`, as the canister keeps it. */
function rootOver(rows: readonly HeaderRow[]): Uint8Array {
  let peaks: Peaks = EMPTY_PEAKS
  for (const { manifest } of rows) peaks = appendLeaf(sha256, peaks, leafHash(sha256, sha256(manifest))).peaks
  return rootOf(sha256, peaks)
}

async function openRow(
  keyRing: KeyRing,
  reach: Reach,
  row: HeaderRow,
  progress?: Progress,
): Promise<OpenedHead | null> {
  const { patientId } = reach
  const { recordId, version } = row
  const place = { patientId, recordId, version }
  try {
    const epoch = await epochOfWrap(row.listWrap)
    const keys = await keyRing.keysOf(epochOf(reach, epoch), reach.grantId, progress)
    return await cryptoWork(async () => openHead(await unwrapHeaderKey(keys, place, row.listWrap), place, row))
  } catch (error) {
    if (error instanceof Fault && error.code === 'Tampered') return null
    throw error
  }
}
