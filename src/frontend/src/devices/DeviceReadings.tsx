import type { RecordSummary } from '@medguard/client'
import { Button, TextInput } from '@mantine/core'
import { IconChartLine } from '@tabler/icons-react'
import { lazy, Suspense, useMemo, useState } from 'react'
import { useStore } from 'zustand'
import { useServices } from '../app/context.ts'
import { EmptyState, ListSkeleton, ProblemNotice } from '../app/elements.tsx'
import { dayTimeText } from '../app/dates.ts'
import { numberText, t } from '../words/language.ts'
import { type Chosen, chosenOf, type Days, DRAWN_MAX } from './readings-chosen.ts'
import { createReadingsOpening, type ReadingsReader, readingsReaderOf } from './readings-reader.ts'

const ReadingsView = lazy(() => import('./ReadingsView.tsx'))

/** What some records of readings hold, once the reader has asked for it. */
export function DeviceReadings({ records }: { records: readonly RecordSummary[] }) {
  const reader = readingsReaderOf(useServices().client)
  const [opening] = useState(() => createReadingsOpening(reader))
  const { view, open } = useStore(opening)
  const [days, setDays] = useState<Days>({ from: '', until: '' })
  const chosen = useMemo(() => chosenOf(records, days), [records, days])
  const isMuch = useMemo(() => chosenOf(records, { from: '', until: '' }).all > DRAWN_MAX, [records])
  const wanted = chosen.records
  const unread = wanted.filter((record) => !reader.isRead(record)).length
  const unreadable = reader.unreadable(wanted)
  const read = (
    <Button onClick={() => void open(wanted)} leftSection={<IconChartLine size={18} aria-hidden />}>
      {t('devices.open')}
    </Button>
  )
  if (wanted.length === 0 && !isMuch)
    return (
      <EmptyState icon={<IconChartLine size={28} />} title={t('devices.noReadings')}>
        <p>{t('devices.noReadingsText')}</p>
      </EmptyState>
    )
  return (
    <div className="mg-stack">
      {isMuch && <ChooseDays chosen={chosen} days={days} setDays={setDays} />}
      {view.status === 'ready' && view.problem !== null && (
        <ProblemNotice problem={view.problem} what={t('devices.notOpened')} onRetry={() => void open(wanted)} />
      )}
      {view.status === 'opening' && (
        <section className="mg-card mg-pad mg-stack" aria-label={t('devices.opening')}>
          <progress className="mg-progress" aria-label={t('devices.opening')} value={view.done} max={view.total} />
          <output className="mg-block mg-soft">{t('devices.openingOf', { done: view.done, total: view.total })}</output>
        </section>
      )}
      {view.status !== 'opening' && unread > 0 && (
        <EmptyState icon={<IconChartLine size={28} />} title={t('devices.toOpen', { count: unread })} actions={read}>
          <p>{t('devices.toOpenText')}</p>
        </EmptyState>
      )}
      {unreadable > 0 && <p className="mg-bad-text">{t('devices.notReadable', { count: unreadable })}</p>}
      {view.status !== 'opening' && unread < wanted.length && (
        <Opened key={`${unread} ${days.from} ${days.until}`} reader={reader} records={wanted} />
      )}
    </div>
  )
}

function ChooseDays(props: { chosen: Chosen; days: Days; setDays: (days: Days) => void }) {
  const { chosen, days, setDays } = props
  const { count, all, fromMs } = chosen
  return (
    <section className="mg-card mg-pad mg-stack" aria-label={t('latest.days')}>
      <p>
        {count < all && fromMs !== null
          ? t('latest.onlyNewest', { shown: numberText(count), all: numberText(all), from: dayTimeText(fromMs) })
          : t('latest.ofDays', { count: all })}
      </p>
      <div className="mg-row">
        {(['from', 'until'] as const).map((end) => (
          <TextInput
            key={end}
            type="date"
            className="mg-day"
            label={t(`latest.${end}Day`)}
            value={days[end]}
            onChange={(event) => setDays({ ...days, [end]: event.currentTarget.value })}
          />
        ))}
      </div>
    </section>
  )
}

function Opened({ reader, records }: { reader: ReadingsReader; records: readonly RecordSummary[] }) {
  const readings = useMemo(() => reader.of(records), [reader, records])
  if (readings.length === 0) return null
  return (
    <Suspense fallback={<ListSkeleton label={t('devices.opening')} rows={3} />}>
      <ReadingsView readings={readings} />
    </Suspense>
  )
}
