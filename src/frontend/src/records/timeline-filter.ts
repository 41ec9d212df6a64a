import type { Category, RecordSummary, Share, Tag } from '@medguard/client'
import { compareTexts } from '../words/language.ts'
import { recordMs } from './record-list.ts'

// Which records of one's own are shown. All of it stands in the address but what is searched for, so an author is named there by a record of theirs: names do not
// belong into the history of a browser.

export const SOURCES = ['mine', 'received', 'imported'] as const
export type Source = (typeof SOURCES)[number]

export interface TimelineFilter {
  /** Id of a record by the author whose records are shown. */
  readonly by?: string
  /** Calendar days, both included: `2025-06-30`. */
  readonly from?: string
  readonly until?: string
  readonly source?: Source
  readonly shared?: 'yes' | 'no'
  /** Id of a tag of this device: the word itself is nobody's business who reads the history. */
  readonly tag?: string
}

/** Everything that is in the address beside the kinds. */
export function parseFilter(params: URLSearchParams): TimelineFilter {
  const [by, from, until] = [params.get('by'), params.get('from'), params.get('until')]
  const source = SOURCES.find((known) => known === params.get('source'))
  const shared = (['yes', 'no'] as const).find((known) => known === params.get('shared'))
  const tag = params.get('tag')
  return {
    ...(by !== null && /^[0-9a-f]{32}$/.test(by) && { by }),
    ...(isDay(from) && { from }),
    ...(isDay(until) && { until }),
    ...(source !== undefined && { source }),
    ...(shared !== undefined && { shared }),
    ...(tag !== null && /^[0-9a-f]{8}$/.test(tag) && { tag }),
  }
}

const isDay = (text: string | null): text is string =>
  text !== null && /^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(Date.parse(text))

/** Who made a record, as it says itself. */
export const authorOf = ({ author, depositedBy }: RecordSummary): string | null => author ?? depositedBy ?? null

export function sourceOf({ origin, depositedBy }: RecordSummary): Source {
  if (origin !== undefined) return 'imported'
  return depositedBy === undefined ? 'mine' : 'received'
}

/** Authors with the record that stands for each of them in the address; the one with the most records first. */
export function authorsOf(records: readonly RecordSummary[]): { name: string; by: string; count: number }[] {
  const authors = new Map<string, { name: string; by: string; count: number }>()
  for (const record of records) {
    const name = authorOf(record)
    if (name === null) continue
    const known = authors.get(name) ?? { name, by: record.recordId, count: 0 }
    authors.set(name, { ...known, count: known.count + 1 })
  }
  return [...authors.values()].toSorted((a, b) => b.count - a.count || compareTexts(a.name, b.name))
}

/** Ids of the records that shares by record hold, by the share's. */
export type Held = ReadonlyMap<string, ReadonlySet<string>>
export const heldIn = (inShares: Readonly<Record<string, readonly string[]>> | null): Held | null =>
  inShares === null ? null : new Map(Object.entries(inShares).map(([grantId, ids]) => [grantId, new Set(ids)]))

/** Whether a live share lets somebody see a record: one by its kind and day, or one that holds it. @param held null while that is not known. */
export function isShared(record: RecordSummary, shares: readonly Share[], held: Held | null): boolean {
  return shares.some(({ grantId, state, bar, rights, scope, terms }) => {
    if (state !== 'live' || bar !== null || !rights.some((right) => right === 'list' || right === 'open')) return false
    if (held?.get(grantId)?.has(record.recordId) === true) return true
    const range = terms?.range
    if (range === undefined) return record.category !== 'shared' && scope.includes(record.category)
    if (!range.categories.some((category) => category === record.category)) return false
    return isWithin(record.clinicalDate, range.from ?? undefined, range.until ?? undefined)
  })
}

/** A record without a day falls into a period that is open on both sides, and into no other. */
function isWithin(day: string | null, from: string | undefined, until: string | undefined): boolean {
  if (from === undefined && until === undefined) return true
  if (day === null) return false
  const known = day.slice(0, 10)
  return (from === undefined || known >= from) && (until === undefined || known <= until)
}

/** The day that a record stands under in the list, as the reader's calendar has it. */
export function dayOf(record: RecordSummary): string | null {
  if (record.clinicalDate !== null && /^\d{4}-\d{2}-\d{2}/.test(record.clinicalDate))
    return record.clinicalDate.slice(0, 10)
  const ms = recordMs(record)
  if (ms === null) return null
  const day = new Date(ms)
  const two = (part: number) => String(part).padStart(2, '0')
  return `${day.getFullYear()}-${two(day.getMonth() + 1)}-${two(day.getDate())}`
}

/** What is null is not known yet: then nothing is left out for it. */
export interface KnownOf {
  readonly shares: readonly Share[] | null
  readonly held: Held | null
  readonly tags: readonly Tag[] | null
}

/** The tag that is filtered by, where this device has it. */
export const tagNamed = (tags: readonly Tag[] | null, { tag }: TimelineFilter): Tag | null =>
  tags?.find(({ id }) => id === tag) ?? null

export function filterTimeline(
  records: readonly RecordSummary[],
  show: readonly Category[],
  filter: TimelineFilter,
  { shares, held, tags }: KnownOf,
): RecordSummary[] {
  const like = filter.by === undefined ? undefined : records.find(({ recordId }) => recordId === filter.by)
  const author = like === undefined ? null : authorOf(like)
  const tag = tagNamed(tags, filter)
  const tagged = tag === null ? null : new Set(tag.records)
  return records.filter((record) => {
    if (show.length > 0 && !show.some((category) => category === record.category)) return false
    if (author !== null && authorOf(record) !== author) return false
    if (!isWithin(dayOf(record), filter.from, filter.until)) return false
    if (tagged !== null && !tagged.has(record.recordId)) return false
    if (filter.source !== undefined && sourceOf(record) !== filter.source) return false
    return (
      filter.shared === undefined || shares === null || isShared(record, shares, held) === (filter.shared === 'yes')
    )
  })
}

/** One line of the timeline, with a key that no other line has. */
export type TimelineItem = { readonly key: string } & (
  | { readonly kind: 'month'; readonly label: string; readonly year: number | null }
  | { readonly kind: 'record'; readonly record: RecordSummary; readonly place: number }
)

/** Months and their records as one list. @param months as `byMonth` makes them. */
export function timelineItems(
  months: readonly { readonly label: string; readonly records: readonly RecordSummary[] }[],
): TimelineItem[] {
  let place = 0
  return months.flatMap(({ label, records }, i) => {
    const ms = records[0] === undefined ? null : recordMs(records[0])
    const year = ms === null ? null : new Date(ms).getFullYear()
    return [
      { kind: 'month', key: `month ${i}`, label, year } as const, // labels come twice: a year and its first month may take turns
      ...records.map((record) => recordItem(record, ++place)),
    ]
  })
}

/** @param place from 1. */
export const recordItem = (record: RecordSummary, place: number): TimelineItem => ({
  kind: 'record',
  key: record.recordId,
  record,
  place,
})

/** Where each year begins. */
export function yearsIn(items: readonly TimelineItem[]): { year: number; index: number }[] {
  const years: { year: number; index: number }[] = []
  for (const [index, item] of items.entries())
    if (item.kind === 'month' && item.year !== null && item.year !== years.at(-1)?.year)
      years.push({ year: item.year, index })
  return years
}
