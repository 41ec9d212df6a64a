import { type Category, GRANT_PERIOD_MAX_NS, NS_PER_MS, type NewShare, type Purpose } from '@medguard/client'
import { endOfDayMs, momentText, nsOf } from '../app/dates.ts'
import { shortCode } from '../app/words.ts'
import { listText, t } from '../words/language.ts'
import { readShareCode, shareCodeError } from './share-code.ts'

/** What the reader has filled in so far; kept until it is sent or thrown away, wherever they go in between. */
export interface ShareDraft {
  readonly code: string
  readonly what: 'categories' | 'records'
  readonly categories: readonly Category[]
  readonly records: readonly { readonly recordId: string; readonly version: number; readonly title: string }[]
  /** Null until chosen, like `purpose`: nothing of a consent is filled in for anybody (C07). */
  readonly howLong: HowLong | 'date' | null
  /** Calendar day of this device, `2025-06-30`; empty until chosen. Access ends when that day ends. */
  readonly untilDay: string
  readonly purpose: Purpose | null
}

export const HOW_LONG = { hour: 3_600_000, day: 86_400_000, week: 7 * 86_400_000, month: 30 * 86_400_000 } as const
export type HowLong = keyof typeof HOW_LONG
export const HOW_LONG_WORDS: Record<HowLong | 'date', string> = {
  hour: '1 hour',
  day: '1 day',
  week: '7 days',
  month: '30 days',
  date: 'Until a date',
}

/** Offered together on the short way: one choice says how long, and that it is to treat. */
export const TREATED_FOR = ['hour', 'day', 'week', 'month'] as const satisfies readonly HowLong[]

export const EMPTY_DRAFT: ShareDraft = {
  code: '',
  what: 'categories',
  categories: [],
  records: [],
  howLong: null,
  untilDay: '',
  purpose: null,
}

export const LONGEST_MS = Number(GRANT_PERIOD_MAX_NS / NS_PER_MS)

export type DraftField = 'code' | 'what' | 'howLong' | 'untilDay' | 'purpose'
export type DraftErrors = Partial<Record<DraftField, string>>

/** When the share ends, or null while that is not chosen, or is no day. */
export function draftEndMs(draft: ShareDraft, nowMs: number): number | null {
  if (draft.howLong === null) return null
  return draft.howLong === 'date' ? endOfDayMs(draft.untilDay) : nowMs + HOW_LONG[draft.howLong]
}

export function draftErrors(draft: ShareDraft, own: string, nowMs: number): DraftErrors {
  const code = shareCodeError(readShareCode(draft.code, own))
  const endMs = draftEndMs(draft, nowMs)
  const nothing = draft.what === 'categories' ? draft.categories.length === 0 : draft.records.length === 0
  return {
    ...(code !== null && { code }),
    ...(nothing && {
      what: draft.what === 'categories' ? 'Tick at least one kind of record.' : 'Choose at least one record.',
    }),
    ...(draft.howLong === null && { howLong: 'Choose how long.' }),
    ...(draft.howLong === 'date' && dayError(endMs, nowMs)),
    ...(draft.purpose === null && { purpose: 'Choose what it is for.' }),
  }
}

function dayError(endMs: number | null, nowMs: number): DraftErrors {
  if (endMs === null) return { untilDay: 'Choose the last day of access.' }
  if (endMs <= nowMs) return { untilDay: 'Choose today or a day to come.' }
  if (endMs > nowMs + LONGEST_MS) return { untilDay: 'Choose a day within a year. You can share again then.' }
  return {}
}

/** @returns null while something is missing. */
export function shareOf(draft: ShareDraft, own: string, nowMs: number): NewShare | null {
  const code = readShareCode(draft.code, own)
  const endMs = draftEndMs(draft, nowMs)
  const { purpose } = draft
  if (code.kind !== 'code' || endMs === null || purpose === null) return null
  if (Object.keys(draftErrors(draft, own, nowMs)).length > 0) return null
  return {
    grantee: code.code,
    scope:
      draft.what === 'categories'
        ? { categories: draft.categories }
        : { records: draft.records.map(({ recordId, version }) => ({ recordId, version })) },
    rights: ['list', 'open'],
    purpose,
    startNs: nsOf(nowMs),
    endNs: nsOf(endMs),
    // Ticked by itself, under its own name.
    ...(draft.what === 'categories' && draft.categories.includes('sensitive')
      ? { terms: { namesSensitive: true } }
      : {}),
  }
}

/** The whole share in one sentence, as it stands before the button that sends it. `counts` are the owner's own. */
export function draftSentence(
  draft: ShareDraft,
  own: string,
  nowMs: number,
  counts: Partial<Record<Category, number>> | null,
): string | null {
  const share = shareOf(draft, own, nowMs)
  const endMs = draftEndMs(draft, nowMs)
  if (share === null || endMs === null) return null
  const who = `The person with the code ${shortCode(share.grantee)}`
  const when = `until ${momentText(endMs, nowMs)}, ${t(`purposes.${share.purpose}Clause`)}`
  if (draft.what === 'records') {
    const titles = draft.records.map(({ title }) => `“${title}”`)
    const what = titles.length <= 3 ? listText(titles) : `the ${titles.length} records you chose`
    return `${who} can open ${what} ${when}. Newer versions of these, and notes to them, go along.`
  }
  const total = counts === null ? null : draft.categories.reduce((sum, category) => sum + (counts[category] ?? 0), 0)
  const labels = listText(draft.categories.map((category) => t(`categories.${category}`)))
  const now = total === null ? 'everything' : total === 1 ? 'your 1 record' : `your ${total} records`
  return `${who} can open ${now} in ${labels}, and anything new there, ${when}.`
}
