import { type RecordSummary, SHARE_RECORDS_MAX } from '@medguard/client'
import { TextInput } from '@mantine/core'
import { IconSearch } from '@tabler/icons-react'
import { useMemo, useState } from 'react'
import { useLoadable, useServices } from '../app/context.ts'
import { Link, ListSkeleton, ProblemNotice } from '../app/elements.tsx'
import { stepText } from '../app/words.ts'
import { useDeviceNames } from '../devices/day-words.ts'
import { collapsed, standsFor } from '../devices/device-days.ts'
import { t } from '../words/language.ts'
import { filterRecords, listed, newestFirst } from '../records/record-list.ts'
import { choiceOf, useLineWords } from './picked-lines.ts'
import type { ShareDraft } from './share-draft.ts'

const ROWS_MAX = 40

/** Ticking single records, and of what a device posted all of a day. The newest are offered; searching finds the others. */
export function RecordPicker(props: {
  chosen: ShareDraft['records']
  /** Absent: all are offered. */
  isOffered?: (record: RecordSummary) => boolean
  /** Said where there are records and none is offered. */
  noneOffered?: string
  onChange: (chosen: ShareDraft['records']) => void
}) {
  const { chosen, isOffered = anyOne, onChange } = props
  const records = useLoadable(useServices().records)
  const offered = useMemo(
    () => (records.status === 'ready' ? newestFirst(listed(records.value).filter(isOffered)) : []),
    [records, isOffered],
  )
  const isOfDevices = useMemo(() => collapsed(offered).days.size > 0, [offered])
  const devices = useDeviceNames(isOfDevices)
  const lineWords = useLineWords()
  const [search, setSearch] = useState('')
  const { lines, days } = useMemo(() => {
    // Found by the name that its line shows.
    const alsoCalled = ({ deviceId }: RecordSummary) =>
      devices?.find((each) => each.deviceId === deviceId)?.name ?? null
    return collapsed(filterRecords(offered, { show: [], search, alsoCalled }))
  }, [offered, search, devices])
  const chosenIds = useMemo(() => new Set(chosen.map(({ recordId }) => recordId)), [chosen])
  if (records.status === 'loading')
    return <ListSkeleton label={t('records.fetching', { step: stepText(records.step) })} rows={3} />
  if (records.status === 'failed')
    return <ProblemNotice problem={records.problem} what={t('records.notShown')} onRetry={records.load} />
  if (offered.length === 0) {
    const isFirst = listed(records.value).length === 0
    return (
      <p className="mg-soft">
        {isFirst ? t('share.noRecords') : props.noneOffered}{' '}
        <Link to={{ name: 'add', as: 'file' }}>{t(isFirst ? 'records.addFirst' : 'records.add')}</Link>
      </p>
    )
  }
  const isFull = chosen.length >= SHARE_RECORDS_MAX
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
            const own = standsFor(record, days)
            const { title, facts } = lineWords(record, days.get(recordId))
            const { left, isChosen, isPartly, isTooMany } = choiceOf(own, chosenIds)
            return (
              <label key={recordId} className="mg-choice">
                <input
                  type="checkbox"
                  ref={(input) => {
                    if (input !== null) input.indeterminate = isPartly
                  }}
                  checked={isChosen}
                  disabled={isTooMany}
                  onChange={() =>
                    onChange(
                      isChosen
                        ? chosen.filter((one) => own.every((each) => one.recordId !== each.recordId))
                        : [...chosen, ...left.map(({ recordId, version, title }) => ({ recordId, version, title }))],
                    )
                  }
                />
                <span className="mg-choice-text">
                  <span className="mg-choice-label mg-break">
                    <bdi>{title}</bdi>
                  </span>
                  <span className="mg-choice-hint">{facts}</span>
                  {isTooMany && own.length > 1 && (
                    <span className="mg-choice-hint">
                      {t('share.tooMany', { number: left.length, chosen: chosen.length, max: SHARE_RECORDS_MAX })}
                    </span>
                  )}
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
