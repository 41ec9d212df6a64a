import { Button } from '@mantine/core'
import type { RecordSummary } from '@medguard/client'
import { useMemo, useState } from 'react'
import { useStore } from 'zustand'
import { sizeText } from '../app/dates.ts'
import { Link, Notice, ProblemNotice, Section } from '../app/elements.tsx'
import { t } from '../words/language.ts'
import { newestPostings, type ReadingsStore } from '../summary/readings.ts'
import { SUMMARY_PARTS, type SummaryRow, summaryOf } from '../summary/summary.ts'
import { RowsTable } from './RowsTable.tsx'

const ROWS = 5

/** What must be seen first, out of the records that are open; the others are opened on demand. */
export function SummarySection(props: { records: readonly RecordSummary[]; store: ReadingsStore; grantId: string }) {
  const { records, grantId } = props
  const { view, open, unread } = useStore(props.store)
  const summary = useMemo(() => summaryOf(view.readings), [view.readings])
  const left = unread(records)
  const older = useMemo(() => newestPostings(records).left, [records])
  const latest = useMemo(() => summary.tests.flatMap(({ rows }) => rows[0] ?? []), [summary])
  if (view.readings.length === 0 && left.length === 0 && view.problem === null) return null
  const isReading = view.status === 'reading'
  const isEmpty = SUMMARY_PARTS.every((part) => summary[part].length === 0) && latest.length === 0
  return (
    <Section
      title={t('portal.summary')}
      aside={
        latest.length > 0 && (
          <Link to={{ name: 'patientResults', grantId }} className="mg-button-link">
            {t('portal.prior')}
          </Link>
        )
      }
    >
      {isReading && (
        <div className="mg-card mg-pad mg-stack">
          <progress className="mg-progress" aria-label={t('portal.reading')} value={view.done} max={view.total} />
          <output className="mg-block mg-soft">{t('portal.progress', { done: view.done, total: view.total })}</output>
        </div>
      )}
      {view.problem !== null && (
        <ProblemNotice problem={view.problem} what={t('portal.notWhole')} onRetry={() => void open(left)} />
      )}
      {!isReading && isEmpty && view.readings.length > 0 && <p className="mg-soft">{t('portal.saysNothing')}</p>}
      {!isEmpty && (
        <div className="mg-card mg-content">
          {SUMMARY_PARTS.map((part) => (
            <Part key={part} title={t(`portal.${part}`)} rows={summary[part]} grantId={grantId} />
          ))}
          <Part title={t('portal.results')} rows={latest} grantId={grantId} />
        </div>
      )}
      <p className="mg-soft mg-small mg-glance-note">{t('portal.summaryText')}</p>
      {older > 0 && <p className="mg-soft mg-small mg-glance-note">{t('devices.olderLeft', { count: older })}</p>}
      {!isReading && left.length > 0 && view.problem === null && (
        <Notice
          tone="info"
          title={t('portal.more', { count: left.length })}
          actions={
            <Button variant="default" onClick={() => void open(left)}>
              {t('portal.openMore', { size: sizeText(left.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0)) })}
            </Button>
          }
        >
          <p>{t('portal.moreText')}</p>
        </Notice>
      )}
    </Section>
  )
}

function Part({ title, rows, grantId }: { title: string; rows: readonly SummaryRow[]; grantId: string }) {
  const [count, setCount] = useState(ROWS)
  if (rows.length === 0) return null
  return (
    <section className="mg-glance" aria-label={title}>
      <h3>{title}</h3>
      <RowsTable label={title} rows={rows.slice(0, count)} grantId={grantId} />
      {rows.length > count && (
        <p className="mg-more">
          <Button variant="default" onClick={() => setCount(rows.length)}>
            {t('portal.showAll', { number: rows.length })}
          </Button>
        </p>
      )}
    </section>
  )
}
