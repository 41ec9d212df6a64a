import {
  type Category,
  GRANT_PERIOD_MAX_NS,
  NS_PER_MS,
  type NewShare,
  organisationIdOf,
  type Purpose,
  ROLE,
  type Role,
} from '@medguard/client'
import { clinicalDayText, endOfDayMs, momentText, nsOf, unitText } from '../app/dates.ts'
import { shortCode } from '../app/words.ts'
import { listText, t } from '../words/language.ts'
import { readRecipientCode, shareCodeError } from './share-code.ts'

/** What the reader has filled in so far; kept until it is sent or thrown away, wherever they go in between. */
export interface ShareDraft {
  readonly code: string
  /** Of an organisation: whom there. */
  readonly roles: readonly Role[]
  /** `inbox`: nothing is shared; they may send what the patient looks at first. */
  readonly what: 'categories' | 'records' | 'inbox'
  readonly categories: readonly Category[]
  readonly records: readonly { readonly recordId: string; readonly version: number; readonly title: string }[]
  /** Null until chosen, like `purpose`: nothing of a consent is filled in for anybody (C07). */
  readonly howLong: HowLong | 'date' | null
  /** Calendar day of this device, `2025-06-30`; empty until chosen. Access ends when that day ends. */
  readonly untilDay: string
  readonly purpose: Purpose | null
  /** Of kinds only what is dated so, `2025-06-30`; empty: any day. */
  readonly from: string
  readonly until: string
  /** Of kinds that are shared whatever their dates: whether they may add to them as well. */
  readonly mayAdd: boolean
}

export const HOW_LONG = { hour: 3_600_000, day: 86_400_000, week: 7 * 86_400_000, month: 30 * 86_400_000 } as const
export type HowLong = keyof typeof HOW_LONG
/** `1 hour`, `30 days`. */
export const howLongText = (howLong: HowLong): string =>
  howLong === 'hour' ? unitText(1, 'hour') : unitText(HOW_LONG[howLong] / HOW_LONG.day, 'day')

/** Offered together on the short way: one choice says how long, and that it is to treat. */
export const TREATED_FOR = ['hour', 'day', 'week', 'month'] as const satisfies readonly HowLong[]

export const EMPTY_DRAFT: ShareDraft = {
  code: '',
  roles: [],
  what: 'categories',
  categories: [],
  records: [],
  howLong: null,
  untilDay: '',
  purpose: null,
  from: '',
  until: '',
  mayAdd: false,
}

export const LONGEST_MS = Number(GRANT_PERIOD_MAX_NS / NS_PER_MS)

/** Who treats people. */
export const ROLES_OFFERED = [
  'physician',
  'nurse',
  'pharmacist',
  'laboratory',
  'therapist',
] as const satisfies readonly Role[]

/** @param text as pasted. */
export const isForOrganisation = (text: string): boolean =>
  organisationIdOf(text.replaceAll(/\s/g, '').toLowerCase()) !== null

export type DraftField = 'code' | 'roles' | 'what' | 'days' | 'howLong' | 'untilDay' | 'purpose'
export type DraftErrors = Partial<Record<DraftField, string>>

/** When the share ends, or null while that is not chosen, or is no day. */
export function draftEndMs(draft: ShareDraft, nowMs: number): number | null {
  if (draft.howLong === null) return null
  return draft.howLong === 'date' ? endOfDayMs(draft.untilDay) : nowMs + HOW_LONG[draft.howLong]
}

export function draftErrors(draft: ShareDraft, own: string, nowMs: number): DraftErrors {
  const code = shareCodeError(readRecipientCode(draft.code, own))
  const endMs = draftEndMs(draft, nowMs)
  const nothing =
    draft.what !== 'inbox' && (draft.what === 'categories' ? draft.categories : draft.records).length === 0
  return {
    ...(code !== null && { code }),
    ...(isForOrganisation(draft.code) && draft.roles.length === 0 && { roles: t('shareOrg.errorRoles') }),
    ...(nothing && {
      what: t(draft.what === 'categories' ? 'share.errorKinds' : 'share.errorRecords'),
    }),
    ...(isOfDays(draft) && draft.from > draft.until && draft.until !== '' && { days: t('shareDays.errorOrder') }),
    ...(draft.howLong === null && { howLong: t('share.errorHowLong') }),
    ...(draft.howLong === 'date' && dayErrors(endMs, nowMs)),
    ...(draft.purpose === null && { purpose: t('share.errorPurpose') }),
  }
}

export function dayErrors(endMs: number | null, nowMs: number): { untilDay?: string } {
  if (endMs === null) return { untilDay: t('share.errorDay') }
  if (endMs <= nowMs) return { untilDay: t('share.errorDayPast') }
  if (endMs > nowMs + LONGEST_MS) return { untilDay: t('share.errorDayFar') }
  return {}
}

/** @returns null while something is missing. */
export function shareOf(draft: ShareDraft, own: string, nowMs: number): NewShare | null {
  const code = readRecipientCode(draft.code, own)
  const endMs = draftEndMs(draft, nowMs)
  const { purpose } = draft
  if (code.kind !== 'code' || endMs === null || purpose === null) return null
  if (Object.keys(draftErrors(draft, own, nowMs)).length > 0) return null
  return {
    grantee: code.code,
    scope: scopeOf(draft),
    rights: draft.what === 'inbox' ? ['write'] : ['list', 'open', ...(addsToo(draft) ? (['write'] as const) : [])],
    purpose,
    startNs: nsOf(nowMs),
    endNs: nsOf(endMs),
    ...termsOf(draft),
  }
}

/** Whether it is held to days. */
export const isOfDays = ({ what, from, until }: Pick<ShareDraft, 'what' | 'from' | 'until'>): boolean =>
  what === 'categories' && (from !== '' || until !== '')
/** What is added is sealed for a kind as a whole: to single records and to days nothing can be added. */
const addsToo = (draft: ShareDraft): boolean => draft.what === 'categories' && draft.mayAdd && !isOfDays(draft)

function scopeOf(draft: ShareDraft): NewShare['scope'] {
  const { what, categories, records, from, until } = draft
  if (what === 'inbox') return { categories: [], inbox: true }
  if (isOfDays(draft))
    return { range: { categories, from: from === '' ? null : from, until: until === '' ? null : until } }
  return what === 'categories'
    ? { categories }
    : { records: records.map(({ recordId, version }) => ({ recordId, version })) }
}

/** What is sensitive is ticked by itself, under its own name; of an organisation it reaches whom the patient ticked and nobody else. */
function termsOf({ code, roles, what, categories }: ShareDraft): Pick<NewShare, 'terms'> {
  const namesSensitive = what === 'categories' && categories.includes('sensitive')
  if (!isForOrganisation(code)) return namesSensitive ? { terms: { namesSensitive } } : {}
  return { terms: { roles: roles.reduce((bits, role) => bits | ROLE[role], 0), namesSensitive } }
}

/** The whole share in one sentence, as it stands before the button that sends it. `counts` are the owner's own. */
export function draftSentence(
  draft: ShareDraft,
  own: string,
  nowMs: number,
  counts: Partial<Record<Category, number>> | null,
  name: string = shortCode(draft.code),
): string | null {
  const share = shareOf(draft, own, nowMs)
  const endMs = draftEndMs(draft, nowMs)
  if (share === null || endMs === null) return null
  const code = shortCode(share.grantee)
  const organisation = isForOrganisation(share.grantee)
    ? { name, roles: listText(draft.roles.map((role) => t(`roles.${role}`))) }
    : null
  const until = momentText(endMs, nowMs)
  const purpose = t(`purposes.${share.purpose}Clause`)
  if (draft.what === 'inbox') {
    return organisation === null
      ? t('inboxShare.sentence', { code, until, purpose })
      : t('inboxShare.sentenceOrg', { ...organisation, until, purpose })
  }
  if (draft.what === 'records') {
    const titles = draft.records.map(({ title }) => t('share.quoted', { title }))
    const records = titles.length <= 3 ? listText(titles) : t('share.recordsChosen', { count: titles.length })
    return organisation === null
      ? t('share.sentenceRecords', { code, records, until, purpose })
      : t('shareOrg.sentenceRecords', { ...organisation, records, until, purpose })
  }
  const kinds = listText(draft.categories.map((category) => t(`categories.${category}`)))
  if (isOfDays(draft)) {
    const days = daysText({
      from: draft.from === '' ? null : draft.from,
      until: draft.until === '' ? null : draft.until,
    })
    return organisation === null
      ? t('shareDays.sentence', { code, days, kinds, until, purpose })
      : t('shareDays.sentenceOrg', { ...organisation, days, kinds, until, purpose })
  }
  const total = counts === null ? null : draft.categories.reduce((sum, category) => sum + (counts[category] ?? 0), 0)
  const what = total === null ? t('share.everything') : t('share.yourCount', { count: total })
  const opens =
    organisation === null
      ? t('share.sentenceKinds', { code, what, kinds, until, purpose })
      : t('shareOrg.sentenceKinds', { ...organisation, what, kinds, until, purpose })
  return addsToo(draft) ? `${opens} ${t('shareAdds.sentence')}` : opens
}

export const daysText = ({ from, until }: { readonly from: string | null; readonly until: string | null }): string => {
  const [first, last] = [clinicalDayText(from) ?? '', clinicalDayText(until) ?? '']
  if (from !== null && until !== null) return t('shareDays.both', { from: first, until: last })
  return from !== null ? t('shareDays.since', { from: first }) : t('shareDays.upTo', { until: last })
}
