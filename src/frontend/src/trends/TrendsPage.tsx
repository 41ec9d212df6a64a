import { Button } from '@mantine/core'
import type { RecordSummary } from '@medguard/client'
import { IconChartLine, IconZoomIn, IconZoomOut } from '@tabler/icons-react'
import { useId, useMemo, useState } from 'react'
import { useStore } from 'zustand'
import { useLoadable, useServices } from '../app/context.ts'
import { EmptyState, Link, ListSkeleton, Notice, Page, ProblemNotice, Section } from '../app/elements.tsx'
import { stepText } from '../app/words.ts'
import { unitIn } from '../forms/measures.ts'
import { useUnits } from '../notices/use-units.ts'
import { t } from '../words/language.ts'
import '../records/records.css'
import { Chart } from './Chart.tsx'
import { OnHome } from './OnHome.tsx'
import { factsOf, type Series, seriesIn, type Span, summaryOf, wholeOf } from './series.ts'
import { hasValues, type TrendsStore, trendsStoreOf } from './trends-store.ts'
import { ValuesTable } from './ValuesTable.tsx'
import './trends.css'

export function TrendsPage() {
  const services = useServices()
  const records = useLoadable(services.records)
  return (
    <Page
      title={t('trends.title')}
      intro={t('trends.intro')}
      back={{ to: { name: 'records', show: [] }, label: t('records.all') }}
    >
      {records.status === 'loading' && (
        <ListSkeleton label={t('records.fetching', { step: stepText(records.step) })} rows={4} />
      )}
      {records.status === 'failed' && (
        <ProblemNotice problem={records.problem} what={t('records.notShown')} onRetry={records.load} />
      )}
      {records.status === 'ready' && <Trends records={records.value} store={trendsStoreOf(services.client)} />}
    </Page>
  )
}

function Trends({ records, store }: { records: readonly RecordSummary[]; store: TrendsStore }) {
  const { view, open, unread } = useStore(store)
  const count = unread(records)
  if (!records.some(hasValues)) return <NoValues />
  const read = (
    <Button onClick={() => void open(records)} leftSection={<IconChartLine size={18} aria-hidden />}>
      {t('trends.read')}
    </Button>
  )
  switch (view.status) {
    case 'idle':
      return (
        <EmptyState icon={<IconChartLine size={28} />} title={t('trends.toRead', { count })} actions={read}>
          <p>{t('trends.logged')}</p>
        </EmptyState>
      )
    case 'reading':
      return (
        <section className="mg-card mg-pad mg-stack" aria-label={t('trends.reading')}>
          <progress className="mg-progress" aria-label={t('trends.reading')} value={view.done} max={view.total} />
          <output className="mg-block mg-soft">{t('trends.progress', { done: view.done, total: view.total })}</output>
        </section>
      )
    default:
      return (
        <>
          {view.problem !== null && (
            <ProblemNotice problem={view.problem} what={t('trends.notAll')} onRetry={() => void open(records)} />
          )}
          {view.problem === null && count > 0 && (
            <Notice tone="info" title={t('trends.toRead', { count })} actions={read}>
              <p>{t('trends.logged')}</p>
            </Notice>
          )}
          {view.series.length === 0 ? <NoValues /> : <Shown all={view.series} />}
        </>
      )
  }
}

function NoValues() {
  return (
    <EmptyState
      icon={<IconChartLine size={28} />}
      title={t('trends.empty')}
      actions={<Link to={{ name: 'guided', kind: 'vital' }}>{t('trends.addFirst')}</Link>}
    >
      <p>{t('trends.emptyText')}</p>
    </EmptyState>
  )
}

function Shown({ all }: { all: readonly Series[] }) {
  const id = useId()
  const [key, setKey] = useState<string | null>(null)
  const chosen = all.find((one) => one.key === key) ?? all[0]
  if (chosen === undefined) return null
  return (
    <>
      <div className="mg-trend-pick">
        <label htmlFor={id} className="mg-field-label">
          {t('trends.what')}
        </label>
        <select
          id={id}
          className="mg-select"
          value={chosen.key}
          onChange={(event) => setKey(event.currentTarget.value)}
        >
          {all.map((one) => (
            <option key={one.key} value={one.key}>
              {t('trends.option', { what: one.label, count: one.points.length })}
            </option>
          ))}
        </select>
      </div>
      <Trend key={chosen.key} series={chosen} />
    </>
  )
}

const zoomed = ({ min, max }: Span, by: number): Span => {
  const [middle, half] = [(min + max) / 2, ((max - min) / 2) * by]
  return { min: middle - half, max: middle + half }
}
const moved = ({ min, max }: Span, by: number): Span => {
  const step = (max - min) * by
  return { min: min + step, max: max + step }
}

function Trend({ series: plain }: { series: Series }) {
  const units = plain.measure?.units ?? []
  const system = useUnits()
  const [picked, setUcum] = useState<string | null>(null)
  const usual = plain.measure === null ? null : unitIn(plain.measure, system).ucum
  const ucum = picked ?? usual
  const series = useMemo(() => (ucum === null ? plain : seriesIn(plain, ucum)), [plain, ucum])
  const [span, setSpan] = useState<Span>(() => wholeOf(plain))
  const facts = useMemo(() => factsOf(series), [series])
  if (facts === null) return null
  const { unit, label } = series
  const summary = summaryOf(series, facts)
  return (
    <>
      <section className="mg-card mg-pad mg-stack" aria-label={label}>
        <p>{summary}</p>
        <OnHome seriesKey={plain.key} label={label} />
        {units.length > 1 && (
          <fieldset className="mg-set mg-chips" aria-label={t('forms.unit')}>
            {units.map((one) => (
              <button
                key={one.ucum}
                type="button"
                className="mg-chip"
                aria-pressed={one.text === unit}
                onClick={() => setUcum(one.ucum)}
              >
                {one.text}
              </button>
            ))}
          </fieldset>
        )}
        <Chart key={unit} series={series} usual={facts.usual} span={span} label={summary} />
        {facts.usual !== null && <p className="mg-soft mg-small">{t('trends.band')}</p>}
        <div className="mg-row">
          <Button
            variant="default"
            onClick={() => setSpan(zoomed(span, 0.5))}
            leftSection={<IconZoomIn size={18} aria-hidden />}
          >
            {t('trends.closer')}
          </Button>
          <Button
            variant="default"
            onClick={() => setSpan(zoomed(span, 2))}
            leftSection={<IconZoomOut size={18} aria-hidden />}
          >
            {t('trends.wider')}
          </Button>
          <Button variant="default" onClick={() => setSpan(moved(span, -0.5))}>
            {t('trends.earlier')}
          </Button>
          <Button variant="default" onClick={() => setSpan(moved(span, 0.5))}>
            {t('trends.later')}
          </Button>
          <Button variant="default" onClick={() => setSpan(wholeOf(series))}>
            {t('trends.everything')}
          </Button>
        </div>
      </section>
      <Section title={t('trends.table')}>
        <ValuesTable series={series} label={t('trends.table')} by="day" />
      </Section>
    </>
  )
}
