import type { RecordSummary } from '@medguard/client'
import { Button } from '@mantine/core'
import { IconChartLine } from '@tabler/icons-react'
import { useEffect, useMemo, useState } from 'react'
import { useStore } from 'zustand'
import { useKnown, useServices } from '../app/context.ts'
import { Link, ProblemNotice, Section } from '../app/elements.tsx'
import { useUnits } from '../notices/use-units.ts'
import { t } from '../words/language.ts'
import { Chart } from './Chart.tsx'
import { factsOf, type Series, seriesFor, summaryOf, wholeOf } from './series.ts'
import { hasValues, trendsStoreOf } from './trends-store.ts'
import './trends.css'

/** The values that the reader chose to see on Home. They are inside sealed records: nothing is opened before the reader asks for it. */
export default function HomeTrends({ records }: { records: readonly RecordSummary[] }) {
  if (!records.some(hasValues)) return null
  return (
    <Section title={t('trends.title')} aside={<Link to={{ name: 'trends' }}>{t('homeTrends.all')}</Link>}>
      <Chosen records={records} />
    </Section>
  )
}

function Chosen({ records }: { records: readonly RecordSummary[] }) {
  const { client, profile } = useServices()
  const store = trendsStoreOf(client)
  const { view, open, unread } = useStore(store)
  const told = useStore(profile).view
  const chosen = useKnown(profile)?.trends ?? []
  const [isAsked, setAsked] = useState(false)
  const isChosen = chosen.length > 0
  useEffect(() => {
    if (isAsked) profile.getState().ensure()
  }, [isAsked, profile])
  useEffect(() => {
    if (isAsked && isChosen && store.getState().view.status === 'idle') void open(records)
  }, [isAsked, isChosen, open, records, store])

  if (isAsked && told.status === 'failed')
    return (
      <ProblemNotice
        problem={told.problem}
        what={t('homeTrends.notKnown')}
        onRetry={() => void profile.getState().load()}
      />
    )
  if (told.status === 'ready' && !isChosen) {
    return (
      <div className="mg-card mg-pad">
        <p>{t('homeTrends.none')}</p>
      </div>
    )
  }
  if (view.status === 'reading' || (isAsked && view.status === 'idle')) {
    const total = view.status === 'reading' ? view.total : 1
    const done = view.status === 'reading' ? view.done : 0
    return (
      <div className="mg-card mg-pad mg-stack">
        <progress className="mg-progress" aria-label={t('trends.reading')} value={done} max={total} />
        <output className="mg-block mg-soft">{t('trends.progress', { done, total })}</output>
      </div>
    )
  }
  if (view.status === 'idle' || told.status !== 'ready') {
    return (
      <div className="mg-card mg-pad mg-stack">
        <p>{t('homeTrends.toRead', { count: unread(records) })}</p>
        <div className="mg-row">
          <Button
            variant="default"
            onClick={() => setAsked(true)}
            leftSection={<IconChartLine size={18} aria-hidden />}
          >
            {t('homeTrends.go')}
          </Button>
        </div>
      </div>
    )
  }
  return (
    <div className="mg-stack">
      {view.problem !== null && (
        <ProblemNotice problem={view.problem} what={t('trends.notAll')} onRetry={() => void open(records)} />
      )}
      {view.series
        .filter(({ key }) => chosen.includes(key))
        .map((series) => (
          <One key={series.key} series={series} />
        ))}
    </div>
  )
}

function One({ series: plain }: { series: Series }) {
  const units = useUnits()
  const series = useMemo(() => seriesFor(plain, units), [plain, units])
  const facts = factsOf(series)
  if (facts === null) return null
  const summary = summaryOf(series, facts)
  return (
    <section className="mg-card mg-pad mg-stack" aria-label={series.label}>
      <p>{summary}</p>
      <Chart series={series} usual={facts.usual} span={wholeOf(series)} label={summary} />
    </section>
  )
}
