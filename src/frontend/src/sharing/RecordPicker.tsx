import { type RecordSummary, SHARE_RECORDS_MAX } from '@medguard/client'
import { TextInput } from '@mantine/core'
import { IconSearch } from '@tabler/icons-react'
import { useMemo, useState } from 'react'
import { useKnown, useLoadable, useServices } from '../app/context.ts'
import { Link, ListSkeleton, ProblemNotice } from '../app/elements.tsx'
import { stepText } from '../app/words.ts'
import { useDayWords } from '../devices/day-words.ts'
import { collapsed, standsFor } from '../devices/device-days.ts'
import { t } from '../words/language.ts'
import { recordDayText } from '../records/RecordFacts.tsx'
import { filterRecords, listed, newestFirst } from '../records/record-list.ts'
import type { ShareDraft } from './share-draft.ts'

const ROWS_MAX = 40

/** Ticking single records, and of what a device posted all of a day. The newest are offered; searching finds the others. */
export function RecordPicker(props: {
  chosen: ShareDraft['records']
  /** Absent: all are offered. */
  isOffered?: (record: RecordSummary) => boolean
  onChange: (chosen: ShareDraft['records']) => void
}) {
  const { isOffered = anyOne } = props
  const records = useLoadable(useServices().records)
  const devices = useKnown(useServices().devices)
  const dayWords = useDayWords()
  const [search, setSearch] = useState('')
  const { lines, days } = useMemo(() => {
    if (records.status !== 'ready') return collapsed([])
    // Found by the name that its line shows.
    const alsoCalled = ({ deviceId }: RecordSummary) =>
      devices?.find((each) => each.deviceId === deviceId)?.name ?? null
    return collapsed(
      filterRecords(newestFirst(listed(records.value).filter(isOffered)), { show: [], search, alsoCalled }),
    )
  }, [records, search, devices, isOffered])
  if (records.status === 'loading')
    return <ListSkeleton label={t('records.fetching', { step: stepText(records.step) })} rows={3} />
  if (records.status === 'failed')
    return <ProblemNotice problem={records.problem} what={t('records.notShown')} onRetry={records.load} />
  if (!listed(records.value).some(isOffered))
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
          {lines.slice(0, ROWS_MAX).map((record) => {
            const { recordId } = record
            const day = days.get(recordId)
            const own = standsFor(record, days)
            const { title, facts } =
              day === undefined ? { title: record.title, facts: recordFacts(record) } : dayWords(day)
            const left = own.filter((each) => !props.chosen.some((one) => one.recordId === each.recordId))
            const isChosen = left.length === 0
            return (
              <label key={recordId} className="mg-choice">
                <input
                  type="checkbox"
                  aria-label={title}
                  checked={isChosen}
                  disabled={!isChosen && props.chosen.length + left.length > SHARE_RECORDS_MAX}
                  onChange={() =>
                    props.onChange(
                      isChosen
                        ? props.chosen.filter((one) => own.every((each) => one.recordId !== each.recordId))
                        : [
                            ...props.chosen,
                            ...left.map(({ recordId, version, title }) => ({ recordId, version, title })),
                          ],
                    )
                  }
                />
                <span className="mg-choice-text">
                  <span className="mg-choice-label mg-break">
                    <bdi>{title}</bdi>
                  </span>
                  <span className="mg-choice-hint">{facts}</span>
                </span>
              </label>
            )
          })}
        </div>
      </fieldset>
      <output className="mg-block mg-soft mg-small">
        {lines.length === 0 && t('share.noTitle')}
        {lines.length > ROWS_MAX && t('share.moreFound', { number: lines.length - ROWS_MAX })}
      </output>
    </>
  )
}

const anyOne = () => true
const recordFacts = (record: RecordSummary): string =>
  [t(`categories.${record.category}`), recordDayText(record)].filter((part) => part !== null).join(' · ')
