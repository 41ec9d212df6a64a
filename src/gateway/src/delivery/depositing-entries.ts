import { Fault, type MedGuardClient, type Refusal, type RefusalKind } from '@medguard/client'
import type { Quarantine, QuarantineReason } from '../quarantine/quarantine.ts'
import type { Spool, SpoolEntry, SpoolHead } from '../spool/spool.ts'
import type { PutOff } from './lanes.ts'
import type { OrderBook } from './order-book.ts'
import type { Matcher } from './patient-table.ts'
import type { Readable, Reader } from './reading-entries.ts'

export interface DepositingParts {
  readonly spool: Spool
  readonly quarantine: Quarantine
  readonly matcher: Matcher
  readonly orders: Pick<OrderBook, 'find' | 'note'>
  /** The gateway's own: what it stores, the patient's log has under its principal. */
  readonly client: Pick<MedGuardClient, 'depositOnce'>
  readonly readers: Partial<Readonly<Record<SpoolEntry['kind'], Reader>>>
  /** Grant under which an entry is stored now, where its own was changed for another; its own unless told. */
  readonly grantNow?: (entry: SpoolHead) => string | null
  /** The vault has it: told before it leaves the spool. */
  readonly onDelivered?: (entry: SpoolEntry, grantId: string) => void
  /** Of a mistake of ours, which stops nothing: for the log of the process. */
  readonly onBug?: (error: unknown) => void
}

export type Outcome =
  | { readonly kind: 'delivered' }
  | ({ readonly kind: 'later' } & PutOff)
  | { readonly kind: 'held'; readonly reason: QuarantineReason; readonly detail: string }
export type Target =
  | { readonly kind: 'matched'; readonly grantId: string }
  | { readonly kind: 'unmatched' | 'ambiguous' | 'mismatch' | 'merge' }

/** What passes by itself: nobody has to do anything. */
const PASSES: ReadonlySet<RefusalKind> = new Set(['Busy', 'LogUnavailable', 'NotReady', 'KeysUnavailable', 'LowCycles'])
/** What the patient, or whoever verifies, may change; anything else that is refused is in the content. */
const REASONS: Partial<Readonly<Record<RefusalKind, QuarantineReason>>> = {
  ConsentEnded: 'shareOver',
  Paused: 'shareOver',
  Unverified: 'shareOver',
  Expired: 'shareOver',
  NotPermitted: 'notShared',
  Full: 'noRoom',
}

/** Null for what was read when it was taken and is not now: by another version of this program, perhaps. */
export function readable({ readers, onBug }: DepositingParts, entry: SpoolEntry): Readable | null {
  try {
    return readers[entry.kind]?.(entry) ?? null
  } catch (error) {
    onBug?.(error)
    return null
  }
}

/** @param own that it came with. */
export const grantOf = ({ grantNow }: DepositingParts, entry: SpoolHead, own: string): string =>
  grantNow?.(entry) ?? own

export function targetOf(parts: DepositingParts, entry: SpoolEntry, read: Readable): Target {
  const { identifiers, birthDate, isMerge } = read
  if (entry.grantId !== undefined) return { kind: 'matched', grantId: grantOf(parts, entry, entry.grantId) }
  return isMerge ? { kind: 'merge' } : parts.matcher.match(identifiers, birthDate)
}

/** Stores it as the record that it always becomes, once. */
export async function deposited(
  { client, spool, orders, onDelivered }: DepositingParts,
  entry: SpoolEntry,
  { record, sender, orders: told }: Readable,
  grantId: string,
): Promise<Outcome> {
  const recordId = spool.recordIdOf(entry.id)
  const nameOf = ({ number, code }: { number: string; code: string }) => ({ grantId, sender, number, code })
  const before = told.flatMap((order) => (order.isCorrection ? (orders.find(nameOf(order)) ?? []) : []))
  const links = [...new Set(before)]
    .filter((id) => id !== recordId)
    .map((id) => ({ recordId: id, version: 1, relation: 'corrects' }))
  let refusal: Refusal
  try {
    const answer = await client.depositOnce(grantId, recordId, { ...record, links })
    if (answer.kind === 'done') {
      onDelivered?.(entry, grantId)
      for (const order of told) await orders.note(nameOf(order), recordId)
      return { kind: 'delivered' }
    }
    refusal = answer.refusal
  } catch (error) {
    if (!(error instanceof Fault)) throw error
    return { kind: 'later', why: error.code, isForAll: true }
  }
  const { kind } = refusal
  if (PASSES.has(kind)) {
    const afterMs = refusal.kind === 'Busy' ? refusal.retryAfterMs : 0
    return { kind: 'later', why: kind, isForAll: false, afterMs }
  }
  // The institution has to sign, and its key is not at hand or not registered: nothing of anybody would be taken.
  if (refusal.kind === 'BadInput' && refusal.field === 'author')
    return { kind: 'later', why: 'AuthorKey', isForAll: true }
  return { kind: 'held', reason: REASONS[kind] ?? 'content', detail: kind }
}
