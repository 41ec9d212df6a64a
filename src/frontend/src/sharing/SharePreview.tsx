import { isProfile, isWithin, type RecordSummary } from '@medguard/client'
import { useMemo } from 'react'
import { momentText } from '../app/dates.ts'
import { CategoryTile } from '../records/CategoryTile.tsx'
import { lastSubject, listed, newestFirst } from '../records/record-list.ts'
import { recordLine } from '../records/RecordFacts.tsx'
import '../records/records.css'
import { t } from '../words/language.ts'
import { draftEndMs, type ShareDraft } from './share-draft.ts'

const ROWS_MAX = 50

/** Of one's records those that a share as drafted would show, the newest first. */
export function recordsInDraft(
  { what, categories, records, from, until }: Pick<ShareDraft, 'what' | 'categories' | 'records' | 'from' | 'until'>,
  own: readonly RecordSummary[],
): readonly RecordSummary[] {
  const picked = new Set(records.map(({ recordId }) => recordId))
  const range = { categories, from: from === '' ? null : from, until: until === '' ? null : until }
  return newestFirst(
    own.filter((record) => (what === 'records' ? picked.has(record.recordId) : isWithin(record, range))),
  )
}

/** The page as the recipient would find it: what is in the share, and nothing of what is not. */
export function SharePreview(props: { draft: ShareDraft; own: readonly RecordSummary[]; nowMs: number }) {
  const { draft, own, nowMs } = props
  const seen = useMemo(() => recordsInDraft(draft, own), [draft, own])
  const shown = listed(seen)
  const endMs = draftEndMs(draft, nowMs)
  const subject = lastSubject(seen)
  const hasProfile = seen.some(isProfile)
  if (draft.purpose === null || endMs === null) return null
  return (
    <details className="mg-details mg-preview">
      <summary>{t('sharePreview.open')}</summary>
      <section className="mg-card mg-pad mg-stack" aria-label={t('sharePreview.title')}>
        <p className="mg-soft mg-small">{t('sharePreview.hint')}</p>
        {subject !== null && (
          <strong className="mg-break">
            <bdi>{subject}</bdi>
          </strong>
        )}
        <p>
          {t('sharePreview.terms', {
            purpose: t(`purposes.${draft.purpose}`),
            until: momentText(endMs, nowMs),
          })}
        </p>
        <p>{t('sharePreview.count', { count: shown.length })}</p>
        <ul className="mg-preview-list" aria-label={t('sharePreview.records')}>
          {shown.slice(0, ROWS_MAX).map((record) => (
            <li key={record.recordId} className="mg-preview-row">
              <CategoryTile category={record.category} />
              <span className="mg-record-text">
                <span className="mg-record-title">
                  <bdi>{record.title}</bdi>
                </span>
                <span className="mg-record-facts">{recordLine(record)}</span>
              </span>
            </li>
          ))}
        </ul>
        {shown.length > ROWS_MAX && <p>{t('sharePreview.andMore', { count: shown.length - ROWS_MAX })}</p>}
        {hasProfile && <p>{t('sharePreview.profile')}</p>}
        {draft.what === 'categories' && <p className="mg-soft mg-small">{t('sharePreview.later')}</p>}
      </section>
    </details>
  )
}
