import { CATEGORIES, type Category, type RecordSummary } from '@medguard/client'
import { type ReactNode, useId, useMemo } from 'react'
import { Chips } from '../app/elements.tsx'
import { t } from '../words/language.ts'
import type { Marks } from './badges.ts'
import { countByCategory } from './record-list.ts'
import { authorsOf, SOURCES, type TimelineFilter } from './timeline-filter.ts'

/** Which records are shown. Every choice is one of the address, so that Back goes back to it. */
export function TimelineFilters(props: {
  records: readonly RecordSummary[]
  show: readonly Category[]
  filter: TimelineFilter
  marks: Pick<Marks, 'held' | 'tags'>
  onChange: (show: readonly Category[], filter: TimelineFilter) => void
}) {
  const { records, show, filter } = props
  const counts = useMemo(() => countByCategory(records), [records])
  const tags = props.marks.tags ?? []
  const kinds = CATEGORIES.filter((category) => counts[category] !== undefined || show.includes(category))
  const authors = useMemo(() => authorsOf(records), [records])
  const set = (change: { readonly [K in keyof TimelineFilter]: string }) => {
    const all = Object.entries({ ...filter, ...change }).filter(([, value]) => value !== '')
    props.onChange(show, Object.fromEntries(all))
  }
  const by = authors.find(({ name }) => name === authorNamed(records, filter))?.by ?? ''
  return (
    <>
      {kinds.length > 1 && (
        <Chips
          label={t('records.kinds')}
          all={t('records.allKinds')}
          options={kinds.map((value) => ({ value, label: t(`categories.${value}`), count: counts[value] ?? 0 }))}
          on={show}
          onChange={(next) => props.onChange(next, filter)}
        />
      )}
      {tags.length > 0 && (
        <Chips
          label={t('tags.yours')}
          all={t('tags.any')}
          options={tags.map(({ id, name, records: tagged }) => ({ value: id, label: name, count: tagged.length }))}
          on={filter.tag === undefined ? [] : [filter.tag]}
          onChange={(on) => set({ tag: on.at(-1) ?? '' })}
        />
      )}
      <details className="mg-details mg-more-filters" open={Object.keys(filter).some((name) => name !== 'tag')}>
        <summary>{t('timeline.more')}</summary>
        <div className="mg-filter-fields">
          {authors.length > 0 && (
            <Field label={t('timeline.by')}>
              {(id) => (
                <select
                  id={id}
                  className="mg-select"
                  value={by}
                  onChange={(event) => set({ by: event.currentTarget.value })}
                >
                  <option value="">{t('timeline.anybody')}</option>
                  {authors.map((author) => (
                    <option key={author.by} value={author.by}>
                      {author.name}
                    </option>
                  ))}
                </select>
              )}
            </Field>
          )}
          {(['from', 'until'] as const).map((name) => (
            <Field key={name} label={t(`timeline.${name}`)}>
              {(id) => (
                <input
                  id={id}
                  type="date"
                  className="mg-select"
                  value={filter[name] ?? ''}
                  onChange={(event) => set({ [name]: event.currentTarget.value })}
                />
              )}
            </Field>
          ))}
          <Field label={t('timeline.source')}>
            {(id) => (
              <select
                id={id}
                className="mg-select"
                value={filter.source ?? ''}
                onChange={(event) => set({ source: event.currentTarget.value })}
              >
                <option value="">{t('timeline.anywhere')}</option>
                {SOURCES.map((source) => (
                  <option key={source} value={source}>
                    {t(`timeline.${source}`)}
                  </option>
                ))}
              </select>
            )}
          </Field>
          <Field label={t('timeline.sharing')} {...(props.marks.held === null && { hint: t('timeline.sharingHint') })}>
            {(id, hint) => (
              <select
                id={id}
                aria-describedby={hint}
                className="mg-select"
                value={filter.shared ?? ''}
                onChange={(event) => set({ shared: event.currentTarget.value })}
              >
                <option value="">{t('timeline.sharedOrNot')}</option>
                <option value="yes">{t('timeline.shared')}</option>
                <option value="no">{t('timeline.notShared')}</option>
              </select>
            )}
          </Field>
        </div>
      </details>
    </>
  )
}

/** The author whose records are shown, by any of their records. */
export function authorNamed(records: readonly RecordSummary[], { by }: TimelineFilter): string | null {
  const like = by === undefined ? undefined : records.find(({ recordId }) => recordId === by)
  return like === undefined ? null : (like.author ?? like.depositedBy ?? null)
}

function Field(props: { label: string; hint?: string; children: (id: string, hint: string | undefined) => ReactNode }) {
  const id = useId()
  const hint = props.hint === undefined ? undefined : `${id}-hint`
  return (
    <div className="mg-filter-field">
      <label htmlFor={id}>{props.label}</label>
      {props.children(id, hint)}
      {hint !== undefined && (
        <span id={hint} className="mg-soft mg-small">
          {props.hint}
        </span>
      )}
    </div>
  )
}
