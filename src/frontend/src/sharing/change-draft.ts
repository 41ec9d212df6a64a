import { type Category, type RecordSummary, type Share, type ShareChange, type ShareRange } from '@medguard/client'
import { atText, endOfDayMs, msOf, nsOf } from '../app/dates.ts'
import { scopeText } from '../app/words.ts'
import { listText, t } from '../words/language.ts'
import { daysText, dayErrors, HOW_LONG, type ShareDraft } from './share-draft.ts'

/** What is to be different about a share. It reaches kinds or single records, as before: one cannot be made into the other. */
export interface ChangeDraft extends Pick<
  ShareDraft,
  'categories' | 'records' | 'untilDay' | 'from' | 'until' | 'mayAdd'
> {
  /** Null: as it is. */
  readonly howLong: ShareDraft['howLong']
}
export type ChangeErrors = Partial<Record<'what' | 'days' | 'untilDay' | 'nothing', string>>

export const isOfRecords = ({ scope, terms }: Share): boolean => scope.includes('shared') && terms?.range === undefined
export const kindsOf = ({ scope, terms }: Share): readonly Category[] =>
  terms?.range?.categories ?? scope.filter((part) => part !== 'shared' && part !== 'inbox')

/** The form as it stands before anything is changed. @param held of a share of single records those that it holds and that are still there. */
export function changeDraftOf(share: Share, held: ShareDraft['records']): ChangeDraft {
  const range = share.terms?.range
  return {
    categories: kindsOf(share),
    records: held,
    from: range?.from ?? '',
    until: range?.until ?? '',
    mayAdd: share.rights.includes('write'),
    howLong: null,
    untilDay: '',
  }
}

/** The records that a share holds as one's own list has them now. */
export function heldRecords(
  ids: readonly { readonly recordId: string }[],
  own: readonly RecordSummary[],
): ShareDraft['records'] {
  const byId = new Map(own.map((record) => [record.recordId, record]))
  return ids.flatMap(({ recordId }) => {
    const record = byId.get(recordId)
    return record === undefined ? [] : [{ recordId, version: record.version, title: record.title }]
  })
}

const endMsOf = (share: Share, { howLong, untilDay }: ChangeDraft, nowMs: number): number | null => {
  if (howLong === null) return msOf(share.endNs)
  return howLong === 'date' ? endOfDayMs(untilDay) : nowMs + HOW_LONG[howLong]
}
const rangeOf = ({ from, until }: ChangeDraft): Pick<ShareRange, 'from' | 'until'> | null =>
  from === '' && until === '' ? null : { from: from === '' ? null : from, until: until === '' ? null : until }
const isSame = (a: readonly string[], b: readonly string[]): boolean =>
  a.length === b.length && a.every((each) => b.includes(each))
const without = <T>(all: readonly T[], less: readonly T[]): readonly T[] => all.filter((each) => !less.includes(each))

/** What is asked for; empty where nothing is different. Only for a draft without errors of its own. */
export function changeOf(
  share: Share,
  held: ShareDraft['records'],
  draft: ChangeDraft,
  nowMs: number,
  sensitive: readonly Category[],
): ShareChange {
  const endMs = endMsOf(share, draft, nowMs)
  return {
    ...scopeChange(share, held, draft, sensitive),
    ...(draft.howLong !== null && endMs !== null && { endNs: nsOf(endMs) }),
    ...(draft.mayAdd !== share.rights.includes('write') && {
      rights: draft.mayAdd ? [...share.rights, 'write' as const] : share.rights.filter((right) => right !== 'write'),
    }),
  }
}

function scopeChange(
  share: Share,
  held: ShareDraft['records'],
  { categories, records, ...draft }: ChangeDraft,
  sensitive: readonly Category[],
): Pick<ShareChange, 'scope' | 'namesSensitive'> {
  if (isOfRecords(share)) {
    const ids = records.map(({ recordId }) => recordId)
    if (
      isSame(
        ids,
        held.map(({ recordId }) => recordId),
      )
    )
      return {}
    return { scope: { records: records.map(({ recordId, version }) => ({ recordId, version })) } }
  }
  const range = rangeOf({ categories, records, ...draft })
  const before = share.terms?.range
  const isSameRange =
    (before?.from ?? null) === (range?.from ?? null) && (before?.until ?? null) === (range?.until ?? null)
  if (isSame(categories, kindsOf(share)) && isSameRange) return {}
  const namesSensitive = categories.some((category) => sensitive.includes(category))
  // What goes on taking in records by their days stays of that sort where the days are taken away.
  if (range !== null || before !== undefined)
    return { scope: { range: { categories, from: range?.from ?? null, until: range?.until ?? null } }, namesSensitive }
  return { scope: { categories, ...(share.scope.includes('inbox') && { inbox: true as const }) }, namesSensitive }
}

export function changeErrors(
  share: Share,
  held: ShareDraft['records'],
  draft: ChangeDraft,
  nowMs: number,
): ChangeErrors {
  const isToInboxOnly = share.scope.every((part) => part === 'inbox')
  const nothing = isOfRecords(share) ? draft.records.length === 0 : draft.categories.length === 0
  const errors = {
    ...(nothing && !isToInboxOnly && { what: t(isOfRecords(share) ? 'share.errorRecords' : 'share.errorKinds') }),
    ...(draft.from !== '' && draft.until !== '' && draft.from > draft.until && { days: t('shareDays.errorOrder') }),
    ...(draft.howLong === 'date' && dayErrors(endOfDayMs(draft.untilDay), nowMs)),
  }
  if (Object.keys(errors).length > 0 || Object.keys(changeOf(share, held, draft, nowMs, [])).length > 0) return errors
  return { nothing: t('changeShare.errorNothing') }
}

/** Each way in which it will be different, in a sentence. */
export function changeSentences(
  share: Share,
  held: ShareDraft['records'],
  draft: ChangeDraft,
  nowMs: number,
  name: string,
): readonly string[] {
  const endMs = endMsOf(share, draft, nowMs)
  const adds = share.rights.includes('write')
  const before = share.terms?.range
  const wasOfDays = before !== undefined && (before.from !== null || before.until !== null)
  const days = rangeOf(draft)
  const isSameDays =
    (before?.from ?? null) === (days?.from ?? null) && (before?.until ?? null) === (days?.until ?? null)
  const what = isOfRecords(share)
    ? {
        less: titlesText(held.filter(({ recordId }) => !draft.records.some((one) => one.recordId === recordId))),
        more: titlesText(draft.records.filter(({ recordId }) => !held.some((one) => one.recordId === recordId))),
      }
    : {
        less: scopeText(without(kindsOf(share), draft.categories)),
        more: scopeText(without(draft.categories, kindsOf(share))),
      }
  return [
    ...(what.less === '' ? [] : [t('changeShare.less', { name, what: what.less })]),
    ...(what.more === ''
      ? []
      : [t(isOfRecords(share) ? 'changeShare.more' : 'changeShare.moreKinds', { name, what: what.more })]),
    ...(isOfRecords(share) || isSameDays ? [] : [daysSentence(days, wasOfDays ? before : null)]),
    ...(draft.howLong === null || endMs === null
      ? []
      : [t('changeShare.ends', { end: atText(endMs, nowMs), before: atText(msOf(share.endNs), nowMs) })]),
    ...(draft.mayAdd === adds ? [] : [t(draft.mayAdd ? 'changeShare.canAdd' : 'changeShare.cannotAdd', { name })]),
  ]
}

function daysSentence(
  days: Pick<ShareRange, 'from' | 'until'> | null,
  before: Pick<ShareRange, 'from' | 'until'> | null,
): string {
  if (days === null) return t('changeShare.anyDay', { before: before === null ? '' : daysText(before) })
  return before === null
    ? t('changeShare.days', { days: daysText(days) })
    : t('changeShare.daysBefore', { days: daysText(days), before: daysText(before) })
}

const TITLES_MAX = 5
const titlesText = (records: ShareDraft['records']): string =>
  records.length > TITLES_MAX
    ? t('changeShare.countRecords', { count: records.length })
    : listText(records.map(({ title }) => t('share.quoted', { title })))
