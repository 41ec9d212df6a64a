import { TextInput } from '@mantine/core'
import { IconChartLine } from '@tabler/icons-react'
import { lazy, Suspense, useId, useMemo, useState } from 'react'
import { useStore } from 'zustand'
import { Choice } from '../app/Choice.tsx'
import { useNow } from '../app/context.ts'
import { clinicalDayText, dayText } from '../app/dates.ts'
import { Chips, EmptyState, ListSkeleton, Notice, Page, Section } from '../app/elements.tsx'
import { quantityNumber } from '../records/fhir-values.ts'
import { factsOf, type Series, seriesOf } from '../trends/series.ts'
import { t } from '../words/language.ts'
import type { OpenGrant } from './OpenPatient.tsx'
import { TakeResults } from './TakeAlong.tsx'
import { RowsTable } from './RowsTable.tsx'
import { measuredIn, newestPostings } from '../summary/readings.ts'
import { summaryOf, type Test, testNamed, type Window, WINDOWS, within } from '../summary/summary.ts'

// Fetched with the first chart.
const Chart = lazy(async () => ({ default: (await import('../trends/Chart.tsx')).Chart }))

/** Whether a test was done already, before it is ordered again. */
export function PriorResults({ open }: { open: OpenGrant }) {
  const { grantId } = open.share
  const { view, unread } = useStore(open.readings)
  const left = useStore(open.records, (state) => (state.view.status === 'ready' ? unread(state.view.value).length : 0))
  const older = useStore(open.records, (state) =>
    state.view.status === 'ready' ? newestPostings(state.view.value).left : 0,
  )
  const { tests } = useMemo(() => summaryOf(view.readings), [view.readings])
  const series = useMemo(
    () =>
      seriesOf(
        view.readings.map(({ json }) => json),
        measuredIn(view.readings),
      ),
    [view.readings],
  )
  const [typed, setTyped] = useState('')
  const [window, setWindow] = useState<Window>('year')
  const list = useId()
  const test = testNamed(tests, typed)
  return (
    <Page
      title={t('portal.prior')}
      intro={t('portal.priorIntro')}
      back={{ to: { name: 'patient', grantId, show: [] }, label: t('provider.allShared') }}
    >
      {view.status === 'reading' && <output className="mg-block mg-soft">{t('portal.reading')}</output>}
      {left > 0 && view.status !== 'reading' && (
        <Notice tone="info" title={t('portal.more', { count: left })}>
          <p>{t('portal.priorMore')}</p>
        </Notice>
      )}
      {older > 0 && <p className="mg-soft">{t('devices.olderLeft', { count: older })}</p>}
      <div className="mg-card mg-pad mg-stack">
        <TextInput
          label={t('portal.test')}
          description={t('portal.testHint')}
          value={typed}
          list={list}
          autoComplete="off"
          onChange={(event) => setTyped(event.currentTarget.value)}
        />
        <datalist id={list}>
          {tests.map(({ key, label }) => (
            <option key={key} value={label}>
              {label}
            </option>
          ))}
        </datalist>
        {typed === '' && tests.length > 0 && (
          <Chips
            label={t('portal.found')}
            options={tests.slice(0, 12).map(({ key, label, rows }) => ({ value: key, label, count: rows.length }))}
            on={[]}
            onChange={([key]) => setTyped(tests.find((one) => one.key === key)?.label ?? '')}
          />
        )}
        <Choice
          legend={t('portal.window')}
          name="window"
          value={window}
          options={WINDOWS.map((value) => ({ value, label: t(`portal.${value}`) }))}
          onChange={setWindow}
        />
      </div>
      {typed !== '' && (
        <Section title={t('portal.priorOf', { test: test?.label ?? typed })}>
          <Answer test={test} window={window} open={open} series={series} />
        </Section>
      )}
    </Page>
  )
}

function Answer(props: { test: Test | null; window: Window; open: OpenGrant; series: readonly Series[] }) {
  const { test, window, open } = props
  const { grantId } = open.share
  const nowMs = useNow(60_000)
  const rows = test === null ? [] : within(test, window, nowMs)
  const [last] = rows
  if (test === null || last === undefined) {
    return (
      <EmptyState icon={<IconChartLine size={28} />} title={t('portal.notDone')}>
        <p>{t('portal.notDoneText')}</p>
      </EmptyState>
    )
  }
  const drawn = props.series.filter(
    ({ key, points }) => (key === test.key || key.startsWith(`${test.key} `)) && points.length > 1,
  )
  return (
    <>
      <Notice tone="good" title={t('portal.done', { count: rows.length })} loud>
        <p>
          {t('portal.doneLast', {
            value: last.value ?? last.parts.map(({ what, value }) => `${what} ${value}`).join(', '),
            day: clinicalDayText(last.when) ?? t('records.noDate'),
          })}
        </p>
      </Notice>
      <div className="mg-card mg-content">
        <RowsTable label={test.label} rows={rows} grantId={grantId} />
      </div>
      {drawn.map((one) => (
        <Trend key={`${one.key} ${one.unit}`} series={one} />
      ))}
      <TakeResults key={`${test.key} ${window}`} open={open} title={test.label} rows={rows} />
    </>
  )
}

const DAY_S = 86_400

function Trend({ series }: { series: Series }) {
  const facts = useMemo(() => factsOf(series), [series])
  const span = useMemo(() => {
    const [first = 0, last = 0] = [series.points[0]?.ms, series.points.at(-1)?.ms]
    return { min: first / 1000 - DAY_S, max: last / 1000 + DAY_S }
  }, [series])
  if (facts === null) return null
  const shown = (value: number) => `${quantityNumber(value)} ${series.unit}`.trim()
  const label = t('trends.summary', {
    what: series.label,
    last: shown(facts.last.value),
    day: dayText(facts.last.ms),
    low: shown(facts.lowest),
    high: shown(facts.highest),
  })
  return (
    <section className="mg-card mg-pad mg-stack mg-prior-trend" aria-label={series.label}>
      <p>{label}</p>
      <Suspense fallback={<ListSkeleton label={t('portal.reading')} rows={2} />}>
        <Chart series={series} usual={facts.usual} span={span} label={label} />
      </Suspense>
    </section>
  )
}
