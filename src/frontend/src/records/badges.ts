import type { NamedPerson, Notices, RecordSummary, Share, Tag } from '@medguard/client'
import { shortCode } from '../app/words.ts'
import { nameIn } from '../people/names.ts'
import { t } from '../words/language.ts'
import { type Held, isShared, sourceOf } from './timeline-filter.ts'

// What a row of the timeline says of a record beside its own facts: in words, not by colour alone.

export const BADGES = ['fresh', 'shared', 'corrected', 'fromDevice', 'kept'] as const
export type Badge = (typeof BADGES)[number]

/** What badges are worked out from. The same object as long as nothing of it changes, so that rows stay what they are. */
export interface Marks {
  /** Ids of records that came since somebody last looked. */
  readonly fresh: ReadonlySet<string>
  /** Of those about which a note says that something is not so. */
  readonly corrected: ReadonlySet<string>
  readonly kept: ReadonlySet<string>
  /** Null while they are not known: then nothing is said of sharing. */
  readonly shares: readonly Share[] | null
  readonly held: Held | null
  readonly names: readonly NamedPerson[] | null
  /** Null while they are not known. */
  readonly tags: readonly Tag[] | null
  /** What each record is called, by its id. */
  readonly tagsOf: ReadonlyMap<string, readonly string[]>
}

export function badgesOf(record: RecordSummary, marks: Marks): Badge[] {
  const { recordId, deviceId } = record
  const has: Record<Badge, boolean> = {
    fresh: marks.fresh.has(recordId),
    shared: marks.shares !== null && isShared(record, marks.shares, marks.held),
    corrected: marks.corrected.has(recordId),
    fromDevice: deviceId !== undefined,
    kept: marks.kept.has(recordId),
  }
  return BADGES.filter((badge) => has[badge])
}

/** Who added it: the reader, somebody else by the name that the reader gave them, or an archive. */
export function addedBy(record: RecordSummary, names: readonly NamedPerson[] | null): string {
  const source = sourceOf(record)
  if (source !== 'received' || record.depositedBy === undefined || record.deviceId !== undefined)
    return t(source === 'imported' ? 'timeline.imported' : source === 'mine' ? 'timeline.mine' : 'badges.byDevice')
  return t('badges.from', { name: nameIn(names, record.depositedBy) ?? shortCode(record.depositedBy) })
}

const unread = (notices: Notices | null) =>
  (notices?.notices ?? []).filter(({ kind, isRead }) => kind === 'recordAdded' && !isRead)

/** Records that others added and of which the reader was told, but has not read it. */
export const freshIn = (notices: Notices | null): ReadonlySet<string> =>
  new Set(unread(notices).map(({ objectId }) => objectId))

/** Ids of what told that this one came, as long as it was not read. */
export const noticesOf = (notices: Notices | null, recordId: string): string[] =>
  unread(notices).flatMap(({ id, objectId }) => (objectId === recordId ? [id] : []))

export const correctedIn = (records: readonly RecordSummary[]): ReadonlySet<string> =>
  new Set(
    records.flatMap(({ links = [] }) =>
      links.filter(({ relation }) => relation === 'corrects').map(({ recordId }) => recordId),
    ),
  )
