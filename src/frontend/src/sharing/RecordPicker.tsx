import { SHARE_RECORDS_MAX } from '@medguard/client'
import { TextInput } from '@mantine/core'
import { IconSearch } from '@tabler/icons-react'
import { useMemo, useState } from 'react'
import { useLoadable, useServices } from '../app/context.ts'
import { clinicalDayText } from '../app/dates.ts'
import { Link, ListSkeleton, ProblemNotice } from '../app/elements.tsx'
import { stepText } from '../app/words.ts'
import { t } from '../words/language.ts'
import { filterRecords, listed, newestFirst } from '../records/record-list.ts'
import type { ShareDraft } from './share-draft.ts'

const ROWS_MAX = 40

/** Ticking single records. The newest are offered; searching finds the others. */
export function RecordPicker(props: {
  chosen: ShareDraft['records']
  onChange: (chosen: ShareDraft['records']) => void
}) {
  const records = useLoadable(useServices().records)
  const [search, setSearch] = useState('')
  const found = useMemo(
    () => (records.status === 'ready' ? filterRecords(newestFirst(listed(records.value)), { show: [], search }) : []),
    [records, search],
  )
  if (records.status === 'loading')
    return <ListSkeleton label={t('records.fetching', { step: stepText(records.step) })} rows={3} />
  if (records.status === 'failed')
    return <ProblemNotice problem={records.problem} what={t('records.notShown')} onRetry={records.load} />
  if (listed(records.value).length === 0)
    return (
      <p className="mg-soft">
        {t('share.noRecords')} <Link to={{ name: 'add', as: 'file' }}>{t('records.addFirst')}</Link>
      </p>
    )
  const isFull = props.chosen.length >= SHARE_RECORDS_MAX
  return (
    <>
      <TextInput
        label={t('share.findRecord')}
        type="search"
        value={search}
        autoComplete="off"
        leftSection={<IconSearch size={18} aria-hidden />}
        onChange={(event) => setSearch(event.currentTarget.value)}
      />
      {isFull && <p className="mg-field-error">{t('share.full', { max: SHARE_RECORDS_MAX })}</p>}
      <fieldset className="mg-set">
        <legend>{t('share.yourRecords')}</legend>
        <div className="mg-stack mg-tight">
          {found.slice(0, ROWS_MAX).map(({ recordId, version, title, category, clinicalDate }) => {
            const isChosen = props.chosen.some((one) => one.recordId === recordId)
            return (
              <label key={recordId} className="mg-choice">
                <input
                  type="checkbox"
                  aria-label={title}
                  checked={isChosen}
                  disabled={isFull && !isChosen}
                  onChange={() =>
                    props.onChange(
                      isChosen
                        ? props.chosen.filter((one) => one.recordId !== recordId)
                        : [...props.chosen, { recordId, version, title }],
                    )
                  }
                />
                <span className="mg-choice-text">
                  <span className="mg-choice-label mg-break">
                    <bdi>{title}</bdi>
                  </span>
                  <span className="mg-choice-hint">
                    {[t(`categories.${category}`), clinicalDayText(clinicalDate)]
                      .filter((part) => part !== null)
                      .join(' · ')}
                  </span>
                </span>
              </label>
            )
          })}
        </div>
      </fieldset>
      <output className="mg-block mg-soft mg-small">
        {found.length === 0 && t('share.noTitle')}
        {found.length > ROWS_MAX && t('share.moreFound', { number: found.length - ROWS_MAX })}
      </output>
    </>
  )
}
