import type { RecordSummary } from '@medguard/client'
import { Button } from '@mantine/core'
import { IconChartLine } from '@tabler/icons-react'
import { lazy, Suspense, useMemo, useState } from 'react'
import { useStore } from 'zustand'
import { useServices } from '../app/context.ts'
import { EmptyState, ListSkeleton, ProblemNotice } from '../app/elements.tsx'
import { t } from '../words/language.ts'
import { createReadingsOpening, holdsReadings, type ReadingsReader, readingsReaderOf } from './readings-reader.ts'

const ReadingsView = lazy(() => import('./ReadingsView.tsx'))

/** What some records of readings hold, once the reader has asked for it. */
export function DeviceReadings({ records }: { records: readonly RecordSummary[] }) {
  const reader = readingsReaderOf(useServices().client)
  const [opening] = useState(() => createReadingsOpening(reader))
  const { view, open } = useStore(opening)
  const wanted = records.filter(holdsReadings)
  const unread = wanted.filter((record) => !reader.isRead(record)).length
  const unreadable = reader.unreadable(wanted)
  const read = (
    <Button onClick={() => void open(wanted)} leftSection={<IconChartLine size={18} aria-hidden />}>
      {t('devices.open')}
    </Button>
  )
  if (wanted.length === 0)
    return (
      <EmptyState icon={<IconChartLine size={28} />} title={t('devices.noReadings')}>
        <p>{t('devices.noReadingsText')}</p>
      </EmptyState>
    )
  return (
    <div className="mg-stack">
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
      {view.status !== 'opening' && unread < wanted.length && <Opened key={unread} reader={reader} records={records} />}
    </div>
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
