import { CATEGORIES, type Category, toHex, Principal } from '@medguard/protocol'
import type { RecordSummary, Vault } from './api.ts'
import type { RecordOrigin } from './record-places.ts'
import type { ListedRecord } from './listing.ts'
import { printable } from './printable.ts'

/** Names one record version in one vault, as a map key. */
export function addressOf(record: { vault: Vault; recordId: string; version: number }): string {
  return `${record.vault.of === 'me' ? 'me' : record.vault.grantId} ${record.recordId} ${record.version}`
}

/**
 * The newest version of each record, where the record stood first. A damaged version stands for itself: it neither hides the one before it, nor
 * is it hidden by it.
 */
export function newestOf(listed: readonly ListedRecord[]): ListedRecord[] {
  const newest = new Map<string, ListedRecord>()
  for (const record of listed) {
    const id = `${toHex(record.row.recordId)} ${record.head === null ? record.row.version : ''}`
    if (record.row.version >= (newest.get(id)?.row.version ?? 0)) newest.set(id, record)
  }
  return [...newest.values()]
}

const UNREADABLE = {
  title: 'Unreadable record',
  fileName: null,
  mediaType: 'application/octet-stream',
  clinicalDate: null,
  author: null,
  subject: null,
  sizeBytes: 0,
  addedNs: null,
  isDamaged: true,
} as const

/** @param own the owner's categories by compartment id; a recipient has none and goes by what the author sealed into the header. */
export function summaryOf(vault: Vault, listed: ListedRecord, own: ReadonlyMap<string, Category>): RecordSummary {
  const { signature } = listed
  const { author, deposit } = listed.row
  const device =
    deposit?.deviceId === undefined ? {} : { deviceId: toHex(deposit.deviceId), postedNs: deposit.depositedNs }
  const depositedBy =
    author === undefined ? device : { depositedBy: Principal.fromUint8Array(author).toText(), ...device }
  const place = { vault, recordId: toHex(listed.row.recordId), version: listed.row.version, ...depositedBy, signature }
  const ownCategory = own.get(toHex(listed.reach.compartment.cid))
  if (listed.head === null) return { ...place, ...UNREADABLE, category: ownCategory ?? 'shared' }
  const { header } = listed.head
  const sealed = CATEGORIES.find((category) => category === header.category)
  const createdMs = Date.parse(header.createdAt ?? '')
  return {
    ...place,
    category: ownCategory ?? sealed ?? 'shared',
    title: harmless(header.title),
    fileName: harmlessOrNull(header.fileName),
    mediaType: harmless(header.mediaType),
    clinicalDate: harmlessOrNull(header.clinicalDate),
    author: harmlessOrNull(header.author),
    subject: harmlessOrNull(header.subject),
    sizeBytes: header.bodyBytes,
    contentSha256: header.bodySha256,
    addedNs: Number.isNaN(createdMs) ? null : BigInt(createdMs) * 1_000_000n,
    ...(header.summary === undefined ? {} : { readings: header.summary }),
    ...(header.origin === undefined ? {} : { origin: soundOrigin(header.origin) }),
    ...(header.via === undefined ? {} : { via: header.via.map(soundOrigin) }),
    ...(header.directory === undefined ? {} : { hasFiles: true }),
    ...(header.links === undefined
      ? {}
      : { links: header.links.map((link) => ({ ...link, relation: harmless(link.relation) })) }),
  }
}

function soundOrigin({ recordId, version, manifestHash, storedBy, isOwn, storedAt }: RecordOrigin): RecordOrigin {
  return {
    recordId,
    version,
    manifestHash,
    ...(storedBy === undefined ? {} : { storedBy: harmless(storedBy) }),
    ...(isOwn === undefined ? {} : { isOwn }),
    ...(storedAt === undefined ? {} : { storedAt: harmless(storedAt) }),
  }
}

const TEXT_CHARS_MAX = 255

/** What an author sealed, as it may be shown: their client would have refused the rest, but it is theirs. */
function harmless(text: string): string {
  const chars = Array.from(printable(text))
  return chars.length > TEXT_CHARS_MAX ? `${chars.slice(0, TEXT_CHARS_MAX - 1).join('')}…` : chars.join('')
}
const harmlessOrNull = (text: string | undefined): string | null => (text === undefined ? null : harmless(text))

/** Whether a shared record belongs to one of the wanted categories; one that names none is always shown. */
export function sameCategory(summary: RecordSummary, wanted: readonly Category[]): boolean {
  return summary.category === 'shared' || wanted.includes(summary.category)
}
